"""What is told of one file on the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from importer.watcher.looking import Waiting
from importer.watcher.place import Place
from importer.watcher.verdict import Verdict

if TYPE_CHECKING:
    from importer.ledger.watched import WatchedFile

__all__ = ["FileReport", "of_file", "of_waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """One file of a watched folder after a round."""

    file: str  # as it lay in the inbox
    outcome: str  # done, tofix, failed; working: taken up again; waiting: not complete yet
    exit_code: int
    batch: str | None = None
    path: Path | None = None  # where it is now
    results: Sequence[Path] = ()  # what lies next to it
    message: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)  # documents, stages, ...


def of_file(
    place: Place, file: WatchedFile, *, outcome: str, verdict: Verdict | None = None, targets: Sequence[tuple[str, str]] = ()
) -> FileReport:
    """Of a file that has ended, or stays with a verdict."""
    facts = dict(verdict.facts) if verdict else json.loads(file.report)
    message = verdict.message if verdict else str(facts.pop("message", ""))
    paths = [place.root / target for _, target in targets]
    return FileReport(
        file=file.name,
        outcome=outcome,
        exit_code=verdict.exit_code if verdict else file.exit_code,
        batch=(verdict.batch if verdict else "") or file.batch_id or None,
        path=paths[0] if paths else place.source(file.id),
        results=paths[1:],
        message=message,
        facts=facts,
    )


def of_waiting(place: Place, item: Waiting) -> FileReport:
    """Of a file that is not complete."""
    return FileReport(
        file=item.candidate.name, outcome="waiting", exit_code=0, path=place.inbox / item.candidate.name, facts={"why": item.why}
    )
