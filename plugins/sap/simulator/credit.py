"""Credit management: one account a customer in the segment 1000, keyed by its business partner.

The account is the book's general one: a limit that is not set is 0 without CreditLimitIsZero, a limit of
nothing is 0 with it. A hold is CreditAccountIsBlocked with its CreditAccountBlockReason. Every thirteenth
customer has an account in another segment, which governs nothing that is read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Book, Change, Customer
from duehook.core.testing.odata import Table

from .codes import CREDIT_SEGMENT, OTHER_SEGMENT, partner_number
from .written import Written

SET: Final = "CreditManagementAccount"
HOLD: Final = ("CreditAccountIsBlocked", "CreditAccountBlockReason")
LIMIT: Final = ("CreditLimitAmount", "CreditLimitIsZero")


class Credit:
    """The tables of the credit service over a book."""

    def __init__(self, book: Book, written: Written) -> None:
        """Take the book's customers."""
        self.book, self.written = book, written
        self.customers: dict[str, Customer] = {}
        self.partners = Table(self._partner)
        self.accounts = Table(self.account)
        for customer in book.customers.values():
            self._add(customer)

    def carried(self, changes: Sequence[Change]) -> None:
        """Learn that customers have changed, or are new."""
        for change in changes:
            if change.stream == "customer" and change.act == "added":
                self._add(self.book.customers[change.key])
        self.accounts.touch()

    def _add(self, customer: Customer) -> None:
        partner = partner_number(customer.key)
        self.customers[partner] = customer
        self.partners.put((partner,), customer)
        self.accounts.put((partner, CREDIT_SEGMENT), (partner, CREDIT_SEGMENT))
        if int(customer.key) % 13 == 0:
            self.accounts.put((partner, OTHER_SEGMENT), (partner, OTHER_SEGMENT))

    def account(self, key: tuple[str, str]) -> dict[str, Any]:
        """Return the row of a credit account."""
        partner, segment = key
        customer = self.customers[partner]
        row: dict[str, Any] = {"BusinessPartner": partner, "CreditSegment": segment}
        if segment == CREDIT_SEGMENT:
            row |= self._held(customer)
        return self.written.over(SET, key, row | {"CreditSegmentCurrency": customer.currency})

    def _held(self, customer: Customer) -> dict[str, Any]:
        account = customer.accounts[None]
        return {
            "CreditLimitAmount": Decimal(account.credit_limit or 0),
            "CreditLimitIsZero": account.credit_limit == 0,
            "CreditAccountIsBlocked": account.hold is not None,
            "CreditAccountBlockReason": account.hold or "",
        }

    def _partner(self, customer: Customer) -> dict[str, Any]:
        return {
            "BusinessPartner": partner_number(customer.key), "CreditRiskClass": "B", "CreditCheckRule": "STANDARD",
            "CrdtMgmtBusinessPartnerGroup": "0001", "CreditWorthinessScoreValue": "70",
        }  # fmt: skip

    def hold(self, customer: str) -> str | None:
        """Return the reason why a customer's credit account is blocked; None where it is not."""
        row = self.account((partner_number(customer), CREDIT_SEGMENT))
        return row["CreditAccountBlockReason"] if row["CreditAccountIsBlocked"] else None
