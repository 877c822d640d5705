"""Uploaded workbooks as files for as long as somebody looks at them. The ledger keeps them; what is lost here is written again."""

from __future__ import annotations

import secrets
import shutil
import threading
from pathlib import Path

__all__ = ["Spool"]


class Spool:
    """A folder with one folder per upload. `reading` lets only so many workbooks be read at once, as each takes memory and a core."""

    def __init__(self, folder: Path, *, at_once: int = 2) -> None:
        self._folder = folder
        self.reading = threading.BoundedSemaphore(at_once)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def new_id(self) -> str:
        """Not to be guessed."""
        return secrets.token_hex(8)

    def put(self, upload_id: str, name: str, content: bytes) -> Path:
        """Write a workbook, whole or not at all."""
        folder = self._folder / upload_id
        folder.mkdir(exist_ok=True)
        part, path = folder / f".{secrets.token_hex(4)}", folder / name
        part.write_bytes(content)
        part.replace(path)
        return path

    def get(self, upload_id: str, name: str) -> Path | None:
        """The file of an upload; None when it is not here."""
        path = self._folder / upload_id / name
        return path if path.is_file() else None

    def folder(self, upload_id: str) -> Path:
        """For files that are made on the way."""
        folder = self._folder / upload_id
        folder.mkdir(exist_ok=True)
        return folder

    def drop(self, upload_id: str) -> None:
        """Remove what is here of an upload."""
        shutil.rmtree(self._folder / upload_id, ignore_errors=True)
