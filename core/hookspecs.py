"""Every hook, and what the objects that plugins hand over must be able to do.

A hook's docstring is its contract. Source and target hooks *give an object*; the work goes
through that object, so that one plugin's failure stays with its own connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, Protocol

import pluggy
from pydantic import BaseModel

from duehook.core.context import Context
from duehook.core.records import Stream

PROJECT: Final = "duehook"
API: Final = 1
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

Row = dict[str, Any]
Position = dict[str, Any]


@dataclass(frozen=True)
class ConnectionConfig:
    """One connection of duehook.yaml: its name, its type and its validated settings.

    `settings` is an instance of the model that `connection_settings` returned for the type;
    `base` is the folder that relative paths in it count from.
    """

    name: str
    type: str
    settings: BaseModel
    base: str


class Counted(NamedTuple):
    """How many rows of a stream were read, and how many of them are bad."""

    stream: Stream
    read: int
    bad: int


@dataclass(frozen=True)
class Finding:
    """One thing that `check` looked at. `advice` says what to ask the ERP's admin for.

    With `counted` it is about rows that cannot be read: `check` makes it an error where they are so
    many that an import would stop.
    """

    subject: str
    ok: bool
    message: str
    advice: str | None = None
    severity: Literal["error", "warning", "info"] = "error"
    counted: Counted | None = None


@dataclass(frozen=True)
class Discovery:
    """One thing that `discover` found: a company, a table, a code list, a purge file.

    `samples` are masked; `suggests` is a setting to write, where one follows. Those of one kind stand
    together; a company's `name` is its code, and `check` looks there for the codes of duehook.yaml.
    """

    kind: str
    name: str
    text: str = ""
    samples: tuple[str, ...] = ()
    suggests: str | None = None


@dataclass(frozen=True)
class UpperBound:
    """The ERP's own clock at the start of a run; nothing past it belongs to the run.

    `mark` is the connector's own JSON; `at` the same instant for people.
    """

    mark: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class BadRow:
    """A row that could not be mapped: why, the row itself, and its key and company where they could be read."""

    reason: str
    payload: Mapping[str, Any]
    key: str | None = None
    company: str | None = None


@dataclass(frozen=True)
class Page:
    """Rows of one stream under the canonical field names, and where reading goes on after them.

    `rows` are not validated yet: the core does that, a page at once. `position` is JSON; handing
    it back to `read` continues behind this page, also in another process. `notes` are what a
    person should know of the reading beside its rows: rounding, rows left out; the report shows them.
    `whole` on the last page says that this reading gave every row there is, although it went on from
    a position: bad rows of before that it did not give are there no more.
    """

    rows: Sequence[Row]
    position: Position
    bad: Sequence[BadRow] = ()
    notes: Sequence[str] = ()
    whole: bool = False


@dataclass(frozen=True)
class KeyPage:
    """Keys that exist in the source now, as (company, key).

    `complete` only on the last page of a listing that is proved whole; a listing without it never
    makes anything vanish.
    """

    keys: Sequence[tuple[str, str]]
    complete: bool = False


@dataclass(frozen=True)
class Lookup:
    """What became of the keys asked for, each in exactly one of the lists.

    `found` are rows as `read` gives them, and may hold others that one of the ERP's rows makes with
    the one that was asked for; `deleted`, `purged` as the ERP proves it;
    `missing` where it cannot be told which. A row that is there but cannot be read is `bad`, under the
    company and key that were asked for.
    """

    found: Sequence[Row] = ()
    deleted: Sequence[tuple[str, str]] = ()
    purged: Sequence[tuple[str, str]] = ()
    missing: Sequence[tuple[str, str]] = ()
    bad: Sequence[BadRow] = ()


class Total(NamedTuple):
    """The open balance of one document in the source (rule 14), by item class, as open amounts.

    `document` is the item's key. `changed_past_bound` is true when its change stamp is past the
    upper bound (a source without a snapshot), which makes a difference explained.
    """

    company: str
    document: str
    item_class: str
    currency: str
    open_amount: Decimal
    company_currency: str | None = None
    company_open_amount: Decimal | None = None
    changed_past_bound: bool = False


@dataclass(frozen=True)
class SourceCapabilities:
    """What a source can do beyond reading everything.

    `history_days` is how far back of its first reading closed rows are given; None: all there are.
    """

    incremental: bool = True
    sweeps: bool = True
    allocations: bool = False
    snapshot: bool = False
    history_days: int | None = None


class Source(Protocol):
    """Reads some streams of one connection. Raises only the errors of core/errors.py."""

    streams: tuple[Stream, ...]
    capabilities: SourceCapabilities

    def check(self) -> Iterable[Finding]:
        """Try every right and setting this source needs, each by name, with advice."""

    def discover(self) -> Iterable[Discovery]:
        """List what is there: companies, tables, code lists, and settings that follow from it."""

    def upper_bound(self) -> UpperBound:
        """Read the ERP's clock."""

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the stream's pages in key order up to the bound.

        None reads everything. A position of a page continues that reading; the position of the
        last page starts the next incremental reading (with the connection's lookback). A last
        page, be it empty, always comes, and carries that position with {"done": true}.
        A page that repeats, shrinks or breaks off raises ConnectorGarbled or ConnectorDown.
        """

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys of all rows that are open now (items) or exist (other streams)."""

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again, now."""

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield pages of what the source says is open, by document (invoice sources only)."""

    def close(self) -> None:
        """Let go of connections and sessions."""


CommandKind = Literal[
    "add_note",
    "set_credit_hold",
    "release_credit_hold",
    "set_dunning_block",
    "set_dunning_level",
    "set_promise",
    "set_dispute",
    "post_fee",
    "post_allocation",
]


@dataclass(frozen=True)
class Command:
    """One thing to do in the ERP. `key` is the outbox row's: the same command always has the same.

    `body` by kind: add_note {text, subject}; set_credit_hold {value, expect: value that was
    read before, or None}; release_credit_hold {value: the one we set, restore: previous value};
    set_dunning_block {value: the block, None to lift it, expect: as above, reason, until: ISO day or None};
    set_dunning_level {level, on: ISO day}; set_promise {amount: text, on: ISO day, text}; set_dispute
    {amount: text, reason, text}. `item` is the item's key where it is about one.
    """

    kind: CommandKind
    key: str
    company: str
    customer: str
    item: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Return what a note carries so that it is found again: 12 digits, the same for the same key."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Applied:
    """How a command ended.

    done: it is there now by our doing. already: it was there before. refused: it will not be
    done, `message` says why. unknown: nobody can say; verify before anything else.
    `previous` is the value that was replaced, where there was one. `wait` is of an unknown that the
    other side answers later: how long that may take, counted from when the command went out. It is
    asked about until then, and nobody is bothered before.
    """

    outcome: Literal["done", "already", "refused", "unknown"]
    message: str = ""
    previous: str | None = None
    reference: str | None = None
    wait: timedelta | None = None


class Target(Protocol):
    """Writes back into one ERP. Raises ConnectorDown only when nothing was sent."""

    capabilities: frozenset[CommandKind]

    def check(self) -> Iterable[Finding]:
        """Try every right this target needs, without leaving traces but a marked test note."""

    def preview(self, command: Command) -> str:
        """Say in words what `apply` would change, reading but not writing."""

    def apply(self, command: Command) -> Applied:
        """Do it once: look first, write, read back."""

    def verify(self, command: Command) -> Applied:
        """Look whether the command took effect: done, refused (it did not), or unknown."""

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the ERP's credit-hold value that governs the customer in that company."""

    def close(self) -> None:
        """Let go of connections and sessions."""


@dataclass(frozen=True)
class Message:
    """A notice as it goes out: the bytes are final and archived before anything is sent.

    `recipients` are addresses of the channel (mail: RFC 5322 addresses); `id` is the Message-ID.
    """

    id: str
    content: bytes
    sender: str
    recipients: tuple[str, ...]
    file_name: str


@dataclass(frozen=True)
class Sent:
    """How handing over ended; in_doubt when the other side may have it (rule 34)."""

    outcome: Literal["sent", "failed", "retry", "in_doubt"]
    message: str = ""


class Channel(Protocol):
    """Hands finished bytes to the outside."""

    name: str
    needs_address: bool

    def check(self) -> Iterable[Finding]:
        """Try the way out without sending anything."""

    def send(self, message: Message) -> Sent:
        """Hand the message over once; never resend by itself."""

    def close(self) -> None:
        """Let go of connections."""


class Simulator(Protocol):
    """A stand-in for an ERP that speaks its wire, over the book of core/testing."""

    def start(self) -> Mapping[str, str]:
        """Serve on loopback; return the settings that a connection needs to reach it."""

    def stop(self) -> None:
        """End the servers and close the files."""


@dataclass(frozen=True)
class NoticeIssued:
    """What plugins are told of a notice that went out."""

    number: str
    company: str
    customer: str
    currency: str
    level: int
    total: Decimal
    sent_on: date


@hookspec
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give a source of companies, payment terms, customers and exchange rates.

    Asked only of the plugin that the connection's type names. Build the object; connect on
    first use, so that a missing driver hurts its own connection alone. None: not offered.
    """


@hookspec
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give a source of contacts. None: not offered."""


@hookspec
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give a source of items, with their totals for the tie-out. None: not offered."""


@hookspec
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give a source of payments and allocations. None: not offered."""


@hookspec
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give a target that writes notes, holds and the like into the ERP. None: not offered."""


@hookspec
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the pydantic model of a connection of this type, when the type is yours.

    The model validates the connection's part of duehook.yaml, minus `type`. Fields that are
    secret are `SecretStr`. Two plugins that claim one type are a config error.
    """


@hookspec
def simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a simulator of this type of ERP, when the type is yours.

    `options` holds `folder`, `seed`, `customers`, `items`, `start_on`, `database_url` (None:
    SQLite in the folder) and `faults` (texts, as `--fault` has them), each with a default of the
    simulator's own; or, in the place of `start_on`, `until` and `days`: the book begins so many days
    before and has moved on to then.
    """


@hookspec
def channel(name: str, settings: Mapping[str, Any]) -> Channel | None:
    """Give the channel of this name (mail, letter, …), when it is yours."""


@hookspec
def hold_reason(debtors: Sequence[Mapping[str, Any]], as_of: date) -> Mapping[str, str] | None:
    """Say which debtors of a batch may not be dunned, and why: {debtor's key: reason in words}.

    The batch has at most 1,000 debtors of one company, already selected for a notice, each with
    `key`, `company`, `customer`, `currency`, `level`, `total` and `items`. One reason is enough
    to hold. A plugin that fails holds its whole batch with "plugin NAME failed". Asked by the run,
    for a notice by hand, and again before a letter goes.
    """


@hookspec
def notice_issued(notice: NoticeIssued, context: Context) -> None:
    """Learn that a notice went out. Called after the fact from the outbox, at least once."""
