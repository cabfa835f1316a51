"""What made a prediction's chance is kept in full, so that it can be added up again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of earlier predictions only the loudest reasons are known."""
    op.add_column("predictions", sa.Column("contributions", sa.Text(), nullable=True))
