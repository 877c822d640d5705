"""A client of the standard channel, written from the protocol page alone, so that the product's own client is judged, not copied."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

PREFIXES = {
    "misc_receipt": "tt.oapi.other.in.inventory.",
    "misc_issue": "tt.oapi.other.out.inventory.",
    "transfer": "tt.oapi.transfer.",
    "completion_receipt": "tt.oapi.wo.stockin.",
}
LISTS = {
    "misc_receipt": "other_in_inventory",
    "misc_issue": "other_out_inventory",
    "transfer": "transfer",
    "completion_receipt": "wo_stockin",
}
LINES: dict[str, dict[str, Any]] = {
    "misc_receipt": {"item_no": "ITEM-0001", "warehouse_no": "W1", "location_no": "", "lot_no": "", "unit_no": "PCS", "qty": 5},
    "misc_issue": {"item_no": "ITEM-0001", "warehouse_no": "W1", "location_no": "", "lot_no": "", "unit_no": "PCS", "qty": 5},
    "transfer": {
        "item_no": "ITEM-0001",
        "out_warehouse_no": "W1",
        "out_unit_no": "PCS",
        "out_qty": 5,
        "in_warehouse_no": "W2",
        "in_unit_no": "PCS",
        "conversion_rate": 1,
        "in_qty": 5,
    },
    "completion_receipt": {"wo_no": "W01-24010001", "item_no": "ITEM-0001", "warehouse_no": "W2", "unit_no": "PCS", "qty": 5},
}
SLIPS = {"misc_receipt": "R01", "misc_issue": "I01", "transfer": "T01", "completion_receipt": "F01"}
OPERATIONS = {"query": "list.data.query.get", "read": "details.data.read.get"}
TOKEN = "ABCDEFGHIJKLMNOP"


def document(kind: str, *lines: dict[str, Any], **header: Any) -> dict[str, Any]:
    """The parameter of a create: a good document with `header` and `lines` laid over it."""
    rows = [{"seq": n, **LINES[kind], **line} for n, line in enumerate(lines or ({},), 1)]
    head = {"doc_type_no": SLIPS[kind], "doc_date": "2024-01-31", "department_no": "D10", "employee_no": "E001", **header}
    return {f"{LISTS[kind]}_data": [{**head, f"{LISTS[kind]}_detail_data": rows}]}


def key(doc_no: str) -> dict[str, Any]:
    return {"datakeys": [{"doc_type_no": doc_no.split("-")[0], "doc_no": doc_no}]}


@dataclass(frozen=True)
class Answer:
    http: httpx.Response

    @property
    def std_data(self) -> dict[str, Any]:
        body: dict[str, Any] = self.http.json()
        std_data: dict[str, Any] = body["std_data"]
        return std_data

    @property
    def code(self) -> str:
        return str(self.std_data["execution"]["code"])

    @property
    def parameter(self) -> dict[str, Any]:
        parameter: dict[str, Any] = self.std_data["parameter"]
        return parameter

    @property
    def success(self) -> list[dict[str, Any]]:
        success: list[dict[str, Any]] = self.parameter["result"]["success"]
        return success

    @property
    def codes(self) -> list[str]:
        """The first word of each reason in error[]."""
        error = self.parameter["result"]["error"]
        return [reason["message"].split()[0] for item in error for reason in item.get("information", [item])]

    @property
    def doc_no(self) -> str:
        return str(self.success[0]["doc_no"])


@dataclass
class Client:
    url: str
    plant: str = "PLANT1"
    user: str = "tiptop"
    language: str = "zh_TW"
    headers: dict[str, str] = field(default_factory=dict)  # laid over the right ones; "" removes

    def __post_init__(self) -> None:
        self.http = httpx.Client(timeout=10)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def right_headers(self, service: str) -> dict[str, str]:
        host = json.dumps(
            {
                "prod": "TEST",
                "ver": "1.0",
                "ip": "127.0.0.1",
                "id": "",
                "lang": self.language,
                "timezone": "+8",
                "timestamp": "20240131101500000",
                "acct": self.user,
            }
        )
        called = json.dumps({"prod": "TIPTOP", "name": service, "srvver": "1.0", "ip": "127.0.0.1", "id": ""})
        return {
            "Content-Type": "application/json; charset=utf-8",
            "digi-type": "sync",
            "digi-protocol": "raw",
            "digi-data-exchange-protocol": "1.0",
            "digi-host": host,
            "digi-service": called,
            "digi-datakey": json.dumps({"EntId": "1", "CompanyId": self.plant}),
            "digi-key": hashlib.md5((host + called).encode()).hexdigest().upper(),
        }

    def send(self, service: str, body: bytes) -> Answer:
        headers = {name: value for name, value in (self.right_headers(service) | self.headers).items() if value}
        return Answer(self.http.post(self.url, headers=headers, content=body))

    def call(self, kind: str, operation: str, parameter: dict[str, Any]) -> Answer:
        service = PREFIXES.get(kind, kind) + OPERATIONS.get(operation, f"data.{operation}")
        return self.send(service, json.dumps({"std_data": {"parameter": parameter}}, ensure_ascii=False).encode())

    def create(self, kind: str, *lines: dict[str, Any], **header: Any) -> Answer:
        return self.call(kind, "create", document(kind, *lines, **header))

    def made(self, kind: str, *lines: dict[str, Any], **header: Any) -> str:
        """Create a document that must succeed; its number."""
        return self.create(kind, *lines, **header).doc_no

    def act(self, kind: str, operation: str, doc_no: str) -> Answer:
        return self.call(kind, operation, key(doc_no))

    def read(self, kind: str, doc_no: str) -> dict[str, Any] | None:
        found = self.act(kind, "read", doc_no).success
        return found[0][f"{LISTS[kind]}_data"][0] if found else None

    def query(self, kind: str, *conditions: tuple[str, str, Any], **more: Any) -> Answer:
        fields = [{"field_name": name, "operator": operator, "value": value} for name, operator, value in conditions]
        return self.call(kind, "query", {"page_no": 1, "page_size": 100, "conditions": {"operator": "and", "fields": fields}, **more})
