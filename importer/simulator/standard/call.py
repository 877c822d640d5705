"""A call of the standard channel and its answer, independent of JSON, XML and envelope style."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from importer.simulator.erp.documents import Operation
from importer.simulator.erp.kinds import Kind
from importer.simulator.master.tables import MasterTable

Format = Literal["json", "xml"]
Style = Literal["header", "body"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardCall:
    """`problem` = why the service cannot be run (srvcode 100); then nothing else need be filled."""

    service: str = ""
    operation: Operation = Operation.READ
    kind: Kind | None = None
    plant: str = ""
    user: str = ""
    language: str = "zh_TW"
    parameter: Mapping[str, Any] = field(default_factory=dict)
    format: Format = "json"
    style: Style = "header"
    problem: str = ""
    table: MasterTable | None = None  # the service asks for master data
    html: bool = False  # the gateway answers the problem with its HTML page


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`execution` and `parameter` of the envelope."""

    code: str = "0"
    sql_code: str = ""
    description: str = "執行成功"
    parameter: Mapping[str, Any] = field(default_factory=dict)
    doc_nos: tuple[str, ...] = ()
    kind: Kind | None = None
