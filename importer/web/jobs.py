"""One thread per profile that carries released uploads to the ERP, one after the other, and takes up after a restart what was running.

The sending itself has lanes of its own; two batches at once would only share them. What a browser shows of the progress comes from
the ledger, so that it survives a reload of the page and a restart of the server alike.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, cast

from importer.api.importing import resume, run
from importer.api.values import Listener, Policy, RunReport
from importer.errors import ImporterError
from importer.ledger import AuditEntry, Task, Upload, UploadChange
from importer.messages import translate
from importer.models import Batch, Claim, Outcome, Stage, Status
from importer.web.desk import Desk
from importer.web.tasks import carry_out

__all__ = ["Jobs", "Pace"]

LOG: Final = logging.getLogger(__name__)
SMALL: Final = 200  # documents of an upload that does not wait behind larger ones
Called = Callable[[Claim, Outcome], None]
GONE: Final = (Stage.VOID, Stage.DELETED)
LOOK_S: Final = 1.0  # between looks for what other servers or nobody has told us of


def _unheard(claim: Claim, outcome: Outcome) -> None:
    """Nobody counts calls."""


class Pace:
    """What the progress bar shows besides the ledger's counts."""

    def __init__(self) -> None:
        self.batch_id = ""
        self.started_at: datetime | None = None
        self.calls = 0
        self.steps = 0  # calls when it began, if nothing goes wrong
        self.documents = 0  # done with since it began
        self.waiting_until: datetime | None = None
        self.notice = ""


class _Listener(Listener):
    """Keeps the pace, and tells which batch an upload has become."""

    def __init__(self, pace: Pace, language: str, began: Callable[[Batch], None], called: Called) -> None:
        self._pace = pace
        self._called = called
        self._language = language
        self._began = began
        self._until: Stage | None = None

    def notice(self, text: str, /, **values: object) -> None:
        self._pace.notice = translate(text, self._language, **values)

    def started(self, batch: Batch, documents: int, steps: int) -> None:  # noqa: ARG002 - the given signature
        self._pace.batch_id, self._pace.steps, self._pace.started_at = batch.id, steps, datetime.now().astimezone()
        self._until = batch.until
        self._began(batch)

    def progress(self, claim: Claim, outcome: Outcome) -> None:
        self._called(claim, outcome)
        self._pace.calls += 1
        last = outcome.stage in (*GONE, self._until) or outcome.status is Status.REJECTED
        self._pace.documents += last
        self._pace.waiting_until = None

    def waiting(self, due: datetime) -> None:
        self._pace.waiting_until = due


class Jobs:
    """Starts with the server and ends with it; what is under way then is carried on by the next one."""

    def __init__(self, desk: Desk, *, called: Called | None = None) -> None:
        """`called` is told of every call to the ERP, from many threads."""
        self._desk = desk
        self._lines = [_Line(desk, profile, called or _unheard) for profile in desk.settings.profiles]

    def start(self) -> None:
        """Begin; uploads that were running when a server ended are carried on first."""
        for line in self._lines:
            line.start()

    def stop(self) -> None:
        """End after the documents under way."""
        for line in self._lines:
            line.stop()
        for line in self._lines:
            line.join()

    def wake(self) -> None:
        """Something was released."""
        for line in self._lines:
            line.wake.set()

    def pace(self, upload_id: str) -> Pace | None:
        """Of an upload that this server is sending."""
        return next((line.pace for line in self._lines if line.at_work == upload_id), None)


class _Line(threading.Thread):
    """Carries the uploads of one profile, so that one ERP that is down keeps nobody else waiting.

    Small ones go first: a large one that is under way stops for them, after the documents under way, and is carried on afterwards.
    """

    def __init__(self, desk: Desk, profile: str, called: Called) -> None:
        super().__init__(name=f"web-jobs-{profile}")
        self._called = called
        self._desk = desk
        self._profile = profile
        self._ending = threading.Event()
        self._stop_sending = threading.Event()
        self.wake = threading.Event()
        self.pace = Pace()
        self.at_work: str | None = None

    def stop(self) -> None:
        """End soon."""
        self._ending.set()
        self._stop_sending.set()
        self.wake.set()

    def run(self) -> None:
        """Until `stop`."""
        while not self._ending.is_set():
            self.wake.clear()
            try:
                upload = self._next()
                if upload is not None:
                    self._watched(upload)
                    continue
            except ImporterError as error:  # the ledger is locked or its server away: later
                LOG.warning("%s", error)
            self.wake.wait(LOOK_S)

    def _next(self) -> Upload | None:
        """A small one if there is any; of equals, the one that was handed in first; what people asked for with ended ones before."""
        portal = self._desk.portal
        asked = [task.upload_id for task in portal.tasks([self._profile])]
        ended = sorted(portal.uploads(ids=asked), key=lambda upload: asked.index(upload.id)) if asked else []
        waiting = portal.uploads(profiles=[self._profile], states=["running", "released"])
        return min([*ended, *reversed(waiting)], key=lambda upload: upload.documents > SMALL, default=None)

    def _watched(self, upload: Upload) -> None:
        """Carry one; while it is a large one, look out for small ones."""
        self._stop_sending.clear()
        if self._ending.is_set():
            return
        done = threading.Event()
        lookout = threading.Thread(target=self._look_out, args=(upload, done), name=f"{self.name}-lookout")
        if upload.documents > SMALL:
            lookout.start()
        try:
            self._carry(upload)
        finally:
            done.set()
            if lookout.is_alive():
                lookout.join()

    def _look_out(self, upload: Upload, done: threading.Event) -> None:
        while not done.wait(LOOK_S):
            try:
                following = self._next()
            except ImporterError:
                continue
            if following is not None and following.documents <= SMALL and following.id != upload.id:
                self._stop_sending.set()
                return

    def _carry(self, upload: Upload) -> None:
        task = self._desk.portal.task(upload.id)
        self.pace = Pace()
        self.at_work = upload.id
        try:
            if task is not None:
                self._do(task, upload, self.pace)
            else:
                self._send(upload, self.pace)
        finally:
            self.at_work = None

    def _send(self, upload: Upload, pace: Pace) -> None:
        try:
            report = self._sent(upload, pace)
        except ImporterError as error:
            self._end(upload, translate(error.text, self._language(upload.uploader, upload), **error.values), kept=True)
        except Exception as error:  # a defect of ours must neither end the thread nor be tried for ever
            LOG.exception("upload %s", upload.id)
            self._end(upload, type(error).__name__, kept=True)
        else:
            self._after(upload, report)

    def _do(self, task: Task, upload: Upload, pace: Pace) -> None:
        """What somebody asked for with a batch that has ended. Cut short by the server's end or a small one, it goes on later."""
        language = self._language(task.asked_by, upload)
        try:
            listener = _Listener(pace, language, lambda _: None, self._called)
            message = carry_out(task, upload, self._desk, language=language, stop=self._stop_sending, listener=listener)
        except ImporterError as error:
            message = translate(error.text, language, **error.values)
        except Exception as error:  # a defect of ours must neither end the thread nor be tried for ever
            LOG.exception("%s of upload %s", task.kind, upload.id)
            message = type(error).__name__
        if message is None:
            return
        self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["ended"], values={"message": message}))
        self._desk.portal.end_task(upload.id)
        self._note(upload, f"{task.kind}_ended", message)

    def _sent(self, upload: Upload, pace: Pace) -> RunReport:
        """Run it, or carry its batch on where it has one already."""
        site = self._desk.site(upload.profile, self._language(upload.uploader, upload))
        listener = _Listener(pace, self._language(upload.uploader, upload), lambda batch: self._began(upload, batch), self._called)
        folder = self._desk.spool.folder(upload.id)
        if upload.batch_id:
            [report] = resume(upload.batch_id, site, out=folder, stop=self._stop_sending, listener=listener)
            return report
        self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["released", "running"], values={"state": "running"}))
        [report] = run(
            [self._desk.path(upload)],
            site,
            document_type=upload.document_type or None,
            until=Stage(upload.until),
            policy=cast("Policy", upload.policy),
            again=upload.again,
            out=folder,
            stop=self._stop_sending,
            listener=listener,
        )
        return report

    def _began(self, upload: Upload, batch: Batch) -> None:
        values: dict[str, object] = {"state": "running", "batch_id": batch.id}
        self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["released", "running"], values=values))

    def _after(self, upload: Upload, report: RunReport) -> None:
        """Interrupted by the server's end or by a small one: it goes on later. Otherwise it has ended, however."""
        if report.interrupted and self._stop_sending.is_set():
            return
        if report.batch and upload.batch_id is None:
            values: dict[str, object] = {"batch_id": report.batch}
            self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["released", "running"], values=values))
        reason = report.unavailable
        self._end(upload, translate(reason.text, self._language(upload.uploader, upload), **reason.values) if reason else "", kept=False)

    def _end(self, upload: Upload, message: str, *, kept: bool) -> None:
        values: dict[str, object] = {"state": "ended", "message": message}
        self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["released", "running", "ended"], values=values))
        self._note(upload, "failed" if kept else "ended", message)

    def _note(self, upload: Upload, action: str, detail: str) -> None:
        entry = AuditEntry(user_name="-", action=action, profile=upload.profile, target=upload.id, detail=detail, address="")
        self._desk.portal.note(entry)

    def _language(self, name: str, upload: Upload) -> str:
        user = self._desk.portal.user(name)
        return (user.language if user else "") or self._desk.settings.profile(upload.profile).language
