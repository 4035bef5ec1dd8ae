"""What a connection's settings say, and what is wrong with them."""

from __future__ import annotations

import pytest

from duehook.plugins.business_central.settings import BusinessCentralSettings

from .literal import CRONUS

BASE = {"tenant": "contoso.example", "client_id": "c", "client_secret": "s"}


def settings(**more: object) -> BusinessCentralSettings:
    return BusinessCentralSettings.model_validate({**BASE, **more})


def test_tenant_and_environment_say_where_it_is() -> None:
    made = settings(environment="Production")
    assert made.root == "https://api.businesscentral.dynamics.com/v2.0/contoso.example/Production"
    assert made.sign_in_at == "https://login.microsoftonline.com/contoso.example"
    assert made.scopes == ["https://api.businesscentral.dynamics.com/.default"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "tenant and environment, or base_url"),
        ({"environment": "P", "detailed_entries": "D"}, "read beside ledger_entries"),
        ({"environment": "P", "client_secret": None}, "say how to sign in"),
    ],
)
def test_what_is_missing_is_told(more: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        settings(**more)


def test_companies_are_limited_by_name_or_id_and_their_currencies_said_so_too() -> None:
    made = settings(environment="P", companies=["cronus de"], company_currencies={CRONUS: "EUR", "CRONUS DE": "DKK"})
    assert [made.reads("x", "CRONUS DE"), made.reads("x", "CRONUS UK")] == [True, False]
    assert [made.currency_of(CRONUS, "a"), made.currency_of("x", "CRONUS DE")] == ["EUR", "DKK"]
