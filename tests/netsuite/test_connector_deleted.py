"""What SuiteQL shows no more: the record API tells what was deleted, and what is hidden is not taken for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.testing.simulator import Reply, Request
from duehook.plugins.netsuite.reading import deleted
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.sources import NetsuiteInvoices

from .connected import Connect, connect, stub
from .simulated import Caller
from .stubbed import Stub, refused

__all__ = ["connect", "stub"]


@pytest.fixture(autouse=True)
def _something_is_shown_of_each_type(stub: Stub) -> None:
    stub.document(1)
    for number, kind in enumerate(("CustCred", "CustPymt", "CustDep"), 10):
        stub.document(number, kind)
    stub.journal_line(20, 1, "5", "5")


def records_asked(stub: Stub) -> list[str]:
    return [each.path.partition("/record/v1/")[2] for each in stub.requests if "/record/v1/" in each.path]


def test_what_is_no_record_of_any_type_was_deleted(connect: Connect, stub: Stub) -> None:
    found = connect().invoices.lookup("item", [("3", "1"), ("3", "2"), ("3", "5|2"), ("3", "x")])
    assert [row["key"] for row in found.found] == ["1"]
    assert list(found.deleted) == [("3", "2"), ("3", "5|2")]
    assert list(found.missing) == [("3", "x")]
    assert list(found.bad) == []


def test_what_is_there_and_hidden_is_neither_missing_nor_deleted(connect: Connect, stub: Stub) -> None:
    stub.records["creditmemo/2"] = {"id": "2"}
    found = connect().invoices.lookup("item", [("3", "2"), ("3", "3")])
    assert list(found.deleted) == [("3", "3")]
    assert list(found.missing) == []
    assert [(each.company, each.key) for each in found.bad] == [("3", "2")]
    assert "it is there as creditmemo" in found.bad[0].reason


def test_what_the_role_is_refused_is_neither(connect: Connect, stub: Stub) -> None:
    def guarded(request: Request, statement: str) -> Reply | None:
        if request.path.endswith("/invoice/2"):
            return refused(403, "You need the 'Invoice' permission.", "INSUFFICIENT_PERMISSION")
        return None

    stub.special = guarded
    found = connect().invoices.lookup("item", [("3", "2")])
    assert [*found.deleted, *found.missing] == []
    assert "You need the 'Invoice' permission" in found.bad[0].reason


def test_where_the_record_api_shows_nothing_at_all_nothing_is_taken_for_deleted(connect: Connect, stub: Stub) -> None:
    def empty(request: Request, statement: str) -> Reply | None:
        if "/record/v1/creditmemo/" in request.path:
            return refused(404, "The record instance does not exist.", "NONEXISTENT_ID")
        return None

    stub.special = empty
    found = connect().invoices.lookup("item", [("3", "2")])
    assert [*found.deleted, *found.missing] == []
    assert "creditmemo 10 either, which SuiteQL shows" in found.bad[0].reason


def test_what_is_there_and_no_longer_posted_is_missing_as_before(connect: Connect, stub: Stub) -> None:
    stub.document(2, posting="F")
    assert list(connect().invoices.lookup("item", [("3", "2")]).missing) == [("3", "2")]


def test_so_many_are_asked_for_at_a_time(connect: Connect, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleted, "MOST", 2)
    found = connect().invoices.lookup("item", [("3", "2"), ("3", "3"), ("3", "4"), ("3", "5")])
    assert list(found.deleted) == [("3", "2"), ("3", "3")]
    assert [each.key for each in found.bad] == ["4", "5"]
    assert {"invoice/2", "invoice/3"} <= set(records_asked(stub))
    assert {"invoice/4", "invoice/5"}.isdisjoint(records_asked(stub))


def test_nothing_is_asked_of_the_record_api_where_all_is_shown(connect: Connect, stub: Stub) -> None:
    connect().invoices.lookup("item", [("3", "1"), ("3", "20")])
    assert records_asked(stub) == []


def test_a_service_that_is_away_proves_nothing(connect: Connect, stub: Stub) -> None:
    def away(request: Request, statement: str) -> Reply | None:
        return Reply(b"gone", 503) if "/record/v1/invoice/" in request.path else None

    stub.special = away
    with pytest.raises(ConnectorError) as raised:
        connect(patience_seconds=0.1).invoices.lookup("item", [("3", "2")])
    assert not isinstance(raised.value, ConnectorRefused)


def test_check_tells_of_which_types_no_deletion_can_be_told(connect: Connect, stub: Stub) -> None:
    subject = "what was deleted"
    assert {each.subject: each.ok for each in connect().invoices.check() if subject in each.subject} == {subject: True}

    def guarded(request: Request, statement: str) -> Reply | None:
        if "/record/v1/customerpayment/" in request.path:
            return refused(403, "You need the 'Customer Payment' permission.", "INSUFFICIENT_PERMISSION")
        return None

    stub.special = guarded
    found = {each.subject: each for each in connect().invoices.check() if subject in each.subject}
    assert list(found) == ["what was deleted: CustPymt"]
    assert found["what was deleted: CustPymt"].severity == "warning"
    assert "Customer Payment (View)" in (found["what was deleted: CustPymt"].advice or "")


class TestOnTheSimulator:
    def test_what_was_deleted_is_told_and_what_a_restriction_hides_is_not(self, opened: Callable[..., Caller]) -> None:
        caller = opened(items=40)
        first, second, *_ = [
            each.key for each in caller.simulator.book.items.values() if each.kind == "invoice" and each.posted
        ]
        ledger = caller.simulator.account.ledger
        source = NetsuiteInvoices(NetsuiteSettings.model_validate(dict(caller.settings)), "erp")
        gone, hidden = str(ledger.id_of(first)), str(ledger.hide(second))
        ledger._delete(next(name for name, number in ledger._ids.items() if str(number) == gone), caller.simulator.now)
        found = source.lookup("item", [("1", gone), ("1", hidden)])
        source.close()
        assert [key for _, key in found.deleted] == [gone]
        assert list(found.missing) == []
        assert [each.key for each in found.bad] == [hidden]
        assert "Permission Violation" in found.bad[0].reason

    def test_the_record_api_answers_both_otherwise(self, opened: Callable[..., Caller]) -> None:
        caller = opened(items=40)
        item = next(each.key for each in caller.simulator.book.items.values() if each.kind == "invoice")
        hidden = caller.simulator.account.ledger.hide(item)
        assert caller.rows(f"SELECT t.id FROM transaction t WHERE t.id = {hidden}") == []
        refused, unknown = (
            caller.send("GET", f"/services/rest/record/v1/invoice/{number}") for number in (hidden, "999999999")
        )
        assert (refused.status_code, unknown.status_code) == (403, 404)
        assert refused.json()["o:errorDetails"][0]["o:errorCode"] == "INSUFFICIENT_PERMISSION"
        assert unknown.json()["o:errorDetails"][0]["o:errorCode"] == "NONEXISTENT_ID"
