"""check, run, resume.

A large workbook is being unpacked while the API and all that it needs are loaded: both take most of a second.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import importer
from importer.api.values import CheckReport, RunReport, worst
from importer.cli.language import say
from importer.cli.options import FILE, common, document_type_option, erp, out_option, until_option
from importer.cli.output import check_json, print_issues, print_json, print_preview, print_run, run_json, tell
from importer.cli.progress import TerminalListener, stop_on_signal
from importer.messages import N_
from importer.models import Stage
from importer.workbook.books import open_early

if TYPE_CHECKING:
    from importer.api.opening import Site
    from importer.pipeline.sending import Carry
    from importer.workbook.books import Book

__all__ = ["check", "resume", "run"]

route_option = click.option(
    "--route", type=click.Choice(["standard", "combined"]), help=say(N_("Three calls, or the combined custom call."))
)
workers_option = click.option("--workers", is_flag=True, help=say(N_("Let the workers of a PostgreSQL ledger send, and follow them.")))
no_wait_option = click.option("--no-wait", is_flag=True, help=say(N_("Wait neither for another process nor for grace periods.")))


@click.command(help=say(N_("Check workbooks: every issue at once, no call to the ERP.")))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE ...")
@document_type_option
@route_option
@click.option("--payloads", type=FILE, metavar="DIR", help=say(N_("Write the exact request of every sound document into this folder.")))
@out_option
@erp
@common
def check(
    files: tuple[Path, ...],
    document_type: str | None,
    route: str | None,
    payloads: Path | None,
    out: Path | None,
    profile: str | None,
    *,
    as_json: bool,
    lang: str | None,
    config: Path | None,
) -> int:
    """Exit code 1 as soon as one file has an error."""
    books = _begun(files)
    site = importer.open_site(config, profile, lang, need_erp=False)
    _known_type(site, document_type)
    reports = importer.check(files, site, document_type=document_type, route=route, out=out, payloads=payloads, books=books)
    if as_json:
        print_json([check_json(report) for report in reports])
    else:
        for report in reports:
            _print_check(report)
    return worst([report.exit_code for report in reports])


def _begun(files: Sequence[Path]) -> dict[Path, Book]:
    """The first of the files, where it can be unpacked by itself."""
    book = open_early(files[0])
    return {files[0]: book} if book else {}


def _print_check(report: CheckReport) -> None:
    tell(
        N_("{file}: {rows} rows, {documents} documents, {lines} lines, already imported: {already}"),
        file=report.file,
        rows=report.rows,
        documents=report.documents,
        lines=report.lines,
        already=report.already_imported,
    )
    if report.issues:
        print_issues(report.issues, report.language)
    else:
        tell(N_("  nothing to correct"))
    print_preview(report.preview, report.issues)
    if report.annotated:
        tell(N_("  annotated workbook: {path}"), path=report.annotated)
    for path in report.unmapped:
        tell(N_("  new codes to be filled in: {path}"), path=path)


@click.command(help=say(N_("Import workbooks: check, create, approve, post, results.")))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE ...")
@document_type_option
@until_option("posted")
@route_option
@click.option(
    "--policy",
    type=click.Choice(["all", "good", "stop"]),
    default="all",
    show_default=True,
    help=say(N_("all: send nothing while there is an error; good: send the sound documents; stop: and stop at the first refusal.")),
)
@click.option("--again", metavar="REASON", default="", help=say(N_("Send the same content once more, for this reason.")))
@workers_option
@no_wait_option
@out_option
@erp
@common
def run(files: tuple[Path, ...], out: Path | None, **options: Any) -> int:
    """Exit codes as design §8 lists them."""
    books = _begun(files)
    site = importer.open_site(options["config"], options["profile"], options["lang"])
    _known_type(site, options["document_type"])
    listener = TerminalListener()
    with stop_on_signal() as stop:
        reports = importer.run(
            files,
            site,
            document_type=options["document_type"],
            until=Stage(options["until"]),
            route=options["route"],
            policy=options["policy"],
            again=options["again"],
            wait=not options["no_wait"],
            out=out,
            stop=stop,
            listener=listener,
            carry=_carry(site, listener, stop) if options["workers"] else None,
            books=books,
        )
    return _print_reports(reports, as_json=options["as_json"])


@click.command(help=say(N_("Carry on what was interrupted.")))
@click.argument("batch", required=False)
@until_option(None)
@workers_option
@no_wait_option
@out_option
@erp
@common
def resume(batch: str | None, out: Path | None, **options: Any) -> int:
    """Without BATCH: all unfinished batches."""
    site = importer.open_site(options["config"], options["profile"], options["lang"])
    listener = TerminalListener()
    with stop_on_signal() as stop:
        reports = importer.resume(
            batch,
            site,
            until=Stage(options["until"]) if options["until"] else None,
            wait=not options["no_wait"],
            out=out,
            stop=stop,
            listener=listener,
            carry=_carry(site, listener, stop) if options["workers"] else None,
        )
    if not reports and not options["as_json"]:
        tell(N_("There is nothing to carry on."))
    return _print_reports(reports, as_json=options["as_json"])


def _carry(site: Site, listener: TerminalListener, stop: threading.Event) -> Carry:
    from importer.worker.following import carrier

    return carrier(site, listener, stop)


def _print_reports(reports: list[RunReport], *, as_json: bool) -> int:
    if as_json:
        for report in reports:
            if report.unavailable:
                sys.stderr.write(f"{report.unavailable}\n")
        print_json([run_json(report) for report in reports])
    else:
        for report in reports:
            print_run(report)
    return worst([report.exit_code for report in reports])


def _known_type(site: Site, document_type: str | None) -> None:
    if document_type is not None:
        site.mapping(document_type)
