"""Customer accounts, their profiles and their parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from duehook.core.testing.book import Book, Change, Customer

from .codes import account_id, party_id, party_number
from .table import Row, Table
from .values import stamp

KEPT: Final = ("CreditHold", "CreditLimit", "AccountStatusValue", "CollectorName", "CreditAnalystName")
_OF_BOOK: Final[Mapping[str | None, str]] = {
    "hold": "CreditHold", "credit_limit": "CreditLimit", "collector": "CollectorName",
}  # fmt: skip
_STATES: Final = {"active": "Active", "legal": "Legal", "insolvent": "Bankrupt", "deceased": "Deceased"}


class Accounts:
    """The accounts of a book's customers, and of those that its documents name alone.

    `kept` are cells of the profiles that were written over SOAP, by account number.
    """

    def __init__(self, book: Book, kept: dict[str, dict[str, Any]]) -> None:
        """Make every row."""
        self._book, self._kept = book, kept
        self.activities = Table("AccountId", ("AccountNumber", "CustomerName"))
        self.parties = Table("PartyId", ("PartyNumber",))
        self.met: dict[str, None] = {}
        self._versions: dict[str, int] = {}
        self._mail: dict[str, str] = {each.customer: each.key for each in book.contacts.values() if each.line == 0}
        for key in book.customers:
            self._write(key)

    def carry(self, changes: Sequence[Change]) -> None:
        """Learn what changed; what was written into a field gives way to what the book's people did since."""
        for change in changes:
            if change.stream == "contact":
                contact = self._book.contacts[change.key]
                if contact.line == 0:
                    self._mail[contact.customer] = contact.key
                self._write(contact.customer)
            elif change.stream == "customer":
                self._kept.get(change.key, {}).pop(_OF_BOOK.get(change.field, ""), None)
                self._versions[change.key] = self._versions.get(change.key, 0) + 1
                self._write(change.key)

    def meet(self, number: str) -> None:
        """Let an account have a transaction; one that is not in the book is there all the same."""
        self.met[number] = None
        if account_id(number) not in self.activities.rows:
            self._write(number)

    def there(self, number: str) -> bool:
        """Say whether there is such an account."""
        return bool(self.activities.having("AccountNumber", [number]))

    def profile(self, number: str) -> Row:
        """Return the active profile of an account that is there."""
        customer = self._book.customers.get(number)
        account = customer.accounts[None] if customer else None
        state = customer.state if customer else "active"
        limit = account.credit_limit if account else None
        held = bool(customer and any(each.hold for each in customer.accounts.values()))
        found = {
            "AccountNumber": number, "SiteNumber": None, "CustomerAccountId": account_id(number),
            "CustomerAccountProfileId": account_id(number) + 200000000000, "PartyId": party_id(number),
            "PartyNumber": party_number(number), "AccountStatusValue": _STATES.get(state, "Active"),
            "ProfileClassName": "DEFAULT", "CollectorName": account.collector if account else None,
            "CreditAnalystName": account.credit_manager if account else None, "CreditHold": "Y" if held else "N",
            "CreditLimit": limit, "CreditCurrencyCode": customer.currency if customer and limit is not None else None,
            "PaymentTerms": self._book.terms[account.terms].text if account else None,
            "EffectiveStartDate": "2015-01-01", "ObjectVersionNumber": 1 + self._versions.get(number, 0),
        }  # fmt: skip
        return found | self._kept.get(number, {})

    def say(self, number: str, cells: Mapping[str, Any]) -> None:
        """Let a client, or a user of the pod, write cells of a profile."""
        self._kept.setdefault(number, {}).update(cells)
        self._versions[number] = self._versions.get(number, 0) + 1

    def _write(self, number: str) -> None:
        customer = self._book.customers.get(number)
        contact = self._book.contacts.get(self._mail.get(number, ""))
        changed_at = "2020-01-01T00:00:00+00:00"
        if customer:
            changed_at = stamp(max([customer.changed_at, *([contact.changed_at] if contact else [])]))
        name = customer.name if customer else f"Customer {number}"
        self.activities.put(
            {"AccountId": account_id(number), "AccountNumber": number, "CustomerId": party_id(number),
             "CustomerName": name, "CreationDate": "2020-01-01T00:00:00+00:00", "LastUpdateDate": changed_at}
        )  # fmt: skip
        self.parties.put({
            "PartyId": party_id(number), "PartyNumber": party_number(number), "OrganizationName": name,
            "EmailAddress": contact.email if contact else None, "RawPhoneNumber": contact.phone if contact else None,
            "CreationDate": "2020-01-01T00:00:00+00:00", "LastUpdateDate": changed_at,
            "Address": [_address(number, customer)] if customer else [],
        })  # fmt: skip


def _address(number: str, customer: Customer) -> Row:
    return {
        "AddressId": party_id(number) + 10000000000,
        "AddressNumber": f"{number}-1",
        "AddressLine1": customer.street,
        **dict.fromkeys(("AddressLine2", "AddressLine3", "AddressLine4", "State")),
        "City": customer.city,
        "PostalCode": customer.postal_code,
        "Country": customer.country,
        "PrimaryFlag": True,
    }
