"""What `check` says once of lists and tables of codes, beside what it says of each cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from importer.issue_catalogue import issue
from importer.mapping import Mapping as DocumentType
from importer.models import Issue
from importer.schema import Checked, Known
from importer.workbook.reader import Sheet

__all__ = ["missing_lists", "untranslated", "values_without_new_code"]

NAMED: Final = 30  # values that a message spells out; the file of unmapped values has all


def missing_lists(sheet: Sheet, mapping: DocumentType, validated: Checked, known: Known) -> Iterator[Issue]:
    """Lists that are not there although the site has some, and the workbook has codes of them."""
    names = {
        field.lookup
        for name, field in mapping.columns.items()
        if field.lookup and not field.choices and field.lookup not in known.lists and any(validated.values.get(name, ()))
    }
    if names and known.lists:
        yield issue("lists_missing", sheet=sheet.sheet, names=sorted(names))


def values_without_new_code(issues: Iterable[Issue]) -> Mapping[str, Counter[str]]:
    """By field: each value that its table does not have, with the number of cells."""
    found: dict[str, Counter[str]] = {}
    for item in issues:
        if item.code == "not_translated" and item.field:
            found.setdefault(item.field, Counter())[item.value] += 1
    return found


def untranslated(issues: Iterable[Issue]) -> Iterator[Issue]:
    """One sentence per field with everything that its table lacks, so that it can be completed in one go."""
    first: dict[str, Issue] = {}
    wrong = [item for item in issues if item.code == "not_translated" and item.field]
    for item in wrong:
        first.setdefault(str(item.field), item)
    for field, counts in values_without_new_code(wrong).items():
        values = [f"{value} ({count}×)" for value, count in counts.most_common(NAMED)]
        more = ["…"] if len(counts) > NAMED else []
        yield issue(
            "untranslated_values",
            sheet=first[field].sheet,
            header=first[field].header,
            field=field,
            count=len(counts),
            values=[*values, *more],
        )
