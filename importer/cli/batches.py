"""status, results, reconcile, resolve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.api import batches as api
from importer.api.opening import open_site
from importer.api.values import BatchStatus, worst
from importer.cli.language import say
from importer.cli.options import common, erp, out_option
from importer.cli.output import error_text, print_json, table, tell, warn
from importer.cli.progress import TerminalListener
from importer.messages import N_
from importer.models import Stage

if TYPE_CHECKING:
    from importer.ledger.fleet import WorkerState
    from importer.pipeline.verifying import Verified

__all__ = ["reconcile", "resolve", "results", "status"]


@click.command(help=say(N_("Show the batches and how far they are.")))
@click.argument("batch", required=False)
@click.option("--workers", "only_workers", is_flag=True, help=say(N_("Show the workers that are alive.")))
@erp
@common
def status(batch: str | None, profile: str | None, *, only_workers: bool, as_json: bool, lang: str | None, config: Path | None) -> int:
    """With BATCH: every document of it."""
    site = open_site(config, profile, lang, need_erp=False)
    alive = api.workers(site)
    if only_workers:
        return _show_workers(alive, as_json=as_json)
    found = api.status(site, batch)
    stories = list(api.stories(site, batch)) if batch else []
    if as_json:
        print_json([{**_status_json(item), **({"story": stories} if batch else {})} for item in found])
    elif not found:
        tell(N_("There are no batches yet."))
    else:
        table([_status_row(item) for item in found], [say(text) for text in HEADINGS])
        if alive and not batch:
            _show_workers(alive, as_json=False)
        if batch:
            table([_story_row(story) for story in stories], [say(text) for text in STORY_HEADINGS])
    return 0


HEADINGS = (N_("Batch"), N_("File"), N_("Document type"), N_("As far as"), N_("Documents"), N_("State"))
WORKER_HEADINGS = (N_("Machine"), N_("Process"), N_("Lanes"), N_("Busy"), N_("Since"))
STORY_HEADINGS = (N_("Rows"), N_("Reference"), N_("Stage"), N_("Document number"), N_("Step"), N_("Status"), N_("Message"))


def _show_workers(alive: Sequence[WorkerState], *, as_json: bool) -> int:
    if as_json:
        names = ("host", "pid", "lanes", "busy", "started_at", "heartbeat_at")
        print_json([{name: getattr(worker, name) for name in names} for worker in alive])
    elif not alive:
        tell(N_("No worker is running; start one with `importer worker`."))
    else:
        rows: list[list[object]] = [[w.host, w.pid, w.lanes, w.busy, f"{w.started_at.astimezone():%Y-%m-%d %H:%M}"] for w in alive]
        table(rows, [say(text) for text in WORKER_HEADINGS])
    return 0


def _status_row(item: BatchStatus) -> list[object]:
    batch = item.batch
    state = ", ".join(f"{say(name)} {number}" for name, number in {**item.stages, **item.entries}.items())
    if item.seconds_left is not None:
        state += say(
            N_("; {rate}/h, about {minutes} min left"), rate=f"{item.per_second * 3600:,.0f}", minutes=round(item.seconds_left / 60)
        )
    return [batch.id, Path(batch.file).name, batch.document_type, say(batch.until.value), item.documents, state]


def _story_row(story: dict[str, Any]) -> list[object]:
    rows = story["rows"]
    shown = f"{min(rows)}-{max(rows)}" if len(rows) > 1 else str(rows[0])
    step, state = story["operation"] or "", story["status"] or ""
    return [
        shown,
        story["token"],
        say(story["stage"]),
        story["doc_no"],
        say(step) if step else "",
        say(state) if state else "",
        story["message"],
    ]


def _status_json(item: BatchStatus) -> dict[str, Any]:
    batch = item.batch
    return {
        "batch": batch.id,
        "file": batch.file,
        "document_type": batch.document_type,
        "profile": batch.profile,
        "erp_id": batch.erp_id,
        "created_at": batch.created_at,
        "state": batch.state,
        "until": batch.until.value,
        "rows": batch.rows,
        "documents": item.documents,
        "stages": dict(item.stages),
        "entries": dict(item.entries),
        "already_imported": item.already_imported,
        "documents_per_hour": round(item.per_second * 3600) if item.per_second else None,
        "seconds_left": item.seconds_left,
    }


@click.command(help=say(N_("Write the results workbook of a batch.")))
@click.argument("batch")
@click.option("--verify", "verifying", is_flag=True, help=say(N_("Read every document back from the ERP and compare.")))
@out_option
@erp
@common
def results(
    batch: str, out: Path | None, profile: str | None, *, verifying: bool, as_json: bool, lang: str | None, config: Path | None
) -> int:
    """From what the ledger knows now; the ERP is asked only with --verify. Exit code 1 when it has something else."""
    site = open_site(config, profile, lang, need_erp=verifying)
    found, written = api.results(batch, site, out=out)
    verified = api.verify(batch, site) if verifying else None
    if as_json:
        tofix = str(written.tofix.resolve()) if written.tofix else None
        paths = {"results": str(written.results.resolve()), "tofix": tofix}
        print_json([{"batch": found.id, **paths, **({"verified": _verified_json(verified)} if verified else {})}])
    else:
        tell("{path}", path=written.results)
        if written.tofix:
            tell(N_("  to correct and hand in again: {path}"), path=written.tofix)
        if verified:
            _print_verified(verified)
    return 0 if verified is None or verified.equal else 1


def _verified_json(verified: Verified) -> dict[str, Any]:
    return {
        "documents": verified.documents,
        "missing": list(verified.missing),
        "stages": [{"doc_no": number, "ledger": ours, "erp": theirs} for number, (ours, theirs) in verified.stages.items()],
        "differences": [
            {"field": item.field, "group": list(item.group), "workbook": item.workbook, "erp": item.erp} for item in verified.differences
        ],
    }


def _print_verified(verified: Verified) -> None:
    if verified.equal:
        tell(N_("All {number} documents are in the ERP as the workbook has them."), number=verified.documents)
    for number in verified.missing:
        tell(N_("  {number} is not in the ERP"), number=number)
    for number, (ours, theirs) in verified.stages.items():
        tell(N_("  {number} is {theirs} in the ERP, {ours} here"), number=number, theirs=say(theirs), ours=say(ours))
    for item in verified.differences:
        tell(
            N_("  {group}: {field} {workbook} in the workbook, {erp} in the ERP"),
            group=" ".join(item.group),
            field=item.field,
            workbook=item.workbook,
            erp=item.erp,
        )


@click.command(help=say(N_("Ask the ERP about documents whose outcome is unknown.")))
@click.argument("batch", required=False)
@click.option("--no-wait", is_flag=True, help=say(N_("Do not wait for another process.")))
@erp
@common
def reconcile(batch: str | None, profile: str | None, *, no_wait: bool, as_json: bool, lang: str | None, config: Path | None) -> int:
    """Sends nothing; what is proven absent is sent by the next `resume`."""
    site = open_site(config, profile, lang)
    done = api.reconcile(batch, site, wait=not no_wait, listener=TerminalListener())
    for item in done:
        if item.unavailable:
            warn("{text}", text=error_text(item.unavailable))
    if as_json:
        print_json([{"batch": item.batch, "settled": item.settled, "unknown": item.unknown, "due": item.due} for item in done])
    elif not done:
        tell(N_("There is nothing to reconcile."))
    for item in () if as_json else done:
        tell(N_("{batch}: settled {settled}, still unknown {unknown}"), batch=item.batch, settled=item.settled, unknown=item.unknown)
    return worst([item.exit_code for item in done])


@click.command(help=say(N_("Record a person's word on a document that the ERP cannot settle.")))
@click.argument("token")
@click.option(
    "--as", "outcome", type=click.Choice(["absent", "created", "approved", "posted"]), required=True, help=say(N_("What it is in the ERP."))
)
@click.option("--doc-no", default="", metavar="N", help=say(N_("Its number in the ERP.")))
@click.option("--reason", required=True, metavar="TEXT", help=say(N_("How you know; it is recorded.")))
@click.option("--no-wait", is_flag=True, help=say(N_("Do not wait for another process.")))
@erp
@common
def resolve(token: str, outcome: str, doc_no: str, reason: str, *, no_wait: bool, as_json: bool, **options: Any) -> int:
    """TOKEN is the document's reference, as `status BATCH` shows it."""
    site = open_site(options["config"], options["profile"], options["lang"])
    stage = Stage.NEW if outcome == "absent" else Stage(outcome)
    done = api.resolve(token, site, stage=stage, doc_no=doc_no, reason=reason, wait=not no_wait, listener=TerminalListener())
    if as_json:
        print_json([{"token": done, "as": outcome, "doc_no": doc_no}])
    else:
        tell(N_("{token} is recorded as {outcome}."), token=done, outcome=say(outcome))
    return 0


OUTCOME_TEXTS = (N_("absent"), N_("pending"), N_("sending"), N_("succeeded"), N_("rejected"), N_("unknown"))
