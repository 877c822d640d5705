"""Undo: a batch taken back by the ERP's own reverse operations."""

from __future__ import annotations

from decimal import Decimal

from site_folder import SiteFolder, clean, sound_rows

from importer.api.undoing import undo, undo_plan
from importer.simulator import FaultKind, FaultRule, Simulator


def stock_of(erp: Simulator) -> dict[object, Decimal]:
    """Stock places that hold something."""
    return {place: quantity for place, quantity in erp.stock().items() if quantity}


def test_a_hundred_documents(site: SiteFolder, erp: Simulator) -> None:
    """Undoing a posted batch of 100 documents returns the stock to what it was and leaves no document."""
    before = stock_of(erp)
    report = site.run(site.workbook(sound_rows(documents=100, lines=2)))
    assert stock_of(erp) != before
    done = undo(report.batch, site.site())
    assert (done.undone, done.rejected, done.unknown, done.exit_code) == (100, 0, 0, 0)
    assert stock_of(erp) == before
    assert erp.documents() == []
    assert {row["_result.status"] for row in site.results_rows(done.results)} == {"not sent"}


def test_stock_used_since_is_left_posted(site: SiteFolder, erp: Simulator) -> None:
    """A receipt whose stock has been used since cannot be reversed: it stays posted, is reported, and the others are undone."""
    rows = sound_rows("misc_receipt", documents=2, lines=1)
    rows[0] |= {"warehouse_no": "W1", "location_no": "L05"}  # an empty place: what is received there is all there is
    report = site.run(site.workbook(rows, document_type="misc_receipt"))
    first = rows[0]
    used = {
        **sound_rows(documents=1, lines=1)[0],
        "item_no": first["item_no"],
        "warehouse_no": "W1",
        "location_no": "L05",
        "qty": Decimal(1),
    }
    if first["qty"] < 1:
        used["qty"] = first["qty"]
    assert site.run(site.workbook([used])).stages == {"posted": 1}
    done = undo(report.batch, site.site())
    assert (done.undone, done.rejected, done.exit_code) == (1, 1, 1)
    assert done.stages == {"posted": 1, "deleted": 1}
    refused = [row for row in site.results_rows(done.results) if row["_result.status"] == "refused"]
    assert [row["_result.step"] for row in refused] == ["dispost"]


def test_plan_changes_nothing(site: SiteFolder, erp: Simulator) -> None:
    """--plan shows the operations, newest document first, and neither ERP nor ledger changes."""
    report = site.run(site.workbook(sound_rows()))
    numbers = [row["_result.doc_no"] for row in site.results_rows(report.results)]
    calls = erp.call_counts()
    plan = undo_plan(report.batch, site.site()).plan
    assert [item["doc_no"] for item in plan] == list(dict.fromkeys(reversed(numbers)))
    assert {tuple(item["operations"]) for item in plan} == {("dispost", "disapprove", "delete")}
    assert erp.call_counts() == calls
    assert site.run(site.folder / "misc_issue.xlsx").already_imported == 3


def test_only_its_own_documents(site: SiteFolder, erp: Simulator) -> None:
    """Undo leaves alone what an earlier batch had imported."""
    rows = sound_rows(documents=3)
    site.run(site.workbook(rows[:2], name="first.xlsx"))
    report = site.run(site.workbook(rows, name="all.xlsx"))
    assert report.already_imported == 1
    assert undo(report.batch, site.site()).undone == 2
    assert len(erp.documents()) == 1


def test_run_again_after_undo(site: SiteFolder, erp: Simulator) -> None:
    """An undone workbook may be sent again without --again, as new documents; once more is 'already imported'."""
    path = site.workbook(sound_rows())
    undo(site.run(path).batch, site.site())
    assert site.run(path).stages == {"posted": 3}
    assert site.run(path).already_imported == 3
    assert len(erp.documents()) == 3
    clean(erp)


def test_lost_answers_while_undoing(site: SiteFolder, erp: Simulator) -> None:
    """Lost answers of reverse operations are settled by reading the document, and the batch still ends undone."""
    report = site.run(site.workbook(sound_rows()))
    before = erp.call_counts()
    for operation in ("dispost", "disapprove", "delete"):
        erp.add_faults(FaultRule(kind=FaultKind.LOST_ANSWER, operation=operation, times=1))
    done = undo(report.batch, site.site())
    assert (done.undone, done.exit_code) == (3, 0)
    assert erp.documents() == []
    counts = erp.call_counts()
    assert {name: counts[name] - before.get(name, 0) for name in ("dispost", "disapprove", "delete")} == {
        "dispost": 3,
        "disapprove": 3,
        "delete": 3,
    }


def test_an_undone_batch_is_not_resumed(site: SiteFolder, erp: Simulator) -> None:
    """`resume` of an undone batch is refused with a sentence; `resume` of all does not touch it."""
    report = site.run(site.workbook(sound_rows(documents=1)))
    undo(report.batch, site.site())
    assert site.cli("resume", report.batch).code == 2
    assert site.cli("resume", "--json").json == []
    assert erp.documents() == []


def test_void_where_the_mapping_says_so(site: SiteFolder, erp: Simulator) -> None:
    """A site that voids instead of deleting says so in its mapping, and undone documents stay in the ERP as void."""
    folder = site.folder / "mappings"
    folder.mkdir()
    scenario = "scenario: {undo: {posted: dispost, approved: disapprove, created: invalid}}\n"
    (folder / "misc_issue.yaml").write_text(scenario, encoding="utf-8")
    report = site.run(site.workbook(sound_rows()))
    done = undo(report.batch, site.site())
    assert done.stages == {"void": 3}
    assert [document.confirm for document in erp.documents()] == ["X"] * 3
