"""The workbooks of the corpus that are made by code: name -> what writes it."""

from __future__ import annotations

from typing import Final

from corpus.making import binary, contents, dialects, opendocument, packages, structure, texts
from corpus.making.base import Make

MODULES: Final = (contents, structure, dialects, packages, texts, opendocument, binary)
MADE: Final[dict[str, Make]] = {name: make for module in MODULES for name, make in module.BOOKS.items()}
