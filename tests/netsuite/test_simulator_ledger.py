"""What the account's tables hold of documents and money, and when a stamp moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from duehook.core.testing.book import Book, Item
from duehook.core.testing.book.postings import Application
from duehook.core.testing.contract.scenes.acts import customer_of, issue, later, pay

from .simulated import Caller, number, paid

HEAD = "SELECT {} FROM transaction WHERE id = {}"
STAMP = "TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS at"


def head(client: Caller, key: int, columns: str) -> dict[str, Any]:
    """Return columns of a transaction."""
    return client.rows(HEAD.format(columns, key))[0]


def line(client: Caller, key: int, place: int = 0) -> dict[str, Any]:
    """Return the amounts of a line."""
    columns = (
        "mainline, entity, subsidiary, foreignamount, foreignamountpaid, foreignamountunpaid, "
        "foreignpaymentamountused, foreignpaymentamountunused"
    )
    return client.rows(f"SELECT {columns} FROM transactionline WHERE transaction = {key} AND id = {place}")[0]


def links(client: Caller, key: int) -> list[dict[str, Any]]:
    """Return what was applied to a document."""
    query = "SELECT * FROM NextTransactionLineLink WHERE previousdoc = {} ORDER BY nextdoc"
    return client.rows(query.format(key))


def abroad(book: Book, amount: str) -> Item:
    """Issue an invoice in dollars in the European subsidiary."""
    return issue(book, amount, "USD", company="00010", purchase_order="PO-77", text="pallets")


def test_an_invoice_has_a_main_line_that_is_a_debit_and_others_against_it(client: Caller) -> None:
    with client.simulator.act() as book:
        item = abroad(book, "500.00")
    key = number(client, item)
    columns = "tranid, type, entity, trandate, duedate, currency, foreigntotal, terms, status, posting, voided, otherrefnum, memo"  # noqa: E501
    assert head(client, key, columns) == {
        "tranid": str(item.document_no), "type": "CustInvc", "entity": item.customer, "trandate": "3/2/2026",
        "duedate": "4/1/2026", "currency": "1", "foreigntotal": "500", "terms": "2", "status": "A", "posting": "T",
        "voided": "F", "otherrefnum": "PO-77", "memo": "pallets",
    }  # fmt: skip
    assert line(client, key) == {
        "mainline": "T", "entity": item.customer, "subsidiary": "2", "foreignamount": "500", "foreignamountpaid": "0",
        "foreignamountunpaid": "500",
    }  # fmt: skip
    assert line(client, key, 1) == {
        "mainline": "F", "entity": item.customer, "subsidiary": "2", "foreignamount": "-500",
    }  # fmt: skip


def test_each_accounting_book_has_its_own_amounts_and_one_is_primary(client: Caller) -> None:
    with client.simulator.act() as book:
        item = abroad(book, "500.00")
        pay(book, item, "123.45")
    query = (
        "SELECT k.isprimary, a.accttype, b.amount, b.amountunpaid FROM transactionaccountingline b "
        "JOIN accountingbook k ON k.id = b.accountingbook JOIN account a ON a.id = b.account "
        f"WHERE b.transaction = {number(client, item)} AND b.transactionline = 0 ORDER BY k.id"
    )
    primary, local = client.rows(query)
    assert (primary["isprimary"], primary["accttype"], local["isprimary"]) == ("T", "AcctRec", "F")
    assert primary["amount"] == f"{item.company_amount_minor / 100:.2f}".rstrip("0").rstrip(".")
    assert primary["amountunpaid"] == f"{item.company_open_minor / 100:.2f}".rstrip("0").rstrip(".")
    assert local["amount"] != primary["amount"]


def test_money_that_pays_in_part_is_linked_and_leaves_the_invoices_stamp(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
    key = number(client, item)
    before = head(client, key, STAMP)
    client.simulator.advance_to(date(2026, 3, 3))
    with client.simulator.act() as book:
        payment = pay(book, item, "40.25")
    assert line(client, key)["foreignamountunpaid"] == "59.75"
    assert links(client, key) == [
        {"previousdoc": str(key), "previousline": "0", "previoustype": "CustInvc", "nextdoc": str(paid(payment)),
         "nextline": "0", "nexttype": "CustPymt", "linktype": "Payment", "foreignamount": "40.25"}
    ]  # fmt: skip
    assert head(client, key, f"status, {STAMP}") == {"status": "A", **before}
    assert line(client, paid(payment)) == {
        "mainline": "T", "entity": item.customer, "subsidiary": line(client, key)["subsidiary"],
        "foreignamount": "-40.25", "foreignpaymentamountused": "40.25", "foreignpaymentamountunused": "0",
    }  # fmt: skip
    assert head(client, paid(payment), "type, status, entity") == {
        "type": "CustPymt", "status": "C", "entity": item.customer,
    }  # fmt: skip


def test_an_invoice_that_is_paid_in_full_changes_its_status_and_with_it_its_stamp(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
    client.simulator.advance_to(date(2026, 3, 3))
    with client.simulator.act() as book:
        pay(book, item, "100.00")
    found = head(client, number(client, item), f"status, closedate, {STAMP}")
    assert (found["status"], found["closedate"], found["at"][:10]) == ("B", "3/3/2026", "2026-03-02")  # 23:00 there


def test_a_stamp_is_local_time_of_the_account(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")  # at 17:30:01 in UTC at the latest
    at = book.items[item.key].changed_at
    here = at - timedelta(hours=8)
    assert head(client, number(client, item), STAMP)["at"] == f"{here:%Y-%m-%d %H:%M:%S}"


def test_a_payment_that_is_voided_keeps_its_amount_and_has_no_links(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
        payment = pay(book, item, "40.00")
    client.simulator.advance_to(date(2026, 3, 5))
    with client.simulator.act() as book:
        later(book, 40_000)
        book.reverse(payment.key)
    key = number(client, item)
    assert head(client, paid(payment), "status, voided, foreigntotal, closedate") == {
        "status": "V", "voided": "T", "foreigntotal": "-40", "closedate": "3/5/2026",
    }  # fmt: skip
    assert line(client, paid(payment))["foreignpaymentamountunused"] == "0"
    assert (links(client, key), line(client, key)["foreignamountunpaid"]) == ([], "100")
    assert head(client, key, STAMP)["at"][:10] == "2026-03-05"  # that it was taken back is written on the invoice


def test_a_credit_memo_is_applied_by_a_link_and_its_stamp_moves(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
        credit = issue(book, "-75.50", kind="credit_note", customer=book.customers[item.customer])
    made = head(client, number(client, credit), f"type, status, foreigntotal, {STAMP}")
    client.simulator.advance_to(date(2026, 3, 4))
    with client.simulator.act() as book:
        book.at = book.at.replace(day=4)
        book.net(credit.key, item.key, 3000)
    with client.simulator.act() as book:
        book.net(credit.key, item.key, 500)
    assert (made["type"], made["status"], made["foreigntotal"]) == ("CustCred", "A", "-75.5")
    assert line(client, number(client, credit))["foreignpaymentamountunused"] == "40.5"
    assert head(client, number(client, credit), STAMP)["at"] > made["at"]
    found = links(client, number(client, item))
    assert [(each["nextdoc"], each["nexttype"], each["foreignamount"]) for each in found] == [
        (str(number(client, credit)), "CustCred", "35")
    ]


def test_money_on_account_is_what_is_unused_of_its_payment(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
        book.at += timedelta(seconds=1)
        payment = book.receive(
            [Application(item.key, 10_000)], company=item.company, customer=item.customer, currency=item.currency,
            on_account=2_500,
        )  # fmt: skip
        from duehook.core.testing.book.documents import on_account_item

        rest = on_account_item(book, payment)
    assert number(client, rest) == paid(payment)
    assert head(client, paid(payment), "tranid, foreigntotal") == {
        "tranid": str(rest.document_no), "foreigntotal": "-125",
    }  # fmt: skip
    assert line(client, paid(payment))["foreignpaymentamountunused"] == "25"
    with client.simulator.act() as book:
        bill = issue(book, "20.00", customer=book.customers[item.customer])
        book.net(rest.key, bill.key, 2_000)
    assert line(client, paid(payment))["foreignpaymentamountunused"] == "5"
    assert [(each["nextdoc"], each["nexttype"]) for each in links(client, number(client, bill))] == [
        (str(paid(payment)), "CustPymt")
    ]


def test_money_without_an_invoice_is_a_deposit_and_stands_on_no_receivables_account(client: Caller) -> None:
    with client.simulator.act() as book:
        money = issue(book, "-50.00", kind="on_account")
    key = number(client, money)
    assert head(client, key, "type, foreigntotal, tranid") == {
        "type": "CustDep", "foreigntotal": "-50", "tranid": str(money.document_no),
    }  # fmt: skip
    assert line(client, key)["foreignpaymentamountunused"] == "50"
    query = f"SELECT accttype FROM account WHERE id = (SELECT expenseaccount FROM transactionline WHERE transaction = {key} AND id = 0)"  # noqa: E501
    assert client.rows(query) == [{"accttype": "OthCurrLiab"}]


def test_a_chargeback_is_a_journal_whose_line_names_the_customer(client: Caller) -> None:
    with client.simulator.act() as book:
        back = issue(book, "12.00", kind="chargeback", item_class="chargeback")
    key = number(client, back)
    assert head(client, key, "type, entity, status, foreigntotal") == {
        "type": "Journal", "status": "B", "foreigntotal": "12",
    }  # fmt: skip
    found = line(client, key)
    assert (found["mainline"], found["entity"], found["foreignamountunpaid"]) == ("F", back.customer, "12")
    assert client.rows(f"SELECT id FROM transactionline WHERE transaction = {key} AND mainline = 'T'") == []


def test_a_discount_that_was_taken_is_a_credit_memo_and_is_voided_with_its_payment(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
        line_of = Application(item.key, 9_800, (("discount", 200),))
        payment = book.receive([line_of], company=item.company, customer=item.customer, currency=item.currency)
    credit = next(each for each in links(client, number(client, item)) if each["nexttype"] == "CustCred")
    assert credit["foreignamount"] == "2"
    made = head(client, int(credit["nextdoc"]), "tranid, status, foreigntotal, memo")
    assert made == {
        "tranid": f"CM{payment.number}-2", "status": "B", "foreigntotal": "-2", "memo": "discount",
    }  # fmt: skip
    with client.simulator.act() as book:
        later(book)
        book.reverse(payment.key)
    assert head(client, int(credit["nextdoc"]), "status, voided") == {"status": "V", "voided": "T"}
    assert links(client, number(client, item)) == []


def test_what_waits_for_approval_does_not_post_and_leaves_its_name_when_it_is_deleted(client: Caller) -> None:
    with client.simulator.act() as book:
        draft = issue(book, "80.00", item_class="unposted", posted=False, posted_on=None)
    key = number(client, draft)
    assert head(client, key, "posting, approvalstatus") == {"posting": "F", "approvalstatus": "1"}
    with client.simulator.act() as book:
        book.delete(draft.key)
    assert client.rows(HEAD.format("id", key)) == []
    assert client.rows(f"SELECT id FROM transactionline WHERE transaction = {key}") == []
    gone = client.rows("SELECT type, recordid, TO_CHAR(deleteddate, 'YYYY-MM-DD') AS day FROM DeletedRecord")
    assert gone == [{"type": "invoice", "recordid": str(key), "day": "2026-03-02"}]


def test_what_the_book_purges_stays(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
        payment = pay(book, item, "100.00")
    with client.simulator.act() as book:
        book.purge(item.key)
    assert head(client, number(client, item), "status") == {"status": "B"}
    assert [each["nextdoc"] for each in links(client, number(client, item))] == [str(paid(payment))]


def test_each_instalment_is_an_invoice_of_its_own_without_the_feature_and_a_row_with_it(
    opened: Callable[..., Caller],
) -> None:
    def issued(client: Caller) -> tuple[Item, Item]:
        with client.simulator.act() as book:
            customer = customer_of(book)
            first = issue(book, "40.00", customer=customer)
            due = first.due_on and first.due_on + timedelta(days=30)
            second = issue(book, "60.00", customer=customer, number=first.document_no, instalment="002", due_on=due)
            pay(book, first, "15.00")
        return first, second

    plain, split = opened(), opened(instalments=True)
    first, second = issued(plain)
    assert [line(plain, number(plain, each))["foreignamountunpaid"] for each in (first, second)] == ["25", "60"]
    assert "was not found" in plain.refusal("SELECT seqnum FROM transactioninstallment")
    assert split.settings["instalments_table"] == "transactioninstallment"
    first, second = issued(split)
    assert number(split, first) == number(split, second)
    assert line(split, number(split, first))["foreignamountunpaid"] == "85"
    query = "SELECT seqnum, duedate, amount, amountdue, status FROM transactioninstallment WHERE transaction = {} ORDER BY 1"  # noqa: E501
    assert split.rows(query.format(number(split, first))) == [
        {"seqnum": "1", "duedate": "4/1/2026", "amount": "40", "amountdue": "25", "status": "Unpaid"},
        {"seqnum": "2", "duedate": "5/1/2026", "amount": "60", "amountdue": "60", "status": "Unpaid"},
    ]


def test_a_window_over_open_items_is_answered_without_looking_at_all_of_them(played: Caller) -> None:
    query = (
        "EXPLAIN QUERY PLAN SELECT t.id FROM `transaction` t JOIN transactionline l ON l.`transaction` = t.id "
        "AND l.mainline = 'T' WHERE COALESCE(l.foreignamountunpaid, 0) <> 0 AND t.id > 1012600000000 "
        "ORDER BY t.id LIMIT 1000"
    )
    assert [row["detail"] for row in played.simulator.account.rows(query)] == [
        "SEARCH t USING INTEGER PRIMARY KEY (rowid>?)",
        "SEARCH l USING PRIMARY KEY (transaction=?)",
    ]
