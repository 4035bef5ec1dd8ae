"""Customers that were switched off and still owe: read, so that they are dunned as any other; the rest stay away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from duehook.core.records import Stream
from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.testing.sql_ledger import SqlLedgerSimulator
from duehook.plugins.oracle_ebs.simulator import OracleEbsSimulator
from duehook.plugins.peoplesoft.simulator import PeopleSoftSimulator

from .library import Library
from .simulator_site import Site, read, running

OFF = "1013"  # which the simulators switched off


def rows(site: Site, type: str, stream: Stream) -> dict[str, Mapping[str, Any]]:
    """Return the rows of a stream by the customer that they are of."""
    return {row.get("customer", row["key"]): row for row in read(site, type, stream)}


@pytest.mark.parametrize(("type", "kind"), [("oracle_ebs", OracleEbsSimulator), ("peoplesoft", PeopleSoftSimulator)])
def test_a_customer_that_was_switched_off_is_read_while_it_owes(
    type: str, kind: type[SqlLedgerSimulator], tmp_path: Path
) -> None:
    with running(kind, tmp_path) as site:
        assert OFF not in rows(site, type, "customer")
        with site.simulator.act() as book:
            invoice = issue(book, "100.00", customer=book.customers[OFF])
        found = rows(site, type, "customer")[OFF]
        assert (found["name"], found["extra"]["status"]) == (book.customers[OFF].name, "inactive")
        assert "status" not in rows(site, type, "customer")["1001"].get("extra", {})
        with site.simulator.act() as book:
            later(book)
            pay(book, invoice, "100.00")
        assert OFF not in rows(site, type, "customer")


def test_a_customer_of_lx_that_was_deactivated_is_read_with_its_contacts_while_it_owes(library: Library) -> None:
    library.document(1, "10.00", RCUST=1002)
    library.document(2, "10.00", RCUST=1002, rest="0")
    found = {row["key"]: row for row in library.read("customer")}
    assert (found["1002"]["name"], found["1002"]["extra"]) == ("Gone Ltd", {"status": "inactive"})
    assert [row["key"] for row in library.read("contact")] == ["1001|1", "1002|1"]
    library.run("UPDATE RAR SET RREM = 0")
    assert [row["key"] for row in library.read("customer")] == ["1000", "1001"]
    assert [row["key"] for row in library.read("contact")] == ["1001|1"]


def test_a_number_that_was_given_again_is_the_active_customer_alone(library: Library) -> None:
    library.document(1, "10.00", RCUST=1002)
    library.run("INSERT INTO RCM (CMID, CCUST, CNME, CCURR) VALUES ('CM', 1002, 'New Ltd', 'GBP')")
    assert [row["name"] for row in library.read("customer") if row["key"] == "1002"] == ["New Ltd"]
