"""Settle by hand what only a person can find out: `outbox settle KEY --sent | --not-sent`."""

from __future__ import annotations

from sqlalchemy import Connection

from duehook.core.books.store.delivery import outbox, tasks
from duehook.core.books.store.delivery.outbox import Entry, Worker
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.ops import audit
from duehook.core.runs.site import Site
from duehook.core.runs.write_back import settle_command

from .outcome import PAPER, notice_ended, notice_sent
from .outside import Outside
from .queue import NOTICE
from .round import Round


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
    """Mark a task done; one to post a letter settles that letter as sent (rule 32). Return what was done."""
    with site.books.read() as tx:
        row = tasks.get(tx, number)
    if row is None or row.state != "open":
        raise NotFound(f"there is no open task {number}.", fix="see `duehook task list`.")
    if row.kind == PAPER:
        with site.books.read() as tx:
            letters = outbox.listed(tx, states={"in_doubt"}, kinds={NOTICE}, customer=row.debtor)
        key = next((entry.key for entry in letters if _is_for(entry, row.key)), None)
        if key is not None:
            settle(site, context, key, sent=True, why=outcome)
            return "letter settled as sent"
    with site.books.write() as tx:
        tasks.close_task(tx, row.key, by=context.actor.id, outcome=outcome, at=context.now())
        after = {"task": number, "kind": row.kind}
        audit.record(
            tx, context, act="task.done", company=row.company, subject=row.debtor or "", after=after, why=outcome
        )
    return "done"


def _is_for(entry: Entry, task_key: str) -> bool:
    facts = {"outbox": entry.key}
    about = tasks.NewTask(PAPER, entry.company, "", facts, entry.payload["connection"], entry.customer)
    return about.key == task_key


def _one(tx: Connection, key: str) -> Entry:
    found = outbox.by_key(tx, key) if key else []
    if len(found) != 1:
        what = "more than one effect has" if found else "no effect has"
        raise NotFound(f"{what} a key that begins with {key!r}.", fix="see `duehook outbox list --state in_doubt`.")
    if found[0].state != "in_doubt":
        raise NotFound(f"{key} is {found[0].state}; only what is in doubt is settled.", fix="duehook outbox list")
    return found[0]
