"""A small ERP in memory that keeps the contracts of source and target, and its plugin.

It stands in for a real one where the job itself is tested: customers, items, notes and holds are
plain mappings a test reads and changes. `down`, `lost_replies` and `refuses` are its moods.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

from pydantic import BaseModel

from duehook.core.context import Context
from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import (
    Applied,
    Command,
    CommandKind,
    ConnectionConfig,
    Discovery,
    Finding,
    KeyPage,
    Lookup,
    NoticeIssued,
    Page,
    Position,
    Row,
    Source,
    SourceCapabilities,
    Target,
    Total,
    UpperBound,
    hookimpl,
)
from duehook.core.records import Stream

COMPANY: Final = "01"
STAMP: Final = datetime(2026, 1, 1, tzinfo=UTC)
PAGE: Final = 4
Key = tuple[str, str]


class ErpCalls(Protocol):
    """What source and target ask of the ERP, be it here or in another process."""

    def now(self) -> datetime: ...

    def rows(self, stream: Stream) -> list[Row]: ...

    def lookup(self, stream: Stream, keys: Sequence[Key]) -> list[Row]: ...

    def note(self, key: str, customer: str, text: str) -> None: ...

    def has_note(self, key: str) -> bool: ...

    def hold_of(self, customer: str) -> str | None: ...

    def set_hold(self, customer: str, value: str | None) -> None: ...


@dataclass
class SmallErp:
    """The ERP's own state. `writes` counts how often a note or hold was really written, by key."""

    at: datetime = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    customers: dict[str, Row] = field(default_factory=dict)
    contacts: dict[str, Row] = field(default_factory=dict)
    items: dict[str, Row] = field(default_factory=dict)
    payments: dict[str, Row] = field(default_factory=dict)
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    holds: dict[str, str] = field(default_factory=dict)
    hold_writes: list[tuple[str, str | None]] = field(default_factory=list)
    down: bool = False
    lost_replies: int = 0
    blind: bool = False
    asked: int = 0

    def customer(self, key: str, **more: Any) -> None:
        """Add a customer with a mail address for dunning."""
        address = {"lines": ("1 High Street",), "postal_code": "1000", "city": "Town", "country": "DE"}
        self.customers[key] = {
            "company": COMPANY,
            "key": key,
            "name": f"Customer {key}",
            "language": "en",
            "address": address,
            "changed_at": STAMP,
            **more,
        }
        self.contacts[f"{key}-1"] = {
            "company": COMPANY,
            "key": f"{key}-1",
            "customer": key,
            "purposes": ("dunning",),
            "email": f"{key.lower()}@debtor.example",
            "changed_at": STAMP,
        }

    def invoice(self, key: str, customer: str, amount: str, due_on: date, **more: Any) -> None:
        """Add an open invoice in EUR."""
        self.items[key] = {
            "company": COMPANY,
            "key": key,
            "customer": customer,
            "kind": "invoice",
            "currency": "EUR",
            "amount": Decimal(amount),
            "open_amount": Decimal(more.pop("open", amount)),
            "document_on": date(2026, 1, 5),
            "due_on": due_on,
            "document_no": key,
            "document_type": "RI",
            "changed_at": STAMP,
            **more,
        }

    def pay(self, key: str, amount: str | None = None) -> None:
        """Let an invoice be paid, in part or in full."""
        row = self.items[key]
        left = Decimal(0) if amount is None else row["open_amount"] - Decimal(amount)
        self.items[key] = {**row, "open_amount": left, "changed_at": self.at}

    def now(self) -> datetime:
        self._answer()
        return self.at

    def rows(self, stream: Stream) -> list[Row]:
        self._answer()
        company = {"company": COMPANY, "name": "Nordwind", "currency": "EUR"}
        known: Mapping[str, Iterable[Row]] = {
            "company": [company],
            "customer": self.customers.values(),
            "contact": self.contacts.values(),
            "item": self.items.values(),
            "payment": self.payments.values(),
        }
        return sorted(known.get(stream, ()), key=lambda row: str(row.get("key", "")))

    def lookup(self, stream: Stream, keys: Sequence[Key]) -> list[Row]:
        self.asked += 1
        wanted = set(keys)
        return [row for row in self.rows(stream) if (row["company"] or "", row.get("key")) in wanted]

    def note(self, key: str, customer: str, text: str) -> None:
        """Write a note, also one that is there already: not to double it is the target's business."""
        self._answer()
        self.notes.append((key, customer, text))
        self._maybe_lose_the_reply()

    def has_note(self, key: str) -> bool:
        return any(known == key for known, _, _ in self.notes)

    def hold_of(self, customer: str) -> str | None:
        self._answer()
        return self.holds.get(customer)

    def set_hold(self, customer: str, value: str | None) -> None:
        self._answer()
        self.hold_writes.append((customer, value))
        if value is None:
            self.holds.pop(customer, None)
        else:
            self.holds[customer] = value
        self.customers[customer] = {**self.customers[customer], "hold": value, "changed_at": self.at}
        self._maybe_lose_the_reply()

    def _answer(self) -> None:
        if self.down:
            raise ConnectorDown("the ERP does not answer")

    def _maybe_lose_the_reply(self) -> None:
        if self.lost_replies:
            self.lost_replies -= 1
            raise TimeoutError("the reply was lost")


SHARED: Final = SmallErp()


class SmallSource:
    """All streams of the small ERP."""

    streams: tuple[Stream, ...] = ("company", "customer", "contact", "item", "payment", "allocation")
    capabilities = SourceCapabilities(incremental=False, allocations=True, snapshot=True)

    def __init__(self, erp: ErpCalls) -> None:
        self._erp = erp

    def check(self) -> Iterable[Finding]:
        return [Finding("small", True, "is there", severity="info")]

    def discover(self) -> Iterable[Discovery]:
        return []

    def upper_bound(self) -> UpperBound:
        at = self._erp.now()
        return UpperBound({"at": at.isoformat()}, at)

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        rows = self._erp.rows(stream)
        start = 0 if position is None or position.get("done") else int(position["next"])
        for at in range(start, len(rows), PAGE):
            yield Page(rows[at : at + PAGE], {"next": at + PAGE})
        yield Page((), {"done": True})

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        rows = self._erp.rows(stream)
        held = [(row["company"] or "", row["key"]) for row in rows if stream != "item" or row["open_amount"]]
        yield KeyPage(held, complete=True)

    def lookup(self, stream: Stream, keys: Sequence[Key]) -> Lookup:
        found = self._erp.lookup(stream, keys)
        there = {(row["company"] or "", row["key"]) for row in found}
        return Lookup(found, missing=[key for key in keys if key not in there])

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        yield [
            Total(row["company"], row["key"], "normal", row["currency"], row["open_amount"])
            for row in self._erp.rows("item")
            if row["open_amount"]
        ]

    def close(self) -> None:
        """Nothing is open."""


class SmallTarget:
    """Notes and holds of the small ERP."""

    capabilities: frozenset[CommandKind] = frozenset({"add_note", "set_credit_hold", "release_credit_hold"})

    def __init__(self, erp: ErpCalls) -> None:
        self._erp = erp

    def check(self) -> Iterable[Finding]:
        return []

    def preview(self, command: Command) -> str:
        return f"{command.kind} for {command.customer}: {dict(command.body)}"

    def apply(self, command: Command) -> Applied:
        if command.kind == "add_note":
            if self._erp.has_note(command.key):
                return Applied("already")
            self._erp.note(command.key, command.customer, command.body["text"])
            return Applied("done")
        held = self._erp.hold_of(command.customer)
        if command.kind == "set_credit_hold":
            return self._set(command, held)
        if held != command.body["value"]:
            return Applied("refused", f"the hold is {held!r}, not {command.body['value']!r}")
        self._erp.set_hold(command.customer, command.body["restore"])
        return Applied("done", previous=held)

    def _set(self, command: Command, held: str | None) -> Applied:
        if held == command.body["value"]:
            return Applied("already")
        if held != command.body["expect"]:
            return Applied("refused", f"the hold {held!r} is there")
        self._erp.set_hold(command.customer, command.body["value"])
        return Applied("done", previous=held)

    def verify(self, command: Command) -> Applied:
        if getattr(self._erp, "blind", False):
            return Applied("unknown", "it cannot be seen")
        if command.kind == "add_note":
            return Applied("done" if self._erp.has_note(command.key) else "refused", "looked for the note")
        held = self._erp.hold_of(command.customer)
        wanted = command.body["value"] if command.kind == "set_credit_hold" else command.body["restore"]
        return Applied("done" if held == wanted else "refused", f"the hold is {held!r}")

    def current_hold(self, company: str, customer: str) -> str | None:
        return self._erp.hold_of(customer)

    def close(self) -> None:
        """Nothing is open."""


class SmallSettings(BaseModel):
    """The connection has nothing to set."""


class SmallPlugin:
    """The plugin of type `small`. `told` are the notices that it was told of."""

    duehook_api = 1

    def __init__(self, erp: ErpCalls) -> None:
        self.erp = erp
        self.told: list[NoticeIssued] = []
        self.deaf = 0

    @hookimpl
    def connection_settings(self, type: str) -> type[BaseModel] | None:  # the hook's own name
        return SmallSettings if type == "small" else None

    @hookimpl
    def customer_source(self, connection: ConnectionConfig) -> Source | None:
        return SmallSource(self.erp)

    @hookimpl
    def contact_source(self, connection: ConnectionConfig) -> Source | None:
        return SmallSource(self.erp)

    @hookimpl
    def invoice_source(self, connection: ConnectionConfig) -> Source | None:
        return SmallSource(self.erp)

    @hookimpl
    def payment_source(self, connection: ConnectionConfig) -> Source | None:
        return SmallSource(self.erp)

    @hookimpl
    def write_back_target(self, connection: ConnectionConfig) -> Target | None:
        return SmallTarget(self.erp)

    @hookimpl
    def notice_issued(self, notice: NoticeIssued, context: Context) -> None:
        if self.deaf:
            self.deaf -= 1
            raise RuntimeError("not now")
        self.told.append(notice)
