"""The simulated "Journal Entry – Change" asked by plain requests: taken at once, carried out later, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from duehook.core.testing.book import Item
from duehook.core.testing.contract.scenes.acts import issue

from .simulated import LINES, Site, served

PATH = "/sap/bc/srt/scs_ext/sap/journalentrybulkchangerequest_"
ACTION = "http://sap.com/xi/SAPSCORE/SFIN/JournalEntryBulkChangeRequest_In/JournalEntryBulkChangeRequest_InRequest"
UUID = "0b9c1f6e-2a51-4f6e-9d0b-2f1f0e6f1a11"
MESSAGE = """<?xml version="1.0" encoding="utf-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:sfin="http://sap.com/xi/SAPSCORE/SFIN" xmlns:wsa="http://www.w3.org/2005/08/addressing">
<soapenv:Header><wsa:MessageID>uuid:{uuid}</wsa:MessageID></soapenv:Header>
<soapenv:Body><sfin:JournalEntryBulkChangeRequestMessage>
<MessageHeader><ID>{id}</ID><UUID>{uuid}</UUID><CreationDateTime>2026-03-02T10:42:08Z</CreationDateTime></MessageHeader>
<JournalEntryDebtorCreditorItem>
<MessageHeader><ID>SUB</ID><CreationDateTime>2026-03-02T10:42:08Z</CreationDateTime></MessageHeader>
<ItemKey><AccountingDocument>{document}</AccountingDocument><CompanyCode>{company}</CompanyCode>
<FiscalYear>2026</FiscalYear><AccountingDocumentItemID>001</AccountingDocumentItemID></ItemKey>
<DunningBlockingReasonCodeChange><DunningBlockingReasonCode>{code}</DunningBlockingReasonCode>
<FieldValueChangeIsRequested>{requested}</FieldValueChangeIsRequested></DunningBlockingReasonCodeChange>
</JournalEntryDebtorCreditorItem>
</sfin:JournalEntryBulkChangeRequestMessage></soapenv:Body></soapenv:Envelope>"""


class Changes:
    """A system with the scenario, and one invoice in it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with site.simulator.act() as book:
            self.invoice: Item = issue(book, "100.00")
        self.number = str(self.invoice.document_no)
        self.company = self.line()["CompanyCode"]

    def line(self) -> Any:
        (row,) = self.site.lines(f"AccountingDocument eq '{self.number}'")
        return row

    def block(self, looks: int = 3) -> Any:
        """Look so often, and return what was seen last: each look is a request, and messages wait for some."""
        return [self.line()["DunningBlockingReason"] for _ in range(looks)][-1]

    def send(self, code: str = "A", id: str = "M1", uuid: str = UUID, **other: str) -> requests.Response:
        named = {"document": self.number, "company": self.company, "requested": "true", **other}
        return self.post(MESSAGE.format(code=code, id=id, uuid=uuid, **named))

    def post(self, text: str, **headers: str) -> requests.Response:
        sent = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{ACTION}"', **headers}
        return self.site.http.post(self.site.settings["base_url"] + PATH, data=text.encode(), headers=sent)

    def monitor(self) -> list[Any]:
        """Return what stands in the monitor: how each message ended, and why."""
        found = self.control()["messages"]
        return [(held["names"][0], held["status"], held["log"]) for held in found]

    def control(self, **body: Any) -> Any:
        url = f"{self.site.settings['base_url']}/_control/journal_entries"
        return self.site.http.post(url, json=body).json()


@pytest.fixture
def changes(tmp_path: Path) -> Iterator[Changes]:
    with served(tmp_path, customers=12, items=0, journal_entries=True) as site:
        yield Changes(site)


def test_a_message_is_taken_without_a_word_and_carried_out_some_requests_later(changes: Changes) -> None:
    answer = changes.send()
    assert (answer.status_code, answer.content) == (202, b"")
    assert [changes.line()["DunningBlockingReason"] for _ in range(3)] == ["", "", "A"]
    assert changes.line()["LastChangeDate"] == "/Date(1772409600000)/"
    assert changes.monitor() == [("M1", "done", "")]


def test_an_empty_code_lifts_the_block_and_one_that_is_not_asked_for_changes_nothing(changes: Changes) -> None:
    changes.send("A")
    assert changes.block() == "A"
    changes.send("B", id="M2", uuid=UUID.replace("0b", "1b"), requested="false")
    assert changes.block() == "A"
    changes.send("", id="M3", uuid=UUID.replace("0b", "2b"))
    assert changes.block() == ""


@pytest.mark.parametrize("other", [{"id": "M9"}, {"uuid": UUID.replace("0b", "3b")}])
def test_a_message_of_the_same_id_or_uuid_is_not_carried_out_again(changes: Changes, other: dict[str, str]) -> None:
    changes.send("A")
    assert changes.block() == "A"
    changes.site.simulator.user_blocks_item(changes.invoice.key, None)
    assert changes.send("A", **other).status_code == 202
    assert changes.block() == ""


@pytest.mark.parametrize(("fate", "ended"), [("lost", "waits"), ("late", "waits"), ("refused", "error")])
def test_a_message_may_be_lost_late_or_refused_and_nobody_tells_its_sender(
    changes: Changes, fate: str, ended: str
) -> None:
    changes.control(next=[fate])
    assert changes.send().status_code == 202
    assert changes.block(6) == ""
    assert changes.monitor()[0][1] == ended
    assert changes.control(work_off=True)["started"] == (fate == "late")
    assert changes.block() == ("A" if fate == "late" else "")


def test_what_the_field_status_closes_stays_and_the_monitor_says_why(changes: Changes) -> None:
    inbox = changes.site.simulator.client.inbox
    assert inbox is not None
    inbox.protected.add((changes.company, "2026", changes.number, "001"))
    changes.send()
    assert changes.block() == ""
    assert changes.monitor() == [
        ("M1", "error", "Field DunningBlockingReasonCode cannot be changed (field status)")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"document": "4711", "company": "1010"}, "Document 4711 1010 2026 has no customer line 001"),
        ({"code": "Q"}, "Entry Q does not exist in T040S (check entry)"),
    ],
)
def test_what_there_is_not_is_an_error_in_the_monitor(changes: Changes, wrong: dict[str, str], told: str) -> None:
    changes.send(**wrong)
    changes.block()
    assert changes.monitor() == [("M1", "error", told)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<wsa:MessageID>uuid:", "<wsa:To>", "XML Parser"),
        ("wsa:MessageID", "wsa:To", "MessageID is missing"),
        ("JournalEntryBulkChangeRequestMessage", "JournalEntryBulkChangeRequest", "Unknown message"),
        ("2026-03-02T10:42:08Z", "2026-03-02T10:42:08+01:00", "is no moment"),
        ("<ID>M1</ID>", f"<ID>{'M' * 36}</ID>", "ID is longer than 35"),
        ("DunningBlockingReasonCode", "DunningBlock", "Element DunningBlockChange was not expected"),
        ("<ItemKey>", "<DunningKeyChange/><ItemKey>", "Element ItemKey was not expected"),
        ("<?xml version", "<!DOCTYPE x><?xml version", "DTD is prohibited"),
    ],
)
def test_what_is_no_message_is_a_fault(changes: Changes, old: str, new: str, told: str) -> None:
    whole = MESSAGE.format(
        code="A", id="M1", uuid=UUID, document=changes.number, company=changes.company, requested="true"
    )
    answer = changes.post(whole.replace(old, new))
    assert answer.status_code == 500
    assert told in (ElementTree.fromstring(answer.content).findtext(".//faultstring") or "")
    assert changes.monitor() == []


def test_another_action_is_a_fault(changes: Changes) -> None:
    assert "SOAPAction" in changes.post("<x/>", SOAPAction='""').text


def test_a_wrong_password_is_401_and_a_missing_scenario_403(changes: Changes) -> None:
    changes.site.simulator.deny("SAP_COM_0002")
    answer = changes.send()
    assert (answer.status_code, "SAP_COM_0002" in answer.text) == (403, True)
    changes.site.simulator.grant("SAP_COM_0002")
    changes.site.http.auth = ("DUEHOOK", "wrong")
    assert changes.send().status_code == 401


def test_its_description_is_a_file_of_the_site_and_names_the_endpoint(changes: Changes) -> None:
    file = Path(changes.site.settings["journal_entry_change.wsdl"])
    address = f'location="{changes.site.settings["base_url"]}{PATH}"'
    assert address in file.read_text(encoding="utf-8")
    assert changes.site.http.get(changes.site.settings["base_url"] + PATH).status_code == 405
    assert address in changes.site.http.get(f"{changes.site.settings['base_url']}{PATH}?wsdl").text


def test_a_system_without_it_answers_404(tmp_path: Path) -> None:
    with served(tmp_path, customers=12, items=0) as site:
        assert "journal_entry_change.wsdl" not in site.settings
        assert site.http.get(site.settings["base_url"] + PATH).status_code == 404


def test_what_was_written_is_there_after_a_restart_until_a_user_sets_another(tmp_path: Path) -> None:
    with served(tmp_path, customers=12, items=20, journal_entries=True) as site:
        item = next(each for each in site.simulator.book.items.values() if each.open_minor > 0)
        key = {"document": str(item.document_no), "company": item.company[-4:], "requested": "true"}
        found = Changes(site)
        found.post(MESSAGE.format(code="A", id="M1", uuid=UUID, **key).replace(">2026<", f">{item.fiscal_year}<"))
        found.block()
        site.simulator.keep()
    with served(tmp_path, customers=12, items=20, journal_entries=True) as site:
        assert site.simulator.item_block(item.key) == "A"
        (given,) = [each for each in site.simulator.given("item") if each["document_no"] == str(item.document_no)]
        assert given["dunning_block"] == "A"
        site.simulator.user_blocks_item(item.key, "N")
        (row,) = site.get("API_OPLACCTGDOCITEMCUBE_SRV", LINES, filter=f"AccountingDocument eq '{item.document_no}'"
                          " and FinancialAccountType eq 'D'")  # fmt: skip
        assert row["DunningBlockingReason"] == "N"
