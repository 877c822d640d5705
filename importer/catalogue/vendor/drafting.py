"""Fields and service names as the content of a mapping, with what a person still has to decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from importer.catalogue.vendor.cells import Limits, limits, yes_or_no
from importer.catalogue.vendor.fields import Finding, Place, RawField
from importer.catalogue.vendor.known import Known
from importer.catalogue.vendor.words import IDENTIFIER, TIPTOP_COLUMN
from importer.fieldtypes import trimmed
from importer.mapping import Labels
from importer.messages import N_

__all__ = ["REMARKS", "Draft", "Drafted", "Todo", "column_of", "draft_fields", "language_of_texts"]

CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
SIMPLIFIED: Final = set("单仓储数备项账码类关号长说员时门间审额价汇办务发领库实际产过")
LABEL_LENGTH: Final = 40  # a longer text is a description
NUMBER_LABELS: Final = re.compile(r"(單據|单据)?(單號|单号|編號|编号|號碼|号码)|document (number|no\.?)|doc\.? ?no\.?", re.IGNORECASE)
SLIP_LABELS: Final = re.compile(r"(單據|单据)?(單別|单别)(代[號号碼码])?|slip( type)?|document type|doc\.? ?type", re.IGNORECASE)
LINE_NUMBERS: Final = re.compile(r"seq(_?no)?|line_?no|item_?seq|seq_?num(ber)?|項次|项次|行號|行号|line( no\.?| number)?", re.IGNORECASE)
REMARKS: Final = re.compile(r"remarks?|memo|note|.*(備註|备注)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """Something that a person has to decide: a text of the message catalogue and the cell it came from."""

    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """One field of the mapping."""

    name: str  # technical name
    part: str
    content: Mapping[str, Any]  # as the YAML has it
    todos: Sequence[Todo]
    place: Place  # of its name in the specification
    wire: str


@dataclass(slots=True, kw_only=True)
class Draft:
    """The fields of a mapping, and what the specification says about the whole."""

    fields: list[Drafted] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    doc_no: str | None = None  # wire names that the specification has for number and slip type
    doc_type_no: str | None = None

    def part(self, part: str) -> Iterator[Drafted]:
        """The fields of header or line."""
        return (found for found in self.fields if found.part == part)


def language_of_texts(texts: Sequence[str]) -> str:
    """zh_TW, zh_CN or en: whose characters the texts have."""
    characters = "".join(texts)
    if not CHINESE.search(characters):
        return "en"
    return "zh_CN" if sum(character in SIMPLIFIED for character in characters) > 2 else "zh_TW"


def draft_fields(rows: Sequence[RawField], known: Known, language: str) -> Draft:
    """The rows as fields of a mapping, each once."""
    draft = Draft()
    parts = _parts(rows, known)
    for row, part in zip(rows, parts, strict=True):
        if any(found.part == (part or "header") and found.wire == row.name for found in draft.fields):
            draft.findings.append(Finding(place=row.places["field"], reason=N_("this field stands here twice; the first one counts")))
        elif part != "line" and _is_number(row, known):
            draft.doc_no = row.name
        else:
            draft.fields.append(_drafted(row, part, draft, known, language))
    return draft


# -- header or line --------------------------------------------------------------------------------------------------


def _parts(rows: Sequence[RawField], known: Known) -> list[str | None]:
    """header or line of every row: as marked, else by the tables of its columns, else as in a mapping that has the name."""
    prefixes = list(dict.fromkeys(column[:3] for row in rows if (column := column_of(row))))
    by_prefix = dict(zip(prefixes, ("header", "line"), strict=True)) if len(prefixes) == 2 else {}
    return [row.part or by_prefix.get(column_of(row)[:3]) or known.part(row.name, column_of(row)) for row in rows]


def column_of(row: RawField) -> str:
    """The TIPTOP column of a row; empty where it has none."""
    text = row.texts.get("column", "").strip() or (row.name if TIPTOP_COLUMN.fullmatch(row.name) else "")
    last = text.rpartition(".")[2]
    found = TIPTOP_COLUMN.search(text.lower())
    return found.group() if found else last.lower() if IDENTIFIER.fullmatch(last) else ""


# -- one field -------------------------------------------------------------------------------------------------------


def _is_number(row: RawField, known: Known) -> bool:
    """Whether a header field is the document number, which the ERP assigns and nobody fills in."""
    return row.name in known.doc_nos or bool(NUMBER_LABELS.fullmatch(_label_text(row)))


def _is_slip_type(row: RawField, known: Known) -> bool:
    return row.name in known.slip_types or bool(SLIP_LABELS.fullmatch(_label_text(row)))


def _drafted(row: RawField, part: str | None, draft: Draft, known: Known, language: str) -> Drafted:
    place, todos = row.places["field"], []
    if part is None:
        draft.findings.append(Finding(place=place, reason=N_("header or line? Taken as a field of the header")))
        todos.append(Todo(text=N_("TODO header or line? The specification does not say it"), place=place))
    part = part or "header"
    if part == "header" and draft.doc_type_no is None and _is_slip_type(row, known):
        draft.doc_type_no = row.name
    name = _technical_name(row, part, draft, known)
    content = {**_labels(row, part, known, language, todos), **_kind(row, name, part, draft, todos)}
    lookup = known.lookup(row.name, column_of(row), part)
    content = {**content, **_names(row, name), **({"lookup": lookup} if lookup and content["type"] == "code" else {})}
    return Drafted(name=name, part=part, content=content, todos=todos, place=place, wire=row.name)


def _technical_name(row: RawField, part: str, draft: Draft, known: Known) -> str:
    """A name that a mapping may have, and that no other field of it has."""
    wanted = (known.name(column_of(row), part) if row.name == column_of(row) else None) or row.name
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wanted)
    plain = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or "field"
    plain = f"field_{plain}" if plain[0].isdigit() or plain == "doc_key" else plain
    taken = {found.name for found in draft.fields}
    candidates = [plain, f"{part}_{plain}", *(f"{part}_{plain}_{number}" for number in range(2, 1000))]
    return next(name for name in candidates if name not in taken)


def _names(row: RawField, name: str) -> dict[str, Any]:
    column = column_of(row)
    wire = {} if row.name in (name, column) else {"standard": row.name}
    return {**wire, **({"column": column} if column else {})}


def _labels(row: RawField, part: str, known: Known, language: str, todos: list[Todo]) -> dict[str, Any]:
    """Label and help in the specification's language, other languages from a mapping that has the field."""
    label, description = _label_text(row), trimmed(row.texts.get("description", ""))
    others = known.label(row.name, column_of(row), part)
    if not label and not others:
        todos.append(Todo(text=N_("TODO a label for people; the specification has none"), place=row.places["field"]))
    labels: Labels = {**others, _language(label, language): label} if label else others or {"en": row.name}
    ordered = {name: labels[name] for name in ("zh_TW", "zh_CN", "en") if labels.get(name)}
    return {"label": ordered, **({"help": {_language(description, language): description}} if description and description != label else {})}


def _language(text: str, chinese: str) -> str:
    """The language of one text: without Chinese characters English, whatever the rest of the workbook is written in."""
    return chinese if CHINESE.search(text) and chinese != "en" else "en"


def _label_text(row: RawField) -> str:
    """The name for people: its own column, else what stands beside the technical name, else a short description."""
    beside = re.search(r"[\u4e00-\u9fff][^()（）]*", row.texts.get("field", ""))
    description = re.split(r"[\n,，;；。:：(（]", row.texts.get("description", ""), maxsplit=1)[0]
    for text in (row.texts.get("label", ""), beside.group() if beside else "", description if len(description) <= LABEL_LENGTH else ""):
        if label := " ".join(trimmed(text).strip("*＊").split()):
            return label
    return ""


def _kind(row: RawField, name: str, part: str, draft: Draft, todos: list[Todo]) -> dict[str, Any]:
    if part == "line" and any(LINE_NUMBERS.fullmatch(text) for text in (row.name, name, _label_text(row))):
        return {"type": "integer", "generated": "line_number"}
    about = f"{row.name} {_label_text(row)} {row.texts.get('description', '')[:LABEL_LENGTH]}"
    found = limits(row.texts.get("type", ""), row.texts.get("length", ""), about)
    _tell(row, found, draft, todos)
    content: dict[str, Any] = {"type": found.type}
    if found.max_length is not None:
        content["max_length"] = found.max_length
    if found.digits is not None:
        content["digits"] = list(found.digits)
    if _required(row, draft, todos):
        content["required"] = True
    if example := trimmed(row.texts.get("example", "")):
        content["example"] = example
    return content


def _tell(row: RawField, found: Limits, draft: Draft, todos: list[Todo]) -> None:
    """Doubts about type and length, at the cell that they come from."""
    for role, unclear, reason in (
        ("type", found.unclear_type, N_("this type is not known")),
        ("length", found.unclear_length, N_("this length is not understood")),
    ):
        if unclear:
            draft.findings.append(Finding(place=row.places[role], reason=reason))
    place = row.places.get("type" if found.unclear_type else "length", row.places["field"])
    todos.extend(Todo(text=text, place=place) for text in found.doubts)


def _required(row: RawField, draft: Draft, todos: list[Todo]) -> bool:
    if re.search(r"[*＊]", row.texts.get("field", "")):
        return True
    role = "required" if "required" in row.texts else "optional"
    if role not in row.texts:
        return False
    told, doubts = yes_or_no(row.texts[role])
    todos.extend(Todo(text=text, place=row.places[role]) for text in doubts)
    if told is None:
        draft.findings.append(Finding(place=row.places[role], reason=N_("neither yes nor no")))
        return False
    blank = not row.texts[role].strip()
    return told if role == "required" else not told and not blank and not doubts
