"""lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.api import lists as api
from importer.api.opening import open_site
from importer.api.values import worst
from importer.cli.language import say
from importer.cli.options import common, erp
from importer.cli.output import error_text, print_json, table, tell, warn
from importer.messages import N_

__all__ = ["lists"]

HEADINGS = (N_("List"), N_("Codes"), N_("Changed"), N_("File"))


@click.command(help=say(N_("Show the lists of valid codes and how old they are; `lists fetch` gets them from the ERP.")))
@click.argument("what", nargs=-1, metavar="[fetch [LIST ...]]")
@erp
@common
def lists(what: tuple[str, ...], profile: str | None, *, as_json: bool, lang: str | None, config: Path | None) -> int:
    """A list that cannot be fetched stays as it was; the exit code is the worst of all."""
    if what and what[0] != "fetch":
        raise click.UsageError(say(N_("`importer lists` takes nothing but fetch and names of lists; found: {found}"), found=what[0]))
    site = open_site(config, profile, lang, need_erp=bool(what))
    found = api.fetch_lists(site, what[1:]) if what else api.lists(site)
    if as_json:
        print_json([_json(report) for report in found])
    else:
        table([_row(report) for report in found], [say(text) for text in HEADINGS])
    for report in found:
        if report.error is not None:
            warn("{text}", text=error_text(report.error))
        elif what and report.before and report.codes < report.before and not as_json:
            tell(N_("{name} had {before} codes before and has {codes} now."), name=report.name, before=report.before, codes=report.codes)
    return worst([report.exit_code for report in found])


def _row(report: api.ListReport) -> list[object]:
    if report.file is None or report.changed_at is None:
        return [report.name, "-", "-", say(N_("not there"))]
    file = str(report.file) if report.used else say(N_("{file} (no field uses it)"), file=report.file)
    return [report.name, report.codes, f"{report.changed_at:%Y-%m-%d %H:%M}", file]


def _json(report: api.ListReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "file": str(report.file) if report.file else None,
        "codes": report.codes if report.file else None,
        "before": report.before,
        "changed_at": report.changed_at,
        "used": report.used,
        "fetchable": report.fetchable,
        "error": error_text(report.error) if report.error else None,
    }
