from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from integration.simulator.wire import LISTS, SLIPS, TOKEN, Answer, Client, document

from importer.simulator import Simulator
from importer.simulator.sitenames import SiteNames

KINDS = sorted(LISTS)


@pytest.mark.parametrize("kind", KINDS)
def test_three_calls_post_a_document(erp: Simulator, client: Client, kind: str) -> None:
    """create, approve and post, as in the vendor's worked example, and the answers have the shapes of §9."""
    created = client.create(kind)
    assert created.success == [{"doc_type_no": SLIPS[kind], "doc_no": f"{SLIPS[kind]}-24010001", "confirm": "N", "post": "N", "msg": ""}]
    assert created.http.headers["digi-srvcode"] == "000"
    for operation in ("approve", "post"):
        done = client.act(kind, operation, created.doc_no)
        assert (done.code, done.success) == ("0", [{"doc_type_no": SLIPS[kind], "doc_no": created.doc_no}])
    read = client.read(kind, created.doc_no)
    assert read is not None
    assert (read["approve_status"], read["post_status"]) == ("Y", "Y")
    assert len(erp.movements()) == (2 if kind == "transfer" else 1)
    assert client.act(kind, "post", created.doc_no).codes == ["asf-812"]
    assert client.act(kind, "approve", created.doc_no).codes == ["9023"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_way_back_leaves_the_books_as_they_were(erp: Simulator, client: Client, kind: str) -> None:
    """dispost, disapprove, delete: stock, totals and the list are as before."""
    before = erp.stock()
    doc_no = client.made(kind)
    for operation in ("approve", "post", "dispost", "disapprove", "delete"):
        assert client.act(kind, operation, doc_no).code == "0", operation
    assert {key: qty for key, qty in erp.stock().items() if qty} == before
    assert not any(erp.totals().values())
    assert erp.documents() == []
    assert client.read(kind, doc_no) is None


def test_a_void_document_stays_readable(client: Client) -> None:
    """invalid gives X/X, and nothing can be done with it."""
    doc_no = client.made("misc_issue")
    assert client.act("misc_issue", "invalid", doc_no).code == "0"
    read = client.read("misc_issue", doc_no)
    assert read is not None
    assert (read["approve_status"], read["post_status"]) == ("X", "X")
    assert client.act("misc_issue", "approve", doc_no).codes == ["9024"]


def test_a_document_is_read_back_with_every_digit_and_blank_places_as_a_space(client: Client) -> None:
    """Numbers keep the digits they came with, in both directions; blank location and lot read as one space (§9.1 6, 10)."""
    body = json.dumps({"std_data": {"parameter": document("misc_issue", {"qty": 0})}}).replace('"qty": 0', '"qty": 12345.670')
    doc_no = client.send("tt.oapi.other.out.inventory.data.create", body.encode()).doc_no
    answer = client.act("misc_issue", "read", doc_no)
    assert '"qty":12345.670' in answer.http.text
    (line,) = answer.success[0]["other_out_inventory_data"][0]["other_out_inventory_detail_data"]
    assert (line["location_no"], line["lot_no"], line["item_no"]) == (" ", " ", "ITEM-0001")


def test_nothing_is_stored_of_a_document_with_one_bad_line(erp: Simulator, client: Client) -> None:
    """Code -1, all reasons at once with the faulty value and the line, and no number is used up."""
    answer = client.create("misc_issue", {}, {"item_no": "NO-SUCH"}, {"warehouse_no": "W5"})
    assert answer.code == "-1"
    assert answer.codes == ["mfg1201", "mfg1100"]
    information = answer.parameter["result"]["error"][0]["information"]
    assert information[0]["data"] == {"item_no": "NO-SUCH", "seq": 2}
    assert erp.documents() == []
    assert client.made("misc_issue") == "I01-24010001"


def test_messages_come_in_the_language_of_the_caller(client: Client) -> None:
    """English for en_US, Chinese otherwise; the code stands in front of both."""
    for language, text in (("en_US", "9023 already confirmed"), ("zh_TW", "9023 資料已確認")):
        client.language = language
        doc_no = client.made("misc_issue")
        client.act("misc_issue", "approve", doc_no)
        answer = client.act("misc_issue", "approve", doc_no)
        assert answer.parameter["result"]["error"][0]["information"][0]["message"] == text


def test_an_unknown_key_reads_as_nothing_and_is_refused_for_writes(client: Client) -> None:
    """Empty success[] with code 0 for read, SQL code 100 for writes (§9.1 2); a wrong slip type is an unknown key."""
    read = client.act("transfer", "read", "T01-99990001")
    assert (read.code, read.success) == ("0", [])
    assert client.act("transfer", "approve", "T01-99990001").codes == ["100"]
    doc_no = client.made("transfer")
    other = client.call("transfer", "read", {"datakeys": [{"doc_type_no": "T02", "doc_no": doc_no}]})
    assert other.success == []


@pytest.mark.parametrize("parameter", [{}, {"datakeys": []}, {"datakeys": [{"doc_type_no": "T01"}]}, {"datakeys": {"doc_no": "x"}}])
def test_a_missing_key_part_is_named(client: Client, parameter: dict[str, Any]) -> None:
    """缺少[...]的鍵值參數 (protocol §2.3)."""
    answer = client.call("transfer", "approve", parameter)
    assert answer.code == "-1"
    assert "的鍵值參數" in answer.std_data["execution"]["description"]


def test_an_open_document_can_be_changed_and_lines_are_found_by_seq(client: Client) -> None:
    """Header and line fields change, an unknown seq is added, none is removed (§9.1 12)."""
    doc_no = client.made("misc_issue", {}, {"qty": 7}, remark="old")
    change = {
        "doc_no": doc_no,
        "doc_type_no": "I01",
        "remark": "new",
        "other_out_inventory_detail_data": [{"seq": 2, "qty": 8}, {"seq": 3, "item_no": "ITEM-0002", "warehouse_no": "W1", "qty": 1}],
    }
    assert client.call("misc_issue", "update", {"other_out_inventory_data": [change]}).code == "0"
    read = client.read("misc_issue", doc_no)
    assert read is not None
    assert read["remark"] == "new"
    assert [(line["seq"], line["item_no"], line["qty"]) for line in read["other_out_inventory_detail_data"]] == [
        (1, "ITEM-0001", 5),
        (2, "ITEM-0001", 8),
        (3, "ITEM-0002", 1),
    ]
    bad = {"doc_no": doc_no, "other_out_inventory_detail_data": [{"seq": 1, "item_no": "NO-SUCH"}]}
    assert client.call("misc_issue", "update", {"other_out_inventory_data": [bad]}).codes == ["mfg1201"]


def test_the_list_query_finds_by_reference_date_and_state(client: Client) -> None:
    """The conditions that reconciling needs: the token in the remark, slip and date, state."""
    numbers = [client.made("misc_issue", remark=f"n{n} [IMP:{TOKEN[:-1]}{n + 2}]", doc_date=f"2024-01-{n + 10}") for n in range(3)]
    client.act("misc_issue", "approve", numbers[1])
    found = client.query("misc_issue", ("remark", "like", f"%[IMP:{TOKEN[:-1]}3]%"))
    assert [row["doc_no"] for row in found.parameter["result"]["rows"]] == [numbers[1]]
    assert found.parameter["total_result"] == 1
    for conditions, wanted in (
        ([("doc_type_no", "=", "I01"), ("doc_date", ">=", "2024-01-11")], numbers[1:]),
        ([("approve_status", "=", "Y")], numbers[1:2]),
        ([("doc_no", "=", numbers[2])], numbers[2:]),
        ([("doc_no", "=", "I01-00000000")], []),
        ([("remark", "like", "n0%")], numbers[:1]),
        ([("item_no", "=", "ITEM-0001")], numbers),
    ):
        rows = client.query("misc_issue", *conditions).parameter["result"]["rows"]
        assert [row["doc_no"] for row in rows] == wanted, conditions
    assert client.query("misc_receipt").parameter["result"]["rows"] == []


def test_pages_tell_whether_more_follows(client: Client) -> None:
    """total_result is the rows of the page plus one when there is more (§9.1 11); selectedColumns cut the rows."""
    numbers = [client.made("transfer") for _ in range(5)]
    page = client.query("transfer", page_no=2, page_size=2, selectedColumns=["doc_no"])
    assert page.parameter == {
        "total_result": 3,
        "has_next": True,
        "result": {"cnt": 2, "rows": [{"doc_no": numbers[2]}, {"doc_no": numbers[3]}]},
    }
    newest = client.query("transfer", orders=[{"field_name": "doc_no", "order_type": "desc"}], page_size=1)
    assert newest.parameter["result"]["rows"][0]["doc_no"] == numbers[-1]
    assert client.query("transfer", page_size=10_001).code == "-1"
    assert client.call("transfer", "query", {"conditions": []}).std_data["execution"]["description"] == "conditions not found."


def test_status_can_come_with_its_text(erp: Simulator, client: Client) -> None:
    """ "Y.已審核" is returned, the bare code is filtered by (protocol §2.4)."""
    erp.configure(status_style="text")
    doc_no = client.made("transfer")
    client.act("transfer", "approve", doc_no)
    (row,) = client.query("transfer", ("approve_status", "=", "Y")).parameter["result"]["rows"]
    assert (row["approve_status"], row["post_status"]) == ("Y.已審核", "N.未過帳")


def test_several_documents_in_one_call_are_one_transaction_or_not(erp: Simulator, client: Client) -> None:
    """All or nothing by default; otherwise the good ones stay, with the code that the site uses for a part."""
    good, bad = (document("misc_issue", line)["other_out_inventory_data"][0] for line in ({}, {"item_no": "NO-SUCH"}))
    both = {"other_out_inventory_data": [good, bad]}
    answer = client.call("misc_issue", "create", both)
    assert (answer.code, answer.success, answer.codes) == ("-1", [], ["mfg1201"])
    assert erp.documents() == []
    erp.configure(atomic_batch=False, partial_code="-0")
    answer = client.call("misc_issue", "create", both)
    assert (answer.code, len(answer.success), answer.codes) == ("-0", 1, ["mfg1201"])
    assert [made.doc_no for made in erp.documents()] == [answer.doc_no]


def test_refusals_come_in_both_shapes_and_also_as_false_success(erp: Simulator, client: Client) -> None:
    """{message, data} and {data, information[]}; code 0 with error[] where the site is like that (protocol §2.3)."""
    erp.configure(error_shape="message", refusal_code="0")
    answer = client.create("misc_issue", {"item_no": "NO-SUCH"})
    (error,) = answer.parameter["result"]["error"]
    assert answer.code == "0"
    assert answer.success == []
    assert error["message"].startswith("mfg1201 ")
    assert error["data"]["item_no"] == "NO-SUCH"


def test_a_number_is_no_field_of_a_new_document_unless_the_slip_is_manual(client: Client) -> None:
    """是新增加不可傳入欄位 (protocol §2.4); a manual slip needs it."""
    assert "不可傳入欄位" in client.create("misc_issue", doc_no="I01-24019999").http.text
    assert client.made("misc_issue", doc_type_no="I03", doc_no="I03-24019999") == "I03-24019999"


@pytest.mark.parametrize(
    ("service", "plant", "problem"),
    [
        ("tt.oapi.transfer.data.explode", "PLANT1", "service"),
        ("tt.oapi.transfer.data.query.get", "PLANT1", "service"),
        ("nonsense", "PLANT1", "service"),
        ("tt.oapi.transfer.data.create", "NOWHERE", "CompanyId"),
        ("tt.oapi.transfer.data.create", "", "CompanyId"),
    ],
)
def test_what_cannot_run_answers_srvcode_100(erp: Simulator, service: str, plant: str, problem: str) -> None:
    """An unknown service, a guessed name or an unknown plant (§9.1 9): the service did not run, and digi-message says why."""
    with Client(erp.standard_url, plant=plant) as client:
        answer = client.send(service, json.dumps({"std_data": {"parameter": document("transfer")}}).encode())
    assert (answer.http.status_code, answer.http.headers["digi-srvcode"]) == (200, "100")
    assert problem in base64.b64decode(answer.http.headers["digi-message"]).decode()
    assert erp.documents() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"std_data":{}}', b'{"std_data":{"parameter":[]}}', b'{"a":NaN}', "料".encode("big5"), b"[" * 100_000]
)
def test_a_body_that_is_no_envelope_is_not_run(client: Client, body: bytes) -> None:
    """No traceback, no HTTP 500: srvcode 100."""
    assert client.send("tt.oapi.transfer.data.create", body).http.headers["digi-srvcode"] == "100"


def test_a_fifth_document_type_needs_no_change_here(erp: Simulator, client: Client) -> None:
    """Any prefix works through all ten operations, with list names found in the request, and moves no stock."""
    prefix = "tt.oapi.scrap."
    header = {"doc_type_no": "S01", "doc_date": "2024-03-01", "remark": f"[IMP:{TOKEN}]"}
    body = {"scrap_data": [{**header, "scrap_lines": [{"seq": 1, "qty": 2}]}]}
    assert client.call(prefix, "query", {}).parameter["result"]["rows"] == []
    doc_no = client.call(prefix, "create", body).doc_no
    assert doc_no == "S01-24030001"
    for operation in ("approve", "post", "dispost", "disapprove"):
        assert client.act(prefix, operation, doc_no).code == "0"
    (found,) = client.act(prefix, "read", doc_no).success
    assert found["scrap_data"][0]["scrap_lines"] == [{"seq": 1, "qty": 2}]
    assert client.query(prefix, ("remark", "like", f"%{TOKEN}%")).parameter["result"]["rows"][0]["doc_no"] == doc_no
    update = {"scrap_data": [{"doc_no": doc_no, "scrap_lines": [{"seq": 1, "qty": 3}]}]}
    assert client.call(prefix, "update", update).code == "0"
    assert client.act(prefix, "invalid", doc_no).code == "0"
    assert erp.documents("tt.oapi.scrap")[0].lines[0]["qty"] == 3
    assert erp.movements() == []
    erp.configure(generic_documents=False)
    assert client.call(prefix, "create", body).http.headers["digi-srvcode"] == "100"


def test_fields_of_a_site_are_kept_ignored_or_refused(erp: Simulator, client: Client) -> None:
    """A customised field is stored by default; other sites drop or refuse it."""
    assert (client.read("misc_issue", client.made("misc_issue", ud01="x")) or {})["ud01"] == "x"
    erp.configure(unknown_fields="ignore")
    assert "ud01" not in (client.read("misc_issue", client.made("misc_issue", ud01="x")) or {})
    erp.configure(unknown_fields="refuse")
    assert client.create("misc_issue", ud01="x").codes == ["sim-field"]


def test_text_that_is_too_long_is_refused_or_cut(erp: Simulator, client: Client) -> None:
    """By characters or bytes, as the site's database counts."""
    assert client.create("misc_issue", remark="料" * 256).codes == ["sim-length"]
    assert client.made("misc_issue", remark="料" * 255)
    erp.configure(text_length="bytes", too_long="cut")
    assert (client.read("misc_issue", client.made("misc_issue", remark="料" * 255)) or {})["remark"] == "料" * 85
    assert client.create("misc_issue", {"qty": 10**12}).codes == ["sim-length"]


def test_posted_totals_are_exact(erp: Simulator, client: Client) -> None:
    """A thousandth on each of many documents is still there in the sum."""
    for n in range(20):
        doc_no = client.made("misc_receipt", {"qty": 0.1}, {"qty": 0.001 * (n % 2)} if n % 2 else {"qty": 0.2})
        client.act("misc_receipt", "approve", doc_no)
        client.act("misc_receipt", "post", doc_no)
    assert erp.totals() == {("misc_receipt", "PLANT1", "ITEM-0001", "W1"): Decimal("4.010")}
    assert erp.on_hand("ITEM-0001", "W1") == Decimal("1000004.010")


def test_a_site_may_have_names_of_its_own(erp: Simulator, client: Client) -> None:
    """Services, lists and fields under other names, with all checks as before; the default names are then unknown (protocol §7 5-7)."""
    names = SiteNames(
        kind="misc_issue",
        prefix="site.issue.",
        header_list="issues",
        line_list="lines",
        header=(("doc_type_no", "slip"), ("remark", "remarks")),
        lines=(("qty", "business_qty"), ("item_no", "part")),
    )
    erp.configure(site_names=(names,), generic_documents=False)
    line = {"seq": 1, "part": "ITEM-0001", "warehouse_no": "W1", "business_qty": 2.5}
    header = {"slip": "I01", "doc_date": "2024-01-31", "remarks": f"[IMP:{TOKEN}]"}
    created = client.call("site.issue.", "create", {"issues": [{**header, "lines": [line]}]})
    assert created.doc_no == "I01-24010001"
    (row,) = client.query("site.issue.", ("remarks", "like", f"%[IMP:{TOKEN}]%"), ("business_qty", "=", 2.5)).parameter["result"]["rows"]
    assert (row["slip"], row["remarks"]) == ("I01", f"[IMP:{TOKEN}]")
    (read,) = client.act("site.issue.", "read", created.doc_no).success
    assert (read["issues"][0]["lines"][0]["part"], read["issues"][0]["lines"][0]["business_qty"]) == ("ITEM-0001", 2.5)
    for operation in ("approve", "post"):
        assert client.act("site.issue.", operation, created.doc_no).code == "0"
    assert erp.totals() == {("misc_issue", "PLANT1", "ITEM-0001", "W1"): Decimal("-2.5")}
    bad = client.call("site.issue.", "create", {"issues": [{**header, "lines": [{**line, "part": "NO-SUCH"}]}]})
    assert bad.parameter["result"]["error"][0]["information"][0]["data"] == {"part": "NO-SUCH", "seq": 1}
    assert client.create("misc_issue").http.headers["digi-srvcode"] == "100"
    assert erp.protocol_faults() == []


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("both", {"doc_type_no": "T01", "doc_no": "T01-24010001"}, {"doc_no": "T01-24010001"}),
        ("doc_no", {"doc_no": "T01-24010001"}, {"doc_type_no": "T01-24010001"}),
        ("doc_type_no", {"doc_type_no": "T01-24010001"}, {"doc_no": "T01-24010001"}),
    ],
)
def test_a_site_may_have_keys_of_its_own(erp: Simulator, client: Client, form: Any, good: dict[str, str], bad: dict[str, str]) -> None:
    """Which members a key needs, and what their list is called (protocol §7 8)."""
    erp.configure(keys_name="dataKeys", key_form=form)
    client.made("transfer")
    assert client.call("transfer", "approve", {"dataKeys": [bad]}).code == "-1"
    assert client.call("transfer", "approve", {"datakeys": [good]}).code == "-1"
    assert client.call("transfer", "approve", {"dataKeys": [good]}).code == "0"


def test_a_site_may_have_a_query_dialect_and_create_answers_of_its_own(erp: Simulator, client: Client) -> None:
    """Operators under other names, an array of groups, the number in success_return (protocol §7 9, 16)."""
    erp.configure(operator_names=(("LIKE", "like"),), conditions_form="array", create_answer="success_return")
    created = client.create("transfer", remark=f"[IMP:{TOKEN}]")
    assert created.parameter == {"success_return": [{"success_msg": "T01-24010001"}]}

    def found(operator: str) -> Answer:
        field = {"field_name": "remark", "operator": operator, "value": f"%[IMP:{TOKEN}]%"}
        return client.call("transfer", "query", {"conditions": [{"operator": "and", "fields": [field]}]})

    assert found("LIKE").parameter["result"]["cnt"] == 1
    assert found("like").code == "-1"
    assert client.query("transfer").std_data["execution"]["description"] == "conditions not found."
