"""Age a company: refresh the stored aging and habits after an import, and report as of any day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select

from duehook.core.books import Books
from duehook.core.books.claim import in_turn
from duehook.core.books.store import aging, habits
from duehook.core.books.store.imports import import_runs
from duehook.core.books.tables.dunning import BUCKETS
from duehook.core.collect.habits import Applied, Received, last_payment, weighted_days_late, weighted_days_to_pay
from duehook.core.context import Context
from duehook.core.errors import RunStopped
from duehook.core.money import from_scaled
from duehook.core.ops import audit
from duehook.core.ops.heap import settled
from duehook.core.policy.model import AgingScheme

By = Literal["debtor", "company", "bucket"]
_Account = tuple[str, str, str]


@dataclass(frozen=True)
class Aged:
    """What a run of aging did: `rows` written, of a refresh only those that changed."""

    company: str
    as_of: date
    scheme: str
    rows: int
    recounted: bool


@settled()
def age(
    books: Books, context: Context, company: str, scheme: AgingScheme, *, as_of: date, recount: bool = False
) -> Aged:
    """Bring the stored aging of a company to `as_of`, for the debtors that changed or all of them.

    Two agings of a company wait for each other.
    """
    with books.write() as tx:
        in_turn(tx, f"aging {company}")
        stored = aging.stored_scheme(tx, company)
        upto = import_runs.settled_run(tx, company)
        since = stored.run_id if stored is not None and not recount else None
        touched = None if since is None else import_runs.keep_touched(tx, company, since)
        if touched is None:
            rows = aging.rebuild(tx, company, scheme, as_of, run_id=upto)
        else:
            rows = aging.refresh(tx, company, scheme, as_of, touched=touched, run_id=upto)
        habits.replace(tx, company, touched, list(_habits(tx, company, touched, as_of)))
        import_runs.forget_touched(tx, company, upto)
        aged = Aged(company, as_of, scheme.name, rows, touched is None)
        audit.record(tx, context, act="aging.run", company=company, subject=company, after=vars(aged))
    return aged


def _habits(tx: Connection, company: str, debtors: Select[Any] | None, as_of: date) -> Iterator[dict[str, Any]]:
    """Yield a row for every debtor and currency with cash applied or received."""
    newest = {
        account: last_payment(map(_received, rows), as_of)
        for account, rows in _accounts(habits.received(tx, company, debtors))
    }
    applied = {
        account: list(map(_applied, rows)) for account, rows in _accounts(habits.applied_cash(tx, company, debtors))
    }
    for account in sorted(newest.keys() | applied.keys()):
        parts, last = applied.get(account, []), newest.get(account)
        yield {
            "company": company,
            **dict(zip(("connection", "debtor", "currency"), account, strict=True)),
            "applied": sum(part.amount for part in parts),
            "days_to_pay": _hundredths(weighted_days_to_pay(parts)),
            "days_late": _hundredths(weighted_days_late(parts)),
            "last_paid_on": last.received_on if last else max((part.paid_on for part in parts), default=None),
            "last_paid_amount": last.amount if last else None,
        }


def _accounts(rows: Iterable[Row[Any]]) -> Iterator[tuple[_Account, Iterator[Row[Any]]]]:
    yield from groupby(rows, key=itemgetter(0, 1, 2))


def _applied(row: Row[Any]) -> Applied:
    return Applied(row.amount, row.paid_on, row.document_on, row.due_on)


def _received(row: Row[Any]) -> Received:
    return Received(row.amount, row.received_on, row.reversed_on)


def _hundredths(days: Any) -> int | None:
    return None if days is None else int(days * 100)


@dataclass(frozen=True)
class AgingLine:
    """A line of the report; amounts by bucket in `buckets`, in the line's currency."""

    company: str
    connection: str
    debtor: str
    currency: str
    buckets: tuple[int, ...]
    unapplied: int
    balance: int
    oldest_due_on: date | None


@dataclass(frozen=True)
class Habit:
    """How a debtor pays in a currency, by all that was applied to its invoices.

    Days to pay and days late are weighted by amount, to a hundredth, None where nothing was applied;
    late is negative for who pays early. The last payment is the newest that has not come back.
    """

    days_to_pay: Decimal | None
    days_late: Decimal | None
    last_paid_on: date | None
    last_paid_amount: Decimal | None


def habits_of(books: Books, company: str | None = None) -> dict[habits.Account, Habit]:
    """Return how each account pays, as the last aging left it, by (company, connection, debtor, currency)."""
    with books.read() as tx:
        rows = habits.stored(tx, company)
    return {account: _habit(row) for account, row in rows.items()}


def _habit(row: Row[Any]) -> Habit:
    to_pay, late = (None if part is None else Decimal(part) / 100 for part in (row.days_to_pay, row.days_late))
    amount = None if row.last_paid_amount is None else from_scaled(row.last_paid_amount, row.currency)
    return Habit(to_pay, late, row.last_paid_on, amount)


def report(
    books: Books, scheme: AgingScheme, as_of: date, *, company: str | None = None, by: By = "debtor"
) -> list[AgingLine]:
    """Return the aging as booked on any day, by debtor or summed by company; currencies stay apart.

    Raises RunStopped for a day before the books begin: its figures would be incomplete (rule 11).
    """
    with books.read() as tx:
        first = aging.first_day(tx, company)
        if first is not None and as_of < first:
            raise RunStopped(
                f"the books know what was closed from {first} on; an aging of {as_of} would be incomplete.",
                fix=f"ask for {first} or later, or import more history.",
            )
        rows = aging.aged(scheme, as_of, company=company, booked=True)
        lines = [_line(row, len(scheme.labels)) for row in tx.execute(rows)]
    if by != "debtor":
        lines = list(_by_company(lines))
    return sorted(lines, key=lambda line: (line.company, line.connection, line.debtor, line.currency))


def _line(row: Row[Any], count: int) -> AgingLine:
    buckets = tuple(row._mapping[f"bucket_{number}"] for number in range(BUCKETS))[:count]
    keys = (row.company, row.connection, row.debtor, row.currency)
    return AgingLine(*keys, buckets, row.unapplied, row.balance, row.oldest_due_on)


def _by_company(lines: list[AgingLine]) -> Iterator[AgingLine]:
    groups: dict[tuple[str, str], list[AgingLine]] = defaultdict(list)
    for line in lines:
        groups[line.company, line.currency].append(line)
    for (company, currency), members in groups.items():
        buckets = tuple(map(sum, zip(*(line.buckets for line in members), strict=True)))
        oldest = min((line.oldest_due_on for line in members if line.oldest_due_on), default=None)
        sums = (sum(line.unapplied for line in members), sum(line.balance for line in members))
        yield AgingLine(company, "", "", currency, buckets, *sums, oldest)
