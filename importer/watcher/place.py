"""A watched folder: its sub-folders, and the id by which every watcher on every machine knows it."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from importer.errors import ConfigurationError
from importer.messages import N_
from importer.unattended import FolderRules

__all__ = ["MARK", "Place", "durable", "open_place"]

MARK: Final = ".importer-folder"
MARK_S: Final = 5.0  # longer than another watcher needs to write its first line
OUT: Final = "out"  # below a file's own place in `working`: what was written about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where everything of one watched folder is."""

    root: Path  # absolute
    id: str
    rules: FolderRules

    @property
    def inbox(self) -> Path:
        """Where files come."""
        return self.root / self.rules.inbox

    @property
    def working(self) -> Path:
        """Where they are while they are imported, each in a folder of its own."""
        return self.root / self.rules.working

    def own(self, file_id: str) -> Path:
        """The folder of one file in `working`."""
        return self.working / file_id

    def out(self, file_id: str) -> Path:
        """What was written about it."""
        return self.own(file_id) / OUT

    def source(self, file_id: str) -> Path | None:
        """The file itself, while it is in `working`."""
        return next(iter(_files(self.own(file_id))), None)

    def companions(self, file_id: str) -> list[Path]:
        """What was written about it, file by file."""
        return sorted(_files(self.out(file_id)))

    def end(self, outcome: str) -> str:
        """The name of the folder in which files of an outcome end."""
        return {"done": self.rules.done, "tofix": self.rules.tofix, "failed": self.rules.failed}[outcome]


def _files(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError, NotADirectoryError):
        yield from (Path(entry) for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False))


def open_place(root: Path, rules: FolderRules) -> Place:
    """Make what is missing. Raises ConfigurationError where files cannot be moved by a rename."""
    root = root.resolve()
    names = (rules.inbox, rules.working, rules.done, rules.tofix, rules.failed)
    try:
        for name in names:
            (root / name).mkdir(parents=True, exist_ok=True)
        if len({(root / name).stat().st_dev for name in names}) > 1:
            raise ConfigurationError(
                N_("{folder}: its sub-folders must be on one volume, so that files move in one step."), folder=str(root)
            )
        return Place(root=root, id=_mark(root), rules=rules)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(N_("{folder}: this folder cannot be watched: {reason}"), folder=str(root), reason=reason) from None


def _mark(root: Path) -> str:
    """The folder's id, in a file of its own: paths differ from machine to machine."""
    path = root / MARK
    with suppress(FileExistsError), path.open("x", encoding="ascii") as file:
        file.write(uuid.uuid4().hex)
    deadline = time.monotonic() + MARK_S
    while not (found := path.read_text("ascii", errors="replace").strip()):
        if time.monotonic() > deadline:  # whoever made it died before it wrote
            new = path.with_name(f"{MARK}.{uuid.uuid4().hex}.tmp")
            new.write_text(uuid.uuid4().hex, "ascii")
            new.replace(path)
        time.sleep(0.05)
    return found


def durable(path: Path) -> None:
    """A file or folder is on the disk as it is now, where the system can say so."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
