"""Which document is which: repeats, corrections, copies, crashes, two ledgers, another ERP (design §4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from site_folder import SiteFolder, clean, moved_in, movements_of, once_each, sound_rows

from importer import check, resume
from importer.errors import ErpChanged
from importer.models import Stage
from importer.simulator import FaultKind, FaultRule, Simulator


def _codes(issues: Any) -> list[str]:
    return [issue.code for issue in issues]


def _status(site: SiteFolder, report: Any) -> dict[int, str]:
    return {row["_row"]: row["_result.status"] for row in site.results_rows(report.results)}


# -- once more, on purpose -----------------------------------------------------------------------------------------------


def test_again_sends_once_more_and_only_once_for_one_reason(site: SiteFolder, erp: Simulator) -> None:
    """`--again REASON` makes one more document, and the same reason in any spelling is the same repeat."""
    rows = sound_rows(documents=1)
    path = site.workbook(rows)
    site.run(path)
    assert site.run(path, again="Customer returned it").stages == {"posted": 1}
    repeated = site.run(path, again="  customer  RETURNED it ")
    assert (repeated.already_imported, len(erp.documents())) == (1, 2)
    assert site.run(path, again="a third delivery").already_imported == 0
    assert [document.times_posted for document in erp.documents()] == [1, 1, 1]
    assert moved_in(erp) == {place: 3 * number for place, number in movements_of("misc_issue", rows).items()}
    clean(erp)


def test_an_interrupted_repeat_is_the_same_repeat(site: SiteFolder, erp: Simulator) -> None:
    """`--again` cut short by a dead ERP and given once more makes one repeat, not two."""
    path = site.workbook(sound_rows(documents=1))
    site.run(path)
    erp.add_faults(FaultRule(kind=FaultKind.SRVCODE_100, operation="approve", times=1))
    assert site.run(path, again="second delivery").exit_code == 4
    assert site.run(path, again="second delivery").stages == {"posted": 1}
    assert len(erp.documents()) == 2
    clean(erp)


# -- corrections ---------------------------------------------------------------------------------------------------------


def _more(field: str = "qty", **where: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(row: dict[str, Any]) -> dict[str, Any]:
        return {field: row[field] + 1} if all(row[name] == value for name, value in where.items()) else {}

    return change


def test_a_document_changed_after_it_was_imported_is_an_error_with_its_number(site: SiteFolder, erp: Simulator) -> None:
    """Whoever edits a posted document in the results workbook is told which number to undo first; nothing is sent."""
    first = site.run(site.workbook(sound_rows()))
    number = site.results_rows(first.results)[2]["_result.doc_no"]
    edited = site.edit(str(first.results), _more(_row=5), name="edited.xlsx")
    report = site.run(edited)
    assert (report.exit_code, _codes(report.issues)) == (1, ["changed_after_import"])
    assert (report.issues[0].row, report.issues[0].values["number"]) == (5, number)
    assert len(erp.documents()) == 3
    (checked,) = check([edited], site.site())
    assert _codes(checked.issues) == ["changed_after_import"]


def test_a_changed_document_holds_up_only_itself_under_policy_good(site: SiteFolder, erp: Simulator) -> None:
    """With `--policy good` the others are sent, and the changed one says why it was not."""
    first = site.run(site.workbook(sound_rows()))
    report = site.run(site.edit(str(first.results), _more(_row=5), name="edited.xlsx"), policy="good")
    assert _status(site, report) == {
        3: "already imported",
        4: "already imported",
        5: "check failed",
        6: "check failed",
        7: "already imported",
        8: "already imported",
    }
    assert len(erp.documents()) == 3


def test_a_changed_document_goes_once_more_with_a_reason(site: SiteFolder, erp: Simulator) -> None:
    """`--again` is the way to send the corrected content beside the posted one."""
    first = site.run(site.workbook(sound_rows(documents=1)))
    edited = site.edit(str(first.results), _more(_row=3), name="edited.xlsx")
    assert site.run(edited, again="corrected quantity").stages == {"posted": 1}
    assert len(erp.documents()) == 2
    clean(erp)


def test_a_created_document_that_is_not_posted_yet_counts_as_there(site: SiteFolder, erp: Simulator) -> None:
    """Also a document that stands in the ERP unposted may not be replaced silently."""
    first = site.run(site.workbook(sound_rows(documents=1)), until=Stage.CREATED)
    report = site.run(site.edit(str(first.results), _more(_row=3), name="edited.xlsx"))
    assert (report.exit_code, _codes(report.issues), len(erp.documents())) == (1, ["changed_after_import"], 1)


def test_a_refused_document_is_corrected_in_the_results_workbook(site: SiteFolder, erp: Simulator) -> None:
    """The ordinary round trip: refused, corrected on the cell, handed in as it is; what was done is skipped."""
    rows = sound_rows()
    wrong = [*rows[:2], {**rows[2], "item_no": "ITEM-9999"}, *rows[3:]]
    first = site.run(site.workbook(wrong))

    def correct(row: dict[str, Any]) -> dict[str, Any]:
        return {"item_no": rows[2]["item_no"]} if row["item_no"] == "ITEM-9999" else {}

    report = site.run(site.edit(str(first.results), correct, name="corrected.xlsx"))
    assert (report.exit_code, report.already_imported, report.stages) == (0, 2, {"posted": 3})
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_a_corrected_document_replaces_the_one_that_never_got_there(site: SiteFolder, erp: Simulator) -> None:
    """The ERP was down, the workbook was corrected and run: resuming the first batch later does not send the wrong version too."""
    rows = sound_rows(documents=2)
    erp.add_faults(FaultRule(kind=FaultKind.SRVCODE_100, operation="create"))
    first = site.run(site.workbook(rows))
    assert (first.exit_code, first.stages) == (4, {"new": 2})
    erp.clear_faults()
    report = site.run(site.edit(str(first.results), _more(_row=3), name="corrected.xlsx"))
    assert report.stages == {"posted": 2}
    resume(None, site.site())
    resume(first.batch, site.site())
    corrected = [{**rows[0], "qty": rows[0]["qty"] + 1}, *rows[1:]]  # type: ignore[operator]
    once_each(erp, movements_of("misc_issue", corrected), 2)


def test_a_refused_document_that_was_corrected_is_not_sent_by_the_old_workbook_unasked(site: SiteFolder, erp: Simulator) -> None:
    """Resuming the first batch after the corrected one was posted does nothing."""
    rows = sound_rows(documents=1)
    erp.add_faults(FaultRule(kind=FaultKind.LOCK_263, operation="create", times=1))
    first = site.run(site.workbook(rows))
    site.run(site.edit(str(first.results), _more(_row=3), name="corrected.xlsx"))
    resume(first.batch, site.site())
    assert len(erp.documents()) == 1


def test_same_key_with_other_content_is_a_warning_that_names_the_number(site: SiteFolder, erp: Simulator) -> None:
    """Without the results workbook nobody can know whether it is a correction: warned with the former number, and sent."""
    site.run(site.workbook(sound_rows(documents=1)))
    number = erp.documents()[0].doc_no
    report = site.run(site.workbook(sound_rows(documents=1, seed=9), name="other.xlsx"))
    assert (report.exit_code, _codes(report.issues)) == (0, ["key_seen_before"])
    assert report.issues[0].values["number"] == number


# -- copies and deletions --------------------------------------------------------------------------------------------------


def _twins() -> list[dict[str, object]]:
    rows = sound_rows(documents=1)
    return [*rows, {**rows[0], "doc_key": "2"}, *rows[1:]]


def test_the_second_of_two_identical_documents_stays_the_second(site: SiteFolder, erp: Simulator) -> None:
    """The first of two identical documents was posted, the second refused; with only the second in the file, that one is sent."""
    site.configure(concurrency=1)
    erp.add_faults(FaultRule(kind=FaultKind.LOCK_263, operation="create", skip=1, times=1))
    first = site.run(site.workbook(_twins()))
    assert _status(site, first) == {3: "posted", 4: "posted", 5: "refused", 6: "refused"}
    left = site.edit(str(first.results), lambda row: {} if row["_result.status"] == "refused" else None, name="to_fix.xlsx")
    report = site.run(left)
    assert (report.exit_code, report.already_imported, report.stages) == (0, 0, {"posted": 1})
    once_each(erp, movements_of("misc_issue", _twins()), 2)


def test_a_copied_document_is_a_document_of_its_own(site: SiteFolder, erp: Simulator) -> None:
    """Rows copied within the results workbook, hidden reference and all, and edited, are a new document; the first keeps its own."""
    first = site.run(site.workbook(sound_rows(documents=1)))
    import openpyxl

    book = openpyxl.load_workbook(str(first.results))
    sheet = next(sheet for sheet in book if any(cell.value == "doc_key" for cell in sheet[1]))
    names = [cell.value for cell in sheet[1]]
    for source in (3, 4):
        for column in range(1, len(names) + 1):
            sheet.cell(source + 2, column).value = sheet.cell(source, column).value
        sheet.cell(source + 2, names.index("doc_key") + 1).value = "copy"
        sheet.cell(source + 2, names.index("qty") + 1).value = 7
    path = site.folder / "copied.xlsx"
    book.save(path)
    report = site.run(path)
    assert (report.exit_code, report.already_imported, report.stages) == (0, 1, {"posted": 2})
    clean(erp)


# -- crashes and other ledgers -----------------------------------------------------------------------------------------------


def test_a_lost_ledger_finds_everything_again_in_the_erp(site: SiteFolder, erp: Simulator) -> None:
    """The ledger is gone, the workbook is run again: the documents are found by their reference and not created anew."""
    site.configure(ask_before_create="auto")
    rows = sound_rows()
    path = site.workbook(rows)
    site.run(path)
    for file in site.folder.glob("importer.db*"):
        file.unlink()
    report = site.run(path)
    assert (report.exit_code, report.stages) == (0, {"posted": 3})
    assert erp.call_counts()["create"] == 3
    once_each(erp, movements_of("misc_issue", rows), 3)


@pytest.mark.parametrize("until", [Stage.CREATED, Stage.APPROVED])
def test_two_ledgers_one_after_the_other_make_one_document(erp: Simulator, make_site: Callable[..., SiteFolder], until: Stage) -> None:
    """What one machine has begun another one carries on, each with a ledger of its own (ask_before_create = auto)."""
    rows = sound_rows()
    one, two = (make_site(name, erp.standard_url, ask_before_create="auto") for name in ("one", "two"))
    one.run(one.workbook(rows), until=until)
    report = two.run(two.workbook(rows))
    assert (report.exit_code, report.stages) == (0, {"posted": 3})
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_after_the_first_batch_a_ledger_asks_no_more(site: SiteFolder, erp: Simulator) -> None:
    """`auto` costs its look only until the first batch has ended; `always` looks for ever."""
    site.configure(ask_before_create="auto")
    site.run(site.workbook(sound_rows(documents=2), name="a.xlsx"))
    looked = erp.call_counts()["query"]
    assert looked >= 2
    site.run(site.workbook(sound_rows(documents=2, seed=1), name="b.xlsx"))
    assert erp.call_counts()["query"] == looked + 1  # the sign of life before sending
    site.configure(ask_before_create="always")
    site.run(site.workbook(sound_rows(documents=2, seed=2), name="c.xlsx"))
    assert erp.call_counts()["query"] == looked + 1 + 1 + 2 * 2  # each document before its create and before it goes on


def test_an_erp_id_that_is_suddenly_another_erp_stops_everything(site: SiteFolder, erp: Simulator) -> None:
    """The test profile now points at production: nothing is skipped or sent in its name until somebody confirms."""
    path = site.workbook(sound_rows())
    site.run(path)
    site.configure(plant="PLANT2")
    with pytest.raises(ErpChanged, match="PLANT2"):
        site.run(path)
    site.configure(plant="PLANT2", erp_id="other")
    assert site.run(path).already_imported == 0
    assert len([document for document in erp.documents() if document.plant == "PLANT1"]) == 3


def test_profiles_of_one_erp_share_what_was_imported(site: SiteFolder, erp: Simulator) -> None:
    """Two profiles with one erp_id are one ERP: what one has imported the other does not import again."""
    path = site.workbook(sound_rows())
    site.run(path)
    site.config.write_text(
        site.config.read_text("utf-8").replace("profiles.test", "profiles.night").replace('"test"\n[', '"night"\n['), "utf-8"
    )
    assert site.run(path).already_imported == 3
    assert len(erp.documents()) == 3
