"""How a reply reaches the client, or does not: after-commit faults, and connections that are really cut."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any, Final

from importer.simulator import pages
from importer.simulator.exchange import Reply
from importer.simulator.faults import FaultKind, Trouble

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_CLOSING: Final = frozenset({FaultKind.CLOSE_BEFORE, FaultKind.LOST_ANSWER})
_RESETTING: Final = frozenset({FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER})
_LINGER_ZERO: Final = struct.pack("ii", 1, 0)  # closing a socket with it sends RST


def unprocessed(trouble: Trouble) -> Reply | None:
    """The reply of a fault that keeps the request from the ERP; None when the ERP words it itself, or there is no reply."""
    match trouble.kind:
        case FaultKind.HTTP_429:
            return pages.too_many(trouble.retry_after_s)
        case FaultKind.HTTP_500_BEFORE:
            return pages.gateway_error(500)
        case FaultKind.HTTP_502:
            return pages.gateway_error(502)
        case FaultKind.HTTP_503:
            return pages.gateway_error(503)
        case FaultKind.HTML_GB2312:
            return pages.wrong_token()
        case FaultKind.RESET_BEFORE | FaultKind.CLOSE_BEFORE:
            return Reply(status=0)
    return None


def distorted(reply: Reply, kind: FaultKind | None) -> Reply:
    """What is left of an answer after a fault on its way back."""
    match kind:
        case FaultKind.HTTP_500_AFTER:
            return pages.gateway_error(500)
        case FaultKind.HTTP_502_AFTER:
            return pages.gateway_error(502)
        case FaultKind.HTML_200:
            return pages.login_page()
        case FaultKind.TRUNCATED:
            return replace(reply, body=reply.body[: len(reply.body) // 2])
        case FaultKind.WRONG_CONTENT_TYPE:
            return replace(reply, content_type="text/html")
        case FaultKind.NON_UTF8:
            return replace(reply, body="<html>資料庫連線中斷</html>".encode("big5"))
    return reply


def will_arrive(kind: FaultKind | None, receive: Receive) -> bool:
    """No fault breaks the answer, and the client is still there. Asked before it leaves: whoever has it finds it in the call log."""
    if kind in _CLOSING or kind in _RESETTING or kind is FaultKind.CUT:
        return False
    connection = _connection(receive)
    return connection is None or not connection.is_closing()


async def deliver(reply: Reply, kind: FaultKind | None, receive: Receive, send: Send) -> None:
    """Send the reply, or break the connection."""
    connection = _connection(receive)
    if kind in _CLOSING or kind in _RESETTING:
        await _break(connection, reset=kind in _RESETTING)
    elif kind is FaultKind.CUT:
        await _send(replace(reply, body=reply.body[: len(reply.body) // 2]), send, length=len(reply.body), more=True)
        await _break(connection, reset=False)
    else:
        await _send(reply, send, length=len(reply.body), more=False)


async def _send(reply: Reply, send: Send, *, length: int, more: bool) -> None:
    headers = [(b"content-type", reply.content_type.encode()), (b"content-length", str(length).encode()), *reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": more})


def _connection(receive: Receive) -> asyncio.Transport | None:
    """ASGI hides the connection; uvicorn's `receive` is a method of the object that holds it, in all its HTTP protocols."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    return transport if isinstance(transport, asyncio.Transport) else None


async def _break(connection: asyncio.Transport | None, *, reset: bool) -> None:
    if connection is None:
        raise RuntimeError("this server does not let go of its connections; the simulator runs under uvicorn")
    if reset:
        raw = connection.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        connection.abort()
    else:
        connection.close()
    # The server notices in its next turns; returning earlier would make it send its own HTTP 500.
    while not _gone(connection):
        await asyncio.sleep(0.001)


def _gone(connection: asyncio.Transport) -> bool:
    raw = connection.get_extra_info("socket")
    return raw is None or raw.fileno() == -1
