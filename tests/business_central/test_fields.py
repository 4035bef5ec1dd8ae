"""A site's own file: other columns, extra fields and code lists."""

from __future__ import annotations

from pathlib import Path

from duehook.plugins.business_central import check_mapping

from .literal import API, Connect, Row, Wire
from .rows import BOTH, ENTRIES, entry
from .test_entries import OPEN

FILE = """
version: 1
fields:
  item:
    text: CustomerLedgerEntries.Message_to_Recipient
  customer:
    state: {from: customerPostingGroup, codes: {LEGAL: legal}, default: active}
extra:
  item:
    project: CustomerLedgerEntries.Project_No
codes:
  class_by_payment_method: {codes: {SEPA: direct_debit}, default: normal}
"""


def test_a_file_takes_columns_of_the_sites_own(wire: Wire, connect: Connect, tmp_path: Path) -> None:
    file = tmp_path / "bc.yaml"
    file.write_text(FILE)
    assert check_mapping(file) == "customer (1 field), item (1 field, 1 extra), 1 code list"
    own: Row = {"Message_to_Recipient": "Thanks", "Project_No": "P1", "Payment_Method_Code": "SEPA"}
    wire.rows[ENTRIES] = wire.rows[OPEN] = [entry(7, 100, **own)]
    wire.rows[f"{API}/customers"] = [{"id": "c", "number": "1", "displayName": "A", "customerPostingGroup": "LEGAL"}]
    made = connect(**BOTH, mapping=str(file))
    (item,) = made.rows("item")
    assert (item["text"], item["extra"], item["item_class"]) == ("Thanks", {"project": "P1"}, "direct_debit")
    assert [row["state"] for row in made.rows("customer")] == ["legal"]


def test_a_column_that_is_not_there_is_told_with_its_place(wire: Wire, connect: Connect, tmp_path: Path) -> None:
    file = tmp_path / "bc.yaml"
    file.write_text("version: 1\nfields:\n  item: {text: CustomerLedgerEntries.Descripton}\n")
    wire.rows[ENTRIES] = [entry(7, 100, Description="Thanks")]
    found = [each for each in connect(**BOTH, mapping=str(file)).invoices.check() if not each.ok]
    assert [each.subject for each in found] == ["field mapping"]
    assert "CustomerLedgerEntries of this ERP has no field 'Descripton'" in found[0].message
