"""What a book is made of: plain objects that know no ERP.

Amounts are whole minor units of their currency (JPY 1, EUR 0.01, KWD 0.001), signed as
records.py says; the properties without `_minor` give them as Decimal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from duehook.core.money import exponent
from duehook.core.records import AllocationKind, CustomerState, ItemClass, ItemKind, Purpose, Stream

Act = Literal["added", "changed", "deleted", "purged"]


def to_amount(minor: int, currency: str) -> Decimal:
    """Return minor units as an exact amount with the currency's decimals."""
    return Decimal(minor).scaleb(-exponent(currency))


@dataclass(slots=True, frozen=True)
class Change:
    """One row that came, changed or went, stamped as the ERP stamps it.

    `at` may lie on an earlier day than the one on which the row is first seen: a late commit.
    `field` names the one field that changed, where it is one that others write too (`hold`).
    """

    at: datetime
    act: Act
    stream: Stream
    key: str
    field: str | None = None
    company: str | None = None


@dataclass(slots=True, frozen=True)
class Company:
    """A creditor company."""

    code: str
    name: str
    currency: str
    country: str
    timezone: str
    street: str
    postal_code: str
    city: str
    vat_id: str
    register_number: str
    share: float


@dataclass(slots=True, frozen=True)
class Term:
    """A payment term; `instalments` are the shares of a split term in percent, 30 days apart."""

    key: str
    text: str
    net_days: int
    discount_days: int | None = None
    discount_percent: Decimal | None = None
    instalments: tuple[int, ...] = ()


@dataclass(slots=True, frozen=True)
class Rate:
    """One unit of `from_currency` is `scaled` ten-millionths of `to_currency` from that day on."""

    from_currency: str
    to_currency: str
    valid_on: date
    scaled: int
    changed_at: datetime

    @property
    def rate(self) -> Decimal:
        """Return the rate as an exact number."""
        return Decimal(self.scaled).scaleb(-7)

    @property
    def key(self) -> str:
        """Return what tells this rate from all others."""
        day = self.valid_on.isoformat().replace("-", "")  # a book has many rates, and strftime is slow
        return f"{self.from_currency}-{self.to_currency}-{day}"


@dataclass(slots=True)
class Account:
    """How a customer stands in one company, or (company None) wherever it has no own row.

    `credit_limit` is in whole units of the customer's currency; None means none is set.
    """

    company: str | None
    terms: str
    collector: str
    credit_manager: str
    credit_limit: int | None
    changed_at: datetime
    hold: str | None = None
    dunning_block: str | None = None


@dataclass(slots=True)
class Customer:
    """A customer, its accounts by company, and the habit it pays by; `changed_at` is `made_at` until it changes."""

    key: str
    name: str
    character: str
    company: str
    currency: str
    language: str
    country: str
    street: str
    postal_code: str
    city: str
    tax_id: str
    accounts: dict[str | None, Account]
    changed_at: datetime
    state: CustomerState = "active"
    state_since: date | None = None
    payer: str | None = None
    parent: str | None = None
    group: str | None = None
    direct_debit: bool = False
    made_at: datetime | None = None

    def account(self, company: str) -> Account:
        """Return the account that governs: the company's own, else the general one."""
        return self.accounts.get(company) or self.accounts[None]


@dataclass(slots=True)
class Contact:
    """A person or mailbox at a customer; line 0 is the customer's own address."""

    key: str
    customer: str
    line: int
    name: str
    purposes: tuple[Purpose, ...]
    email: str | None
    phone: str | None
    language: str
    role: str
    changed_at: datetime


@dataclass(slots=True)
class Item:
    """One receivable.

    `series` is the numbering company; `renumbered` marks a document number that was used in an
    earlier fiscal year already.
    """

    key: str
    company: str
    series: str
    customer: str
    payer: str | None
    kind: ItemKind
    item_class: ItemClass
    currency: str
    company_currency: str
    amount_minor: int
    open_minor: int
    company_amount_minor: int
    company_open_minor: int
    rate_scaled: int
    document_type: str
    document_no: int
    instalment: str
    fiscal_year: int
    document_on: date
    due_on: date | None
    changed_at: datetime
    terms: str
    tax_minor: int = 0
    discount_minor: int = 0
    discount_taken_minor: int = 0
    discount_on: date | None = None
    posted_on: date | None = None
    posted: bool = True
    cleared_on: date | None = None
    voided_on: date | None = None
    renumbered: bool = False
    payment_method: str = ""
    purchase_order: str = ""
    sales_order: int = 0
    reference: str = ""
    text: str = ""
    business_unit: str = ""
    applies_to: str | None = None
    from_payment: str | None = None
    disputed_minor: int | None = None
    dispute_reason: str | None = None
    dunning_block: str | None = None
    dunning_level: int | None = None
    last_dunned_on: date | None = None
    address: tuple[str, str, str, str] | None = None

    @property
    def open_amount(self) -> Decimal:
        """Return what is left of it."""
        return to_amount(self.open_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Say whether anything is left in either currency."""
        return self.open_minor != 0 or self.company_open_minor != 0


@dataclass(slots=True)
class Payment:
    """Money received; a reversal is negative and linked. `allocations` holds their keys in order."""

    key: str
    number: int
    company: str
    customer: str
    currency: str
    company_currency: str
    amount_minor: int
    company_amount_minor: int
    unapplied_minor: int
    received_on: date
    reference: str
    method: str
    changed_at: datetime
    reversal_of: str | None = None
    reversed_on: date | None = None
    allocations: list[str] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """Return the amount that came in."""
        return to_amount(self.amount_minor, self.currency)


@dataclass(slots=True, frozen=True)
class Allocation:
    """A part of an item that was settled: + reduces it.

    `company_minor` reduces the item's company amount; `fx_minor` is the part of it that is
    exchange gain or loss and not money.
    """

    key: str
    company: str
    item: str
    customer: str
    payment: str | None
    kind: AllocationKind
    currency: str
    company_currency: str
    amount_minor: int
    company_minor: int
    fx_minor: int
    allocated_on: date
    changed_at: datetime
    reason: str | None = None
    reversal_of: str | None = None

    @property
    def amount(self) -> Decimal:
        """Return the amount settled, in the item's currency."""
        return to_amount(self.amount_minor, self.currency)
