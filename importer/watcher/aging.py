"""Old files leave the folders in which they ended: into the archive, or for good. The ledger keeps what it knows."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importer.watcher.desk import Desk

__all__ = ["age"]

MESSAGES: Final = timedelta(days=90)  # what was said is not needed longer; what happened to a file is kept
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def age(desk: Desk, today: date) -> int:
    """Archive or delete what is older than the rules say; how many files. May be cut off at any moment and called again."""
    rules = desk.place.rules
    limits = {rules.done: rules.keep_done_days, rules.tofix: rules.keep_other_days, rules.failed: rules.keep_other_days}
    count = 0
    for name, days in limits.items():
        for folder in _older(desk.place.root / name, today - timedelta(days=days)) if days else ():
            for path in _files(folder):
                _out(desk, path)
                count += 1
            _without_empty(folder)
    desk.ledger.outbox.forget(MESSAGES)
    if count:
        desk.log.info("files_aged", files=count, archive=str(rules.archive or ""))
    return count


def _older(folder: Path, than: date) -> list[Path]:
    """Its date folders before a day."""
    return [path for path in sorted(folder.iterdir()) if path.is_dir() and DAY.fullmatch(path.name) and path.name < than.isoformat()]


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names)


def _out(desk: Desk, path: Path) -> None:
    archive = desk.place.rules.archive
    if archive is not None:
        target = desk.site.settings.base_folder / archive / path.relative_to(desk.place.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(path, _free(target, path))
    path.unlink(missing_ok=True)


def _free(target: Path, source: Path) -> Path:
    """A name in the archive that no other file has; the one of a copy that was cut off counts as free."""
    wanted, number = target, 1
    while wanted.exists() and wanted.read_bytes() != source.read_bytes():
        number += 1
        wanted = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return wanted


def _copy(source: Path, target: Path) -> None:
    """Whole, or not at all; the archive may be on another volume."""
    if target.exists():
        return
    scratch = target.with_name(f".{target.name}.tmp")
    shutil.copy2(source, scratch)
    with scratch.open("rb+") as file:
        os.fsync(file.fileno())
    scratch.replace(target)


def _without_empty(folder: Path) -> None:
    """The date folder and those below it, if nothing is left in them."""
    for root, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            Path(root).rmdir()
