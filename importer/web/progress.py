"""How far an upload is: from the ledger, with the pace of the server that is at work on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from importer.ledger import Upload
from importer.models import Stage, Status, reached
from importer.web.desk import Desk
from importer.web.jobs import Jobs, Pace

__all__ = ["Progress", "progress_of"]

GONE = (Stage.VOID, Stage.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Counts of documents."""

    total: int
    doing: str = ""  # send, undo, reconcile or verify: what is under way or waits for its turn
    done: int = 0  # have reached the stage asked for
    gone: int = 0  # void or deleted
    standing: int = 0  # are in the ERP
    stages: Mapping[str, int] = field(default_factory=dict)
    rejected: int = 0
    unknown: int = 0
    already: int = 0
    state: str = ""  # of the batch: open, paused, cancelled, undoing
    at_work: bool = False  # this server is doing it now
    per_hour: int | None = None  # documents, since this server began
    left_s: int | None = None
    waiting_until: datetime | None = None
    notice: str = ""

    @property
    def running(self) -> bool:
        """Whether anything is under way, or waits for its turn."""
        return bool(self.doing)

    @property
    def sending(self) -> bool:
        """Whether it is being carried to the ERP, or waits for its turn."""
        return self.doing == "send"

    @property
    def arrived(self) -> int:
        """Documents that are done with as far as what is under way goes."""
        return self.gone if self.doing == "undo" else self.done

    @property
    def percent(self) -> int:
        """Of the documents that are done with, refused ones included; never 100 before the last one."""
        return int(100 * (self.arrived + self.rejected) / self.total) if self.total else 0


def progress_of(desk: Desk, jobs: Jobs, upload: Upload) -> Progress:
    """As the ledger has it now."""
    pace = jobs.pace(upload.id)
    task = desk.portal.task(upload.id)
    doing = "send" if upload.state in ("released", "running") else task.kind if task else ""
    notice = pace.notice if pace else ""
    if upload.batch_id is None:
        return Progress(total=upload.documents, doing=doing, at_work=pace is not None, notice=notice)
    batch, counts = desk.ledger.batch(upload.batch_id), desk.ledger.counts(upload.batch_id)
    gone = sum(number for stage, number in counts.stages.items() if stage in GONE)
    per_hour, left_s = _speed(pace)
    return Progress(
        total=counts.documents,
        doing=doing,
        done=sum(number for stage, number in counts.stages.items() if reached(stage, batch.until)),
        gone=gone,
        standing=counts.documents - gone - counts.stages.get(Stage.NEW, 0),
        stages={stage.value: number for stage, number in counts.stages.items()},
        rejected=counts.entries.get(Status.REJECTED, 0),
        unknown=counts.entries.get(Status.UNKNOWN, 0),
        already=counts.already,
        state=batch.state,
        at_work=pace is not None,
        per_hour=per_hour,
        left_s=left_s,
        waiting_until=pace.waiting_until if pace else None,
        notice=notice,
    )


def _speed(pace: Pace | None) -> tuple[int | None, int | None]:
    """Documents per hour and seconds left, once there is anything to go by."""
    seconds = (datetime.now().astimezone() - pace.started_at).total_seconds() if pace and pace.started_at else 0.0
    if pace is None or seconds < 1 or not pace.calls:
        return None, None
    left = max(pace.steps - pace.calls, 0) * seconds / pace.calls
    return (round(pace.documents / seconds * 3600) or None), round(left)
