"""What plugins keep back: asked about each letter by the run, by hand, and once more before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from duehook.core.collect.notice import Notice
from duehook.core.money import Money
from duehook.core.plugins import HoldReason
from duehook.core.runs.site import Site


def held_by_plugins(site: Site, notices: Iterable[tuple[int, Notice]], as_of: date) -> dict[int, HoldReason]:
    """Return why plugins keep which of the numbered notices back; all are while one cannot be loaded."""
    candidates = (_candidate(f"{number}", notice) for number, notice in notices)
    reasons = site.plugins.hold_reasons(candidates, as_of, without=site.settings.without_plugins)
    return {int(number): reason for number, reason in reasons.items()}


def told(reason: HoldReason) -> str:
    """Say it of one letter."""
    return reason.words if reason.failure else f"the plugin {reason.plugin} holds it: {reason.words}"


def _candidate(key: str, notice: Notice) -> Mapping[str, Any]:
    total = Money.from_scaled(notice.demanded, notice.currency).amount
    named = {"company": notice.company, "customer": notice.debtor, "currency": notice.currency}
    return {"key": key, **named, "level": notice.level, "total": total, "items": [line.item for line in notice.lines]}
