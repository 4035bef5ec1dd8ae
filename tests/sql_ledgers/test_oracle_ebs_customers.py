"""Customers of E-Business Suite: billed where they are billed, stopped where Oracle stops, read when they changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from duehook.core.testing.contract.scenes.acts import issue
from duehook.core.wire.sql import OdbcClient
from duehook.plugins.oracle_ebs.simulator import OracleEbsSimulator

from .simulator_site import START, Site, read, running, source_of

TYPE: Final = "oracle_ebs"
WHOM: Final = "1005"  # a customer with a dock (account site 10050) beside the place where it is billed (10051)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(OracleEbsSimulator, tmp_path) as made:
        yield made


def customer(site: Site, key: str = WHOM, **more: Any) -> Mapping[str, Any]:
    """Read one customer."""
    return next(row for row in read(site, TYPE, "customer", **more) if row["key"] == key)


def test_the_address_is_the_one_that_is_billed_and_not_a_dock_that_was_there_before(site: Site) -> None:
    uses = (
        "SELECT CUST_ACCT_SITE_ID, SITE_USE_CODE, PRIMARY_FLAG FROM HZ_CUST_SITE_USES_ALL "
        "WHERE CUST_ACCT_SITE_ID IN (10050, 10051)"
    )
    assert sorted(site.select(uses)) == [(10050, "BILL_TO", "N"), (10050, "SHIP_TO", "Y"), (10051, "BILL_TO", "Y")]
    assert customer(site)["address"]["lines"] == (site.simulator.book.customers[WHOM].street,)


@pytest.mark.parametrize("flaw", ["STATUS = 'I'", "SITE_USE_CODE = 'DUN'", "PRIMARY_FLAG = 'N'"])
def test_where_no_site_is_billed_first_the_lowest_that_is_billed_counts(flaw: str, site: Site) -> None:
    site.connection.execute(f"UPDATE HZ_CUST_SITE_USES_ALL SET {flaw} WHERE SITE_USE_ID = 10051")
    assert customer(site)["address"]["lines"] == ("9 Dock Road",)


def test_an_account_site_that_was_switched_off_is_billed_no_more(site: Site) -> None:
    site.connection.execute("UPDATE HZ_CUST_ACCT_SITES_ALL SET STATUS = 'I' WHERE CUST_ACCT_SITE_ID = 10051")
    assert customer(site)["address"]["lines"] == ("9 Dock Road",)


def test_a_customer_that_is_billed_nowhere_has_no_address(site: Site) -> None:
    site.connection.execute("UPDATE HZ_CUST_SITE_USES_ALL SET STATUS = 'I' WHERE SITE_USE_CODE = 'BILL_TO'")
    assert customer(site).keys().isdisjoint({"address", "country"})


def test_the_address_is_of_the_operating_units_of_the_settings(site: Site) -> None:
    site.connection.execute("UPDATE HZ_CUST_SITE_USES_ALL SET ORG_ID = 77 WHERE SITE_USE_ID = 10052")
    assert customer(site, org_ids=[77])["address"]["lines"] == ("9 Dock Road",)
    assert "address" not in customer(site, "1001", org_ids=[77])


def test_a_profile_that_wants_no_dunning_letters_is_a_dunning_block(site: Site) -> None:
    assert "dunning_block" not in customer(site)
    site.connection.execute(
        "UPDATE HZ_CUSTOMER_PROFILES SET DUNNING_LETTERS = 'N' WHERE CUST_ACCOUNT_ID = 1005 AND SITE_USE_ID IS NULL"
    )
    assert customer(site)["dunning_block"] == "N"
    site.connection.execute("UPDATE HZ_CUSTOMER_PROFILES SET DUNNING_LETTERS = NULL WHERE CUST_ACCOUNT_ID = 1005")
    assert "dunning_block" not in customer(site)


def changed(site: Site, position: dict[str, Any] | None = None, **more: Any) -> tuple[list[str], dict[str, Any]]:
    """Read what changed since a position; return the keys and the position after it."""
    source = source_of(site, TYPE, "customer", **more)
    try:
        pages = list(source.read("customer", position, source.upper_bound()))
        return [row["key"] for page in pages for row in page.rows], dict(pages[-1].position)
    finally:
        source.close()


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("HZ_CUST_ACCOUNTS", "CUST_ACCOUNT_ID = 1005"),
        ("HZ_PARTIES", "PARTY_ID = 5001005"),
        ("HZ_CUSTOMER_PROFILES", "CUST_ACCOUNT_ID = 1005"),
        ("HZ_CUST_PROFILE_AMTS", "CUST_ACCOUNT_ID = 1005"),
        ("HZ_PARTY_SITES", "PARTY_SITE_ID = 10051"),
        ("HZ_LOCATIONS", "LOCATION_ID = 10051"),
        ("HZ_CUST_ACCT_SITES_ALL", "CUST_ACCT_SITE_ID = 10050"),
        ("HZ_CUST_SITE_USES_ALL", "SITE_USE_ID = 10052"),
    ],
)
def test_what_changed_of_a_customer_in_whichever_table_is_read_by_the_next_reading(
    table: str, where: str, site: Site
) -> None:
    with site.simulator.act() as book:
        book.set_limit(WHOM, 5000)
    _, position = changed(site)
    site.simulator.advance_to(START + timedelta(days=9))
    _, position = changed(site, position)
    site.connection.execute(f"UPDATE {table} SET LAST_UPDATE_DATE = '2026-03-11 10:00:00' WHERE {where}")
    assert changed(site, position)[0] == [WHOM]


def test_customers_that_did_not_change_cost_one_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    rows = OdbcClient.rows

    def counted(client: OdbcClient, statement: Any, *, about: str) -> Any:
        asked.append(about)
        return rows(client, statement, about=about)

    everyone, position = changed(site, page_size=5)
    site.simulator.advance_to(START + timedelta(days=9))
    _, position = changed(site, position, page_size=5)
    site.connection.execute("UPDATE HZ_CUST_ACCOUNTS SET LAST_UPDATE_DATE = '2026-01-01 00:00:00'")
    monkeypatch.setattr(OdbcClient, "rows", counted)
    found, _ = changed(site, position, page_size=5)
    assert (len(everyone), found, asked.count("HZ_CUST_ACCOUNTS")) == (19, [], 1)


def test_a_customer_that_was_switched_off_is_read_when_it_owes_again_though_nothing_of_it_changed(site: Site) -> None:
    _, position = changed(site)
    site.simulator.advance_to(START + timedelta(days=9))
    _, position = changed(site, position)
    with site.simulator.act() as book:
        issue(book, "100.00", customer=book.customers["1013"])
    assert changed(site, position)[0] == ["1013"]


def test_the_latest_of_the_stamps_says_when_a_customer_changed(site: Site) -> None:
    site.connection.execute("UPDATE HZ_LOCATIONS SET LAST_UPDATE_DATE = '2026-03-02 10:00:00'")
    site.connection.execute("UPDATE HZ_PARTIES SET LAST_UPDATE_DATE = '2026-03-02 11:00:00' WHERE PARTY_ID = 5001005")
    assert f"{customer(site)['changed_at']:%d %H:%M}" == "02 11:00"
    site.connection.execute("UPDATE HZ_PARTIES SET LAST_UPDATE_DATE = '2026-04-02 11:00:00' WHERE PARTY_ID = 5001005")
    assert WHOM not in changed(site)[0]  # past the bound: the next reading has it
