"""A batch that was sent: its documents and their stories, and what can be done with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from importer.ledger.searching import SHOWN
from importer.web.progress import progress_of
from importer.web.rights import Action
from importer.web.state import AtDesk, Proven, SignedIn, TheJobs, ThePages, heavy

router = APIRouter(include_in_schema=False, prefix="/uploads/{upload_id}")
FIRST_SHOWN = 200  # documents of an undo's plan that are named


def _back(upload_id: str) -> Response:
    return RedirectResponse(f"/uploads/{upload_id}", status_code=303)


@router.get("/documents")
def documents(
    request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, upload_id: str, show: str = "", q: str = "", page: int = 1
) -> Response:
    """All of the batch, or those that stand so, with these words."""
    upload, _ = desk.batches.batch(who, upload_id)
    show = show if show in SHOWN else ""
    found = desk.batches.documents(who, upload_id, shown=show, words=q, page=page)
    return pages.page(request, "documents.html", who, upload=upload, found=found, show=show, q=q, choices=list(SHOWN))


@router.get("/documents/{token}")
def story(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, upload_id: str, token: str) -> Response:
    """One document: what is in it, every call and every answer."""
    upload, batch = desk.batches.batch(who, upload_id)
    found = desk.batches.story(who, upload_id, token)
    mapping = desk.site(upload.profile).mappings.get(batch.document_type)
    return pages.page(request, "story.html", who, upload=upload, batch=batch, story=found, fields=mapping.fields if mapping else {})


@router.post("/documents/{token}/resolve", dependencies=[Proven])
def resolve(
    desk: AtDesk,
    who: SignedIn,
    upload_id: str,
    token: str,
    outcome: Annotated[str, Form()] = "",
    doc_no: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """A person's word on a document that the ERP cannot settle."""
    desk.batches.resolve(who, upload_id, token, outcome=outcome, doc_no=doc_no, reason=reason)
    return RedirectResponse(f"/uploads/{upload_id}/documents/{token}", status_code=303)


@router.post("/pause", dependencies=[Proven])
def pause(desk: AtDesk, who: SignedIn, upload_id: str) -> Response:
    """Stop after the documents under way."""
    desk.batches.pause(who, upload_id)
    return _back(upload_id)


@router.post("/resume", dependencies=[Proven])
def resume(desk: AtDesk, jobs: TheJobs, who: SignedIn, upload_id: str) -> Response:
    """Carry on."""
    desk.batches.resume(who, upload_id)
    jobs.wake()
    return _back(upload_id)


@router.post("/cancel", dependencies=[Proven])
def cancel(desk: AtDesk, who: SignedIn, upload_id: str) -> Response:
    """Stop for good."""
    desk.batches.cancel(who, upload_id)
    return _back(upload_id)


@router.post("/reconcile", dependencies=[Proven])
def reconcile(desk: AtDesk, jobs: TheJobs, who: SignedIn, upload_id: str) -> Response:
    """Ask the ERP about what is unknown."""
    desk.batches.reconcile(who, upload_id)
    jobs.wake()
    return _back(upload_id)


@router.post("/verify", dependencies=[Proven])
def verify(desk: AtDesk, jobs: TheJobs, who: SignedIn, upload_id: str) -> Response:
    """Read every document back."""
    desk.batches.verify(who, upload_id)
    jobs.wake()
    return _back(upload_id)


@router.get("/undo")
async def undo_plan(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, upload_id: str) -> Response:
    """What would be taken back; nothing happens yet."""
    upload, batch = desk.batches.batch(who, upload_id)
    plan = await heavy(desk.batches.plan, who, upload_id)
    return pages.page(request, "undo.html", who, upload=upload, batch=batch, plan=plan[:FIRST_SHOWN], total=len(plan))


@router.post("/undo", dependencies=[Proven])
def undo(desk: AtDesk, jobs: TheJobs, who: SignedIn, upload_id: str, documents: Annotated[int, Form()] = 0) -> Response:
    """Take it back: as many documents as the plan showed."""
    desk.batches.undo(who, upload_id, documents=documents)
    jobs.wake()
    return _back(upload_id)


@router.get("/progress")
def progress(request: Request, desk: AtDesk, jobs: TheJobs, pages: ThePages, who: SignedIn, upload_id: str) -> Response:
    """How far it is; asked again and again while something is under way, and once it has ended the whole page is loaded anew."""
    upload = desk.upload(who, upload_id)
    found = progress_of(desk, jobs, upload)
    answer = pages.page(request, "_progress.html", who, upload=upload, progress=found)
    if not found.running:
        answer.headers["HX-Refresh"] = "true"
    return answer


def batch_page(request: Request, desk: AtDesk, jobs: TheJobs, pages: ThePages, who: SignedIn, upload_id: str) -> Response:
    """How far it is, and what can be done now."""
    upload = desk.upload(who, upload_id)
    found = progress_of(desk, jobs, upload)
    idle = not found.running
    short = found.total - found.gone - found.rejected > found.done and found.state in ("open", "paused")
    verified = desk.batches.verified(upload)
    fixable = idle and (found.rejected or upload.errors)
    return pages.page(
        request,
        "batch.html",
        who,
        upload=upload,
        progress=found,
        verified=verified,
        fixable=fixable,
        can={
            "pause": found.sending and upload.batch_id and found.state == "open" and desk.may(who, Action.PAUSE, upload),
            "resume": idle and upload.batch_id and short and desk.may(who, Action.RESUME, upload),
            "cancel": (found.sending or (idle and short)) and desk.may(who, Action.CANCEL, upload),
            "reconcile": idle and found.unknown and desk.may(who, Action.RECONCILE, upload),
            "verify": idle and found.standing and desk.may(who, Action.VIEW, upload),
            "undo": idle and found.standing and desk.may(who, Action.UNDO, upload),
        },
    )
