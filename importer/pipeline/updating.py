"""Changed documents of an edited workbook into the ERP: read fresh, compare, send only what differs, once.

An update whose answer is lost is never sent again: the document is read back, and only what it says counts.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from importer.channel.calls import Call, ErpDocument, refused, unavailable
from importer.channel.standard import StandardChannel
from importer.client import Client
from importer.documents import with_token
from importer.errors import CallFailed, ConfigurationError, ErpUnavailable, NotSent
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Document, Line, Operation, Reply, Stage, Value
from importer.pipeline.comparing import Changes, Comparison, arrived
from importer.pipeline.edited import Edited
from importer.pipeline.erpvalues import Reported, reported
from importer.pipeline.lanes import in_lanes
from importer.pipeline.limits import Limits
from importer.pipeline.querying import line_number_field, require
from importer.protocols.parameters import slip_type_field
from importer.settings import Profile

__all__ = ["DocumentUpdate", "Result", "Updated", "update"]

WAIT_S: Final = 0.2  # before an update that is proven unsent is sent again; doubled each time


class Result(StrEnum):
    """What became of one document."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUpdate:
    """One document and what became of it; `text` is a text of the message catalogue or the ERP's own."""

    document: Document
    result: Result
    changes: Changes | None = None
    code: str = ""  # the ERP's code of a refusal
    text: str = ""
    values: Mapping[str, object] | None = None  # placeholders of `text`


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """How far an update came."""

    documents: list[DocumentUpdate]
    interrupted: bool = False
    unavailable: ErpUnavailable | None = None


LOCKED: Final = {
    Stage.APPROVED: N_("{number} is approved in the ERP; disapprove it first, then update it again."),
    Stage.POSTED: N_("{number} is posted in the ERP; reverse the posting and disapprove it first, then update it again."),
    Stage.VOID: N_("{number} is void in the ERP and cannot be changed."),
}


def update(edited: Edited, mapping: DocumentType, *, profile: Profile, stop: threading.Event, limits: Limits) -> Updated:
    """Bring the ERP's documents to what the workbook says. `stop` ends it cleanly after the calls under way.

    Raises ConfigurationError where the site cannot update, ErpUnavailable when the ERP is not there to begin with.
    """
    client = Client(profile)
    try:
        channel = StandardChannel(profile, mapping, client, turn=limits.call)
        require(channel, Operation.READ, Operation.UPDATE)
        channel.probe()
        work = _Updating(channel, edited, stop)
        done = list(in_lanes(work.one, edited.documents, profile.concurrency))
    finally:
        client.close()
    return Updated(documents=done, interrupted=stop.is_set(), unavailable=work.unavailable)


class _Updating:
    """One workbook while it is being sent; `one` is called in many threads."""

    def __init__(self, channel: StandardChannel, edited: Edited, stop: threading.Event) -> None:
        mapping = channel.mapping
        seq = line_number_field(mapping)
        if seq is None:
            raise ConfigurationError(
                N_("{document_type} has no line number in its mapping, so the ERP cannot find the lines to update."),
                document_type=mapping.document_type,
            )
        self.unavailable: ErpUnavailable | None = None
        self._channel = channel
        self._mapping = mapping
        self._stop = stop
        self._seq = seq
        self._slip = slip_type_field(mapping)
        fixed = [self._slip] if self._slip else []
        self._comparison = Comparison(mapping, seq=seq, columns=edited.columns, fixed=fixed, completed=self._completed)

    def one(self, document: Document) -> DocumentUpdate:
        """Read, compare, send. When the ERP is gone, the documents that are left are not begun."""
        if self._stop.is_set() or self.unavailable is not None:
            return DocumentUpdate(document=document, result=Result.NOT_SENT)
        try:
            return self._updated(document)
        except ErpUnavailable as error:
            self.unavailable = self.unavailable or error
        except CallFailed as failure:
            self.unavailable = self.unavailable or unavailable(failure)
        return DocumentUpdate(document=document, result=Result.NOT_SENT)

    def _updated(self, document: Document) -> DocumentUpdate:
        found = self._read(document)
        if found is None:
            return _refused(document, None, N_("The ERP has no document {number}."), number=document.key)
        slip = document.header.get(self._slip) if self._slip else None
        if slip is not None and found.doc_type_no and slip != found.doc_type_no:
            text = N_("The slip type of {number} is part of its number and cannot be changed to {value}.")
            return _refused(document, None, text, number=document.key, value=slip)
        now = self._reported(found)
        changes = self._comparison.changes(document, now)
        if not changes:
            return DocumentUpdate(document=document, result=Result.UNCHANGED, changes=changes)
        if found.stage in LOCKED:
            return _refused(document, changes, LOCKED[found.stage], number=document.key)
        return self._send(document, found, now, changes)

    # -- reading -------------------------------------------------------------------------------------------------------

    def _read(self, document: Document) -> ErpDocument | None:
        """By number, and by slip type where the keys hold it: the workbook's, else that in front of the number (protocol §3.6)."""
        slip = document.header.get(self._slip) if self._slip else None
        for candidate in dict.fromkeys([str(slip or document.key.split("-")[0]), document.key.split("-")[0]]):
            found = self._channel.read_number(doc_type_no=candidate, doc_no=document.key, header=document.header)
            if found is not None:
                return found
        return None

    def _reported(self, found: ErpDocument) -> Reported:
        return reported(found, self._mapping, self._channel.profile.wire)

    def _completed(self, document: Document, line: Line) -> dict[str, Value]:
        _, lines = self._channel.filled(replace(document, lines=(line,)))
        return lines[0]

    # -- sending -------------------------------------------------------------------------------------------------------

    def _send(self, document: Document, found: ErpDocument, now: Reported, changes: Changes) -> DocumentUpdate:
        call = self._offer(document, found, now, changes)
        if call.failure is not None:
            return self._asked_back(document, found, changes, call.failure)
        reply = call.reply or Reply(accepted=False)
        if not reply.executed:
            raise refused(reply)
        if reply.accepted:
            return DocumentUpdate(document=document, result=Result.UPDATED, changes=changes)
        return DocumentUpdate(document=document, result=Result.REFUSED, changes=changes, code=reply.code, text=reply.message)

    def _offer(self, document: Document, found: ErpDocument, now: Reported, changes: Changes) -> Call:
        """Send, and send again only what is proven unsent. Raises NotSent when that does not help."""
        header = self._with_token(changes.header, now.token)
        wait_s = WAIT_S
        for attempt in range(self._channel.profile.not_sent_retries + 1):
            call = self._channel.update(doc_type_no=found.doc_type_no, doc_no=document.key, header=header, lines=changes.lines)
            failure = call.failure
            if not isinstance(failure, NotSent):
                return call
            last = failure.login or attempt == self._channel.profile.not_sent_retries
            if last or self._stop.wait(failure.retry_after_s or wait_s):
                raise failure
            wait_s *= 2
        raise AssertionError("the last attempt returns or raises")

    def _with_token(self, header: Mapping[str, Value | None], token: str) -> dict[str, Value | None]:
        """The token goes back into the field that it stood in."""
        name = self._mapping.token.field if self._mapping.token else ""
        if not token or name not in header:
            return dict(header)
        return {**header, name: with_token(str(header[name] or ""), token)}

    def _asked_back(self, document: Document, found: ErpDocument, changes: Changes, failure: CallFailed) -> DocumentUpdate:
        """The answer was lost: what stands in the ERP now decides."""
        try:
            back = self._channel.read_number(doc_type_no=found.doc_type_no, doc_no=document.key, header=document.header)
        except (CallFailed, ErpUnavailable):
            back = None
        if back is not None and arrived(changes, self._reported(back), self._seq):
            return DocumentUpdate(document=document, result=Result.UPDATED, changes=changes)
        return DocumentUpdate(document=document, result=Result.UNKNOWN, changes=changes, text=failure.text, values=failure.values)


def _refused(document: Document, changes: Changes | None, text: str, **values: object) -> DocumentUpdate:
    return DocumentUpdate(document=document, result=Result.REFUSED, changes=changes, text=text, values=values)
