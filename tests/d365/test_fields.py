"""A site's own file: fields of extensions, other fields, and codes, read from F&O as the file says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.connecting.odata_fields import patch_of, selected
from duehook.core.errors import BadRecord, ConfigError
from duehook.core.field_mapping import load
from duehook.core.records import Stream
from duehook.plugins.d365 import check_mapping, entities
from duehook.plugins.d365.fields import SETS, YES_NO, schema

from .connected import Connect
from .simulated import Client, invoice

FILE = """\
fields:
  item:
    due_on: [CustTransOpens.CashDiscDate, DueDate]
    business_unit: {constant: North}
  customer:
    collector: EmployeeResponsibleNumber
extra:
  item:
    voucher: Voucher
    prepaid: Prepayment
  customer:
    notes: CredManNotes
    reviewed_on: {from: CredManCreditLimitExpiryDate, as: date}
codes:
  class_by_payment_mode:
    codes: {TRANSF: draft}
    default: usual
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file as a consultant writes it."""
    path = tmp_path / "fields.yaml"
    path.write_text(FILE)
    return path


def test_what_a_file_maps_is_said_in_words(file: Path) -> None:
    assert check_mapping(file) == "customer (1 field, 2 extra), item (2 fields, 2 extra), 1 code list"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fields: {item: {open_amount: AmountCur}}", "open_amount is the connector's own"),
        ("fields: {item: {due_on: AmountCur}}", "due_on is date, and this source field is amount"),
        ("fields: {item: {terms: CustomersV9.PaymTermId}}", "'CustomersV9' is not read here"),
        ("codes: {class_by_mode: {codes: {A: draft}}}", "class_by_mode"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"fields\.yaml:1:\d+") as raised:
        check_mapping(path)
    assert told in raised.value.message


def test_fields_that_are_not_read_anyhow_are_read_beside(file: Path, played: Client, connect: Connect) -> None:
    made = connect(played, mapping=str(file))
    items, customers = made.rows("item"), made.rows("customer")
    assert {row["business_unit"] for row in items} == {"North"}
    assert {row["item_class"] for row in items if row["payment_method"] == "TRANSF"} >= {"draft"}
    assert {type(row["extra"]["prepaid"]) for row in items} == {bool}
    assert all(row["extra"]["voucher"] for row in items)
    assert {row["collector"] for row in customers if row["collector"]} != set()
    assert all("reviewed_on" not in row.get("extra", {}) for row in customers)  # 1900-01-01 is no date


def test_a_field_that_f_and_o_does_not_have_is_named_by_check(tmp_path: Path, small: Client, connect: Connect) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text("extra: {item: {region: AcmeRegion}}")
    invoice(small, "100.00")
    wrong = [each for each in connect(small, mapping=str(path)).invoices.check() if each.subject == "field mapping"]
    assert len(wrong) == 1
    assert "AcmeRegion" in wrong[0].message


@pytest.mark.parametrize(
    ("kind", "held", "read"),
    [
        ("text", Decimal("1.50"), "1.50"), ("text", True, "Yes"), ("text", date(2026, 3, 2), "2026-03-02"),
        ("date", "2026-03-02T12:00:00Z", "2026-03-02"), ("date", "1900-01-01T00:00:00Z", None),
        ("amount", 12, "12"), ("whole", Decimal("12.00"), 12), ("flag", "No", False), ("flag", True, True),
        ("text", "", None),
    ],
)  # fmt: skip
def test_a_value_is_read_as_the_file_says(kind: str, held: Any, read: Any, tmp_path: Path) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text(f"extra: {{item: {{own: {{from: AcmeOwn, as: {kind}}}}}}}")
    patch = patch_of(load(path, schema()), "item")
    assert patch is not None
    row: dict[str, Any] = {}
    patch({"CustTransactions": {"AcmeOwn": held}}, row)
    assert row.get("extra", {}).get("own") == read


@pytest.mark.parametrize(("kind", "held"), [("date", "soon"), ("amount", "12,50"), ("whole", Decimal("1.5")),
                                            ("flag", "Maybe"), ("amount", True)])  # fmt: skip
def test_a_value_that_cannot_be_read_sets_its_row_aside(kind: str, held: Any, tmp_path: Path) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text(f"extra: {{item: {{own: {{from: AcmeOwn, as: {kind}}}}}}}")
    patch = patch_of(load(path, schema()), "item")
    assert patch is not None
    with pytest.raises(BadRecord, match=f"AcmeOwn holds .* which is no {kind}"):
        patch({"CustTransactions": {"AcmeOwn": held}}, {})


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        ("customer", "fields: {customer: {group: {from: CustomerGroupId, codes: {NOBODY: none}}}}"),
        ("contact", "fields: {contact: {role: {from: EmploymentJobTitle, codes: {NOBODY: none}}}}"),
    ],
)
def test_a_customer_or_contact_whose_code_is_refused_is_there_all_the_same(
    stream: Stream, text: str, tmp_path: Path, *, small: Client, connect: Connect
) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text(text)
    plain = connect(small).rows(stream)
    mapped = connect(small, mapping=str(path))
    bad = {(each.company, each.key) for page in mapped.pages(stream) for each in page.bad}
    assert bad != set()
    assert bad | {(row["company"], row["key"]) for row in mapped.rows(stream)} == {
        (row["company"], row["key"]) for row in plain
    }
    assert {name for page in mapped.source(stream).keys(stream) for name in page.keys} >= bad
    told = mapped.source(stream).lookup(stream, [(company or "", key or "") for company, key in bad])
    assert {(each.company, each.key) for each in told.bad} == bad
    assert (list(told.found), list(told.missing)) == ([], [])


def test_only_what_is_not_read_anyhow_is_selected_beside(file: Path) -> None:
    fields = load(file, schema())
    made = selected(fields, entities.TRANSACTION, entities.TRANSACTION)
    assert made.kinds.keys() == entities.TRANSACTION.kinds.keys()
    customer = selected(fields, entities.CUSTOMER, entities.CUSTOMER)
    assert customer.kinds.keys() - entities.CUSTOMER.kinds.keys() == {
        "EmployeeResponsibleNumber", "CredManNotes", "CredManCreditLimitExpiryDate",
    }  # fmt: skip


def test_what_is_called_a_flag_is_read_of_a_set_that_can_be_mapped() -> None:
    known = {name for found in SETS.values() for entity in found for name in entity.kinds}
    assert known >= YES_NO
