"""The first books."""

from __future__ import annotations

from alembic import op

from duehook.core.books.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Take it back."""
    metadata.drop_all(op.get_bind())
