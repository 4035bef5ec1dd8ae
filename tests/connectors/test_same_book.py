"""`duehook same-book`: one book through several connectors, and what is told when they do not hold the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from duehook.core import hookimpl
from duehook.core.cli import main
from duehook.core.context import Actor, Context
from duehook.core.errors import ConfigError, ConnectorDown
from duehook.core.hookspecs import KeyPage, Page, Position, Simulator, Total, UpperBound
from duehook.core.plugins import Plugins
from duehook.core.records import Stream
from duehook.core.runs.same_book import (
    Balance,
    Compared,
    LeftOut,
    Reading,
    SameBook,
    Shape,
    Unlike,
    same_book,
    simulated,
)
from duehook.core.runs.same_book.run import compared
from duehook.core.scaffold import connector as acme
from duehook.core.scaffold.connector.settings import AcmeSettings
from duehook.core.scaffold.connector.simulator import AcmeSimulator
from duehook.core.scaffold.connector.sources import AcmeSource

Out = pytest.CaptureFixture[str]
SHAPE = Shape(customers=5, items=20, seed=1, start_on=date(2026, 3, 2), days=1)
CONTEXT = Context(Actor("person", "ann", "test"), lambda: datetime(2026, 3, 2, 8, tzinfo=UTC), "a-correlation")


def test_jde_sap_and_d365_tie_out_and_hold_the_same_book(capsys: Out) -> None:
    line = ["same-book", "jde", "sap", "d365", "--customers", "200", "--items", "400", "--days", "1", "--json"]
    assert main(line) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(each["connector"], each["same"], each["unexplained"]) for each in found["connectors"]] == [
        ("jde", True, 0),
        ("sap", True, 0),
        ("d365", True, 0),
    ]
    assert sum(each["amount"] != "0" for each in found["book"]["balances"]) > 20
    jde, sap, d365 = found["connectors"]
    assert jde["lacks"] == {"a request log": "the database keeps no list of statements"}
    assert {"company", "payment_term", "exchange_rate"} <= sap["lacks"].keys()
    assert d365["lacks"] == {"allocation": "no standard collection publishes settlements"}
    assert all(step["requests"] for step in sap["steps"] + d365["steps"])
    assert [step["name"] for step in jde["steps"]] == ["first reading", "1 days later", "tie-out"]


def of_acme() -> SameBook:
    return same_book(Plugins.of(acme=acme), ["acme"], SHAPE, CONTEXT)


def test_a_small_book_that_falls_by_a_third_in_days_is_read_on(capsys: Out) -> None:
    line = ["same-book", "jde", "--customers", "60", "--items", "400", "--days", "5", "--json"]
    assert main(line) == 0
    (jde,) = json.loads(capsys.readouterr().out)["connectors"]
    assert (jde["error"], jde["same"]) == (None, True)


def test_what_an_erp_lacks_of_the_book_is_told_with_its_reason_and_is_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AcmeSimulator, "lacks", {"credits": "not asked", "exchange_rate": "it has one currency"})
    found = of_acme()
    assert found.same
    assert found.connectors[0].reading.lacks == {"exchange_rate": "it has one currency"}
    expected = (Balance("00001", "normal", "EUR", Decimal(5)),)
    reading = Reading("acme", balances=expected, left_out=(LeftOut("unposted", 1, "not seen", ()),))
    assert compared(reading, expected).same


def test_a_connector_that_leaves_a_company_out_does_not_hold_the_same_book(monkeypatch: pytest.MonkeyPatch) -> None:
    owing = max(of_acme().balances, key=lambda each: each.amount)
    read, keys, totals = AcmeSource.read, AcmeSource.keys, AcmeSource.totals

    def read_less(self: AcmeSource, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        for page in read(self, stream, position, bound):
            kept = [row for row in page.rows if stream != "item" or row["company"] != owing.company]
            yield replace(page, rows=kept)

    def fewer_totals(self: AcmeSource, bound: UpperBound) -> Iterator[Sequence[Total]]:
        for page in totals(self, bound):
            yield [total for total in page if total.company != owing.company]

    def fewer_keys(self: AcmeSource, stream: Stream) -> Iterator[KeyPage]:
        for page in keys(self, stream):
            yield replace(page, keys=[key for key in page.keys if key[0] != owing.company])

    monkeypatch.setattr(AcmeSource, "read", read_less)
    monkeypatch.setattr(AcmeSource, "totals", fewer_totals)
    monkeypatch.setattr(AcmeSource, "keys", fewer_keys)
    found = of_acme()
    (each,) = found.connectors
    assert each.reading.error is None
    assert each.reading.unexplained == 0, "it ties out with what the connector itself tells"
    assert (owing.company, owing.currency) in {(one.name, one.currency) for one in each.differs}
    assert {one.read for one in each.differs} == {Decimal(0)}
    assert not found.same


def test_a_connector_that_does_not_tie_out_is_not_called_the_same(monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    monkeypatch.setattr(Plugins, "load", lambda *_, **__: Plugins.of(acme=acme))
    monkeypatch.setattr(AcmeSource, "totals", lambda self, bound: iter(()))
    assert main(["same-book", "--customers", "3", "--items", "8", "--days", "0"]) == 1
    told = capsys.readouterr().out
    assert "documents differ from the ERP, which nothing explains." in told
    assert told.endswith("NOT the same: acme.\n")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectorDown("Acme does not answer.", fix="wait."), "Acme does not answer. Fix: wait."),
        (TypeError("no such thing"), "the connector acme failed: TypeError: no such thing."),
    ],
)
def test_a_connector_that_fails_is_named_and_keeps_no_other_back(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    both = Plugins.of(acme=acme, other=Renamed())
    monkeypatch.setattr(Plugins, "load", lambda *_, **__: both)
    monkeypatch.setattr(Renamed, "error", error)
    assert main(["same-book", "other", "acme", "--customers", "3", "--items", "8"]) == 1
    shown = capsys.readouterr().out
    assert f"other: it could not be read: {told.replace('acme failed', 'other failed')}\n" in shown
    assert "NOT the same: other.\n" in shown


class Renamed:
    """A connector whose simulator does not start."""

    error: Exception = RuntimeError("not set")

    @hookimpl
    def connection_settings(self, type: str) -> type[BaseModel] | None:
        return AcmeSettings if type == "other" else None

    @hookimpl
    def simulator(self, type: str, options: Mapping[str, Any]) -> Simulator:
        made = AcmeSimulator(options)

        def start() -> Mapping[str, str]:
            raise self.error

        made.start = start  # type: ignore[method-assign]
        return made


def test_money_under_another_class_is_told_and_the_sum_is_what_counts() -> None:
    reading = Reading("acme", balances=(Balance("00001", "normal", "EUR", Decimal(7)),))
    book = (Balance("00001", "normal", "EUR", Decimal(5)), Balance("00001", "retainage", "EUR", Decimal(2)))
    found = compared(reading, book)
    assert found == Compared(
        reading,
        differs=(),
        other_classes=(
            Unlike("normal", "EUR", Decimal(5), Decimal(7)),
            Unlike("retainage", "EUR", Decimal(2), Decimal(0)),
        ),
    )
    assert found.same


def test_all_connectors_with_a_simulator_over_the_book_are_taken_where_none_is_named() -> None:
    assert simulated(Plugins.load()) == [
        "business_central", "d365", "infor_lx", "infor_m3", "infor_xa", "jde", "jde_world", "netsuite", "oracle_ebs",
        "oracle_fusion", "peoplesoft", "sap", "sap_ecc",
    ]  # fmt: skip


def test_a_connector_that_nobody_offers_is_a_mistake_before_anything_is_read() -> None:
    with pytest.raises(ConfigError, match="no plugin offers the type 'jd': did you mean jde"):
        same_book(Plugins.load(), ["sap", "jd"], SHAPE, CONTEXT)
