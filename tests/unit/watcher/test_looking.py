"""A file is taken when it is whole: quiet, closed, every byte there; and never somebody's scratch."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from importer.unattended import FolderRules
from importer.watcher.looking import Inbox, candidates
from importer.watcher.proving import damage, is_open


def book(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", os.urandom(30_000).hex())
        archive.writestr("xl/sheet.xml", "x" * 50_000)
    return path


def rules(**values: float) -> FolderRules:
    return FolderRules(**{"settle_s": 0, "broken_after_s": 3600, **values})


@pytest.mark.parametrize(
    "name", ["~$a.xlsx", ".a.xlsx", "a.xlsx.part", "a.crdownload", "a.TMP", "Thumbs.db", "desktop.ini", ".~lock.a.xlsx#"]
)
def test_scratch_is_no_file(tmp_path: Path, name: str) -> None:
    """Owner files, hidden files and what copying programs write are left alone."""
    (tmp_path / name).write_bytes(b"x")
    assert candidates(tmp_path) == []


def test_files_of_sub_folders_are_found_and_links_are_not(tmp_path: Path) -> None:
    """A folder that was dropped as a whole is looked through; nothing outside of the inbox can be pulled in by a link."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    book(tmp_path / "a" / "b" / "x.xlsx")
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "a" / "b" / "x.xlsx")
    (tmp_path / "linked").symlink_to(tmp_path / "a")
    assert [item.name for item in candidates(tmp_path)] == ["a/b/x.xlsx"]


def test_a_file_must_be_quiet(tmp_path: Path) -> None:
    """Not at its first look, and not while size or time change."""
    path = book(tmp_path / "a.xlsx")
    patient = Inbox(tmp_path, rules(settle_s=3600))
    ready, [waiting] = patient.look()
    assert (ready, waiting.why) == ([], "changing")
    quick = Inbox(tmp_path, rules())
    [item], _ = quick.look()
    assert item.is_still()
    path.write_bytes(path.read_bytes() + b" ")
    assert not item.is_still()


@pytest.mark.parametrize("lock", ["~$a.xlsx", ".~lock.a.xlsx#"])
def test_a_file_that_lies_open_in_excel_waits(tmp_path: Path, lock: str) -> None:
    """The owner file says so."""
    book(tmp_path / "a.xlsx")
    (tmp_path / lock).write_bytes(b"me")
    _, [waiting] = Inbox(tmp_path, rules()).look()
    assert waiting.why == "open"


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell who writes")
def test_an_open_writer_is_seen(tmp_path: Path) -> None:
    """Even when it is quiet; a reader does not matter."""
    path = book(tmp_path / "a.xlsx")
    with path.open("rb"):
        assert not is_open(path)
    with path.open("ab"):
        assert is_open(path)
    assert not is_open(path)


def test_a_hole_is_found(tmp_path: Path) -> None:
    """A package whose directory is whole and whose content is not: opening it shows nothing, unpacking it does."""
    path = book(tmp_path / "a.xlsx")
    assert damage(path) == ""
    with path.open("r+b") as file:
        file.seek(5_000)
        file.write(bytes(300))
    with zipfile.ZipFile(path) as archive:
        assert len(archive.infolist()) == 2
    assert damage(path)
    _, [waiting] = Inbox(tmp_path, rules()).look()
    assert waiting.why == "damaged"


@pytest.mark.parametrize("length", [0, 1, 100, -1, -22, -100])
def test_every_cut_is_found(tmp_path: Path, length: int) -> None:
    """Wherever the copy ended."""
    path = book(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:length])
    assert damage(path)


def test_what_is_no_package_is_the_readers_business(tmp_path: Path) -> None:
    """Old and encrypted workbooks and text files are not judged by their zip."""
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    (tmp_path / "a.csv").write_bytes(b"a,b\n")
    assert damage(tmp_path / "a.xlsx") == damage(tmp_path / "a.csv") == ""


def test_a_file_that_stays_damaged_is_broken(tmp_path: Path) -> None:
    """After `broken_after_s` without a change it is taken, to be reported; also by a process that looks only once."""
    path = book(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-50])
    assert Inbox(tmp_path, rules(broken_after_s=0)).look()[1] == []
    assert Inbox(tmp_path, rules(broken_after_s=3600)).look()[0] == []
