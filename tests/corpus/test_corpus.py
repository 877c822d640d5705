"""Every workbook of the corpus gets exactly what stands in `expected/`: exit code, counts, issues on their cells, and values on the wire.

The workbooks are made by `making/`, or lie in `files/` where another program had to write them. A workbook that hangs or ends the
process fails its own test and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from corpus.expecting import outcome
from corpus.making import MADE
from corpus.running import Checker
from site_folder import SiteFolder

HERE: Final = Path(__file__).parent
FILES: Final = {path.name: path for path in sorted((HERE / "files").iterdir())}
SOUND: Final = {
    "doc_type_no": ["I01", "I01"],
    "doc_date": ["2026-01-31", "2026-01-31"],
    "remark": ["一月", ""],
    "item_no": ["ITEM-1", "ITEM-2", "ITEM-3"],
    "warehouse_no": ["W1", "W1", "W2"],
    "qty": [5, 2.5, 7],
}
"""What goes to the ERP of a workbook whose every row was read."""


def load(name: str) -> dict[str, dict[str, Any]]:
    """The expectations of one family of workbooks."""
    content: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "expected" / name).read_text("utf-8"))
    return content


def every_expectation() -> dict[str, dict[str, Any]]:
    """Those of all families but the one with settings of its own."""
    families = sorted(path.name for path in (HERE / "expected").glob("*.yaml") if path.name != "roc.yaml")
    return {name: one for family in families for name, one in load(family).items()}


EXPECTED: Final = every_expectation()


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A workbook of the corpus by its name."""
    folder = tmp_path_factory.mktemp("corpus")

    def find(name: str) -> Path:
        path = folder / name
        if name in FILES:
            path.write_bytes(FILES[name].read_bytes())
        else:
            MADE[name](path)
        return path

    return find


def start(folder: Path, **profile: Any) -> Checker:
    """A checking process in a folder of its own."""
    return Checker(folder, SiteFolder(folder, "http://127.0.0.1:9", **profile).config)


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    """The process that checks one workbook after the other."""
    checker = start(tmp_path_factory.mktemp("checker"))
    yield checker
    checker.close()


def expected_of(one: Mapping[str, Any]) -> dict[str, Any]:
    """An expectation, spelled out."""
    return {**one, "values": SOUND if one["values"] == "sound" else one["values"]}


def test_corpus_and_expectations_are_the_same() -> None:
    """No workbook is without an expectation, and none is expected that is not there."""
    assert sorted(EXPECTED) == sorted([*MADE, *FILES])
    assert not set(MADE) & set(FILES)
    assert len(EXPECTED) >= 150


@pytest.mark.parametrize("name", EXPECTED)
def test_workbook(name: str, workbook: Callable[[str], Path], checker: Checker) -> None:
    """Exactly the expected outcome, said in whole sentences, and nothing on standard error."""
    answer = checker.ask(workbook(name), "--type", "misc_issue")
    assert outcome(answer) == expected_of(EXPECTED[name])
    assert answer["said"] == ""
    for issue in answer["report"][0]["issues"]:
        assert issue["message"].endswith((".", "。"))
        assert not set("{}") & set(issue["message"]) or "{" in issue["value"]
        assert len(issue["message"]) < 500


@pytest.mark.parametrize("name", load("roc.yaml"))
def test_years_of_the_republic(name: str, workbook: Callable[[str], Path], tmp_path: Path) -> None:
    """The same workbooks at a site that allows dates with years of the Republic."""
    checker = start(tmp_path, date_formats=["%Y-%m-%d", "roc"])
    try:
        assert outcome(checker.ask(workbook(name), "--type", "misc_issue")) == expected_of(load("roc.yaml")[name])
    finally:
        checker.close()


@pytest.mark.parametrize("name", sorted(EXPECTED)[::60])
def test_as_a_command(name: str, workbook: Callable[[str], Path], site: SiteFolder) -> None:
    """The command line as a process of its own says the same."""
    done = site.cli("check", workbook(name), "--type", "misc_issue", "--json", "--out", site.folder, "--payloads", site.folder / "payloads")
    expected = expected_of(EXPECTED[name])
    assert outcome({"code": done.code, "report": done.json, "documents": []}) == {**expected, "values": {}}
