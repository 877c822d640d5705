"""What every answer carries, whoever gives it: headers that keep a browser from doing what no page of ours asks for, and no traceback."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "Guard"]

LOG: Final = logging.getLogger(__name__)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """ASGI middleware, the outermost: headers on every answer, and a page with a number in place of a defect's traceback."""

    def __init__(self, app: ASGIApp, *, https_only: bool, defect: Callable[[Request, str], Response]) -> None:
        self._app = app
        self._headers = {**HEADERS, **({"Strict-Transport-Security": "max-age=31536000"} if https_only else {})}
        self._defect = defect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = _with_headers(send, self._headers, cached=scope["path"].startswith("/static/"))
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await sending(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            number = secrets.token_hex(4)
            LOG.exception("defect %s: %s %s", number, scope["method"], scope["path"])
            if begun:
                raise
            await self._defect(Request(scope), number)(scope, receive, sending)


def _with_headers(send: Send, headers: Mapping[str, str], *, cached: bool) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = MutableHeaders(scope=message)
            for name, value in headers.items():
                given.setdefault(name, value)
            if not cached:
                given.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
