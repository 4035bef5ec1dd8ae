"""What tells a customer for one party with another ERP's: read where it is asked for, accounts only as hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from duehook.core.testing.contract.loading import load_plugins
from duehook.core.testing.contract.under_test import Connector
from duehook.plugins.sap.simulator.codes import SITE_SETTINGS

from .simulated import PARTNERS, Site, served

PLUGINS = load_plugins(())
BOTH = {"party.bank_accounts": "true", "party.duns_type": "ZDUNS"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path, items=0) as made:
        yield made


@contextmanager
def connected(site: Site, more: Mapping[str, str]) -> Iterator[Connector]:
    connector = Connector(PLUGINS, "sap", {**site.settings, **SITE_SETTINGS, **more}, "/")
    yield connector
    connector.close()


def extras(site: Site, more: Mapping[str, str]) -> dict[str, Any]:
    with connected(site, more) as connector:
        return {row["key"]: row.get("extra") for row in connector.rows("customer")}


def ibans(site: Site) -> dict[str, str]:
    """Return the IBANs that SAP holds, by business partner."""
    return {row["BusinessPartner"]: row["IBAN"] for row in site.get(PARTNERS, "A_BusinessPartnerBank")}


def partners(site: Site) -> dict[str, str]:
    """Return the business partners of the customers."""
    rows = site.get(PARTNERS, "A_BusinessPartner", filter="Customer ne ''")
    return {row["Customer"]: row["BusinessPartner"] for row in rows}


def test_nothing_of_it_is_read_unless_it_is_asked_for(site: Site) -> None:
    assert set(extras(site, {}).values()) == {None}
    read = {entry.path.rpartition("/")[2] for entry in site.simulator.log}
    assert not {"A_BusinessPartnerBank", "A_BuPaIdentification"} & read


def test_a_bank_account_is_kept_as_the_hash_of_its_iban_alone(site: Site) -> None:
    found, held = extras(site, {"party.bank_accounts": "true"}), ibans(site)
    for customer, partner in partners(site).items():
        iban = held.get(partner)
        hashes = [hashlib.sha256(iban.encode()).hexdigest()] if iban else None
        assert found[customer] == ({"bank_accounts": hashes} if hashes else None)
    assert any(held.values())
    assert "" in held.values()  # an account of a country without IBANs tells nothing


def test_a_duns_number_is_the_identification_of_the_type_that_the_site_names(site: Site) -> None:
    found = extras(site, {"party.duns_type": "ZDUNS"})
    assert found == {customer: {"duns": str(300_000_000 + int(customer))} for customer in found}
    assert found


def test_a_type_that_nobody_has_tells_nothing(site: Site) -> None:
    assert set(extras(site, {"party.duns_type": "BUP001"}).values()) == {None}


def test_check_tries_what_is_asked_for(site: Site) -> None:
    with connected(site, BOTH) as connector:
        told = {each.subject: each.ok for each in connector.source("customer").check()}
    assert told[f"{PARTNERS}: A_BusinessPartnerBank"]
    assert told[f"{PARTNERS}: A_BuPaIdentification"]
