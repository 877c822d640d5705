"""JSON requests in both envelope styles of protocol §2.1: in digi-* headers (A), or in the body (B)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from importer.simulator.exchange import Remarks, Request
from importer.simulator.standard import gate, jsonwire
from importer.simulator.standard.call import StandardCall
from importer.simulator.standard.headers import Envelope, envelope_of, header_envelope, headers_complete

if TYPE_CHECKING:
    from importer.simulator.world import World

JSON_TYPE: Final = b"application/json; charset=utf-8"
_MEMBERS: Final = ("key", "type", "host", "service", "datakey", "payload")
_UNREADABLE: Final = (ValueError, RecursionError)


def json_call(world: World, request: Request, remarks: Remarks) -> StandardCall:
    """Header style, unless there is no digi-service header and the body names the service."""
    content_type = request.headers.get(b"content-type", b"")
    if content_type != JSON_TYPE:
        remarks.append(("content_type", content_type.decode("latin-1")))
    if b"digi-service" not in request.headers and b'"service"' in request.body:
        return _body_style(world, request, remarks)
    return _header_style(world, request, remarks)


def _header_style(world: World, request: Request, remarks: Remarks) -> StandardCall:
    headers = request.headers
    complete = headers_complete(headers, remarks)
    call = gate.addressed(world, header_envelope(headers, remarks), form="json", style="header")
    if world.settings.strict_headers and not complete:
        return replace(call, problem="a digi header is missing or wrong")
    texts = (headers.get(b"digi-host", b""), headers.get(b"digi-service", b""))
    call = gate.keyed(world, call, texts, headers.get(b"digi-key", b"").decode("latin-1"), remarks)
    call = gate.with_token(world, call, headers)
    if call.problem:
        return call
    try:
        return gate.with_parameter(world, call, _inside(jsonwire.decode(request.body), "std_data", "parameter"))
    except _UNREADABLE:
        return replace(call, problem="the body is not JSON")


def _body_style(world: World, request: Request, remarks: Remarks) -> StandardCall:
    try:
        body = jsonwire.decode(request.body)
        texts = _member_texts(request.body.decode())
    except _UNREADABLE:
        return StandardCall(style="body", problem="the body is not JSON")
    missing = [name for name in _MEMBERS if name not in body]
    remarks += [("missing_member", name) for name in missing]
    call = gate.addressed(world, _envelope(body), form="json", style="body")
    if world.settings.strict_headers and missing:
        return replace(call, problem=f"{missing[0]} is missing")
    call = gate.keyed(world, call, (texts.get("host", b""), texts.get("service", b"")), str(body.get("key", "")), remarks)
    call = gate.with_token(world, call, request.headers)
    return gate.with_parameter(world, call, _inside(body, "payload", "std_data", "parameter"))


def _envelope(body: Mapping[str, Any]) -> Envelope | None:
    host, service, datakey = (_object(body.get(name)) for name in ("host", "service", "datakey"))
    return envelope_of(host, service, datakey) if service.get("name") else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _inside(value: Any, *path: str) -> Any:
    for name in path:
        value = _object(value).get(name)
    return value


def _member_texts(body: str) -> dict[str, bytes]:
    """The texts of the top-level members, byte for byte as they stand there: what digi-key is made of."""
    decoder = json.JSONDecoder()
    texts: dict[str, bytes] = {}
    position = body.index("{") + 1
    while True:
        name, position = decoder.raw_decode(body, _past(body, position, " \t\r\n,"))
        begin = _past(body, position, " \t\r\n:")
        _, position = decoder.raw_decode(body, begin)
        texts[name] = body[begin:position].encode()
        if body[_past(body, position, " \t\r\n")] == "}":
            return texts


def _past(body: str, position: int, blanks: str) -> int:
    while body[position] in blanks:
        position += 1
    return position
