"""What an item had open: now, or at the end of a past day by the postings and clearings of the ERP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, and_, case, cast, func, literal, select

from duehook.core.books.tables.ledger import allocation, in_state, item

from .dunning.functions import utc_day

_TOLD = ("open", "cleared")  # states in which the ERP still tells what is open


@dataclass(frozen=True)
class View:
    """The day that items are looked at, and whether what came later is put back (`booked`)."""

    as_of: date
    booked: bool = False

    def open_amount(self, of: FromClause = item) -> ColumnElement[Any]:
        """Return what the item has open."""
        return _booked(of, self.as_of) if self.booked else of.c.open_amount

    def counted(self, of: FromClause = item) -> list[ColumnElement[bool]]:
        """Return the conditions under which the item counts: posted by then, and something open of it."""
        now = [] if self.booked else [in_state(of, "open")]
        return [*now, self.open_amount(of) != 0, posted_on(of) <= self.as_of]


def posted_on(of: FromClause = item) -> ColumnElement[Any]:
    """Return the day an item stands in the ledger from."""
    return func.coalesce(of.c.posted_on, of.c.document_on)


def _booked(of: FromClause, as_of: date) -> ColumnElement[Any]:
    """Return what was open at the end of `as_of`; a vanished item counts until the day we learnt of it."""
    mine = and_(
        allocation.c.company == of.c.company,
        allocation.c.connection == of.c.connection,
        allocation.c.item == of.c.key,
    )
    booked_on = func.coalesce(allocation.c.posted_on, allocation.c.allocated_on)
    later = select(func.sum(allocation.c.amount)).where(mine, booked_on > as_of).correlate(of).scalar_subquery()
    known = select(literal(1)).where(mine).correlate(of).exists()
    told = of.c.state.in_(_TOLD)
    left = case((told, of.c.open_amount), (utc_day(of.c.known_from) > as_of, of.c.open_amount), else_=0)
    return case(
        (known, left + func.coalesce(cast(later, BigInteger), 0)),
        (and_(told, of.c.cleared_on > as_of), of.c.amount),
        else_=left,
    )
