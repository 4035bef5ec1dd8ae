"""The template beside what the kit looks at: its messages, and answers that no server of its own would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import ConnectionConfig, Lookup, UpperBound
from duehook.core.scaffold import connector
from duehook.core.scaffold.connector.mapping import id_of, mapped, name_of, total
from duehook.core.scaffold.connector.settings import AcmeSettings
from duehook.core.scaffold.connector.simulator import AcmeSimulator
from duehook.core.scaffold.connector.sources import AcmeSource
from duehook.core.testing.simulator import Reply, Request, json_reply

INVOICE = {
    "id": "7", "company": "00010", "customer": "1001", "type": "INV", "class": "N", "currency": "EUR",
    "amount": "10.50", "open": "4.25", "number": "7", "date": "2026-03-02", "changed": "2026-03-02T06:00:00+00:00",
}  # fmt: skip
BOUND = UpperBound({"now": "2026-03-02T23:45:00+00:00"}, datetime(2026, 3, 2, 23, 45, tzinfo=UTC))


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[AcmeSimulator]:
    made = AcmeSimulator({"folder": str(tmp_path), "customers": 3, "items": 5, "start_on": date(2026, 3, 2)})
    yield made
    made.stop()


@pytest.fixture
def invoices(erp: AcmeSimulator) -> Iterator[Callable[..., AcmeSource]]:
    opened: list[AcmeSource] = []

    def source(**other: Any) -> AcmeSource:
        settings = {**erp.start(), **other} if not opened else other
        opened.append(AcmeSource(AcmeSettings.model_validate(settings), "erp", ("item",)))
        return opened[-1]

    yield source
    for each in opened:
        each.close()


def test_a_row_is_mapped_by_the_table_and_nothing_else() -> None:
    rows, bad = mapped("item", [INVOICE])
    assert bad == []
    assert rows == [
        {
            "company": "00010",
            "key": "7",
            "customer": "1001",
            "kind": "invoice",
            "item_class": "normal",
            "currency": "EUR",
            "amount": Decimal("10.50"),
            "open_amount": Decimal("4.25"),
            "document_no": "7",
            "document_on": date(2026, 3, 2),
            "changed_at": datetime(2026, 3, 2, 6, tzinfo=UTC),
        }
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "XYZ"),
        ("date", "2026-02-31"),
        ("amount", "ten"),
        ("amount", {"value": "10"}),
        ("number", 7),
        ("year", "MMXXVI"),
        ("address", "1 High Street"),
        ("changed", 0.5),
    ],
)
def test_what_cannot_be_read_is_named_and_the_other_rows_are_read(field: str, value: Any) -> None:
    rows, bad = mapped("item", [{**INVOICE, field: value}, {**INVOICE, "id": "8"}])
    assert [row["key"] for row in rows] == ["8"]
    assert [(each.key, each.reason) for each in bad] == [("7", f"{field} is {value!r}, which the mapping cannot read.")]
    assert bad[0].payload["id"] == "7"


def test_a_total_says_when_its_invoice_changed_past_the_bound() -> None:
    early, late = (total({**INVOICE, "changed": f"2026-03-02T{time}+00:00"}, BOUND.at) for time in ("23:45", "23:46"))
    assert (early.open_amount, early.changed_past_bound, late.changed_past_bound) == (Decimal("4.25"), False, True)


@pytest.mark.parametrize(("company", "told"), [("00010", "1001@00010"), ("", "1001")])
def test_a_customers_id_names_it_in_one_company(company: str, told: str) -> None:
    assert id_of("customer", (company, "1001")) == told
    assert name_of("customer", {"id": told, "number": "1001", "company": company or None}) == (company, "1001")


def test_a_key_that_is_refused_is_told_with_the_setting_to_correct(invoices: Callable[..., AcmeSource]) -> None:
    with pytest.raises(ConnectorRefused, match=r"does not know the key of connection erp \(401\)") as raised:
        invoices(api_key="another").upper_bound()
    assert raised.value.fix == "correct its `api_key`."


@pytest.mark.parametrize("position", [{}, {"start": None}, {"start": "yesterday", "done": True}, {"after": "7"}])
def test_a_position_of_something_else_is_refused(position: dict[str, Any], invoices: Callable[..., AcmeSource]) -> None:
    with pytest.raises(ConnectorGarbled, match=r"none of this connector's. Fix: run `duehook import --full`"):
        next(invoices().read("item", position, BOUND))


@pytest.mark.parametrize(
    "page",
    [
        [],
        {"rows": []},
        {"self": "another=question", "left": 0, "rows": []},
        {"left": 1, "rows": []},
        {"left": 2, "rows": [{"id": "2"}, {"id": "1"}]},
        {"left": 2, "rows": [{"id": "1"}, {"id": "1"}]},
        {"left": 1, "rows": [{"id": 1}]},
        {"left": 1, "rows": ["row"]},
    ],
)
def test_an_answer_that_is_no_whole_page_is_refused(
    page: Any, erp: AcmeSimulator, invoices: Callable[..., AcmeSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Request) -> Reply:
        return json_reply({"self": request.query, **page} if isinstance(page, dict) else page)

    monkeypatch.setattr(erp, "answer", answer)
    with pytest.raises(ConnectorGarbled, match="page of invoices behind the start repeats, lacks or mixes rows"):
        list(invoices().keys("item"))


def test_an_answer_without_a_time_is_no_clock(
    erp: AcmeSimulator, invoices: Callable[..., AcmeSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = invoices()
    monkeypatch.setattr(source._client, "_asked", lambda *_: type("Reply", (), {"headers": {}}))
    with pytest.raises(ConnectorGarbled, match="Acme's answer bears no time: ''. Fix: see that no proxy"):
        source.upper_bound()


def test_many_keys_are_looked_up_in_addresses_that_servers_take(
    erp: AcmeSimulator, invoices: Callable[..., AcmeSource]
) -> None:
    source = invoices()
    asked = [(row["company"], row["key"]) for row in erp.given("item")]
    unknown = [("00001", f"no-{number}") for number in range(250)]
    found: Lookup = source.lookup("item", [*unknown, *asked])
    assert {(row["company"], row["key"]) for row in found.found} == set(asked)
    assert list(found.missing) == unknown
    assert len(erp.log) == 3


def test_settings_of_another_plugin_are_a_mistake_of_the_caller() -> None:
    class OtherSettings(BaseModel):
        """Nothing of Acme's."""

    with pytest.raises(TypeError, match="connection erp holds OtherSettings, not AcmeSettings"):
        connector.invoice_source(ConnectionConfig("erp", "acme", OtherSettings(), "."))
    assert connector.connection_settings("other") is None
    assert connector.give_simulator("other", {}) is None
