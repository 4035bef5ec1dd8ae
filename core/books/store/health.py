"""What `status` and `doctor` ask of the books: counts by state, the newest of each, and the engine's own health."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, and_, case, cast, delete, false, func, select

from duehook.core.books.tables.dunning import hold, notice, task
from duehook.core.books.tables.imports import dunning_lock, import_run, quarantine, tie_out, tie_out_line
from duehook.core.books.tables.ledger import customer, in_state, item
from duehook.core.books.tables.ops import audit, fact, job, outbox


def open_items(tx: Connection, company: str, today: date) -> Sequence[Row[Any]]:
    """Return a company's open items by currency: how many, their balance, and what of the debts is past due."""
    late = and_(item.c.due_on < today, item.c.open_amount > 0)
    overdue = func.coalesce(func.sum(case((late, item.c.open_amount), else_=0)), 0)
    return tx.execute(
        select(
            item.c.currency,
            func.count().label("items"),
            cast(func.sum(item.c.open_amount), BigInteger).label("balance"),
            cast(overdue, BigInteger).label("overdue"),
            func.min(case((late, item.c.due_on))).label("oldest_due_on"),
        )
        .where(item.c.company == company, in_state(item, "open"))
        .group_by(item.c.currency)
        .order_by(item.c.currency)
    ).all()


def try_to_write(tx: Connection) -> None:
    """Write nothing, in a way that a database which takes no writes refuses."""
    tx.execute(delete(import_run).where(false()))


def count_open_items(tx: Connection) -> int:
    """Count the open items of all companies."""
    return int(tx.execute(select(func.count()).where(in_state(item, "open"))).scalar_one())


def proposals(tx: Connection) -> dict[str, int]:
    """Return how many notices of each company wait for a person."""
    waiting = select(notice.c.company, func.count()).where(notice.c.state == "proposed").group_by(notice.c.company)
    return {company: int(count) for company, count in tx.execute(waiting)}


def sent_notices(tx: Connection, company: str, since: date) -> Sequence[Row[Any]]:
    """Return how many notices of a company went out each day since then, by level."""
    by = (notice.c.level, notice.c.level_name, notice.c.sent_on)
    return tx.execute(
        select(*by, func.count().label("many"))
        .where(notice.c.company == company, notice.c.state == "sent", notice.c.sent_on >= since)
        .group_by(*by)
        .order_by(*by)
    ).all()


def outbox_states(tx: Connection) -> Sequence[Row[Any]]:
    """Return how many effects are in each state, with the time of the oldest."""
    counted = (outbox.c.state, func.count().label("many"), func.min(outbox.c.made_at).label("oldest_at"))
    return tx.execute(select(*counted).group_by(outbox.c.state)).all()


def failed_since(tx: Connection, since: datetime) -> int:
    """Count the effects that failed since then."""
    wanted = (outbox.c.state == "failed", outbox.c.settled_at >= since)
    return int(tx.execute(select(func.count()).select_from(outbox).where(*wanted)).scalar_one())


def overdue_effects(tx: Connection, before: datetime) -> int:
    """Count the effects that could have gone out before that instant and did not."""
    due = func.coalesce(outbox.c.not_before, outbox.c.made_at)
    return int(tx.execute(select(func.count()).where(outbox.c.state == "new", due < before)).scalar_one())


def hold_states(tx: Connection) -> dict[str, dict[str, int]]:
    """Return how many holds of each company are in each state."""
    return _by_company(tx, hold)


def tasks_open(tx: Connection) -> dict[str, int]:
    """Return how many tasks of each company are open."""
    return {company: found.get("open", 0) for company, found in _by_company(tx, task).items()}


def _by_company(tx: Connection, table: Any) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    counted = select(table.c.company, table.c.state, func.count()).group_by(table.c.company, table.c.state)
    for company, state, count in tx.execute(counted):
        found.setdefault(company, {})[state] = int(count)
    return found


def parked(tx: Connection) -> dict[str, int]:
    """Return how many rows of each connection wait in quarantine."""
    waiting = select(quarantine.c.connection, func.count()).where(quarantine.c.state == "parked")
    return {connection: int(count) for connection, count in tx.execute(waiting.group_by(quarantine.c.connection))}


def last_tie_out(tx: Connection, company: str) -> Row[Any] | None:
    """Return the company's newest tie-out, with how many documents differ unexplained."""
    unexplained = (
        select(func.count())
        .where(tie_out_line.c.tie_out_id == tie_out.c.id, tie_out_line.c.explained_by.is_(None))
        .scalar_subquery()
    )
    newest = select(tie_out, unexplained.label("unexplained")).where(tie_out.c.company == company)
    return tx.execute(newest.order_by(tie_out.c.id.desc()).limit(1)).first()


def lock(tx: Connection, company: str) -> Row[Any] | None:
    """Return what locks the company's dunning, None when nothing does."""
    return tx.execute(select(dunning_lock).where(dunning_lock.c.company == company)).first()


def newest_jobs(tx: Connection) -> Sequence[Row[Any]]:
    """Return the newest slot of each job and company that was run or missed."""
    newest = select(job.c.job, job.c.company, func.max(job.c.slot).label("slot")).group_by(job.c.job, job.c.company)
    last = newest.subquery("last")
    same = and_(job.c.job == last.c.job, job.c.company == last.c.company, job.c.slot == last.c.slot)
    return tx.execute(select(job).join(last, same).order_by(job.c.company, job.c.started_at, job.c.job)).all()


def missed_jobs(tx: Connection, since: datetime) -> Sequence[Row[Any]]:
    """Return the slots that passed since then while nothing ran."""
    wanted = (job.c.state == "missed", job.c.ended_at >= since)
    return tx.execute(select(job).where(*wanted).order_by(job.c.slot)).all()


def stalled_jobs(tx: Connection, now: datetime) -> Sequence[Row[Any]]:
    """Return the jobs that say running, but whose worker gave no sign of life within its lease."""
    wanted = (job.c.state == "running", job.c.leased_until < now)
    return tx.execute(select(job).where(*wanted).order_by(job.c.slot)).all()


def set_at(tx: Connection, name: str) -> datetime | None:
    """Return when a fact was written, None when it never was."""
    return tx.execute(select(fact.c.set_at).where(fact.c.name == name)).scalar()


def debtors_names(tx: Connection) -> Iterator[str]:
    """Yield the names of the customers that have something open."""
    owing = select(item.c.connection, item.c.debtor).where(in_state(item, "open")).distinct().subquery()
    theirs = and_(owing.c.connection == customer.c.connection, owing.c.debtor == customer.c.key)
    names = select(customer.c.name).select_from(customer.join(owing, theirs))
    yield from filter(None, tx.execute(names.execution_options(yield_per=2_000)).scalars())


def first_act_at(tx: Connection) -> datetime | None:
    """Return when the books were first worked with."""
    return (
        tx.execute(select(func.min(audit.c.at))).scalar()
        or tx.execute(select(func.min(import_run.c.started_at))).scalar()
    )


def oldest_unsealed_at(tx: Connection) -> datetime | None:
    """Return when the oldest audit row was written that no seal covers."""
    return tx.execute(select(func.min(audit.c.at)).where(audit.c.seal.is_(None))).scalar()


def database_time(tx: Connection) -> datetime | None:
    """Return the database server's clock; SQLite has none of its own."""
    if tx.dialect.name != "postgresql":
        return None
    moment: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def engine(tx: Connection) -> tuple[str, str]:
    """Return the database's kind and version, and how it journals (SQLite: `wal`; PostgreSQL: `on` when it flushes)."""
    if tx.dialect.name == "postgresql":
        version = ".".join(map(str, (tx.dialect.server_version_info or ())[:2]))
        return f"PostgreSQL {version}", str(tx.exec_driver_sql("SHOW fsync").scalar_one())
    version = str(tx.exec_driver_sql("SELECT sqlite_version()").scalar_one())
    return f"SQLite {version}", str(tx.exec_driver_sql("PRAGMA journal_mode").scalar_one())
