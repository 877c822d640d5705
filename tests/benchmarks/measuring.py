"""Processes measured from outside: seconds and peak memory, start-up included; medians and growth."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

__all__ = ["IMPORTER", "PYTHON", "ROOT", "Measured", "growth", "measure", "middle", "module"]

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = sys.executable
IMPORTER: Final = (PYTHON, "-m", "importer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One process."""

    seconds: float  # from start to end
    megabytes: int  # at its peak
    output: Any = None  # what it printed as JSON, if it did


def module(name: str, *arguments: object) -> list[str]:
    """The command that runs a module of this package."""
    return [PYTHON, "-m", f"tests.benchmarks.{name}", *map(str, arguments)]


def measure(command: Sequence[str], folder: Path) -> Measured:
    """Run a process to its end in a folder. Raises RuntimeError with its last words when it fails."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        before = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {errors.read()[-2000:].decode(errors='replace')}")
        return Measured(seconds=seconds, megabytes=usage.ru_maxrss // 1024, output=_json(output.read()))


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def middle(runs: Sequence[Measured]) -> Measured:
    """The median of the seconds, the highest of the peaks, the output of the run that stands for all."""
    seconds = median(run.seconds for run in runs)
    nearest = min(runs, key=lambda run: abs(run.seconds - seconds))
    return Measured(seconds=seconds, megabytes=max(run.megabytes for run in runs), output=nearest.output)


def growth(small: tuple[int, float], large: tuple[int, float]) -> float:
    """The exponent by which seconds grow with lines: 1 is proportional."""
    return math.log(large[1] / small[1]) / math.log(large[0] / small[0])
