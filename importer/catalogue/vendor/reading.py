"""A specification workbook as a mapping file, with everything that was understood and everything that was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from importer.catalogue.vendor.assembling import assemble
from importer.catalogue.vendor.drafting import Draft, Drafted, draft_fields, language_of_texts
from importer.catalogue.vendor.fields import Finding, Place, RawField, Rows, rows_of
from importer.catalogue.vendor.known import Known
from importer.catalogue.vendor.naming import Names, names_in
from importer.catalogue.vendor.tables import find_tables
from importer.catalogue.vendor.yaml_text import yaml_text
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Operation
from importer.workbook.grid import Grid

__all__ = ["Specification", "Understood", "read_specification"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A cell and what it became."""

    place: Place
    field: str  # technical name; of a service name its operation
    part: str  # header, line or service


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """What was read."""

    text: str  # of the mapping file; empty without fields
    fields: Sequence[Drafted]
    understood: Sequence[Understood]
    not_understood: Sequence[Finding]


def read_specification(
    grids: Sequence[Grid], document_type: str, source: str, mappings: Sequence[DocumentType], language: str
) -> Specification:
    """Read a vendor's specification; `mappings` lend their words, `language` is that of comments."""
    known = Known(mappings)
    names = names_in(grids, known)
    tables = [rows_of(table, names.services) for grid in grids for table in find_tables(grid, names.services)]
    chosen = _chosen([found for rows in tables for found in rows.fields])
    taken = [rows for rows in tables if any(found in chosen for found in rows.fields)]
    own = language_of_texts([cell.text for grid in grids for cell in grid.cells.values()])
    draft = draft_fields(chosen, known, own)
    findings = [*names.findings, *(finding for rows in taken for finding in rows.findings), *draft.findings, *_unread(grids, tables)]
    files = [container for rows in tables for container in rows.containers if container[0].endswith("_file")]
    lists = list(dict.fromkeys([*(container for rows in taken for container in rows.containers), *files]))
    made = assemble(document_type, draft, names, lists, known, own)
    return Specification(
        text=yaml_text(made, source, language) if draft.fields else "",
        fields=draft.fields,
        understood=[*_services(names), *_fields(draft)],
        not_understood=sorted(findings, key=lambda finding: [grid.sheet for grid in grids].index(finding.place.sheet)),
    )


CHOICES: Final[Sequence[Operation | None]] = (Operation.CREATE, Operation.COMBINED, None, Operation.UPDATE, Operation.READ)
"""Whose fields make the document, in this order: those that create asks for; None are those of no certain operation."""


def _chosen(fields: Sequence[RawField]) -> list[RawField]:
    own = [found for found in fields if not found.context.other]
    asked = [found for found in own if found.context.direction != "answer"]
    for candidates in (asked, own):
        for operation in CHOICES:
            if chosen := [found for found in candidates if found.context.operation is operation]:
                return chosen
    return []


def _unread(grids: Sequence[Grid], tables: Sequence[Rows]) -> Iterator[Finding]:
    """Sheets with tables of other things, and sheets that are longer than what is read."""
    read = {found.places["field"].sheet for rows in tables for found in rows.fields}
    for grid in grids:
        wide = next((row for row in range(1, grid.rows + 1) if len(grid.row(row)) > 2), None)
        if grid.sheet not in read and wide is not None:
            yield Finding(place=Place(sheet=grid.sheet, cell=f"A{wide}", value=""), reason=N_("no table of fields was found on this sheet"))
        if grid.cut:
            yield Finding(
                place=Place(sheet=grid.sheet, cell=f"A{grid.rows}", value=""), reason=N_("the sheet goes on; what follows was not read")
            )


def _services(names: Names) -> Iterator[Understood]:
    for operation, (_, found) in names.operations.items():
        yield Understood(place=found, field=operation.value, part="service")
    if names.custom:
        yield Understood(place=names.custom[1], field=Operation.COMBINED.value, part="service")


def _fields(draft: Draft) -> Iterator[Understood]:
    for found in draft.fields:
        yield Understood(place=found.place, field=found.name, part=found.part)
