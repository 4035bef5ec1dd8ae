"""ARS200MI: what is open, what was paid, and which row tells it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from duehook.core.testing.contract.scenes.acts import customer_of, issue, pay, renumber

from .simulated import M3, of, running


def test_an_invoice_stands_in_the_list_of_its_division_without_its_currency(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00", "EUR", company="00010")
    rows = m3.records("ARS200MI/LstInvByDivi", FDIV="BBB", TDIV="BBB", CUNO=invoice.customer, AAC0="1")
    row = next(each for each in rows if each["CINO"] == str(invoice.document_no))
    assert (row["DIVI"], row["TRCD"], row["CUAM"], row["RECO"], row["IVTP"]) == ("BBB", "10", "100.00", "0", "IN")
    assert "CUCD" not in row
    assert m3.records("ARS200MI/LstInvByDivi", FDIV="CCC", TDIV="DDD", CUNO=invoice.customer) == []


def test_the_total_of_an_invoice_tells_what_is_open_and_what_was_paid(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "500.00", "USD", company="00010")
        pay(book, invoice, "123.45")
    found = m3.total(invoice)
    assert (found["CUAM"], found["PCUA"], found["OCUA"]) == ("500.00", "123.45", "376.55")
    assert (found["CUCD"], found["LOCD"], found["DCAM"]) == ("USD", "EUR", "2")
    assert Decimal(found["OAMT"]) == Decimal(invoice.company_open_minor) / 100
    assert found["RECO"] == "0"


def test_an_invoice_of_another_division_is_not_found_where_none_is_named(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00", "EUR", company="00010")
    asked = {name: value for name, value in of(invoice).items() if name != "DIVI"}
    assert m3.result("ARS200MI/GetInvTotInfo", **asked)["errorCode"] == "WCI0103"
    assert m3.result("ARS200MI/GetInvTotInfo", divi="BBB", **asked)["records"] != []


def test_a_settled_invoice_leaves_the_open_list_and_is_told_with_9(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "100.00")
    listed = m3.records("ARS200MI/LstInvByDivi", CUNO=invoice.customer, AAC0="1")
    assert str(invoice.document_no) not in {each["CINO"] for each in listed}
    found = m3.total(invoice)
    assert (found["RECO"], found["OCUA"], found["REDE"]) == ("9", "0.00", "20260302")


def test_each_payment_is_a_row_of_its_own_that_leaves_the_stamp_of_the_invoice(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00")
    stamp = m3.total(invoice)["LMTS"]
    for amount in ("40.00", "60.00"):
        with m3.erp.act() as book:
            pay(book, invoice, amount)
        rows = m3.records("ARS200MI/LstInvoiceTrans", **of(invoice), TRCD="20")
        assert rows[-1]["CUAM"] == f"-{amount}"
        assert (m3.total(invoice)["LMTS"] == stamp) == (amount == "40.00")
    keys = [(each["YEA4"], each["JRNO"], each["JSNO"]) for each in rows]
    assert len(set(keys)) == 2
    named = dict(zip(("YEA4", "JRNO", "JSNO"), keys[0], strict=True))
    one = m3.records("ARS200MI/GetInvoice", **named, DIVI=of(invoice)["DIVI"])
    assert [(each["TRCD"], each["CUAM"], each["CINO"]) for each in one] == [("20", "-40.00", str(invoice.document_no))]


def test_money_on_account_is_a_payment_under_a_number_of_its_own(m3: M3) -> None:
    with m3.erp.act() as book:
        money = issue(book, "-50.00", kind="on_account")
    rows = m3.records("ARS200MI/LstInvByDivi", CUNO=money.customer, AAC0="1")
    row = next(each for each in rows if each["CINO"] == str(money.document_no))
    assert (row["TRCD"], row["CUAM"], row["IVTP"]) == ("20", "-50.00", "OA")


def test_a_number_that_was_used_last_year_too_is_told_from_it_by_the_year(m3: M3) -> None:
    with m3.erp.act() as book:
        first = issue(book, "20.00")
        second = renumber(book, first)
    assert m3.total(first)["INYR"] == "2026"
    assert m3.total(second)["INYR"] == "2027"


def test_an_invoice_of_a_shop_hangs_on_its_payer(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "10.00", payer="1001", customer=book.customers["1002"])
    rows = m3.records("ARS200MI/LstInvByDivi", PYNO="1001", AAC0="1")
    assert str(invoice.document_no) in {each["CINO"] for each in rows}
    wrong = {**of(invoice), "PYNO": "1002"}
    assert m3.result("ARS200MI/GetInvTotInfo", **wrong)["errorCode"] == "WCI0103"


def test_version_1_writes_minus_behind_an_amount(m3: M3) -> None:
    with m3.erp.act() as book:
        credit = issue(book, "-75.50", kind="credit_note", customer=customer_of(book))
    asked = "&".join(f"{name}={value}" for name, value in of(credit).items())
    body = m3.get(f"/execute/ARS200MI/GetInvTotInfo;returncols=CUAM?{asked}").json()
    assert body["MIRecord"]["NameValue"]["Value"] == f"{'75.50-':<17}"


def test_a_date_that_is_none_is_blank_or_0(m3: M3) -> None:
    with m3.erp.act() as book:
        without = [issue(book, "10.00", due_on=None) for _ in range(2)]
    assert {m3.total(item)["DUDT"] for item in without} == {"", "0"}


def test_the_rows_of_an_archived_invoice_are_gone(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "100.00")
    with m3.erp.act() as book:
        book.purge(invoice.key)
    assert m3.result("ARS200MI/GetInvTotInfo", **of(invoice))["errorCode"] == "WCI0103"
    assert m3.result("ARS200MI/LstInvoiceTrans", **of(invoice))["errorCode"] == "WCI0103"


def test_what_is_open_adds_up_to_the_book_line_by_line(m3: M3) -> None:
    m3.erp.advance_to(m3.erp.book.day.replace(day=20))
    told: dict[str, Decimal] = {}
    for (division, _, _), amount in m3.erp.open_balances().items():
        told[division] = told.get(division, Decimal(0)) + amount
    listed: dict[str, Decimal] = {}
    for row in m3.records("ARS200MI/LstInvByDivi", AAC0="1"):
        total = m3.records(
            "ARS200MI/GetInvTotInfo", **{name: row[name] for name in ("PYNO", "CUNO", "CINO", "INYR", "DIVI")}
        )
        listed[row["DIVI"]] = listed.get(row["DIVI"], Decimal(0)) + Decimal(total[0]["OCUA"])
    assert told == {division: amount for division, amount in listed.items() if amount}


def test_a_row_is_named_by_its_invoice_and_found_by_its_own_key(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00", "USD", company="00001")
        pay(book, invoice, "40.00")
    named = {name: value for name, value in of(invoice).items() if name not in ("PYNO", "DIVI")}
    key = m3.records("ARS200MI/GetUniqueKey", **named, IVDT="20260302", TRCD="20")[0]
    assert m3.records("ARS200MI/GetInvoice", **key)[0]["CUAM"] == "-40.00"
    assert m3.result("ARS200MI/GetUniqueKey", **named, IVDT="20260101", TRCD="20")["errorCode"] == "WCI0103"
    assert m3.result("ARS200MI/GetInvoice", **{**key, "JSNO": "1"})["errorCode"] == "WJR0103"


def test_a_cash_discount_stands_beside_the_invoice(m3: M3) -> None:
    with m3.erp.act() as book:
        day = book.day.replace(day=12)
        invoice = issue(book, "100.00", "USD", company="00001", discount_on=day, discount_minor=200)
    found = m3.total(invoice)
    assert found["TECD"] == "D10"
    key = {name: found[name] for name in ("YEA4", "JRNO", "JSNO")}
    discount = m3.records("ARS200MI/GetCashDiscInfo", CONO="100", **key)[0]
    assert (discount["CDT1"], discount["CDA1"], discount["CDP1"], discount["CUCD"]) == (
        "20260312",
        "2.00",
        "2.00",
        "USD",
    )


def test_a_discount_that_was_taken_is_granted_no_more(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00", "USD", company="00001", discount_on=book.day, discount_minor=200)
        invoice.discount_taken_minor = 200
    key = {name: m3.total(invoice)[name] for name in ("YEA4", "JRNO", "JSNO")}
    told = m3.records("ARS200MI/GetCashDiscInfo", CONO="100", **key)[0]
    assert (told["CDT1"], told["CDA1"], told["CDP1"]) == ("0", "0.00", "0.00")


def test_what_a_collector_has_or_will_get_stands_in_the_invoice(m3: M3) -> None:
    with m3.erp.act() as book:
        made = [issue(book, "10.00", document_no=number) for number in (97_013, 97_014, 97_015)]
    told = [m3.total(each) for each in made]
    assert [(each["CLST"], each["CLCD"]) for each in told] == [("2", "0"), ("0", "1"), ("0", "0")]


def test_the_invoices_of_a_customer_are_those_of_the_division_from_a_day_on(m3: M3) -> None:
    with m3.erp.act() as book:
        customer = customer_of(book)
        late = issue(book, "10.00", customer=customer, company="00010")
        early = issue(book, "10.00", customer=customer, company="00010", document_on=book.day.replace(month=1))
    rows = m3.records("ARS200MI/LstInvoices", CUNO=customer.key, divi="BBB", IVDT="20260301")
    numbers = {each["CINO"] for each in rows}
    assert str(late.document_no) in numbers
    assert str(early.document_no) not in numbers


def test_an_older_release_lacks_a_transaction(tmp_path: Path) -> None:
    with running(tmp_path, without=("ARS200MI/LstInvoiceTrans",)) as m3:
        assert m3.get("/v2/execute/ARS200MI/LstInvoiceTrans").status_code == 400
        listed = {each["TRNM"] for each in m3.records("MRS001MI/LstTransactions", MINM="ARS200MI")}
        assert "GetInvTotInfo" in listed
        assert "LstInvoiceTrans" not in listed
