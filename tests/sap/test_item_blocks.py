"""The dunning block of one item by "Journal Entry – Change": sent once, seen by reading, in doubt until then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import Command, Finding, Target
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.scenes.acts import issue
from duehook.core.wire.retry import resting_by
from duehook.plugins.sap.simulator.journal.inbox import Inbox

from .stubbed import PLUGINS
from .test_writing import Site

POST = "journalentrybulkchangerequest_"


class ItemSite(Site):
    """A site with the scenario."""

    def __init__(self, simulators: Simulators) -> None:
        super().__init__(simulators, journal_entries=True)
        self.key = f"{self.company}|2026|{self.item.document_no}|001"

    @property
    def inbox(self) -> Inbox:
        assert self.erp.client.inbox is not None
        return self.erp.client.inbox

    @property
    def sent(self) -> list[str]:
        """Return the messages that came in."""
        return [entry.body for entry in self.erp.log if entry.path.endswith(POST)]

    def block(self, value: str | None = "A", key: str = "k1", expect: str | None = None, **other: Any) -> Command:
        body = {"value": value, "expect": expect, "reason": "agreed", "until": None}
        named = {"item": self.key, "customer": self.item.customer, "company": self.company, **other}
        return Command("set_dunning_block", key, body=body, **named)


@pytest.fixture
def simulators(tmp_path: Path) -> Iterator[Simulators]:
    started = Simulators(PLUGINS, "sap", lambda: tmp_path)
    yield started
    started.stop()


@pytest.fixture
def site(simulators: Simulators) -> Iterator[ItemSite]:
    with resting_by(lambda seconds: None):
        yield ItemSite(simulators)


def target_without(site: Site) -> Target:
    return site.target(journal_entry_change=None)


def test_a_block_is_set_and_lifted_on_one_item_alone(site: ItemSite) -> None:
    with site.erp.act() as book:
        issue(book, "70.00", customer=book.customers[site.item.customer])
    target = site.target()
    done = target.apply(site.block())
    assert (done.outcome, done.message) == ("done", "written and read back")
    assert site.row()["dunning_block"] == "A"
    blocked = [row["key"] for row in site.connector().rows("item") if row.get("dunning_block")]
    assert blocked == [site.key]
    assert site.erp.dunning_block(site.company, site.item.customer) is None
    assert target.apply(site.block(None, "k2", expect="A")).outcome == "done"
    assert site.row().get("dunning_block") is None


def test_a_message_bears_the_commands_own_id_and_names_the_item(site: ItemSite) -> None:
    target, command = site.target(), site.block()
    target.apply(command)
    (message,) = site.sent
    assert f"<ID>DH-{command.mark}</ID><UUID>" in message
    assert f"<AccountingDocument>{site.item.document_no}</AccountingDocument>" in message
    assert (
        "<DunningBlockingReasonCodeChange><DunningBlockingReasonCode>A</DunningBlockingReasonCode>"
        "<FieldValueChangeIsRequested>true</FieldValueChangeIsRequested></DunningBlockingReasonCodeChange>"
    ) in message


def test_a_site_may_write_its_own_codes_and_say_who_sends(site: ItemSite) -> None:
    own = {"reason": "B", "lifted_as": " ", "business_system": "DUEHOOK"}
    target = site.target(**{f"journal_entry_change.{name}": held for name, held in own.items()})
    assert target.apply(site.block("anything")).outcome == "done"
    assert site.row()["dunning_block"] == "B"
    assert "<SenderBusinessSystemID>DUEHOOK</SenderBusinessSystemID>" in site.sent[0]
    assert target.apply(site.block(None, "k2", expect="B")).outcome == "done"
    assert "<DunningBlockingReasonCode> </DunningBlockingReasonCode>" in site.sent[1]


@pytest.mark.parametrize("fate", ["late", "lost", "refused"])
def test_what_sap_took_and_did_not_carry_out_is_unknown_until_it_is_seen(site: ItemSite, fate: Any) -> None:
    site.inbox.fates.append(fate)
    target = site.target(**{"journal_entry_change.patience_minutes": 30})
    told = target.apply(site.block())
    assert (told.outcome, told.wait) == ("unknown", timedelta(minutes=30))
    assert f"what became of message DH-{site.block().mark}" in told.message
    asked = target.verify(site.block())
    assert (asked.outcome, asked.wait) == ("unknown", timedelta(minutes=30))
    assert len(site.sent) == 1
    site.inbox.work_off()
    assert target.verify(site.block()).outcome == ("done" if fate == "late" else "unknown")


def test_what_is_sent_again_by_a_person_is_not_carried_out_twice(site: ItemSite) -> None:
    site.inbox.fates.append("late")
    target = site.target()
    assert target.apply(site.block()).outcome == "unknown"
    assert target.apply(site.block()).outcome == "unknown"
    site.inbox.work_off()
    assert [held["status"] for held in site.inbox.messages] == ["done"]
    assert target.apply(site.block()).outcome == "already"
    assert len(site.sent) == 2


def test_an_answer_that_was_lost_is_unknown_and_the_look_afterwards_decides(site: ItemSite) -> None:
    site.erp.faults.set("lost_reply", POST)
    target = site.target()
    told = target.apply(site.block())
    assert (told.outcome, told.wait) == ("unknown", timedelta(minutes=60))
    site.inbox.settle()
    assert target.verify(site.block()).outcome == "done"
    assert target.apply(site.block()).outcome == "already"
    assert len(site.sent) == 1


def test_an_item_that_is_shown_no_more_is_not_said_to_be_without_its_block(site: ItemSite) -> None:
    assert site.target().apply(site.block()).outcome == "done"
    blind = site.target(item_filter="CompanyCode eq '9999'")
    assert blind.verify(site.block()).outcome == "unknown"


@pytest.mark.parametrize("fault", [{"kind": "html"}, {"kind": "status", "status": 500}, {"kind": "garbage"}])
def test_nonsense_is_unknown_and_never_sent_again_by_itself(site: ItemSite, fault: dict[str, Any]) -> None:
    site.erp.faults.set(path=POST, **fault)
    target = site.target()
    assert target.apply(site.block()).outcome == "unknown"
    assert target.verify(site.block()).outcome == "unknown"
    assert len(site.sent) == 1


def test_an_answer_that_is_too_slow_is_unknown(site: ItemSite) -> None:
    site.erp.faults.set("slow", POST, seconds=1)
    assert site.target(read_seconds=0.2).apply(site.block()).outcome == "unknown"


def test_a_missing_scenario_is_refused_by_its_name(site: ItemSite) -> None:
    site.erp.deny("SAP_COM_0002")
    refused = site.target().apply(site.block())
    assert (refused.outcome, "403" in refused.message, "SAP_COM_0002" in refused.message) == ("refused", True, True)


def test_a_system_that_is_away_has_taken_nothing(site: ItemSite) -> None:
    target = site.target()
    site.erp.stop()
    with pytest.raises(ConnectorDown):
        target.apply(site.block())


def test_a_block_that_a_user_set_stays(site: ItemSite) -> None:
    site.erp.user_blocks_item(site.item.key, "N")
    target = site.target()
    refused = target.apply(site.block())
    assert (refused.outcome, refused.previous) == ("refused", "N")
    assert refused.message == "the dunning block is N, not none"
    assert target.apply(site.block(expect="N")).outcome == "done"


@pytest.mark.parametrize(
    "other", [{"item": "1010|2026|4711|001"}, {"item": "nonsense"}, {"customer": "99999999"}, {"company": "9999"}]
)
def test_an_item_that_the_customer_has_not_is_refused(site: ItemSite, other: dict[str, str]) -> None:
    refused = site.target().apply(site.block(**other))
    assert refused.outcome == "refused"
    assert site.sent == []


def test_what_would_change_is_said_and_not_done(site: ItemSite) -> None:
    told = site.target().preview(site.block())
    assert told == f"change DunningBlockingReason of item {site.key} from nothing to A"
    assert site.sent == []


def test_a_customers_own_block_goes_by_its_dunning_data_as_ever(site: ItemSite) -> None:
    assert site.target().apply(site.block(item=None)).outcome == "done"
    assert site.erp.dunning_block(site.company, site.item.customer) == "A"
    assert site.sent == []


@pytest.mark.parametrize("kind", ["set_dunning_block", "set_dunning_level"])
def test_without_the_service_a_command_about_an_item_is_not_taken_for_one_about_its_customer(
    site: ItemSite, kind: Any
) -> None:
    command = Command(kind, "k1", site.company, site.item.customer, site.key, {"value": "A", "level": 2})
    refused = target_without(site).apply(command)
    assert refused.outcome == "refused"
    told = f"unsupported: this SAP connection cannot {kind.replace('_', ' ')} of one item ({site.key})"
    assert refused.message == told
    assert site.erp.dunning_block(site.company, site.item.customer) is None


class TestCheck:
    """What `check` says of the service."""

    def findings(self, site: ItemSite, **other: Any) -> dict[str, Finding]:
        found = site.target(**{f"journal_entry_change.{name}": held for name, held in other.items()}).check()
        return {each.subject: each for each in found if "journal" in each.subject}

    def test_all_is_well_and_nothing_was_sent(self, site: ItemSite) -> None:
        found = self.findings(site)
        assert [(each.subject, each.ok) for each in found.values()] == [
            ("journal_entry_change.wsdl", True), ("change of journal entries", True),
        ]  # fmt: skip
        assert [entry.method for entry in site.erp.log if entry.path.endswith(POST)] == ["GET"]

    def test_each_name_that_the_wsdl_has_not_is_told_with_those_that_it_has(self, site: ItemSite) -> None:
        found = self.findings(site, **{"names.change": "DunningBlockChange", "names.line": "Buzei"})
        wrong = {subject: each for subject, each in found.items() if not each.ok}
        assert sorted(wrong) == [
            "journal_entry_change.names.change", "journal_entry_change.names.line",
            "journal_entry_change.names.requested", "journal_entry_change.names.value",
        ]  # fmt: skip
        told = wrong["journal_entry_change.names.line"]
        assert told.message == (
            "JournalEntryDebtorCreditorItem/ItemKey has no Buzei; it has AccountingDocument, CompanyCode, FiscalYear, "
            "AccountingDocumentItemID"
        )
        assert told.advice == (
            "compare it with the WSDL, and write the name that stands there as `journal_entry_change.names.line`."
        )

    def test_names_that_the_wsdl_has_not_are_never_sent(self, site: ItemSite) -> None:
        refused = site.target(**{"journal_entry_change.names.line": "Buzei"}).apply(site.block())
        assert (refused.outcome, site.sent) == ("refused", [])
        assert "does not allow JournalEntryBulkChangeRequest_In so" in refused.message

    def test_an_operation_that_is_not_there_is_told_with_those_that_are(self, site: ItemSite) -> None:
        (told,) = self.findings(site, **{"names.operation": "Change_In"}).values()
        assert "no operation Change_In; it has JournalEntryBulkChangeRequest_In" in told.message
        assert (told.ok, bool(told.advice)) == (False, True)

    def test_a_wsdl_that_is_not_there_is_told(self, site: ItemSite) -> None:
        (told,) = self.findings(site, wsdl="none.wsdl").values()
        assert (told.subject, told.ok, "No such file" in told.message) == ("journal_entry_change.wsdl", False, True)

    def test_another_endpoint_than_the_wsdls_is_told(self, site: ItemSite) -> None:
        found = self.findings(site, endpoint="/sap/bc/srt/elsewhere")
        assert found["journal_entry_change.endpoint"].severity == "warning"
        away = found["change of journal entries"]
        assert (away.ok, away.advice) == (False, "correct `journal_entry_change.endpoint`.")

    def test_a_missing_scenario_is_told_by_its_name(self, site: ItemSite) -> None:
        site.erp.deny("SAP_COM_0002")
        told = self.findings(site)["change of journal entries"]
        assert (told.ok, "SAP_COM_0002" in told.message) == (False, True)
        assert told.advice is not None
        assert "SAP_COM_0002" in told.advice
