"""Refuses a request whose body is too long, before it is kept anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["API_UPLOADS", "PAGE_UPLOADS", "RequestSize"]

PAGE_UPLOADS: Final = "/uploads"
API_UPLOADS: Final = "/api/v1/uploads"
ROOM: Final = 64 * 1024  # for what a form carries besides its file
FORM: Final = 1024 * 1024  # of every request that is no workbook, and of people who have not signed in
LINGER: Final = 256 * 1024 * 1024  # read and thrown away, so that the sender gets to the answer


class RequestSize:
    """ASGI middleware; goes by the length that was announced, and by what arrives where none was.

    Workbooks are taken only from somebody with a session; the API asks for the token before it reads.
    """

    def __init__(self, app: ASGIApp, *, limit: int, refuse: Callable[[Request], Response]) -> None:
        self._app = app
        self._limit = limit + ROOM
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, arrived = Request(scope), 0
        limit = self._limit_of(request)
        announced = request.headers.get("content-length", "0")
        if not announced.isdigit() or int(announced) > limit:
            await _thrown_away(receive)
            await self._refuse(request)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > limit:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)

    def _limit_of(self, request: Request) -> int:
        path = request.url.path
        known = path == API_UPLOADS or (path == PAGE_UPLOADS and bool(request.session.get("user")))
        return self._limit if known and request.method == "POST" else FORM


async def _thrown_away(receive: Receive) -> None:
    thrown = 0
    while thrown < LINGER:
        message = await receive()
        thrown += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return
