"""`importer apis` and `importer spec` at a consultant's desk: no configuration, no ERP, plain words, exit codes that can be relied upon."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from site_folder import Finished, command, finished
from unit.catalogue.vendor_books import FIELDS, SHAPES, write

from importer.mapping import load_mapping, load_mappings
from importer.workbook.template import write_template

Cli = Callable[..., Finished]
SERVICES = sum(10 + (mapping.custom is not None) for mapping in load_mappings().values())
SPEC = SHAPES["sheet_per_operation"]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command in a folder without importer.toml."""

    def run(*arguments: object) -> Finished:
        process = subprocess.Popen(
            command(arguments),
            cwd=tmp_path,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return finished(process)

    return run


def test_the_list_of_services(cli: Cli) -> None:
    """Without arguments: a line for each service, whole, with its operation in Chinese and English."""
    done = cli("apis", "--lang", "en")
    assert (done.code, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()]
    services = [words[0] for words in lines if words and (words[0].startswith("tt.oapi.") or words[0].startswith("Create"))]
    assert len(services) == SERVICES
    (create,) = [words for words in lines if words and words[0] == "tt.oapi.other.out.inventory.data.dispost"]
    assert create[1:] == ["過帳還原", "dispost", "OpenAPI", "JSON,", "XML"]
    assert any("aint301 / aimt301" in line and "物流資訊API" in line for line in done.out.splitlines())


def test_one_document_type_with_its_fields(cli: Cli) -> None:
    """With TYPE: only its services, and the fields of their messages, in the language asked for."""
    done = cli("apis", "transfer", "--lang", "zh_CN")
    assert done.code == 0
    assert "tt.oapi.other" not in done.out
    assert "transfer_data[].transfer_detail_data[]" in done.out
    assert all(word in done.out for word in ("out_qty", "imn10", "15,3", "拨出数量", "撤销审核"))


def test_json_holds_everything(cli: Cli) -> None:
    """--json gives one object per service, with specification and samples, and nothing else on standard output."""
    services = cli("apis", "--json").json
    assert len(services) == SERVICES
    assert len({service["service"] for service in services}) == SERVICES
    for service in services:
        assert set(service["name"]) == set(service["description"]) == set(service["operation_name"]) == {"zh_TW", "zh_CN", "en"}
        assert service["specification"]["request"]
        assert service["specification"]["answer"]
        assert [sample["format"] for sample in service["samples"]] == service["formats"]
        assert all(sample["request"] and sample["answer"] for sample in service["samples"])


def test_the_workbook(cli: Cli, tmp_path: Path) -> None:
    """--out writes a workbook: an overview and a sheet for each document type."""
    done = cli("apis", "--out", "apis.xlsx", "--lang", "zh_TW")
    assert (done.code, done.err) == (0, "")
    assert len(openpyxl.load_workbook(tmp_path / "apis.xlsx").sheetnames) == 1 + len(load_mappings())


def test_wrong_arguments(cli: Cli) -> None:
    """An unknown document type, a catalogue that is no workbook and a missing --type are exit 2 with a sentence."""
    for arguments, word in (
        (("apis", "nonsense"), "misc_issue"),
        (("apis", "--out", "apis.csv"), ".xlsx"),
        (("spec", "spec.xlsx"), "--type"),
        (("spec", "gone.xlsx", "--type", "my_issue"), "gone.xlsx"),
        (("spec", "gone.xlsx", "--type", "My Issue"), "My Issue"),
    ):
        done = cli(*arguments, "--lang", "en")
        assert (done.code, done.out) == (2, ""), arguments
        assert word in done.err
        assert "Traceback" not in done.err


def test_from_specification_to_template(cli: Cli, tmp_path: Path) -> None:
    """A vendor's workbook becomes a mapping file; put into the site's folder, it is a document type like any other."""
    write(tmp_path / "vendor.xlsx", SPEC)
    (tmp_path / "mappings").mkdir()
    done = cli("spec", "vendor.xlsx", "--type", "my_issue", "--out", "mappings/my_issue.yaml", "--lang", "en")
    assert done.code == 0
    assert "9 fields understood, 0 places not understood" in done.err
    assert "my_issue.yaml" in done.out
    assert list(load_mapping(tmp_path / "mappings" / "my_issue.yaml").fields) == list(FIELDS)
    assert len(cli("apis", "my_issue", "--json").json) == 10
    assert cli("templates", "my_issue", "--lang", "zh_TW").code == 0
    assert (tmp_path / "my_issue_zh_TW.xlsx").is_file()


def test_without_out_the_mapping_is_printed(cli: Cli, tmp_path: Path) -> None:
    """Without --out standard output is the mapping file and nothing else."""
    write(tmp_path / "vendor.xlsx", SPEC)
    done = cli("spec", "vendor.xlsx", "--type", "my_issue")
    (tmp_path / "printed.yaml").write_text(done.out, "utf-8")
    assert done.code == 0
    write_template(load_mapping(tmp_path / "printed.yaml"), "en", tmp_path / "template.xlsx")


def test_the_report_as_json(cli: Cli, tmp_path: Path) -> None:
    """--json tells what became of which cell, and what was not understood, with sheet, cell and reason."""
    write(tmp_path / "vendor.xlsx", SHAPES["excel_indents_and_nullable"])
    done = cli("spec", "vendor.xlsx", "--type", "my_issue", "--out", "new.yaml", "--json", "--lang", "en")
    (report,) = done.json
    assert (done.code, report["document_type"], report["fields"]) == (0, "my_issue", 9)
    assert (report["file"], report["mapping"]) == (str(tmp_path / "vendor.xlsx"), str(tmp_path / "new.yaml"))
    assert report["understood"][0] == {"sheet": "Create", "cell": "A3", "value": "doc_type_no", "field": "doc_type_no", "part": "header"}
    (problem,) = report["not_understood"]
    assert problem == {"sheet": "Create", "cell": "A7", "value": "old_field", "reason": "struck through, so it was left out"}


def test_an_existing_file_is_refused(cli: Cli, tmp_path: Path) -> None:
    """--out never overwrites: exit 2, a sentence, and the file as it was."""
    write(tmp_path / "vendor.xlsx", SPEC)
    (tmp_path / "mine.yaml").write_text("mine", "utf-8")
    done = cli("spec", "vendor.xlsx", "--type", "my_issue", "--out", "mine.yaml", "--lang", "en")
    assert done.code == 2
    assert "is there already" in done.err
    assert (tmp_path / "mine.yaml").read_text("utf-8") == "mine"


def test_unreadable_and_empty_workbooks(cli: Cli, tmp_path: Path) -> None:
    """A damaged file and a workbook without a table of fields are exit 1 with a sentence, and no mapping file."""
    whole = write(tmp_path / "whole.xlsx", SPEC).read_bytes()
    (tmp_path / "half.xlsx").write_bytes(whole[: len(whole) // 2])
    openpyxl.Workbook().save(tmp_path / "blank.xlsx")
    for name, word in (("half.xlsx", "damaged"), ("blank.xlsx", "No table of fields")):
        done = cli("spec", name, "--type", "my_issue", "--out", "new.yaml", "--lang", "en")
        assert done.code == 1
        assert word in done.err
        assert "Traceback" not in done.err
        assert not (tmp_path / "new.yaml").exists()
