"""The gateway's WSDL: every service with a string in and a string out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lxml import etree

from importer.simulator.custom.soap import SERVICE_NS

_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
_SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_NAME: Final = "TIPTOPServiceGateWay"


def wsdl(address: str, services: Iterable[str]) -> bytes:
    """`address` is the URL that the WSDL was asked at, without its query."""
    names = list(services)
    prefixes = {"wsdl": _WSDL, "soap": _SOAP, "xsd": _XSD, "fjs1": SERVICE_NS}
    root = etree.Element(f"{{{_WSDL}}}definitions", {"name": _NAME, "targetNamespace": SERVICE_NS}, nsmap=prefixes)
    _types(root, names)
    for name in names:
        for direction in ("Request", "Response"):
            message = etree.SubElement(root, f"{{{_WSDL}}}message", {"name": f"{name}{direction}Message"})
            etree.SubElement(message, f"{{{_WSDL}}}part", {"name": "parameters", "element": f"fjs1:{name}{direction}"})
    _port_type(root, names)
    _binding(root, names)
    service = etree.SubElement(root, f"{{{_WSDL}}}service", {"name": _NAME})
    port = etree.SubElement(service, f"{{{_WSDL}}}port", {"name": f"{_NAME}Port", "binding": f"fjs1:{_NAME}Binding"})
    etree.SubElement(port, f"{{{_SOAP}}}address", {"location": address})
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _types(root: etree._Element, names: list[str]) -> None:
    types = etree.SubElement(root, f"{{{_WSDL}}}types")
    attributes = {"targetNamespace": SERVICE_NS, "elementFormDefault": "qualified"}
    schema = etree.SubElement(types, f"{{{_XSD}}}schema", attributes)
    for name in names:
        for direction in ("Request", "Response"):
            element = etree.SubElement(schema, f"{{{_XSD}}}element", {"name": f"{name}{direction}"})
            sequence = etree.SubElement(etree.SubElement(element, f"{{{_XSD}}}complexType"), f"{{{_XSD}}}sequence")
            etree.SubElement(sequence, f"{{{_XSD}}}element", {"name": direction.lower(), "type": "xsd:string"})


def _port_type(root: etree._Element, names: list[str]) -> None:
    port_type = etree.SubElement(root, f"{{{_WSDL}}}portType", {"name": f"{_NAME}PortType"})
    for name in names:
        operation = etree.SubElement(port_type, f"{{{_WSDL}}}operation", {"name": name})
        etree.SubElement(operation, f"{{{_WSDL}}}input", {"message": f"fjs1:{name}RequestMessage"})
        etree.SubElement(operation, f"{{{_WSDL}}}output", {"message": f"fjs1:{name}ResponseMessage"})


def _binding(root: etree._Element, names: list[str]) -> None:
    binding = etree.SubElement(root, f"{{{_WSDL}}}binding", {"name": f"{_NAME}Binding", "type": f"fjs1:{_NAME}PortType"})
    etree.SubElement(binding, f"{{{_SOAP}}}binding", {"style": "document", "transport": "http://schemas.xmlsoap.org/soap/http"})
    for name in names:
        operation = etree.SubElement(binding, f"{{{_WSDL}}}operation", {"name": name})
        etree.SubElement(operation, f"{{{_SOAP}}}operation", {"soapAction": "", "style": "document"})
        for direction in ("input", "output"):
            etree.SubElement(etree.SubElement(operation, f"{{{_WSDL}}}{direction}"), f"{{{_SOAP}}}body", {"use": "literal"})
