"""The table: what was measured, and its ratios within the same run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .measuring import Measured, growth

__all__ = ["show"]

Size = tuple[int, int, Mapping[str, Measured], Mapping[str, str]]
"""Lines, calls, what was measured, and the peers that were not with the reason."""

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
)
WRITING: Final = (
    ("append", "openpyxl: load, append a column, save", "results"),
    ("xlsxwriter", "XlsxWriter: a new workbook of the values", "results"),
)
PLAIN_LOSS: Final = 10_000  # below it start-up is most of it, and growth says nothing


def show(sizes: Sequence[Size], short: Mapping[str, Measured], machine: str) -> None:
    """Print Markdown."""
    print(f"Measured on {machine}; medians, whole processes with their start-up unless a stage is named.\n")
    for lines, calls, found, skipped in sizes:
        print(f"### {lines:,} lines ({calls:,} calls)\n\n| what | seconds | MB | ratio |\n|---|---|---|---|")
        stages = _stages(found)
        for name, label, base in (*READING, *SENDING):
            if name in found:
                print(_row(label, found[name].seconds, found[name].megabytes, base, found[base].seconds if base in found else 0))
            elif name in skipped:
                print(f"| {label} | - | - | {skipped[name]} |")
        for stage, seconds in stages.items():
            base = {"results": "read"}.get(stage, "")
            print(_row(f"stage: {stage}", seconds, None, base and f"stage {base}", stages.get(base, 0)))
        for name, label, base in WRITING:
            if name in found:
                print(_row(label, found[name].seconds, found[name].megabytes, f"stage {base}", stages.get(base, 0)))
        print()
    _growth(sizes)
    print("### Start-up\n\n| command | seconds | MB |\n|---|---|---|")
    for name, run in short.items():
        print(f"| importer {name} | {run.seconds:.2f} | {run.megabytes} |")


def _stages(found: Mapping[str, Measured]) -> Mapping[str, float]:
    seconds: Mapping[str, float] = found["stages"].output["seconds"]
    return seconds


def _row(label: str, seconds: float, megabytes: int | None, base: str, base_seconds: float) -> str:
    ratio = f"{seconds / base_seconds:.1f} x {base}" if base and base_seconds else ""
    return f"| {label} | {seconds:.2f} | {'' if megabytes is None else megabytes} | {ratio} |"


def _growth(sizes: Sequence[Size]) -> None:
    large = [size for size in sizes if size[0] >= PLAIN_LOSS]
    if len(large) < 2:
        return
    small, big = large[0], large[-1]
    print(f"### Growth from {small[0]:,} to {big[0]:,} lines (1 is proportional)\n\n| stage | exponent |\n|---|---|")
    for stage, seconds in _stages(big[2]).items():
        print(f"| {stage} | {growth((small[0], _stages(small[2])[stage]), (big[0], seconds)):.2f} |")
    for name in ("check", "run"):
        print(f"| {name}, whole process | {growth((small[0], small[2][name].seconds), (big[0], big[2][name].seconds)):.2f} |")
    print()
