"""A notice as the letter, mail and template tests print it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from duehook.core.deliver.notice import Creditor, Debtor, Line, NoticeLetter, Sender
from duehook.core.deliver.wording import Templates
from duehook.core.records import Address, BankAccount

HOME = Address(lines=("Hafenstraße 12",), postal_code="20457", city="Hamburg", country="DE")
ACCOUNT = BankAccount(currency="EUR", bank="Beispielbank", iban="DE89370400440532013000", bic="COBADEFFXXX")
CREDITOR = Creditor(
    company="00070",
    legal_name="Pumpen GmbH",
    address=HOME,
    bank_account=ACCOUNT,
    vat_id="DE123456789",
    register_number="HRB 12345",
)
SENDER = Sender(name="Anke Petersen", email="mahnwesen@pumpen.example", phone="+49 40 5550117")
DEBTOR = Debtor(
    customer="4711",
    name="Müller Anlagenbau KG",
    address=Address(lines=("Industrieweg 7",), postal_code="28199", city="Bremen", country="DE"),
)


def line(document_no: str = "1001", amount: str = "1234.50", **other: Any) -> Line:
    """Return an overdue invoice of 3 January, due on 2 February, 40 days late."""
    facts: dict[str, Any] = {
        "document_no": document_no,
        "document_type": "RI",
        "document_on": date(2026, 1, 3),
        "due_on": date(2026, 2, 2),
        "days_past_due": 40,
        "purchase_order": "PO-77",
        "amount": Decimal(amount),
        "open_amount": Decimal(amount),
        "level": 2,
    }
    return Line(**{**facts, **other})


def letter(**other: Any) -> NoticeLetter:
    """Return a second reminder of 14 March over two invoices, a credit and an item in dispute.

    1,234.50 + (400.00 − 150.00 in dispute) − 84.50 credit = 1,400.00 demanded.
    """
    facts: dict[str, Any] = {
        "key": "00070|4711|EUR|2026-03-14",
        "number": "N-000123",
        "level": 2,
        "level_name": "Second reminder",
        "language": "en",
        "letter_on": date(2026, 3, 14),
        "data_at": datetime(2026, 3, 14, 5, 30, tzinfo=UTC),
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "creditor": CREDITOR,
        "sender": SENDER,
        "debtor": DEBTOR,
        "payment_reference": "4711 N-000123",
        "pay_by_on": date(2026, 3, 24),
        "overdue": (line(), line("1002", "400.00", disputed=Decimal("150.00"), reference="Lot 3")),
        "credits": (line("2001", "-84.50", document_type="RM", purchase_order=None, level=0),),
        "disputed": (line("1003", "99.00", disputed=Decimal("99.00")),),
    }
    return NoticeLetter(**{**facts, **other})


def site(tmp_path: Path, name: str, text: str) -> Templates:
    """Return the templates of a site that has one of its own."""
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Templates(tmp_path)
