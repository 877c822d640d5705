"""Handing a workbook in, its findings on a picture of the sheet, the documents that it makes, and who says yes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from importer.web.picture import picture_of
from importer.web.preview import preview_of
from importer.web.progress import progress_of
from importer.web.rights import Action
from importer.web.state import AtDesk, Proven, SignedIn, TheJobs, ThePages

router = APIRouter(include_in_schema=False)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/")
def home(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, q: str = "", state: str = "") -> Response:
    """What was handed in, newest first, and the place to drop a file."""
    found = desk.uploads(who, search=q, state=state or None)
    return pages.page(request, "home.html", who, uploads=found, q=q, state=state, targets=desk.profiles(who.user, Action.UPLOAD))


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
    content = await file.read()
    upload = await run_in_threadpool(
        desk.hand_in, who, profile=profile, file=file.filename or "workbook.xlsx", content=content, document_type=document_type or None
    )
    target = f"/uploads/{upload.id}"
    return Response(headers={"HX-Redirect": target}) if request.headers.get("hx-request") else RedirectResponse(target, status_code=303)


@router.get("/uploads/{upload_id}")
def upload_page(request: Request, desk: AtDesk, jobs: TheJobs, pages: ThePages, who: SignedIn, upload_id: str, row: int = 0) -> Response:
    """Before sending: findings and preview. After: progress and results."""
    upload = desk.upload(who, upload_id)
    if upload.state in ("released", "running", "ended"):
        return pages.page(request, "batch.html", who, upload=upload, progress=progress_of(desk, jobs, upload))
    seen = desk.preview(who, upload_id)
    return pages.page(
        request,
        "upload.html",
        who,
        upload=upload,
        digest=seen.digest,
        picture=picture_of(seen.checked, who.language, at=row),
        preview=preview_of(seen.checked, who.language),
    )


@router.get("/uploads/{upload_id}/picture")
def picture(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, upload_id: str, row: int = 0) -> Response:
    """Another piece of the sheet."""
    seen = desk.preview(who, upload_id)
    return pages.page(request, "_picture.html", who, upload=seen.upload, picture=picture_of(seen.checked, who.language, at=row))


@router.get("/uploads/{upload_id}/progress")
def progress(request: Request, desk: AtDesk, jobs: TheJobs, pages: ThePages, who: SignedIn, upload_id: str) -> Response:
    """How far it is; asked again and again while it runs."""
    upload = desk.upload(who, upload_id)
    return pages.page(request, "_progress.html", who, upload=upload, progress=progress_of(desk, jobs, upload))


@router.post("/uploads/{upload_id}/hand-on", dependencies=[Proven])
def hand_on(
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
    desk.hand_on(who, upload_id, digest=digest, until=until, policy=policy, again=again)
    jobs.wake()
    return RedirectResponse(f"/uploads/{upload_id}", status_code=303)


@router.post("/uploads/{upload_id}/release", dependencies=[Proven])
def release(desk: AtDesk, jobs: TheJobs, who: SignedIn, upload_id: str, digest: Annotated[str, Form()]) -> Response:
    """The second person says yes."""
    desk.release(who, upload_id, digest=digest)
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
def results(desk: AtDesk, who: SignedIn, upload_id: str, tasks: BackgroundTasks) -> Response:
    """The user's workbook with the outcome of every row, or every finding on its cell."""
    holding = desk.results(who, upload_id)
    path = holding.__enter__()
    tasks.add_task(holding.__exit__, None, None, None)
    return FileResponse(path, filename=path.name, media_type=XLSX, background=tasks)


@router.get("/uploads/{upload_id}/workbook")
def workbook(desk: AtDesk, who: SignedIn, upload_id: str) -> Response:
    """As it was handed in."""
    upload = desk.upload(who, upload_id)
    return FileResponse(desk.path(upload), filename=upload.file, media_type="application/octet-stream")
