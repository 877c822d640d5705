"""Valid rows become documents: grouping, splitting, and the identity by which each is sent exactly once (design §4.1).

Grouping knows the workbook only through plain values: for each data row its worksheet row number and typed cells.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from importer.issue_catalogue import issue
from importer.mapping import DOC_KEY, Default
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Issue, Line, Record, Stage, Status, Value

__all__ = [
    "DIGEST_VERSION",
    "Grouped",
    "Identified",
    "Place",
    "complete",
    "digest_of",
    "group",
    "identify",
    "parse_ref",
    "ref_of",
    "repeat_mark",
    "token_of",
    "with_token",
    "without_token",
]

DIGEST_VERSION: Final = 1
"""Stored beside every digest; a change of the canonical form below needs a new one, and the old one kept."""

MARK_OPEN: Final = " [IMP:"
MARK_CLOSE: Final = "]"
TOKEN_LENGTH: Final = 16
KEYLESS: Final = "\0?"


class Place(Protocol):
    """Where a field stands in the sheet."""

    @property
    def column(self) -> int:
        """1-based."""

    @property
    def header(self) -> str:
        """The column's header text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Documents of a sheet, those with errors apart; `issues` are what grouping itself found."""

    documents: Sequence[Document]  # without token yet
    failed: Sequence[Document]
    issues: Sequence[Issue]


# -- grouping --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    key: str
    positions: list[int] = field(default_factory=list)
    keyed: bool = True  # False: nobody can tell to which document the rows belong


def group(
    mapping: DocumentType,
    *,
    sheet: str,
    rows: Sequence[int],
    values: Mapping[str, Sequence[Value | None]],
    keys: Sequence[str],
    refs: Sequence[str],
    places: Mapping[str, Place],
    bad_rows: Collection[int] = (),
    bad_cells: Collection[tuple[int, str | None]] = (),
) -> Grouped:
    """Group rows into documents by key, header cells taken from wherever in the document they stand.

    `rows` are worksheet rows, `values` the typed cells by field and position (None = blank), `keys` and `refs` the text
    of the key and `_ref` cells (empty = blank), `bad_cells` the worksheet row and field of each error found before, and
    `bad_rows` rows with an error whose field is not known. A document with any error is in `failed`; an error of its header
    fails all of its parts. Rows of a document need not be adjacent; one longer than the mapping's `max_lines` is split.
    """
    finder = _Finder(mapping, sheet, rows, values, places, [*bad_cells, *((row, None) for row in bad_rows)])
    documents: list[Document] = []
    failed: list[Document] = []
    taken: set[str] = set()  # copied rows carry a copied `_ref`: the first document keeps it, the others are documents of their own
    for found in _groups(mapping, values, keys, refs, finder):
        header, sound = finder.header(found)
        for part, (ref, positions) in enumerate(parts := _parts(found.positions, refs, mapping.max_lines), start=1):
            document = finder.document(found.key, header, positions, "" if ref in taken else ref, part, len(parts))
            taken.add(ref)
            (documents if sound and not finder.bad_fields(positions) else failed).append(document)
        if len(parts) > 1:
            count, limit = len(found.positions), mapping.max_lines
            finder.note("document_split", found.positions[0], None, key=found.key, lines=count, parts=len(parts), limit=limit)
    return Grouped(documents=documents, failed=failed, issues=finder.issues)


def _groups(
    mapping: DocumentType, values: Mapping[str, Sequence[Value | None]], keys: Sequence[str], refs: Sequence[str], finder: _Finder
) -> Iterable[_Group]:
    texts = _key_texts(mapping, values, keys)
    key_of_ref: dict[str, str] = {}
    for text, ref in zip(texts, refs, strict=True):
        if text and ref:
            key_of_ref.setdefault(ref, text)
    groups: dict[str, _Group] = {}
    above = ""
    for position, (text, ref) in enumerate(zip(texts, refs, strict=True)):
        identity = text or (key_of_ref.get(ref, f"\0{ref}") if ref else above)
        if not identity:
            finder.note("key_missing", position, mapping.key[0])
            identity = KEYLESS
        if identity not in groups:
            groups[identity] = _Group(key=identity.removeprefix("\0").replace("\x1f", " ").strip(), keyed=identity != KEYLESS)
        groups[identity].positions.append(position)
        above = identity
    return groups.values()


def _key_texts(mapping: DocumentType, values: Mapping[str, Sequence[Value | None]], keys: Sequence[str]) -> Sequence[str]:
    if mapping.key == (DOC_KEY,):
        return keys
    columns = [keys if name == DOC_KEY else values.get(name, [None] * len(keys)) for name in mapping.key]
    return [
        "" if all(value in (None, "") for value in row) else "\x1f".join("" if value is None else _text(value) for value in row)
        for row in zip(*columns, strict=True)
    ]


def _parts(positions: Sequence[int], refs: Sequence[str], limit: int) -> list[tuple[str, Sequence[int]]]:
    """Cut a document's rows at `limit` lines. Rows with a `_ref` stay together in their part; only rows without are cut afresh."""
    by_ref: dict[str, list[int]] = {}
    for position in positions:
        by_ref.setdefault(refs[position], []).append(position)
    named = [ref for ref in by_ref if ref]
    if len(named) <= 1 and len(positions) <= limit:
        return [(named[0] if named else "", positions)]
    fresh = by_ref.pop("", [])
    parts = [(ref, part) for ref, members in by_ref.items() for part in _chunks(members, limit)]
    return [*parts, *(("", part) for part in _chunks(fresh, limit))]


def _chunks(positions: Sequence[int], limit: int) -> list[Sequence[int]]:
    return [positions[start : start + limit] for start in range(0, len(positions), limit)]


class _Finder:
    """The sheet's cells with their places, and the issues found while grouping them."""

    def __init__(
        self,
        mapping: DocumentType,
        sheet: str,
        rows: Sequence[int],
        values: Mapping[str, Sequence[Value | None]],
        places: Mapping[str, Place],
        bad_cells: Collection[tuple[int, str | None]],
    ) -> None:
        self._bad: dict[int, set[str | None]] = defaultdict(set)  # worksheet row -> fields with an error
        for row, name in bad_cells:
            self._bad[row].add(name)
        self._rows = rows
        self._sheet = sheet
        self._places = places
        self._header = [(name, values.get(name), spec.required) for name, spec in mapping.header.items() if not spec.generated]
        self._lines = [(name, values[name]) for name in mapping.lines if name in values]
        self._type = mapping.document_type
        self.issues: list[Issue] = []

    def note(self, code: str, position: int, name: str | None, *, value: str = "", **values: object) -> None:
        """Record an issue on the cell of field `name` in the row at `position`, or on the row."""
        place = self._places.get(name) if name else None
        self.issues.append(
            issue(
                code,
                sheet=self._sheet,
                row=self._rows[position],
                column=place.column if place else None,
                header=place.header if place else None,
                field=name,
                value=value,
                **values,
            )
        )

    def bad_fields(self, positions: Iterable[int]) -> set[str | None]:
        """The fields in which these rows have an error; None among them for an error of a whole row."""
        return {name for position in positions for name in self._bad.get(self._rows[position], ())} if self._bad else set()

    def header(self, found: _Group) -> tuple[dict[str, Value], bool]:
        """The header that the rows of a document agree on, and whether they do, and nothing in it is wrong or required and missing."""
        header: dict[str, Value] = {}
        bad = self.bad_fields(found.positions)
        sound = found.keyed and not any(name in bad for name, _, _ in self._header)
        for name, column, required in self._header:
            first: int | None = None
            for position in found.positions if column else ():
                value = column[position] if column else None
                if value is None:
                    continue
                if first is None:
                    first, header[name] = position, value
                elif value != header[name]:
                    sound = False
                    shown = {"first": _text(header[name]), "first_row": self._rows[first], "key": found.key}
                    self.note("header_disagrees", position, name, value=_text(value), **shown)
            if first is None and required:
                sound = False
                told = name in bad or column is None or name not in self._places  # a wrong cell, or one issue of the sheet
                if not told:
                    self.note("required_missing", found.positions[0], name)
        return header, sound

    def document(self, key: str, header: Mapping[str, Value], positions: Sequence[int], ref: str, part: int, parts: int) -> Document:
        """One document of the rows at `positions`."""
        lines = tuple(
            Line(
                row=self._rows[position],
                fields={name: value for name, column in self._lines if (value := column[position]) is not None},
            )
            for position in positions
        )
        return Document(
            document_type=self._type,
            key=key,
            header=header,
            lines=lines,
            digest=digest_of(header, lines),
            occurrence=0,
            token="",
            ref=ref,
            part=part,
            parts=parts,
        )


# -- identity --------------------------------------------------------------------------------------------------------


def _text(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return value.isoformat() if isinstance(value, date) else value


def digest_of(header: Mapping[str, Value], lines: Iterable[Line]) -> str:
    """SHA-256 over the typed values as read (design §4.1 rule 2): blanks left out, lines as a sorted multiset, 5.0 equal to 5."""
    parts = [_canonical(header), *sorted(_canonical(line.fields) for line in lines)]
    return hashlib.sha256("\x1d".join(parts).encode()).hexdigest()


def _canonical(values: Mapping[str, Value]) -> str:
    return "\x1e".join(sorted(f"{name}\x1f{_text(value)}" for name, value in values.items() if value != ""))


def token_of(erp_id: str, document_type: str, digest: str, occurrence: int, mark: str) -> str:
    """The document's reference in the ERP: 80 bits as 16 characters A-Z2-7 (design §4.1 rule 3)."""
    text = "\0".join((erp_id, document_type, digest, str(occurrence), mark))
    return base64.b32encode(hashlib.sha256(text.encode()).digest()[:10]).decode()


def repeat_mark(reason: str) -> str:
    """The reason of `--again` without the differences that nobody means: width, case, blanks."""
    return " ".join(unicodedata.normalize("NFKC", reason).casefold().split())


def ref_of(document: Document) -> str:
    """What the hidden `_ref` column says: token and occurrence."""
    return f"{document.token}.{document.occurrence}"


def parse_ref(text: str) -> tuple[str, int] | None:
    """Token and occurrence of a `_ref` cell; None when it is none of ours."""
    token, _, number = text.partition(".")
    if len(token) == TOKEN_LENGTH and number.isdigit() and int(number) > 0:
        return token, int(number)
    return None


def with_token(text: str, token: str) -> str:
    """The text of the token's field as it travels: the user's text, then the token. Nothing is cut."""
    return f"{text}{MARK_OPEN}{token}{MARK_CLOSE}".lstrip()


def without_token(text: str) -> str:
    """The user's own text of a field that carries a token."""
    start = text.find(MARK_OPEN.lstrip())
    return text[:start].rstrip() if start >= 0 else text


Known = Callable[[Iterable[str]], Mapping[str, Record]]
"""Looks tokens up in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Documents with their tokens, what the ledger knows of them, and what must not be sent."""

    documents: Sequence[Document]
    known: Mapping[str, Record]  # by token, of those documents that the ledger has
    changed: Sequence[tuple[Document, Record]]  # edited after their predecessor got into the ERP: not to be sent
    superseded: Sequence[Record]  # predecessors that never got into the ERP and must not be sent any more


def identify(documents: Sequence[Document], *, erp_id: str, again: str, known: Known) -> Identified:
    """Give every document its token (design §4.1 rules 3 to 7).

    `again` is the reason of `--again`, empty without. A document whose rows carry a `_ref` keeps its occurrence while its
    content is unchanged; edited, it is a new document only while its predecessor is not in the ERP.
    """
    mark = repeat_mark(again)
    refs = {document.ref: parsed for document in documents if document.ref and (parsed := parse_ref(document.ref))}
    predecessors = known(token for token, _ in refs.values())
    kept: dict[int, tuple[int, str]] = {}  # position -> occurrence, mark of an unchanged document with a `_ref`
    changed: dict[int, Record] = {}
    superseded: list[Record] = []
    for position, document in enumerate(documents):
        if document.ref not in refs:
            continue
        token, occurrence = refs[document.ref]
        predecessor = predecessors.get(token)
        if predecessor and predecessor.digest == document.digest:
            kept[position] = (occurrence, mark or predecessor.repeat_mark)
        elif predecessor is None:
            if token_of(erp_id, document.document_type, document.digest, occurrence, "") == token:
                kept[position] = (occurrence, mark)
        elif not _may_be_there(predecessor):
            superseded.append(predecessor)
        elif not mark:
            changed[position] = predecessor
    numbered = _number(documents, kept, changed, erp_id, mark)
    settled, found = _past_undone(numbered, erp_id, known)
    return Identified(
        documents=settled,
        known=found,
        changed=[(documents[position], record) for position, record in changed.items()],
        superseded=[record for record in superseded if record.token not in found],
    )


def _may_be_there(record: Record) -> bool:
    """Whether the ERP has this document, or may have it."""
    if record.stage in (Stage.VOID, Stage.DELETED):
        return False
    return record.stage is not Stage.NEW or (record.entry is not None and record.entry.status in (Status.SENDING, Status.UNKNOWN))


def _number(
    documents: Sequence[Document], kept: Mapping[int, tuple[int, str]], changed: Collection[int], erp_id: str, mark: str
) -> list[Document]:
    """Occurrences among identical documents: those that a `_ref` keeps, and the free numbers for the others."""
    taken: dict[str, set[int]] = defaultdict(set)
    for position, (occurrence, _) in kept.items():
        taken[documents[position].digest].add(occurrence)
    numbered = []
    for position, document in enumerate(documents):
        if position in changed:
            continue
        occurrence, its_mark = kept.get(position, (0, mark))
        if not occurrence:
            used = taken[document.digest]
            occurrence = next(number for number in range(1, len(used) + 2) if number not in used)
            used.add(occurrence)
        token = token_of(erp_id, document.document_type, document.digest, occurrence, its_mark)
        numbered.append(replace(document, occurrence=occurrence, repeat_mark=its_mark, token=token))
    return numbered


def _past_undone(documents: Sequence[Document], erp_id: str, known: Known) -> tuple[list[Document], dict[str, Record]]:
    """An undone document may be sent again: its number joins the repeat mark, which makes another token of it (rule 7)."""
    settled = list(documents)
    found: dict[str, Record] = {}
    open_positions = list(range(len(settled)))
    while open_positions:
        records = known(settled[position].token for position in open_positions)
        undone = []
        for position in open_positions:
            document = settled[position]
            record = records.get(document.token)
            if record is None:
                continue
            if record.stage in (Stage.VOID, Stage.DELETED):
                marked = f"{document.repeat_mark}\n{record.doc_no or record.token}".lstrip("\n")
                token = token_of(erp_id, document.document_type, document.digest, document.occurrence, marked)
                settled[position] = replace(document, repeat_mark=marked, token=token)
                undone.append(position)
            else:
                found[document.token] = record
        open_positions = undone
    return settled, found


# -- what travels ----------------------------------------------------------------------------------------------------


def complete(document: Document, mapping: DocumentType, constants: Mapping[str, str]) -> tuple[dict[str, Value], list[dict[str, Value]]]:
    """Header and lines with defaults, line numbers and the token filled in, in the mapping's field order.

    `constants` are the settings that a default may name (`user`, `plant`). Blank fields without a default are left out.
    """
    header = _filled(document.header, mapping, mapping.header, document.header, constants)
    if mapping.token and mapping.token.field in mapping.header:
        name = mapping.token.field
        header[name] = with_token(str(header.get(name, "")), document.token)
        header = {field_name: header[field_name] for field_name in mapping.header if field_name in header}
    lines = []
    for number, line in enumerate(document.lines, start=1):
        filled = _filled(line.fields, mapping, mapping.lines, {**document.header, **line.fields}, constants, number)
        lines.append(filled)
    return header, lines


def _filled(
    values: Mapping[str, Value],
    mapping: DocumentType,
    names: Iterable[str],
    sources: Mapping[str, Value],
    constants: Mapping[str, str],
    number: int = 0,
) -> dict[str, Value]:
    filled: dict[str, Value] = {}
    for name in names:
        spec = mapping.fields[name]
        if spec.generated == "line_number":
            filled[name] = Decimal(number)
        elif name in values:
            filled[name] = values[name]
        elif spec.default and (value := _default(spec.default, spec.type, sources, constants)) is not None:
            filled[name] = value
    return filled


def _default(default: Default, type_name: str, sources: Mapping[str, Value], constants: Mapping[str, str]) -> Value | None:
    if default.copy_of:
        return sources.get(default.copy_of)
    text = constants.get(default.profile) if default.profile else default.value
    if not text:
        return None
    if type_name in ("decimal", "integer"):
        return Decimal(text)
    return date.fromisoformat(text) if type_name == "date" else text
