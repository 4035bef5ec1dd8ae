"""`discover` proposes what a field that no canonical field takes may be, how sure it is, and why."""

from __future__ import annotations

from datetime import date

import pytest

from duehook.core.field_mapping import Guess, Seen, guesses

ITEM = ("due_on", "document_on", "purchase_order", "dunning_block", "dispute_reason", "disputed_amount",
        "business_unit", "reference", "text", "dunning_level", "last_dunned_on")  # fmt: skip
CUSTOMER = ("name", "collector", "credit_limit", "language", "country", "currency", "tax_id", "group", "payer")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("NetDueDate", "due_on"),
        ("YY1_DisputeReason_COB", "dispute_reason"),
        ("cust_PO_No", "purchase_order"),
        ("ZZ_MAHNSPERRE", "dunning_block"),
        ("DUNN_BLOCK", None),
        ("CostCenter", "business_unit"),
        ("DunningLevel", "dunning_level"),
        ("Fealligkeit", "due_on"),
        ("BillOfLading", None),
        ("RPAC01", None),
    ],
)
def test_a_name_says_what_a_field_may_be(name: str, field: str | None) -> None:
    found = guesses("item", [Seen(name)], ITEM)
    assert [each.field for each in found] == ([field] if field else [])


def test_a_guess_says_how_sure_it_is_and_why_with_masked_samples() -> None:
    seen = Seen("NetDueDate", "date", [date(2026, 1, 31), date(2026, 2, 28), None])
    assert guesses("item", [seen], ITEM) == [
        Guess("NetDueDate", "due_on", 99, "the name says net due date; 2 of 2 values are days", ("9999-99-99",))
    ]


@pytest.mark.parametrize(
    ("stream", "values", "field", "percent", "reason"),
    [
        ("contact", ["mia@shop.example", "kit@shop.example"], "email", 70, "2 of 2 values are mail addresses"),
        ("customer", ["mia@shop.example"], "extra.email", 70, "1 of 1 values are mail addresses"),
        ("customer", ["DE89370400440532013000", "NL91 ABNA 0417 1643 00"], "extra.iban", 60, "2 of 2 values are IBANs"),
        ("customer", ["DE89370400440532013001"], None, 0, ""),
        ("customer", ["DE123456788", "ATU12345678"], "tax_id", 60, "2 of 2 values are VAT numbers"),
        ("customer", ["DE", "FR", "AT", "AT", ""], "country", 45, "4 of 4 values are countries"),
        ("customer", ["EUR", "USD"], "currency", 45, "2 of 2 values are currencies"),
        ("contact", ["+49 431 12345", "0049 (30) 99-12"], "phone", 55, "2 of 2 values are phone numbers"),
        ("contact", ["0.8876543", "0.9123456"], None, 0, ""),
        ("contact", ["00012345", "00012346"], None, 0, ""),
        ("customer", ["2026-01-31", "20260228"], None, 0, ""),
        ("customer", ["Y", "N"], None, 0, ""),
        ("customer", [], None, 0, ""),
    ],
)  # fmt: skip
def test_values_say_what_a_field_without_a_telling_name_may_be(
    stream: str, values: list[str], field: str | None, percent: int, reason: str
) -> None:
    fields = (*CUSTOMER, "email", "phone") if stream == "contact" else CUSTOMER
    found = guesses(stream, [Seen("ABAC07", None, values)], fields)  # type: ignore[arg-type]
    assert [(each.field, each.percent, each.reason) for each in found] == ([(field, percent, reason)] if field else [])


def test_values_of_another_kind_speak_against_a_name() -> None:
    by_name = guesses("item", [Seen("DueDate", None, [])], ITEM)
    against = guesses("item", [Seen("DueDate", None, ["Y", "N"])], ITEM)
    assert ([each.percent for each in by_name], against) == ([95], [])


def test_the_erps_own_words_for_a_field_count_as_its_name() -> None:
    (found,) = guesses("item", [Seen("RPURDT", None, [], "User reserved due date")], ITEM)
    assert (found.field, found.source) == ("due_on", "RPURDT")


def test_the_surest_guess_stands_first_and_a_field_has_one_at_most() -> None:
    found = guesses("customer", [Seen("Group2"), Seen("CreditLimit"), Seen("Mail", None, ["a@b.example"])], CUSTOMER)
    assert [(each.source, each.field) for each in found] == [
        ("CreditLimit", "credit_limit"), ("Group2", "group"), ("Mail", "extra.email"),
    ]  # fmt: skip


def test_samples_never_show_whose_they_are() -> None:
    (found,) = guesses("customer", [Seen("X", None, ["mia.moor@shop.example"])], CUSTOMER)
    assert found.samples == ("mxx.mxxx@sxxx.exxxxxx",)
