"""Searches as they are asked: criteria that hold all together, and columns under the names that SuiteTalk gives them.

A search knows no OR and no order. What must be either of two is two searches, and whoever reads looks at the ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

NUMBER: Final = "internalIdNumber"
MAIN: Final = "basic"
Asked = Mapping[str, Any]


@dataclass(frozen=True)
class Search:
    """What is looked for, by the name of the search without `Search`.

    A column of a join is `customerJoin.email`, and so is a criterion; `custom` are the account's own fields, by their
    script ids, with what type of column each is. `several` says that one record has several rows.
    """

    name: str
    columns: tuple[str, ...]
    where: Asked = field(default_factory=dict)
    custom: Mapping[str, str] = field(default_factory=dict)
    several: bool = False

    def under(self, **where: Asked | None) -> Search:
        """Return it under these criteria too; a double underscore stands for the dot of a join."""
        more = {name.replace("__", "."): asked for name, asked in where.items() if asked is not None}
        return replace(self, where={**self.where, **more})

    def with_columns(self, *columns: str) -> Search:
        """Return it with these columns too."""
        return replace(self, columns=tuple(dict.fromkeys((*self.columns, *columns))))

    def only(self, *columns: str) -> Search:
        """Return it with its id and these columns alone."""
        return replace(self, columns=tuple(dict.fromkeys(("internalId", *columns))), custom={})

    def behind(self, last: int | None) -> Search:
        """Return it for what stands behind an id."""
        if last is None:
            return self
        return self.under(**{NUMBER: {"searchValue": last, "operator": "greaterThan"}})

    def parts(self) -> tuple[dict[str, dict[str, Asked]], dict[str, list[str]]]:
        """Return the criteria and the columns by the part of the search that they stand in."""
        criteria: dict[str, dict[str, Asked]] = {}
        for name, asked in self.where.items():
            part, _, last = name.rpartition(".")
            criteria.setdefault(part or MAIN, {})[last] = asked
        columns: dict[str, list[str]] = {}
        for name in self.columns:
            part, _, last = name.rpartition(".")
            columns.setdefault(part or MAIN, []).append(last)
        return criteria, columns


def any_of(*words: str) -> Asked:
    """Return the criterion that a field holds one of these words."""
    return {"searchValue": list(words), "operator": "anyOf"}


def ids(keys: Iterable[int | str]) -> Asked:
    """Return the criterion that a field refers to one of these."""
    return {"searchValue": [{"internalId": str(int(key))} for key in keys], "operator": "anyOf"}


def flag(*, held: bool) -> Asked:
    """Return the criterion that a box is ticked, or not."""
    return {"searchValue": held}


def number(operator: str, value: int) -> Asked:
    """Return the criterion that a number is so."""
    return {"searchValue": value, "operator": operator}


def since(at: datetime) -> Asked:
    """Return the criterion that a stamp is this moment or later, which bears its offset."""
    return {"searchValue": at.replace(microsecond=0).isoformat(), "operator": "onOrAfter"}


def on_or_after(day: date, zone: tzinfo) -> Asked:
    """Return the criterion that a day is this one or later."""
    return {"searchValue": midnight(day, zone), "operator": "onOrAfter"}


def before(day: date, zone: tzinfo) -> Asked:
    """Return the criterion that a day is an earlier one."""
    return {"searchValue": midnight(day, zone), "operator": "before"}


def midnight(day: date, zone: tzinfo) -> str:
    """Return a day as SuiteTalk writes it: its midnight in the account's zone, with an offset of whole minutes."""
    at = datetime(day.year, day.month, day.day, tzinfo=zone)
    minutes = int((at.utcoffset() or timedelta()).total_seconds() // 60)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{day.isoformat()}T00:00:00{sign}{minutes // 60:02}:{minutes % 60:02}"


FILLED: Final[Asked] = {"operator": "notEmpty"}
OPEN: Final = number("notEqualTo", 0)
SETTLED: Final = number("equalTo", 0)
