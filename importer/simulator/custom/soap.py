"""The SOAP layer: SOAP 1.1, document/literal, one string in, one string out (protocol §1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from importer.simulator.exchange import Reply
from importer.simulator.safexml import BadXmlError, child, local, parse

ENVELOPE_NS: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE_NS: Final = "http://www.dsc.com.tw/tiptop/TIPTOPServiceGateWay"
CONTENT_TYPE: Final = "text/xml; charset=UTF-8"
# The string's element; in0 is that of the 互聯中台 (protocol §2.2).
_PAYLOADS: Final = ("request", "in0")


@dataclass(frozen=True, slots=True)
class SoapCall:
    """The operation that the body names, and the string that it carries."""

    operation: str
    payload: str


class NotSoapError(ValueError):
    """Answered by a SOAP Fault."""


def read(body: bytes) -> SoapCall:
    """Entity-escaped text and CDATA are one to an XML parser."""
    try:
        envelope = parse(body)
    except BadXmlError as problem:
        raise NotSoapError(f"malformed envelope: {problem}") from None
    soap_body = child(envelope, "Body")
    if local(envelope) != "Envelope" or soap_body is None or len(soap_body) == 0:
        raise NotSoapError("malformed envelope: no Body")
    request = soap_body[0]
    payload = next((found for name in _PAYLOADS if (found := child(request, name)) is not None), None)
    return SoapCall(local(request).removesuffix("Request"), "" if payload is None else payload.text or "")


def write(operation: str, payload: str) -> bytes:
    """The answer's string is escaped; prefixes as they are seen on the wire."""
    envelope = etree.Element(f"{{{ENVELOPE_NS}}}Envelope", nsmap={"SOAP-ENV": ENVELOPE_NS})
    body = etree.SubElement(envelope, f"{{{ENVELOPE_NS}}}Body")
    response = etree.SubElement(body, f"{{{SERVICE_NS}}}{operation}Response", nsmap={"fjs1": SERVICE_NS})
    etree.SubElement(response, f"{{{SERVICE_NS}}}response").text = payload
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


def fault(text: str) -> Reply:
    """Only the SOAP layer makes faults: HTTP 500 (protocol §1.1)."""
    envelope = etree.Element(f"{{{ENVELOPE_NS}}}Envelope", nsmap={"SOAP-ENV": ENVELOPE_NS})
    body = etree.SubElement(envelope, f"{{{ENVELOPE_NS}}}Body")
    element = etree.SubElement(body, f"{{{ENVELOPE_NS}}}Fault")
    etree.SubElement(element, "faultcode").text = "SOAP-ENV:Client"
    etree.SubElement(element, "faultstring").text = text
    return Reply(status=500, content_type=CONTENT_TYPE, body=etree.tostring(envelope, encoding="UTF-8", xml_declaration=True))
