"""From a workbook to posted documents: every type, every stage, every policy."""

from __future__ import annotations

from collections import Counter

import pytest
from site_folder import TYPES, SiteFolder, clean, moved_in, movements_of, once_each, sound_rows

from importer import resume
from importer.models import Stage
from importer.simulator import FaultKind, FaultRule, Simulator
from importer.simulator.erp.documents import State

GONE = {"item_no": "ITEM-9999"}  # inactive in the ERP, which only the ERP knows


@pytest.mark.parametrize("document_type", TYPES)
def test_posted_quantities_equal_the_workbook_to_the_last_digit(site: SiteFolder, erp: Simulator, document_type: str) -> None:
    """What is posted per item and warehouse is what the workbook says, for every document type."""
    rows = sound_rows(document_type, documents=4, lines=6)
    report = site.run(site.workbook(rows, document_type=document_type))
    assert (report.exit_code, report.stages, report.rows, report.lines) == (0, {"posted": 4}, 24, 24)
    once_each(erp, movements_of(document_type, rows), 4)


def test_every_row_comes_back_with_its_document_number_and_line(site: SiteFolder, erp: Simulator) -> None:
    """The results workbook names, next to each row, the document of the ERP and the line in it."""
    report = site.run(site.workbook(sound_rows(documents=3, lines=4)))
    rows = site.results_rows(report.results)
    in_erp = {document.doc_no: document for document in erp.documents()}
    assert len(rows) == 12
    for row in rows:
        line = in_erp[row["_result.doc_no"]].lines[row["_result.line_no"] - 1]
        assert (line["item_no"], float(line["qty"])) == (row["item_no"], float(row["qty"]))
        assert row["_result.status"] == "posted"


@pytest.mark.parametrize(("until", "state"), [(Stage.CREATED, State.OPEN), (Stage.APPROVED, State.CONFIRMED), (Stage.POSTED, State.POSTED)])
def test_documents_stop_where_until_says(site: SiteFolder, erp: Simulator, until: Stage, state: State) -> None:
    """`--until` carries a document as far as asked and no step further."""
    report = site.run(site.workbook(sound_rows()), until=until)
    assert (report.exit_code, report.stages) == (0, {until.value: 3})
    assert {document.state for document in erp.documents()} == {state}


def test_a_stop_at_created_is_carried_on_to_posted_by_the_same_workbook(site: SiteFolder, erp: Simulator) -> None:
    """Handing the workbook in again with a later stage carries the existing documents on and creates none."""
    rows = sound_rows()
    path = site.workbook(rows)
    site.run(path, until=Stage.CREATED)
    report = site.run(path, until=Stage.POSTED)
    assert (report.exit_code, report.stages, report.already_imported) == (0, {"posted": 3}, 0)
    assert erp.call_counts()["create"] == 3
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_a_stop_at_created_is_carried_on_to_posted_by_resume(site: SiteFolder, erp: Simulator) -> None:
    """`resume --until posted` carries a finished batch further."""
    rows = sound_rows()
    batch = site.run(site.workbook(rows), until=Stage.CREATED).batch
    (report,) = resume(batch, site.site(), until=Stage.POSTED)
    assert (report.exit_code, report.stages) == (0, {"posted": 3})
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_the_same_workbook_again_posts_nothing(site: SiteFolder, erp: Simulator) -> None:
    """Whatever they click, no row is posted twice; the second results carry the numbers of the first."""
    path = site.workbook(sound_rows())
    first = site.run(path)
    before = erp.call_counts()
    second = site.run(path)
    assert (second.exit_code, second.already_imported, second.stages) == (0, 3, {"posted": 3})
    numbers = [row["_result.doc_no"] for row in site.results_rows(first.results)]
    again = site.results_rows(second.results)
    assert [row["_result.doc_no"] for row in again] == numbers
    assert {row["_result.status"] for row in again} == {"already imported"}
    assert {name: erp.call_counts().get(name) for name in ("create", "approve", "post")} == {
        name: before[name] for name in ("create", "approve", "post")
    }


def test_the_same_document_in_another_workbook_is_the_same_document(site: SiteFolder, erp: Simulator) -> None:
    """Rows copied into another file, in another order and under another key, are not sent once more."""
    rows = sound_rows(documents=2, lines=3)
    site.run(site.workbook(rows, name="first.xlsx"))
    second = [{**rows[3], "doc_key": "Z"}, dict(rows[5]), dict(rows[4]), *sound_rows(documents=1, seed=5)]
    report = site.run(site.workbook(second, name="second.xlsx"))
    assert (report.exit_code, report.already_imported, report.stages) == (0, 1, {"posted": 2})
    assert len(erp.documents()) == 3
    clean(erp)


def test_one_document_in_two_files_of_one_command_is_sent_once(site: SiteFolder, erp: Simulator) -> None:
    """Two files of one command that hold the same document make one document."""
    rows = sound_rows()
    site.run(site.workbook(rows, name="a.xlsx"), site.workbook(rows, name="b.xlsx"))
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_identical_documents_of_one_workbook_are_all_meant(site: SiteFolder, erp: Simulator) -> None:
    """Two documents with the same content in one workbook are two documents."""
    rows = sound_rows(documents=1)
    twice = [*rows, {**rows[0], "doc_key": "2"}, *rows[1:]]
    report = site.run(site.workbook(twice))
    assert report.stages == {"posted": 2}
    once_each(erp, movements_of("misc_issue", twice), 2)


def test_files_of_one_command_go_in_the_order_of_their_types(site: SiteFolder, erp: Simulator) -> None:
    """Receipts are posted before the transfers and issues that need their stock, however the files are named on the command line."""
    files = [site.workbook(sound_rows(name, documents=1), document_type=name) for name in ("misc_issue", "transfer", "misc_receipt")]
    site.run(*files)
    assert [document.kind for document in erp.documents()] == ["misc_receipt", "transfer", "misc_issue"]


# -- refusals and policies ---------------------------------------------------------------------------------------------


def _one_refused(site: SiteFolder, name: str = "misc_issue.xlsx") -> tuple:
    rows = sound_rows(documents=3)
    bad = [*rows[:2], {**rows[2], **GONE}, *rows[3:]]
    return site.workbook(bad, name=name), [*rows[:2], *rows[4:]], rows


def test_a_refused_document_says_why_on_its_rows_and_on_the_cell(site: SiteFolder, erp: Simulator) -> None:
    """A refusal by the ERP ends with exit code 1, the ERP's own code and text, and nothing else held up."""
    path, sound, _ = _one_refused(site)
    report = site.run(path)
    assert (report.exit_code, report.rejected, report.stages) == (1, 1, {"new": 1, "posted": 2})
    rows = site.results_rows(report.results)
    refused = [row for row in rows if row["_result.status"] == "refused"]
    assert [row["_row"] for row in refused] == [5, 6]
    assert {row["_result.step"] for row in refused} == {"create"}
    assert all(row["_result.erp_code"] and row["_result.erp_code"] in row["_result.message"] for row in refused)
    assert moved_in(erp) == movements_of("misc_issue", sound)


def test_resume_does_not_try_a_refused_document_again_but_run_does(site: SiteFolder, erp: Simulator) -> None:
    """Once the cause is removed in the ERP, a new run of the same workbook posts the document; resume leaves it alone."""
    rows = sound_rows()
    erp.add_faults(FaultRule(kind=FaultKind.LOCK_263, operation="create", times=1))
    path = site.workbook(rows)
    batch = site.run(path).batch
    (resumed,) = resume(batch, site.site())
    assert (resumed.rejected, erp.call_counts()["create"]) == (1, 3)
    report = site.run(path)
    assert (report.exit_code, report.stages) == (0, {"posted": 3})
    once_each(erp, movements_of("misc_issue", rows), 3)


def _one_wrong(site: SiteFolder) -> tuple:
    rows = sound_rows(documents=3)
    del rows[2]["qty"]
    return site.workbook(rows), [*rows[:2], *rows[4:]]


def test_policy_all_sends_nothing_while_there_is_an_error(site: SiteFolder, erp: Simulator) -> None:
    """By default a workbook with a mistake is not begun: all or nothing of the check."""
    path, _ = _one_wrong(site)
    report = site.run(path)
    assert (report.exit_code, report.batch, report.stages) == (1, None, {"new": 3})
    assert erp.documents() == []
    assert report.results is not None


def test_policy_good_sends_the_sound_documents(site: SiteFolder, erp: Simulator) -> None:
    """`--policy good` posts what is sound and marks the rest."""
    path, sound = _one_wrong(site)
    report = site.run(path, policy="good")
    assert (report.exit_code, report.stages) == (1, {"new": 1, "posted": 2})
    statuses = Counter(row["_result.status"] for row in site.results_rows(report.results))
    assert statuses == {"posted": 4, "check failed": 2}
    once_each(erp, movements_of("misc_issue", sound), 2)


def test_policy_stop_ends_at_the_first_refusal_and_resume_does_the_rest(site: SiteFolder, erp: Simulator) -> None:
    """`--policy stop` begins no further document after a refusal; what was not begun is carried on by resume."""
    site.configure(concurrency=1)
    path, sound, _ = _one_refused(site)
    report = site.run(path, policy="stop")
    assert (report.exit_code, report.rejected, report.stages) == (1, 1, {"posted": 1, "new": 2})
    (resumed,) = resume(report.batch, site.site())
    assert (resumed.rejected, resumed.stages) == (1, {"posted": 2, "new": 1})
    once_each(erp, movements_of("misc_issue", sound), 2)


def test_a_document_longer_than_the_limit_becomes_several(site: SiteFolder, erp: Simulator) -> None:
    """A document above the limit of lines is split; together its parts hold every line once."""
    folder = site.folder / "mappings"
    folder.mkdir()
    (folder / "misc_issue.yaml").write_text("max_lines: 4\n", encoding="utf-8")
    rows = sound_rows(documents=1, lines=10)
    report = site.run(site.workbook(rows))
    assert [len(document.lines) for document in erp.documents()] in ([4, 4, 2], [4, 2, 4], [2, 4, 4])
    assert report.stages == {"posted": 3}
    once_each(erp, movements_of("misc_issue", rows), 3)
