"""serve."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from importer.cli.language import say
from importer.cli.options import PORT, common, listening_at
from importer.cli.output import tell
from importer.messages import N_

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
        run(settings, place, number, ready)
    return 0
