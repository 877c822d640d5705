"""Numbers for Prometheus. The only place that knows prometheus_client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from importer.errors import ConfigurationError, LedgerUnavailable
from importer.messages import N_
from importer.models import Claim, Outcome, Status

if TYPE_CHECKING:
    from importer.ledger.reading import Depth

__all__ = ["Metrics"]

BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
ASKED_AGAIN_S: Final = 5.0  # however often it is scraped, the ledger is asked no more than that

Asked = Callable[[], tuple["Depth", int | None]]
"""Open entries of the ledger by status, and the chunks in the queue; None where there is no queue."""


class Metrics:
    """Of one process."""

    def __init__(self, ask: Asked | None = None) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self.registry = CollectorRegistry()
        self._calls = Counter("importer_calls", "Calls to the ERP", ["operation", "outcome"], registry=self.registry)
        self._documents = Counter("importer_documents", "Documents that reached a stage", ["stage"], registry=self.registry)
        self._seconds = Histogram(
            "importer_call_seconds", "How long the ERP took for a call", ["operation"], buckets=BUCKETS, registry=self.registry
        )
        if ask is not None:
            self.registry.register(_Ledger(ask))

    def called(self, claim: Claim, outcome: Outcome) -> None:
        """One call has ended."""
        self._calls.labels(claim.operation.value, outcome.status.value).inc()
        self._seconds.labels(claim.operation.value).observe(outcome.duration_ms / 1000)
        if outcome.status is Status.SUCCEEDED and outcome.stage is not None:
            self._documents.labels(outcome.stage.value).inc()

    def serve(self, port: int, address: str = "127.0.0.1") -> tuple[int, Callable[[], None]]:
        """Answer scrapes at /metrics; 0 takes a free port. Returns the port and what ends it."""
        from prometheus_client import start_http_server

        try:
            server, thread = start_http_server(port, address, registry=self.registry)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ConfigurationError(
                N_("Port {port} cannot be used for metrics: {reason}"), port=f"{address}:{port}", reason=reason
            ) from None

        def end() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return int(server.server_port), end

    def text(self) -> bytes:
        """What a scrape gets, for a server that answers it itself."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


class _Ledger:
    """Asked when it is scraped: what waits and what is unknown, over all processes."""

    def __init__(self, ask: Asked) -> None:
        self._ask = ask
        self._found: tuple[Depth, int | None] | None = None
        self._asked_at = float("-inf")

    def collect(self) -> Iterator[Any]:
        """Nothing while the ledger's server is away."""
        from prometheus_client.core import GaugeMetricFamily

        if time.monotonic() - self._asked_at > ASKED_AGAIN_S:
            try:
                self._found = self._ask()
            except LedgerUnavailable:
                self._found = None
            self._asked_at = time.monotonic()
        if self._found is None:
            return
        depth, chunks = self._found
        entries = GaugeMetricFamily("importer_entries", "Documents with an open step, by its status", labels=["status"])
        for status in (Status.PENDING, Status.SENDING, Status.UNKNOWN):
            entries.add_metric([status.value], getattr(depth, status.value))
        yield entries
        if chunks is not None:
            yield GaugeMetricFamily("importer_queue_depth", "Chunks that wait or are being sent", value=chunks)
