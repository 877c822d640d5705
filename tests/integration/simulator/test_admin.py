from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from integration.simulator.wire import Client

from importer.simulator import Simulator


@pytest.fixture
def admin(erp: Simulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{erp.base_url}/admin") as client:
        yield client


def test_documents_movements_and_stock_carry_exact_decimals_as_text(client: Client, admin: httpx.Client) -> None:
    """Whoever proves totals needs digits, not floats."""
    doc_no = client.made("misc_receipt", {"qty": 0.125})
    client.made("misc_issue")
    for operation in ("approve", "post"):
        client.act("misc_receipt", operation, doc_no)
    (document,) = admin.get("/documents", params={"type": "misc_receipt"}).json()
    assert (document["doc_no"], document["state"], document["lines"][0]["qty"]) == (doc_no, "posted", "0.125")
    assert [found["kind"] for found in admin.get("/documents", params={"state": "open"}).json()] == ["misc_issue"]
    (movement,) = admin.get("/movements", params={"doc_no": doc_no}).json()
    assert (movement["item"], movement["warehouse"], movement["qty"], movement["reversal"]) == ("ITEM-0001", "W1", "0.125", False)
    stock = admin.get("/stock", params={"item": "ITEM-0001", "warehouse": "W1"}).json()
    assert {row["qty"] for row in stock} == {"1000000.125", "1000000"}
    assert admin.get("/totals").json() == [
        {"document_type": "misc_receipt", "plant": "PLANT1", "item": "ITEM-0001", "warehouse": "W1", "qty": "0.125"}
    ]


def test_faults_are_scripted_from_outside(client: Client, admin: httpx.Client) -> None:
    """A list replaces the rules, an object adds one, DELETE removes all; nonsense is answered by 400."""
    assert admin.post("/faults", json=[{"kind": "http_503", "times": 1}]).status_code == 200
    assert len(admin.post("/faults", json={"kind": "http_429", "times": 1}).json()) == 2
    assert [client.query("transfer").http.status_code for _ in range(3)] == [503, 429, 200]
    admin.post("/faults", json={"kind": "http_503"})
    assert admin.delete("/faults").json() == []
    for wrong in ({"kind": "nonsense"}, {"kind": "http_503", "chance": 1}, 7):
        assert admin.post("/faults", json=wrong).status_code == 400


def test_settings_change_while_it_runs(client: Client, admin: httpx.Client) -> None:
    """The next call obeys; unknown names are refused and change nothing."""
    assert admin.post("/settings", json={"refusal_code": "-0"}).json()["refusal_code"] == "-0"
    assert client.create("misc_issue", {"item_no": "NO-SUCH"}).code == "-0"
    assert admin.post("/settings", json={"refusal_code": "-1", "no_such": 1}).status_code == 400
    assert admin.get("/settings").json()["refusal_code"] == "-0"


def test_master_data_can_be_read_changed_and_sent_back(client: Client, admin: httpx.Client) -> None:
    """Tables that are not sent stay; the whole set survives a round trip."""
    master = admin.get("/master").json()
    assert {slip["code"] for slip in master["slips"]} >= {"I01", "R01", "T01", "F01"}
    assert admin.post("/master", json=master).status_code == 200
    assert admin.get("/master").json() == master
    assert client.create("misc_issue", {"item_no": "NEW"}).codes == ["mfg1201"]
    admin.post("/master", json={"items": [*master["items"], {"code": "NEW"}], "close_date": "2024-01-31"})
    assert client.create("misc_receipt", {"item_no": "NEW"}, doc_date="2024-02-01").code == "0"
    assert client.create("misc_receipt", {"item_no": "NEW"}).codes == ["mfg9999"]
    assert admin.post("/master", json={"items": [{"name": "without code"}]}).status_code == 400


def test_opening_stock_counts_from_the_next_reset(client: Client, admin: httpx.Client) -> None:
    """Stock in mid-air belongs to the documents that moved it."""
    admin.post("/master", json={"stock": [{"item": "ITEM-0001", "warehouse": "W1", "qty": "3.5"}]})
    assert client.create("misc_issue").code == "0"
    admin.post("/reset")
    assert client.create("misc_issue").codes == ["mfg1303"]
    assert client.create("misc_issue", {"qty": 3.5}).code == "0"


def test_reset_forgets_documents_calls_and_judgements(erp: Simulator, client: Client, admin: httpx.Client) -> None:
    """Each test begins in the first minute."""
    client.headers["digi-key"] = "wrong"
    client.made("misc_issue")
    assert admin.get("/protocol-faults").json()["counts"] == {"digi_key": 1}
    admin.post("/reset")
    summary = admin.get("/summary").json()
    assert (summary["documents"], summary["calls"], summary["protocol_faults"]) == (0, 0, {})
    assert client.made("misc_issue") == "I01-24010001"


def test_people_in_the_erp_can_be_played(client: Client, admin: httpx.Client) -> None:
    """Somebody posts by hand, or grants an approval flow."""
    doc_no = client.made("misc_issue", doc_type_no="I02")
    act = {"type": "misc_issue", "doc_no": doc_no}
    assert admin.post("/documents/act", json={**act, "operation": "approve"}).status_code == 409
    assert admin.post("/documents/act", json={**act, "flow": "1"}).json()["flow"] == "1"
    assert admin.post("/documents/act", json={**act, "operation": "approve"}).json()["state"] == "confirmed"
    assert admin.post("/documents/act", json={**act, "operation": "dance"}).status_code == 400
    assert admin.post("/documents/act", json={**act, "type": "none"}).status_code == 400


def test_calls_are_kept_in_a_ring(erp: Simulator, client: Client, admin: httpx.Client) -> None:
    """The last ones with all that matters, bodies included where asked for; counts go on when the log is off."""
    erp.configure(calls_kept=2, keep_bodies=True)
    for _ in range(3):
        client.made("misc_issue")
    calls = admin.get("/calls").json()
    assert [call["doc_nos"] for call in calls] == [["I01-24010002"], ["I01-24010003"]]
    assert (calls[0]["operation"], calls[0]["status"], calls[0]["code"], calls[0]["srvcode"]) == ("create", 200, "0", "000")
    assert "ITEM-0001" in calls[0]["request"]
    erp.configure(calls_kept=0)
    client.made("misc_issue")
    assert admin.get("/calls").json() == []
    assert erp.call_counts() == {"create": 4}


def test_the_most_calls_at_once_are_recorded(erp: Simulator) -> None:
    """What proves that a client keeps to its limit. All wait in the ERP together before one is answered."""
    erp.configure(latency_ms=150.0)
    gate = threading.Barrier(4)

    def call(_: int) -> None:
        with Client(erp.standard_url) as client:
            gate.wait()
            client.query("transfer")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(call, range(4)))
    assert erp.most_calls_at_once() == 4
    assert erp.most_calls_at_once("query") == 4
    assert erp.most_calls_at_once("create") == 0


def test_the_page_shows_documents_movements_and_calls(client: Client, admin: httpx.Client) -> None:
    """For people; what users typed stays text there."""
    doc_no = client.made("misc_issue", remark="<script>alert(1)</script>")
    for operation in ("approve", "post"):
        client.act("misc_issue", operation, doc_no)
    page = httpx.get(str(admin.base_url).rstrip("/")).text
    assert page.count(doc_no) >= 4
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert httpx.get(str(admin.base_url).removesuffix("/admin/"), follow_redirects=True).status_code == 200


def test_other_addresses_are_not_there(erp: Simulator) -> None:
    """404, and 405 for looking into the ERP's door."""
    assert httpx.get(f"{erp.base_url}/nonsense").status_code == 404
    assert httpx.get(erp.standard_url).status_code in (404, 405)
