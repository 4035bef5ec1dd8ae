"""What Duehook does about items: levels, blocks, decisions, notices, holds, tasks, aging."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from .base import Identity, Json, day, instant, key, metadata, money, versions_of

BUCKETS = 10

# Policies are adopted by content hash; a run pins the hashes it decided by.
policy_version = Table(
    "policy_version",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    instant("adopted_at", nullable=False),
    Column("actor", Text, nullable=False),
)

# An item's own level (rule 18): moved by sent and cancelled notices and by hand only.
item_dunning = Table(
    "item_dunning",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("item", primary_key=True),
    Column("level", Integer, nullable=False),
    day("level_on"),
    Column("hand_set", Boolean, nullable=False),
    day("reminded_on"),
    Column("notice_id", BigInteger),
)

# The debtor's clock: the day its last notice was sent.
debtor_dunning = Table(
    "debtor_dunning",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("debtor", primary_key=True),
    Column("currency", String(3), primary_key=True),
    day("last_sent_on", nullable=False),
)

# A block by a person: of a debtor in a company (item NULL) or of one item; it ends on `until_on`
# or when it is lifted.
block = Table(
    "block",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    key("company"),
    key("connection"),
    key("debtor"),
    key("item", nullable=True),
    Column("reason", Text, nullable=False),
    day("from_on", nullable=False),
    day("until_on"),
    instant("made_at", nullable=False),
    Column("made_by", Text, nullable=False),
    instant("lifted_at"),
    Column("lifted_by", Text),
    Index(None, "company", "connection", "debtor"),
)

dun_run = Table(
    "dun_run",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    key("company"),
    day("as_of", nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    instant("started_at", nullable=False),
    instant("ended_at"),
    Column("policies", Json, nullable=False),
    Column("counts", Json),
    Column("actor", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Index(None, "company", "as_of"),
)


def _decision(name: str, *extra: Column) -> Table:  # type: ignore[type-arg]
    return Table(
        name,
        metadata,
        key("company", primary_key=True),
        key("connection", primary_key=True),
        key("item", primary_key=True),
        Column("policy_hash", String(64), nullable=False),
        Column("code", String(40), nullable=False),
        Column("parameters", Text, nullable=False),
        *extra,
    )


# Why an item was or was not dunned: the code that holds now, and the intervals that have ended.
decision = _decision("decision", Column("from_run", BigInteger, nullable=False), day("from_on", nullable=False))
decision_past = _decision(
    "decision_past",
    Column("from_run", BigInteger, primary_key=True, autoincrement=False),
    day("from_on", nullable=False),
    Column("to_run", BigInteger, nullable=False),
    day("to_on", nullable=False),
)

# state: proposed · approved · sent · dropped · cancelled · failed · in_doubt. kind: dunning ·
# reminder (pre-due) · manual. `item` is '' but where a policy sends one notice an invoice. One
# unsettled notice of a kind for a debtor and currency at a time.
notice = Table(
    "notice",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    key("company"),
    key("connection"),
    key("debtor"),
    Column("currency", String(3), nullable=False),
    key("item"),
    Column("number", Text),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("run_id", BigInteger, nullable=False),
    day("as_of", nullable=False),
    Column("policy_hash", String(64), nullable=False),
    Column("level", Integer, nullable=False),
    Column("level_name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("language", Text),
    Column("hold", Boolean, nullable=False),
    Column("needs_person", Text),
    Column("fingerprint", String(64), nullable=False, server_default=""),
    money("overdue"),
    money("credits"),
    money("disputed"),
    money("demanded"),
    Column("recipients", Json),
    Column("archive_sha", String(64)),
    Column("reason", Text),
    instant("made_at", nullable=False),
    instant("approved_at"),
    Column("approved_by", Text),
    instant("settled_at"),
    day("sent_on"),
    Index(None, "company", "connection", "debtor", "currency"),
    Index(None, "state", "company"),
)
_UNSETTLED = notice.c.state.in_(["proposed", "approved", "in_doubt"])
Index(
    "uq_notice_unsettled",
    *(notice.c[name] for name in ("company", "connection", "debtor", "currency", "kind", "item")),
    unique=True,
    postgresql_where=_UNSETTLED,
    sqlite_where=_UNSETTLED,
)

# role: overdue · credit · disputed · due_soon. Amounts as of the decision; the gate compares them.
notice_line = Table(
    "notice_line",
    metadata,
    Column("notice_id", BigInteger, primary_key=True, autoincrement=False),
    key("item", primary_key=True),
    Column("role", String(20), nullable=False),
    Column("old_level", Integer, nullable=False),
    Column("new_level", Integer, nullable=False),
    day("due_on", nullable=False),
    money("open_amount"),
    money("disputed_amount"),
    Column("rises", Boolean, nullable=False),
    Index(None, "item"),
)

# Notices that went out as TEST and moved levels or clocks, until that is taken back (rule 23).
rehearsal = Table("rehearsal", metadata, Column("notice_id", BigInteger, primary_key=True, autoincrement=False))

number_series = Table(
    "number_series",
    metadata,
    key("company", primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("next", BigInteger, nullable=False),
)

# A credit hold of ours. state: proposed (with its notice) · setting · set · release_proposed ·
# releasing · released · refused · dropped · drifted (the ERP's value is no longer what we wrote) ·
# would_be (shadow: it was only shown). One active hold a customer and company.
hold = Table(
    "hold",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    key("company"),
    key("connection"),
    key("customer"),
    Column("state", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("previous", Text),
    Column("notice_id", BigInteger),
    Column("level", Integer, nullable=False),
    day("decided_on", nullable=False),
    instant("set_at"),
    instant("released_at"),
    day("released_on"),
    Column("reason", Text, nullable=False),
    Column("approved_by", Text),
    Index(None, "company", "connection", "customer"),
)
_ACTIVE_HOLD = hold.c.state.in_(["proposed", "setting", "set", "release_proposed", "releasing"])
Index(
    "uq_hold_active",
    *(hold.c[name] for name in ("company", "connection", "customer")),
    unique=True,
    postgresql_where=_ACTIVE_HOLD,
    sqlite_where=_ACTIVE_HOLD,
)
hold_version = versions_of(hold)
block_version = versions_of(block)

task = Table(
    "task",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),
    key("company"),
    key("connection", nullable=True),
    key("debtor", nullable=True),
    Column("kind", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(20), nullable=False),
    day("due_on"),
    instant("made_at", nullable=False),
    instant("done_at"),
    Column("done_by", Text),
    Column("outcome", Text),
    Index(None, "state", "company"),
)

aging_scheme = Table(
    "aging_scheme",
    metadata,
    key("company", primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("bounds", Json, nullable=False),
    Column("credits", String(20), nullable=False),
    day("as_of", nullable=False),
    Column("run_id", BigInteger),
)

aging_balance = Table(
    "aging_balance",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("debtor", primary_key=True),
    Column("currency", String(3), primary_key=True),
    *(money(f"bucket_{number}") for number in range(BUCKETS)),
    money("unapplied"),
    money("balance"),
    day("oldest_due_on"),
)

# How a debtor pays, by what has been applied: weighted days to pay and days late ×100.
payment_habit = Table(
    "payment_habit",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("debtor", primary_key=True),
    Column("currency", String(3), primary_key=True),
    money("applied"),
    Column("days_to_pay", Integer),
    Column("days_late", Integer),
    day("last_paid_on"),
    money("last_paid_amount", nullable=True),
)
