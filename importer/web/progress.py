"""How far an upload is: from the ledger, with the pace of the server that is sending it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from importer.ledger import Upload
from importer.models import Stage, Status, reached
from importer.web.desk import Desk
from importer.web.jobs import Jobs

__all__ = ["Progress", "progress_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Counts of documents."""

    total: int
    done: int  # have reached the stage asked for
    stages: Mapping[str, int]
    rejected: int
    unknown: int
    already: int
    running: bool
    state: str  # of the batch: open, paused, cancelled, undoing
    per_hour: int | None  # documents, since this server began
    left_s: int | None
    waiting_until: datetime | None
    notice: str

    @property
    def percent(self) -> int:
        """Of the documents that are done with, refused ones included."""
        return round(100 * (self.done + self.rejected) / self.total) if self.total else 0


def progress_of(desk: Desk, jobs: Jobs, upload: Upload) -> Progress:
    """As the ledger has it now."""
    pace = jobs.pace(upload.id)
    running = upload.state in ("released", "running")
    if upload.batch_id is None:
        return Progress(
            total=upload.documents,
            done=0,
            stages={},
            rejected=0,
            unknown=0,
            already=0,
            running=running,
            state="",
            per_hour=None,
            left_s=None,
            waiting_until=None,
            notice=pace.notice if pace else "",
        )
    batch, counts = desk.ledger.batch(upload.batch_id), desk.ledger.counts(upload.batch_id)
    done = sum(number for stage, number in counts.stages.items() if reached(stage, Stage(upload.until)))
    seconds = (datetime.now().astimezone() - pace.started_at).total_seconds() if pace and pace.started_at else 0.0
    calls_left = max(pace.steps - pace.calls, 0) if pace else 0
    rate = pace.calls / seconds if pace and seconds > 1 and pace.calls else 0.0
    steps_each = max(pace.steps / max(counts.documents, 1), 1) if pace else 1
    return Progress(
        total=counts.documents,
        done=done,
        stages={stage.value: number for stage, number in counts.stages.items()},
        rejected=counts.entries.get(Status.REJECTED, 0),
        unknown=counts.entries.get(Status.UNKNOWN, 0),
        already=counts.already,
        running=running,
        state=batch.state,
        per_hour=round(rate / steps_each * 3600) if rate else None,
        left_s=round(calls_left / rate) if rate else None,
        waiting_until=pace.waiting_until if pace else None,
        notice=pace.notice if pace else "",
    )
