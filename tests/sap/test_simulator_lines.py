"""The simulated open items: documents, part payments, clearing, reversal, dunning, as the cube has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.testing.book import Book, Item
from duehook.core.testing.book.knobs import Knobs
from duehook.core.testing.book.postings import Application
from duehook.core.testing.contract.scenes.acts import customer_of, issue, later, minor, pay
from duehook.core.testing.odata import Row

from .simulated import CUBE, LINES, START, Site, served

NEVER = "/Date(-62135596800000)/"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path, items=0) as made:
        yield made


@pytest.fixture
def residual(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path, items=0, partial="residual") as made:
        yield made


@pytest.fixture
def naming(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path, items=0, naming="all") as made:
        yield made


def of(site: Site, item: Item) -> list[dict[str, Any]]:
    """Return an item's line and those that refer to it, as the service gives them."""
    number = str(item.document_no)
    return site.lines(f"(AccountingDocument eq '{number}' or InvoiceReference eq '{number}')")


def document(site: Site, number: int) -> list[dict[str, Any]]:
    """Return the customer lines of a document."""
    return site.lines(f"AccountingDocument eq '{number}'")


def signed(row: dict[str, Any]) -> Any:
    """Return an amount (Decimal) by the dossier's rule: its size, and the sign of the side it stands on."""
    side = 1 if row["DebitCreditCode"] == "S" else -1
    return abs(Decimal(row["AmountInTransactionCurrency"])) * side


def left(rows: list[dict[str, Any]]) -> Decimal:
    return sum((signed(row) for row in rows if not row["IsCleared"]), Decimal(0))


def given(site: Site, item: Item) -> Any:
    return next(row for row in site.simulator.given("item") if row["document_no"] == str(item.document_no))


def at(day: date) -> str:
    return f"/Date({(day - date(1970, 1, 1)).days * 86_400_000})/"


def test_an_invoice_is_a_debit_line_with_scale_three_and_dates_at_midnight_utc(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "1190.50", purchase_order="PO-7", reference="V7")
    (row,) = of(site, invoice)
    assert row["__metadata"]["uri"].endswith(
        f"(CompanyCode='{invoice.company[-4:]}',FiscalYear='2026',AccountingDocument='{invoice.document_no}',"
        "AccountingDocumentItem='001')"
    )
    told = {name: row[name] for name in ("DebitCreditCode", "AmountInTransactionCurrency", "TransactionCurrency")}
    assert told == {"DebitCreditCode": "S", "AmountInTransactionCurrency": "1190.500", "TransactionCurrency": "EUR"}
    assert row["PostingDate"] == row["AccountingDocumentCreationDate"] == at(START)
    assert row["NetDueDate"] == at(START + timedelta(days=30))
    assert (row["ClearingAccountingDocument"], row["ClearingDate"], row["IsCleared"]) == ("", None, False)
    assert (row["LastChangeDate"], row["AssignmentReference"], row["DocumentReferenceID"]) == (None, "PO-7", "V7")


@pytest.mark.parametrize(("currency", "amount", "told"), [("JPY", "1000", "1000.000"), ("KWD", "1.234", "1.234")])
def test_every_currency_is_told_with_three_decimals(currency: str, amount: str, told: str, site: Site) -> None:
    with site.simulator.act() as book:
        company = next(each.code for each in book.companies.values() if each.currency == currency)
        invoice = issue(book, amount, currency, company=company)
    assert [row["AmountInTransactionCurrency"] for row in of(site, invoice)] == [told]


def test_a_part_payment_is_an_open_credit_line_that_refers_to_the_invoice(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "40.25")
    own, part = of(site, invoice)
    assert (signed(own), own["IsCleared"], own["LastChangeDate"]) == (Decimal(100), False, None)
    assert (signed(part), part["AmountInTransactionCurrency"]) == (Decimal("-40.25"), "-40.250")
    assert (part["AccountingDocument"], part["AccountingDocumentType"]) == (str(payment.number), "DZ")
    assert (part["InvoiceReferenceFiscalYear"], part["InvoiceItemReference"]) == ("2026", "001")
    assert left([own, part]) == given(site, invoice)["open_amount"] == Decimal("59.75")


def test_the_last_payment_refers_to_nothing_and_clears_itself_with_all_that_it_settles(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "40.00")
        last = pay(book, invoice, "60.00")
    rows = [*of(site, invoice), *document(site, last.number)]
    assert {row["ClearingAccountingDocument"] for row in rows} == {str(last.number)}
    assert {(row["ClearingDate"], row["ClearingDocFiscalYear"], row["IsCleared"]) for row in rows} == {
        (at(START), "2026", True)
    }
    numbers = [str(invoice.document_no), str(invoice.document_no), ""]
    assert [row["InvoiceReference"] or row["AccountingDocument"] for row in rows[:2]] == numbers[:2]
    assert [signed(row) for row in rows] == [100, -40, -60]
    assert rows[2]["InvoiceReference"] == ""


def test_what_one_payment_settles_of_a_customer_is_one_line(site: Site) -> None:
    with site.simulator.act() as book:
        first = issue(book, "100.00")
        second = issue(book, "30.00", customer=book.customers[first.customer])
        later(book)
        both = [Application(each.key, each.open_minor) for each in (first, second)]
        payment = book.receive(both, company=first.company, customer=first.customer, currency="EUR")
    (line,) = document(site, payment.number)
    assert (signed(line), line["InvoiceReference"], line["ClearingAccountingDocument"]) == (
        -130, "", str(payment.number),
    )  # fmt: skip
    taken = {row["item"].split("|")[2]: row["amount"] for row in site.simulator.given("allocation")}
    assert taken == {str(first.document_no): 100, str(second.document_no): 30}


def test_where_every_invoice_is_named_there_is_a_line_for_each(naming: Site) -> None:
    with naming.simulator.act() as book:
        first = issue(book, "100.00")
        second = issue(book, "30.00", customer=book.customers[first.customer])
        later(book)
        both = [Application(each.key, each.open_minor) for each in (first, second)]
        payment = book.receive(both, company=first.company, customer=first.customer, currency="EUR")
    lines = document(naming, payment.number)
    assert [(signed(row), row["InvoiceReference"]) for row in lines] == [
        (-100, str(first.document_no)), (-30, str(second.document_no)),
    ]  # fmt: skip


def test_a_residual_item_clears_the_invoice_and_stands_for_the_rest(residual: Site) -> None:
    with residual.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "40.00")
    (own,) = document(residual, invoice.document_no)
    whole, rest = document(residual, payment.number)
    assert [(signed(row), row["IsCleared"]) for row in (own, whole, rest)] == [(100, True), (-100, True), (60, False)]
    assert {row["ClearingAccountingDocument"] for row in (own, whole)} == {str(payment.number)}
    assert (whole["InvoiceReference"], rest["InvoiceReference"]) == ("", str(invoice.document_no))
    assert given(residual, invoice)["open_amount"] == 60
    with residual.simulator.act() as book:
        last = pay(book, invoice, "60.00")
    rows = [*of(residual, invoice), whole, *document(residual, last.number)]
    assert left(rows) == given(residual, invoice)["open_amount"] == 0
    assert sum(signed(row) for row in rows) == 0


def test_all_ways_of_posting_leave_the_same_money_open(tmp_path: Path) -> None:
    """Played for ten days with all that happens in a book."""
    ways: dict[str, dict[str, Any]] = {"a": {}, "b": {"partial": "residual"}, "c": {"naming": "all"}}
    for name, way in ways.items():
        with served(tmp_path / name, customers=40, items=300, knobs=Knobs(reversal_share=0.2), **way) as site:
            site.simulator.advance_to(START + timedelta(days=10))
            sums: dict[tuple[str, str], Decimal] = {}
            for row in site.lines("IsCleared eq false"):
                pair = (row["CompanyCode"], row["TransactionCurrency"])
                sums[pair] = sums.get(pair, Decimal(0)) + signed(row)
            totals = {(code[-4:], currency): total for (code, currency), total in _posted(site.simulator.book).items()}
            assert totals != {}
            assert {pair: total for pair, total in sums.items() if total} == totals


def _posted(book: Book) -> dict[tuple[str, str], Decimal]:
    """Return what is open by company and currency, parked documents left out."""
    sums: dict[tuple[str, str], Decimal] = {}
    for item in book.items.values():
        if item.posted and item.open_minor:
            pair = (item.company, item.currency)
            sums[pair] = sums.get(pair, Decimal(0)) + item.open_amount
    return {pair: total for pair, total in sums.items() if total}


def test_a_discount_stands_on_the_payments_line_and_on_the_invoice_that_it_cleared(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        later(book)
        lines = [Application(invoice.key, minor("98.00", "EUR"), (("discount", minor("2.00", "EUR")),))]
        made = book.receive(lines, company=invoice.company, customer=invoice.customer, currency="EUR")
    (own,), (part,) = document(site, invoice.document_no), document(site, made.number)
    assert (part["AmountInTransactionCurrency"], part["CashDiscountAmount"]) == ("-100.000", "-2.000")
    assert own["CashDiscountAmount"] == "2.000"
    amounts = {row["kind"]: row["amount"] for row in site.simulator.given("allocation")}
    assert amounts == {"cash": Decimal("98.00"), "discount": Decimal("2.00")}
    paid = [row["amount"] for row in site.simulator.given("payment") if row["key"].endswith(str(made.number))]
    assert paid == [Decimal("98.00")]


def test_a_reversed_payment_is_reset_first_and_then_cleared_with_its_reversal(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        part = pay(book, invoice, "40.00")
        payment = pay(book, invoice, "60.00")
    site.simulator.advance_to(START + timedelta(days=1))
    with site.simulator.act() as book:
        later(book)
        book.reverse(payment.key)
    (own,), (first,) = document(site, invoice.document_no), document(site, part.number)
    (last,), (back,) = document(site, payment.number), document(site, payment.number + 1_000_000)
    emptied = ("IsCleared", "ClearingIsReversed", "ClearingAccountingDocument", "ClearingDocFiscalYear")
    for row in (own, first):
        assert [row[name] for name in (*emptied, "ClearingDate")] in (
            [False, True, "", "", None], [False, True, "", "", NEVER],
        )  # fmt: skip
    assert own["LastChangeDate"] == last["LastChangeDate"] == at(START + timedelta(days=1))
    assert (last["IsReversed"], last["ReverseDocument"]) == (True, back["AccountingDocument"])
    assert (back["IsReversal"], back["ReverseDocument"]) == (True, last["AccountingDocument"])
    assert (signed(last), signed(back)) == (-60, 60)
    assert last["ClearingAccountingDocument"] == back["ClearingAccountingDocument"] == back["AccountingDocument"]
    assert given(site, invoice)["open_amount"] == 60


def test_a_part_that_bounces_when_the_rest_was_paid_leaves_the_clearing_and_is_a_debit(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        part = pay(book, invoice, "40.00")
        last = pay(book, invoice, "60.00")
        later(book)
        book.reverse(part.key)
    (back,) = document(site, part.number + 1_000_000)
    assert (signed(back), back["IsCleared"], back["InvoiceReference"]) == (40, False, str(invoice.document_no))
    assert [row["ClearingAccountingDocument"] for row in document(site, part.number)] == [str(last.number)]
    assert given(site, invoice)["open_amount"] == 40


def test_a_clearing_that_is_reset_and_left_so_leaves_the_invoice_and_the_money_open(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "100.00")
    balance = site.simulator.open_balances()
    site.simulator.user_resets(payment.key)
    (own,), (money,) = document(site, invoice.document_no), document(site, payment.number)
    assert [(signed(row), row["IsCleared"], row["ClearingIsReversed"]) for row in (own, money)] == [
        (100, False, True), (-100, False, True),
    ]  # fmt: skip
    assert own["LastChangeDate"] == money["LastChangeDate"] == at(START)
    assert site.simulator.open_balances() == balance
    told = {row["document_no"]: (row["kind"], row["open_amount"]) for row in site.simulator.given("item")}
    assert told[str(invoice.document_no)] == ("invoice", 100)
    assert told[str(payment.number)] == ("on_account", -100)
    unapplied = {row["key"].split("|")[2]: row["unapplied_amount"] for row in site.simulator.given("payment")}
    assert unapplied[str(payment.number)] == 100
    assert list(site.simulator.given("allocation")) == []


def test_a_credit_note_refers_to_its_invoice_and_stays_an_item(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        credit = issue(book, "-30.00", kind="credit_note", applies_to=invoice.key)
    (row,) = [each for each in of(site, invoice) if each["AccountingDocumentType"] == "DG"]
    assert (signed(row), row["InvoiceReference"]) == (-30, str(invoice.document_no))
    assert given(site, invoice)["open_amount"] == 100
    assert given(site, credit)["applies_to"] == given(site, invoice)["key"]


def test_a_credit_that_is_netted_against_part_of_an_invoice_leaves_lines_of_type_ab(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        credit = issue(book, "-30.00", kind="credit_note")
        later(book)
        made = book.net(credit.key, invoice.key, minor("30.00", "EUR"))
    assert [(row["AccountingDocumentType"], signed(row)) for row in of(site, invoice)] == [("DR", 100), ("AB", -30)]
    (own,) = of(site, credit)
    assert (own["AccountingDocumentType"], signed(own), own["ClearingAccountingDocument"]) == (
        "DG", -30, str(made.number),
    )  # fmt: skip
    lines = {row["InvoiceReference"]: (signed(row), row["IsCleared"]) for row in document(site, made.number)}
    assert lines == {str(invoice.document_no): (-30, False), "": (30, True)}
    assert given(site, invoice)["open_amount"] == 70


def test_a_credit_and_an_invoice_that_are_even_are_cleared_by_a_document_without_lines(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "30.00")
        credit = issue(book, "-30.00", kind="credit_note")
        later(book)
        made = book.net(credit.key, invoice.key, minor("30.00", "EUR"))
    assert document(site, made.number) == []
    assert {row["ClearingAccountingDocument"] for row in (*of(site, invoice), *of(site, credit))} == {str(made.number)}
    told = [(row["kind"], row.get("payment"), row["amount"]) for row in site.simulator.given("allocation")]
    assert told == [("credit", None, 30), ("credit", None, -30)]


def test_cash_on_account_is_an_open_credit_that_refers_to_nothing(site: Site) -> None:
    with site.simulator.act() as book:
        cash = issue(book, "-50.00", kind="on_account")
    (row,) = of(site, cash)
    assert (row["AccountingDocumentType"], row["InvoiceReference"], signed(row)) == ("DZ", "", -50)
    (payment,) = [row for row in site.simulator.given("payment") if row["key"].endswith(str(cash.document_no))]
    assert (payment["amount"], payment["unapplied_amount"]) == (50, 50)


def test_special_g_l_items_bear_their_indicator(site: Site) -> None:
    with site.simulator.act() as book:
        made = [issue(book, "80.00", item_class=name) for name in ("down_payment", "draft", "retainage", "normal")]
    assert [of(site, item)[0]["SpecialGLCode"] for item in made] == ["A", "W", "H", ""]


def test_parked_documents_are_not_there_until_they_are_posted(site: Site) -> None:
    with site.simulator.act() as book:
        parked = issue(book, "80.00", item_class="unposted", posted=False, posted_on=None)
    assert of(site, parked) == []
    with site.simulator.act() as book:
        book.post(parked.key)
    assert [row["PostingDate"] for row in of(site, parked)] == [at(START)]


def test_instalments_are_lines_of_one_document_with_their_own_due_dates(site: Site) -> None:
    with site.simulator.act() as book:
        customer = customer_of(book)
        first = issue(book, "40.00", customer=customer)
        issue(book, "60.00", customer=customer, number=first.document_no, instalment="002", due_on=date(2026, 5, 1))
    found = [(row["AccountingDocumentItem"], row["NetDueDate"]) for row in of(site, first)]
    assert found == [("001", at(START + timedelta(days=30))), ("002", at(date(2026, 5, 1)))]


def test_a_number_comes_back_in_the_next_fiscal_year(site: Site) -> None:
    with site.simulator.act() as book:
        first = issue(book, "20.00")
        issue(book, "30.00", number=first.document_no, fiscal_year=2027, key=f"{first.key}-again")
    assert [row["FiscalYear"] for row in of(site, first)] == ["2026", "2027"]


def test_a_users_dunning_block_stamps_the_item_and_saps_own_dunning_does_not(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00", due_on=START - timedelta(days=20))
    assert site.simulator.own_dunning_run() == 1
    (row,) = of(site, invoice)
    assert (row["DunningLevel"], row["LastDunningDate"], row["LastChangeDate"]) == ("1", at(START), None)
    with site.simulator.act() as book:
        book.block(invoice.key, "N")
    (row,) = of(site, invoice)
    assert (row["DunningBlockingReason"], row["LastChangeDate"]) == ("N", at(START))
    assert site.simulator.own_dunning_run() == 0


def test_a_customers_dunning_level_is_the_highest_of_its_items(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
    site.simulator.own_dunning(invoice.key, 2)
    held = site.simulator.client.partners.tables["A_CustomerDunning"]
    row: Row | None = held.get((invoice.customer, invoice.company[-4:], ""))
    assert row is not None
    assert (row.get("DunningLevel"), row.get("LastDunnedOn")) == ("2", START)


def test_ledger_lines_stand_between_those_of_customers(tmp_path: Path) -> None:
    with served(tmp_path, items=40) as site:
        every = site.get(CUBE, LINES)
        assert {row["FinancialAccountType"] for row in every} == {"D", "S"}
        assert {row["Customer"] for row in every if row["FinancialAccountType"] == "S"} == {""}


def test_an_item_without_a_due_date_is_before_every_date(site: Site) -> None:
    with site.simulator.act() as book:
        blank = issue(book, "10.00", due_on=None)
        issue(book, "20.00")
    found = site.lines("AccountingDocumentType eq 'DR' and NetDueDate le datetime'2026-03-10T00:00:00'")
    assert [row["AccountingDocument"] for row in found] == [str(blank.document_no)]
    assert found[0]["NetDueDate"] is None


def test_an_unknown_customers_items_are_there_and_the_customer_is_not(site: Site) -> None:
    with site.simulator.act() as book:
        stray = issue(book, "10.00")
        stray.customer = "99001234"
        book.block(stray.key, "N")
    assert [(row["Customer"], row["CustomerName"]) for row in of(site, stray)] == [("99001234", "")]
    assert site.get("API_BUSINESS_PARTNER", "A_Customer", filter="Customer eq '99001234'") == []


def test_a_spoilt_item_has_no_document_date(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "10.00")
    site.simulator.spoil(invoice.key)
    assert [row["DocumentDate"] for row in of(site, invoice)] == [None]
