"""The to-fix workbook: what needs work, alone; handed in again it makes the documents that are missing, and none twice."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from site_folder import Rows, SiteFolder, clean, moved_in, movements_of, once_each, shipped, sound_rows

from importer import resume
from importer.api.batches import results
from importer.models import Stage
from importer.simulator import FaultKind, FaultRule, Simulator

HEADER = ("doc_key", "doc_type_no", "doc_date", "department_no")


def _rows(site: SiteFolder, path: Path | None) -> list[dict[str, Any]]:
    assert path is not None
    return site.results_rows(path)


def _correct(site: SiteFolder, path: Path | None, field: str, wrong: object, right: object, *, name: str = "corrected.xlsx") -> Path:
    assert path is not None
    return site.edit(path, lambda row: {field: right} if row[field] == wrong else {}, name=name)


def _with(rows: Rows, position: int, **cells: object) -> Rows:
    return [{**row, **cells} if index == position else row for index, row in enumerate(rows)]


def test_good_documents_go_and_the_rest_comes_back_to_be_corrected(site: SiteFolder, erp: Simulator) -> None:
    """`--policy good`: the to-fix file has the wrong documents alone, each row with key and header; corrected, it completes the job."""
    right = sound_rows(documents=4, lines=3)
    wrong = _with(_with(right, 4, qty="a dozen"), 9, item_no="NO-SUCH-ITEM")
    report = site.run(site.workbook(wrong), policy="good")
    assert (report.stages, report.rejected) == ({"new": 2, "posted": 2}, 1)
    rows = _rows(site, report.tofix)
    assert [row["_row"] for row in rows] == [3, 4, 5, 6, 7, 8]
    assert [row["_result.status"] for row in rows] == ["check failed"] * 3 + ["refused"] * 3
    assert [row["doc_key"] for row in rows] == ["2"] * 3 + ["4"] * 3
    assert all(row[name] == rows[3 * (index // 3)][name] for index, row in enumerate(rows) for name in HEADER)
    assert [row["item_no"] for row in rows] == [row["item_no"] for row in [*wrong[3:6], *wrong[9:12]]]
    assert "row 4" in rows[0]["_result.message"]
    assert "a dozen" in rows[1]["_result.message"]
    half = _correct(site, report.tofix, "qty", "a dozen", right[4]["qty"])
    done = site.run(_correct(site, half, "item_no", "NO-SUCH-ITEM", right[9]["item_no"]))
    assert (done.exit_code, done.stages, done.tofix) == (0, {"posted": 2}, None)
    once_each(erp, movements_of("misc_issue", right), 4)
    again = site.run(site.folder / "corrected.xlsx")
    assert (again.exit_code, again.already_imported) == (0, 2)
    once_each(erp, movements_of("misc_issue", right), 4)


def test_as_it_is_the_to_fix_file_makes_nothing(site: SiteFolder, erp: Simulator) -> None:
    """Handed in uncorrected, the same rows come back with the same findings, and the ERP has nothing new."""
    right = sound_rows(documents=3, lines=2)
    first = site.run(site.workbook(_with(right, 2, qty="x")), policy="good")
    assert first.tofix is not None
    second = site.run(first.tofix, policy="good")
    assert (second.exit_code, second.batch, second.tofix) == (1, None, None)
    assert [(issue.row, issue.code) for issue in second.issues if issue.severity == "error"] == [(3, "not_a_number")]
    once_each(erp, movements_of("misc_issue", [*right[:2], *right[4:]]), 2)


def test_its_name_and_its_marks(site: SiteFolder) -> None:
    """The name is the workbook's with `_tofix_` and the time in any round; the wrong cell is red and says why; a summary is in front."""
    rows = _with(sound_rows(documents=3, lines=2), 2, qty="x")
    first = site.run(site.workbook(_with(rows, 5, item_no="NO-SUCH-ITEM")), policy="good")
    assert first.tofix is not None
    assert first.tofix.name.startswith("misc_issue_tofix_")
    assert first.tofix.parent == site.folder
    book = openpyxl.load_workbook(first.tofix)
    assert book.sheetnames[0] == "結果 Summary"
    sheet = book[book.sheetnames[2]]
    cell = next(sheet.cell(3, column.column) for column in sheet[1] if column.value == "qty")
    assert (cell.value, cell.fill.fgColor.rgb) == ("x", "FFFFB3B5")
    assert "x" in cell.comment.text
    told = {row[0].value: row[1].value for row in book.worksheets[0]}
    assert (told["check failed"], told["refused"], told["posted"], told["Rows read"]) == (2, 2, 0, 4)
    second = site.run(_correct(site, first.tofix, "qty", "x", 3, name=first.tofix.name))
    assert second.tofix is not None
    assert second.tofix.name.count("_tofix_") == 1
    assert [row["item_no"] for row in _rows(site, second.tofix)] == [rows[4]["item_no"], "NO-SUCH-ITEM"]


def test_the_second_of_two_identical_documents(site: SiteFolder, erp: Simulator) -> None:
    """Two documents say the same and the ERP refuses the second: alone in the to-fix file it is still the second one."""
    one = sound_rows(documents=1, lines=1)
    rows = [*one, {**one[0], "doc_key": "2"}]
    erp.add_faults(FaultRule(kind=FaultKind.FALSE_SUCCESS, operation="create", skip=1, times=1))
    report = site.run(site.workbook(rows))
    assert (report.stages, report.rejected) == ({"new": 1, "posted": 1}, 1)
    (row,) = _rows(site, report.tofix)
    done = site.run(report.tofix or Path())
    assert (done.stages, done.already_imported) == ({"posted": 1}, 0)
    once_each(erp, movements_of("misc_issue", rows), 2)
    assert site.run(site.workbook(rows, name="original.xlsx")).already_imported == 2
    assert row["doc_key"] in ("1", "2")


@pytest.mark.parametrize(("field", "wrong"), [("qty", "two"), ("item_no", "NO-SUCH-ITEM")])
def test_a_correction_that_equals_a_document_already_done(site: SiteFolder, erp: Simulator, field: str, wrong: str) -> None:
    """A corrected document that equals another of the original workbook is one of its own, as it is there; later rounds know it."""
    one = sound_rows(documents=1, lines=1)
    rows: Rows = [one[0], {**one[0], "doc_key": "2", field: wrong}, {**one[0], "doc_key": "3", field: wrong}]
    first = site.run(site.workbook(rows), policy="good")
    corrected = site.edit(first.tofix or "", lambda row: {field: one[0][field]} if row["doc_key"] == "2" else {}, name="second.xlsx")
    second = site.run(corrected, policy="good")
    assert second.stages["posted"] == 1
    third = site.run(_correct(site, second.tofix, field, wrong, one[0][field], name="third.xlsx"), policy="good")
    assert (third.exit_code, third.stages, third.already_imported) == (0, {"posted": 1}, 0)
    every: Rows = [{**row, field: one[0][field]} for row in rows]
    once_each(erp, movements_of("misc_issue", every), 3)
    assert site.run(site.folder / "third.xlsx").already_imported == 1
    assert site.run(site.workbook(every, name="whole.xlsx")).already_imported == 3
    once_each(erp, movements_of("misc_issue", every), 3)


def test_a_part_of_a_long_document(site: SiteFolder, erp: Simulator) -> None:
    """Of a document that was split only the part with the mistake comes back, with the header that stood in another part."""
    (site.folder / "mappings").mkdir()
    (site.folder / "mappings" / "misc_issue.yaml").write_text("max_lines: 3\n", "utf-8")
    right = sound_rows(documents=1, lines=8)
    report = site.run(site.workbook(_with(right, 4, item_no="NO-SUCH-ITEM")))
    assert (report.stages, report.rejected) == ({"new": 1, "posted": 2}, 1)
    rows = _rows(site, report.tofix)
    assert [row["item_no"] for row in rows] == [right[3]["item_no"], "NO-SUCH-ITEM", right[5]["item_no"]]
    assert {tuple(row[name] for name in HEADER) for row in rows} == {tuple(_rows(site, report.results)[0][name] for name in HEADER)}
    done = site.run(_correct(site, report.tofix, "item_no", "NO-SUCH-ITEM", right[4]["item_no"]))
    assert (done.exit_code, done.stages) == (0, {"posted": 1})
    once_each(erp, movements_of("misc_issue", right), 3)
    assert site.run(site.workbook(right, name="whole.xlsx")).already_imported == 3


def test_what_is_unknown_or_waiting_is_nothing_to_fix(site: SiteFolder, erp: Simulator) -> None:
    """Rows whose outcome nobody knows wait for the ERP's word, and rows not sent for `resume`: neither is in the to-fix file."""
    site.configure(grace_s=3600, concurrency=1)
    right = sound_rows(documents=3, lines=1)
    erp.add_faults(FaultRule(kind=FaultKind.RESET_BEFORE, operation="create", times=1))
    report = site.run(site.workbook(_with(right, 2, item_no="NO-SUCH-ITEM")), wait=False)
    assert (report.unknown, report.rejected) == (1, 1)
    assert [row["_result.status"] for row in _rows(site, report.tofix)] == ["refused"]


def test_stop_leaves_the_rest_to_resume(site: SiteFolder, erp: Simulator) -> None:
    """`--policy stop`: only the refused document is to be fixed; what was not sent is for `resume`, which writes both files again."""
    site.configure(concurrency=1)
    right = sound_rows(documents=4, lines=1)
    report = site.run(site.workbook(_with(right, 1, item_no="NO-SUCH-ITEM")), policy="stop")
    assert [row["_result.status"] for row in _rows(site, report.tofix)] == ["refused"]
    assert report.stages.get("new", 0) > 1
    (resumed,) = resume(report.batch, site.site())
    assert [row["item_no"] for row in _rows(site, resumed.tofix)] == ["NO-SUCH-ITEM"]
    site.run(_correct(site, resumed.tofix, "item_no", "NO-SUCH-ITEM", right[1]["item_no"]))
    once_each(erp, movements_of("misc_issue", right), 4)


def test_nothing_to_fix_where_nothing_was_sent_or_all_is_done(site: SiteFolder) -> None:
    """While nothing was sent the whole workbook is to be corrected, so there is no second file; nor when all is done."""
    rows = sound_rows(documents=2, lines=1)
    assert site.run(site.workbook(_with(rows, 0, qty="x"))).tofix is None
    assert site.run(site.workbook(rows), until=Stage.CREATED).tofix is None


def test_what_was_replaced_is_not_to_fix(site: SiteFolder, erp: Simulator) -> None:
    """A document that waited and was replaced by a corrected version does not come back in the results of its first batch."""
    site.configure(concurrency=1)
    right = sound_rows(documents=2, lines=1)
    rows = _with(right, 0, item_no="NO-SUCH-ITEM")
    first = site.run(site.workbook(rows), policy="stop")
    assert [row["_result.status"] for row in site.results_rows(first.results or "")] == ["refused", "not sent"]
    corrected = site.edit(first.results or "", lambda row: {"qty": 1} if row["_row"] == 4 else None, name="other.xlsx")
    assert site.run(corrected).stages == {"posted": 1}
    _, written = results(first.batch or "", site.site())
    assert [row["item_no"] for row in _rows(site, written.tofix)] == ["NO-SUCH-ITEM"]
    clean(erp)


def test_another_format_comes_back_as_xlsx(site: SiteFolder, erp: Simulator) -> None:
    """Formats that cannot be patched give a to-fix .xlsx of the same layout, key and header filled, to be handed in as it is."""
    from unit.workbook_patch.office import convert

    right = sound_rows(documents=2, lines=2)
    ods = convert(site.workbook(_with(right, 3, item_no="NO-SUCH-ITEM")), "ods")
    report = site.run(ods)
    assert (report.tofix or Path()).suffix == ".xlsx"
    rows = _rows(site, report.tofix)
    assert [row["doc_key"] for row in rows] == ["2", "2"]
    done = site.run(_correct(site, report.tofix, "item_no", "NO-SUCH-ITEM", right[3]["item_no"]))
    assert (done.exit_code, done.stages) == (0, {"posted": 1})
    assert moved_in(erp) == movements_of("misc_issue", right)


def test_a_text_file_comes_back_as_a_workbook(site: SiteFolder, erp: Simulator) -> None:
    """The rows to fix of a .csv are an .xlsx that says which document type it holds, so that it needs nothing but the correction."""
    right = sound_rows(documents=2, lines=2)
    names = ["doc_key", *shipped()["misc_issue"].columns]
    path = site.folder / "issues.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(_with(right, 3, item_no="NO-SUCH-ITEM"))
    report = site.run(path, document_type="misc_issue")
    assert (report.stages, report.rejected) == ({"new": 1, "posted": 1}, 1)
    assert report.tofix is not None
    book = openpyxl.load_workbook(report.tofix)
    sheet = book[book.sheetnames[1]]
    assert [cell.value for cell in sheet[1]][: len(names)] == names
    assert [sheet.cell(row, 1).value for row in (2, 3)] == ["2", "2"]
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.value == "NO-SUCH-ITEM":
                cell.value = right[3]["item_no"]
    book.save(site.folder / "corrected.xlsx")
    done = site.run(site.folder / "corrected.xlsx")
    assert (done.exit_code, done.stages) == (0, {"posted": 1})
    assert moved_in(erp) == movements_of("misc_issue", right)


def test_cells_merged_over_a_document_are_single_ones_again(site: SiteFolder, erp: Simulator) -> None:
    """People merge the key over a document's rows: in the to-fix file each row says its key in a cell of its own."""
    right = sound_rows(documents=2, lines=3)
    path = site.workbook(_with(right, 4, item_no="NO-SUCH-ITEM"))
    book = openpyxl.load_workbook(path)
    sheet = next(sheet for sheet in book if sheet["A1"].value == "doc_key")
    for area in ("A3:A5", "A6:A8"):
        sheet.merge_cells(area)
    book.save(path)
    report = site.run(path)
    if report.batch is None:  # merged cells are a finding where the check says so
        assert any("merged" in issue.code for issue in report.issues)
        report = site.run(path, policy="good")
    assert report.tofix is not None
    page = next(sheet for sheet in openpyxl.load_workbook(report.tofix) if sheet["A1"].value == "doc_key")
    assert [str(area) for area in page.merged_cells.ranges] == []
    assert [page.cell(row, 1).value for row in (3, 4, 5)] == ["2", "2", "2"]
