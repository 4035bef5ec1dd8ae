"""Notes go where the settings say: into the activity log or through the site's own orchestration, each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from duehook.core.hookspecs import Command
from duehook.plugins.jde.target import JdeTarget
from duehook.plugins.jde.writing.notes import marker

from .ledger import Ledger
from .test_target import AIS, BASE, LOGOUT, TOKEN

ADD, FIND = f"{BASE}/v3/orchestrator/CM_Add", f"{BASE}/v3/orchestrator/CM_Find"
NOTE = Command("add_note", "k-1", "00001", "4242", body={"text": "Level 2 sent", "subject": "Dunning"})
TEXT = f"{marker(NOTE)} Level 2 sent"
LOGGED: dict[str, Any] = {"by": "activity", "orchestration": "CM_Add"}
ORCHESTRATED: dict[str, Any] = {"by": "orchestration", "orchestration": "CM_Add", "find": "CM_Find"}


class Site:
    """A ledger with an activity log, its AIS answered by `responses`; an orchestration writes into the log."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(folder / "jde.db")
        self.ledger.database.execute(
            'CREATE TABLE "F03B31" ("ZGAN8" DECIMAL(8,0), "ZGRMK" CHAR(30), "ZGDL01" CHAR(30))'
        )
        self.asked: list[Any] = []
        self.status: dict[str, Any] = {"Status": "Success", "Reference": 7}
        responses.post(TOKEN, json={"userInfo": {"token": "t"}})
        responses.post(LOGOUT, json={})
        responses.add_callback("POST", ADD, self._add)
        responses.add_callback("POST", FIND, self._find)

    def target(self, **notes: Any) -> JdeTarget:
        return JdeTarget(self.ledger.settings(ais=AIS, notes=notes))

    def _add(self, request: Any) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body)
        self.asked.append(body)
        if self.status["Status"] == "Success":
            self.log(int(body["AddressNumber"]), body.get("NoteText", body.get("Text")))
        return 200, {}, json.dumps(self.status)

    def _find(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.asked.append(json.loads(request.body))
        return 200, {}, json.dumps({"ServiceRequest1": {"Notes": [{"Row": 1, "Told": text} for text in self.texts()]}})

    def log(self, customer: int, text: str) -> None:
        self.ledger.database.execute("INSERT INTO \"F03B31\" VALUES (?, ?, ' ')", (customer, text[:30].ljust(30)))

    def texts(self) -> list[str]:
        return [str(text).strip() for (text,) in self.ledger.database.execute('SELECT "ZGRMK" FROM "F03B31"')]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with responses.mock:
        made = Site(tmp_path)
        yield made
        made.ledger.close()


@pytest.mark.parametrize("way", [LOGGED, ORCHESTRATED], ids=lambda way: way["by"])
def test_a_note_is_looked_for_handed_over_and_read_back(site: Site, way: dict[str, Any]) -> None:
    target = site.target(**way)
    assert TEXT in target.preview(NOTE)
    applied = target.apply(NOTE)
    assert (applied.outcome, applied.reference) == ("done", "7")
    assert target.apply(NOTE).outcome == "already"
    assert target.verify(NOTE).outcome == "done"
    assert len(site.texts()) == 1
    target.close()


def test_what_is_handed_over_has_the_names_of_the_settings(site: Site) -> None:
    target = site.target(**ORCHESTRATED, inputs={"text": "NoteText", "subject": "", "customer": "AddressNumber"})
    target.apply(NOTE)
    target.close()
    assert site.asked == [
        {"AddressNumber": "4242"},
        {"AddressNumber": "4242", "Company": "00001", "NoteText": TEXT, "Mark": marker(NOTE)},
        {"AddressNumber": "4242"},
    ]


def test_a_note_of_another_customer_or_command_is_not_taken_for_ours(site: Site) -> None:
    site.log(4243, TEXT)
    site.log(4242, "[dh:000000000000] another's")
    target = site.target(**LOGGED)
    assert target.verify(NOTE).outcome == "refused"
    assert target.apply(NOTE).outcome == "done"
    target.close()


@pytest.mark.parametrize("way", [LOGGED, ORCHESTRATED], ids=lambda way: way["by"])
def test_a_note_that_jde_does_not_take_is_refused_in_its_words(site: Site, way: dict[str, Any]) -> None:
    site.status = {"Status": "Error", "Message": "no such activity type"}
    target = site.target(**way)
    applied = target.apply(NOTE)
    assert (applied.outcome, applied.message) == (
        "refused", "JDE did not take the note (Error: no such activity type).",
    )  # fmt: skip
    target.close()


@pytest.mark.parametrize("way", [LOGGED, ORCHESTRATED], ids=lambda way: way["by"])
def test_a_call_that_says_error_is_believed_unless_the_note_is_there(site: Site, way: dict[str, Any]) -> None:
    def add(request: Any) -> tuple[int, dict[str, str], str]:
        site._add(request)
        return 200, {}, json.dumps({"Status": "Error", "Message": "the mail to the collector failed"})

    responses.remove("POST", ADD)
    responses.add_callback("POST", ADD, add)
    target = site.target(**way)
    assert target.apply(NOTE).outcome == "done"
    target.close()
    assert site.texts() == [TEXT]


def test_a_note_that_cannot_be_found_afterwards_is_unknown(site: Site) -> None:
    target = site.target(**LOGGED, column="ZGDL01")
    assert target.apply(NOTE).outcome == "unknown"
    target.close()


@pytest.mark.parametrize("way", [LOGGED, ORCHESTRATED], ids=lambda way: way["by"])
def test_a_note_whose_reply_is_lost_is_unknown_and_found_by_verifying(site: Site, way: dict[str, Any]) -> None:
    def lose(request: Any) -> tuple[int, dict[str, str], str]:
        site._add(request)
        raise requests.exceptions.ReadTimeout("no answer")

    responses.remove("POST", ADD)
    responses.add_callback("POST", ADD, lose)
    target = site.target(**way)
    assert target.apply(NOTE).outcome == "unknown"
    assert target.verify(NOTE).outcome == "done"
    assert target.apply(NOTE).outcome == "already"
    target.close()
    assert len(site.texts()) == 1


def test_a_log_is_not_asked_for_what_is_no_address_number(site: Site) -> None:
    target = site.target(**LOGGED)
    applied = target.apply(Command("add_note", "k", "00001", "ABC", body={"text": "x"}))
    assert (applied.outcome, applied.message) == (
        "refused",
        "'ABC' is no JDE address number. Fix: name the customer by his number.",
    )
    target.close()


@pytest.mark.parametrize(
    ("notes", "subjects"),
    [
        (LOGGED, {"AIS sign-in": True, "read F03B31": True, "write notes": True}),
        ({**LOGGED, "column": "ZGXYZ"}, {"AIS sign-in": True, "read F03B31": False, "write notes": False}),
        (ORCHESTRATED, {"AIS sign-in": True, "write notes": True}),
    ],
)
def test_check_tries_the_way_that_notes_go(site: Site, notes: dict[str, Any], subjects: dict[str, bool]) -> None:
    target = site.target(**notes)
    findings = {finding.subject: finding for finding in target.check()}
    assert {name: findings[name].ok for name in subjects} == subjects
    target.close()


def test_check_says_how_a_note_that_is_not_found_again_can_be(site: Site) -> None:
    target = site.target(**LOGGED, column="ZGDL01")
    (finding,) = [found for found in target.check() if found.subject == "write notes"]
    assert (finding.ok, finding.advice) == (
        False, "let the call put the mark into the column of F03B31 that `notes.column` names.",
    )  # fmt: skip
    target.close()


def test_check_names_a_log_that_may_not_be_read(site: Site) -> None:
    site.ledger.database.execute('DROP TABLE "F03B31"')
    target = site.target(**LOGGED)
    (finding,) = [found for found in target.check() if found.subject == "read F03B31"]
    assert (finding.ok, "grant SELECT on F03B31" in str(finding.advice)) == (False, True)
    target.close()
