"""A consultant's file is read whole, and every fault is told with its place and what was probably meant."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.errors import ConfigError
from duehook.core.field_mapping import NO_MAPPING, Entity, Schema, StreamSchema, load

from .shop import SCHEMA, faults, mapping

GOOD = """
version: 1
fields:
  item:
    due_on: [AltDue, Due]
    business_unit: null
    reference: Heads.Ref
    dunning_block: {from: Held, codes: {"true": held by the branch, "false": null}}
  customer:
    name: LegalName
    categories.region: Region
    currency: {constant: EUR}
extra:
  item:
    salesman: Salesman
    pieces: {from: Pieces, as: text}
codes:
  item_class: {codes: {W: retainage, A: null}, default: usual}
  terms: {codes: {Z030: 30, Z014: {net_days: 14, discount_days: 7, discount_percent: 2.5, text: 14 days}}}
  collector: {codes: {MM: Mia Moor, KB: {name: Kit Bell, email: kit@shop.example}}, default: keep}
  hold: {codes: {C1: credit stop}, default: keep}
"""


def test_a_file_says_in_words_what_it_maps(tmp_path: Path) -> None:
    found = mapping(tmp_path, GOOD)
    assert found.words == "item (4 fields, 2 extra), customer (3 fields), 4 code lists"
    assert mapping(tmp_path, "version: 1").words == "nothing"


def test_a_file_names_the_fields_that_must_be_selected_with_their_kinds(tmp_path: Path) -> None:
    found = mapping(tmp_path, GOOD)
    assert found.source_fields("Items") == {
        "AltDue": "date", "Due": "date", "Held": "flag", "Salesman": "text", "Pieces": "text",
    }  # fmt: skip
    assert found.source_fields("Heads") == {"Ref": "text"}
    assert found.source_fields("Customers") == {"LegalName": "text", "Region": "text"}
    assert found.source_fields("Orders") == {}


def test_fields_that_the_erp_turns_out_not_to_have_are_told_at_their_place(tmp_path: Path) -> None:
    found = mapping(tmp_path, GOOD)
    assert found.missing("Customers", {"LegalName", "Regions"}) == [
        *found.missing("Customers", {"LegalName", "Regions"})
    ]
    (problem,) = found.missing("Customers", {"LegalName", "Regions"})
    assert str(problem) == (
        f"{tmp_path}/erp-fields.yaml:11:24: Customers of this ERP has no field 'Region' (did you mean Regions?)"
    )
    assert found.missing("Customers", {"LegalName", "Region"}) == []


def test_the_digest_follows_the_content_and_no_file_has_none(tmp_path: Path) -> None:
    first = mapping(tmp_path, GOOD)
    assert mapping(tmp_path, GOOD).digest == first.digest != mapping(tmp_path, GOOD + "\n").digest
    assert NO_MAPPING.digest == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("field: {}", "1:1: unknown key 'field' (did you mean fields?)"),
        ("fields: {items: {due_on: Due}}", "1:10: 'items' cannot be mapped (did you mean item?)"),
        ("fields: {item: {due: Due}}", "1:17: item has no field 'due' (did you mean due_on?)"),
        ("fields: {item: {amount: Fee}}", "1:17: amount is the connector's own and cannot be mapped (these can be "
         "mapped: business_unit, dispute_reason, disputed_amount, due_on, dunning_block, dunning_level, item_class, "
         "reference)"),
        ("fields: {item: {extra.salesman: Salesman}}",
         "1:17: 'extra.salesman' does not stand here (write it under extra: item:)"),
        ("fields: {item: {due_on: AltDu}}",
         "1:25: Items or Heads of this ERP has no field 'AltDu' (did you mean AltDue?)"),
        ("fields: {item: {due_on: altdue}}",
         "1:25: Items or Heads of this ERP has no field 'altdue' (did you mean AltDue?)"),
        ("fields: {item: {due_on: [AltDue, Dew]}}",
         "1:34: Items or Heads of this ERP has no field 'Dew' (did you mean Due?)"),
        ("fields: {item: {reference: Head.Ref}}", "1:28: 'Head' is not read here (did you mean Heads?)"),
        ("fields: {item: {reference: Heads.Rex}}", "1:28: Heads of this ERP has no field 'Rex' (did you mean Ref?)"),
        ("fields: {item: {due_on: Fee}}", "1:25: due_on is date, and this source field is amount (name another field)"),
        ("fields: {item: {due_on: {from: Due, as: text}}}",
         "1:32: due_on is date, so that it cannot be read as text (leave `as` out)"),
        ("fields: {item: {due_on: {constant: soon}}}",
         "1:36: due_on is date, and 'soon' is none (write it as 2026-01-31)"),
        ("fields: {item: {disputed_amount: {constant: x}}}",
         "1:45: disputed_amount is amount, and 'x' is none (write it as 1234.50)"),
        ("fields: {customer: {currency: {constant: EURO}}}",
         "1:42: 'EURO' is no ISO 4217 currency (write one such as EUR)"),
        ("fields: {customer: {country: {constant: Germany}}}",
         "1:41: 'Germany' is no ISO 3166 country (write two capitals such as DE)"),
        ("fields: {customer: {name: null}}",
         "1:27: customer cannot do without name (name a source field or a constant)"),
        ("fields: {item: {item_class: null}}",
         "1:29: item cannot do without item_class (name a source field or a constant)"),
        ("fields: {customer: {categories: Region}}",
         "1:21: customer has no field 'categories' (write categories.NAME: … with a name of your own)"),
        ("fields: {item: {due_on: {form: Due}}}", "1:26: unknown key 'form' (did you mean from?)"),
        ("fields: {item: {due_on: {from: Due, constant: 1}}}", "1:25: `fields.item.due_on`: write a source field, "
         "{from: …} or {constant: …}; null takes it from nowhere"),
        ("fields: {item: {due_on: {from: Due, default: Due}}}", "1:25: `fields.item.due_on`: `default` is for "
         "codes that `codes` lacks; for an empty field, name another in `from`"),
        ("fields: {item: {due_on: []}}",
         "1:25: `fields.item.due_on`: value should have at least 1 item after validation, not 0"),
        ("fields: {item: {item_class: Why}}", "1:29: item_class is one of chargeback, direct_debit, down_payment, "
         "draft, intercompany, normal, retainage, unposted; say what the ERP's codes mean "
         "(write item_class: {from: …, codes: {CODE: chargeback}})"),
        ("fields: {item: {item_class: {from: Why, codes: {R: retained}}}}",
         "1:52: item_class cannot be 'retained' (did you mean retainage?)"),
        ("fields: {item: {item_class: {from: Why, codes: {R: retainage}, default: keep}}}",
         "1:73: item_class cannot be 'keep' (known here: chargeback, direct_debit, down_payment, draft, intercompany, "
         "normal, retainage, unposted)"),
        ("extra: {item: {sales.man: Salesman}}", "1:16: 'sales.man' is no name for an extra field (write a word)"),
        ("extra: {payment: {x: Y}}",
         "1:9: 'payment' cannot be mapped (known here: contact, customer, item)"),
        ("extra: {item: {n: {from: Pieces, as: instant}}}",
         "1:26: this ERP's fields cannot be read as instant (known here: amount, date, flag, text, whole)"),
        ("codes: {item_clas: {codes: {}}}", "1:9: there is no code list 'item_clas' (did you mean item_class?)"),
        ("codes: {item_class: {codes: {R: retained}}}", "1:33: 'retained' is nothing that a code of this list can mean "
         "(did you mean retainage?)"),
        ("codes: {item_class: {codes: {}, default: keep}}",
         "1:42: a code of this list cannot stand for itself (write refuse, usual or a value)"),
        ("codes: {item_class: {R: retainage}}",
         "1:9: `codes.item_class.codes` is missing (write codes: …)"),
        ("codes: {language: {codes: {D: German}}}", "1:31: 'German' is no language (write one such as de or en-US)"),
        ("codes: {language: {codes: {N: no, J: true}}}",
         "1:38: YAML reads this as True; write it between quotes, such as \"true\""),
        ("codes: {terms: {codes: {Z030: {days: 30}}}}",
         "1:32: unknown key 'days' (did you mean net_days?)"),
        ("codes: {terms: {codes: {Z030: soon}}}",
         "1:31: `codes.terms.codes.Z030`: write days, or {net_days: 30, text: …}"),
        ("codes: {collector: {codes: {MM: {name: Mia, email: mia}}}}",
         "1:52: `codes.collector.codes.MM.email`: string should match pattern '^[^@\\s]+@[^@\\s]+$'"),
        ("fields: {item: {due_on: 5}}",
         "1:25: `fields.item.due_on`: write a source field, a list of them, {from: …} or {constant: …}"),
        ("codes: {collector: {codes: {MM: [1]}}}",
         "1:33: `codes.collector.codes.MM`: write a name, or {name: …, email: …}"),
        ("[]",
         "1:1: the file: write `fields:`, `extra:` and `codes:`"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_a_hint(tmp_path: Path, text: str, told: str) -> None:
    assert told in faults(tmp_path, text)


def test_all_faults_are_told_at_once_in_the_files_order(tmp_path: Path) -> None:
    text = """
fields:
  item: {due_on: Dew, due: Due}
  customer: {country: {constant: Germany}}
extra: {item: {fee: Feee}}
codes: {hold: {codes: {C1: true}}}
"""
    assert [fault.partition(": ")[0] for fault in faults(tmp_path, text)] == ["3:18", "3:23", "4:34", "5:21", "6:28"]


WORDS = st.sampled_from(
    ["item", "customer", "due_on", "item_class", "categories.x", "address.city", "Due", "Items.Due", "from", "as",
     "constant", "codes", "default", "keep", "usual", "terms", "collector", "net_days", "R", "", "1", "flag", "extra.a"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers(-1, 40) | WORDS
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=12
)
PARTS = st.dictionaries(st.sampled_from(["fields", "extra", "codes", "version", "x"]), TREES, max_size=4)


@given(data=PARTS | TREES)
def test_whatever_stands_in_a_file_is_well_or_told_at_its_place(
    tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    for fault in faults(tmp_path_factory.mktemp("map"), json.dumps(data)):
        assert re.match(r"\d+:\d+: \S", fault)


def test_a_field_that_is_not_known_is_the_entitys_whose_prefix_it_has(tmp_path: Path) -> None:
    two = Schema({"item": StreamSchema(
        (Entity("F1", {"AADUE": None}, prefix="AA"), Entity("F2", {}, prefix="BB")), {"due_on": "AADUE"},
    )})  # fmt: skip
    found = mapping(tmp_path, "extra: {item: {one: AAXX, two: BBYY, due: AADUE}}", two)
    assert (found.source_fields("F1"), found.source_fields("F2")) == (
        {"AAXX": "text", "AADUE": "text"},
        {"BBYY": "text"},
    )
    assert faults(tmp_path, "extra: {item: {one: CCXX, two: F1.BBYY}}", two) == [
        "1:21: F1 or F2 of this ERP has no field 'CCXX' (known here: AADUE)",
        "1:32: F1 of this ERP has no field 'BBYY' (known here: AADUE)",
    ]


def test_a_file_that_is_not_there_or_no_yaml_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.yaml does not exist.*map-fields.md"):
        load(tmp_path / "none.yaml", SCHEMA)
    with pytest.raises(ConfigError, match="this is no YAML"):
        mapping(tmp_path, "fields: [")
