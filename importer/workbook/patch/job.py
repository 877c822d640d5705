"""Results into the user's own workbook, and out of it again: the steps, in order."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from importer.workbook.patch import columns, frame
from importer.workbook.patch.archive import Archive
from importer.workbook.patch.book import COLUMNS_MARKER, SUMMARY_MARKER, Book
from importer.workbook.patch.cells import style_of
from importer.workbook.patch.comments import Comments
from importer.workbook.patch.rows import Layout, RowWriter
from importer.workbook.patch.sheet import Sheet, earlier_columns
from importer.workbook.patch.styles import Styles
from importer.workbook.patch.summary import add_summary
from importer.workbook.patch.values import MARK_COLOURS, UnpatchableWorkbook
from importer.workbook.patch.vml import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from importer.workbook.patch.sheet import Survey
    from importer.workbook.patch.values import Mark, ResultColumn, SummarySheet


def patch_workbook(
    source: Path,
    target: Path,
    *,
    sheet: str,
    name_row: int | None,
    label_row: int,
    columns: Sequence[ResultColumn],
    values: Mapping[int, Sequence[str | int | None]],
    marks: Sequence[Mark],
    summary: SummarySheet | None,
    status_severity: Mapping[int, str] | None = None,
    template: bool = False,
) -> None:
    """Write `source` with result columns, marks and a summary to `target` (may be the same file); an earlier round is replaced.

    `values`: worksheet row -> one value per column. `name_row`: where technical names stand, None if the sheet has none.
    `status_severity`: worksheet row -> "ok", "error", "warning" or "hint", the colour of its status cell.
    `template`: the sheet is one of ours. Its protection, if without password, is taken off: locked cells could not be corrected, nor rows
    with one be deleted. Its filter covers our columns, too: sorting would tear rows and results apart.
    Raises UnpatchableWorkbook if the file cannot take results; then `target` is as it was.
    """
    with Archive(source) as archive:
        job = _Job(archive, sheet=sheet, name_row=name_row, label_row=label_row)
        job.apply(columns, values, marks, status_severity or {})
        if template:
            job.free(len(columns))
        job.show(summary)
        job.finish()
        archive.save(target)


def strip_results(source: Path, target: Path, *, sheet: str, name_row: int | None, label_row: int) -> None:
    """Write `source` without the results of an earlier round to `target` (may be the same file). Raises UnpatchableWorkbook."""
    patch_workbook(source, target, sheet=sheet, name_row=name_row, label_row=label_row, columns=(), values={}, marks=(), summary=None)


class _Job:
    """What the steps share. The parts are written to the archive's changes, the file itself by the caller."""

    def __init__(self, archive: Archive, *, sheet: str, name_row: int | None, label_row: int) -> None:
        self._archive = archive
        self._title = sheet
        self._name_row = name_row
        self._label_row = label_row
        self._book = Book(archive)
        self._had_summary = self._book.remove_summary()
        self._part = self._book.part_of(sheet)
        self._styles = Styles(archive, self._book)
        self._comments = Comments(archive, self._book, self._part)
        self._comments.remove_ours()
        self._sheet = Sheet(archive, self._part)
        self._old = self._earlier_columns()
        self._styles.recall(an_earlier_round=bool(self._old) or self._had_summary)
        self._place = 0  # first of our columns
        self._head = self._tail = b""  # of the data sheet, as they will be written

    def apply(
        self,
        new: Sequence[ResultColumn],
        values: Mapping[int, Sequence[str | int | None]],
        marks: Sequence[Mark],
        status_severity: Mapping[int, str],
    ) -> None:
        """Plan the rewriting of the data sheet; it happens when the archive is saved."""
        fills = _fills(marks)
        headers = {self._label_row, self._name_row or self._label_row} if new else set()
        survey = self._sheet.survey({*values, *fills, *headers}, self._old)
        runs = columns.without(frame.read_cols(survey.head, survey.prefix), self._old)
        layout = self._layout(survey, new)
        writer = RowWriter(
            prefix=survey.prefix,
            layout=layout,
            styles=self._styles,
            runs=runs,
            values=values,
            marks=fills,
            status_severity=status_severity,
        )
        self._comments.add(_texts(marks))
        self._remember(layout)
        last_column = max([survey.last_cell, layout.place + len(new) - 1 if new else 0, *(mark.column for mark in marks)])
        self._head = frame.write_dimension(survey.head, last_column, max([survey.last_row, *values, *fills, *headers]))
        self._head = frame.write_cols(self._head, survey.prefix, columns.with_columns(runs, layout.place, new))
        self._link_comments(survey, runs)
        self._place = layout.place
        if frame.filter_end(self._tail, self._label_row) in self._old:  # it was made to cover the columns of the earlier round
            self._write_filter_end(min(self._old) - 1)
        self._archive.put(self._part, lambda: self._sheet.rewritten(survey, writer, self._head, self._tail))

    def free(self, count: int) -> None:
        """Let every cell of the data sheet be changed, and let its filter sort our `count` columns with the rows."""
        self._tail = frame.without_protection(self._tail)
        if count and frame.filter_end(self._tail, self._label_row) == self._place - 1:
            self._write_filter_end(self._place + count - 1)

    def _write_filter_end(self, column: int) -> None:
        self._tail, area = frame.write_filter_end(self._tail, column)
        self._book.set_filter(self._title, _reference(self._title, area))

    def show(self, summary: SummarySheet | None) -> None:
        """Put the summary in front, open; without one, open the data sheet if an earlier summary was taken away."""
        if summary is None:
            if self._had_summary:
                self._book.activate(self._title)
                self._head = frame.write_selected(self._head, selected=True)
            return
        self._head = frame.write_selected(self._head, selected=False)  # two selected tabs would be edited together
        for part in self._book.other_sheets(self._part):
            self._unselect(part)
        self._book.set_name(SUMMARY_MARKER, _reference(add_summary(self._archive, self._book, self._styles, summary), "$A$1"))

    def finish(self) -> None:
        """Hand the remaining parts to the archive."""
        self._book.save()
        self._archive.put_last(self._styles.part, self._styles.dump)

    def _earlier_columns(self) -> frozenset[int]:
        if self._name_row is not None:
            names = self._sheet.header({self._name_row}).get(self._name_row, [])
            strings = self._book.relationships.of_kind("sharedStrings")
            return earlier_columns(self._archive, strings.part if strings else None, names, self._sheet.prefix)
        marked = self._book.name_range(COLUMNS_MARKER)
        if marked is None or marked[0].casefold() != self._title.casefold():
            return frozenset()
        labels = self._sheet.header({self._label_row}).get(self._label_row, [])
        ours = {cell.column for cell in labels if self._styles.is_header(style_of(cell.attributes))}
        return frozenset(ours & set(range(columns.number(marked[1]), columns.number(marked[2]) + 1)))

    def _layout(self, survey: Survey, new: Sequence[ResultColumn]) -> Layout:
        place = _place(survey.last_column, self._old, len(new))
        if place + len(new) - 1 > columns.LAST_COLUMN:
            raise UnpatchableWorkbook("sheet {sheet} has no room for columns at the right", sheet=self._title)
        return Layout(
            name_row=self._name_row if new else None,
            label_row=self._label_row if new else None,
            place=place,
            columns=new,
            old=self._old,
            rightmost=survey.last_column < place and (not self._old or survey.last_column < min(self._old)),
            numbered=survey.numbered,
        )

    def _remember(self, layout: Layout) -> None:
        """Where no technical names stand in the sheet, a hidden name tells the next round which columns are ours."""
        reference = None
        if self._name_row is None and layout.columns:
            first, last = layout.place, layout.place + len(layout.columns) - 1
            area = f"${columns.letters(first)}${self._label_row}:${columns.letters(last)}${self._label_row}"
            reference = _reference(self._title, area)
        self._book.set_name(COLUMNS_MARKER, reference)

    def _link_comments(self, survey: Survey, runs: Sequence[columns.Run]) -> None:
        before = frame.legacy_drawing(survey.tail)
        after = self._comments.save(Grid(runs), before)
        self._tail = survey.tail
        if after is None:
            self._tail = frame.without_legacy_drawing(survey.tail)
        elif before is None:
            self._tail = frame.with_legacy_drawing(survey.head, survey.tail, survey.prefix, after)

    def _unselect(self, part: str) -> None:
        """Only the first piece of the sheet is looked at: views stand before the rows."""
        first = next(self._archive.chunks(part), b"")
        if not frame.is_selected(first):
            return

        def unselected() -> Iterator[bytes]:
            chunks = self._archive.chunks(part)
            yield frame.write_selected(next(chunks), selected=False)
            yield from chunks

        self._archive.put(part, unselected)


def _place(last_column: int, old: frozenset[int], count: int) -> int:
    """The first of our columns: where they were, if the user's own leave that place free, else right of all."""
    if not old:
        return last_column + 1
    in_one_piece = max(old) - min(old) + 1 == len(old)
    if last_column < min(old) or (in_one_piece and count <= len(old)):
        return min(old)
    return max(last_column, *old) + 1


def _fills(marks: Sequence[Mark]) -> dict[int, dict[int, str]]:
    """Row -> column -> the worst severity of its marks."""
    fills: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for mark in marks:
        if mark.severity not in MARK_COLOURS:
            raise ValueError(f"unknown severity {mark.severity!r}")
        known = fills[mark.row].get(mark.column, mark.severity)
        fills[mark.row][mark.column] = min(known, mark.severity, key=list(MARK_COLOURS).index)
    return dict(fills)


def _texts(marks: Sequence[Mark]) -> dict[tuple[int, int], str]:
    """(row, column) -> the texts of its marks, each once."""
    texts: defaultdict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for mark in marks:
        if mark.text:
            texts[mark.row, mark.column][mark.text] = None
    return {place: "\n".join(lines) for place, lines in texts.items()}


def _reference(title: str, area: str) -> str:
    quoted = title.replace("'", "''")
    return f"'{quoted}'!{area}"
