"""What people do with a batch that was sent: its documents, their stories, pausing, reconciling, resolving, undoing. Knows nothing of HTTP.

What calls the ERP is only asked for here; `jobs` does it, as it may take long and must survive a restart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from importer.api.undoing import set_state, undo_plan
from importer.errors import ConfigurationError, NotThere
from importer.ledger import Event, IllegalTransition, Task, Upload, UploadChange
from importer.messages import N_
from importer.models import Batch, Document, Member, Record, Stage
from importer.pipeline.settling import resolve
from importer.web.rights import Action

if TYPE_CHECKING:
    from importer.web.desk import Desk, Who

__all__ = ["BatchDesk", "Found", "Story"]

PAGE: Final = 100  # documents on one page
OUTCOMES: Final[Mapping[str, Stage]] = {
    "absent": Stage.NEW,
    "created": Stage.CREATED,
    "approved": Stage.APPROVED,
    "posted": Stage.POSTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of the documents of a batch."""

    members: Sequence[Member]
    total: int
    page: int  # from 1
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One document with all that happened to it."""

    member: Member
    document: Document
    events: Sequence[Event]


class BatchDesk:
    """Part of the desk; an upload stands for its batch, as rights go by uploads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # -- looking -------------------------------------------------------------------------------------------------------

    def batch(self, who: Who, upload_id: str) -> tuple[Upload, Batch]:
        """The batch of an upload that the user may see. Raises ConfigurationError where it has none."""
        upload = self._desk.upload(who, upload_id)
        return upload, self._batch(upload)

    def _batch(self, upload: Upload) -> Batch:
        if upload.batch_id is None:
            raise ConfigurationError(N_("Nothing of this workbook has been sent."))
        return self._desk.ledger.batch(upload.batch_id)

    def documents(self, who: Who, upload_id: str, *, shown: str = "", words: str = "", page: int = 1) -> Found:
        """Those of a batch that stand so and have these words, a page of them."""
        ledger, (_, batch) = self._desk.ledger, self.batch(who, upload_id)
        words = words.strip()
        total = ledger.member_count(batch.id, shown=shown, words=words)
        pages = max(-(-total // PAGE), 1)
        page = min(max(page, 1), pages)
        members = ledger.member_search(batch.id, shown=shown, words=words, limit=PAGE, offset=(page - 1) * PAGE)
        return Found(members=members, total=total, page=page, pages=pages)

    def story(self, who: Who, upload_id: str, token: str) -> Story:
        """All about one document of a batch."""
        _, batch = self.batch(who, upload_id)
        found = self._desk.ledger.member(batch.id, token)
        if found is None:
            raise NotThere(N_("This batch has no document {token}."), token=token)
        member, document = found
        return Story(member=member, document=document, events=self._desk.ledger.events(member.record.id))

    def verified(self, upload: Upload) -> dict[str, Any] | None:
        """What reading the batch back came to, where that was asked for."""
        path = verified_file(self._desk.spool.folder(upload.id))
        return orjson.loads(path.read_bytes()) if path.is_file() else None

    # -- while it is being sent ----------------------------------------------------------------------------------------

    def pause(self, who: Who, upload_id: str) -> None:
        """Stop after the documents under way."""
        upload = self._desk.allowed(who, Action.PAUSE, upload_id)
        set_state(self._batch(upload).id, self._desk.site(upload.profile), "paused")
        self._desk.note(who, "paused", upload, upload.batch_id or "")

    def cancel(self, who: Who, upload_id: str) -> None:
        """Stop for good; what is in the ERP stays there. One that has not begun is withdrawn."""
        upload = self._desk.allowed(who, Action.CANCEL, upload_id)
        if upload.batch_id is None:
            self._desk.portal.change_upload(UploadChange(id=upload.id, from_states=["released"], values={"state": "withdrawn"}))
        else:
            set_state(upload.batch_id, self._desk.site(upload.profile), "cancelled")
        self._desk.note(who, "cancelled", upload, upload.batch_id or "")

    def resume(self, who: Who, upload_id: str) -> None:
        """Carry on what was paused, or what the ERP could not be reached for."""
        upload = self._desk.allowed(who, Action.RESUME, upload_id)
        batch = self._batch(upload)
        if batch.state not in ("open", "paused"):
            raise ConfigurationError(
                N_("Batch {batch} was cancelled or undone and is not carried on; upload the workbook again."), batch=batch.id
            )
        self._free(upload)
        if batch.state == "paused":
            set_state(batch.id, self._desk.site(upload.profile), "open")
        if upload.state == "ended":
            change = UploadChange(id=upload.id, from_states=["ended"], values={"state": "running", "message": ""})
            self._desk.portal.change_upload(change)
        self._desk.note(who, "resumed", upload, batch.id)

    def _free(self, upload: Upload) -> None:
        if self._desk.portal.task(upload.id):
            raise ConfigurationError(N_("Something is under way with this batch already; wait until it has ended."))

    # -- afterwards ----------------------------------------------------------------------------------------------------

    def plan(self, who: Who, upload_id: str) -> Sequence[Mapping[str, object]]:
        """What an undo would do, newest document first."""
        upload = self._desk.allowed(who, Action.UNDO, upload_id)
        return undo_plan(self._batch(upload).id, self._desk.site(upload.profile)).plan

    def undo(self, who: Who, upload_id: str, *, documents: int) -> None:
        """Ask for it. Raises ConfigurationError when the plan no longer has as many documents as were shown."""
        if len(self.plan(who, upload_id)) != documents or not documents:
            raise ConfigurationError(N_("Somebody else was faster, or it has changed: load the page again."))
        self._ask(who, upload_id, Action.UNDO, "undo", f"{documents} documents")

    def reconcile(self, who: Who, upload_id: str) -> None:
        """Ask that the ERP be asked about what is unknown."""
        self._ask(who, upload_id, Action.RECONCILE, "reconcile", "")

    def verify(self, who: Who, upload_id: str) -> None:
        """Ask that every document be read back from the ERP and compared."""
        self._ask(who, upload_id, Action.VIEW, "verify", "")

    def _ask(self, who: Who, upload_id: str, action: Action, kind: str, detail: str) -> None:
        upload = self._desk.allowed(who, action, upload_id)
        batch = self._batch(upload)
        if upload.state != "ended":
            raise ConfigurationError(N_("Something is under way with this batch already; wait until it has ended."))
        self._desk.portal.add_task(Task(upload_id=upload.id, kind=kind, asked_by=who.user.name))
        self._desk.note(who, kind, upload, f"{batch.id} {detail}".strip())

    def resolve(self, who: Who, upload_id: str, token: str, *, outcome: str, doc_no: str, reason: str) -> Record:
        """Record the user's word on a document that the ERP cannot settle. Raises ConfigurationError where that cannot be."""
        upload = self._desk.allowed(who, Action.RESOLVE, upload_id)
        story = self.story(who, upload_id, token)
        if outcome not in OUTCOMES:
            raise ConfigurationError(N_("That is none of the choices."))
        if not reason.strip():
            raise ConfigurationError(N_("Say how you know it, please; it is recorded."))
        record = story.member.record
        if outcome != "absent" and not (doc_no.strip() or record.doc_no):
            raise ConfigurationError(N_("Give the number that the document has in the ERP."))
        try:
            resolve(
                self._desk.ledger,
                record,
                stage=OUTCOMES[outcome],
                doc_no=doc_no.strip(),
                actor=who.user.name,
                reason=reason.strip(),
                grace_s=self._desk.settings.profile(upload.profile).grace_s,
            )
        except IllegalTransition:  # the ERP has told meanwhile, or somebody else
            raise ConfigurationError(N_("Somebody else was faster, or it has changed: load the page again.")) from None
        self._desk.note(who, "resolved", upload, f"{token} {outcome} {doc_no.strip()} {reason.strip()}")
        return record


def verified_file(folder: Path) -> Path:
    """Where the outcome of reading a batch back lies."""
    return folder / "verified.json"
