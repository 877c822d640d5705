"""Refuses a request whose body is too long, before it is kept anywhere."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RequestSize"]

ROOM: Final = 64 * 1024  # for what a form carries besides its file


class RequestSize:
    """ASGI middleware; goes by the length that was announced, and by what arrives where none was."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit + ROOM

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self._limit:
            await PlainTextResponse("413", status_code=413)(scope, receive, send)
            return
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._limit:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)
