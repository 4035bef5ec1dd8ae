"""A notice as it is printed: the frozen facts that wording, letter and mail are made from.

Every item stands in exactly one section. An overdue item that is disputed in part stays under
`overdue` with the disputed part in `disputed`; the letter then lists that part as "in dispute"
by itself, outside the demanded sum (rule 20). Credits are negative. Nothing here is computed
from the books: whoever builds a notice hands over figures of one moment, `data_at`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from duehook.core.errors import BadRecord
from duehook.core.money import fits
from duehook.core.records import Address, Amount, BankAccount, Currency, Record

Kind = Literal["dunning", "reminder"]


class Creditor(Record):
    """Who is owed the money. `logo` is a path to a PNG, JPEG or SVG file."""

    company: str
    legal_name: str
    address: Address
    bank_account: BankAccount
    vat_id: str | None = None
    register_number: str | None = None
    logo: str | None = None


class Sender(Record):
    """The mailbox the notice comes from and the person or team behind it (rule 31)."""

    name: str
    email: str
    phone: str | None = None


class Debtor(Record):
    """Who is asked to pay, under the number the creditor knows them by."""

    customer: str
    name: str
    address: Address


class Line(Record):
    """One item. `open_amount` is all that is open of it, `disputed` the part in dispute.

    `days_past_due` is negative before the due date. `level` is the line's own new level.
    """

    document_no: str
    document_type: str = ""
    document_on: date
    due_on: date
    days_past_due: int = 0
    purchase_order: str | None = None
    reference: str | None = None
    amount: Amount
    open_amount: Amount
    disputed: Amount = Decimal(0)
    level: int = 0

    @property
    def demanded(self) -> Decimal:
        """Return what is asked for: the open amount without the part in dispute."""
        return self.open_amount - self.disputed


class NoticeLetter(Record):
    """One notice: one creditor, one debtor, one currency (rule 6).

    `key` is made of business facts and never changes: the Message-ID comes from it. `number` is
    what the debtor quotes. `letter_on` is the sending date (rule 22); `data_at` the moment the
    figures were read, printed in `timezone`. `intended` are the recipients a TEST copy would
    have gone to. Raises BadRecord when the demanded sum would not be above nothing (rule 19).
    """

    key: str = Field(min_length=1)
    number: str = Field(min_length=1)
    kind: Kind = "dunning"
    level: int = Field(ge=0)
    level_name: str
    language: str
    letter_on: date
    data_at: AwareDatetime
    timezone: str = "UTC"
    currency: Currency
    creditor: Creditor
    sender: Sender
    debtor: Debtor
    payment_reference: str
    overdue: tuple[Line, ...] = ()
    credits: tuple[Line, ...] = ()
    disputed: tuple[Line, ...] = ()
    not_yet_due: tuple[Line, ...] = ()
    deduct_credits: bool = True
    pay_by_on: date | None = None
    hold_on: date | None = None
    test: bool = False
    intended: tuple[str, ...] = ()

    @cached_property
    def overdue_total(self) -> Decimal:
        """Return the overdue sum without what is in dispute."""
        return _sum(line.demanded for line in self.overdue)

    @cached_property
    def not_yet_due_total(self) -> Decimal:
        """Return what falls due later, without what is in dispute."""
        return _sum(line.demanded for line in self.not_yet_due)

    @cached_property
    def credits_total(self) -> Decimal:
        """Return the credits, as a negative sum."""
        return _sum(line.open_amount for line in self.credits)

    @cached_property
    def disputed_total(self) -> Decimal:
        """Return the sum in dispute, from every section."""
        return _sum(line.disputed for line in self.in_dispute)

    @cached_property
    def in_dispute(self) -> tuple[Line, ...]:
        """Return the disputed items, and the items of other sections that are so in part."""
        return (*self.disputed, *(line for line in self.overdue + self.not_yet_due if line.disputed))

    @cached_property
    def demanded(self) -> Decimal:
        """Return what the debtor is asked for: a reminder names the sum that falls due."""
        asked = self.not_yet_due_total if self.kind == "reminder" else self.overdue_total
        return asked + self.credits_total if self.deduct_credits else asked

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for line in self.overdue + self.credits + self.disputed + self.not_yet_due:
            _refuse_odd(line, self.currency)
        if any(line.open_amount > 0 for line in self.credits):
            raise BadRecord(f"Notice {self.number}: a credit is negative.")
        if any(line.demanded <= 0 for line in self.overdue + self.not_yet_due):
            raise BadRecord(
                f"Notice {self.number}: an item without anything to demand.",
                fix="list it under credits or in dispute.",
            )
        if any(line.disputed <= 0 for line in self.disputed):
            raise BadRecord(f"Notice {self.number}: an item in dispute names no disputed part.")
        if self.creditor.bank_account.currency != self.currency:
            raise BadRecord(f"Notice {self.number}: the bank account is not for {self.currency}.")
        if self.demanded <= 0:
            raise BadRecord(f"Notice {self.number} would demand {self.demanded} {self.currency}; none is made.")
        return self


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _refuse_odd(line: Line, currency: str) -> None:
    for amount in (line.amount, line.open_amount, line.disputed):
        if not fits(amount, currency):
            raise BadRecord(f"{line.document_no}: {amount} has more decimals than {currency}.")
