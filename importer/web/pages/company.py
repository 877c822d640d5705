"""Signing in with the company's account."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from importer.errors import NotThere
from importer.messages import N_
from importer.web import sessions
from importer.web.identities import Identity, user_for
from importer.web.pages.session import within
from importer.web.state import AtDesk

router = APIRouter(include_in_schema=False, prefix="/sign-in/company")
NEXT = "next"


@router.get("")
async def there(request: Request, desk: AtDesk, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """To the provider, which leads back here."""
    provider = request.app.state.provider
    if provider is None:
        raise NotThere(N_("There is no such page."))
    request.session[NEXT] = within(next)
    base = desk.settings.web.public_url or str(request.base_url)
    answer: Response = await provider.send_there(request, f"{base.rstrip('/')}/sign-in/company/back")
    return answer


@router.get("/back")
async def back(request: Request, desk: AtDesk) -> Response:
    """In, when the provider vouches for somebody."""
    provider = request.app.state.provider
    if provider is None:
        raise NotThere(N_("There is no such page."))
    target = within(str(request.session.get(NEXT, "/")))
    identity: Identity = await provider.come_back(request)
    await run_in_threadpool(_let_in, request, desk, identity)
    return RedirectResponse(target, status_code=303)


def _let_in(request: Request, desk: AtDesk, identity: Identity) -> None:
    sessions.begin(request, desk.portal, user_for(desk.portal, identity, sessions.address_of(request)))
