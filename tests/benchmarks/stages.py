"""Our own stages, timed inside one whole `importer run`: `python -m tests.benchmarks.stages FILE`, in a folder with an importer.toml.

The functions that make up the job are timed where they stand, so that what is measured is what users run. Encoding is part of sending;
here it is also done once more for all documents, by itself.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from importer.cli.group import GARBAGE

__all__ = ["STAGES"]

STAGES: Final = {  # stage -> module and function of it
    "read": ("importer.pipeline.checking", "read_workbook"),
    "check": ("importer.schema", "validate"),
    "group": ("importer.documents", "group"),
    "identify": ("importer.pipeline.checking", "identify"),
    "record": ("importer.api.importing", "submit"),
    "send": ("importer.pipeline.sending", "send"),
    "results": ("importer.pipeline.reporting", "report"),
}


def _timed(function: Callable[..., Any], stage: str, seconds: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*values: Any, **named: Any) -> Any:
        before = time.perf_counter()
        try:
            return function(*values, **named)
        finally:
            seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - before

    return timed


def main() -> None:
    """Run the job; one JSON object has the seconds of each stage, the documents posted and the peak memory."""
    file = Path(sys.argv[1])
    gc.set_threshold(*GARBAGE)  # as the command does
    import_module("pandera.pandas")  # or the first stage that uses it would have its loading
    seconds: dict[str, float] = {}
    for stage, (name, function) in STAGES.items():
        home = import_module(name)
        setattr(home, function, _timed(getattr(home, function), stage, seconds))
    from importer.api.importing import run
    from importer.api.opening import open_site

    site = open_site()
    report = run([file], site)[0]
    found = dict(seconds)
    found["encode"] = _encoding(site, file)  # reads and checks once more
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": found, "stages": dict(report.stages), "megabytes": peak}))


def _encoding(site: Any, file: Path) -> float:
    """Seconds for the bytes of all creates."""
    from importer.api.opening import ledger_to_read
    from importer.channel.standard import StandardChannel
    from importer.client import Client
    from importer.models import Operation
    from importer.pipeline.checking import check

    with ledger_to_read(site) as ledger:
        checked = check(file, mappings=site.mappings, profile=site.profile, ledger=ledger)
    if checked.mapping is None:
        raise SystemExit(f"{file} cannot be read")
    client = Client(site.profile)
    channel = StandardChannel(site.profile, checked.mapping, client)
    before = time.perf_counter()
    for document in checked.documents:
        channel.request(Operation.CREATE, channel.parameter(Operation.CREATE, document))
    done = time.perf_counter() - before
    client.close()
    return done


if __name__ == "__main__":
    main()
