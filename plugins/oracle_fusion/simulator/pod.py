"""The pod, all together: its accounts, its ledger, what was written into it, and the resources that show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from duehook.core.testing.book import Book, Change

from .options import ATTRIBUTE
from .rest import resource
from .rest.resource import PROMISE, Child, Resource
from .site.accounts import Accounts
from .site.applications import MEMOS, RECEIPTS
from .site.ledger import Ledger
from .site.table import Row, Table
from .site.writes import Disputes, Promises

_DISPUTE = ("RequestNumber", "CustomerTransactionId", "BillToCustomerNumber", "DisputeAmount", "DisputePercentage",
            "DisputeReason", "DisputeSection", "DisputeType", "CustomerComments", "InternalComments")  # fmt: skip
_FLEX = ("PromiseDetailId", "__FLEX_Context")


class Pod:
    """What is read from and written to; `kept` is what outlives a restart."""

    def __init__(self, book: Book, kept: dict[str, Any], now: Callable[[], datetime], keep: Callable[[], None]) -> None:
        """Make all rows of the book, and of what was kept."""
        disputes: list[Row] = kept.setdefault("disputes", [])
        self._book = book
        self.accounts = Accounts(book, kept.setdefault("profiles", {}))
        self.ledger = Ledger(book, self.accounts, disputes)
        self.promises = Promises(self.ledger, kept.setdefault("promises", []), now, keep)
        self.disputes = Disputes(self.ledger, disputes, now, keep)

    def carry(self, changes: Sequence[Change]) -> None:
        """Learn what moved in the book."""
        self.accounts.carry(changes)
        self.ledger.carry(changes)

    def resources(self, options: Mapping[str, Any]) -> Sequence[Resource]:
        """Return the resources of the REST service."""
        today = lambda: self._book.day  # noqa: E731
        with_parts, few = bool(options["credit_memo_installments"]), options["queryable"] == "few"
        found = (
            resource.invoices(self.ledger.invoices, today),
            resource.memos(self.ledger.memos, today, with_installments=with_parts),
            resource.receipts(self.ledger.receipts, self.ledger.references),
            resource.activities(self.accounts.activities, self._of_account(applied=bool(options["applications"]))),
            resource.parties(self.accounts.parties),
            self._promises((*_FLEX, ATTRIBUTE) if options["promise_attribute"] else _FLEX),
            self._disputes(),
        )
        return [replace(each, few=few) for each in found]

    def _of_account(self, *, applied: bool) -> Mapping[str, Callable[[Row], Sequence[Row]]]:
        """Return the children of an account's activities; an older release does not show what was `applied`."""
        found: dict[str, Callable[[Row], Sequence[Row]]] = {"transactionPaymentSchedules": self._schedules}
        if applied:
            found[RECEIPTS] = lambda row: list(self.ledger.applied(row["AccountNumber"]))
            found[MEMOS] = lambda row: list(self.ledger.credited(row["AccountNumber"]))
        return found

    def _schedules(self, row: Row) -> Sequence[Row]:
        return [
            part | {"PaymentDaysLate": resource.days_late(
                part["PaymentScheduleDueDate"], part["TotalBalanceAmount"], self._book.day)}
            for part in self.ledger.schedules(row["AccountNumber"])
        ]  # fmt: skip

    def _promises(self, own: Sequence[str]) -> Resource:
        flex = Child(
            "PromiseDetailId", own, lambda row: row["collectionPromiseDFF"],
            create=lambda row, body: self.promises.flex(row, body, own),
        )  # fmt: skip
        return Resource(
            "collectionPromises", self.promises.table, PROMISE, {"collectionPromiseDFF": flex},
            create=lambda body: self.promises.create(body, PROMISE, own),
        )  # fmt: skip

    def _disputes(self) -> Resource:
        return Resource(
            "receivablesDisputes", Table("RequestNumber"), _DISPUTE,
            create=lambda body: self.disputes.create(body, _DISPUTE), blind=True,
        )  # fmt: skip
