"""How the ERP's answers look, for the samples of the catalogue (protocol §1.4, §2.2, §2.3, §9)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree

from importer.mapping import Mapping as DocumentType
from importer.mapping import Standard
from importer.models import Operation, Value
from importer.protocols.parameters import wire_names

__all__ = [
    "carried_in",
    "custom_answer",
    "gateway_answer",
    "indented_json",
    "indented_xml",
    "json_answer",
    "parameter_of",
    "soap_answer",
    "xml_answer",
]

NO: Final = "N"
DONE: Final = {"code": "0", "sql_code": "", "description": "執行成功"}

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"


def parameter_of(
    mapping: DocumentType,
    part: Standard,
    operation: Operation,
    header: Mapping[str, Value],
    lines: Sequence[Mapping[str, Value]],
    slip_type: str,
    number: str,
) -> dict[str, Any]:
    """The `parameter` of a successful answer; values are plain."""
    names = wire_names(mapping)
    key: dict[str, Any] = {part.doc_type_no: slip_type, part.doc_no: number}
    stored = {**key, **{names[name]: value for name, value in header.items()}, part.status.approve: NO, part.status.post: NO}
    if operation is Operation.QUERY:
        return {"total_result": 1, "has_next": False, "result": {"cnt": 1, "rows": [stored]}}
    if operation is Operation.READ:
        document = {**stored, part.line_list: [{names[name]: value for name, value in line.items()} for line in lines]}
        return {"result": {"success": [{part.header_list: [document]}], "error": []}}
    return {"result": {"success": [key], "error": []}}


def json_answer(parameter: Mapping[str, Any]) -> str:
    """The body of a JSON answer."""
    return json.dumps({"std_data": {"execution": DONE, "parameter": parameter}}, ensure_ascii=False, indent=2)


# -- XML of the standard channel -------------------------------------------------------------------------------------


def xml_answer(parameter: Mapping[str, Any]) -> str:
    """The body of an XML answer: a list or an object is a `data` of rows, what is nested in a row a `detail`."""
    root = ElementTree.Element("response")
    ElementTree.SubElement(root, "srvver").text = "1.0"
    ElementTree.SubElement(root, "srvcode").text = "000"
    payload = ElementTree.SubElement(ElementTree.SubElement(root, "payload"), "param", {"key": "std_data", "type": "xml"})
    response = ElementTree.SubElement(payload, "data_response")
    ElementTree.SubElement(ElementTree.SubElement(response, "execution"), "status", DONE)
    content = ElementTree.SubElement(response, "datainfo")
    for name, value in parameter.items():
        nested = isinstance(value, Mapping | list)
        element = ElementTree.SubElement(content, "parameter", {"key": name, "type": "data" if nested else _type_of(value)})
        if nested:
            _rows(ElementTree.SubElement(element, "data", {"name": name}), value)
        else:
            element.text = _plain(value)
    return _indented(root)


def _rows(holder: ElementTree.Element, value: Any) -> None:
    for number, row in enumerate([value] if isinstance(value, Mapping) else value, 1):
        element = ElementTree.SubElement(holder, "row", {"seq": str(number)})
        for name, member in row.items():
            if isinstance(member, Mapping | list):
                _rows(ElementTree.SubElement(element, "detail", {"name": name}), member)
            else:
                ElementTree.SubElement(element, "field", {"name": name, "type": _type_of(member)}).text = _plain(member)


def _type_of(value: object) -> str:
    return "numeric" if isinstance(value, int | float) and not isinstance(value, bool) else "string"


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _indented(root: ElementTree.Element) -> str:
    """One element per line. Tags end as the encoders write them, because keys are taken over elements as they stand."""
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")  # in texts and attributes > is escaped


# -- for reading -----------------------------------------------------------------------------------------------------


def indented_json(body: str) -> str:
    """The same JSON, one member per line."""
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)


def indented_xml(body: str) -> str:
    """The same XML, one element per line, without its declaration."""
    return _indented(ElementTree.fromstring(body.encode()))  # noqa: S314 - bytes of our own encoders


# -- the custom channel ----------------------------------------------------------------------------------------------


def custom_answer(number_name: str, number: str) -> str:
    """The document that the answer of a combined call carries."""
    root = ElementTree.Element("Response")
    status = {"code": "0", "sqlcode": "0", "description": ""}
    ElementTree.SubElement(ElementTree.SubElement(root, "Execution"), "Status", status)
    content = ElementTree.SubElement(root, "ResponseContent")
    record = ElementTree.SubElement(ElementTree.SubElement(content, "Parameter"), "Record")
    ElementTree.SubElement(record, "Field", {"name": number_name, "value": number})
    ElementTree.SubElement(content, "Document")
    return _indented(root)


def gateway_answer(carried: str) -> str:
    """What the answer carries where `invokeSrv` dispatches: the document as a string once more (protocol §1.2)."""
    root = ElementTree.Element("response")
    ElementTree.SubElement(root, "srvver").text = "5.30"
    ElementTree.SubElement(root, "srvcode").text = "000"
    ElementTree.SubElement(root, "payload").text = carried
    return _indented(root)


def soap_answer(service: str, carried: str, namespace: str) -> str:
    """The body of the answer: the document as a string in SOAP 1.1."""
    ElementTree.register_namespace("SOAP-ENV", SOAP)  # the prefixes that are seen on the wire
    ElementTree.register_namespace("fjs1", namespace)
    envelope = ElementTree.Element(f"{{{SOAP}}}Envelope")
    response = ElementTree.SubElement(ElementTree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{namespace}}}{service}Response")
    ElementTree.SubElement(response, f"{{{namespace}}}response").text = carried
    return _indented(envelope)


def carried_in(body: str) -> str:
    """The innermost document that a body carries as a string, one element per line; empty where it carries none."""
    found = ""
    while body:
        root = ElementTree.fromstring(body.encode())  # noqa: S314 - bytes of our own encoders
        body = next((text for element in root.iter() if (text := (element.text or "").strip()).startswith("<")), "")
        found = body or found
    return indented_xml(found) if found else ""
