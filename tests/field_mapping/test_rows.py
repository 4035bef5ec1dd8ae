"""What a file says is done to each row that the connector has mapped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import NO_MAPPING

from .shop import mapping, patched, read


def test_a_field_comes_from_the_first_source_field_that_is_filled(tmp_path: Path) -> None:
    found = mapping(tmp_path, "fields: {item: {due_on: [AltDue, Due]}}")
    both = {"AltDue": "2026-03-31", "Due": "2026-02-28"}
    assert patched(found, "item", both, due_on=None)["due_on"] == date.fromisoformat("2026-03-31")
    assert patched(found, "item", {**both, "AltDue": ""}, due_on=None)["due_on"] == date.fromisoformat("2026-02-28")
    assert patched(found, "item", {}, due_on=date.fromisoformat("2026-01-01"))["due_on"] is None


def test_a_field_may_come_from_nowhere_or_be_a_constant(tmp_path: Path) -> None:
    found = mapping(
        tmp_path,
        "fields: {item: {business_unit: null}, customer: {currency: {constant: EUR}, last_dunned_on: {constant: "
        "2026-01-31}, credit_limit: {constant: 1000.50}}}",
    )
    assert patched(found, "item", {}, business_unit="100") == {"business_unit": None}
    assert patched(found, "customer", {}, currency="USD") == {
        "currency": "EUR", "last_dunned_on": date.fromisoformat("2026-01-31"), "credit_limit": Decimal("1000.50"),
    }  # fmt: skip


def test_a_field_that_no_row_can_do_without_is_not_emptied(tmp_path: Path) -> None:
    found = mapping(tmp_path, "fields: {customer: {name: LegalName}}")
    assert patched(found, "customer", {"LegalName": "Nord AG"}, name="NORD") == {"name": "Nord AG"}
    assert patched(found, "customer", {"LegalName": ""}, name="NORD") == {"name": "NORD"}


def test_a_field_of_the_address_is_changed_in_a_copy(tmp_path: Path) -> None:
    found = mapping(tmp_path, "fields: {customer: {address.city: Town}}")
    shared = {"city": "Kiel", "country": "DE"}
    assert patched(found, "customer", {"Town": "Ulm"}, address=shared)["address"] == {"city": "Ulm", "country": "DE"}
    assert patched(found, "customer", {}, address=shared)["address"] == {"city": None, "country": "DE"}
    assert patched(found, "customer", {}, address=None)["address"] is None
    assert patched(found, "customer", {"Town": "Ulm"}, address=None)["address"] == {"city": "Ulm"}
    assert shared == {"city": "Kiel", "country": "DE"}


def test_extra_fields_stand_beside_those_of_the_connector_as_plain_values(tmp_path: Path) -> None:
    found = mapping(
        tmp_path,
        "extra: {item: {salesman: Salesman, due: AltDue, fee: Fee, held: Held, pieces: Pieces,"
        " why: {from: Why, as: amount}}}",
    )
    shared = {"pay_status": "H"}
    raw = {"Salesman": "", "AltDue": "2026-03-31", "Fee": "1.50", "Held": True, "Pieces": "3", "Why": "2.25"}
    assert patched(found, "item", raw, extra=shared)["extra"] == {
        "pay_status": "H", "due": "2026-03-31", "fee": "1.50", "held": True, "pieces": 3, "why": "2.25",
    }  # fmt: skip
    assert patched(found, "item", {"Salesman": "Kit"}, extra=None)["extra"] == {"salesman": "Kit"}
    assert patched(found, "item", {}, extra=None)["extra"] is None
    assert shared == {"pay_status": "H"}


def test_an_extra_field_that_is_empty_now_takes_away_what_the_connector_had_there(tmp_path: Path) -> None:
    found = mapping(tmp_path, "extra: {item: {pay_status: Why}}\nfields: {customer: {categories.region: Region}}")
    assert patched(found, "item", {}, extra={"pay_status": "H", "a": 1})["extra"] == {"a": 1}
    assert patched(found, "customer", {"Region": "N"}, categories={})["categories"] == {"region": "N"}
    assert patched(found, "customer", {}, categories={"region": "S"})["categories"] == {}


CODED = "fields: {item: {item_class: {from: Why, codes: {R: retainage, A: null}%s}}}"


@pytest.mark.parametrize(
    ("default", "code", "meant"),
    [
        ("", "R", "retainage"),
        ("", "A", "normal"),
        ("", "", "normal"),
        (", default: refuse", "R", "retainage"),
        (", default: draft", "Q", "draft"),
        (", default: null", "Q", "normal"),
    ],
)
def test_a_code_means_what_the_file_says_and_nothing_leaves_what_the_connector_said(
    tmp_path: Path, default: str, code: str, meant: str
) -> None:
    found = mapping(tmp_path, CODED % default)
    assert patched(found, "item", {"Why": code}, item_class="normal") == {"item_class": meant}


def test_a_code_that_is_not_listed_is_refused_with_the_place_of_its_list(tmp_path: Path) -> None:
    with pytest.raises(BadRecord) as caught:
        patched(mapping(tmp_path, CODED % ""), "item", {"Why": "Q"})
    assert str(caught.value) == (
        f"item_class: the code 'Q' is not in `codes` of item_class ({tmp_path}/erp-fields.yaml:1:29)."
        " Fix: add it there, or say what its `default` is."
    )


def test_a_code_may_stand_for_itself_and_a_flag_is_the_code_true_or_false(tmp_path: Path) -> None:
    found = mapping(
        tmp_path,
        "fields: {item: {dispute_reason: {from: Why, codes: {P: price}, default: keep},"
        ' dunning_block: {from: Held, codes: {"true": held, "false": null}}}}',
    )
    assert patched(found, "item", {"Why": "P", "Held": True}) == {"dispute_reason": "price", "dunning_block": "held"}
    assert patched(found, "item", {"Why": "Z9", "Held": False}) == {"dispute_reason": "Z9", "dunning_block": None}


def test_a_purpose_is_a_list_of_one(tmp_path: Path) -> None:
    found = mapping(
        tmp_path, "fields: {contact: {purposes: {from: P_KIND, codes: {A: accounts_payable}, default: null}}}"
    )
    assert patched(found, "contact", {"P_KIND": "A"}) == {"purposes": ("accounts_payable",)}
    assert patched(found, "contact", {"P_KIND": "S"}) == {"purposes": ()}


def test_a_value_that_cannot_be_read_makes_the_row_bad_and_names_its_field(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match="extra.fee: Fee 'x' is no amount"):
        patched(mapping(tmp_path, "extra: {item: {salesman: Salesman, fee: Fee}}"), "item", {"Fee": "x"})


def test_holds_and_collectors_get_their_words_and_keep_their_codes(tmp_path: Path) -> None:
    found = mapping(
        tmp_path,
        "codes:\n"
        "  hold: {codes: {C1: credit stop}, default: keep}\n"
        "  collector: {codes: {MM: Mia Moor, KB: {name: Kit Bell, email: kit@shop.example}}, default: usual}\n",
    )
    assert patched(found, "customer", {}, hold="C1", collector="KB", extra={"a": "b"}) == {
        "hold": "C1", "collector": "KB",
        "extra": {
            "a": "b", "hold_text": "credit stop", "collector_name": "Kit Bell", "collector_email": "kit@shop.example",
        },
    }  # fmt: skip
    assert patched(found, "customer", {}, hold="H9", collector="MM")["extra"] == {
        "hold_text": "H9", "collector_name": "Mia Moor",
    }  # fmt: skip
    assert patched(found, "customer", {}, hold=None, collector="XX") == {"hold": None, "collector": "XX"}


def test_terms_get_the_days_that_the_erp_does_not_tell(tmp_path: Path) -> None:
    found = mapping(
        tmp_path,
        "codes: {terms: {codes: {Z1: 30, Z2: {net_days: 14, discount_percent: 2.5}, Z3: null}, default: usual}}",
    )
    assert found.terms == [
        {"key": "Z1", "text": "", "net_days": 30},
        {"key": "Z2", "text": "", "net_days": 14, "discount_percent": Decimal("2.5")},
    ]
    assert patched(found, "payment_term", {}, key="Z1", net_days=0, text="x") == {
        "key": "Z1",
        "net_days": 30,
        "text": "x",
    }
    assert patched(found, "payment_term", {}, key="Z9", net_days=7) == {"key": "Z9", "net_days": 7}
    assert NO_MAPPING.terms == []


def test_a_list_of_the_file_goes_over_the_usual_one(tmp_path: Path) -> None:
    usual = {"R": "retainage", "D": "draft"}
    codes = mapping(tmp_path, "codes: {item_class: {codes: {D: direct_debit, A: null}, default: usual}}").codes(
        "item_class", usual
    )
    assert {code: codes.get(code, "usual") for code in ("R", "D", "A", "Q", "")} == {
        "R": "retainage", "D": "direct_debit", "A": None, "Q": "usual", "": "usual",
    }  # fmt: skip
    strict = mapping(tmp_path, "codes: {item_class: {codes: {A: null}}}").codes("item_class", usual)
    assert (strict.get("R"), strict.get("A", "x"), strict.get("", "x"), dict(strict)) == (
        "retainage", None, "x", {**usual, "A": None},
    )  # fmt: skip
    with pytest.raises(BadRecord, match=r"the code 'Q' is not in codes.item_class \(.*:1:21\)"):
        strict.get("Q")
    assert NO_MAPPING.codes("item_class", usual) is usual


def test_a_stream_that_the_file_does_not_touch_has_no_patch(tmp_path: Path) -> None:
    assert NO_MAPPING.patch("item", read) is None
    assert mapping(tmp_path, "fields: {item: {business_unit: null}}").patch("customer", read) is None


@given(raw=st.fixed_dictionaries({"Why": st.sampled_from(["", "P", "Z9"]), "Salesman": st.text(max_size=5)}),
       row=st.dictionaries(st.sampled_from(["key", "text", "amount"]), st.integers()))  # fmt: skip
def test_fields_that_the_file_does_not_name_stay_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, raw: dict[str, str], row: dict[str, int]
) -> None:
    text = (
        "fields: {item: {dispute_reason: {from: Why, codes: {P: price}, default: keep}}}\nextra: {item: {s: Salesman}}"
    )
    found = mapping(tmp_path_factory.mktemp("map"), text)
    after = patched(found, "item", raw, **row)
    assert {name: after[name] for name in row} == row
    assert after.keys() - row.keys() <= {"dispute_reason", "extra"}
    again = dict(after)
    patched(found, "item", raw, **after)
    assert again == after


def test_a_hundred_thousand_rows_cost_little(tmp_path: Path) -> None:
    found = mapping(
        tmp_path,
        "fields: {item: {business_unit: Branch, dispute_reason: {from: Why, codes: {P: price}, default: keep}}}\n"
        "extra: {item: {salesman: Salesman, level: Level, branch: Branch}}\n",
    )
    patch = found.patch("item", lambda entity, field, kind: lambda raw, row: raw[field])
    assert patch is not None
    raw = {"Branch": "100", "Why": "P", "Salesman": "Kit", "Level": "2"}
    began = process_time()
    for _ in range(100_000):
        patch(raw, {"extra": None})
    assert process_time() - began < 2  # about 0.3 s; an import of as many rows takes 15 s and more
