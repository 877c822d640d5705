from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from unit.ledger.making import enqueue, hand_in

from importer.ledger import Ledger, open_ledger
from importer.ledger.migrations import scripts, upgrade
from importer.ledger.schema import VERSION, metadata
from importer.ledger.transitions import TRANSITIONS, Cause
from importer.models import Status


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that a database says of its tables, in an order that does not depend on how they were made."""
    inspector = inspect(connection)
    return {
        name: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"]) for column in inspector.get_columns(name)
            },
            "key": inspector.get_pk_constraint(name),
            "foreign": sorted(map(str, inspector.get_foreign_keys(name))),
            "unique": sorted(map(str, inspector.get_unique_constraints(name))),
            "check": sorted(map(str, inspector.get_check_constraints(name))),
            "indexes": sorted(str(plain(index)) for index in inspector.get_indexes(name)),
        }
        for name in sorted(metadata.tables)
    }


def plain(value: Any) -> Any:
    """With the conditions of partial indexes as text."""
    return {name: plain(some) for name, some in value.items()} if isinstance(value, dict) else str(value)


@pytest.fixture
def empty_engine() -> Engine:
    return create_engine("sqlite://")


def test_an_upgraded_ledger_is_the_one_that_the_code_expects(empty_engine: Engine) -> None:
    """Whoever started with an old version has the same tables and rules as whoever starts today."""
    with empty_engine.connect() as connection:
        metadata.create_all(connection)
        made = shape(connection)
        metadata.drop_all(connection)
        upgrade(connection)
        upgraded = shape(connection)
    assert all(table["check"] for name, table in made.items() if name in ("batches", "documents", "entries", "events"))
    assert upgraded == made


def test_the_version_of_the_code_is_the_newest_migration() -> None:
    """A ledger is upgraded exactly when a migration was added."""
    assert scripts().get_current_head() == VERSION


ENTRY = (
    "INSERT INTO entries SELECT 90 + id, document_id, batch_id, position, '{}', 'succeeded', 1, owner, claimed_at, since, '', '', line, ''"
)
BROKEN = {
    "a second thing happening to a document": ENTRY.format("post").replace("succeeded", "unknown") + " FROM entries WHERE id = 1",
    "a second creation of a document": ENTRY.format("combined")
    + " FROM entries WHERE id = 1 UNION ALL "
    + ENTRY.format("create").removeprefix("INSERT INTO entries ").replace("90", "80")
    + " FROM entries WHERE id = 1",
    "a created document without a number": "UPDATE documents SET stage = 'created'",
    "one number for two documents": "UPDATE documents SET stage = 'created', doc_no = 'N1'",
    "a stage that is none": "UPDATE documents SET stage = 'sent', doc_no = 'N' || id",
    "one token for two documents": "UPDATE documents SET token = 'AAAAAAAAAAAAAAAA'",
    "a document without a token": "UPDATE documents SET token = '' WHERE id = 1",
    "a document of no batch": "UPDATE documents SET batch_id = 'none'",
    "a status that is none": "UPDATE entries SET status = 'done', attempt = 1",
    "an operation that is none": "UPDATE entries SET operation = 'print'",
    "sending without an owner": "UPDATE entries SET status = 'sending', attempt = 1",
    "an outcome without a claim": "UPDATE entries SET status = 'succeeded'",
    "an owner that is none": "UPDATE entries SET status = 'sending', attempt = 1, owner = 'nobody'",
    "a batch without its workbook": "DELETE FROM workbooks",
    "a batch in no state": "UPDATE batches SET state = 'lost'",
    "a batch that ends nowhere": "UPDATE batches SET until = 'new'",
    "a document that vanishes": "DELETE FROM documents",
    "an entry that vanishes": "DELETE FROM entries",
    "two documents in one place": "UPDATE batch_documents SET position = 0",
}


@pytest.mark.parametrize("sql", BROKEN.values(), ids=BROKEN.keys())
def test_the_database_itself_refuses(url: str, ledger: Ledger, sql: str) -> None:
    """No program, ours or another, can bring the ledger into a state that would mean a duplicate or a loss."""
    hand_in(ledger, "b", ["x", "y"])
    enqueue(ledger, "b")
    engine = create_engine(url)
    with engine.connect() as connection, pytest.raises(IntegrityError):
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys = ON"))
        connection.execute(text(sql))
    engine.dispose()


def test_a_deleted_documents_number_may_come_again(url: str, ledger: Ledger) -> None:
    """The ERP gives the number of an undone document to the next one; that is no duplicate."""
    hand_in(ledger, "b", ["x", "y"])
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE documents SET stage = 'deleted', doc_no = 'N1' WHERE key = 'Kx'"))
        connection.execute(text("UPDATE documents SET stage = 'posted', doc_no = 'N1' WHERE key = 'Ky'"))
    engine.dispose()
    found = ledger.same_number("test", "misc_issue", "N1")
    assert found is not None
    assert found.key == "Ky"


def test_every_change_of_state_is_in_the_table() -> None:
    """There is no way out of succeeded, and none from unknown to sending without asking."""
    assert set(TRANSITIONS) == set(Cause) - {Cause.LATE}
    ways = {(before, after) for before, allowed in TRANSITIONS.values() for after in allowed}
    assert not {way for way in ways if way[0] is Status.SUCCEEDED}
    assert {before for before, after in ways if after is Status.SENDING} == {Status.PENDING, None}
    assert {cause for cause, (before, _) in TRANSITIONS.items() if before is Status.UNKNOWN} == {Cause.SETTLE}


def test_a_broken_upgrade_leaves_the_ledger_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade that fails half-way is as if it had not begun; the next one starts afresh."""
    monkeypatch.setattr("importer.ledger.migrations.upgrade", _broken_upgrade)
    with pytest.raises(RuntimeError, match="half-way"):
        open_ledger(url)
    monkeypatch.undo()
    with open_ledger(url) as ledger:
        assert ledger.is_new


def _broken_upgrade(connection: Connection) -> None:
    upgrade(connection)
    raise RuntimeError("half-way")
