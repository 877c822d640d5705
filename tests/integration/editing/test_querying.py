"""`query`: what stands in the ERP, in a workbook of the template's shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from site_folder import DAY, clean, sound_rows

from importer.api.editing import query
from importer.channel.standard import StandardChannel
from importer.errors import ConfigurationError, ErpUnavailable, ImporterError
from importer.simulator import FaultKind, FaultRule, Simulator
from importer.workbook.meta import read_meta

ROWS = [
    {**row, "qty": qty, "doc_date": day, "remark": remark}
    for row, qty, day, remark in zip(
        sound_rows(documents=4, lines=1),
        (Decimal("1"), Decimal("2.5"), Decimal("10"), Decimal("2.500")),
        (DAY, date(2026, 2, 1), date(2026, 2, 2), date(2026, 2, 3)),
        ("monthly", "monthly cost", "rework", None),
        strict=True,
    )
]


# -- what is found -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ([], [0, 1, 2, 3]),
        (["qty=2.5"], [1, 3]),
        (["qty<>2.5"], [0, 2]),
        (["qty>2.5"], [2]),
        (["qty>=2.5"], [1, 2, 3]),
        (["qty<2.5"], [0]),
        (["qty<=2.5"], [0, 1, 3]),
        (["單據日期>=2026-02-01", "Document date<2026-02-03"], [1, 2]),
        (["doc_date=2026/01/31"], [0]),
        (["remark=monthly"], [0]),
        (["remark=monthly*"], [0, 1]),
        (["remark=%cost"], [1]),
        (["remark="], [3]),
        (["employee_no=E00%"], [0, 1, 2, 3]),
        (["employee_no=E002"], [1]),
        (["qty>=2.5", "remark=rework"], [2]),
        (["qty>1000"], []),
        (["location_no="], [0, 1, 2, 3]),
        (["_state=created"], [0, 1, 2, 3]),
        (["_state=posted"], []),
    ],
)
def test_conditions_find_what_they_say(editing: Any, where: list[str], expected: list[int]) -> None:
    """Every operator, on numbers, dates and texts, brings exactly the documents that it describes; several hold at once."""
    numbers = editing.fill(rows=ROWS)
    assert editing.found(*where) == [numbers[position] for position in expected]
    clean(editing.erp)


def test_documents_are_found_by_their_state(editing: Any) -> None:
    """Open, approved, posted and void documents are told apart in the conditions and in the workbook."""
    created, approved, posted, void = editing.fill(documents=4)
    editing.erp.act("approve", approved)
    editing.erp.act("approve", posted)
    editing.erp.act("post", posted)
    editing.erp.act("invalid", void)
    states = {"created": created, "approved": approved, "posted": posted, "void": void}
    assert {state: editing.found(f"_state={state}") for state in states} == {state: [number] for state, number in states.items()}
    assert editing.found("_state=已過帳") == [posted]


def test_a_site_s_own_status_texts_are_understood(editing: Any, look: Callable) -> None:
    """Where the ERP answers `Y.已審核`, the state is still `approved`."""
    first, second = editing.fill(documents=2)
    editing.erp.act("approve", second)
    editing.erp.configure(status_style="text")
    assert {row["_doc_no"]: row["_state"] for row in look(editing.query().file)} == {first: "created", second: "approved"}


@pytest.mark.parametrize("page_size", [1, 3, 7, 8])
def test_all_pages_are_read(editing: Any, page_size: int) -> None:
    """However many documents a page of the ERP holds, each comes once, in the order of the numbers."""
    numbers = editing.fill(documents=7, lines=1)
    with editing.site.config.open("a", encoding="utf-8") as file:
        file.write(f"[profiles.test.wire]\npage_size = {page_size}\n")
    before = editing.erp.call_counts().get("query", 0)
    report = editing.query()
    assert (report.documents, report.lines) == (7, 7)
    assert editing.found() == numbers
    pages = -(-7 // page_size)
    assert editing.erp.call_counts()["query"] - before == 2 * (pages + 1)  # two queries, each with a sign of life before it


# -- what the workbook looks like --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "labels"),
    [("zh_TW", ["單號", "項次", "狀態"]), ("zh_CN", ["单号", "项次", "状态"]), ("en", ["Document number", "Line", "Status"])],
)
def test_the_workbook_has_the_shape_of_the_template(editing: Any, language: str, labels: list[str]) -> None:
    """Hidden technical names, labels in the user's language, formats and `_meta` are the template's; three columns stand at the right."""
    editing.fill(documents=1)
    editing.site.configure(language=language)
    book = openpyxl.load_workbook(editing.query().file)
    sheet, meta = book.worksheets[1], read_meta(book["_meta"].values)
    template = openpyxl.load_workbook(Path(__file__).parents[3] / "templates_xlsx" / f"misc_issue_{language}.xlsx").worksheets[1]
    width = template.max_column
    for row in (1, 2):
        assert [cell.value for cell in sheet[row]][:width] == [cell.value for cell in template[row]]
    assert [cell.value for cell in sheet[1]][width:] == ["_doc_no", "_seq", "_state"]
    assert [cell.value for cell in sheet[2]][width:] == labels
    assert sheet.row_dimensions[1].hidden
    assert (sheet["B3"].number_format, sheet["C3"].number_format) == ("@", "yyyy-mm-dd")
    assert (meta.document_type, meta.language, meta.sheet) == ("misc_issue", language, sheet.title)


def test_rows_are_lines_with_their_document(editing: Any, look: Callable) -> None:
    """One row per line; number and line number on every row, header cells on a document's first row, blank places blank."""
    (number,) = editing.fill(rows=[{**row, "remark": "monthly"} if "doc_key" in row else row for row in sound_rows(documents=1, lines=3)])
    rows = look(editing.query().file)
    assert [(row["doc_key"], row["_doc_no"], row["_seq"], row["_state"]) for row in rows] == [
        (number, number, line, "created") for line in (1, 2, 3)
    ]
    assert [row["doc_date"] for row in rows] == [datetime(2026, 1, 31), None, None]
    assert [row["remark"] for row in rows] == ["monthly", None, None]
    (document,) = editing.erp.documents()
    assert document.tokens
    assert [row["item_no"] for row in rows] == [line["item_no"] for line in document.lines]
    assert [Decimal(str(row["qty"])) for row in rows] == [line["qty"] for line in document.lines]
    assert {line["location_no"] for line in document.lines} == {" "}
    assert {row["location_no"] for row in rows} == {None}


def test_a_query_that_finds_nothing_is_an_empty_workbook(editing: Any, look: Callable) -> None:
    """Nothing found is no error: the workbook is there and has no rows."""
    report = editing.query("item_no=NO-SUCH")
    assert (report.documents, report.lines, look(report.file)) == (0, 0, [])


def test_queries_go_over_xml_too(editing: Any, look: Callable) -> None:
    """A profile in XML brings the same rows as one in JSON."""
    editing.fill(rows=ROWS)
    in_json = look(editing.query("qty>=2.5", name="json.xlsx").file)
    editing.site.configure(format="xml")
    assert look(editing.query("qty>=2.5", name="xml.xlsx").file) == in_json


# -- files -------------------------------------------------------------------------------------------------------------


def test_without_out_the_file_is_named_by_type_and_time(editing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two queries in one second make two files, neither over the other."""
    monkeypatch.chdir(editing.site.folder)
    files = [query("misc_issue", editing.site.site()).file for _ in range(3)]
    assert len(set(files)) == 3
    assert all(file.is_file() and file.name.startswith("misc_issue_query_2") for file in files)


def test_an_earlier_query_is_replaced(editing: Any) -> None:
    """The same --out again brings the present state."""
    editing.fill(documents=1)
    assert editing.query().documents == 1
    editing.fill(rows=sound_rows(documents=1, seed=9))
    assert (editing.query().documents, len(editing.found())) == (2, 2)


@pytest.mark.parametrize("kind", ["template", "text", "results"])
def test_another_file_is_never_overwritten(editing: Any, kind: str) -> None:
    """A file that no query made stays as it is, to the byte, and the ERP is not asked."""
    editing.fill(documents=1)
    path = editing.site.folder / "precious.xlsx"
    if kind == "template":
        editing.site.workbook(sound_rows(), name="precious.xlsx")
    elif kind == "text":
        path.write_text("no workbook")
    else:
        editing.query()
        editing.update("q.xlsx").results.replace(path)
    content, calls = path.read_bytes(), editing.erp.call_counts()
    with pytest.raises(ConfigurationError, match="was not made by query"):
        editing.query(name="precious.xlsx")
    assert path.read_bytes() == content
    assert editing.erp.call_counts() == calls


def test_out_must_be_a_workbook(editing: Any) -> None:
    """A name that Excel would not open is refused before anything is asked."""
    with pytest.raises(ConfigurationError, match=r"ends with \.xlsx"):
        editing.query(name="out.csv")


def test_a_query_that_breaks_leaves_the_earlier_file(editing: Any) -> None:
    """When the ERP fails in the middle, the former workbook is still there, whole, and nothing half-written beside it."""
    editing.fill(documents=5)
    content = editing.query().file.read_bytes()
    editing.erp.add_faults(FaultRule(kind=FaultKind.HTTP_500_BEFORE, operation="read", skip=2))
    names = sorted(editing.site.folder.iterdir())
    with pytest.raises(ErpUnavailable):
        editing.query()
    assert (editing.site.folder / "q.xlsx").read_bytes() == content
    assert sorted(editing.site.folder.iterdir()) == names


# -- trouble -----------------------------------------------------------------------------------------------------------


def test_a_hiccup_of_the_erp_is_read_over(editing: Any) -> None:
    """Reading may be repeated, so a lost answer costs nothing."""
    numbers = editing.fill(documents=3)
    editing.erp.add_faults(*(FaultRule(kind=FaultKind.LOST_ANSWER, operation=name, skip=1, times=1) for name in ("query", "read")))
    assert editing.found() == numbers


def test_a_document_deleted_meanwhile_is_left_out(editing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stood in the list and is gone when it is read makes no row and no error."""
    first, second = editing.fill(documents=2)
    listing = StandardChannel.listing

    def listed_then_deleted(channel: StandardChannel, conditions: Any) -> Any:
        yield from listing(channel, conditions)
        editing.erp.act("delete", first)

    monkeypatch.setattr(StandardChannel, "listing", listed_then_deleted)
    assert editing.found() == [second]


def test_a_query_that_the_erp_refuses_says_so(editing: Any) -> None:
    """An ERP of another dialect refuses the conditions; its own words are shown."""
    editing.erp.configure(conditions_form="array")
    with pytest.raises(ImporterError, match="conditions not found"):
        editing.query("qty>1")


def test_calls_at_once_are_the_profile_s(editing: Any) -> None:
    """No more calls than the profile allows, and more than one where it allows them."""
    editing.fill(documents=6)
    editing.erp.configure(latency_ms=30)
    editing.site.configure(concurrency=3)
    editing.query()
    assert 2 <= editing.erp.most_calls_at_once("read") <= 3


def test_an_erp_without_the_service_is_told_apart(editing: Any, erp: Simulator) -> None:
    """A document type whose mapping has no list query cannot be queried, and the message names the operation."""
    folder = editing.site.folder / "mappings"
    folder.mkdir()
    (folder / "misc_issue.yaml").write_text('standard: {operations: {query: ""}}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no service for query"):
        editing.query()
