"""A file's end: what was written about it and the file itself go to one folder, each by a rename, none over another.

The end is decided in the ledger first, with every name; whoever comes after a crash carries out what was decided.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from importer.messages import N_, translate
from importer.watcher.place import OUT, durable
from importer.watcher.taking import LostFile

if TYPE_CHECKING:
    from importer.ledger.watched import WatchedFile
    from importer.watcher.desk import Desk
    from importer.watcher.verdict import Verdict

__all__ = ["decide", "finish", "move_again", "targets_of"]

MESSAGE: Final = ".message.txt"
NAME_BYTES: Final = 255  # of most file systems
Targets = list[tuple[str, str]]
"""(below the file's own place, below the watched folder)"""


def decide(desk: Desk, file: WatchedFile, verdict: Verdict) -> WatchedFile:
    """Write the message file where one is needed, and note in the ledger where everything goes."""
    _write_message(desk, file, verdict)
    for path in desk.place.companions(file.id):
        durable(path)
    for targets in _proposals(desk, file, verdict.outcome):
        values = {
            "outcome": verdict.outcome,
            "exit_code": verdict.exit_code,
            "attempting": False,
            "batch_id": verdict.batch or file.batch_id,
            "report": json.dumps({**verdict.facts, "message": verdict.message}),
            "targets": json.dumps(targets),
        }
        target = _clean(targets[0][1])
        decided = desk.files.leave(file, target=target, **values)
        now = desk.files.get(file.id)
        if now is None or now.owner != file.owner or now.state == "ended":
            raise LostFile(file.name)
        if decided:
            return now
    raise AssertionError  # pragma: no cover - there is always another name


def _write_message(desk: Desk, file: WatchedFile, verdict: Verdict) -> None:
    """What to do about it, where no workbook says so."""
    has_results = bool(desk.place.companions(file.id))
    if verdict.outcome != "failed" and has_results:
        return
    name = PurePosixPath(file.name).name
    words = verdict.message or translate(
        N_("Everything is in the ERP; the results can be had with: importer results {batch}"), verdict.language, batch=verdict.batch
    )
    out = desk.place.out(file.id)
    out.mkdir(parents=True, exist_ok=True)
    text = f"{_clean(name)}\n\n{_clean(words)}\n"
    (out / f"{_fit(Path(name).stem, 60)}{Path(name).suffix}{MESSAGE}").write_text(text, encoding="utf-8-sig")  # Notepad reads it


def _proposals(desk: Desk, file: WatchedFile, outcome: str) -> Iterator[Targets]:
    """Names that are free, one number for all that belong together."""
    source = desk.place.source(file.id)
    members = [(source.name, source.name)] if source else []
    members += [(f"{OUT}/{path.name}", path.name) for path in desk.place.companions(file.id)]
    day = f"{datetime.now():%Y-%m-%d}"
    folder = PurePosixPath(desk.place.end(outcome), day, PurePosixPath(file.name).parent)
    if not members:  # another watcher has carried it away
        raise LostFile(file.name)
    number = 1
    while True:
        targets = [(inner, (folder / _numbered(name, number)).as_posix()) for inner, name in members]
        if not any((desk.place.root / target).exists() for _, target in targets):
            yield targets
        number += 1


def _numbered(name: str, number: int) -> str:
    if number == 1:
        return name
    stem, dot, suffix = name.partition(MESSAGE) if name.endswith(MESSAGE) else (Path(name).stem, "", Path(name).suffix)
    if dot:
        return f"{_numbered(stem, number)}{MESSAGE}"
    return f"{_fit(stem, len(suffix.encode(errors='replace')) + 12)}-{number}{suffix}"


def _fit(stem: str, room: int) -> str:
    """A stem with so many bytes left for what follows it."""
    return stem.encode("utf-8", "surrogateescape")[: NAME_BYTES - room].decode("utf-8", "ignore")


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def targets_of(file: WatchedFile) -> Targets:
    """Where everything of it goes."""
    return [(str(inner), str(target)) for inner, target in json.loads(file.targets)]


def finish(desk: Desk, file: WatchedFile) -> WatchedFile:
    """Carry out what was decided, also for the second time."""
    targets = _moved(desk, file)
    if targets != targets_of(file):
        desk.files.change(file, targets=json.dumps(targets))
    if not desk.files.change(file, state="ended", owner="", told=False):
        raise LostFile(file.name)
    shutil.rmtree(desk.place.own(file.id), ignore_errors=True)
    desk.pulse.count(file.outcome)
    desk.log.info("file_ended", file=file.name, outcome=file.outcome, exit_code=file.exit_code, batch=file.batch_id, now=targets[0][1])
    return replace(file, state="ended", owner="", targets=json.dumps(targets))


def move_again(desk: Desk, file: WatchedFile) -> None:
    """A power cut took back the moves of a file that has ended; or somebody who had lost it wrote it once more: then it has its place."""
    if not (desk.place.root / targets_of(file)[0][1]).exists():
        _moved(desk, file)
    shutil.rmtree(desk.place.own(file.id), ignore_errors=True)


def _moved(desk: Desk, file: WatchedFile) -> Targets:
    own, root = desk.place.own(file.id), desk.place.root
    moved: Targets = []
    for inner, target in _last_first(targets_of(file)):
        source, wanted = own / inner, root / target
        wanted.parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while source.exists() and wanted.exists():  # somebody put a file there since it was decided
            number += 1
            wanted = (root / target).with_name(_numbered(Path(target).name, number))
        with suppress(FileNotFoundError):  # moved before, or by a watcher that took us for dead and carried out the same
            source.rename(wanted)
        durable(wanted.parent)
        moved.append((inner, wanted.relative_to(root).as_posix()))
    return moved[::-1]


def _last_first(targets: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The file itself comes last: who sees it at its end finds its results beside it."""
    return targets[::-1]
