"""The SOAP envelope held against the gateway's WSDL by an independent SOAP library (protocol §1.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree
from unit.protocols.wire import GATEWAY, NOW, SOAP

from importer.mapping import load_mappings
from importer.protocols import custom_xml
from importer.settings import CustomXml, Profile

MAPPINGS = load_mappings()
CUSTOM = [name for name, mapping in MAPPINGS.items() if mapping.custom]
HEADER = {"remark": 'a & b <c> "d" ]]> 雜發 😀'}


@pytest.fixture(scope="module")
def gateway() -> Any:
    return zeep.Client(str(Path(__file__).with_name("tiptop.wsdl")))


def sent(name: str, carrier: Any) -> tuple[Any, Any]:
    """The envelope, and the payload it came from."""
    profile = Profile(custom_url="http://erp.example/", custom=CustomXml(carrier=carrier))
    payload = custom_xml.encode(HEADER, [{}], MAPPINGS[name], profile, "p&w", post=True, now=NOW)
    return etree.fromstring(payload.body), payload


def elements(root: Any) -> list[tuple[str, dict[str, str], str | None]]:
    """Names in full, so that prefixes do not matter."""
    return [(item.tag, dict(item.attrib), item.text) for item in root.iter()]


@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
@pytest.mark.parametrize("name", CUSTOM)
def test_our_request_is_of_the_type_that_the_wsdl_demands(gateway: Any, name: str, carrier: Any) -> None:
    """A strict SOAP stack reads our request as the gateway's own type, and finds the whole string in it."""
    envelope, _ = sent(name, carrier)
    (body,) = envelope.findall(f"{SOAP}Body")
    (request,) = body
    operation = request.tag.removeprefix(GATEWAY).removesuffix("Request")
    assert operation in gateway.service._binding._operations
    element = gateway.get_element(request.tag)
    parsed = element.parse(request, gateway.wsdl.types, allow_none=False)
    assert parsed.request == request[0].text
    assert etree.fromstring(parsed.request).tag in ("Request", "request")
    assert [item.tag for item in request] == [f"{GATEWAY}request"]


@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
@pytest.mark.parametrize("name", CUSTOM)
def test_our_request_is_the_one_that_a_soap_library_would_send(gateway: Any, name: str, carrier: Any) -> None:
    """Element for element what the library makes of the WSDL for the same string, with the same SOAPAction and content type."""
    envelope, payload = sent(name, carrier)
    body = envelope.find(f"{SOAP}Body")
    operation = body[0].tag.removeprefix(GATEWAY).removesuffix("Request")
    theirs, headers = gateway.service._binding._create(operation, [], {"request": body[0][0].text}, client=gateway)
    assert elements(body) == elements(theirs.find(f"{SOAP}Body"))
    assert payload.headers["SOAPAction"] == headers["SOAPAction"]
    assert payload.headers["Content-Type"].lower() == headers["Content-Type"].lower()
