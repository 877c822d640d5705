"""Users and their roles, for administrators."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from importer.web.passwords import LEAST_LENGTH
from importer.web.people_desk import ROLES
from importer.web.state import AtDesk, Proven, SignedIn, ThePages

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form()]


async def _roles(request: Request) -> list[tuple[str, str]]:
    """The boxes that are ticked: `role` is `profile/role`."""
    found = (str(value).rpartition("/") for value in (await request.form()).getlist("role"))
    return [(profile, role) for profile, _, role in found]


def _back(name: str) -> Response:
    return RedirectResponse(f"/users/{quote(name, safe='')}", status_code=303)


@router.get("/users")
def users(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn) -> Response:
    """All of them, and the form for a new one."""
    found = desk.people.users(who)
    return pages.page(request, "users.html", who, users=found, places=desk.people.places(who), roles=ROLES, least=LEAST_LENGTH)


@router.post("/users", dependencies=[Proven])
async def add(
    request: Request, desk: AtDesk, who: SignedIn, name: Text = "", display_name: Text = "", password: Text = "", language: Text = ""
) -> Response:
    """A new user."""
    roles = await _roles(request)
    user = await run_in_threadpool(desk.people.add, who, name, display_name=display_name, password=password, language=language, roles=roles)
    return _back(user.name)


@router.get("/users/{name:path}")
def user(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, name: str) -> Response:
    """One user."""
    found, people = desk.people.user(who, name), desk.people
    return pages.page(
        request,
        "user.html",
        who,
        user=found,
        places=people.places(who),
        roles=ROLES,
        least=LEAST_LENGTH,
        managed=people.manages(who, found),
    )


@router.post("/users/change", dependencies=[Proven])
async def change(request: Request, desk: AtDesk, who: SignedIn, name: Text, display_name: Text = "", language: Text = "") -> Response:
    """Name to show, language and roles."""
    roles = await _roles(request)
    await run_in_threadpool(desk.people.change, who, name, display_name=display_name, language=language, roles=roles)
    return _back(name)


@router.post("/users/password", dependencies=[Proven])
def set_password(desk: AtDesk, who: SignedIn, name: Text, password: Text = "") -> Response:
    """Another password."""
    desk.people.set_password(who, name, password)
    return _back(name)


@router.post("/users/active", dependencies=[Proven])
def set_active(desk: AtDesk, who: SignedIn, name: Text, active: Annotated[bool, Form()] = False) -> Response:  # noqa: FBT002 - a form's field
    """Let in or keep out."""
    desk.people.set_active(who, name, active=active)
    return _back(name)


@router.post("/users/end-sessions", dependencies=[Proven])
def end_sessions(desk: AtDesk, who: SignedIn, name: Text) -> Response:
    """Everybody who is signed in by this name signs in again."""
    desk.people.end_sessions(who, name)
    return _back(name)
