"""What callers of the API give and get."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from importer.errors import ErpUnavailable
from importer.models import Batch, Claim, Issue, Outcome, Severity

if TYPE_CHECKING:
    from importer.pipeline.preview import Preview

__all__ = ["BatchStatus", "CheckReport", "Finding", "Listener", "Policy", "Reconciled", "RunReport", "UndoReport", "worst"]

Policy = Literal["all", "good", "stop"]
EXIT_ORDER: Final = (130, 2, 4, 3, 1, 0)  # the first that applies (design §8)


def worst(codes: Sequence[int]) -> int:
    """The exit code of several outcomes together."""
    return next(code for code in EXIT_ORDER if code in (*codes, 0))


class Listener:
    """Told what happens while it happens; every method may be called from any thread. This one listens and says nothing."""

    def notice(self, text: str, /, **values: object) -> None:
        """Something a person should know: an English text of the message catalogue and its values."""

    def started(self, batch: Batch, documents: int, steps: int) -> None:
        """Sending begins: so many documents, and so many calls if nothing goes wrong."""

    def progress(self, claim: Claim, outcome: Outcome) -> None:
        """One call has ended."""

    def standing(self, *, calls: int, done: int, refused: int, unknown: int) -> None:
        """How far the workers are, since sending began."""

    def waiting(self, due: datetime) -> None:
        """Nothing is sent until `due`, the end of a grace period."""

    def ended(self) -> None:
        """Sending has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What `check` found in one file."""

    file: Path
    document_type: str | None
    rows: int
    documents: int
    lines: int
    already_imported: int
    issues: Sequence[Issue]
    annotated: Path | None
    language: str
    preview: Preview
    unmapped: Sequence[Path] = ()  # tables ready to be filled with new codes, one per field that lacks some

    @property
    def exit_code(self) -> int:
        """0 without errors, 2 for a file that is not there, else 1."""
        if any(found.code == "file_not_found" for found in self.issues):
            return 2
        return 1 if any(found.severity is Severity.ERROR for found in self.issues) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What became of one file, or of one batch that was resumed."""

    file: str
    batch: str | None
    document_type: str | None
    rows: int
    documents: int
    lines: int
    stages: Mapping[str, int]  # documents by present stage
    rejected: int
    unknown: int
    already_imported: int
    issues: Sequence[Issue]
    results: Path | None
    language: str
    tofix: Path | None = None  # the rows that need work, where others are done
    interrupted: bool = False
    unavailable: ErpUnavailable | None = None
    twice: int = 0  # documents that the ERP has under several numbers, as another ledger sent them at the same moment

    @property
    def exit_code(self) -> int:
        """The command's exit code for this file alone (design §8)."""
        if self.interrupted:
            return 130
        if any(found.code == "file_not_found" for found in self.issues):
            return 2
        if self.unavailable:
            return 4
        if self.unknown:
            return 3
        return 1 if self.rejected or self.twice or any(found.severity is Severity.ERROR for found in self.issues) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStatus:
    """How one batch stands."""

    batch: Batch
    documents: int
    stages: Mapping[str, int]
    entries: Mapping[str, int]  # documents by the status of their open entry
    already_imported: int
    per_second: float = 0.0  # documents that workers bring as far as it asks

    @property
    def seconds_left(self) -> int | None:
        """Of sending, at the workers' present pace; None where that cannot be told."""
        left = self.entries.get("pending", 0) + self.entries.get("sending", 0)
        return round(left / self.per_second) if self.per_second and left else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What asking the ERP about one batch came to."""

    batch: str
    settled: int
    unknown: int  # still
    due: datetime | None  # when the next grace period is over
    unavailable: ErpUnavailable | None = None

    @property
    def exit_code(self) -> int:
        """4 when the ERP did not answer, 3 while something is unknown."""
        if self.unavailable:
            return 4
        return 3 if self.unknown else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoReport:
    """What `undo` did, or with `--plan` would do."""

    batch: str
    plan: Sequence[Mapping[str, object]]  # per document: token, key, doc_no, stage, operations
    undone: int = 0
    rejected: int = 0
    unknown: int = 0
    stages: Mapping[str, int] = dataclasses.field(default_factory=dict)
    results: Path | None = None
    interrupted: bool = False
    unavailable: ErpUnavailable | None = None

    @property
    def exit_code(self) -> int:
        """As for a run."""
        if self.interrupted:
            return 130
        if self.unavailable:
            return 4
        return 3 if self.unknown else int(self.rejected > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `doctor`."""

    subject: str
    ok: bool
    text: str  # of the message catalogue
    values: Mapping[str, object]
    exit_code: int = 0
