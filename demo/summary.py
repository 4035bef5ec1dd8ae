"""What the play came to, read back from both sides, and whether all of it held."""

from __future__ import annotations

import json
import resource
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from duehook.core.books.tables.dunning import hold, notice
from duehook.core.books.tables.ledger import item
from duehook.core.books.tables.ops import outbox
from duehook.core.money import from_scaled

from .play import Play
from .stage import HOLD, Stage

NOTICES: Final = range(300, 601)
SECONDS: Final = 90.0


@dataclass
class Summary:
    """The figures of a demonstration; `faults` says what did not hold."""

    days: int
    wall_seconds: float
    cpu_seconds: float
    cpu_by_stage: dict[str, float]
    balances: list[dict[str, Any]]
    unbalanced: list[str]
    notices_by_level: dict[str, int]
    on_paper: int
    mails_caught: int
    notes_in_erp: int
    holds: dict[str, int]
    holds_in_erp: int
    effects: dict[str, int]
    sent_again: int
    faults: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Leave it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**asdict(self), "held": not self.faults}, indent=2, default=str) + "\n")


def cpu_seconds() -> float:
    """Return what all processes of the demonstration have used."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def sum_up(stage: Stage, play: Play, *, started: float, sent_again: int) -> Summary:
    """Read both sides and judge."""
    with stage.site.books.read() as tx:
        sent = select(notice.c.level, func.count()).where(notice.c.state == "sent").group_by(notice.c.level)
        levels = {str(level): count for level, count in tx.execute(sent.order_by(notice.c.level))}
        paper = select(func.count()).select_from(notice).where(notice.c.state == "in_doubt")
        on_paper = int(tx.execute(paper).scalar_one())
        holds = _counts(tx, select(hold.c.state, func.count()).group_by(hold.c.state))
        effects = _counts(
            tx, select(outbox.c.kind + " " + outbox.c.state, func.count()).group_by(outbox.c.kind, outbox.c.state)
        )
        ours = _open(tx)
    theirs = stage.simulator.open_totals()
    summary = Summary(
        days=len(play.record.days),
        wall_seconds=round(time.monotonic() - started, 1),
        cpu_seconds=round(cpu_seconds(), 1),
        cpu_by_stage={name: round(used, 1) for name, used in play.record.seconds.items()},
        balances=[
            {
                "company": key[0],
                "currency": key[1],
                "duehook": ours.get(key, Decimal(0)),
                "erp": theirs.get(key, Decimal(0)),
            }
            for key in sorted(ours.keys() | theirs.keys())
        ],
        unbalanced=play.record.unbalanced,
        notices_by_level=levels,
        on_paper=on_paper,
        mails_caught=sum(stage.catcher.caught.values()),
        notes_in_erp=stage.simulator.note_count(),
        holds=holds,
        holds_in_erp=Counter(stage.simulator.holds().values())[HOLD],
        effects=effects,
        sent_again=sent_again,
    )
    summary.faults = _faults(summary, stage)
    return summary


def _counts(tx: Any, statement: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in tx.execute(statement)}


def _open(tx: Any) -> dict[tuple[str, str], Decimal]:
    rows = tx.execute(
        select(item.c.company, item.c.currency, func.sum(item.c.open_amount))
        .where(item.c.state == "open")
        .group_by(item.c.company, item.c.currency)
    )
    return {(company, currency): from_scaled(int(total), currency) for company, currency, total in rows if total}


def _faults(found: Summary, stage: Stage) -> list[str]:
    sent = sum(found.notices_by_level.values())
    twice = [key for key, times in stage.catcher.caught.items() if times > 1]
    checks = {
        "a balance differs from the ERP's": any(row["duehook"] != row["erp"] for row in found.balances),
        "a tie-out did not balance": bool(found.unbalanced),
        f"{sent} notices went out, not {NOTICES.start} to {NOTICES.stop - 1}": sent not in NOTICES,
        "a level had no notice": {"1", "2", "3"} - found.notices_by_level.keys(),
        "mails caught are not the notices sent": found.mails_caught != sent,
        f"caught twice: {', '.join(twice)}": bool(twice),
        "notes in the ERP are not the notices sent": found.notes_in_erp != sent,
        "no hold was set and released": not (found.holds.get("set") and found.holds.get("released")),
        "holds in the ERP are not those in the books": found.holds_in_erp != _standing(found.holds),
        f"{found.sent_again} notices went out again on a second run": found.sent_again,
        f"it took {found.wall_seconds} s and {found.cpu_seconds} CPU s, more than {SECONDS:.0f}": min(
            found.wall_seconds, found.cpu_seconds
        )
        > SECONDS,
    }
    return [words for words, broken in checks.items() if broken]


def _standing(holds: dict[str, int]) -> int:
    return sum(holds.get(state, 0) for state in ("set", "release_proposed", "releasing"))


def show(found: Summary, stage: Stage) -> str:
    """Return the summary as it is printed."""
    lines = ["", f"{found.days} business days played in {found.wall_seconds} s ({found.cpu_seconds} CPU s)", ""]
    lines += [f"  {name:<12}{used:>8} CPU s" for name, used in found.cpu_by_stage.items()]
    lines += ["", "  company  currency        in Duehook        in the ERP"]
    lines += [
        f"  {row['company']:<9}{row['currency']:<5}{row['duehook']:>22,}{row['erp']:>18,}" for row in found.balances
    ]
    balanced = f"not balanced: {', '.join(found.unbalanced)}" if found.unbalanced else "all balanced"
    levels = ", ".join(f"level {level}: {count}" for level, count in found.notices_by_level.items())
    lines += [
        "",
        f"  Tie-outs        {balanced}",
        f"  Notices sent    {sum(found.notices_by_level.values())} ({levels}); {found.on_paper} on paper, to be posted",
        f"  Mails caught    {found.mails_caught}, each once",
        f"  Notes           {found.notes_in_erp} in the ERP",
        f"  Holds           {', '.join(f'{count} {state}' for state, count in sorted(found.holds.items()))};"
        f" {found.holds_in_erp} stand in the ERP",
        f"  Second run      {found.sent_again} sent again",
        "",
        f"  Look around:    .venv/bin/duehook -c {stage.folder / 'duehook.yaml'} status",
        f"                  letters and mails as sent: {stage.folder / 'archive'}",
        "",
    ]
    return "\n".join(lines + ([f"DID NOT HOLD: {words}" for words in found.faults] or ["Everything held."]))
