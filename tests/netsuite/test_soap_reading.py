"""Reading by SuiteTalk: searches and their pages, what is open in another currency, voids, applications, deletions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring, tostring

import pytest

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.records import Stream
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.core.wire.reply import Reply
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.search import Search, any_of, midnight, number

from .simulated import paid
from .soapy import Soapy, body
from .suitetalk import CORE

Connect = Callable[..., Soapy]
STREAMS: tuple[Stream, ...] = ("company", "payment_term", "customer", "contact", "item", "payment", "allocation")


def keys(rows: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    return [(row.get("company"), row.get("key")) for row in rows]


def number_of(account: Soapy, item: Any) -> str:
    """Return the internal id of an item's transaction."""
    return str(account.simulator.account.ledger.id_of(item.key))


class TestSearches:
    def test_a_search_is_asked_by_its_criteria_and_columns(self, soapy: Connect) -> None:
        account = soapy()
        account.pages("payment_term")
        search = body(account.heard.sent[1])[0]
        kind = search.get("{http://www.w3.org/2001/XMLSchema-instance}type", "")
        assert kind.endswith(":TermSearchAdvanced")
        assert [each.tag.rpartition("}")[2] for each in search.find("{*}columns/{*}basic")] == [  # type: ignore[union-attr]
            "daysUntilExpiry", "daysUntilNetDue", "discountPercent", "internalId", "name",
        ]  # fmt: skip

    def test_the_pages_of_a_search_are_those_of_its_id(self, soapy: Connect) -> None:
        account = soapy({"page_size": 8})
        rows = account.rows("customer")
        assert keys(rows) == keys([dict(row) for row in account.simulator.given("customer")])
        assert account.heard.operations().count("searchMoreWithId") == len(rows) // 8

    def test_a_search_that_is_not_kept_any_more_is_searched_anew(self, soapy: Connect) -> None:
        account = soapy({"page_size": 8}, search_life=0.0)
        assert len(account.rows("customer")) == len(list(account.simulator.given("customer")))

    def test_where_nothing_is_new_a_search_is_asked_for_and_counted(self, soapy: Connect) -> None:
        account = soapy()
        done = account.pages("payment_term")[-1].position
        account.heard.sent.clear()
        account.pages("payment_term", done)
        assert account.heard.operations() == ["getServerTime", "search", "search"]

    def test_rows_in_another_order_are_all_read(self, soapy: Connect) -> None:
        account = soapy({"page_size": 8})
        account.heard.change = turned
        assert sorted(keys(account.rows("customer"))) == sorted(keys(list(account.simulator.given("customer"))))

    @pytest.mark.parametrize("fault", ["shrink", "repeat"])
    def test_a_search_that_became_another_is_searched_anew(self, fault: Any, soapy: Connect) -> None:
        account = soapy({"page_size": 8}, customers=40)
        account.simulator.faults.set(fault, "/searchMoreWithId", after=1)
        assert keys(account.rows("customer")) == keys([dict(row) for row in account.simulator.given("customer")])

    def test_a_page_that_lacks_rows_is_garbled(self, soapy: Connect) -> None:
        account = soapy()
        account.heard.change = lambda call, reply: without_last(reply)
        with pytest.raises(ConnectorGarbled, match="6 rows of 7"):
            account.pages("payment_term")


def turned(call: Any, reply: Reply) -> Reply:
    """Return a page with its rows the other way round."""
    document = fromstring(reply.body) if b"searchRow>" in reply.body else None
    listed = None if document is None else next(document.iter(f"{CORE}searchRowList"), None)
    if document is None or listed is None:
        return reply
    listed[:] = list(listed)[::-1]
    return replace(reply, body=tostring(document))


def without_last(reply: Reply) -> Reply:
    """Return a page whose last row got lost, and that still counts it."""
    document = fromstring(reply.body) if b"searchRow>" in reply.body else None
    listed = None if document is None else next(document.iter(f"{CORE}searchRowList"), None)
    if document is None or listed is None:
        return reply
    listed.remove(listed[-1])
    return replace(reply, body=tostring(document))


class TestStreams:
    def test_all_streams_are_as_the_account_holds_them(self, soapy: Connect) -> None:
        account = soapy(customers=40, items=150)
        account.simulator.advance_to(date(2026, 3, 9))
        for stream in STREAMS:
            assert sorted(keys(account.rows(stream)), key=str) == sorted(
                keys([dict(row) for row in account.simulator.given(stream)]), key=str
            )

    def test_a_customers_vat_number_is_its_tax_id(self, soapy: Connect) -> None:
        account = soapy()
        told = {key: each.tax_id for key, each in account.simulator.book.customers.items()}
        found = {row["key"]: row["tax_id"] for row in account.rows("customer")}
        assert found
        assert found == {key: told[key] for key in found}

    def test_without_the_column_of_vat_numbers_customers_are_read_all_the_same(self, soapy: Connect) -> None:
        account = soapy(tax_ids=False)
        found = {each.subject: each.severity for each in account.sources[0].check() if not each.ok}
        assert found == {"SOAP": "info", "read customer.vatregnumber": "warning"}
        pages = account.pages("customer")
        assert {row["tax_id"] for page in pages for row in page.rows} == {None}
        assert pages[-1].notes == ["read without customer.vatregnumber, which NetSuite refuses; see `duehook check`"]

    def test_a_column_of_vat_numbers_that_is_named_as_missing_is_not_asked_for(self, soapy: Connect) -> None:
        account = soapy({"missing_columns": ["customer.vatregnumber"]})
        assert {row["tax_id"] for row in account.rows("customer")} == {None}
        assert not any(b"vatRegNumber" in each for each in account.heard.sent)

    def test_companies_limit_what_is_read(self, soapy: Connect) -> None:
        account = soapy({"companies": ["2"]}, customers=40, items=40)
        for stream in STREAMS:
            found = {row.get("company") for row in account.rows(stream)}
            assert found - {"2", None} == set()
        mine = {row["key"] for row in account.simulator.given("customer") if row["company"] == "2"}
        assert {row["customer"] for row in account.rows("contact")} == {
            row["customer"] for row in account.simulator.given("contact") if row["customer"] in mine
        }

    def test_what_is_open_in_another_currency_is_asked_of_the_record(self, soapy: Connect) -> None:
        account = soapy(customers=40, items=120)
        account.heard.sent.clear()
        rows = account.rows("item")
        abroad = [row for row in rows if row["currency"] != row["company_currency"] and row["open_amount"]]
        given = {row["key"]: row["open_amount"] for row in account.simulator.given("item")}
        assert abroad
        assert {row["key"]: row["open_amount"] for row in rows} == given
        asked = [key for sent in account.heard.sent if body(sent).tag.endswith("}getList")
                 for key in (each.get("internalId") for each in body(sent))]  # fmt: skip
        assert sorted(asked, key=str) == sorted((row["key"] for row in abroad), key=str)

    def test_what_is_open_of_a_record_that_is_locked_cannot_be_read(self, soapy: Connect) -> None:
        account = soapy(customers=40, items=120)
        abroad = [row for row in account.rows("item") if row["currency"] != row["company_currency"]
                  and row["open_amount"] and row["kind"] == "invoice"]  # fmt: skip
        account.simulator.records.locked.add(("invoice", int(abroad[0]["key"])))
        [bad] = [bad for page in account.pages("item") for bad in page.bad]
        assert (bad.company, bad.key) == (abroad[0]["company"], abroad[0]["key"])
        assert "is not shown: This record has been locked" in bad.reason

    def test_a_voided_payment_is_reversed(self, soapy: Connect) -> None:
        account = soapy()
        with account.simulator.act() as book:
            payment = pay(book, issue(book, "100.00"), "40.00")
            book.reverse(payment.key)
        rows = {row["key"]: row["amount"] for row in account.rows("payment")}
        key = str(paid(payment))
        assert (rows[key], rows[f"{key}|void"]) == (Decimal(40), Decimal(-40))

    def test_a_payment_that_comes_changes_its_invoice_too(self, soapy: Connect) -> None:
        account = soapy()
        with account.simulator.act() as book:
            item = issue(book, "100.00")
        done = account.pages("item")[-1].position
        with account.simulator.act() as book:
            payment = pay(book, item, "40.00")
        again = {row["key"]: row["open_amount"] for row in account.rows("item", done)}
        assert again[number_of(account, item)] == Decimal(60)
        applied = [row for row in account.rows("allocation") if row["item"] == number_of(account, item)]
        assert [(row["key"], row["payment"], row["amount"]) for row in applied] == [
            (f"{paid(payment)}|0|{number_of(account, item)}|0", str(paid(payment)), Decimal(40))
        ]


class TestLookUps:
    def test_what_was_deleted_is_told_as_deleted_and_the_rest_as_missing(self, soapy: Connect) -> None:
        account = soapy()
        with account.simulator.act() as book:
            item = issue(book, "10.00")
        row = next(row for row in account.rows("item") if row["key"] == number_of(account, item))
        ledger = account.simulator.account.ledger
        ledger._delete(ledger._name_of(item), account.simulator.now)
        name = row["company"], row["key"]
        found = account.source("item").lookup("item", [name, (row["company"], "4711")])
        assert (found.deleted, found.missing, list(found.found)) == ([name], [(row["company"], "4711")], [])

    def test_what_is_not_shown_is_not_gone(self, soapy: Connect) -> None:
        account = soapy()
        with account.simulator.act() as book:
            item = issue(book, "10.00")
        row = next(row for row in account.rows("item") if row["key"] == number_of(account, item))
        account.simulator.deny("transaction")
        with pytest.raises(ConnectorRefused, match="INSUFFICIENT_PERMISSION"):
            account.source("item").lookup("item", [(row["company"], row["key"])])


class TestMapping:
    FILE = """
fields:
  item: {business_unit: custbody_due_class, reference: transaction.trandate}
extra:
  customer: {known_as: entityid, since: datecreated}
  contact: {first: firstname}
"""

    def test_a_sites_own_columns_are_read_beside_the_others(self, soapy: Connect, tmp_path: Path) -> None:
        file = tmp_path / "fields.yaml"
        file.write_text(self.FILE)
        account = soapy({"mapping": str(file)}, customers=40, items=60)
        items = account.rows("item")
        assert {row["business_unit"] for row in items} > {None}
        assert {row["reference"][:10] for row in items} == {str(row["document_on"]) for row in items}
        customer = next(row for row in account.rows("customer") if row["key"] == "1001")
        assert customer["extra"]["known_as"] == "CUS1001"
        assert customer["extra"]["since"].startswith("20")
        assert any(row["extra"].get("first") for row in account.rows("contact") if "extra" in row)

    @pytest.mark.parametrize("column", ["custentity_nobody", "nobody"])
    def test_a_column_that_there_is_not_is_named_by_check(self, column: str, soapy: Connect, tmp_path: Path) -> None:
        file = tmp_path / "fields.yaml"
        file.write_text(f"fields:\n  customer: {{collector: {column}}}\n")
        account = soapy({"mapping": str(file)})
        said = {each.subject: each.message for each in account.sources[0].check() if not each.ok}
        assert column in said["field mapping"]


class TestWords:
    @pytest.mark.parametrize(
        ("word", "code"),
        [("_unitedStates", "US"), ("_germany", "DE"), ("_koreaTheRepublicOf", "KR"), ("_coteDIvoire", "CI"),
         ("_unknownLand", None), (None, None)],
    )  # fmt: skip
    def test_countries(self, word: str | None, code: str | None) -> None:
        assert words.country_of(word) == code

    @pytest.mark.parametrize(
        ("word", "code"),
        [("_englishUS", "en"), ("_frenchCanada", "fr"), ("_german", "de"), ("_klingon", None), (None, None)],
    )
    def test_languages(self, word: str | None, code: str | None) -> None:
        assert words.language_of(word) == code

    def test_a_day_is_its_midnight_in_the_accounts_zone(self) -> None:
        from zoneinfo import ZoneInfo

        zone = ZoneInfo("America/Los_Angeles")
        assert midnight(date(2026, 3, 2), zone) == "2026-03-02T00:00:00-08:00"
        assert midnight(date(2026, 7, 2), zone) == "2026-07-02T00:00:00-07:00"
        assert midnight(date(1880, 1, 1), zone) == "1880-01-01T00:00:00-07:53"

    def test_criteria_and_columns_stand_in_their_parts(self) -> None:
        search = Search("Transaction", ("internalId", "customerJoin.email")).under(
            type=any_of("_invoice"), customerJoin__stage=any_of("_customer")
        )
        assert search.behind(7).parts() == (
            {"basic": {"type": any_of("_invoice"), "internalIdNumber": number("greaterThan", 7)},
             "customerJoin": {"stage": any_of("_customer")}},
            {"basic": ["internalId"], "customerJoin": ["email"]},
        )  # fmt: skip
