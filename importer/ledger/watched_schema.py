"""The tables of watched folders, and of what people are told of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table, Text, text

from importer.ledger.tables import Utc, metadata, one_of

__all__ = ["messages_out", "watch_notices", "watched_files"]

watched_files = Table(  # files of watched folders, from the moment when a watcher lays its hand on them
    "watched_files",
    metadata,
    Column("id", String, primary_key=True),  # also the name of the file's own place in `working`
    Column("folder", String, nullable=False),  # the id that lies in the watched folder itself
    Column("name", String, nullable=False),  # below `inbox`, parts divided by /
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("sha256", String, nullable=False),
    Column("state", String, nullable=False),
    Column("owner", String, nullable=False),  # the watcher that has it; empty: nobody
    Column("lease_until", Utc, nullable=False),  # then anybody may take it over
    Column("claimed_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),  # not taken up before
    Column("step", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempting", Boolean, nullable=False),  # an attempt began and has not ended
    Column("crashes", Integer, nullable=False),  # attempts that never ended
    Column("trouble_since", Utc),
    Column("batch_id", String, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("report", Text, nullable=False),  # JSON: what is told of it
    Column("outcome", String, nullable=False),
    Column("targets", Text, nullable=False),  # JSON: where each of its files goes
    Column("target", String, nullable=False),  # where the file itself goes, below the watched folder
    Column("told", Boolean, nullable=False),
    one_of("state", ("claimed", "working", "leaving", "ended"), "state"),
    one_of("step", ("import", "post"), "step"),
    one_of("outcome", ("", "done", "tofix", "failed"), "outcome"),
    CheckConstraint("(state IN ('leaving', 'ended')) = (outcome <> '')", name="decided"),  # one outcome, and not taken back
    CheckConstraint("state <> 'ended' OR owner = ''", name="owner"),
    Index(  # the lock: one watcher lays its hand on a name of the inbox
        "uq_watched_files_claimed",
        "folder",
        "name",
        unique=True,
        sqlite_where=text("state = 'claimed'"),
        postgresql_where=text("state = 'claimed'"),
    ),
    Index(  # one place, one file
        "uq_watched_files_target",
        "folder",
        "target",
        unique=True,
        sqlite_where=text("target <> ''"),
        postgresql_where=text("target <> ''"),
    ),
    Index("ix_watched_files_open", "folder", sqlite_where=text("state <> 'ended'"), postgresql_where=text("state <> 'ended'")),
    Index("ix_watched_files_untold", "folder", sqlite_where=text("NOT told"), postgresql_where=text("NOT told")),
)

watch_notices = Table(  # what people should know of a watched folder besides its files' outcomes; each thing once
    "watch_notices",
    metadata,
    Column("folder", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("notice", Text, nullable=False),  # JSON
    Column("told", Boolean, nullable=False),
)

messages_out = Table(  # e-mails and calls of webhooks that have to leave
    "messages_out",
    metadata,
    Column("id", String, primary_key=True),
    Column("folder", String, nullable=False),
    Column("channel", String, nullable=False),  # as the configuration names it
    Column("body", Text, nullable=False),  # JSON
    Column("made_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),  # of the last try
    Column("state", String, nullable=False),
    one_of("state", ("waiting", "sent", "given_up"), "state"),
    Index("ix_messages_out_waiting", "due_at", sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")),
)
