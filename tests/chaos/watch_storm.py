"""A storm over a watched folder: files come at random moments, some slowly, some broken, some twice; two watchers are killed.

    python tests/chaos/watch_storm.py --files 500 --kills 20
    python tests/chaos/watch_storm.py --files 500 --kills 20 --ledger postgresql+psycopg://user@host/empty

runs the long storm (some minutes on two cores) and prints what became of it; `test_watch_storm.py` runs a short one. At the end every file
must be in exactly one final folder, the right one, every document posted once, and every outcome told.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # when run by hand, as pytest's own setting does

from receiver import Receiver, receiving
from site_folder import Movements, SiteFolder, moved_in, movements_of, sound_rows
from watch_folder import WatchFolder

from importer.simulator import FaultKind, FaultRule, Simulator, SimulatorSettings

KINDS: Final = ("sound", "sound", "sound", "slow", "again", "broken", "mistake")
OUTCOMES: Final = {"sound": "done", "slow": "done", "again": "done", "broken": "failed", "mistake": "tofix"}
FAULTS: Final = (
    FaultRule(kind=FaultKind.LOST_ANSWER, operation="write", probability=0.02),
    FaultRule(kind=FaultKind.HTTP_500_AFTER, operation="write", probability=0.01),
)
RULES: Final = {"settle_s": 0.4, "poll_s": 0.1, "broken_after_s": 6, "lease_s": 2, "retry_s": 0.5}
END_S: Final = 600  # after the last file; a storm that has not ended then hangs


@dataclass(slots=True)
class Storm:
    """What was done and what came of it."""

    dropped: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> kind, SHA-256
    documents: int = 0
    expected: Movements = field(default_factory=dict)
    kills: int = 0
    seconds: float = 0.0
    ended: bool = False


class Dropper(threading.Thread):
    """Brings files at random moments."""

    def __init__(self, folder: WatchFolder, storm: Storm, *, files: int, seed: int) -> None:
        super().__init__(name="dropper", daemon=True)
        self._folder, self._storm, self._files, self._chance = folder, storm, files, random.Random(seed)
        self._sources: list[Path] = []
        self._slow: list[threading.Thread] = []

    def run(self) -> None:
        for number in range(self._files):
            kind = self._chance.choice(KINDS) if self._sources else "sound"
            name = f"{number:03d}-{kind}.xlsx"
            content = self._content(kind, number)
            self._storm.dropped[name] = kind, hashlib.sha256(content).hexdigest()
            if kind == "slow":
                thread = threading.Thread(target=self._write_slowly, args=(name, content, self._chance.uniform(0.1, 0.9)), daemon=True)
                thread.start()
                self._slow.append(thread)
            else:
                scratch = self._folder.root / "inbox" / f".{name}.tmp"
                scratch.write_bytes(content)
                scratch.rename(self._folder.root / "inbox" / name)
            time.sleep(self._chance.expovariate(1 / 0.05))
        for thread in self._slow:
            thread.join()

    def _content(self, kind: str, number: int) -> bytes:
        if kind == "again":
            return self._chance.choice(self._sources).read_bytes()
        documents = self._chance.randrange(1, 4)
        rows = sound_rows(documents=documents, lines=2, seed=1000 + number)
        if kind == "mistake":
            rows[0]["qty"] = "many"
        path = self._folder.site.workbook(rows, name=f"source-{number}.xlsx")
        if kind == "broken":
            return path.read_bytes()[: -self._chance.randrange(50, 2000)]
        if kind in ("sound", "slow"):
            self._sources.append(path)
            self._storm.documents += documents
            moved = Counter(self._storm.expected)
            moved.update(movements_of("misc_issue", rows))
            self._storm.expected = {place: number for place, number in moved.items() if number}
        return path.read_bytes()

    def _write_slowly(self, name: str, content: bytes, pause_s: float) -> None:
        """In pieces, under its own name, opened anew for each as some programs do."""
        piece = len(content) // 4 + 1
        for start in range(0, len(content), piece):
            with (self._folder.root / "inbox" / name).open("r+b" if start else "wb") as file:
                file.seek(start)
                file.write(content[start : start + piece])
            time.sleep(pause_s)


def blow(folder: Path, *, files: int, kills: int, seed: int, ledger: str = "") -> Iterator[tuple[Storm, WatchFolder, Simulator, Receiver]]:
    """Yields once, when it is over."""
    started = time.monotonic()
    with Simulator(SimulatorSettings(seed=seed, faults=FAULTS, calls_kept=0)) as erp, receiving() as receiver:
        site = SiteFolder(folder, erp.standard_url, timeout_s=5, concurrency=4, ask_before_create="never")
        if ledger:
            site.config.write_text(site.config.read_text("utf-8").replace("sqlite:///importer.db", ledger), encoding="utf-8")
        notify = f'[notify]\nevery_min = 0.05\n[notify.webhooks.test]\nurl = "{receiver.url}"\ntimeout_s = 0.5\n'
        watched = WatchFolder(site, notify=notify, **RULES)
        (watched.root / "inbox").mkdir(parents=True)
        storm = Storm()
        try:
            _rage(watched, storm, erp, files=files, kills=kills, seed=seed)
            storm.ended = _come_to_rest(watched, receiver, storm)
            storm.seconds = time.monotonic() - started
            yield storm, watched, erp, receiver
        finally:
            site.close()


def _rage(watched: WatchFolder, storm: Storm, erp: Simulator, *, files: int, kills: int, seed: int) -> None:
    """Two watchers, one of them killed at a time, as long as files come and kills are left."""
    chance = random.Random(seed)
    watchers = [_start(watched), _start(watched)]
    dropper = Dropper(watched, storm, files=files, seed=seed)
    dropper.start()
    while storm.kills < kills:
        place, until = chance.randrange(2), sum(erp.call_counts().values()) + chance.randrange(1, 60)
        deadline = time.monotonic() + 15  # a folder that is empty makes no calls
        while sum(erp.call_counts().values()) < until and time.monotonic() < deadline and watchers[place].poll() is None:
            time.sleep(0.005)
        watchers[place].kill()
        watchers[place].wait()
        storm.kills += 1
        watchers[place] = _start(watched)
    dropper.join()
    erp.clear_faults()


def _start(watched: WatchFolder) -> subprocess.Popen[bytes]:
    """A watcher whose log goes to a file: nobody reads a pipe while it rages."""
    command = [sys.executable, "-m", "importer", "watch", str(watched.root)]
    with (watched.site.folder / "watch.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=watched.site.folder, env=watched.site.environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    watched.site.also_end(process)
    return process


def _come_to_rest(watched: WatchFolder, receiver: Receiver, storm: Storm) -> bool:
    """Wait until nothing is left and everything was told."""
    deadline = time.monotonic() + END_S
    while time.monotonic() < deadline:
        if not watched.left() and set(storm.dropped) <= set(receiver.files):
            return True
        time.sleep(0.2)
    return False


def check(storm: Storm, watched: WatchFolder, erp: Simulator, receiver: Receiver) -> list[str]:
    """Everything that is not as promised; empty when all is well."""
    wrong = [] if storm.ended else [f"not ended: {watched.left()[:10]}, not told: {sorted(set(storm.dropped) - set(receiver.files))[:10]}"]
    ends = watched.ends()
    for name, (kind, sha256) in storm.dropped.items():
        if ends.get(name) != [OUTCOMES[kind]]:
            wrong.append(f"{name} is in {ends.get(name)}")
            continue
        path = next(path for path in watched.files(OUTCOMES[kind]) if path.name == name)
        if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            wrong.append(f"{name} is not what was dropped")
        if not watched.beside(path):
            wrong.append(f"{name} has nothing beside it")
    if set(ends) != set(storm.dropped):
        wrong.append(f"unexpected files {sorted(set(ends) - set(storm.dropped))[:10]}")
    documents = erp.documents()
    if len(documents) != storm.documents:
        wrong.append(f"{len(documents)} documents in the ERP instead of {storm.documents}")
    if any(document.times_posted != 1 for document in documents):
        wrong.append(f"{sum(document.times_posted != 1 for document in documents)} documents not posted exactly once")
    if moved_in(erp) != storm.expected:
        wrong.append("stock movements differ from the workbooks")
    if erp.duplicates():
        wrong.append(f"duplicates: {sorted(erp.duplicates())[:5]}")
    told = {item["file"]: item["outcome"] for body in receiver.bodies for item in body["files"]}
    wrong += [f"{name} was told as {told.get(name)}" for name, (kind, _) in storm.dropped.items() if told.get(name) != OUTCOMES[kind]]
    return wrong + [f"{fault.kind}: {fault.detail}" for fault in erp.protocol_faults() if fault.kind != "posts_at_once"]


def main() -> int:
    """The long storm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ledger", default="", help="database URL of an empty ledger; default a SQLite file")
    asked = parser.parse_args()
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        for storm, watched, erp, receiver in blow(Path(folder), **vars(asked)):
            wrong = check(storm, watched, erp, receiver)
            print(
                f"{len(storm.dropped)} files {dict(watched.counts())}, {storm.documents} documents, {storm.kills} kills, "
                f"{len(receiver.bodies)} messages, {storm.seconds:.0f} s: {wrong or 'as promised'}",
                flush=True,
            )
            worst = int(bool(wrong))
    return worst


if __name__ == "__main__":
    os.environ.pop("IMPORTER_CONFIG", None)
    sys.exit(main())
