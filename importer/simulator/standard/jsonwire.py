"""JSON of the standard channel, with numbers that keep their digits in both directions."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any, Final

import orjson

from importer.simulator.exchange import Reply
from importer.simulator.settings import SimulatorSettings
from importer.simulator.standard.call import Answer, StandardCall
from importer.simulator.standard.fields import exact_number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_float=exact_number, parse_constant=_no_constant)


def decode(body: bytes) -> Any:
    """Raise ValueError for what is not UTF-8 or not JSON."""
    return _DECODER.decode(body.decode())


def encode(value: Any) -> bytes:
    return orjson.dumps(value, default=_exact)


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"not for JSON: {type(value).__name__}")


def reply(settings: SimulatorSettings, call: StandardCall, answer: Answer, *, srvcode: str = "000") -> Reply:
    execution = {"code": answer.code, settings.sql_code_name: answer.sql_code, "description": answer.description}
    std_data = {"std_data": {"execution": execution, "parameter": answer.parameter}}
    body = std_data if call.style == "header" else {"srvver": "1.0", "srvcode": srvcode, "payload": std_data}
    return Reply(
        headers=_srv_headers(srvcode, answer.description) if call.style == "header" else (),
        body=encode(body),
        code=answer.code,
        srvcode=srvcode,
        doc_nos=answer.doc_nos,
        done=srvcode == "000" and answer.code == "0",
    )


_RAN: Final = ((b"digi-srvver", b"1.0"), (b"digi-srvcode", b"000"))


def _srv_headers(srvcode: str, description: str) -> tuple[tuple[bytes, bytes], ...]:
    """digi-srvcode "000" = the service ran, whatever came of it (protocol §2.1)."""
    if srvcode == "000":
        return _RAN
    message = base64.b64encode(description.encode())
    return ((b"digi-srvver", b"1.0"), (b"digi-srvcode", srvcode.encode()), (b"digi-code", srvcode.encode()), (b"digi-message", message))
