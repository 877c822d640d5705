"""The colours of headings: which column belongs to the document and which to the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FILLS"]

FILLS: Final[Mapping[str, str]] = {"key": "FFF2CC", "header": "DDEBF7", "line": "E2EFDA"}
"""Part of the document -> fill of its headings: yellow, blue, green."""
