"""Which sent notices were only rehearsed; items found by their document number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "rehearsal",
        sa.Column("notice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_rehearsal")),
    )
    op.create_index("ix_item_document_no", "item", ["document_no"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_item_document_no", table_name="item")
    op.drop_table("rehearsal")
