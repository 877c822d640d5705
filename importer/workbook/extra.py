"""The columns that a workbook made by `query` has at the right of the template's: which document and line of the ERP a row is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["DOC_NO", "QUERY_COLUMNS", "SEQ", "STATE", "ExtraColumn"]

DOC_NO: Final = "_doc_no"
SEQ: Final = "_seq"
STATE: Final = "_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraColumn:
    """One column beyond the mapping's own."""

    name: str  # technical name, with an underscore in front
    label: Mapping[str, str]  # language -> header text
    type: str  # field type
    width: float  # in characters


QUERY_COLUMNS: Final = (
    ExtraColumn(name=DOC_NO, label={"zh_TW": "單號", "zh_CN": "单号", "en": "Document number"}, type="code", width=18),
    ExtraColumn(name=SEQ, label={"zh_TW": "項次", "zh_CN": "项次", "en": "Line"}, type="integer", width=8),
    ExtraColumn(name=STATE, label={"zh_TW": "狀態", "zh_CN": "状态", "en": "Status"}, type="code", width=18),
)
"""In their order in the sheet. `update` needs the first two; the third is for people."""
