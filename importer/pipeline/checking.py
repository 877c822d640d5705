"""A workbook in, its documents and all issues out. Nothing is recorded, nothing is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from importer import documents, schema
from importer.errors import ConfigurationError, UnreadableWorkbook
from importer.fieldtypes import DateFormats
from importer.issue_catalogue import issue
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Issue, Record, Severity, Stage, reached
from importer.pipeline.kept import load_kept
from importer.pipeline.lookups import missing_lists, untranslated
from importer.schema import NOTHING_KNOWN, Known
from importer.settings import Profile
from importer.workbook.extra import DOC_NO
from importer.workbook.filekind import prove_file, version_of
from importer.workbook.reader import Sheet, read_workbook

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.workbook.books import Book

__all__ = ["Checked", "check", "examine", "identify", "slip_and_date"]

READS: Final = 3  # of a file that is saved while it is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A workbook that was read and checked; nothing of it has been recorded or sent."""

    path: Path
    content: bytes
    sheet: Sheet | None  # None when the file cannot be read at all
    document_type: str | None
    mapping: DocumentType | None
    language: str
    issues: Sequence[Issue]
    documents: Sequence[Document] = ()  # sound, with their tokens
    failed: Sequence[Document] = ()  # with errors
    known: Mapping[str, Record] = field(default_factory=dict)  # by token: what the ledger has of `documents`
    changed: Sequence[tuple[Document, Record]] = ()  # edited after their predecessor got into the ERP
    superseded: Sequence[Record] = ()
    refs: Mapping[int, str] = field(default_factory=dict)  # worksheet row -> its `_ref` cell

    @property
    def errors(self) -> int:
        """Number of issues that are errors."""
        return sum(found.severity is Severity.ERROR for found in self.issues)

    @property
    def rows(self) -> int:
        """Number of data rows."""
        return len(self.sheet.rows) if self.sheet else 0

    @property
    def every_document(self) -> Iterator[Document]:
        """Sound or not."""
        yield from self.documents
        yield from (document for document, _ in self.changed)
        yield from self.failed

    def wrong_rows(self) -> dict[int, int]:
        """For each row that is not to be sent: the first row with an error under the same key."""
        errors = {found.row for found in self.issues if found.row and found.severity is Severity.ERROR}
        held = [*self.failed, *(document for document, _ in self.changed)]
        first: dict[str, int] = {}
        for document in held:
            for row in errors.intersection(document.rows):
                first[document.key] = min(row, first.get(document.key, row))
        return {row: first.get(document.key, row) for document in held for row in document.rows}

    def already(self, until: Stage) -> int:
        """How many documents the ledger knows to have reached a stage."""
        return sum(reached(record.stage, until) for record in self.known.values())

    def stages(self) -> dict[str, int]:
        """Documents by present stage."""
        standing = Counter(self.known[document.token].stage if document.token in self.known else Stage.NEW for document in self.documents)
        standing.update(record.stage for _, record in self.changed)
        standing[Stage.NEW] += len(self.failed)
        return {stage.value: standing[stage] for stage in Stage if standing[stage]}


def check(
    path: Path,
    *,
    mappings: Mapping[str, DocumentType],
    profile: Profile,
    ledger: Ledger,
    document_type: str | None = None,
    route: str | None = None,
    again: str = "",
    language: str | None = None,
    known: Known = NOTHING_KNOWN,
) -> Checked:
    """Read and check a workbook: all issues at once, and the documents that it makes. Calls nothing, records nothing.

    `language` is the one asked for; without, it is the template's own, else the profile's. `known` is what the site knows of its ERP.
    """
    found = examine(path, mappings=mappings, profile=profile, document_type=document_type, route=route, language=language, known=known)
    return identify(found, profile=profile, ledger=ledger, again=again)


def examine(
    path: Path,
    *,
    mappings: Mapping[str, DocumentType],
    profile: Profile,
    document_type: str | None = None,
    route: str | None = None,
    language: str | None = None,
    known: Known = NOTHING_KNOWN,
    unpacking: Callable[[], None] = schema.load_early,
    book: Book | None = None,
) -> Checked:
    """The part of `check` that needs no ledger: its documents have no identity yet, which `identify` gives them.

    `unpacking` is called when the data sheet is about to be unpacked, which leaves Python free to load what is needed afterwards.
    `book` is the workbook where it is open already (`books.open_early`).
    """
    try:
        read = partial(read_workbook, path, mappings, document_type=document_type, extra=(DOC_NO,), unpacking=unpacking)
        content, sheet = _content_and_sheet(path, read, book)
    except (UnreadableWorkbook, OSError) as error:
        return _unreadable(path, error, document_type, language or profile.language)
    chosen = language or sheet.language or profile.language
    base = Checked(
        path=path,
        content=content,
        sheet=sheet,
        document_type=sheet.document_type,
        mapping=sheet.mapping,
        language=chosen,
        issues=_sorted(sheet.issues),
    )
    if DOC_NO in sheet.columns:
        return replace(base, issues=_sorted([*sheet.issues, issue("query_workbook", sheet=sheet.sheet)]))
    if sheet.mapping is None or not sheet.readable:
        return base
    validated = schema.validate(
        sheet.sheet,
        sheet.columns,
        sheet.rows,
        sheet.mapping,
        formats=DateFormats(text=profile.date_formats),
        text_bytes=profile.text_length == "bytes",
        known=known,
    )
    found = [*sheet.issues, *validated.issues, *missing_lists(sheet, sheet.mapping, validated, known), *untranslated(validated.issues)]
    keys, refs = _texts(validated.values, "doc_key", len(validated.rows)), _texts(validated.values, "_ref", len(validated.rows))
    grouped = documents.group(
        sheet.mapping,
        sheet=sheet.sheet,
        rows=validated.rows,
        values=validated.values,
        keys=keys,
        refs=refs,
        places=sheet.columns,
        bad_cells={(item.row, item.field) for item in found if item.row and item.severity is Severity.ERROR},
    )
    found += grouped.issues
    found += documents.repeated([*grouped.documents, *grouped.failed], sheet.sheet)
    if (route or profile.route_of(sheet.mapping.document_type)) == "combined":
        found += _ignored(sheet, sheet.mapping, validated)
    sound, failed = grouped.documents, grouped.failed
    if any(item.row is None and item.severity is Severity.ERROR for item in found):
        sound, failed = (), (*sound, *failed)  # an error of the whole sheet, such as a missing column: no document is sound
    with_refs = dict(zip(validated.rows, refs, strict=True))
    return replace(base, issues=_sorted(found), documents=sound, failed=failed, refs=with_refs)


def _content_and_sheet(path: Path, read: Callable[..., Sheet], book: Book | None) -> tuple[bytes, Sheet]:
    """A file's bytes, which are recorded, and what was read of it: of one version of the file, whoever saves it meanwhile."""
    for _ in range(READS):
        prove_file(path)
        version = book.version if book else version_of(path)
        try:
            content, sheet = path.read_bytes(), read(book=book)
        except UnreadableWorkbook:
            if version_of(path) == version:
                raise
        else:
            if version_of(path) == version:
                return content, sheet
        book = None
    raise UnreadableWorkbook("file_changing", file=path.name)


def _ignored(sheet: Sheet, mapping: DocumentType, validated: schema.Checked) -> Iterator[Issue]:
    """Cells that the combined service does not read (protocol §1.6, §1.7, §8), or replaces by values of its own."""
    if mapping.custom is None:
        return
    for code, names in (("field_ignored", mapping.custom.unread), ("field_overwritten", mapping.custom.overwritten)):
        for name in names:
            place = sheet.columns.get(name)
            if place is None:
                continue
            filled = ((row, value) for row, value in zip(validated.rows, validated.values.get(name, ()), strict=False) if value is not None)
            for row, value in filled:
                yield issue(code, sheet=sheet.sheet, row=row, column=place.column, header=place.header, field=name, value=str(value))
                if code == "field_overwritten":
                    break  # said once for the column: nothing is lost by it


def _unreadable(path: Path, error: UnreadableWorkbook | OSError, document_type: str | None, language: str) -> Checked:
    if isinstance(error, UnreadableWorkbook):
        found = Issue(code=error.code, values={"file": str(path), **error.values})
    else:
        found = issue("file_broken", file=str(path), reason=error.strerror or str(error))
    return Checked(path=path, content=b"", sheet=None, document_type=document_type, mapping=None, language=language, issues=[found])


def _texts(values: Mapping[str, Sequence[Any]], name: str, count: int) -> list[str]:
    column = values.get(name)
    return ["" if value is None else str(value) for value in column] if column else [""] * count


def _sorted(issues: Iterable[Issue]) -> list[Issue]:
    return sorted(issues, key=lambda found: (found.row or 0, found.column or 0))


def identify(checked: Checked, *, profile: Profile, ledger: Ledger, again: str) -> Checked:
    """Give the sound documents their identity against the ledger as it is now (design §4.1)."""
    mapping, sheet = checked.mapping, checked.sheet
    if mapping is None or sheet is None:
        return checked
    result = documents.identify(
        checked.documents,
        erp_id=profile.erp_id,
        again=again,
        known=lambda tokens: ledger.known(profile.erp_id, tokens),
        elsewhere=lambda batches, digests: ledger.identical(_and_origins(ledger, batches), digests),
    )
    found = [_changed_issue(sheet.sheet, document, record) for document, record in result.changed]
    found += _seen_before(sheet.sheet, mapping, profile, ledger, result)
    return replace(
        checked,
        issues=_sorted([*checked.issues, *found]),
        documents=result.documents,
        known=result.known,
        changed=result.changed,
        superseded=result.superseded,
    )


def _and_origins(ledger: Ledger, batches: Iterable[str]) -> set[str]:
    """Batches, and those from whose to-fix workbooks they came; one that this ledger does not know is left out."""
    found: set[str] = set()
    left = list(batches)
    while left:
        name = left.pop()
        if name in found:
            continue
        with suppress(ConfigurationError):
            left += load_kept(ledger.issues(name)).origins
            found.add(name)
    return found


def _changed_issue(sheet: str, document: Document, record: Record) -> Issue:
    number = record.doc_no or record.token
    return issue("changed_after_import", sheet=sheet, row=document.lines[0].row, number=number, key=document.key)


def _seen_before(sheet: str, mapping: DocumentType, profile: Profile, ledger: Ledger, result: documents.Identified) -> Iterator[Issue]:
    """Same key, slip type and date as a document of the ERP, other content, and no `_ref`: perhaps a correction, perhaps not."""
    fresh = [document for document in result.documents if document.token not in result.known and not document.ref and document.key]
    places = {document.token: (document.key, *slip_and_date(mapping, document)) for document in fresh}
    former = ledger.known_by_key(profile.erp_id, mapping.document_type, places.values())
    for document in fresh:
        standing = [
            record for record in former.get(places[document.token], ()) if record.doc_no and record.stage not in (Stage.VOID, Stage.DELETED)
        ]
        if standing and all(record.digest != document.digest for record in standing):
            yield issue("key_seen_before", sheet=sheet, row=document.lines[0].row, number=standing[-1].doc_no, key=document.key)


def slip_and_date(mapping: DocumentType, document: Document) -> tuple[str, str]:
    """The slip type and the ISO date of a document; empty where the type has none."""
    wanted = mapping.standard.doc_type_no if mapping.standard else "doc_type_no"
    header = documents.new_values(document.header, mapping)
    slip = next((header.get(name) for name, spec in mapping.header.items() if (spec.standard or name) == wanted), None)
    day = next((header.get(name) for name, spec in mapping.header.items() if spec.type == "date"), None)
    return str(slip or ""), day.isoformat() if isinstance(day, date) else ""
