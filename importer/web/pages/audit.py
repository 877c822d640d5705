"""Who did what, for administrators."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from importer.web.state import AtDesk, SignedIn, ThePages

router = APIRouter(include_in_schema=False)
PAGE = 100  # entries on one page


@router.get("/audit")
def audit(
    request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, user: str = "", target: str = "", before: int | None = None
) -> Response:
    """Newest first."""
    found = desk.people.audit_trail(who, user_name=user, target=target, before=before, limit=PAGE + 1)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return pages.page(request, "audit.html", who, entries=found[:PAGE], user=user, target=target, more=more)
