"""The same calls in the other envelopes: JSON with the envelope in the body, and XML (protocol §2.1 B, §2.2)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import httpx
from integration.simulator.wire import OPERATIONS, PREFIXES, Answer, Client
from lxml import etree

Node = etree._Element


class BodyAnswer(Answer):
    @property
    def std_data(self) -> dict[str, Any]:
        std_data: dict[str, Any] = self.http.json()["payload"]["std_data"]
        return std_data

    @property
    def srvcode(self) -> str:
        return str(self.http.json()["srvcode"])


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass
class BodyClient(Client):
    key: str | None = None  # in place of the right one

    def call(self, kind: str, operation: str, parameter: dict[str, Any]) -> Answer:
        service = PREFIXES.get(kind, kind) + OPERATIONS.get(operation, f"data.{operation}")
        host = compact({"prod": "TEST", "ip": "10.0.0.5", "lang": self.language, "acct": self.user, "timestamp": "20240131101500000"})
        called = compact({"prod": "TIPTOP", "name": service, "ip": "10.0.0.9", "id": "倉庫"})
        key = self.key if self.key is not None else hashlib.md5((host + called).encode()).hexdigest().upper()
        body = (
            f'{{"key":"{key}","type":"sync","host":{host},"service":{called},'
            f'"datakey":{compact({"EntId": "1", "CompanyId": self.plant})},'
            f'"payload":{compact({"std_data": {"parameter": parameter}})}}}'
        )
        headers = {"Content-Type": "application/json; charset=utf-8"} | self.headers
        return BodyAnswer(self.http.post(self.url, headers=headers, content=body.encode()))


class XmlAnswer(Answer):
    @property
    def root(self) -> Node:
        return etree.fromstring(self.http.content)

    @property
    def srvcode(self) -> str:
        return self.root.findtext("srvcode") or ""

    @property
    def std_data(self) -> dict[str, Any]:
        response = self.root.find("payload/param[@key='std_data'][@type='xml']/data_response")
        assert response is not None
        status = response.find("execution/status")
        assert status is not None
        parameters = {node.get("key"): _value(node) for node in response.findall("datainfo/parameter")}
        return {"execution": dict(status.attrib), "parameter": parameters}


def _value(parameter: Node) -> Any:
    data = parameter.find("data")
    if data is None:
        return _typed(parameter)
    rows = [_row(row) for row in data.findall("row")]
    return rows[0] if parameter.get("key") == "result" else rows


def _row(row: Node) -> dict[str, Any]:
    values: dict[str, Any] = {field.get("name", ""): _typed(field) for field in row.findall("field")}
    for detail in row.findall("detail"):
        rows = [_row(inner) for inner in detail.findall("row")]
        values[detail.get("name", "")] = (rows or [{}])[0] if detail.get("name") == "data" else rows
    return values


def _typed(node: Node) -> Any:
    text = node.text or ""
    if node.get("type") == "numeric":
        return float(text) if "." in text else int(text)
    return {"true": True, "false": False}.get(text, text)


@dataclass
class XmlClient(Client):
    key: str | None = None

    def call(self, kind: str, operation: str, parameter: dict[str, Any]) -> Answer:
        service = PREFIXES.get(kind, kind) + OPERATIONS.get(operation, f"data.{operation}")
        return self.send(service, self.body(service, parameter))

    def send(self, service: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/xml; charset=utf-8"} | self.headers
        return XmlAnswer(self.http.post(self.url, headers=headers, content=body))

    def body(self, service: str, parameter: dict[str, Any]) -> bytes:
        host = f'<host prod="TEST" ip="10.0.0.5" lang="{self.language}" id="a&gt;b" timestamp="20240131101500000" acct="{self.user}"/>'
        called = f'<service prod="TIPTOP" name="{service}" srvver="1.0" ip="10.0.0.9" id="topprd"/>'
        key = self.key if self.key is not None else hashlib.md5((host + called).encode()).hexdigest().upper()
        datainfo = etree.Element("datainfo")
        for name, value in parameter.items():
            _parameter(datainfo, name, value)
        return (
            f'<request type="sync" key="{key}">{host}{called}'
            f'<datakey type="FOM"><key name="EntId">1</key><key name="CompanyId">{self.plant}</key></datakey>'
            f'<payload><param key="std_data" type="XML"><data_request>{etree.tostring(datainfo, encoding="unicode")}</data_request></param>'
            "</payload></request>"
        ).encode()

    def made(self, kind: str, *lines: dict[str, Any], **header: Any) -> str:
        return super().made(kind, *lines, **{"doc_date": "20240131"} | header)


def _parameter(datainfo: Node, name: str, value: Any) -> None:
    if isinstance(value, list | dict) and name != "selectedColumns":
        element = etree.SubElement(datainfo, "parameter", {"key": name, "type": "data"})
        _rows(etree.SubElement(element, "data", {"name": name}), value)
    else:
        text = ",".join(value) if isinstance(value, list) else _text(value)
        etree.SubElement(datainfo, "parameter", {"key": name, "type": _type(name, value)}).text = text


def _rows(holder: Node, value: Any) -> None:
    for number, row in enumerate([value] if isinstance(value, dict) else value, 1):
        element = etree.SubElement(holder, "row", {"seq": str(number)})
        for name, member in row.items():
            if isinstance(member, list | dict):
                _rows(etree.SubElement(element, "detail", {"name": name}), member)
            else:
                etree.SubElement(element, "field", {"name": name, "type": _type(name, member)}).text = _text(member)


def _type(name: str, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "numeric"
    return "date" if name == "doc_date" else "string"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def post(url: str, body: bytes, content_type: str = "text/xml; charset=UTF-8", **headers: str) -> httpx.Response:
    return httpx.post(url, content=body, headers={"Content-Type": content_type, "SOAPAction": '""', **headers}, timeout=10)
