"""A notice laid out as text only: every figure and date written, ready for any layout.

Letter, HTML mail and text mail print the same sheet, so that they cannot differ in a figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from duehook.core.records import Address

from . import formats
from .formats import plain
from .notice import Line, NoticeLetter
from .wording import Text

LETTER_PAPER: Final = frozenset({"US", "CA", "MX", "PH", "CL", "CO"})
_NUMBER_LAST: Final = frozenset({"US", "CA", "GB", "IE", "AU", "NZ", "IN"})


@dataclass(frozen=True)
class Fact:
    """A label and what stands beside it."""

    label: str
    text: str


@dataclass(frozen=True)
class Row:
    """One item; `amount` is what counts in its section."""

    document: str
    document_on: str
    due_on: str
    days: str
    level: str
    reference: str
    original: str
    amount: str


@dataclass(frozen=True)
class Section:
    """Items under one heading, with their sum. `counted` sections make up the demanded sum."""

    title: str
    rows: tuple[Row, ...]
    total_label: str
    total: str
    counted: bool


@dataclass(frozen=True)
class Heads:
    """The heads of an item table's columns."""

    document: str
    document_on: str
    due_on: str
    days: str
    level: str
    reference: str
    original: str
    amount: str


@dataclass(frozen=True)
class Sheet:
    """Everything that a layout prints, as text. Amounts in rows are without their currency."""

    language: str
    paper: str
    test: str
    test_note: str
    intended: tuple[str, ...]
    subject: str
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    currency: str
    creditor: str
    return_line: str
    addressee: tuple[str, ...]
    facts: tuple[Fact, ...]
    heads: Heads
    sections: tuple[Section, ...]
    demanded_label: str
    demanded: str
    pay_by: str
    pay_to: str
    bank: tuple[Fact, ...]
    disregard: str
    signature: tuple[str, ...]
    legal: tuple[str, ...]
    enclosed: str
    page: str


def sheet(notice: NoticeLetter, text: Text) -> Sheet:
    """Write every figure of the notice in the language of its words."""
    labels = text.labels
    creditor = plain(notice.creditor.legal_name)
    home = address_lines(notice.creditor.address)
    return Sheet(
        language=text.language,
        paper="us-letter" if notice.creditor.address.country in LETTER_PAPER else "a4",
        test=labels["test"] if notice.test else "",
        test_note=labels["test_note"] if notice.test else "",
        intended=tuple(map(plain, notice.intended)) if notice.test else (),
        subject=text.subject,
        opening=text.opening,
        closing=text.closing,
        currency=notice.currency,
        creditor=creditor,
        return_line=" · ".join((creditor, *home)),
        addressee=_addressee(notice, text.language),
        facts=_facts(notice, text),
        heads=_heads(notice, text),
        sections=tuple(_sections(notice, text)),
        demanded_label=labels["demanded"],
        demanded=formats.money(notice.demanded, notice.currency, text.language),
        pay_by=labels["pay_by"],
        pay_to=labels["pay_to"],
        bank=_bank(notice, text),
        disregard=labels["disregard"],
        signature=tuple(filter(None, (plain(notice.sender.name), creditor))),
        legal=_legal(notice, text),
        enclosed=labels["enclosed"],
        page=labels["page"],
    )


def address_lines(address: Address) -> tuple[str, ...]:
    """Return the address as its country writes the town's line, the country's code left out."""
    code, city, region = (plain(part or "") for part in (address.postal_code, address.city, address.region))
    if address.country in _NUMBER_LAST:
        town = " ".join(filter(None, (", ".join(filter(None, (city, region))), code)))
    else:
        town = " ".join(filter(None, (code, city)))
    return tuple(filter(None, (*map(plain, address.lines), town)))


def _addressee(notice: NoticeLetter, language: str) -> tuple[str, ...]:
    to, home = notice.debtor.address, notice.creditor.address.country
    abroad = to.country if to.country != home else None
    country = formats.locale(language).territories.get(abroad, abroad).upper() if abroad else ""
    return tuple(filter(None, (plain(notice.debtor.name), *address_lines(to), country)))


def _facts(notice: NoticeLetter, text: Text) -> tuple[Fact, ...]:
    shown = (
        ("number", notice.number),
        ("date", formats.day(notice.letter_on, text.language)),
        ("customer", notice.debtor.customer),
        ("level", "" if notice.kind == "reminder" else notice.level_name),
        ("contact", notice.sender.name),
        ("phone", notice.sender.phone or ""),
        ("mail", notice.sender.email),
    )
    return tuple(Fact(text.labels[label], plain(said)) for label, said in shown if said)


def _heads(notice: NoticeLetter, text: Text) -> Heads:
    labels, late = text.labels, notice.kind == "dunning"
    return Heads(
        document=labels["document"],
        document_on=labels["document_on"],
        due_on=labels["due_on"],
        days=labels["days"] if late else "",
        level=labels["level"] if late else "",
        reference=labels["reference"],
        original=labels["original"],
        amount=labels["open"],
    )


def _bank(notice: NoticeLetter, text: Text) -> tuple[Fact, ...]:
    account = notice.creditor.bank_account
    iban = re.sub(r"\s", "", account.iban or "")
    shown = (
        ("beneficiary", notice.creditor.legal_name),
        ("bank", account.bank),
        ("iban", " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))),
        ("bic", account.bic or ""),
        ("account", account.account or ""),
        ("payment_reference", notice.payment_reference),
        ("amount", formats.money(notice.demanded, notice.currency, text.language)),
    )
    return tuple(Fact(text.labels[label], plain(said)) for label, said in shown if said)


def _legal(notice: NoticeLetter, text: Text) -> tuple[str, ...]:
    creditor = notice.creditor
    ids = (("vat", creditor.vat_id), ("register", creditor.register_number))
    known = (f"{text.labels[label]} {plain(number)}" for label, number in ids if number)
    return (plain(creditor.legal_name), *address_lines(creditor.address), *known)


def _sections(notice: NoticeLetter, text: Text) -> Iterable[Section]:
    labels = text.labels
    credits_title = labels["credits" if notice.deduct_credits else "credits_apart"]
    if notice.kind == "reminder":
        main = ("not_yet_due", notice.not_yet_due, notice.not_yet_due_total)
    else:
        main = ("overdue", notice.overdue, notice.overdue_total)
    shown: tuple[tuple[str, str, tuple[Line, ...], Decimal, bool, Callable[[Line], Decimal]], ...] = (
        (labels[main[0]], labels["overdue_total"], main[1], main[2], True, lambda line: line.demanded),
        (credits_title, labels["credits_total"], notice.credits, notice.credits_total, notice.deduct_credits, _open),
        (labels["disputed"], labels["disputed_total"], notice.in_dispute, notice.disputed_total, False, _disputed),
    )
    for title, total_label, lines, total, counted, amount in shown:
        if lines:
            rows = tuple(_row(line, amount(line), notice, text.language) for line in lines)
            yield Section(title, rows, total_label, formats.money(total, notice.currency, text.language), counted)


def _open(line: Line) -> Decimal:
    return line.open_amount


def _disputed(line: Line) -> Decimal:
    return line.disputed


def _row(line: Line, amount: Decimal, notice: NoticeLetter, language: str) -> Row:
    return Row(
        document=plain(f"{line.document_type} {line.document_no}"),
        document_on=formats.short_day(line.document_on, language),
        due_on=formats.short_day(line.due_on, language),
        days=str(line.days_past_due) if line.days_past_due > 0 and line.open_amount > 0 else "",
        level=str(line.level) if line.level else "",
        reference=" / ".join(plain(part) for part in (line.purchase_order, line.reference) if part),
        original=formats.figure(line.amount, notice.currency, language),
        amount=formats.figure(amount, notice.currency, language),
    )
