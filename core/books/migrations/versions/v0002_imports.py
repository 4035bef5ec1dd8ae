"""What the imports keep: runs, locks, positions, quarantine, sweeps, tie-outs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "company_feed",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("history_from", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("company", "connection", name=op.f("pk_company_feed")),
    )
    op.create_table(
        "connection_lock",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_connection_lock")),
    )
    op.create_table(
        "dunning_lock",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tie_out_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company", name=op.f("pk_dunning_lock")),
    )
    op.create_table(
        "feed_balance",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("company", "connection", "currency", name=op.f("pk_feed_balance")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bound", sa.Text(), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("resumes", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(op.f("ix_import_run_connection_id"), "import_run", ["connection", "id"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("first_run", sa.BigInteger(), nullable=False),
        sa.Column("last_run", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index("uq_quarantine_fingerprint", "quarantine", ["connection", "stream", "fingerprint"], unique=True)
    op.create_table(
        "source_total",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("item_class", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("open_amount", sa.BigInteger(), nullable=False),
        sa.Column("company_currency", sa.String(length=3), nullable=True),
        sa.Column("company_open_amount", sa.BigInteger(), nullable=True),
        sa.Column("in_flight", sa.Boolean(), nullable=False),
    )
    op.create_index(
        op.f("ix_source_total_connection_company_document"),
        "source_total",
        ["connection", "company", "document"],
        unique=False,
    )
    op.create_table(
        "stream_position",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", name=op.f("pk_stream_position")),
    )
    op.create_table(
        "sweep_key",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
    )
    op.create_index(
        op.f("ix_sweep_key_connection_company_key"), "sweep_key", ["connection", "company", "key"], unique=False
    )
    op.create_table(
        "tie_out",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tie_out")),
    )
    op.create_index(op.f("ix_tie_out_company_id"), "tie_out", ["company", "id"], unique=False)
    op.create_table(
        "tie_out_line",
        sa.Column("tie_out_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("item_class", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("ours", sa.BigInteger(), nullable=False),
        sa.Column("theirs", sa.BigInteger(), nullable=False),
        sa.Column("ours_company", sa.BigInteger(), nullable=True),
        sa.Column("theirs_company", sa.BigInteger(), nullable=True),
        sa.Column("company_currency", sa.String(length=3), nullable=True),
        sa.Column("explained_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tie_out_id", "document", name=op.f("pk_tie_out_line")),
    )
    op.create_table(
        "touched_debtor",
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("debtor", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("company", "run_id", "connection", "debtor", name=op.f("pk_touched_debtor")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in (
        "touched_debtor",
        "tie_out_line",
        "tie_out",
        "sweep_key",
        "stream_position",
        "source_total",
        "quarantine",
        "import_run",
        "feed_balance",
        "dunning_lock",
        "connection_lock",
        "company_feed",
    ):
        op.drop_table(table)
