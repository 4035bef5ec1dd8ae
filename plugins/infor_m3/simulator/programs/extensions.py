"""CUSEXTMI: the site's own fields beside records of M3, under the key of the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.refusal import EXISTS, INVALID, UNKNOWN, nok

KEYS: Final = ("FILE", *(f"PK{number:02d}" for number in range(1, 9)))
_NUMBERS: Final = tuple(f"N{number}96" for number in range(10))


def _add(asked: Asked) -> Iterator[Record]:
    if _key(asked) in asked.site.extensions:
        raise nok("PK01", EXISTS, "Record")
    _look_at_record(asked)
    asked.site.extensions[_key(asked)] = {}
    yield from _write(asked)


def _change(asked: Asked) -> Iterator[Record]:
    _held(asked)
    _look_at_record(asked)
    yield from _write(asked)


def _get(asked: Asked) -> Iterator[Record]:
    yield _told(_key(asked), _held(asked))


def _delete(asked: Asked) -> Iterator[Record]:
    _held(asked)
    del asked.site.extensions[_key(asked)]
    asked.site.keep()
    yield from ()


def _list(asked: Asked) -> Iterator[Record]:
    wanted = [asked.get(name) for name in KEYS]
    for key, held in asked.site.extensions.items():
        if all(part in ("", own) for part, own in zip(wanted, key.split("|"), strict=True)):
            yield _told(key, held)


def _write(asked: Asked) -> Iterator[Record]:
    held = asked.site.extensions[_key(asked)]
    held.update({name: value for name, value in asked.values.items() if name not in (*KEYS, "VEXI") and value})
    held["LMTS"] = str(asked.site.now)
    held["CHNO"] = str(int(held.get("CHNO", "0")) + 1)
    asked.site.keep()
    yield from ()


def _key(asked: Asked) -> str:
    return "|".join(asked.get(name) for name in KEYS)


def _held(asked: Asked) -> dict[str, str]:
    found = asked.site.extensions.get(_key(asked))
    if found is None:
        raise nok("PK01", UNKNOWN, "Record")
    return found


def _look_at_record(asked: Asked) -> None:
    """Refuse fields beside a record that there is not, where that is to be looked at."""
    if asked.get("VEXI") == "1" or asked.get("FILE") != "FSLEDG":
        return
    try:
        key = (asked.get("PK01"), int(asked.get("PK02")), int(asked.get("PK03")), int(asked.get("PK04")))
    except ValueError:
        raise nok("PK02", INVALID, "Primary key") from None
    if key not in asked.site.ledger.records:
        raise nok("PK01", UNKNOWN, "Record in FSLEDG")


def _told(key: str, held: Mapping[str, str]) -> Record:
    numbers = {name: f"{Decimal(held.get(name, 0)):.6f}" for name in _NUMBERS}
    return {**dict(zip(KEYS, key.split("|"), strict=True)), **held, **numbers}


CUSEXTMI: Final[Mapping[str, Handler]] = {
    "AddFieldValue": _add,
    "ChgFieldValue": _change,
    "ChgFieldValueEx": _change,
    "GetFieldValue": _get,
    "GetFieldValueEx": _get,
    "DelFieldValue": _delete,
    "LstFieldValue": _list,
}
