"""Throughput of 1, 2 and 3 workers on one PostgreSQL ledger: `python tests/benchmarks/many_machines.py [--documents 1500] [--lanes 32]`.

Against the simulator without latency and with 50 ms, from the first create to the last post; then what the bookkeeping alone costs per
document: the same claims and outcomes, with nothing sent in between. Simulator, database and workers share this machine's cores, so
more workers than cores only show that they do not get in each other's way.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from postgres_server import PostgresServer
from site_folder import SiteFolder, sound_rows
from unit.ledger.making import confirm, created, enqueue, hand_in

from importer.ledger import Ledger, open_ledger
from importer.models import Claim, Operation, Outcome, Stage, Status
from importer.simulator import Simulator, SimulatorSettings

ROW = "{workers:>7} {latency:>8} ms {lanes:>6} {speed:>12.0f} {calls:>9.0f} {millis:>11.2f} {share:>10}"


def throughput(server: PostgresServer, folder: Path, *, workers: int, latency_ms: float, documents: int, lanes: int) -> float:
    """Documents per second."""
    with Simulator(SimulatorSettings(latency_ms=latency_ms, calls_kept=0)) as erp:
        site = SiteFolder(folder, erp.standard_url, ledger=server.database(), concurrency=lanes * workers, timeout_s=60)
        book = site.workbook(sound_rows(documents=documents, lines=5))
        started = [site.start("worker", "--lanes", lanes) for _ in range(workers)]
        with open_ledger(site.ledger) as ledger:
            while ledger.fleet is None or len(ledger.fleet.workers()) < workers:
                time.sleep(0.1)
        run = site.start("run", "--workers", book)
        began = _when(lambda: erp.call_counts().get("create", 0) > 0, run)
        ended = _when(lambda: erp.call_counts().get("post", 0) >= documents, run)
        code = run.wait()
        for worker in started:
            worker.send_signal(signal.SIGTERM)
            worker.wait()
        site.close()
        if code or len(erp.documents()) != documents or erp.duplicates():
            raise SystemExit(f"the run ended with {code} and {len(erp.documents())} documents of {documents}")
    return documents / (ended - began)


def _when(condition: object, run: subprocess.Popen[str]) -> float:
    while not condition():  # type: ignore[operator]
        if run.poll() not in (None, 0):
            raise SystemExit(run.communicate()[1])
        time.sleep(0.01)
    return time.monotonic()


def bookkeeping(server: PostgresServer, *, documents: int, lanes: int) -> float:
    """Seconds per document of claim, three outcomes and two further claims, from as many lanes."""
    with open_ledger(server.database()) as ledger, ledger.sending_lock():
        confirm(ledger)
        hand_in(ledger, "b", range(documents))
        enqueue(ledger, "b")
        began = time.monotonic()
        threads = [threading.Thread(target=_lane, args=(ledger,)) for _ in range(lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ledger.counts("b").stages == {Stage.POSTED: documents}
        return (time.monotonic() - began) / documents


def _lane(ledger: Ledger) -> None:
    while claims := ledger.claim("b", 2):
        for claim in claims:
            _carry(ledger, claim)


def _carry(ledger: Ledger, claim: Claim) -> None:
    following = ledger.record(claim, created(f"I01-{claim.document_id}"), then=(Operation.APPROVE, Stage.APPROVED)).result()
    for stage, then in ((Stage.APPROVED, (Operation.POST, Stage.POSTED)), (Stage.POSTED, None)):
        assert following is not None
        following = ledger.record(following, Outcome(status=Status.SUCCEEDED, stage=stage, doc_no=claim.doc_no), then=then).result()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1500)
    parser.add_argument("--lanes", type=int, default=32, help="per worker, with latency; a quarter of it without")
    asked = parser.parse_args()
    server = PostgresServer()
    try:
        spent = bookkeeping(server, documents=3000, lanes=asked.lanes)
        print(f"{os.cpu_count()} cores; bookkeeping {spent * 1000:.2f} ms per document ({1 / spent:,.0f} documents/s)")
        print("workers  latency      lanes  documents/s   calls/s  ms/document  of it bookkeeping")
        for latency_ms, lanes in ((0, asked.lanes // 4), (50, asked.lanes)):
            for workers in (1, 2, 3):
                with tempfile.TemporaryDirectory() as folder:
                    values = {"workers": workers, "latency_ms": latency_ms, "documents": asked.documents, "lanes": lanes}
                    speed = throughput(server, Path(folder), **values)
                share = f"{spent * speed:.0%}"
                line = ROW.format(
                    workers=workers, latency=latency_ms, lanes=lanes, speed=speed, calls=3 * speed, millis=1000 / speed, share=share
                )
                print(line, flush=True)
    finally:
        server.close()


if __name__ == "__main__":
    main()
