"""Lists that begin at a key: each page behind the last, the repeated row dropped, and no end that is not proved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from duehook.core.errors import ConnectorGarbled
from duehook.plugins.infor_m3 import entities
from duehook.plugins.infor_m3.client.listing import pages

from .connector_stub import Asked, Rows, Stub, site_of, stubbed


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed() as served:
        yield served


def customers(stub: Stub, count: int) -> list[str]:
    numbers = [f"Y{number:03}" for number in range(count)]
    stub.answers["CRS610MI/LstByNumber"] = lambda asked: [
        {"CUNO": number} for number in numbers if number >= asked.get("CUNO", "")
    ]
    return numbers


def read(stub: Stub, size: int, start: str | None = None) -> list[str]:
    site = site_of(stub, page_size=size)
    listing = site.listing(entities.CUSTOMER_KEY, "CUNO")
    return [row["CUNO"] for rows in pages(site.service, listing, start) for row in rows]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 10, 11])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_each_row_comes_once(count: int, size: int, stub: Stub) -> None:
    numbers = customers(stub, count)
    assert read(stub, size) == numbers
    assert read(stub, size, "Y001") == numbers[2:] if count > 1 else True


def test_what_fits_a_page_costs_two_requests(stub: Stub) -> None:
    customers(stub, 60)
    read(stub, 1000)
    assert stub.count("CRS610MI/LstByNumber") == 2


@pytest.mark.parametrize("count", [2, 3, 4, 5, 9, 40])
@pytest.mark.parametrize("size", [3, 1000])
def test_answers_that_lose_their_second_half_are_noticed(count: int, size: int, stub: Stub) -> None:
    customers(stub, count)
    whole = stub.answers["CRS610MI/LstByNumber"]

    def half(asked: Asked) -> Rows:
        rows = whole(asked)[: int(asked["maxrecs"])]
        return rows[: len(rows) // 2]

    stub.answers["CRS610MI/LstByNumber"] = half
    with pytest.raises(ConnectorGarbled):
        read(stub, size)


def test_a_server_that_gives_fewer_rows_than_asked_for_loses_none(stub: Stub) -> None:
    numbers = customers(stub, 250)
    whole = stub.answers["CRS610MI/LstByNumber"]
    stub.answers["CRS610MI/LstByNumber"] = lambda asked: whole(asked)[:100]
    assert read(stub, 1000) == numbers


def test_a_page_that_came_before_is_noticed(stub: Stub) -> None:
    numbers = customers(stub, 9)
    stub.answers["CRS610MI/LstByNumber"] = lambda asked: [{"CUNO": number} for number in numbers[:4]]
    with pytest.raises(ConnectorGarbled, match="begin with Y003"):
        read(stub, 3)
