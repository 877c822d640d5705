"""Who is at the browser: a signed cookie, a token against forged forms, and a brake on guessing passwords."""

from __future__ import annotations

import hmac
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fastapi import Request

from importer.errors import NotAllowed
from importer.ledger import AuditEntry, Portal, User
from importer.messages import LANGUAGES, N_, language_of
from importer.settings import Settings
from importer.web.passwords import matches

__all__ = ["CSRF_FIELD", "CSRF_HEADER", "Forged", "address_of", "csrf_of", "language_for", "secret_of", "sign_in", "sign_out", "user_of"]

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf"
WINDOW: Final = timedelta(minutes=15)
FROM_ONE_ADDRESS: Final = 10  # times as many failures as one name may have; an office has one address


class Forged(Exception):
    """The form did not come from a page of ours."""


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
    """Raises NotAllowed when name or password is wrong, or when there were too many tries."""
    name, address = name.strip()[:200], address_of(request)
    since, most = datetime.now(UTC) - WINDOW, settings.web.sign_in_failures
    failures = portal.how_often("sign_in_failed", since, user_name=name)
    if failures >= most or portal.how_often("sign_in_failed", since, address=address) >= most * FROM_ONE_ADDRESS:
        raise NotAllowed(N_("Too many tries. Wait a quarter of an hour."))
    user = portal.user(name)
    right = matches(password, user.password_hash if user and user.active else None)
    if user is None or not right:
        portal.note(AuditEntry(user_name=name, action="sign_in_failed", address=address))
        raise NotAllowed(N_("Name or password is wrong."))
    begin(request, portal, user)
    return user


def begin(request: Request, portal: Portal, user: User) -> None:
    """A new session for somebody who has proven who they are; what was in the old one is gone."""
    language = request.session.get("language")
    request.session.clear()
    request.session.update({"user": user.name, "epoch": user.epoch, "at": int(time.time())})
    if user.language or language:
        request.session["language"] = user.language or language
    csrf_of(request)
    portal.note(AuditEntry(user_name=user.name, action="signed_in", address=address_of(request)))


def sign_out(request: Request, portal: Portal, user: User) -> None:
    """The end of a session."""
    request.session.clear()
    portal.note(AuditEntry(user_name=user.name, action="signed_out", address=address_of(request)))


def user_of(request: Request, portal: Portal, settings: Settings) -> User | None:
    """Who is signed in; nobody when the session is too old, or was ended from elsewhere."""
    session = request.session
    if not session.get("user") or time.time() - session.get("at", 0) > settings.web.session_h * 3600:
        return None
    user = portal.user(str(session["user"]))
    return user if user and user.active and user.epoch == session.get("epoch") else None


def language_for(request: Request, user: User | None) -> str:
    """The one chosen on the page, else the user's, else the browser's, else 繁體中文."""
    chosen = request.session.get("language") or (user.language if user else "")
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = (language_of(part.split(";")[0].strip()) for part in request.headers.get("accept-language", "").split(","))
    return next((language for language in wanted if language), "zh_TW")
