"""Say in words why an item, or each item of a debtor, was or was not dunned on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row

from duehook.core.books.store import find
from duehook.core.books.store.dunning import decisions
from duehook.core.collect.decision import Decision
from duehook.core.collect.explain import Subject, explain_item
from duehook.core.errors import NotFound
from duehook.core.policy.model import Policy
from duehook.core.policy.read import read_policy
from duehook.core.runs.days import calendar_of
from duehook.core.runs.site import Site


@dataclass(frozen=True)
class Explanation:
    """One item's decision on a day, in words."""

    company: str
    item: str
    document: str
    code: str
    outcome: str
    policy: str
    on: date
    since: date
    words: str


def explain(site: Site, named: str, on: date | None = None) -> list[Explanation]:
    """Explain an item by its key or document number, or all open items of a debtor.

    Raises NotFound when neither is there, or when nothing was decided by that day.
    """
    with site.books.read() as tx:
        rows = _rows(tx, named)
        found = [said for row in rows if (said := explain_row(site, tx, row, on)) is not None]
    if not found:
        day = f"by {on}" if on else "yet"
        fix = (
            "name a later day: a run decides for its own day and those after it." if on else "run `duehook dun` first."
        )
        raise NotFound(f"nothing was decided about {named} {day}.", fix=fix)
    return found


def _rows(tx: Connection, named: str) -> Sequence[Row[Any]]:
    try:
        return [find.open_or_past_item(tx, named)]
    except NotFound as no_item:
        try:
            return decisions.items_of(tx, find.debtor(tx, named))
        except NotFound:
            raise NotFound(f"there is no item and no debtor {named!r}.", fix=no_item.fix) from None


def explain_row(site: Site, tx: Connection, row: Row[Any], on: date | None) -> Explanation | None:
    """Explain one item of the books; None when nothing was decided about it by that day."""
    held = decisions.of_item(tx, row, on)
    if held is None:
        return None
    decided = Decision.read(row.key, held.code, held.parameters)
    day = on or held.decided_on or held.from_on
    policy = policy_of(held.policy)
    document = f"{row.document_type} {row.document_no}".strip() + (f"/{row.instalment}" if row.instalment else "")
    subject = Subject(document, row.currency, day, policy, calendar_of(site.settings, row.company))
    words = explain_item(decided, subject)
    given = (row.company, row.key, document, decided.code.value, decided.outcome, policy.name)
    return Explanation(*given, day, held.from_on, words)


@lru_cache(maxsize=64)
def policy_of(body: str) -> Policy:
    """Read an adopted policy; the same text is read once."""
    return read_policy(body, "adopted policy")
