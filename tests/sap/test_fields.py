"""A site's own file says what fills a field of SAP's rows, and what SAP's codes mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConfigError
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.scenes.acts import issue
from duehook.core.testing.contract.under_test import Connector
from duehook.plugins.sap import check_mapping
from duehook.plugins.sap.simulator import SapSimulator

from .stubbed import PLUGINS, Stub

FILE = """
version: 1
fields:
  item:
    reference: [AssignmentReference, DocumentReferenceID]
    business_unit: A_OperationalAcctgDocItemCube.PaymentMethod
  customer:
    name: A_BusinessPartner.BusinessPartnerFullName
    categories.account_group: A_Customer.CustomerAccountGroup
  contact:
    role: ContactPersonFunction
  payment:
    method: AccountingDocumentType
extra:
  item:
    posted: {from: PostingDate, as: date}
    cleared: IsCleared
codes:
  class_by_document_type:
    codes: {DR: retainage}
    default: usual
  terms:
    codes: {ZZ14: {net_days: 14, text: 14 days}}
    default: usual
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[SapSimulator, Connector]]:
    file = tmp_path / "fields.yaml"
    file.write_text(FILE, encoding="utf-8")
    simulators = Simulators(PLUGINS, "sap", lambda: tmp_path)
    erp: Any = simulators.start(customers=10, items=0, start_on=date(2026, 3, 2))
    with erp.act() as book:
        issue(book, "50.00")
    yield erp, connector(simulators, erp, tmp_path)
    simulators.stop()


def connector(simulators: Simulators, erp: Any, folder: Path) -> Connector:
    settings = {**simulators.settings(erp), **erp.site_settings, "mapping": "fields.yaml"}
    return Connector(PLUGINS, "sap", settings, str(folder))


def test_fields_come_from_where_the_file_says(site: tuple[SapSimulator, Connector]) -> None:
    erp, read = site
    (line,) = [each for each in erp.book.items.values() if each.kind == "invoice"]
    assert line.posted_on is not None
    (item,) = [row for row in read.rows("item") if row["document_no"] == str(line.document_no)]
    assert item["extra"] == {"posted": line.posted_on.isoformat(), "cleared": False}
    assert item["item_class"] == "retainage"
    assert item["business_unit"] == item["payment_method"]
    customers = read.rows("customer")
    assert {row["categories"]["account_group"] for row in customers} <= {"DEBI", "CPD", "INTC"}
    assert all(
        row["role"] in {"Z001", "Z002", "Z003", "Z004", "0001"} for row in read.rows("contact") if row.get("role")
    )
    assert ("ZZ14", 14) in [(row["key"], row["net_days"]) for row in read.rows("payment_term")]


def test_after_another_mapping_all_is_read_anew(site: tuple[SapSimulator, Connector]) -> None:
    _, read = site
    first = read.rows("item")
    *_, last = read.pages("item")
    assert len(last.position["mapping"]) > 8
    assert read.rows("item", {**last.position, "mapping": "another"}) == first
    tomorrow = {**last.position, "bound": "2030-01-01"}
    assert read.rows("item", tomorrow) == []


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "fields.yaml"
    file.write_text(
        "version: 1\nfields:\n  item:\n    due: NetDueDate\n  customer:\n    name: A_Nobody.Name\n", "utf-8"
    )
    with pytest.raises(ConfigError, match=r"(?s)no field 'due' .*due_on.*'A_Nobody' is not read here"):
        check_mapping(file)


def test_what_a_file_maps_is_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "fields.yaml"
    file.write_text(FILE, "utf-8")
    assert "item (2 fields, 2 extra)" in check_mapping(file)


def test_a_customer_whose_field_cannot_be_read_is_set_aside_alone(tmp_path: Path) -> None:
    (tmp_path / "fields.yaml").write_text(
        "version: 1\nextra:\n  item:\n    due: {from: NetDueDate, as: date}\n", encoding="utf-8"
    )
    stub = Stub({"NetDueDate": "soon"}, {"AccountingDocument": "101"})
    try:
        settings = {**stub.connector().settings, "mapping": "fields.yaml"}
        pages = list(Connector(PLUGINS, "sap", settings, str(tmp_path)).pages("item"))
    finally:
        stub.server.stop()
    assert [row.key for page in pages for row in page.bad] == ["1010|2026|100|001"]
    assert [row["document_no"] for page in pages for row in page.rows] == ["101"]
