"""Who calls, which service, for which plant, and the key over it: in every format and style (protocol §2.1, §2.2, §9.1 rule 4)."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from unit.protocols.wire import NOW, json_body

from importer.models import Payload
from importer.protocols import standard_json, standard_xml
from importer.settings import Digi, Profile

SERVICE = "tt.oapi.transfer.data.create"
HOST = {"prod": "IMPORTER", "ip": "10.0.0.5", "lang": "zh_TW", "id": "", "timestamp": "20260131101500123", "acct": '王"<&>'}
TARGET = {"prod": "TIPTOP", "name": SERVICE, "srvver": "1.0", "ip": "10.0.0.9", "id": "topprd"}
DATAKEY = {"EntId": "100", "CompanyId": "PLANT1"}
DIGI = Digi(host_ip="10.0.0.5", service_ip="10.0.0.9", service_id="topprd")
FORMATS = {"json": standard_json, "xml": standard_xml}
WAYS = [("json", "header"), ("json", "envelope"), ("xml", "header"), ("xml", "envelope")]


def profile(style: Any, digi: Digi = DIGI) -> Profile:
    return Profile(standard_url="http://erp.example/", style=style, ent_id="100", user='王"<&>', digi=digi)


def request(form: str, style: str, digi: Digi = DIGI, quantity: str = "1", **shift: float) -> Payload:
    return FORMATS[form].encode({"list": [{"qty": Decimal(quantity)}]}, SERVICE, profile(style, digi), NOW + timedelta(**shift))


def md5(text: bytes) -> str:
    return hashlib.md5(text).hexdigest().upper()


def subset(wanted: dict[str, str], found: dict[str, str]) -> bool:
    return {name: found.get(name) for name in wanted} == wanted


def test_header_style_says_it_all_in_headers_that_any_server_can_read() -> None:
    """The envelope stands in ASCII headers, the body is the parameters alone, and the key is over exactly what was sent."""
    payload = request("json", "header")
    headers = payload.headers
    assert all(text.isascii() for text in headers.values())
    assert subset(HOST, json.loads(headers["digi-host"]))
    assert json.loads(headers["digi-service"]) == TARGET
    assert json.loads(headers["digi-datakey"]) == DATAKEY
    assert headers["digi-key"] == md5((headers["digi-host"] + headers["digi-service"]).encode())
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert payload.body == b'{"std_data":{"parameter":{"list":[{"qty":1}]}}}'


def test_envelope_style_says_it_all_in_the_body() -> None:
    """The JSON envelope of protocol §2.1 B; its key is over the compact texts of host and service as they stand in the body."""
    payload = request("json", "envelope")
    body = json_body(payload)
    assert list(body) == ["key", "type", "host", "service", "datakey", "payload"]
    assert subset(HOST, body["host"])
    assert (body["service"], body["datakey"], body["type"]) == (TARGET, DATAKEY, "sync")
    host, service = re.findall(rb'"(?:host|service)":(\{.*?\})', payload.body)
    assert b": " not in host + service
    assert body["key"] == md5(host + service)
    assert dict(payload.headers) == {"Content-Type": "application/json; charset=utf-8"}


@pytest.mark.parametrize("style", ["header", "envelope"])
def test_the_xml_envelope_is_whole_in_every_style(style: str) -> None:
    """The XML envelope of protocol §2.2 is always in the body; its key is over the two elements as they were sent."""
    payload = request("xml", style)
    root = ET.fromstring(payload.body)
    assert root.tag == "request"
    assert [item.tag for item in root] == ["host", "service", "datakey", "payload"]
    assert subset(HOST, root[0].attrib)
    assert root[1].attrib == TARGET
    assert root[2].attrib == {"type": "FOM"}
    assert {key.attrib["name"]: key.text for key in root[2]} == DATAKEY
    (param,) = root[3]
    assert param.attrib == {"key": "std_data", "type": "XML"}
    host, service = re.findall(rb"<(?:host|service) [^<>]*/>", payload.body)
    assert root.attrib == {"type": "sync", "key": md5(host + service)}
    assert payload.headers["Content-Type"] == "application/xml; charset=utf-8"


def test_xml_in_header_style_can_be_addressed_by_its_headers_alone() -> None:
    """A gateway that routes by digi headers finds the same as in JSON, whatever the body is."""
    by_headers = {name: text for name, text in request("json", "header").headers.items() if name.startswith("digi-")}
    assert by_headers.items() <= request("xml", "header").headers.items()
    assert not [name for name in request("xml", "envelope").headers if name.startswith("digi-")]


def key_in(payload: Payload, form: str, style: str) -> str | None:
    if form == "json":
        return payload.headers.get("digi-key") if style == "header" else json_body(payload).get("key")
    return ET.fromstring(payload.body).get("key")


@pytest.mark.parametrize(("form", "style"), WAYS)
def test_a_site_decides_on_salt_case_and_whether_there_is_a_key(form: str, style: str) -> None:
    """The key follows the site's settings in every form."""
    plain = key_in(request(form, style), form, style)
    salted = key_in(request(form, style, DIGI.model_copy(update={"key_salt": "28682266"})), form, style)
    lower = key_in(request(form, style, DIGI.model_copy(update={"key_upper": False})), form, style)
    assert plain is not None
    assert salted is not None
    assert salted != plain
    assert lower == plain.lower()
    assert key_in(request(form, style, DIGI.model_copy(update={"key": False})), form, style) is None


@pytest.mark.parametrize(("form", "style"), WAYS)
def test_a_sites_own_headers_and_keys_travel_in_every_form(form: str, style: str) -> None:
    """A token header or a further datakey needs no code."""
    payload = request(form, style, DIGI.model_copy(update={"headers": {"digi-user-token": "T"}, "datakey": {"ShopId": "S7"}}))
    assert payload.headers["digi-user-token"] == "T"
    assert "S7" in payload.headers.get("digi-datakey", "") + payload.body.decode()


@pytest.mark.parametrize(("form", "style"), WAYS)
def test_the_same_request_at_another_time_is_known_as_the_same(form: str, style: str) -> None:
    """The digest that the ledger keeps changes with the content and with nothing else."""
    first, later, other = request(form, style), request(form, style, hours=1), request(form, style, quantity="2")
    assert first.digest == later.digest != other.digest
    assert (first.headers, first.body) != (later.headers, later.body)
