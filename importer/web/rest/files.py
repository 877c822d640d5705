"""Workbooks that the API gives out."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["ANY_FILE", "WORKBOOK", "XLSX"]

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
WORKBOOK: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "The workbook", "content": {XLSX: _BYTES}}}
ANY_FILE: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "The file", "content": {"application/octet-stream": _BYTES}}}
