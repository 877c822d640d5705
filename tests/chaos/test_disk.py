"""A ledger on a disk that is full, a ledger that cannot be written, and a copy of one that was made while it was in use."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_folder import Finished, SiteFolder, finished, movements_of, once_each, sound_rows
from sqlalchemy import create_engine, text

from importer.simulator import Simulator

DOCUMENTS = 40


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 24 megabytes; skipped where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root: " + mounted.stderr.decode().strip())
    yield folder
    subprocess.run(["umount", folder], check=True)


def put_ledger(site: SiteFolder, path: Path) -> Path:
    """Let the site's ledger lie elsewhere."""
    site.config.write_text(site.config.read_text("utf-8").replace("sqlite:///importer.db", f"sqlite:///{path}"), "utf-8")
    return path


def fill(folder: Path, leave: int) -> Path:
    """Use a disk up but for so many bytes."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        space = os.statvfs(folder)
        os.posix_fallocate(file.fileno(), 0, max(space.f_bavail * space.f_frsize - leave, 1))
    return filler


def told_in_a_sentence(done: Finished, ledger: Path) -> None:
    """Exit code 4, and the last thing on standard error is what is wrong with which ledger."""
    assert done.code == 4, done.err
    last = done.err.strip().splitlines()[-1]
    assert str(ledger) in last, done.err
    assert "fault of its own" not in done.err


def sent_by(ledger: Path) -> int:
    """How many documents have left, or may have, as the ledger knows it."""
    engine = create_engine(f"sqlite:///{ledger}")
    left = "SELECT count(*) FROM documents WHERE stage <> 'new' OR id IN (SELECT document_id FROM entries WHERE status = 'sending')"
    with engine.connect() as connection:
        found = connection.scalar(text(left))
    engine.dispose()
    return int(found or 0)


@pytest.mark.parametrize("leave", [0, 200_000, 900_000])
def test_a_full_disk_stops_the_run_before_anything_is_sent_that_it_cannot_record(
    site: SiteFolder, erp: Simulator, small_disk: Path, leave: int
) -> None:
    """The disk is full, or fills up in the middle: exit code 4 and one sentence; whatever the ERP has, the ledger has at least as
    being sent; and once there is room again `resume` and `run` finish with each document there once."""
    ledger = put_ledger(site, small_disk / "importer.db")
    site.run(site.workbook(sound_rows(documents=1, seed=99), name="first.xlsx"))
    rows = sound_rows(documents=DOCUMENTS, lines=3)
    path = site.workbook(rows)
    filler = fill(small_disk, leave)
    told_in_a_sentence(site.cli("run", path.name), ledger)
    filler.unlink()
    in_erp = len(erp.documents())
    assert in_erp > 1 or not leave  # it filled up in the middle
    assert in_erp <= sent_by(ledger)
    assert site.cli("resume").code == 0
    done = site.cli("run", path.name, "--json")
    assert (done.code, done.json[0]["stages"]) == (0, {"posted": DOCUMENTS})
    rows += sound_rows(documents=1, seed=99)
    once_each(erp, movements_of("misc_issue", rows), DOCUMENTS + 1)


def test_a_full_disk_from_the_very_beginning(site: SiteFolder, erp: Simulator, small_disk: Path) -> None:
    """There is not even room for a new ledger: exit code 4, one sentence, and nothing was sent."""
    ledger = put_ledger(site, small_disk / "importer.db")
    rows = sound_rows()
    path = site.workbook(rows)
    filler = fill(small_disk, 0)
    told_in_a_sentence(site.cli("run", path.name), ledger)
    assert erp.documents() == []
    filler.unlink()
    assert site.cli("run", path.name).code == 0
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_a_ledger_that_cannot_be_written_is_told_before_anything_is_sent(site: SiteFolder, erp: Simulator, small_disk: Path) -> None:
    """The ledger's disk became read-only: exit code 4, one sentence, nothing sent; writable again, the run does its work."""
    ledger = put_ledger(site, small_disk / "importer.db")
    first = sound_rows(documents=1, seed=99)
    site.run(site.workbook(first, name="first.xlsx"))
    rows = sound_rows()
    path = site.workbook(rows)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    try:
        told_in_a_sentence(site.cli("run", path.name), ledger)
    finally:
        subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    assert len(erp.documents()) == 1
    assert site.cli("run", path.name).code == 0
    once_each(erp, movements_of("misc_issue", first + rows), 4)


def test_a_backup_made_during_a_run_is_a_ledger_that_can_be_used(site: SiteFolder, erp: Simulator) -> None:
    """A copy made with SQLite's backup in the middle of a run is sound; put in the ledger's place, with `ask_before_create = "always"`,
    the workbook is finished without a duplicate."""
    erp.configure(latency_ms=10)
    rows = sound_rows(documents=DOCUMENTS, lines=1)
    path = site.workbook(rows)
    run = site.start("run", path.name)
    while len(erp.documents()) < DOCUMENTS // 4:
        assert run.poll() is None
        time.sleep(0.001)
    ledger, copy = site.folder / "importer.db", site.folder / "backup.db"
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    assert target.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    target.close()
    assert run.poll() is None  # it was made in the middle
    assert finished(run).code == 0
    for file in site.folder.glob("importer.db*"):
        file.unlink()
    copy.rename(ledger)
    site.configure(ask_before_create="always")
    done = site.cli("run", path.name, "--json")
    assert (done.code, done.json[0]["stages"]) == (0, {"posted": DOCUMENTS}), done.err
    once_each(erp, movements_of("misc_issue", rows), DOCUMENTS)
