"""The ledger of a book: what is posted in it, and the acts of its users that move no money."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from duehook.core.records import CustomerState

from .objects import Account, Contact, Customer, to_amount
from .postings import Postings


class Ledger(Postings):
    """A book's postings with what its users say of items, customers and contacts.

    Each act stamps the row it touches at `at` and leaves a change.
    """

    def welcome(self, customer: Customer, contacts: Iterable[Contact] = ()) -> Customer:
        """Put a new customer into the ledger, with its contacts."""
        if customer.key in self.customers:
            raise ValueError(f"customer {customer.key} is in the book already")
        self.customers[customer.key] = customer
        self.note("added", "customer", customer.key)
        for contact in contacts:
            self.contacts[contact.key] = contact
            self.note("added", "contact", contact.key)
        return customer

    def dispute(self, key: str, minor: int, reason: str) -> None:
        """Open a dispute over part of an item."""
        item = self.items[key]
        item.disputed_minor, item.dispute_reason = minor, reason
        self._touch(item)

    def settle_dispute(self, key: str) -> None:
        """Close an item's dispute."""
        item = self.items[key]
        item.disputed_minor = item.dispute_reason = None
        self._touch(item)

    def block(self, key: str, code: str | None) -> None:
        """Set or lift the ERP's own dunning block on an item."""
        self.items[key].dunning_block = code
        self._touch(self.items[key])

    def remind(self, key: str, level: int) -> None:
        """Let the ERP's own dunning reach a level on an item."""
        item = self.items[key]
        item.dunning_level, item.last_dunned_on = level, self.at.date()
        self._touch(item)

    def post(self, key: str) -> None:
        """Post an unposted document."""
        item = self.items[key]
        item.posted, item.item_class, item.posted_on = True, "normal", self.at.date()
        self._touch(item)

    def delete(self, key: str) -> None:
        """Delete an unposted document, as only unposted ones may be."""
        item = self.items[key]
        if item.posted or key in self.allocations_of:
            raise ValueError(f"{key} is posted or settled and cannot be deleted")
        del self.items[key]
        del self.open_of[item.customer][key]
        self.open_count -= 1
        self.note("deleted", "item", key)

    def purge(self, key: str) -> None:
        """Move a closed item to the purge files, with its allocations and emptied payments."""
        item = self.items[key]
        if item.is_open:
            raise ValueError(f"{key} is open and cannot be purged")
        self.purged_items[key] = self.items.pop(key)
        self.note("purged", "item", key)
        for part in self.allocations_of.pop(key, ()):
            self.purged_allocations[part.key] = self.allocations.pop(part.key)
            self.note("purged", "allocation", part.key)
            payment = self.payments.get(part.payment or "")
            if payment and all(name in self.purged_allocations for name in payment.allocations):
                self.purged_payments[payment.key] = self.payments.pop(payment.key)
                self.note("purged", "payment", payment.key)

    def set_hold(self, customer: str, code: str | None, *, company: str | None = None) -> None:
        """Set or lift a credit hold as an ERP user does, on the account that governs."""
        account = self._account(customer, company)
        account.hold, account.changed_at = code, self.at
        self.note("changed", "customer", customer, field="hold", company=account.company)

    def set_account_block(self, customer: str, code: str | None, *, company: str | None = None) -> None:
        """Set or lift the ERP's own dunning block of a customer."""
        account = self._account(customer, company)
        account.dunning_block, account.changed_at = code, self.at
        self.note("changed", "customer", customer, field="dunning_block", company=account.company)

    def set_limit(self, customer: str, limit: int | None, *, company: str | None = None) -> None:
        """Give a customer another credit limit."""
        account = self._account(customer, company)
        account.credit_limit, account.changed_at = limit, self.at
        self.note("changed", "customer", customer, field="credit_limit", company=account.company)

    def set_collector(self, customer: str, collector: str, *, company: str | None = None) -> None:
        """Give a customer to another collector."""
        account = self._account(customer, company)
        account.collector, account.changed_at = collector, self.at
        self.note("changed", "customer", customer, field="collector", company=account.company)

    def set_state(self, customer: str, state: CustomerState) -> None:
        """Say that a customer went to court, died, asked not to be contacted, or is well again."""
        person = self.customers[customer]
        person.state, person.state_since = state, None if state == "active" else self.at.date()
        person.changed_at = self.at
        self.note("changed", "customer", customer, field="state")

    def set_mail(self, contact: str, email: str | None) -> None:
        """Give a contact another e-mail address, or none."""
        person = self.contacts[contact]
        person.email, person.changed_at = email, self.at
        self.note("changed", "contact", contact)

    def _account(self, customer: str, company: str | None) -> Account:
        person = self.customers[customer]
        return person.accounts[None] if company is None else person.account(company)

    def open_total(self, company: str, currency: str) -> Decimal:
        """Return what is open in a company and currency, credits deducted, of every class."""
        found = sum(
            item.open_minor for item in self.items.values() if item.company == company and item.currency == currency
        )
        return to_amount(found, currency)

    def open_totals(self) -> dict[tuple[str, str], Decimal]:
        """Return what is open by company and currency, zeros left out."""
        sums: dict[tuple[str, str], int] = {}
        for item in self.items.values():
            if item.open_minor:
                pair = (item.company, item.currency)
                sums[pair] = sums.get(pair, 0) + item.open_minor
        return {pair: to_amount(minor, pair[1]) for pair, minor in sorted(sums.items()) if minor}
