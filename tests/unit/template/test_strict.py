"""What we write opens without a repair prompt, by the judgement of a strict reader; and that reader finds what would not."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from ooxml import problems

from importer.issue_catalogue import issue
from importer.mapping import load_mappings, shipped_folder
from importer.messages import LANGUAGES
from importer.models import RowStatus
from importer.workbook.describe import columns_of
from importer.workbook.example import example_rows
from importer.workbook.extra import QUERY_COLUMNS
from importer.workbook.patch.extract import Repeat
from importer.workbook.reader import read_workbook
from importer.workbook.results import Facts, RowOutcome, write_results, write_tofix
from importer.workbook.template import fill_template, stream_template, write_template

from .site_lists import LISTS

MAPPINGS = load_mappings()
DATA = "xl/worksheets/sheet2.xml"
Change = Callable[[dict[str, bytes]], object]


@pytest.mark.parametrize("path", sorted(shipped_folder("templates_xlsx").glob("*.xlsx")), ids=lambda path: path.stem)
def test_shipped_templates(path: Path) -> None:
    """Every template that is shipped."""
    assert problems(path) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document_type", sorted(MAPPINGS))
def test_templates_with_lists(tmp_path: Path, document_type: str, language: str) -> None:
    """Every template with a site's lists."""
    write_template(MAPPINGS[document_type], language, tmp_path / "t.xlsx", lists=LISTS)
    assert problems(tmp_path / "t.xlsx") == []


@pytest.mark.parametrize("document_type", sorted(MAPPINGS))
def test_what_goes_and_comes(tmp_path: Path, document_type: str) -> None:
    """A filled template, one with documents of the ERP, results twice over, and what is left to be corrected."""
    mapping = MAPPINGS[document_type]
    rows = list(example_rows(columns_of(mapping, "zh_TW"), {}))
    fill_template(mapping, "zh_TW", tmp_path / "filled.xlsx", rows)
    with (tmp_path / "query.xlsx").open("wb") as file:
        stream_template(mapping, "en", file, [{**row, "_doc_no": "A-1", "_seq": 1} for row in rows], extra=QUERY_COLUMNS)
    for source, target in (("filled", "first"), ("first", "second"), ("query", "third")):
        sheet = read_workbook(tmp_path / f"{source}.xlsx", MAPPINGS)
        outcomes = {row: RowOutcome(status=RowStatus.REFUSED, message="=1+1", ref="T") for row in sheet.rows.index}
        marks = [issue("no_rows", sheet=sheet.sheet, row=row, column=3) for row in sheet.rows.index]
        facts = Facts(file="f", document_type="d")
        target_path = tmp_path / f"{target}.xlsx"
        write_results(sheet.path, target_path, sheet=sheet, outcomes=outcomes, issues=marks, facts=facts, language="zh_TW")
        few = {row: outcomes[row] for row in (3, 5, 6)}
        to_fix = tmp_path / f"to_fix_{target}.xlsx"
        write_tofix(
            sheet.path, to_fix, sheet=sheet, outcomes=few, issues=marks[:1], repeats={5: {1: Repeat(source=3)}}, facts=facts, language="en"
        )
    assert {path.name: problems(path) for path in tmp_path.glob("*.xlsx")} == {
        f"{name}.xlsx": [] for name in ("filled", "query", "first", "second", "third", "to_fix_first", "to_fix_second", "to_fix_third")
    }


def put(part: str, old: bytes, new: bytes) -> Change:
    """Replace some bytes of a part, which must be there."""

    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new, 1)

    return change


BROKEN: dict[str, Change] = {
    "elements of a sheet out of order": put(DATA, b"<sheetData>", b"<mergeCells/><sheetData>"),
    "an unknown attribute value": put(DATA, b'orientation="landscape"', b'orientation="sideways"'),
    "a missing part": lambda parts: parts.pop("xl/comments/comment1.xml"),
    "a part without content type": put("[Content_Types].xml", b"/xl/comments/comment1.xml", b"/xl/comments/comment2.xml"),
    "a relationship that leads nowhere": put("xl/_rels/workbook.xml.rels", b"sheet3.xml", b"sheet9.xml"),
    "two sheets of one name": put("xl/workbook.xml", 'name="範例"'.encode(), b'name="_META"'),
    "an illegal defined name": put("xl/workbook.xml", b'"codes_items"', b'"codes items"'),
    "a name like a cell": put("xl/workbook.xml", b'"codes_items"', b'"abc12"'),
    "a name that points at no sheet": put("xl/workbook.xml", "'清單'!".encode(), b"'gone'!"),
    "a hidden sheet in front": put("xl/workbook.xml", b'activeTab="1"', b'activeTab="4"'),
    "a formula with an unknown name": put(DATA, b"<formula1>codes_items<", b"<formula1>codes_gone<"),
    "a formula beyond its length": put(DATA, b"<formula1>codes_items<", b"<formula1>" + b"codes_items+" * 30 + b"1<"),
    "a message beyond its length": put(DATA, b' prompt="', b' prompt="' + b"x" * 256),
    "two validations of one cell": put(DATA, b'sqref="B3:B1048576"', b'sqref="A3:A1048576"'),
    "an area beyond the sheet": put(DATA, b'sqref="B3:B1048576"', b'sqref="B3:B1048577"'),
    "cells out of order": put(DATA, b'r="B1"', b'r="C1"'),
    "a style that is not there": put(DATA, b'<c r="A2" s="', b'<c r="A2" s="9'),
    "a comment without a box": put("xl/comments/comment1.xml", b'ref="A2"', b'ref="A3"'),
    "columns that overlap": put(DATA, b'min="2" max="2"', b'min="1" max="2"'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_strict_reader_finds_damage(tmp_path: Path, name: str) -> None:
    """Each of these would make Excel offer a repair, and each is found."""
    write_template(MAPPINGS["misc_issue"], "zh_TW", tmp_path / "t.xlsx", lists=LISTS)
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    BROKEN[name](parts)
    with zipfile.ZipFile(tmp_path / "broken.xlsx", "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    assert problems(tmp_path / "broken.xlsx") != []
