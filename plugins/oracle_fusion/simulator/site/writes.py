"""What is written into the pod over REST: promises to pay, and disputes that somebody has to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from duehook.plugins.oracle_fusion.simulator.problem import Refused

from .codes import REASONS, SECTIONS, amount, units
from .documents import INSTALLMENTS
from .ledger import Ledger
from .table import Row, Table
from .values import stamp

_LENGTHS: Final = {"BillToCustomerAccount": 30, "CustomerComments": 1760, "InternalComments": 1000, "BusinessUnit": 240}
_FIRST_PROMISE: Final = 300000987654321
_DECISIONS: Final = ("Approved", "Rejected")


class Promises:
    """The promises to pay: each POST makes one, the same one too; `kept` are their rows, over a restart."""

    def __init__(self, ledger: Ledger, kept: list[Row], now: Callable[[], datetime], keep: Callable[[], None]) -> None:
        """Take what was kept; `attribute` is the site's own of the flexfield, where it has one."""
        self._ledger, self._kept, self._now, self._keep = ledger, kept, now, keep
        self.table = Table("PromiseDetailId", ("TransactionNumber", "BillToCustomerAccount"))
        for row in kept:
            self.table.put(row)

    def create(self, body: Mapping[str, Any], known: Sequence[str], own: Sequence[str]) -> Row:
        """Make a promise of a payload; raises Refused."""
        _check(body, [*known, "collectionPromiseDFF"])
        part, row = self._promised(body)
        whole = _number(body.get("PromiseAmount", body.get("PromiseBalanceAmount")))
        if not 0 < whole <= part["InstallmentBalanceDue"]:
            raise Refused(400, f"The promise amount {whole} is not within the balance of the installment.",
                          "PromiseAmount")  # fmt: skip
        _day(body, "PromiseDate", self._now().date())
        made: Row = dict.fromkeys(known) | {name: body[name] for name in known if name in body} | {
            "PromiseDetailId": _FIRST_PROMISE + len(self._kept), "PromiseStatus": "OPEN", "PromiseAmount": whole,
            "PromiseBalanceAmount": whole, "InstallmentNumber": part["InstallmentSequenceNumber"],
            "Currency": row["InvoiceCurrencyCode"], "CreationDate": stamp(self._now()),
            "LastUpdateDate": stamp(self._now()), "InstallmentId": part["InstallmentId"], "collectionPromiseDFF": [],
        }  # fmt: skip
        for cells in body.get("collectionPromiseDFF") or ():
            self.flex(made, cells, own)
        self._kept.append(made)
        return self._put(made)

    def flex(self, row: Row, cells: Mapping[str, Any], own: Sequence[str]) -> Row:
        """Write the descriptive flexfield of a promise; raises Refused for an attribute that the site has not."""
        for name in cells:
            if name not in own:
                raise Refused(400, f"The attribute {name} is not known in collectionPromiseDFF.", name)
        row["collectionPromiseDFF"] = [{**dict.fromkeys(own), **cells, "PromiseDetailId": row["PromiseDetailId"]}]
        if row["PromiseDetailId"] in self.table.rows:
            self._put(row)
        return row["collectionPromiseDFF"][0]  # type: ignore[no-any-return]

    def of(self, installment: int) -> list[Row]:
        """Return the promises for an instalment, oldest first."""
        return [row for row in self._kept if row["InstallmentId"] == installment]

    def _promised(self, body: Mapping[str, Any]) -> tuple[Row, Row]:
        """Return the instalment that is promised, with its transaction."""
        table, number = self._ledger.invoices, body.get("TransactionNumber")
        fitting = [
            (part, row) for row in map(table.rows.__getitem__, table.having("TransactionNumber", [number]))
            if row["BillToCustomerNumber"] == body.get("BillToCustomerAccount")
            and row["BusinessUnit"] == body.get("BusinessUnit")
            and body.get("Currency", row["InvoiceCurrencyCode"]) == row["InvoiceCurrencyCode"]
            for part in row[INSTALLMENTS]
            if part["InstallmentSequenceNumber"] == _number(body.get("InstallmentNumber", 1))
            and part["InstallmentBalanceDue"]
        ]  # fmt: skip
        if len(fitting) != 1:
            raise Refused(400, f"There is not one open installment of the transaction {number} of this customer.",
                          "TransactionNumber")  # fmt: skip
        return fitting[0]

    def _put(self, row: Row) -> Row:
        self.table.put(row)
        self._keep()
        return row


class Disputes:
    """The dispute requests: an amount is in dispute until its request is decided. `kept` survives a restart."""

    def __init__(self, ledger: Ledger, kept: list[Row], now: Callable[[], datetime], keep: Callable[[], None]) -> None:
        """Take what was kept, which the ledger reads too."""
        self._ledger, self._kept, self._now, self._keep = ledger, kept, now, keep

    def create(self, body: Mapping[str, Any], known: Sequence[str]) -> Row:
        """Make a request of a payload; raises Refused."""
        _check(body, known)
        key = body.get("CustomerTransactionId")
        row = self._ledger.invoices.rows.get(int(str(key)) if str(key).isdecimal() else -1)
        if row is None:
            raise Refused(400, f"The transaction {key} does not exist.", "CustomerTransactionId")
        self._look(body, row)
        minor = self._amount(body, row)
        made = {
            "RequestNumber": f"{70001 + len(self._kept)}", "CustomerTransactionId": row["CustomerTransactionId"],
            "status": "Pending", "made_on": self._now().date().isoformat(), "changed_at": stamp(self._now()),
            "parts": self._parts(row, minor), "body": dict(body),
        }  # fmt: skip
        self._kept.append(made)
        self._refresh(made)
        return {**dict.fromkeys(known), **body, "RequestNumber": made["RequestNumber"],
                "DisputeAmount": amount(minor, row["InvoiceCurrencyCode"])}  # fmt: skip

    def decide(self, number: str, decision: str) -> Row:
        """Let somebody approve or reject a request: either way the amount is in dispute no more."""
        made = next((each for each in self._kept if each["RequestNumber"] == number), None)
        if made is None or decision not in _DECISIONS:
            raise ValueError(f"there is no request {number} to be {decision}: it is one of {', '.join(_DECISIONS)}")
        made["status"], made["changed_at"] = decision, stamp(self._now())
        self._refresh(made)
        return made

    def of(self, transaction: int) -> list[Row]:
        """Return the requests over a transaction, oldest first."""
        return [each for each in self._kept if each["CustomerTransactionId"] == transaction]

    def _look(self, body: Mapping[str, Any], row: Row) -> None:
        """Refuse what contradicts the transaction, or is not one of the site's words."""
        for name, allowed in (("DisputeReason", REASONS), ("DisputeSection", SECTIONS)):
            if body.get(name) not in allowed:
                raise Refused(400, f"{name} is one of {', '.join(allowed)}, not {body.get(name)}.", name)
        if body.get("BillToCustomerNumber", row["BillToCustomerNumber"]) != row["BillToCustomerNumber"]:
            raise Refused(400, "The customer is not that of the transaction.", "BillToCustomerNumber")
        if any(each["status"] == "Pending" for each in self.of(row["CustomerTransactionId"])):
            raise Refused(400, "A dispute request of the transaction is pending approval.", "CustomerTransactionId")

    def _amount(self, body: Mapping[str, Any], row: Row) -> int:
        left = row["InvoiceBalanceAmount"] or 0
        asked = _number(body.get("DisputeAmount"))
        if body.get("DisputeAmount") is None:
            asked = left * _number(body.get("DisputePercentage")) / 100
        if not 0 < asked <= left:
            raise Refused(400, f"The dispute amount {asked} is not within the balance {left}.", "DisputeAmount")
        return round(asked * units(row["InvoiceCurrencyCode"]))

    @staticmethod
    def _parts(row: Row, minor: int) -> dict[str, int]:
        """Return how much of each instalment is in dispute: of the first as much as is open, then of the next."""
        found: dict[str, int] = {}
        for part in row[INSTALLMENTS]:
            taken = min(minor, max(round(part["InstallmentBalanceDue"] * units(row["InvoiceCurrencyCode"])), 0))
            if taken:
                found[str(part["InstallmentId"])] = taken
            minor -= taken
        return found

    def _refresh(self, made: Row) -> None:
        self._ledger.refresh(made["CustomerTransactionId"])
        self._keep()


def _check(body: Mapping[str, Any], known: Sequence[str]) -> None:
    for name, held in body.items():
        if name not in known:
            raise Refused(400, f"The attribute {name} is not known.", name)
        if isinstance(held, str) and len(held) > _LENGTHS.get(name, 4000):
            raise Refused(400, f"The value of {name} is longer than {_LENGTHS[name]}.", name)


def _number(said: Any) -> float:
    """Return a number, which may be written as a text; 0 for what is none."""
    try:
        found = float(str(said))
    except ValueError:
        return 0
    return int(found) if found.is_integer() else found


def _day(body: Mapping[str, Any], name: str, today: date) -> None:
    try:
        on = date.fromisoformat(str(body.get(name)))
    except ValueError:
        raise Refused(400, f"The value {body.get(name)} of {name} is not a date.", name) from None
    if on < today:
        raise Refused(400, f"The date {on} of the promise has passed.", name)
