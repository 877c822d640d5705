"""The to-fix workbook: only the documents that a person has to correct, ready to be handed in again while all others are done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from importer.documents import ref_in_batch
from importer.mapping import DOC_KEY
from importer.mapping import Mapping as DocumentType
from importer.models import Batch, Issue, Severity
from importer.pipeline.outcomes import Outcomes
from importer.workbook.reader import Sheet
from importer.workbook.results import Repeat, Repeats, RowOutcome

__all__ = ["repeated_cells", "rows_to_fix"]


def rows_to_fix(found: Outcomes, batch: Batch) -> dict[int, RowOutcome]:
    """The rows with their outcomes. Their `_ref` names the batch, too, by which identity knows what else the workbook held."""
    first: dict[str, int] = {}  # of each document that has no reference yet
    rows = {}
    for row in sorted(found.to_fix):
        outcome = found.rows[row]
        number = first.setdefault(found.keys.get(row, str(outcome.other_row)), row)
        rows[row] = replace(outcome, ref=ref_in_batch(outcome.ref or str(number), batch.id))
    return rows


def repeated_cells(sheet: Sheet, mapping: DocumentType, found: Outcomes, issues: Iterable[Issue]) -> Repeats:
    """For each row to fix: which blank cells of key and header are filled from which other row of its document.

    A cell with an error is not repeated: it is to be corrected once.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    wanted = {found.keys[row] for row in found.to_fix if row in found.keys}
    for row in sorted(found.keys):
        if found.keys[row] in wanted:
            groups[found.keys[row]].append(row)
    wrong = {(found.keys.get(item.row), item.field) for item in issues if item.row and item.severity is Severity.ERROR}
    names = [name for name in (DOC_KEY, *mapping.header) if name in sheet.columns]
    every = [row for rows in groups.values() for row in rows]
    values = {name: dict(zip(every, sheet.rows.loc[every, name], strict=True)) for name in names}
    repeats: dict[int, dict[int, Repeat]] = defaultdict(dict)
    for key, rows in groups.items():
        for name in names:
            if (key, name) not in wrong:
                _repeat(repeats, sheet.columns[name].column, [row for row in rows if row in found.to_fix], rows, values[name])
    return repeats


def _repeat(
    repeats: Mapping[int, dict[int, Repeat]], column: int, to_fix: Sequence[int], rows: Sequence[int], values: Mapping[int, object]
) -> None:
    source = next((row for row in rows if not _is_blank(values[row])), None)
    for row in to_fix:
        if source is not None and row != source:
            if _is_blank(values[row]):
                repeats[row][column] = Repeat(source)
            elif values[row] == values[source]:
                repeats[row][column] = Repeat(source, if_empty=True)  # cells merged over several rows: the value is in the first alone


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
