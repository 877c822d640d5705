from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from unit.ledger.making import ERP, confirm, created, enqueue, hand_in

import importer.ledger
from importer.errors import ConfigurationError, LedgerUnavailable
from importer.ledger import Ledger, open_ledger, redacted
from importer.models import Stage


def execute(url: str, sql: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(sql))
    engine.dispose()


@contextmanager
def every_connection(pragma: str) -> Iterator[None]:
    """Connections opened meanwhile have this SQLite pragma."""

    def connect(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(Engine, "connect", connect)
    try:
        yield
    finally:
        event.remove(Engine, "connect", connect)


def test_a_new_ledger_is_announced_once(url: str) -> None:
    """Whoever starts with an empty ledger is told, and only then."""
    with open_ledger(url) as first:
        assert first.is_new
    with open_ledger(url) as second:
        assert not second.is_new


def test_reading_never_makes_a_ledger(url: str, tmp_path: Path) -> None:
    """`check` and `status` work before the first run and leave nothing behind."""
    with open_ledger(url, read_only=True) as empty:
        assert empty.known(ERP, ["A"]) == {}
        assert empty.batches(5) == []
        with pytest.raises(LedgerUnavailable):
            empty.settle_erp(ERP)
        with pytest.raises(LedgerUnavailable), empty.sending_lock():
            pass
    assert list(tmp_path.iterdir()) == []


def test_reading_sees_what_another_process_writes_without_waiting_for_it(ledger: Ledger, url: str) -> None:
    """`status` shows a running import while it goes on."""
    with open_ledger(url, read_only=True) as reader, ledger.sending_lock():
        hand_in(ledger, "b", ["x"])
        execute_begun = create_engine(url).connect()
        execute_begun.exec_driver_sql("BEGIN IMMEDIATE")
        assert [found.id for found in reader.batches(5)] == ["b"]
        execute_begun.close()


def test_reading_an_up_to_date_ledger_does_not_load_alembic(ledger: Ledger, url: str) -> None:
    """`importer status` answers in less than half a second."""
    hand_in(ledger, "b", ["x"])
    code = (
        "import sys; from importer.ledger import open_ledger\n"
        f"for read_only in (True, False):\n"
        f"    with open_ledger({url!r}, read_only=read_only) as ledger: assert ledger.batches(1)\n"
        "assert 'alembic' not in sys.modules and 'orjson' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_package_loads_no_database_by_itself() -> None:
    """`importer --help` feels instant."""
    code = "import sys, importer.ledger; assert 'sqlalchemy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_everything_that_is_announced_can_be_had() -> None:
    """Each name of the package leads somewhere, and no other does."""
    for name in importer.ledger.__all__:
        assert getattr(importer.ledger, name).__name__ == name
    with pytest.raises(AttributeError):
        _ = importer.ledger.nothing_of_that_name  # type: ignore[attr-defined]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_ledger_is_refused(ledger: Ledger, url: str, read_only: bool) -> None:
    """An older importer on a newer ledger says so and touches nothing."""
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match="newer"):
        open_ledger(url, read_only=read_only)


def test_an_older_ledger_is_not_upgraded_by_reading(ledger: Ledger, url: str) -> None:
    """`status` on a ledger of an earlier version says which command upgrades it."""
    execute(url, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(LedgerUnavailable, match="resume"):
        open_ledger(url, read_only=True)


@pytest.mark.parametrize(
    "wrong",
    ["importer.db", "postgresql://host:port/db", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=ro", ""],
)
def test_a_url_that_is_none_is_a_matter_of_configuration(wrong: str) -> None:
    """A slip in the ledger's URL is named and not a traceback."""
    with pytest.raises(ConfigurationError):
        open_ledger(wrong)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://me:secret@host:5432/db?password=secret", "postgresql+psycopg://me:***@host:5432/db"),
        ("sqlite:////data/importer.db", "sqlite:////data/importer.db"),
        ("postgresql://me:secret@host:port/db", "postgresql://host:port/db"),
        ("me:secret@host", "host"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    """Messages about the ledger can be sent to anybody."""
    assert redacted(url) == shown


def test_a_file_that_is_no_database_is_said_to_be_unusable(tmp_path: Path) -> None:
    """A wrong file name harms neither the file nor the user."""
    path = tmp_path / "workbook.xlsx"
    path.write_bytes(b"PK\x03\x04" * 1000)
    for read_only in (False, True):
        with pytest.raises(LedgerUnavailable, match=r"workbook\.xlsx"):
            open_ledger(f"sqlite:///{path}", read_only=read_only)
    with pytest.raises(LedgerUnavailable):
        open_ledger(f"sqlite:///{tmp_path}")
    with pytest.raises(LedgerUnavailable):
        open_ledger(f"sqlite:///{path}/ledger.db")
    assert path.read_bytes() == b"PK\x03\x04" * 1000


def test_a_ledger_that_cannot_be_written_stops_everything(ledger: Ledger, url: str) -> None:
    """On a read-only disk nothing is sent, because nothing could be recorded."""
    hand_in(ledger, "b", ["x"])
    enqueue(ledger, "b")
    with (
        every_connection("query_only=ON"),
        pytest.raises(LedgerUnavailable, match="readonly"),
        open_ledger(url) as found,
        found.sending_lock(),
    ):
        raise AssertionError("never inside")
    with open_ledger(url) as other, every_connection("query_only=ON"):
        with pytest.raises(LedgerUnavailable, match="readonly"), other.sending_lock():
            raise AssertionError("never inside")
        with pytest.raises(LedgerUnavailable):
            hand_in(other, "c", ["y"])
        assert other.counts("b").stages == {Stage.NEW: 1}


def test_after_a_full_disk_nothing_can_be_claimed(ledger: Ledger, url: str) -> None:
    """When an outcome cannot be recorded the run stops at once, and what was being sent is asked about afterwards."""
    hand_in(ledger, "b", range(3))
    enqueue(ledger, "b")
    with every_connection("max_page_count=1"), open_ledger(url) as full, full.sending_lock():
        claims = full.claim("b", 1)
        with pytest.raises(LedgerUnavailable, match="full"):
            hand_in(full, "c", ["y"], content=b"x" * 100_000)
        with pytest.raises(LedgerUnavailable):
            full.claim("b", 1)
        with pytest.raises(LedgerUnavailable):
            full.record(claims[0], created("I01-1"))
    with ledger.sending_lock():
        assert ledger.take_over(None) == 1
        assert len(ledger.claim("b", 9)) == 2


def test_a_closed_ledger_says_so(url: str) -> None:
    """A call after the end is an error, not silence."""
    ledger = open_ledger(url)
    confirm(ledger)
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerUnavailable):
        ledger.settle_erp(ERP)


def test_closing_writes_what_waits(ledger: Ledger, url: str) -> None:
    """Outcomes that were handed over before the end are on disk after it."""
    hand_in(ledger, "b", range(200))
    enqueue(ledger, "b")
    with open_ledger(url) as other:
        with other.sending_lock():
            answers = [other.record(claim, created(f"I01-{claim.document_id}")) for claim in other.claim("b", 200)]
        assert all(answer.done() for answer in answers)
    assert ledger.counts("b").stages == {Stage.CREATED: 200}


def test_one_process_sends_and_the_others_are_told_who(ledger: Ledger, url: str) -> None:
    """Whoever must wait reads which process holds the ledger; whoever will not wait is refused with the same words."""
    told: list[str] = []
    with open_ledger(url) as other:
        with ledger.sending_lock():
            with pytest.raises(LedgerUnavailable, match=r"process \d+ on"), other.sending_lock(wait=False):
                raise AssertionError("never inside")
            with ledger.sending_lock(wait=False):
                pass
        with other.sending_lock(wait=False, on_wait=told.append):
            pass
    assert told == []
