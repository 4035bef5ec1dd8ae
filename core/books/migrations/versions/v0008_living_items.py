"""An index of the living items alone, in place of one that no statement took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.drop_index("ix_item_open_due", table_name="item")
    op.create_index(
        "ix_item_alive",
        "item",
        ["state", "company", "connection", "key"],
        unique=False,
        postgresql_where=sa.text("state = 'open' OR state = 'gone'"),
        sqlite_where=sa.text("state = 'open' OR state = 'gone'"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_item_alive", table_name="item")
    op.create_index(
        "ix_item_open_due",
        "item",
        ["company", "due_on"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
