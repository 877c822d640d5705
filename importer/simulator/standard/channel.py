"""The standard channel at one URL: which envelope a request has, whether its service can run, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from importer.simulator import pages
from importer.simulator.exchange import Incoming, Remarks, Reply, Request
from importer.simulator.faults import FaultKind
from importer.simulator.standard import jsonwire
from importer.simulator.standard.call import Answer, StandardCall
from importer.simulator.standard.headers import Envelope, header_envelope, headers_complete, key_matches
from importer.simulator.standard.operations import Context, run

if TYPE_CHECKING:
    from importer.simulator.world import World

JSON_TYPE: Final = b"application/json; charset=utf-8"


class StandardChannel:
    """`POST /CROSS/RESTful`."""

    name = "standard"

    def parse(self, world: World, request: Request) -> Incoming:
        remarks: Remarks = []
        call = _json_call(world, request, remarks)
        family = call.kind.name if call.kind else ""
        operation = call.operation.value if call.kind else ""
        return Incoming(service=call.service, operation=operation, family=family, plant=call.plant, call=call, remarks=remarks)

    def answer(self, world: World, incoming: Incoming, trouble: FaultKind | None) -> Reply:
        call: StandardCall = incoming.call
        if call.html:
            return pages.wrong_token()
        if call.problem:
            return _not_run(world, call, call.problem)
        refusal = _trouble_answer(trouble)
        if trouble is FaultKind.SRVCODE_100:
            return _not_run(world, call, "service could not be executed")
        if refusal is not None:
            return jsonwire.reply(world.settings, call, refusal)
        answer = _run(world, call, incoming.remarks)
        if trouble is FaultKind.EMPTY_SUCCESS:
            answer = replace(answer, parameter={"result": {"success": [], "error": []}})
        return jsonwire.reply(world.settings, call, answer)


def _not_run(world: World, call: StandardCall, problem: str) -> Reply:
    return jsonwire.reply(world.settings, call, Answer(code="-1", description=problem), srvcode="100")


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


def _run(world: World, call: StandardCall, remarks: Remarks) -> Answer:
    kind = call.kind
    assert kind is not None  # noqa: S101  a call without one has a problem, and never comes here
    return run(Context(world.erp, call, kind, remarks))


def _json_call(world: World, request: Request, remarks: Remarks) -> StandardCall:
    settings, headers = world.settings, request.headers
    if headers.get(b"content-type") != JSON_TYPE:
        remarks.append(("content_type", headers.get(b"content-type", b"").decode("latin-1")))
    complete = headers_complete(headers, remarks)
    envelope = header_envelope(headers, remarks)
    if envelope is None:
        return StandardCall(problem="digi-service is missing")
    call = _addressed(world, envelope)
    if settings.strict_headers and not complete:
        return replace(call, problem="a digi header is missing or wrong")
    key = headers.get(b"digi-key", b"").decode("latin-1")
    if settings.digi_key != "off" and not key_matches(settings, headers.get(b"digi-host", b""), headers[b"digi-service"], key):
        remarks.append(("digi_key", key))
        if settings.digi_key == "strict":
            return replace(call, problem="digi-key is wrong", html=settings.bad_key_answer == "html")
    if settings.user_token and headers.get(b"digi-user-token", b"").decode("latin-1") != settings.user_token:
        return replace(call, problem="digi-user-token is wrong", html=True)
    return call if call.problem else _with_parameter(world, call, request.body)


def _addressed(world: World, envelope: Envelope) -> StandardCall:
    """Known service? Known plant? (§9.1 9)."""
    call = StandardCall(service=envelope.service, plant=envelope.plant, user=envelope.user, language=envelope.language)
    found = world.services.resolve(envelope.service, generic=world.settings.generic_documents)
    if found is None:
        return replace(call, problem=f"service {envelope.service} does not exist")
    call = replace(call, kind=found[0], operation=found[1])
    if envelope.plant not in world.erp.master.plants:
        return replace(call, problem=f"CompanyId {envelope.plant} does not exist")
    if world.settings.ent_id and envelope.ent_id != world.settings.ent_id:
        return replace(call, problem=f"EntId {envelope.ent_id} does not exist")
    return call


def _with_parameter(world: World, call: StandardCall, body: bytes) -> StandardCall:
    try:
        parameter = _parameter(jsonwire.decode(body))
    except (ValueError, RecursionError):
        return replace(call, problem="the body is not JSON")
    if parameter is None:
        return replace(call, problem="std_data.parameter is missing")
    kind = call.kind
    if kind is not None and kind.generic:
        kind = world.services.learn(kind, parameter)
    return replace(call, kind=kind, parameter=parameter)


def _parameter(body: Any) -> Mapping[str, Any] | None:
    try:
        parameter = body["std_data"]["parameter"]
    except (KeyError, TypeError):
        return None
    return parameter if isinstance(parameter, dict) else None
