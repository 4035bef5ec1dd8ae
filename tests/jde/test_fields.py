"""A site's own file changes which column of EnterpriseOne fills which field, and what its codes mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConfigError, ConnectorRefused
from duehook.core.hookspecs import ConnectionConfig, Row
from duehook.core.records import Stream
from duehook.core.yaml_source import BadFile
from duehook.plugins import jde
from duehook.plugins.jde import tables
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource

from .ledger import BOUND, STAMP, Ledger, read, rows

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "map-fields.md"


def fields(ledger: Ledger, text: str) -> dict[str, Any]:
    """Write a mapping beside the ledger; return the setting that names it."""
    file = ledger.file.with_name("erp-fields.yaml")
    file.write_text(text)
    return {"mapping": str(file)}


def widen(ledger: Ledger, table: str, **columns: Any) -> None:
    """Add columns to a table as a site has them, with one value in all rows."""
    for name, value in columns.items():
        ledger.database.execute(
            f'ALTER TABLE "{table}" ADD COLUMN "{name}" {"DECIMAL(15,0)" if isinstance(value, int) else "CHAR(30)"}'
        )
        ledger.database.execute(f'UPDATE "{table}" SET "{name}" = ?', (value,))


def mapped(kind: type[JdeSource], stream: Stream, ledger: Ledger, text: str, **settings: Any) -> list[Row]:
    source = kind(ledger.settings(**fields(ledger, text), **settings))
    try:
        pages = read(source, stream)
        assert [bad.reason for page in pages for bad in page.bad] == []
        return rows(pages)
    finally:
        source.close()


def reasons(kind: type[JdeSource], stream: Stream, ledger: Ledger, text: str) -> list[str]:
    source = kind(ledger.settings(**fields(ledger, text)))
    try:
        return [bad.reason for page in read(source, stream) for bad in page.bad]
    finally:
        source.close()


def test_the_how_tos_example_is_well_and_reads_a_ledger(ledger: Ledger, tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n# erp-fields.yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 1
    ledger.item(PST="Z", MCU="100")
    widen(ledger, "F03B11", RPURDT=126121, RPURC1="Q", RPAC10="Kit")
    widen(ledger, "F0101", ABAC05="N")
    widen(ledger, "F03012", AIDAOJ=120001)
    (tmp_path / "erp-fields.yaml").write_text(blocks[0])
    assert (
        jde.check_mapping(tmp_path / "erp-fields.yaml")
        == "customer (3 fields, 1 extra), item (3 fields, 1 extra), 4 code lists"
    )
    (item,) = mapped(JdeInvoices, "item", ledger, blocks[0])
    assert (item["due_on"], item["business_unit"], item["dispute_reason"]) == (date(2026, 5, 1), None, "quality")
    assert item["extra"] == {"pay_status": "Z", "salesman": "Kit"}
    (customer,) = mapped(JdeCustomers, "customer", ledger, blocks[0])
    assert (customer["name"], customer["categories"], customer["language"]) == ("Customer 4242", {"region": "N"}, "de")
    assert customer["extra"]["opened_on"] == "2020-01-01"


def test_a_field_is_read_as_its_own_kind_from_another_column(ledger: Ledger) -> None:
    ledger.item(PYR=4242)
    widen(ledger, "F03B11", RPURDT=0, RPURAT=12345, RPPA8=77, RPURC1="  ab ")
    (row,) = mapped(
        JdeInvoices, "item", ledger,
        "fields: {item: {due_on: [RPURDT, RPDDNJ, RPDGJ], disputed_amount: RPURAT, payer: RPPA8, text: RPURC1}}\n"
        "extra: {item: {held: {from: RPURAT, as: amount}, number: RPPA8, count: {from: RPPA8, as: whole}}}",
    )  # fmt: skip
    assert (row["due_on"], row["disputed_amount"], row["payer"], row["text"]) == (
        date(2026, 2, 1), Decimal("123.45"), "77", "ab",
    )  # fmt: skip
    assert row["extra"] == {"held": "123.45", "number": "77", "count": 77}


def test_receipts_and_their_reversals_and_contacts_have_the_fields_too(ledger: Ledger) -> None:
    ledger.add(tables.PAYMENT, PYID=7, AN8=4242, CO="00001", DMTJ=126080, CKAM=100, VDGJ=126085, BCRC="EUR", CRCD="EUR",
               **STAMP)  # fmt: skip
    ledger.add(tables.WHO, AN8=4242, IDLN=1, MLNM="Mia Moor", TYC="A", **STAMP)
    widen(ledger, "F03B13", RYGLC="BNK1")
    widen(ledger, "F0111", WWGNNM="Mia", WWURC="A")
    found = mapped(JdePayments, "payment", ledger, "extra: {payment: {bank: RYGLC}}")
    assert [(row["key"], row["extra"]) for row in found] == [("7", {"bank": "BNK1"}), ("7|void", {"bank": "BNK1"})]
    (contact,) = mapped(
        JdeContacts, "contact", ledger,
        "fields: {contact: {purposes: {from: WWURC, codes: {A: accounts_payable}}}}\nextra: {contact: {first: WWGNNM}}",
    )  # fmt: skip
    assert (contact["purposes"], contact["extra"]) == (("accounts_payable",), {"contact_type": "A", "first": "Mia"})


@pytest.mark.parametrize(
    ("text", "status", "kept"),
    [
        ("codes: {class_by_pay_status: {codes: {Z: retainage}, default: usual}}", "Z", {"item_class": "retainage"}),
        ("codes: {class_by_pay_status: {codes: {R: null}, default: usual}}", "R", {"item_class": "normal"}),
        ("codes: {class_by_pay_status: {codes: {}, default: draft}}", "Q", {"item_class": "draft"}),
        ("codes: {class_by_pay_status: {codes: {}, default: draft}}", "", {"item_class": "normal"}),
        ("codes: {block_by_pay_status: {codes: {Z: stopped}, default: usual}}", "Z",
         {"dunning_block": "pay status Z: stopped"}),
        ("codes: {block_by_pay_status: {codes: {A: null, H: null}, default: look}}", "Q",
         {"dunning_block": "pay status Q: look"}),
        ("codes: {block_by_pay_status: {codes: {A: null, H: null}, default: look}}", "A", {"dunning_block": None}),
        ("codes: {dispute_by_pay_status: {codes: {Z: checked}, default: usual}}", "Z",
         {"dispute_reason": "checked", "disputed_amount": Decimal("197.10")}),
    ],
)  # fmt: skip
def test_the_files_code_lists_go_over_the_settings(
    ledger: Ledger, text: str, status: str, kept: dict[str, Any]
) -> None:
    ledger.item(PST=status)
    (row,) = mapped(JdeInvoices, "item", ledger, text, codes={"class_by_pay_status": {"Z": "draft", "R": "retainage"}})
    assert {name: row[name] for name in kept} == kept


def test_an_unknown_code_of_a_strict_list_waits_in_quarantine(ledger: Ledger) -> None:
    ledger.item(PST="Q")
    (reason,) = reasons(JdeInvoices, "item", ledger, "codes: {class_by_pay_status: {codes: {A: null}}}")
    assert "the code 'Q' is not in codes.class_by_pay_status (" in reason
    assert "erp-fields.yaml:1:30" in reason


def test_terms_holds_and_collectors_get_their_meaning(ledger: Ledger) -> None:
    ledger.add(tables.PAYMENT_TERM, PTC="Z14", PTD="?", NDTP=0)
    ledger.customer(5, HOLD="C1", CLMG="KB")
    text = (
        "codes:\n  terms: {codes: {Z14: {net_days: 14, text: 14 days}}, default: usual}\n"
        "  hold: {codes: {C1: credit stop}, default: keep}\n  collector: {codes: {KB: Kit Bell}, default: usual}\n"
    )
    (term,) = mapped(JdeCustomers, "payment_term", ledger, text)
    assert (term["key"], term["net_days"], term["text"]) == ("Z14", 14, "14 days")
    held = next(row for row in mapped(JdeCustomers, "customer", ledger, text) if row["key"] == "5")
    assert (held["hold"], held["extra"]["hold_text"], held["extra"]["collector_name"]) == (
        "C1",
        "credit stop",
        "Kit Bell",
    )


@pytest.mark.parametrize("kind", [JdeCustomers, JdeContacts, JdeInvoices, JdePayments])
def test_a_column_that_the_site_does_not_have_fails_check_and_stops_the_import(
    ledger: Ledger, kind: type[JdeSource]
) -> None:
    ledger.item()
    widen(ledger, "F03B11", RPURDT=0)
    text = (
        "fields:\n  item: {due_on: RPURTD}\n  customer: {group: ABAC99}\n"
        "  contact: {role: WWXX}\n  payment: {method: RYXX}\n"
    )
    source = kind(ledger.settings(**fields(ledger, text)))
    line, column = {
        JdeInvoices: (2, "RPURTD"),
        JdeCustomers: (3, "ABAC99"),
        JdeContacts: (4, "WWXX"),
        JdePayments: (5, "RYXX"),
    }[kind]
    told = [finding for finding in source.check() if finding.subject == "field mapping" and column in finding.message]
    assert [(finding.ok, finding.severity) for finding in told] == [(False, "error")]
    assert f"erp-fields.yaml:{line}:" in told[0].message
    if kind is JdeInvoices:
        assert told[0].advice == "did you mean RPURDT?"
    with pytest.raises(ConnectorRefused, match=f"erp-fields.yaml:{line}:.*{column}"):
        list(source.read(source.streams[-1] if kind is JdeCustomers else source.streams[0], None, BOUND))
    source.close()


def test_a_file_with_faults_stops_the_connection_with_all_of_them(ledger: Ledger) -> None:
    with pytest.raises(BadFile) as caught:
        JdeInvoices(ledger.settings(**fields(ledger, "fields: {item: {due: RPURDT, amount: RPAG, due_on: XXURDT}}")))
    assert [problem.message for problem in caught.value.problems] == [
        "item has no field 'due'",
        "amount is the connector's own and cannot be mapped",
        "F03B11 of this ERP has no field 'XXURDT'",
    ]


def test_the_file_counts_from_the_folder_of_duehook_yaml(ledger: Ledger) -> None:
    settings = ledger.settings(mapping="none.yaml")
    with pytest.raises(ConfigError, match=f"{ledger.file.parent}/none.yaml does not exist"):
        jde.invoice_source(ConnectionConfig("erp", "jde", settings, str(ledger.file.parent)))


def test_a_changed_file_has_everything_read_anew_once(ledger: Ledger) -> None:
    ledger.item(UPMJ=126001)
    widen(ledger, "F03B11", RPURC1="one")

    def numbers(text: str, position: Any) -> tuple[list[str], Any]:
        settings = ledger.settings(**fields(ledger, text) if text else {})
        source = JdeInvoices(settings)
        pages = read(source, "item", position)
        source.close()
        return [row["document_no"] for row in rows(pages)], pages[-1].position

    first, plain = numbers("", None)
    assert (first, numbers("", plain)[0]) == (["1001"], [])
    second, mapped_once = numbers("extra: {item: {a: RPURC1}}", plain)
    assert (second, numbers("extra: {item: {a: RPURC1}}", mapped_once)[0]) == (["1001"], [])
    assert numbers("extra: {item: {b: RPURC1}}", mapped_once)[0] == ["1001"]
    assert numbers("", mapped_once)[0] == ["1001"]


def test_balances_use_the_files_codes_as_items_do(ledger: Ledger) -> None:
    ledger.item(PST="Z")
    source = JdeInvoices(ledger.settings(**fields(ledger, "codes: {class_by_pay_status: {codes: {Z: draft}}}")))
    assert [total.item_class for page in source.totals(BOUND) for total in page] == ["draft"]
    source.close()


def test_a_strict_list_stops_neither_check_nor_discover(ledger: Ledger) -> None:
    ledger.item(PST="Q")
    ledger.add(tables.WHO, AN8=4242, IDLN=1, MLNM="Mia Moor", TYC="S", **STAMP)
    text = (
        "codes:\n  class_by_pay_status: {codes: {A: null}}\n  kind_by_document_type: {codes: {RI: invoice}}\n"
        "  purpose_by_contact_type: {codes: {A: accounts_payable}}\n"
    )
    invoices, contacts = (kind(ledger.settings(**fields(ledger, text))) for kind in (JdeInvoices, JdeContacts))
    told = {finding.subject: finding.message for finding in invoices.check()}
    assert told["open items"].startswith("1 of 1 rows cannot be read: F03B11: the code 'Q' is not in")
    statuses = {each.name: each for each in invoices.discover() if each.kind == "pay status"}
    assert statuses["Q"].suggests == "codes.class_by_pay_status: {Q: …}"
    assert "types without a purpose: S" in {finding.message for finding in contacts.check()}
    assert [each.suggests for each in contacts.discover()][:1] == ["codes.purpose_by_contact_type: {S: …}"]
    invoices.close()
    contacts.close()


def test_discover_guesses_what_columns_are_that_nothing_reads(ledger: Ledger) -> None:
    ledger.item()
    widen(ledger, "F03B11", RPURDT=126121, RPDUEDATE=126121, RPURC1="x", RPEMPTY="", RPUSER="ME")
    widen(ledger, "F0101", ABURL="mia@shop.example", ABIBAN="DE89370400440532013000")
    found = {each.name: each for each in discovered(JdeInvoices, ledger)}
    guess = found["F03B11.RPDUEDATE"]
    assert guess.kind == "column"
    assert guess.text.startswith("may be due_on, ")
    assert (guess.samples, guess.suggests) == (("9999-99-99",), "fields: {item: {due_on: RPDUEDATE}}")
    assert found["F03B11"].text == "RPURC1, RPURDT: no field takes what they hold"
    people = {each.name: each for each in discovered(JdeCustomers, ledger)}
    assert people["F0101.ABURL"].suggests == "extra: {customer: {email: ABURL}}"
    assert people["F0101.ABIBAN"].samples == ("Dx99999999999999999999",)
    taken = {each.name for each in discovered(JdeInvoices, ledger, "fields: {item: {due_on: RPDUEDATE}}")}
    assert "F03B11.RPDUEDATE" not in taken


def discovered(kind: type[JdeSource], ledger: Ledger, text: str = "") -> Iterable[Any]:
    source = kind(ledger.settings(**fields(ledger, text) if text else {}))
    found = [each for each in source.discover() if each.kind in {"column", "unread columns"}]
    source.close()
    return found
