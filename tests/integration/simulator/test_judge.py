from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Any

import httpx
import pytest
from integration.simulator.wire import TOKEN, Client, document

from importer.simulator import FaultKind, FaultRule, Simulator
from importer.simulator.faults import CLEAR_REFUSALS, DELAYS

F = FaultKind
SERVICE = "tt.oapi.other.out.inventory.data.create"


def _faults(erp: Simulator) -> list[str]:
    return [fault.kind for fault in erp.protocol_faults()]


def _create(client: Client, token: str = TOKEN) -> None:
    with contextlib.suppress(httpx.TransportError):
        client.create("misc_issue", remark=f"x [IMP:{token}]")


def test_a_client_that_keeps_to_the_form_has_no_faults(erp: Simulator, client: Client) -> None:
    """Right headers, right types, every operation: the judge has nothing to say."""
    for kind in ("misc_issue", "misc_receipt", "transfer", "completion_receipt"):
        doc_no = client.made(kind, remark=f"[IMP:{TOKEN}]" if kind == "transfer" else "")
        for operation in ("approve", "post", "read", "dispost", "disapprove", "invalid"):
            client.act(kind, operation, doc_no)
        client.query(kind, ("doc_no", "=", doc_no))
    assert _faults(erp) == []


@pytest.mark.parametrize("kind", sorted(set(FaultKind) - CLEAR_REFUSALS - DELAYS - {F.WRONG_CONTENT_TYPE, F.AWS_086}))
def test_a_create_repeated_on_hope_is_a_fault_even_when_it_is_harmless(erp: Simulator, client: Client, kind: FaultKind) -> None:
    """After an unknown outcome the client has to look first (§9.1 13), although some of these did nothing."""
    erp.add_faults(FaultRule(kind=kind, operation="create", times=1))
    _create(client)
    _create(client)
    assert "create_repeated_without_look" in _faults(erp)


@pytest.mark.parametrize("kind", [F.HTTP_429, F.LOCK_263, F.SRVCODE_100, F.FALSE_SUCCESS])
def test_a_create_may_follow_a_clear_refusal(erp: Simulator, client: Client, kind: FaultKind) -> None:
    """Nothing happened, and the client was told so."""
    erp.add_faults(FaultRule(kind=kind, operation="create", times=1))
    _create(client)
    _create(client)
    assert _faults(erp) == []
    assert len(erp.documents()) == 1


def test_a_create_may_follow_a_look(erp: Simulator, client: Client) -> None:
    """Asked by token, nothing found, created again: as it should be."""
    erp.add_faults(FaultRule(kind=F.RESET_BEFORE, operation="create", times=1))
    _create(client)
    client.query("misc_issue", ("remark", "like", f"%[IMP:{TOKEN}]%"))
    _create(client)
    assert _faults(erp) == []


def test_only_an_answered_look_at_the_right_thing_counts(erp: Simulator, client: Client) -> None:
    """A look at another token, at another type, or one whose answer was lost, is none."""
    erp.add_faults(
        FaultRule(kind=F.RESET_BEFORE, operation="create", times=1), FaultRule(kind=F.LOST_ANSWER, operation="query", skip=2, times=1)
    )
    _create(client)
    client.query("misc_issue", ("remark", "like", "%[IMP:AAAAAAAAAAAAAAAA]%"))
    client.query("misc_receipt", ("remark", "like", f"%[IMP:{TOKEN}]%"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.query("misc_issue", ("remark", "like", f"%[IMP:{TOKEN}]%"))
    _create(client)
    assert _faults(erp) == ["create_repeated_without_look"]


def test_a_look_by_header_counts_for_the_whole_type(erp: Simulator, client: Client) -> None:
    """Where no token can be searched, clients look by slip and date."""
    erp.add_faults(FaultRule(kind=F.RESET_BEFORE, operation="create", times=1))
    _create(client)
    client.query("misc_issue", ("doc_type_no", "=", "I01"), ("doc_date", "=", "2024-01-31"))
    _create(client)
    assert _faults(erp) == []


def test_two_live_documents_with_one_reference_are_a_duplicate_and_a_void_one_is_none(erp: Simulator, client: Client) -> None:
    """However the client came to it: the books are wrong."""
    first = client.made("misc_issue", remark=f"[IMP:{TOKEN}]")
    client.act("misc_issue", "invalid", first)
    client.query("misc_issue", ("remark", "like", f"%[IMP:{TOKEN}]%"))
    second = client.made("misc_issue", remark=f"[IMP:{TOKEN}]")
    assert (_faults(erp), erp.duplicates()) == ([], {})
    client.query("misc_issue", ("remark", "like", f"%[IMP:{TOKEN}]%"))
    third = client.made("misc_issue", remark=f"[IMP:{TOKEN}]")
    assert _faults(erp) == ["document_duplicated"]
    assert {token: [made.doc_no for made in documents] for token, documents in erp.duplicates().items()} == {TOKEN: [second, third]}


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ({"Content-Type": "application/json"}, "content_type"),
        ({"digi-type": ""}, "missing_header"),
        ({"digi-datakey": ""}, "missing_header"),
        ({"digi-protocol": "cooked"}, "wrong_header"),
        ({"digi-key": "0" * 32}, "digi_key"),
        ({"digi-host": "{}"}, "missing_host_member"),
    ],
)
def test_wrong_headers_are_counted(erp: Simulator, headers: dict[str, str], fault: str) -> None:
    """What protocol §2.1 A asks for is looked at on every call."""
    with Client(erp.standard_url, headers=headers) as client:
        client.create("misc_issue")
    assert fault in _faults(erp)


@pytest.mark.parametrize(
    ("line", "header", "fault"),
    [
        ({"qty": "5"}, {}, "number_as_string"),
        ({"qty": ""}, {}, "number_as_string"),
        ({"qty": 5.0001}, {}, "too_many_decimals"),
        ({"item_no": 1}, {}, "text_not_string"),
        ({}, {"doc_date": "2024/01/31"}, "date_form"),
        ({}, {"doc_date": "20240131"}, "date_form"),
    ],
)
def test_wrong_value_forms_are_counted_but_understood(
    erp: Simulator, client: Client, line: dict[str, Any], header: dict[str, Any], fault: str
) -> None:
    """Numbers are numbers, dates are yyyy-MM-dd (§9, §9.1 10)."""
    client.create("misc_issue", line, **header)
    assert _faults(erp) == [fault]


def test_exponents_are_counted(erp: Simulator, client: Client) -> None:
    """5e0 is JSON, but no decimal notation."""
    body = json.dumps({"std_data": {"parameter": document("misc_issue")}}).replace('"qty": 5', '"qty": 5e0')
    assert client.send(SERVICE, body.encode()).code == "0"
    assert _faults(erp) == ["number_with_exponent"]


def test_strict_sites_refuse_what_lax_ones_only_count(erp: Simulator) -> None:
    """A wrong digi-key, token or header is srvcode 100, or HTTP 500 with a gb2312 page."""
    with Client(erp.standard_url, headers={"digi-key": "x"}) as client:
        erp.configure(digi_key="strict")
        assert client.create("misc_issue").http.headers["digi-srvcode"] == "100"
        erp.configure(bad_key_answer="html")
        page = client.create("misc_issue").http
        assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=gb2312")
        erp.configure(digi_key="off")
        assert client.create("misc_issue").code == "0"
        erp.configure(user_token="secret")
        assert client.create("misc_issue").http.status_code == 500
        client.headers["digi-user-token"] = "secret"
        assert client.create("misc_issue").code == "0"
    with Client(erp.standard_url, headers={"digi-type": ""}) as client:
        erp.configure(strict_headers=True)
        client.headers |= {"digi-user-token": "secret"}
        assert client.create("misc_issue").http.headers["digi-srvcode"] == "100"


def test_the_key_may_be_salted_and_lower_case(erp: Simulator) -> None:
    """As at the sister products (protocol §2.1)."""
    erp.configure(digi_key="strict", digi_key_salt="28682266", digi_key_upper=False)
    with Client(erp.standard_url) as client:
        right = client.right_headers(SERVICE)
        digest = hashlib.md5((right["digi-host"] + right["digi-service"] + "28682266").encode()).hexdigest()
        assert client.create("misc_issue").http.headers["digi-srvcode"] == "100"
        client.headers["digi-key"] = digest
        assert client.create("misc_issue").code == "0"


def test_fields_of_a_site_are_noted_without_being_a_fault(erp: Simulator, client: Client) -> None:
    """A typing error in a mapping shows in the notes."""
    client.create("misc_issue", ud01="x")
    assert _faults(erp) == []
    assert httpx.get(f"{erp.base_url}/admin/protocol-faults").json()["notes"] == {"unknown_field: ud01": 1}
