"""Running the simulator: in a thread of this process, or in the foreground."""

from __future__ import annotations

import importlib.util
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from types import FrameType, TracebackType
from typing import Any, Final

import uvicorn

from importer.simulator.admin.app import admin_app
from importer.simulator.calls import CallRecord
from importer.simulator.erp.documents import Document, Movement, Operation, Refused, StockKey
from importer.simulator.faults import FaultRule
from importer.simulator.judge import ProtocolFault
from importer.simulator.master import MasterData
from importer.simulator.server import CUSTOM_PATH, STANDARD_PATH, SimulatorApp
from importer.simulator.settings import SimulatorSettings
from importer.simulator.world import World

_HTTP: Final = "httptools" if importlib.util.find_spec("httptools") else "h11"


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the caller's: uvicorn would send them on after its shutdown, and the caller would die of it."""
        yield


def _server(world: World) -> uvicorn.Server:
    app = SimulatorApp(world, admin_app(world))
    config = uvicorn.Config(
        app,
        http=_HTTP,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Naming the protocol matters: asyncio switches Nagle off only then, and with it on each answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Simulator:
    """A simulated ERP in a background thread of this process. Use it as a context manager, or `start()` and `stop()` it.

    Every method that returns something returns a snapshot: it does not change when the simulator goes on.
    """

    def __init__(self, settings: SimulatorSettings | None = None, *, master: MasterData | None = None) -> None:
        self.world = World(settings or SimulatorSettings(), master)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.base_url = ""

    # ---- life

    def start(self, port: int = 0) -> Simulator:
        """Listen on 127.0.0.1; connections are accepted (queued) from the moment this returns. Raise OSError for a port that is taken."""
        listener = _listen("127.0.0.1", port)
        self.base_url = _url(listener)
        self._server = _server(self.world)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="simulator", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and all connections; documents and stock can still be read."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def standard_url(self) -> str:
        return self.base_url + STANDARD_PATH

    @property
    def custom_url(self) -> str:
        return self.base_url + CUSTOM_PATH

    # ---- looking

    def documents(self, document_type: str | None = None, *, plant: str | None = None) -> list[Document]:
        """In the order of their creation."""
        with self.world.lock:
            found = [
                document for document in self.world.erp.store if document_type in (None, document.kind) and plant in (None, document.plant)
            ]
        return sorted(found, key=lambda document: document.serial)

    def document(self, doc_no: str) -> Document | None:
        return next((document for document in self.documents() if document.doc_no == doc_no), None)

    def stock(self) -> dict[StockKey, Decimal]:
        with self.world.lock:
            return self.world.erp.stock.snapshot()

    def on_hand(self, item: str, warehouse: str, location: str = "", lot: str = "", *, plant: str = "PLANT1") -> Decimal:
        """Stock in one place; 0 also where there is no stock record."""
        with self.world.lock:
            return self.world.erp.stock.on_hand(StockKey(plant, item, warehouse, location or " ", lot or " ")) or Decimal(0)

    def movements(self) -> list[Movement]:
        with self.world.lock:
            return list(self.world.erp.stock.movements)

    def totals(self) -> dict[tuple[str, str, str, str], Decimal]:
        """Net posted quantity by (document type, plant, item, warehouse)."""
        with self.world.lock:
            return self.world.erp.stock.totals()

    def calls(self, operation: str | None = None) -> list[CallRecord]:
        """The kept calls, oldest first."""
        with self.world.lock:
            return [call for call in self.world.calls.recent if operation in (None, call.operation)]

    def call_counts(self) -> dict[str, int]:
        """All calls since the start or the last reset, by operation."""
        with self.world.lock:
            return dict(self.world.calls.by_operation)

    def most_calls_at_once(self, operation: str | None = None) -> int:
        with self.world.lock:
            calls = self.world.calls
            return calls.most_at_once if operation is None else calls.most_at_once_by.get(operation, 0)

    def protocol_faults(self) -> list[ProtocolFault]:
        with self.world.lock:
            return list(self.world.judge.recent)

    def duplicates(self) -> dict[str, list[Document]]:
        """References carried by more than one document that is not void."""
        with self.world.lock:
            live = {token: list(self.world.erp.live_with_token(token)) for token in self.world.erp.store.tokens()}
        return {token: documents for token, documents in live.items() if len(documents) > 1}

    # ---- steering

    def add_faults(self, *rules: FaultRule) -> None:
        with self.world.lock:
            for rule in rules:
                self.world.faults.add(rule)

    def clear_faults(self) -> None:
        with self.world.lock:
            self.world.faults.replace(())

    def configure(self, **changes: Any) -> None:
        """Change settings by name while the simulator runs."""
        with self.world.lock:
            self.world.configure(replace(self.world.settings, **changes))

    def change_master(self, data: MasterData) -> None:
        self.world.change_master(data)

    @property
    def master(self) -> MasterData:
        return self.world.data

    def act(self, operation: Operation | str, doc_no: str, *, user: str = "") -> Document:
        """What a person does in the ERP itself. Raise ValueError with the ERP's codes when it refuses."""
        with self.world.lock:
            document = self._one(doc_no)
            kind = self.world.services.named(document.kind)
            if kind is None:
                raise ValueError(f"unknown document type {document.kind}")
            outcome = self.world.erp.act(Operation(operation), kind, document.plant, doc_no, user=user)
        if isinstance(outcome, Refused):
            raise ValueError("; ".join(reason.message() for reason in outcome.reasons))
        return outcome

    def set_flow(self, doc_no: str, flow: str) -> None:
        """Approval flow: "S" sent, "1" granted, "0" called back."""
        with self.world.lock:
            document = self._one(doc_no)
            kind = self.world.services.named(document.kind)
            if kind is not None:
                self.world.erp.set_flow(kind, document.plant, doc_no, flow)

    def _one(self, doc_no: str) -> Document:
        found = self.document(doc_no)
        if found is None:
            raise ValueError(f"no document {doc_no}")
        return found

    def reset(self) -> None:
        self.world.reset()


def serve(settings: SimulatorSettings, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Run in the foreground until SIGINT or SIGTERM, then return; `on_ready` gets the base URL once connections are accepted."""
    server = _server(World(settings))
    listener = _listen(host, port)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = server.force_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        on_ready(_url(listener))
        server.run([listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
