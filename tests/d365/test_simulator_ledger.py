"""The simulated ledger: transactions, what is open of them, and how settlements, reversals and rates show."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from duehook.core.testing.contract.scenes.acts import customer_of, later, pay, renumber

from .simulated import (
    START,
    Client,
    Opened,
    Row,
    healthy,
    invoice,
    open_rows,
    opened,
    played,
    posted_and_open,
    small,
    transaction,
)


def amounts(rows: list[Row], *names: str) -> list[tuple[Decimal, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_what_is_open_is_what_the_book_has_posted_and_open(played: Client) -> None:
    currencies = {row["SysRecId"]: row["CurrencyCode"] for row in played.rows("CustTransactions")}
    sums: dict[tuple[str, str], Decimal] = {}
    for row in played.rows("CustTransOpens"):
        pair = row["dataAreaId"], currencies[row["RefRecId"]]
        sums[pair] = sums.get(pair, Decimal(0)) + row["AmountCur"]
    found = {pair: total for pair, total in sums.items() if total}
    assert found == posted_and_open(played) == played.simulator.open_totals()


def test_the_transactions_of_a_company_and_what_settled_them_add_up_to_what_is_open(played: Client) -> None:
    left: dict[int, Decimal] = {}
    left_own: dict[int, Decimal] = {}
    for row in played.rows("CustTransOpens"):
        left[row["RefRecId"]] = left.get(row["RefRecId"], Decimal(0)) + row["AmountCur"]
        left_own[row["RefRecId"]] = left_own.get(row["RefRecId"], Decimal(0)) + row["AmountMST"]
    for row in played.rows("CustTransactions"):
        assert row["AmountCur"] - row["SettleAmountCur"] == left.pop(row["SysRecId"], Decimal(0)), row
        assert row["AmountMST"] - row["SettleAmountMST"] == left_own.pop(row["SysRecId"], Decimal(0)), row
    assert left == {}


def test_an_invoice_is_a_positive_transaction_with_one_open_row(small: Client) -> None:
    made = invoice(small, "100.00")
    row, opens = transaction(small, made), open_rows(small, made)
    assert amounts([row], "AmountCur", "SettleAmountCur") == [(Decimal(100), Decimal(0))]
    assert (row["Invoice"], row["LastSettleDate"]) == (str(made.document_no), "1900-01-01T12:00:00Z")
    assert [each["AmountCur"] for each in opens] == [Decimal(100)]
    assert opens[0]["SysRecId"] != opens[0]["RefRecId"] == row["SysRecId"]
    assert opens[0]["DueDate"] == row["DueDate"] == f"{made.due_on}T12:00:00Z"


def test_a_part_payment_lowers_the_open_row_and_is_a_negative_transaction(small: Client) -> None:
    made = invoice(small, "100.00")
    before = open_rows(small, made)[0]["SysRecId"]
    with small.simulator.act() as book:
        pay(book, made, "40.25", reference="E2E-1")
    assert amounts(open_rows(small, made), "SysRecId", "AmountCur") == [(before, Decimal("59.75"))]
    row = transaction(small, made)
    assert (row["SettleAmountCur"], row["LastSettleDate"]) == (Decimal("40.25"), f"{START}T12:00:00Z")
    money = small.rows("CustTransactions?$filter=PaymReference eq 'E2E-1'")
    assert [(each["TransType"], each["AmountCur"], each["SettleAmountCur"]) for each in money] == [
        ("Payment", Decimal("-40.25"), Decimal("-40.25"))
    ]
    assert row["LastSettleVoucher"] == money[0]["Voucher"]


def test_a_paid_invoice_has_no_open_row_any_more(small: Client) -> None:
    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        pay(book, made, "100.00")
    assert open_rows(small, made) == []
    assert transaction(small, made)["SettleAmountCur"] == Decimal(100)


def test_a_bounced_payment_opens_the_invoice_again_under_a_new_record_of_the_same_transaction(small: Client) -> None:
    made = invoice(small, "100.00")
    before = open_rows(small, made)[0]
    with small.simulator.act() as book:
        paid = pay(book, made, "100.00", reference="BOUNCES")
    with small.simulator.act() as book:
        later(book)
        book.reverse(paid.key)
    after = open_rows(small, made)[0]
    assert after["SysRecId"] != before["SysRecId"]
    assert after["RefRecId"] == before["RefRecId"]
    assert transaction(small, made)["SettleAmountCur"] == 0
    money = small.rows("CustTransactions?$filter=CancelledPayment eq Microsoft.Dynamics.DataEntities.NoYes'Yes'")
    assert sorted(each["AmountCur"] for each in money) == [Decimal(-100), Decimal(100)]
    first, back = sorted(money, key=lambda each: each["AmountCur"])
    assert (first["LastSettleVoucher"], back["LastSettleVoucher"]) == (back["Voucher"], first["Voucher"])


def test_the_instalments_of_a_document_are_open_rows_of_one_transaction(small: Client) -> None:
    with small.simulator.act() as book:
        customer = customer_of(book)
    first = invoice(small, "40.00", customer=customer)
    second = invoice(
        small, "60.00", customer=customer, number=first.document_no, instalment="002",
        due_on=first.due_on and first.due_on + timedelta(days=30),
    )  # fmt: skip
    assert transaction(small, first)["AmountCur"] == Decimal(100)
    assert transaction(small, first)["DueDate"] == f"{first.due_on}T12:00:00Z"
    opens = open_rows(small, second)
    assert amounts(opens, "AmountCur") == [(Decimal(40),), (Decimal(60),)]
    assert len({row["SysRecId"] for row in opens}) == 2


def test_a_credit_note_is_negative_and_netting_moves_no_money(small: Client) -> None:
    with small.simulator.act() as book:
        customer = customer_of(book)
    bill, credit = (
        invoice(small, "100.00", customer=customer),
        invoice(small, "-30.00", kind="credit_note", customer=customer),
    )
    before = len(small.rows("CustTransactions"))
    with small.simulator.act() as book:
        later(book)
        book.net(credit.key, bill.key, 3000)
    assert len(small.rows("CustTransactions")) == before
    assert transaction(small, credit)["SettleAmountCur"] == Decimal(-30)
    assert amounts(open_rows(small, bill), "AmountCur") == [(Decimal(70),)]


def test_money_on_account_is_the_open_part_of_its_payment(small: Client) -> None:
    from duehook.core.testing.book.documents import on_account_item

    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        from duehook.core.testing.book.postings import Application

        later(book)
        paid = book.receive(
            [Application(made.key, 10_000)], company=made.company, customer=made.customer, currency="EUR",
            on_account=2500, reference="TOO-MUCH",
        )  # fmt: skip
        rest = on_account_item(book, paid)
    (money,) = small.rows("CustTransactions?$filter=PaymReference eq 'TOO-MUCH'")
    assert amounts([money], "AmountCur", "SettleAmountCur") == [(Decimal(-125), Decimal(-100))]
    assert money["DocumentNum"] == str(rest.document_no)
    opens = small.rows(f"CustTransOpens?$filter=RefRecId eq {money['SysRecId']}")
    assert amounts(opens, "AmountCur") == [(Decimal(-25),)]


def test_what_the_rate_made_of_a_settlement_is_posted_beside_it_and_is_no_payment(played: Client) -> None:
    rows = played.rows(
        "CustTransactions?$filter=TransType eq Microsoft.Dynamics.DataEntities.LedgerTransType'ExchAdjustment'"
    )
    assert rows
    assert {row["AmountCur"] for row in rows} == {Decimal(0)}
    assert all(row["AmountMST"] == row["SettleAmountMST"] != 0 for row in rows)


def test_an_unposted_document_is_not_there_until_it_is_posted(small: Client) -> None:
    made = invoice(small, "80.00", item_class="unposted", posted=False, posted_on=None)
    number = small.simulator.site.ledger.number_of(made.key)
    assert small.rows(f"CustTransactions?$filter=SysRecId eq {number}") == []
    with small.simulator.act() as book:
        book.post(made.key)
    assert transaction(small, made)["AmountCur"] == Decimal(80)


def test_the_same_number_in_the_next_fiscal_year_is_another_transaction(small: Client) -> None:
    made = invoice(small, "20.00")
    with small.simulator.act() as book:
        twin = renumber(book, made)
    assert transaction(small, made)["SysRecId"] != transaction(small, twin)["SysRecId"]
    assert transaction(small, made)["Invoice"] == transaction(small, twin)["Invoice"]


def test_closed_proves_nothing(played: Client) -> None:
    rows = played.rows("CustTransactions")
    closed = [row for row in rows if row["Closed"] != "1900-01-01T12:00:00Z"]
    assert [row for row in closed if row["AmountCur"] != row["SettleAmountCur"]]
    assert [row for row in rows if row not in closed and row["AmountCur"] == row["SettleAmountCur"]]


def test_payments_and_purposes_of_every_kind_are_there(played: Client) -> None:
    rows = played.rows("CustTransactions")
    assert {"Sales", "Cust", "Payment", "CashDisc", "ExchAdjustment"} <= {row["TransType"] for row in rows}
    assert {row["Prepayment"] for row in rows if row["TransType"] == "Payment"} == {"Yes", "No"}
    assert {"DIRDEB", "TRANSF"} <= {row["PaymMode"] for row in rows}
    assert [row for row in rows if row["AccountNum"] != row["OrderAccount"]]


class TestStamps:
    """Only CustTransBiEntities says when a record was changed."""

    def test_a_settlement_moves_the_stamp_and_the_version(self, small: Client) -> None:
        made = invoice(small, "100.00")
        number = transaction(small, made)["SysRecId"]
        (before,) = small.rows(f"CustTransBiEntities?$filter=SourceKey eq {number}")
        with small.simulator.act() as book:
            pay(book, made, "40.00")
        (after,) = small.rows(f"CustTransBiEntities?$filter=SourceKey eq {number}")
        assert after["SysModifiedDateTime"] > before["SysModifiedDateTime"]
        assert (before["SysRecVersion"], after["SysRecVersion"]) == (1, 2)
        assert after["CreatedOn"] == before["CreatedOn"]

    def test_a_dispute_moves_no_stamp_of_the_transaction(self, small: Client) -> None:
        made = invoice(small, "100.00")
        before = small.rows("CustTransBiEntities")
        with small.simulator.act() as book:
            later(book, 60)
            book.dispute(made.key, 4000, "PR")
        assert small.rows("CustTransBiEntities") == before

    def test_f_and_os_own_collection_letters_raise_the_code_without_a_stamp(self, small: Client) -> None:
        made = invoice(small, "100.00", due_on=START - timedelta(days=20))
        young = invoice(small, "50.00", due_on=START - timedelta(days=3))
        stamps = {row["SourceKey"]: row["SysModifiedDateTime"] for row in small.rows("CustTransBiEntities")}
        assert small.simulator.own_dunning_run() == [made.key]
        assert [row["CollectionLetterCode"] for row in open_rows(small, made)] == ["CollectionLetter1"]
        assert [row["CollectionLetterCode"] for row in open_rows(small, young)] == ["None"]
        again = {row["SourceKey"]: row["SysModifiedDateTime"] for row in small.rows("CustTransBiEntities")}
        assert again == stamps

    def test_other_entities_of_the_ledger_have_no_stamp(self, small: Client) -> None:
        invoice(small)
        names = {*small.rows("CustTransactions")[0], *small.rows("CustTransOpens")[0], *small.rows("CustomersV3")[0]}
        assert not [name for name in names if "Modified" in name or "Changed" in name]


class TestMasters:
    """Customers, people, terms and rates."""

    def test_a_customer_is_in_each_company_that_something_was_posted_to_it_in(self, small: Client) -> None:
        area, account = healthy(small)
        path = f"CustomersV3?$filter=CustomerAccount eq '{account}'"
        assert "kwmf" not in {row["dataAreaId"] for row in small.rows(path)}
        with small.simulator.act() as book:
            customer = book.customers[account]
        invoice(small, "5.000", "KWD", customer=customer, company="00030")
        assert {area, "kwmf"} <= {row["dataAreaId"] for row in small.rows(path)}

    def test_people_and_organisations_have_their_names_in_different_fields(self, played: Client) -> None:
        rows = played.rows("CustomersV3")
        people = [row for row in rows if row["PartyType"] == "Person"]
        assert people
        assert all(row["PersonFirstName"] and row["PersonLastName"] and not row["OrganizationName"] for row in people)
        assert all(row["OrganizationName"] for row in rows if row["PartyType"] == "Organization")

    def test_a_limit_of_nothing_means_two_things(self, played: Client) -> None:
        rows = [row for row in played.rows("CustomersV3") if row["CreditLimit"] == 0]
        assert {row["CreditLimitIsMandatory"] for row in rows} == {"Yes", "No"}
        assert "Yes" in {row["CredManCustUnlimitedCredit"] for row in rows}

    def test_contact_persons_hang_on_the_party_and_addresses_on_the_account(self, played: Client) -> None:
        customers = played.rows("CustomersV3")
        parties = {(row["dataAreaId"], row["PartyNumber"]) for row in customers}
        persons = played.rows("ContactPersons")
        assert persons
        assert all((row["dataAreaId"], row["AssociatedPartyNumber"]) in parties for row in persons)
        known = {(row["dataAreaId"], row["ContactPersonId"]) for row in persons}
        named = [row for row in customers if row["CollectionsContactPersonId"]]
        assert named
        assert any((row["dataAreaId"], row["CollectionsContactPersonId"]) in known for row in named)
        assert {row["Purpose"] for row in played.rows("CustomerElectronicAddresses")} == {"Statement"}

    def test_rates_are_quoted_for_a_hundred_units(self, played: Client) -> None:
        rate = played.simulator.book.exchange_rates[0]
        row = played.rows(
            f"ExchangeRates?$filter=FromCurrency eq '{rate.from_currency}' and ToCurrency eq '{rate.to_currency}'"
        )[0]
        assert (row["RateTypeName"], row["ConversionFactor"]) == ("Default", "Hundred")
        assert row["Rate"] == rate.rate * 100

    def test_no_field_of_any_entity_is_null(self, played: Client, opened: Opened) -> None:
        published = opened(items=30, settlements=True, ledgers=True)
        for client in (played, published):
            for name in client.simulator.service.sets:
                assert not [row for row in client.rows(f"{name}?$top=200") if None in row.values()], name

    @pytest.mark.parametrize(("area", "currency"), [("usmf", "USD"), ("demf", "EUR"), ("jpmf", "JPY"), ("kwmf", "KWD")])
    def test_the_currency_of_a_company_is_read_where_ledgers_are_published(
        self, area: str, currency: str, opened: Opened
    ) -> None:
        client = opened(ledgers=True)
        found = {row["LegalEntityId"]: row["AccountingCurrency"] for row in client.rows("Ledgers")}
        assert found[area] == currency
        assert "AccountingCurrency" not in client.rows("LegalEntities")[0]


def test_settlements_of_a_transaction_add_up_to_what_was_settled_of_it(opened: Opened) -> None:
    client = opened(settlements=True, items=60, customers=30)
    client.simulator.advance_to(START + timedelta(days=10))
    settled: dict[int, Decimal] = {}
    for row in client.rows("CustSettlements"):
        settled[row["TransRecId"]] = settled.get(row["TransRecId"], Decimal(0)) + row["SettleAmountCur"]
    bills = [row for row in client.rows("CustTransactions") if row["TransType"] in ("Sales", "Cust", "Interest")]
    assert settled
    assert [row for row in bills if row["SettleAmountCur"] != settled.get(row["SysRecId"], Decimal(0))] == []
