"""How soon a small batch starts behind a large one: `python -m tests.benchmarks.behind [--documents 100000] [--small 20]`.

One worker sends a large batch that `importer run --workers` has handed out and follows; then another `importer run --workers` hands the
small one in. What passes between its start and the ERP's first create is told step by step, from the ledger's own events and the ERP's
log. The queue, the ledger, the commands and the ERP's HTTP are the real ones, and all of them share this machine's cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from postgres_server import PostgresServer
from site_folder import SiteFolder, finished, sound_rows

from importer.ledger import Ledger, open_ledger
from importer.ledger.address import libpq
from importer.simulator import Simulator, SimulatorSettings
from importer.worker.queue import Queue

PATIENCE_S: Final = 1800.0
KEPT: Final = 100_000  # calls of the ERP's log, by which the small batch's first create is found
WARM: Final = 50  # documents of the large batch that are posted before the small one is handed in


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Seconds from the start of the small batch's command."""

    waiting: int  # documents that were in the queue before
    chunks: int  # the same in chunks
    recorded: float  # the batch was about to be written
    enqueued: float  # its steps
    claimed: float  # by the worker
    created: float  # the ERP answered the first create
    ended: float  # the command did, all being posted and the results written

    @property
    def waited(self) -> float:
        """From being recorded to the first create."""
        return self.created - self.recorded


def measure(server: PostgresServer, folder: Path, *, documents: int, small: int, lanes: int, latency_ms: float) -> Started:
    """One large batch, one worker, one small batch."""
    with Simulator(SimulatorSettings(latency_ms=latency_ms, calls_kept=KEPT)) as erp:
        site = SiteFolder(folder, erp.standard_url, ledger=server.database(), concurrency=lanes, timeout_s=60)
        large_book = site.workbook(sound_rows(documents=documents, lines=1, seed=1), name="large.xlsx")
        small_book = site.workbook(sound_rows(documents=small, lines=1, seed=2), name="small.xlsx")
        try:
            with open_ledger(site.ledger) as ledger, Queue(libpq(site.ledger) or "") as queue:
                large = site.start("run", "--workers", large_book)
                _until(lambda: queue.depth() >= documents // 50, large)
                site.start("worker", "--lanes", lanes)
                _until(lambda: erp.call_counts().get("post", 0) >= WARM, large)
                waiting = ledger.depth().pending
                chunks = queue.depth()
                began = datetime.now(UTC)
                run = finished(site.start("run", "--workers", small_book, "--json"), timeout_s=PATIENCE_S)
                ended = datetime.now(UTC)
                if run.code or run.json[0]["stages"] != {"posted": small}:
                    raise SystemExit(run.err or run.out)
                recorded, enqueued, claimed, created = _moments(ledger, erp, run.json[0]["batch"])
        finally:
            site.close()
    moments = {"recorded": recorded, "enqueued": enqueued, "claimed": claimed, "created": created, "ended": ended}
    return Started(waiting=waiting, chunks=chunks, **{name: (at - began).total_seconds() for name, at in moments.items()})


def _moments(ledger: Ledger, erp: Simulator, batch_id: str) -> tuple[datetime, datetime, datetime, datetime]:
    """When the batch was recorded, its first step enqueued and claimed, and its first document created."""
    recorded = ledger.batch(batch_id).created_at
    assert recorded is not None
    members = list(ledger.members(batch_id))
    events = [event for member in members for event in ledger.events(member.record.id)]
    enqueued, claimed = (min(event.at for event in events if event.kind == kind) for kind in ("enqueue", "claim"))
    numbers = {member.record.doc_no for member in members}
    created = min(call.at for call in erp.calls("create") if numbers.intersection(call.doc_nos))
    return recorded, enqueued, claimed, created


def _until(condition: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if run.poll() is not None:
            raise SystemExit(run.communicate()[1])
        if time.monotonic() > deadline:
            raise SystemExit("waited in vain")
        time.sleep(0.1)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000, help="of the large batch, of one line each")
    parser.add_argument("--small", type=int, default=20, help="documents of the small one")
    parser.add_argument("--lanes", type=int, default=8, help="of the worker, and calls at once of the profile")
    parser.add_argument("--latency", type=float, default=50, metavar="MS", help="of every call to the ERP")
    parser.add_argument("--repeat", type=int, default=1)
    asked = parser.parse_args()
    server = PostgresServer()
    try:
        for _ in range(asked.repeat):
            with tempfile.TemporaryDirectory() as folder:
                values = {"documents": asked.documents, "small": asked.small, "lanes": asked.lanes, "latency_ms": asked.latency}
                found = measure(server, Path(folder), **values)
            print(
                f"{os.cpu_count()} cores; {found.waiting:,} documents in {found.chunks:,} chunks before it. Seconds from the command's "
                f"start: recorded {found.recorded:.2f}, enqueued {found.enqueued:.2f}, claimed {found.claimed:.2f}, first create "
                f"{found.created:.2f} ({found.waited:.2f} after it was recorded), all {asked.small} posted and reported {found.ended:.2f}",
                flush=True,
            )
    finally:
        server.close()


if __name__ == "__main__":
    main()
