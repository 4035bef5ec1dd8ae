"""Items: documents and journals' lines with what is open of them, whole, by what changed, and by their keys."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import KeyPage
from duehook.core.records import Stream
from duehook.core.testing.simulator import Reply, Request

from .connected import Connect, Connected, connect, stub
from .stubbed import Stub, page

STREAMS: tuple[Stream, ...] = ("item", "payment")
Amounts = dict[str, tuple[str, Any, Any]]


def open_of(rows: list[dict[str, Any]]) -> Amounts:
    return {row["key"]: (row["kind"], row["amount"], row["open_amount"]) for row in rows}


def swept(made: Connected) -> tuple[set[tuple[str, str]], bool]:
    pages: list[KeyPage] = list(made.invoices.keys("item"))
    return {key for each in pages for key in each.keys}, pages[-1].complete


class TestWhole:
    def test_each_kind_of_document_is_an_item_with_the_sign_of_its_type(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, "CustInvc", "100.50", "40.25")
        stub.document(2, "CustCred", "-75", "75")
        stub.document(3, "CustPymt", "60", "20")
        stub.document(4, "CustDep", "-30", "-30")
        stub.journal_line(5, 1, "10", "10")
        stub.journal_line(6, 1, "-10", "4")
        assert open_of(connect().rows("item")) == {
            "1": ("invoice", Decimal("100.50"), Decimal("40.25")),
            "2": ("credit_note", Decimal(-75), Decimal(-75)),
            "3": ("on_account", Decimal(-60), Decimal(-20)),
            "4": ("on_account", Decimal(-30), Decimal(-30)),
            "5": ("invoice", Decimal(10), Decimal(10)),
            "6": ("credit_note", Decimal(-10), Decimal(-4)),
        }

    def test_a_payment_that_is_used_up_is_no_item_unless_it_is_asked_for(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        stub.document(3, "CustPymt", "60", "0")
        made = connect()
        assert [row["key"] for row in made.rows("item")] == ["1"]
        assert open_of([dict(row) for row in made.invoices.lookup("item", [("3", "3")]).found]) == {
            "3": ("on_account", Decimal(-60), Decimal(0))
        }

    def test_what_is_closed_comes_as_far_back_as_the_history_and_what_is_open_however_old(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1, left="0", trandate="2015-01-01", closedate="2015-02-01")
        stub.document(2, left="5", trandate="2015-01-01")
        stub.document(3, left="0", trandate="2199-01-01", closedate="2199-02-01")
        assert [row["key"] for row in connect().rows("item")] == ["2", "3"]

    def test_a_day_that_was_mistyped_is_told_and_not_left_out_as_old(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, left="0", trandate="0018-03-02")
        stub.document(2, "CustPymt", left="0", trandate="0018-03-02")
        told = [bad for stream in STREAMS for each in connect().pages(stream) for bad in each.bad]
        assert [(bad.key, bad.reason) for bad in told] == [
            ("1", "trandate holds '0018-03-02', which is no date."),
            ("2", "trandate holds '0018-03-02', which is no date."),
        ]

    def test_the_company_is_the_lines_subsidiary_and_its_currency_stands_beside(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1, subsidiary=6)
        stub.change("UPDATE transactionaccountingline SET amount = '110', amountunpaid = '110'")
        row = connect().rows("item")[0]
        assert (row["company"], row["currency"], row["amount"]) == ("6", "EUR", 100)
        assert (row["company_currency"], row["company_amount"], row["company_open_amount"]) == ("USD", 110, 110)

    def test_only_the_companies_of_the_settings_are_read(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, subsidiary=6)
        stub.document(2, subsidiary=3)
        assert [row["key"] for row in connect(companies=("3",)).rows("item")] == ["2"]

    def test_the_lines_of_one_journal_are_items_of_their_own_under_keys_that_stay(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1)
        stub.journal_line(5, 2, "10", "0")
        stub.journal_line(5, 4, "-20", "20")
        stub.journal_line(5, 7, "30", "30")
        made = connect(page_size=1)
        assert list(open_of(made.rows("item"))) == ["1", "5", "5|L4", "5|L7"]
        keys, _ = swept(made)
        assert keys == {("3", "1"), ("3", "5|L4"), ("3", "5|L7")}

    def test_instalments_are_items_in_the_place_of_their_invoice(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, amount="100", left="60")
        stub.document(2)
        for number, due, whole, left in ((1, "2026-03-03", "40", "0"), (2, "2026-04-03", "60", "60")):
            stub.put("transactioninstallment", transaction=1, seqnum=number, duedate=due, amount=whole, amountdue=left)
        made = connect(instalments_table="transactioninstallment")
        rows = {row["key"]: row for row in made.rows("item")}
        assert {key: (row["open_amount"], str(row["due_on"])) for key, row in rows.items()} == {
            "1|1": (0, "2026-03-03"), "1|2": (60, "2026-04-03"), "2": (100, "2026-03-03"),
        }  # fmt: skip
        assert swept(made)[0] == {("3", "1|2"), ("3", "2")}
        asked = [("3", "1"), ("3", "1|1"), ("3", "1|9")]
        assert list(made.invoices.lookup("item", asked).missing) == [("3", "1"), ("3", "1|9")]

    def test_a_dispute_in_a_custom_field_is_read(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, custbody_dispute="40.00 price: wrong price #DH-0123456789ab")
        stub.document(2, left="30", custbody_dispute="quality")
        rows = connect(**{"dispute.field": "custbody_dispute"}).rows("item")
        assert [(row["disputed_amount"], row["dispute_reason"]) for row in rows] == [(40, "price"), (30, "quality")]

    def test_what_a_document_is_besides_is_told_by_a_field_or_its_terms_or_type(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.change('ALTER TABLE "transaction" ADD COLUMN custbody_class')
        stub.document(1, custbody_class="DD")
        stub.document(2, terms=7)
        stub.document(3, "CustDep")
        stub.document(4)
        codes = {
            "class_by_field": {"DD": "direct_debit"}, "class_by_terms": {"7": "draft"},
            "class_by_type": {"CustDep": "down_payment"},
        }  # fmt: skip
        made = connect(class_field="custbody_class", codes=codes)
        classes = {row["key"]: row["item_class"] for row in made.rows("item")}
        assert classes == {"1": "direct_debit", "2": "draft", "3": "down_payment", "4": "normal"}
        totals = [total for each in made.invoices.totals(made.invoices.upper_bound()) for total in each]
        assert {total.document: total.item_class for total in totals} == classes

    def test_what_netsuites_own_letters_keep_of_a_document_is_read(self, stub: Stub, connect: Connect) -> None:
        for column in ("custbody_level", "custbody_on", "custbody_paused"):
            stub.change(f'ALTER TABLE "transaction" ADD COLUMN {column}')
        stub.document(1, custbody_level="2", custbody_on="2026-02-20", custbody_paused="T")
        stub.document(2, custbody_level="L3", custbody_paused="F")
        stub.document(3)
        stub.document(4, custbody_level="odd")
        dunning = {
            "level_field": "custbody_level", "date_field": "custbody_on", "paused_field": "custbody_paused",
        }  # fmt: skip
        pages = connect(dunning=dunning, codes={"level_by_value": {"L3": 3}}).pages("item")
        named = ("dunning_level", "dunning_block", "last_dunned_on")
        assert {row["key"]: tuple(row.get(name) for name in named) for each in pages for row in each.rows} == {
            "1": (2, "paused", date(2026, 2, 20)), "2": (3, None, None), "3": (None, None, None),
        }  # fmt: skip
        assert [bad.reason for each in pages for bad in each.bad] == [
            "dunninglevel 'odd' is not in `codes.level_by_value`."
        ]

    def test_columns_that_an_account_lacks_are_not_asked_for(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        stub.change('ALTER TABLE "transaction" DROP COLUMN otherrefnum')
        with pytest.raises(ConnectorRefused, match="otherrefnum") as raised:
            connect().rows("item")
        assert "missing_columns" in (raised.value.fix or "")
        assert [row["key"] for row in connect(missing_columns=("transaction.otherrefnum",)).rows("item")] == ["1"]

    def test_a_row_that_cannot_be_read_is_set_aside_alone(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, trandate="02/30/2026")
        stub.document(2, amount="much")
        stub.document(3)
        pages = connect().pages("item")
        assert [row["key"] for each in pages for row in each.rows] == ["3"]
        assert [(bad.key, bad.company, bad.reason) for each in pages for bad in each.bad] == [
            ("1", "3", "trandate holds '02/30/2026', which is no date."),
            ("2", "3", "foreignamount holds 'much', which is no amount."),
        ]


class TestPaging:
    def test_pages_follow_each_other_by_id_and_never_by_an_offset(self, stub: Stub, connect: Connect) -> None:
        for number in range(1, 8):
            stub.document(number)
        pages = connect(page_size=3).pages("item")
        assert [[row["key"] for row in each.rows] for each in pages] == [["1", "2", "3"], ["4", "5", "6"], ["7"], []]
        assert {request.query for request in stub.requests} == {"limit=1000&offset=0"}

    def test_ids_are_ordered_as_numbers(self, stub: Stub, connect: Connect) -> None:
        for number in (9, 10, 100, 2):
            stub.document(number)
        assert [row["key"] for row in connect(page_size=1).rows("item")] == ["2", "9", "10", "100"]

    def test_a_page_that_comes_twice_is_refused(self, stub: Stub, connect: Connect) -> None:
        for number in range(1, 8):
            stub.document(number)
        kept: list[Reply] = []

        def repeating(request: Request, statement: str) -> Reply | None:
            if "mainline" not in statement:
                return None
            kept.append(stub._queried(request, statement))
            return kept[0]

        stub.special = repeating
        with pytest.raises(ConnectorGarbled, match="had come before"):
            connect(page_size=3).rows("item")

    def test_a_page_that_was_cut_short_ends_nothing(self, stub: Stub, connect: Connect) -> None:
        for number in range(1, 8):
            stub.document(number)

        def cut(request: Request, statement: str) -> Reply | None:
            if "mainline" not in statement:
                return None
            return page(json.loads(stub._queried(request, statement).body)["items"][:2])

        stub.special = cut
        assert len(connect(page_size=3).rows("item")) == 7

    def test_an_end_behind_which_rows_are_counted_is_none(self, stub: Stub, connect: Connect) -> None:
        for number in range(1, 8):
            stub.document(number)
        stub.special = lambda request, statement: (
            page([]) if "t.id > 3" in statement and "COUNT" not in statement else None
        )
        with pytest.raises(ConnectorGarbled, match="although 4 are left"):
            connect(page_size=3).rows("item")

    def test_a_reading_goes_on_behind_any_page(self, stub: Stub, connect: Connect) -> None:
        for number in range(1, 8):
            stub.document(number)
        for line in (1, 2, 3):
            stub.journal_line(20, line, "5", "5")
            stub.journal_line(21, line, "5", "5")
        made = connect(page_size=2)
        pages = made.pages("item")
        for place in range(len(pages) - 1):
            rest = [row["key"] for row in made.rows("item", pages[place].position)]
            assert rest == [row["key"] for each in pages[place + 1 :] for row in each.rows]


class TestChanges:
    def test_nothing_new_costs_two_questions_beside_the_clock(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        made = connect()
        done = made.pages("item")[-1].position
        stub.asked.clear()
        assert made.rows("item", done) == []
        assert len(stub.asked) == 3

    def test_what_a_payment_was_applied_to_is_read_though_its_own_stamp_stands(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1)
        stub.document(2)
        made = connect()
        done = made.pages("item")[-1].position
        stub.change("UPDATE transactionline SET foreignamountunpaid = '40' WHERE \"transaction\" = 1")
        stub.document(3, "CustPymt", "60", "0", lastmodifieddate="2199-01-01 00:00:00")
        stub.apply(3, 1, "60")
        assert open_of(made.rows("item", done)) == {"1": ("invoice", 100, 40)}

    def test_an_invoice_from_which_a_payment_was_taken_off_is_read_again(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, left="0")
        stub.document(3, "CustPymt", "100", "0")
        made = connect()
        done = made.pages("item")[-1].position
        stub.change("UPDATE transactionline SET foreignamountunpaid = '100' WHERE \"transaction\" = 1")
        stub.change("UPDATE \"transaction\" SET status = 'V', lastmodifieddate = '2199-01-01 00:00:00' WHERE id = 3")
        assert open_of(made.rows("item", done)) == {"1": ("invoice", 100, 100)}

    def test_each_page_has_a_position_of_its_own_from_which_nothing_is_missed(
        self, stub: Stub, connect: Connect
    ) -> None:
        for number in range(1, 6):
            stub.document(number, left="0")
        stub.document(7, "CustPymt", "60", "20")
        stub.journal_line(20, 1, "5", "5")
        made = connect(page_size=2)
        done = made.pages("item")[-1].position
        stub.change("UPDATE \"transaction\" SET lastmodifieddate = '2199-01-01 00:00:00'")
        pages = made.pages("item", done)
        positions = [each.position for each in pages]
        assert len(pages) > 5
        assert all(position not in positions[:place] for place, position in enumerate(positions))
        for place in range(len(pages) - 1):
            again = made.pages("item", positions[place])
            assert again[0].position != positions[place]
            rest = {row["key"] for each in pages[place + 1 :] for row in each.rows}
            assert {row["key"] for each in again for row in each.rows} >= rest

    def test_stamps_are_asked_for_in_the_time_of_the_account(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        made = connect()
        done = {**made.pages("item")[-1].position, "bound": "2026-03-02T23:45:00+00:00"}
        stub.asked.clear()
        made.rows("item", done)
        assert "t.lastmodifieddate >= TO_TIMESTAMP('2026-03-01 15:45:00','YYYY-MM-DD HH24:MI:SS')" in stub.asked[-1]

    def test_a_stamp_is_an_instant_of_the_accounts_time_zone(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, lastmodifieddate="2026-03-02 15:45:00")
        assert connect().rows("item")[0]["changed_at"].isoformat() == "2026-03-02T23:45:00+00:00"

    def test_after_another_choice_of_companies_all_is_read_anew(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, subsidiary=6)
        done = connect(companies=("3",)).pages("item")[-1].position
        assert [row["key"] for row in connect(companies=("3", "6")).rows("item", done)] == ["1"]


class TestSweep:
    def test_what_is_open_is_listed_whole(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        stub.document(2, left="0")
        stub.document(3, "CustPymt", "60", "20")
        assert swept(connect(page_size=1)) == ({("3", "1"), ("3", "3")}, True)

    def test_a_listing_that_is_not_what_netsuite_counts_is_never_called_whole(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1)

        def miscounted(request: Request, statement: str) -> Reply | None:
            is_of_all = "COUNT" in statement and "mainline" in statement and "t.id >" not in statement
            return page([{"counted": "2"}]) if is_of_all else None

        stub.special = miscounted
        assert swept(connect()) == ({("3", "1")}, False)

    def test_a_kind_of_transaction_that_the_role_may_not_see_is_not_taken_as_settled(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1)
        stub.document(2, "CustCred", "-10", "10")
        assert swept(connect())[1]
        stub.change("UPDATE \"transaction\" SET type = 'hidden' WHERE id = 2")
        del stub.fields["creditmemo"]
        with pytest.raises(ConnectorRefused, match="creditmemo") as raised:
            swept(connect())
        assert "Credit Memo (View)" in (raised.value.fix or "")
        with pytest.raises(ConnectorRefused, match="creditmemo"):
            connect().invoices.lookup("item", [("3", "2")])

    def test_a_kind_that_the_account_does_not_use_is_not_asked_for(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        stub.document(3, "CustDep")
        stub.journal_line(5, 1, "10", "10")
        del stub.fields["customerdeposit"], stub.fields["journalentry"]
        made = connect(deposits=False, journals=False)
        assert [row["key"] for row in made.rows("item")] == ["1"]
        assert swept(made) == ({("3", "1")}, True)
        assert made.rows("payment") == []

    def test_a_subsidiary_of_which_nothing_is_shown_any_more_stops_the_sweep(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1)
        stub.document(2, subsidiary=6)
        made = connect(companies=("3", "6"))
        assert swept(made)[1]
        stub.change("UPDATE transactionline SET subsidiary = 99 WHERE subsidiary = 6")
        stub.change("UPDATE customersubsidiaryrelationship SET subsidiary = 99 WHERE subsidiary = 6")
        with pytest.raises(ConnectorRefused, match="subsidiary 6"):
            swept(made)

    def test_nor_is_what_it_held_said_to_be_gone_where_all_subsidiaries_are_read(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1)
        stub.change("UPDATE customersubsidiaryrelationship SET subsidiary = 99 WHERE subsidiary = 6")
        with pytest.raises(ConnectorRefused, match="subsidiary 6"):
            connect().invoices.lookup("item", [("6", "2"), ("3", "1")])

    @pytest.mark.parametrize("key", ["", "x", "1'", "1 or 1=1", "01", "1|", "1|x y", "٣", "9" * 30])
    def test_a_key_that_never_was_one_is_missing_and_not_asked_for(
        self, key: str, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1)
        found = connect().invoices.lookup("item", [("3", key), ("3", "1"), ("6", "1")])
        assert [row["key"] for row in found.found] == ["1"]
        assert list(found.missing) == [("3", key), ("6", "1")]


class TestTotals:
    def test_what_is_open_is_told_by_item(self, stub: Stub, connect: Connect) -> None:
        stub.document(1, left="40")
        stub.document(2, left="0")
        stub.document(3, "CustDep", "60", "20", lastmodifieddate="2199-01-01 00:00:00")
        stub.journal_line(5, 1, "10", "0")
        stub.journal_line(5, 2, "-10", "10")
        made = connect(page_size=1)
        found = [total for each in made.invoices.totals(made.invoices.upper_bound()) for total in each]
        told: list[tuple[Any, ...]] = [
            (each.document, each.item_class, each.open_amount, each.changed_past_bound) for each in found
        ]
        assert told == [
            ("1", "normal", 40, False), ("3", "normal", -20, True), ("5|L2", "normal", -10, False),
        ]  # fmt: skip
        assert {(each.currency, each.company_currency, each.company_open_amount) for each in found[:1]} == {
            ("EUR", "EUR", Decimal(40))
        }

    def test_totals_of_which_rows_are_missing_are_none(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)

        def miscounted(request: Request, statement: str) -> Reply | None:
            is_of_all = "COUNT" in statement and "mainline" in statement and "t.id >" not in statement
            return page([{"counted": "2"}]) if is_of_all else None

        stub.special = miscounted
        made = connect()
        with pytest.raises(ConnectorGarbled, match="counts 2 open rows and gave 1"):
            list(made.invoices.totals(made.invoices.upper_bound()))
