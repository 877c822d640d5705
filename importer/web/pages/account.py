"""One's own password, language and access tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from importer.web.passwords import LEAST_LENGTH
from importer.web.state import AtDesk, Proven, SignedIn, ThePages

router = APIRouter(include_in_schema=False, prefix="/account")


@router.get("")
def account(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, done: str = "") -> Response:
    """All of it."""
    return pages.page(request, "account.html", who, tokens=desk.people.tokens(who), secret="", least=LEAST_LENGTH, done=done)


@router.post("/password", dependencies=[Proven])
def password(request: Request, desk: AtDesk, who: SignedIn, old: Annotated[str, Form()] = "", new: Annotated[str, Form()] = "") -> Response:
    """Another password; this session goes on, all others end."""
    user = desk.people.change_own_password(who, old=old, new=new)
    request.session["epoch"] = user.epoch
    return RedirectResponse("/account?done=password", status_code=303)


@router.post("/language", dependencies=[Proven])
def language(request: Request, desk: AtDesk, who: SignedIn, language: Annotated[str, Form()] = "") -> Response:
    """From now on, on every device."""
    desk.people.change_own_language(who, language)
    request.session.pop("language", None)
    return RedirectResponse("/account", status_code=303)


@router.post("/tokens", dependencies=[Proven])
def make_token(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, label: Annotated[str, Form()] = "") -> Response:
    """The secret, this once."""
    secret = desk.people.make_token(who, label)
    return pages.page(request, "account.html", who, tokens=desk.people.tokens(who), secret=secret, least=LEAST_LENGTH, done="")


@router.post("/tokens/{token_id}/revoke", dependencies=[Proven])
def revoke_token(desk: AtDesk, who: SignedIn, token_id: str) -> Response:
    """It counts no more."""
    desk.people.revoke_token(who, token_id)
    return RedirectResponse("/account", status_code=303)
