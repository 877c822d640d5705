"""The 互聯中台 standard channel: one call per operation, and everything that can be asked of the ERP without changing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from importlib import import_module
from itertools import count
from types import ModuleType
from typing import Any, Final, TypeAlias

import stamina

from importer.channel.calls import Call, ErpDocument, Turn, answer_text, refused, unavailable
from importer.channel.several import write_several
from importer.client import Client
from importer.documents import complete, new_values
from importer.errors import CallFailed, ConfigurationError, ErpUnavailable, ImporterError, NotSent, OutcomeUnknown
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Claim, Document, Operation, Payload, Reply, Value
from importer.protocols import parameters
from importer.protocols.answers import stage_of
from importer.settings import Profile

__all__ = ["StandardChannel"]

stamina.instrumentation.set_on_retry_hooks([])  # its log lines would stand between a user and the progress bar

READ_ATTEMPTS: Final = 3
Read: TypeAlias = Callable[[Mapping[str, str], bytes], Reply]
"""Headers and body of an answer -> what it means. Raises OutcomeUnknown where it cannot be trusted."""


class StandardChannel:
    """The 互聯中台 standard channel of one profile for one document type."""

    def __init__(self, profile: Profile, mapping: DocumentType, client: Client, *, turn: Turn = nullcontext) -> None:
        if mapping.standard is None:
            raise ConfigurationError(N_("{document_type} has no standard channel in its mapping."), document_type=mapping.document_type)
        if not profile.standard_url:
            raise ConfigurationError(N_("Profile {profile} has no standard_url."), profile=profile.name)
        self.profile = profile
        self.mapping = mapping
        self.part = mapping.standard
        self._codec = _codec(profile.format)
        self._client = client
        self._turn = turn
        self._constants = {"user": profile.user, "plant": profile.plant}

    def can(self, operation: Operation) -> bool:
        """Whether the site has this operation."""
        return self.part.service(operation) is not None

    # -- writes --------------------------------------------------------------------------------------------------------

    def write(
        self,
        operation: Operation,
        document: Document,
        *,
        doc_type_no: str = "",
        doc_no: str = "",
        leaving: Callable[[], None] | None = None,
    ) -> Call:
        """Carry out one operation on one document, once. Never repeats anything by itself."""
        parameter = self.parameter(operation, document, doc_type_no=doc_type_no, doc_no=doc_no)
        return self._call(operation, parameter, expect=doc_no, leaving=leaving)

    def write_several(self, operation: Operation, claims: Sequence[Claim], *, leaving: Callable[[], None] | None = None) -> list[Call]:
        """The same for several documents in one call."""
        return write_several(self, operation, claims, leaving=leaving)

    def parameter(self, operation: Operation, document: Document, *, doc_type_no: str = "", doc_no: str = "") -> dict[str, Any]:
        """What `operation` asks for."""
        if operation is Operation.CREATE:
            return parameters.create(self.mapping, *self.filled(document))
        wire = self.profile.wire
        return parameters.keys(self.mapping, wire, doc_type_no=doc_type_no, doc_no=doc_no, header=new_values(document.header, self.mapping))

    def update(
        self, *, doc_type_no: str, doc_no: str, header: Mapping[str, Value | None], lines: Sequence[Mapping[str, Value | None]]
    ) -> Call:
        """Change one open document, once: the given header fields and lines alone, None for a field that becomes blank."""
        wire = self.profile.wire
        values, rows = self._blanked(header), [self._blanked(line) for line in lines]
        parameter = parameters.update(self.mapping, wire, doc_type_no=doc_type_no, doc_no=doc_no, header=values, lines=rows)
        return self._call(Operation.UPDATE, parameter, expect=doc_no)

    def _blanked(self, values: Mapping[str, Value | None]) -> dict[str, Any]:
        """What makes a field blank: empty text, in JSON null where the field is no text."""
        texts = {name for name, field in self.mapping.fields.items() if field.type in ("code", "text")}
        nothing = None if self.profile.format == "json" else ""
        return {name: value if value is not None else "" if name in texts else nothing for name, value in values.items()}

    def filled(self, document: Document) -> tuple[dict[str, Value], list[dict[str, Value]]]:
        """Header and lines as they travel, under technical names."""
        return complete(document, self.mapping, self._constants)

    def request(self, operation: Operation, parameter: Mapping[str, Any]) -> Payload:
        """The exact request of an operation."""
        service = self.part.service(operation)
        if service is None:
            raise ConfigurationError(
                N_("{document_type} has no service for {operation} in its mapping."),
                document_type=self.mapping.document_type,
                operation=operation.value,
            )
        payload: Payload = self._codec.encode(parameter, service, self.profile, datetime.now())
        return payload

    def _call(
        self, operation: Operation, parameter: Mapping[str, Any], *, expect: str = "", leaving: Callable[[], None] | None = None
    ) -> Call:
        def read(headers: Mapping[str, str], body: bytes) -> Reply:
            reply: Reply = self._codec.decode(operation, headers, body, self.part, self.profile, expect=expect)
            return reply

        return self.call(operation, parameter, read=read, leaving=leaving)

    def call(self, operation: Operation, parameter: Mapping[str, Any], *, read: Read, leaving: Callable[[], None] | None = None) -> Call:
        """One call, once; `read` judges its answer."""
        payload = self.request(operation, parameter)
        kept = payload.body.decode() if self.profile.keep_payloads else ""
        try:
            with self._turn():
                answer = self._client.exchange(payload, is_answer=self._codec.is_answer, leaving=leaving)
        except CallFailed as failure:
            return Call(failure=failure, payload=payload, kept_payload=kept)
        reply, unclear = None, None
        try:
            reply = read(answer.headers, answer.body)
        except OutcomeUnknown as error:
            unclear = error
        return Call(
            reply=reply,
            failure=unclear,
            payload=payload,
            kept_payload=kept,
            duration_ms=answer.duration_ms,
            answer=answer_text(answer),
            date=answer.headers.get("date", ""),
        )

    def opened(self, body: bytes) -> tuple[str, Mapping[str, Any]]:
        """The gateway's code and the content of an answer. Raises OutcomeUnknown where it is none."""
        found: tuple[str, Mapping[str, Any]] = self._codec.opened(body)
        return found

    # -- reads ---------------------------------------------------------------------------------------------------------

    def read(self, document: Document, *, doc_type_no: str, doc_no: str) -> ErpDocument | None:
        """The document as it is in the ERP now; None when the ERP has none of this number.

        Raises CallFailed when the ERP gives no answer, ErpUnavailable when it refuses to look.
        """
        return self.read_number(doc_type_no=doc_type_no, doc_no=doc_no, header=new_values(document.header, self.mapping))

    def read_number(self, *, doc_type_no: str, doc_no: str, header: Mapping[str, Value]) -> ErpDocument | None:
        """The same for a document that is known by its number; `header` has the fields that the site's keys hold besides."""
        parameter = parameters.keys(self.mapping, self.profile.wire, doc_type_no=doc_type_no, doc_no=doc_no, header=header)
        rows = self.ask(Operation.READ, parameter).rows
        found = [self._document(row) for row in rows]
        return next((item for item in found if item.doc_no in ("", doc_no)), None)

    def find(self, conditions: Sequence[parameters.Condition]) -> Iterator[ErpDocument]:
        """All documents that meet the conditions, headers only, page by page."""
        page = 1
        while True:
            reply = self.ask(Operation.QUERY, parameters.query(self.profile.wire, conditions, page=page))
            yield from (self._document(row) for row in reply.rows)
            if not reply.has_next or not reply.rows:
                return
            page += 1

    def listing(self, conditions: Sequence[parameters.Condition]) -> Iterator[ErpDocument]:
        """The same in the order of the numbers, so that documents that come in between move no page. None comes twice.

        Raises ImporterError when the ERP refuses the conditions.
        """
        seen: set[str] = set()
        for page in count(1):
            orders = [parameters.order(self.part.doc_no)]
            reply = self._asked(Operation.QUERY, parameters.query(self.profile.wire, conditions, page=page, orders=orders))
            if not reply.accepted:
                raise ImporterError(N_("The ERP refuses the query: {text}"), text=reply.message or reply.code)
            found = [item for row in reply.rows if (item := self._document(row)).doc_no not in seen]
            yield from found
            seen.update(item.doc_no for item in found)
            if not reply.has_next or not reply.rows:
                return
            if not found:
                raise ImporterError(N_("The ERP gives page {page} of its list once more in place of the next one."), page=page - 1)

    def probe(self) -> Call:
        """Ask for a sign of life: one row of the list query, else read details of a number that there is not.

        An ERP that answers anything is there, also one that has no such service: the writes will tell what they can do.
        Raises ErpUnavailable when it is down or refuses the login.
        """
        call = self._sign_of_life()
        if call.failure is not None:
            raise unavailable(call.failure)
        return call

    def _sign_of_life(self) -> Call:
        operation = next((item for item in (Operation.QUERY, Operation.READ) if self.can(item)), None)
        if operation is None:
            return Call()
        wire = self.profile.wire
        if operation is Operation.QUERY:
            return self._call(operation, {**parameters.query(wire, []), "page_size": 1})
        return self._call(operation, parameters.keys(self.mapping, wire, doc_type_no="-", doc_no="-"))

    def ask(self, operation: Operation, parameter: Mapping[str, Any]) -> Reply:
        """A look at documents that exist, which an ERP in order does not refuse."""
        reply = self._asked(operation, parameter)
        if not reply.accepted:
            raise ErpUnavailable(N_("The ERP refuses to look a document up: {text}"), text=reply.message or reply.code)
        return reply

    def _asked(self, operation: Operation, parameter: Mapping[str, Any]) -> Reply:
        """A read, which may be repeated; its reply may be a refusal."""
        for attempt in stamina.retry_context(on=(NotSent, OutcomeUnknown), attempts=READ_ATTEMPTS, wait_initial=0.1, wait_max=2.0):
            with attempt:
                call = self._call(operation, parameter)
                if call.failure is not None:
                    raise call.failure
        reply = call.reply
        if reply is None or not reply.executed:
            raise refused(reply or Reply(accepted=False))
        return reply

    def _document(self, row: Mapping[str, Any]) -> ErpDocument:
        part = self.part
        lines = row.get(part.line_list)
        return ErpDocument(
            doc_type_no=str(row.get(part.doc_type_no) or "").strip(),
            doc_no=str(row.get(part.doc_no) or "").strip(),
            stage=stage_of(row, part),
            header=row,
            lines=[line for line in lines if isinstance(line, Mapping)] if isinstance(lines, list) else [],
        )


def _codec(form: str) -> ModuleType:
    """The module that writes and reads the channel's bytes; lxml comes only with the one that needs it."""
    return import_module(f"importer.protocols.standard_{form}")
