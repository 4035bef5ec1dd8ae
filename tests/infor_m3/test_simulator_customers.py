"""CRS610MI: customers from a number on, those that changed, and the customer stop."""

from __future__ import annotations

from decimal import Decimal

from duehook.core.testing.contract.scenes.acts import issue, later

from .simulated import M3


def test_the_list_starts_at_a_number_and_does_not_filter_by_it(m3: M3) -> None:
    rows = m3.records("CRS610MI/LstByNumber", CUNO="1018")
    assert [each["CUNO"] for each in rows] == ["1018", "1019", "1020"]


def test_only_customers_that_changed_since_a_time_are_listed(m3: M3) -> None:
    m3.erp.advance_to(m3.erp.book.day.replace(day=4))
    with m3.erp.act() as book:
        later(book)
        book.set_state("1005", "legal")
    since = m3.records("CRS610MI/GetBasicData", CUNO="1005", returncols="LMDT")[0]["LMDT"]
    assert since == "20260304"
    rows = m3.records("CRS610MI/LstByNumber", LMTS=str(1772604000000), returncols="CUNO,CFC3")
    assert {"CUNO": "1005", "CFC3": "LEG"} in rows
    assert len(rows) < 20


def test_a_customer_has_its_payer_where_that_is_another(m3: M3) -> None:
    with m3.erp.act() as book:
        book.customers["1002"].payer = "1001"
    rows = {each["CUNO"]: each["PYNO"] for each in m3.records("CRS610MI/LstByNumber")}
    assert (rows["1001"], rows["1002"]) == ("", "1001")


def test_a_customer_that_is_sent_no_reminders_has_another_reminder_code(m3: M3) -> None:
    with m3.erp.act() as book:
        book.customers["1004"].accounts[None].dunning_block = "N"
        book.customers["1005"].accounts[None].dunning_block = None
    told = [m3.records("CRS610MI/GetFinancial", CUNO=key)[0] for key in ("1004", "1005")]
    assert [(each["BLPR"], each["CLCD"]) for each in told] == [("2", "0"), ("1", "0")]


def test_a_stop_is_set_and_lifted_by_a_get(m3: M3) -> None:
    assert m3.records("CRS610MI/ChgFinancial", CUNO="1003", BLCD="1") == []
    assert m3.records("CRS610MI/GetFinancial", CUNO="1003")[0]["BLCD"] == "1"
    assert m3.erp.hold("", "1003") == "1"
    m3.records("CRS610MI/ChgFinancial", CUNO="1003", BLCD="0")
    assert m3.erp.hold("", "1003") is None


def test_a_change_that_names_an_old_change_number_is_refused(m3: M3) -> None:
    held = m3.records("CRS610MI/GetFinancial", CUNO="1003")[0]["CHNO"]
    m3.erp.user_sets_hold("", "1003", "2")
    refused = m3.result("CRS610MI/ChgFinancial", CUNO="1003", BLCD="1", CHNO=held)
    assert (refused["errorCode"], refused["errorField"]) == ("XRE0103", "CHNO")
    assert m3.erp.hold("", "1003") == "2"


def test_a_stop_that_a_user_sets_later_goes_over_ours(m3: M3) -> None:
    m3.records("CRS610MI/ChgFinancial", CUNO="1003", BLCD="1")
    m3.erp.user_sets_hold("", "1003", "2")
    assert m3.erp.hold("", "1003") == "2"


def test_a_stop_of_a_customer_that_there_is_not_is_refused(m3: M3) -> None:
    assert m3.result("CRS610MI/ChgFinancial", CUNO="99999999", BLCD="1")["errorCode"] == "WCU0103"


def test_what_is_open_and_late_of_a_customer_is_told_by_division(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00", "USD", company="00001", due_on=book.day.replace(day=1))
    found = m3.records("CRS610MI/GetFinancial", CUNO=invoice.customer)[0]
    assert (found["TDIN"], found["ODUE"]) == ("100.00", "1")
    assert Decimal(m3.records("CRS610MI/GetFinancial", CUNO=invoice.customer, DIVI="DDD")[0]["TDIN"]) == 0


def test_some_customers_have_a_second_line_and_another_address_for_invoices(m3: M3) -> None:
    rows = {each["CUNO"]: each for each in m3.records("CRS610MI/LstByNumber", returncols="CUNO,CUA2")}
    assert rows["1001"]["CUA2"] == "Gate 2; Dock 4"
    further = m3.records("CRS610MI/LstAddresses", CUNO="1002", ADRT="3")
    assert [(each["ADID"], each["CUA1"][:9]) for each in further] == [("INV", "Invoices,")]
    assert m3.records("CRS610MI/LstAddresses", CUNO="1001") == []
