"""Turn what a file says of a stream into one function that corrects each row the connector has mapped.

Everything is looked up once; a row costs a call or two a field that the file takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.records import Stream

from .canonical import OPEN, Kind, can_be_none
from .codes import Codes
from .schema import SourceKind

Row = dict[str, Any]
Value = Callable[[Any, Row], Any]
# (entity, field, kind) → a function of (raw row, mapped row) that gives the field's value of this kind, None for
# empty; BadRecord when it is not of it. The mapped row says what an amount must know, such as its currency.
Read = Callable[[str, str, SourceKind], Value]
Patch = Callable[[Any, Row], None]
_FLAGS: Final = {True: "true", False: "false"}


@dataclass(frozen=True)
class Taken:
    """One source field that the file names: where it is in the ERP, how it is read, and where in the file."""

    entity: str
    field: str
    kind: SourceKind
    where: str


@dataclass(frozen=True)
class Filled:
    """One canonical field (`due_on`, `address.city`, `extra.salesman`) and what fills it; nothing empties it."""

    target: str
    kind: Kind
    taken: tuple[Taken, ...] = ()
    constant: Any = None
    codes: Codes | None = None


def compiled(stream: Stream, filled: Sequence[Filled], read: Read) -> list[tuple[str, Patch]]:
    """Return the steps of a patch, each with the name of what it fills; open fields are filled in one step each."""
    steps, opened = [], dict[str, list[tuple[str, Value]]]()
    for each in filled:
        outer, dot, inner = each.target.partition(".")
        if dot and outer in OPEN:
            opened.setdefault(outer, []).append((inner, _value(each, read)))
        else:
            steps.append((each.target, _step(stream, each, _value(each, read))))
    return steps + [("", _opened(outer, parts)) for outer, parts in opened.items()]


def together(steps: Sequence[tuple[str, Patch]]) -> Patch | None:
    """Return all steps as one function; None for none. A BadRecord says which field it is about."""
    if not steps:
        return None
    names, acts = zip(*steps, strict=True)

    def patch(raw: Any, row: Row) -> None:
        at = 0
        try:
            for act in acts:
                act(raw, row)
                at += 1
        except BadRecord as error:
            if not names[at]:
                raise  # the step has named it
            raise BadRecord(f"{names[at]}: {error.message}", fix=error.fix) from error

    return patch


def _step(stream: Stream, filled: Filled, value: Value) -> Patch:
    outer, dot, inner = filled.target.partition(".")
    if dot:
        return _inside(outer, inner, value)
    if not can_be_none(stream, outer):
        return _unless_empty(outer, value)

    def step(raw: Any, row: Row) -> None:
        row[outer] = value(raw, row)

    return step


def _unless_empty(name: str, value: Value) -> Patch:
    """Fill a field that is never None: empty leaves what the connector gave."""

    def step(raw: Any, row: Row) -> None:
        found = value(raw, row)
        if found is not None:
            row[name] = found

    return step


def _inside(outer: str, inner: str, value: Value) -> Patch:
    """Fill a field of a field; the mapping that holds it may be shared by rows, so it is made anew."""

    def step(raw: Any, row: Row) -> None:
        found, held = value(raw, row), row.get(outer)
        if held or found is not None:
            row[outer] = {**(held or {}), inner: found}

    return step


def _opened(outer: str, parts: Sequence[tuple[str, Value]]) -> Patch:
    """Fill names of a field that takes any, such as `extra`; it may be shared by rows, so it is made anew."""

    def step(raw: Any, row: Row) -> None:
        held = row.get(outer)
        found = dict(held) if held else {}
        for name, value in parts:
            try:
                given = value(raw, row)
            except BadRecord as error:
                raise BadRecord(f"{outer}.{name}: {error.message}", fix=error.fix) from error
            if given is not None:
                found[name] = given
            elif name in found:
                del found[name]
        if found or held:
            row[outer] = found

    return step


def _value(filled: Filled, read: Read) -> Value:
    if not filled.taken:
        constant = filled.constant
        return lambda raw, row: constant
    readers = [read(each.entity, each.field, each.kind) for each in filled.taken]
    found = readers[0] if len(readers) == 1 else _first(readers)
    if filled.codes is not None:
        found = _coded(found, filled.codes)
    if filled.kind == "list":
        return _listed(found)
    is_open = filled.target.partition(".")[0] in OPEN
    return _plain(found) if is_open and filled.taken[0].kind not in {"text", "whole", "flag"} else found


def _first(readers: Sequence[Value]) -> Value:
    def first(raw: Any, row: Row) -> Any:
        for reader in readers:
            found = reader(raw, row)
            if found is not None:
                return found
        return None

    return first


def _coded(read: Value, codes: Codes) -> Value:
    def coded(raw: Any, row: Row) -> Any:
        found = read(raw, row)
        if found is None or found == "":
            return None
        return codes.get(_FLAGS[found] if isinstance(found, bool) else str(found))

    return coded


def _listed(read: Value) -> Value:
    def listed(raw: Any, row: Row) -> tuple[Any, ...]:
        found = read(raw, row)
        return () if found is None else (found,)

    return listed


def _plain(read: Value) -> Value:
    """Give days and amounts as text: `extra` and `categories` are kept as JSON."""

    def plain(raw: Any, row: Row) -> Any:
        found = read(raw, row)
        if isinstance(found, date):
            return found.isoformat()
        return str(found) if isinstance(found, Decimal) else found

    return plain


def hold_text(codes: Codes) -> Patch:
    """Return the step that says in words what a customer's hold code means: `extra.hold_text`."""

    def step(raw: Any, row: Row) -> None:
        _add(row, {"hold_text": codes.get(row.get("hold") or "")})

    return step


def collector_names(codes: Codes) -> Patch:
    """Return the step that says who a customer's collector is: `extra.collector_name`, `extra.collector_email`."""

    def step(raw: Any, row: Row) -> None:
        found = codes.get(row.get("collector") or "")
        if found is not None:
            named = isinstance(found, Mapping)
            _add(row, {f"collector_{part}": found.get(part) for part in ("name", "email")} if named else
                 {"collector_name": found})  # fmt: skip

    return step


def net_days(codes: Codes) -> Patch:
    """Return the step that gives a payment term the days, the discount and the text that the file says."""

    def step(raw: Any, row: Row) -> None:
        found = codes.get(row.get("key") or "")
        if isinstance(found, Mapping):
            row.update(found)

    return step


def _add(row: Row, told: Mapping[str, Any]) -> None:
    known = {name: value for name, value in told.items() if value is not None}
    if known:
        row["extra"] = {**(row.get("extra") or {}), **known}
