"""serve."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.cli.language import say
from importer.cli.options import PORT, common, listening_at
from importer.cli.output import tell
from importer.messages import N_

if TYPE_CHECKING:
    from importer.settings import Settings

__all__ = ["serve"]


@click.command(help=say(N_("The web page: upload, check, release, watch, results.")))
@click.option("--port", type=PORT, help=say(N_("Port; 0 takes a free one.")))
@click.option("--host", help=say(N_("Address to listen at; 0.0.0.0 for the whole network.")))
@common
def serve(port: int | None, host: str | None, *, as_json: bool, lang: str | None, config: Path | None) -> int:  # noqa: ARG001 - common options
    """Until Ctrl-C. Where there is no user yet, the address with the key for the first administrator is shown."""
    from importer.settings import load_settings
    from importer.web import serve as run

    settings = load_settings(config)

    def ready(url: str, setup_key: str) -> None:
        setup = f"{url}/setup?key={setup_key}" if setup_key else None
        if as_json:
            sys.stdout.write(json.dumps([{"url": url, "setup": setup}]) + "\n")
        else:
            tell(N_("The page: {url}. Ctrl-C ends it."), url=url)
            if setup:
                tell(N_("There is no user yet. Make the first administrator here: {url}"), url=setup)
        sys.stdout.flush()

    place, number = host or settings.web.host, settings.web.port if port is None else port
    with listening_at(place, number):
        run(settings, place, number, ready, chunks=_chunks(settings))
    return 0


def _chunks(settings: Settings) -> Callable[[], int] | None:
    """Asks for the depth of the workers' queue; None on SQLite, where there are no workers."""
    from importer.ledger.address import libpq

    if libpq(settings.ledger_url) is None:
        return None
    from importer.worker.overview import chunks_at

    return lambda: chunks_at(settings.ledger_url)
