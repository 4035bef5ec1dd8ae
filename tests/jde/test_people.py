"""A customer's collector and credit manager are read by code, with the names that stand behind the codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from duehook.plugins.jde import tables
from duehook.plugins.jde.sources import JdeCustomers

from .ledger import Ledger, read, rows


def customer(ledger: Ledger, **settings: Any) -> dict[str, Any]:
    source = JdeCustomers(ledger.settings(**settings))
    (row,) = [row for row in rows(read(source, "customer")) if row["key"] == "5000"]
    source.close()
    return row


@pytest.fixture
def named(ledger: Ledger) -> Ledger:
    """Give a ledger with one customer in good hands, and the codes of these."""
    ledger.customer(5000, CLMG="KLEIN", CMGR="HAYES")
    for kind, code, name in (("CL", "KLEIN", "Petra Klein"), ("CR", "HAYES", "Paul Hayes"), ("XX", "KLEIN", "Else")):
        ledger.add(tables.CODE, SY="01", RT=kind, KY=code.rjust(10), DL01=name)
    return ledger


def test_codes_are_told_with_their_names(named: Ledger) -> None:
    row = customer(named)
    assert (row["collector"], row["credit_manager"]) == ("KLEIN", "HAYES")
    assert (row["extra"]["collector_name"], row["extra"]["credit_manager_name"]) == ("Petra Klein", "Paul Hayes")


def test_a_site_may_keep_its_names_in_another_list_or_in_none(named: Ledger) -> None:
    row = customer(named, collector_codes="01/XX", credit_manager_codes=None)
    assert row["extra"]["collector_name"] == "Else"
    assert (row["credit_manager"], "credit_manager_name" in row["extra"]) == ("HAYES", False)


def test_a_code_that_no_list_knows_stays_a_code(ledger: Ledger) -> None:
    ledger.customer(5000, CLMG="KLEIN")
    row = customer(ledger)
    assert (row["collector"], "collector_name" in row["extra"]) == ("KLEIN", False)


def test_customers_are_read_where_the_codes_may_not_be(named: Ledger) -> None:
    named.database.execute('DROP TABLE "F0005"')
    row = customer(named)
    assert (row["collector"], "collector_name" in row["extra"]) == ("KLEIN", False)


def test_the_sites_own_file_wins(named: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "fields.yaml"
    file.write_text("fields: {customer: {credit_manager: AICLMG}}\ncodes: {collector: {codes: {KLEIN: Frau Klein}}}\n")
    row = customer(named, mapping=str(file))
    assert (row["credit_manager"], row["extra"]["collector_name"]) == ("KLEIN", "Frau Klein")


def test_a_list_that_cannot_be_one_is_a_wrong_setting(ledger: Ledger) -> None:
    with pytest.raises(ValidationError, match="collector_codes"):
        ledger.settings(collector_codes="01CL")
