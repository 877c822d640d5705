"""`importer ledger copy`: from SQLite to PostgreSQL when more machines join, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from site_folder import SiteFolder, movements_of, once_each, sound_rows
from sqlalchemy import create_engine, select
from unit.ledger.making import confirm, created, enqueue, hand_in

from importer.errors import ConfigurationError, LedgerUnavailable
from importer.ledger import open_ledger
from importer.ledger.copying import NOT_COPIED, copy
from importer.ledger.schema import metadata
from importer.simulator import Simulator


def content(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a copy keeps."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
            if table.name not in NOT_COPIED
        }
    engine.dispose()
    return found


def test_there_and_back(tmp_path: Path, postgresql_url: str) -> None:
    """Every row arrives, numbers go on where they were, and the way back gives the very same ledger."""
    first, last = f"sqlite:///{tmp_path / 'first.db'}", f"sqlite:///{tmp_path / 'last.db'}"
    with open_ledger(first) as ledger, ledger.sending_lock():
        confirm(ledger)
        hand_in(ledger, "b", range(30))
        enqueue(ledger, "b")
        for number, claim in enumerate(ledger.claim("b", 10)):
            ledger.record(claim, created(f"I01-{number}")).result()
    with open_ledger(first) as old, open_ledger(postgresql_url) as new:
        counts = copy(old, new)
        assert (counts["documents"], counts["entries"]) == (30, 30)
    assert content(postgresql_url) == content(first)
    with open_ledger(postgresql_url) as old, open_ledger(last) as new:
        copy(old, new)
    assert content(last) == content(first)
    with open_ledger(postgresql_url) as ledger, ledger.sending_lock():
        hand_in(ledger, "c", range(30, 35))
        enqueue(ledger, "c")
        assert len(ledger.claim("c", 9)) == 5  # new rows get numbers that are free


def test_what_was_being_sent_is_unknown_in_the_copy(tmp_path: Path, postgresql_url: str) -> None:
    """A process that died leaves no document behind that the copy would send again on hope."""
    first = f"sqlite:///{tmp_path / 'first.db'}"
    with open_ledger(first) as ledger, ledger.sending_lock():
        confirm(ledger)
        hand_in(ledger, "b", ["x"])
        enqueue(ledger, "b")
        ledger.claim("b", 1)
    with open_ledger(first) as old, open_ledger(postgresql_url) as new:
        copy(old, new)
        assert [document.key for _, document in new.unknowns()] == ["Kx"]


def test_a_ledger_in_use_or_a_full_one_is_refused(tmp_path: Path, postgresql_url: str) -> None:
    """Nothing is copied while somebody sends from either ledger, nor into one that has something in it."""
    first = f"sqlite:///{tmp_path / 'first.db'}"
    with open_ledger(first) as ledger:
        confirm(ledger)
        hand_in(ledger, "b", ["x"])
    with open_ledger(postgresql_url) as sending, sending.sending_lock(), open_ledger(first) as old, open_ledger(postgresql_url) as new:
        with pytest.raises(LedgerUnavailable, match="in use by process"):
            copy(old, new)
        with pytest.raises(LedgerUnavailable, match="in use by process"):
            copy(new, old)
    with (
        open_ledger(first) as sending,
        sending.sending_lock(),
        open_ledger(first) as old,
        open_ledger(postgresql_url) as new,
        pytest.raises(LedgerUnavailable, match="in use by process"),
    ):
        copy(old, new)
    with open_ledger(first) as old, open_ledger(postgresql_url) as new:
        copy(old, new)
        with pytest.raises(ConfigurationError, match="is not empty"):
            copy(old, new)


def test_a_run_goes_on_in_the_copy(erp: Simulator, make_site: Callable[..., SiteFolder], postgresql_url: str) -> None:
    """What was imported on SQLite is known on PostgreSQL: the same workbook sends nothing twice, and the rest is carried on."""
    site = make_site("site", erp.standard_url)
    rows = sound_rows(documents=6, lines=1)
    book = site.workbook(rows)
    assert site.cli("run", book, "--until", "created").code == 0
    done = site.cli("ledger", "copy", "sqlite:///importer.db", postgresql_url, "--json")
    assert (done.code, done.json[0]["rows"]["documents"]) == (0, 6), done.err
    site.ledger = postgresql_url
    site.configure()
    assert site.cli("run", book).code == 0
    once_each(erp, movements_of("misc_issue", rows), 6)
    again = site.cli("ledger", "copy", "sqlite:///none.db", postgresql_url)
    assert (again.code, "no such ledger" in again.err) == (2, True)
