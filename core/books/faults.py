"""Tell what a database refuses in words: a disk that is full, a file that may not be written, a server that is gone.

Only what is outside Duehook is told so; a broken constraint or a wrong statement stays the database's own error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from duehook.core.errors import BooksUnusable
from duehook.core.redaction import mask_secrets

Told = tuple[str, str]  # why, and what to do
_AGAIN: Final = "then run the command again; it takes up what was not finished"
_RIGHTS: Final = (
    "this user may not write the file or its folder",
    "give the user that runs Duehook the right to write both, and the disk to be written; see `duehook doctor`.",
)
_DISK: Final = ("the disk is full, or the file may not grow", f"make room, {_AGAIN}.")
_HELD: Final = ("another process holds them for too long", f"wait until it ends, {_AGAIN}.")
_BROKEN: Final = ("{}", "restore them from a backup, or correct `database` in duehook.yaml.")
_TOO_MUCH: Final = (
    "the amounts of one currency add up to more than 922,337,203,685,477",
    "have the connection give amounts of that currency in thousands, or leave its items out.",
)
_OVERFLOW: Final = "integer overflow"
_SQLITE: Final[dict[int, Told]] = {
    3: _RIGHTS,
    5: _HELD,
    6: _HELD,
    8: _RIGHTS,
    10: ("the disk fails ({})", f"see whether the disk is full or broken, {_AGAIN}."),
    11: _BROKEN,
    13: _DISK,
    14: ("the file cannot be opened", "let the user that runs Duehook read and write the file and its folder."),
    26: _BROKEN,
}
_POSTGRESQL: Final[dict[str, Told]] = {
    "22003": _TOO_MUCH,
    "25006": (
        "the server takes no writes: it is a standby, or default_transaction_read_only is on",
        "name the primary server in `database` of duehook.yaml, or let it take writes.",
    ),
    "42501": ("this user may not do that there ({})", "grant it to the user of `database` in duehook.yaml."),
    "53100": ("the server's disk is full", f"make room there, {_AGAIN}."),
    "53": ("the server lacks room or connections ({})", f"let its admin look, {_AGAIN}."),
    "58": ("the server failed ({})", f"see the server's log, {_AGAIN}."),
    "08": (
        "there is no connection to the server ({})",
        f"see `database` in duehook.yaml, and whether it runs, {_AGAIN}.",
    ),
    "57P": ("the server ended the connection ({})", f"see whether it runs, {_AGAIN}."),
}
_NO_ANSWER: Final = "08"


@contextmanager
def told(engine: Engine, act: str) -> Iterator[None]:
    """Raise BooksUnusable for what the database of the engine refuses in the block; `act` is written or read."""
    drivers: Any = engine.dialect.loaded_dbapi
    try:
        yield
    except (DBAPIError, drivers.Error) as error:
        own: Any = error.orig if isinstance(error, DBAPIError) else error
        found = _of_sqlite(own) if engine.dialect.name == "sqlite" else _of_postgresql(own, drivers, act)
        if found is None:
            raise
        words = mask_secrets(" ".join(str(own).split()))
        raise BooksUnusable(
            f"The books {_place(engine)} cannot be {act}: {found[0].format(words)}.", fix=found[1]
        ) from error


def _of_sqlite(error: Any) -> Told | None:
    if str(error) == _OVERFLOW:
        return _TOO_MUCH
    return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)


def _of_postgresql(error: Any, drivers: Any, act: str) -> Told | None:
    state = error.sqlstate
    if state is None:  # no server has answered, or it does no more
        return _POSTGRESQL[_NO_ANSWER] if isinstance(error, drivers.OperationalError) else None
    if state == "25006" and act == "read":
        return None  # we asked for a transaction that may only read, and wrote: that is our own fault
    return next((_POSTGRESQL[code] for code in (state, state[:3], state[:2]) if code in _POSTGRESQL), None)


def _place(engine: Engine) -> str:
    """Name the database without its user and password."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        return f"in {url.database}"
    return f"({url.database} at {url.host or 'this machine'}{f':{url.port}' if url.port else ''})"
