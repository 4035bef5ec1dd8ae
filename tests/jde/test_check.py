"""`check` and `discover` tell a consultant what a site has, lacks, and should set."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import responses

from duehook.core.hookspecs import Discovery, Finding
from duehook.plugins.jde import tables
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource
from duehook.plugins.jde.target import JdeTarget

from .ledger import STAMP, Ledger
from .test_target import ADD, AIS, GET, HOLD, LOGOUT, TOKEN


def checked(kind: type[JdeSource], ledger: Ledger, **settings: Any) -> dict[str, Finding]:
    source = kind(ledger.settings(**settings))
    found = {finding.subject: finding for finding in source.check()}
    source.close()
    return found


def discovered(kind: type[JdeSource], ledger: Ledger, **settings: Any) -> list[Discovery]:
    source = kind(ledger.settings(**settings))
    found = list(source.discover())
    source.close()
    return found


def failed(findings: dict[str, Finding]) -> dict[str, str]:
    return {subject: finding.severity for subject, finding in findings.items() if not finding.ok}


def receipt(ledger: Ledger, *, paid: int = 100_000) -> None:
    ledger.item()
    ledger.add(tables.PAYMENT, PYID=7, AN8=4242, CO="00001", DMTJ=126080, CKAM=paid, BCRC="EUR", CRCD="EUR", **STAMP)
    ledger.add(tables.ALLOCATION, PYID=7, RC5=1, KCO="00001", DCT="RI", DOC=1001, SFX="001", CO="00001", DMTJ=126080,
               BCRC="EUR", CRCD="EUR", CRRM="D", PAAP=-paid, **STAMP)  # fmt: skip


def test_a_sound_site_passes(ledger: Ledger) -> None:
    receipt(ledger)
    assert failed(checked(JdeCustomers, ledger)) == {}
    assert failed(checked(JdeContacts, ledger)) == {}
    assert failed(checked(JdeInvoices, ledger)) == {"purge file F03B11P": "info"}
    assert failed(checked(JdePayments, ledger)) == {}


def test_each_table_that_cannot_be_read_is_named_with_advice(ledger: Ledger) -> None:
    ledger.database.execute('DROP TABLE "F0015"')
    ledger.database.execute('DROP TABLE "F0150"')
    findings = checked(JdeCustomers, ledger)
    assert failed(findings) == {"read F0015": "error", "read F0150": "error"}
    assert "grant SELECT on F0015" in str(findings["read F0015"].advice)
    assert findings["read F03012"].ok


def test_columns_of_another_release_are_told(ledger: Ledger) -> None:
    ledger.database.execute('ALTER TABLE "F03B11" DROP COLUMN "RPRDDJ"')
    assert checked(JdeInvoices, ledger)["read F03B11"].message == "without RPRDDJ, which stay empty"


def test_where_no_customer_can_have_jdes_own_dunning_nothing_is_said_of_it(ledger: Ledger) -> None:
    ledger.database.execute('ALTER TABLE "F03012" DROP COLUMN "AIDNLT"')
    assert "JDE's own dunning" not in checked(JdeCustomers, ledger)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT 'noon'", "The database's clock reads [('noon',)]."),
        ("PRAGMA case_sensitive_like = OFF", "the database's clock: the database answered without a result."),
    ],
)
def test_a_clock_that_cannot_be_read_is_one_finding_among_the_others(ledger: Ledger, query: str, told: str) -> None:
    findings = checked(JdeCustomers, ledger, clock_query=query)
    assert (findings["clock"].ok, findings["clock"].message) == (False, told)
    assert findings["currency decimals"].ok


def test_currencies_that_differ_from_iso_are_told(ledger: Ledger) -> None:
    ledger.database.execute('UPDATE "F0013" SET "CVCDEC" = 2 WHERE "CVCRCD" = \'JPY\'')
    ledger.add(tables.COMPANY, CO="00002", NAME="Elsewhere", CRCD="XYZ")
    findings = checked(JdeCustomers, ledger)
    assert failed(findings) == {"currency decimals": "warning", "company currencies": "error"}
    assert "JPY 2 (ISO 0)" in findings["currency decimals"].message


def test_jdes_own_dunning_is_warned_of(ledger: Ledger) -> None:
    ledger.customer(5000, PLY="POL1", DNLT="Y")
    findings = checked(JdeCustomers, ledger)
    assert failed(findings) == {"JDE's own dunning": "warning"}
    assert "1 customers" in findings["JDE's own dunning"].message


def test_a_notice_flag_that_silences_most_customers_is_warned_of(ledger: Ledger) -> None:
    for number in (1, 2):
        ledger.customer(number, DNLT="N")
    assert failed(checked(JdeCustomers, ledger)) == {"notice flag": "warning"}
    assert failed(checked(JdeCustomers, ledger, notice_flag_blocks=False)) == {}


def test_contacts_without_stamps_or_purposes_are_warned_of(ledger: Ledger) -> None:
    ledger.add(tables.PHONE, AN8=4242, IDLN=0, RCK7=1, PH1="1")
    ledger.add(tables.WHO, AN8=4242, IDLN=1, TYC="Q", **STAMP)
    findings = checked(JdeContacts, ledger)
    assert failed(findings) == {"stamps of F0115": "warning", "contact types": "warning"}
    assert "Q" in findings["contact types"].message
    ledger.database.execute('ALTER TABLE "F0115" DROP COLUMN "WPUPMT"')
    assert "no change stamps" in checked(JdeContacts, ledger)["stamps of F0115"].message


def test_rows_that_cannot_be_read_unknown_types_and_clocks_are_told(ledger: Ledger) -> None:
    ledger.item(DOC=1, BCRC="XYZ", DCT="QQ")
    ledger.item(DOC=2, DCT="QQ", UPMJ=199001)
    findings = checked(JdeInvoices, ledger)
    bad = failed(findings)
    assert (bad["open items"], bad["document types"], bad["change stamps"]) == ("error", "info", "warning")
    assert "unscaled: XYZ is not in F0013" in findings["sum of company 00001"].message + str(findings)
    assert "F0013" in findings["open items"].message
    assert "timezone" in str(findings["change stamps"].advice)


def test_sums_are_shown_to_be_compared_with_an_aging(ledger: Ledger) -> None:
    ledger.item(DOC=1)
    ledger.item(DOC=2)
    assert checked(JdeInvoices, ledger)["sum of company 00001"].message == "469.00 EUR open in 2 pay items"


def test_the_sign_is_proved_by_receipt_and_by_item(ledger: Ledger) -> None:
    receipt(ledger)
    findings = checked(JdePayments, ledger)
    assert "stored negative: 1 receipts say so, 0 the opposite" in findings["sign of F03B14 by receipt"].message
    assert findings["open = original − Σ F03B14"].message == "holds for 1 of 1 applied items"
    wrong = checked(JdePayments, ledger, f03b14_sign="positive")
    assert failed(wrong) == {"sign of F03B14 by receipt": "error", "open = original − Σ F03B14": "warning"}
    assert "f03b14_sign: negative" in str(wrong["open = original − Σ F03B14"].advice)


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        (
            "DRIVER=SQLite3;DATABASE={folder}/absent.db",
            "The database {folder}/absent.db of connection erp cannot be opened: "
            "[HY000] [SQLite]connect failed (14) (SQLDriverConnect) [SQLSTATE 08001].",
            "see that it is there and runs, and that `connection_string` (`odbc`) of connection erp names it.",
        ),
        (
            "DRIVER=Nowhere;DATABASE=x",
            "The ODBC driver or data source of connection erp is not there: ",
            "correct `connection_string` (`odbc`) of connection erp (`odbcinst -q -d` lists drivers), or install it",
        ),
    ],
)
def test_a_site_that_cannot_be_opened_is_one_finding_with_its_fix(
    ledger: Ledger, tmp_path: Path, text: str, message: str, advice: str
) -> None:
    settings = ledger.settings(connection_string=text.format(folder=tmp_path))
    sources = [kind(settings, "erp") for kind in (JdeCustomers, JdeContacts, JdeInvoices, JdePayments)]
    (finding,) = {finding for source in sources for finding in source.check()}
    assert (finding.subject, finding.ok) == ("database", False)
    assert finding.message.startswith(message.format(folder=tmp_path))
    assert (finding.advice or "").startswith(advice)


UNSET = [("write promises", False), ("write disputes", False)]


def told(findings: Iterable[Finding]) -> list[tuple[str, bool]]:
    return [(finding.subject, finding.ok) for finding in findings]


class Ais:
    """An AIS server that keeps notes, or loses them."""

    def __init__(self, *, keeps: bool = True) -> None:
        self.texts: list[str] = []
        self.keeps = keeps
        responses.post(TOKEN, json={"userInfo": {"token": "t"}})
        responses.post(LOGOUT, json={})
        responses.add_callback("POST", GET, lambda request: (200, {}, str(self.texts).replace("'", '"')))
        responses.add_callback("POST", ADD, self._add)

    def _add(self, request: Any) -> tuple[int, dict[str, str], str]:
        if self.keeps:
            self.texts.append("[dh:check-4242] kept")
        return 200, {}, '{"addTextStatus": "Success"}'


@responses.activate
def test_the_target_writes_one_test_note_and_a_hold_that_changes_nothing(ledger: Ledger) -> None:
    ais = Ais()
    responses.post(HOLD, json={"Status": "Success", "HoldCode": ""})
    target = JdeTarget(ledger.settings(ais=AIS))
    for _ in range(2):
        assert told(target.check()) == [("AIS sign-in", True), ("write notes", True), ("write holds", True), *UNSET]
    assert len(ais.texts) == 1
    target.close()


@responses.activate
def test_note_write_back_is_refused_where_the_marker_is_not_found(ledger: Ledger) -> None:
    Ais(keeps=False)
    responses.post(HOLD, status=404, json={"message": "no such orchestration"})
    target = JdeTarget(ledger.settings(ais=AIS))
    findings = list(target.check())
    assert told(findings) == [("AIS sign-in", True), ("write notes", False), ("write holds", False), *UNSET]
    assert "note_structure" in str(findings[1].advice)
    target.close()


@responses.activate
def test_an_orchestration_that_answers_something_else_is_told(ledger: Ledger) -> None:
    Ais()
    responses.post(HOLD, json={"Status": "Success"})
    target = JdeTarget(ledger.settings(ais=AIS))
    *_, finding, _, _ = target.check()
    assert (finding.subject, finding.ok) == ("write holds", False)
    assert finding.message == f"The orchestration {AIS['hold_orchestration']} answers without HoldCode."
    target.close()


@responses.activate
def test_without_a_test_address_or_an_orchestration_that_is_said(ledger: Ledger) -> None:
    Ais()
    target = JdeTarget(ledger.settings(ais={**AIS, "test_address": None}))
    assert told(target.check()) == [("AIS sign-in", True), ("write rights", False)]
    target.close()
    target = JdeTarget(ledger.settings(ais={**AIS, "hold_orchestration": None}))
    assert told(target.check()) == [("AIS sign-in", True), ("write notes", True), ("write holds", False), *UNSET]
    target.close()


@responses.activate
def test_a_wrong_password_ends_the_check_of_the_target(ledger: Ledger) -> None:
    responses.post(TOKEN, status=403, json={"message": "Login failed"})
    target = JdeTarget(ledger.settings(ais=AIS))
    (finding,) = target.check()
    assert (finding.subject, finding.ok) == ("AIS sign-in", False)
    assert finding.message == f"AIS refused the sign-in of {AIS['username']} (403): Login failed"
    assert finding.advice == (
        "check `ais_user` and `ais_password` (in `ais:` `username` and `password`) of connection jde."
    )
    target.close()


def test_discover_lists_what_is_there_and_what_to_set(ledger: Ledger) -> None:
    ledger.add(tables.CODE, SY="42", RT="HC", KY="        C1", DL01="Credit hold")
    ledger.add(tables.CODE, SY="00", RT="PS", KY="         H", DL01="Held")
    customers = {(found.kind, found.name): found for found in discovered(JdeCustomers, ledger)}
    assert customers["company", "00001"].text == "Nordwerk, EUR"
    assert customers["currency", "KWD"].text == "3 decimals in F0013"
    assert customers["hold code", "C1"].text == "Credit hold"
    ledger.item(DOC=1, PST="H", DCT="QQ")
    items = {(found.kind, found.name): found for found in discovered(JdeInvoices, ledger)}
    assert items["pay status", "H"].text == "1 rows, Held"
    assert items["document type", "QQ"].suggests == "codes.kind_by_document_type: {QQ: …}"
    ledger.add(tables.WHO, AN8=4242, IDLN=1, TYC="A", **STAMP)
    contacts = discovered(JdeContacts, ledger, codes={"purpose_by_contact_type": "A=dunning"})
    assert [(found.name, found.text, found.suggests) for found in contacts] == [("A", "1 rows = dunning", None)]
    receipt(ledger)
    assert discovered(JdePayments, ledger)[0].suggests == "f03b14_sign: negative"


def test_discover_leaves_out_what_the_release_does_not_have(ledger: Ledger) -> None:
    receipt(ledger)
    assert "credit message" in {found.kind for found in discovered(JdeCustomers, ledger)}
    assert "receipt type" in {found.kind for found in discovered(JdePayments, ledger)}
    ledger.database.execute('ALTER TABLE "F0101" DROP COLUMN "ABCM"')
    ledger.database.execute('ALTER TABLE "F03B13" DROP COLUMN "RYTYIN"')
    assert "credit message" not in {found.kind for found in discovered(JdeCustomers, ledger)}
    assert "receipt type" not in {found.kind for found in discovered(JdePayments, ledger)}
