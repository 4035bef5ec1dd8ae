"""Exchange rates: read where their table is named, of each day the last that was made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.testing.contract.compare import differences
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.sources import NetsuiteCustomers

from .connected import Connect, connect, stub
from .simulated import Caller
from .stubbed import Stub

__all__ = ["connect", "stub"]


@pytest.fixture
def table(stub: Stub) -> Stub:
    """Give an account whose table of rates is there."""
    stub.tables.execute(
        "CREATE TABLE currencyrate (id INTEGER, basecurrency, transactioncurrency, effectivedate, exchangerate)"
    )
    return stub


def quote(stub: Stub, number: int, on: str | None = "2026-02-01", rate: str = "1.02", **more: Any) -> None:
    """Make a rate of a euro in dollars."""
    held = {"id": number, "basecurrency": 1, "transactioncurrency": 4, "effectivedate": on, "exchangerate": rate}
    stub.put("currencyrate", **{**held, **more})


def test_one_unit_of_the_foreign_currency_is_so_much_of_the_base(table: Stub, connect: Connect) -> None:
    quote(table, 1)
    quote(table, 2, on="2026-02-02", rate="1.03")
    quote(table, 3, on="2026-02-02", rate="1.04")
    quote(table, 4, transactioncurrency=1, rate="1")
    rows = connect(rates_table="currencyrate").rows("exchange_rate")
    assert [(row["from_currency"], row["to_currency"], row["valid_on"], row["rate"]) for row in rows] == [
        ("EUR", "USD", date(2026, 2, 1), Decimal("1.02")), ("EUR", "USD", date(2026, 2, 2), Decimal("1.04")),
    ]  # fmt: skip


@pytest.mark.parametrize("odd", [{"on": None}, {"rate": "0"}, {"rate": "x"}, {"transactioncurrency": 99}])
def test_a_rate_that_cannot_be_read_spoils_itself_alone(odd: dict[str, Any], table: Stub, connect: Connect) -> None:
    quote(table, 1)
    quote(table, 2, **odd)
    (page,) = connect(rates_table="currencyrate").pages("exchange_rate")
    assert (len(page.rows), [each.key for each in page.bad]) == (1, ["2"])


def test_without_the_setting_no_rate_is_asked_for(table: Stub, connect: Connect) -> None:
    made = connect()
    assert "exchange_rate" not in made.customers.streams
    list(made.customers.check())
    assert [each for each in table.asked if "currencyrate" in each] == []


def test_check_tries_the_table(stub: Stub, connect: Connect) -> None:
    found = {each.subject: each for each in connect(rates_table="currencyrate").customers.check()}
    assert found["read currencyrate"].ok is False


def test_the_rates_of_the_simulated_account_are_read(opened: Callable[..., Caller]) -> None:
    caller = opened(rates=True)
    given = list(caller.simulator.given("exchange_rate"))
    source = NetsuiteCustomers(NetsuiteSettings.model_validate(dict(caller.settings)), "erp")
    rows = [dict(row) for page in source.read("exchange_rate", None, source.upper_bound()) for row in page.rows]
    source.close()
    assert len(given) > 10
    assert differences("exchange_rate", given, rows) == []
