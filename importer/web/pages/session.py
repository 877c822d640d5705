"""Signing in and out, the language, and the first administrator."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from importer.errors import NotAllowed, TooOften
from importer.ledger import User
from importer.messages import LANGUAGES, N_, translate
from importer.web import sessions
from importer.web.passwords import LEAST_LENGTH, hashed
from importer.web.state import AtDesk, Proven, SignedIn, ThePages

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def sign_in_form(request: Request, pages: ThePages, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """The form."""
    language = sessions.language_for(request, None)
    return pages.plain(request, "sign_in.html", language, words="", next=within(next), setup=bool(request.app.state.setup_key))


@router.post("/sign-in", dependencies=[Proven])
def sign_in(
    request: Request,
    desk: AtDesk,
    pages: ThePages,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the name of the field
) -> Response:
    """To the page that was asked for, or back to the form with the reason."""
    language = sessions.language_for(request, None)
    try:
        sessions.sign_in(request, desk.portal, desk.settings, name, password)
    except NotAllowed as error:
        words = translate(error.text, language, **error.values)
        status = 429 if isinstance(error, TooOften) else 403
        answer = pages.plain(request, "sign_in.html", language, status=status, words=words, next=within(next), setup=False)
        if isinstance(error, TooOften):
            answer.headers["Retry-After"] = str(error.after_s)
        return answer
    return RedirectResponse(within(next), status_code=303)


@router.post("/sign-out", dependencies=[Proven])
def sign_out(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """Ends the session."""
    sessions.sign_out(request, desk.portal, who.user)
    return RedirectResponse("/sign-in", status_code=303)


@router.post("/language", dependencies=[Proven])
def language(request: Request, language: Annotated[str, Form()], next: Annotated[str, Form()] = "/") -> Response:  # noqa: A002
    """For this session."""
    if language in LANGUAGES:
        request.session["language"] = language
    return RedirectResponse(within(next), status_code=303)


@router.get("/setup")
def setup_form(request: Request, pages: ThePages, key: str = "") -> Response:
    """The first administrator, by the key that the server's terminal showed."""
    _prove_setup(request, key)
    return pages.plain(request, "setup.html", sessions.language_for(request, None), key=key, words="", least=LEAST_LENGTH)


@router.post("/setup", dependencies=[Proven])
def setup(
    request: Request,
    desk: AtDesk,
    pages: ThePages,
    key: Annotated[str, Form()],
    name: Annotated[str, Form()],
    password: Annotated[str, Form()],
) -> Response:
    """Makes the user, with every role in every profile, and signs them in."""
    _prove_setup(request, key)
    language = sessions.language_for(request, None)
    if len(password) < LEAST_LENGTH or not name.strip():
        words = translate(N_("A name, please, and a password of at least {least} characters."), language, least=LEAST_LENGTH)
        return pages.plain(request, "setup.html", language, status=422, key=key, words=words, least=LEAST_LENGTH)
    roles = frozenset(("*", role) for role in ("administrator", "approver", "uploader"))
    user = User(name=name.strip()[:200], display_name=name.strip()[:200], password_hash=hashed(password), language=language, roles=roles)
    request.app.state.setup_key = ""
    desk.portal.save_user(user)
    sessions.begin(request, desk.portal, user)
    return RedirectResponse("/", status_code=303)


def _prove_setup(request: Request, key: str) -> None:
    known = request.app.state.setup_key
    if not known or not hmac.compare_digest(key.encode(), known.encode()):
        raise NotAllowed(N_("There is an administrator already, or the key is wrong."))


def within(target: str) -> str:
    """A path of this site; anything else leads home."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable() else "/"
