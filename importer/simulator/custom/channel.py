"""The custom channel at one URL: WSDL, SOAP, `invokeSrv`, and the services behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lxml import etree

from importer.simulator.custom import inner, soap
from importer.simulator.custom.access import refused_access
from importer.simulator.custom.combined import Combined
from importer.simulator.custom.inner import InnerAnswer, InnerRequest
from importer.simulator.custom.looking import looked_up
from importer.simulator.custom.services import INVOKE, services
from importer.simulator.customservice import CustomService
from importer.simulator.exchange import Incoming, Remarks, Reply, Request
from importer.simulator.faults import FaultKind
from importer.simulator.master.tables import BY_GET, MasterTable
from importer.simulator.safexml import BadXmlError, child, parse

if TYPE_CHECKING:
    from importer.simulator.world import World

_REFUSALS: Final = {
    FaultKind.LOCK_263: InnerAnswer(code="-263", sqlcode="-263", description="資料被鎖定"),
    FaultKind.FALSE_SUCCESS: InnerAnswer(code="0", number=""),
    FaultKind.MINUS_ZERO: InnerAnswer(code="-0", number=""),
    FaultKind.SRVCODE_100: InnerAnswer(code="-1", description="Access validate fail!"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCall:
    """A SOAP call understood as far as it goes: `fault` = SOAP Fault, `problem` = answered before the service starts."""

    operation: str = ""
    service: CustomService | None = None
    table: MasterTable | None = None  # the service asks for master data
    request: InnerRequest | None = None
    invoked: bool = False  # through invokeSrv
    fault: str = ""
    problem: str = ""
    not_run: str = ""  # srvcode 100 of invokeSrv


class CustomChannel:
    """`POST /web/ws/r/aws_ttsrv2[_zone]`."""

    name = "custom"

    def parse(self, world: World, request: Request) -> Incoming:
        remarks: Remarks = []
        _judge_headers(request, remarks)
        call = _understood(world, request.body)
        service = call.service
        if call.table is not None and call.request is not None:
            return Incoming(service=call.table.get, operation="query", plant=call.request.plant or "", call=call, remarks=remarks)
        if service is None or call.request is None:
            return Incoming(service=call.operation, call=call, remarks=remarks)
        posts = call.request.parameters.get("status") == "Y"
        return Incoming(
            service=service.name,
            operation="combined",
            family=service.kind,
            plant=call.request.plant or "",
            call=call,
            remarks=remarks,
            alone=call.request.user or "" if posts else None,
        )

    def answer(self, world: World, incoming: Incoming, trouble: FaultKind | None) -> Reply:
        call: CustomCall = incoming.call
        if call.fault:
            return soap.fault(call.fault)
        if call.not_run or (call.invoked and trouble is FaultKind.SRVCODE_100):
            return _reply(call, _invoked("100", call.not_run or "service could not be executed"), InnerAnswer(code="-1"), srvcode="100")
        answer = _answer(world, call, incoming, trouble)
        text = inner.write(answer)
        return _reply(call, _invoked("000", text) if call.invoked else text, answer, srvcode="000" if call.invoked else "")


def _judge_headers(request: Request, remarks: Remarks) -> None:
    """Content-Type and SOAPAction of protocol §1.1."""
    content_type = request.headers.get(b"content-type", b"").decode("latin-1")
    if content_type.lower() != soap.CONTENT_TYPE.lower():
        remarks.append(("content_type", content_type))
    if request.headers.get(b"soapaction") != b'""':
        remarks.append(("soap_action", request.headers.get(b"soapaction", b"missing").decode("latin-1")))


def _understood(world: World, body: bytes) -> CustomCall:
    try:
        call = soap.read(body)
    except soap.NotSoapError as problem:
        return CustomCall(fault=str(problem))
    if call.operation == INVOKE:
        return _through_gateway(world, call.payload)
    service, table = services(world.settings).get(call.operation), BY_GET.get(call.operation)
    if service is None and table is None:
        return CustomCall(operation=call.operation, fault=f"unknown operation {call.operation}")
    return _with_request(CustomCall(operation=call.operation, service=service, table=table), call.payload)


def _through_gateway(world: World, payload: str) -> CustomCall:
    """`<request><service name/><payload>inner XML</payload></request>` (protocol §1.2)."""
    try:
        root = parse(payload)
    except BadXmlError:
        return CustomCall(operation=INVOKE, invoked=True, problem="Request isn't valid XML document!")
    named, inside = child(root, "service"), child(root, "payload")
    name = "" if named is None else named.get("name", "")
    if not name:
        return CustomCall(operation=INVOKE, invoked=True, problem="No Service Name specified!")
    service, table = services(world.settings).get(name), BY_GET.get(name)
    if service is None and table is None:
        return CustomCall(operation=INVOKE, invoked=True, not_run=f"service {name} does not exist")
    named_call = CustomCall(operation=INVOKE, service=service, table=table, invoked=True)
    return _with_request(named_call, "" if inside is None else inside.text or "")


def _with_request(call: CustomCall, payload: str) -> CustomCall:
    try:
        request = inner.read(parse(payload))
    except BadXmlError:
        return replace(call, problem="Request isn't valid XML document!")
    return replace(call, request=request)


def _answer(world: World, call: CustomCall, incoming: Incoming, trouble: FaultKind | None) -> InnerAnswer:
    if call.problem or call.request is None:
        return InnerAnswer(code="-1", description=call.problem)
    if refused := refused_access(call.request, world.erp.master, world.settings, incoming.remarks):
        return refused
    if call.table is not None:
        return looked_up(world.erp, call.table, call.request)
    if call.service is None:
        return InnerAnswer(code="-1", description=call.problem)
    if trouble in _REFUSALS:
        return _refused(_REFUSALS[trouble], call.service)
    missing = trouble is FaultKind.AWS_086
    answer = Combined(world.erp, call.service, call.request, incoming.remarks, missing).run()
    return _refused(InnerAnswer(number=""), call.service) if trouble is FaultKind.EMPTY_SUCCESS else answer


def _refused(answer: InnerAnswer, service: CustomService) -> InnerAnswer:
    return InnerAnswer(
        code=answer.code, sqlcode=answer.sqlcode, description=answer.description, column=service.number, number=answer.number
    )


def _invoked(srvcode: str, payload: str) -> str:
    """The gateway's own envelope; the inner answer as CDATA."""
    root = etree.Element("response")
    etree.SubElement(root, "srvver").text = "5.30"
    etree.SubElement(root, "srvcode").text = srvcode
    etree.SubElement(root, "payload").text = etree.CDATA(payload)
    return etree.tostring(root, encoding="unicode")


def _reply(call: CustomCall, payload: str, answer: InnerAnswer, *, srvcode: str) -> Reply:
    """`done` = a document of this call stands in the ERP."""
    return Reply(
        content_type=soap.CONTENT_TYPE,
        body=soap.write(call.operation, payload),
        code=answer.code,
        srvcode=srvcode,
        doc_nos=(answer.number,) if answer.number else (),
        done=bool(answer.number) and answer.code != "aws-522",
    )
