"""The workbooks that are measured, made from the mapping: `python -m tests.benchmarks.workbooks FILE --lines N`.

Documents of ten lines. `filled` has the header on the first row of each document, as people fill a template; `exported` has it on every
row, as programs write it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from importer.demo import demo_rows
from importer.mapping import DOC_KEY, load_mappings
from importer.workbook.template import fill_template

__all__ = ["DAY", "LINES_EACH", "SHAPES", "TYPE", "make_workbook"]

TYPE: Final = "misc_issue"
LINES_EACH: Final = 10  # of a document
DAY: Final = date(2026, 1, 31)
STEP: Final = Decimal("0.001")  # of a quantity
SHAPES: Final = ("filled", "exported")


def make_workbook(path: Path, *, lines: int, shape: str) -> None:
    """A filled template with so many lines, in English."""
    mapping = load_mappings()[TYPE]
    rows = _all_different(demo_rows(mapping, documents=max(1, lines // LINES_EACH), lines=min(lines, LINES_EACH), day=DAY))
    fill_template(mapping, "en", path, list(_on_every_row(rows, {DOC_KEY, *mapping.header}) if shape == "exported" else rows))


def _all_different(rows: Iterator[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Among a million lines some would be the same by chance, and a check would write a workbook that says so."""
    seen: set[tuple[object, object]] = set()
    for row in rows:
        if DOC_KEY in row:
            seen = set()
        while (row["item_no"], row["qty"]) in seen:
            row["qty"] = row["qty"] + STEP  # type: ignore[operator]  # a number
        seen.add((row["item_no"], row["qty"]))
        yield row


def _on_every_row(rows: Iterator[dict[str, object]], header: set[str]) -> Iterator[dict[str, object]]:
    above: dict[str, object] = {}
    for row in rows:
        if DOC_KEY in row:
            above = {name: value for name, value in row.items() if name in header}
        yield {**above, **row}


def main() -> None:
    """In a process of its own, whose memory is not that of what is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--shape", choices=SHAPES, default="exported")
    asked = parser.parse_args()
    make_workbook(asked.file, lines=asked.lines, shape=asked.shape)


if __name__ == "__main__":
    main()
