"""Every file ends in exactly one folder, with its results workbook or a message that says why."""

from __future__ import annotations

import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from site_folder import SiteFolder, movements_of, once_each, sound_rows
from watch_folder import WatchFolder

from importer.api.batches import status
from importer.api.importing import resume
from importer.api.undoing import set_state
from importer.simulator import FaultKind, FaultRule, Simulator, SimulatorSettings


def test_a_sound_file_is_done_with_its_results(folder: WatchFolder, erp: Simulator) -> None:
    """Dropped, posted, and beside it the workbook with the document numbers."""
    rows = sound_rows(documents=3)
    folder.drop(folder.site.workbook(rows))
    code, said = folder.once()
    assert (code, said["misc_issue.xlsx"].outcome, said["misc_issue.xlsx"].facts["stages"]) == (0, "done", {"posted": 3})
    [results] = [path for path in folder.files("done") if "_result_" in path.name]
    assert all(row["_result.doc_no"] for row in folder.site.results_rows(results))
    assert said["misc_issue.xlsx"].results == [results]
    assert folder.left() == []
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_the_same_content_and_the_same_name_again(folder: WatchFolder, erp: Simulator) -> None:
    """A copy under another name, and another file under the same name: nothing is posted twice, nothing is overwritten."""
    rows = sound_rows(documents=2)
    path = folder.site.workbook(rows)
    for name in ("a.xlsx", "b.xlsx"):
        folder.drop(path, name)
    assert folder.once()[0] == 0
    other = folder.site.workbook(sound_rows(documents=1, seed=9), name="other.xlsx")
    folder.drop(other, "a.xlsx")
    code, said = folder.once()
    assert (code, said["a.xlsx"].path.name) == (0, "a-2.xlsx")
    assert folder.ends() == {"a.xlsx": ["done"], "b.xlsx": ["done"], "a-2.xlsx": ["done"]}
    kept = {path.name: path.read_bytes() for path in folder.files("done")}
    assert (kept["a.xlsx"], kept["a-2.xlsx"]) == (path.read_bytes(), other.read_bytes())
    assert len(erp.documents()) == 3
    assert erp.duplicates() == {}


def test_mistakes_go_to_tofix_and_come_back_corrected(folder: WatchFolder, erp: Simulator) -> None:
    """What the check or the ERP refuses lies in `tofix` with its marked workbook; that, corrected and dropped again, is done."""
    rows = sound_rows(documents=2, lines=1)
    wrong = [rows[0], {**rows[1], "qty": "many"}]
    folder.drop(folder.site.workbook(wrong), "check.xlsx")
    refused = [rows[0], {**rows[1], "item_no": "NO-SUCH-ITEM"}]
    folder.drop(folder.site.workbook(refused), "erp.xlsx")
    code, said = folder.once()
    assert code == 1
    assert folder.ends() == {"check.xlsx": ["tofix"], "erp.xlsx": ["tofix"]}
    assert (said["check.xlsx"].facts["errors"], said["erp.xlsx"].facts["rejected"]) == (1, 1)
    [marked] = [path for path in folder.files("tofix") if path.name.startswith("erp_result")]
    corrected = folder.site.edit(
        marked, lambda row: {"item_no": "ITEM-0002"} if row["item_no"] == "NO-SUCH-ITEM" else {}, name="corrected.xlsx"
    )
    folder.drop(corrected)
    code, said = folder.once()
    assert (code, said["corrected.xlsx"].outcome) == (0, "done")
    assert len([document for document in erp.documents() if document.times_posted == 1]) == 2


def test_what_is_no_whole_workbook_fails_with_a_message(folder: WatchFolder, erp: Simulator) -> None:
    """A picture, an empty file, one that was cut and one with a hole in it: nothing is sent, and a message file says why."""
    path = folder.site.workbook(sound_rows())
    (folder.site.folder / "picture.png").write_bytes(b"\x89PNG\r\n")
    (folder.site.folder / "empty.xlsx").write_bytes(b"")
    (folder.site.folder / "cut.xlsx").write_bytes(path.read_bytes()[:-300])
    hole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        largest = max(archive.infolist(), key=lambda info: info.compress_size)
    hole[largest.header_offset + 200 : largest.header_offset + 400] = bytes(200)
    (folder.site.folder / "hole.xlsx").write_bytes(hole)
    for name in ("picture.png", "empty.xlsx", "cut.xlsx", "hole.xlsx"):
        folder.drop(folder.site.folder / name)
    code, _ = folder.once(language="zh_TW")
    assert code == 1
    assert folder.ends() == {name: ["failed"] for name in ("picture.png", "empty.xlsx", "cut.xlsx", "hole.xlsx")}
    for name in folder.ends():
        [path] = [path for path in folder.files("failed") if path.name == f"{name}.message.txt"]
        assert "沒有送出任何資料" in path.read_text("utf-8-sig")
    assert erp.call_counts() == {}


def test_a_sub_folder_says_what_its_files_hold(folder: WatchFolder, erp: Simulator) -> None:
    """A sub-folder named like a document type, or one that the configuration names; its files end below the same name."""
    folder.configure(types={"雜發": "misc_issue"})
    stampless = folder.site.folder / "stampless.xlsx"
    _without_stamp(folder.site.workbook(sound_rows("misc_receipt"), document_type="misc_receipt"), stampless)
    folder.drop(stampless, "misc_receipt/in.xlsx")
    folder.drop(folder.site.workbook(sound_rows("misc_receipt"), document_type="misc_receipt"), "雜發/wrong.xlsx")
    code, said = folder.once()
    assert (code, said["misc_receipt/in.xlsx"].facts["document_type"], said["misc_receipt/in.xlsx"].outcome) == (1, "misc_receipt", "done")
    assert said["雜發/wrong.xlsx"].outcome == "tofix"
    assert said["misc_receipt/in.xlsx"].path.parent.name == "misc_receipt"


def _without_stamp(source: Path, target: Path) -> None:
    book = openpyxl.load_workbook(source)
    del book["_meta"]
    book.save(target)


def test_an_erp_that_is_down_keeps_the_file_until_it_is_back(make_site: Callable[..., SiteFolder]) -> None:
    """Exit code 4 and the file in `working`; only one file is tried while the ERP is down; when it is back, all are posted."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    folder = WatchFolder(make_site("site", f"http://127.0.0.1:{port}/CROSS/RESTful", connect_timeout_s=2), retry_s=600)
    for number in (1, 2):
        folder.drop(folder.site.workbook(sound_rows(documents=2, seed=number)), f"{number}.xlsx")
    for _ in range(2):
        code, said = folder.once()
        assert (code, [item.outcome for item in said.values()]) == (4, ["working"])
        assert folder.ends() == {}
    erp = Simulator(SimulatorSettings()).start(port)
    try:
        code, said = folder.once()
        assert (code, {item.outcome for item in said.values()}) == (0, {"done"})
        assert folder.ends() == {"1.xlsx": ["done"], "2.xlsx": ["done"]}
        assert [document.times_posted for document in erp.documents()] == [1] * 4
    finally:
        erp.stop()


def test_an_unknown_outcome_keeps_the_file_and_is_settled(folder: WatchFolder, erp: Simulator) -> None:
    """The answer is lost: exit code 3, the file stays; the next round asks, and posts no document twice."""
    rows = sound_rows(documents=2)
    folder.site.configure(grace_s=3600)  # "not there" proves nothing for an hour
    folder.configure()
    erp.add_faults(FaultRule(kind=FaultKind.RESET_BEFORE, operation="create", times=1))
    folder.drop(folder.site.workbook(rows), "a.xlsx")
    code, said = folder.once()
    assert (code, said["a.xlsx"].outcome, said["a.xlsx"].facts["unknown"]) == (3, "working", 1)
    assert folder.ends() == {}
    folder.site.configure(grace_s=0)
    folder.configure()
    code, said = folder.once()
    assert (code, said["a.xlsx"].outcome) == (0, "done")
    once_each(erp, movements_of("misc_issue", rows), 2)


def test_given_up_after_its_hours(folder: WatchFolder, erp: Simulator) -> None:
    """After `give_up_h` the file goes to `failed` with results and a message; dropping it in again finishes it without a duplicate."""
    folder.site.configure(grace_s=3600)
    folder.configure(give_up_h=0)
    erp.add_faults(FaultRule(kind=FaultKind.RESET_BEFORE, operation="create", times=1))
    folder.drop(folder.site.workbook(sound_rows(documents=2)), "a.xlsx")
    assert folder.once()[0] == 3
    code, said = folder.once()
    assert (code, said["a.xlsx"].outcome) == (3, "failed")
    assert "importer resume" in said["a.xlsx"].message
    names = [path.name for path in folder.files("failed")]
    assert "a.xlsx" in names
    assert "a.xlsx.message.txt" in names
    assert any("_result_" in name for name in names)
    folder.site.configure(grace_s=0)
    folder.configure()
    [kept] = [path for path in folder.files("failed") if path.name == "a.xlsx"]
    folder.drop(kept, "again.xlsx")
    assert folder.once()[0] == 0
    assert sorted(document.times_posted for document in erp.documents()) == [1, 1]


def test_a_cancelled_batch_ends_and_a_paused_one_waits(folder: WatchFolder, erp: Simulator) -> None:
    """A person's word on the batch counts for the watcher, too."""
    folder.site.configure(grace_s=3600)
    folder.configure()
    for name, seed in (("a.xlsx", 1), ("b.xlsx", 2)):
        erp.add_faults(FaultRule(kind=FaultKind.RESET_BEFORE, operation="create", times=1))
        folder.drop(folder.site.workbook(sound_rows(documents=2, seed=seed), name=name), name)
        assert folder.once()[0] == 3
    site = folder.site.site()
    batches = {Path(item.batch.file).name: item.batch.id for item in status(site)}
    set_state(batches["a.xlsx"], site, "cancelled")
    set_state(batches["b.xlsx"], site, "paused")
    folder.site.configure(grace_s=0)
    folder.configure()
    code, said = folder.once()
    assert (said["a.xlsx"].outcome, said["b.xlsx"].outcome) == ("failed", "working")
    assert batches["a.xlsx"] in said["a.xlsx"].message
    assert [report.exit_code for report in resume(batches["b.xlsx"], folder.site.site())] == [0]
    assert folder.once()[1]["b.xlsx"].outcome == "done"
    assert code == 130
