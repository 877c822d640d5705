"""Rows become documents: by key, header cells taken from wherever in the document they stand, long ones split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from importer.documents.content import LineTexts, digest_of_texts, text_of
from importer.issue_catalogue import issue
from importer.mapping import DOC_KEY
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Issue, SheetLines, Value, picked

__all__ = ["Grouped", "Place", "group"]

KEYLESS: Final = "\0?"


class Place(Protocol):
    """Where a field stands in the sheet."""

    @property
    def column(self) -> int:
        """1-based."""

    @property
    def header(self) -> str:
        """The column's header text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Documents of a sheet, those with errors apart; `issues` are what grouping itself found."""

    documents: Sequence[Document]  # without token yet
    failed: Sequence[Document]
    issues: Sequence[Issue]


@dataclass(slots=True)
class _Group:
    key: str
    positions: list[int] = field(default_factory=list)
    keyed: bool = True  # False: nobody can tell to which document the rows belong

    def in_a_row(self) -> Sequence[int]:
        """The positions, as a range where they are one."""
        first, last = self.positions[0], self.positions[-1]
        return range(first, last + 1) if last - first + 1 == len(self.positions) else self.positions


def group(
    mapping: DocumentType,
    *,
    sheet: str,
    rows: Sequence[int],
    values: Mapping[str, Sequence[Value | None]],
    keys: Sequence[str],
    refs: Sequence[str],
    places: Mapping[str, Place],
    bad_rows: Collection[int] = (),
    bad_cells: Collection[tuple[int, str | None]] = (),
) -> Grouped:
    """Group rows into documents by key, header cells taken from wherever in the document they stand.

    `rows` are worksheet rows, `values` the typed cells by field and position (None = blank), `keys` and `refs` the text
    of the key and `_ref` cells (empty = blank), `bad_cells` the worksheet row and field of each error found before, and
    `bad_rows` rows with an error whose field is not known. A document with any error is in `failed`; an error of its header
    fails all of its parts. Rows of a document need not be adjacent; one longer than the mapping's `max_lines` is split.
    """
    with_refs = any(refs)
    finder = _Finder(mapping, sheet, rows, values, places, [*bad_cells, *((row, None) for row in bad_rows)])
    documents: list[Document] = []
    failed: list[Document] = []
    taken: set[str] = set()  # copied rows carry a copied `_ref`: the first document keeps it, the others are documents of their own
    for found in _groups(mapping, values, keys, refs, finder):
        whole = found.in_a_row()
        header, sound = finder.header(found, whole)
        for part, (ref, positions) in enumerate(parts := _parts(whole, refs if with_refs else (), mapping.max_lines), start=1):
            document = finder.document(found.key, header, positions, "" if ref in taken else ref, part, len(parts))
            taken.add(ref)
            (documents if sound and not finder.bad_fields(positions) else failed).append(document)
        if len(parts) > 1:
            count, limit = len(found.positions), mapping.max_lines
            finder.note("document_split", found.positions[0], None, key=found.key, lines=count, parts=len(parts), limit=limit)
    return Grouped(documents=documents, failed=failed, issues=finder.issues)


def _groups(
    mapping: DocumentType, values: Mapping[str, Sequence[Value | None]], keys: Sequence[str], refs: Sequence[str], finder: _Finder
) -> Iterable[_Group]:
    texts = _key_texts(mapping, values, keys)
    key_of_ref: dict[str, str] = {}
    for text, ref in zip(texts, refs, strict=True):
        if ref and text:
            key_of_ref.setdefault(ref, text)
    groups: dict[str, _Group] = {}
    above, members = "", list[int]()
    for position, (text, ref) in enumerate(zip(texts, refs, strict=True)):
        identity = text or (key_of_ref.get(ref, f"\0{ref}") if ref else above)
        if not identity:
            finder.note_key_missing(position, mapping.key[0])
            identity = KEYLESS
        if identity != above:
            if identity not in groups:
                groups[identity] = _Group(key=identity.removeprefix("\0").replace("\x1f", " ").strip(), keyed=identity != KEYLESS)
            above, members = identity, groups[identity].positions
        members.append(position)
    return groups.values()


def _key_texts(mapping: DocumentType, values: Mapping[str, Sequence[Value | None]], keys: Sequence[str]) -> Sequence[str]:
    if mapping.key == (DOC_KEY,):
        return keys
    columns = [keys if name == DOC_KEY else values.get(name, [None] * len(keys)) for name in mapping.key]
    return [
        "" if all(value in (None, "") for value in row) else "\x1f".join("" if value is None else text_of(value) for value in row)
        for row in zip(*columns, strict=True)
    ]


def _parts(positions: Sequence[int], refs: Sequence[str], limit: int) -> list[tuple[str, Sequence[int]]]:
    """Cut a document's rows at `limit` lines. Rows with a `_ref` stay together in their part; only rows without are cut afresh.

    `refs` are those of all rows; empty when none has one.
    """
    if not refs or not any(refs[position] for position in positions):
        return [("", part) for part in _chunks(positions, limit)]
    by_ref: dict[str, list[int]] = {}
    for position in positions:
        by_ref.setdefault(refs[position], []).append(position)
    named = [ref for ref in by_ref if ref]
    if len(named) <= 1 and len(positions) <= limit:
        return [(named[0] if named else "", positions)]
    fresh = by_ref.pop("", [])
    parts = [(ref, part) for ref, members in by_ref.items() for part in _chunks(members, limit)]
    return [*parts, *(("", part) for part in _chunks(fresh, limit))]


def _chunks(positions: Sequence[int], limit: int) -> list[Sequence[int]]:
    return [positions[start : start + limit] for start in range(0, len(positions), limit)]


class _Finder:
    """The sheet's cells with their places, and the issues found while grouping them."""

    def __init__(
        self,
        mapping: DocumentType,
        sheet: str,
        rows: Sequence[int],
        values: Mapping[str, Sequence[Value | None]],
        places: Mapping[str, Place],
        bad_cells: Collection[tuple[int, str | None]],
    ) -> None:
        self._bad: dict[int, set[str | None]] = defaultdict(set)  # worksheet row -> fields with an error
        for row, name in bad_cells:
            self._bad[row].add(name)
        self._rows = rows
        self._sheet = sheet
        self._places = places
        self._header = [(name, values.get(name), spec.required) for name, spec in mapping.header.items() if not spec.generated]
        self._header_names = frozenset(name for name, _, _ in self._header)
        self._empty = {name for name, column, _ in self._header if column is None or column.count(None) == len(column)}
        self._lines = {name: values[name] for name in mapping.lines if name in values}
        self._texts = LineTexts(self._lines)
        self._type = mapping.document_type
        self.issues: list[Issue] = []

    def note(self, code: str, position: int, name: str | None, *, value: str = "", **values: object) -> None:
        """Record an issue on the cell of field `name` in the row at `position`, or on the row."""
        place = self._places.get(name) if name else None
        self.issues.append(
            issue(
                code,
                sheet=self._sheet,
                row=self._rows[position],
                column=place.column if place else None,
                header=place.header if place else None,
                field=name,
                value=value,
                **values,
            )
        )

    def note_key_missing(self, position: int, name: str) -> None:
        """Said unless something else was said of the cell or the column already."""
        if name in self._places and name not in self._bad.get(self._rows[position], ()):
            self.note("key_missing", position, name)

    def bad_fields(self, positions: Iterable[int]) -> set[str | None]:
        """The fields in which these rows have an error; None among them for an error of a whole row."""
        return {name for position in positions for name in self._bad.get(self._rows[position], ())} if self._bad else set()

    def header(self, found: _Group, positions: Sequence[int]) -> tuple[dict[str, Value], bool]:
        """The header that the rows of a document agree on, and whether they do, and nothing in it is wrong or required and missing."""
        header: dict[str, Value] = {}
        bad = self.bad_fields(positions)
        sound = found.keyed and bad.isdisjoint(self._header_names)
        for name, column, required in self._header:
            cells = picked(column, positions) if column and name not in self._empty else (None,)
            value = cells[0] if cells[0] is not None else next((cell for cell in cells if cell is not None), None)
            if value is not None:
                header[name] = value
                if cells.count(value) + cells.count(None) < len(cells):
                    sound = False
                    self._note_others(name, cells, positions, value, found.key)
            elif required:
                sound = False
                told = name in bad or column is None or name not in self._places  # a wrong cell, or one issue of the sheet
                if not told:
                    self.note("required_missing", positions[0], name)
        return header, sound

    def _note_others(self, name: str, cells: Sequence[Value | None], positions: Sequence[int], value: Value, key: str) -> None:
        """Each cell of a header field that says something else than the first one."""
        first = next(position for cell, position in zip(cells, positions, strict=True) if cell is not None)
        shown = {"first": text_of(value), "first_row": self._rows[first], "key": key}
        for cell, position in zip(cells, positions, strict=True):
            if cell is not None and cell != value:
                self.note("header_disagrees", position, name, value=text_of(cell), **shown)

    def document(self, key: str, header: Mapping[str, Value], positions: Sequence[int], ref: str, part: int, parts: int) -> Document:
        """One document of the rows at `positions`; its lines that say the same as another one are noted."""
        texts = self._texts.at(positions)
        if len(set(texts)) < len(texts):
            self._note_repeated(texts, positions)
        return Document(
            document_type=self._type,
            key=key,
            header=header,
            lines=SheetLines(self._rows, self._lines, positions),
            digest=digest_of_texts(header, texts),
            occurrence=0,
            token="",
            ref=ref,
            part=part,
            parts=parts,
        )

    def _note_repeated(self, texts: Sequence[str], positions: Sequence[int]) -> None:
        first: dict[str, int] = {}
        for text, position in zip(texts, positions, strict=True):
            known = first.setdefault(text, position)
            if known != position and text:
                self.note("line_twice", position, None, first_row=self._rows[known])
