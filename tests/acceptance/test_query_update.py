"""`importer query` and `importer update` as a consultant uses them: in a terminal, with Excel in between."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from site_folder import SiteFolder, clean, sound_rows

from importer.models import Stage
from importer.simulator import Simulator


@pytest.fixture
def numbers(site: SiteFolder, erp: Simulator) -> list[str]:
    """Three open documents in the ERP."""
    assert site.run(site.workbook(sound_rows()), until=Stage.CREATED).exit_code == 0
    return [document.doc_no for document in erp.documents()]


def test_query_edit_update_changes_one_line_and_nothing_else(site: SiteFolder, erp: Simulator, numbers: list[str]) -> None:
    """One quantity edited in Excel is one line changed in the ERP; every other document, line and field is as before."""
    before = {document.doc_no: document for document in erp.documents()}
    queried = site.cli("query", "misc_issue", "--where", "_state=created", "--out", "open.xlsx", "--json")
    assert queried.code == 0
    assert queried.json == [{"document_type": "misc_issue", "documents": 3, "lines": 6, "file": str(site.folder / "open.xlsx")}]

    def change(row: dict[str, Any]) -> dict[str, Any]:
        return {"qty": 12.375} if (row["_doc_no"], row["_seq"]) == (numbers[1], 2) else {}

    site.edit(site.folder / "open.xlsx", change, name="edited.xlsx")
    updated = site.cli("update", "edited.xlsx", "--json")
    assert updated.code == 0
    (report,) = updated.json
    results = report.pop("results")
    assert report == {
        "file": "edited.xlsx",
        "document_type": "misc_issue",
        "documents": 3,
        "updated": 1,
        "unchanged": 2,
        "refused": 0,
        "unknown": 0,
        "issues": 0,
    }
    first, second = before[numbers[1]].lines
    changed = replace(before[numbers[1]], lines=(first, {**second, "qty": Decimal("12.375")}))
    assert {document.doc_no: document for document in erp.documents()} == {**before, numbers[1]: changed}
    assert erp.call_counts()["update"] == 1
    messages = {(row["_doc_no"], row["_seq"]): row["_result.message"] for row in site.results_rows(results)}
    assert messages.pop((numbers[1], 2)) == "updated: Quantity"
    assert set(messages.values()) == {"unchanged"}
    clean(erp)


def test_what_is_approved_is_refused_with_exit_1(site: SiteFolder, erp: Simulator, numbers: list[str]) -> None:
    """An edited line of an approved document is not sent; the results workbook says to disapprove it first."""
    erp.act("approve", numbers[0])
    site.cli("query", "misc_issue", "--out", "q.xlsx")
    site.edit(site.folder / "q.xlsx", lambda row: {"qty": 3}, name="edited.xlsx")
    done = site.cli("update", "edited.xlsx", "--json")
    (report,) = done.json
    assert (done.code, report["updated"], report["refused"]) == (1, 2, 1)
    (text,) = {row["_result.message"] for row in site.results_rows(report["results"]) if row["_doc_no"] == numbers[0]}
    assert "disapprove it first" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["query", "no_such_type"], "There is no document type no_such_type"),
        (["query", "misc_issue", "--where", "colour=red"], "misc_issue has no field colour"),
        (["query", "misc_issue", "--where", "qty=many"], "“many” is not a number"),
        (["query", "misc_issue", "--where", "qty"], "is no condition"),
        (["query", "misc_issue", "--out", "importer.toml"], "ends with .xlsx"),
        (["query", "misc_issue", "--out", "misc_issue.xlsx"], "was not made by query"),
    ],
)
def test_a_wrong_command_is_told_in_a_sentence(site: SiteFolder, erp: Simulator, numbers: list[str], arguments: list, words: str) -> None:
    """Wrong usage is exit 2 and one sentence, and writes nothing: no file, nothing in the ERP."""
    files = {path.name: path.stat().st_size for path in site.folder.iterdir()}
    calls = erp.call_counts()
    done = site.cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert {path.name: path.stat().st_size for path in site.folder.iterdir() if path.name != "home"} == files
    assert erp.call_counts() == calls


def test_a_file_that_is_not_there_is_exit_2(site: SiteFolder) -> None:
    """A wrong file name is wrong usage, not a wrong workbook."""
    done = site.cli("update", "nowhere.xlsx", "--json")
    assert (done.code, done.json[0]["issues"], done.json[0]["results"]) == (2, 1, None)


def test_a_mistake_in_the_workbook_stops_everything(site: SiteFolder, erp: Simulator, numbers: list[str]) -> None:
    """One wrong cell: exit 1, all mistakes on the terminal, nothing sent."""
    site.cli("query", "misc_issue", "--out", "q.xlsx")
    site.edit(site.folder / "q.xlsx", lambda row: {"qty": "many"} if row["_row"] == 4 else {"qty": 2}, name="edited.xlsx")
    done = site.cli("update", "edited.xlsx")
    assert done.code == 1
    assert "!M4" in done.out
    assert "“many” is not a number" in done.out
    assert "update" not in erp.call_counts()


@pytest.mark.parametrize("command", [["query", "misc_issue"], ["update", "q.xlsx"]])
def test_an_erp_that_is_down_is_exit_4_within_seconds(site: SiteFolder, erp: Simulator, numbers: list[str], command: list[str]) -> None:
    """Nobody waits for an ERP that is not there."""
    site.cli("query", "misc_issue", "--out", "q.xlsx")
    erp.stop()
    started = time.monotonic()
    done = site.cli(*command)
    assert (done.code, "cannot be reached" in done.err) == (4, True)
    assert time.monotonic() - started < 20


def test_a_query_in_the_working_directory(site: SiteFolder, erp: Simulator, numbers: list[str]) -> None:
    """Without --out the workbook lies where the command ran, named by type and time, and speaks the language asked for."""
    done = site.cli("query", "misc_issue", "--lang", "zh_TW")
    (path,) = site.folder.glob("misc_issue_query_????????-??????.xlsx")
    assert done.code == 0
    assert path.name in done.out
    assert "單號" in [cell.value for cell in openpyxl.load_workbook(path).worksheets[1][2]]


def test_a_query_workbook_is_not_imported(site: SiteFolder, erp: Simulator) -> None:
    """`run` on a workbook of `query` would create every document a second time: it is refused with a sentence, and nothing is sent."""
    site.run(site.workbook(sound_rows(documents=1)))
    site.cli("query", "misc_issue", "--out", "found.xlsx")
    done = site.cli("run", "found.xlsx", "--json")
    assert done.code == 1
    assert done.json[0]["batch"] is None
    assert [item["code"] for item in site.cli("check", "found.xlsx", "--json").json[0]["issues"]] == ["query_workbook"]
    assert len(erp.documents()) == 1
