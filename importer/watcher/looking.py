"""What lies in the inbox, and which of it is complete. Time is measured by looks of this process, never by clocks of a server."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from importer.unattended import FolderRules
from importer.watcher.proving import damage, is_open

__all__ = ["Candidate", "Inbox", "Waiting", "candidates"]

IGNORED_NAMES: Final = ("desktop.ini", "thumbs.db")
IGNORED_STARTS: Final = ("~$", ".")  # owner files of Excel; hidden files, and what copying programs call their own
IGNORED_ENDS: Final = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", ".lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file of the inbox at one look."""

    name: str  # below the inbox, parts divided by /
    path: Path
    size: int
    mtime_ns: int
    inode: int
    changed_s: float  # when its content or place last changed, by the server's clock

    @property
    def signature(self) -> tuple[int, int, int]:
        """What changes when the file does."""
        return self.size, self.mtime_ns, self.inode

    def is_still(self) -> bool:
        """Whether it is now what it was at this look."""
        try:
            return _candidate(self.path, self.name).signature == self.signature
        except OSError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file that is not complete."""

    candidate: Candidate
    why: str  # changing, open, damaged
    since_s: float  # for how long it has been seen


def candidates(inbox: Path) -> list[Candidate]:
    """Every file that is not somebody's scratch, the oldest first."""
    found = []
    for path in _walk(inbox):
        with suppress(OSError):  # gone since
            found.append(_candidate(path, path.relative_to(inbox).as_posix()))
    return sorted(found, key=lambda item: (item.mtime_ns, item.name))


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_ignored(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    yield from _walk(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _is_ignored(name: str) -> bool:
    low = name.lower()
    return low in IGNORED_NAMES or low.startswith(IGNORED_STARTS) or low.endswith(IGNORED_ENDS)


def _candidate(path: Path, name: str) -> Candidate:
    found = path.stat()
    return Candidate(
        name=name,
        path=path,
        size=found.st_size,
        mtime_ns=found.st_mtime_ns,
        inode=found.st_ino,
        changed_s=max(found.st_mtime, found.st_ctime),
    )


@dataclass(slots=True, kw_only=True)
class _Seen:
    signature: tuple[int, int, int]
    first: float  # seen at all
    since: float  # seen like this
    damage: str | None = None  # None: not looked at yet


class Inbox:
    """Remembers from look to look."""

    def __init__(self, folder: Path, rules: FolderRules) -> None:
        self._folder = folder
        self._rules = rules
        self._seen: dict[str, _Seen] = {}

    def look(self) -> tuple[list[Candidate], list[Waiting]]:
        """Files that are complete, or broken for good, and those that are not complete yet."""
        now = time.monotonic()
        found = candidates(self._folder)
        self._seen = {item.name: self._remembered(item, now) for item in found}
        ready, waiting = [], []
        for item in found:
            why = self._incomplete(item, now)
            if why:
                waiting.append(Waiting(candidate=item, why=why, since_s=self._age(item, now)))
            else:
                ready.append(item)
        return ready, waiting

    def _remembered(self, item: Candidate, now: float) -> _Seen:
        before = self._seen.get(item.name)
        if before is None:
            return _Seen(signature=item.signature, first=now, since=now)
        if before.signature != item.signature:
            return _Seen(signature=item.signature, first=before.first, since=now)
        return before

    def _incomplete(self, item: Candidate, now: float) -> str:
        seen = self._seen[item.name]
        if now - seen.since < self._rules.settle_s:
            return "changing"
        if is_open(item.path):
            return "open"
        if seen.damage is None:
            try:
                seen.damage = damage(item.path)
            except OSError:
                return "open"
        broken = bool(seen.damage) or not item.size
        return "damaged" if broken and self._quiet_for(item, now) < self._rules.broken_after_s else ""

    def _quiet_for(self, item: Candidate, now: float) -> float:
        """How long nothing has happened to it; a process that looks only once goes by the server's clock."""
        return max(now - self._seen[item.name].since, time.time() - item.changed_s)

    def _age(self, item: Candidate, now: float) -> float:
        return max(now - self._seen[item.name].first, 0.0)
