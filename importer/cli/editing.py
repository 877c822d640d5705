"""query, update."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.api import editing as api
from importer.api.editing import QueryReport, UpdateReport
from importer.api.opening import open_site
from importer.cli.language import say
from importer.cli.options import FILE, common, erp
from importer.cli.output import error_text, print_issues, print_json, tell, warn
from importer.cli.progress import stop_on_signal
from importer.messages import N_

__all__ = ["query", "update"]


@click.command(help=say(N_("Query documents of the ERP into a workbook that can be edited and handed to `update`.")))
@click.argument("document_type", metavar="TYPE")
@click.option(
    "--where",
    multiple=True,
    metavar="FIELD=VALUE",
    help=say(N_("Condition; several hold at once. Operators: = <> >= <= > < and, with =, % or * for any text. Also: _state=created.")),
)
@click.option("--out", type=FILE, metavar="FILE", help=say(N_("The workbook to write.")))
@erp
@common
def query(document_type: str, where: tuple[str, ...], out: Path | None, *, as_json: bool, **options: Any) -> int:
    """FIELD is a technical name, a name on the wire or a label in any language; quote what has < or > in it."""
    site = open_site(options["config"], options["profile"], options["lang"])
    report = api.query(document_type, site, where=where, out=out)
    if as_json:
        print_json([_query_json(report)])
    else:
        tell(N_("{documents} documents, {lines} lines: {file}"), documents=report.documents, lines=report.lines, file=report.file)
    return 0


def _query_json(report: QueryReport) -> dict[str, Any]:
    return {
        "document_type": report.document_type,
        "documents": report.documents,
        "lines": report.lines,
        "file": str(report.file.resolve()),
    }


@click.command(help=say(N_("Update unapproved documents of the ERP from an edited workbook of `query`.")))
@click.argument("file", type=FILE, metavar="FILE")
@erp
@common
def update(file: Path, *, as_json: bool, **options: Any) -> int:
    """Only what differs from the ERP is sent; rows that were deleted from the workbook are left alone."""
    site = open_site(options["config"], options["profile"], options["lang"])
    with stop_on_signal() as stop:
        report = api.update(file, site, stop=stop)
    if report.unavailable:
        warn("{text}", text=error_text(report.unavailable))
    if report.interrupted or report.unavailable:
        warn(N_("Nothing is lost. Run the same update again: what is done already is skipped."))
    if as_json:
        print_json([_update_json(report)])
    else:
        _print_update(report)
    return report.exit_code


def _update_json(report: UpdateReport) -> dict[str, Any]:
    return {
        "file": str(report.file),
        "document_type": report.document_type,
        "documents": report.documents,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "unknown": report.unknown,
        "issues": len(report.issues),
        "results": str(report.results.resolve()) if report.results else None,
    }


def _print_update(report: UpdateReport) -> None:
    tell(
        N_("{file}: {documents} documents: updated {updated}, unchanged {unchanged}, refused {refused}, unknown {unknown}"),
        file=report.file,
        documents=report.documents,
        updated=report.updated,
        unchanged=report.unchanged,
        refused=report.refused,
        unknown=report.unknown,
    )
    if report.issues:
        print_issues(report.issues, report.language)
    if report.results:
        tell(N_("  results: {path}"), path=report.results)
