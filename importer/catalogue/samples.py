"""A request and an answer of every service, about one document made from the mapping's examples.

Requests come from the encoders that a run uses, so they are what travels; answers are composed here after protocol §1.4, §2.2, §2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from importer.catalogue import answers
from importer.documents import complete
from importer.fieldtypes import FIELD_TYPES, DateFormats
from importer.mapping import Custom, Field, Standard
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Line, Operation, Payload, Value
from importer.protocols import custom_xml, parameters, standard_json, standard_xml
from importer.settings import Profile

__all__ = ["STANDARD_FORMATS", "Sample", "combined_sample", "sample_document", "standard_samples"]

NOW: Final = datetime(2026, 1, 31, 10, 15)  # the same catalogue gives the same samples
TOKEN: Final = "EXAMPLE" * 2 + "22"
SERIAL: Final = "26010001"  # year, month and running number of the document number (protocol §3.6)
FALLBACKS: Final[Mapping[str, str]] = {"code": "A1", "text": "text", "decimal": "1", "integer": "1", "date": "2026-01-31"}
"""What stands for a required field whose mapping has no example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One exchange in one format."""

    format: str
    headers: Mapping[str, str]  # of the request
    request: str  # the body; indented for reading, unless it carries its document as a string
    answer: str
    carried_request: str = ""  # the document that the request carries as a string
    carried_answer: str = ""


# -- the document ----------------------------------------------------------------------------------------------------


def sample_document(mapping: DocumentType) -> Document:
    """One document with one line: the examples of the mapping, and something plausible where a required field has none."""
    return Document(
        document_type=mapping.document_type,
        key="1",
        header=_values(mapping.header),
        lines=(Line(row=3, fields=_values(mapping.lines)),),
        digest="",
        occurrence=1,
        token=TOKEN,
    )


def _values(fields: Mapping[str, Field]) -> dict[str, Value]:
    found = {name: _value(field) for name, field in fields.items() if not field.generated and (field.example or field.required)}
    return {name: value for name, value in found.items() if value is not None}


def _value(field: Field) -> Value | None:
    fallback = next(iter(field.choices), "") if field.choices else FALLBACKS[field.type][: field.max_length]
    for text in (field.example, fallback):
        value, _ = FIELD_TYPES[field.type].parse(text, DateFormats()) if text else (None, None)
        if value is not None:
            return value
    return None


# -- the standard channel --------------------------------------------------------------------------------------------

Encoder = Callable[[Mapping[str, Any], str, Profile, datetime], Payload]
STANDARD_FORMATS: Final[Mapping[str, tuple[Encoder, Callable[[str], str], Callable[[Mapping[str, Any]], str]]]] = {
    "json": (standard_json.encode, answers.indented_json, answers.json_answer),
    "xml": (standard_xml.encode, answers.indented_xml, answers.xml_answer),
}
"""Format -> how a request is made, how it is indented for reading, how an answer looks."""


def standard_samples(mapping: DocumentType, part: Standard, operation: Operation, profile: Profile) -> list[Sample]:
    """A sample of the operation in every format."""
    service = part.service(operation) or ""
    header, lines = complete(sample_document(mapping), mapping, {"user": profile.user, "plant": profile.plant})
    slip_type, number = numbers(mapping, header)
    parameter = _parameter(mapping, operation, profile, header, lines, slip_type, number)
    result = answers.parameter_of(mapping, part, operation, header, lines, slip_type, number)
    samples = []
    for name, (encode, indent, answer) in STANDARD_FORMATS.items():
        payload = encode(parameter, service, profile, NOW)
        std = _as_text(result, profile.wire.date_format if name == "json" else profile.wire.xml_date_format)
        samples.append(Sample(format=name, headers=payload.headers, request=indent(payload.body.decode()), answer=answer(std)))
    return samples


def combined_sample(mapping: DocumentType, custom: Custom, profile: Profile) -> Sample:
    """A sample of the combined call. The password is left blank."""
    document = sample_document(mapping)
    header, lines = complete(document, mapping, {"user": profile.user, "plant": profile.plant})
    payload = custom_xml.encode(header, lines, mapping, profile, "", post=True, token=document.token, now=NOW)
    answer = answers.custom_answer(custom.number, numbers(mapping, header)[1])
    through_gateway = profile.custom.carrier == "invokeSrv"
    carried, service = (answers.gateway_answer(answer), "invokeSrv") if through_gateway else (answer, custom.service)
    return Sample(
        format="xml",
        headers=payload.headers,
        request=payload.body.decode(),
        answer=answers.soap_answer(service, carried, profile.custom.namespace),
        carried_request=answers.carried_in(payload.body.decode()),
        carried_answer=answer,
    )


def numbers(mapping: DocumentType, header: Mapping[str, Value]) -> tuple[str, str]:
    """Slip type and document number of the sample."""
    name = parameters.slip_type_field(mapping) if mapping.standard else next(iter(mapping.header), None)
    slip_type = str(header.get(name or "", "")) or "A01"
    return slip_type, f"{slip_type}-{SERIAL}"


def _parameter(
    mapping: DocumentType,
    operation: Operation,
    profile: Profile,
    header: Mapping[str, Value],
    lines: list[dict[str, Value]],
    slip_type: str,
    number: str,
) -> Mapping[str, Any]:
    part, wire = parameters.standard_part(mapping), profile.wire
    if operation is Operation.CREATE:
        return parameters.create(mapping, header, lines)
    if operation is Operation.UPDATE:
        return parameters.update(mapping, wire, doc_type_no=slip_type, doc_no=number, header=header, lines=lines)
    if operation is Operation.QUERY:
        return parameters.query(wire, [parameters.condition(part.doc_type_no, "=", slip_type)])
    return parameters.keys(mapping, wire, doc_type_no=slip_type, doc_no=number, header=header)


def _as_text(value: Any, date_format: str) -> Any:
    """Dates as the format writes them, numbers as numbers."""
    if isinstance(value, Mapping):
        return {name: _as_text(item, date_format) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item, date_format) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.strftime(date_format) if isinstance(value, date) else value
