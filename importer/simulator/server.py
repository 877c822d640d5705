"""The ASGI application: the ERP's two doors on the fast path, everything else to the admin view."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from importer.simulator.calls import CallRecord
from importer.simulator.custom.channel import CustomChannel
from importer.simulator.custom.services import operations
from importer.simulator.custom.soap import CONTENT_TYPE
from importer.simulator.custom.wsdl import wsdl
from importer.simulator.delivery import Message, Receive, Send, deliver, distorted, unprocessed, will_arrive
from importer.simulator.exchange import Channel, Incoming, Reply, Request
from importer.simulator.faults import BEFORE, CLEAR_REFUSALS, FaultKind, Trouble
from importer.simulator.judge import Outcome
from importer.simulator.standard.channel import StandardChannel
from importer.simulator.world import World

if TYPE_CHECKING:
    from starlette.types import ASGIApp

STANDARD_PATH: Final = "/CROSS/RESTful"
CUSTOM_PATH: Final = "/web/ws/r/aws_ttsrv2"


class SimulatorApp:
    """Plain ASGI: a framework would cost more than the ERP."""

    def __init__(self, world: World, admin: ASGIApp) -> None:
        self._world = world
        self._admin = admin
        self._standard = StandardChannel()
        self._custom = CustomChannel()
        self._capacity: tuple[int, asyncio.Semaphore] | None = None
        self._jitter = random.Random(world.settings.seed)  # noqa: S311  reproducible on purpose

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == STANDARD_PATH and scope["method"] == "POST":
            await self._exchange(self._standard, scope, receive, send)
        elif path.startswith(CUSTOM_PATH) and scope["method"] == "POST":
            await self._exchange(self._custom, scope, receive, send)
        elif path.startswith(CUSTOM_PATH) and scope.get("query_string", b"").lower() == b"wsdl":
            await deliver(self._wsdl(scope), None, receive, send)
        else:
            await self._admin(scope, receive, send)

    def _wsdl(self, scope: Message) -> Reply:
        """With the address that it was asked at: host, port and zone are the caller's."""
        host = dict(scope["headers"]).get(b"host", b"localhost").decode("latin-1")
        with self._world.lock:
            body = wsdl(f"http://{host}{scope['path']}", operations(self._world.settings))
        return Reply(content_type=CONTENT_TYPE, body=body)

    async def _exchange(self, channel: Channel, scope: Message, receive: Receive, send: Send) -> None:
        world, started = self._world, time.perf_counter()
        request = await _request(scope, receive)
        with world.lock:
            incoming = channel.parse(world, request)
            trouble = world.faults.draw(incoming.operation, incoming.service)
            serial = world.calls.begin(incoming.operation)
            world.judge.work_begins(incoming)
        try:
            async with self._place():
                await self._latency(trouble)
                reply, tokens = self._work(channel, incoming, request, trouble)
                if trouble.delay_after_s:
                    await asyncio.sleep(trouble.delay_after_s)
        finally:
            # Before the answer leaves: its receiver may call again at once, and those two calls were never at work together.
            with world.lock:
                world.calls.end(incoming.operation)
                world.judge.work_ended(incoming)
        shown = distorted(reply, trouble.kind)
        delivered = will_arrive(trouble.kind, receive)
        with world.lock:
            self._conclude(incoming, request, trouble, reply, tokens, clean=delivered and shown is reply)
            if world.settings.calls_kept:
                world.calls.keep(_record(world, channel, incoming, request, trouble, shown, serial, started, delivered=delivered))

        await deliver(shown, trouble.kind, receive, send)

    async def _latency(self, trouble: Trouble) -> None:
        settings = self._world.settings
        delay = trouble.delay_before_s + settings.latency_ms / 1000
        if settings.latency_jitter_ms:
            delay += self._jitter.random() * settings.latency_jitter_ms / 1000
        if delay:
            await asyncio.sleep(delay)

    def _place(self) -> Any:
        """A place at the ERP's counter, when it has a limited number of them."""
        capacity = self._world.settings.capacity
        if not capacity:
            return nullcontext()
        if self._capacity is None or self._capacity[0] != capacity:
            self._capacity = (capacity, asyncio.Semaphore(capacity))
        return self._capacity[1]

    def _work(self, channel: Channel, incoming: Incoming, request: Request, trouble: Trouble) -> tuple[Reply, tuple[str, ...]]:
        """The ERP's part, in one piece: no other call runs in between."""
        world = self._world
        with world.lock:
            world.judge.remark(incoming.remarks, incoming.service)
            incoming.remarks.clear()
            creates = incoming.operation in ("create", "combined")
            tokens = world.judge.create_begins(incoming, request.body) if creates else ()
            reply = unprocessed(trouble) or channel.answer(world, incoming, trouble.kind)
            world.judge.remark(incoming.remarks, incoming.service)
            for token in tokens if reply.done else ():
                if sum(1 for _ in world.erp.live_with_token(token)) > 1:
                    world.judge.fault("document_duplicated", token, incoming.service)
            return reply, tokens

    def _conclude(
        self, incoming: Incoming, request: Request, trouble: Trouble, reply: Reply, tokens: tuple[str, ...], *, clean: bool
    ) -> None:
        """What the client can know of this call."""
        judge = self._world.judge
        if tokens:
            judge.create_ended(incoming.plant, tokens, _outcome(trouble, reply, clean=clean))
        elif clean and reply.done and incoming.operation in ("query", "read"):
            judge.looked(incoming, request.body, reply.body)


def _outcome(trouble: Trouble, reply: Reply, *, clean: bool) -> Outcome:
    if not clean or trouble.kind is FaultKind.EMPTY_SUCCESS:
        return "unknown"
    if trouble.kind in BEFORE:
        return "refused" if trouble.kind in CLEAR_REFUSALS else "unknown"
    return "known" if reply.done else "refused"


async def _request(scope: Message, receive: Receive) -> Request:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return Request(
        method=scope["method"], path=scope["path"], query=scope.get("query_string", b""), headers=dict(scope["headers"]), body=body
    )


def _record(
    world: World,
    channel: Channel,
    incoming: Incoming,
    request: Request,
    trouble: Trouble,
    shown: Reply,
    serial: int,
    started: float,
    *,
    delivered: bool,
) -> CallRecord:
    record = CallRecord(
        serial=serial,
        at=datetime.now(UTC),
        channel=channel.name,
        service=incoming.service,
        operation=incoming.operation,
        plant=incoming.plant,
        status=shown.status if delivered else 0,
        srvcode=shown.srvcode,
        code=shown.code,
        doc_nos=shown.doc_nos,
        fault=trouble.kind.value if trouble.kind else "",
        duration_ms=(time.perf_counter() - started) * 1000,
        delivered=delivered,
    )
    return replace(record, request=request.body, answer=shown.body) if world.settings.keep_bodies else record
