"""Check a page of rows: all at once, and row by row only when something is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from duehook.core.books.store.imports.quarantine import Parked
from duehook.core.books.store.imports.stage import Placing, columns_of, shape
from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Row
from duehook.core.records import RECORDS, Record, Stream

_LONGEST_KEY: Final = 200
_TOLD: Final = 3  # faults of one row that are told


@dataclass(frozen=True)
class Checked:
    """The records of a page that may be staged, and the rows that may not."""

    records: Sequence[Record]
    parked: Sequence[Parked]


def checked(stream: Stream, rows: Sequence[Row], bad: Sequence[BadRow], placing: Placing) -> Checked:
    """Validate a page and part its good rows from its bad ones."""
    parked = [_mapped_badly(row, placing) for row in bad]
    try:
        records: Sequence[Record] = _adapter(stream).validate_python(rows)
    except ValidationError:
        rows, records, faults = _one_by_one(stream, rows, placing)
        parked += faults
    records, faults = _without_twins(stream, rows, records, placing)
    return Checked(records, parked + faults)


def stageable(stream: Stream, records: Sequence[Record], placing: Placing) -> tuple[dict[str, Any], list[Parked]]:
    """Turn records into stage columns; park those whose text a database cannot hold."""
    try:
        return columns_of(shape(stream), records, placing), []
    except BadRecord:
        good, parked = [], []
        for record in records:
            try:
                columns_of(shape(stream), [record], placing)
                good.append(record)
            except BadRecord as error:
                payload = {name: repr(value) for name, value in record if value is not None}
                parked.append(_parked(str(error), payload, record.__dict__, placing))
        return (columns_of(shape(stream), good, placing) if good else {}), parked


@cache
def _adapter(stream: Stream) -> TypeAdapter[list[Any]]:
    row: Any = RECORDS[stream]
    return TypeAdapter(list[row])


def _one_by_one(stream: Stream, rows: Sequence[Row], placing: Placing) -> tuple[list[Row], list[Record], list[Parked]]:
    good, records, parked = [], [], []
    for row in rows:
        try:
            records.append(RECORDS[stream].model_validate(row))
            good.append(row)
        except ValidationError as error:
            parked.append(_parked(_words(error), row, row, placing))
    return good, records, parked


def _words(error: ValidationError) -> str:
    """Say what is wrong with a row, field by field."""
    faults = error.errors(include_url=False, include_context=False)
    told = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}".removeprefix(": ") for fault in faults[:_TOLD]]
    more = [f"and {len(faults) - _TOLD} more"] if len(faults) > _TOLD else []
    return "; ".join(told + more)


def _without_twins(
    stream: Stream, rows: Sequence[Row], records: Sequence[Record], placing: Placing
) -> tuple[Sequence[Record], list[Parked]]:
    """Park rows that share a key and differ; of equal ones keep one."""
    key_of = itemgetter(*shape(stream).identity)
    keys = [key_of(record.__dict__) for record in records]
    if len(set(keys)) == len(keys):
        return records, []
    places = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    good, parked = [], []
    for twins in places.values():
        if all(records[place] == records[twins[0]] for place in twins):
            good.append(records[twins[0]])
            continue
        payload = {"rows": [rows[place] for place in twins]}
        fault = _parked(f"{len(twins)} rows with one key", payload, records[twins[0]].__dict__, placing)
        parked += [fault] * len(twins)
    return good, parked


def _mapped_badly(row: BadRow, placing: Placing) -> Parked:
    return _parked(row.reason, row.payload, {"company": row.company, "key": row.key}, placing)


def _parked(reason: str, payload: Mapping[Any, Any], told: Mapping[str, Any], placing: Placing) -> Parked:
    company, key = (value if is_key(value) else None for value in (told.get("company"), told.get("key")))
    return Parked(_holdable(reason), _holdable(payload), placing.company(company), key)


def is_key(value: object) -> bool:
    """Say whether the books can hold this as a key or a company."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_KEY or "\0" in value:
        return False
    return value.isascii() or _holdable(value) == value  # plain letters need no look, and are most keys


def _holdable(value: Any) -> Any:
    """Return a value of a parked row with escapes for what no database keeps: NUL, and halves of characters."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    if isinstance(value, Mapping):
        return {_holdable(str(name)): _holdable(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_holdable(part) for part in value]
    return value if value is None or isinstance(value, (bool, int, float)) else _holdable(str(value))
