"""A batch that was sent: its documents and their stories, and what can be done with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Query, Response
from fastapi.responses import FileResponse

from importer.web.desk import Desk, Who
from importer.web.jobs import Jobs
from importer.web.progress import progress_of
from importer.web.rest.batch_values import (
    DocumentAnswer,
    DocumentsAnswer,
    PlanAnswer,
    PlannedDocument,
    ProgressAnswer,
    Resolve,
    Shown,
    StoryAnswer,
    Undo,
)
from importer.web.rest.callers import Caller, OneOfFew
from importer.web.rest.files import WORKBOOK, XLSX
from importer.web.rest.problems import PREFIX, errors
from importer.web.rest.values import UploadAnswer, UploadId
from importer.web.state import AtDesk, TheJobs, heavy

router = APIRouter(prefix=f"{PREFIX}/uploads/{{upload_id}}", tags=["batches"])
Token = Annotated[str, Path(pattern=r"^[A-Z2-7]{16}$", description="`token` of a document")]


# -- looking ---------------------------------------------------------------------------------------------------------


@router.get("/progress", responses=errors(404))
def progress(desk: AtDesk, jobs: TheJobs, who: Caller, upload_id: UploadId) -> ProgressAnswer:
    """How far it is. While `running`, ask again after a second or more."""
    return ProgressAnswer.model_validate(progress_of(desk, jobs, desk.upload(who, upload_id)), from_attributes=True)


@router.get("/documents", responses=errors(404, 409))
def documents(
    desk: AtDesk,
    who: Caller,
    upload_id: UploadId,
    shown: Annotated[Shown | None, Query(description="Only those that stand so")] = None,
    search: Annotated[str, Query(max_length=200, description="Part of a key, document number or message")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> DocumentsAnswer:
    """The documents of the batch, a hundred on a page."""
    found = desk.batches.documents(who, upload_id, shown=shown or "", words=search, page=page)
    return DocumentsAnswer(
        total=found.total, page=found.page, pages=found.pages, documents=[DocumentAnswer.of(member) for member in found.members]
    )


@router.get("/documents/{token}", responses=errors(404, 409))
def story(desk: AtDesk, who: Caller, upload_id: UploadId, token: Token) -> StoryAnswer:
    """One document: what is in it, every call and every answer."""
    return StoryAnswer.of(desk.batches.story(who, upload_id, token))


@router.get("/results", responses={**errors(404, 409), **WORKBOOK}, response_class=FileResponse, dependencies=[OneOfFew])
async def results(desk: AtDesk, who: Caller, upload_id: UploadId, tasks: BackgroundTasks) -> Response:
    """The workbook with the outcome of every row; before anything was sent, with every finding on its cell."""
    return await _file(desk, who, upload_id, tasks, only="")


@router.get("/to-fix", responses={**errors(404, 409), **WORKBOOK}, response_class=FileResponse, dependencies=[OneOfFew])
async def to_fix(desk: AtDesk, who: Caller, upload_id: UploadId, tasks: BackgroundTasks) -> Response:
    """A workbook with only the rows that need work, to be corrected and handed in again."""
    return await _file(desk, who, upload_id, tasks, only="tofix")


async def _file(desk: Desk, who: Who, upload_id: str, tasks: BackgroundTasks, *, only: str) -> Response:
    holding = desk.results(who, upload_id, only=only)
    path = await heavy(holding.__enter__)
    tasks.add_task(holding.__exit__, None, None, None)
    return FileResponse(path, filename=path.name, media_type=XLSX, background=tasks)


# -- while it is being sent ------------------------------------------------------------------------------------------


@router.post("/pause", responses=errors(403, 404, 409))
def pause(desk: AtDesk, who: Caller, upload_id: UploadId) -> UploadAnswer:
    """Stop after the documents under way."""
    desk.batches.pause(who, upload_id)
    return _now(desk, who, upload_id)


@router.post("/resume", responses=errors(403, 404, 409))
def resume(desk: AtDesk, jobs: TheJobs, who: Caller, upload_id: UploadId) -> UploadAnswer:
    """Carry on what was paused, or what the ERP could not be reached for."""
    desk.batches.resume(who, upload_id)
    return _now(desk, who, upload_id, jobs)


@router.post("/cancel", responses=errors(403, 404, 409))
def cancel(desk: AtDesk, who: Caller, upload_id: UploadId) -> UploadAnswer:
    """Stop for good; what is in the ERP stays there."""
    desk.batches.cancel(who, upload_id)
    return _now(desk, who, upload_id)


# -- afterwards ------------------------------------------------------------------------------------------------------


@router.post("/reconcile", status_code=202, responses=errors(403, 404, 409))
def reconcile(desk: AtDesk, jobs: TheJobs, who: Caller, upload_id: UploadId) -> UploadAnswer:
    """Ask the ERP about what is unknown. It begins soon; `progress` tells when it has ended."""
    desk.batches.reconcile(who, upload_id)
    return _now(desk, who, upload_id, jobs)


@router.post("/verify", status_code=202, responses=errors(403, 404, 409))
def verify(desk: AtDesk, jobs: TheJobs, who: Caller, upload_id: UploadId) -> UploadAnswer:
    """Read every document back from the ERP and compare. It begins soon; `progress` tells when it has ended."""
    desk.batches.verify(who, upload_id)
    return _now(desk, who, upload_id, jobs)


@router.post("/documents/{token}/resolve", responses=errors(403, 404, 409))
def resolve(desk: AtDesk, who: Caller, upload_id: UploadId, token: Token, asked: Resolve) -> StoryAnswer:
    """A person's word on a document that the ERP cannot settle."""
    desk.batches.resolve(who, upload_id, token, outcome=asked.outcome, doc_no=asked.doc_no, reason=asked.reason)
    return StoryAnswer.of(desk.batches.story(who, upload_id, token))


@router.get("/undo", responses=errors(403, 404, 409))
async def undo_plan(desk: AtDesk, who: Caller, upload_id: UploadId) -> PlanAnswer:
    """What would be taken back, newest document first; nothing happens yet."""
    plan = await heavy(desk.batches.plan, who, upload_id)
    return PlanAnswer(documents=len(plan), plan=[PlannedDocument.model_validate(item) for item in plan])


@router.post("/undo", status_code=202, responses=errors(403, 404, 409))
def undo(desk: AtDesk, jobs: TheJobs, who: Caller, upload_id: UploadId, asked: Undo) -> UploadAnswer:
    """Take it back: as many documents as the plan showed. It begins soon; `progress` tells when it has ended."""
    desk.batches.undo(who, upload_id, documents=asked.documents)
    return _now(desk, who, upload_id, jobs)


def _now(desk: Desk, who: Who, upload_id: str, jobs: Jobs | None = None) -> UploadAnswer:
    """As it stands; with `jobs`, something was asked for that they do."""
    if jobs is not None:
        jobs.wake()
    return UploadAnswer.of(desk.upload(who, upload_id))
