"""What travels about batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from importer.fieldtypes import shown
from importer.ledger import Event
from importer.models import Member
from importer.web.batch_desk import Story

__all__ = [
    "DocumentAnswer",
    "DocumentsAnswer",
    "EventAnswer",
    "PlanAnswer",
    "PlannedDocument",
    "ProgressAnswer",
    "Resolve",
    "Shown",
    "StoryAnswer",
    "Undo",
]

Shown = Literal["new", "created", "approved", "posted", "void", "deleted", "rejected", "unknown", "sending", "already"]
Stage = Literal["new", "created", "approved", "posted", "void", "deleted"]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProgressAnswer(_Answer):
    """Counts of documents."""

    running: bool = Field(description="Something is under way, or waits for its turn")
    doing: str = Field(description="send, undo, reconcile or verify; empty when nothing is under way")
    total: int
    done: int = Field(description="Have reached the stage asked for")
    gone: int = Field(description="Void or deleted")
    standing: int = Field(description="Are in the ERP")
    percent: int
    stages: Mapping[str, int]
    rejected: int
    unknown: int
    already: int = Field(description="Were there before")
    state: str = Field(description="Of the batch: open, paused, cancelled, undoing; empty while there is none")
    per_hour: int | None
    left_s: int | None
    waiting_until: datetime | None
    notice: str


class DocumentAnswer(_Answer):
    """One document of a batch."""

    token: str
    key: str
    rows: Sequence[int] = Field(description="Worksheet rows")
    doc_type_no: str
    doc_date: str
    stage: Stage
    doc_no: str = Field(description="The ERP's number; empty while it has none")
    already: bool = Field(description="It was there before this batch")
    operation: str | None = Field(description="The step that is open")
    status: str | None
    code: str = Field(description="The ERP's code of a refusal")
    message: str

    @classmethod
    def of(cls, member: Member) -> DocumentAnswer:
        """As the ledger has it."""
        record, entry = member.record, member.record.entry
        return cls(
            token=record.token,
            key=record.key,
            rows=list(member.rows),
            doc_type_no=record.doc_type_no,
            doc_date=record.doc_date,
            stage=record.stage.value,
            doc_no=record.doc_no,
            already=member.already,
            operation=entry.operation.value if entry else None,
            status=entry.status.value if entry else None,
            code=entry.code if entry else "",
            message=entry.message if entry else "",
        )


class DocumentsAnswer(_Answer):
    """A page of them."""

    total: int
    page: int
    pages: int
    documents: Sequence[DocumentAnswer]


class EventAnswer(_Answer):
    """One thing that happened to a document."""

    at: datetime
    actor: str
    kind: str
    operation: str
    status: str
    code: str
    message: str
    answer: str = Field(description="What the ERP said, shortened")
    duration_ms: int

    @classmethod
    def of(cls, event: Event) -> EventAnswer:
        """As the ledger has it."""
        return cls(
            at=event.at,
            actor=event.actor,
            kind=event.kind,
            operation=event.operation.value,
            status=event.status.value,
            code=event.code,
            message=event.message,
            answer=event.answer,
            duration_ms=event.duration_ms,
        )


class StoryAnswer(_Answer):
    """One document with all that happened to it; values as text."""

    document: DocumentAnswer
    header: Mapping[str, str]
    lines: Sequence[Mapping[str, str]]
    events: Sequence[EventAnswer]

    @classmethod
    def of(cls, story: Story) -> StoryAnswer:
        """As the ledger has it."""
        return cls(
            document=DocumentAnswer.of(story.member),
            header=_texts(story.document.header),
            lines=[_texts(line.fields) for line in story.document.lines],
            events=[EventAnswer.of(event) for event in story.events],
        )


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: shown(value) for name, value in values.items() if value is not None}


class PlannedDocument(_Answer):
    """What would be done with one document."""

    token: str
    key: str
    doc_no: str
    stage: Stage
    operations: Sequence[str]


class PlanAnswer(_Answer):
    """What an undo would do."""

    documents: int = Field(description="Name it to undo")
    plan: Sequence[PlannedDocument]


class Resolve(_Asked):
    """A person's word."""

    outcome: Literal["absent", "created", "approved", "posted"]
    doc_no: Annotated[str, Field(max_length=100, description="The number that it has in the ERP, unless it is known")] = ""
    reason: Annotated[str, Field(min_length=1, max_length=2000, description="How you know it")]


class Undo(_Asked):
    """Take it back."""

    documents: Annotated[int, Field(ge=1, le=10_000_000, description="`documents` of the plan")]
