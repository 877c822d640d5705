"""Whether a document of the ERP is ours: its lines are compared by value, whatever order and form they come back in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.models import Value
from importer.reconciler import same_lines

LINE: dict[str, Value] = {"item_no": "X", "location_no": "", "qty": Decimal("5.500"), "day": date(2026, 1, 31)}


@pytest.mark.parametrize(
    "found",
    [
        {"item_no": "X", "location_no": " ", "qty": 5.5, "day": "2026-01-31"},
        {"item_no": "X ", "location_no": None, "qty": "5.5", "day": "20260131"},
        {"item_no": "X", "location_no": "", "qty": Decimal("5.5000"), "day": "2026/01/31 00:00:00", "seq": 1, "line_status": "N"},
        {"item_no": "X", "qty": 5.5},
    ],
)
def test_the_same_line_in_another_form(found: dict[str, object]) -> None:
    """A blank stored as a space, a number as text, a compact date, fields of the ERP's own or left out: the same line."""
    assert same_lines([LINE], [found])


@pytest.mark.parametrize(
    "found", [{"item_no": "Y"}, {"qty": 5.501}, {"qty": "x"}, {"qty": None}, {"day": "2026-02-01"}, {"location_no": "L01"}]
)
def test_another_line(found: dict[str, object]) -> None:
    """One value differs: not ours."""
    assert not same_lines([LINE], [{**LINE, **found}])


LINES = st.lists(st.fixed_dictionaries({"item_no": st.sampled_from("XYZ"), "qty": st.integers(1, 3).map(Decimal)}), max_size=6)


@given(LINES, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_number_does(lines: list[dict[str, Value]], chance: object) -> None:
    """Any order of the same lines is the same document; one line less or once more is not."""
    found: list[dict[str, object]] = [dict(line) for line in lines]
    chance.shuffle(found)  # type: ignore[attr-defined]
    assert same_lines(lines, found)
    assert not same_lines(lines, [*found, {"item_no": "X", "qty": 1}])
    assert not found or not same_lines(lines, found[1:])
