"""The simulated site's own orchestrations and form: what they take, and what they refuse and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from duehook.plugins.jde.simulator import JdeSimulator

from .simulated import Site, small

RUN = "/jderest/v3/orchestrator/"
FORM = "P5503B11_W5503B11A"
CUSTOMER = "1001"


def ran(site: Site, name: str, **body: Any) -> Any:
    return site.post(RUN + name, body, **site.signed_in()).json()


def item(site: Site) -> dict[str, str]:
    """Return the inputs that name a pay item of a company whose currency is the euro, and of its own."""
    found = site.select(
        "SELECT RPKCO, RPDCT, RPDOC, RPSFX, RPAN8 FROM {s}.F03B11 WHERE RPCRRM = 'D' AND RPBCRC = 'EUR' "
        "ORDER BY RPDOC LIMIT 1"
    )
    ((kco, dct, doc, sfx, customer),) = found
    return {
        "DocumentCompany": kco.strip(), "DocumentType": dct.strip(), "DocumentNumber": str(int(doc)),
        "PayItem": sfx.strip(), "AddressNumber": str(int(customer)),
    }  # fmt: skip


def held(site: Site, of: dict[str, str]) -> tuple[Any, ...]:
    ((day, amount, mark, code, user),) = site.select(
        "SELECT RPURDT, RPURAT, RPURRF, RPURC1, RPUSER FROM {s}.F03B11 WHERE RPDOC = ? AND RPSFX = ? AND RPDCT = ?",
        int(of["DocumentNumber"]), of["PayItem"], of["DocumentType"],
    )  # fmt: skip
    return int(day), int(amount), mark.strip(), code.strip(), user.strip()


def test_a_promise_is_set_where_what_is_expected_stands(small: Site) -> None:
    which = item(small)
    said = {**which, "PromiseDate": "2026-04-17", "Amount": "40.25", "Mark": "dh:0123456789ab"}
    assert ran(small, "CM_SetPromise", **said, Expected="")["Status"] == "Success"
    assert held(small, which) == (126107, 4025, "dh:0123456789ab", "", "CMSVC")
    answer = ran(small, "CM_SetPromise", **said, Expected="2026-04-10")
    assert answer == {"Status": "Error", "Message": "The promised day is '2026-04-17', not '2026-04-10'"}


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("CM_SetPromise", {"PromiseDate": "2026-04-17", "Amount": "1.005", "Mark": "x"}, "1.005 is finer than EUR"),
        ("CM_SetPromise", {"PromiseDate": "2026-04-17", "Amount": "much", "Mark": "x"}, "'much' is no amount"),
        ("CM_SetDispute", {"DisputeCode": "ZZ"}, "'ZZ' is not in UDC 03B/CR"),
        ("CM_SetDispute", {"DisputeCode": "PR", "Expected": "QL"}, "The dispute code is '', not 'QL'"),
        ("CM_SetDispute", {"DisputeCode": "PR", "AddressNumber": "1"}, "There is no pay item"),
    ],
)
def test_what_an_orchestration_does_not_take_it_says(small: Site, name: str, body: dict[str, str], told: str) -> None:
    answer = ran(small, name, **{**item(small), **body})
    assert (answer["Status"], told in answer["Message"]) == ("Error", True)


@pytest.mark.parametrize(
    ("name", "body"),
    [("CM_AddNote", {"AddressNumber": CUSTOMER}), ("CM_SetPromise", {"PromiseDate": "soon"}), ("CM_SetCreditHold", {})],
)
def test_an_input_that_is_missing_or_cannot_be_read_is_a_bad_request(small: Site, name: str, body: Any) -> None:
    reply = small.post(RUN + name, body, **small.signed_in())
    assert (reply.status_code, reply.json()["message"].startswith("Input ")) == (400, True)


def test_notes_are_given_back_by_customer_and_activities_stand_in_the_log(small: Site) -> None:
    ran(small, "CM_AddNote", AddressNumber=CUSTOMER, Text="one", Subject="Call")
    assert ran(small, "CM_FindNotes", AddressNumber=CUSTOMER) == {"Notes": [{"Sequence": 1, "Text": "one"}]}
    assert ran(small, "CM_FindNotes", AddressNumber="1002") == {"Notes": []}
    for number in (1, 2):
        told = f"[dh:0123456789ab] number {number}, and much more"
        answer = ran(small, "CM_AddActivity", AddressNumber=CUSTOMER, Company="00001", NoteText=told)
        assert answer["Reference"] == number
    rows = small.select("SELECT ZGAN8, ZGRMK FROM {s}.F03B31 ORDER BY ZGLNID")
    assert [(int(number), text) for number, text in rows] == [
        (1001, "[dh:0123456789ab] number 1, an"), (1001, "[dh:0123456789ab] number 2, an"),
    ]  # fmt: skip
    assert small.simulator.notes(CUSTOMER) == [
        "one", *(f"[dh:0123456789ab] number {number}, and much more" for number in (1, 2)),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["CM_AddNote", "CM_AddActivity"])
def test_nothing_is_noted_about_nobody(small: Site, name: str) -> None:
    answer = ran(small, name, AddressNumber="9", Company="00001", Text="x", NoteText="x")
    assert answer == {"Status": "Error", "Message": "Customer 9 has no master row"}


def filled(site: Site, which: dict[str, str], *controls: tuple[str, str], press: str = "11") -> list[Any]:
    body = {
        "formName": FORM,
        "formInputs": [{"id": str(place), "value": value} for place, value in enumerate(which.values(), 1)],
        "formActions": [
            *({"command": "SetControlValue", "controlID": control, "value": value} for control, value in controls),
            {"command": "DoAction", "controlID": press},
        ],
    }
    answer = site.post("/jderest/v2/formservice", body, **site.signed_in()).json()
    errors: list[Any] = answer[f"fs_{FORM}"]["errors"]
    return errors


def test_a_form_takes_what_its_controls_show_once_ok_is_pressed(small: Site) -> None:
    which = item(small)
    shown = (("20", "04/17/2026"), ("21", "40.25"), ("22", "dh:0123456789ab"), ("30", "QL"))
    assert filled(small, which, *shown, press="12") == []
    assert held(small, which)[0] == 0
    assert filled(small, which, *shown) == []
    assert held(small, which) == (126107, 4025, "dh:0123456789ab", "QL", "CMSVC")


@pytest.mark.parametrize(
    ("control", "told"),
    [(("20", "17.04.2026"), "Invalid value"), (("30", "ZZ"), "'ZZ' is not in UDC 03B/CR")],
)
def test_a_form_shows_what_is_wrong_with_its_controls(small: Site, control: tuple[str, str], told: str) -> None:
    (error,) = filled(small, item(small), control)
    assert told in error["TITLE"]


def test_a_form_that_is_not_there_or_not_allowed_is_an_error(small: Site) -> None:
    reply = small.post("/jderest/v2/formservice", {"formName": "P01012_W01012A"}, **small.signed_in())
    assert (reply.status_code, reply.json()["message"]) == (500, "The form P01012_W01012A cannot be opened")
    reply = small.post("/jderest/v2/formservice", {"formName": FORM}, **small.signed_in("READER"))
    assert (reply.status_code, "forms" in reply.json()["message"]) == (403, True)


@pytest.mark.parametrize("options", [{"notes": "mail"}, {"user_fields": "sql"}])
def test_a_way_that_there_is_not_is_refused(tmp_path: Path, options: dict[str, str]) -> None:
    simulator = JdeSimulator({"folder": str(tmp_path), "customers": 5, "items": 5, **options})
    with pytest.raises(ValueError, match="notes are text, activity, orchestration and user_fields"):
        simulator.start()
    simulator.stop()
