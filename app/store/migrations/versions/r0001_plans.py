"""Plans, their versions, the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.store.errors import refuse_downgrade

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "plans",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("newest", sa.Integer, nullable=False, comment="number of its newest version"),
        sa.Column("archived_at", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("plan_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parent_id", sa.String(32)),
        sa.Column("planning_sha256", sa.String(64), nullable=False),
        sa.Column("plan_sha256", sa.String(64), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("steps", sa.Text, nullable=False, comment="JSON list of names"),
        sa.Column("facts", sa.Text, nullable=False, comment="JSON object"),
        sa.Column("created_at", sa.String(40), nullable=False, comment="ISO 8601, UTC"),
        sa.Column("document", sa.LargeBinary, nullable=False, comment="PLAN.json, zlib"),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_versions_plan_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["versions.id"], name="fk_versions_parent_id"),
        sa.UniqueConstraint("plan_id", "number", name="uq_versions_plan_id_number"),
    )
    op.create_index("ix_versions_plan_sha256", "versions", ["plan_sha256"])
    op.create_index("ix_versions_created_at", "versions", ["created_at"])
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(40), nullable=False, comment="ISO 8601, UTC"),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("plan_id", sa.String(32)),
        sa.Column("version_id", sa.String(32)),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )


def downgrade() -> None:
    """Refused: plans are never thrown away by a step back.

    Raises
    ------
    StoreError
        Always.
    """
    refuse_downgrade()
