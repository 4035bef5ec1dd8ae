"""The rows a source yields: frozen, forbidding unknown fields, the same for every ERP.

Signs (rule 1): an item's amount is + when the customer owes us (invoice, fee, chargeback) and −
when we owe the customer (credit note, on-account cash). A payment is + when money came in; its
reversal is a negative payment linked to it. An allocation is + when it reduces the item.

Keys are the connector's stable opaque text (rule 2), unique within (company, connection). Amounts
are Decimal with no more decimals than their currency has. Dates are plain dates; one before 1970
or after 2199 is an ERP's way of writing "none" or "never" and is refused here, so a connector maps
it to None or to what it stands for.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from duehook.core.money import DIGITS, STEPS

EARLIEST: Final = date(1970, 1, 1)
LATEST: Final = date(2199, 12, 31)
_FINEST: Final = "CLF"  # four decimals, as many as the books hold: the measure where no currency is told

Key = Annotated[str, Field(min_length=1, max_length=200)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Amount = Annotated[Decimal, Field(strict=True, allow_inf_nan=False)]
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST, strict=True)]

ItemKind = Literal["invoice", "credit_note", "on_account", "fee", "chargeback"]
ItemClass = Literal[
    "normal",
    "direct_debit",
    "draft",
    "retainage",
    "down_payment",
    "unposted",
    "intercompany",
    "chargeback",
]
CustomerState = Literal[
    "active",
    "legal",
    "insolvent",
    "deceased",
    "intercompany",
    "one_time",
    "do_not_contact",
]
AllocationKind = Literal["cash", "credit", "discount", "write_off", "deduction", "chargeback", "fx"]
Purpose = Literal["dunning", "accounts_payable", "main", "statement", "sales", "legal", "other"]


class Record(BaseModel):
    """What all rows share: frozen, no unknown field, the ERP's change stamp where it has one."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


class Address(Record):
    """A postal address as it is printed; `country` is ISO 3166 alpha-2."""

    lines: tuple[str, ...] = ()
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None


class BankAccount(Record):
    """An account the debtor may pay into."""

    currency: Currency
    bank: str
    iban: str | None = None
    bic: str | None = None
    account: str | None = None


class Company(Record):
    """A creditor: the legal entity that is owed the money."""

    company: Key
    name: str
    currency: Currency
    legal_name: str | None = None
    address: Address | None = None
    vat_id: str | None = None
    register_number: str | None = None
    bank_accounts: tuple[BankAccount, ...] = ()
    timezone: str | None = None
    country: str | None = None


class PaymentTerm(Record):
    """When an invoice falls due, and the discount for paying early."""

    key: Key
    text: str = ""
    net_days: int = Field(0, ge=0, le=3650)
    discount_days: int | None = Field(None, ge=0, le=3650)
    discount_percent: Amount | None = None


class ExchangeRate(Record):
    """One unit of `from_currency` is `rate` units of `to_currency` from `valid_on` on."""

    from_currency: Currency
    to_currency: Currency
    rate_type: str = Field("average", min_length=1, max_length=40)
    valid_on: Day
    rate: Annotated[Amount, Field(gt=0)]


class Customer(Record):
    """A customer in one company's books: who it is, who pays for it, and how it stands.

    `company` None is the row that governs every company that has none of its own (JDE's 00000).
    `credit_limit` None means no limit is set, which is not 0 (rule 3). `hold` is the ERP's own
    credit-hold value, None when it has none. `dunning_*` is what the ERP's own dunning says.
    """

    company: Key | None = None
    key: Key
    name: str
    state: CustomerState = "active"
    state_since: Day | None = None
    payer: Key | None = None
    parent: Key | None = None
    group: str | None = None
    collector: str | None = None
    credit_manager: str | None = None
    terms: str | None = None
    currency: Currency | None = None
    credit_limit: Amount | None = None
    limit_currency: Currency | None = None
    hold: str | None = None
    dunning_block: str | None = None
    dunning_level: int | None = Field(None, ge=0, le=99)
    last_dunned_on: Day | None = None
    language: str | None = None
    country: str | None = None
    tax_id: str | None = None
    address: Address | None = None
    categories: dict[str, str] = Field(default_factory=dict)
    extra: dict[str, Any] = Field(default_factory=dict)
    changed_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.credit_limit is not None:
            _refuse_finer(self.limit_currency or self.currency or _FINEST, (self.credit_limit,))
        return self


class Contact(Record):
    """A person or mailbox at a customer, and what it may be written to about.

    `purposes` is empty when the ERP does not say; such a contact is written to as `main` only
    when its connector says that it is the customer's own address.
    """

    company: Key | None = None
    key: Key
    customer: Key
    name: str = ""
    purposes: tuple[Purpose, ...] = ()
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    role: str | None = None
    extra: dict[str, Any] = Field(default_factory=dict)
    changed_at: AwareDatetime | None = None


class Item(Record):
    """One receivable as the ERP last told it: an invoice, credit, on-account cash, fee or chargeback.

    An instalment is an item of its own with its own key and due date. `amount` is the original,
    `open_amount` what is left of it, both signed as the module says; `company_*` is the same in
    the company's currency. `applies_to` names the invoice a credit belongs to. `address` is set
    for one-time accounts only, which take the debtor from the document (rule 5).
    """

    company: Key
    key: Key
    customer: Key
    kind: ItemKind
    currency: Currency
    amount: Amount
    open_amount: Amount
    document_on: Day
    due_on: Day | None = None
    document_no: str
    document_type: str = ""
    item_class: ItemClass = "normal"
    payer: Key | None = None
    bill_to: Key | None = None
    fiscal_year: int | None = Field(None, ge=0, le=9999)
    instalment: str | None = None
    posted_on: Day | None = None
    discount_on: Day | None = None
    cleared_on: Day | None = None
    tax_amount: Amount | None = None
    discount_amount: Amount | None = None
    company_currency: Currency | None = None
    company_amount: Amount | None = None
    company_open_amount: Amount | None = None
    payment_method: str | None = None
    terms: str | None = None
    purchase_order: str | None = None
    sales_order: str | None = None
    reference: str | None = None
    text: str | None = None
    business_unit: str | None = None
    applies_to: Key | None = None
    reversal_of: Key | None = None
    disputed_amount: Amount | None = None
    dispute_reason: str | None = None
    dunning_block: str | None = None
    dunning_level: int | None = Field(None, ge=0, le=99)
    last_dunned_on: Day | None = None
    address: Address | None = None
    extra: dict[str, Any] | None = None
    changed_at: AwareDatetime | None = None

    @property
    def debtor(self) -> str:
        """Return who is asked for the money: payer, else bill-to, else customer (rule 6)."""
        return self.payer or self.bill_to or self.customer

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        self._refuse_signs()
        _refuse_finer(
            self.currency,
            (self.amount, self.open_amount, self.tax_amount, self.discount_amount, self.disputed_amount),
        )
        if self.company_currency:
            _refuse_finer(self.company_currency, (self.company_amount, self.company_open_amount))
        elif self.company_amount is not None or self.company_open_amount is not None:
            raise ValueError("company amounts need a company currency")
        return self

    def _refuse_signs(self) -> None:
        """Refuse a credit with a plus, and a dispute that would raise what is demanded."""
        if self.kind == "credit_note" and self.amount > 0:
            raise ValueError(f"{self.amount} of a credit note is not negative, as what we owe is; turn its sign")
        if self.disputed_amount and self.disputed_amount * self.amount < 0:
            raise ValueError(f"{self.disputed_amount} in dispute of {self.amount}: both have one sign; turn it")


class Payment(Record):
    """Money received: + in, and its reversal a negative payment linked by `reversal_of`."""

    company: Key
    key: Key
    customer: Key
    currency: Currency
    amount: Amount
    received_on: Day
    posted_on: Day | None = None
    unapplied_amount: Amount | None = None
    company_currency: Currency | None = None
    company_amount: Amount | None = None
    method: str | None = None
    reference: str | None = None
    reversal_of: Key | None = None
    reversed_on: Day | None = None
    extra: dict[str, Any] | None = None
    changed_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _refuse_finer(self.currency, (self.amount, self.unapplied_amount))
        if self.company_currency:
            _refuse_finer(self.company_currency, (self.company_amount,))
        elif self.company_amount is not None:
            raise ValueError("a company amount needs a company currency")
        return self


class Allocation(Record):
    """A part of an item that was settled: + reduces the item, in the item's currency."""

    company: Key
    key: Key
    item: Key
    payment: Key | None = None
    kind: AllocationKind
    currency: Currency
    amount: Amount
    allocated_on: Day
    posted_on: Day | None = None
    company_amount: Amount | None = None
    reason: str | None = None
    reversal_of: Key | None = None
    changed_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _refuse_finer(self.currency, (self.amount,))
        if self.company_amount is not None:
            _refuse_finer(_FINEST, (self.company_amount,))
        return self


AnyRecord = Company | PaymentTerm | ExchangeRate | Customer | Contact | Item | Payment | Allocation
Stream = Literal["company", "payment_term", "exchange_rate", "customer", "contact", "item", "payment", "allocation"]
RECORDS: Final[dict[Stream, type[Record]]] = {
    "company": Company,
    "payment_term": PaymentTerm,
    "exchange_rate": ExchangeRate,
    "customer": Customer,
    "contact": Contact,
    "item": Item,
    "payment": Payment,
    "allocation": Allocation,
}


def _refuse_finer(currency: str, amounts: tuple[Decimal | None, ...]) -> None:
    """Refuse an unknown currency, and amounts that the books cannot hold to the last digit."""
    step = STEPS.get(currency)
    if step is None:
        raise ValueError(f"{currency} is no ISO 4217 currency; map the ERP's code to one")
    for amount in amounts:
        if amount and (amount.adjusted() >= DIGITS or amount % step):
            raise ValueError(f"{amount} is too large or has more decimals than {currency}; state a rounding")
