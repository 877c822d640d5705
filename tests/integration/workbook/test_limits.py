"""Files that are big, or pretend to be small: read or refused in a sentence, with the memory of a small one."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from corpus.making.base import LABELS, TEXTS, openpyxl_book
from corpus.making.raw import PLAIN, package
from site_folder import SiteFolder

MEGABYTE: Final = 1 << 20
KILLED_AFTER_S: Final = 120  # of real time on a busy machine; a refusal takes well under a second
SMALL: Final = 200 * MEGABYTE  # resident memory for what is refused
CONTENT: Final = "xl/worksheets/sheet1.xml"


WATCHED: Final = """
import json, resource, subprocess, sys
try:
    done = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=float(sys.argv[1]))
except subprocess.TimeoutExpired:
    sys.exit("killed")
print(json.dumps([done.returncode, done.stdout.decode(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""
"""Between the tests and the command: a process begins with the peak of the one that it was forked from, which is a large one here."""


def measured(site: SiteFolder, path: Path) -> tuple[int, dict[str, Any], int]:
    """Exit code and report of `importer check` in a process of its own, and the most memory that it held, in bytes."""
    command = [sys.executable, "-m", "importer", "check", str(path), "--type", "misc_issue", "--json", "--out", str(site.folder)]
    watched = [sys.executable, "-c", WATCHED, str(KILLED_AFTER_S), *command]
    done = subprocess.run(watched, cwd=site.folder, env=site.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    code, said, kilobytes = json.loads(done.stdout)
    (report,) = json.loads(said)
    return code, report, kilobytes * 1024


def bomb(path: Path, part: str, *, begin: bytes = b"") -> None:
    """A package one of whose parts unpacks to a gigabyte."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, archive.open(part, "w", force_zip64=True) as file:
        file.write(begin)
        for _ in range(1024):
            file.write(b" " * MEGABYTE)


def sheet_bomb(path: Path) -> None:
    """A whole workbook whose sheet is a gigabyte of blanks."""
    package()(path)
    with zipfile.ZipFile(path) as archive:
        others = {name: archive.read(name) for name in archive.namelist() if name != CONTENT}
    bomb(path, CONTENT, begin=b"<worksheet>")
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in others.items():
            archive.writestr(name, content)


def document_bomb(path: Path) -> None:
    """The same of OpenDocument."""
    bomb(path, "content.xml", begin=b"<office>")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("META-INF/manifest.xml", "<manifest/>")


def nested_bomb(path: Path) -> None:
    """A package of packages: nobody unpacks what is within."""
    inner = path.with_suffix(".inner")
    bomb(inner, "zeros")
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5):
            archive.write(inner, f"{number}.zip")


def quoted_bomb(path: Path) -> None:
    """A text file whose first quotation mark is never closed, for 200 MB."""
    with path.open("wb") as file:
        file.write((",".join(LABELS) + '\n1,I01,2026-01-31,"').encode())
        for _ in range(200):
            file.write(b"x,\n" * (MEGABYTE // 3))


def endless_text(path: Path) -> None:
    """A text file of 300 MB; the disk holds no more of it than its beginning."""
    with path.open("wb") as file:
        file.write((",".join(LABELS) + "\n").encode())
        file.truncate(300 * MEGABYTE)


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("bomb.xlsx", sheet_bomb, "file_too_large"),
        ("bomb.ods", document_bomb, "file_too_large"),
        ("nested.xlsx", nested_bomb, "file_not_workbook"),
        ("quoted.csv", quoted_bomb, "csv_broken"),
        ("endless.csv", endless_text, "file_too_large"),
    ],
)
def test_bombs_are_refused_with_little_memory(site: SiteFolder, name: str, make: Callable[[Path], None], code: str) -> None:
    """A gigabyte in a small file is refused by what its directory says, before anything is unpacked."""
    path = site.folder / name
    make(path)
    exit_code, report, memory = measured(site, path)
    assert (exit_code, [issue["code"] for issue in report["issues"]]) == (1, [code])
    if code != "csv_broken":  # a text file is kept as a whole before it is read
        assert memory < SMALL


def test_a_hundred_megabytes_of_pictures(site: SiteFolder) -> None:
    """A workbook that is big because of its pictures is read as any other."""
    path = site.folder / "pictures.xlsx"
    noise = random.Random(0).randbytes(MEGABYTE)
    openpyxl_book()(path)
    with zipfile.ZipFile(path, "a") as archive, archive.open("xl/media/image1.bin", "w", force_zip64=True) as file:
        for _ in range(100):
            file.write(noise)
    assert path.stat().st_size > 100 * MEGABYTE
    exit_code, report, memory = measured(site, path)
    assert (exit_code, report["documents"], report["lines"], report["issues"]) == (0, 2, 3, [])
    assert memory < 3 * SMALL


def test_a_million_rows_that_hold_only_styles(site: SiteFolder) -> None:
    """Rows coloured to the end of the sheet, over more columns than ours, cost nothing but the look at them."""
    styled = "".join(f'<row r="{row}"><c r="A{row}" s="0"/><c r="CV{row}" s="0"/></row>' for row in range(len(TEXTS) + 2, 1_048_577))
    path = site.folder / "styled.xlsx"
    package(PLAIN + styled)(path)
    exit_code, report, memory = measured(site, path)
    assert (exit_code, report["documents"], report["lines"], report["issues"]) == (0, 2, 3, [])
    assert memory < 4 * SMALL
