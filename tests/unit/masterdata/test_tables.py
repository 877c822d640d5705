"""The stock list and the tables of new codes, as people keep them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from site_folder import shipped

from importer.errors import ConfigurationError
from importer.masterdata import load_master_data, translate_mappings, write_unmapped
from importer.models import Severity
from importer.settings import Profile


def folder_with(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name.replace('__', '.')}.csv").write_text(text, encoding="utf-8-sig")
    return folder


# -- stock -----------------------------------------------------------------------------------------------------------


def test_rows_of_one_place_are_added_up_and_blanks_are_blanks(tmp_path: Path) -> None:
    """Quantities are exact, whatever their thousands separators and widths; one space is as blank as nothing."""
    text = '品號,倉別,庫位,批號,現有量,單位\nA,W1, ,,"1,000.5",PCS\nA,W1,,,０.５,PCS\nA,W1,L1,X,-2,\n'
    folder_with(tmp_path, stock=text)
    found = load_master_data(Profile(lists=tmp_path, stock_check="error"), shipped().values())
    assert found.stock is not None
    assert found.stock.on_hand == {("A", "W1", "", ""): Decimal("1001.0"), ("A", "W1", "L1", "X"): Decimal(-2)}
    assert (found.stock.units, found.stock_severity) == ({"A": "PCS"}, Severity.ERROR)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("item_no,warehouse_no\nA,W1\n", "qty is missing"),
        ("item_no,warehouse_no,qty\nA,,5\n", "row 2 needs an item and a warehouse"),
        ("item_no,warehouse_no,qty\nA,W1,many\n", "row 2: many is no quantity"),
        ("item_no,warehouse_no,qty\nA,W1,\n", "row 2: - is no quantity"),
        ("item_no,warehouse_no,qty,unit\nA,W1,1,PCS\nA,W2,1,BOX\n", "row 3 has A in BOX"),
    ],
)
def test_what_is_wrong_with_the_stock_list_is_told(tmp_path: Path, text: str, told: str) -> None:
    """With its row: a stock list that is half understood would accuse the wrong lines."""
    folder_with(tmp_path, stock=text)
    with pytest.raises(ConfigurationError, match=told):
        load_master_data(Profile(lists=tmp_path), shipped().values())


def test_stock_that_is_not_checked_is_not_read(tmp_path: Path) -> None:
    """`off` also ends the trouble with a broken file."""
    folder_with(tmp_path, stock="nonsense")
    assert load_master_data(Profile(lists=tmp_path, stock_check="off"), shipped().values()).stock is None


def test_only_lists_that_a_document_type_names_are_read(tmp_path: Path) -> None:
    """Whatever else lies in the folder is none of ours."""
    folder_with(tmp_path, items="code\nA\n", holidays="when,what\n2026-01-01,new year\n")
    found = load_master_data(Profile(lists=tmp_path), shipped().values(), today=date(2026, 1, 1))
    assert (set(found.known.lists), found.known.today) == ({"items"}, date(2026, 1, 1))


# -- new codes -------------------------------------------------------------------------------------------------------


def test_a_table_of_one_document_type_goes_before_the_common_one(tmp_path: Path) -> None:
    """`transfer.item_no` is for transfers, `item_no` for all others."""
    folder_with(tmp_path, item_no="old,new\nA,1\n", transfer__item_no="舊碼,新碼,備註\nA,2,x\n")
    found = translate_mappings(shipped(), tmp_path)
    codes = {name: mapping.fields["item_no"].translated("A") for name, mapping in found.items()}
    assert codes == {"transfer": "2", "misc_issue": "1", "misc_receipt": "1", "completion_receipt": "1"}
    assert shipped()["transfer"].translations == frozenset()


def test_a_table_that_is_being_filled_in_can_be_used(tmp_path: Path) -> None:
    """The file of unmapped values, filled in half: what is blank counts as not there, its count is no code, and its name is no table."""
    path = write_unmapped(tmp_path, "item_no", {"B": 1, "A": 7, "00123": 1})
    lines = path.read_text("utf-8-sig").splitlines()
    assert lines == ["old,new,count", "A,,7", "00123,,1", "B,,1"]
    assert translate_mappings(shipped(), tmp_path)["transfer"].translations == frozenset()
    (tmp_path / "item_no.csv").write_text("\n".join([lines[0], "A,N1,7", *lines[2:]]), "utf-8")
    assert translate_mappings(shipped(), tmp_path)["transfer"].fields["item_no"].translate == {"A": "N1"}


@pytest.mark.parametrize(
    ("texts", "unmapped", "told"),
    [
        ({"item_no": "old,new\nA,1\nB,2\nA,3\n"}, {}, "A becomes 1 on row 2 and 3 on row 4"),
        ({"item_no": "old,new\n,1\n"}, {}, "row 2 has no old code"),
        ({"item_no": "code,name\nA,1\n"}, {}, "old and new. Found: code, name"),
        ({"item_no": ""}, {}, "empty"),
        ({"itme_no": "old,new\nA,1\n"}, {}, "itme_no"),
        ({"seq": "old,new\n1,2\n"}, {}, "seq"),
        ({"doc_date": "old,new\n1,2\n"}, {}, "type date"),
        ({"item_no": "old,new\nA,1\n"}, {"lot_no": "keep"}, "no table lot_no"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(tmp_path: Path, texts: dict[str, str], unmapped: dict[str, str], told: str) -> None:
    """With file and rows; a table that fits nothing would change nothing, silently."""
    folder_with(tmp_path, **texts)
    with pytest.raises(ConfigurationError, match=told):
        translate_mappings(shipped(), tmp_path, unmapped=unmapped)  # type: ignore[arg-type]


def test_the_same_pair_twice_is_no_contradiction(tmp_path: Path) -> None:
    """Lists out of several sources repeat themselves."""
    folder_with(tmp_path, item_no="old,new\nA,1\nA,1\n")
    assert translate_mappings(shipped(), tmp_path)["misc_issue"].fields["item_no"].translate == {"A": "1"}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Without its tables a migration would send old codes."""
    with pytest.raises(ConfigurationError, match="none"):
        translate_mappings(shipped(), tmp_path / "none")
