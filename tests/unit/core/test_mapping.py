"""A document type is a file: every rule of it is told with file and line, and a site changes only what it names.

Each file below `broken_mappings` is laid over the shipped misc_issue.yaml and breaks one rule; its last lines say which line is
blamed and what is told. A new rule is a new file.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from site_folder import shipped

from importer.errors import MappingError
from importer.mapping import load_mapping, load_mappings, shipped_folder
from importer.models import Operation, Stage

BROKEN = sorted((Path(__file__).parent / "broken_mappings").glob("*.yaml"))
SHIPPED = shipped_folder("mappings") / "misc_issue.yaml"


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_rule_is_told_with_file_and_line(path: Path) -> None:
    """A consultant reads which file, which line, what is wrong."""
    *_, line, told = path.read_text("utf-8").splitlines()
    with pytest.raises(MappingError) as caught:
        load_mapping(SHIPPED, path)
    text = str(caught.value)
    assert told.removeprefix("# told: ") in text
    assert str(path) in text
    if (number := line.removeprefix("# line: ")) != "-":
        assert f"{path}, line {number}:" in text or f"{path}, line {number}: " in text


def test_a_mistake_in_the_shipped_file_is_not_blamed_on_the_sites(tmp_path: Path) -> None:
    """The file that holds the mistake is the one that is named."""
    base, over = tmp_path / "base.yaml", tmp_path / "over.yaml"
    base.write_text(SHIPPED.read_text("utf-8").replace("type: decimal", "type: nummer"), "utf-8")
    over.write_text("title: {en: Mine}\n", "utf-8")
    with pytest.raises(MappingError, match=r"base\.yaml, line \d+: lines\.qty\.type"):
        load_mapping(base, over)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    """Two mistakes, two lines of text."""
    over = tmp_path / "over.yaml"
    over.write_text("lines:\n  qty: {type: nummer}\n  item_no: {type: kode}\n", "utf-8")
    with pytest.raises(MappingError) as caught:
        load_mapping(SHIPPED, over)
    assert [line.partition("line ")[2][0] for line in str(caught.value).splitlines()] == ["3", "2"]


def test_a_stage_without_a_service_is_told(tmp_path: Path) -> None:
    """A site whose ERP has no approve service must leave the stage out, or documents would stop there in the middle of a run."""
    whole = tmp_path / "misc_issue.yaml"
    whole.write_text(SHIPPED.read_text("utf-8").replace("    approve: data.approve\n", ""), "utf-8")
    with pytest.raises(MappingError, match=r"standard\.operations: no approve"):
        load_mapping(whole)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(MappingError, match=r"gone\.yaml"):
        load_mapping(tmp_path / "gone.yaml")


# -- a site's own ----------------------------------------------------------------------------------------------------------

OVER = """\
max_lines: 50
header:
  remark: {max_length: 80}
  contract_no: {label: {en: Contract}, type: code, standard: udf01}
lines:
  qty: {label: {en: Amount}}
standard:
  operations: {post: data.post.v2}
totals:
  - {sum: qty, by: [item_no]}
"""


@pytest.mark.parametrize("suffix", [".yaml", ".yml"])
def test_a_sites_file_changes_what_it_names_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    """Deep merge: single settings, labels, services and new fields; lists are replaced; everything else is as shipped."""
    (tmp_path / f"misc_issue{suffix}").write_text(OVER, "utf-8")
    mappings = load_mappings(tmp_path)
    own, base = mappings["misc_issue"], shipped()["misc_issue"]
    assert (own.max_lines, own.header["remark"].max_length, own.header["contract_no"].standard) == (50, 80, "udf01")
    assert (own.lines["qty"].label, own.lines["qty"].digits) == ({**base.lines["qty"].label, "en": "Amount"}, base.lines["qty"].digits)
    assert own.standard is not None
    assert base.standard is not None
    assert own.standard.service(Operation.POST) == "tt.oapi.other.out.inventory.data.post.v2"
    assert own.standard.service(Operation.CREATE) == base.standard.service(Operation.CREATE)
    assert [total.by for total in own.totals] == [("item_no",)]
    assert list(own.header)[:-1] == list(base.header)
    assert {name: mapping for name, mapping in mappings.items() if name != "misc_issue"} == {
        name: mapping for name, mapping in shipped().items() if name != "misc_issue"
    }


def test_two_files_of_one_document_type_are_told(tmp_path: Path) -> None:
    """A copy under another name does not silently win or lose."""
    (tmp_path / "copy.yaml").write_bytes(SHIPPED.read_bytes())
    with pytest.raises(MappingError, match=r"copy\.yaml"):
        load_mappings(tmp_path)


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    """Most sites have no mappings of their own."""
    assert load_mappings(tmp_path / "mappings") == shipped()


# -- what the model tells -----------------------------------------------------------------------------------------------------


def test_a_remark_is_as_long_as_its_column_less_the_token() -> None:
    """Nothing is ever cut, so the room for the token is kept free (rule 10)."""
    assert shipped()["misc_issue"].max_length("remark") == 255 - len(" [IMP:ABCDEFGHIJKLMNOP]")
    assert shipped()["misc_issue"].max_length("item_no") == 40


def test_a_site_may_leave_stages_out(tmp_path: Path) -> None:
    """An ERP that approves by itself: created leads to posted, and `--until approved` ends at created."""
    over = tmp_path / "misc_issue.yaml"
    over.write_text("scenario:\n  standard: {created: create, posted: post}\n", "utf-8")
    scenario = load_mapping(SHIPPED, over).scenario
    assert scenario.steps[Stage.CREATED] == (Operation.POST, Stage.POSTED)
    assert (scenario.last_before(Stage.APPROVED), scenario.last_before(Stage.POSTED)) == (Stage.CREATED, Stage.POSTED)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_type_can_be_told_in_every_language(name: str) -> None:
    """Title and every label in all three languages."""
    mapping = shipped()[name]
    for labels in (mapping.title, *(field.label for field in mapping.fields.values())):
        assert {"zh_TW", "zh_CN", "en"} <= set(labels)
