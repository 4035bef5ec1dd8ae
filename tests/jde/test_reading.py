"""JDE is read over the real ODBC drivers: page by page, resumable, bounded, and proved whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.wire.sql import OdbcClient, Sql
from duehook.plugins.jde import tables
from duehook.plugins.jde.odbc.reader import OdbcReader
from duehook.plugins.jde.reading.reader import RawRow
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource

from .ledger import ALL, BOUND, INVOICE, STAMP, Ledger, create, documents, insert, read, rows


def test_items_come_in_key_order_in_pages_of_the_size_asked_for(ledger: Ledger, opened: list[JdeSource]) -> None:
    for number in (5, 3, 1, 4, 2):
        ledger.item(DOC=number)
        ledger.item(DOC=number, SFX="002")
    source = JdeInvoices(ledger.settings(page_size=4))
    opened.append(source)
    pages = read(source, "item")
    assert [len(page.rows) for page in pages] == [4, 4, 2, 0]
    assert [row["key"] for row in rows(pages)] == [
        f"00001|RI|{number}|{part}" for number in range(1, 6) for part in ("001", "002")
    ]
    assert rows(pages)[0]["open_amount"] == Decimal("234.50")


def test_reading_goes_on_behind_the_page_it_was_broken_off_at(ledger: Ledger, opened: list[JdeSource]) -> None:
    for number in range(1, 8):
        ledger.item(DOC=number)
    source = JdeInvoices(ledger.settings(page_size=3))
    opened.append(source)
    first = next(source.read("item", None, BOUND))
    later = UpperBound({"upmj": 126092, "upmt": 0}, datetime(2026, 4, 2, tzinfo=UTC))
    ledger.item(DOC=8, UPMJ=126091, UPMT=130000)
    rest = list(JdeInvoices(ledger.settings(page_size=3)).read("item", json.loads(json.dumps(first.position)), later))
    assert documents([first, *rest]) == [str(number) for number in range(1, 9)]
    assert rest[-1].position["start"] == {"upmj": 126091, "upmt": 120000}, "the next run starts where this one began"


def test_a_next_reading_gives_what_changed_since_less_the_lookback(ledger: Ledger, opened: list[JdeSource]) -> None:
    stamps = [(126089, 235959), (126090, 115959), (126090, 120000), (126091, 120000), (126091, 120001)]
    for number, (day, time) in enumerate(stamps, 1):
        ledger.item(DOC=number, UPMJ=day, UPMT=time)
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    everything = read(source, "item")
    assert documents(everything) == ["1", "2", "3", "4"], "5 was changed past the bound"
    assert documents(read(source, "item", everything[-1].position)) == ["3", "4"]
    same_day = JdeInvoices(ledger.settings(lookback_days=0))
    opened.append(same_day)
    assert documents(read(same_day, "item", everything[-1].position)) == ["4"]


def test_a_first_reading_takes_what_is_open_and_the_history(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item(DOC=1, DGJ=110001, DIVJ=110001)
    ledger.item(DOC=2, DGJ=110001, DIVJ=110001, AAP=0, JCL=126001)
    ledger.item(DOC=3, DGJ=110001, DIVJ=110001, AAP=0, JCL=110030)
    ledger.item(DOC=4, DGJ=110001, DIVJ=110001, AAP=0, FAP=7, CRRM="F", CRCD="USD", JCL=110030)
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    pages = read(source, "item")
    assert documents(pages) == ["1", "2", "4"]
    later = read(source, "item", {"version": 1, "start": {"upmj": 126091, "upmt": 0}, "done": True})
    assert documents(later) == ["1", "2", "3", "4"], "what changed is told whatever its age"


def test_a_bad_row_is_parked_and_the_rest_goes_on(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item(DOC=1)
    ledger.item(DOC=2, BCRC="XYZ")
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    (page, _) = read(source, "item")
    assert documents([page]) == ["1"]
    assert (page.bad[0].key, page.bad[0].payload["RPBCRC"]) == ("00001|RI|2|001", "XYZ")
    assert next(iter(source.keys("item"))).keys == [("00001", "00001|RI|1|001"), ("00001", "00001|RI|2|001")]


def test_the_sweep_lists_what_is_open_and_is_complete_at_its_end(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item(DOC=1)
    ledger.item(DOC=2, AAP=0)
    ledger.item(DOC=3, AAP=2, FAP=0, CRRM="F", CRCD="USD")
    for number in range(4, 8):
        ledger.item(DOC=number)
    source = JdeInvoices(ledger.settings(page_size=1))
    opened.append(source)
    pages = list(source.keys("item"))
    assert [key for page in pages for _, key in page.keys] == [f"00001|RI|{n}|001" for n in (1, 3, 4, 5, 6, 7)]
    assert [(len(page.keys), page.complete) for page in pages] == [(4, False), (2, False), (0, True)]


def test_vanished_items_are_told_apart(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item(DOC=1, AAP=0)
    asked = [("00001", f"00001|RI|{number}|001") for number in (1, 2, 3)] + [("00001", "nonsense")]
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    without = source.lookup("item", asked)
    assert [row["key"] for row in without.found] == ["00001|RI|1|001"]
    assert list(without.missing) == asked[1:]
    create(_Renamed(ledger), only=[tables.ITEM])
    insert(ledger.database, tables.ITEM, name="F03B11P", **{**INVOICE, "DOC": 2})
    with_purge = JdeInvoices(ledger.settings())
    opened.append(with_purge)
    told = with_purge.lookup("item", asked)
    assert (list(told.purged), list(told.deleted)) == ([asked[1]], asked[2:])


def test_an_item_that_cannot_be_read_is_looked_up_as_bad_and_not_as_missing(
    ledger: Ledger, opened: list[JdeSource]
) -> None:
    ledger.item(DOC=1, DIVJ=999_999)
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    told = source.lookup("item", [("00001", "00001|RI|1|001")])
    assert [(row.company, row.key) for row in told.bad] == [("00001", "00001|RI|1|001")]
    assert [*told.found, *told.deleted, *told.purged, *told.missing] == []


class _Renamed:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def execute(self, statement: str, values: Any = ()) -> Any:
        return self._ledger.database.execute(statement.replace('"F03B11"', '"F03B11P"'), values)


def test_more_keys_than_one_statement_takes_are_looked_up(ledger: Ledger, opened: list[JdeSource]) -> None:
    for number in range(250):
        ledger.item(DOC=number + 1)
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    assert len(source.lookup("item", [("00001", f"00001|RI|{n + 1}|001") for n in range(250)]).found) == 250


def test_totals_are_read_over_all_rows_and_name_those_in_flight(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item(DOC=1)
    ledger.item(DOC=2, UPMJ=126091, UPMT=120001, PST="R")
    ledger.item(DOC=3, AAP=0)
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    found = [total for page in source.totals(BOUND) for total in page]
    assert [(t.document, t.item_class, t.open_amount, t.changed_past_bound) for t in found] == [
        ("00001|RI|1|001", "normal", Decimal("234.50"), False),
        ("00001|RI|2|001", "retainage", Decimal("234.50"), True),
    ]


def test_totals_are_the_sum_of_the_items_in_every_class(ledger: Ledger, opened: list[JdeSource]) -> None:
    shapes: list[dict[str, Any]] = [
        {}, {"PST": "R"}, {"DCT": "R1"}, {"DCT": "RB"}, {"POST": ""}, {"RYIN": "B"}, {"SFX": ""},
        {"DCT": "RM", "AG": -5, "AAP": -5}, {"CRRM": "F", "CRCD": "JPY", "ACR": 9_000, "FAP": 7_000},
        {"AAP": 3, "CRRM": "F", "CRCD": "USD", "ACR": 9_000}, {"AAP": 0, "FAP": 2, "CRRM": "F", "CRCD": "USD"},
        {"AAP": 0}, {"BCRC": "XYZ"},
    ]  # fmt: skip
    for number, shape in enumerate(shapes * 3, 1):
        ledger.item(**{**shape, "DOC": number})
    source = JdeInvoices(ledger.settings(page_size=2, codes={"class_by_instrument": "B=direct_debit"}))
    opened.append(source)
    mapped = [row for row in rows(read(source, "item")) if row["open_amount"] or row["company_open_amount"]]
    totals = [total for page in source.totals(BOUND) for total in page]
    assert {row["item_class"] for row in mapped} == {"normal", "retainage", "draft", "chargeback", "unposted",
                                                     "direct_debit"}  # fmt: skip
    assert _sums((total._asdict() for total in totals), "document") == _sums(mapped, "key")
    assert sum(total.open_amount == 0 != total.company_open_amount for total in totals) == 3, "rounding residues"


def _sums(rows_or_totals: Iterable[Mapping[str, Any]], key: str) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Return documents, open amount and open amount in company currency by company, class and currency."""
    found: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for row in rows_or_totals:
        heading = (row["company"], row["item_class"], row["currency"], row["company_currency"])
        told, due, left = found.get(heading, ((), 0, 0))
        found[heading] = ((*told, row[key]), due + row["open_amount"], left + row["company_open_amount"])
    return found


def test_sums_beyond_32_bits_come_whole_from_sqlite(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item(DOC=99_999_999, AG=999_999_999_999_999, AAP=999_999_999_999_999)
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    assert rows(read(source, "item"))[0]["amount"] == Decimal("9999999999999.99")


def test_customers_come_with_name_address_in_force_parent_and_hold(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.customer(5000, company="00001", HOLD="C1", ACL=25_000, AMCR="EUR", TRAR="30", CLMG="MILLER", PLY="POL1")
    ledger.customer(5000, ACL=0)
    ledger.add(tables.WHO, AN8=5000, IDLN=0, MLNM="Hansen & Söhne GmbH", **STAMP)
    ledger.add(tables.WHO, AN8=5000, IDLN=1, MLNM="Ms Jensen", **STAMP)
    for day, city in ((120001, "Old"), (126001, "Köln"), (199001, "Future")):
        ledger.add(tables.POSTAL, AN8=5000, EFTB=day, ADD1="Rheinweg 1", CTY1=city, ADDZ="50667", CTR="DE", **STAMP)
    ledger.add(tables.POSTAL, AN8=4242, EFTB=199001, CTY1="Future")
    ledger.add(tables.PARENT, OSTP="", PA8=4242, AN8=5000)
    ledger.add(tables.PARENT, OSTP="XX", PA8=1, AN8=5000)
    source = JdeCustomers(ledger.settings(page_size=2))
    opened.append(source)
    four, five_all, five_one = rows(read(source, "customer"))
    assert (four["key"], four["company"], four["address"], four["name"]) == ("4242", None, None, "Customer 4242")
    assert (five_one["company"], five_one["hold"], five_one["credit_limit"]) == ("00001", "C1", Decimal(25_000))
    assert (five_all["company"], five_all["hold"], five_all["credit_limit"]) == (None, None, None)
    assert (five_one["name"], five_one["parent"], five_one["collector"]) == ("Hansen & Söhne GmbH", "4242", "MILLER")
    assert five_one["address"]["city"] == "Köln"
    assert five_one["country"] == "DE"
    assert five_one["extra"]["delinquency_policy"] == "POL1"


def test_a_customers_rows_of_one_company_and_of_every_company_are_looked_up_apart(
    ledger: Ledger, opened: list[JdeSource]
) -> None:
    ledger.customer(5000, company="00001", DNLT="Y")
    ledger.customer(5000, DNLT="N")
    source = JdeCustomers(ledger.settings())
    opened.append(source)
    asked = [("00001", "4242"), ("", "4242"), ("00001", "5000"), ("", "5000")]
    found = source.lookup("customer", asked).found
    assert sorted((row["key"], row["company"] or "", row["dunning_block"]) for row in found) == [
        ("4242", "", None),
        ("5000", "", "no notices (AIDNLT N)"),
        ("5000", "00001", None),
    ]


def test_a_customer_is_read_again_when_its_address_changed(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.customer(5000)
    ledger.database.execute('UPDATE "F0101" SET "ABUPMJ" = 120001')
    ledger.database.execute('UPDATE "F03012" SET "AIUPMJ" = 120001')
    ledger.add(tables.POSTAL, AN8=5000, EFTB=120001, CTY1="Köln", UPMJ=126091, UPMT=1)
    source = JdeCustomers(ledger.settings())
    opened.append(source)
    done = read(source, "customer")[-1].position
    assert [row["key"] for row in rows(read(source, "customer", done))] == ["5000"]


def test_what_the_site_says_of_customers_is_mapped(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.customer(5000, TSTA="L", DNLT="N", ARPY=6000)
    source = JdeCustomers(
        ledger.settings(codes={"state_by_credit_message": "L=legal", "state_by_search_type": "C=one_time"})
    )
    opened.append(source)
    four, five = rows(read(source, "customer"))
    assert (four["state"], five["state"]) == ("one_time", "legal")
    assert (five["dunning_block"], five["payer"]) == ("no notices (AIDNLT N)", "6000")


def test_contacts_have_their_mail_phone_and_purposes(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.add(tables.WHO, AN8=4242, IDLN=0, MLNM="Customer 4242", **STAMP)
    ledger.add(tables.WHO, AN8=4242, IDLN=1, MLNM="Ms Jensen", TYC="A", ATTL="AP clerk", **STAMP)
    ledger.add(tables.WHO, AN8=9999, IDLN=0, MLNM="No customer", **STAMP)
    for line, order, mail in ((0, 1, "info@example.com"), (1, 1, "ap@example.com"), (1, 2, "ap2@example.com")):
        ledger.add(tables.EMAIL, AN8=4242, IDLN=line, RCK7=order, ETP="E", EMAL=mail, **STAMP)
    ledger.add(tables.EMAIL, AN8=4242, IDLN=0, RCK7=2, ETP="I", EMAL="https://example.com/@x", **STAMP)
    ledger.add(tables.PHONE, AN8=4242, IDLN=1, RCK7=1, PHTP="FAX", AR1="0221", PH1="999")
    ledger.add(tables.PHONE, AN8=4242, IDLN=1, RCK7=2, PHTP="", AR1="0221", PH1="123")
    source = JdeContacts(ledger.settings(codes={"purpose_by_contact_type": "A=accounts_payable"}))
    opened.append(source)
    own, clerk, second = rows(read(source, "contact"))
    assert (own["key"], own["email"], own["purposes"]) == ("4242|0", "info@example.com", ("main",))
    assert (clerk["key"], clerk["email"], clerk["phone"]) == ("4242|1", "ap@example.com", "0221 123")
    assert (clerk["purposes"], clerk["role"]) == (("accounts_payable",), "AP clerk")
    assert (second["key"], second["email"]) == ("4242|1|2", "ap2@example.com")
    found = source.lookup("contact", [("", "4242|1|2")]).found  # one line of the who's who makes both
    assert [row["key"] for row in found] == ["4242|1", "4242|1|2"]


def test_all_contacts_of_a_number_are_read_again_for_one_mail(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.add(tables.WHO, AN8=4242, IDLN=0, UPMJ=120001)
    ledger.add(tables.WHO, AN8=4242, IDLN=1, UPMJ=120001)
    ledger.add(tables.EMAIL, AN8=4242, IDLN=1, RCK7=1, ETP="E", EMAL="new@example.com", UPMJ=126091, UPMT=1)
    source = JdeContacts(ledger.settings())
    opened.append(source)
    done = read(source, "contact")[-1].position
    assert [row["email"] for row in rows(read(source, "contact", done))] == [None, "new@example.com"]


def receipt(ledger: Ledger, *, turn: int = -1, number: int = 77, **values: Any) -> None:
    ledger.add(tables.PAYMENT, PYID=number, AN8=4242, CO="00001", DMTJ=126080, DGJ=126080, CKAM=100_000, BCRC="EUR",
               CRCD="EUR", **{**STAMP, **values})  # fmt: skip
    ledger.add(tables.ALLOCATION, PYID=number, RC5=1, KCO="00001", DCT="RI", DOC=1001, SFX="001", CO="00001",
               DMTJ=126080, DGJ=126080, BCRC="EUR", CRCD="EUR", CRRM="D", PAAP=turn * 100_000, **STAMP)  # fmt: skip


@pytest.mark.parametrize("turn", [-1, 1])
def test_the_sign_of_applications_is_proved_on_the_receipts(ledger: Ledger, opened: list[JdeSource], turn: int) -> None:
    ledger.item()
    receipt(ledger, turn=turn)
    source = JdePayments(ledger.settings())
    opened.append(source)
    (allocation,) = rows(read(source, "allocation"))
    assert (allocation["amount"], allocation["item"]) == (Decimal(1000), "00001|RI|1001|001")


def test_signs_that_contradict_each_other_are_refused(ledger: Ledger, opened: list[JdeSource]) -> None:
    receipt(ledger, number=1)
    receipt(ledger, number=2, turn=1)
    source = JdePayments(ledger.settings())
    opened.append(source)
    with pytest.raises(ConnectorRefused, match="f03b14_sign"):
        source.read("allocation", None, BOUND)
    told = JdePayments(ledger.settings(f03b14_sign="positive"))
    opened.append(told)
    assert {row["amount"] for row in rows(read(told, "allocation"))} == {Decimal(1000), Decimal(-1000)}


def test_a_void_receipt_comes_with_its_reversal_and_both_are_looked_up(ledger: Ledger, opened: list[JdeSource]) -> None:
    receipt(ledger, VDGJ=126085)
    source = JdePayments(ledger.settings())
    opened.append(source)
    assert [row["key"] for row in rows(read(source, "payment"))] == ["77", "77|void"]
    asked = [("00001", "77|void"), ("00001", "78")]
    told = source.lookup("payment", asked)
    assert ([row["key"] for row in told.found], list(told.missing)) == (["77", "77|void"], asked[1:])
    assert [page.complete for page in source.keys("payment")] == [False, True]


def test_old_lines_come_where_their_item_is_still_open(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item(DOC=1001)
    receipt(ledger)
    ledger.database.execute('UPDATE "F03B14" SET "RZDGJ" = 110001, "RZDMTJ" = 110001')
    source = JdePayments(ledger.settings(f03b14_sign="negative"))
    opened.append(source)
    assert len(rows(read(source, "allocation"))) == 1
    ledger.database.execute('UPDATE "F03B11" SET "RPAAP" = 0')
    assert len(rows(read(source, "allocation"))) == 0


def test_terms_and_rates_are_read_exactly(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.add(tables.PAYMENT_TERM, PTC="30", PTD="Net 30", NDTP=30)
    ledger.add(tables.EXCHANGE_RATE, CRCD="EUR", CRDC="USD", EFT=126001, CRR="1.0845671", **STAMP)
    source = JdeCustomers(ledger.settings())
    opened.append(source)
    assert [row["net_days"] for row in rows(read(source, "payment_term"))] == [30]
    assert [row["rate"] for row in rows(read(source, "exchange_rate"))] == [Decimal("1.0845671")]
    assert [row["company"] for row in rows(read(source, "company"))] == ["00001"]
    assert next(iter(source.keys("company"))).keys == [("00001", "00001")]
    assert not any(page.complete for page in source.keys("exchange_rate"))


class Faulty(OdbcClient):
    """Answers item pages as told, everything else from the database."""

    def __init__(self, settings: JdeSettings, answers: list[Any]) -> None:
        super().__init__(settings)
        self.answers = answers

    def rows(self, statement: Sql, *, about: str) -> list[RawRow]:
        found = super().rows(statement, about=about)
        if about == "F03B11" and "ORDER BY" in statement.text and self.answers:
            answer = self.answers.pop(0)
            return list(found) if answer is None else list(answer(found))
        return found


def faulty(ledger: Ledger, opened: list[JdeSource], *answers: Any, page_size: int = 4) -> JdeSource:
    for number in range(1, 10):
        ledger.item(DOC=number)
    source = JdeInvoices(ledger.settings(page_size=page_size))
    assert isinstance(source._site.reader, OdbcReader)
    source._site.reader.client = Faulty(ledger.settings(), list(answers))
    opened.append(source)
    return source


def test_a_half_page_is_noticed(ledger: Ledger, opened: list[JdeSource]) -> None:
    source = faulty(ledger, opened, lambda found: found[:2])
    with pytest.raises(ConnectorGarbled, match="ended early"):
        list(source.read("item", None, BOUND))


def test_a_page_that_comes_again_is_noticed(ledger: Ledger, opened: list[JdeSource]) -> None:
    first: list[RawRow] = []

    def keep(found: list[RawRow]) -> list[RawRow]:
        first.extend(found)
        return found

    source = faulty(ledger, opened, keep, lambda found: first)
    with pytest.raises(ConnectorGarbled, match="came again"):
        list(source.read("item", None, BOUND))


def test_half_a_page_of_a_sweep_is_noticed(ledger: Ledger, opened: list[JdeSource]) -> None:
    source = faulty(ledger, opened, lambda found: found[:2], page_size=1)
    with pytest.raises(ConnectorGarbled, match="ended early"):
        list(source.keys("item"))


def test_a_page_of_totals_that_comes_again_is_noticed(ledger: Ledger, opened: list[JdeSource]) -> None:
    first: list[RawRow] = []

    def keep(found: list[RawRow]) -> list[RawRow]:
        first.extend(found)
        return found

    source = faulty(ledger, opened, keep, lambda found: first, page_size=1)
    with pytest.raises(ConnectorGarbled, match="came again"):
        list(source.totals(BOUND))


def test_keys_and_totals_ask_for_the_columns_they_need_only(ledger: Ledger, opened: list[JdeSource]) -> None:
    widths = []

    def measure(found: list[RawRow]) -> list[RawRow]:
        widths.extend([len(raw) for raw in found])
        return found

    source = faulty(ledger, opened, measure, None, measure, page_size=9)
    assert sum(len(page.keys) for page in source.keys("item")) == 9
    assert sum(len(page) for page in source.totals(BOUND)) == 9
    assert Counter(widths) == {5: 9, 15: 9}


def test_two_rows_with_one_key_are_noticed(ledger: Ledger, opened: list[JdeSource]) -> None:
    source = faulty(ledger, opened, lambda found: [*found[:3], found[2]])
    with pytest.raises(ConnectorGarbled, match=r"one key \(00001\|RI\|3\|001\)"):
        list(source.read("item", None, BOUND))


def test_what_changed_is_gone_on_with_behind_any_page(ledger: Ledger, opened: list[JdeSource]) -> None:
    for number in (1, 2, 3, 4):
        ledger.item(DOC=number)
    source = JdeInvoices(ledger.settings(page_size=2, lookback_days=0))
    opened.append(source)
    last = read(source, "item")[-1].position
    ledger.database.execute('UPDATE "F03B11" SET "RPUPMJ" = 126091, "RPUPMT" = 120000 WHERE "RPDOC" > 1')
    pages = read(source, "item", last)
    assert documents(pages) == ["2", "3", "4"]
    assert documents(read(source, "item", pages[0].position)) == ["4"]


def test_a_key_that_is_no_number_is_noticed(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item(DOC="12-A")
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    with pytest.raises(ConnectorGarbled, match="F03B11: a key cannot be read: "):
        list(source.read("item", None, BOUND))


def test_a_phone_that_stands_nowhere_leaves_its_contact_without_one(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.add(tables.WHO, AN8=4242, IDLN=1, MLNM="Ms Jensen", **STAMP)
    ledger.add(tables.PHONE, AN8=4242, IDLN=None, RCK7=1, PH1="555-0101", **STAMP)
    source = JdeContacts(ledger.settings())
    opened.append(source)
    (row,) = rows(read(source, "contact"))
    assert (row["name"], row["phone"]) == ("Ms Jensen", None)


def test_a_position_of_another_version_asks_for_a_full_reading(ledger: Ledger, opened: list[JdeSource]) -> None:
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    for position in (
        {"version": 99, "done": True},
        {"version": 1},
        {"version": 1, "done": True, "start": {"upmj": "soon"}},
        {"version": 1, "done": True},
    ):
        with pytest.raises(ConnectorGarbled, match="--full"):
            list(source.read("item", position, BOUND))


def test_the_bound_is_the_databases_clock_in_the_servers_zone(ledger: Ledger, opened: list[JdeSource]) -> None:
    source = JdeInvoices(ledger.settings(clock_query="SELECT '2026-03-31 22:30:05'", timezone="Europe/Berlin"))
    opened.append(source)
    bound = source.upper_bound()
    assert bound.mark == {"upmj": 126091, "upmt": 3005}
    assert bound.at == datetime(2026, 3, 31, 22, 30, 5, tzinfo=UTC)
    garbled = JdeInvoices(ledger.settings(clock_query="SELECT 'noon'"))
    opened.append(garbled)
    with pytest.raises(ConnectorGarbled, match="clock_query"):
        garbled.upper_bound()


def test_the_databases_own_clock_is_now(ledger: Ledger, opened: list[JdeSource]) -> None:
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    assert abs((source.upper_bound().at - datetime.now(UTC)).total_seconds()) < 60


def test_all_tables_of_the_dossier_are_known() -> None:
    names = "F0005 F0010 F0013 F0014 F0015 F0101 F03012 F0111 F0115 F01151 F0116 F0150 F03B11 F03B13 F03B14"
    assert sorted(table.name for table in ALL) == sorted(names.split())
