"""/health for a monitor that looks, /metrics for one that collects."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from importer.errors import ConfigurationError
from importer.messages import N_
from importer.watcher.pulse import Pulse

if TYPE_CHECKING:
    from prometheus_client.core import Metric

__all__ = ["health_of", "serving"]

UNSEEN_S: Final = 300  # a folder that nobody has looked into for so long, though nothing was being sent


def health_of(pulses: Sequence[Pulse]) -> tuple[bool, dict[str, Any]]:
    """Whether all is well, and how each folder is."""
    folders = [
        {
            "folder": str(pulse.folder),
            "ok": not _trouble(pulse),
            "trouble": _trouble(pulse),
            "problem": pulse.problem,
            "inbox": pulse.inbox,
            "working": pulse.working,
            "ended": dict(pulse.ended),
            "messages_waiting": pulse.messages,
            "last_looked_at": pulse.looked_at.isoformat(timespec="seconds"),
            "last_moved_at": pulse.moved_at.isoformat(timespec="seconds"),
        }
        for pulse in pulses
    ]
    well = all(folder["ok"] for folder in folders)
    return well, {"status": "ok" if well else "trouble", "folders": folders}


def _trouble(pulse: Pulse) -> str:
    if not pulse.trouble and pulse.unseen_s > UNSEEN_S:
        return f"nobody has looked into it for {pulse.unseen_s:.0f} s"
    if not pulse.trouble and pulse.stuck:
        return f"files wait, and nothing has moved for {pulse.still_s:.0f} s"
    return pulse.trouble


class _Metrics:
    """The numbers of all folders at the moment of asking."""

    def __init__(self, pulses: Sequence[Pulse]) -> None:
        self._pulses = pulses

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        ended = CounterMetricFamily("importer_watch_files", "Files that have ended", labels=["folder", "outcome"])
        calls = CounterMetricFamily("importer_watch_calls", "Calls to the ERP that have ended", labels=["folder"])
        rounds = CounterMetricFamily("importer_watch_rounds", "Looks into the folder", labels=["folder"])
        waiting = GaugeMetricFamily("importer_watch_files_waiting", "Files that have not ended", labels=["folder", "where"])
        messages = GaugeMetricFamily("importer_watch_messages_waiting", "Messages that have not left", labels=["folder"])
        moved = GaugeMetricFamily("importer_watch_last_moved_timestamp_seconds", "When something last moved", labels=["folder"])
        healthy = GaugeMetricFamily("importer_watch_ok", "Whether the folder is well", labels=["folder"])
        for pulse in self._pulses:
            name = str(pulse.folder)
            for outcome in ("done", "tofix", "failed"):
                ended.add_metric([name, outcome], pulse.ended[outcome])
            calls.add_metric([name], pulse.calls)
            rounds.add_metric([name], pulse.rounds)
            waiting.add_metric([name, "inbox"], pulse.inbox)
            waiting.add_metric([name, "working"], pulse.working)
            messages.add_metric([name], pulse.messages)
            moved.add_metric([name], pulse.moved_at.timestamp())
            healthy.add_metric([name], float(not _trouble(pulse)))
        yield from (ended, calls, rounds, waiting, messages, moved, healthy)


@contextmanager
def serving(address: str, pulses: Sequence[Pulse]) -> Iterator[str]:
    """Answer at host:port (0: a free one) for as long as this lasts; the URL. Raises ConfigurationError when the port is taken."""
    host, _, port = address.rpartition(":")
    try:
        server = ThreadingHTTPServer((host.strip("[]") or "127.0.0.1", int(port)), _handler(pulses))
    except OSError as error:
        raise ConfigurationError(
            N_("{address}: /health cannot be served there: {reason}"), address=address, reason=error.strerror or str(error)
        ) from None
    thread = threading.Thread(target=server.serve_forever, name="watch-health", daemon=True)
    thread.start()
    try:
        yield f"http://{server.server_address[0]!s}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(pulses: Sequence[Pulse]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "importer", ""

        def do_GET(self) -> None:
            if self.path == "/health":
                well, body = health_of(pulses)
                status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, "application/json", json.dumps(body).encode())
            elif self.path == "/metrics":
                self._answer(HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8", _metrics(pulses))
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/health or /metrics\n")

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Monitors ask every few seconds; that is not worth a line."""

    return Handler


def _metrics(pulses: Sequence[Pulse]) -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Metrics(pulses))
    return generate_latest(registry)
