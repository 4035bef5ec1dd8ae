"""A look at the holds that are set: which of them nothing calls for any more (rule 26)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store.delivery import holds as store
from duehook.core.collect.holds import HoldDecision
from duehook.core.context import Context
from duehook.core.runs.site import Site
from duehook.core.settings import Settings

from .grounds import Grounds, readers_of
from .steps import close_task, drift, open_task, queue_release, record

BATCH: Final = 500


@dataclass
class Judged:
    """What a look at all our holds found."""

    looked_at: int = 0
    proposed: int = 0
    released: int = 0
    withdrawn: int = 0
    drifted: int = 0


def judge_holds(site: Site, context: Context, *, company: str | None = None) -> Judged:
    """Look at every hold that is set: propose its release, take a proposal back, or tell of drift.

    Judged by the last import; a hold set after it began waits for the next one. One reading decides
    all; what moves is decided again in the transaction that moves it.
    """
    with site.books.read() as tx:
        rows = store.listed(tx, states=("set", "release_proposed"), company=company)
        found = [each for some in _batches(rows) for each in _decided(tx, site.settings, context, some)]
    judged = Judged(len(found))
    moving = [row for row, decision in found if _moves(site.settings, row, decision)]
    for row in sorted(moving, key=lambda each: each.id):
        with site.books.write() as tx:
            for _, decision in _decided(tx, site.settings, context, [row]):
                if _moves(site.settings, row, decision):
                    _move(tx, site.settings, context, row=row, judged=judged, found=decision)
    return judged


def _batches(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    """Yield the holds by company, at most so many at a time."""
    for company in dict.fromkeys(row.company for row in rows):
        own = [row for row in rows if row.company == company]
        yield from (own[start : start + BATCH] for start in range(0, len(own), BATCH))


def _decided(
    tx: Connection, settings: Settings, context: Context, rows: Sequence[Row[Any]]
) -> list[tuple[Row[Any], HoldDecision]]:
    """Decide one company's holds that the last import can speak of.

    Where the hold's connection is only written to, that is the import of the ledger.
    """
    read_by = readers_of(tx, settings, rows)
    since = store.read_since(tx, rows[0].company, set(read_by.values()))
    settled = store.settled_at(tx, {row.id for row in rows})
    rows = [row for row in rows if row.id in settled and read_by[row.id] in since]
    rows = [row for row in rows if settled[row.id] < since[read_by[row.id]]]
    return Grounds(tx, settings, context, rows).decisions() if rows else []


def _moves(settings: Settings, row: Row[Any], found: HoldDecision) -> bool:
    """Say whether a decision changes the hold; a proposed release goes on once it needs no person."""
    if found.code == "release":
        return row.state == "set" or _is_automatic(settings, row, found)
    return found.code == "drifted" or (row.state != "set" and found.code in {"still_met", "clearing"})


def _move(
    tx: Connection, settings: Settings, context: Context, *, row: Row[Any], judged: Judged, found: HoldDecision
) -> None:
    if found.code == "drifted":
        judged.drifted += drift(tx, context, row, "the ERP has another value by the last import")
    elif found.code == "release":
        state = "releasing" if _is_automatic(settings, row, found) else "release_proposed"
        if not store.change(tx, row.id, {"state": state}, at=context.now(), of=[row.state]):
            return
        record(tx, context, row, act="hold.propose_release", to=state, why="nothing calls for it")
        if state == "releasing":
            judged.released += 1
            close_task(tx, context, row, "released by itself")
            queue_release(tx, context, row)
        else:
            judged.proposed += 1
            text = f"The credit hold of {row.customer} can go. Fix: duehook hold approve {row.id}, or drop."
            open_task(tx, context, row, kind="hold_release", text=text)
    elif store.change(tx, row.id, {"state": "set"}, at=context.now(), of=["release_proposed"]):
        record(tx, context, row, act="hold.keep", to="set", why=found.code)
        close_task(tx, context, row, "withdrawn")
        judged.withdrawn += 1


def _is_automatic(settings: Settings, row: Row[Any], found: HoldDecision) -> bool:
    """Say whether the release needs no person; where nothing real may leave, it does (rule 23)."""
    if settings.is_test(row.company, row.customer):
        return False
    company = settings.companies.get(row.company)
    return found.automatic or bool(company and company.hold and company.hold.auto_release)
