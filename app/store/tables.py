"""The tables of the store, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

plans = Table(
    "plans",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("newest", Integer, nullable=False, comment="number of its newest version"),
    Column("archived_at", String(40)),
)
"""One row a plan; `newest` is what a save must have seen."""

versions = Table(
    "versions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("plan_id", String(32), ForeignKey("plans.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("parent_id", String(32), ForeignKey("versions.id")),
    Column("planning_sha256", String(64), nullable=False),
    Column("plan_sha256", String(64), nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("steps", Text, nullable=False, comment="JSON list of names"),
    Column("facts", Text, nullable=False, comment="JSON object"),
    Column("created_at", String(40), nullable=False, comment="ISO 8601, UTC"),
    Column("document", LargeBinary, nullable=False, comment="PLAN.json, zlib"),
    UniqueConstraint("plan_id", "number"),
)
"""One row a version; rows are added, never changed."""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", String(40), nullable=False, comment="ISO 8601, UTC"),
    Column("author", Text, nullable=False),
    Column("action", String(40), nullable=False),
    Column("plan_id", String(32)),
    Column("version_id", String(32)),
    Column("subject", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("note", Text, nullable=False),
)
"""One row a write, in the transaction of that write."""

Index("ix_versions_plan_sha256", versions.c.plan_sha256)
Index("ix_versions_created_at", versions.c.created_at)
