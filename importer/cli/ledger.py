"""ledger prune, ledger copy."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from importer.api.ledger import copy as copy_ledger
from importer.api.ledger import prune as prune_ledger
from importer.api.opening import open_site
from importer.cli.language import say
from importer.cli.options import common
from importer.cli.output import print_json, tell
from importer.messages import N_

__all__ = ["ledger"]


@click.group(help=say(N_("The ledger: copy it to another database, remove what is no longer needed.")))
def ledger() -> None:
    """Group of what is done with the ledger itself."""


@ledger.command(help=say(N_("Remove events, payloads and kept workbooks of batches that ended long ago; what was imported stays known.")))
@click.option("--older-than", type=float, required=True, metavar="DAYS", help=say(N_("Batches without any event for so many days.")))
@common
def prune(older_than: float, *, as_json: bool, lang: str | None, config: Path | None) -> int:
    """A batch with anything left to do is not touched."""
    found = prune_ledger(open_site(config, None, lang, need_erp=False), older_than_days=older_than)
    if as_json:
        print_json([dataclasses.asdict(found)])
        return 0
    tell(
        N_("{ledger}: {events} events and {workbooks} workbooks removed; {before} MB before, {after} MB now; {documents} documents known."),
        ledger=found.ledger,
        events=found.events,
        workbooks=found.workbooks,
        before=f"{found.before_bytes / 1e6:.1f}",
        after=f"{found.after_bytes / 1e6:.1f}",
        documents=found.documents,
    )
    return 0


@ledger.command(help=say(N_("Copy a ledger into another database, such as from SQLite to PostgreSQL, and count it there.")))
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@common
def copy(source: str, target: str, *, as_json: bool, lang: str | None, config: Path | None) -> int:  # noqa: ARG001 - options of every command
    """FROM and TO are database URLs; TO is made. Refused while anybody sends from either, and when TO is not empty."""
    old, new, counts = copy_ledger(source, target)
    if as_json:
        print_json([{"from": old, "to": new, "rows": dict(counts)}])
        return 0
    tell(
        N_("{source} was copied to {target}: {batches} batches, {documents} documents, {events} events, as many as before."),
        source=old,
        target=new,
        batches=counts["batches"],
        documents=counts["documents"],
        events=counts["events"],
    )
    tell(N_("Set `ledger` in importer.toml to the new one before anything is sent, and put the old one away."))
    return 0
