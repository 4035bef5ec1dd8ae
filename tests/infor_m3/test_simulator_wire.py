"""The wire of M3 API REST: who may ask, the two versions, bulk calls, and what is answered to a wrong call."""

from __future__ import annotations

from .simulated import M3


def test_who_does_not_sign_in_is_answered_401_with_a_web_page(m3: M3) -> None:
    refused = m3.get("/v2/execute/GENERAL/GetUserInfo", auth=("duehook", "wrong"))
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Basic realm="M3"'
    assert refused.headers["Content-Type"].startswith("text/html")


def test_version_2_answers_one_result_with_its_records(m3: M3) -> None:
    body = m3.get("/v2/execute/GENERAL/GetServerTime").json()
    assert body["results"] == [
        {
            "transaction": "GetServerTime", "parameters": {}, "notProcessed": False,
            "records": [{"DATE": "20260302", "TIME": "234500", "LMTS": "1772495100000"}],
        }
    ]  # fmt: skip
    assert (body["wasTerminated"], body["nrOfSuccessfullTransactions"], body["nrOfFailedTransactions"]) == (False, 1, 0)


def test_version_1_fills_values_up_with_blanks_and_writes_one_field_as_an_object(m3: M3) -> None:
    body = m3.get("/execute/CRS610MI/LstByNumber;maxrecs=2;returncols=CUNO?CONO=100").json()
    assert body["Metadata"]["Field"] == {"@name": "CUNO", "@type": "A", "@length": "10", "@description": "CUNO"}
    assert body["MIRecord"][1] == {"RowIndex": "1", "NameValue": {"Name": "CUNO", "Value": "1002      "}}


def test_version_1_writes_more_fields_and_records_as_lists_and_one_record_as_an_object(m3: M3) -> None:
    body = m3.get("/execute/CRS610MI/LstByNumber;maxrecs=1;returncols=CUNO,CUCD").json()
    assert [each["@name"] for each in body["Metadata"]["Field"]] == ["CUNO", "CUCD"]
    assert body["MIRecord"]["NameValue"][1] == {"Name": "CUCD", "Value": "USD"}


def test_version_1_has_no_records_where_there_are_none(m3: M3) -> None:
    body = m3.get("/execute/CRS610MI/LstByNumber;maxrecs=0?CUNO=zzz").json()
    assert "MIRecord" not in body


def test_version_1_refuses_with_200_and_a_message_filled_up_with_blanks(m3: M3) -> None:
    refused = m3.get("/execute/CRS610MI/GetBasicData?CUNO=1001&CONO=0")
    assert refused.status_code == 200
    assert refused.json() == {
        "@type": "ServerReturnedNOK", "@code": "XAU0008", "@field": "CONO",
        "Message": f"{'Not authorized for company 0':<60}",
    }  # fmt: skip


def test_version_2_refuses_with_200_and_counts_the_failure(m3: M3) -> None:
    refused = m3.get("/v2/execute/CRS610MI/GetBasicData?CUNO=99")
    assert refused.status_code == 200
    body = refused.json()
    told = {
        name: str(body["results"][0][name]).strip() for name in ("errorMessage", "errorType", "errorCode", "errorField")
    }
    assert told == {
        "errorMessage": "Customer number 99 does not exist", "errorType": "ServerReturnedNOK", "errorCode": "WCU0103",
        "errorField": "CUNO",
    }  # fmt: skip
    assert (body["nrOfSuccessfullTransactions"], body["nrOfFailedTransactions"]) == (0, 1)


def test_version_2_takes_its_options_as_matrix_parameters_too(m3: M3) -> None:
    body = m3.get("/v2/execute/CRS610MI/LstByNumber;metadata=true;maxrecs=2;returncols=CUNO").json()
    assert body["results"][0]["records"] == [{"CUNO": "1001"}, {"CUNO": "1002"}]


def test_empty_values_are_left_out_where_that_is_wished(m3: M3) -> None:
    params = {"maxrecs": "1", "excludeempty": "true", "returncols": "CUNO,CUA3,CUCD"}
    body = m3.get("/v2/execute/CRS610MI/LstByNumber", params=params).json()
    assert body["results"][0]["records"] == [{"CUNO": "1001", "CUCD": "USD"}]


def test_a_call_is_told_again_where_that_is_wished(m3: M3) -> None:
    asked = {"CUNO": "1001", "extendedresult": "true", "returncols": "CUNO"}
    assert m3.result("CRS610MI/GetBasicData", **asked)["parameters"] == {"CUNO": "1001"}


def test_values_are_filled_up_with_blanks_in_version_2_too_where_that_is_wished(m3: M3) -> None:
    asked = {"CUNO": "1001", "righttrim": "false", "returncols": "CUNO"}
    assert m3.records("CRS610MI/GetBasicData", **asked) == [{"CUNO": "1001      "}]


def test_dates_are_written_as_they_are_wanted_and_in_version_1_as_the_user_has_them(m3: M3) -> None:
    assert m3.records("GENERAL/GetServerTime", dateformat="YMD8-")[0]["DATE"] == "2026-03-02"
    assert m3.get("/execute/GENERAL/GetServerTime;returncols=DATE").json()["MIRecord"]["NameValue"] == {
        "Name": "DATE", "Value": "020326    ",
    }  # fmt: skip


def test_without_maxrecs_the_first_hundred_are_all_that_comes(m3: M3) -> None:
    with m3.erp.act() as book:
        for number in range(100):
            like = book.customers["1001"]
            book.welcome(
                type(like)(**{name: getattr(like, name) for name in like.__slots__} | {"key": f"2{number:03d}"})
            )
    assert len(m3.get("/execute/CRS610MI/LstByNumber").json()["MIRecord"]) == 100
    assert len(m3.get("/execute/CRS610MI/LstByNumber;maxrecs=0").json()["MIRecord"]) == 120


def test_a_field_program_or_transaction_that_is_not_known_ends_the_call_with_400(m3: M3) -> None:
    for path, said in (
        ("CRS610MI/LstByNumber?CUNX=1", "Field CUNX is not found in CRS610MI/LstByNumber"),
        ("CRS610MI/LstByNumber?returncols=CUNX", "Field CUNX is not found in CRS610MI/LstByNumber"),
        ("CRS610MI/LstNothing", "Transaction LstNothing is not found in program CRS610MI"),
        ("XXX999MI/Lst", "Program XXX999MI could not be found"),
    ):
        refused = m3.get(f"/v2/execute/{path}")
        body = refused.json()
        assert (refused.status_code, body["wasTerminated"], body["terminationReason"]) == (400, True, said)


def test_what_must_be_entered_is_too_long_or_no_number_is_refused_by_its_field(m3: M3) -> None:
    codes = [
        m3.result("CRS610MI/GetBasicData")["errorCode"],
        m3.result("CRS610MI/GetBasicData", CUNO="12345678901")["errorCode"],
        m3.result("CRS610MI/LstByNumber", LMTS="soon")["errorCode"],
    ]
    assert codes == ["WCU0102", "WCU0101", "WLM0101"]


def test_a_bulk_call_answers_in_the_order_of_its_transactions(m3: M3) -> None:
    answer = m3.bulk(
        {
            "program": "CRS610MI", "cono": 100, "maxReturnedRecords": 0,
            "transactions": [
                {"transaction": "GetBasicData", "record": {"CUNO": "1002"}, "selectedColumns": ["CUNO", "STAT"]},
                {"transaction": "GetBasicData", "record": {"CUNO": "99"}, "selectedColumns": ["CUNO"]},
                {"transaction": "GetBasicData", "record": {"CUNO": "1001"}, "selectedColumns": ["CUNO"]},
            ],
        }
    )  # fmt: skip
    body = answer.json()
    assert answer.status_code == 200
    assert [each["records"] for each in body["results"]] == [[{"CUNO": "1002", "STAT": "20"}], [], [{"CUNO": "1001"}]]
    assert body["results"][1]["errorCode"] == "WCU0103"
    assert (body["nrOfSuccessfullTransactions"], body["nrOfFailedTransactions"]) == (2, 1)


def test_a_bulk_call_of_which_nothing_succeeds_is_400_with_the_same_body(m3: M3) -> None:
    answer = m3.bulk(
        {"program": "CRS610MI", "transactions": [{"transaction": "GetBasicData", "record": {"CUNO": "99"}}]}
    )
    body = answer.json()
    assert (answer.status_code, body["wasTerminated"], body["nrOfFailedTransactions"]) == (400, False, 1)
    assert body["results"][0]["errorCode"] == "WCU0103"


def test_a_program_without_its_right_is_refused_as_a_company_is(m3: M3) -> None:
    m3.erp.deny("ARS200MI")
    assert m3.result("ARS200MI/LstInvByDivi")["errorCode"] == "XAU0008"
    m3.erp.grant("ARS200MI")
    assert m3.records("ARS200MI/LstInvByDivi") != []
