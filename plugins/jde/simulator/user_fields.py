"""The columns of F03B11 in which the simulated site keeps promises and disputes, and what it takes into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from duehook.core.money import exponent

from .codes import CODES
from .encoding import julian, stamp
from .store import Store

DISPUTE_CODES: Final = frozenset(code for system, kind, code, _ in CODES if (system, kind) == ("03B", "CR"))
Item = tuple[str, str, int, str, int]  # KCO, DCT, DOC, SFX and the customer's address number
SETTINGS: Final[Mapping[str, str]] = {
    "promise.on": "RPURDT", "promise.amount": "RPURAT", "promise.mark": "RPURRF",
    "dispute.code": "RPURC1", "dispute.codes": "price=PR, quality=QL, damaged goods=DM",
}  # fmt: skip


class NotTaken(Exception):
    """The site does not take what it was given."""


class UserFields:
    """Sets the columns of a pay item; NotTaken where the item, a value or what is expected there is wrong."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        """Take the store, and the book's present instant for stamps."""
        self._store, self._clock = store, clock

    def promise(self, item: Item, on: date, amount: str, *, mark: str, user: str, expected: Any = None) -> None:
        """Set the promised day, the amount in the item's currency, and the mark."""
        with self._store.writing():
            row = self._row(item)
            there = _iso(int(row["RPURDT"]))
            if expected is not None and expected != there:
                raise NotTaken(f"The promised day is {there!r}, not {expected!r}")
            cells = {"URDT": julian(on), "URAT": _minor(amount, row["currency"]), "URRF": mark}
            self._set(item, cells, user)

    def dispute(self, item: Item, code: str, *, user: str, expected: Any = None) -> None:
        """Set the reason of a dispute."""
        with self._store.writing():
            there = self._row(item)["RPURC1"]
            if expected is not None and expected != there:
                raise NotTaken(f"The dispute code is {there!r}, not {expected!r}")
            if code not in DISPUTE_CODES:
                raise NotTaken(f"{code!r} is not in UDC 03B/CR")
            self._set(item, {"URC1": code}, user)

    def seen(self, key: tuple[str, str, int, str]) -> dict[str, Any]:
        """Return what stands in the columns of an item."""
        ((day, amount, mark, code),) = self._store.query(
            "SELECT RPURDT, RPURAT, RPURRF, RPURC1 FROM F03B11 "
            "WHERE RPKCO = ? AND RPDCT = ? AND RPDOC = ? AND RPSFX = ?", *_padded(key),
        )  # fmt: skip
        return {"on": int(day), "amount": int(amount), "mark": mark.strip(), "code": code.strip()}

    def _row(self, item: Item) -> dict[str, Any]:
        *key, customer = item
        found = self._store.query(
            "SELECT RPURDT, RPURC1, RPCRRM, RPCRCD, RPBCRC FROM F03B11 "
            "WHERE RPKCO = ? AND RPDCT = ? AND RPDOC = ? AND RPSFX = ? AND RPAN8 = ?", *_padded(tuple(key)), customer,
        )  # fmt: skip
        if not found:
            raise NotTaken(f"There is no pay item {'-'.join(map(str, key))} of customer {customer}")
        day, code, mode, foreign, own = found[0]
        currency = (foreign if mode == "F" else own).strip()
        return {"RPURDT": day, "RPURC1": code.strip(), "currency": currency}

    def _set(self, item: Item, cells: Mapping[str, Any], user: str) -> None:
        kco, dct, doc, sfx, _ = item
        changed = {**cells, **audit(self._clock(), user)}
        self._store.change("F03B11", changed, KCO=kco, DCT=dct, DOC=doc, SFX=sfx)


def audit(now: datetime, user: str) -> dict[str, Any]:
    """Return who changed a row through AIS, and when, in the zone of the clock."""
    day, time = stamp(now, now.tzinfo) if now.tzinfo else (0, 0)
    return {"USER": user, "PID": "ORCH", "UPMJ": day, "UPMT": time}


def _padded(key: tuple[Any, ...]) -> tuple[Any, ...]:
    kco, dct, doc, sfx = key
    return kco.ljust(5), dct.ljust(2), doc, sfx.ljust(3)


def _iso(day: int) -> str:
    """Return CYYDDD as ISO text, 0 as nothing."""
    return datetime.strptime(str(day + 1_900_000), "%Y%j").replace(tzinfo=UTC).date().isoformat() if day else ""


def _minor(amount: str, currency: str) -> int:
    try:
        found = Decimal(amount).scaleb(exponent(currency))
    except InvalidOperation:
        raise NotTaken(f"{amount!r} is no amount") from None
    if found != int(found):
        raise NotTaken(f"{amount} is finer than {currency}")
    return int(found)
