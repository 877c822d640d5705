"""A storm over an import: the process is killed again and again while the ERP loses answers, fails and hangs.

    python tests/chaos/storm.py --documents 10000 --kills 200

runs the long storm (about half an hour on two cores) and prints what became of it; `test_storm.py` runs a short one. At the end every
document must be in the ERP once and posted once, the stock must equal the workbook, and nothing may be unknown.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # when run by hand, as pytest's own setting does

from site_folder import Movements, SiteFolder, moved_in, movements_of, sound_rows

from importer.simulator import FaultKind, FaultRule, Simulator, SimulatorSettings

TIMEOUT_S: Final = 1.0
GRACE_S: Final = 2.0  # longer than the ERP holds any call back
FAULTS: Final = (
    FaultRule(kind=FaultKind.LOST_ANSWER, operation="write", probability=0.10),
    FaultRule(kind=FaultKind.HTTP_500_AFTER, operation="write", probability=0.05),
    FaultRule(kind=FaultKind.HTTP_429, operation="write", probability=0.05),
    FaultRule(kind=FaultKind.SLOW, operation="write", probability=0.03, delay_ms=1500),
)
POINTS: Final = ("claimed", "before call", "after call", "before record", "after record")
KILLER: Final = Path(__file__).with_name("killed_at_point.py")


@dataclass(slots=True)
class Storm:
    """What happened."""

    route: str
    documents: int
    expected: Movements
    kills: int = 0
    at_points: list[str] = field(default_factory=list)
    seconds: float = 0.0
    final: dict[str, int] = field(default_factory=dict)


def blow(folder: Path, route: str, *, documents: int, kills: int, seed: int, points: bool) -> Iterator[tuple[Storm, Simulator]]:
    """Import a workbook through a storm; yields once, when it is over, with the simulator still there to be looked at."""
    chance = random.Random(seed)
    rows = sound_rows("misc_issue", documents=documents, lines=2, seed=seed)
    settings = SimulatorSettings(seed=seed, faults=FAULTS, calls_kept=0)
    started = time.monotonic()
    with Simulator(settings) as erp:
        profile = {"timeout_s": TIMEOUT_S, "grace_s": GRACE_S, "concurrency": 8, "route": route, "custom_url": erp.custom_url}
        site = SiteFolder(folder, erp.standard_url, **profile)
        storm = Storm(route=route, documents=documents, expected=movements_of("misc_issue", rows))
        most = 120 if route == "standard" else 40  # calls between two kills; three lead a document to its end, or one
        try:
            path = site.workbook(rows)
            _kill_at_points(site, path, storm) if points else None
            while storm.kills < kills and not _posted(erp, documents):
                _kill_after(site, erp, path, storm, chance.randrange(1, most))
            erp.clear_faults()
            done = site.cli("run", path, "--json")
            storm.final = done.json[0]["stages"]
            storm.seconds = time.monotonic() - started
            yield storm, erp
        finally:
            site.close()


def _posted(erp: Simulator, documents: int) -> bool:
    return sum(document.post == "Y" for document in erp.documents()) >= documents


def _kill_after(site: SiteFolder, erp: Simulator, path: Path, storm: Storm, calls: int) -> None:
    """Start (or resume) the import and kill it when the ERP has seen so many more calls; a run that ends first is no kill."""
    until = sum(erp.call_counts().values()) + calls
    process = site.start(*(("run", path) if storm.kills % 2 == 0 else ("resume",)), "--no-wait")
    while process.poll() is None and sum(erp.call_counts().values()) < until:
        time.sleep(0.002)
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
        storm.kills += 1
    process.communicate()


def _kill_at_points(site: SiteFolder, path: Path, storm: Storm) -> None:
    """One process after the other dies by its own hand at each named point of the send loop, at its third passing."""
    for point in POINTS:
        command = [sys.executable, str(KILLER), point, "3", "run", str(path), "--no-wait"]
        done = subprocess.run(command, cwd=site.folder, env=site.environment(), capture_output=True, check=False)
        if done.returncode == -signal.SIGKILL:
            storm.kills += 1
            storm.at_points.append(point)


def check(storm: Storm, erp: Simulator) -> list[str]:
    """Everything that is not as promised; empty when all is well."""
    documents = erp.documents()
    wrong = []
    if len(documents) != storm.documents:
        wrong.append(f"{len(documents)} documents in the ERP instead of {storm.documents}")
    if any(document.times_posted != 1 for document in documents):
        wrong.append(f"{sum(document.times_posted != 1 for document in documents)} documents not posted exactly once")
    if moved_in(erp) != storm.expected:
        wrong.append("stock movements differ from the workbook")
    if erp.duplicates():
        wrong.append(f"duplicates: {sorted(erp.duplicates())[:5]}")
    if storm.final != {"posted": storm.documents}:
        wrong.append(f"final stages {storm.final}")
    # Two posts at once cannot be avoided when the client is killed, or gives up, while the ERP is still at work on the first.
    wrong += [f"{fault.kind}: {fault.detail}" for fault in erp.protocol_faults() if fault.kind != "posts_at_once"]
    return wrong


def main() -> int:
    """The long storm, both routes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    worst = 0
    for route in ("standard", "combined"):
        with tempfile.TemporaryDirectory() as folder:
            half = {"documents": asked.documents // 2, "kills": asked.kills // 2}
            for storm, erp in blow(Path(folder), route, **half, seed=asked.seed, points=True):
                wrong = check(storm, erp)
                print(
                    f"{route}: {storm.documents} documents, {storm.kills} kills ({len(storm.at_points)} at named points), "
                    f"{storm.seconds:.0f} s, calls {erp.call_counts()}: {wrong or 'as promised'}",
                    flush=True,
                )
                worst = worst or int(bool(wrong))
    return worst


if __name__ == "__main__":
    os.environ.pop("IMPORTER_CONFIG", None)
    sys.exit(main())
