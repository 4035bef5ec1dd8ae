"""How many audit rows were ever written, so that one that is gone before it is sealed is missed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What was sealed counts by its places, gone or not: that is the chain's to find.
WRITTEN = """
    INSERT INTO audit_count (id, written)
    SELECT 1, (SELECT count(*) FROM audit WHERE seal IS NULL) + (SELECT coalesce(max(last_place), 0) FROM audit_seal)
"""


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "audit_count",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_count")),
    )
    op.execute(WRITTEN)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("audit_count")
