"""What is held against the site's knowledge of its ERP: lists, open periods, tables of new codes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from unit.schema.test_schema import ISSUE, MAPPINGS, TRANSFER, altered, check, found, only

from importer.issue_catalogue import render
from importer.models import CodeList, Severity
from importer.schema import Known
from importer.schema.masterrules import NAMED, Suggestions

MANY = CodeList(name="items", labels={f"ITEM-{number:05}": "" for number in range(1, 20_001)})
FEW = CodeList(name="items", labels={f"ITEM-{number:03}": "" for number in range(1, 101)})


def known(**lists: CodeList) -> Known:
    return Known(lists=lists)


# -- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "typed", "meant"),
    [
        (MANY, "ITEM-0001", "ITEM-00001"),  # a letter left out
        (MANY, "ITEM-000011", "ITEM-00011"),  # one too many
        (MANY, "ITEM-0O011", "ITEM-00011"),  # O for 0
        (MANY, "IETM-00011", "ITEM-00011"),  # two swapped
        (FEW, "ITEM_007", "ITEM-007"),
        (FEW, "ITEM007", "ITEM-007"),
        (CodeList(name="items", labels={f"{number:06}": "" for number in range(1, 100)}), "42", "000042"),  # zeros lost in Excel
    ],
)
def test_of_a_long_list_the_nearest_codes_are_named(codes: CodeList, typed: str, meant: str) -> None:
    """A typing mistake is told with the code that was meant, however long the list is."""
    issue = only(check([{**ISSUE, "item_no": typed}], known=known(items=codes)))
    named = issue.values["allowed"]
    assert issue.code == "not_in_list"
    assert isinstance(named, list)
    assert meant in named[:3]
    assert meant in render(issue, "en")


def test_a_short_list_is_named_as_a_whole() -> None:
    """Of three warehouses all three are named."""
    short = CodeList(name="warehouses", labels={"W1": "", "W2": "", "W3": ""})
    issue = only(check([{**ISSUE, "warehouse_no": "X"}], known=known(warehouses=short)))
    assert issue.values["allowed"] == ["W1", "W2", "W3"]


def test_suggestions_come_to_an_end() -> None:
    """Somebody who has another list altogether gets an answer, not one search per row."""
    suggestions = Suggestions(MANY)
    named = [suggestions.named(f"ITEM-X{number:04}") for number in range(1_000)]
    assert named[-1] == [*list(MANY.labels)[:NAMED], "…"]


@pytest.mark.parametrize("typed", ["item-00007", "ＩＴＥＭ-00007", "Item-00007"])
def test_a_code_in_another_case_or_width_is_told_apart(typed: str) -> None:
    """The ERP would not find it, and the eye does not see why."""
    checked = check([{**ISSUE, "item_no": typed}], known=known(items=MANY))
    issue = next(issue for issue in checked.issues if issue.severity is Severity.ERROR) if checked.issues else None
    if issue is not None:  # a reader that turns full-width characters into usual ones leaves nothing to tell
        assert (issue.code, issue.values["meant"]) == ("spelled_otherwise", "ITEM-00007")
    else:
        assert checked.values["item_no"] == ["ITEM-00007"]


def test_the_mappings_own_values_go_before_a_list() -> None:
    """A field with `choices` is held against these."""
    mapping = altered(MAPPINGS["misc_issue"], "reason_no", choices={"101": {"en": "Use"}})
    rows = [{**ISSUE, "reason_no": "101"}]
    assert check(rows, mapping, known=known(reasons=CodeList(name="reasons", labels={"7": ""}))).issues == []


# -- within ----------------------------------------------------------------------------------------------------------

LOCATIONS = CodeList(
    name="locations",
    labels={"L1": "", "L2": "", "L3": ""},
    within={"L1": frozenset({"W1", "W2"}), "L2": frozenset({"W2"}), "L3": frozenset()},
)
WAREHOUSES = CodeList(name="warehouses", labels={"W1": "", "W2": "", "W3": ""})


@pytest.mark.parametrize(
    ("warehouse", "location", "codes"),
    [
        ("W1", "L1", []),
        ("W2", "L1", []),
        ("W1", "L2", ["not_within"]),
        ("W3", "L1", ["not_within"]),  # a warehouse without locations
        ("W1", None, []),
        ("W1", "L9", ["not_in_list"]),  # told once
        ("W9", "L1", ["not_in_list"]),  # the warehouse is what is wrong
    ],
)
def test_a_location_must_stand_in_its_warehouse(warehouse: str, location: str | None, codes: list[str]) -> None:
    """The list of locations depends on the warehouse of the same line."""
    checked = check(
        [{**ISSUE, "warehouse_no": warehouse, "location_no": location}], known=known(locations=LOCATIONS, warehouses=WAREHOUSES)
    )
    assert [issue.code for issue in checked.issues] == codes


def test_both_sides_of_a_transfer_have_their_own_warehouse() -> None:
    """Out location in out warehouse, in location in in warehouse."""
    row = {**TRANSFER, "out_location_no": "L2", "in_location_no": "L2"}
    checked = check([row], MAPPINGS["transfer"], known=known(locations=LOCATIONS))
    assert found(checked) == [("not_within", 3, "out_location_no")]


def test_a_list_without_warehouses_knows_no_places() -> None:
    """A plain list of locations says nothing of where they are."""
    plain = CodeList(name="locations", labels={"L1": ""})
    assert check([{**ISSUE, "location_no": "L1"}], known=known(locations=plain)).issues == []


# -- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2025, 12, 31), ["period_closed"]),
        (date(2026, 1, 1), []),
        (date(2026, 1, 31), []),
        (date(2026, 2, 1), ["period_not_open"]),
        (date(1999, 12, 31), ["period_closed"]),
        (date(2126, 1, 1), ["period_not_open"]),
    ],
)
def test_the_period_is_open_between_its_two_days(day: date, codes: list[str]) -> None:
    """Closed up to and including the close date, not open after the last day of the period; told once."""
    period = Known(close_date=date(2025, 12, 31), period_end=date(2026, 1, 31), today=date(2026, 1, 15))
    assert [issue.code for issue in check([{**ISSUE, "doc_date": day}], known=period).issues] == codes


@pytest.mark.parametrize(
    ("day", "told"), [(date(1999, 12, 31), True), (date(2000, 1, 1), False), (date(2027, 1, 16), False), (date(2027, 1, 17), True)]
)
def test_a_date_years_away_is_a_warning(day: date, told: bool) -> None:
    """Before 2000, or more than a year ahead."""
    checked = check([{**ISSUE, "doc_date": day}], known=Known(today=date(2026, 1, 15)))
    assert [(issue.code, issue.severity) for issue in checked.issues] == ([("date_far_away", Severity.WARNING)] if told else [])
    assert checked.bad_rows == set()


# -- new codes -------------------------------------------------------------------------------------------------------

TRANSLATED = MAPPINGS["misc_issue"].with_translations(
    {
        "item_no": ({"OLD " * 20: "ITEM-001", "A": "ITEM-002", "B": "X" * 41, "C": "ITEM-900"}, "error"),
        "warehouse_no": ({"H": "W1"}, "keep"),
    }
)


@pytest.mark.parametrize(
    ("item", "codes"),
    [
        (("OLD " * 20).strip(), ["not_translated"]),
        ("A", []),
        ("B", ["too_long", "not_in_list"]),
        ("C", ["not_in_list"]),
        ("D", ["not_translated"]),
        ("ITEM-001", ["not_translated"]),
    ],
)
def test_what_is_checked_is_the_new_code(item: str, codes: list[str]) -> None:
    """Length and list are those of the new code; a value without one is told as that alone, and values stay as they were read."""
    checked = check([{**ISSUE, "item_no": item}], TRANSLATED, known=known(items=FEW))
    assert sorted(issue.code for issue in checked.issues) == sorted(codes)
    assert {issue.value for issue in checked.issues} <= {item}
    assert checked.values["item_no"] == [item]
    assert checked.bad_rows == ({3} if codes else set())


def test_a_table_that_keeps_lets_other_values_pass() -> None:
    """They are checked as they are."""
    checked = check([{**ISSUE, "item_no": "A", "warehouse_no": "W2"}], TRANSLATED, known=known(warehouses=WAREHOUSES))
    assert checked.issues == []


def test_a_blank_required_cell_is_blank_not_untranslated() -> None:
    """One cell, one issue."""
    assert found(check([{**ISSUE, "item_no": None}], TRANSLATED)) == [("required_missing", 3, "item_no")]


def test_without_its_tables_a_mapping_is_as_shipped() -> None:
    """What `query` brought is in the ERP's codes."""
    plain = TRANSLATED.untranslated()
    assert (plain.translations, plain.fields, plain.columns) == (frozenset(), MAPPINGS["misc_issue"].fields, MAPPINGS["misc_issue"].columns)
    assert TRANSLATED.fields["item_no"].translated("A") == "ITEM-002"
    assert TRANSLATED.fields["qty"].translated(Decimal(5)) == Decimal(5)
