"""Which customers of different ERPs are one party."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "party_match",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("connection", sa.String(200), nullable=False),
        sa.Column("customer", sa.String(200), nullable=False),
        sa.Column("other_connection", sa.String(200), nullable=False),
        sa.Column("other_customer", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_match")),
        sa.UniqueConstraint(
            "connection", "customer", "other_connection", "other_customer",
            name=op.f("uq_party_match_pair"),
        ),
    )  # fmt: skip
    op.create_index("ix_party_match_state", "party_match", ["state"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("party_match")
