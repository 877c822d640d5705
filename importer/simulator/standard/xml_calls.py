"""XML requests of the standard channel: the envelope of protocol §2.2."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lxml import etree

from importer.simulator.exchange import Remarks, Request
from importer.simulator.safexml import BadXmlError, child, children, parse
from importer.simulator.standard import gate, xmlwire
from importer.simulator.standard.call import StandardCall
from importer.simulator.standard.headers import Envelope

if TYPE_CHECKING:
    from importer.simulator.world import World

_ATTRIBUTES: Final = rb"""(?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*"""
_PARTS: Final = ("host", "service", "datakey", "payload")


def xml_call(world: World, request: Request, remarks: Remarks) -> StandardCall:
    content_type = request.headers.get(b"content-type", b"").decode("latin-1")
    if content_type != xmlwire.XML_TYPE:
        remarks.append(("content_type", content_type))
    try:
        root = parse(request.body)
    except BadXmlError as problem:
        return StandardCall(format="xml", style="body", problem=f"the body is not XML: {problem}")
    missing = [name for name in _PARTS if child(root, name) is None]
    remarks += [("missing_member", name) for name in missing]
    call = gate.addressed(world, _envelope(root), form="xml", style="body")
    if world.settings.strict_headers and missing:
        return replace(call, problem=f"{missing[0]} is missing")
    texts = (_element_text(request.body, b"host"), _element_text(request.body, b"service"))
    call = gate.keyed(world, call, texts, root.get("key", ""), remarks)
    call = gate.with_token(world, call, request.headers)
    return gate.with_parameter(world, call, xmlwire.decode(child(_std_data(root), "data_request"), remarks))


def _std_data(root: etree._Element) -> etree._Element | None:
    payload = child(root, "payload")
    if payload is None:
        return None
    return next((param for param in children(payload, "param") if param.get("key") == "std_data"), None)


def _envelope(root: etree._Element) -> Envelope | None:
    host, service, datakey = (child(root, name) for name in ("host", "service", "datakey"))
    if service is None or not service.get("name"):
        return None
    keys = {} if datakey is None else {key.get("name"): (key.text or "").strip() for key in children(datakey, "key")}
    return Envelope(
        service=service.get("name", ""),
        plant=keys.get("CompanyId", ""),
        ent_id=keys.get("EntId", ""),
        user="" if host is None else host.get("acct", ""),
        language="" if host is None else host.get("lang", ""),
    )


def _element_text(body: bytes, name: bytes) -> bytes:
    """The element as it was sent, byte for byte: what the key is made of (§9.1 4)."""
    found = re.search(rb"<" + name + _ATTRIBUTES + rb"(?:/>|>.*?</" + name + rb"\s*>)", body, re.DOTALL)
    return found[0] if found else b""
