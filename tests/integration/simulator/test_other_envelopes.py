from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from integration.simulator.wire import LISTS, SLIPS, TOKEN, Client, document, key
from integration.simulator.wire_other import BodyClient, XmlClient

from importer.simulator import FaultKind, FaultRule, Simulator

KINDS = sorted(LISTS)


@pytest.fixture(params=[BodyClient, XmlClient], ids=["body", "xml"])
def client(request: pytest.FixtureRequest, erp: Simulator) -> Iterator[Client]:
    with request.param(erp.standard_url) as client:
        yield client


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_life_of_a_document(erp: Simulator, client: Client, kind: str) -> None:
    """All that JSON with headers can do, the other envelopes can, without a word from the judge."""
    doc_no = client.made(kind, {}, {"seq": 2}, remark=f"備註 <&> [IMP:{TOKEN}]")
    assert doc_no == f"{SLIPS[kind]}-24010001"
    for operation in ("approve", "post"):
        assert client.act(kind, operation, doc_no).success == [{"doc_type_no": SLIPS[kind], "doc_no": doc_no}]
    read = client.read(kind, doc_no)
    assert read is not None
    assert (read["approve_status"], read["post_status"], read["remark"]) == ("Y", "Y", f"備註 <&> [IMP:{TOKEN}]")
    quantity = "out_qty" if kind == "transfer" else "qty"
    assert [(line["seq"], line[quantity]) for line in read[f"{LISTS[kind]}_detail_data"]] == [(1, 5), (2, 5)]
    found = client.query(kind, ("remark", "like", f"%[IMP:{TOKEN}]%"), ("post_status", "=", "Y"))
    assert [row["doc_no"] for row in found.parameter["result"]["rows"]] == [doc_no]
    assert (found.parameter["total_result"], found.parameter["has_next"]) == (1, False)
    assert client.act(kind, "post", doc_no).codes == ["asf-812"]
    for operation in ("dispost", "disapprove", "delete"):
        assert client.act(kind, operation, doc_no).code == "0"
    assert client.act(kind, "read", doc_no).success == []
    assert erp.protocol_faults() == []


def test_refusals_name_field_and_line(client: Client) -> None:
    """The shape of §2.3, in every envelope."""
    answer = client.create("misc_issue", {}, {"item_no": "NO-SUCH"}, doc_date="20240131")
    assert answer.code == "-1"
    (error,) = answer.parameter["result"]["error"]
    assert error["information"][0]["data"] == {"item_no": "NO-SUCH", "seq": 2}


def test_groups_orders_pages_and_columns(client: Client) -> None:
    """Nested conditions, sorting and selected columns survive each envelope."""
    numbers = [client.made("transfer", remark=f"r{n}") for n in range(4)]
    group = {
        "operator": "or",
        "fields": [
            {"field_name": "remark", "operator": "=", "value": "r1"},
            {"operator": "and", "fields": [{"field_name": "remark", "operator": "=", "value": "r2"}]},
            {"group": {"operator": "and", "fields": [{"field_name": "remark", "operator": "=", "value": "r3"}]}},
        ],
    }
    page = client.call(
        "transfer",
        "query",
        {
            "page_no": 1,
            "page_size": 2,
            "use_has_next": True,
            "conditions": group,
            "orders": [{"field_name": "doc_no", "order_type": "desc"}],
            "selectedColumns": ["doc_no"],
        },
    )
    assert page.parameter["result"] == {"cnt": 2, "rows": [{"doc_no": numbers[3]}, {"doc_no": numbers[2]}]}
    assert (page.parameter["total_result"], page.parameter["has_next"]) == (3, True)


def test_what_cannot_run_answers_srvcode_100_in_the_same_envelope(erp: Simulator, client: Client) -> None:
    """Unknown service, unknown plant."""
    assert client.call("nonsense", "", {}).srvcode == "100"  # type: ignore[attr-defined]
    client.plant = "NOWHERE"
    answer = client.create("transfer")
    assert answer.srvcode == "100"  # type: ignore[attr-defined]
    assert "NOWHERE" in answer.std_data["execution"]["description"]
    assert erp.documents() == []


def test_the_key_is_made_of_the_texts_as_they_were_sent(erp: Simulator, client: BodyClient | XmlClient) -> None:
    """Byte for byte (§9.1 4): also non-ASCII and escaped characters."""
    erp.configure(digi_key="strict")
    assert client.made("transfer")
    client.key = "0" * 32
    assert client.create("transfer").srvcode == "100"  # type: ignore[attr-defined]
    assert [fault.kind for fault in erp.protocol_faults()] == ["digi_key"]


def test_faults_speak_the_envelope_of_the_call(erp: Simulator, client: Client) -> None:
    """A lock, a false success and a missing service look as they do in JSON; a lost answer is lost."""
    for kind, code in ((FaultKind.LOCK_263, "-1"), (FaultKind.FALSE_SUCCESS, "0"), (FaultKind.MINUS_ZERO, "-0")):
        erp.add_faults(FaultRule(kind=kind, times=1))
        answer = client.act("transfer", "approve", "T01-1")
        assert (answer.code, answer.success, len(answer.codes)) == (code, [], 1)
    erp.add_faults(FaultRule(kind=FaultKind.LOST_ANSWER, times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        client.create("transfer", doc_date="20240131")
    assert len(erp.documents()) == 1


def test_a_fifth_document_type_works_here_too(erp: Simulator, client: Client) -> None:
    """Lists are found in the shape of the request; numbers keep their digits."""
    body = {"scrap_data": [{"doc_type_no": "S01", "doc_date": "20240301", "scrap_lines": [{"seq": 1, "qty": 2.5}]}]}
    doc_no = client.call("tt.oapi.scrap.", "create", body).doc_no
    assert doc_no == "S01-24030001"
    for operation in ("approve", "post"):
        assert client.act("tt.oapi.scrap.", operation, doc_no).code == "0"
    (found,) = client.act("tt.oapi.scrap.", "read", doc_no).success
    assert found["scrap_data"][0]["scrap_lines"] == [{"seq": 1, "qty": 2.5}]
    assert erp.protocol_faults() == []


def test_wrong_forms_in_xml_are_counted(erp: Simulator) -> None:
    """Content-Type, a number that is not declared numeric, a date with dashes, a field without type."""
    with XmlClient(erp.standard_url, headers={"Content-Type": "text/xml"}) as client:
        client.act("transfer", "read", "x")
    with XmlClient(erp.standard_url) as client:
        client.create("misc_issue", {"qty": "5"}, doc_date="2024-01-31")
        body = client.body("tt.oapi.transfer.details.data.read.get", key("T01-1"))
        client.send("", body.replace(b'name="doc_no" type="string"', b'name="doc_no"'))
    assert [fault.kind for fault in erp.protocol_faults()] == ["content_type", "date_form", "field_type", "field_type"]


@pytest.mark.parametrize(
    "body",
    [
        b"<request",
        b"<request/>",
        b'<!DOCTYPE r [<!ENTITY e "x">]><request>&e;</request>',
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><request/>',
        b'<request><service name="tt.oapi.transfer.data.create"/></request>',
    ],
)
def test_xml_that_is_no_envelope_is_not_run(erp: Simulator, body: bytes) -> None:
    """Nor are document types, entities or anything from outside ever looked at."""
    with XmlClient(erp.standard_url) as client:
        assert client.send("", body).srvcode == "100"  # type: ignore[attr-defined]


@pytest.mark.parametrize("body", [b'{"service":{', b'{"service":{}}', b'{"key":"","service":{"name":"tt.oapi.transfer.data.create"}}'])
def test_json_that_is_no_envelope_is_not_run(erp: Simulator, body: bytes) -> None:
    """srvcode 100 in the body, no HTTP 500."""
    answer = httpx.post(erp.standard_url, content=body, headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.json()["srvcode"] == "100"


def test_lines_without_a_number_have_that_of_their_row(erp: Simulator) -> None:
    """`<row seq="2">` in a detail is line 2 (protocol §2.2)."""
    with XmlClient(erp.standard_url) as client:
        parameter = document("misc_issue", {}, {}, doc_date="20240131")
        for line in parameter["other_out_inventory_data"][0]["other_out_inventory_detail_data"]:
            del line["seq"]
        answer = client.call("misc_issue", "create", parameter)
        assert answer.code == "0"
        assert [line["seq"] for line in erp.documents()[0].lines] == [1, 2]
