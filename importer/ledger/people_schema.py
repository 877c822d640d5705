"""The tables of the web page: who may do what, what was handed in there, and who did what."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, text

from importer.ledger.tables import BigId, Utc, metadata, one_of
from importer.models import Stage

__all__ = ["ROLES", "TASKS", "UPLOAD_STATES", "access_tokens", "audit", "roles", "tasks", "uploads", "users"]

ROLES: Final = ("uploader", "approver", "administrator")
UPLOAD_STATES: Final = ("checked", "waiting", "returned", "released", "running", "ended", "withdrawn")
TASKS: Final = ("reconcile", "undo", "verify")

users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("display_name", String, nullable=False),
    Column("password_hash", String, nullable=False),  # empty: signs in by OpenID Connect only
    Column("subject", String, nullable=False),  # issuer and subject of OpenID Connect; empty without
    Column("language", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("epoch", Integer, nullable=False),  # raised to end all sessions
    Column("created_at", Utc, nullable=False),
    CheckConstraint("name <> ''", name="name"),
    Index("uq_users_subject", "subject", unique=True, sqlite_where=text("subject <> ''"), postgresql_where=text("subject <> ''")),
)

roles = Table(
    "roles",
    metadata,
    Column("user_name", ForeignKey("users.name"), primary_key=True),
    Column("profile", String, primary_key=True),
    Column("role", String, primary_key=True),
    one_of("role", ROLES, "role"),
)

access_tokens = Table(  # of the REST API
    "access_tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("label", String, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),  # SHA-256 of the secret, which has 256 random bits
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("revoked", Boolean, nullable=False),
    Index(None, "user_name"),
)

uploads = Table(  # a workbook on the page, from its upload to its end
    "uploads",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("profile", String, nullable=False),
    Column("uploader", ForeignKey("users.name"), nullable=False),
    Column("file", String, nullable=False),
    Column("sha256", ForeignKey("workbooks.sha256"), nullable=False),
    Column("document_type", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("warnings", Integer, nullable=False),
    Column("until", String, nullable=False),
    Column("policy", String, nullable=False),
    Column("again", String, nullable=False),
    Column("preview", String(64), nullable=False),  # SHA-256 of what was shown; empty until it was handed on
    Column("state", String, nullable=False),
    Column("released_by", ForeignKey("users.name")),
    Column("released_at", Utc),
    Column("remark", Text, nullable=False),
    Column("batch_id", ForeignKey("batches.id")),
    Column("message", Text, nullable=False),  # why it ended, where that needs words
    one_of("state", UPLOAD_STATES, "state"),
    one_of("until", (Stage.CREATED, Stage.APPROVED, Stage.POSTED), "until"),
    Index(None, "profile", "at"),
    Index(None, "state"),
    Index(None, "batch_id"),
)

tasks = Table(  # what the server is asked to do with a batch that has ended; gone once it is done
    "tasks",
    metadata,
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True),
    Column("kind", String, nullable=False),
    Column("asked_by", ForeignKey("users.name"), nullable=False),
    Column("at", Utc, nullable=False),
    one_of("kind", TASKS, "kind"),
)

audit = Table(  # never changed, never deleted
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("user_name", String, nullable=False),  # as given, also of somebody who does not exist
    Column("action", String, nullable=False),
    Column("profile", String, nullable=False),
    Column("target", String, nullable=False),  # upload, batch, token or user
    Column("detail", Text, nullable=False),
    Column("address", String, nullable=False),  # of the browser
    Index(None, "user_name", "action", "at"),
    Index(None, "target"),
)
