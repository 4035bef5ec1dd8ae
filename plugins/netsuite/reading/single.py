"""Statements for an account without OneWorld: it has one company, and nothing in it names a subsidiary.

There are no tables of subsidiaries and no columns that name them. So what a statement takes from there is the id that
the settings give the company, and customers are the customers' table alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from duehook.plugins.netsuite.suiteql import Column, Query

_COLUMN: Final = ".subsidiary"
_RELATION: Final = "customersubsidiaryrelationship"
_JOINED: Final = f"{_RELATION} r JOIN customer c ON c.id = r.entity"
_MOVED: Final = {"r.id": "c.id", "r.entity": "c.id"}


def single(query: Query, company: int) -> Query:
    """Return a query as it is asked of an account whose only company goes by this id."""
    return replace(
        query,
        source=query.source.replace(_JOINED, "customer c"),
        tables={letter: table for letter, table in query.tables.items() if table != _RELATION},
        key=tuple(_placed(each, company) for each in query.key),
        columns=tuple(_placed(each, company) for each in query.columns),
    )


def place(source: str) -> str:
    """Return where such an account has what others have in the relation of customers to subsidiaries."""
    return _MOVED.get(source, source)


def _placed(column: Column, company: int) -> Column:
    if column.source.endswith(_COLUMN):
        return replace(column, source=f"'{int(company)}'")
    return replace(column, source=place(column.source))
