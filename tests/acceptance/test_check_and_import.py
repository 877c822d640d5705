"""The stories that users tell: fifty mistakes at once, the same file twice, a document type that nobody programmed."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from acceptance.conftest import Imported
from site_folder import SiteFolder, sound_rows

from importer.mapping import load_mappings
from importer.models import column_letters
from importer.simulator import Simulator
from importer.simulator.erp.documents import State

CHOICES = """\
lines:
  reason_no:
    choices:
      "101": {zh_TW: 部門領用, en: Department use}
      "102": {zh_TW: 研發試作, en: Trial}
"""
MISTAKES: list[tuple[str, object, str, int]] = [  # field, what is typed (None = left blank), issue code, row within the document
    ("item_no", None, "required_missing", 1),
    ("qty", None, "required_missing", 1),
    ("warehouse_no", None, "required_missing", 0),
    ("doc_date", None, "required_missing", 0),
    ("doc_type_no", None, "required_missing", 0),
    ("item_no", "X" * 41, "too_long", 0),
    ("doc_type_no", "I01234", "too_long", 0),
    ("unit_no", "PIECES", "too_long", 1),
    ("remark", "長" * 240, "too_long", 0),
    ("qty", "a dozen", "not_a_number", 0),
    ("qty", Decimal(0), "not_positive", 1),
    ("qty", Decimal("-1.5"), "not_positive", 0),
    ("qty", Decimal("1.2345"), "too_many_decimals", 1),
    ("qty", Decimal("1234567890123"), "too_many_digits", 0),
    ("department_no", "D20", "header_disagrees", 1),
    ("doc_date", date(2026, 2, 1), "header_disagrees", 1),
    ("reason_no", "999", "not_in_list", 0),
    ("doc_date", "03/04/2026", "date_ambiguous", 0),
    ("doc_date", "yesterday", "not_a_date", 0),
    ("doc_date", "31.1.26", "not_a_date", 0),
    ("item_no", Decimal("1.5"), "code_not_whole", 1),
    ("lot_no", Decimal(-3), "code_not_whole", 0),
    ("remark", "x [IMP:ABCDEFGHIJKLMNOP]", "token_in_text", 0),
    ("remark", "two\nlines", "control_character", 0),
    ("project_no", True, "not_a_code", 0),
]


def test_fifty_mistakes_are_all_told_in_one_run_on_their_cells(site: SiteFolder, erp: Simulator) -> None:
    """All mistakes at once, each on its cell, and nothing is sent: fifty wrong cells give exactly fifty issues."""
    (site.folder / "mappings").mkdir()
    (site.folder / "mappings" / "misc_issue.yaml").write_text(CHOICES, "utf-8")
    mapping = load_mappings(site.folder / "mappings")["misc_issue"]
    rows = [{**row, "department_no": "D10"} if "doc_key" in row else row for row in sound_rows(documents=50, lines=2)]
    names = ["doc_key", *mapping.columns]
    expected = []
    for number, (field, typed, code, line) in enumerate(itertools.islice(itertools.cycle(MISTAKES), 50)):
        position = number * 2 + line
        rows[position] = {**rows[position], field: typed}
        expected.append((f"{column_letters(names.index(field) + 1)}{position + 3}", code))
    path = site.workbook(rows, mapping=mapping)
    done = site.cli("check", path, "--json")
    (report,) = done.json
    assert done.code == 1
    assert sorted((issue["cell"], issue["code"]) for issue in report["issues"]) == sorted(expected)
    assert len(report["issues"]) == 50
    assert {issue["severity"] for issue in report["issues"]} == {"error"}
    assert not [issue for issue in report["issues"] if "…" in issue["message"] and len(issue["value"]) < 60]
    assert (report["rows"], report["documents"]) == (100, 50)
    ran = site.cli("run", path, "--json")
    assert (ran.code, ran.json[0]["issues"], ran.json[0]["batch"]) == (1, 50, None)
    assert erp.call_counts() == {}
    marked = {
        cell.coordinate
        for sheet in openpyxl.load_workbook(report["annotated"])
        for row in sheet.iter_rows(min_row=3)
        for cell in row
        if cell.comment
    }
    assert marked == {cell for cell, _ in expected}


def test_the_same_file_twice_is_already_imported_row_by_row(imported: Imported) -> None:
    """The second run posts nothing and gives each row the number that the first run gave it."""
    site, erp = imported.site, imported.erp
    first = site.results_rows(imported.ran.json[0]["results"])
    done = site.cli("run", imported.path.name, "--json")
    (report,) = done.json
    assert (done.code, report["already_imported"], report["stages"]) == (0, 3, {"posted": 3})
    second = site.results_rows(report["results"])
    assert [(row["_row"], row["_result.doc_no"], row["_result.line_no"]) for row in second] == [
        (row["_row"], row["_result.doc_no"], row["_result.line_no"]) for row in first
    ]
    assert {row["_result.status"] for row in second} == {"already imported"}
    assert len(erp.documents()) == 3
    assert [document.times_posted for document in erp.documents()] == [1, 1, 1]


def test_the_results_workbook_handed_in_again_posts_nothing(imported: Imported, tmp_path: Path) -> None:
    """Results can be handed in as they are: what is done is skipped."""
    done = imported.site.cli("run", imported.ran.json[0]["results"], "--out", tmp_path, "--json")
    assert (done.code, done.json[0]["already_imported"]) == (0, 3)
    assert len(imported.erp.documents()) == 3


FIFTH = """\
document_type: tool_loan
title: {zh_TW: 工具借用單, en: Tool loan}
key: [doc_key]
header:
  doc_type_no: {label: {zh_TW: 單別, en: Slip type}, type: code, max_length: 5, required: true, example: L01}
  loan_date: {label: {zh_TW: 借用日期, en: Loan date}, type: date, required: true}
  borrower: {label: {zh_TW: 借用人, en: Borrower}, type: text, max_length: 20, standard: employee_name}
  note: {label: {zh_TW: 附註, en: Note}, type: text, max_length: 100, standard: remark}
lines:
  seq: {label: {zh_TW: 項次, en: Line}, type: integer, generated: line_number}
  tool_no: {label: {zh_TW: 工具, en: Tool}, type: code, max_length: 20, required: true}
  days: {label: {zh_TW: 天數, en: Days}, type: integer, required: true, min_inclusive: 1, max_inclusive: 90}
totals:
  - {sum: days, by: [tool_no]}
token: {field: note, max_length: 100}
standard:
  prefix: tt.oapi.tool.loan.
  header_list: tool_loan_data
  line_list: tool_loan_detail_data
  operations:
    create: data.create
    query: list.data.query.get
    read: details.data.read.get
    approve: data.approve
    post: data.post
"""


def _loans() -> list[dict[str, Any]]:
    head = {"doc_type_no": "L01", "loan_date": date(2026, 1, 31), "borrower": "王小明"}
    return [
        {"doc_key": "A", **head, "note": "for line 3", "tool_no": "DRILL-1", "days": 3},
        {"tool_no": "SAW-2", "days": 10},
        {"doc_key": "B", **head, "tool_no": "DRILL-1", "days": 1},
    ]


def test_a_new_document_type_is_one_yaml_file(site: SiteFolder, erp: Simulator) -> None:
    """A consultant writes one mapping file: template, check, run and results are there, and no Python was written."""
    (site.folder / "mappings").mkdir()
    (site.folder / "mappings" / "tool_loan.yaml").write_text(FIFTH, "utf-8")
    (template,) = site.cli("templates", "tool_loan", "--json").json
    assert Path(template["file"]).name == "tool_loan_en.xlsx"
    mapping = load_mappings(site.folder / "mappings")["tool_loan"]
    wrong = _loans()
    wrong[1]["days"] = 91
    checked = site.cli("check", site.workbook(wrong, name="wrong.xlsx", mapping=mapping), "--json")
    assert [(issue["code"], issue["row"], issue["column"].strip(" *")) for issue in checked.json[0]["issues"]] == [("too_large", 4, "Days")]
    done = site.cli("run", site.workbook(_loans(), name="loans.xlsx", mapping=mapping), "--json")
    (report,) = done.json
    assert (done.code, report["document_type"], report["stages"]) == (0, "tool_loan", {"posted": 2})
    first, second = sorted(erp.documents(), key=lambda document: -len(document.lines))
    assert (first.state, second.state) == (State.POSTED, State.POSTED)
    assert first.header["remark"].startswith("for line 3 [IMP:")
    assert first.header["employee_name"] == "王小明"
    assert [(line["tool_no"], int(line["days"]), int(line["seq"])) for line in first.lines] == [("DRILL-1", 3, 1), ("SAW-2", 10, 2)]
    rows = site.results_rows(report["results"])
    assert [(row["_result.status"], row["_result.line_no"]) for row in rows] == [("posted", 1), ("posted", 2), ("posted", 1)]
    assert site.cli("run", site.folder / "loans.xlsx", "--json").json[0]["already_imported"] == 2
    assert erp.duplicates() == {}
