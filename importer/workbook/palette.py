"""How headings look: which column belongs to the document and which to the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FILLS", "FONT"]

FILLS: Final[Mapping[str, str]] = {"key": "FFF2CC", "header": "DDEBF7", "line": "E2EFDA"}
"""Part of the document -> fill of its headings: yellow, blue, green."""

FONT: Final = "Calibri"
"""The default of new workbooks, named because a bold font without a name is another one."""
