"""What the simulator says that a connector shall read is what stands in its own answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.records import RECORDS, Stream
from duehook.core.testing.book_simulator import balances
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.core.testing.contract.under_test import validated

from .simulated import DAY, M3, of, running

Row = dict[str, Any]
NEEDED: dict[Stream, Row] = {"company": {"name": "?"}}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[M3]:
    """Give an M3 that has been at work for two weeks; only to be read."""
    folder: Path = tmp_path_factory.mktemp("m3")
    with running(folder, customers=60, items=500) as found:
        found.erp.advance_to(DAY.replace(day=16))
        yield found


def day(text: str) -> date | None:
    """Read a day as M3 writes it."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text not in ("", "0") else None


def by_key(m3: M3, stream: Stream) -> dict[tuple[str, str], Row]:
    return {(row.get("company", ""), row["key"]): row for row in m3.erp.given(stream)}


@pytest.mark.parametrize("stream", RECORDS)
def test_each_row_is_a_record_under_a_key_of_its_own(stream: Stream, played: M3) -> None:
    rows = [NEEDED.get(stream, {}) | row for row in played.erp.given(stream)]
    assert len(validated(stream, rows)) == len(rows) > 0
    names = [(row.get("company"), row.get("key") or tuple(row.values())) for row in rows]
    assert len(set(names)) == len(names)


def test_items_are_what_the_list_and_the_totals_say(played: M3) -> None:
    given = by_key(played, "item")
    listed = played.records("ARS200MI/LstInvByDivi")
    names = ("PYNO", "CUNO", "CINO", "INYR")
    parts = [{"transaction": "GetInvTotInfo", "record": {n: row[n] for n in (*names, "DIVI")}} for row in listed]
    answers = played.bulk({"program": "ARS200MI", "maxReturnedRecords": 0, "transactions": parts}).json()["results"]
    told = {
        (row["DIVI"], "|".join(row[n] for n in names)): each["records"][0]
        for row, each in zip(listed, answers, strict=True)
    }
    assert set(told) == set(given)
    for name, row in given.items():
        found = told[name]
        ours = (row["amount"], row["open_amount"], row["company_amount"], row["company_open_amount"], row["currency"])
        theirs = (*(Decimal(found[each]) for each in ("CUAM", "OCUA", "ACAM", "OAMT")), found["CUCD"])
        assert (name, ours) == (name, theirs)
        assert (row["open_amount"] == 0) == (found["RECO"] == "9")
        days = [row.get(each) for each in ("document_on", "due_on", "posted_on", "cleared_on")]
        assert (name, days) == (name, [day(found[each]) for each in ("IVDT", "DUDT", "ACDT", "REDE")])
        assert row.get("terms", "") == found["TEPY"]
        assert str(row.get("dunning_level", 0)) == found["RMQT"]
        stop = {"at the collector": "200", "goes to the collector": "010"}.get(row.get("dunning_block", ""))
        stops = f"{found['CLST']}{found['CLCD']}{found['RMBL']}"
        assert (name, stops) == (name, stop or f"00{row.get('dunning_block', '0')}")
        assert ("discount_on" in row) <= (found["TECD"] == "D10")


def test_customers_are_what_the_list_and_their_finances_say(played: M3) -> None:
    listed = {row["CUNO"]: row for row in played.records("CRS610MI/LstByNumber")}
    given = {row["key"]: row for row in played.erp.given("customer")}
    assert set(listed) == set(given)
    for key, row in given.items():
        found = listed[key] | played.records("CRS610MI/GetFinancial", CUNO=key)[0]
        assert (row["name"], row.get("payer", ""), row.get("group", "")) == (
            found["CUNM"],
            found["PYNO"],
            found["CCUS"],
        )
        assert (row["collector"], row["terms"], row["currency"]) == (found["CDRC"], listed[key]["TEPY"], found["CUCD"])
        assert {"N": "2"}.get(row.get("dunning_block", ""), "1") == found["BLPR"]
        assert (row.get("hold", "0"), row.get("credit_limit", 0)) == (found["BLCD"], Decimal(found["CRL2"]))
        lines = tuple(found[each] for each in ("CUA1", "CUA2", "CUA3", "CUA4") if found[each])
        assert row["address"] == {
            "lines": lines, "postal_code": found["PONO"], "city": found["TOWN"], "country": found["CSCD"],
        }  # fmt: skip


def test_contacts_are_the_persons_at_customers_and_the_customers_own_address(played: M3) -> None:
    persons = {row["CNPE"]: row for row in played.records("CRS618MI/Lst") if row["ERTP"] == "1"}
    own = {f"{row['CUNO']}|MAIL": row for row in played.records("CRS610MI/LstByNumber") if row["MAIL"]}
    given = {row["key"]: row for row in played.erp.given("contact")}
    mails = {f"{row['EMKY']}|MAIL|02": row["EMAL"] for row in played.records("CRS111MI/List", EMTP="02")
             if row["EMTP"] == "02"}  # fmt: skip
    assert set(given) == {*persons, *own, *mails}
    assert {key: given[key]["email"] for key in mails} == mails
    assert len(mails) == 20
    assert {key: given[key].get("email", "") for key in persons} == {key: row["EMAL"] for key, row in persons.items()}
    assert {key: given[key]["email"] for key in own} == {key: row["MAIL"] for key, row in own.items()}


def test_items_add_up_to_the_rows_of_the_ledger(played: M3) -> None:
    rows = played.erp.given("item")
    sums = balances(((row["company"], row["customer"], row["currency"]), row["open_amount"]) for row in rows)
    assert sums == played.erp.open_balances()
    of_b = sum(
        (amount for (company, _, currency), amount in sums.items() if (company, currency) == ("BBB", "EUR")), Decimal(0)
    )
    assert played.erp.open_totals()["BBB", "EUR"] == of_b


def test_money_is_the_rows_of_trcd_20(played: M3) -> None:
    query = "ESDIVI,ESYEA4,ESJRNO,ESJSNO,ESCUAM,ESACAM from FSLEDG where ESTRCD = 20"
    found = [each["REPL"].split("^") for each in played.records("EXPORTMI/Select", QERY=query, SEPC="^")]
    told = {(divi, f"{year}|{journal}|{row}"): (-Decimal(a), -Decimal(b)) for divi, year, journal, row, a, b in found}
    given = by_key(played, "payment")
    assert {name: (row["amount"], row["company_amount"]) for name, row in given.items()} == told
    assert set(by_key(played, "allocation")) < set(given)


def test_what_is_left_of_an_item_is_its_amount_less_its_other_rows(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "60.00")
    rows = m3.records("ARS200MI/LstInvoiceTrans", **of(invoice))
    assert sum(Decimal(each["CUAM"]) for each in rows) == Decimal(m3.total(invoice)["OCUA"]) == 40


def test_what_is_unposted_is_in_no_list(m3: M3) -> None:
    with m3.erp.act() as book:
        draft = issue(book, "10.00", item_class="unposted", posted=False, posted_on=None)
    assert m3.result("ARS200MI/GetInvTotInfo", **of(draft))["errorCode"] == "WCI0103"
    with m3.erp.act() as book:
        book.post(draft.key)
    assert m3.total(draft)["OCUA"] == "10.00"


def test_a_row_that_is_spoilt_holds_no_day_or_no_amount(m3: M3) -> None:
    with m3.erp.act() as book:
        made = [issue(book, "10.00") for _ in range(2)]
    m3.erp.spoil(made[0].key)
    m3.erp.spoil(made[1].key, "amount")
    assert (m3.total(made[0])["IVDT"], m3.total(made[0])["OCUA"]) == ("20260231", "10.00")
    assert m3.total(made[1])["OCUA"] == "*****.**"
    given = {row["document_no"] for row in m3.erp.given("item")}
    assert given & {str(each.document_no) for each in made} == set()


def test_a_payment_that_is_spoilt_is_so_in_its_rows_alone(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "10.00")
        payment = pay(book, invoice, "4.00")
    m3.erp.spoil_payment(payment.key, "amount")
    rows = m3.records("ARS200MI/LstInvoiceTrans", **of(invoice))
    assert [each["CUAM"] for each in rows] == ["10.00", "*****.**"]
    assert m3.total(invoice)["OCUA"] == "6.00"
