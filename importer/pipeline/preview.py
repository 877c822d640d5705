"""What a checked workbook would bring into the ERP, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from importer.models import Issue, Stage, reached
from importer.pipeline.checking import Checked
from importer.pipeline.totals import Totals
from importer.workbook.controls import ControlTotal, Split

__all__ = ["Preview", "Standing", "preview", "splits_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A document of the workbook that the ERP has."""

    key: str
    doc_no: str
    stage: Stage
    rows: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Control totals of the sound documents (done: posted already), long documents, and what is there."""

    totals: Sequence[ControlTotal] = ()
    splits: Sequence[Split] = ()
    standing: Sequence[Standing] = ()


def preview(checked: Checked) -> Preview:
    """Of the documents that a run would send, and those that it would find done."""
    if checked.mapping is None:
        return Preview()
    totals = Totals(checked.mapping)
    standing = []
    for document in checked.documents:
        record = checked.known.get(document.token)
        totals.add(document, done=record is not None and reached(record.stage, Stage.POSTED))
        if record is not None and record.doc_no:
            standing.append(Standing(key=document.key, doc_no=record.doc_no, stage=record.stage, rows=tuple(document.rows)))
    return Preview(totals=totals.result(checked.language), splits=splits_of(checked.issues), standing=standing)


def splits_of(issues: Sequence[Issue]) -> list[Split]:
    """The long documents, as the check told them."""
    found = [item.values for item in issues if item.code == "document_split"]
    return [Split(key=str(values["key"]), lines=int(str(values["lines"])), parts=int(str(values["parts"]))) for values in found]
