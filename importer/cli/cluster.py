"""worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
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
@click.option("--no-watch", is_flag=True, help=say(N_("Leave the watched folders of the configuration to others.")))
@common
def worker(
    lanes: int, metrics_port: int | None, metrics_host: str, *, no_watch: bool, as_json: bool, lang: str | None, config: Path | None
) -> int:
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
        with stop_on_signal() as stop, nullcontext() if no_watch else _watching(site, stop, lang, config):
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


@contextmanager
def _watching(site: Site, stop: threading.Event, lang: str | None, config: Path | None) -> Iterator[None]:
    """The watched folders that this machine can reach; what comes into them is sent by all workers."""
    from importer.ledger.address import libpq

    if not site.settings.watch.folders or libpq(site.settings.ledger_url) is None:
        yield
        return
    from importer.watcher.duty import on_duty
    from importer.watcher.logs import open_log
    from importer.watcher.opening import open_reachable
    from importer.worker.following import carrier

    watched = open_reachable(config, language=lang, carry=carrier)
    for item in watched:
        warn(N_("Watching {folder}, one worker at a time."), folder=item.place.root)
    rules = site.settings.watch.model_copy(update={"log_file": None})  # that one is the watcher's own: two processes would cut it
    with on_duty(watched, stop=stop, log=open_log(rules, site.settings.base_folder), heard=lambda _: None):
        yield
