"""The documents that a workbook makes, before anything is sent."""

from __future__ import annotations

from decimal import Decimal

from site_folder import sound_rows
from unit.web.conftest import Looking

from importer.web.preview import NAMED


def test_documents_lines_and_totals(looking: Looking) -> None:
    """Every document is counted by its state, the totals are the sums of the cells."""
    rows = sound_rows(documents=4, lines=3)
    preview = looking(rows).preview
    assert preview.counts == {"new": 4}
    assert preview.lines == 12
    assert [document.lines for document in preview.documents] == [3, 3, 3, 3]
    (headings, groups, left), *_ = preview.totals
    assert sum(amount for _, amount in groups) == sum(Decimal(str(row["qty"])) for row in rows)
    assert left == 0
    assert headings[-1].label_in("zh_TW") == "數量"


def test_one_with_a_mistake_is_told_apart(looking: Looking) -> None:
    """A document with a mistake counts as such, the others as new."""
    rows = sound_rows(documents=3, lines=1)
    rows[1]["qty"] = -1
    preview = looking(rows).preview
    assert preview.counts == {"new": 2, "errors": 1}
    assert [document.state for document in preview.documents] == ["new", "errors", "new"]


def test_a_long_list_is_cut_and_counted(looking: Looking) -> None:
    """Only so many documents are named; the rest is a number."""
    preview = looking(sound_rows(documents=NAMED + 5, lines=1)).preview
    assert (len(preview.documents), preview.left, preview.counts["new"]) == (NAMED, 5, NAMED + 5)
