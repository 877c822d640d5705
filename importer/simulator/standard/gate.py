"""What the gateway decides before a service runs, in every envelope: known service and plant, right key, a readable parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from importer.simulator.erp.documents import Operation
from importer.simulator.exchange import Remarks
from importer.simulator.master.tables import BY_SERVICE
from importer.simulator.standard.call import Format, StandardCall, Style
from importer.simulator.standard.headers import Envelope, key_matches

if TYPE_CHECKING:
    from importer.simulator.world import World


def addressed(world: World, envelope: Envelope | None, *, form: Format, style: Style) -> StandardCall:
    """A call without its parameter; `problem` says why its service cannot run (§9.1 9)."""
    if envelope is None:
        return StandardCall(format=form, style=style, problem="no service is named")
    call = StandardCall(
        service=envelope.service,
        plant=envelope.plant,
        user=envelope.user,
        language=envelope.language,
        format=form,
        style=style,
    )
    table = BY_SERVICE.get(envelope.service)
    found = None if table else world.services.resolve(envelope.service, generic=world.settings.generic_documents)
    if found is not None:
        call = replace(call, kind=found[0], operation=found[1])
    elif table is not None:
        call = replace(call, table=table, operation=Operation.QUERY)
    else:
        return replace(call, problem=f"service {envelope.service} does not exist")
    if envelope.plant not in world.erp.master.plants:
        return replace(call, problem=f"CompanyId {envelope.plant} does not exist")
    if world.settings.ent_id and envelope.ent_id != world.settings.ent_id:
        return replace(call, problem=f"EntId {envelope.ent_id} does not exist")
    return call


def keyed(world: World, call: StandardCall, texts: tuple[bytes, bytes], key: str, remarks: Remarks) -> StandardCall:
    """Check digi-key over the host and service texts as they were sent (§9.1 4)."""
    settings = world.settings
    if settings.digi_key == "off" or key_matches(settings, *texts, key):
        return call
    remarks.append(("digi_key", key))
    if settings.digi_key == "strict":
        return replace(call, problem="digi-key is wrong", html=settings.bad_key_answer == "html")
    return call


def with_token(world: World, call: StandardCall, headers: Mapping[bytes, bytes]) -> StandardCall:
    """digi-user-token, where the site has one."""
    wanted = world.settings.user_token
    if wanted and headers.get(b"digi-user-token", b"").decode("latin-1") != wanted:
        return replace(call, problem="digi-user-token is wrong", html=True)
    return call


def with_parameter(world: World, call: StandardCall, parameter: Any) -> StandardCall:
    """The parameter, if it is one; a generic document type learns its list names here."""
    if call.problem:
        return call
    if not isinstance(parameter, dict):
        return replace(call, problem="std_data.parameter is missing")
    kind = call.kind
    if kind is not None and kind.generic and call.operation is Operation.CREATE:
        kind = world.services.learn(kind, parameter)
    return replace(call, kind=kind, parameter=parameter)
