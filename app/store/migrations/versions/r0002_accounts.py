"""Accounts, the place and the stage of a plan, opinions on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.store.errors import refuse_downgrade
from app.store.places import set_plan_codes

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables and columns; each plan learns which place it is of from its newest version."""
    op.add_column(
        "plans",
        sa.Column("code", sa.String(80), nullable=False, server_default="", comment="place it is of, '' = the city"),
    )
    op.add_column("plans", sa.Column("stage", sa.String(20), nullable=False, server_default="draft"))
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False, comment="signs in by it; lower case"),
        sa.Column("full_name", sa.Text, nullable=False, comment="signs what is written"),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("code", sa.String(80), nullable=False, comment="place, '' = the city"),
        sa.Column("company", sa.Text, nullable=False, comment="id of a company, else ''"),
        sa.Column("password", sa.Text, nullable=False, comment="Argon2id"),
        sa.Column("token", sa.String(64), nullable=False, comment="in the session; another one ends all sessions"),
        sa.Column("created_at", sa.String(40), nullable=False, comment="ISO 8601, UTC"),
        sa.Column("disabled_at", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("plan_id", sa.String(32), nullable=False),
        sa.Column("version_id", sa.String(32), nullable=False),
        sa.Column("target", sa.String(10), nullable=False, comment="plan, area or unit"),
        sa.Column("target_id", sa.Text, nullable=False, comment="'' for the plan"),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False, comment="ISO 8601, UTC"),
        sa.Column("answer", sa.Text),
        sa.Column("answered_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_comments_plan_id"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_comments_version_id"),
    )
    op.create_index("ix_comments_plan_id", "comments", ["plan_id"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
    set_plan_codes(op.get_bind())


def downgrade() -> None:
    """Refused: plans are never thrown away by a step back.

    Raises
    ------
    StoreError
        Always.
    """
    refuse_downgrade()
