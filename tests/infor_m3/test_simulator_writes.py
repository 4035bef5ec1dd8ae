"""What may be written into the simulated M3: reminders, texts, information beside an invoice, fields of the site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from duehook.core.testing.book import Item
from duehook.core.testing.contract.scenes.acts import issue

from .simulated import DAY, M3, of, running


@pytest.fixture
def full(tmp_path: Path) -> Iterator[M3]:
    """Give an M3 with a place for promises and disputes."""
    with running(tmp_path, extension_table=True, info_category=700) as found:
        yield found


@pytest.fixture
def invoice(full: M3) -> Item:
    """Give an invoice of the division AAA."""
    with full.erp.act() as book:
        return issue(book, "100.00", "USD", company="00001")


def record(m3: M3, item: Item) -> dict[str, str]:
    """Return what names the row of an invoice."""
    found = m3.total(item)
    return {name: found[name] for name in ("YEA4", "JRNO", "JSNO")}


def test_reminders_of_an_invoice_are_stopped_and_released(full: M3, invoice: Item) -> None:
    named = {name: value for name, value in of(invoice).items() if name != "CUNO"}
    full.records("ARS201MI/UpdPmtReminStop", **named, RMBL="1", BLBY="DUEHOOK", BLDT="20260401")
    found = full.total(invoice)
    assert (found["RMBL"], found["BLBY"], found["BLDT"]) == ("1", "DUEHOOK", "20260401")
    assert full.erp.seen("set_dunning_block", "", "", invoice.key)["RMBL"] == "1"
    full.records("ARS201MI/UpdPmtReminStop", **named, RMBL="0")
    assert full.total(invoice)["RMBL"] == "0"


def test_the_number_of_reminders_is_set_and_moves_the_stamp(full: M3, invoice: Item) -> None:
    before = full.total(invoice)
    named = {name: value for name, value in of(invoice).items() if name != "CUNO"}
    full.records("ARS201MI/UpdCustInv", **named, RMQT="2", LRDT="20260302")
    after = full.total(invoice)
    assert (after["RMQT"], after["LRDT"], after["CHID"]) == ("2", "20260302", "DUEHOOK")
    assert int(after["LMTS"]) == 1772495100000 > int(before["LMTS"])
    changed = full.records("EXPORTMI/Select", QERY="ESCINO,ESRMQT from FSLEDG where ESLMTS >= 1772495100000", SEPC="^")
    assert {"REPL": f"{invoice.document_no}^2"} in changed


def test_a_reminder_of_m3s_own_goes_over_what_was_written_before(full: M3, invoice: Item) -> None:
    named = {name: value for name, value in of(invoice).items() if name != "CUNO"}
    full.records("ARS201MI/UpdCustInv", **named, RMQT="2")
    stamp = full.total(invoice)["LMTS"]
    full.erp.own_dunning(invoice.key, 3)
    assert full.total(invoice)["RMQT"] == "3"
    assert full.total(invoice)["LMTS"] == stamp


def test_an_invoice_that_there_is_not_is_refused(full: M3) -> None:
    refused = full.result("ARS201MI/UpdCustInv", PYNO="1001", CINO="1", INYR="2026", RMQT="1")
    assert refused["errorCode"] == "WCI0103"


def test_a_text_is_added_as_often_as_it_is_asked_for_in_lines_of_sixty(full: M3) -> None:
    words = " ".join(f"word{number:02d}" for number in range(20))
    for _ in range(2):
        full.records("CRS610MI/AddText", CUNO="1001", PARM=f"[cm:7f3a] {words}", TXVR="DUEHOOK")
    identity = full.records("CRS610MI/GetBasicData", CUNO="1001")[0]["TXID"]
    assert full.records("CRS980MI/GetTextID", FILE="OCUSMA00", KV01="100", KV02="1001") == [{"TXID": identity}]
    lines = full.records("CRS980MI/SltTxtBlock", TXID=identity, TFIL="OSYTXH", TXVR="DUEHOOK")
    assert [each["LINO"] for each in lines] == ["1", "2", "3", "4", "5", "6"]
    assert lines[0]["TX60"] == f"[cm:7f3a] {words}"[:60].rstrip()
    assert full.erp.notes("1001") == [f"[cm:7f3a] {words}"] * 2
    assert full.result("CRS610MI/AddText", CUNO="1001", PARM="x" * 241)["errorCode"] == "WPA0101"
    assert full.result("CRS610MI/AddText", CUNO="99", PARM="x")["errorCode"] == "WCU0103"


def test_what_a_user_wrote_stays_to_the_last_sign(full: M3) -> None:
    text = "\r\n".join(f"their line {number} " for number in range(205)) + "\r\n\x0c\x85\u2028\n\n  the end"
    full.erp.user_writes_note("1002", text)
    full.records("CRS610MI/AddText", CUNO="1002", PARM='Says "Łódź"\nand "Köln"')
    assert full.erp.texts("1002") == [f'{text}\r\nSays "Łódź"\nand "Köln"']
    identity = full.records("CRS980MI/GetTextID", FILE="OCUSMA", KV01="1002")[0]["TXID"]
    cut = full.get(f"/execute/CRS980MI/SltTxtBlock?TXID={identity}&TFIL=OSYTXH").json()
    assert len(cut["MIRecord"]) == 100
    assert len(full.records("CRS980MI/SltTxtBlock", TXID=identity, TFIL="OSYTXH")) == 207


def test_a_block_of_a_text_is_begun_once_and_read_line_by_line(full: M3) -> None:
    assert full.records("CRS980MI/GetTextID", FILE="OCUSMA00", KV01="100", KV02="1003") == [{"TXID": "0"}]
    identity = full.records("CRS980MI/RtvNewTextID", FILE="OSYTXH")[0]["TXID"]
    full.records("CRS980MI/SetTextID", FILE="OCUSMA00", TXID=identity, KV01="100", KV02="1003")
    head = {"TXID": identity, "FILE": "OCUSMA00", "KFLD": "1003", "USID": "DUEHOOK", "TFIL": "OSYTXH", "TXVR": "CM7F3A"}
    full.records("CRS980MI/AddTxtBlockHead", **head)
    assert full.result("CRS980MI/AddTxtBlockHead", **head)["errorCode"] == "WTX0104"
    line = {"TXID": identity, "TFIL": "OSYTXH", "FILE": "OCUSMA00", "TXVR": "CM7F3A"}
    assert full.records("CRS980MI/AddTxtBlockLine", **line, TX60="Promise 1200 EUR") == [{"LINO": "1"}]
    assert full.records("CRS980MI/AddTxtBlockLine", **line, TX60="until Friday") == [{"LINO": "2"}]
    assert full.erp.notes("1003") == ["Promise 1200 EUR", "until Friday"]
    listed = full.records("CRS980MI/LstTxtBlocks", TXID=identity, TFIL="OSYTXH")
    assert [each["TXVR"] for each in listed] == ["CM7F3A"]
    full.records("CRS980MI/UpdTxtBlockLine", TXID=identity, LINO="2", TFIL="OSYTXH", TXVR="CM7F3A", TX60="until Monday")
    assert full.erp.notes("1003")[1] == "until Monday"
    full.records("CRS980MI/DltTxtBlockLins", TXID=identity, TFIL="OSYTXH", TXVR="CM7F3A")
    assert full.erp.notes("1003") == []
    assert full.result("CRS980MI/SltTxtBlock", TXID=identity, TFIL="OSYTXH", TXVR="CM7F3A")["errorCode"] == "WTX0103"
    assert full.result("CRS980MI/LstTxtBlocks", TXID=identity, TFIL="XXX")["errorCode"] == "WTF0101"
    assert full.result("CRS980MI/LstTxtBlocks", TXID="7", TFIL="OSYTXH")["errorCode"] == "WTX0103"


def test_information_beside_an_invoice_is_found_again_by_its_text(full: M3, invoice: Item) -> None:
    named = record(full, invoice)
    full.records("ARS251MI/AddInfoCat", **named, SEXN="700", SEXI="D:7f3a 40.00 wrong price")
    assert full.records("ARS251MI/LstInfo", **named) == [
        {"SEXN": "700", "SEXI": "D:7f3a 40.00 wrong price", "SEXS": "1"}
    ]
    assert full.records("ARS251MI/LstInvInfo", **of(invoice)) == full.records("ARS251MI/LstInfo", **named)
    found = full.records("ARS251MI/LstInfoPerAddNo", SEXN="700", SEXI="D:7f3a 40.00 wrong price")
    assert [(each["CINO"], each["JRNO"]) for each in found] == [(str(invoice.document_no), named["JRNO"])]
    assert full.records("ARS251MI/LstInfoPerAddNo", SEXN="700", SEXI="another") == []
    assert full.erp.seen("set_dispute", "", "", invoice.key) == {"texts": ("D:7f3a 40.00 wrong price",)}
    full.records("ARS251MI/DltInfoCat", **named, SEXN="700", SEXI="D:7f3a 40.00 wrong price", SEXS="1")
    assert full.erp.seen("set_dispute", "", "", invoice.key) == {}


def test_a_category_that_the_site_does_not_have_is_refused(full: M3, invoice: Item) -> None:
    refused = full.result("ARS251MI/AddInfoCat", **record(full, invoice), SEXN="9", SEXI="x")
    assert refused["errorCode"] == "WSE0103"
    assert (
        full.result("ARS251MI/AddInfoCat", **record(full, invoice), SEXN="700", SEXI="x" * 46)["errorCode"] == "WSE0101"
    )


def test_fields_of_the_site_beside_an_invoice_are_added_once_and_then_changed(full: M3, invoice: Item) -> None:
    named = record(full, invoice)
    key = {"FILE": "FSLEDG", "PK01": "AAA", "PK02": named["YEA4"], "PK03": named["JRNO"], "PK04": named["JSNO"]}
    assert full.result("CUSEXTMI/GetFieldValue", **key)["errorCode"] == "WPK0103"
    full.records("CUSEXTMI/AddFieldValue", **key, N096="1200", A030="open", A121="by phone")
    assert full.result("CUSEXTMI/AddFieldValue", **key, N096="1")["errorCode"] == "WPK0104"
    assert full.erp.seen("set_promise", "", "", invoice.key) == {}
    full.records("CUSEXTMI/ChgFieldValueEx", **key, DAT1="20260415")
    found = full.records("CUSEXTMI/GetFieldValue", **key)[0]
    assert (found["N096"], found["A030"], found["CHNO"]) == ("1200.000000", "open", "2")
    assert full.records("CUSEXTMI/GetFieldValueEx", **key)[0]["DAT1"] == "20260415"
    assert full.erp.seen("set_promise", "", "", invoice.key)["on"] == "20260415"
    full.records("CUSEXTMI/ChgFieldValue", **key, N096="900.50")
    assert full.records("CUSEXTMI/LstFieldValue", FILE="FSLEDG", PK01="AAA")[0]["N096"] == "900.500000"


def test_a_field_beside_a_row_that_there_is_not_is_refused_unless_nobody_looks(full: M3) -> None:
    key = {"FILE": "FSLEDG", "PK01": "AAA", "PK02": "2026", "PK03": "1", "PK04": "1"}
    assert full.result("CUSEXTMI/AddFieldValue", **key, N096="1")["errorCode"] == "WPK0103"
    assert full.records("CUSEXTMI/AddFieldValue", **key, N096="1", VEXI="1") == []


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path, extension_table=True) as m3:
        item = next(each for each in m3.erp.book.items.values() if each.company == "00001")
        named = {name: value for name, value in of(item).items() if name != "CUNO"}
        m3.records("ARS201MI/UpdCustInv", **named, RMQT="2")
        m3.records("CRS610MI/ChgFinancial", CUNO="1003", BLCD="1")
        m3.records("CRS610MI/AddText", CUNO="1003", PARM="Called")
        before, key = m3.total(item), record(m3, item)
    with running(tmp_path, extension_table=True) as m3:
        assert m3.total(item) == before
        assert record(m3, item) == key
        assert (m3.erp.hold("", "1003"), m3.erp.notes("1003")) == ("1", ["Called"])


def test_the_keys_of_rows_are_the_same_after_a_restart(tmp_path: Path) -> None:
    def keys(m3: M3) -> dict[str, tuple[str, int, int, int]]:
        return {line.name: key for key, line in m3.erp.site.ledger.records.items()}

    with running(tmp_path, items=200, customers=40) as m3:
        m3.erp.advance_to(DAY.replace(day=20))
        before = keys(m3)
    with running(tmp_path, items=200, customers=40) as m3:
        assert keys(m3) == before
        assert len(before) == sum(len(lines) for lines in m3.erp.site.ledger.rows.values())


def test_a_write_is_a_get_that_the_pattern_of_its_command_fits(full: M3) -> None:
    calls = full.erp.writes("add_note")
    assert calls.fits("GET", "/m3api-rest/v2/execute/CRS610MI/AddText")
    assert calls.fits("GET", "/m3api-rest/execute/CRS980MI/AddTxtBlockHead;maxrecs=0")
    assert not calls.fits("GET", "/m3api-rest/v2/execute/CRS980MI/GetTextID")
    assert full.erp.reads.fits("POST", "/m3api-rest/v2/execute")
    assert full.erp.reads.fits("GET", "/m3api-rest/v2/execute/CRS980MI/SltTxtBlock")
    assert not full.erp.reads.fits("GET", "/m3api-rest/v2/execute/ARS201MI/UpdCustInv")
    assert not full.erp.reads.fits("POST", "/DUEHOOK_TST/as/token.oauth2")
