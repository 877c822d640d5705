"""Drafted fields and names as the content of a mapping file, and the decisions that are left to a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from importer.catalogue.vendor.drafting import REMARKS, Draft, Drafted, Todo
from importer.catalogue.vendor.known import Known
from importer.catalogue.vendor.naming import Names
from importer.catalogue.vendor.words import TIPTOP_COLUMN
from importer.mapping import TOKEN_ROOM
from importer.messages import N_
from importer.models import Operation

__all__ = ["Assembled", "assemble"]

Path = tuple[str, ...]
COLUMN_LENGTH: Final = 255  # of a remark whose length is not stated


@dataclass(slots=True, kw_only=True)
class Assembled:
    """A mapping file."""

    content: dict[str, Any] = field(default_factory=dict)
    todos: dict[Path, list[Todo]] = field(default_factory=dict)  # place in the content -> what to decide there

    def note(self, path: Path, text: str) -> None:
        """A decision at a place of the content."""
        self.todos.setdefault(path, []).append(Todo(text=text))


def assemble(
    document_type: str, draft: Draft, names: Names, lists: Sequence[tuple[str, str | None]], known: Known, language: str
) -> Assembled:
    """The mapping; whatever the specification does not say has its usual value and a TODO."""
    made = Assembled()
    _about(made, document_type, names, language)
    for part, section in (("header", "header"), ("line", "lines")):
        made.content[section] = {found.name: dict(found.content) for found in draft.part(part)}
        made.todos.update({(section, found.name): list(found.todos) for found in draft.part(part) if found.todos})
        if not made.content[section]:
            made.note((section,), N_("TODO the specification has no such fields"))
    _finding_again(made, draft)
    by_columns = _is_by_columns(draft)
    if names.operations or not (names.custom or by_columns):
        _standard(made, document_type, draft, names, lists, known)
    if names.custom or by_columns:
        _custom(made, draft, names, lists)
    return made


def _about(made: Assembled, document_type: str, names: Names, language: str) -> None:
    made.content |= {"document_type": document_type, "version": 1}
    title = names.title[0] if names.title else document_type.replace("_", " ").capitalize()
    made.content["title"] = {language if names.title else "en": title}
    if not names.title:
        made.note(("title",), N_("TODO what do people call this document, in each language?"))
    if names.program:
        made.content["program"] = names.program[0]
    made.content |= {"key": ["doc_key"], "max_lines": 500}


def _is_by_columns(draft: Draft) -> bool:
    """Whether the specification has no names but TIPTOP columns, as those of combined services have."""
    columns = sum(bool(TIPTOP_COLUMN.fullmatch(found.wire)) for found in draft.fields)
    return columns > len(draft.fields) / 2


# -- how a document is found again -----------------------------------------------------------------------------------


def _finding_again(made: Assembled, draft: Draft) -> None:
    """Control totals, the field that carries the token, and the fields that find a document without it."""
    if totals := list(_totals(draft)):
        made.content["totals"] = totals
    carrier = next((found for found in draft.part("header") if _can_carry(found)), None)
    if carrier:
        made.content["token"] = {"field": carrier.name, "max_length": carrier.content.get("max_length", COLUMN_LENGTH)}
        made.note(("token",), N_("TODO does the ERP store this field, and can its list query search it?"))
    made.content["match"] = [
        found.name for found in draft.part("header") if found.content.get("required") and found.content["type"] in ("code", "date")
    ]
    if not carrier:
        made.note(("match",), N_("TODO no field can carry the token: after a lost answer a person has to look in the ERP"))


def _totals(draft: Draft) -> Iterator[dict[str, Any]]:
    by = [found.name for found in draft.part("line") if found.content.get("lookup") in ("items", "warehouses")]
    for found in draft.part("line"):
        if found.content["type"] == "decimal" and re.search(r"qty|quantity|數量|数量", f"{found.name} {found.content['label']}") and by:
            yield {"sum": found.name, "by": by}


def _can_carry(found: Drafted) -> bool:
    labels = [found.wire, found.name, *found.content["label"].values()]
    long_enough = found.content.get("max_length", COLUMN_LENGTH) > TOKEN_ROOM
    return found.content["type"] == "text" and long_enough and any(REMARKS.fullmatch(text) for text in labels)


# -- channels --------------------------------------------------------------------------------------------------------


def _standard(
    made: Assembled, document_type: str, draft: Draft, names: Names, lists: Sequence[tuple[str, str | None]], known: Known
) -> None:
    at = ("standard",)
    prefix = names.prefix or f"tt.oapi.{document_type.replace('_', '.')}."
    if not names.prefix:
        made.note((*at, "prefix"), N_("TODO the specification has no service names; this one is made up"))
    part: dict[str, Any] = {"prefix": prefix}
    for key, wanted, usual in (("header_list", "header", "data"), ("line_list", "line", "detail_data")):
        named = _list_name(lists, wanted, part.get("header_list"))
        part[key] = named or f"{document_type}_{usual}"
        if not named:
            made.note((*at, key), N_("TODO the specification does not name this list"))
    part["operations"] = {operation.value: _suffix(made, names, operation, usual) for operation, usual in known.operations.items()}
    part |= {key: value for key, value in (("doc_no", draft.doc_no), ("doc_type_no", draft.doc_type_no)) if value and value != key}
    if draft.doc_type_no is None:
        made.note(at, N_("TODO which field is the slip type? Name it here: doc_type_no"))
    made.content["standard"] = part


def _suffix(made: Assembled, names: Names, operation: Operation, usual: str) -> str:
    if operation in names.operations:
        return names.operations[operation][0]
    made.note(("standard", "operations", operation.value), N_("TODO not in the specification; this is the usual name"))
    return usual


def _list_name(lists: Sequence[tuple[str, str | None]], wanted: str, other: str | None) -> str | None:
    """The list of header or lines: as told; else, of those that nothing is told of, the first or the second."""
    told = [name for name, part in lists if part == wanted and name != other]
    untold = [name for name, part in lists if part is None and name != other]
    return next(iter([*told, *untold]), None)


def _custom(made: Assembled, draft: Draft, names: Names, lists: Sequence[tuple[str, str | None]]) -> None:
    columns: Mapping[str, list[str]] = {
        part: [column for found in draft.part(part) if (column := found.content.get("column"))] for part in ("header", "line")
    }
    part: dict[str, Any] = {"service": names.custom[0] if names.custom else "TODO"}
    if not names.custom:
        made.note(("custom", "service"), N_("TODO the specification does not name the service"))
    for key, wanted in (("master", "header"), ("detail", "line")):
        file = next((name for name, told in lists if name.endswith("_file") and told == wanted), None)
        part[key] = file or (f"{columns[wanted][0][:3]}_file" if columns[wanted] else "TODO")
        if not file:
            made.note(("custom", key), N_("TODO made up from the columns; the specification does not name it"))
    slip = next((found for found in draft.part("header") if found.wire == draft.doc_type_no), None)
    part["number"] = (slip.content.get("column") if slip else None) or next(iter(columns["header"]), "TODO")
    made.note(("custom", "number"), N_("TODO which parameter of the answer has the document number?"))
    part["on_post_failure"] = "unknown"
    made.note(("custom", "on_post_failure"), N_("TODO does the document stay when posting fails (keep), or is it deleted?"))
    if not columns["header"]:
        made.note(("custom",), N_("TODO this service knows fields by their TIPTOP columns: give every field its column"))
    made.content["custom"] = part
