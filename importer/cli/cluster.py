"""worker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.api.opening import Site, open_site
from importer.cli.language import say
from importer.cli.options import PORT, common
from importer.cli.output import print_json, tell, warn
from importer.cli.progress import TerminalListener, stop_on_signal
from importer.messages import N_

if TYPE_CHECKING:
    from importer.metrics import Metrics

__all__ = ["worker"]


@click.command(help=say(N_("Send what `run --workers` hands out, on as many machines as wanted.")))
@click.option("--lanes", type=click.IntRange(1, 512), default=8, show_default=True, help=say(N_("Documents at once.")))
@click.option("--metrics-port", type=PORT, metavar="N", help=say(N_("Answer Prometheus on this port; 0 takes a free one.")))
@click.option("--metrics-host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help=say(N_("Address of the metrics.")))
@common
def worker(lanes: int, metrics_port: int | None, metrics_host: str, *, as_json: bool, lang: str | None, config: Path | None) -> int:
    """Ends on Ctrl-C or SIGTERM: the calls under way are brought to their end, the rest goes to other workers."""
    from importer.worker.serving import work

    site = open_site(config, None, lang, need_erp=False)
    listener = TerminalListener()
    end = None
    metrics = None
    if metrics_port is not None:
        metrics = _metrics(site)
        port, end = metrics.serve(metrics_port, metrics_host)
        warn(N_("Metrics: {url}"), url=f"http://{metrics_host}:{port}/metrics")
    try:
        with stop_on_signal() as stop:
            served = work(site, lanes=lanes, stop=stop, listener=listener, metrics=metrics)
    finally:
        if end is not None:
            end()
    if as_json:
        print_json([{"calls": served.calls, "documents": served.documents}])
    else:
        tell(N_("{calls} calls, {documents} documents carried to their end"), calls=served.calls, documents=served.documents)
    return 0


def _metrics(site: Site) -> Metrics:
    from importer.metrics import Metrics
    from importer.worker.overview import asked

    return Metrics(asked(site))
