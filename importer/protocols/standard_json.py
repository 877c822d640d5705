"""The standard channel's JSON form, in header style and in envelope style (protocol §2.1, §9, §9.1).

Answers are understood in either shape, whichever style the request had.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import orjson

from importer.errors import OutcomeUnknown
from importer.fieldtypes import plain
from importer.mapping import Standard
from importer.messages import N_
from importer.models import Operation, Payload, Reply
from importer.protocols import digi
from importer.protocols.answers import reply_of
from importer.settings import Profile

__all__ = ["decode", "encode", "is_answer", "opened"]

CONTENT_TYPE: Final = "application/json; charset=utf-8"
_DECODER: Final = json.JSONDecoder(parse_float=Decimal)


def encode(parameter: Mapping[str, Any], service: str, profile: Profile, now: datetime) -> Payload:
    """The request that asks `service` for `parameter`; `now` is the time stamp of the host, local time.

    In header style the envelope stands in `digi-*` headers and the body is `std_data` alone; in envelope style the body has
    all of it, and only the site's own extra headers travel beside it.
    """
    std_data = _json({"std_data": {"parameter": {**profile.wire.parameters, **parameter}}}, profile.wire.date_format)
    if profile.style == "envelope":
        headers, body = profile.digi.headers, _envelope(std_data, service, profile, now)
    else:
        headers, body = digi.headers(profile, service, now), std_data
    return Payload(
        url=profile.standard_url,
        headers={"Content-Type": CONTENT_TYPE, **headers},
        body=body,
        digest=hashlib.sha256(std_data).hexdigest(),
    )


def _envelope(std_data: bytes, service: str, profile: Profile, now: datetime) -> bytes:
    """Protocol §2.1 B; the key is taken over the texts of host and service as they stand in the body (§9.1 rule 4)."""
    host, target = digi.compact(digi.host(profile, now)), digi.compact(digi.target(profile, service))
    return orjson.dumps(
        {
            **({"key": digi.key_of(host + target, profile)} if profile.digi.key else {}),
            "type": profile.digi.type,
            "host": orjson.Fragment(host),
            "service": orjson.Fragment(target),
            "datakey": digi.datakey(profile),
            "payload": orjson.Fragment(std_data),
        }
    )


def _json(value: Any, date_format: str) -> bytes:
    def other(item: Any) -> Any:
        if isinstance(item, Decimal):
            return orjson.Fragment(plain(item).encode())  # as typed: never a binary float, never an exponent
        if isinstance(item, date):
            return item.strftime(date_format)
        raise TypeError(f"no wire form for {type(item).__name__}")

    return orjson.dumps(value, default=other, option=orjson.OPT_PASSTHROUGH_DATETIME)


def is_answer(body: bytes) -> bool:
    """Whether a body is an answer of the ERP itself, and not of something on the way to it."""
    return body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{" and (b'"std_data"' in body or b'"srvcode"' in body)


def decode(operation: Operation, headers: Mapping[str, str], body: bytes, part: Standard, profile: Profile, *, expect: str = "") -> Reply:
    """The ERP's reply to one operation. `expect` is the number of the document that the operation was about.

    Raises OutcomeUnknown where the body is no answer that can be trusted.
    """
    srvcode, std = opened(body)
    return reply_of(operation, std, headers, part, profile, srvcode=srvcode, expect=expect)


def opened(body: bytes) -> tuple[str, dict[str, Any]]:
    """The gateway's code, where the body has it, and `std_data`. Raises OutcomeUnknown where the body is no such answer."""
    content = _parsed(body)
    payload = content.get("payload")
    std = content.get("std_data") or (payload.get("std_data") if isinstance(payload, dict) else None)
    return str(content.get("srvcode") or ""), std if isinstance(std, dict) else {}


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        content = _DECODER.decode(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise OutcomeUnknown(N_("The answer is not JSON: {start}"), start=_start(body)) from None
    if not isinstance(content, dict):
        raise OutcomeUnknown(N_("The answer is not of the form that the ERP's interface uses."))
    return content


def _start(body: bytes) -> str:
    return " ".join(body[:200].decode("utf-8", "replace").split())[:80]
