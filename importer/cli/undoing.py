"""undo, pause, cancel, call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.api import undoing as api
from importer.api.opening import open_site
from importer.api.values import UndoReport
from importer.cli.language import say
from importer.cli.options import common, erp, out_option
from importer.cli.output import error_text, print_json, table, tell, warn
from importer.cli.progress import TerminalListener, stop_on_signal
from importer.messages import N_
from importer.models import Operation

__all__ = ["call", "cancel", "pause", "undo"]


@click.command(help=say(N_("Take back what a batch brought into the ERP, by reverse calls.")))
@click.argument("batch")
@click.option("--plan", "plan_only", is_flag=True, help=say(N_("Only show what would be done.")))
@click.option("--no-wait", is_flag=True, help=say(N_("Wait neither for another process nor for grace periods.")))
@out_option
@erp
@common
def undo(batch: str, out: Path | None, *, plan_only: bool, no_wait: bool, as_json: bool, **options: Any) -> int:
    """Newest document first; what the ERP refuses to reverse stays and is reported."""
    site = open_site(options["config"], options["profile"], options["lang"])
    if plan_only:
        report = api.undo_plan(batch, site)
    else:
        with stop_on_signal() as stop:
            report = api.undo(batch, site, wait=not no_wait, out=out, stop=stop, listener=TerminalListener())
    if as_json:
        print_json([_json(report)])
    else:
        _print(report, plan_only=plan_only)
    return report.exit_code


def _json(report: UndoReport) -> dict[str, Any]:
    return {
        "batch": report.batch,
        "plan": list(report.plan),
        "undone": report.undone,
        "rejected": report.rejected,
        "unknown": report.unknown,
        "stages": dict(report.stages),
        "results": str(report.results.resolve()) if report.results else None,
    }


def _print(report: UndoReport, *, plan_only: bool) -> None:
    if plan_only:
        rows = [(item["doc_no"], say(str(item["stage"])), " → ".join(_words(item["operations"]))) for item in report.plan]
        table(rows, [say(N_("Document number")), say(N_("Stage")), say(N_("Steps"))])
        return
    tell(N_("{batch}: {undone} of {planned} documents undone"), batch=report.batch, undone=report.undone, planned=len(report.plan))
    for text, number in (
        (N_("  refused by the ERP: {number}"), report.rejected),
        (N_("  unknown, to be settled: {number}"), report.unknown),
    ):
        if number:
            tell(text, number=number)
    if report.unavailable:
        warn("{text}", text=error_text(report.unavailable))
    if report.results:
        tell(N_("  results: {path}"), path=report.results)


def _words(operations: object) -> list[str]:
    return [say(str(operation)) for operation in operations] if isinstance(operations, list) else []


OPERATION_TEXTS = (N_("delete"), N_("disapprove"), N_("dispost"), N_("invalid"), N_("read"), N_("query"), N_("update"))


def _state_command(name: str, state: str, text: str, done: str) -> click.Command:
    @click.command(name=name, help=say(text))
    @click.argument("batch")
    @common
    def command(batch: str, *, as_json: bool, lang: str | None, config: Path | None) -> int:
        site = open_site(config, None, lang, need_erp=False)
        found = api.set_state(batch, site, state)
        if as_json:
            print_json([{"batch": found.id, "state": found.state}])
        else:
            tell(done, batch=found.id)
        return 0

    return command


pause = _state_command(
    "pause",
    "paused",
    N_("Stop sending a batch after the documents under way."),
    N_("{batch} is paused; carry on with: importer resume {batch}"),
)
cancel = _state_command(
    "cancel", "cancelled", N_("Stop sending a batch for good; what is in the ERP stays there."), N_("{batch} is cancelled.")
)


@click.command(help=say(N_("One operation on one document of the ERP.")))
@click.argument("document_type", metavar="TYPE")
@click.argument("operation", type=click.Choice([item.value for item in Operation if item is not Operation.COMBINED]))
@click.option("--doc-no", required=True, metavar="N", help=say(N_("Its number in the ERP.")))
@click.option("--doc-type-no", default="", metavar="SLIP", help=say(N_("Its slip type, where the number does not begin with it.")))
@erp
@common
def call(document_type: str, operation: str, doc_no: str, doc_type_no: str, *, as_json: bool, **options: Any) -> int:
    """Exit code 1 when the ERP refuses, 3 when there is no trusted answer."""
    site = open_site(options["config"], options["profile"], options["lang"])
    done = api.call(document_type, Operation(operation), doc_no, site, doc_type_no=doc_type_no, listener=TerminalListener())
    if as_json:
        print_json([done])
    else:
        tell(N_("{number}: {stage} {message}"), number=doc_no, stage=say(done["stage"] or N_("unknown")), message=done.get("message", ""))
    if done["accepted"] is None:
        return 3
    return 0 if done["accepted"] else 1
