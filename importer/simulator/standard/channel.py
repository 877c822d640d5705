"""The standard channel at one URL: three envelopes in, the ten operations, the same envelope out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from importer.simulator import pages
from importer.simulator.exchange import Incoming, Remarks, Reply, Request
from importer.simulator.faults import FaultKind
from importer.simulator.standard import jsonwire, xmlwire
from importer.simulator.standard.call import Answer, StandardCall
from importer.simulator.standard.context import Context
from importer.simulator.standard.json_calls import json_call
from importer.simulator.standard.masters import query_master
from importer.simulator.standard.operations import run
from importer.simulator.standard.xml_calls import xml_call

if TYPE_CHECKING:
    from importer.simulator.world import World

_WIRES: Final = {"json": jsonwire.reply, "xml": xmlwire.reply}


class StandardChannel:
    """`POST /CROSS/RESTful`. JSON and XML are told apart by the body, so that a wrong Content-Type is counted, not fatal."""

    name = "standard"

    def parse(self, world: World, request: Request) -> Incoming:
        remarks: Remarks = []
        is_xml = request.body.lstrip()[:1] == b"<"
        call = xml_call(world, request, remarks) if is_xml else json_call(world, request, remarks)
        family = call.kind.name if call.kind else ""
        operation = call.operation.value if call.kind or call.table else ""
        return Incoming(service=call.service, operation=operation, family=family, plant=call.plant, call=call, remarks=remarks)

    def answer(self, world: World, incoming: Incoming, trouble: FaultKind | None) -> Reply:
        call: StandardCall = incoming.call
        wire = _WIRES[call.format]
        if call.html:
            return pages.wrong_token()
        problem = "service could not be executed" if trouble is FaultKind.SRVCODE_100 else call.problem
        if problem:
            return wire(world.settings, call, Answer(code="-1", description=problem), srvcode="100")
        if refusal := _trouble_answer(trouble):
            return wire(world.settings, call, refusal)
        answer = _run(world, call, incoming.remarks)
        if trouble is FaultKind.EMPTY_SUCCESS:
            answer = replace(answer, parameter={"result": {"success": [], "error": []}})
        return wire(world.settings, call, answer)


def _run(world: World, call: StandardCall, remarks: Remarks) -> Answer:
    if call.table is not None:
        return query_master(world.erp, call.table, call)
    kind = call.kind
    assert kind is not None  # noqa: S101  a call without one has a problem, and never comes here
    return run(Context(world.erp, call, kind, remarks))


def _trouble_answer(trouble: FaultKind | None) -> Answer | None:
    """Refusals that only a fault brings about; nothing was done (protocol §2.3, §5.2)."""
    if trouble is FaultKind.LOCK_263:
        return _refusal("-1", "-263", "-263 資料被鎖定")
    if trouble is FaultKind.FALSE_SUCCESS:
        return _refusal("0", "", "-1106 資料檢查錯誤")
    if trouble is FaultKind.MINUS_ZERO:
        return _refusal("-0", "", "-1106 資料檢查錯誤")
    return None


def _refusal(code: str, sql_code: str, message: str) -> Answer:
    error = {"data": {}, "information": [{"message": message, "data": {}}]}
    description = "執行成功" if code == "0" else "執行失敗"
    return Answer(code=code, sql_code=sql_code, description=description, parameter={"result": {"success": [], "error": [error]}})
