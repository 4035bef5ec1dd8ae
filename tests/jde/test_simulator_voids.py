"""A receipt that is voided is two payments, each with its own applications, as the simulated site holds them."""

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
from duehook.core.testing.contract.scenes import issue, pay
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.sources import JdePayments

from .simulated import Site, small
from .test_mapping import allocations, payments


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
