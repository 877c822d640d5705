"""What travels over the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from importer.issue_catalogue import render
from importer.ledger import Upload
from importer.models import Issue

__all__ = [
    "Again",
    "DocumentType",
    "Finding",
    "Findings",
    "HandOn",
    "Language",
    "Me",
    "PreviewAnswer",
    "PreviewedDocument",
    "Release",
    "Remark",
    "State",
    "Total",
    "Until",
    "UploadAnswer",
    "UploadId",
]

Language = Literal["zh_TW", "zh_CN", "en"]
State = Literal["checked", "waiting", "returned", "released", "running", "ended", "withdrawn"]
Until = Literal["created", "approved", "posted"]
Policy = Literal["all", "good", "stop"]
DIGEST: Final = r"^[0-9a-f]{64}$"
Digest = Annotated[str, Field(pattern=DIGEST, description="`digest` of the preview that this is about")]
UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="`id` of an upload")]
Again = Annotated[str, Field(max_length=200, description="Reason for sending again what is in the ERP already; empty for never")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Me(_Answer):
    """The token's user."""

    name: str
    display_name: str
    roles: Mapping[str, Sequence[str]] = Field(description="Roles by profile")


class DocumentType(_Answer):
    """One kind of document that a workbook may hold."""

    document_type: str
    label: str
    languages: Sequence[Language] = Field(description="In which there is a template")


class UploadAnswer(_Answer):
    """A workbook that was handed in."""

    id: str
    profile: str
    uploader: str
    file: str
    sha256: str
    document_type: str
    rows: int
    documents: int
    errors: int
    warnings: int
    state: State
    until: Until
    policy: Policy
    again: str
    preview: str = Field(description="Digest of what was handed on; empty before")
    released_by: str | None
    remark: str = Field(description="Why it was sent back")
    batch: str | None
    message: str = Field(description="Why it ended, where that needs words")
    at: datetime | None

    @classmethod
    def of(cls, upload: Upload) -> UploadAnswer:
        """As the ledger has it."""
        names = set(cls.model_fields) - {"batch"}
        return cls.model_validate({name: getattr(upload, name) for name in names} | {"batch": upload.batch_id})


class Finding(_Answer):
    """Something wrong with a cell, row, document or file."""

    code: str
    severity: Literal["error", "warning", "hint"]
    message: str
    sheet: str | None
    cell: str | None
    row: int | None
    column: str | None = Field(description="Header text")
    field: str | None
    value: str

    @classmethod
    def of(cls, found: Issue, language: str) -> Finding:
        """In the caller's language."""
        return cls(
            code=found.code,
            severity=found.severity.value,
            message=render(found, language),
            sheet=found.sheet,
            cell=found.cell,
            row=found.row,
            column=found.header,
            field=found.field,
            value=found.value,
        )


class Findings(_Answer):
    """A piece of the findings, in the order of the workbook."""

    total: int
    findings: Sequence[Finding]


class PreviewedDocument(_Answer):
    """A document that the workbook makes."""

    key: str
    first_row: int
    lines: int
    state: Literal["new", "already", "changed", "errors"]
    doc_no: str


class Total(_Answer):
    """A control total; amounts as decimal text."""

    headings: Sequence[str]
    groups: Sequence[tuple[Sequence[str], str]]
    left: int = Field(description="Groups that are not listed")


class PreviewAnswer(_Answer):
    """What would be sent now."""

    digest: str = Field(description="Name it to hand on, and to release")
    counts: Mapping[str, int] = Field(description="Documents by state")
    lines: int
    documents: Sequence[PreviewedDocument]
    left: int = Field(description="Documents that are not listed")
    totals: Sequence[Total]


class HandOn(_Asked):
    """The uploader is done with it."""

    digest: Digest
    until: Until = "posted"
    policy: Policy = "all"
    again: Again = ""


class Release(_Asked):
    """The second person agrees."""

    digest: Digest


class Remark(_Asked):
    """Why it goes back."""

    remark: Annotated[str, Field(min_length=1, max_length=2000)]
