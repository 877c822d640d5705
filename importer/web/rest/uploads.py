"""Handing a workbook in, its findings, the documents that it makes, and who says yes."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from starlette.datastructures import UploadFile

from importer.fieldtypes import shown
from importer.ledger import Upload
from importer.web.desk import Desk, Who
from importer.web.rest.callers import Caller, OneOfFew, require_profile
from importer.web.rest.files import ANY_FILE
from importer.web.rest.problems import PREFIX, errors
from importer.web.rest.values import (
    Finding,
    Findings,
    HandOn,
    PreviewAnswer,
    PreviewedDocument,
    Release,
    Remark,
    State,
    Total,
    UploadAnswer,
    UploadId,
)
from importer.web.state import AtDesk, TheJobs, heavy

router = APIRouter(prefix=f"{PREFIX}/uploads", tags=["uploads"])
FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "profile"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "The workbook"},
                        "profile": {"type": "string", "minLength": 1, "maxLength": 200},
                        "document_type": {"type": "string", "maxLength": 200, "description": "Where the workbook does not tell"},
                    },
                },
                "encoding": {"file": {"contentType": "application/octet-stream"}},
            }
        },
    }
}


@router.get("", responses=errors())
def uploads(
    desk: AtDesk,
    who: Caller,
    search: Annotated[str, Query(max_length=200, description="Part of a file's name, a document number, key or batch")] = "",
    state: Annotated[State | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[UploadAnswer]:
    """What the user may see, newest first."""
    return [UploadAnswer.of(upload) for upload in desk.uploads(who, search=search, state=state, limit=limit)]


@router.post("", status_code=201, responses=errors(403, 404, 409, 413), openapi_extra=FORM, dependencies=[OneOfFew])
async def hand_in(request: Request, response: Response, desk: AtDesk, who: Caller) -> UploadAnswer:
    """Hand a workbook in. It is checked at once; nothing is sent before it is handed on. The body is read once the token is known."""
    async with request.form(max_files=1, max_fields=8, max_part_size=4096) as form:
        file, profile, document_type = form.get("file"), form.get("profile"), form.get("document_type") or ""
        if not isinstance(file, UploadFile) or not isinstance(profile, str) or not isinstance(document_type, str) or not profile:
            raise RequestValidationError([{"loc": ("body",), "msg": "a form with `file` and `profile`", "type": "missing"}])
        upload = await heavy(_handed_in, desk, who, profile, document_type, file)
    response.headers["Location"] = f"{PREFIX}/uploads/{upload.id}"
    return UploadAnswer.of(upload)


def _handed_in(desk: Desk, who: Who, profile: str, document_type: str, file: UploadFile) -> Upload:
    require_profile(desk, who, profile)
    name = file.filename or "workbook.xlsx"
    return desk.hand_in(who, profile=profile, file=name, content=file.file.read(), document_type=document_type or None)


@router.get("/{upload_id}", responses=errors(404))
def upload(desk: AtDesk, who: Caller, upload_id: UploadId) -> UploadAnswer:
    """One upload."""
    return UploadAnswer.of(desk.upload(who, upload_id))


@router.get("/{upload_id}/workbook", responses={**errors(404), **ANY_FILE}, response_class=FileResponse)
def workbook(desk: AtDesk, who: Caller, upload_id: UploadId) -> Response:
    """As it was handed in."""
    found = desk.upload(who, upload_id)
    return FileResponse(desk.path(found), filename=found.file, media_type="application/octet-stream")


@router.get("/{upload_id}/findings", responses=errors(404))
async def findings(
    desk: AtDesk,
    who: Caller,
    upload_id: UploadId,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Findings:
    """Everything that is wrong with it, as things stand now."""
    issues = (await heavy(desk.look, who, upload_id)).issues
    piece = issues[offset : offset + limit]
    return Findings(total=len(issues), findings=[Finding.of(found, who.language) for found in piece])


@router.get("/{upload_id}/preview", responses=errors(404))
async def preview(desk: AtDesk, who: Caller, upload_id: UploadId) -> PreviewAnswer:
    """The documents that it makes, as things stand now, with the digest that handing on and releasing name."""
    seen = await heavy(desk.look, who, upload_id)
    found = seen.preview
    return PreviewAnswer(
        digest=seen.digest,
        counts=found.counts,
        lines=found.lines,
        documents=[PreviewedDocument.model_validate(item, from_attributes=True) for item in found.documents],
        left=found.left,
        totals=[
            Total(
                headings=[field.label_in(who.language) for field in headings],
                groups=[(list(names), shown(amount)) for names, amount in groups],
                left=left,
            )
            for headings, groups, left in found.totals
        ],
    )


@router.post("/{upload_id}/hand-on", responses=errors(403, 404, 409))
def hand_on(desk: AtDesk, jobs: TheJobs, who: Caller, upload_id: UploadId, asked: HandOn) -> UploadAnswer:
    """Hand it on: to the second person, or, where the profile asks for none, to the ERP."""
    done = desk.hand_on(who, upload_id, digest=asked.digest, until=asked.until, policy=asked.policy, again=asked.again)
    jobs.wake()
    return UploadAnswer.of(done)


@router.post("/{upload_id}/release", responses=errors(403, 404, 409))
def release(desk: AtDesk, jobs: TheJobs, who: Caller, upload_id: UploadId, asked: Release) -> UploadAnswer:
    """The second person agrees with what they previewed; it is sent."""
    done = desk.release(who, upload_id, digest=asked.digest)
    jobs.wake()
    return UploadAnswer.of(done)


@router.post("/{upload_id}/return", responses=errors(403, 404, 409))
def send_back(desk: AtDesk, who: Caller, upload_id: UploadId, asked: Remark) -> UploadAnswer:
    """The second person does not agree, and says why."""
    return UploadAnswer.of(desk.send_back(who, upload_id, remark=asked.remark))


@router.post("/{upload_id}/withdraw", responses=errors(403, 404, 409))
def withdraw(desk: AtDesk, who: Caller, upload_id: UploadId) -> UploadAnswer:
    """The uploader takes it back before anything was sent."""
    return UploadAnswer.of(desk.withdraw(who, upload_id))
