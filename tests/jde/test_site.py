"""The JDE connector on the simulated site: everything read is valid and adds up, every write lands once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.hookspecs import Command, ConnectionConfig, Position, Row
from duehook.core.plugins import Plugins
from duehook.core.records import RECORDS, Stream
from duehook.core.testing.faults import FaultKind
from duehook.plugins import jde
from duehook.plugins.jde.settings import CodeLists, JdeSettings
from duehook.plugins.jde.simulator import JdeSimulator
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource
from duehook.plugins.jde.target import JdeTarget

SOURCES: tuple[type[JdeSource], ...] = (JdeCustomers, JdeContacts, JdeInvoices, JdePayments)


@pytest.fixture(params=["sqlite", "postgresql"])
def simulator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JdeSimulator]:
    url = request.getfixturevalue("pg_url") if request.param == "postgresql" else None
    running = JdeSimulator({"folder": str(tmp_path), "customers": 25, "items": 200, "database_url": url})
    yield running
    running.stop()


@pytest.fixture
def settings(simulator: JdeSimulator) -> JdeSettings:
    flat = {**simulator.start(), "ais.calls_per_second": 1000, "ais.read_seconds": 2, "page_size": 70}
    return JdeSettings.model_validate(flat)


def read(source: JdeSource, stream: Stream) -> list[Row]:
    rows: list[Row] = []
    for page in source.read(stream, None, source.upper_bound()):
        assert not page.bad
        rows += [dict(RECORDS[stream].model_validate(row)) for row in page.rows]
    return rows


def test_all_of_a_site_is_read_and_adds_up(settings: JdeSettings) -> None:
    found: dict[Stream, list[Row]] = {}
    for kind in SOURCES:
        source = kind(settings)
        assert [finding.subject for finding in source.check() if not finding.ok and finding.severity == "error"] == []
        assert list(source.discover())
        found |= {stream: read(source, stream) for stream in source.streams}
        source.close()
    assert {stream: bool(rows) for stream, rows in found.items()} == dict.fromkeys(RECORDS, True)
    settled: dict[str, Decimal] = defaultdict(Decimal)
    for allocation in found["allocation"]:
        settled[allocation["item"]] += allocation["amount"]
    wrong = [row["key"] for row in found["item"] if row["amount"] - row["open_amount"] != settled[row["key"]]]
    assert wrong == []
    invoices = JdeInvoices(settings)
    totals = [total for page in invoices.totals(invoices.upper_bound()) for total in page]
    assert {total.document: total.open_amount for total in totals if total.open_amount} == {
        row["key"]: row["open_amount"] for row in found["item"] if row["open_amount"]
    }
    assert sorted(key for page in invoices.keys("item") for _, key in page.keys) == sorted(t.document for t in totals)
    invoices.close()


def test_what_changed_each_day_keeps_the_copy_equal_to_the_source(
    simulator: JdeSimulator, settings: JdeSettings
) -> None:
    source = JdeInvoices(settings)
    position: Position | None = None
    copy: dict[str, Decimal] = {}
    read_in_all = 0
    for day in range(6):
        simulator.advance_to(date(2026, 3, 3) + timedelta(days=day))
        bound = source.upper_bound()
        for page in source.read("item", position, bound):
            position = page.position
            copy |= {row["key"]: row["open_amount"] for row in page.rows}
            read_in_all += len(page.rows)
        totals = {total.document: total for page in source.totals(bound) for total in page}
        assert {key: total.open_amount for key, total in totals.items()} == {key: copy[key] for key in totals}
        assert [key for key, left in copy.items() if left and key not in totals] == []
        assert not any(total.changed_past_bound for total in totals.values())
    assert read_in_all < 2 * len(copy), "only what changed was read again"
    source.close()


def first_customer(settings: JdeSettings) -> tuple[str, str]:
    """Return a company and a customer without a hold code."""
    source = JdeCustomers(settings)
    rows = read(source, "customer")
    source.close()
    row = next(row for row in rows if row["hold"] is None and row["company"])
    return row["company"], row["key"]


def test_a_note_and_a_hold_go_there_and_back(settings: JdeSettings) -> None:
    company, customer = first_customer(settings)
    target = JdeTarget(settings)
    note = Command("add_note", "n", company, customer, body={"text": "Level 1 sent"})
    assert [target.apply(note).outcome, target.apply(note).outcome, target.verify(note).outcome] == [
        "done", "already", "done",
    ]  # fmt: skip
    hold = Command("set_credit_hold", "h", company, customer, body={"value": "C1", "expect": None})
    assert target.apply(hold).outcome == "done"
    assert target.current_hold(company, customer) == "C1"
    other = Command("set_credit_hold", "o", company, customer, body={"value": "C2", "expect": None})
    assert target.apply(other).outcome == "refused"
    release = Command("release_credit_hold", "r", company, customer, body={"value": "C1", "restore": None})
    assert target.apply(release).outcome == "done"
    assert target.current_hold(company, customer) is None
    target.close()


@pytest.mark.parametrize(
    ("kind", "path", "status", "outcome"),
    [
        ("lost_reply", "addtext", 500, "unknown"),
        ("html", "addtext", 500, "unknown"),
        ("garbage", "addtext", 500, "unknown"),
        ("status", "addtext", 500, "unknown"),
        ("status", "addtext", 403, "refused"),
        ("status", "addtext", 444, "done"),
        ("status", "gettext", 444, "done"),
        ("status", "gettext", 503, "done"),
    ],
)
def test_whatever_goes_wrong_a_note_is_there_once_in_the_end(
    simulator: JdeSimulator, settings: JdeSettings, kind: FaultKind, path: str, status: int, outcome: str
) -> None:
    company, customer = first_customer(settings)
    target = JdeTarget(settings)
    simulator.faults.set(kind, path, status=status)
    note = Command("add_note", "n", company, customer, body={"text": "Level 1 sent"})
    applied = target.apply(note)
    assert applied.outcome == outcome, applied
    simulator.faults.clear()
    if target.verify(note).outcome == "refused":
        assert target.apply(note).outcome == "done"
    assert target.verify(note).outcome == "done"
    assert [text["sequence"] for text in target._ais.notes(customer)["textAttachments"]] == [1]
    target.close()


def test_the_hooks_give_the_sources_the_target_and_the_simulator(settings: JdeSettings, tmp_path: Path) -> None:
    plugins = Plugins.of(jde=jde)
    assert plugins.connection_settings("jde") is JdeSettings
    connection = ConnectionConfig("erp", "jde", settings, str(tmp_path))
    given = (
        plugins.customer_source(connection),
        plugins.contact_source(connection),
        plugins.invoice_source(connection),
        plugins.payment_source(connection),
    )
    assert [source.streams for source in given if source] == [kind.streams for kind in SOURCES]
    target = plugins.write_back_target(connection)
    assert target is not None
    assert "add_note" in target.capabilities
    silent = replace(connection, settings=settings.model_copy(update={"ais": None}))
    assert plugins.write_back_target(silent) is None
    assert isinstance(plugins.simulator("jde", {"folder": str(tmp_path)}), JdeSimulator)
    assert jde.connection_settings("sap") is None
    assert jde.give_simulator("sap", {}) is None
    for held in (*given, target):
        if held:
            held.close()


def test_settings_of_another_type_are_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="not JdeSettings"):
        jde.invoice_source(ConnectionConfig("erp", "jde", CodeLists(), str(tmp_path)))
