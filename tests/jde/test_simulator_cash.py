"""A receipt that is voided is two payments, each with its own applications; one of nothing applies credits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.hookspecs import Row
from duehook.core.records import Stream
from duehook.core.testing.book import Book
from duehook.core.testing.book.postings import Application
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.plugins.jde import tables
from duehook.plugins.jde.mapping.cash import AllocationMapping
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.sources import JdePayments

from .ledger import raw
from .simulated import Site, small
from .test_mapping import allocations, payments
from .test_mapping import site as settled


def read(site: Site, stream: Stream) -> list[Row]:
    source = JdePayments(JdeSettings.model_validate({**site.simulator.site_settings, **site.settings}))
    found = [dict(row) for page in source.read(stream, None, source.upper_bound()) for row in page.rows]
    source.close()
    return found


def in_full(book: Book) -> str:
    return pay(book, issue(book, "100.00"), "100.00").key


def in_part_and_abroad(book: Book) -> str:
    return pay(book, issue(book, "500.00", "USD", company="00010"), "123.45").key


def with_a_discount_and_a_write_off(book: Book) -> str:
    invoice = issue(book, "100.00")
    line = Application(invoice.key, 9000, (("discount", 300), ("write_off", 700)), "WR")
    return book.receive([line], company=invoice.company, customer=invoice.customer, currency=invoice.currency,
                        method="transfer", reference="CHK 1").key  # fmt: skip


@pytest.mark.parametrize("paid", [in_full, in_part_and_abroad, with_a_discount_and_a_write_off])
def test_what_is_voided_is_read_as_the_site_holds_it(small: Site, paid: Callable[[Book], str]) -> None:
    with small.simulator.act() as book:
        book.reverse(paid(book))
    streams: tuple[Stream, ...] = ("payment", "allocation")
    for stream in streams:
        assert differences(stream, small.simulator.given(stream), read(small, stream)) == []


def test_the_reason_of_each_application_stays_its_own(small: Site) -> None:
    with small.simulator.act() as book:
        book.reverse(with_a_discount_and_a_write_off(book))

    def reasons(rows: list[Row]) -> set[tuple[Any, ...]]:
        return {(row["payment"], row["kind"], row.get("reason")) for row in rows if row["kind"] != "fx"}

    assert reasons(list(small.simulator.given("allocation"))) == reasons(read(small, "allocation"))


def test_a_void_has_nothing_unapplied_and_names_why_the_receipt_went_back() -> None:
    payment, void = payments(VDGJ=126088, VRE="NSF")
    assert (payment["reference"], payment["unapplied_amount"]) == ("CHK 1", Decimal(100))
    assert (void["reference"], void["unapplied_amount"]) == ("NSF", Decimal(0))
    assert payments(VDGJ=126088)[1]["reference"] == "CHK 1"


@pytest.mark.parametrize(
    ("line", "payment"),
    [
        ({}, "77"),
        ({"PAAP": 100_000, "VDGJ": 126088}, "77|void"),
        ({"PAAP": 0, "ADSA": 300, "VDGJ": 126088}, "77|void"),
        ({"PAAP": -100_000, "VDGJ": 126088}, "77"),  # a site that stamps the application as well
        ({"DCT": "RM", "PAAP": -60_000, "VDGJ": 126088}, "77|void"),
    ],
)
def test_an_application_that_is_taken_back_belongs_to_the_void(line: dict[str, Any], payment: str) -> None:
    assert {row["payment"] for row in allocations(**line)} == {payment}


def test_amounts_with_their_decimals_tell_a_void_as_well() -> None:
    mapping = AllocationMapping(settled(amounts="plain"), "negative")
    line = {"PYID": 77, "RC5": 3, "KCO": "00001", "DCT": "RI", "DOC": 1001, "SFX": "001", "CO": "00001", "BCRC": "EUR",
            "DMTJ": 126080, "CRRM": "D", "PAAP": Decimal("100.25"), "VDGJ": 126088}  # fmt: skip
    rows, bad = mapping.rows([raw(tables.ALLOCATION, **line)])
    assert (bad, [(row["payment"], row["amount"]) for row in rows]) == ([], [("77|void", Decimal("-100.25"))])


def test_a_credit_that_is_netted_is_read_as_one(small: Site) -> None:
    with small.simulator.act() as book:
        invoice = issue(book, "100.00")
        credit = issue(book, "-40.00", kind="credit_note", customer=book.customers[invoice.customer])
        book.net(credit.key, invoice.key, 4000)
    assert differences("allocation", small.simulator.given("allocation"), read(small, "allocation")) == []
    kinds = [(row["kind"], row["amount"]) for row in read(small, "allocation")]
    assert {("credit", Decimal(40)), ("credit", Decimal(-40))} <= set(kinds)
