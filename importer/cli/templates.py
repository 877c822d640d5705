"""templates."""

from __future__ import annotations

from pathlib import Path

import click

from importer.api.opening import open_site
from importer.api.templates import write_templates
from importer.cli.language import say, terminal_language
from importer.cli.options import common, erp, out_option
from importer.cli.output import print_json, tell
from importer.messages import N_

__all__ = ["templates"]


@click.command(help=say(N_("Write the Excel templates.")))
@click.argument("types", nargs=-1, metavar="[TYPE ...]")
@out_option
@erp
@common
def templates(
    types: tuple[str, ...], out: Path | None, profile: str | None, *, as_json: bool, lang: str | None, config: Path | None
) -> int:
    """Of all document types, or of those named, in one language, with drop-downs from the profile's lists."""
    site = open_site(config, profile, lang, need_erp=False)
    written = write_templates(site, types, out or Path(), language=lang or terminal_language())
    if as_json:
        print_json(
            [
                {"document_type": one.document_type, "language": one.language, "file": str(one.path), "lists": list(one.lists)}
                for one in written
            ]
        )
    for one in () if as_json else written:
        tell("{file}", file=one.path)
        if one.lists:
            tell(N_("  drop-downs from your lists: {lists}"), lists=", ".join(one.lists))
    return 0
