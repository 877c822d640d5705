"""What goes wrong at a user's desk ends with a sentence and the right exit code, never with a traceback."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from acceptance.conftest import lock
from site_folder import Finished, SiteFolder, finished, movements_of, once_each, sound_rows
from waiting import until

from importer.simulator import FaultKind, FaultRule, Simulator


def _missing(site: SiteFolder) -> Path:
    return site.folder / "gone.xlsx"


def _folder(site: SiteFolder) -> Path:
    (site.folder / "folder.xlsx").mkdir()
    return site.folder / "folder.xlsx"


def _text(site: SiteFolder) -> Path:
    path = site.folder / "text.xlsx"
    path.write_text("doc_key,item_no\n1,ITEM-0001\n", "utf-8")
    return path


def _truncated(site: SiteFolder) -> Path:
    whole = site.workbook(sound_rows(), name="whole.xlsx").read_bytes()
    path = site.folder / "truncated.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _empty(site: SiteFolder) -> Path:
    path = site.folder / "empty.xlsx"
    path.write_bytes(b"")
    return path


def _no_template(site: SiteFolder) -> Path:
    import openpyxl

    path = site.folder / "holiday.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Anna", "two weeks"])
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["check", "run"])
@pytest.mark.parametrize(
    ("make", "code"),
    [(_missing, 2), (_folder, 1), (_text, 1), (_truncated, 1), (_empty, 1), (_no_template, 1)],
    ids=lambda item: getattr(item, "__name__", item),
)
def test_a_file_that_is_no_workbook_is_told_in_a_sentence(
    site: SiteFolder, erp: Simulator, name: str, make: Callable[[SiteFolder], Path], code: int
) -> None:
    """A missing file, a folder, a text file, half a workbook: one issue each, the other files go on, nothing is sent for it."""
    sound = site.workbook(sound_rows(documents=1), name="sound.xlsx")
    done = site.cli(name, make(site), sound, "--json")
    bad, good = done.json
    assert done.code == code
    assert (bad["documents"], bad["rows"], good["documents"]) == (0, 0, 1)
    assert len(bad["issues"]) == 1 if name == "check" else bad["issues"] == 1
    if name == "run":
        assert (bad["batch"], good["stages"]) == (None, {"posted": 1})


def test_an_erp_that_is_down_is_told_within_seconds(make_site: Callable[..., SiteFolder], erp: Simulator) -> None:
    """Nobody at the ERP's address: exit code 4, a sentence with the address, everything kept for `resume`."""
    erp.stop()
    site = make_site("down", erp.standard_url, timeout_s=60)
    started = time.monotonic()
    done = site.cli("run", site.workbook(sound_rows()), "--json")
    assert time.monotonic() - started < 20
    (report,) = done.json
    assert (done.code, report["stages"], report["unknown"]) == (4, {"new": 3}, 0)
    assert erp.standard_url in done.err
    assert Path(report["results"]).is_file()
    assert site.cli("doctor", "--json").code == 4


BROKEN = {
    "not TOML": "profiles = [",
    "unknown setting": '[profiles.test]\nstandart_url = "http://x"\n',
    "wrong type": '[profiles.test]\nstandard_url = "http://x"\nconcurrency = "many"\n',
    "out of range": '[profiles.test]\nstandard_url = "http://x"\nconcurrency = 0\n',
    "a password": '[profiles.test]\nstandard_url = "http://x"\npassword = "secret"\n',
    "no profile": 'ledger = "sqlite:///importer.db"\n',
    "no address": "[profiles.test]\n",
    "profile that is not there": 'default_profile = "prod"\n[profiles.test]\nstandard_url = "http://x"\n',
    "ledger that is none": 'ledger = "banana"\n[profiles.test]\nstandard_url = "http://127.0.0.1:9"\n',
}


@pytest.mark.parametrize("problem", BROKEN)
def test_a_wrong_configuration_is_told_in_a_sentence(site: SiteFolder, problem: str) -> None:
    """A mistake in importer.toml: exit code 2, a sentence that says what and where, and as JSON too; no secret is repeated."""
    site.config.write_text(BROKEN[problem], "utf-8")
    done = site.cli("run", site.workbook(sound_rows()), "--json")
    assert done.code == 2, done.err
    assert done.err.strip()
    assert "secret" not in done.err
    assert done.json[0]["exit_code"] == 2


WRONG = (
    "run",
    "nonsense",
    "run x.xlsx --until moon",
    "run x.xlsx --config gone.toml",
    "run x.xlsx --profile prod",
    "check x.xlsx --type no_such_type",
    "status no-such-batch",
    "templates no_such_type",
    "resolve AAAABBBBCCCCDDDD --as absent --reason x",
)


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_usage_is_exit_code_2(site: SiteFolder, arguments: str) -> None:
    """Arguments that cannot be meant: exit code 2 and a sentence; with --json one JSON document all the same."""
    done = site.cli(*arguments.split(), "--json")
    assert done.code == 2
    assert done.err.strip()
    assert done.json[0]["exit_code"] == 2


def test_a_broken_mapping_of_the_site_is_told_with_file_and_line(site: SiteFolder) -> None:
    """A consultant's typing error in a mapping: exit code 2, the file and the line."""
    (site.folder / "mappings").mkdir()
    (site.folder / "mappings" / "misc_issue.yaml").write_text("lines:\n  qty:\n    type: nummer\n", "utf-8")
    done = site.cli("check", site.workbook(sound_rows()))
    assert done.code == 2
    assert "misc_issue.yaml" in done.err
    assert "line 3" in done.err


def test_results_go_elsewhere_when_the_workbooks_folder_cannot_be_written(site: SiteFolder, erp: Simulator, read_only_folder: Path) -> None:
    """A workbook in a read-only folder is imported all the same; its results lie in the working directory, and that is said."""
    rows = sound_rows()
    path = read_only_folder / "issue.xlsx"
    path.write_bytes(site.workbook(rows).read_bytes())
    lock(read_only_folder)
    done = site.cli("run", path, "--json")
    (report,) = done.json
    assert (done.code, report["stages"]) == (0, {"posted": 3})
    assert Path(report["results"]).parent == site.folder.resolve()
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_a_folder_for_results_that_cannot_be_written_is_told_before_anything_is_sent(
    site: SiteFolder, erp: Simulator, read_only_folder: Path
) -> None:
    """--out names a folder that cannot be written: exit code 2, and nothing was sent."""
    lock(read_only_folder)
    path = site.workbook(sound_rows())
    for out in (read_only_folder, read_only_folder / "new"):
        done = site.cli("run", path, "--out", out, "--json")
        assert (done.code, done.json[0]["exit_code"]) == (2, 2)
    assert erp.call_counts() == {}


def test_a_name_too_long_for_the_results_loses_nothing(site: SiteFolder, erp: Simulator) -> None:
    """A workbook whose name leaves no room for the results' suffix is imported, reported and exits as it should."""
    rows = sound_rows(documents=1)
    path = site.workbook(rows, name="雜" * 82 + ".xlsx")
    done = site.cli("run", path, "--json")
    (report,) = done.json
    assert (done.code, report["stages"]) == (0, {"posted": 1})
    once_each(erp, movements_of("misc_issue", rows), 1)


# -- interrupted -----------------------------------------------------------------------------------------------------------


def _interrupt(site: SiteFolder, erp: Simulator, rows: list, number: signal.Signals) -> Finished:
    erp.configure(latency_ms=40)
    process = site.start("run", site.workbook(rows), "--json")
    until(lambda: erp.call_counts().get("create", 0) >= 4, seconds=30)
    process.send_signal(number)
    done = finished(process)
    erp.configure(latency_ms=0)
    return done


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_cleanly_and_resume_finishes(site: SiteFolder, erp: Simulator, number: signal.Signals) -> None:
    """Ctrl-C: the calls under way are awaited, exit code 130, results written; `resume` does the rest, without asking anything twice."""
    rows = sound_rows(documents=30, lines=1)
    done = _interrupt(site, erp, rows, number)
    (report,) = done.json
    assert (done.code, report["unknown"]) == (130, 0)
    assert report["stages"] != {"posted": 30}
    assert Path(report["results"]).is_file()
    (batch,) = site.cli("status", "--json").json
    assert batch["stages"] == report["stages"]
    resumed = site.cli("resume", "--json")
    (report,) = resumed.json
    assert (resumed.code, report["stages"]) == (0, {"posted": 30})
    once_each(erp, movements_of("misc_issue", rows), 30)


# -- exit codes together -----------------------------------------------------------------------------------------------------


def test_a_login_that_is_refused_is_exit_code_4(site: SiteFolder, erp: Simulator) -> None:
    """A plant that the ERP does not know: exit code 4 with the ERP's words; corrected, resume finishes."""
    site.configure(plant="NOWHERE")
    done = site.cli("run", site.workbook(sound_rows()), "--json")
    assert (done.code, done.json[0]["unknown"]) == (4, 0)
    assert "NOWHERE" in done.err
    assert erp.documents() == []


def test_a_refusal_is_exit_code_1_and_an_unknown_one_is_3(site: SiteFolder, erp: Simulator) -> None:
    """Exit code 1 for what the ERP refused; something unknown weighs more."""
    site.configure(grace_s=600)
    erp.add_faults(FaultRule(kind=FaultKind.LOCK_263, operation="create", times=1))
    refused = site.cli("run", site.workbook(sound_rows(documents=2), name="a.xlsx"), "--json")
    assert (refused.code, refused.json[0]["rejected"]) == (1, 1)
    erp.add_faults(
        FaultRule(kind=FaultKind.LOCK_263, operation="create", times=1), FaultRule(kind=FaultKind.RESET_BEFORE, operation="create", times=1)
    )
    both = site.cli("run", site.workbook(sound_rows(documents=3, seed=3), name="b.xlsx"), "--no-wait", "--json")
    assert (both.code, both.json[0]["rejected"], both.json[0]["unknown"]) == (3, 1, 1)


@pytest.mark.parametrize("command", ["serve", "simulate"])
@pytest.mark.parametrize("language", ["en", "zh_TW", "zh_CN"])
def test_a_port_that_cannot_be_listened_at(site: SiteFolder, command: str, language: str) -> None:
    """One that is taken is named in the user's language, one that does not exist is an error of usage; both end with exit code 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = site.cli(command, "--port", port, "--lang", language)
    assert told.code == 2
    assert str(port) in told.err
    assert ("Name another one" in told.err) == (language == "en")
    assert site.cli(command, "--port", 70000).code == 2


def test_a_folder_is_called_one(site: SiteFolder) -> None:
    """A folder in place of a workbook is told as such, not by its rights."""
    assert "(DIR)" in site.cli("check", _folder(site), "--lang", "en").out
    assert "error: . is not an Excel workbook (DIR)" in site.cli("check", ".", "--lang", "en").out
