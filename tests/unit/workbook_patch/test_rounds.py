"""Rounds: correct the results workbook, hand it in again, and the new results replace the old ones."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.workbook_patch.books import SHEET, colour, looks, parts, patch, strip, users_book

from importer.workbook.patch import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SOFFICE = shutil.which("soffice")
PLACES = st.dictionaries(st.tuples(st.integers(1, 14), st.integers(1, 5)), st.sampled_from(["error", "warning", "hint"]), max_size=8)
RESULTS = st.dictionaries(
    st.integers(3, 14), st.tuples(st.text(max_size=5), st.none() | st.integers(-9, 9), st.text(max_size=3)), max_size=6
)


def save_by_openpyxl(paths: Sequence[Path], folder: Path) -> None:
    """Somebody's script loads and saves the files."""
    for path in paths:
        openpyxl.load_workbook(path).save(folder / path.name)


def save_by_libreoffice(paths: Sequence[Path], folder: Path) -> None:
    """Somebody opens and saves the files in LibreOffice."""
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    home = f"-env:UserInstallation=file://{folder}/profile"
    command = [SOFFICE, home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def save_by_nobody(paths: Sequence[Path], folder: Path) -> None:
    """The files stay as we wrote them."""
    for path in paths:
        shutil.copy(path, folder / path.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A user's workbook and its results, both saved by one program."""

    program: str
    users: Path
    results: Path


@pytest.fixture(scope="module", params=[save_by_nobody, save_by_openpyxl, save_by_libreoffice])
def edition(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """The pair, as each program leaves it."""
    users = users_book(tmp_path_factory.mktemp("before") / "a.xlsx")
    results = patch(users)
    folder = tmp_path_factory.mktemp("after")
    request.param([users, results], folder)
    return Edition(program=request.param.__name__, users=folder / users.name, results=folder / results.name)


def fill_of(cell: Any) -> tuple[object, ...]:
    """What a user sees of a fill; the second colour of a solid one is not drawn, and LibreOffice writes there what it likes."""
    fill = cell.fill
    pattern = getattr(fill, "patternType", None)
    return (pattern, repr(fill.fgColor)) if pattern else (repr(fill),)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's workbook."""
    return users_book(tmp_path_factory.mktemp("rounds") / "a.xlsx")


@given(places=PLACES, results=RESULTS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stripped_is_as_it_was(source: Path, places: dict[tuple[int, int], str], results: dict[int, tuple[str, int | None, str]]) -> None:
    """Whatever results and marks were put in, taking them out gives the user's own workbook: values, looks and comments."""
    marks = [Mark(row=row, column=column, severity=severity, text=severity) for (row, column), severity in places.items()]
    target = patch(source, marks=marks, values=results, status_severity={})
    stripped = strip(target)
    assert looks(stripped) == looks(source)
    assert looks(stripped, "other") == looks(source, "other")
    assert openpyxl.load_workbook(stripped).sheetnames == [SHEET, "other"]


@given(first=PLACES, second=PLACES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_second_round_is_like_a_first(source: Path, first: dict[tuple[int, int], str], second: dict[tuple[int, int], str]) -> None:
    """Handing in a results workbook gives what handing in the original gives; nothing piles up."""
    rounds = [
        [Mark(row=row, column=column, severity=severity, text=severity) for (row, column), severity in places.items()]
        for places in (first, second)
    ]
    once = patch(source, source.with_name("once.xlsx"), marks=rounds[1])
    twice = patch(patch(source, source.with_name("first.xlsx"), marks=rounds[0]), source.with_name("twice.xlsx"), marks=rounds[1])
    assert looks(twice) == looks(once)
    assert looks(twice, "結果 Summary") == looks(once, "結果 Summary")
    assert openpyxl.load_workbook(twice).sheetnames == openpyxl.load_workbook(once).sheetnames


def test_the_same_round_again_changes_no_byte(source: Path) -> None:
    """Asking for the same results twice gives the same parts."""
    once = patch(source)
    assert parts(patch(once, source.with_name("again.xlsx"))) == parts(once)


def test_old_results_go_whoever_saved_the_file(edition: Edition) -> None:
    """After a round through another program the old columns, summary, fills and comments still go, and looks come back."""
    stripped = openpyxl.load_workbook(strip(edition.results))
    page, expected = stripped[SHEET], openpyxl.load_workbook(edition.users)[SHEET]
    assert stripped.sheetnames == [SHEET, "other"]
    assert [[cell.value for cell in row] for row in page["A1:H14"]] == [[cell.value for cell in row] for row in expected["A1:H14"]]
    for place in ("A4", "B4", "A5", "B5", "C3", "B12", "D3"):
        assert (place, *fill_of(page[place])) == (place, *fill_of(expected[place]))
        assert page[place].number_format == expected[place].number_format
        if edition.program != "save_by_libreoffice":  # openpyxl cannot tell named styles in its files
            assert page[place].style == expected[place].style
    assert {cell.coordinate: cell.comment.text for row in page for cell in row if cell.comment} == {"A5": "my own words", "C7": "another"}


def test_results_saved_elsewhere_can_be_handed_in(edition: Edition) -> None:
    """A new round on a file that another program saved has each column, sheet and comment once."""
    book = openpyxl.load_workbook(patch(edition.results, edition.results.with_name("next.xlsx"), values={3: ("created", None, "t")}))
    page = book[SHEET]
    assert book.sheetnames == ["結果 Summary", SHEET, "other"]
    assert [cell.value for cell in page[2]] == ["料號", "數量", "備註", "狀態", "訊息", "ref"]
    assert [page[place].value for place in ("D3", "D4", "E9")] == ["created", None, None]
    assert page["B4"].comment.text.count("importer") == 1


def test_sorted_rows_keep_their_looks(edition: Edition, tmp_path: Path) -> None:
    """A marked cell that was moved takes its own look along."""
    book = openpyxl.load_workbook(edition.results)
    book[SHEET].move_range("A4:F4", rows=20)
    book.save(tmp_path / "moved.xlsx")
    expected = openpyxl.load_workbook(edition.users)[SHEET]["B4"]
    cell = openpyxl.load_workbook(strip(tmp_path / "moved.xlsx"))[SHEET]["B24"]
    assert colour(book[SHEET]["B24"]) == "FFFFB3B5"
    assert cell.number_format == expected.number_format
    if edition.program == "save_by_libreoffice":  # then openpyxl, on its files, breaks the tie to the named style
        assert colour(cell) is None
    else:
        assert fill_of(cell) == fill_of(expected)


def test_columns_the_user_added_behind_stay(tmp_path: Path) -> None:
    """Notes that somebody wrote to the right of the results are still there after the next round, in the same place."""
    target = patch(users_book(tmp_path / "a.xlsx"))
    book = openpyxl.load_workbook(target)
    book[SHEET]["H3"] = "my note"
    book.save(target)
    page = openpyxl.load_workbook(patch(target, tmp_path / "second.xlsx", values={3: ("created", None, "t")}))[SHEET]
    assert [page[place].value for place in ("D2", "D3", "D4", "H3", "I2")] == ["狀態", "created", None, "my note", None]


def test_every_program_finds_all_results(edition: Edition) -> None:
    """An office program that is not ours finds every result, mark and sheet, and keeps them when it saves."""
    book = openpyxl.load_workbook(edition.results)
    page = book[SHEET]
    assert book.sheetnames == ["結果 Summary", SHEET, "other"]
    assert book.active.title == "結果 Summary"
    assert [cell.value for cell in page[4]] == ["A001", 1.5, "x", "refused", "=1+1", "t2"]
    assert colour(page["B4"]) == "FFFFB3B5"
    assert "數量不對" in page["B4"].comment.text
    assert page.column_dimensions["F"].hidden
