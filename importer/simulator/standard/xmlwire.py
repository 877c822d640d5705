"""XML of the standard channel (protocol §2.2, §9.1 3): the same parameters and results, as rows of fields.

A scalar is `<parameter key type>text</parameter>`; a list is a `data` of rows; an object is a `data` of one row; what is nested in a row is
a `detail`; `selectedColumns` is comma-separated text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from importer.simulator.exchange import Remarks, Reply
from importer.simulator.safexml import child, children, local
from importer.simulator.settings import SimulatorSettings
from importer.simulator.standard.call import Answer, StandardCall
from importer.simulator.standard.fields import exact_number

XML_TYPE: Final = "application/xml; charset=utf-8"
_OBJECTS: Final = frozenset({"conditions", "group"})  # one row that is meant as an object
_WHOLE_NUMBERS: Final = frozenset({"page_no", "page_size"})
_ROW_NUMBER: Final = "seq"
_FIELD_TYPES: Final = ("string", "date", "numeric")
_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def decode(data_request: etree._Element | None, remarks: Remarks) -> dict[str, Any] | None:
    """The `parameter` object; None when there is no `datainfo`."""
    datainfo = child(data_request, "datainfo")
    if datainfo is None:
        return None
    return {parameter.get("key", ""): _parameter(parameter, remarks) for parameter in children(datainfo, "parameter")}


def _parameter(parameter: etree._Element, remarks: Remarks) -> Any:
    name, data = parameter.get("key", ""), child(parameter, "data")
    if data is None:
        return _scalar(name, parameter.text or "")
    return _rows(name, data, remarks, number_lines=False)


def _scalar(name: str, text: str) -> Any:
    text = text.strip()
    if name in _WHOLE_NUMBERS:
        return int(text) if text.isdigit() else text
    if name == "selectedColumns":
        return [column.strip() for column in text.split(",") if column.strip()]
    return {"true": True, "false": False}.get(text.lower(), text)


def _rows(name: str, holder: etree._Element, remarks: Remarks, *, number_lines: bool) -> Any:
    rows = [_row(row, remarks, number_lines=number_lines) for row in children(holder, "row")]
    if name in _OBJECTS:
        return rows[0] if rows else {}
    return rows


def _row(row: etree._Element, remarks: Remarks, *, number_lines: bool) -> dict[str, Any]:
    """A row of a detail that has no `seq` field of its own has the number of its `seq` attribute."""
    values: dict[str, Any] = {}
    for element in row:
        name = element.get("name", "")
        if local(element) == "field":
            values[name] = _field(element, name, remarks)
        elif local(element) == "detail":
            values[name] = _rows(name, element, remarks, number_lines=name not in ("fields", "group"))
    if number_lines and row.get(_ROW_NUMBER) and _ROW_NUMBER not in values:
        values[_ROW_NUMBER] = _number(row.get(_ROW_NUMBER, ""))
    return values


def _field(element: etree._Element, name: str, remarks: Remarks) -> Any:
    kind, text = element.get("type"), element.text or ""
    if kind not in _FIELD_TYPES:
        remarks.append(("field_type", f"{name} {kind}"))
    return _number(text) if kind == "numeric" else text


def _number(text: str) -> Decimal | str:
    """A number with its digits; what is none is left to the reader of the field."""
    return exact_number(text) if _DECIMAL.fullmatch(text) else text


# ---- answers


def reply(settings: SimulatorSettings, _call: StandardCall, answer: Answer, *, srvcode: str = "000") -> Reply:
    root = etree.Element("response")
    _text(root, "srvver", "1.0")
    _text(root, "srvcode", srvcode)
    param = etree.SubElement(etree.SubElement(root, "payload"), "param", {"key": "std_data", "type": "xml"})
    response = etree.SubElement(param, "data_response")
    status = {"code": answer.code, settings.sql_code_name: answer.sql_code, "description": answer.description}
    etree.SubElement(etree.SubElement(response, "execution"), "status", status)
    datainfo = etree.SubElement(response, "datainfo")
    for name, value in answer.parameter.items():
        _encode_parameter(datainfo, name, value)
    return Reply(
        content_type=XML_TYPE,
        body=etree.tostring(root, encoding="utf-8", xml_declaration=True),
        code=answer.code,
        srvcode=srvcode,
        doc_nos=answer.doc_nos,
        done=srvcode == "000" and answer.code == "0",
    )


def _text(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _encode_parameter(datainfo: etree._Element, name: str, value: Any) -> None:
    if isinstance(value, Mapping | list):
        parameter = etree.SubElement(datainfo, "parameter", {"key": name, "type": "data"})
        _encode_rows(etree.SubElement(parameter, "data", {"name": name}), value)
    else:
        parameter = etree.SubElement(datainfo, "parameter", {"key": name, "type": _type_of(value)})
        parameter.text = _plain(value)


def _encode_rows(holder: etree._Element, value: Any) -> None:
    for number, row in enumerate([value] if isinstance(value, Mapping) else value, 1):
        element = etree.SubElement(holder, "row", {"seq": str(number)})
        for name, member in row.items():
            if isinstance(member, Mapping | list):
                _encode_rows(etree.SubElement(element, "detail", {"name": name}), member)
            else:
                field = etree.SubElement(element, "field", {"name": name, "type": _type_of(member)})
                field.text = _plain(member)


def _type_of(value: Any) -> str:
    return "numeric" if isinstance(value, Decimal | int) and not isinstance(value, bool) else "string"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
