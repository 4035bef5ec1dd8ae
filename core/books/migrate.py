"""Bring the books to this version's tables with alembic."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, column, inspect, select, table

from duehook.core.errors import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config

# alembic is imported only to migrate: it costs each command half a second, which only looks at the revision.
_VERSION: Final = table("alembic_version", column("version_num"))
_REVISION: Final = re.compile(r"^(revision|down_revision) = (?:\"(\w+)\"|None)$", re.MULTILINE)
_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 7_246_001


def config(tx: Connection | None = None) -> Config:
    """Return alembic's configuration for the scripts that ship with Duehook."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    settings.attributes["connection"] = tx
    return settings


def head() -> str:
    """Return the newest revision this version knows."""
    before, newest = _known(), ""
    while newest in before:
        newest = before[newest]
    return newest


@cache
def _known() -> dict[str, str]:
    """Return {down revision: revision} of the scripts that ship, the first one's down revision empty."""
    found = {}
    for script in sorted((_SCRIPTS / "versions").glob("v*.py")):
        named = dict(_REVISION.findall(script.read_text(encoding="utf-8")))
        found[named["down_revision"]] = named["revision"]
    return found


def current(tx: Connection) -> str | None:
    """Return the revision the books are at; None for empty books."""
    if not inspect(tx).has_table(_VERSION.name):
        return None
    return tx.execute(select(_VERSION.c.version_num)).scalar_one_or_none()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Upgrade the books in one transaction; two at once wait for each other.

    Raises ConfigError when the books were made by a newer Duehook.
    """
    from alembic import command

    with engine.connect().execution_options(duehook_write="durable") as tx, tx.begin():
        if engine.dialect.name == "postgresql":
            tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        _refuse_newer(tx)
        command.upgrade(config(tx), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the books back to an earlier revision; `base` empties them."""
    from alembic import command

    with engine.connect().execution_options(duehook_write="durable") as tx, tx.begin():
        command.downgrade(config(tx), revision)


def _refuse_newer(tx: Connection) -> None:
    at = current(tx)
    if at is not None and at not in _known().values():
        raise ConfigError(
            f"the books are at revision {at}, which is newer than this Duehook ({head()}); nothing was changed.",
            fix="install the version that wrote them, or a later one.",
        )
