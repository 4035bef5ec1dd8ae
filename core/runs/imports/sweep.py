"""The sweep: compare the keys that the source lists with what the books hold open (rule 15)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from duehook.core.books import bulk
from duehook.core.books.store.imports import sweep as store
from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import Lookup, Source
from duehook.core.records import Stream

from . import guards
from .pages import is_key
from .report import SweepReport
from .session import Session

LOOKUP: Final = 500
Key = tuple[str, str]
_FIRST: Final = ("", "")


def sweep_items(session: Session, source: Source, *, accept_drop: bool) -> None:
    """List the open items, test the drop, turn what is unlisted `gone`, and ask for each by key."""
    part = session.report.sweep = session.report.sweep or SweepReport()
    if session.dry_run:
        _rehearse(session, source, part)
        return
    part.listed = _list(session, source, "item")
    guards.balance_drop(session, swept=True, accepted=accept_drop)
    part.vanished = _turn_gone(session)
    for keys in _batches(session, store.gone_items):
        settle_gone(session, source, keys)
    for keys in _batches(session, store.listed_but_not_open):
        part.found += len(keys)
        session.take("item", ask(session, source, keys).found)
    with session.transaction() as tx:
        store.clear(tx, session.connection)


def sweep_others(session: Session, source: Source, stream: Stream) -> None:
    """Take rows of another stream out of the books when the source lists them no more."""
    part = session.report.sweep = session.report.sweep or SweepReport()
    if session.dry_run:
        return
    _list(session, source, stream)
    with session.transaction() as tx:
        part.removed[stream] = store.drop_unlisted(tx, stream, session.stamp())
        store.clear(tx, session.connection)


def settle_gone(session: Session, source: Source, keys: Sequence[Key], *, waiting: Collection[Key] = ()) -> None:
    """Ask what became of items that are gone, and write it down.

    Those that are there and cannot be read stay `gone` and are parked. Those `waiting` in quarantine stay
    as they are when the source cannot tell.
    """
    part = session.report.sweep or SweepReport()
    answer = ask(session, source, keys)
    session.take("item", answer.found, answer.bad)
    still_open = sum(1 for row in answer.found if row.get("open_amount"))
    part.still_open += still_open
    part.cleared += len(answer.found) - still_open
    missing = [key for key in answer.missing if session.our_key(key) not in waiting]
    for state, told in (("deleted", answer.deleted), ("purged", answer.purged), ("deleted_or_purged", missing)):
        if told:
            with session.transaction() as tx:
                store.set_state(tx, list(map(session.our_key, told)), session.stamp(), state)
            setattr(part, state, getattr(part, state) + len(told))


def ask(session: Session, source: Source, keys: Sequence[Key]) -> Lookup:
    """Look items up by our keys.

    Raises ConnectorGarbled when the answer leaves a key out: silence is not an answer.
    """
    asked = list(map(session.erp_key, keys))
    answer = source.lookup("item", asked)
    told = {(row.get("company"), row.get("key")) for row in answer.found}
    told |= {*answer.deleted, *answer.purged, *answer.missing}
    unread = {each.key for each in answer.bad}
    silent = [key for key in asked if key not in told and key[1] not in unread]
    if silent:
        company, key = silent[0]
        raise ConnectorGarbled(
            f"{session.connection} was asked for {len(asked)} items and said nothing of {len(silent)}, "
            f"the first {key} of company {company}; they stay as they are."
        )
    return answer


def _list(session: Session, source: Source, stream: Stream) -> int:
    """Write down every key the source lists; a listing that does not end proves nothing."""
    with session.transaction() as tx:
        store.clear(tx, session.connection)
    listed, complete = 0, False
    for page in source.keys(stream):
        keys = _held_keys(session, page.keys)
        for start in range(0, len(keys), bulk.SQLITE_ROWS):
            with session.transaction() as tx:
                store.add(tx, session.connection, keys[start : start + bulk.SQLITE_ROWS])
        listed, complete = listed + len(keys), page.complete
    if not complete:
        raise _broken(session, stream, listed)
    return listed


def _held_keys(session: Session, keys: Sequence[Key]) -> list[Key]:
    """Return listed keys as ours, without those that the books can hold nothing under."""
    companies = {code: session.placing.company(code) for code in {code for code, _ in keys}}
    held = {code: ours for code, ours in companies.items() if not ours or is_key(ours)}
    return [(held[code], key) for code, key in keys if code in held and is_key(key)]


def _broken(session: Session, stream: Stream, listed: int) -> ConnectorGarbled:
    return ConnectorGarbled(
        f"The listing of {session.connection}'s {stream} keys broke off after {listed}; nothing was taken as gone."
    )


def _turn_gone(session: Session) -> int:
    vanished = 0
    while True:
        with session.transaction() as tx:
            keys = store.vanished_items(tx, session.connection, bulk.SQLITE_ROWS)
            if not keys:
                return vanished
            vanished += store.set_state(tx, keys, session.stamp(), "gone")


def _batches(session: Session, select: Callable[[Connection, str, Key, int], list[Key]]) -> Iterator[list[Key]]:
    after: Key = _FIRST
    while True:
        with session.books.read() as tx:
            keys = select(tx, session.connection, after, LOOKUP)
        if not keys:
            return
        yield keys
        after = keys[-1]


def _rehearse(session: Session, source: Source, part: SweepReport) -> None:
    """Count what would vanish, in one transaction that is taken back."""
    pages: list[Any] = list(source.keys("item"))
    part.listed = sum(len(page.keys) for page in pages)
    if not pages or not pages[-1].complete:
        raise _broken(session, "item", part.listed)
    with session.transaction() as tx:
        store.clear(tx, session.connection)
        store.add(tx, session.connection, [key for page in pages for key in _held_keys(session, page.keys)])
        part.vanished = store.count_vanished(tx, session.connection)
