"""Which column holds which field: by technical name in row 1, else by label in any language in row 1 or 2."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from importer.fieldtypes import trimmed
from importer.mapping import DOC_KEY, KEY_FIELD
from importer.mapping import Mapping as DocumentType
from importer.messages import LANGUAGES
from importer.workbook.meta import REF, RESULT_PREFIX

__all__ = ["ColumnPlace", "Header", "find_header", "label_text", "language_of_labels", "required_names", "same_text"]


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlace:
    """Where a field stands in the sheet."""

    column: int  # 1-based
    header: str  # text of its label cell; the technical name where that is blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The column names of a sheet, as far as they belong to the mapping."""

    name_row: int | None  # row of the technical names; None without them
    label_row: int  # row of the labels; data begins below
    columns: Mapping[str, ColumnPlace]  # field -> place, also `_ref`
    twice: Sequence[tuple[str, ColumnPlace]]  # fields found again, and where
    unknown: Sequence[ColumnPlace]  # columns with a header that is none of ours


def required_names(mapping: DocumentType) -> list[str]:
    """The columns that a sheet must have."""
    key = [DOC_KEY] if mapping.has_key_column else []
    return key + [name for name, field in mapping.columns.items() if field.required]


def label_text(mapping: DocumentType, name: str, language: str) -> str:
    """The label of a column in a language, the key column included."""
    return (KEY_FIELD if name == DOC_KEY else mapping.fields[name]).label_in(language)


def language_of_labels(header: Header, mapping: DocumentType) -> str:
    """The language that most labels of a sheet are in."""

    def hits(language: str) -> int:
        places = header.columns.items()
        return sum(
            not name.startswith("_") and same_text(place.header) == same_text(label_text(mapping, name, language)) for name, place in places
        )

    return max(LANGUAGES, key=hits)


def find_header(rows: Sequence[Sequence[object]], mapping: DocumentType, extra: Collection[str] = ()) -> Header | None:
    """The header in the first two rows of a sheet; None when fewer than two fields (or all required ones) are found.

    A label that several fields share stands for them in the mapping's order. `extra` are further technical names to look for.
    """
    first, second = (rows[0] if rows else []), (rows[1] if len(rows) > 1 else [])
    names, labels = _names(mapping) | {name: name for name in extra}, _labels(mapping)
    by_name = [names.get(_text(cell)) for cell in first]
    by_label = [[labels.get(same_text(cell), []) for cell in row] for row in (first, second)]
    if any(name and name != REF and name not in extra for name in by_name):
        has_labels = any(by_label[1])
        label_cells, candidates = (second, by_label[1]) if has_labels else (first, [])
        header = _assign(1, 2 if has_labels else 1, first, label_cells, by_name, candidates)
    else:
        row = 1 if sum(map(bool, by_label[0])) >= sum(map(bool, by_label[1])) else 2
        cells = (first, second)[row - 1]
        refs = [REF if REF in (_text(a), _text(b)) else None for a, b in _pairs(first, second)]
        header = _assign(None, row, [], cells, refs, by_label[row - 1])
    return header if _is_header(header, mapping) else None


def _is_header(header: Header, mapping: DocumentType) -> bool:
    found = [name for name in header.columns if not name.startswith("_")]
    return len(found) >= 2 or (bool(found) and set(required_names(mapping)) <= set(found))


def _assign(
    name_row: int | None,
    label_row: int,
    name_cells: Sequence[object],
    label_cells: Sequence[object],
    by_name: Sequence[str | None],
    by_label: Sequence[Sequence[str]],
) -> Header:
    columns: dict[str, ColumnPlace] = {}
    twice: list[tuple[str, ColumnPlace]] = []
    unknown: list[ColumnPlace] = []
    taken_by_name = {name for name in by_name if name}
    for position in range(max(len(name_cells), len(label_cells))):
        technical, label = _text(_at(name_cells, position)), _text(_at(label_cells, position))
        place = ColumnPlace(column=position + 1, header=label or technical)
        candidates = [name for name in (_at(by_label, position) or ()) if name not in taken_by_name]
        name = _at(by_name, position)
        if name is None and candidates and not technical.startswith("_"):
            name = next((candidate for candidate in candidates if candidate not in columns), candidates[0])
        if name is None:
            if (label or technical) and not technical.startswith("_") and not label.startswith((RESULT_PREFIX, "_")):
                unknown.append(place)
        elif name in columns:
            twice.append((name, place))
        else:
            columns[name] = place
    return Header(name_row=name_row, label_row=label_row, columns=columns, twice=twice, unknown=unknown)


def same_text(cell: object) -> str:
    """A header text for comparison: full-width as half-width, no `*`, no blanks, no difference of case."""
    text = unicodedata.normalize("NFKC", _text(cell)).replace("*", "")
    return "".join(text.split()).casefold()


def _text(cell: object) -> str:
    return trimmed(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def _at(items: Sequence[T], position: int) -> T | None:
    return items[position] if position < len(items) else None


def _pairs(first: Sequence[object], second: Sequence[object]) -> list[tuple[object, object]]:
    width = max(len(first), len(second))
    return [(_at(first, position), _at(second, position)) for position in range(width)]


def _names(mapping: DocumentType) -> dict[str, str]:
    key = [DOC_KEY] if mapping.has_key_column else []
    return {name: name for name in [*key, *mapping.columns, REF]}


def _labels(mapping: DocumentType) -> dict[str, list[str]]:
    """Every label in every language, and the technical names -> the fields that it may mean."""
    found: dict[str, list[str]] = {}
    keys = {DOC_KEY: KEY_FIELD} if mapping.has_key_column else {}
    for name, field in {**keys, **mapping.columns}.items():
        for text in dict.fromkeys([same_text(label) for label in field.label.values()] + [name]):
            found.setdefault(text, []).append(name)
    return found
