"""A site as a customer has it: a folder with importer.toml, workbooks and a ledger, used through the API or the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import openpyxl

from importer import open_site, run
from importer.api.opening import Site
from importer.api.values import RunReport
from importer.demo import demo_rows
from importer.mapping import Mapping as DocumentType
from importer.mapping import load_mappings
from importer.simulator import Simulator
from importer.workbook.template import fill_template

DAY: Final = date(2026, 1, 31)
QUICK: Final[Mapping[str, Any]] = {"timeout_s": 5, "grace_s": 0, "concurrency": 2, "ask_before_create": "never", "language": "en"}
SIGNS: Final = {  # what posting does to stock: (quantity field, warehouse field, sign)
    "misc_issue": [("qty", "warehouse_no", -1)],
    "misc_receipt": [("qty", "warehouse_no", 1)],
    "completion_receipt": [("qty", "warehouse_no", 1)],
    "transfer": [("out_qty", "out_warehouse_no", -1), ("out_qty", "in_warehouse_no", 1)],
}
TYPES: Final = tuple(SIGNS)
Rows = list[dict[str, object]]
Movements = dict[tuple[str, str], Decimal]


@cache
def shipped() -> dict[str, DocumentType]:
    """The document types as they are shipped."""
    return load_mappings()


def sound_rows(document_type: str = "misc_issue", *, documents: int = 3, lines: int = 2, seed: int = 0) -> Rows:
    """Rows that the simulator posts."""
    return list(demo_rows(shipped()[document_type], documents=documents, lines=lines, day=DAY, seed=seed))


def movements_of(document_type: str, rows: Rows) -> Movements:
    """What posting these rows does to stock per item and warehouse, worked out from the cells alone."""
    moved: Movements = defaultdict(Decimal)
    for row in rows:
        for quantity, warehouse, sign in SIGNS[document_type]:
            moved[str(row["item_no"]), str(row[warehouse])] += sign * Decimal(str(row[quantity]))
    return {place: number for place, number in moved.items() if number}


def moved_in(erp: Simulator) -> Movements:
    """What the ERP's stock movements came to per item and warehouse."""
    moved: Movements = defaultdict(Decimal)
    for (_, _, item, warehouse), number in erp.totals().items():
        moved[item, warehouse] += number
    return {place: number for place, number in moved.items() if number}


def once_each(erp: Simulator, expected: Movements, documents: int) -> None:
    """Every document is in the ERP once, was posted once, moved what the workbook says, and nothing was repeated on hope."""
    standing = [document for document in erp.documents() if document.confirm != "X"]
    assert len(standing) == documents
    assert [document.times_posted for document in standing] == [1] * documents
    assert moved_in(erp) == expected
    clean(erp)


def clean(erp: Simulator) -> None:
    """Nothing is there twice, and nothing was wrong on the wire."""
    assert erp.duplicates() == {}
    assert erp.protocol_faults() == []


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is exactly one JSON document."""
        return json.loads(self.out)


class SiteFolder:
    """One customer's folder. Nothing outside of it is read or written."""

    def __init__(self, folder: Path, erp_url: str, *, ledger: str = "sqlite:///importer.db", **profile: Any) -> None:
        self.folder = folder
        self.ledger = ledger
        self.erp_url = erp_url
        self.config = folder / "importer.toml"
        self._running: list[subprocess.Popen[Any]] = []
        self.configure(**profile)

    # -- what lies in it -----------------------------------------------------------------------------------------------

    def configure(self, **profile: Any) -> None:
        """Write importer.toml; `profile` is laid over quick settings that point at the simulator."""
        values = {"erp_id": "test", "standard_url": self.erp_url, **QUICK, **profile}
        lines = [f'ledger = "{self.ledger}"', 'default_profile = "test"', "[profiles.test]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def workbook(self, rows: Rows, *, document_type: str = "misc_issue", name: str = "", mapping: DocumentType | None = None) -> Path:
        """A filled template."""
        path = self.folder / (name or f"{document_type}.xlsx")
        fill_template(mapping or shipped()[document_type], "en", path, rows)
        return path

    def results_rows(self, path: Path | str) -> list[dict[str, Any]]:
        """The data rows of a results workbook by technical name, `_row` being the worksheet row."""
        book = openpyxl.load_workbook(path)
        sheet = next(sheet for sheet in book if any(cell.value == "_result.status" for cell in sheet[1]))
        names = [cell.value for cell in sheet[1]]
        rows = [
            dict(zip(names, [cell.value for cell in cells], strict=True)) | {"_row": cells[0].row} for cells in sheet.iter_rows(min_row=3)
        ]
        return [row for row in rows if any(value is not None for name, value in row.items() if name != "_row")]

    def edit(self, path: Path | str, change: Callable[[dict[str, Any]], Mapping[str, Any] | None], *, name: str) -> Path:
        """A copy of a workbook as a person edits it: `change` gives each row's new cells, or None to delete the row."""
        book = openpyxl.load_workbook(path)
        sheet = next(sheet for sheet in book if any(cell.value == "doc_key" for cell in sheet[1]))
        names = [cell.value for cell in sheet[1]]
        for number in range(sheet.max_row, 2, -1):
            row = {name: sheet.cell(number, column).value for column, name in enumerate(names, 1)}
            changes = change({**row, "_row": number})
            if changes is None:
                sheet.delete_rows(number)
            else:
                for field, value in changes.items():
                    sheet.cell(number, names.index(field) + 1).value = value
        target = self.folder / name
        book.save(target)
        return target

    # -- through the API -----------------------------------------------------------------------------------------------

    def site(self) -> Site:
        """The site as the API has it."""
        return open_site(self.config)

    def run(self, *files: Path, **options: Any) -> RunReport:
        """Run one file, or several and give the last one's report."""
        return run(files, self.site(), **options)[-1]

    # -- through the command line --------------------------------------------------------------------------------------

    def environment(self, **extra: str) -> dict[str, str]:
        """Of a user who has nothing of the importer but this folder."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("IMPORTER_", "XDG_", "LC_", "LANG"))}
        return {**kept, "HOME": str(self.folder / "home"), "IMPORTER_LANG": "en", "TMPDIR": str(self.folder), **extra}

    def start(self, *arguments: object, cwd: Path | None = None, **extra: str) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        process = subprocess.Popen(
            command(arguments),
            cwd=cwd or self.folder,
            env=self.environment(**extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._running.append(process)
        return process

    def also_end(self, process: subprocess.Popen[Any]) -> None:
        """A process that was started otherwise ends with the site, too."""
        self._running.append(process)

    def cli(self, *arguments: object, cwd: Path | None = None, **extra: str) -> Finished:
        """Run a command to its end. Whatever it is told, it never shows a traceback."""
        return finished(self.start(*arguments, cwd=cwd, **extra))

    def close(self) -> None:
        """End what is still running."""
        for process in self._running:
            if process.poll() is None:
                process.kill()
            with suppress(ValueError):
                process.communicate(timeout=10)
        shutil.rmtree(self.folder / "home", ignore_errors=True)


def command(arguments: Sequence[object]) -> list[str]:
    """The importer as a process of its own."""
    return [sys.executable, "-m", "importer", *map(str, arguments)]


def finished(process: subprocess.Popen[str], timeout_s: float = 60) -> Finished:
    """Wait for a command's end."""
    out, err = process.communicate(timeout=timeout_s)
    assert "Traceback (most recent call last)" not in out + err
    return Finished(code=process.returncode, out=out, err=err)
