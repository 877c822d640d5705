"""One round over one folder: what is in our hands first, then what has come; one file at a time, the oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from importer.ledger.watched import WatchedFile
from importer.messages import N_, translate
from importer.watcher.hours import Hours
from importer.watcher.importing import Busy, attempt, backoff, document_type_of
from importer.watcher.leaving import decide, finish, move_again, targets_of
from importer.watcher.looking import Candidate, Inbox, Waiting
from importer.watcher.report import FileReport, of_file, of_waiting
from importer.watcher.taking import LostFile, recover, sweep, take
from importer.watcher.telling import note
from importer.watcher.verdict import Verdict, given_up, stays

if TYPE_CHECKING:
    from importer.watcher.desk import Desk

__all__ = ["Folder"]

BUSY_S: Final = 1  # before another try while another process sends

Heard = Callable[[FileReport], None]
"""Told of every file that has ended or was tried."""


@dataclass(slots=True)
class Folder:
    """One watched folder in one session."""

    desk: Desk
    inbox: Inbox
    hours: Hours
    heard: Heard = lambda _: None
    not_before: datetime | None = None  # the ERP is down: one file asks, and not before this
    _patient: bool = True

    def begin(self) -> None:
        """Once in a session: what a crash or a restored backup left behind."""
        for file in sweep(self.desk):
            move_again(self.desk, file)

    def round(self, *, patient: bool = True) -> None:
        """Look, take, import. Not `patient`: what waits for its next attempt is tried now. Raises LedgerUnavailable, OSError."""
        desk = self.desk
        desk.pulse.busy = True
        self._patient, self.not_before = patient, self.not_before if patient else None
        try:
            ready, waiting = self.inbox.look()
            desk.pulse.inbox = len(ready) + len(waiting)
            self._report_late(waiting)
            self._recovered()
            now = desk.files.now()
            if not self.hours.may_send(now):
                desk.pulse.moved()  # nothing is meant to move
                return
            self._go_on(patient=patient)
            if self.hours.may_take(now) if patient else True:
                self._take_new(ready)
        finally:
            desk.pulse.working = sum(file.step == "import" for file in desk.files.open_files(desk.place.id))
            desk.pulse.looked()

    def waiting(self) -> Iterator[FileReport]:
        """Files of the inbox that are not complete."""
        yield from (of_waiting(self.desk.place, item) for item in self.inbox.look()[1])

    def _recovered(self) -> None:
        """What nobody holds any more is ours; what was decided is carried out at any hour."""
        desk = self.desk
        for file in desk.files.take_over(desk.place.id, owner=desk.owner, lease=desk.lease):
            desk.log.info("file_taken_over", file=file.name, state=file.state, crashes=file.crashes)
            self._guarded(file.name, self._recover, file)
        for file in desk.files.open_files(desk.place.id, owner=desk.owner):
            if file.state == "leaving":
                self._guarded(file.name, self._finish, file)
            elif file.state == "claimed":  # the disk failed us in the middle of taking it
                self._guarded(file.name, self._recover, file)

    def _recover(self, file: WatchedFile) -> None:
        recover(self.desk, file)

    def _go_on(self, *, patient: bool) -> None:
        """Files in our hands whose time has come; one that its watchers died of comes last."""
        desk = self.desk
        mine = [file for file in desk.files.open_files(desk.place.id, owner=desk.owner) if file.state == "working"]
        for file in sorted(mine, key=lambda file: (file.crashes, file.claimed_at, file.id)):
            due = desk.files.now() >= file.due_at or (not patient and file.step == "import")
            if due and self._may_ask():
                self._guarded(file.name, self._attempt, file)

    def _take_new(self, ready: list[Candidate]) -> None:
        for item in sorted(ready, key=self._order):
            if not self._may_ask():
                return
            self._guarded(item.name, self._take_one, item)

    def _take_one(self, item: Candidate) -> None:
        file = take(self.desk, item)
        if file is not None:
            self.desk.pulse.came()
            self.desk.log.info("file_taken", file=file.name, size=file.size, id=file.id)
            self._attempt(file)

    def _order(self, item: Candidate) -> tuple[int, int, str]:
        """By document type where the folder tells it (receipts before what uses them up), then by age."""
        name = document_type_of(self.desk, item.name)
        return self.desk.site.mapping(name).order if name else 0, item.mtime_ns, item.name

    def _may_ask(self) -> bool:
        return not self.desk.stop.is_set() and (self.not_before is None or self.desk.files.now() >= self.not_before)

    def _guarded(self, name: str, step: Callable[[Any], object], subject: object) -> None:
        try:
            step(subject)
        except LostFile:
            self.desk.log.warning("file_lost", file=name)
        except OSError as error:  # a disk that is full, a name that is too long: the next file may go well
            self._stuck(name, subject, error)

    def _stuck(self, name: str, subject: object, error: OSError) -> None:
        reason = f"{error.strerror or error}: {error.filename or ''}".strip(": ")
        now = self.desk.files.get(subject.id) if isinstance(subject, WatchedFile) else None
        if now is not None and now.owner != self.desk.owner:
            self.desk.log.warning("file_lost", file=name, reason=reason)
            return
        self.desk.log.error("file_stuck", file=name, reason=reason)
        self.desk.pulse.problem = f"{name}: {reason}"
        note(self.desk, f"stuck:{name}:{reason}", WAITS, file=name, reason=reason, folder=str(self.desk.place.root))

    # -- one file ------------------------------------------------------------------------------------------------------

    def _attempt(self, file: WatchedFile) -> None:
        desk = self.desk
        try:
            verdict = attempt(desk, file)
        except Busy as busy:
            self._busy(file, busy)
            return
        now = desk.files.now()
        if not verdict.outcome and not verdict.interrupted:
            verdict = self._given_up(file, verdict, now)
        ended = verdict.outcome in ("done", "tofix")
        hour = self.hours.post_at(now) if ended and file.step == "import" and _has_more_to_post(verdict) else None
        if hour is not None:
            words = translate(N_("Waits to be posted at {time}."), verdict.language, time=f"{hour.astimezone():%Y-%m-%d %H:%M}")
            told = replace(verdict, exit_code=0, message=words)
            self._waits(file, told, step="post", due_at=hour, attempts=0, trouble_since=None)
        elif verdict.outcome:
            self._finish(decide(desk, file, verdict))
        else:
            self._stays(file, verdict, now)

    def _given_up(self, file: WatchedFile, verdict: Verdict, now: datetime) -> Verdict:
        hours, since = self.desk.place.rules.give_up_h, file.trouble_since
        return given_up(verdict, hours) if since is not None and now - since >= timedelta(hours=hours) else verdict

    def _busy(self, file: WatchedFile, busy: Busy) -> None:
        """Another process is sending: whoever is free first goes on with this file."""
        verdict = stays(4, busy.message, self.desk.language, file.batch_id)
        self.not_before = self.desk.files.now() + timedelta(seconds=BUSY_S)
        self._waits(file, verdict, aloud=not self._patient, owner="", attempts=file.attempts)

    def _stays(self, file: WatchedFile, verdict: Verdict, now: datetime) -> None:
        wait = backoff(self.desk, file)
        self.desk.pulse.problem = f"{file.name}: {verdict.message}"
        if verdict.interrupted:
            self._waits(file, verdict, due_at=now + wait if verdict.message else now)
            return
        if verdict.exit_code in (2, 4):  # what is wrong concerns every file
            self.not_before = now + timedelta(seconds=self.desk.place.rules.retry_s)
        if file.trouble_since is not None:  # not the first time: no mere hiccup
            words = {"file": file.name, "reason": verdict.message, "folder": str(self.desk.place.root)}
            note(self.desk, f"trouble:{file.id}", WAITS, **words)
        self._waits(file, verdict, due_at=now + wait, trouble_since=file.trouble_since or now)

    def _waits(self, file: WatchedFile, verdict: Verdict, *, aloud: bool = True, **values: object) -> None:
        desk = self.desk
        desk.log.info("file_waits", file=file.name, exit_code=verdict.exit_code, reason=verdict.message, batch=verdict.batch)
        held = {"attempting": False, "batch_id": verdict.batch or file.batch_id, "exit_code": verdict.exit_code}
        if not desk.files.change(file, **held, **values):
            raise LostFile(file.name)
        if aloud:
            self.heard(of_file(desk.place, file, outcome="working", verdict=verdict))

    def _finish(self, file: WatchedFile) -> None:
        ended = finish(self.desk, file)
        self.desk.pulse.problem = ""
        self.heard(of_file(self.desk.place, ended, outcome=ended.outcome, targets=targets_of(ended)))

    # -- files that never get complete ---------------------------------------------------------------------------------

    def _report_late(self, waiting: list[Waiting]) -> None:
        for item in waiting:
            seen = item.candidate
            if item.since_s >= self.desk.place.rules.report_after_min * 60:
                words = {"file": seen.name, "folder": str(self.desk.place.root), "minutes": f"{item.since_s / 60:.0f}"}
                note(self.desk, f"late:{seen.name}:{seen.inode}", LATE[item.why], **words)


WAITS = N_("{file} in {folder} waits, and is tried again: {reason}")
LATE = {
    "changing": N_("{file} in {folder} has been changing for {minutes} minutes and is not imported."),
    "open": N_("{file} in {folder} has been open in another program for {minutes} minutes and is not imported."),
    "damaged": N_("{file} in {folder} has been incomplete for {minutes} minutes and is not imported."),
}


def _has_more_to_post(verdict: Verdict) -> bool:
    stages = verdict.facts.get("stages")
    return isinstance(stages, dict) and any(stages.get(stage) for stage in ("created", "approved"))
