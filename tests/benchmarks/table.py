"""The table: what was measured, and its ratios within the same run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .measuring import Measured, growth

__all__ = ["Size", "show_far_away", "show_growth", "show_one_by_one", "show_size", "show_start_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What was measured at one size."""

    lines: int
    calls: int  # of the whole job
    found: Mapping[str, Measured]
    skipped: Mapping[str, str]  # peer -> why it was not measured

    @property
    def stages(self) -> Mapping[str, float]:
        """Seconds of each of our own stages."""
        seconds: Mapping[str, float] = self.found["stages"].output["seconds"]
        return seconds


READING: Final = (  # what was measured, and what it is measured by
    ("calamine", "python-calamine alone, the floor of reading", ""),
    ("check", "importer check", "calamine"),
    ("openpyxl", "openpyxl alone (read-only)", "calamine"),
    ("frictionless", "frictionless validate", "check"),
    ("django", "django-import-export dry run", "check"),
)
SENDING: Final = (
    ("socket", "same bytes over bare sockets, the floor of sending", ""),
    ("httpx", "same bytes over httpx", "socket"),
    ("run", "importer run, whole job", "httpx"),
    ("run again", "importer run again, nothing left to send", "calamine"),
    ("run, simulator", "importer run, against the simulator", ""),
    ("naive", "pandas.read_excel, one call after the other", "run"),
    ("dlt", "dlt custom destination", "run"),
    ("odoo", "odoo-import-export-client", "run"),
)
WRITING: Final = (
    ("append", "openpyxl: load, append a column, save", "results"),
    ("xlsxwriter", "XlsxWriter: a new workbook of the values", "results"),
)
PLAIN_LOSS: Final = 10_000  # below it start-up is most of it, and growth says nothing


def show_size(size: Size) -> None:
    """Print one size as a table in Markdown."""
    found, stages = size.found, size.stages
    print(f"### {size.lines:,} lines ({size.calls:,} calls)\n\n| what | seconds | MB | ratio |\n|---|---|---|---|")
    for name, label, base in (*READING, *SENDING):
        if name in found:
            print(_row(label, found[name].seconds, found[name].megabytes, base, found[base].seconds if base in found else 0))
        elif name in size.skipped:
            print(f"| {label} | - | - | {size.skipped[name]} |")
    for stage, seconds in stages.items():
        base = {"results": "read"}.get(stage, "")
        print(_row(f"stage: {stage}", seconds, None, base and f"stage {base}", stages.get(base, 0)))
    for name, label, base in WRITING:
        if name in found:
            print(_row(label, found[name].seconds, found[name].megabytes, f"stage {base}", stages.get(base, 0)))
    print(flush=True)


def _row(label: str, seconds: float, megabytes: int | None, base: str, base_seconds: float) -> str:
    ratio = f"{seconds / base_seconds:.1f} x {base}" if base and base_seconds else ""
    return f"| {label} | {seconds:.2f} | {'' if megabytes is None else megabytes} | {ratio} |"


def show_growth(sizes: Sequence[Size]) -> None:
    """Print how each stage grows between the first and the last size at which start-up is not most of it."""
    large = [size for size in sizes if size.lines >= PLAIN_LOSS]
    if len(large) < 2:
        return
    small, big = large[0], large[-1]
    print(f"### Growth from {small.lines:,} to {big.lines:,} lines (1 is proportional)\n\n| stage | exponent |\n|---|---|")
    for stage, seconds in big.stages.items():
        print(f"| {stage} | {growth((small.lines, small.stages[stage]), (big.lines, seconds)):.2f} |")
    for name in ("check", "run"):
        print(f"| {name}, whole process | {growth((small.lines, small.found[name].seconds), (big.lines, big.found[name].seconds)):.2f} |")
    print(flush=True)


def show_far_away(lines: int, calls: int, found: Mapping[str, Measured]) -> None:
    """Print how near sending comes to what latency allows."""
    ours, floor = calls / found["stages"].output["seconds"]["send"], found["socket"].output["calls_per_second"]
    print(f"### {lines:,} lines ({calls:,} calls), an ERP that takes its time\n\n| what | measured | ratio |\n|---|---|---|")
    print(f"| 50 ms, 32 lanes: bare sockets | {floor:.0f} calls/s | |")
    print(f"| 50 ms, 32 lanes: importer, stage send | {ours:.0f} calls/s | {100 * ours / floor:.1f} % |\n", flush=True)


def show_one_by_one(lines: int, calls: int, found: Mapping[str, Measured]) -> None:
    """Print how far the script is from it that makes one call after the other."""
    run, naive = found["run"].seconds, found["naive"].seconds
    print(f"### {lines:,} lines ({calls:,} calls), beside a plain script\n\n| what | measured | ratio |\n|---|---|---|")
    print(f"| 20 ms, 16 lanes: importer run, whole job | {run:.1f} s | |")
    print(f"| 20 ms: pandas.read_excel, one call after the other | {naive:.1f} s | {naive / run:.1f} x run |\n", flush=True)


def show_start_up(found: Mapping[str, Measured]) -> None:
    """Print what the short commands take."""
    print("### Start-up\n\n| command | seconds | MB |\n|---|---|---|")
    for name, run in found.items():
        print(f"| importer {name} | {run.seconds:.2f} | {run.megabytes} |")
