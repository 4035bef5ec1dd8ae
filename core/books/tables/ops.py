"""The engine room: outbox, jobs, audit, and what the books know of themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from .base import Identity, Json, instant, key, metadata

# state: new · sending · sent · failed · in_doubt · superseded · cancelled. The key is a hash of
# business facts. Rows of one lane (target, company, customer, aspect) go out in order of `id`.
# `attempts` counts handings over, `checks` how often the other side was asked what became of one.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("target", Text, nullable=False),
    key("company"),
    key("customer"),
    Column("aspect", String(40), nullable=False),
    Column("subject_id", BigInteger),
    Column("payload", Json, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("checks", Integer, nullable=False, server_default="0"),
    instant("made_at", nullable=False),
    instant("not_before"),
    instant("valid_until"),
    Column("claimed_by", Text),
    instant("leased_until"),
    instant("sending_at"),
    instant("settled_at"),
    Column("settled_by", Text),
    Column("archive_sha", String(64)),
    Column("message_id", Text),
    Column("outcome", Text),
    Column("correlation_id", Text, nullable=False),
    Index("ix_outbox_open", "state", "id"),
    Index("ix_outbox_order", "target", "company", "customer", "aspect", "id"),
    Index(None, "kind", "subject_id"),
)

# One row a job, company and local slot: the unique key is what makes it run once.
# state: due · running · done · failed · missed.
job = Table(
    "job",
    metadata,
    Column("job", String(60), primary_key=True),
    key("company", primary_key=True),
    Column("slot", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("claimed_by", Text),
    instant("leased_until"),
    instant("started_at"),
    instant("ended_at"),
    Column("attempts", Integer, nullable=False),
    Column("outcome", Text),
    Column("correlation_id", Text),
)

job_pause = Table(
    "job_pause",
    metadata,
    Column("job", String(60), primary_key=True),
    instant("since", nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
)

# `seal`, `place` and `digest` are empty until the row is sealed. `place` counts the chain without
# a gap; each digest takes in the one before.
audit = Table(
    "audit",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    instant("at", nullable=False),
    Column("actor_kind", String(20), nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_source", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("act", String(60), nullable=False),
    Column("company", Text),
    Column("subject", Text, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("why", Text),
    Column("seal", BigInteger),
    Column("place", BigInteger, unique=True),
    Column("digest", String(64)),
    Index(None, "seal"),
)

# Each seal covers rows that were committed before it and ends with the digest of its last row.
audit_seal = Table(
    "audit_seal",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("rows", Integer, nullable=False),
    Column("last_place", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    instant("sealed_at", nullable=False),
)

# One row: how many audit rows were ever written, counted as each act's transaction commits.
audit_count = Table(
    "audit_count",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("written", BigInteger, nullable=False),
)

# What the books know of themselves: incarnation, go-live, first opening.
fact = Table(
    "fact",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Json, nullable=False),
    instant("set_at", nullable=False),
)
