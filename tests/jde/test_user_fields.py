"""Promises and disputes stand in columns that the settings name: set once, told from others', and read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Command, CommandKind
from duehook.plugins.jde.sources import JdeInvoices
from duehook.plugins.jde.target import JdeTarget

from .ledger import Ledger, read, rows
from .test_fields import widen
from .test_target import AIS, BASE, LOGOUT, TOKEN

SET, FORM = f"{BASE}/v3/orchestrator/CM_Set", f"{BASE}/v2/formservice"
PROMISE = {"on": "RPURDT", "amount": "RPURAT", "mark": "RPURRF", "orchestration": "CM_Set"}
DISPUTE = {"code": "RPURC1", "codes": {"price": "PR"}, "orchestration": "CM_Set"}
ITEM = "00001|RI|1001|001"


def promise(key: str = "k-1", **body: Any) -> Command:
    said = {"amount": "200.00", "on": "2026-04-17", "text": "by phone", **body}
    return Command("set_promise", key, "00001", "4242", ITEM, said)


def dispute(key: str = "k-1", **body: Any) -> Command:
    said = {"amount": "40.00", "reason": "price", "text": "wrong price", **body}
    return Command("set_dispute", key, "00001", "4242", ITEM, said)


class Site:
    """A ledger with user-reserved columns, whose orchestration sets them."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(folder / "jde.db")
        self.ledger.item()
        widen(self.ledger, "F03B11", RPURDT=0, RPURAT=0, RPURRF=" ", RPURC1=" ")
        self.asked: list[Any] = []
        self.answer: dict[str, Any] = {"Status": "Success", "Message": "set"}
        responses.post(TOKEN, json={"userInfo": {"token": "t", "simpleDateFormat": "dd.MM.yyyy", "decimalFormat": ","}})
        responses.post(LOGOUT, json={})
        responses.add_callback("POST", SET, self._orchestrated)

    def target(self, **values: Any) -> JdeTarget:
        return JdeTarget(self.ledger.settings(ais=AIS, **{"promise": PROMISE, "dispute": DISPUTE, **values}))

    def _orchestrated(self, request: Any) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body)
        self.asked.append(body)
        if "PromiseDate" in body:
            day = date.fromisoformat(body["PromiseDate"])
            self.set(URDT=(day.year - 1900) * 1000 + day.timetuple().tm_yday, URRF=body["Mark"],
                     URAT=int(Decimal(body["Amount"]) * 100))  # fmt: skip
        else:
            self.set(URC1=body["DisputeCode"])
        return 200, {}, json.dumps(self.answer)

    def set(self, **cells: Any) -> None:
        for alias, held in cells.items():
            self.ledger.database.execute(f'UPDATE "F03B11" SET "RP{alias}" = ?', (held,))

    def item(self, **settings: Any) -> dict[str, Any]:
        source = JdeInvoices(self.ledger.settings(**{"promise": PROMISE, "dispute": DISPUTE, **settings}))
        (row,) = rows(read(source, "item"))
        source.close()
        return row


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with responses.mock:
        made = Site(tmp_path)
        yield made
        made.ledger.close()


@pytest.mark.parametrize("command", [promise(), dispute()], ids=lambda command: command.kind)
def test_what_is_set_is_looked_for_handed_over_and_read_back(site: Site, command: Command) -> None:
    target = site.target()
    assert ITEM in target.preview(command)
    assert target.verify(command).outcome == "refused"
    assert target.apply(command).outcome == "done"
    assert target.apply(command).outcome == "already"
    assert target.verify(command).outcome == "done"
    assert len(site.asked) == 1
    target.close()


def test_a_promise_is_previewed_column_by_column(site: Site) -> None:
    target = site.target()
    assert target.preview(promise()) == (
        f"set the promise of item {ITEM} of customer 4242 in JDE: RPURDT from nothing to 2026-04-17, "
        f"RPURAT from nothing to 200.00, RPURRF from nothing to dh:{promise().mark}"
    )
    target.close()


def test_an_orchestration_is_handed_the_item_the_value_and_what_stood_there(site: Site) -> None:
    target = site.target(promise={**PROMISE, "inputs": {"text": "", "on": "PromiseDate"}})
    target.apply(promise())
    target.apply(dispute())
    target.close()
    shared = {
        "DocumentCompany": "00001", "DocumentType": "RI", "DocumentNumber": "1001", "PayItem": "001",
        "AddressNumber": "4242", "Expected": "", "Mark": f"dh:{promise().mark}",
    }  # fmt: skip
    assert site.asked == [
        {**shared, "PromiseDate": "2026-04-17", "Amount": "200.00"},
        {**shared, "DisputeCode": "PR", "Amount": "40.00", "Text": "wrong price"},
    ]


def test_what_stands_there_is_read_into_the_item(site: Site) -> None:
    assert site.item()["extra"] is None
    site.set(URDT=126107, URAT=20000, URRF="dh:0123456789ab", URC1="PR")
    row = site.item()
    assert row["extra"] == {
        "promised_on": "2026-04-17", "promised_amount": "200.00", "promise_mark": "dh:0123456789ab",
        "dispute_code": "PR",
    }  # fmt: skip
    assert (row["disputed_amount"], row["dispute_reason"]) == (Decimal("234.50"), "price")


@pytest.mark.parametrize(
    ("code", "amount", "disputed", "reason"),
    [
        ("PR", 4000, Decimal("40.00"), "price"),
        ("PR", 99_999_99, Decimal("234.50"), "price"),  # never more than is open
        ("SS", 0, Decimal("234.50"), "short shipment"),  # of `codes.dispute_by_reason`
        ("Q7", 0, Decimal("234.50"), "Q7"),
        (" ", 4000, None, None),
    ],
)
def test_a_dispute_is_of_its_amount_and_for_its_reason(
    site: Site, code: str, amount: int, disputed: Decimal | None, *, reason: str | None
) -> None:
    site.set(URC1=code, URAT=amount)
    row = site.item(promise=None, dispute={**DISPUTE, "amount": "RPURAT"})
    assert (row["disputed_amount"], row["dispute_reason"]) == (disputed, reason)


def test_a_collection_reason_that_is_no_dispute_stays_none(site: Site) -> None:
    site.set(CORC="ZZ")
    row = site.item(dispute={**DISPUTE, "code": "RPCORC"})
    assert (row["dispute_reason"], row["extra"]) == (None, {"dispute_code": "ZZ"})


def test_the_sites_own_file_is_asked_last(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "fields.yaml"
    file.write_text("fields: {item: {dispute_reason: RPURRF}}\n")
    site.set(URC1="PR", URRF="by the file")
    row = site.item(mapping=str(file))
    assert (row["dispute_reason"], row["disputed_amount"]) == ("by the file", Decimal("234.50"))


def test_other_columns_make_the_next_reading_a_whole_one(site: Site) -> None:
    source = JdeInvoices(site.ledger.settings())
    position = read(source, "item")[-1].position
    source.close()
    source = JdeInvoices(site.ledger.settings(promise=PROMISE))
    assert len(rows(read(source, "item", position))) == 1
    source.close()


def test_a_promise_of_a_user_stays_where_ours_bear_a_mark(site: Site) -> None:
    site.set(URDT=126100, URRF="called twice")
    target = site.target()
    applied = target.apply(promise())
    assert (applied.outcome, applied.message) == ("refused", "another promise is there: 2026-04-10")
    assert site.asked == []
    site.set(URRF="dh:0123456789ab")  # an earlier one of ours, which this one takes the place of
    applied = target.apply(promise())
    assert (applied.outcome, applied.previous) == ("done", "2026-04-10")
    assert site.asked[0]["Expected"] == "2026-04-10"
    target.close()


def test_without_a_mark_the_last_promise_stands(site: Site) -> None:
    site.set(URDT=126100)
    target = site.target(promise={**PROMISE, "mark": None})
    applied = target.apply(promise())
    assert (applied.outcome, applied.previous) == ("done", "2026-04-10")
    target.close()


@pytest.mark.parametrize(("there", "outcome"), [("QL", "refused"), ("PR", "already")])
def test_a_dispute_for_another_reason_stays(site: Site, there: str, outcome: str) -> None:
    site.set(URC1=there)
    target = site.target()
    assert target.apply(dispute()).outcome == outcome
    assert site.asked == []
    target.close()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (promise(on="soon"), "'soon' is no day"),
        (promise(amount="much"), "'much' is no amount in EUR"),
        (promise(amount="1.005"), "'1.005' is no amount in EUR"),
        (dispute(reason="weather"), "No dispute code of JDE stands for 'weather'. Fix: name one in `dispute.codes"),
        (Command("set_promise", "k", "00001", "4242", None, promise().body), "names no item"),
        (Command("set_promise", "k", "00001", "4343", ITEM, promise().body), f"no item {ITEM} of customer 4343"),
        (Command("set_promise", "k", "00001", "4242", "00001|RI|9|001", promise().body), "no item 00001|RI|9|001"),
        (Command("set_promise", "k", "00007", "4242", ITEM, promise().body), "in company 00007"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_sent(site: Site, command: Command, told: str) -> None:
    target = site.target()
    applied = target.apply(command)
    assert (applied.outcome, told in applied.message) == ("refused", True), applied.message
    assert site.asked == []
    target.close()


def test_an_item_that_cannot_be_read_is_refused_with_the_reason(site: Site) -> None:
    site.set(BCRC="XYZ")
    target = site.target()
    applied = target.apply(promise())
    assert (applied.outcome, "Item 00001|RI|1001|001 cannot be read: " in applied.message) == ("refused", True)
    target.close()


def test_a_call_that_says_error_is_believed_unless_the_value_is_there(site: Site) -> None:
    site.answer = {"Status": "Error", "Message": "batch in use"}
    target = site.target()
    assert target.apply(promise()).outcome == "done", "the columns hold it all the same"
    responses.remove("POST", SET)
    responses.post(SET, json=site.answer)
    applied = target.apply(dispute())
    assert (applied.outcome, applied.message) == ("refused", "JDE did not take the dispute (Error: batch in use)")
    target.close()


def test_a_call_that_says_success_and_did_nothing_is_unknown(site: Site) -> None:
    responses.remove("POST", SET)
    responses.post(SET, json={"Status": "Success"})
    target = site.target()
    assert target.apply(promise()).outcome == "unknown"
    target.close()


def test_a_promise_whose_reply_is_lost_is_unknown_and_found_by_verifying(site: Site) -> None:
    def lose(request: Any) -> tuple[int, dict[str, str], str]:
        site._orchestrated(request)
        raise requests.exceptions.ReadTimeout("no answer")

    responses.remove("POST", SET)
    responses.add_callback("POST", SET, lose)
    target = site.target()
    assert target.apply(promise()).outcome == "unknown"
    assert target.verify(promise()).outcome == "done"
    assert target.apply(promise()).outcome == "already"
    assert len(site.asked) == 1
    target.close()


CONTROLS = {"name": "P55AR_W55ARA", "inputs": "number=3, line=4", "controls": "on=20, amount=21, mark=22", "save": "11"}
BY_FORM = {"on": "RPURDT", "amount": "RPURAT", "mark": "RPURRF", "form": CONTROLS}


def formed(site: Site, answer: Callable[[], dict[str, Any]]) -> JdeTarget:
    def fill(request: Any) -> tuple[int, dict[str, str], str]:
        site.asked.append(json.loads(request.body))
        return 200, {}, json.dumps(answer())

    responses.add_callback("POST", FORM, fill)
    return site.target(promise=BY_FORM)


def test_a_form_is_filled_as_its_user_types(site: Site) -> None:
    def take() -> dict[str, Any]:
        site.set(URDT=126107, URAT=20000, URRF=f"dh:{promise().mark}")
        return {"fs_P55AR_W55ARA": {"data": {}, "errors": []}, "sysErrors": []}

    target = formed(site, take)
    assert target.apply(promise()).outcome == "done"
    target.close()
    assert site.asked == [{
        "formName": "P55AR_W55ARA", "version": "ZJDE0001", "formServiceAction": "U",
        "formInputs": [{"id": "3", "value": "1001"}, {"id": "4", "value": "001"}],
        "formActions": [
            {"command": "SetControlValue", "controlID": "20", "value": "17.04.2026"},
            {"command": "SetControlValue", "controlID": "21", "value": "200,00"},
            {"command": "SetControlValue", "controlID": "22", "value": f"dh:{promise().mark}"},
            {"command": "DoAction", "controlID": "11"},
        ],
    }]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        {"fs_P55AR_W55ARA": {"errors": [{"CODE": "0002", "TITLE": "Error: Record Invalid"}]}},
        {"fs_P55AR_W55ARA": {"errors": []}, "sysErrors": [{"DESC": "Error: Record Invalid"}]},
        {"sysErrors": ["Error: Record Invalid"]},
    ],
)
def test_what_a_form_does_not_take_is_refused_in_its_words(site: Site, answer: dict[str, Any]) -> None:
    target = formed(site, lambda: answer)
    applied = target.apply(promise())
    assert (applied.outcome, applied.message) == ("refused", "JDE did not take the promise (Error: Record Invalid)")
    target.close()


def test_a_form_is_not_filled_where_nobody_knows_how_its_user_writes_days(site: Site) -> None:
    responses.remove("POST", TOKEN)
    responses.post(TOKEN, json={"userInfo": {"token": "t"}})
    target = formed(site, dict)
    applied = target.apply(promise())
    assert (applied.outcome, site.asked) == ("refused", [])
    assert "date format in its user profile" in applied.message
    target.close()


def test_a_form_that_answers_no_object_leaves_it_unknown(site: Site) -> None:
    responses.post(FORM, json=[1])
    target = site.target(promise=BY_FORM)
    assert target.apply(promise()).outcome == "unknown"
    target.close()


def test_without_settings_promises_and_disputes_are_unsupported(site: Site) -> None:
    target = site.target(promise=None, dispute=None)
    assert target.capabilities == {"add_note", "set_credit_hold", "release_credit_hold"}
    kinds: tuple[CommandKind, ...] = ("set_promise", "set_dispute")
    for kind in kinds:
        applied = target.apply(Command(kind, "k", "00001", "4242", ITEM, promise().body))
        assert (applied.outcome, applied.message.partition(":")[0]) == ("refused", "unsupported")
        assert target.preview(Command(kind, "k", "00001", "4242")).startswith("unsupported")
    target.close()


def test_a_column_that_the_site_does_not_have_is_named_by_its_setting(site: Site) -> None:
    settings = {"promise": {**PROMISE, "on": "RPURD9"}}
    source = JdeInvoices(site.ledger.settings(**settings))
    with pytest.raises(ConnectorRefused, match=r"promise\.on: F03B11 of this site has no column RPURD9"):
        read(source, "item")
    assert [found.message for found in source.check() if not found.ok and found.severity == "error"] == [
        "promise.on: F03B11 of this site has no column RPURD9"
    ]
    source.close()


def test_check_says_what_of_promises_and_disputes_is_there(site: Site) -> None:
    target = site.target(promise={**PROMISE, "on": "RPURD9"})
    findings = {finding.subject: finding for finding in target.check()}
    assert (findings["promise.on"].ok, findings["write disputes"].ok) == (False, True)
    assert findings["write disputes"].message.startswith("RPURC1 of F03B11 are there")
    target.close()
