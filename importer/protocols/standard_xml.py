"""The standard channel's XML form (protocol §2.2, §9.1 rules 3, 4, 10): the parameters and answers of the JSON form as rows of fields.

Sent: a scalar is `<parameter key type>text</parameter>`; a list is a `data` of rows, a table a `data` of one row; what is nested in
a row is a `detail`, again of rows; a list of plain texts (`selectedColumns`) is comma-separated text. Numbers are plain decimals,
dates compact, truth values `true` and `false` (of type string; no source shows one).

Styles: in envelope style the body is all. In header style the same body travels with the `digi-*` headers of the JSON form beside
it: the sources show no XML without its envelope, so a gateway finds what it looks for in either place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from importer.errors import OutcomeUnknown
from importer.fieldtypes import FIELD_TYPES, plain
from importer.mapping import Standard
from importer.models import Operation, Payload, Reply
from importer.protocols import digi
from importer.protocols.answers import reply_of
from importer.protocols.xml_reading import Element, child, children, first, layers, local, parse, text_of
from importer.protocols.xml_writing import document, element, envelope
from importer.settings import Profile, Wire

__all__ = ["decode", "encode", "is_answer", "opened"]

CONTENT_TYPE: Final = "application/xml; charset=utf-8"


def encode(parameter: Mapping[str, Any], service: str, profile: Profile, now: datetime) -> Payload:
    """The request that asks `service` for `parameter`; `now` is the time stamp of the host, local time.

    Raises ConfigurationError for a text that XML cannot carry.
    """
    root, payload = envelope(profile, service, now)
    param = element(payload, "param", key="std_data", type="XML")
    datainfo = element(element(param, "data_request"), "datainfo")
    for name, value in {**profile.wire.parameters, **parameter}.items():
        _parameter(datainfo, name, value, profile.wire)
    return Payload(
        url=profile.standard_url,
        headers={"Content-Type": CONTENT_TYPE, **_headers(profile, service, now)},
        body=document(root),
        digest=hashlib.sha256(etree.tostring(datainfo, encoding="UTF-8")).hexdigest(),
    )


def _headers(profile: Profile, service: str, now: datetime) -> Mapping[str, str]:
    return digi.headers(profile, service, now) if profile.style == "header" else profile.digi.headers


# -- values into rows ------------------------------------------------------------------------------------------------

_TYPES: Final[Mapping[type, str]] = {kind.python: kind.xml_type for kind in FIELD_TYPES.values()}


def _parameter(datainfo: Element, name: str, value: Any, wire: Wire) -> None:
    if _is_table(value):
        made = element(datainfo, "parameter", key=name, type="data")
        _rows(element(made, "data", name=name), value, wire)
    else:
        element(datainfo, "parameter", _text(value, wire), key=name, type=_type(value))


def _rows(holder: Element, value: Any, wire: Wire) -> None:
    for number, row in enumerate([value] if isinstance(value, Mapping) else value, start=1):
        made = element(holder, "row", seq=str(number))
        for name, item in row.items():
            if _is_table(item):
                _rows(element(made, "detail", name=name), item, wire)
            else:
                element(made, "field", _text(item, wire), name=name, type=_type(item))


def _is_table(value: Any) -> bool:
    """A table or a list of tables, an empty list too; a list of texts is text."""
    return isinstance(value, Mapping) or (isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value))


def _type(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _TYPES[Decimal]
    return next((name for python, name in _TYPES.items() if isinstance(value, python)), _TYPES[str])


def _text(value: Any, wire: Wire) -> str:
    if isinstance(value, list | tuple):
        return ",".join(_text(item, wire) for item in value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.strftime(wire.xml_date_format)
    return str(value).lower() if isinstance(value, bool) else str(value)


# -- answers ---------------------------------------------------------------------------------------------------------

_TABLES: Final = ("data", "conditions")
"""Names that are one table and no list where they have one row, beside `result`: what an error item echoes, what a query echoes."""


def is_answer(body: bytes) -> bool:
    """Whether a body is an answer of the ERP itself, and not of something on the way to it."""
    try:
        return any(first(layer, name) is not None for layer in layers(parse(body)) for name in ("srvcode", "execution"))
    except OutcomeUnknown:
        return False


def decode(operation: Operation, headers: Mapping[str, str], body: bytes, part: Standard, profile: Profile, *, expect: str = "") -> Reply:
    """The ERP's reply to one operation. `expect` is the number of the document that the operation was about.

    The nesting inside the answer is not known for sure (protocol §2.2), so its parts are found by their names wherever they are.
    Raises OutcomeUnknown where the body is no answer that can be trusted.
    """
    srvcode, std = opened(body)
    return reply_of(operation, std, headers, part, profile, srvcode=srvcode, expect=expect)


def opened(body: bytes) -> tuple[str, dict[str, Any]]:
    """The gateway's code, where the body has it, and what is `std_data` in JSON. Raises OutcomeUnknown where the body is no such answer."""
    srvcode, std = "", {}
    for layer in layers(parse(body)):
        srvcode = srvcode or text_of(first(layer, "srvcode"))
        execution = first(layer, "execution")
        if execution is not None:
            std = {"execution": _execution(execution), "parameter": _answer_parameter(layer)}
            break
    return srvcode, std


def _execution(execution: Element) -> dict[str, str]:
    """Code and texts as attributes or as elements, of `status` or of `execution` itself."""
    found: dict[str, str] = {}
    for source in (child(execution, "status"), execution):
        if source is not None:
            found = {**{local(item): text_of(item) for item in children(source)}, **_plain_attributes(source), **found}
    return found


def _plain_attributes(source: Element) -> dict[str, str]:
    return {etree.QName(name).localname: str(value) for name, value in source.attrib.items()}


def _answer_parameter(layer: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in children(first(layer, "datainfo"), "parameter", "data"):
        holder = item if local(item) == "data" else child(item, "data")
        _put(found, item.get("key") or item.get("name") or "", item if holder is None else holder)
    result = found.get("result")
    return {**found, "result": _joined(result)} if isinstance(result, list) else found


def _put(found: dict[str, Any], name: str, item: Element) -> None:
    """What stands under a name; were it there twice, no row of either may be lost."""
    if local(item) in ("field", "parameter"):
        found[name] = item.text or ""
        return
    rows = [_row(row) for row in children(item, "row")]
    before = found.get(name)
    if isinstance(before, list):
        rows = [*before, *rows]
    found[name] = rows[0] if name in _TABLES and len(rows) == 1 else rows


def _row(row: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in children(row, "field", "detail", "data"):
        _put(found, item.get("name") or item.get("key") or "", item)
    return found


def _joined(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """`result` is one table; were it ever several rows, no error of a later one may be lost."""
    whole: dict[str, Any] = {}
    for row in rows:
        for name, value in row.items():
            before = whole.get(name)
            whole[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return whole
