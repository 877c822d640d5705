"""A file comes into our hands: claimed in the ledger, then moved by a rename; and what a watcher that died has left behind."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.ledger.watched import Sighting
from importer.watcher.looking import Candidate
from importer.watcher.place import Place

if TYPE_CHECKING:
    from importer.ledger.watched import WatchedFile
    from importer.watcher.desk import Desk

__all__ = ["LostFile", "recover", "restore", "sweep", "take"]


class LostFile(Exception):
    """Another watcher has taken the file over; nothing more may be done with it here."""


def take(desk: Desk, item: Candidate) -> WatchedFile | None:
    """Claim a file and move it to its own place; None where another watcher was first or the file changed meanwhile."""
    if not item.is_still():
        return None
    seen = Sighting(name=item.name, size=item.size, mtime_ns=item.mtime_ns)
    file = desk.files.claim(desk.place.id, seen, owner=desk.owner, lease=desk.lease)
    if file is None:
        return None
    own = desk.place.own(file.id)
    try:
        own.mkdir()
        item.path.rename(own / item.path.name)
    except OSError:  # another one was faster, or (Windows) somebody has it open
        _let_go(desk, file)
        return None
    return _taken(desk, file)


def _let_go(desk: Desk, file: WatchedFile) -> None:
    with suppress(OSError):
        desk.place.own(file.id).rmdir()
    desk.files.drop(file)


def _taken(desk: Desk, file: WatchedFile) -> WatchedFile | None:
    """It is in our place: note it, unless it is no longer what was seen. Then it goes back to wait."""
    path = desk.place.source(file.id)
    if path is None:
        _let_go(desk, file)
        return None
    found = path.stat()
    if (found.st_size, found.st_mtime_ns) != (file.size, file.mtime_ns):
        _put_back(desk.place, path, file.name)
        _let_go(desk, file)
        return None
    sha256 = _digest(path)
    if not desk.files.change(file, state="working", sha256=sha256):
        raise LostFile(file.name)
    return replace(file, state="working", sha256=sha256)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _put_back(place: Place, path: Path, name: str) -> None:
    folder = (place.inbox / name).parent
    folder.mkdir(parents=True, exist_ok=True)
    target, number = folder / path.name, 2
    while target.exists():
        target, number = folder / f"{path.stem} ({number}){path.suffix}", number + 1
    path.rename(target)


# -- after a crash ---------------------------------------------------------------------------------------------------


def recover(desk: Desk, file: WatchedFile) -> WatchedFile | None:
    """A file that was claimed by a watcher that died before it could say whether it moved it."""
    return file if file.state != "claimed" else _taken(desk, file)


def restore(desk: Desk, file: WatchedFile) -> Path | None:
    """The file in its place, from the ledger's own copy where somebody took it away; None where there is none."""
    from importer.errors import ConfigurationError

    path = desk.place.source(file.id)
    if path is not None or not file.sha256:
        return path
    try:
        content = desk.ledger.workbook(file.sha256)
    except ConfigurationError:
        return None
    own = desk.place.own(file.id)
    own.mkdir(parents=True, exist_ok=True)
    path = own / Path(file.name).name
    path.write_bytes(content)
    return path


def sweep(desk: Desk) -> list[WatchedFile]:
    """Places in `working` that the ledger does not have any more (a backup was restored), or that a power cut left as they were.

    A file that is unknown goes back to the inbox; one that has ended is returned: its moves are made once more.
    """
    folders = [Path(entry) for entry in os.scandir(desk.place.working) if entry.is_dir(follow_symlinks=False)]
    states = desk.files.known(desk.place.id, [folder.name for folder in folders])  # read after the folders: a claim comes before its folder
    unfinished = []
    for folder in folders:
        state, source = states.get(folder.name), desk.place.source(folder.name)
        if state is None and source is not None:
            _put_back(desk.place, source, source.name)
        if state == "ended" and source is not None and (file := desk.files.get(folder.name)) is not None:
            unfinished.append(file)
        elif state in (None, "ended"):
            shutil.rmtree(folder, ignore_errors=True)
    return unfinished
