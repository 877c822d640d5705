from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from importer.simulator.custom.channel import CustomChannel
from importer.simulator.exchange import Channel, Reply, Request
from importer.simulator.settings import SimulatorSettings
from importer.simulator.standard.channel import StandardChannel
from importer.simulator.world import World

WORLD = World(SimulatorSettings())
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
NAMES = st.sampled_from(
    [
        *(
            "datakeys",
            "doc_no",
            "doc_type_no",
            "doc_date",
            "remark",
            "transfer_data",
            "transfer_detail_data",
            "item_no",
            "out_qty",
            "seq",
            "x",
        ),
        *("conditions", "fields", "operator", "field_name", "value", "group", "orders", "order_type", "selectedColumns"),
        *("page_no", "page_size"),
    ]
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12)
OPERATIONS = ("data.create", "data.update", "list.data.query.get", "details.data.read.get", "data.post", "data.delete")


def _reply(channel: Channel, body: bytes, **headers: str) -> Reply:
    request = Request(
        method="POST",
        path="",
        query=b"",
        headers={name.replace("_", "-").encode(): value.encode() for name, value in headers.items()},
        body=body,
    )
    return channel.answer(WORLD, channel.parse(WORLD, request), None)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    operation=st.sampled_from(OPERATIONS),
    prefix=st.sampled_from(["tt.oapi.transfer.", "tt.oapi.x."]),
    parameter=st.dictionaries(NAMES, JSON, max_size=4),
)
@example("data.create", "tt.oapi.transfer.", {"transfer_data": [{"transfer_detail_data": [1]}]})
@example("data.create", "tt.oapi.transfer.", {"transfer_data": [{"doc_type_no": "T01", "transfer_detail_data": [{"out_qty": True}]}]})
@example("list.data.query.get", "tt.oapi.transfer.", {"orders": 1})
@example("list.data.query.get", "tt.oapi.transfer.", {"selectedColumns": 1})
@example("data.update", "tt.oapi.x.", {"x": [{"doc_no": "1", "y": [{"seq": [1]}]}]})
def test_whatever_json_comes_the_erp_answers(operation: str, prefix: str, parameter: dict[str, Any]) -> None:
    """A strange parameter is refused in the channel's own words; it never takes the server down."""
    headers = {
        "digi_service": json.dumps({"name": prefix + operation}),
        "digi_datakey": json.dumps({"CompanyId": "PLANT1"}),
        "digi_host": "{}",
    }
    reply = _reply(StandardChannel(), json.dumps({"std_data": {"parameter": parameter}}).encode(), **headers)
    assert json.loads(reply.body)["std_data"]["execution"]["code"] in ("0", "-1")


@pytest.mark.parametrize("channel", [StandardChannel(), CustomChannel()], ids=["standard", "custom"])
@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=60) | st.text(alphabet='<>/"{}[]:,=& abserviceBodyEnvelope', max_size=60).map(str.encode))
@example(b'{"service":')
@example(b'{"service":"x"')
@example(b'["service"]')
@example(b'"service"')
@example(b"<a/>")
@example(b"<Envelope><Body><CreateMISCIssueDataRequest/></Body></Envelope>")
@example(b"<Envelope><Body>text<!-- comment --></Body></Envelope>")
def test_whatever_bytes_come_the_gateway_answers(channel: Channel, body: bytes) -> None:
    """Rubbish is srvcode 100 or a SOAP Fault, never an exception."""
    assert _reply(channel, body).body
