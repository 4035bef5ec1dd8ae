"""What Duehook does about items: levels, blocks, decisions, notices, holds, tasks, aging."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "aging_balance",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("debtor", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("bucket_0", sa.BigInteger(), nullable=False),
        sa.Column("bucket_1", sa.BigInteger(), nullable=False),
        sa.Column("bucket_2", sa.BigInteger(), nullable=False),
        sa.Column("bucket_3", sa.BigInteger(), nullable=False),
        sa.Column("bucket_4", sa.BigInteger(), nullable=False),
        sa.Column("bucket_5", sa.BigInteger(), nullable=False),
        sa.Column("bucket_6", sa.BigInteger(), nullable=False),
        sa.Column("bucket_7", sa.BigInteger(), nullable=False),
        sa.Column("bucket_8", sa.BigInteger(), nullable=False),
        sa.Column("bucket_9", sa.BigInteger(), nullable=False),
        sa.Column("unapplied", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("oldest_due_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("company", "connection", "debtor", "currency", name=op.f("pk_aging_balance")),
    )
    op.create_table(
        "aging_scheme",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("bounds", sa.Text(), nullable=False),
        sa.Column("credits", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("company", name=op.f("pk_aging_scheme")),
    )
    op.create_table(
        "block",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("debtor", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
    )
    op.create_index(
        op.f("ix_block_company_connection_debtor"), "block", ["company", "connection", "debtor"], unique=False
    )
    op.create_table(
        "block_version",
        sa.Column("version_id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("debtor", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("known_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_run", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_block_version")),
    )
    op.create_table(
        "debtor_dunning",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("debtor", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("last_sent_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company", "connection", "debtor", "currency", name=op.f("pk_debtor_dunning")),
    )
    op.create_table(
        "decision",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("policy_hash", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("from_run", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company", "connection", "item", name=op.f("pk_decision")),
    )
    op.create_table(
        "decision_past",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("policy_hash", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("from_run", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_run", sa.BigInteger(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company", "connection", "item", "from_run", name=op.f("pk_decision_past")),
    )
    op.create_table(
        "dun_run",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policies", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dun_run")),
    )
    op.create_index(op.f("ix_dun_run_company_as_of"), "dun_run", ["company", "as_of"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("notice_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(
        op.f("ix_hold_company_connection_customer"), "hold", ["company", "connection", "customer"], unique=False
    )
    op.create_index(
        "uq_hold_active",
        "hold",
        ["company", "connection", "customer"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'setting', 'set', 'release_proposed', 'releasing')"),
        sqlite_where=sa.text("state IN ('proposed', 'setting', 'set', 'release_proposed', 'releasing')"),
    )
    op.create_table(
        "hold_version",
        sa.Column("version_id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("notice_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("known_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_run", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_hold_version")),
    )
    op.create_table(
        "item_dunning",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_on", sa.Date(), nullable=True),
        sa.Column("hand_set", sa.Boolean(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("notice_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("company", "connection", "item", name=op.f("pk_item_dunning")),
    )
    op.create_table(
        "notice",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("debtor", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("policy_hash", sa.String(length=64), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.Column("needs_person", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), server_default="", nullable=False),
        sa.Column("overdue", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("disputed", sa.BigInteger(), nullable=False),
        sa.Column("demanded", sa.BigInteger(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=True),
        sa.Column("archive_sha", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(
        op.f("ix_notice_company_connection_debtor_currency"),
        "notice",
        ["company", "connection", "debtor", "currency"],
        unique=False,
    )
    op.create_index(op.f("ix_notice_state_company"), "notice", ["state", "company"], unique=False)
    op.create_index(
        "uq_notice_unsettled",
        "notice",
        ["company", "connection", "debtor", "currency", "kind", "item"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'approved', 'in_doubt')"),
        sqlite_where=sa.text("state IN ('proposed', 'approved', 'in_doubt')"),
    )
    op.create_table(
        "notice_line",
        sa.Column("notice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("old_level", sa.Integer(), nullable=False),
        sa.Column("new_level", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("open_amount", sa.BigInteger(), nullable=False),
        sa.Column("disputed_amount", sa.BigInteger(), nullable=False),
        sa.Column("rises", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "item", name=op.f("pk_notice_line")),
    )
    op.create_index(op.f("ix_notice_line_item"), "notice_line", ["item"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("company", "name", name=op.f("pk_number_series")),
    )
    op.create_table(
        "payment_habit",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("debtor", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("applied", sa.BigInteger(), nullable=False),
        sa.Column("days_to_pay", sa.Integer(), nullable=True),
        sa.Column("days_late", sa.Integer(), nullable=True),
        sa.Column("last_paid_on", sa.Date(), nullable=True),
        sa.Column("last_paid_amount", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("company", "connection", "debtor", "currency", name=op.f("pk_payment_habit")),
    )
    op.create_table(
        "policy_version",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_policy_version")),
    )
    op.create_table(
        "task",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=True),
        sa.Column("debtor", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("key", name=op.f("uq_task_key")),
    )
    op.create_index(op.f("ix_task_state_company"), "task", ["state", "company"], unique=False)


def downgrade() -> None:
    """Take it back."""
    for table in (
        "task",
        "policy_version",
        "payment_habit",
        "number_series",
        "notice_line",
        "notice",
        "item_dunning",
        "hold_version",
        "hold",
        "dun_run",
        "decision_past",
        "decision",
        "debtor_dunning",
        "block_version",
        "block",
        "aging_scheme",
        "aging_balance",
    ):
        op.drop_table(table)
