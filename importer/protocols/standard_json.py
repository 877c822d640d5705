"""The standard channel's JSON form, header style (protocol §2.1 A, §9, §9.1)."""

from __future__ import annotations

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
from importer.protocols.answers import read_reply, write_reply
from importer.settings import Profile

__all__ = ["decode", "encode", "is_answer"]

CONTENT_TYPE: Final = "application/json; charset=utf-8"
READS: Final = (Operation.QUERY, Operation.READ)


def encode(parameter: Mapping[str, Any], service: str, profile: Profile, now: datetime) -> Payload:
    """The request that asks `service` for `parameter`; `now` is the time stamp of `digi-host`, local time."""
    digi = profile.digi
    host = _compact(
        {
            "prod": digi.host_prod,
            "ver": digi.host_ver,
            "ip": digi.host_ip,
            "id": digi.host_id,
            "lang": profile.language,
            "timezone": digi.timezone,
            "timestamp": now.strftime("%Y%m%d%H%M%S") + f"{now.microsecond // 1000:03d}",
            "acct": profile.user,
        }
    )
    target = {"prod": digi.service_prod, "name": service, "srvver": digi.service_version, "ip": digi.service_ip, "id": digi.service_id}
    service_text = _compact(target)
    headers = {
        "Content-Type": CONTENT_TYPE,
        "digi-type": digi.type,
        "digi-protocol": digi.protocol,
        "digi-data-exchange-protocol": digi.data_exchange_protocol,
        "digi-host": host,
        "digi-service": service_text,
        "digi-datakey": _compact({"EntId": profile.ent_id, "CompanyId": profile.plant, **digi.datakey}),
        **({"digi-key": _key(host + service_text, profile)} if digi.key else {}),
        **digi.headers,
    }
    body = _json({"std_data": {"parameter": {**profile.wire.parameters, **parameter}}}, profile.wire.date_format)
    return Payload(url=profile.standard_url, headers=headers, body=body, digest=hashlib.sha256(body).hexdigest())


def _compact(table: Mapping[str, str]) -> str:
    """JSON in ASCII, as HTTP headers are; digi-key is taken over exactly this text."""
    return json.dumps(table, separators=(",", ":"))


def _key(text: str, profile: Profile) -> str:
    digest = hashlib.md5((text + profile.digi.key_salt).encode(), usedforsecurity=False).hexdigest()
    return digest.upper() if profile.digi.key_upper else digest


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
    return body.lstrip()[:1] == b"{" and (b'"std_data"' in body or b'"srvcode"' in body)


def decode(operation: Operation, headers: Mapping[str, str], body: bytes, part: Standard, profile: Profile, *, expect: str = "") -> Reply:
    """The ERP's reply to one operation. `expect` is the number of the document that the operation was about.

    Raises OutcomeUnknown where the body is no answer that can be trusted.
    """
    content = _parsed(body)
    srvcode = str(content.get("srvcode") or headers.get("digi-srvcode") or "000").strip()
    payload = content.get("payload")
    std = content.get("std_data") or (payload.get("std_data") if isinstance(payload, dict) else None)
    if srvcode != "000":
        return _did_not_run(srvcode, std, headers, profile)
    if not isinstance(std, dict) or not isinstance(std.get("execution"), dict):
        raise OutcomeUnknown(N_("The answer is not of the form that the ERP's interface uses."))
    if operation in READS:
        return read_reply(std, part, profile.wire)
    return write_reply(std, part, profile.wire, expect=expect)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise OutcomeUnknown(N_("The answer is not JSON: {start}"), start=_start(body)) from None
    if not isinstance(content, dict):
        raise OutcomeUnknown(N_("The answer is not of the form that the ERP's interface uses."))
    return content


def _start(body: bytes) -> str:
    return " ".join(body[:200].decode("utf-8", "replace").split())[:80]


def _did_not_run(srvcode: str, std: object, headers: Mapping[str, str], profile: Profile) -> Reply:
    execution = std.get("execution") if isinstance(std, dict) else None
    text = str(execution.get("description") or "") if isinstance(execution, dict) else ""
    if srvcode not in profile.not_executed_srvcodes:
        raise OutcomeUnknown(N_("The ERP's gateway answers srvcode {code} {text}"), code=srvcode, text=text)
    return Reply(accepted=False, executed=False, code=srvcode, message=text or headers.get("digi-message", ""))
