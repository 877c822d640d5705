"""Hold a batch against the ERP: every document read back, its stage and its quantities compared with the workbook's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from importer.channel.calls import ErpDocument
from importer.channel.standard import StandardChannel
from importer.client import Client
from importer.documents import complete
from importer.errors import CallFailed, ErpUnavailable
from importer.mapping import Mapping as DocumentType
from importer.mapping import Total
from importer.models import Batch, Document, Member, Stage
from importer.pipeline.erpvalues import reported
from importer.pipeline.lanes import in_lanes
from importer.pipeline.limits import Limits
from importer.settings import Profile, Wire

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["Difference", "Verified", "verify"]

Sums = dict[tuple[str, ...], Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A control total that is not the same in the ERP: of a field, for one group such as item and warehouse."""

    field: str
    group: tuple[str, ...]
    workbook: Decimal
    erp: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What reading a batch back came to."""

    documents: int  # read back
    missing: Sequence[str]  # numbers that the ERP does not have
    stages: Mapping[str, tuple[str, str]]  # number -> stage in the ledger, stage in the ERP, where they differ
    differences: Sequence[Difference]

    @property
    def equal(self) -> bool:
        """Whether the ERP has exactly what the workbook says."""
        return not (self.missing or self.stages or self.differences)


def verify(ledger: Ledger, batch: Batch, *, profile: Profile, mapping: DocumentType, limits: Limits) -> Verified:
    """Read every document of a batch that is in the ERP and compare. Raises ErpUnavailable when the ERP does not answer."""
    client = Client(profile)
    try:
        channel = StandardChannel(profile, mapping, client, turn=limits.call)
        standing = [
            (member, document)
            for member, document in ledger.documents(batch.id)
            if member.record.doc_no and member.record.stage not in (Stage.VOID, Stage.DELETED)
        ]
        found = list(in_lanes(lambda item: _read(channel, *item), standing, profile.concurrency))
    finally:
        client.close()
    return _compared(mapping, profile.wire, standing, found)


def _read(channel: StandardChannel, member: Member, document: Document) -> ErpDocument | None:
    record = member.record
    try:
        return channel.read(document, doc_type_no=record.doc_type_no, doc_no=record.doc_no)
    except CallFailed as failure:
        raise ErpUnavailable(failure.text, **failure.values) from None


def _compared(
    mapping: DocumentType, wire: Wire, standing: Sequence[tuple[Member, Document]], found: Sequence[ErpDocument | None]
) -> Verified:
    missing, stages = [], {}
    ours: list[Sums] = [defaultdict(Decimal) for _ in mapping.totals]
    theirs: list[Sums] = [defaultdict(Decimal) for _ in mapping.totals]
    for (member, document), erp in zip(standing, found, strict=True):
        number, stage = member.record.doc_no, member.record.stage
        header, lines = complete(document, mapping, {})
        _add(mapping.totals, ours, [{**header, **line} for line in lines])
        if erp is None:
            missing.append(number)
            continue
        if erp.stage is not None and erp.stage is not stage:
            stages[number] = (stage.value, erp.stage.value)
        seen = reported(erp, mapping, wire)
        _add(mapping.totals, theirs, [{**seen.header, **line} for line in seen.lines])
    return Verified(documents=len(standing), missing=missing, stages=stages, differences=_differences(mapping.totals, ours, theirs))


def _add(totals: Sequence[Total], sums: Sequence[Sums], lines: Sequence[Mapping[str, Any]]) -> None:
    for total, into in zip(totals, sums, strict=True):
        for line in lines:
            amount = line.get(total.sum)
            if isinstance(amount, Decimal):
                into[tuple(str(line.get(name) or "") for name in total.by)] += amount


def _differences(totals: Sequence[Total], ours: Sequence[Sums], theirs: Sequence[Sums]) -> list[Difference]:
    found = []
    for total, mine, erps in zip(totals, ours, theirs, strict=True):
        for group in sorted({*mine, *erps}):
            workbook, erp = mine.get(group, Decimal(0)), erps.get(group, Decimal(0))
            if workbook != erp:
                found.append(Difference(field=total.sum, group=group, workbook=workbook, erp=erp))
    return found
