"""`--where FIELD=VALUE` in the words of users, as conditions in the words of the ERP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from importer.errors import ConfigurationError
from importer.mapping import Mapping as DocumentType
from importer.mapping import load_mappings
from importer.pipeline.conditions import conditions_of
from importer.settings import Profile

MAPPINGS = load_mappings()
LINES = {"node_name": "other_out_inventory_detail_data"}


def asked(*texts: str, mapping: DocumentType = MAPPINGS["misc_issue"]) -> list:
    return conditions_of(texts, mapping, Profile(), "en")


@pytest.mark.parametrize("name", ["item_no", "料號", "料号", "Item", " item ", "ＩＴＥＭ"])
def test_a_field_goes_by_all_its_names(name: str) -> None:
    """Whoever knows the column by its label, in any language, or by its technical name, can ask for it."""
    assert asked(f"{name}=ITEM-1") == [{"field_name": "item_no", "operator": "=", "value": "ITEM-1", **LINES}]


@pytest.mark.parametrize("name", ["_doc_no", "doc_no", "doc_key", "單號", "Document number", "Document key"])
def test_the_document_number_goes_by_all_its_names(name: str) -> None:
    """The number can be asked for by the name of either column that shows it."""
    assert asked(f"{name}=I01-26010001") == [{"field_name": "doc_no", "operator": "=", "value": "I01-26010001"}]


def test_a_technical_name_wins_over_a_name_on_the_wire() -> None:
    """`remark` is the document's remark, though a line's remark has the same name on the wire; that one has its own."""
    completion = MAPPINGS["completion_receipt"]
    head, line = asked("remark=a", "line_remark=b", mapping=completion)
    assert [item["field_name"] for item in head["fields"]] == ["remark", "remark"]
    assert line == {"field_name": "remark", "operator": "=", "value": "b", "node_name": "wo_stockin_detail_data"}


@pytest.mark.parametrize("operator", ["=", "<>", ">=", "<=", ">", "<"])
def test_operators_stand_between_field_and_value(operator: str) -> None:
    """Each operator is read whole: `>=` is never `>` with a value that begins with `=`."""
    assert asked(f"qty{operator}1.50") == [{"field_name": "qty", "operator": operator, "value": Decimal("1.50"), **LINES}]


@pytest.mark.parametrize("text", ["doc_date>=2026-01-31", "doc_date >= 2026/01/31", "單據日期>=20260131"])
def test_values_are_of_the_field_s_type(text: str) -> None:
    """A date may be typed in each of the profile's forms and travels as a date."""
    assert asked(text) == [{"field_name": "doc_date", "operator": ">=", "value": date(2026, 1, 31)}]


@pytest.mark.parametrize("pattern", ["ITEM-00*", "ITEM-00%"])
def test_a_wildcard_means_like(pattern: str) -> None:
    """`%` and `*` stand for any text."""
    assert asked(f"item_no={pattern}") == [{"field_name": "item_no", "operator": "like", "value": "ITEM-00%", **LINES}]


def test_a_remark_is_found_with_the_reference_behind_it() -> None:
    """The remark that a user sees lacks the importer's reference; it is found all the same."""
    (remark,) = asked("remark=monthly")
    assert remark["operator"] == "or"
    assert [(item["operator"], item["value"]) for item in remark["fields"]] == [("=", "monthly"), ("like", "monthly [IMP:%")]


def test_several_conditions_are_all_kept() -> None:
    """Nothing of what was asked is dropped."""
    assert len(asked("item_no=A", "qty>1", "_state=created", "remark=")) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "FIELD=VALUE"),
        ("=5", "FIELD=VALUE"),
        ("", "FIELD=VALUE"),
        ("no_such=1", "Known are: _doc_no, _state, doc_type_no"),
        ("qty=many", "“many” is not a number"),
        ("qty=", "“” is not a number"),
        ("doc_date=31.12.", "is not a date"),
        ("doc_date=01/02/2026", "can mean"),
        ("qty=1*", "only with ="),
        ("item_no<>ITEM*", "only with ="),
        ("remark<>x", "only be asked with ="),
        ("_state=done", "created, approved, posted, void"),
        ("_state<>posted", "created, approved, posted, void"),
    ],
)
def test_a_bad_condition_is_told_in_a_sentence(text: str, words: str) -> None:
    """What cannot be asked is said with the condition itself and what to write in its place; nothing is guessed."""
    with pytest.raises(ConfigurationError) as caught:
        asked("item_no=A", text)
    assert words in str(caught.value)
    assert text in str(caught.value) or text.split("=")[0] in str(caught.value)
