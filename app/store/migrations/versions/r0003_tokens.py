"""Tokens by which programs read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.store.errors import refuse_downgrade

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(64), nullable=False, comment="sha256 of the token"),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False, comment="ISO 8601, UTC"),
        sa.PrimaryKeyConstraint("hash", name="pk_tokens"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_tokens_account_id"),
    )


def downgrade() -> None:
    """Refused: plans are never thrown away by a step back.

    Raises
    ------
    StoreError
        Always.
    """
    refuse_downgrade()
