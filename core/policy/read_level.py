"""Reads the levels of a policy file."""

from __future__ import annotations

from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from duehook.core.calendar import Span

from .model import Amounts, Level
from .reader import Fields, Source, entries_of
from .values import SWITCH, read_amounts, read_count, read_name, read_span, read_switch

KEYS: Final = ("name", "days", "interval", "channel", "template", "minimum", "hold", "final", "formal")
MOST_LEVELS: Final = 12
_DEFAULT_INTERVAL: Final = Span(7)


def read_levels(fields: Fields, minimum: Amounts) -> tuple[Level, ...]:
    """Read all levels; `minimum` is the policy's own, which a level may replace."""
    node = fields.need("levels", "levels:")
    if node is None:
        return ()
    nodes = entries_of(fields.source, node, "`levels`")
    if not 1 <= len(nodes) <= MOST_LEVELS and not fields.source.problems:
        fields.source.report(node, f"A policy has 1 to {MOST_LEVELS} levels.", "add or take away levels.")
    levels: list[Level] = []
    for number, entry in enumerate(nodes, start=1):
        inner = Fields(fields.source, entry, known=KEYS, what=f"Level {number}")
        level = _read_level(inner, number, minimum)
        if level is not None:
            _refuse_disorder(inner, levels, level)
            levels.append(level)
    return tuple(levels)


def _read_level(fields: Fields, number: int, minimum: Amounts) -> Level | None:
    source = fields.source
    name = _name(fields, "name", "name: reminder")
    days = _days(fields)
    channel = _name(fields, "channel", "channel: mail")
    template = _name(fields, "template", "template: reminder")
    interval = _interval(fields)
    own = fields.get("minimum")
    if own is not None:
        minimum = read_amounts(source, own, "`minimum`") or minimum
    hold = _hold(fields)
    final, formal = (_switch(fields, key) for key in ("final", "formal"))
    if name is None or days is None or channel is None or template is None:
        return None
    return Level(number, name, days, interval, channel, template, minimum, hold, final, formal)


def _name(fields: Fields, key: str, example: str) -> str | None:
    node = fields.need(key, example)
    return read_name(fields.source, node, f"`{key}`") if node else None


def _days(fields: Fields) -> int | None:
    node = fields.need("days", "days: 7")
    return read_count(fields.source, node, "`days`", low=1) if node else None


def _interval(fields: Fields) -> Span:
    node = fields.get("interval")
    span = read_span(fields.source, node, "`interval`") if node else None
    if node and span and span.days < 1:
        fields.source.report(node, "An interval of 0 would write every day.", "give 1 day or more.")
    return span or _DEFAULT_INTERVAL


def _switch(fields: Fields, key: str) -> bool:
    node = fields.get(key)
    return bool(node and read_switch(fields.source, node, f"`{key}`"))


def _hold(fields: Fields) -> int | None:
    node = fields.get("hold")
    if node is None:
        return None
    if not isinstance(node, MappingNode):
        return _plain_hold(fields.source, node)
    inner = Fields(fields.source, node, known=("min_days",), what="`hold`")
    days = inner.need("min_days", "min_days: 45")
    return read_count(fields.source, days, "`min_days`") if days else None


def _plain_hold(source: Source, node: Node) -> int | None:
    answer = SWITCH.get(str(node.value).lower()) if isinstance(node, ScalarNode) else None
    if answer is None:
        source.report(node, "`hold` is yes, no, or {min_days: 45}.", "write `hold: {min_days: 45}`.")
    return 0 if answer else None


def _refuse_disorder(fields: Fields, before: list[Level], level: Level) -> None:
    """Report a level that does not come later than the one before it, and a name used twice."""
    node = fields.get("days")
    if before and node and level.days <= before[-1].days:
        fields.source.report(
            node,
            f"Level {level.number} starts after {level.days} days, not later than level {level.number - 1}.",
            f"give more than {before[-1].days}.",
        )
    name = fields.get("name")
    if name and level.name in {earlier.name for earlier in before}:
        fields.source.report(name, f"Two levels are called `{level.name}`.", "give each a name of its own.")
