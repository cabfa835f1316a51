"""What an order's own size does to its price is a cost of an account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Accounts before this reckoned without. SQLite cannot drop the default again."""
    op.add_column("accounts", sa.Column("impact", sa.Text(), nullable=False, server_default="0"))
