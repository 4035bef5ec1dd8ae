"""What receipts and credit memos were applied to, of the accounts' activities."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorRefused
from duehook.core.testing.simulator import Reply, json_reply

from .connected import Connect, connect, stub
from .stubbed import Stub

RECEIPT = 300000000000000100
MEMO = 300000000000000007


def application(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return an application of the receipt to an instalment: 100.50 USD."""
    return {
        "ApplicationId": number, "ApplicationDate": "2026-03-02", "AccountingDate": "2026-03-03",
        "ApplicationAmount": 100.5, "ApplicationStatus": "Applied", "EnteredCurrency": "USD",
        "IsLatestApplication": "Y", "ReferenceInstallmentId": 300000000000005001, "StandardReceiptId": RECEIPT,
        "LastUpdateDate": "2026-03-02T09:00:00+00:00", **more,
    }  # fmt: skip


def applied(stub: Stub, *made: dict[str, Any]) -> None:
    """Let a receipt of account 1006 be there, with these applications."""
    stub.receipt(RECEIPT)
    stub.account("1006", standardReceiptApplications=[*made])


def test_an_application_of_a_receipt_settles_an_instalment(stub: Stub, connect: Connect) -> None:
    applied(stub, application())
    assert connect().rows("allocation") == [{
        "company": "Vision", "key": "1", "item": "300000000000005001", "payment": "300000000000000100", "kind": "cash",
        "currency": "USD", "amount": Decimal("100.5"), "allocated_on": date(2026, 3, 2),
        "posted_on": date(2026, 3, 3), "changed_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
    }]  # fmt: skip


def test_an_application_of_a_credit_memo_is_a_credit_without_a_payment(stub: Stub, connect: Connect) -> None:
    stub.credit_memo(MEMO)
    made = application(CreditMemoId=MEMO)
    del made["StandardReceiptId"]
    stub.account("1006", creditMemoApplications=[made])
    row = connect().rows("allocation")[0]
    assert (row["kind"], row["payment"], row["company"]) == ("credit", None, "Vision")


def test_what_was_undone_stays_beside_its_opposite(stub: Stub, connect: Connect) -> None:
    gone = {"IsLatestApplication": "N"}
    applied(stub, application(1, **gone), application(2, ApplicationAmount=-100.5, **gone))
    assert [(row["key"], float(row["amount"])) for row in connect().rows("allocation")] == [("1", 100.5), ("2", -100.5)]


def test_what_names_no_instalment_pairs_nothing(stub: Stub, connect: Connect) -> None:
    applied(stub, application(ReferenceInstallmentId=None, ActivityName="On Account"))
    assert connect().rows("allocation") == []


def test_business_units_that_are_not_read_or_not_shown_are_left_out(stub: Stub, connect: Connect) -> None:
    applied(stub, application(1), application(2, StandardReceiptId=5), application(3, StandardReceiptId=6))
    stub.receipt(6, BusinessUnit="Other")
    assert [row["key"] for row in connect().rows("allocation")] == ["1"]


def test_what_was_applied_before_the_history_begins_is_left_out(stub: Stub, connect: Connect) -> None:
    applied(stub, *(application(each, ApplicationDate=f"2024-0{each}-01") for each in (1, 4, 5)))
    assert [row["key"] for row in connect().rows("allocation")] == ["4", "5"]


def test_receipts_of_all_applications_are_one_question(stub: Stub, connect: Connect) -> None:
    applied(stub, application(1), application(2, StandardReceiptId=RECEIPT + 1))
    stub.receipt(RECEIPT + 1)
    assert len(connect().rows("allocation")) == 2
    assert stub.asked[-2:] == [
        "AccountNumber='1006'", "StandardReceiptId in (300000000000000100,300000000000000101)",
    ]  # fmt: skip


def test_children_that_come_as_collections_and_cut_are_asked_for_by_themselves(stub: Stub, connect: Connect) -> None:
    stub.receipt(RECEIPT)
    cut = {"items": [application(1)], "count": 1, "hasMore": True, "limit": 1, "offset": 0}
    stub.account("1006", standardReceiptApplications=cut)
    whole = json_reply({"items": [application(1), application(2)], "count": 2, "hasMore": False, "totalResults": 2})
    stub.special = lambda request: whole if "/101006/child/standardReceiptApplications" in request.path else None
    assert [row["key"] for row in connect().rows("allocation")] == ["1", "2"]


def test_one_without_a_day_is_set_aside(stub: Stub, connect: Connect) -> None:
    applied(stub, application(1), application(2, ApplicationDate="0026-03-02"))
    pages = connect().pages("allocation")
    assert [(bad.key, bad.company, bad.reason) for page in pages for bad in page.bad] == [
        ("2", "Vision", "ApplicationDate holds '0026-03-02', which is no day of our time."),
    ]
    assert [row["key"] for page in pages for row in page.rows] == ["1"]


def test_afterwards_accounts_of_what_changed_are_read(stub: Stub, connect: Connect) -> None:
    applied(stub, application(1))
    stub.rows["receivablesInvoices"][0]["LastUpdateDate"] = "2026-01-01T00:00:00Z"
    position = connect().pages("allocation")[-1].position
    assert [row["key"] for row in connect().rows("allocation", position)] == ["1"]
    stub.rows["standardReceipts"][0]["LastUpdateDate"] = "2026-01-01T00:00:00Z"
    stub.requests.clear()
    assert connect().rows("allocation", position) == []
    assert not [each for each in stub.requests if "AccountActivities" in each.path]


def test_a_release_without_the_children_gives_none(stub: Stub, connect: Connect) -> None:
    applied(stub, application(1))
    none = {"receipt_applications": "", "credit_memo_applications": ""}
    assert connect(**none).rows("allocation") == []
    assert not [each for each in stub.requests if "AccountActivities" in each.path]


def test_check_tells_children_that_this_release_does_not_have(stub: Stub, connect: Connect) -> None:
    applied(stub, application(1))
    stub.invoice(300000000000000002, BillToCustomerNumber="1007")
    found = {each.subject: each for each in connect().payments.check()}
    assert found["applications"].message == "can be read"
    del stub.rows["receivablesCustomerAccountActivities"][0]["creditMemoApplications"]
    told = next(each for each in connect().payments.check() if each.subject == "applications")
    assert (told.ok, told.message) == (False, "the activities of account 1006 have no creditMemoApplications")
    assert "`credit_memo_applications`" in (told.advice or "")
    refused = json_reply(
        {"title": "Bad Request", "o:errorDetails": [{"detail": "no such child", "o:errorPath": ""}]}, 400
    )

    def without(request: Any) -> Reply | None:
        return refused if "expand=standardReceipt" in request.query else None

    stub.special = without
    told = next(each for each in connect().payments.check() if each.subject == "applications")
    assert not told.ok
    with pytest.raises(ConnectorRefused) as raised:
        connect().rows("allocation")
    assert "no such child" in str(raised.value)
