"""A caller of the custom channel, written from the protocol page alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
from lxml import etree

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
TIPTOP = "http://www.dsc.com.tw/tiptop/TIPTOPServiceGateWay"
TABLES = {
    "CreateMISCIssueData": ("ina_file", "inb_file", "ina01"),
    "CreateTransferNote": ("imm_file", "imn_file", "imm01"),
    "CreateWOStockinData": ("sfu_file", "sfv_file", "sfu01"),
    "CreateStockInData": ("sfu_file", "sfv_file", "sfu01"),
}
HEADERS: dict[str, dict[str, str]] = {
    "CreateMISCIssueData": {"ina01": "I01", "ina03": "2024/01/31", "ina04": "D10", "ina11": "E001"},
    "CreateTransferNote": {"imm01": "T01", "imm02": "2024/01/31", "imm14": "D10"},
    "CreateWOStockinData": {"sfu01": "F01", "sfu02": "2024/01/31"},
    "CreateStockInData": {"sfu01": "F01", "sfu02": "2024/01/31"},
}
COMPLETION = {"sfv11": "W01-24010001", "sfv04": "ITEM-0001", "sfv05": "W2", "sfv06": "", "sfv07": "", "sfv09": "5"}
LINES: dict[str, dict[str, str]] = {
    "CreateMISCIssueData": {"inb04": "ITEM-0001", "inb05": "W1", "inb06": "", "inb07": "", "inb09": "5", "inb15": "101"},
    "CreateTransferNote": {
        "imn03": "ITEM-0001",
        "imn04": "W1",
        "imn05": "",
        "imn06": "",
        "imn09": "PCS",
        "imn10": "5",
        "imn15": "W2",
        "imn16": "",
        "imn17": "",
        "imn20": "PCS",
        "imn21": "1",
        "imn22": "5",
    },
    "CreateWOStockinData": COMPLETION,
    "CreateStockInData": COMPLETION,
}


@dataclass(frozen=True)
class Answer:
    """The inner response."""

    http: httpx.Response
    root: etree._Element

    @property
    def code(self) -> str:
        return self._status("code")

    @property
    def sqlcode(self) -> str:
        return self._status("sqlcode")

    @property
    def description(self) -> str:
        return self._status("description")

    def _status(self, name: str) -> str:
        status = self.root.find("Execution/Status")
        assert status is not None
        return status.get(name, "missing")

    @property
    def number(self) -> str | None:
        """None = the field is absent."""
        found = self.root.find("ResponseContent/Parameter/Record/Field")
        return None if found is None else found.get("value")


@dataclass
class Caller:
    """Sends one record set by default; every part of the request can be replaced."""

    url: str
    user: str | None = "tiptop"
    password: str = ""
    application: str = "IMPORTER"
    plant: str | None = "PLANT1"
    language: str = "zh_tw"
    cdata: bool = False
    parameters: dict[str, str] = field(default_factory=lambda: {"status": "Y"})
    tables: dict[str, tuple[str, str, str]] = field(default_factory=lambda: dict(TABLES))

    def call(self, service: str, *lines: dict[str, str], **header: str) -> Answer:
        return self.send(service, self.inner(service, [({**HEADERS[service], **header}, list(lines or ({},)))]))

    def inner(self, service: str, documents: list[tuple[dict[str, str], list[dict[str, str]]]]) -> str:
        master, detail, _ = self.tables[service]
        request = etree.Element("Request")
        access = etree.SubElement(request, "Access")
        if self.user is not None:
            etree.SubElement(access, "Authentication", {"user": self.user, "password": self.password})
        etree.SubElement(access, "Connection", {"application": self.application, "source": "10.0.0.5"})
        if self.plant is not None:
            etree.SubElement(access, "Organization", {"name": self.plant})
        etree.SubElement(access, "Locale", {"language": self.language})
        content = etree.SubElement(request, "RequestContent")
        _record(etree.SubElement(content, "Parameter"), self.parameters)
        document = etree.SubElement(content, "Document")
        for number, (header, lines) in enumerate(documents, 1):
            record_set = etree.SubElement(document, "RecordSet", {"id": str(number)})
            _record(etree.SubElement(record_set, "Master", {"name": master}), header)
            details = etree.SubElement(record_set, "Detail", {"name": detail})
            for line in lines:
                _record(details, {**LINES.get(service, {}), **line})
        etree.indent(request)
        return etree.tostring(request, encoding="unicode")

    def send(self, service: str, inner: str) -> Answer:
        http = self.post(service, inner)
        response = etree.fromstring(http.content).find(f"{{{ENVELOPE}}}Body/{{{TIPTOP}}}{service}Response/{{{TIPTOP}}}response")
        assert response is not None
        assert response.text is not None
        return Answer(http, etree.fromstring(response.text))

    def post(self, service: str, inner: str) -> httpx.Response:
        envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soapenv": ENVELOPE, "tip": TIPTOP})
        etree.SubElement(envelope, f"{{{ENVELOPE}}}Header")
        body = etree.SubElement(envelope, f"{{{ENVELOPE}}}Body")
        request = etree.SubElement(etree.SubElement(body, f"{{{TIPTOP}}}{service}Request"), f"{{{TIPTOP}}}request")
        request.text = etree.CDATA(inner) if self.cdata else inner
        return self.raw(etree.tostring(envelope, encoding="UTF-8", xml_declaration=True))

    def raw(self, body: bytes) -> httpx.Response:
        return httpx.post(self.url, content=body, headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}, timeout=10)


def _record(parent: etree._Element, values: dict[str, Any]) -> None:
    record = etree.SubElement(parent, "Record")
    for name, value in values.items():
        etree.SubElement(record, "Field", {"name": name, "value": value})
