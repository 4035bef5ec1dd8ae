"""Answers of both versions are the same rows, and refusals say what they mean whatever status they come with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import BadRecord, ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.testing.simulator import Reply, json_reply
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.answers import Nok

from .connector_stub import Refused, Stub, site_of, stubbed


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("numbers", [[], ["Y1"], ["Y1", "Y2"]])
def test_rows_are_the_same_padded_or_not_one_or_many(version: str, numbers: list[str]) -> None:
    with stubbed(version) as stub:
        stub.answers["CRS610MI/LstByNumber"] = lambda asked: [{"CUNO": number} for number in numbers]
        rows = site_of(stub).service.rows(entities.CUSTOMER_KEY, {"CONO": "100"})
    assert rows == [{"CUNO": number} for number in numbers]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_how_many_rows_and_which_company_is_said_with_every_question(version: str) -> None:
    with stubbed(version) as stub:
        stub.answers["CRS610MI/LstByNumber"] = lambda asked: []
        site_of(stub).service.rows(entities.CUSTOMER_KEY, {"CONO": "100", "CUNO": "Y1"})
        _, asked = stub.asked[-1]
    assert (asked["maxrecs"], asked["cono"], asked["dateformat"], asked["returncols"]) == ("0", "100", "YMD8", "CUNO")
    assert (asked["CONO"], asked["CUNO"]) == ("100", "Y1")


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    ("code", "message", "meaning"),
    [
        ("XAU0008", "Not authorized for company 0", "is_authority"),
        ("WCU0103", "Customer number Y1 does not exist", "is_missing"),
        ("XX99999", "Record does not exist", "is_missing"),
        ("WCU0104", "Customer number Y1 already exists", "is_there"),
        ("XRE0103", "The record has been changed by user ANNA", "is_stale"),
    ],
)
def test_a_refusal_is_sorted_by_its_code_and_by_its_words(version: str, code: str, message: str, meaning: str) -> None:
    def refuse(asked: Any) -> Any:
        raise Refused(code, message, "CUNO")

    with stubbed(version) as stub:
        stub.answers["CRS610MI/GetFinancial"] = refuse
        with pytest.raises(Nok) as told:
            site_of(stub).service.rows(entities.FINANCIAL, {"CUNO": "Y1"})
    assert getattr(told.value, meaning)
    assert told.value.message == f"CRS610MI GetFinancial: {message} ({code}, CUNO)"
    assert told.value.fix


def test_a_missing_right_is_never_taken_for_a_missing_record() -> None:
    nok = Nok("Function access does not exist: not authorized", "XAU0003", "", fix="ask")
    assert (nok.is_authority, nok.is_missing) == (True, False)


def answered(stub: Stub, body: Any, status: int = 200) -> None:
    stub.before = lambda request: json_reply(body, status)


def test_a_refusal_with_400_is_read_as_one_with_200() -> None:
    refused = {"errorMessage": "Customer does not exist", "errorCode": "WCU0103", "errorType": "ServerReturnedNOK"}
    with stubbed() as stub:
        answered(stub, {"results": [{"transaction": "GetFinancial", **refused}]}, 400)
        assert site_of(stub).service.row(entities.FINANCIAL, {"CUNO": "Y1"}) is None


def test_400_without_an_answer_of_m3_is_told_by_its_status() -> None:
    with stubbed() as stub:
        answered(stub, {"message": "bad request"}, 400)
        with pytest.raises(ConnectorRefused, match="400"):
            site_of(stub).service.row(entities.FINANCIAL, {"CUNO": "Y1"})


def test_a_call_that_m3_ended_early_is_asked_again_later() -> None:
    with stubbed() as stub:
        answered(stub, {"results": [], "wasTerminated": True, "terminationReason": "Timeout   reached"})
        with pytest.raises(ConnectorDown, match="ended CRS610MI GetFinancial early: Timeout reached"):
            site_of(stub).service.row(entities.FINANCIAL, {"CUNO": "Y1"})


@pytest.mark.parametrize(
    "body",
    [[], {}, {"results": []}, {"results": [{"transaction": "Other", "records": []}]}, {"results": [7]},
     {"results": [{"transaction": "GetFinancial", "records": [7]}]},
     {"results": [{"transaction": "GetFinancial", "records": []}]},
     {"results": [{"transaction": "GetFinancial", "records": [{"CUNO": "Y2"}]}]}],
    ids=str,
)  # fmt: skip
def test_what_is_no_answer_to_the_question_is_kept_nowhere(body: Any) -> None:
    with stubbed() as stub:
        answered(stub, body)
        with pytest.raises(ConnectorGarbled) as told:
            site_of(stub).service.row(entities.FINANCIAL, {"CUNO": "Y1"})
    assert told.value.fix


def test_a_bulk_answer_that_lacks_one_or_is_out_of_order_is_kept_nowhere() -> None:
    rows = [{"transaction": "GetFinancial", "records": [{"CUNO": number}]} for number in ("Y2", "Y1")]
    for results in (rows, rows[:1]):
        with stubbed() as stub:
            answered(stub, {"results": results})
            with pytest.raises(ConnectorGarbled):
                site_of(stub).service.every(entities.FINANCIAL, [{"CUNO": "Y1"}, {"CUNO": "Y2"}])


@pytest.mark.parametrize(("settings", "wanted"), [({}, [150, 100]), ({"bulk_size": 100}, [100, 100, 50])])
def test_many_are_asked_for_as_many_at_a_time_as_the_settings_say(settings: Any, wanted: list[int]) -> None:
    sizes: list[int] = []

    def look(request: Any) -> Reply | None:
        sizes.append(request.body.count(b'"record"'))
        return None

    with stubbed() as stub:
        stub.answers["CRS610MI/GetFinancial"] = lambda asked: [{"CUNO": asked["CUNO"], "BLCD": "0"}]
        stub.before = look
        asked = [{"CUNO": str(number)} for number in range(250)]
        found = site_of(stub, **settings).service.every(entities.FINANCIAL, asked)
    assert sizes == wanted
    assert [each.rows[0]["CUNO"] for each in found] == [str(number) for number in range(250)]


@pytest.mark.parametrize(
    ("given", "held"),
    [("A", "A"), ("A  ", "A"), (" A", " A"), ("A\x00 ", "A"), ("A \nB", "A \nB"), ("  ", ""), (None, ""), (7, "7")],
)
@pytest.mark.parametrize("last", ["", "Z", "Z "])
def test_what_values_are_filled_up_with_is_taken_off_wherever_it_stands(given: Any, held: str, last: str) -> None:
    rows = [{"CUNO": "Y1", "CDRC": "ANNA"}, {"CUNO": given, "CDRC": last}, {"CUNO": "Y3", "CDRC": ""}]
    with stubbed() as stub:
        answered(stub, {"results": [{"transaction": "LstByNumber", "records": rows}]})
        found = site_of(stub).service.rows(entities.CUSTOMER_KEY, {})
    assert found == [rows[0], {"CUNO": held, "CDRC": last.strip()}, rows[2]]


@pytest.mark.parametrize("number", ['Y"1', "Y\\1", '{"record": 1}', "Ä1"])
def test_a_key_is_asked_for_in_bulk_as_it_is_written(number: str) -> None:
    with stubbed() as stub:
        stub.answers["CRS610MI/GetFinancial"] = lambda asked: [{"CUNO": asked["CUNO"], "BLCD": "0"}]
        found = site_of(stub).service.every(entities.FINANCIAL, [{"CUNO": number}, {"CUNO": "Y2"}])
    assert [each.rows for each in found] == [[{"CUNO": number, "BLCD": "0"}], [{"CUNO": "Y2", "BLCD": "0"}]]


@pytest.mark.parametrize(
    ("held", "amount"),
    [
        ("", "0"),
        ("0", "0"),
        ("123.45", "123.45"),
        ("-123.45", "-123.45"),
        ("123.45-", "-123.45"),
        (" .50", "0.50"),
        ("  ", "0"),
        ("12345678901234567.89", "12345678901234567.89"),
        ("7.", "7"),
    ],
)
def test_an_amount_may_bear_its_minus_on_either_side(held: str, amount: str) -> None:
    assert values.amount({"CUAM": held}, "CUAM") == Decimal(amount)


@pytest.mark.parametrize("held", ["1,50", "-5-", "1.2.3", "NaN", "x", ".", "1e3", "1_0", "١٢", "²"])
def test_what_is_no_amount_is_named(held: str) -> None:
    for read in (values.amount, values.money):
        with pytest.raises(BadRecord, match="CUAM holds"):
            read({"CUAM": held}, "CUAM")


@pytest.mark.parametrize("row", [{}, {"CUAM": ""}, {"CUAM": "  "}], ids=str)
def test_an_amount_that_must_be_there_is_missed(row: dict[str, str]) -> None:
    with pytest.raises(BadRecord, match="CUAM is blank"):
        values.money(row, "CUAM")


@pytest.mark.parametrize("held", ["20260231", "2026-03-01", "260301", "abc", "20261301"])
def test_what_is_no_day_is_named(held: str) -> None:
    with pytest.raises(BadRecord, match="DUDT holds"):
        values.day({"DUDT": held}, "DUDT")


@pytest.mark.parametrize("held", ["", "0", "00000000", " "])
def test_a_blank_day_is_none(held: str) -> None:
    assert values.day({"DUDT": held}, "DUDT") is None
