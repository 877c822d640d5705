"""check, run, resume."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from importer.api.opening import Site, ledger_to_read, ledger_to_send, make_folder, same_erp, usable_route, wait_for_ledger
from importer.api.values import CheckReport, Listener, Policy, RunReport
from importer.errors import ConfigurationError, LedgerLost
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Batch, Stage, Status
from importer.pipeline.checking import Checked, examine, identify
from importer.pipeline.kept import load_kept
from importer.pipeline.lookups import values_without_new_code
from importer.pipeline.preview import Preview, preview
from importer.pipeline.stockcheck import with_stock
from importer.pipeline.submitting import submit
from importer.schema import load_early

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.pipeline.reporting import Reported
    from importer.pipeline.sending import Carry, Sent
    from importer.workbook.books import Book
    from importer.workbook.reader import Sheet

__all__ = ["check", "resume", "run"]

Books = dict[Path, "Book"]
"""Files that are open already (`importer.workbook.books.open_early`); each is taken out when it is read, so that nothing keeps it."""

LEDGER: Final = "importer.ledger.opening"  # with SQLAlchemy, a quarter of a second to load


def check(
    files: Sequence[Path],
    site: Site,
    *,
    document_type: str | None = None,
    route: str | None = None,
    out: Path | None = None,
    payloads: Path | None = None,
    books: Books | None = None,
) -> list[CheckReport]:
    """Check workbooks without any call to the ERP; an annotated copy is written for each that has findings.

    With `payloads` the request of every sound document is written into that folder, below it by file where there are several.
    """
    make_folder(out)
    make_folder(payloads)
    examined = [_examined(path, site, document_type, route, books) for path in files]
    with ledger_to_read(site) as ledger:
        checked = _identified(examined, site, ledger)
    for file in checked:
        if payloads and file.mapping:
            _write_requests(file, site, route, payloads if len(files) == 1 else payloads / file.path.stem)
    unmapped = _unmapped(checked, out)
    return [_check_report(file, out, unmapped) for file in checked]


def _examined(path: Path, site: Site, document_type: str | None, route: str | None, books: Books | None) -> Checked:
    """One file by itself; what the next steps need is loaded meanwhile."""
    return examine(
        path,
        mappings=site.mappings,
        profile=site.profile,
        document_type=document_type,
        route=route,
        language=site.language,
        known=site.master_data.known,
        unpacking=partial(load_early, LEDGER),
        book=books.pop(path, None) if books else None,
    )


def _identified(examined: Sequence[Checked], site: Site, ledger: Ledger, again: str = "") -> list[Checked]:
    """All files of one call, held against the ledger, and what they take from stock together."""
    checked = [identify(file, profile=site.profile, ledger=ledger, again=again) for file in examined]
    return with_stock(checked, site.master_data)


def _check_report(checked: Checked, out: Path | None, unmapped: Mapping[str, Path]) -> CheckReport:
    every = list(checked.every_document)
    seen = preview(checked)
    return CheckReport(
        file=checked.path,
        document_type=checked.document_type,
        rows=checked.rows,
        documents=len(every),
        lines=sum(len(document.lines) for document in every),
        already_imported=checked.already(Stage.POSTED),
        issues=checked.issues,
        annotated=_annotated(checked, out, seen),
        language=checked.language,
        preview=seen,
        unmapped=[unmapped[field] for field in values_without_new_code(checked.issues) if field in unmapped],
    )


def _annotated(checked: Checked, folder: Path | None, seen: Preview | None = None) -> Path | None:
    """The workbook with the findings in it; a file without any does not load what writes workbooks."""
    if not checked.issues:
        return None
    from importer.pipeline.reporting import annotate

    return annotate(checked, folder=folder, seen=seen)


def _unmapped(checked: Sequence[Checked], out: Path | None) -> dict[str, Path]:
    """By field: a table ready to be filled with the new codes that all the files lack; only where a folder was named."""
    from importer.masterdata import write_unmapped

    if out is None:
        return {}
    values = values_without_new_code(found for file in checked for found in file.issues)
    return {field: write_unmapped(out, field, counts) for field, counts in values.items()}


def _write_requests(checked: Checked, site: Site, route: str | None, folder: Path) -> None:
    from importer.pipeline.requests import write_requests

    if checked.mapping is not None:
        make_folder(folder)
        way = route or site.profile.route_of(checked.mapping.document_type)
        write_requests(checked.documents, folder, profile=site.profile, mapping=checked.mapping, route=way)


def run(
    files: Sequence[Path],
    site: Site,
    *,
    document_type: str | None = None,
    until: Stage = Stage.POSTED,
    route: str | None = None,
    policy: Policy = "all",
    again: str = "",
    wait: bool = True,
    out: Path | None = None,
    stop: threading.Event | None = None,
    listener: Listener | None = None,
    carry: Carry | None = None,
    books: Books | None = None,
) -> list[RunReport]:
    """Check, record and send workbooks, and write the results of each. Files of one call go in the order of their document types.

    `carry` sends in place of this process (`importer.worker.following.carrier`)."""
    listener, stop = listener or Listener(), stop or threading.Event()
    make_folder(out)
    reports: dict[int, RunReport] = {}
    with ledger_to_send(site, listener, wait=wait) as ledger:
        ledger.take_over(None)  # also what another batch of the same documents was sending when it died
        checked = _identified([_examined(path, site, document_type, route, books) for path in files], site, ledger, again)
        order = sorted(range(len(checked)), key=lambda position: checked[position].mapping.order if checked[position].mapping else 0)  # type: ignore[union-attr]
        _unmapped(checked, out)
        job = _Job(site=site, ledger=ledger, listener=listener, stop=stop, wait=wait, out=out, carry=carry)
        for position in order:
            reports[position] = job.hand_in(checked[position], until=until, route=route, policy=policy, again=again)
    return [reports[position] for position in range(len(files))]


def resume(
    batch: str | None,
    site: Site,
    *,
    until: Stage | None = None,
    retry_rejected: bool = False,
    wait: bool = True,
    out: Path | None = None,
    stop: threading.Event | None = None,
    listener: Listener | None = None,
    carry: Carry | None = None,
) -> list[RunReport]:
    """Carry on one batch, or all unfinished ones. What the ERP rejected is not tried again; a new `run` does that, or
    `retry_rejected`, for whoever knows that the batch's own run died."""
    listener, stop = listener or Listener(), stop or threading.Event()
    make_folder(out)
    reports = []
    with ledger_to_send(site, listener, wait=wait) as ledger:
        ledger.take_over(None)
        batches = [ledger.batch(batch)] if batch else ledger.unfinished(site.profile.erp_id)
        for found in batches:
            same_erp(found, site)
            _may_go_on(found)
            if found.state == "paused":
                ledger.set_state(found.id, "open")
            if until is not None:
                ledger.set_until(found.id, site.mapping(found.document_type).scenario.last_before(until))
                found = ledger.batch(found.id)
            job = _Job(site=site, ledger=ledger, listener=listener, stop=stop, wait=wait, out=out, carry=carry)
            reports.append(job.carry_on(found, retry_rejected=retry_rejected))
            if stop.is_set():
                break
    return reports


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One call of run or resume on an open ledger."""

    site: Site
    ledger: Ledger
    listener: Listener
    stop: threading.Event
    wait: bool
    out: Path | None
    carry: Carry | None = None

    def hand_in(self, checked: Checked, *, until: Stage, route: str | None, policy: Policy, again: str) -> RunReport:
        """One checked file: record it, send it, report it; or report what is wrong with it."""
        profile = self.site.profile
        batch = None
        if not self.stop.is_set():
            way = usable_route(self.site, checked.mapping, route) if checked.mapping else "standard"
            batch = submit(checked, profile=profile, ledger=self.ledger, until=until, route=way, policy=policy, again=again)
        every = list(checked.every_document)
        report = RunReport(
            file=str(checked.path),
            batch=batch.id if batch else None,
            document_type=checked.document_type,
            rows=checked.rows,
            documents=len(every),
            lines=sum(len(document.lines) for document in every),
            stages=checked.stages(),
            rejected=0,
            unknown=0,
            already_imported=checked.already(until),
            issues=checked.issues,
            results=None,
            language=checked.language,
            interrupted=self.stop.is_set(),
        )
        if batch is None:
            return replace(report, results=_annotated(checked, self.out))
        sent = self._send(batch, retry_rejected=True)
        return self._reported(batch, sent, report, others=len(checked.failed) + len(checked.changed), sheet=checked.sheet)

    def carry_on(self, batch: Batch, *, retry_rejected: bool = False) -> RunReport:
        """One batch that is in the ledger already."""
        kept = load_kept(self.ledger.issues(batch.id))
        lines = sum(len(member.rows) for member in self.ledger.members(batch.id))
        report = RunReport(
            file=batch.file,
            batch=batch.id,
            document_type=batch.document_type,
            rows=batch.rows,
            documents=self.ledger.counts(batch.id).documents,
            lines=lines,
            stages={},
            rejected=0,
            unknown=0,
            already_imported=0,
            issues=kept.issues,
            results=None,
            language=batch.language,
        )
        return self._reported(batch, self._send(batch, retry_rejected=retry_rejected), report, others=0)

    def _send(self, batch: Batch, *, retry_rejected: bool) -> Sent:
        profile = self.site.profile
        mapping = self.site.mapping(batch.document_type)
        counts = self.ledger.counts(batch.id)
        self.listener.started(batch, counts.documents, _steps_left(counts.stages, batch.until, mapping))
        look_first = self._look_first()
        try:
            while (sent := self._sent(batch, mapping, retry_rejected=retry_rejected, look_first=look_first)) is None:
                retry_rejected = False
        finally:
            self.listener.ended()
        if sent.twice:
            self.listener.notice(N_("{count} documents stand in the ERP under several numbers; the results say which."), count=sent.twice)
        elif not sent.interrupted and not sent.unavailable:
            self.ledger.settle_erp(profile.erp_id)
        return sent

    def _sent(self, batch: Batch, mapping: DocumentType, *, retry_rejected: bool, look_first: bool) -> Sent | None:
        """How far it came; None when the ledger's server went away meanwhile and is back."""
        from importer.pipeline.sending import send

        try:
            return send(
                self.ledger,
                batch,
                profile=self.site.profile,
                mapping=mapping,
                stop=self.stop,
                retry_rejected=retry_rejected,
                wait=self.wait,
                look_first=look_first,
                progress=self.listener.progress,
                on_wait=self.listener.waiting,
                carry=self.carry,
            )
        except LedgerLost as lost:
            if not self.wait:
                raise
            wait_for_ledger(self.ledger, lost, stop=self.stop, listener=self.listener)
            return None

    def _look_first(self) -> bool:
        """Whether each create is preceded by a look in the ERP (design §4.1 rule 8)."""
        asked = self.site.profile.ask_before_create
        if asked == "auto" and not self.ledger.erp_is_settled(self.site.profile.erp_id):
            self.listener.notice(N_("This ledger has not sent to this ERP before: the ERP is asked before each document is created."))
            return True
        return asked == "always"

    def _reported(self, batch: Batch, sent: Sent, report: RunReport, *, others: int, sheet: Sheet | None = None) -> RunReport:
        counts = self.ledger.counts(batch.id)
        stages = {stage.value: number for stage, number in counts.stages.items()}
        if others:
            stages["new"] = stages.get("new", 0) + others
        written = self._written(batch, sheet)
        return replace(
            report,
            stages=stages,
            rejected=counts.entries.get(Status.REJECTED, 0),
            unknown=counts.entries.get(Status.UNKNOWN, 0) + counts.entries.get(Status.SENDING, 0),
            already_imported=counts.already,
            results=written.results if written else None,
            tofix=written.tofix if written else None,
            interrupted=sent.interrupted,
            unavailable=sent.unavailable,
            twice=sent.twice,
        )

    def _written(self, batch: Batch, sheet: Sheet | None) -> Reported | None:
        """The workbooks that go back. What was sent is told also when they cannot be written; `importer results` writes it later."""
        from importer.pipeline.reporting import report as write_report

        mapping = self.site.mapping(batch.document_type)
        try:
            return write_report(self.ledger, batch, mapping=mapping, mappings=self.site.mappings, folder=self.out, sheet=sheet)
        except OSError as error:
            self.listener.notice("{reason}", reason=f"{error.strerror or error}: {error.filename or ''}".strip(": "))
            return None


def _may_go_on(batch: Batch) -> None:
    if batch.state in ("cancelled", "undoing"):
        raise ConfigurationError(
            N_("Batch {batch} was cancelled or undone and is not carried on; hand the workbook in again with `importer run`."),
            batch=batch.id,
        )


def _steps_left(stages: Mapping[Stage, int], until: Stage, mapping: DocumentType) -> int:
    """Calls that carry all documents to `until` if nothing goes wrong."""
    left = 0
    for stage, number in stages.items():
        at: Stage | None = stage
        while at is not None and at is not until and at in mapping.scenario.steps:
            at = mapping.scenario.steps[at][1]
            left += number
    return left
