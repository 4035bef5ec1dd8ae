"""Go live: check what real letters need, and give every open item its opening level (rule 23)."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store import facts
from duehook.core.books.store.currencies import open_currencies
from duehook.core.books.store.delivery import outbox, sending
from duehook.core.books.store.delivery.outbox_statements import UNFINISHED
from duehook.core.books.store.dunning import opening
from duehook.core.collect.facts import Terms
from duehook.core.collect.ripeness import ripe_level
from duehook.core.context import Context
from duehook.core.errors import Busy, ConfigError, RunStopped
from duehook.core.ops import audit
from duehook.core.settings.live import before_live

from .days import day_at
from .deliver.queue import NOTICE, withdraw
from .deliver.rehearsal import end_rehearsals
from .deliver.run import FIRST_RUN, GO_LIVE
from .dunning.policies import choose, terms_of
from .holds import drop_of_notice
from .levels_file import Levels, Opening
from .site import Site

REHEARSAL: Final = "the site went live"


@dataclass(frozen=True)
class GoneLive:
    """What going live did. `again` says that only the size of the first run was changed."""

    first_run_notices: int
    from_file: int = 0
    from_erp: int = 0
    from_age: int = 0
    by_hand: int = 0
    cancelled: int = 0
    again: bool = False
    dry_run: bool = False

    def plain(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return asdict(self)


def go_live(
    site: Site,
    context: Context,
    *,
    levels: Path | None = None,
    first_run_notices: int | None = None,
    dry_run: bool = False,
) -> GoneLive:
    """Open the site for real letters; nothing is sent by this.

    Opening levels and last-dunned dates come from the file, else from the ERP's own fields, else
    from the item's age. What a rehearsal queued is cancelled, what it raised is forgotten. A site
    that is live already only gets a new size of its first run. Raises ConfigError in shadow mode, for
    what letters lack, and for a faulty file; RunStopped when it is live and the first run is over.
    """
    if site.settings.mode == "shadow":
        raise ConfigError("mode is shadow; nothing was changed.", fix="write `mode: live` (or pilot) in duehook.yaml.")
    given = Levels.read(levels) if levels else Levels()
    with site.books.write() as tx:
        if facts.get(tx, GO_LIVE) is not None:
            return _again(tx, context, first_run_notices, dry_run=dry_run)
        _refuse_incomplete(site, tx)
        limit = site.settings.defaults.first_live_notices if first_run_notices is None else first_run_notices
        gone = _open(site, tx, context, given=given, limit=limit)
        _refuse_unknown(given, levels)
        if dry_run:
            tx.rollback()
            return GoneLive(**{**gone.plain(), "dry_run": True})
        facts.put(tx, GO_LIVE, {**gone.plain(), "by": context.actor.id, "mode": site.settings.mode}, context.now())
        audit.record(tx, context, act="site.go_live", subject="site", after=gone.plain())
        return gone


def _again(tx: Connection, context: Context, limit: int | None, *, dry_run: bool) -> GoneLive:
    before = facts.get(tx, GO_LIVE)
    if limit is None or facts.get(tx, FIRST_RUN) is not None:
        raise RunStopped(
            "the site is live already; nothing was changed.",
            fix="before its first run, --first-run-notices N sets how many it may send.",
        )
    if not dry_run:
        facts.put(tx, GO_LIVE, {**before, "first_run_notices": limit}, context.now())
        was = {"first_run_notices": before["first_run_notices"]}
        after = {"first_run_notices": limit}
        audit.record(tx, context, act="site.first_run", subject="site", before=was, after=after)
    return GoneLive(limit, again=True, dry_run=dry_run)


def _refuse_incomplete(site: Site, tx: Connection) -> None:
    missing = [each for each in before_live(site.settings, open_currencies(tx)) if not each.ok]
    if missing:
        said = "; ".join(f"{each.subject}: {each.message}" for each in missing)
        fixes = "; ".join(dict.fromkeys(each.advice for each in missing if each.advice))
        raise ConfigError(f"letters would not be complete: {said}. Nothing was changed.", fix=f"{fixes}.")


def _open(site: Site, tx: Connection, context: Context, *, given: Levels, limit: int) -> GoneLive:
    counts: Counter[str] = Counter()
    cancelled = _cancel_rehearsal(tx, context) + end_rehearsals(tx, context, site.settings, everybody=True)
    opening.clear(tx, site.settings.companies)
    for company in site.settings.companies:
        counts += _open_company(site, tx, context, company=company, given=given)
    return GoneLive(limit, counts["file"], counts["erp"], counts["age"], counts["hand"], cancelled)


def _open_company(site: Site, tx: Connection, context: Context, *, company: str, given: Levels) -> Counter[str]:
    today = _today(site, context, company)
    rules = choose(site, tx, company, today)
    items = list(opening.open_items(tx, company))
    terms = terms_of(tx, rules, {(item.connection, item.debtor) for item in items})
    by_hand = opening.by_hand(tx, company)
    counts: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    clocks: dict[tuple[str, str, str], date] = {}
    for item in items:
        written = given.of(item)
        if (item.connection, item.key) in by_hand:
            counts["hand"] += 1
            continue
        source, level, dunned_on = _opening_of(item, written, terms[item.connection, item.debtor])
        counts[source] += 1
        rows.append(_row(item, level, dunned_on))
        if dunned_on is not None:
            key = (item.connection, item.debtor, item.currency)
            clocks[key] = max(clocks.get(key, dunned_on), dunned_on)
    opening.set_levels(tx, rows)
    opening.set_clocks(tx, [_clock(company, key, on) for key, on in clocks.items()])
    return counts


def _opening_of(item: Row[Any], written: Opening | None, terms: Terms) -> tuple[str, int, date | None]:
    """Return where an item's level comes from, the level, and when it was last dunned."""
    if written is not None:
        return "file", written.level, written.last_dunned_on
    if item.dunning_level is not None or item.last_dunned_on is not None:
        return "erp", item.dunning_level or 0, item.last_dunned_on
    return "age", ripe_level(item.due_on, terms), None


def _row(item: Row[Any], level: int, dunned_on: date | None) -> dict[str, Any]:
    key = {"company": item.company, "connection": item.connection, "item": item.key}
    return {**key, "level": level, "level_on": dunned_on, "hand_set": False, "notice_id": None}


def _clock(company: str, key: tuple[str, str, str], on: date) -> dict[str, Any]:
    connection, debtor, currency = key
    return {"company": company, "connection": connection, "debtor": debtor, "currency": currency, "last_sent_on": on}


def _today(site: Site, context: Context, company: str) -> date:
    return day_at(site.settings, company, context.now())


def _cancel_rehearsal(tx: Connection, context: Context) -> int:
    """Cancel what shadow mode proposed and queued: its letters were never meant for the debtor."""
    rows = opening.unsettled(tx)
    for row in rows:
        waiting = [entry for entry in outbox.of_subject(tx, NOTICE, row.id) if entry.state in UNFINISHED]
        settled = {"state": "cancelled", "reason": REHEARSAL, "settled_at": context.now()}
        busy = any(_is_going_out(entry, context.now()) for entry in waiting)
        busy = busy or not all(withdraw(tx, context, entry, REHEARSAL) for entry in waiting)
        if busy or not sending.move(tx, row.id, settled, of=opening.UNSETTLED):
            raise Busy("letters are being delivered at this moment; nothing was changed.", fix="try again.")
        drop_of_notice(tx, context, row.id, why=REHEARSAL)
    return len(rows)


def _is_going_out(entry: outbox.Entry, now: datetime) -> bool:
    """Say whether somebody hands it over at this moment, not only began to before being killed."""
    return entry.state == "sending" and entry.leased_until is not None and entry.leased_until > now


def _refuse_unknown(given: Levels, path: Path | None) -> None:
    """Refuse lines that named no open item: a level that is lost would send a first letter again."""
    unknown = {key: line for key, line in given.lines.items() if key not in given.named}
    for (company, item), written in unknown.items():
        raise ConfigError(
            f"{company}/{item} is no open item; {len(unknown)} such lines, nothing was changed.",
            where=f"{path}:{written.line}:1",
            fix="correct or remove it; name items by their key or document number.",
        )
