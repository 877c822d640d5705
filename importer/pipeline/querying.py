"""Documents of the ERP into a workbook of the template's shape: the list query, then the details of each document.

One row per line. The document number stands in the key column and in `_doc_no` of every row; header cells stand on the first row of
each document, so that a header field has one cell to edit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final

from importer.channel.calls import ErpDocument, unavailable
from importer.channel.standard import StandardChannel
from importer.client import Client
from importer.errors import CallFailed, ConfigurationError
from importer.mapping import DOC_KEY
from importer.mapping import Mapping as DocumentType
from importer.messages import N_, translate
from importer.models import Operation, Stage, Value
from importer.pipeline.conditions import conditions_of
from importer.pipeline.erpvalues import reported, typed
from importer.pipeline.lanes import in_lanes
from importer.pipeline.limits import Limits
from importer.protocols.parameters import wire_names
from importer.settings import Profile
from importer.workbook.extra import DOC_NO, QUERY_COLUMNS, SEQ, STATE
from importer.workbook.template import FIRST_ROW, LAST_ROW, stream_template

__all__ = ["Queried", "line_number_field", "query", "require"]

STATE_TEXTS: Final = {
    Stage.CREATED: N_("created"),
    Stage.APPROVED: N_("approved"),
    Stage.POSTED: N_("posted"),
    Stage.VOID: N_("void"),
}


@dataclass(slots=True)
class Queried:
    """What came into the workbook."""

    documents: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """One document of the list: no more of it than reading it needs."""

    doc_type_no: str
    doc_no: str
    header: dict[str, Value]  # fields that the site's keys hold besides


def query(mapping: DocumentType, where: Sequence[str], *, profile: Profile, language: str, file: IO[bytes], limits: Limits) -> Queried:
    """Write every document that meets all conditions to `file`.

    Raises ConfigurationError for a bad condition or more lines than a sheet has room for, ImporterError for a query that the
    ERP refuses, ErpUnavailable when it does not answer.
    """
    client = Client(profile)
    try:
        channel = StandardChannel(profile, mapping, client, turn=limits.call)
        require(channel, Operation.QUERY, Operation.READ)
        asking = _Asking(channel, language)
        conditions = conditions_of(where, mapping, profile, language)
        channel.probe()
        keys = [asking.key(item) for item in channel.listing(conditions) if item.doc_no]
        stream_template(mapping, language, file, asking.rows(keys), extra=QUERY_COLUMNS)
    except CallFailed as failure:
        raise unavailable(failure) from None
    finally:
        client.close()
    return asking.count


def require(channel: StandardChannel, *operations: Operation) -> None:
    """Raises ConfigurationError where the site lacks one of the operations."""
    for operation in operations:
        if not channel.can(operation):
            raise ConfigurationError(
                N_("{document_type} has no service for {operation} in its mapping."),
                document_type=channel.mapping.document_type,
                operation=operation.value,
            )


def line_number_field(mapping: DocumentType) -> str | None:
    """The line field by which the ERP finds a line; None where the mapping has none."""
    return next((name for name, field in mapping.lines.items() if field.generated == "line_number"), None)


class _Asking:
    """One query while it runs."""

    def __init__(self, channel: StandardChannel, language: str) -> None:
        self.count = Queried()
        self._written = 0  # rows
        self._channel = channel
        self._mapping = channel.mapping
        self._wire = channel.profile.wire
        self._seq = line_number_field(channel.mapping)
        self._states = {stage: _both(text, language) for stage, text in STATE_TEXTS.items()}

    def key(self, item: ErpDocument) -> _Key:
        names, header = wire_names(self._mapping), self._mapping.header
        wanted = {name: header[name] for name in self._wire.extra_key.values() if name in header}
        values = {name: typed(item.header.get(names[name]), field, self._wire) for name, field in wanted.items()}
        return _Key(
            doc_type_no=item.doc_type_no,
            doc_no=item.doc_no,
            header={name: value for name, value in values.items() if value is not None},
        )

    def rows(self, keys: Sequence[_Key]) -> Iterator[dict[str, object]]:
        """The sheet's rows, read in threads while they are written. What was deleted since it was listed is left out."""
        for key, found in zip(keys, in_lanes(self._read, keys, self._channel.profile.concurrency), strict=True):
            if found is not None:
                self.count.documents += 1
                self.count.lines += len(found.lines)
                for row in self._document_rows(key, found):
                    self._written += 1
                    self._has_room()
                    yield row

    def _has_room(self) -> None:
        room = LAST_ROW - FIRST_ROW + 1
        if self._written > room:
            raise ConfigurationError(
                N_("These are more than the {room} lines that a sheet has room for. Narrow them with --where."), room=room
            )

    def _read(self, key: _Key) -> ErpDocument | None:
        return self._channel.read_number(doc_type_no=key.doc_type_no, doc_no=key.doc_no, header=key.header)

    def _document_rows(self, key: _Key, found: ErpDocument) -> Iterator[dict[str, object]]:
        values = reported(found, self._mapping, self._wire)
        about: dict[str, object] = {DOC_KEY: key.doc_no, DOC_NO: key.doc_no, STATE: self._states.get(found.stage) if found.stage else None}
        for position, line in enumerate(values.lines or ({},)):
            header = values.header if position == 0 else {}
            yield {**about, **header, **line, SEQ: line.get(self._seq) if self._seq else None}


def _both(text: str, language: str) -> str:
    """In the user's language, and in English, by which a consultant or a formula can go."""
    translated = translate(text, language)
    return translated if translated == text else f"{translated} {text}"
