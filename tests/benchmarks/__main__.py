"""`python -m tests.benchmarks`: make the workbooks, measure every stage beside its floor and its peers, print the table."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from . import peers
from .measuring import IMPORTER, PYTHON, ROOT, Measured, measure, middle, module
from .table import Size, show_far_away, show_growth, show_one_by_one, show_size, show_start_up
from .workbooks import LINES_EACH, SHAPES

SIZES: Final = (1_000, 10_000, 100_000)
MILLION: Final = 1_000_000
CALLS: Final = 3  # of a document: create, approve, post
RECORDED: Final = 30_000  # calls that are kept for the load generator; of more, the first ones stand for all
LANES: Final = 8


@dataclass(kw_only=True)
class Bench:
    """One size, measured again and again in turn, so that a busy minute of the machine hits all alike."""

    lines: int
    folder: Path
    asked: argparse.Namespace
    runs: dict[str, list[Measured]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)  # peer -> why

    @property
    def calls(self) -> int:
        """Of the whole job."""
        return max(1, self.lines // LINES_EACH) * CALLS

    def add(self, name: str, command: list[str] | tuple[str, ...]) -> Measured:
        found = measure(command, self.folder)
        self.runs.setdefault(name, []).append(found)
        return found

    def medians(self) -> dict[str, Measured]:
        """By name of what was measured."""
        return {name: middle(runs) for name, runs in self.runs.items()}

    def measure_all(self, *, repeat: int) -> None:
        """Everything of this size."""
        measure(module("workbooks", "big.xlsx", "--lines", self.lines, "--shape", self.asked.shape), self.folder)
        for number in range(repeat):
            self.reading()
            self.sending(number)
        self.peers()

    def reading(self) -> None:
        self.configure("http://127.0.0.1:9")
        self.add("calamine", module("floors", "calamine", "big.xlsx"))
        self.add("check", [*IMPORTER, "check", "big.xlsx"])

    def sending(self, number: int) -> None:
        recording = self.folder / "calls"
        with erp("tests.benchmarks.stub", "--record", str(recording), "--most", str(RECORDED)) as url:
            self.configure(url)
            self.add("run", [*IMPORTER, "run", "big.xlsx"])
            self.add("run again", [*IMPORTER, "run", "big.xlsx"])
        with erp("tests.benchmarks.stub") as url:
            self.configure(url)
            self.add("stages", module("stages", "big.xlsx"))
            for client in ("httpx", "socket"):
                self.add(client, module("loadgen", url, recording, "--calls", self.calls, "--lanes", LANES, "--client", client))
        if number == 0 and self.lines <= self.asked.simulated:
            with erp("importer.simulator") as url:
                self.configure(url)
                self.add("run, simulator", [*IMPORTER, "run", "big.xlsx"])

    def far_away(self, *, repeat: int) -> None:
        """Sending to an ERP that takes its time, which is what users have, beside what latency allows."""
        measure(module("workbooks", "big.xlsx", "--lines", self.lines, "--shape", self.asked.shape), self.folder)
        recording = self.folder / "calls"
        with erp("tests.benchmarks.stub", "--record", str(recording), "--most", str(RECORDED)) as url:
            self.configure(url)
            self.add("recording", [*IMPORTER, "run", "big.xlsx"])
        for _ in range(repeat):
            with erp("tests.benchmarks.stub", "--latency", "50") as url:
                self.configure(url, lanes=32)
                self.add("stages", module("stages", "big.xlsx"))
                self.add("socket", module("loadgen", url, recording, "--calls", self.calls, "--lanes", 32, "--client", "socket"))

    def one_by_one(self, *, repeat: int) -> None:
        """The whole job beside the script that makes one call after the other."""
        measure(module("workbooks", "big.xlsx", "--lines", self.lines, "--shape", self.asked.shape), self.folder)
        with erp("tests.benchmarks.stub", "--latency", "20") as url:
            for _ in range(repeat):
                self.configure(url, lanes=16)
                self.add("run", [*IMPORTER, "run", "big.xlsx"])
            self.add("naive", module("peers", "naive", "big.xlsx", url))

    def peers(self) -> None:
        """Once each: they take long."""
        if self.lines <= self.asked.peers:
            self.skipped["odoo"] = peers.NO_ODOO
            for work in ("openpyxl", "append", "xlsxwriter"):
                self.add(work, module("floors", work, "big.xlsx", "out.xlsx"))
            with erp("tests.benchmarks.stub") as url:
                for peer in (*peers.CHECKING, *peers.SENDING):
                    if lacking := peers.missing(peer):
                        self.skipped[peer] = f"not installed: {lacking} (pip install tiptop-importer[bench])"
                        continue
                    try:
                        self.add(peer, module("peers", peer, "big.xlsx", url))
                    except RuntimeError as error:
                        self.skipped[peer] = str(error).splitlines()[-1]

    def configure(self, url: str, lanes: int = LANES) -> None:
        """A new ledger for each."""
        for old in (*self.folder.glob("ledger.db*"), *self.folder.glob("*_result_*"), *self.folder.glob("dlt")):
            subprocess.run(["rm", "-r", str(old)], check=True)
        profile = (
            f'standard_url = "{url}/CROSS/RESTful"\nconcurrency = {lanes}\nask_before_create = "never"\nformat = "{self.asked.format}"\n'
        )
        (self.folder / "importer.toml").write_text(f'ledger = "sqlite:///ledger.db"\n[profiles.bench]\n{profile}')


@contextmanager
def erp(name: str, *arguments: str) -> Iterator[str]:
    """The URL of an ERP in a process of its own."""
    command = [PYTHON, "-m", name, "--port", "0", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def start_up(folder: Path, repeat: int) -> dict[str, Measured]:
    """`--help` and `status`, five times as often: they are short."""
    commands: dict[str, list[Any]] = {"--help": [*IMPORTER, "--help"], "status": [*IMPORTER, "status"]}
    runs = [(name, measure(command, folder)) for _ in range(5 * repeat) for name, command in commands.items()]
    return {name: middle([run for kind, run in runs if kind == name]) for name in commands}


def _folder(above: str, name: str) -> Path:
    made = Path(above) / name
    made.mkdir()
    return made


def main() -> None:
    """Arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="LINES")
    parser.add_argument("--million", action="store_true", help="1,000,000 lines as well, once; takes half an hour")
    parser.add_argument("--repeat", type=int, default=3, help="of each, in turn; the table has the medians")
    parser.add_argument("--shape", choices=SHAPES, default="exported")
    parser.add_argument("--format", choices=["json", "xml"], default="json")
    parser.add_argument("--peers", type=int, default=100_000, metavar="LINES", help="up to which size other tools are measured")
    parser.add_argument("--simulated", type=int, default=100_000, metavar="LINES", help="up to which size also against the simulator")
    parser.add_argument("--far-away", type=int, default=100_000, metavar="LINES", help="sent to an ERP with 50 ms latency; 0: none")
    parser.add_argument("--one-by-one", type=int, default=20_000, metavar="LINES", help="also by a plain script, at 20 ms; 0: none")
    asked = parser.parse_args()
    sizes = [*asked.sizes, *([MILLION] if asked.million else [])]
    machine = f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"
    print(f"Measured on {machine}; medians, whole processes with their start-up unless a stage is named.\n")
    measured: list[Size] = []
    with tempfile.TemporaryDirectory() as name:
        for lines in sizes:
            bench = Bench(lines=lines, folder=_folder(name, str(lines)), asked=asked)
            bench.measure_all(repeat=1 if lines >= MILLION else asked.repeat)
            found = Size(lines=lines, calls=bench.calls, found=bench.medians(), skipped=bench.skipped)
            show_size(found)
            measured.append(found)
        show_growth(measured)
        if asked.far_away:
            bench = Bench(lines=asked.far_away, folder=_folder(name, "far away"), asked=asked)
            bench.far_away(repeat=asked.repeat)
            show_far_away(bench.lines, bench.calls, bench.medians())
        if asked.one_by_one:
            bench = Bench(lines=asked.one_by_one, folder=_folder(name, "one by one"), asked=asked)
            bench.one_by_one(repeat=asked.repeat)
            show_one_by_one(bench.lines, bench.calls, bench.medians())
        show_start_up(start_up(Path(name), asked.repeat))


if __name__ == "__main__":
    main()
