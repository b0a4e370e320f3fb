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
    Column("code", String(80), nullable=False, server_default="", comment="place it is of, '' = the city"),
    Column("stage", String(20), nullable=False, server_default="draft"),
)
"""One row a plan; `newest` is what a save must have seen, `stage` what becomes of it."""

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

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(60), nullable=False, unique=True, comment="signs in by it; lower case"),
    Column("full_name", Text, nullable=False, comment="signs what is written"),
    Column("role", String(20), nullable=False),
    Column("code", String(80), nullable=False, comment="place, '' = the city"),
    Column("company", Text, nullable=False, comment="id of a company, else ''"),
    Column("password", Text, nullable=False, comment="Argon2id"),
    Column("token", String(64), nullable=False, comment="in the session; another one ends all sessions"),
    Column("created_at", String(40), nullable=False, comment="ISO 8601, UTC"),
    Column("disabled_at", String(40)),
)
"""One row an account; none is deleted, for its name stands in the audit."""

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True, comment="sha256 of the token"),
    Column("account_id", String(32), ForeignKey("accounts.id"), nullable=False),
    Column("created_at", String(40), nullable=False, comment="ISO 8601, UTC"),
)
"""One row a token by which a program reads as an account."""

comments = Table(
    "comments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("plan_id", String(32), ForeignKey("plans.id"), nullable=False),
    Column("version_id", String(32), ForeignKey("versions.id"), nullable=False),
    Column("target", String(10), nullable=False, comment="plan, area or unit"),
    Column("target_id", Text, nullable=False, comment="'' for the plan"),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", String(40), nullable=False, comment="ISO 8601, UTC"),
    Column("answer", Text),
    Column("answered_by", Text),
)
"""One row an opinion on a plan, pinned to what it is about; `answer` once it is dealt with."""

secrets = Table(
    "secrets", metadata, Column("name", String(20), primary_key=True), Column("value", Text, nullable=False)
)
"""What the servers of a store share and nobody else knows: the key that signs sessions."""

Index("ix_versions_plan_sha256", versions.c.plan_sha256)
Index("ix_versions_created_at", versions.c.created_at)
Index("ix_comments_plan_id", comments.c.plan_id)
