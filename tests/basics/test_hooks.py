"""Every hook is proved with a real plugin, and stands in the reference with its exact signature."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from duehook.core import hookimpl, hookspecs
from duehook.core.context import Actor, Context
from duehook.core.hookspecs import (
    Applied,
    Channel,
    Command,
    CommandKind,
    ConnectionConfig,
    Discovery,
    Finding,
    KeyPage,
    Lookup,
    Message,
    NoticeIssued,
    Page,
    Position,
    Sent,
    Simulator,
    Source,
    SourceCapabilities,
    Target,
    Total,
    UpperBound,
)
from duehook.core.plugins import HOOKS, HoldReason, Plugins
from duehook.core.records import RECORDS, Stream

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "hooks.md"
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
BOUND = UpperBound({"at": "2026-03-02"}, NOW)
ROWS: dict[Stream, dict[str, Any]] = {
    "company": {"company": "1", "name": "Ours", "currency": "EUR"},
    "customer": {"company": "1", "key": "C1", "name": "Theirs"},
    "contact": {"company": "1", "key": "K1", "customer": "C1", "purposes": ["dunning"]},
    "item": {
        "company": "1",
        "key": "I1",
        "customer": "C1",
        "kind": "invoice",
        "currency": "EUR",
        "amount": Decimal("10.00"),
        "open_amount": Decimal("10.00"),
        "document_on": date(2026, 1, 2),
        "document_no": "I1",
    },
    "payment": {
        "company": "1",
        "key": "P1",
        "customer": "C1",
        "currency": "EUR",
        "amount": Decimal("5.00"),
        "received_on": date(2026, 2, 2),
    },
}


class MemoSettings(BaseModel):
    """An ERP that is a memory."""

    path: str
    password: SecretStr | None = None


class Memo:
    """A source of some streams, each with one row."""

    capabilities = SourceCapabilities()

    def __init__(self, *streams: Stream) -> None:
        self.streams = streams

    def check(self) -> Iterable[Finding]:
        return [Finding("memory", True, "is there")]

    def discover(self) -> Iterable[Discovery]:
        return [Discovery("company", "1")]

    def upper_bound(self) -> UpperBound:
        return BOUND

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        yield Page([ROWS[stream]] if position is None else [], {"done": True})

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        yield KeyPage([("1", "I1")], complete=True)

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        return Lookup(found=[ROWS[stream]])

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        yield [Total("1", "I1", "normal", "EUR", Decimal("10.00"))]

    def close(self) -> None:
        return None


class Desk:
    """A target that remembers its notes by the command's key."""

    capabilities: frozenset[CommandKind] = frozenset({"add_note"})

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    def check(self) -> Iterable[Finding]:
        return []

    def preview(self, command: Command) -> str:
        return f"add the note {command.body['text']!r}"

    def apply(self, command: Command) -> Applied:
        if command.key in self.notes:
            return Applied("already")
        self.notes[command.key] = command.body["text"]
        return Applied("done")

    def verify(self, command: Command) -> Applied:
        return Applied("done" if command.key in self.notes else "refused")

    def current_hold(self, company: str, customer: str) -> str | None:
        return None

    def close(self) -> None:
        return None


class Pigeon:
    """A channel that keeps what it was handed."""

    name = "pigeon"
    needs_address = False

    def __init__(self, loft: str) -> None:
        self.loft = loft
        self.flown: list[Message] = []

    def check(self) -> Iterable[Finding]:
        return []

    def send(self, message: Message) -> Sent:
        self.flown.append(message)
        return Sent("sent")

    def close(self) -> None:
        return None


class Pretend:
    """A simulator without servers."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options

    def start(self) -> Mapping[str, str]:
        return {"path": f"{self.options['folder']}/memo"}

    def stop(self) -> None:
        return None


class MemoPlugin:
    """A whole plugin: every hook there is."""

    duehook_api = 1

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    @hookimpl
    def connection_settings(self, type: str) -> type[BaseModel] | None:
        return MemoSettings if type == "memo" else None

    @hookimpl
    def customer_source(self, connection: ConnectionConfig) -> Source | None:
        return Memo("company", "customer")

    @hookimpl
    def contact_source(self, connection: ConnectionConfig) -> Source | None:
        return Memo("contact")

    @hookimpl
    def invoice_source(self, connection: ConnectionConfig) -> Source | None:
        return Memo("item")

    @hookimpl
    def payment_source(self, connection: ConnectionConfig) -> Source | None:
        return Memo("payment")

    @hookimpl
    def write_back_target(self, connection: ConnectionConfig) -> Target | None:
        return Desk()

    @hookimpl
    def simulator(self, type: str, options: Mapping[str, Any]) -> Simulator | None:
        return Pretend(options) if type == "memo" else None

    @hookimpl
    def channel(self, name: str, settings: Mapping[str, Any]) -> Channel | None:
        return Pigeon(settings["loft"]) if name == "pigeon" else None

    @hookimpl
    def hold_reason(self, debtors: Sequence[Mapping[str, Any]], as_of: date) -> Mapping[str, str] | None:
        return {each["key"]: "on holiday" for each in debtors if each["total"] > 100}

    @hookimpl
    def notice_issued(self, notice: NoticeIssued, context: Context) -> None:
        self.heard.append((notice.number, context.correlation_id))


@pytest.fixture
def plugin() -> MemoPlugin:
    """Give the plugin alone."""
    return MemoPlugin()


@pytest.fixture
def plugins(plugin: MemoPlugin) -> Plugins:
    """Give it loaded beside one that offers nothing."""
    return Plugins.of(memo=plugin, bystander=object())


@pytest.fixture
def connection() -> ConnectionConfig:
    """Give a connection of its type."""
    return ConnectionConfig("main", "memo", MemoSettings(path="x"), ".")


def assert_reads(source: Source | None, *streams: Stream) -> None:
    """Read each stream whole, validate it, and go on behind it."""
    assert source is not None
    assert source.streams == streams
    for stream in streams:
        (page,) = source.read(stream, None, BOUND)
        assert [RECORDS[stream].model_validate(row) for row in page.rows]
        (rest,) = source.read(stream, page.position, source.upper_bound())
        assert (rest.rows, rest.position) == ([], {"done": True})


def test_hook_customer_source(plugins: Plugins, connection: ConnectionConfig) -> None:
    assert_reads(plugins.customer_source(connection), "company", "customer")


def test_hook_contact_source(plugins: Plugins, connection: ConnectionConfig) -> None:
    assert_reads(plugins.contact_source(connection), "contact")


def test_hook_invoice_source(plugins: Plugins, connection: ConnectionConfig) -> None:
    source = plugins.invoice_source(connection)
    assert_reads(source, "item")
    assert source is not None
    (totals,) = source.totals(BOUND)
    assert [(each.document, each.open_amount) for each in totals] == [("I1", Decimal("10.00"))]


def test_hook_payment_source(plugins: Plugins, connection: ConnectionConfig) -> None:
    assert_reads(plugins.payment_source(connection), "payment")


def test_hook_write_back_target(plugins: Plugins, connection: ConnectionConfig) -> None:
    target = plugins.write_back_target(connection)
    assert target is not None
    note = Command("add_note", "k1", "1", "C1", body={"text": "called"})
    assert target.preview(note) == "add the note 'called'"
    assert [target.apply(note).outcome, target.apply(note).outcome] == ["done", "already"]
    assert target.verify(note).outcome == "done"


def test_hook_connection_settings(plugins: Plugins) -> None:
    assert plugins.connection_settings("memo") is MemoSettings
    assert plugins.connection_types() == {"memo": MemoSettings}


def test_hook_simulator(plugins: Plugins) -> None:
    simulator = plugins.simulator("memo", {"folder": "here"})
    assert simulator.start() == {"path": "here/memo"}
    simulator.stop()


def test_hook_channel(plugins: Plugins) -> None:
    channel = plugins.channel("pigeon", {"loft": "roof"})
    assert channel.send(Message("<1@x>", b"%PDF", "a@x", (), "1.pdf")).outcome == "sent"


def test_hook_hold_reason(plugins: Plugins) -> None:
    batch = [{"key": "C1", "company": "1", "total": Decimal(50)}, {"key": "C2", "company": "1", "total": Decimal(101)}]
    assert plugins.hold_reasons(batch, date(2026, 3, 2)) == {"C2": HoldReason("memo", "on holiday")}


def test_hook_notice_issued(plugins: Plugins, plugin: MemoPlugin) -> None:
    notice = NoticeIssued("N1", "1", "C1", "EUR", 1, Decimal(10), date(2026, 3, 2))
    plugins.notice_issued(notice, Context(Actor("engine", "deliver", "schedule"), lambda: NOW, "id-9"))
    assert plugin.heard == [("N1", "id-9")]


def specs() -> dict[str, str]:
    """Return each hook's signature as its source has it."""
    tree = ast.parse(inspect.getsource(hookspecs))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        node.name: f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"
        for node in functions
        if node.returns and "hookspec" in map(ast.unparse, node.decorator_list)
    }


def test_every_hook_has_its_test() -> None:
    assert set(specs()) == set(HOOKS)
    assert [name for name in specs() if f"test_hook_{name}" not in globals()] == []


@pytest.mark.parametrize("name", specs())
def test_every_hook_stands_in_the_reference_with_its_signature(name: str) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert f"## {name}\n\n```python\n{specs()[name]}\n```\n" in text


@pytest.mark.parametrize("name", specs())
def test_every_hook_has_a_contract(name: str) -> None:
    assert getattr(hookspecs, name).__doc__
