"""Many machines in a storm: workers are killed at random, the database is restarted, and every document is posted once.

    python tests/chaos/many.py --documents 10000 --workers 3

runs the long storm and prints what became of it; `test_many.py` runs a short one. At the end every document must be in the ERP once and
posted once, the stock must equal the workbook, and the ERP must never have seen more calls at once than the profile allows.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # when run by hand, as pytest's own setting does

from postgres_server import PostgresServer
from site_folder import Movements, SiteFolder, moved_in, movements_of, sound_rows

from importer.simulator import Simulator, SimulatorSettings

LIMIT: Final = 6  # calls at once of the profile
TIMEOUT_S: Final = 3.0
GRACE_S: Final = 2.0
SHORT: Final = Path(__file__).with_name("short_lease.py")
PATIENCE_S: Final = 3600.0
LASTS_S: Final = 30.0  # a storm over few documents, whose ERP is slow enough for that
LATENCY_MS: Final = 5.0


@dataclass(slots=True)
class Many:
    """What happened."""

    documents: int
    expected: Movements
    kills: int = 0
    restarts: int = 0
    seconds: float = 0.0
    code: int | None = None
    told: str = ""
    most_at_once: int = 0
    running: list[subprocess.Popen[str]] = field(default_factory=list)


def start(site: SiteFolder, *arguments: object) -> subprocess.Popen[str]:
    """A command whose leases and heartbeats are short; what it says goes into a file."""
    with (site.folder / "told.txt").open("a", encoding="utf-8") as told:
        return subprocess.Popen(
            [sys.executable, str(SHORT), *map(str, arguments)],
            cwd=site.folder,
            env=site.environment(),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            text=True,
        )


@contextmanager
def storm(
    folder: Path,
    *,
    documents: int,
    workers: int,
    every_s: tuple[float, float],
    restart_at: float = 0.4,
    seed: int = 1,
    latency_ms: float = LATENCY_MS,
) -> Iterator[tuple[Many, Simulator]]:
    """Kill a worker every now and then, restart the database once; yields when everything is over, with the ERP still there."""
    chance = random.Random(seed)
    rows = sound_rows("misc_issue", documents=documents, lines=1, seed=seed)
    server = PostgresServer()
    began = time.monotonic()
    with Simulator(SimulatorSettings(seed=seed, calls_kept=0, latency_ms=latency_ms)) as erp:
        site = SiteFolder(folder, erp.standard_url, ledger=server.database(), concurrency=LIMIT, timeout_s=TIMEOUT_S, grace_s=GRACE_S)
        many = Many(documents=documents, expected=movements_of("misc_issue", rows))
        try:
            many.running = [start(site, "worker", "--lanes", "4") for _ in range(workers)]
            run = start(site, "run", "--workers", site.workbook(rows))
            _until(lambda: run.poll() is not None or _posted(erp) > 0)
            while run.poll() is None:
                _until(lambda: run.poll() is not None or _restart_due(erp, many, restart_at), chance.uniform(*every_s))
                if run.poll() is None and _restart_due(erp, many, restart_at):
                    server.stop("fast")
                    server.start()
                    many.restarts += 1
                elif run.poll() is None and _posted(erp) < documents:
                    _kill_one(site, many, chance)
            many.code = run.returncode
            many.most_at_once = erp.most_calls_at_once()
            many.seconds = time.monotonic() - began
            many.told = (site.folder / "told.txt").read_text(encoding="utf-8")
            yield many, erp
        finally:
            for process in many.running:
                process.kill()
                process.wait()
            site.close()
            server.close()


def _kill_one(site: SiteFolder, many: Many, chance: random.Random) -> None:
    place = chance.randrange(len(many.running))
    many.running[place].send_signal(signal.SIGKILL)
    many.running[place].wait()
    many.kills += 1
    many.running[place] = start(site, "worker", "--lanes", "4")


def _restart_due(erp: Simulator, many: Many, restart_at: float) -> bool:
    return not many.restarts and _posted(erp) > many.documents * restart_at


def _posted(erp: Simulator) -> int:
    return erp.call_counts().get("post", 0)  # near enough, and costs the ERP nothing


def _until(condition: object, seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.05)


def check(many: Many, erp: Simulator) -> list[str]:
    """Everything that is not as promised; empty when all is well."""
    found = erp.documents()
    wrong = []
    if many.code != 0:
        wrong.append(f"exit code {many.code}")
    if len(found) != many.documents:
        wrong.append(f"{len(found)} documents in the ERP instead of {many.documents}")
    if any(document.times_posted != 1 for document in found):
        wrong.append(f"{sum(document.times_posted != 1 for document in found)} documents not posted exactly once")
    if moved_in(erp) != many.expected:
        wrong.append("stock movements differ from the workbook")
    if erp.duplicates():
        wrong.append(f"duplicates: {sorted(erp.duplicates())[:5]}")
    if many.most_at_once > LIMIT:
        wrong.append(f"{many.most_at_once} calls at once, {LIMIT} are allowed")
    if "Traceback" in many.told:
        wrong.append(f"a traceback: {many.told[many.told.index('Traceback') :][:2000]}")
    wrong += [f"{fault.kind}: {fault.detail}" for fault in erp.protocol_faults()]
    return wrong


def main() -> int:
    """The long storm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--every", type=float, nargs=2, default=(4.0, 10.0), metavar="S", help="seconds between kills")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    latency_ms = max(LATENCY_MS, 1000 * LASTS_S * LIMIT / (3 * asked.documents))
    with tempfile.TemporaryDirectory() as folder:
        values = {
            "documents": asked.documents,
            "workers": asked.workers,
            "every_s": tuple(asked.every),
            "seed": asked.seed,
            "latency_ms": latency_ms,
        }
        with storm(Path(folder), **values) as (many, erp):
            wrong = check(many, erp)
            if not (many.kills and many.restarts):
                wrong.append("no storm: it was over too soon")
            print(
                f"{many.documents} documents, {asked.workers} workers, {many.kills} kills, {many.restarts} restarts of the database, "
                f"{many.seconds:.0f} s, at most {many.most_at_once} calls at once (allowed {LIMIT}), calls {erp.call_counts()}: "
                f"{wrong or 'as promised'}",
                flush=True,
            )
            if wrong:
                print(many.told[-3000:])
    return int(bool(wrong))


if __name__ == "__main__":
    os.environ.pop("IMPORTER_CONFIG", None)
    sys.exit(main())
