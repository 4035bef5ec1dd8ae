"""Reads a policy file into a frozen `Policy`, or tells every mistake with its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from ruamel.yaml.nodes import MappingNode, Node

from duehook.core.calendar import Span
from duehook.core.records import ItemClass

from .model import NO_AMOUNTS, AutoApprove, Policy, PreDue
from .read_level import read_levels
from .reader import Fields, Problem, Source, entries_of, one_of, text_of
from .values import SWITCH, read_amounts, read_count, read_name, read_span, read_switch

KEYS: Final = (
    "policy",
    "about",
    "per",
    "classes",
    "step",
    "grace_days",
    "due_on_closed_day",
    "netting",
    "disputed",
    "interest_on_disputed",
    "reopen_grace",
    "unblock_grace",
    "repeat_every",
    "minimum",
    "pre_due",
    "auto_approve",
    "hold_grace_days",
    "clearing_days",
    "auto_release",
    "levels",
)
_CHOICES: Final[Mapping[str, Collection[str]]] = {
    "per": ("debtor", "invoice"),
    "step": ("one", "jump"),
    "due_on_closed_day": ("as_it_is", "next_business_day"),
    "disputed": ("part", "item"),
}
_SWITCHES: Final = ("netting", "interest_on_disputed", "auto_release")
_SPANS: Final[Mapping[str, str]] = {
    "grace_days": "grace",
    "reopen_grace": "reopen_grace",
    "unblock_grace": "unblock_grace",
    "hold_grace_days": "hold_grace",
    "clearing_days": "clearing",
}


def load_policy(path: Path) -> Policy:
    """Read one policy file. Raises ConfigError that lists every mistake as file:line:col."""
    source = Source.open(path)
    policy = policy_of(source)
    if policy is None:
        raise source.refuse()
    return policy


def read_policy(text: str, path: str = "policy") -> Policy:
    """Read a policy from text, such as its canonical form; `path` names it in mistakes."""
    source = Source(text, path)
    policy = policy_of(source)
    if policy is None:
        raise source.refuse()
    return policy


def find_problems(text: str, path: str = "policy") -> list[Problem]:
    """Return the mistakes of a policy's text, none when it can be read."""
    source = Source(text, path)
    policy_of(source)
    return source.problems


def policy_of(source: Source) -> Policy | None:
    """Read a source into a policy; None when it has mistakes, which the source then holds."""
    if source.root is None:
        return None
    fields = Fields(source, source.root, known=KEYS, what="A policy")
    values: dict[str, Any] = {**_choices(fields), **_switches(fields), **_spans(fields)}
    values["name"] = _name(fields)
    values["about"] = _about(fields)
    values["minimum"] = _minimum(fields)
    values["levels"] = read_levels(fields, values["minimum"] or NO_AMOUNTS)
    values["classes"] = _classes(fields)
    values["repeat_every"] = _repeat(fields)
    values["pre_due"] = _pre_due(fields)
    values["auto_approve"] = _auto_approve(fields, len(values["levels"]))
    if source.problems:
        return None
    policy = Policy(**{key: value for key, value in values.items() if value is not None})
    _refuse_unattended(fields, policy)
    return None if source.problems else policy


def _choices(fields: Fields) -> dict[str, Any]:
    return {
        key: one_of(fields.source, node, {choice: choice for choice in choices}, f"`{key}`")
        for key, choices in _CHOICES.items()
        if (node := fields.get(key))
    }


def _switches(fields: Fields) -> dict[str, Any]:
    return {key: read_switch(fields.source, node, f"`{key}`") for key in _SWITCHES if (node := fields.get(key))}


def _spans(fields: Fields) -> dict[str, Any]:
    return {
        attribute: read_span(fields.source, node, f"`{key}`")
        for key, attribute in _SPANS.items()
        if (node := fields.get(key))
    }


def _name(fields: Fields) -> str | None:
    node = fields.need("policy", "policy: default")
    return read_name(fields.source, node, "`policy`") if node else None


def _about(fields: Fields) -> str | None:
    node = fields.need("about", "about: Reminder, demand, final demand")
    return text_of(fields.source, node, "`about`") if node else None


def _minimum(fields: Fields) -> dict[str, int] | None:
    node = fields.need("minimum", "minimum: {EUR: 10, USD: 10}")
    return read_amounts(fields.source, node, "`minimum`") if node else None


def _classes(fields: Fields) -> tuple[str, ...] | None:
    node = fields.get("classes")
    if node is None:
        return None
    choices = {name: name for name in get_args(ItemClass)}
    nodes = entries_of(fields.source, node, "`classes`")
    classes = tuple(one_of(fields.source, entry, choices, "An item class") for entry in nodes)
    if not classes:
        fields.source.report(node, "`classes` names no class.", "write `classes: [normal]`.")
    return tuple(sorted({name for name in classes if name}))


def _repeat(fields: Fields) -> Span | None:
    node = fields.get("repeat_every")
    if node is None or node.value in ("never", "no"):
        return None
    span = read_span(fields.source, node, "`repeat_every`")
    if span and span.days < 1:
        fields.source.report(node, "The last level cannot repeat every day.", "give `never`, or 1 day or more.")
    return span


def _pre_due(fields: Fields) -> PreDue | None:
    node = fields.get("pre_due")
    if node is None or _is_no(node):
        return None
    inner = Fields(fields.source, node, known=("days", "channel", "template"), what="`pre_due`")
    days, channel, template = (
        inner.need("days", "days: 5"),
        inner.need("channel", "channel: mail"),
        inner.need("template", "template: pre_due"),
    )
    if not (days and channel and template):
        return None
    count = read_count(fields.source, days, "`days`", low=1, high=60)
    way = read_name(fields.source, channel, "`channel`")
    wording = read_name(fields.source, template, "`template`")
    return PreDue(count, way, wording) if count and way and wording else None


def _auto_approve(fields: Fields, levels: int) -> AutoApprove | None:
    node = fields.get("auto_approve")
    if node is None or _is_no(node):
        return None
    inner = Fields(fields.source, node, known=("up_to_level", "up_to"), what="`auto_approve`")
    level, amounts = inner.need("up_to_level", "up_to_level: 1"), inner.need("up_to", "up_to: {EUR: 500}")
    if not (level and amounts):
        return None
    number = read_count(fields.source, level, "`up_to_level`", low=1, high=max(levels, 1))
    up_to = read_amounts(fields.source, amounts, "`up_to`")
    return AutoApprove(number, up_to) if number and up_to else None


def _refuse_unattended(fields: Fields, policy: Policy) -> None:
    """Report levels that a person must approve and that `auto_approve` would let pass (rule 21)."""
    node = fields.get("auto_approve")
    if policy.auto_approve is None or node is None:
        return
    for level in policy.levels[: policy.auto_approve.up_to_level]:
        if level.needs_person:
            why = "is a final demand" if level.final else "sets a credit hold"
            fields.source.report(
                node,
                f"`auto_approve` reaches level {level.number} ({level.name}), which {why}; a person approves those.",
                f"set `up_to_level` below {level.number}, or `auto_approve: no`.",
            )


def _is_no(node: Node) -> bool:
    return not isinstance(node, MappingNode) and SWITCH.get(str(node.value).lower()) is False
