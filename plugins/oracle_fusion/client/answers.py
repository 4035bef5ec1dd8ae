"""What Fusion's REST answers: pages that agree with themselves, and children that came along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled
from duehook.core.wire import Reply

Row = dict[str, Any]
AGAIN: Final = "it is asked again by the next run; see whether a proxy stands in between."


@dataclass(frozen=True)
class Nested:
    """The rows of a child that came along, and whether some were cut off."""

    rows: list[Row]
    is_cut: bool = False


def nested(row: Row, child: str) -> Nested:
    """Return what came along of a child: a list, or (from framework 3 on) a collection that is cut like any other."""
    held, is_cut = row.get(child), False
    if isinstance(held, dict):
        is_cut = bool(held.get("hasMore"))
        held = held.get("items")
    if held is None:
        return Nested([])
    if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
        raise ConnectorGarbled(f"{child} came along as something else than rows.", fix=AGAIN)
    return Nested(held, is_cut)


def page_of(reply: Reply, name: str) -> tuple[list[Row], int]:
    """Return the rows of a page and how many there are with those that are left; they must agree with each other."""
    body = reply.json()
    items, total = told_by(body, name)
    more = bool(body.get("hasMore"))
    if total < len(items) or more != (total > len(items)):
        told = f"{name} tells of {total} rows, gave {len(items)}, and says {'more' if more else 'no more'} are left."
        raise ConnectorGarbled(told, fix=AGAIN)
    return items, total


def told_by(body: Any, name: str) -> tuple[list[Row], int]:
    """Return the rows of an answer, and how many there are in all."""
    items = body.get("items") if isinstance(body, Mapping) else None
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise ConnectorGarbled(f"{name} answered without `items`; nothing of it was kept.", fix=AGAIN)
    count, total = body.get("count", len(items)), body.get("totalResults")
    if count != len(items):
        raise ConnectorGarbled(f"{name} tells of {count} rows and gave {len(items)}.", fix=AGAIN)
    if not isinstance(total, int) or isinstance(total, bool):
        raise ConnectorGarbled(f"{name} does not say how many rows there are (totalResults).", fix=AGAIN)
    return items, total


def in_order(name: str, ids: Sequence[Any], last: str | None) -> list[str]:
    """Return the ids of a page; ConnectorGarbled where they do not stand behind the last, each behind the other."""
    before = -1 if last is None else int(last)
    for each in ids:
        if not str(each).isdigit() or int(str(each)) <= before:
            raise senseless(name, f"an id {each} behind {before}")
        before = int(str(each))
    return [str(each) for each in ids]


def senseless(name: str, what: str) -> ConnectorGarbled:
    """Say that an answer makes no sense."""
    return ConnectorGarbled(f"{name} gave {what}; nothing of it was kept.", fix=AGAIN)
