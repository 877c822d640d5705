"""templates."""

from __future__ import annotations

from pathlib import Path

import click

from importer.api.opening import open_site
from importer.cli.language import say, terminal_language
from importer.cli.options import common, out_option
from importer.cli.output import print_json, tell
from importer.messages import N_

__all__ = ["templates"]


@click.command(help=say(N_("Write the Excel templates.")))
@click.argument("types", nargs=-1, metavar="[TYPE ...]")
@out_option
@common
def templates(types: tuple[str, ...], out: Path | None, *, as_json: bool, lang: str | None, config: Path | None) -> int:
    """Of all document types, or of those named, in one language."""
    from importer.workbook.template import template_name, write_template

    site = open_site(config, None, lang, need_erp=False)
    mappings = [site.mapping(name) for name in types] or list(site.mappings.values())
    folder = out or Path()
    folder.mkdir(parents=True, exist_ok=True)
    language = lang or terminal_language()
    written = []
    for mapping in mappings:
        path = folder / template_name(mapping, language)
        write_template(mapping, language, path)
        written.append({"document_type": mapping.document_type, "language": language, "file": str(path.resolve())})
    if as_json:
        print_json(written)
    for item in () if as_json else written:
        tell("{file}", file=item["file"])
    return 0
