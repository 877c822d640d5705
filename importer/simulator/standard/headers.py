"""The header style envelope (protocol §2.1 A): what stands in the digi-* headers, and digi-key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from importer.simulator.exchange import Remarks
from importer.simulator.settings import SimulatorSettings

_REQUIRED: Final = (
    b"content-type",
    b"digi-type",
    b"digi-protocol",
    b"digi-data-exchange-protocol",
    b"digi-host",
    b"digi-service",
    b"digi-datakey",
)
_FIXED: Final = {b"digi-type": b"sync", b"digi-protocol": b"raw", b"digi-data-exchange-protocol": b"1.0"}
_HOST_MEMBERS: Final = ("prod", "ver", "ip", "id", "lang", "timezone", "timestamp", "acct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who calls which service for which plant; the same in header and body style."""

    service: str
    plant: str
    ent_id: str
    user: str
    language: str


def headers_complete(headers: Mapping[bytes, bytes], remarks: Remarks) -> bool:
    missing = [name.decode() for name in _REQUIRED if name not in headers]
    remarks += [("missing_header", name) for name in missing]
    wrong = [name.decode() for name, value in _FIXED.items() if headers.get(name, value) != value]
    remarks += [("wrong_header", name) for name in wrong]
    return not missing and not wrong


def header_envelope(headers: Mapping[bytes, bytes], remarks: Remarks) -> Envelope | None:
    """None when digi-service cannot be read."""
    host = _object(headers, b"digi-host", remarks)
    service = _object(headers, b"digi-service", remarks)
    datakey = _object(headers, b"digi-datakey", remarks)
    if service is None or not service.get("name"):
        return None
    host = host or {}
    remarks += [("missing_host_member", name) for name in _HOST_MEMBERS if name not in host]
    return envelope_of(host, service, datakey or {})


def envelope_of(host: Mapping[str, Any], service: Mapping[str, Any], datakey: Mapping[str, Any]) -> Envelope:
    return Envelope(
        service=str(service.get("name", "")),
        plant=str(datakey.get("CompanyId", "")),
        ent_id=str(datakey.get("EntId", "")),
        user=str(host.get("acct", "")),
        language=str(host.get("lang", "")),
    )


def _object(headers: Mapping[bytes, bytes], name: bytes, remarks: Remarks) -> dict[str, Any] | None:
    text = headers.get(name)
    if text is None:
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        remarks.append(("wrong_header", name.decode()))
        return None
    return value


def key_matches(settings: SimulatorSettings, host: bytes, service: bytes, key: str) -> bool:
    """MD5 hex over the two texts as they were sent, and the salt (protocol §2.1, §9.1 4)."""
    digest = hashlib.md5(host + service + settings.digi_key_salt.encode(), usedforsecurity=False).hexdigest()
    return key == (digest.upper() if settings.digi_key_upper else digest)
