"""simulate."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from importer.cli.language import say
from importer.cli.options import PORT, common, listening_at
from importer.cli.output import tell
from importer.messages import N_

__all__ = ["simulate"]


@click.command(help=say(N_("Run the ERP simulator.")))
@click.option("--port", type=PORT, default=8800, show_default=True, help=say(N_("Port on 127.0.0.1; 0 takes a free one.")))
@click.option("--latency-ms", type=float, default=0, show_default=True, help=say(N_("Every call takes at least this long.")))
@common
def simulate(port: int, latency_ms: float, *, as_json: bool, lang: str | None, config: Path | None) -> int:  # noqa: ARG001 - common options
    """Until Ctrl-C. Documents, stock movements and calls are shown under /admin."""
    from importer.simulator import SimulatorSettings, serve

    def ready(url: str) -> None:
        if as_json:
            sys.stdout.write(json.dumps([{"url": url, "admin": f"{url}/admin"}]) + "\n")
        else:
            tell(N_("Simulator: {url} (look at {url}/admin). Ctrl-C ends it."), url=url)
        sys.stdout.flush()

    with listening_at("127.0.0.1", port):
        serve(SimulatorSettings(latency_ms=latency_ms), "127.0.0.1", port, ready)
    return 0
