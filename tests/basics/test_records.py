"""The contract of the records (rule 1 to 3 and 6), each rule a test."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from duehook.core.money import STEPS
from duehook.core.records import (
    RECORDS,
    Address,
    Allocation,
    BankAccount,
    Company,
    Contact,
    Customer,
    ExchangeRate,
    Item,
    Payment,
    PaymentTerm,
)

ITEM: dict[str, Any] = {
    "company": "01",
    "key": "01|RI|1|001",
    "customer": "A",
    "kind": "invoice",
    "currency": "EUR",
    "amount": Decimal("100.00"),
    "open_amount": Decimal("100.00"),
    "document_on": date(2026, 1, 5),
    "document_no": "1",
}
PAYMENT: dict[str, Any] = {
    "company": "01",
    "key": "p1",
    "customer": "A",
    "currency": "EUR",
    "amount": Decimal("100.00"),
    "received_on": date(2026, 1, 5),
}
ALLOCATION: dict[str, Any] = {
    "company": "01",
    "key": "a1",
    "item": "i1",
    "kind": "cash",
    "currency": "EUR",
    "amount": Decimal("100.00"),
    "allocated_on": date(2026, 1, 5),
}


def refusal(record: type[Any], row: dict[str, Any]) -> str:
    """Return the words with which a row is refused."""
    with pytest.raises(ValidationError) as caught:
        record.model_validate(row)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        ("invoice", "100"),
        ("fee", "5"),
        ("chargeback", "20"),
        ("credit_note", "-100"),
        ("on_account", "-50"),
        ("on_account", "50"),  # a refund of cash on account is owed to us again
    ],
)
def test_an_item_carries_its_sign(kind: str, amount: str) -> None:
    item = Item.model_validate(ITEM | {"kind": kind, "amount": Decimal(amount), "open_amount": Decimal(amount)})
    assert item.amount == item.open_amount == Decimal(amount)


def test_a_credit_note_with_a_plus_is_refused() -> None:
    plus = {"kind": "credit_note", "amount": Decimal("100.00"), "open_amount": Decimal("100.00")}
    assert "100.00 of a credit note is not negative, as what we owe is; turn its sign" in refusal(Item, ITEM | plus)


def test_a_dispute_of_the_other_sign_than_its_item_is_refused() -> None:
    row = ITEM | {"amount": Decimal(100), "open_amount": Decimal(100)}
    assert "-30 in dispute of 100" in refusal(Item, row | {"disputed_amount": Decimal(-30)})
    assert Item.model_validate(row | {"disputed_amount": Decimal(30)})


def test_a_reversal_is_a_negative_payment_that_names_its_payment() -> None:
    reversal = Payment.model_validate(PAYMENT | {"key": "p2", "amount": Decimal("-100"), "reversal_of": "p1"})
    assert (reversal.amount, reversal.reversal_of) == (Decimal("-100"), "p1")


@pytest.mark.parametrize("kind", ["cash", "credit", "discount", "write_off", "deduction", "chargeback", "fx"])
def test_an_allocation_says_how_it_reduces_its_item(kind: str) -> None:
    assert Allocation.model_validate(ALLOCATION | {"kind": kind}).amount == Decimal("100.00")


def test_an_unknown_kind_of_allocation_is_refused() -> None:
    assert "kind" in refusal(Allocation, ALLOCATION | {"kind": "barter"})


@pytest.mark.parametrize(
    "item_class",
    ["normal", "direct_debit", "draft", "retainage", "down_payment", "unposted", "intercompany", "chargeback"],
)
def test_an_item_has_a_class_and_normal_is_the_default(item_class: str) -> None:
    assert Item.model_validate(ITEM).item_class == "normal"
    assert Item.model_validate(ITEM | {"item_class": item_class}).item_class == item_class


@pytest.mark.parametrize(
    "state", ["active", "legal", "insolvent", "deceased", "intercompany", "one_time", "do_not_contact"]
)
def test_a_customer_has_a_state_and_its_date(state: str) -> None:
    customer = Customer(key="A", name="A", state=state, state_since=date(2026, 1, 5))
    assert (customer.state, customer.state_since) == (state, date(2026, 1, 5))


@pytest.mark.parametrize(
    ("given", "debtor"),
    [({}, "A"), ({"bill_to": "B"}, "B"), ({"bill_to": "B", "payer": "P"}, "P"), ({"payer": "P"}, "P")],
)
def test_the_debtor_is_the_payer_else_the_bill_to_else_the_customer(given: dict[str, str], debtor: str) -> None:
    assert Item.model_validate(ITEM | given).debtor == debtor


def test_no_credit_limit_is_not_a_limit_of_zero() -> None:
    assert Customer(key="A", name="A").credit_limit is None
    assert Customer(key="A", name="A", credit_limit=Decimal(0)).credit_limit == 0


@pytest.mark.parametrize(
    ("record", "row", "names"),
    [
        (Item, ITEM, ("amount", "open_amount", "tax_amount", "discount_amount", "disputed_amount")),
        (Payment, PAYMENT, ("amount", "unapplied_amount")),
        (Allocation, ALLOCATION, ("amount",)),
    ],
)
def test_no_amount_is_finer_than_its_currency(record: type[Any], row: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        assert "1.001 is too large or has more decimals than EUR" in refusal(record, row | {name: Decimal("1.001")})
        assert "0.5 is too large or has more decimals than JPY" in refusal(
            record, row | {"currency": "JPY", "amount": Decimal(1), name: Decimal("0.5")}
        )
        assert record.model_validate(row | {"currency": "KWD", name: Decimal("1.001")})


@pytest.mark.parametrize(("record", "row"), [(Item, ITEM), (Payment, PAYMENT)])
def test_company_amounts_are_measured_by_the_company_currency(record: type[Any], row: dict[str, Any]) -> None:
    yen = {"company_currency": "JPY", "company_amount": Decimal("1.5")}
    assert "1.5 is too large or has more decimals than JPY" in refusal(record, row | yen)
    assert "company currency" in refusal(record, row | {"company_amount": Decimal("1.5")})
    assert record.model_validate(row | yen | {"company_amount": Decimal(2)})


def test_an_allocation_in_company_currency_has_at_most_four_decimals() -> None:
    assert Allocation.model_validate(ALLOCATION | {"company_amount": Decimal("1.2345")})
    assert "1.23456" in refusal(Allocation, ALLOCATION | {"company_amount": Decimal("1.23456")})


def test_a_credit_limit_is_measured_by_its_currency() -> None:
    customer = {"key": "A", "name": "A", "credit_limit": Decimal("1.5")}
    assert Customer.model_validate(customer)
    assert "JPY" in refusal(Customer, customer | {"limit_currency": "JPY"})
    assert "JPY" in refusal(Customer, customer | {"currency": "JPY"})


@pytest.mark.parametrize("amount", [Decimal("12345678901234"), Decimal("-1E+20")])
def test_an_amount_that_64_bits_cannot_sum_is_refused(amount: Decimal) -> None:
    assert "too large" in refusal(Item, ITEM | {"amount": amount})


@pytest.mark.parametrize("amount", [1.5, 1, "1.50", Decimal("NaN"), Decimal("Infinity"), None])
def test_an_amount_is_a_finite_decimal(amount: Any) -> None:
    assert "amount" in refusal(Item, ITEM | {"amount": amount})


@pytest.mark.parametrize("code", ["eur", "EURO", "", "E1R", None])
def test_a_currency_is_three_capital_letters(code: Any) -> None:
    assert "currency" in refusal(Item, ITEM | {"currency": code})


@pytest.mark.parametrize("code", ["ZZZ", "XXX", "XTS"])
def test_a_currency_is_one_of_iso_4217(code: str) -> None:
    assert f"{code} is no ISO 4217 currency" in refusal(Item, ITEM | {"currency": code})
    assert "EUR" in STEPS


@pytest.mark.parametrize(
    "day",
    [
        date(1900, 1, 1),
        date(1969, 12, 31),
        date(2200, 1, 1),
        date(9999, 12, 31),
        "2026-01-05",
        datetime(2026, 1, 5, tzinfo=UTC),
    ],
)
def test_a_day_is_a_date_from_1970_to_2199(day: Any) -> None:
    assert "document_on" in refusal(Item, ITEM | {"document_on": day})


def test_an_instant_has_a_zone() -> None:
    assert "timezone" in refusal(Item, ITEM | {"changed_at": datetime(2026, 1, 5)})  # noqa: DTZ001 - that is the fault


@pytest.mark.parametrize("record", RECORDS.values())
def test_no_record_takes_a_field_it_does_not_know(record: type[Any]) -> None:
    assert "Extra inputs are not permitted" in refusal(record, {"unheard_of": 1})


def test_a_record_is_frozen() -> None:
    item = Item.model_validate(ITEM)
    with pytest.raises(ValidationError, match="frozen"):
        item.amount = Decimal(1)  # type: ignore[misc]


@pytest.mark.parametrize("key", ["", "k" * 201, None, 7])
def test_a_key_is_text_of_at_most_200_characters(key: Any) -> None:
    assert "key" in refusal(Item, ITEM | {"key": key})


def test_an_item_keeps_everything_a_letter_asks_for() -> None:
    more = {
        "due_on": date(2026, 2, 4),
        "posted_on": date(2026, 1, 6),
        "discount_on": date(2026, 1, 15),
        "discount_amount": Decimal("2.00"),
        "tax_amount": Decimal("19.00"),
        "purchase_order": "PO 7",
        "sales_order": "SO 9",
        "reference": "your order",
        "text": "Pumps",
        "business_unit": "M30",
        "payment_method": "T",
        "applies_to": "01|RI|0|001",
        "reversal_of": "01|RI|0|000",
        "instalment": "002",
        "fiscal_year": 2026,
        "terms": "N30",
        "dunning_block": "X",
        "dunning_level": 2,
        "last_dunned_on": date(2026, 2, 20),
        "dispute_reason": "price",
        "disputed_amount": Decimal("10.00"),
        "address": Address(lines=("1 Main St",), city="Leeds", country="GB"),
    }
    item = Item.model_validate(ITEM | more)
    assert {name: getattr(item, name) for name in more} == more


def test_a_company_keeps_what_is_printed_of_the_creditor() -> None:
    account = BankAccount(currency="EUR", bank="Bank", iban="DE02120300000000202051")
    company = Company(
        company="01",
        name="Pumps",
        currency="EUR",
        legal_name="Pumps GmbH",
        address=Address(lines=("Weg 1",)),
        vat_id="DE1",
        register_number="HRB 1",
        bank_accounts=(account,),
        timezone="Europe/Berlin",
        country="DE",
    )
    assert company.bank_accounts == (account,)


def test_a_contact_may_have_many_purposes_or_none() -> None:
    assert Contact(key="c", customer="A").purposes == ()
    assert Contact(key="c", customer="A", purposes=("dunning", "accounts_payable")).purposes[1] == "accounts_payable"
    assert "purposes" in refusal(Contact, {"key": "c", "customer": "A", "purposes": ("gossip",)})


def test_terms_and_rates_keep_their_decimals() -> None:
    term = PaymentTerm(key="2/10", net_days=30, discount_days=10, discount_percent=Decimal("2.5"))
    rate = ExchangeRate(from_currency="USD", to_currency="EUR", valid_on=date(2026, 1, 5), rate=Decimal("0.918273645"))
    assert (term.discount_percent, rate.rate) == (Decimal("2.5"), Decimal("0.918273645"))
    assert "rate" in refusal(ExchangeRate, rate.model_dump() | {"rate": Decimal(0)})
    assert "net_days" in refusal(PaymentTerm, {"key": "x", "net_days": -1})


def test_a_page_of_rows_is_checked_at_once() -> None:
    items = TypeAdapter(list[Item]).validate_python([ITEM, ITEM | {"key": "2"}])
    assert [item.key for item in items] == ["01|RI|1|001", "2"]
