"""What a source says is open: staged for the comparison, and summed as it passes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from duehook.core.books import bulk
from duehook.core.books.store.imports import tie_out as store
from duehook.core.books.store.imports.comparison import Group
from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import Source, Total, UpperBound
from duehook.core.money import to_scaled
from duehook.core.runs.imports.session import Session

Sums = Mapping[Group, Sequence[int]]


def stage_totals(session: Session, source: Source, bound: UpperBound, *, companies: Collection[str]) -> Sums:
    """Write the source's totals of these companies into the stage, a page a transaction, and sum them.

    Returns the open amount and its part in company currency by company, class and currencies.
    Raises ConnectorGarbled when a document is listed twice.
    """
    with session.transaction() as tx:
        store.clear(tx, session.connection)
    size = bulk.SQLITE_ROWS if session.books.is_sqlite else bulk.ROWS
    sums: dict[Group, list[int]] = defaultdict(lambda: [0, 0])
    for page in source.totals(bound):
        for start in range(0, len(page), size):
            columns = _columns(session, page[start : start + size], {*companies})
            if columns:
                _add_up(sums, columns)
                with session.transaction() as tx:
                    store.add(tx, session.connection, columns)
    with session.transaction() as tx:
        store.know(tx)
    with session.books.read() as tx:
        twice = store.told_twice(tx, session.connection)
    if twice is not None:
        raise ConnectorGarbled(
            f"{session.connection} listed the total of {twice[1]} (company {twice[0]}) twice; nothing was compared.",
            fix="look why the source lists it twice, and tie out again; every item needs a key of its own.",
        )
    return sums


def _columns(session: Session, totals: Sequence[Total], companies: set[str]) -> dict[str, Sequence[Any]]:
    """Return the totals of these companies as database values, by column; nothing where there is none."""
    ours = {code: session.placing.company(code) for code in {total.company for total in totals}}
    if not companies.issuperset(ours.values()):
        totals = [total for total in totals if ours[total.company] in companies]
    if not totals:
        return {}
    codes, documents, classes, currencies, amounts, company_currencies, company_amounts, in_flight = zip(
        *totals, strict=True
    )
    scaled = list(map(to_scaled, amounts))
    return {
        "company": [ours[code] for code in codes],
        "document": documents,
        "item_class": classes,
        "currency": currencies,
        "open_amount": scaled,
        "company_currency": company_currencies,
        "company_open_amount": [
            own if in_company is amount else None if in_company is None else to_scaled(in_company)
            for own, amount, in_company in zip(scaled, amounts, company_amounts, strict=True)
        ],
        "in_flight": list(map(int, in_flight)),  # whole numbers pass SQLite's driver quicker than booleans
    }


def _add_up(sums: dict[Group, list[int]], columns: Mapping[str, Sequence[Any]]) -> None:
    groups = zip(*(columns[name] for name in ("company", "item_class", "currency", "company_currency")), strict=True)
    for group, amount, in_company in zip(groups, columns["open_amount"], columns["company_open_amount"], strict=True):
        held = sums[group]
        held[0] += amount
        held[1] += in_company or 0
