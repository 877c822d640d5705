"""What every command promises to those who call it: help, JSON, exit codes (design §8)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

from acceptance.conftest import Imported
from site_folder import SiteFolder, command, sound_rows

from importer.cli.group import COMMANDS
from importer.settings import load_settings
from importer.simulator import FaultKind, FaultRule, Simulator

PROMISED = ("demo", "templates", "check", "run", "resume", "status", "results", "reconcile", "resolve", "simulate", "doctor", "init")
RUN = {
    "file",
    "batch",
    "document_type",
    "rows",
    "documents",
    "lines",
    "stages",
    "rejected",
    "unknown",
    "already_imported",
    "issues",
    "results",
    "tofix",
}
CHECK = {"file", "document_type", "rows", "documents", "lines", "already_imported", "issues", "annotated", "totals", "splits", "standing"}
ISSUE = {"code", "severity", "message", "sheet", "cell", "row", "column", "field", "value"}


def test_every_promised_command_is_there() -> None:
    """The first commands that a user reads about all exist."""
    assert set(PROMISED) <= set(COMMANDS)


HELP = """
import contextlib, io, json, sys
import click
from importer.cli import main
from importer.cli.group import cli
def leaves(path, command):
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    return [leaf for name in command.list_commands(context) for leaf in leaves([*path, name], command.get_command(context, name))]
told = {}
for path in leaves([], cli):
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")) as out:
        try:
            main([*path, "--help"])
        except SystemExit as end:
            out.seek(0)
            told[" ".join(path)] = [end.code, out.read()]
print(json.dumps(told))
"""


def test_every_command_explains_itself(tmp_path: Path) -> None:
    """`--help` of every command, those of groups too, works without any configuration and names --json, --lang and --config."""
    call = [sys.executable, "-c", HELP]
    told = json.loads(subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True).stdout)
    assert {name.split()[0] for name in told} == set(COMMANDS)
    for name, (code, text) in told.items():
        assert code == 0, name
        assert [option for option in ("--json", "--lang", "--config") if option not in text] == [], name


def test_the_help_is_there_before_anything_heavy_is_loaded() -> None:
    """`importer --help` and `--version` load neither pandas nor httpx nor SQLAlchemy nor pandera nor openpyxl."""
    for option in ("--help", "--version"):
        code = (
            "import sys\nfrom importer.cli import main\n"
            f"try: main(['{option}'])\nexcept SystemExit as end: assert not end.code\n"
            "heavy = {'pandas', 'httpx', 'sqlalchemy', 'pandera', 'openpyxl', 'pydantic', 'numpy', 'rich'} & set(sys.modules)\n"
            "assert not heavy, heavy"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_installed_command_is_the_same_program() -> None:
    """`importer` and `python -m importer` are one program."""
    script = Path(sys.executable).with_name("importer")
    texts = {subprocess.run(call, capture_output=True, text=True, check=True).stdout for call in ([script, "--help"], command(["--help"]))}
    assert len(texts) == 1
    assert all(name in next(iter(texts)) for name in PROMISED)


# -- JSON ----------------------------------------------------------------------------------------------------------------


def test_run_reports_one_object_per_file(imported: Imported) -> None:
    """`run --json` has exactly the promised names, also for one file; the results path is absolute and there."""
    assert imported.ran.code == 0
    (report,) = imported.ran.json
    assert set(report) == RUN
    results = Path(report.pop("results"))
    assert results.is_absolute()
    assert results.is_file()
    assert isinstance(report.pop("batch"), str)
    assert report == {
        "file": "misc_issue.xlsx",
        "document_type": "misc_issue",
        "rows": 6,
        "documents": 3,
        "lines": 6,
        "stages": {"posted": 3},
        "rejected": 0,
        "unknown": 0,
        "already_imported": 0,
        "issues": 0,
        "tofix": None,
    }


def test_the_results_go_beside_the_workbook_unless_told_otherwise(imported: Imported) -> None:
    """Without --out the results lie in the workbook's folder, with --out in that folder, which is made if need be."""
    assert Path(imported.ran.json[0]["results"]).parent == imported.site.folder.resolve()
    done = imported.site.cli("results", imported.batch, "--out", "made/for/it", "--json")
    (report,) = done.json
    assert (done.code, set(report), report["batch"]) == (0, {"batch", "results", "tofix"}, imported.batch)
    assert Path(report["results"]).parent == (imported.site.folder / "made/for/it").resolve()
    assert Path(report["results"]).is_file()


def test_check_reports_files_and_issues(imported: Imported) -> None:
    """`check --json` has exactly the promised names, for the file and for each issue."""
    rows = [dict(row) for row in imported.rows]
    del rows[1]["qty"]
    done = imported.site.cli("check", imported.site.workbook(rows, name="wrong.xlsx"), "gone.xlsx", "--json")
    wrong, gone = done.json
    assert set(wrong) == set(gone) == CHECK
    assert (wrong["rows"], wrong["documents"], wrong["lines"], wrong["already_imported"]) == (6, 3, 6, 2)
    assert Path(wrong["annotated"]).is_absolute()
    (issue,) = wrong["issues"]
    assert set(issue) == ISSUE
    message = issue.pop("message")
    assert "…" not in message
    column = issue.pop("column")
    assert column.startswith("Quantity")
    assert issue.pop("cell").rstrip("0123456789").isalpha()
    assert issue == {
        "code": "required_missing",
        "severity": "error",
        "sheet": wrong["issues"][0]["sheet"],
        "row": 4,
        "field": "qty",
        "value": "",
    }
    (missing,) = gone["issues"]
    assert (missing["code"], missing["row"], missing["cell"], gone["annotated"]) == ("file_not_found", None, None, None)
    assert done.code == 2


def test_a_sound_workbook_gets_no_annotated_copy(imported: Imported) -> None:
    """`check` of a workbook without findings writes nothing, and knows what was imported before."""
    before = set(imported.site.folder.iterdir())
    done = imported.site.cli("check", imported.path.name, "--json")
    (report,) = done.json
    assert (done.code, report["issues"], report["annotated"], report["already_imported"]) == (0, [], None, 3)
    assert set(imported.site.folder.iterdir()) == before


def test_check_asks_the_erp_nothing(imported: Imported) -> None:
    """`check` makes no call, and `status` and `results` neither."""
    before = imported.erp.call_counts()
    for arguments in (("check", imported.path.name), ("status",), ("status", imported.batch), ("results", imported.batch)):
        assert imported.site.cli(*arguments).code == 0
    assert imported.erp.call_counts() == before


def test_status_lists_batches_and_tells_the_story_of_each_document(imported: Imported) -> None:
    """`status --json` is the list; `status BATCH --json` adds every document with its events."""
    (listed,) = imported.site.cli("status", "--json").json
    assert {"batch", "file", "document_type", "profile", "state", "until", "rows", "documents", "stages", "already_imported"} <= set(listed)
    assert (listed["batch"], listed["stages"]) == (imported.batch, {"posted": 3})
    (one,) = imported.site.cli("status", imported.batch, "--json").json
    numbers = {document.doc_no for document in imported.erp.documents()}
    assert {story["doc_no"] for story in one["story"]} == numbers
    for story in one["story"]:
        assert [event["operation"] for event in story["events"] if event["status"] == "succeeded"] == ["create", "approve", "post"]


def test_nothing_to_do_is_an_empty_array(imported: Imported) -> None:
    """`resume` and `reconcile` without anything unfinished say so with an empty JSON array and exit code 0."""
    for name in ("resume", "reconcile"):
        done = imported.site.cli(name, "--json")
        assert (done.code, done.json) == (0, [])


def test_doctor_finds_everything_in_order(imported: Imported) -> None:
    """`doctor` looks at configuration, mappings, ledger and the ERP's services, and changes nothing."""
    documents = len(imported.erp.documents())
    done = imported.site.cli("doctor", "--json")
    assert done.code == 0
    assert {"configuration", "mappings", "ledger"} < {item["subject"] for item in done.json}
    assert all(set(item) == {"subject", "ok", "message"} and item["ok"] for item in done.json)
    assert len(imported.erp.documents()) == documents


def test_templates_come_in_the_language_asked_for(imported: Imported, tmp_path: Path) -> None:
    """`templates` writes <type>_<lang>.xlsx of all types, or of those named."""
    done = imported.site.cli("templates", "--out", tmp_path, "--lang", "zh_TW", "--json")
    assert done.code == 0
    assert {Path(item["file"]).name for item in done.json} >= {"misc_issue_zh_TW.xlsx", "transfer_zh_TW.xlsx"}
    assert all(Path(item["file"]).is_absolute() and Path(item["file"]).is_file() for item in done.json)
    (one,) = imported.site.cli("templates", "transfer", "--out", tmp_path, "--lang", "en", "--json").json
    assert (one["document_type"], one["language"], Path(one["file"]).name) == ("transfer", "en", "transfer_en.xlsx")


def test_an_empty_template_has_nothing_to_import(imported: Imported, tmp_path: Path) -> None:
    """A blank template handed in by mistake is told so."""
    (written,) = imported.site.cli("templates", "misc_issue", "--out", tmp_path, "--json").json
    done = imported.site.cli("run", written["file"], "--json", "--out", tmp_path)
    assert (done.code, done.json[0]["batch"], done.json[0]["issues"]) == (1, None, 1)


def test_demo_shows_everything_without_any_configuration(make_site: Callable[..., SiteFolder]) -> None:
    """`demo` needs no configuration, leaves nothing but its folder, and ends with posted documents."""
    site = make_site("nothing", "")
    site.config.unlink()
    done = site.cli("demo", "transfer", "--documents", 2, "--lines", 3, "--json")
    assert done.code == 0
    (report,) = done.json
    assert set(report) == RUN
    assert (report["stages"], report["lines"], report["document_type"]) == ({"posted": 2}, 6, "transfer")
    assert Path(report["results"]).is_file()
    assert {path.name for path in site.folder.iterdir()} <= {"importer-demo", "home"}


def test_init_writes_a_configuration_that_is_read_and_never_overwrites_one(make_site: Callable[..., SiteFolder]) -> None:
    """`init` writes a commented importer.toml which loads as it is; a second init leaves it alone."""
    site = make_site("new", "")
    site.config.unlink()
    done = site.cli("init", "--json")
    assert (done.code, done.json) == (0, [{"config": str(site.config.resolve())}])
    assert load_settings(site.config).profile(None).erp_id == "test"
    site.config.write_text("# mine\n" + site.config.read_text("utf-8"), "utf-8")
    assert site.cli("init").code == 2
    assert site.config.read_text("utf-8").startswith("# mine")


def test_simulate_tells_its_address_and_serves(make_site: Callable[..., SiteFolder]) -> None:
    """`simulate --port 0` takes a free port, prints the URL as JSON, and ends cleanly on Ctrl-C."""
    site = make_site("nothing", "")
    site.config.unlink()
    process = site.start("simulate", "--port", 0, "--json")
    assert process.stdout is not None
    (ready,) = json.loads(process.stdout.readline())
    with urllib.request.urlopen(ready["admin"], timeout=10) as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=15) in (0, 130)


# -- resolve -------------------------------------------------------------------------------------------------------------


def test_a_person_settles_what_the_erp_cannot(site: SiteFolder, erp: Simulator) -> None:
    """`resolve` records a person's word: a number is needed, `absent` is refused before grace is over, and the word is kept."""
    site.configure(grace_s=600)
    erp.add_faults(FaultRule(kind=FaultKind.RESET_BEFORE, operation="create", times=1))
    done = site.cli("run", site.workbook(sound_rows(documents=1)), "--no-wait", "--json")
    (report,) = done.json
    assert (done.code, report["unknown"]) == (3, 1)
    (status,) = site.cli("status", report["batch"], "--json").json
    token = status["story"][0]["token"]
    early = site.cli("resolve", token, "--as", "absent", "--reason", "looked in aimt301")
    assert (early.code, "absent" in early.err) == (2, True)
    assert site.cli("resolve", token, "--as", "posted", "--reason", "seen").code == 2
    settled = site.cli("resolve", token, "--as", "posted", "--doc-no", "I01-24019999", "--reason", "keyed in by hand", "--json")
    assert (settled.code, settled.json) == (0, [{"token": token, "as": "posted", "doc_no": "I01-24019999"}])
    (status,) = site.cli("status", report["batch"], "--json").json
    assert status["stages"] == {"posted": 1}
    assert any("keyed in by hand" in event["message"] for event in status["story"][0]["events"])
    assert site.cli("resolve", token, "--as", "absent", "--reason", "no").code == 2
