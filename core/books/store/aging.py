"""Aging in the books: one statement a company, and the same statement for the debtors touched.

Buckets are cut by dates: bucket 0 is what is not yet past due on `as_of` (rule 10), bucket k what
is past due by more than upper[k-1] and at most upper[k] days, the last one the rest. Buckets plus
unapplied are the balance in every credits mode (rule 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.types import TypeEngine

from duehook.core.books.bulk import know
from duehook.core.books.kept import fill, kept, let_go
from duehook.core.books.tables.dunning import BUCKETS, aging_balance, aging_scheme
from duehook.core.books.tables.imports import company_feed
from duehook.core.books.tables.ledger import in_state, item
from duehook.core.books.upsert import upsert
from duehook.core.policy.model import AgingScheme

from .booked import View, posted_on

GROUP: Final = ("company", "connection", "debtor", "currency")
COLUMNS: Final = (*GROUP, *(f"bucket_{number}" for number in range(BUCKETS)), "unapplied", "balance", "oldest_due_on")


def stored_scheme(tx: Connection, company: str) -> Any:
    """Return the row that says by which scheme and as of which day a company is stored, or None."""
    return tx.execute(select(aging_scheme).where(aging_scheme.c.company == company)).one_or_none()


def first_day(tx: Connection, company: str | None = None) -> date | None:
    """Return the day from which the books know what was closed, else that of the earliest posting (rule 11)."""
    feeds, posted = select(func.max(company_feed.c.history_from)), select(func.min(posted_on()))
    if company is not None:
        feeds, posted = feeds.where(company_feed.c.company == company), posted.where(item.c.company == company)
    first: date | None = tx.execute(feeds).scalar_one() or tx.execute(posted).scalar_one()
    return first


def rebuild(tx: Connection, company: str, scheme: AgingScheme, as_of: date, *, run_id: int | None = None) -> int:
    """Recount a company's stored aging; return how many rows that wrote or took away.

    Where rows are stored already, only those that differ are written.
    """
    rows = aged(scheme, as_of, company=company)
    stored = select(literal(1)).where(aging_balance.c.company == company).limit(1)
    written = _replace(tx, company, rows) if tx.execute(stored).first() else _insert(tx, rows)
    know(tx, aging_balance)
    _note(tx, company, scheme, as_of, run_id=run_id)
    return written


def refresh(
    tx: Connection, company: str, scheme: AgingScheme, as_of: date, *, touched: Select[Any], run_id: int | None
) -> int:
    """Re-aggregate the debtors that were touched or whose items crossed a bound since the stored day.

    `touched` selects (connection, debtor). Returns the rows written.
    """
    before = stored_scheme(tx, company)
    if before is None or before.hash != signature(scheme) or before.as_of > as_of:
        return rebuild(tx, company, scheme, as_of, run_id=run_id)
    either = union(touched, _crossing(company, scheme, before.as_of, as_of)).subquery("either")
    moved = fill(tx, kept("aging_moved", select(either), _type, "connection", "debtor"))
    mine = tuple_(aging_balance.c.connection, aging_balance.c.debtor).in_(select(moved))
    tx.execute(delete(aging_balance).where(aging_balance.c.company == company, mine))
    written = _insert(tx, aged(scheme, as_of, company=company, debtors=select(moved)))
    let_go(tx, moved)
    _note(tx, company, scheme, as_of, run_id=run_id)
    return written


def signature(scheme: AgingScheme) -> str:
    """Return what makes two schemes the same: credits mode, date basis and bounds."""
    return f"{scheme.credits}:{scheme.basis}:{','.join(map(str, scheme.upper))}"


def drift(tx: Connection, company: str, scheme: AgingScheme, as_of: date) -> Sequence[Any]:
    """Return the debtors whose stored row differs from a recount; none when all is well."""
    stored = select(*(aging_balance.c[name] for name in COLUMNS)).where(aging_balance.c.company == company)
    counted = aged(scheme, as_of, company=company)
    either = union_all(
        select(*stored.except_(counted).subquery().c), select(*counted.except_(stored).subquery().c)
    ).subquery()
    return tx.execute(select(*(either.c[name] for name in GROUP)).distinct()).all()


def aged(
    scheme: AgingScheme, as_of: date, *, company: str | None = None, debtors: Any = None, booked: bool = False
) -> Select[Any]:
    """Return the selection of aging rows in the order of `COLUMNS`.

    `booked` puts the open amounts back to what the posting and clearing dates say of `as_of`.
    """
    view = View(as_of, booked)
    wanted = view.counted()
    wanted += [] if company is None else [item.c.company == company]
    wanted += [] if debtors is None else [tuple_(item.c.connection, item.c.debtor).in_(debtors)]
    stands = _stands(scheme, wanted, view)
    if booked:  # the offset keeps PostgreSQL from writing the booked amount out anew in every bucket
        stands = stands.offset(0)
    summed = _summed(stands.subquery("stands"), scheme, as_of).subquery("summed")
    moved = _summed(union_all(*_applied(scheme, wanted, view)).subquery("move"), scheme, as_of).subquery("moved")
    rows = _together(summed, moved)
    return _offset(rows.subquery("netted"), scheme) if scheme.credits == "offset_oldest" else rows


def _replace(tx: Connection, company: str, rows: Select[Any]) -> int:
    fresh = fill(tx, kept("aging_recount", rows, _type, *GROUP[1:]))
    same = and_(*(aging_balance.c[name].is_not_distinct_from(fresh.c[name]) for name in COLUMNS if name not in GROUP))
    mine = and_(*(aging_balance.c[name] == fresh.c[name] for name in GROUP))
    stale = delete(aging_balance).where(
        aging_balance.c.company == company, ~select(literal(1)).where(mine, same).exists()
    )
    taken = tx.execute(stale).rowcount
    missing = select(fresh).where(~select(literal(1)).where(mine).correlate(fresh).exists())
    written = _insert(tx, missing)
    let_go(tx, fresh)
    return taken + written


def _type(name: str) -> TypeEngine[Any]:
    return aging_balance.c[name].type


def _insert(tx: Connection, rows: Select[Any]) -> int:
    statement = aging_balance.insert().from_select(list(COLUMNS), rows)
    return tx.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _note(tx: Connection, company: str, scheme: AgingScheme, as_of: date, *, run_id: int | None) -> None:
    row = {"company": company, "name": scheme.name, "hash": signature(scheme), "bounds": list(scheme.upper)}
    upsert(tx, aging_scheme, [{**row, "credits": scheme.credits, "as_of": as_of, "run_id": run_id}])


def _crossing(company: str, scheme: AgingScheme, before: date, as_of: date) -> Select[Any]:
    aged_on = _aged_on(item, scheme)
    crossed = or_(
        *(and_(aged_on >= before - timedelta(bound), aged_on < as_of - timedelta(bound)) for bound in scheme.upper),
        and_(posted_on() > before, posted_on() <= as_of),
    )
    return select(item.c.connection, item.c.debtor).where(item.c.company == company, in_state(item, "open"), crossed)


def _aged_on(table: FromClause, scheme: AgingScheme) -> ColumnElement[Any]:
    return table.c.due_on if scheme.basis == "due" else table.c.document_on


def _stands(scheme: AgingScheme, wanted: list[ColumnElement[bool]], view: View) -> Select[Any]:
    """One row an item: what is open of it, the day it is aged from, and whether it is a credit apart."""
    open_amount = view.open_amount()
    credit = literal(0) if scheme.credits == "by_own_date" else _credit(open_amount)
    columns = (_aged_on(item, scheme).label("aged_on"), open_amount.label("amount"), credit.label("credit"))
    return select(*(item.c[name] for name in GROUP), *columns).where(*wanted)


def _credit(open_amount: ColumnElement[Any]) -> ColumnElement[int]:
    return case((open_amount < 0, 1), else_=0)


def _applied(scheme: AgingScheme, wanted: list[ColumnElement[bool]], view: View) -> list[Any]:
    """Rows that take credits with `applies_to` to their invoice's due date, up to what it has open.

    Each credit moves by two rows: out of where it stands, onto the invoice.
    """
    stands = [_aged_on(item, scheme).label("stands_on")] if scheme.credits == "by_own_date" else []
    by = [*(item.c[name] for name in GROUP), item.c.applies_to, *stands]
    given = -view.open_amount()
    credits = (
        select(*by, func.sum(given).label("amount"))
        .where(*wanted, given > 0, item.c.applies_to.is_not(None))
        .group_by(*by)
        .subquery("credit")
    )
    invoice = item.alias("invoice")
    owed = view.open_amount(invoice)
    onto = and_(
        *(credits.c[name] == invoice.c[name] for name in GROUP),
        credits.c.applies_to == invoice.c.key,
        *view.counted(invoice),
        owed > 0,
    )
    net: ColumnElement[Any] = credits.c.amount
    if not stands:
        net = case((net < owed, net), else_=owed)
    aged_on = _aged_on(invoice, scheme)
    moves = ((aged_on, -net, 0), (credits.c.stands_on if stands else aged_on, net, 0 if stands else 1))
    return [
        select(
            *(credits.c[name] for name in GROUP),
            on.label("aged_on"),
            amount.label("amount"),
            literal(credit).label("credit"),
        ).select_from(credits.join(invoice, onto))
        for on, amount, credit in moves
    ]


def _summed(rows: FromClause, scheme: AgingScheme, as_of: date) -> Select[Any]:
    column = rows.c
    kept = column.credit == 0
    cuts = _cuts(column.aged_on, scheme, as_of)
    buckets = [_sum(column.amount, and_(kept, cut)) for cut in cuts]
    buckets += [cast(literal(0), BigInteger)] * (BUCKETS - len(cuts))
    oldest = func.min(column.aged_on).filter(and_(kept, column.amount > 0))
    return select(
        *(column[name] for name in GROUP),
        *(bucket.label(f"bucket_{number}") for number, bucket in enumerate(buckets)),
        _sum(column.amount, column.credit == 1).label("unapplied"),
        cast(func.sum(column.amount), BigInteger).label("balance"),
        oldest.label("oldest_due_on"),
    ).group_by(*(column[name] for name in GROUP))


def _sum(amount: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return cast(func.coalesce(func.sum(amount).filter(condition), 0), BigInteger)


def _cuts(aged_on: ColumnElement[Any], scheme: AgingScheme, as_of: date) -> list[ColumnElement[bool]]:
    edges = [as_of - timedelta(bound) for bound in scheme.upper]
    return [
        aged_on >= edges[0],
        *(and_(aged_on < newer, aged_on >= older) for newer, older in pairwise(edges)),
        aged_on < edges[-1],
    ]


def _together(summed: FromClause, moved: FromClause) -> Select[Any]:
    """Add what credits with `applies_to` move to what stands."""
    same = and_(*(summed.c[name] == moved.c[name] for name in GROUP))
    sums = [name for name in COLUMNS if name not in {*GROUP, "oldest_due_on"}]
    return select(
        *(summed.c[name] for name in GROUP),
        *((summed.c[name] + func.coalesce(moved.c[name], 0)).label(name) for name in sums),
        summed.c.oldest_due_on,
    ).select_from(summed.outerjoin(moved, same))


def _offset(summed: FromClause, scheme: AgingScheme) -> Select[Any]:
    """Take the credits off the oldest bucket first; what is left of them stays unapplied."""
    column = summed.c
    credit, left = -column.unapplied, []
    older: ColumnElement[Any] = literal(0)
    for number in reversed(range(len(scheme.upper) + 1)):
        bucket = column[f"bucket_{number}"]
        rest = case((credit > older, credit - older), else_=0)
        taken = case((rest > bucket, bucket), else_=rest)
        left.append((bucket - taken).label(f"bucket_{number}"))
        older = older + bucket
    unapplied = case((credit > older, older - credit), else_=0)
    spare = [column[f"bucket_{number}"] for number in range(len(left), BUCKETS)]
    return select(
        *(column[name] for name in GROUP),
        *reversed(left),
        *spare,
        cast(unapplied, BigInteger).label("unapplied"),
        column.balance,
        column.oldest_due_on,
    )
