"""Settle by hand what only a person can find out: `outbox settle KEY --sent | --not-sent`."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store.delivery import outbox, tasks
from duehook.core.books.store.delivery.outbox import Entry, Worker
from duehook.core.context import Context
from duehook.core.errors import DuehookError, NotFound
from duehook.core.ops import audit
from duehook.core.runs.site import Site
from duehook.core.runs.write_back import DOUBT as COMMAND_DOUBT
from duehook.core.runs.write_back import settle_command

from .outcome import DOUBT, PAPER, notice_ended, notice_sent
from .outside import Outside
from .queue import NOTICE
from .round import Round

POSTED: Final = "posted"
DOUBTS: Final = frozenset({PAPER, DOUBT, COMMAND_DOUBT})


class Unsettled(DuehookError):
    """A task about what is in doubt is not simply done; what it is about is settled first."""

    exit_code: ClassVar[int] = 2


def settle(site: Site, context: Context, key: str, *, sent: bool, why: str) -> str:
    """Settle one effect in doubt, by what the person found; return its key.

    A notice that was not sent is failed: its levels stay, and the next run decides it anew. Raises
    NotFound unless exactly one effect's key begins so and it is in doubt.
    """
    with Outside(site) as outside, site.books.write() as tx:
        entry = _one(tx, key)
        round_ = Round(context, outside, Worker(context.actor.id))
        if entry.kind == NOTICE and sent:
            notice_sent(tx, context, outside, entry=entry, outcome=f"settled by hand: {why}")
        elif entry.kind == NOTICE:
            notice_ended(tx, context, entry=entry, state="failed", why=f"settled by hand, not sent: {why}")
        else:
            settle_command(tx, round_, entry, sent=sent)
        after = {"key": entry.key[:12], "kind": entry.kind, "sent": sent}
        audit.record(
            tx, context, act="outbox.settle", company=entry.company, subject=entry.customer, after=after, why=why
        )
        return str(entry.key)


def finish_task(site: Site, context: Context, number: int, *, outcome: str) -> str:
    """Mark a task done and return what was done; `posted` settles the letter to post as sent (rule 32).

    A task about what is in doubt is ended by settling that: Unsettled for any other outcome.
    """
    with site.books.read() as tx:
        row = tasks.get(tx, number)
        doubt = _doubt_of(tx, row) if row is not None else None
    if row is None or row.state != "open":
        raise NotFound(f"there is no open task {number}.", fix="see `duehook task list`.")
    if doubt is not None:
        _refuse_unsettled(row, doubt, outcome)
        settle(site, context, doubt.key, sent=True, why=outcome)
        return "letter settled as sent"
    with site.books.write() as tx:
        tasks.close_task(tx, row.key, by=context.actor.id, outcome=outcome, at=context.now())
        after = {"task": number, "kind": row.kind}
        audit.record(
            tx, context, act="task.done", company=row.company, subject=row.debtor or "", after=after, why=outcome
        )
    return "done"


def _doubt_of(tx: Connection, task: Row[Any]) -> Entry | None:
    """Return the effect in doubt that the task is about, None for a task about anything else."""
    if task.kind not in DOUBTS:
        return None
    found = outbox.listed(tx, states={"in_doubt"}, customer=task.debtor)
    return next((entry for entry in found if _asks_about(task, entry)), None)


def _asks_about(task: Row[Any], entry: Entry) -> bool:
    connection = entry.payload["connection"] if entry.kind == NOTICE else entry.target
    facts = {"outbox": entry.key}
    return bool(tasks.NewTask(task.kind, entry.company, "", facts, connection, entry.customer).key == task.key)


def _refuse_unsettled(task: Row[Any], doubt: Entry, outcome: str) -> None:
    """Let only a letter to post through, and that only as posted."""
    key = doubt.key[:12]
    if task.kind != PAPER:
        raise Unsettled(
            f"task {task.id} ends when what it is about is settled; nothing was changed.",
            fix=f"find out, then: duehook outbox settle {key} --sent, or --not-sent, --why TEXT.",
        )
    if outcome.strip().lower() != POSTED:
        raise Unsettled(
            f"a letter counts as sent when it was posted, not by {outcome!r}; nothing was changed.",
            fix=f"once it is posted: duehook task done {task.id} --outcome {POSTED}; "
            f"if it never will be: duehook outbox settle {key} --not-sent --why TEXT.",
        )


def _one(tx: Connection, key: str) -> Entry:
    found = outbox.by_key(tx, key) if key else []
    if len(found) != 1:
        what = "more than one effect has" if found else "no effect has"
        raise NotFound(f"{what} a key that begins with {key!r}.", fix="see `duehook outbox list --state in_doubt`.")
    if found[0].state != "in_doubt":
        raise NotFound(f"{key} is {found[0].state}; only what is in doubt is settled.", fix="duehook outbox list")
    return found[0]
