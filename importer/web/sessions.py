"""Who is at the browser: a signed cookie, a token against forged forms, and a brake on guessing passwords."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import Receive, Scope, Send

from importer.errors import NotAllowed, TooOften
from importer.ledger import AuditEntry, Portal, User
from importer.messages import LANGUAGES, N_, language_of
from importer.settings import Settings
from importer.web.passwords import matches

__all__ = [
    "CSRF_FIELD",
    "CSRF_HEADER",
    "Forged",
    "PageSessions",
    "address_of",
    "csrf_of",
    "language_for",
    "prove_form",
    "secret_of",
    "sign_in",
    "sign_out",
    "user_of",
]

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf"
WINDOW: Final = timedelta(minutes=15)
_ONE_BY_ONE: Final = threading.Lock()  # a hundred tries at once count as a hundred, and one takes 64 MB
FROM_ONE_ADDRESS: Final = 10  # times as many failures as one name may have; an office has one address


class Forged(Exception):
    """The form did not come from a page of ours."""


class PageSessions(SessionMiddleware):
    """Sessions of the pages; the API knows no cookies."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def secret_of(settings: Settings) -> str:
    """The key of the cookies: from the environment, else made once and kept where only this user reads it."""
    if settings.web.secret is not None:
        return settings.web.secret.get_secret_value()
    path = settings.web_folder / "cookie.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return _written(path)


def _written(path: Path) -> str:
    """Another server may have made the file and not have written it yet."""
    for _ in range(100):
        if text := path.read_text("ascii"):
            return text
        time.sleep(0.02)
    raise OSError(f"{path} is empty")


def address_of(request: Request) -> str:
    """Of the browser, as the server sees it."""
    return request.client.host if request.client else ""


def csrf_of(request: Request) -> str:
    """The token that every form of this session carries."""
    session: dict[str, Any] = request.session
    return str(session.setdefault("csrf", secrets.token_urlsafe(24)))


async def prove_form(request: Request) -> None:
    """Raises Forged when a form carries another token than the session, or comes from another site."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    given = request.headers.get(CSRF_HEADER) or str((await request.form()).get(CSRF_FIELD, ""))
    known = str(request.session.get("csrf", ""))
    if site not in ("same-origin", "none") or not known or not hmac.compare_digest(given.encode(), known.encode()):
        raise Forged


def sign_in(request: Request, portal: Portal, settings: Settings, name: str, password: str) -> User:
    """Raises NotAllowed when name or password is wrong, TooOften when there were too many tries."""
    name, address = name.strip()[:200], address_of(request)
    with _ONE_BY_ONE:
        _brake(portal, settings, name, address)
        user = portal.user(name)
        right = matches(password, user.password_hash if user and user.active else None)
        if user is None or not right:
            portal.note(AuditEntry(user_name=name, action="sign_in_failed", address=address))
            raise NotAllowed(N_("Name or password is wrong."))
    begin(request, portal, user)
    return user


def _brake(portal: Portal, settings: Settings, name: str, address: str) -> None:
    since, most = datetime.now(UTC) - WINDOW, settings.web.sign_in_failures
    failures = portal.how_often("sign_in_failed", since, user_name=name)
    if failures >= most or portal.how_often("sign_in_failed", since, address=address) >= most * FROM_ONE_ADDRESS:
        raise TooOften(N_("Too many tries. Wait a quarter of an hour."), after_s=int(WINDOW.total_seconds()))


def begin(request: Request, portal: Portal, user: User) -> None:
    """A new session for somebody who has proven who they are; what was in the old one is gone."""
    language = request.session.get("language")
    request.session.clear()
    request.session.update({"user": user.name, "epoch": user.epoch, "at": int(time.time()), "id": secrets.token_hex(8)})
    if user.language or language:
        request.session["language"] = user.language or language
    csrf_of(request)
    portal.note(AuditEntry(user_name=user.name, action="signed_in", address=address_of(request)))


def sign_out(request: Request, portal: Portal, user: User) -> None:
    """The end of a session; a copy of its cookie counts no more either."""
    ended = str(request.session.get("id", ""))
    request.session.clear()
    portal.note(AuditEntry(user_name=user.name, action="signed_out", target=ended, address=address_of(request)))


def user_of(request: Request, portal: Portal, settings: Settings) -> User | None:
    """Who is signed in; nobody when the session is too old, or was ended from elsewhere."""
    session = request.session
    if not session.get("user") or time.time() - session.get("at", 0) > settings.web.session_h * 3600:
        return None
    user = portal.user(str(session["user"]))
    if user is None or not user.active or user.epoch != session.get("epoch"):
        return None
    ended = any(entry.action == "signed_out" for entry in portal.audit_trail(target=str(session.get("id")), limit=2))
    return None if ended else user


def language_for(request: Request, user: User | None) -> str:
    """The one chosen on the page, else the user's, else the browser's, else 繁體中文."""
    chosen = request.session.get("language") or (user.language if user else "")
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = (language_of(part.split(";")[0].strip()) for part in request.headers.get("accept-language", "").split(","))
    return next((language for language in wanted if language), "zh_TW")
