"""Handing a workbook in, its findings on a picture of the sheet, the documents that it makes, and who says yes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from importer.ledger import Upload
from importer.web.desk import Desk, Who
from importer.web.pages.batches import batch_page
from importer.web.picture import picture_of
from importer.web.rendering import Pages
from importer.web.rights import Action
from importer.web.state import AtDesk, Proven, SignedIn, TheJobs, ThePages, heavy

router = APIRouter(include_in_schema=False)
PAGE = 50  # workbooks on one page
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/")
def home(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, q: str = "", state: str = "", page: int = 1) -> Response:
    """What was handed in, newest first, and the place to drop a file."""
    page = max(page, 1)
    found = desk.uploads(who, search=q, state=state or None, limit=PAGE + 1, offset=(page - 1) * PAGE)
    targets = desk.profiles(who.user, Action.UPLOAD)
    more = len(found) > PAGE
    return pages.page(request, "home.html", who, uploads=found[:PAGE], q=q, state=state, targets=targets, page=page, more=more)


@router.post("/uploads", dependencies=[Proven])
async def hand_in(
    request: Request,
    desk: AtDesk,
    who: SignedIn,
    file: UploadFile,
    profile: Annotated[str, Form()],
    document_type: Annotated[str, Form()] = "",
) -> Response:
    """One workbook; leads to its page."""
    with request.app.state.at_once.one_more(who.user.name):
        upload = await heavy(_handed_in, desk, who, profile, document_type, file)
    target = f"/uploads/{upload.id}"
    return Response(headers={"HX-Redirect": target}) if request.headers.get("hx-request") else RedirectResponse(target, status_code=303)


def _handed_in(desk: Desk, who: Who, profile: str, document_type: str, file: UploadFile) -> Upload:
    """In memory only once it is its turn."""
    name, content = file.filename or "workbook.xlsx", file.file.read()
    return desk.hand_in(who, profile=profile, file=name, content=content, document_type=document_type or None)


@router.get("/uploads/{upload_id}")
async def upload_page(
    request: Request, desk: AtDesk, jobs: TheJobs, pages: ThePages, who: SignedIn, upload_id: str, row: int = 0
) -> Response:
    """Before sending: findings and preview. After: progress and results."""
    upload = await run_in_threadpool(desk.upload, who, upload_id)
    if upload.state in ("released", "running", "ended"):
        return await run_in_threadpool(batch_page, request, desk, jobs, pages, who, upload_id)
    return await heavy(_before_sending, request, desk, pages, who, upload, row)


def _before_sending(request: Request, desk: Desk, pages: Pages, who: Who, upload: Upload, row: int) -> Response:
    look = desk.look(who, upload.id)
    picture = picture_of(look, who.language, at=row)
    return pages.page(request, "upload.html", who, upload=upload, digest=look.digest, picture=picture, preview=look.preview)


@router.get("/uploads/{upload_id}/picture")
async def picture(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, upload_id: str, row: int = 0) -> Response:
    """Another piece of the sheet."""
    return await heavy(_piece, request, desk, pages, who, upload_id, row)


def _piece(request: Request, desk: Desk, pages: Pages, who: Who, upload_id: str, row: int) -> Response:
    upload, look = desk.upload(who, upload_id), desk.look(who, upload_id)
    return pages.page(request, "_picture.html", who, upload=upload, picture=picture_of(look, who.language, at=row))


@router.post("/uploads/{upload_id}/hand-on", dependencies=[Proven])
async def hand_on(
    desk: AtDesk,
    jobs: TheJobs,
    who: SignedIn,
    upload_id: str,
    digest: Annotated[str, Form()],
    until: Annotated[str, Form()] = "posted",
    policy: Annotated[str, Form()] = "all",
    again: Annotated[str, Form()] = "",
) -> Response:
    """The uploader is done with it."""
    await heavy(desk.hand_on, who, upload_id, digest=digest, until=until, policy=policy, again=again)
    jobs.wake()
    return RedirectResponse(f"/uploads/{upload_id}", status_code=303)


@router.post("/uploads/{upload_id}/release", dependencies=[Proven])
async def release(desk: AtDesk, jobs: TheJobs, who: SignedIn, upload_id: str, digest: Annotated[str, Form()]) -> Response:
    """The second person says yes."""
    await heavy(desk.release, who, upload_id, digest=digest)
    jobs.wake()
    return RedirectResponse(f"/uploads/{upload_id}", status_code=303)


@router.post("/uploads/{upload_id}/return", dependencies=[Proven])
def send_back(desk: AtDesk, who: SignedIn, upload_id: str, remark: Annotated[str, Form()] = "") -> Response:
    """The second person says no, and why."""
    desk.send_back(who, upload_id, remark=remark)
    return RedirectResponse(f"/uploads/{upload_id}", status_code=303)


@router.post("/uploads/{upload_id}/withdraw", dependencies=[Proven])
def withdraw(desk: AtDesk, who: SignedIn, upload_id: str) -> Response:
    """The uploader takes it back."""
    desk.withdraw(who, upload_id)
    return RedirectResponse("/", status_code=303)


@router.get("/uploads/{upload_id}/results")
async def results(desk: AtDesk, who: SignedIn, upload_id: str, tasks: BackgroundTasks, only: str = "") -> Response:
    """The user's workbook with the outcome of every row, or every finding on its cell; `only=tofix`: the rows that need work."""
    holding = desk.results(who, upload_id, only=only)
    path = await heavy(holding.__enter__)
    tasks.add_task(holding.__exit__, None, None, None)
    return FileResponse(path, filename=path.name, media_type=XLSX, background=tasks)


@router.get("/uploads/{upload_id}/workbook")
def workbook(desk: AtDesk, who: SignedIn, upload_id: str) -> Response:
    """As it was handed in."""
    upload = desk.upload(who, upload_id)
    return FileResponse(desk.path(upload), filename=upload.file, media_type="application/octet-stream")
