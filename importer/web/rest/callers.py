"""Who calls the API: the user of the token, with that user's roles as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from importer.errors import NotThere
from importer.messages import LANGUAGES, N_, language_of
from importer.web.desk import Desk, Who
from importer.web.sessions import address_of
from importer.web.state import AtDesk

__all__ = ["BEARER", "Caller", "OneOfFew", "TokenNeeded", "require_profile"]

BEARER: Final = HTTPBearer(auto_error=False, scheme_name="token", description="An access token, made on the page of one's account.")
USED_EVERY: Final = timedelta(minutes=1)  # a token's last use is noted no more often


class TokenNeeded(Exception):
    """No token that counts was sent."""


def _caller(request: Request, desk: AtDesk, given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Who:
    """Raises TokenNeeded, TooOften for an address that has guessed too often."""
    request.state.language = _accepted(request) or "en"
    if given is None:
        raise TokenNeeded
    address, guesses = address_of(request), request.app.state.guesses
    guesses.check(address)
    found = desk.portal.user_of_token(hashlib.sha256(given.credentials.encode()).hexdigest())
    if found is None:
        guesses.wrong(address)
        raise TokenNeeded
    token, user = found
    now = datetime.now(UTC)
    if token.used_at is None or now - token.used_at > USED_EVERY:
        desk.portal.token_used(token.id)
    request.state.language = _accepted(request) or (user.language if user.language in LANGUAGES else "en")
    return Who(user=user, address=address, language=request.state.language)


def _accepted(request: Request) -> str | None:
    """The language that the caller asked for."""
    wanted = (language_of(part.split(";")[0].strip()) for part in request.headers.get("accept-language", "").split(","))
    return next((language for language in wanted if language), None)


Caller = Annotated[Who, Depends(_caller)]


def _one_of_few(request: Request, who: Caller) -> Iterator[None]:
    with request.app.state.at_once.one_more(who.user.name):
        yield


OneOfFew = Depends(_one_of_few)
"""On what keeps a workbook in memory. Raises TooOften."""


def require_profile(desk: Desk, who: Who, profile: str) -> None:
    """Raises NotThere for a profile in which the user has no role."""
    if profile not in desk.profiles(who.user):
        raise NotThere(N_("There is no profile {name}, or you have no role in it."), name=profile)
