"""Hold a connection for one run: take its lock, settle the run, and give the lock back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store.imports import import_runs as store
from duehook.core.books.store.imports import quarantine
from duehook.core.errors import Busy, RunStopped
from duehook.core.ops import audit
from duehook.core.redaction import mask_secrets

from . import lease
from .session import Session

_ACTS: Final = {
    "incremental": "import.run",
    "full": "import.run",
    "retry": "quarantine.retry",
    "tie_out": "tie_out.run",
}


def refuse_if_held(session: Session) -> None:
    """Raise Busy, naming the holder, when the connection is being imported."""
    with session.books.read() as tx:
        _refuse(session, store.holder(tx, session.connection))


@contextmanager
def locked(session: Session) -> Iterator[None]:
    """Hold the connection for the block and settle the run as closed, stopped or failed behind it.

    Raises Busy, naming the holder, when somebody else has it. A block that settles the run
    itself, in a transaction of its own, is left as it did.
    """
    _take(session)
    try:
        yield
    except BaseException as error:
        session.report.error = mask_secrets(str(error)) or type(error).__name__
        with suppress(Busy):
            _end(session, "stopped" if isinstance(error, RunStopped) else "failed")
        raise
    _end(session, "closed")


def _take(session: Session) -> None:
    report, connection, now = session.report, session.connection, session.context.now()
    with session.books.write() as tx:
        held = store.holder(tx, connection)
        _refuse(session, held)
        if held is not None:
            store.unlock(tx, connection, held.run_id)
        store.fail_abandoned(tx, connection, now)
        quarantine.expire(tx, now)
        report.resumes = _continued(store.last_run(tx, connection), report.mode)
        session.run_id = report.run_id = store.begin_run(
            tx, connection, session.context, mode=report.mode, as_of=session.as_of, resumes=report.resumes
        )
        until = now + session.rules.lease
        if not store.lock(tx, connection, run_id=session.run_id, name=lease.name(), until=until):
            raise Busy(f"{connection} has just been taken by another import.", fix="wait for it.")


def _refuse(session: Session, held: store.Holder | None) -> None:
    if held is not None and not lease.is_abandoned(held, session.context.now()):
        raise Busy(
            f"{session.connection} is being imported by {held.name} (run {held.run_id}).",
            fix=f"wait for it; should it have been killed, its lock ends at {held.leased_until:%Y-%m-%d %H:%M:%S} UTC.",
        )


def _continued(before: Row[Any] | None, mode: str) -> int | None:
    """Return the run with which a broken full reading began, when this one goes on with it."""
    if before is None or mode != "full" or before.mode != "full" or before.state != "failed":
        return None
    return int(before.resumes or before.id)


def _end(session: Session, state: str) -> None:
    with session.books.write() as tx:
        if store.run(tx, session.run_id).state == "running":
            settle(tx, session, state)


def settle(tx: Connection, session: Session, state: str, *, why: str | None = None) -> None:
    """Settle the run with its report, unlock the connection and write the audit row."""
    report = session.report
    store.end_run(tx, session.run_id, state=state, at=session.context.now(), report=report.as_json())
    store.unlock(tx, session.connection, session.run_id)
    audit.record(
        tx,
        session.context,
        act=_ACTS[report.mode],
        subject=session.connection,
        after={
            "run": session.run_id,
            "state": state,
            "mode": report.mode,
            "generation": report.generation,
            "written": report.written,
            "parked": report.parked,
        },
        why=report.error or why,
    )
