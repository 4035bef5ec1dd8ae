"""Notes and holds reach JDE once, are read back, and are never guessed at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.errors import ConfigError, ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.wire import ReplyLost, RetryPolicy, WireOptions
from duehook.plugins.jde.ais import AisClient
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.target import JdeTarget
from duehook.plugins.jde.writing.notes import marker

from .ledger import Ledger

AIS = {
    "base_url": "https://ais.example:7077", "username": "CMSVC", "password": "secret-word",
    "device_name": "duehook-1", "environment": "JPD920", "hold_orchestration": "CM_SetCreditHold",
    "test_address": 4242, "calls_per_second": 1000,
}  # fmt: skip
BASE = "https://ais.example:7077/jderest"
TOKEN, LOGOUT = f"{BASE}/v2/tokenrequest", f"{BASE}/v2/tokenrequest/logout"
GET, ADD, HOLD = f"{BASE}/v2/file/gettext", f"{BASE}/v2/file/addtext", f"{BASE}/v3/orchestrator/CM_SetCreditHold"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Site:
    """A target on a SQLite ledger, its AIS answered by `responses`."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(folder / "jde.db")
        self.clock = Clock()
        self.texts: list[str] = []
        self.tokens = 0

    def settings(self, **values: Any) -> JdeSettings:
        return self.ledger.settings(ais={**AIS, **values})

    def target(self, **values: Any) -> JdeTarget:
        settings = self.settings(**values)
        assert settings.ais is not None
        options = WireOptions(sleep=lambda seconds: None, chance=lambda: 0.0, retry=RetryPolicy(tries=2))
        return JdeTarget(settings, ais=AisClient(settings.ais, options=options, clock=self.clock))

    def answers(self) -> None:
        """Let AIS work as it should."""
        responses.add_callback("POST", TOKEN, self._token)
        responses.add_callback("POST", GET, self._get)
        responses.add_callback("POST", ADD, self._add)
        responses.add_callback("POST", HOLD, self._hold)
        responses.post(LOGOUT, json={})

    def _token(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.tokens += 1
        return 200, {}, json.dumps({"username": "CMSVC", "userInfo": {"token": f"t{self.tokens}"}})

    def _get(self, request: Any) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps({"textAttachments": [{"text": text} for text in self.texts]})

    def _add(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.texts.append(json.loads(request.body)["inputText"])
        return 200, {}, json.dumps({"addTextStatus": "Success", "sequence": len(self.texts)})

    def _hold(self, request: Any) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body)
        self.set_hold(body["HoldCode"], company=body["Company"])
        return 200, {}, json.dumps({"Status": "Success", "HoldCode": body["HoldCode"], "Message": ""})

    def set_hold(self, code: str, *, company: str = "00000") -> None:
        self.ledger.database.execute(
            'UPDATE "F03012" SET "AIHOLD" = ? WHERE "AIAN8" = 4242 AND "AICO" = ?', (code.ljust(2), company)
        )

    def hold(self, company: str = "00000") -> str:
        (code,) = self.ledger.database.execute(
            'SELECT "AIHOLD" FROM "F03012" WHERE "AIAN8" = 4242 AND "AICO" = ?', (company,)
        ).fetchone()
        return str(code).strip()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with responses.mock:
        made = Site(tmp_path)
        yield made
        made.ledger.close()


def command(kind: CommandKind = "add_note", **body: Any) -> Command:
    return Command(kind, "k-1", "00001", "4242", body=body or {"text": "Level 2 sent", "subject": "Dunning"})


def test_a_note_is_looked_for_written_and_read_back(site: Site) -> None:
    site.answers()
    target = site.target()
    applied = target.apply(command())
    assert (applied.outcome, applied.reference) == ("done", "1")
    assert site.texts == [f"{marker(command())} Level 2 sent"]
    assert target.apply(command()).outcome == "already"
    assert target.verify(command()) == Applied("done", "the note is there")
    assert len(site.texts) == 1
    assert site.tokens == 1
    target.close()


def test_the_wire_has_the_shapes_of_ais(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, dict[str, Any], Any]] = []
    site.answers()
    send = requests.Session.send

    def watch(self: requests.Session, request: requests.PreparedRequest, **named: Any) -> requests.Response:
        assert request.url is not None
        assert request.body is not None
        usual = {*self.headers, "Content-Length"}
        named_here = {name: held for name, held in request.headers.items() if name not in usual}
        seen.append((request.url, json.loads(request.body), named_here))
        return send(self, request, **named)

    monkeypatch.setattr(requests.Session, "send", watch)
    target = site.target()
    target.apply(command())
    target.close()
    urls = [url for url, _, _ in seen]
    assert urls == [TOKEN, GET, ADD, GET, LOGOUT]
    assert seen[0][1] == {
        "username": "CMSVC", "password": "secret-word", "deviceName": "duehook-1", "environment": "JPD920",
        "role": "*ALL",
    }  # fmt: skip
    shape = {"moStructure": "ABGT", "moKey": ["4242"], "formName": "P01012_W01012A", "version": "ZJDE0001"}
    assert seen[1][1] == {**shape, "multipleMode": True, "htmlText": False}
    assert seen[2][1] == {**shape, "itemName": "Dunning", "inputText": f"{marker(command())} Level 2 sent"}
    json_body = {"Content-Type": "application/json"}
    assert seen[2][2] == {**json_body, "jde-AIS-Auth": "t1", "jde-AIS-Auth-Device": "duehook-1"}
    assert seen[4][1] == {"token": "t1"}


def test_a_note_whose_reply_is_lost_is_unknown_and_found_by_verifying(site: Site) -> None:
    site.answers()

    def lose(request: Any) -> tuple[int, dict[str, str], str]:
        site._add(request)
        raise requests.exceptions.ReadTimeout("no answer")

    responses.remove("POST", ADD)
    responses.add_callback("POST", ADD, lose)
    target = site.target()
    applied = target.apply(command())
    assert applied.outcome == "unknown"
    assert target.verify(command()).outcome == "done"
    assert target.apply(command()).outcome == "already"
    target.close()
    assert len(site.texts) == 1


def added(site: Site, **answer: Any) -> Applied:
    """Apply a note where addtext answers so."""
    responses.add_callback("POST", TOKEN, site._token)
    responses.add_callback("POST", GET, site._get)
    responses.post(LOGOUT, json={})
    responses.post(ADD, **answer)
    target = site.target()
    try:
        return target.apply(command())
    finally:
        target.close()


def test_a_note_answered_by_a_web_page_is_unknown(site: Site) -> None:
    assert added(site, body="<html>sign in</html>", content_type="text/html").outcome == "unknown"


def test_a_note_that_breaks_the_server_is_unknown(site: Site) -> None:
    assert added(site, status=500, json={"message": "boom"}).outcome == "unknown"


def test_a_note_without_the_right_is_refused(site: Site) -> None:
    applied = added(site, status=403, json={"message": "not authorised"})
    assert (applied.outcome, "403" in applied.message) == ("refused", True)


def test_a_refusal_in_html_is_told_by_its_beginning(site: Site) -> None:
    applied = added(site, status=403, body="<h1>Forbidden by the gateway</h1>", content_type="text/html")
    assert (applied.outcome, "Forbidden by the gateway" in applied.message) == ("refused", True)


def test_a_note_that_is_written_and_cannot_be_read_back_is_done(site: Site) -> None:
    responses.add_callback("POST", TOKEN, site._token)
    responses.add_callback("POST", GET, site._get)
    responses.post(GET, status=500, json={"message": "down"})
    responses.add_callback("POST", ADD, site._add)
    responses.post(LOGOUT, json={})
    target = site.target()
    applied = target.apply(command())
    assert (applied.outcome, applied.message) == ("done", "AIS took it; reading it back failed")
    assert len(site.texts) == 1
    target.close()


def test_a_note_is_shown_before_it_is_written_with_its_mark_and_text(site: Site) -> None:
    target = site.target()
    assert target.preview(command()) == f"add a note to address 4242 in JDE: {marker(command())} Level 2 sent"
    target.close()


def test_a_note_that_ais_says_it_did_not_write_is_refused(site: Site) -> None:
    assert added(site, json={"addTextStatus": "Fail"}).outcome == "refused"


def test_a_note_that_cannot_be_found_afterwards_is_unknown(site: Site) -> None:
    assert added(site, json={"addTextStatus": "Success"}).outcome == "unknown"


def test_where_nothing_was_sent_the_caller_may_try_again(site: Site) -> None:
    responses.post(TOKEN, body=requests.exceptions.ConnectTimeout("nobody there"))
    target = site.target()
    with pytest.raises(ConnectorDown):
        target.apply(command())
    assert target.verify(command()).outcome == "unknown"
    target.close()


def test_a_senseless_answer_to_a_look_means_that_nothing_was_written(site: Site) -> None:
    responses.add_callback("POST", TOKEN, site._token)
    responses.post(GET, body="<html>proxy</html>")
    responses.post(LOGOUT, json={})
    target = site.target()
    with pytest.raises(ConnectorDown, match="Nothing was written") as told:
        target.apply(command())
    assert not isinstance(told.value, ReplyLost)
    target.close()


def test_a_sign_out_that_fails_hurts_nobody(site: Site) -> None:
    responses.add_callback("POST", TOKEN, site._token)
    responses.post(LOGOUT, status=500)
    target = site.target()
    target._ais.sign_in()
    target.close()


def test_a_token_that_expires_in_the_middle_is_asked_for_once_more(site: Site) -> None:
    responses.add_callback("POST", TOKEN, site._token)
    responses.post(GET, status=444, json={"message": "invalid token"})
    responses.add_callback("POST", GET, site._get)
    responses.post(ADD, status=444, json={"message": "invalid token"})
    responses.add_callback("POST", ADD, site._add)
    responses.post(LOGOUT, json={})
    target = site.target()
    assert target.apply(command()).outcome == "done"
    assert (site.tokens, len(site.texts)) == (3, 1)
    target.close()


def test_a_server_that_takes_its_tokens_back_at_once_is_refused(site: Site) -> None:
    responses.add_callback("POST", TOKEN, site._token)
    responses.post(GET, status=444)
    target = site.target()
    applied = target.apply(command())
    assert (applied.outcome, "444" in applied.message) == ("refused", True)


def test_a_token_is_used_for_its_life_and_then_given_back(site: Site) -> None:
    site.answers()
    target = site.target(token_minutes=10)
    site.clock.now = 599
    target.verify(command())
    site.clock.now = 1198
    target.verify(command())
    assert site.tokens == 1
    site.clock.now = 1200
    target.verify(command())
    assert site.tokens == 2
    target.close()


def test_a_sign_in_without_a_token_is_garbled(site: Site) -> None:
    responses.post(TOKEN, json={"userInfo": {}})
    assert site.settings().ais is not None
    client = site.target()._ais
    with pytest.raises(ConnectorGarbled, match="without a token"):
        client.sign_in()


def test_a_sign_in_with_the_wrong_password_is_refused(site: Site) -> None:
    responses.post(TOKEN, status=403, json={"message": "Login failed"})
    with pytest.raises(ConnectorRefused, match="403"):
        site.target()._ais.sign_in()


def test_a_sign_in_that_a_gateway_refuses_tells_the_beginning_of_its_page(site: Site) -> None:
    responses.post(TOKEN, status=403, body="<h1>Forbidden by the gateway</h1>", content_type="text/html")
    with pytest.raises(ConnectorRefused, match="403.*Forbidden by the gateway"):
        site.target()._ais.sign_in()


def test_a_hold_is_set_on_the_row_that_governs_and_read_back(site: Site) -> None:
    site.answers()
    target = site.target()
    assert target.current_hold("00001", "4242") is None
    setting = command("set_credit_hold", value="C1", expect=None)
    assert "from none to C1" in target.preview(setting)
    assert "every company without a row of its own" in target.preview(setting)
    applied = target.apply(setting)
    assert (applied.outcome, applied.previous, applied.reference) == ("done", None, "00000")
    assert target.current_hold("00001", "4242") == "C1"
    assert target.verify(setting).outcome == "done"
    assert target.apply(setting).outcome == "already"
    site.ledger.customer(4242, company="00001")
    assert target.current_hold("00001", "4242") is None, "a company's own row governs"
    assert target.current_hold("00002", "4242") == "C1"
    target.close()


@pytest.mark.parametrize(
    ("there", "body", "told"),
    [
        ("X9", {"value": "C1", "expect": None}, "another hold code is there: X9"),
        ("X9", {"value": "C1", "expect": "X9"}, "another hold code is there: X9"),
        ("", {"value": "C1", "expect": "X9"}, "taken away meanwhile"),
    ],
)
def test_a_hold_of_somebody_else_is_never_overwritten(site: Site, there: str, body: dict[str, Any], told: str) -> None:
    site.answers()
    site.set_hold(there)
    target = site.target()
    applied = target.apply(command("set_credit_hold", **body))
    assert (applied.outcome, site.hold()) == ("refused", there)
    assert told in applied.message
    target.close()


@pytest.mark.parametrize(
    ("there", "outcome", "left"), [("C1", "done", ""), ("X9", "refused", "X9"), ("", "already", "")]
)
def test_only_our_own_hold_is_released(site: Site, there: str, outcome: str, left: str) -> None:
    site.answers()
    site.set_hold(there)
    target = site.target()
    applied = target.apply(command("release_credit_hold", value="C1", restore=None))
    assert (applied.outcome, site.hold()) == (outcome, left)
    target.close()


def test_a_release_puts_the_previous_code_back(site: Site) -> None:
    site.answers()
    site.set_hold("C1")
    target = site.target()
    assert target.apply(command("release_credit_hold", value="C1", restore="A")).outcome == "done"
    assert site.hold() == "A"
    target.close()


def held(site: Site, **answer: Any) -> Applied:
    responses.add_callback("POST", TOKEN, site._token)
    responses.post(LOGOUT, json={})
    responses.post(HOLD, **answer)
    target = site.target()
    try:
        return target.apply(command("set_credit_hold", value="C1", expect=None))
    finally:
        target.close()


def test_an_orchestration_that_changes_nothing_is_refused(site: Site) -> None:
    applied = held(site, json={"Status": "Error", "Message": "hold differs"})
    assert (applied.outcome, "hold differs" in applied.message) == ("refused", True)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [({"status": 500}, "unknown"), ({"status": 404}, "refused"), ({"body": "<html>"}, "unknown"),
     ({"json": [1]}, "unknown"), ({"body": requests.exceptions.ReadTimeout("lost")}, "unknown")],
)  # fmt: skip
def test_a_hold_is_never_guessed_at(site: Site, answer: dict[str, Any], outcome: str) -> None:
    assert held(site, **answer).outcome == outcome


def orchestrated(site: Site, act: Callable[[], object]) -> Applied:
    """Set a hold where the orchestration does this and says that all went well."""

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        act()
        return 200, {}, json.dumps({"Status": "Success", "Message": "set"})

    responses.add_callback("POST", TOKEN, site._token)
    responses.post(LOGOUT, json={})
    responses.add_callback("POST", HOLD, answer)
    target = site.target()
    try:
        return target.apply(command("set_credit_hold", value="C1", expect=None))
    finally:
        target.close()


def test_a_hold_that_is_another_one_afterwards_is_unknown(site: Site) -> None:
    applied = orchestrated(site, lambda: site.set_hold("C7"))
    assert (applied.outcome, applied.message) == ("unknown", "the hold code is now C7 (Success: set)")


def test_a_hold_that_cannot_be_read_back_is_unknown(site: Site) -> None:
    applied = orchestrated(site, lambda: site.ledger.database.execute('ALTER TABLE "F03012" RENAME TO "GONE"'))
    assert applied.outcome == "unknown"
    assert applied.message.startswith("Success: set; reading back failed: ")


def test_a_customer_without_a_row_is_refused(site: Site) -> None:
    site.answers()
    target = site.target()
    for customer in ("99", "not-a-number"):
        applied = target.apply(Command("set_credit_hold", "k", "00001", customer, body={"value": "C1"}))
        assert applied.outcome == "refused"
    target.close()


def test_what_was_not_set_verifies_as_refused(site: Site) -> None:
    target = site.target()
    assert target.verify(command("set_credit_hold", value="C1")).outcome == "refused"
    assert target.verify(command("post_fee", value="1")).outcome == "refused"
    assert target.apply(command("post_fee", value="1")).outcome == "refused"
    target.close()


def test_holds_are_offered_only_with_an_orchestration(site: Site) -> None:
    assert site.target().capabilities == {"add_note", "set_credit_hold", "release_credit_hold"}
    assert site.target(hold_orchestration=None).capabilities == {"add_note"}
    with pytest.raises(ConfigError, match="ais"):
        JdeTarget(site.ledger.settings())


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_commands_have_two_markers(one: str, other: str) -> None:
    marks = [marker(Command("add_note", key, "00001", "4242")) for key in (one, other)]
    assert (marks[0] == marks[1]) == (one == other)
    assert len(marks[0]) == 17
