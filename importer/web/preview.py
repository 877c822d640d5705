"""The documents that a workbook makes, before anything is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from importer.fieldtypes import shown
from importer.mapping import Field
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Stage, reached
from importer.pipeline.checking import Checked
from importer.pipeline.totals import Totals

__all__ = ["Preview", "Shown", "preview_of"]

NAMED: Final = 100  # documents that are listed; the rest is in the totals
GROUPS: Final = 200  # groups of a control total

ShownTotal = tuple[Sequence[Field], Sequence[tuple[Sequence[str], Decimal]], int]
"""Fields, groups with their sums, groups left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One document."""

    key: str
    part: str  # such as 2/3 of a long one that is split
    lines: int
    first_row: int
    header: Sequence[str]
    state: str  # new, already, changed or errors
    doc_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """All of them."""

    headings: Sequence[Field]  # header fields that any document fills
    documents: Sequence[Shown]
    left: int  # that are not listed
    counts: dict[str, int]  # by state
    lines: int
    totals: Sequence[ShownTotal]


def preview_of(checked: Checked) -> Preview:
    """By document in the order of the workbook, and the control totals."""
    mapping = checked.mapping
    every = sorted(checked.every_document, key=lambda document: document.lines[0].row)
    if mapping is None:
        return Preview(headings=[], documents=[], left=0, counts={}, lines=0, totals=[])
    states = _states(checked)
    fields = [name for name in mapping.header if any(name in document.header for document in every)]
    listed = [_shown(document, fields, states) for document in every[:NAMED]]
    counts: dict[str, int] = defaultdict(int)
    for document in every:
        counts[states[id(document)][0]] += 1
    return Preview(
        headings=[mapping.fields[name] for name in fields],
        documents=listed,
        left=len(every) - len(listed),
        counts=dict(counts),
        lines=sum(len(document.lines) for document in every),
        totals=_totals(mapping, every),
    )


def _states(checked: Checked) -> dict[int, tuple[str, str]]:
    states: dict[int, tuple[str, str]] = {id(document): ("errors", "") for document in checked.failed}
    states |= {id(document): ("changed", record.doc_no) for document, record in checked.changed}
    for document in checked.documents:
        record = checked.known.get(document.token)
        done = record is not None and reached(record.stage, Stage.POSTED)
        states[id(document)] = ("already" if done else "new", record.doc_no if record else "")
    return states


def _shown(document: Document, fields: Sequence[str], states: dict[int, tuple[str, str]]) -> Shown:
    state, number = states[id(document)]
    return Shown(
        key=document.key,
        part=f"{document.part}/{document.parts}" if document.parts > 1 else "",
        lines=len(document.lines),
        first_row=document.lines[0].row,
        header=[shown(document.header[name]) if name in document.header else "" for name in fields],
        state=state,
        doc_no=number,
    )


def _totals(mapping: DocumentType, documents: Sequence[Document]) -> list[ShownTotal]:
    """The control totals that `check` tells, over all documents, those with errors included."""
    totals = Totals(mapping)
    for document in documents:
        totals.add(document, done=False)
    found: list[ShownTotal] = []
    for total in totals.result("en"):
        groups = [(group, whole) for group, (whole, _) in sorted(total.sums.items())]
        found.append(([mapping.fields[name] for name in (*total.by, total.field)], groups[:GROUPS], max(len(groups) - GROUPS, 0)))
    return found
