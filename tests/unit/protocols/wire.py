"""Requests read back by the standard library alone, so that our own reading does not vouch for our own writing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from importer.models import Payload, Value

NOW = datetime(2026, 1, 31, 10, 15, 0, 123456)
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
GATEWAY = "{http://www.dsc.com.tw/tiptop/TIPTOPServiceGateWay}"


class Number(str):
    """A number as the request spells it."""


def json_body(payload: Payload) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(payload.body, parse_float=Number, parse_int=Number)
    return content


def json_parameter(payload: Payload) -> dict[str, Any]:
    content = json_body(payload)
    parameter: dict[str, Any] = content.get("payload", content)["std_data"]["parameter"]
    return parameter


def xml_parameter(payload: Payload) -> dict[str, Any]:
    """The parameters as tables and lists; every value as (type, text)."""
    datainfo = ET.fromstring(payload.body).find("payload/param[@key='std_data']/data_request/datainfo")
    assert datainfo is not None
    found: dict[str, Any] = {}
    for parameter in datainfo:
        name, data = parameter.attrib["key"], parameter.find("data")
        assert (data is not None) is (parameter.attrib["type"] == "data"), name
        found[name] = typed(parameter) if data is None else rows(data)
    return found


def rows(holder: ET.Element) -> list[dict[str, Any]]:
    assert [row.attrib for row in holder] == [{"seq": str(number)} for number in range(1, len(holder) + 1)]
    return [{item.attrib["name"]: typed(item) if item.tag == "field" else rows(item) for item in row} for row in holder]


def typed(item: ET.Element) -> tuple[str, str]:
    return item.attrib["type"], item.text or ""


def soap_string(payload: Payload) -> tuple[str, str]:
    """Operation and the string that the SOAP envelope carries."""
    body = ET.fromstring(payload.body).find(f"{SOAP}Body")
    assert body is not None
    (operation,) = body
    (request,) = operation
    assert request.tag == f"{GATEWAY}request"
    return operation.tag.removeprefix(GATEWAY), request.text or ""


def custom_request(payload: Payload) -> ET.Element:
    """The inner Request, whichever way it travels."""
    operation, text = soap_string(payload)
    inner = ET.fromstring(text)
    return ET.fromstring(inner.findtext("payload") or "") if operation == "invokeSrvRequest" else inner


def custom_fields(record: ET.Element | None) -> dict[str, str]:
    assert record is not None
    assert all(set(item.attrib) == {"name", "value"} and item.tag == "Field" for item in record)
    return {item.attrib["name"]: item.attrib["value"] for item in record}


def as_text(value: Value, date_format: str) -> str:
    """What a value must look like in a request: numbers without exponent, exactly the digits that were typed."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.strftime(date_format) if isinstance(value, date) else value


def in_json(values: Mapping[str, Value]) -> dict[str, str]:
    return {
        name: Number(as_text(value, "")) if isinstance(value, Decimal) else as_text(value, "%Y-%m-%d") for name, value in values.items()
    }


def in_xml(values: Mapping[str, Value]) -> dict[str, tuple[str, str]]:
    kinds = {Decimal: "numeric", date: "date", str: "string"}
    return {name: (kinds[type(value)], as_text(value, "%Y%m%d")) for name, value in values.items()}
