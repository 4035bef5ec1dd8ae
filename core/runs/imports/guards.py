"""Guards: they stop a run before what it read can do harm."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from duehook.core.books import Books
from duehook.core.books.store.imports import import_runs as store
from duehook.core.books.store.imports import quarantine, sweep
from duehook.core.errors import RunStopped
from duehook.core.hookspecs import Counted
from duehook.core.money import Money
from duehook.core.records import Stream

from .session import Session

_EARLY: Final = 5_000  # rows after which a stream full of bad rows is not read to its end
Balances = Mapping[tuple[str, str], int]


def bad_rows(session: Session, stream: Stream, *, ended: bool) -> None:
    """Stop when too many of a stream's rows are bad, measured by what was read or is held.

    At its end those count too that wait in quarantine from runs before: they are not read again, and
    a run of the same data must not pass where the one before it was stopped.
    """
    part = session.report.stream(stream)
    if not ended and part.read < _EARLY:
        return
    waiting = _waiting(session, stream) if ended else 0
    counted = Counted(stream, part.read, max(part.parked, waiting))
    allowed = session.rules.bad_rows
    measured = too_many(session.books, session.connection, counted, allowed)
    if measured is None:
        return
    read = part.read if part.parked >= waiting else measured
    stop(
        session,
        f"{counted.bad} of {read} {stream} rows of {session.connection} are bad; "
        f"{allowed:.2%} of {measured} are allowed. They wait in quarantine.",
        fix=f"see `duehook quarantine list --connection {session.connection}`, correct the mapping or the rows, "
        "and import again; set aside what will never load with `duehook quarantine discard`, or raise "
        "`defaults.bad_rows`.",
    )


def _waiting(session: Session, stream: Stream) -> int:
    """Count the stream's rows in quarantine; a dry run has mended some of them without writing it down."""
    with session.books.read() as tx:
        found = quarantine.count_parked(tx, session.connection, stream)
    return max(0, found - session.report.resolved) if session.dry_run else found


def too_many(books: Books, connection: str, counted: Counted, allowed: Decimal) -> int | None:
    """Return of how many rows the bad ones are more than the allowed share, None when they are not.

    A stream is measured by what was read of it or what is there, held and bad, whichever is more.
    """
    if counted.bad <= allowed * counted.read:
        return None
    with books.read() as tx:
        held = store.count_held(tx, connection, counted.stream)
    measured = max(counted.read, held + counted.bad)
    return measured if counted.bad > allowed * measured else None


def balance_drop(session: Session, *, swept: bool, accepted: bool) -> None:
    """Stop when a company's open balance would fall too far below the last closed generation's."""
    with session.books.read() as tx:
        before = store.kept_balances(tx, session.connection)
        after = sweep.balances_after(tx, session.connection, swept=swept)
    drops = _drops(before, after, session.rules.balance_drop)
    if drops and not accepted:
        stop(
            session,
            f"The open balance of {session.connection} would fall by more than {session.rules.balance_drop:.0%}: "
            f"{'; '.join(drops)}. Nothing was taken as gone.",
            fix=f"look at the ERP; if the figures are right, run `duehook import {session.connection} --accept-drop`.",
        )


def _drops(before: Balances, after: Balances, share: Decimal) -> list[str]:
    falls = [(key, old, after.get(key, 0)) for key, old in sorted(before.items()) if old > 0]
    return [
        f"{company} from {Money.from_scaled(old, currency)} to {Money.from_scaled(new, currency)}"
        for (company, currency), old, new in falls
        if new < old * (1 - share)
    ]


def stop(session: Session, message: str, *, fix: str) -> None:
    """Stop the run; a dry run only says that it would."""
    if not session.dry_run:
        raise RunStopped(message, fix=fix)
    session.report.stopped = session.report.stopped or message
