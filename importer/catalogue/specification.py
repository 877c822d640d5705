"""The message specification of a service: the fields of its request and of its answer, one row each (protocol §2.4, §1.3, §1.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from importer.fieldtypes import FIELD_TYPES
from importer.mapping import Custom, Field, Mapping, Standard
from importer.messages import N_, translate
from importer.models import Operation
from importer.settings import Wire
from importer.workbook.describe import Column

__all__ = ["SpecRow", "combined_answer", "combined_request", "standard_answer", "standard_request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecRow:
    """One field of a message."""

    part: str  # header or line of the document, key, or envelope
    path: str  # where it stands in the message; a list's name carries []
    field: str  # name on the wire
    column: str = ""  # TIPTOP column
    type: str  # field type of the mapping; object or list for what holds others
    wire_type: str = ""  # as XML calls it: string, numeric, date
    length: str = ""  # characters, or precision and scale as in 15,3
    required: bool = False
    label: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fixed:
    """A field that every document type has; its texts are of the message catalogue."""

    path: str
    type: str
    label: str
    required: bool = False
    description: str = ""
    part: str = "envelope"

    def row(self, language: str) -> SpecRow:
        return SpecRow(
            part=self.part,
            path=self.path,
            field=re.findall(r"\w+", self.path)[-1],
            type=self.type,
            wire_type=FIELD_TYPES[self.type].xml_type if self.type in FIELD_TYPES else "",
            required=self.required,
            label=translate(self.label, language),
            description=translate(self.description, language),
        )


# -- the standard channel --------------------------------------------------------------------------------------------

QUERY_REQUEST: Final = (
    _Fixed(path="page_no", type="integer", label=N_("Page"), required=True, description=N_("Counted from 1")),
    _Fixed(path="page_size", type="integer", label=N_("Rows per page"), required=True),
    _Fixed(path="use_has_next", type="boolean", label=N_("Ask for has_next")),
    _Fixed(path="conditions", type="object", label=N_("Conditions"), required=True, description=N_("Empty means all documents")),
    _Fixed(path="conditions.operator", type="code", label=N_("How the conditions are joined"), description="and, or"),
    _Fixed(path="conditions.fields[].field_name", type="code", label=N_("Field")),
    _Fixed(path="conditions.fields[].operator", type="code", label=N_("Operator"), description="=, <>, >, >=, <, <=, like"),
    _Fixed(path="conditions.fields[].value", type="text", label=N_("Value"), description=N_("With like: % stands for any text")),
    _Fixed(path="orders[].field_name", type="code", label=N_("Field to sort by")),
    _Fixed(path="orders[].order_type", type="code", label=N_("Order"), description="asc, desc"),
)
EXECUTION: Final = (
    _Fixed(
        path="execution.code", type="code", label=N_("Result code"), required=True, description=N_("0 means that the service was executed")
    ),
    _Fixed(path="execution.sql_code", type="code", label=N_("Database code")),
    _Fixed(path="execution.description", type="text", label=N_("Message")),
)
ERRORS: Final = (
    _Fixed(path="parameter.result.error[]", type="list", label=N_("Refusals"), description=N_("Anything in here means: refused")),
    _Fixed(path="parameter.result.error[].data", type="object", label=N_("What is refused")),
    _Fixed(path="parameter.result.error[].information[].message", type="text", label=N_("Reason")),
    _Fixed(path="parameter.result.error[].information[].data", type="object", label=N_("Field and value that are refused")),
)
PAGES: Final = (
    _Fixed(path="parameter.total_result", type="integer", label=N_("Rows of this page, plus 1 when there are more")),
    _Fixed(path="parameter.has_next", type="boolean", label=N_("Whether there are more pages")),
    _Fixed(path="parameter.result.cnt", type="integer", label=N_("Rows of this page")),
)
NUMBER: Final = _Fixed(path="", type="code", label=N_("Document number"), required=True, part="key")
SLIP_TYPE: Final = _Fixed(path="", type="code", label=N_("Slip type"), required=True, part="key")


def standard_request(mapping: Mapping, part: Standard, operation: Operation, wire: Wire, language: str) -> list[SpecRow]:
    """The fields of `parameter` that an operation asks for."""
    header = f"{part.header_list}[]"
    if operation is Operation.CREATE:
        return [*_fields(mapping, "header", header, language), *_fields(mapping, "line", f"{header}.{part.line_list}[]", language)]
    if operation is Operation.UPDATE:
        return _update_request(mapping, part, language)
    if operation is Operation.QUERY:
        return [fixed.row(language) for fixed in QUERY_REQUEST]
    return list(_keys(part, f"{wire.datakeys}[]", language, wire))


def _update_request(mapping: Mapping, part: Standard, language: str) -> list[SpecRow]:
    """Only what changes travels; the document is found by its key, a line by its number."""
    header = f"{part.header_list}[]"
    keys = list(_keys(part, header, language))
    known = {row.path for row in keys}
    fields = [row for row in _fields(mapping, "header", header, language) if row.path not in known]
    generated = {field.standard or name for name, field in mapping.lines.items() if field.generated}
    lines = _fields(mapping, "line", f"{header}.{part.line_list}[]", language)
    optional = [replace(row, required=row.part == "line" and row.field in generated) for row in [*fields, *lines]]
    return [*keys, *optional]


def standard_answer(mapping: Mapping, part: Standard, operation: Operation, language: str) -> list[SpecRow]:
    """The fields of `std_data` in an answer."""
    execution, errors = ([fixed.row(language) for fixed in group] for group in (EXECUTION, ERRORS))
    success = "parameter.result.success[]"
    if operation is Operation.QUERY:
        rows = "parameter.result.rows[]"
        pages = [fixed.row(language) for fixed in PAGES]
        return [*execution, *pages, *_stored_header(mapping, part, rows, language)]
    if operation is Operation.READ:
        header = f"{success}.{part.header_list}[]"
        lines = _fields(mapping, "line", f"{header}.{part.line_list}[]", language)
        return [*execution, *_stored_header(mapping, part, header, language), *lines, *errors]
    return [*execution, *_keys(part, success, language), *errors]


def _stored_header(mapping: Mapping, part: Standard, prefix: str, language: str) -> Iterator[SpecRow]:
    """A document's header as the ERP has it: its key, its fields, how far it is."""
    keys = list(_keys(part, prefix, language))
    yield from keys
    known = {row.path for row in keys}
    yield from (row for row in _fields(mapping, "header", prefix, language) if row.path not in known)
    yield from _status(part, prefix, language)


def _keys(part: Standard, prefix: str, language: str, wire: Wire | None = None) -> Iterator[SpecRow]:
    if wire is None or wire.key_fields != "doc_no":
        yield replace(SLIP_TYPE, path=f"{prefix}.{part.doc_type_no}").row(language)
    if wire is None or wire.key_fields != "doc_type_no":
        yield replace(NUMBER, path=f"{prefix}.{part.doc_no}").row(language)
    for name in wire.extra_key if wire else ():
        yield replace(NUMBER, path=f"{prefix}.{name}", label=N_("Further part of the key")).row(language)


def _status(part: Standard, prefix: str, language: str) -> Iterator[SpecRow]:
    values = f"N, {part.status.yes}, {part.status.void}"
    for name, label in ((part.status.approve, N_("Whether it is approved")), (part.status.post, N_("Whether it is posted"))):
        yield _Fixed(path=f"{prefix}.{name}", type="code", label=label, description=values, part="header").row(language)


# -- the custom channel ----------------------------------------------------------------------------------------------

ACCESS: Final = (
    _Fixed(path="Access/Authentication/@user", type="code", label=N_("ERP user"), required=True),
    _Fixed(path="Access/Authentication/@password", type="code", label=N_("Password")),
    _Fixed(path="Access/Connection/@application", type="code", label=N_("Calling application")),
    _Fixed(path="Access/Connection/@source", type="code", label=N_("Calling machine")),
    _Fixed(path="Access/Organization/@name", type="code", label=N_("Plant"), required=True),
    _Fixed(path="Access/Locale/@language", type="code", label=N_("Language of the messages"), description="zh_tw, zh_cn, en_us"),
    _Fixed(
        path="RequestContent/Parameter/Record/Field[@name='status']",
        type="code",
        label=N_("Approve and post at once"),
        description=N_("Y means yes"),
    ),
)
STATUS: Final = (
    _Fixed(
        path="Execution/Status/@code",
        type="code",
        label=N_("Result code"),
        required=True,
        description=N_("0 means that the service was executed"),
    ),
    _Fixed(path="Execution/Status/@sqlcode", type="code", label=N_("Database code")),
    _Fixed(path="Execution/Status/@description", type="text", label=N_("Message")),
)


def combined_request(mapping: Mapping, custom: Custom, language: str) -> list[SpecRow]:
    """The fields of the inner request; what the service does not read, or has no column, does not travel."""
    record_set = "RequestContent/Document/RecordSet"
    header = _fields(mapping, "header", f"{record_set}/Master[@name='{custom.master}']/Record", language)
    lines = _fields(mapping, "line", f"{record_set}/Detail[@name='{custom.detail}']/Record", language)
    fields = [
        replace(row, path=f"{row.path.rpartition('.')[0]}/Field[@name='{row.column}']", field=row.column)
        for row in _read_by(mapping, custom, [*header, *lines])
    ]
    return [*(fixed.row(language) for fixed in ACCESS), *fields]


def _read_by(mapping: Mapping, custom: Custom, rows: Sequence[SpecRow]) -> list[SpecRow]:
    names = [*mapping.header, *mapping.lines]
    left_out = {name for name, field in mapping.fields.items() if name in custom.unread or not field.column}
    return [row for name, row in zip(names, rows, strict=True) if name not in left_out]


def combined_answer(custom: Custom, language: str) -> list[SpecRow]:
    """The fields of the inner answer."""
    number = _Fixed(
        path=f"ResponseContent/Parameter/Record/Field[@name='{custom.number}']",
        type="code",
        label=N_("Document number"),
        description=N_("Blank when nothing was created"),
        part="key",
    )
    return [*(fixed.row(language) for fixed in STATUS), replace(number.row(language), field=custom.number, column=custom.number)]


# -- fields of the mapping -------------------------------------------------------------------------------------------


def _fields(mapping: Mapping, part: str, prefix: str, language: str) -> list[SpecRow]:
    """One row per field of the header or of the lines."""
    fields = mapping.header if part == "header" else mapping.lines
    return [_row(Column(mapping=mapping, name=name, field=field, part=part, language=language), prefix) for name, field in fields.items()]


def _row(column: Column, prefix: str) -> SpecRow:
    field, wire_name = column.field, column.field.standard or column.name
    return SpecRow(
        part=column.part,
        path=f"{prefix}.{wire_name}",
        field=wire_name,
        column=field.column or "",
        type=field.type,
        wire_type=FIELD_TYPES[field.type].xml_type,
        length=_length(field),
        required=field.required,
        label=column.label,
        description="; ".join([*filter(None, [column.meaning]), *column.rules()]),
    )


def _length(field: Field) -> str:
    if field.digits:
        return f"{field.digits[0]},{field.digits[1]}"
    return str(field.max_length) if field.max_length is not None else ""
