"""Disputes and promises (CustDisputes): at most one a transaction, made by the book's people and by who writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.odata import ODataError, Table, Written

from .codes import DISPUTE_STATUS
from .ledger import Ledger
from .ledger_rows import Row
from .values import NONE_AT, NOTHING, day_of, midday, record_id

REASONS: Final = ("", "PR", "QL", "DM")  # the reason codes of the site
WRITABLE: Final = ("Status", "FollowUpDate", "ReasonCode", "ReasonComment", "Note", "AmountCur")


class Disputes:
    """The disputes of a ledger.

    `kept` holds those that others than the book wrote, as JSON, by SysRecId of the transaction.
    """

    def __init__(self, ledger: Ledger, kept: dict[str, Any]) -> None:
        """Take the disputes of the book, and over them what was kept."""
        self.table = Table(self._with_balance)
        self._ledger = ledger
        self._kept = kept
        self._of_book: dict[int, tuple[int, str]] = {}
        self._rows: dict[int, Row] = {}
        for name in dict.fromkeys(ledger.names_of(ledger.book.items)):
            self._take(name, None)
        for number, cells in kept.items():
            self._put(int(number), _read(cells))

    def carry(self, names: Iterable[str], day: date) -> None:
        """Learn what the book's people said of these transactions, on that day."""
        for name in names:
            self._take(name, day)
        self.table.touch()

    def of(self, number: int) -> Row | None:
        """Return the dispute of a transaction."""
        row = self._rows.get(number)
        return self._with_balance(row) if row else None

    def write(self, written: Written, day: date, company: str) -> Row:
        """Carry out a PATCH, or a POST into `company` where none is named; raises ODataError as F&O words it."""
        values = dict(written.values)
        number = values.get("CustTrans") if written.row is None else written.row.get("CustTrans")
        if written.row is None:
            found = self._ledger.transaction(number or 0)
            if found is None or found["dataAreaId"] != (values.get("dataAreaId") or company):
                raise refused(
                    f"The value '{number}' in field 'CustTrans' is not found in the related table 'CustTrans'."
                )
            if number in self._rows:
                raise refused("Cannot create a record in Dispute status (CustDispute). The record already exists.")
        self._check(values, made=written.row is None)
        return self.say(number or 0, values, day)

    def say(self, number: int, values: Mapping[str, Any], day: date) -> Row:
        """Let a user of F&O, or a client, say something of a transaction's dispute; it is kept over a restart."""
        before = self._rows.get(number, {})
        cells = {name: values[name] for name in WRITABLE if name in values}
        if "FollowUpDate" in cells:
            cells["FollowUpDate"] = midday(day_of(cells["FollowUpDate"]))
        if cells.get("Status", before.get("Status")) != before.get("Status"):
            cells["StatusChangedDate"] = midday(day)
        self._put(number, cells)
        held = self._rows[number]
        self._kept[str(number)] = {name: _written(held[name]) for name in (*WRITABLE, "StatusChangedDate")}
        self.table.touch()
        return self._with_balance(held)

    def _check(self, values: Mapping[str, Any], *, made: bool) -> None:
        status, reason = values.get("Status", "None"), values.get("ReasonCode") or ""
        if status not in DISPUTE_STATUS:
            raise ODataError(400, f"Requested value '{status}' was not found in CustVendDisputeStatus.")
        if reason not in REASONS:
            raise refused(f"The value '{reason}' in field 'Reason code' is not found in the related table 'Reasons'.")
        known = {*WRITABLE, *(("CustTrans", "dataAreaId") if made else ())}
        fixed = [name for name in values if name not in known]
        if fixed:
            raise refused(f"Field '{fixed[0]}' is read only.")

    def _take(self, name: str, day: date | None) -> None:
        """Let a dispute of the book open or end; what others wrote meanwhile gives way."""
        items = self._ledger.items_of(name)
        disputed = [item for item in items if item.disputed_minor]
        now = (sum(item.disputed_minor or 0 for item in disputed), disputed[0].dispute_reason or "" if disputed else "")
        if not items or now == self._of_book.get(number := self._ledger.number_of(items[0].key), (0, "")):
            return
        if self._ledger.transaction(number) is None:
            return
        self._of_book[number] = now
        self._kept.pop(str(number), None)
        changed = {"StatusChangedDate": midday(day or items[0].changed_at.date())}
        if disputed:
            amount = to_amount(now[0], items[0].currency)
            self._put(number, changed | {"Status": "Disputed", "AmountCur": amount, "ReasonCode": now[1]})
        else:
            self._put(number, changed | {"Status": "Resolved"})

    def _put(self, number: int, cells: Mapping[str, Any]) -> None:
        transaction = self._ledger.transaction(number)
        if transaction is None:
            return
        row = self._rows.setdefault(number, _empty(number, transaction))
        row.update(cells)
        self.table.put((row["dataAreaId"], row["SysRecId"]), row)

    def _with_balance(self, row: Row) -> Row:
        opened: Sequence[Row] = self._ledger.open_of(row["CustTrans"])
        return row | {"TransactionBalance": sum((each["AmountCur"] for each in opened), NOTHING)}


def refused(message: str) -> ODataError:
    """Return what F&O answers when its own rules refuse a write."""
    return ODataError(400, message)


def _empty(number: int, transaction: Row) -> Row:
    return {
        "dataAreaId": transaction["dataAreaId"], "SysDataAreaId": transaction["dataAreaId"],
        "SysRecId": record_id("CustDispute", str(number)), "CustTrans": number, "Status": "None",
        "StatusChangedDate": NONE_AT, "FollowUpDate": NONE_AT, "ReasonTableRef": 0, "ReasonCode": "",
        "ReasonComment": "", "Note": "", "AmountCur": NOTHING, "TransactionCurrency": transaction["CurrencyCode"],
        "TransactionBalance": NOTHING, "IsAutomaticUpdate": "No", "LastPayment": NOTHING,
    }  # fmt: skip


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(cells: Mapping[str, str]) -> Row:
    held: Row = dict(cells)
    for name in ("FollowUpDate", "StatusChangedDate"):
        held[name] = datetime.fromisoformat(cells[name])
    return held | {"AmountCur": Decimal(cells["AmountCur"])}
