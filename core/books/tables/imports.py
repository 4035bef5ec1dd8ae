"""The imports' own records: runs, locks, positions, generations, quarantine, tie-outs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from .base import Identity, Json, day, instant, key, metadata, money

# state: running · closed · stopped (by a guard) · failed. `generation` counts closed full circles
# of the connection: customers, contacts, items and payments read up to one bound.
import_run = Table(
    "import_run",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    key("connection"),
    Column("mode", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    day("as_of", nullable=False),
    instant("started_at", nullable=False),
    instant("ended_at"),
    Column("bound", Json),
    instant("bound_at"),
    Column("generation", BigInteger),
    Column("resumes", BigInteger),
    Column("actor", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("report", Json),
    Index(None, "connection", "id"),
)

# One row a connection that is being imported; a second run sees it and refuses. The lease is
# renewed with every page, so a killed run's lock ends by itself.
connection_lock = Table(
    "connection_lock",
    metadata,
    key("connection", primary_key=True),
    Column("run_id", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    instant("leased_until", nullable=False),
)

stream_position = Table(
    "stream_position",
    metadata,
    key("connection", primary_key=True),
    Column("stream", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", Json),
    Column("run_id", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),
)

# A company is ready when every connection that feeds it has its newest run closed. Written with
# the first row of the company: generation 0 until a full circle of the connection closes.
company_feed = Table(
    "company_feed",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    Column("generation", BigInteger, nullable=False),
    instant("closed_at"),
    instant("bound_at"),
    day("history_from"),
)

# The open balance that a connection's last closed generation left, for the guard on sudden drops.
feed_balance = Table(
    "feed_balance",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    Column("currency", String(3), primary_key=True),
    money("balance"),
)

# Debtors whose items, payments or allocations a run changed: who reads them re-counts only these.
touched_debtor = Table(
    "touched_debtor",
    metadata,
    key("company", primary_key=True),
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    key("connection", primary_key=True),
    key("debtor", primary_key=True),
)

# Stages that outlive a transaction, of one connection at a time: its keys during a sweep, its
# totals during a tie-out.
sweep_key = Table(
    "sweep_key",
    metadata,
    key("connection"),
    key("company"),
    key("key"),
    Index(None, "connection", "company", "key"),
)
source_total = Table(
    "source_total",
    metadata,
    key("connection"),
    key("company"),
    key("document"),
    Column("item_class", String(20), nullable=False),
    Column("currency", String(3), nullable=False),
    money("open_amount"),
    Column("company_currency", String(3)),
    money("company_open_amount", nullable=True),
    Column("in_flight", Boolean, nullable=False),
    Index(None, "connection", "company", "document"),
)

# state: parked · resolved · superseded (in the source no more) · discarded.
# The fingerprint is of the row's key, else of the row.
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    key("connection"),
    Column("stream", String(40), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    key("key", nullable=True),
    Column("company", Text),
    Column("reason", Text, nullable=False),
    Column("payload", Json),
    Column("state", String(20), nullable=False),
    Column("first_run", BigInteger, nullable=False),
    Column("last_run", BigInteger, nullable=False),
    instant("first_seen_at", nullable=False),
    instant("last_seen_at", nullable=False),
    instant("expires_at", nullable=False),
    Index("uq_quarantine_fingerprint", "connection", "stream", "fingerprint", unique=True),
)

# state: balanced · explained (every difference is) · differs. `totals` are the sums by class and
# currency; only documents that differ have a line.
tie_out = Table(
    "tie_out",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    key("company"),
    key("connection"),
    Column("run_id", BigInteger, nullable=False),
    instant("made_at", nullable=False),
    Column("state", String(20), nullable=False),
    Column("documents", Integer, nullable=False),
    Column("totals", Json, nullable=False),
    Column("actor", Text, nullable=False),
    Index(None, "company", "id"),
)

tie_out_line = Table(
    "tie_out_line",
    metadata,
    Column("tie_out_id", BigInteger, primary_key=True, autoincrement=False),
    key("document", primary_key=True),
    Column("item_class", String(20), nullable=False),
    Column("currency", String(3), nullable=False),
    money("ours"),
    money("theirs"),
    money("ours_company", nullable=True),
    money("theirs_company", nullable=True),
    Column("company_currency", String(3)),
    Column("explained_by", Text),
)

# A row here stops dunning for the company until a later tie-out is in balance.
dunning_lock = Table(
    "dunning_lock",
    metadata,
    key("company", primary_key=True),
    Column("reason", Text, nullable=False),
    Column("tie_out_id", BigInteger),
    instant("since", nullable=False),
)
