"""Take back what TEST letters moved, before real ones go to the same customers (rule 23)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from duehook.core.books.store.delivery import rehearsals, sending
from duehook.core.context import Context
from duehook.core.ops import audit
from duehook.core.settings import Settings

from .queue import subject_of

REHEARSED: Final = "it was a rehearsal; real letters go to this customer now"


def end_rehearsals(tx: Connection, context: Context, settings: Settings, *, everybody: bool = False) -> int:
    """Take back the test letters of customers that real ones go to now; return how many.

    Levels and clocks return to what they were before. `everybody` asks no mode: a go-live begins anew.
    """
    ended = [row for row in rehearsals.standing(tx) if everybody or not settings.is_test(row.company, row.debtor)]
    for row in ended:
        settled = {"state": "cancelled", "reason": REHEARSED, "settled_at": context.now()}
        if sending.move(tx, row.id, settled, of=["sent"]):
            after = {"state": "cancelled", "levels_back": sending.lower_levels(tx, row)}
            before = {"state": "sent", "number": row.number}
            about = {"company": row.company, "subject": subject_of(row)}
            audit.record(tx, context, act="notice.cancel", **about, before=before, after=after, why=REHEARSED)
    if ended:
        rehearsals.forget(tx, [row.id for row in ended])
    return len(ended)
