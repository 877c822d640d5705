"""The picture of the sheet."""

from __future__ import annotations

from site_folder import sound_rows
from unit.web.conftest import Looking

from importer.web.picture import ROWS, picture_of


def test_a_mistake_stands_on_its_cell(looking: Looking) -> None:
    """The cell has the words and the gravity; its row and the list beside the picture name it, too."""
    rows = sound_rows()
    picture = picture_of(looking([{**rows[0], "qty": -1}, *rows[1:]]), "en")
    wrong = [(number, cell) for number, _, cells in picture.rows for cell in cells if cell.severity]
    assert [(number, cell.severity) for number, cell in wrong] == [(3, "error")]
    assert "greater than 0" in " ".join(wrong[0][1].words)
    assert picture.told[0].cell.endswith("3")
    assert picture.rows[0][1] == "error"
    assert [rule[2:] for rule in picture.rules] == [(1, 3)]


def test_the_piece_with_the_first_mistake_comes_first(looking: Looking) -> None:
    """A long sheet is shown piece by piece, beginning where the first mistake is; any row leads to its piece."""
    rows = sound_rows(documents=50, lines=2)
    rows[85]["qty"] = -1
    look = looking(rows)
    picture = picture_of(look, "en")
    assert (picture.first, picture.total) == (2 * ROWS, 100)
    assert picture.before == 3 + ROWS
    assert picture.after is None
    first = picture_of(look, "en", at=3)
    assert (first.first, first.before, first.after) == (0, None, 3 + ROWS)
    assert len(first.rows) == ROWS
    assert picture_of(look, "en", at=10**9).first == 2 * ROWS


def test_the_words_are_the_readers(looking: Looking) -> None:
    """The same look is told in each language."""
    look = looking([{**sound_rows()[0], "qty": -1}])
    assert "必須大於" in picture_of(look, "zh_TW").told[0].words
    assert "必须大于" in picture_of(look, "zh_CN").told[0].words


def test_nothing_to_show(looking: Looking) -> None:
    """A template without rows has no picture, and says why."""
    picture = picture_of(looking([]), "en")
    assert picture.total == 0
    assert picture.told
