"""Reading F&O: every company, each row once, whichever way the site publishes it, and nothing taken for `not there`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown, ConnectorRefused
from duehook.core.hookspecs import Total
from duehook.core.records import Stream
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.wire import Call
from duehook.core.wire.odata.dialect import Unreadable
from duehook.plugins.d365 import entities
from duehook.plugins.d365 import site as site_module
from duehook.plugins.d365.client.service import FinanceV4
from duehook.plugins.d365.site import before, since

from .connected import Connect, Connected
from .simulated import START, Client, Opened, invoice, posted_and_open

STREAMS: list[Stream] = ["company", "payment_term", "exchange_rate", "customer", "contact", "item", "payment"]


@pytest.fixture
def reader(played: Client, connect: Connect) -> Connected:
    """Give the connector on the site that has been at work."""
    return connect(played)


def totals(made: Connected) -> dict[tuple[str, str], Total]:
    found = [each for page in made.invoices.totals(made.invoices.upper_bound()) for each in page]
    assert len({(each.company, each.document) for each in found}) == len(found)
    return {(each.company, each.document): each for each in found}


def paths(client: Client, begun: int = 0) -> list[str]:
    return [entry.path for entry in client.simulator.log[begun:]]


class TestWays:
    @pytest.mark.parametrize("stream", STREAMS)
    def test_what_the_site_holds_is_read(self, stream: Stream, played: Client, reader: Connected) -> None:
        assert differences(stream, played.simulator.given(stream), reader.rows(stream)) == []

    @pytest.mark.parametrize("stream", ["item", "payment"])
    def test_the_set_with_stamps_gives_the_same(self, stream: Stream, played: Client, connect: Connect) -> None:
        made = connect(played, **{"sets.changed_transactions": "CustTransBiEntities"})
        assert differences(stream, played.simulator.given(stream), made.rows(stream)) == []
        assert totals(made).keys() == totals(connect(played)).keys()

    def test_without_open_rows_amounts_tell_what_is_open(self, opened: Opened, connect: Connect) -> None:
        client = opened(open_transactions=False, customers=40, items=150)
        client.simulator.advance_to(START + timedelta(days=5))
        made = connect(client, sets={"open_transactions": None})
        assert differences("item", client.simulator.given("item"), made.rows("item")) == []
        sums: dict[tuple[str, str], Decimal] = {}
        for each in totals(made).values():
            pair = each.company, each.currency
            sums[pair] = sums.get(pair, Decimal(0)) + each.open_amount
        assert {pair: total for pair, total in sums.items() if total} == posted_and_open(client)

    def test_settlements_are_allocations_where_they_are_published(self, opened: Opened, connect: Connect) -> None:
        client = opened(settlements=True, customers=40, items=150)
        client.simulator.advance_to(START + timedelta(days=5))
        made = connect(client, **{"sets.settlements": "CustSettlements"})
        assert made.payments.streams == ("payment", "allocation")
        assert differences("allocation", client.simulator.given("allocation"), made.rows("allocation")) == []

    def test_totals_are_the_same_whether_open_rows_bring_their_transactions_or_not(
        self, played: Client, connect: Connect
    ) -> None:
        along = totals(connect(played))
        begun = len(played.simulator.log)
        alone = totals(connect(played, **{"sets.open_navigation": "Nowhere"}))
        assert along == alone
        assert "/data/CustTransactions" in set(paths(played, begun))

    @pytest.mark.parametrize("few", [0, 10_000])
    def test_what_belongs_to_a_page_is_the_same_by_key_and_by_span(
        self, few: int, played: Client, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(site_module, "FEW", few)
        made = connect(played, page_size=50)
        streams: list[Stream] = ["item", "contact"]
        for stream in streams:
            assert differences(stream, played.simulator.given(stream), made.rows(stream)) == []

    def test_the_sum_of_open_rows_by_company_and_currency_is_that_of_the_items(
        self, played: Client, reader: Connected
    ) -> None:
        sums: dict[tuple[str, str], Decimal] = {}
        for row in reader.rows("item"):
            pair = row["company"], row["currency"]
            sums[pair] = sums.get(pair, Decimal(0)) + row["open_amount"]
        assert {pair: total for pair, total in sums.items() if total} == played.simulator.open_totals()


class TestCompanies:
    def test_every_request_asks_for_all_companies(self, reader: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []
        service = reader.invoices.site.service
        send = service.send
        monkeypatch.setattr(service, "send", lambda call: asked.append(call.url) or send(call))  # type: ignore[func-returns-value]
        reader.rows("item")
        assert asked != []
        assert [url for url in asked if "cross-company=true" not in url] == []

    def test_one_company_alone_is_read_where_the_settings_say_so(self, played: Client, connect: Connect) -> None:
        made = connect(played, companies=["DEMF"])
        streams: list[Stream] = ["company", "customer", "contact", "item", "payment"]
        for stream in streams:
            given = [row for row in played.simulator.given(stream) if row["company"] == "demf"]
            assert differences(stream, given, made.rows(stream)) == []
        assert {company for company, _ in totals(made)} == {"demf"}
        assert {company for page in made.invoices.keys("item") for company, _ in page.keys} == {"demf"}

    def test_a_company_whose_currency_nobody_says_is_left_out_and_told(self, played: Client, connect: Connect) -> None:
        made = connect(played, company_currencies={"usmf": "USD"})
        (page,) = made.pages("company")
        assert [row["company"] for row in page.rows] == ["usmf"]
        assert "demf" in page.notes[0]
        wrong = [each for each in made.customers.check() if each.subject == "companies"]
        assert [(each.ok, "demf" in each.message) for each in wrong] == [(False, True)]

    def test_the_ledgers_say_the_currency_where_the_site_publishes_them(self, opened: Opened, connect: Connect) -> None:
        made = connect(opened(ledgers=True), company_currencies={}, **{"sets.ledgers": "Ledgers"})
        assert {row["company"]: row["currency"] for row in made.rows("company")} == {
            "usmf": "USD", "demf": "EUR", "jpmf": "JPY", "kwmf": "KWD",
        }  # fmt: skip


class TestUnreadable:
    @pytest.fixture
    def spoiled(self, small: Client) -> tuple[str, str]:
        """Let one of two invoices have no dates; give its company and key."""
        good, bad = invoice(small, "100.00"), invoice(small, "200.00")
        key = next(row["key"] for row in small.simulator.given("item") if row["document_no"] == str(bad.document_no))
        small.simulator.spoil(bad.key)
        assert good.key != bad.key
        return "demf", key

    def test_a_row_that_cannot_be_read_is_told_by_its_key_when_it_is_looked_up(
        self, small: Client, connect: Connect, spoiled: tuple[str, str]
    ) -> None:
        looked_up = connect(small).invoices.lookup("item", [spoiled, ("demf", "1|2026-01-01")])
        assert [each.key for each in looked_up.bad] == [spoiled[1]]
        assert looked_up.missing == [("demf", "1|2026-01-01")]
        assert [*looked_up.found, *looked_up.deleted, *looked_up.purged] == []

    def test_it_is_still_listed_as_open_and_the_totals_go_on(
        self, small: Client, connect: Connect, spoiled: tuple[str, str]
    ) -> None:
        made = connect(small)
        listed = {name for page in made.invoices.keys("item") for name in page.keys}
        assert spoiled in listed
        assert len(totals(made)) > 0

    def test_a_payment_that_cannot_be_read_does_not_end_the_stream(self, small: Client, connect: Connect) -> None:
        with small.simulator.act() as book:
            first = pay(book, issue(book, "100.00"), "100.00")
            later(book)
            pay(book, issue(book, "50.00"), "50.00")
        ledger = small.simulator.site.ledger
        ledger._spoiled.add(f"payment|{first.key}")
        ledger._make([f"payment|{first.key}"])
        pages = connect(small).pages("payment")
        assert [bad.reason for page in pages for bad in page.bad] == ["TransDate is empty."]
        assert Decimal(50) in {row["amount"] for page in pages for row in page.rows}


class TestRightsThatWereLost:
    """A user who may see a company no more gets empty answers, not refusals."""

    @pytest.fixture
    def blind(self, small: Client, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Connected:
        """Give a connection whose user sees no row of demf."""
        invoice(small, "100.00")
        data, seen = small.simulator.service, small.simulator.service.scope

        def scope(of: Any, parameters: Any) -> Any:
            if "dataAreaId" not in of.type.fields:
                return seen(of, parameters)
            return "but demf", lambda row: row.get("dataAreaId") != "demf"

        monkeypatch.setattr(data, "scope", scope)
        return connect(small, companies=["demf"])

    def test_nothing_is_taken_as_gone_where_a_company_shows_nothing(self, blind: Connected) -> None:
        with pytest.raises(ConnectorRefused, match="Nothing of demf can be seen"):
            list(blind.invoices.keys("item"))

    def test_no_item_is_called_missing_of_a_company_that_shows_nothing(self, small: Client, blind: Connected) -> None:
        key = next(row["key"] for row in small.simulator.given("item") if row["company"] == "demf")
        with pytest.raises(ConnectorRefused, match="Nothing of demf can be seen"):
            blind.invoices.lookup("item", [("demf", key)])

    def test_no_customer_is_taken_as_gone_where_none_is_seen(self, blind: Connected) -> None:
        assert [page.complete for page in blind.customers.keys("customer")][-1] is False


class TestChanges:
    def test_an_old_invoice_that_is_still_open_is_read_once_beside_the_history(
        self, small: Client, connect: Connect
    ) -> None:
        made = invoice(small, "100.00")
        small.simulator.advance_to(START + timedelta(days=40))
        rows = connect(small, history_months=0).rows("item")
        assert [row["open_amount"] for row in rows if row["document_no"] == str(made.document_no)] == [Decimal(100)]

    def test_an_old_invoice_of_which_a_part_was_settled_lately_is_read_once(
        self, small: Client, connect: Connect
    ) -> None:
        made = invoice(small, "100.00")
        small.simulator.advance_to(START + timedelta(days=40))
        with small.simulator.act() as book:
            pay(book, made, "40.00")
        rows = connect(small, history_months=0).rows("item")
        assert [row["open_amount"] for row in rows if row["document_no"] == str(made.document_no)] == [Decimal(60)]

    def test_old_instalments_that_a_page_cuts_apart_are_read_once(self, small: Client, connect: Connect) -> None:
        first = invoice(small, "40.00", instalment="001")
        due = first.due_on and first.due_on + timedelta(days=30)
        invoice(small, "60.00", number=first.document_no, instalment="002", due_on=due)
        small.simulator.advance_to(START + timedelta(days=40))
        rows = connect(small, history_months=0, page_size=1).rows("item")
        mine = [row["open_amount"] for row in rows if row["document_no"] == str(first.document_no)]
        assert sorted(mine) == [Decimal(40), Decimal(60)]

    def test_a_day_is_asked_for_from_midnight_on_for_days_may_stand_there(self) -> None:
        written = [each.text(entities.TRANSACTION, FinanceV4()) for each in (since("TransDate", START),
                                                                           before("TransDate", START))]  # fmt: skip
        assert written == ["(TransDate ge 2026-03-02T00:00:00Z)", "(TransDate lt 2026-03-02T00:00:00Z)"]

    def test_a_posting_that_is_dated_back_is_found_by_the_sweep(self, small: Client, connect: Connect) -> None:
        made = connect(small)
        position = made.pages("item")[-1].position
        small.simulator.advance_to(START + timedelta(days=9))
        back = START - timedelta(days=30)
        item = invoice(small, "100.00", posted_on=back, document_on=back)
        key = next(row["key"] for row in small.simulator.given("item") if row["document_no"] == str(item.document_no))
        position = made.pages("item", position)[-1].position
        assert key not in {row["key"] for row in made.rows("item", position)}
        assert ("demf", key) in {name for page in made.invoices.keys("item") for name in page.keys}
        (found,) = made.invoices.lookup("item", [("demf", key)]).found
        assert found["open_amount"] == Decimal(100)

    def test_a_dispute_is_seen_by_the_next_reading_though_no_date_of_its_transaction_moved(
        self, small: Client, connect: Connect
    ) -> None:
        item = invoice(small, "100.00")
        made = connect(small)
        position = made.pages("item")[-1].position
        small.simulator.advance_to(START + timedelta(days=9))
        position = made.pages("item", position)[-1].position
        small.simulator.user_writes_dispute(item.key, Status="Disputed", AmountCur=Decimal(40))
        assert [row["disputed_amount"] for row in made.rows("item", position) if row.get("disputed_amount")] == [40]

    def test_a_position_of_another_field_mapping_reads_everything_anew(
        self, small: Client, connect: Connect, tmp_path: Any
    ) -> None:
        invoice(small, "100.00")
        position = connect(small).pages("item")[-1].position
        small.simulator.advance_to(START + timedelta(days=9))
        file = tmp_path / "fields.yaml"
        file.write_text("extra:\n  item: {posting: Voucher}\n")
        rows = connect(small, mapping=str(file)).rows("item", position)
        assert rows != []
        assert all(row["extra"]["posting"].startswith("AR") for row in rows)

    def test_of_two_payments_with_one_voucher_the_reversal_names_that_of_its_amount(
        self, small: Client, connect: Connect
    ) -> None:
        with small.simulator.act() as book:
            paid = pay(book, issue(book, "100.00"), "100.00")
            later(book)
            book.reverse(paid.key)
        paid_or_back = [row for row in connect(small).rows("payment") if row["reversal_of"] or row["reversed_on"]]
        rows = {row["amount"]: row for row in paid_or_back}
        assert rows[Decimal(-100)]["reversal_of"] == rows[Decimal(100)]["key"]


@pytest.mark.parametrize("none", ["1900-01-01T00:00:00Z", "1900-01-01T12:00:00Z", "0001-01-01T00:00:00Z"])
def test_what_f_and_o_writes_for_no_date_is_none(none: str) -> None:
    rows: list[dict[str, Any]] = [{"DueDate": none}, {"DueDate": "2026-03-02T12:00:00Z"}, {"DueDate": "soon"}]
    FinanceV4().decode(entities.OPEN_KEY, rows)
    assert [rows[0]["DueDate"], rows[1]["DueDate"]] == [None, START]
    assert isinstance(rows[2]["DueDate"], Unreadable)


class TestFaults:
    def test_a_set_that_is_not_there_is_never_an_empty_answer(self, small: Client, connect: Connect) -> None:
        made = connect(small, **{"sets.disputes": "CustDisputesV9"})
        invoice(small, "100.00")
        with pytest.raises(ConnectorRefused, match="CustDisputesV9"):
            made.rows("item")
        named = [each for each in made.invoices.check() if not each.ok]
        assert [each.subject for each in named] == ["read CustDisputesV9"]
        assert "sets" in str(named[0].advice)

    def test_a_link_that_leads_elsewhere_gets_no_token(self, small: Client, connect: Connect) -> None:
        service = connect(small).invoices.site.service
        elsewhere = service.url("CustomersV3", {}).replace("/data/", "/other/")
        with pytest.raises(ConnectorRefused, match="not under"):
            service.send(Call("GET", elsewhere))
        assert [path for path in paths(small) if path.startswith("/other")] == []

    def test_throttling_is_waited_for_as_long_as_it_says(
        self, small: Client, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = connect(small)
        made.customers.upper_bound()
        small.simulator.throttle(1)
        assert made.rows("company") != []
        assert small.simulator.throttled.refused == 1

    def test_a_wait_that_is_too_long_ends_the_reading_with_what_to_do(self, small: Client, connect: Connect) -> None:
        made = connect(small, patience_seconds=1)
        made.customers.upper_bound()
        small.simulator.throttle(30)
        with pytest.raises(ConnectorDown, match="429") as raised:
            made.rows("company")
        assert "30 s" in str(raised.value.fix)

    def test_the_servers_own_pages_are_followed(self, opened: Opened, connect: Connect) -> None:
        client = opened(page_size=3, customers=40, items=60)
        assert differences("item", client.simulator.given("item"), connect(client).rows("item")) == []

    @pytest.mark.parametrize("account", ["O'Neil", "50% & more", "a+b=c#1", "Łódź 東京", "*", "US-00*"])
    def test_odd_accounts_are_asked_for_as_they_are(self, account: str, small: Client, connect: Connect) -> None:
        made = connect(small)
        assert made.customers.lookup("customer", [("demf", account)]).missing == [("demf", account)]
        key = {"dataAreaId": "demf", "CustomerAccount": account}
        assert made.target._site.service.row(entities.HOLD, key) is None
