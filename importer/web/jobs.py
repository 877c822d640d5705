"""One thread that carries released uploads to the ERP, one after the other, and takes up after a restart what was running.

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
from importer.ledger import AuditEntry, Upload, UploadChange
from importer.messages import translate
from importer.models import Batch, Claim, Outcome, Stage
from importer.web.desk import Desk

__all__ = ["Jobs", "Pace"]

LOG: Final = logging.getLogger(__name__)
LOOK_S: Final = 1.0  # between looks for what other servers or nobody has told us of


class Pace:
    """What the progress bar shows besides the ledger's counts."""

    def __init__(self) -> None:
        self.batch_id = ""
        self.started_at: datetime | None = None
        self.calls = 0
        self.steps = 0
        self.waiting_until: datetime | None = None
        self.notice = ""


class _Listener(Listener):
    """Keeps the pace, and tells which batch an upload has become."""

    def __init__(self, pace: Pace, language: str, began: Callable[[Batch], None]) -> None:
        self._pace = pace
        self._language = language
        self._began = began

    def notice(self, text: str, **values: object) -> None:
        self._pace.notice = translate(text, self._language, **values)

    def started(self, batch: Batch, documents: int, steps: int) -> None:  # noqa: ARG002 - the given signature
        self._pace.batch_id, self._pace.steps, self._pace.started_at = batch.id, steps, datetime.now().astimezone()
        self._began(batch)

    def progress(self, claim: Claim, outcome: Outcome) -> None:  # noqa: ARG002 - the given signature
        self._pace.calls += 1
        self._pace.waiting_until = None

    def waiting(self, due: datetime) -> None:
        self._pace.waiting_until = due


class Jobs:
    """Starts with the server and ends with it; what is under way then is carried on by the next one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="web-jobs")
        self.paces: dict[str, Pace] = {}  # by upload, of those that this server is sending

    def start(self) -> None:
        """Begin; uploads that were running when a server ended are carried on first."""
        self._thread.start()

    def stop(self) -> None:
        """End after the documents under way."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Something was released."""
        self._wake.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                for upload in reversed(self._desk.portal.uploads(states=["running", "released"])):
                    if self._stop.is_set():
                        return
                    self._carry(upload)
            except ImporterError as error:  # the ledger is locked or its server away: later
                LOG.warning("%s", error)
            self._wake.wait(LOOK_S)

    def _carry(self, upload: Upload) -> None:
        pace = self.paces[upload.id] = Pace()
        try:
            report = self._sent(upload, pace)
        except ImporterError as error:
            self._end(upload, translate(error.text, self._language(upload), **error.values), kept=True)
        except Exception as error:  # a defect of ours must neither end the thread nor be tried for ever
            LOG.exception("upload %s", upload.id)
            self._end(upload, type(error).__name__, kept=True)
        else:
            self._after(upload, report)
        finally:
            self.paces.pop(upload.id, None)

    def _sent(self, upload: Upload, pace: Pace) -> RunReport:
        """Run it, or carry its batch on where it has one already."""
        site = self._desk.site(upload.profile, self._language(upload))
        listener = _Listener(pace, self._language(upload), lambda batch: self._began(upload, batch))
        folder = self._desk.spool.folder(upload.id)
        if upload.batch_id:
            [report] = resume(upload.batch_id, site, out=folder, stop=self._stop, listener=listener)
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
            stop=self._stop,
            listener=listener,
        )
        return report

    def _began(self, upload: Upload, batch: Batch) -> None:
        values: dict[str, object] = {"state": "running", "batch_id": batch.id}
        self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["released", "running"], values=values))

    def _after(self, upload: Upload, report: RunReport) -> None:
        """Interrupted by the server's end: the next server goes on. Otherwise it has ended, however."""
        if report.interrupted and self._stop.is_set():
            return
        if report.batch and upload.batch_id is None:
            values: dict[str, object] = {"batch_id": report.batch}
            self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["released", "running"], values=values))
        reason = report.unavailable
        self._end(upload, translate(reason.text, self._language(upload), **reason.values) if reason else "", kept=False)

    def _end(self, upload: Upload, message: str, *, kept: bool) -> None:
        values: dict[str, object] = {"state": "ended", "message": message}
        self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["released", "running", "ended"], values=values))
        action = "failed" if kept else "ended"
        self._desk.portal.note(
            AuditEntry(user_name="-", action=action, profile=upload.profile, target=upload.id, detail=message, address="")
        )

    def _language(self, upload: Upload) -> str:
        user = self._desk.portal.user(upload.uploader)
        return (user.language if user else "") or self._desk.settings.profile(upload.profile).language
