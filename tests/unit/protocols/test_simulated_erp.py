"""Every form of every operation over real HTTP, held against an ERP that was built from the protocol independently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from unit.protocols.wire import NOW

from importer.documents import complete
from importer.mapping import Mapping, load_mappings
from importer.models import Document, Line, Operation, Reply, Stage
from importer.protocols import custom_xml, parameters, standard_json, standard_xml
from importer.settings import CustomXml, Profile
from importer.simulator import Simulator, SimulatorSettings

ISSUE, TRANSFER = (load_mappings()[name] for name in ("misc_issue", "transfer"))
FORMATS = {"json": standard_json, "xml": standard_xml}
WAYS = [("json", "header"), ("json", "envelope"), ("xml", "header"), ("xml", "envelope")]
HEADER = {"doc_type_no": "I01", "doc_date": date(2024, 1, 31), "remark": 'a & b <c> "d" ]]> 雜發 [IMP:AAAAAAAAAAAAAAAA]'}
LINE = {"item_no": "ITEM-0001", "warehouse_no": "W1"}
LINES = [{"seq": Decimal(1), **LINE, "qty": Decimal("1.500")}, {"seq": Decimal(2), **LINE, "qty": Decimal(2)}]


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def erp(running: Simulator) -> Simulator:
    """An ERP in its first minute that checks keys and headers strictly."""
    running.world.configure(SimulatorSettings(digi_key="strict", strict_headers=True))
    running.reset()
    return running


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One form of the standard channel."""

    form: Any
    profile: Profile

    def ask(self, operation: Operation, parameter: dict[str, Any], *, expect: str = "") -> Reply:
        part = parameters.standard_part(ISSUE)
        payload = self.form.encode(parameter, str(part.service(operation)), self.profile, NOW)
        answer = httpx.post(payload.url, headers=dict(payload.headers), content=payload.body)
        assert self.form.is_answer(answer.content)
        reply: Reply = self.form.decode(operation, answer.headers, answer.content, part, self.profile, expect=expect)
        return reply

    def key(self, number: str) -> dict[str, Any]:
        return parameters.keys(ISSUE, self.profile.wire, doc_type_no="I01", doc_no=number)

    def act(self, operation: Operation, number: str) -> Reply:
        return self.ask(operation, self.key(number), expect=number)


def caller(erp: Simulator, form: str, style: Any, **changes: Any) -> Caller:
    return Caller(form=FORMATS[form], profile=Profile(standard_url=erp.standard_url, style=style, **changes))


@pytest.mark.parametrize(("form", "style"), WAYS)
def test_all_ten_operations_work_in_every_form(erp: Simulator, form: str, style: str) -> None:
    """Create, update, query, read, and the whole way forth and back, with no fault of protocol."""
    calls = caller(erp, form, style)
    created = calls.ask(Operation.CREATE, parameters.create(ISSUE, HEADER, LINES))
    number = created.doc_no
    assert created.accepted
    changes = [{"seq": Decimal(2), "qty": Decimal("3.25")}, {"seq": Decimal(3), **LINE, "qty": Decimal(9)}]
    update = parameters.update(ISSUE, calls.profile.wire, doc_type_no="I01", doc_no=number, header={"department_no": "D10"}, lines=changes)
    assert calls.ask(Operation.UPDATE, update, expect=number).accepted
    (document,) = calls.act(Operation.READ, number).rows
    lines: Any = document["other_out_inventory_detail_data"]
    assert document["remark"] == HEADER["remark"]
    assert [str(line["qty"]) for line in lines] == ["1.500", "3.25", "9"]
    for operation in ("approve", "post", "dispost", "disapprove", "invalid"):
        assert calls.act(Operation(operation), number).accepted, operation
    other = calls.ask(Operation.CREATE, parameters.create(ISSUE, {**HEADER, "remark": "[IMP:BBBBBBBBBBBBBBBB]"}, LINES)).doc_no
    assert calls.act(Operation.DELETE, other).accepted
    assert not calls.act(Operation.DELETE, other).accepted
    assert not calls.act(Operation.READ, other).rows
    assert erp.protocol_faults() == []


@pytest.mark.parametrize(("form", "style"), WAYS)
def test_a_list_query_finds_by_groups_and_goes_by_pages(erp: Simulator, form: str, style: str) -> None:
    """Groups, operators, orders, pages and columns mean to the ERP what they mean to us."""
    calls = caller(erp, form, style)
    remarks = [f"{letter} [IMP:{letter * 16}]" for letter in "ABCD"]
    made = [calls.ask(Operation.CREATE, parameters.create(ISSUE, {**HEADER, "remark": remark}, LINES)).doc_no for remark in remarks]
    some = parameters.any_of(parameters.condition("remark", "like", "A %"), parameters.condition("doc_no", ">=", made[2]))
    recent = parameters.condition("doc_date", ">", date(2024, 1, 30))

    def page(number: int) -> Reply:
        orders = [parameters.order("doc_no", descending=True)]
        wish = parameters.query(calls.profile.wire, [recent, some], page=number, page_size=2, orders=orders, columns=["doc_no"])
        return calls.ask(Operation.QUERY, wish)

    first, second = page(1), page(2)
    assert ([dict(row) for row in first.rows], first.has_next) == ([{"doc_no": made[3]}, {"doc_no": made[2]}], True)
    assert ([dict(row) for row in second.rows], second.has_next) == ([{"doc_no": made[0]}], False)
    assert calls.ask(Operation.QUERY, parameters.query(calls.profile.wire, [])).rows
    assert erp.protocol_faults() == []


@pytest.mark.parametrize(("form", "style"), WAYS)
def test_a_wrong_plant_is_known_not_to_have_run(erp: Simulator, form: str, style: str) -> None:
    """A slip in the profile is told as such, in every form, and nothing is unknown."""
    reply = caller(erp, form, style, plant="NOWHERE").ask(Operation.CREATE, parameters.create(ISSUE, HEADER, LINES))
    assert (reply.accepted, reply.executed, reply.code) == (False, False, "100")
    assert "NOWHERE" in reply.message


@pytest.mark.parametrize(("form", "style"), WAYS)
def test_a_refusal_names_the_code_in_every_form(erp: Simulator, form: str, style: str) -> None:
    """What the ERP refuses is told with its code, field by field."""
    lines = [{**LINES[0], "warehouse_no": "NONE"}]
    reply = caller(erp, form, style).ask(Operation.CREATE, parameters.create(ISSUE, HEADER, lines))
    assert (reply.accepted, reply.executed, reply.code) == (False, True, "mfg1100")


# -- the custom channel ----------------------------------------------------------------------------------------------


def combined(erp: Simulator, mapping: Mapping, document: Document, carrier: Any, *, post: bool = True, **changes: Any) -> Reply:
    profile = Profile(custom_url=erp.custom_url, custom=CustomXml(carrier=carrier), **changes)
    header, lines = complete(document, mapping, {"user": profile.user, "plant": profile.plant})
    payload = custom_xml.encode(header, lines, mapping, profile, "secret", post=post)
    answer = httpx.post(payload.url, headers=dict(payload.headers), content=payload.body)
    return custom_xml.decode(answer.headers, answer.content, mapping, profile, post=post)


def document(kind: str, header: dict[str, Any], line: dict[str, Any]) -> Document:
    rows = [Line(row=3, fields=line)]
    return Document(document_type=kind, key="1", header=header, lines=rows, digest="", occurrence=1, token="AAAAAAAAAAAAAAAA")


AN_ISSUE = document(
    "misc_issue", {"doc_type_no": "I01", "doc_date": date(2024, 1, 31), "remark": "a & <b> ]]> 雜發"}, {**LINE, "qty": Decimal("1.500")}
)
A_TRANSFER = document(
    "transfer",
    {"doc_type_no": "T01", "doc_date": date(2024, 1, 31)},
    {"item_no": "ITEM-0001", "out_warehouse_no": "W1", "out_unit_no": "PCS", "out_qty": Decimal(2), "in_warehouse_no": "W2"},
)


@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
@pytest.mark.parametrize("post", [True, False])
def test_one_call_creates_and_posts_only_when_asked(erp: Simulator, carrier: str, post: bool) -> None:
    """The stage that we report is the stage that the document has."""
    for mapping, made in ((ISSUE, AN_ISSUE), (TRANSFER, A_TRANSFER)):
        reply = combined(erp, mapping, made, carrier, post=post)
        assert (reply.accepted, reply.stage) == (True, Stage.POSTED if post else Stage.CREATED)
    assert {item.post for item in erp.documents()} == {"Y" if post else "N"}
    assert len(erp.movements()) == (3 if post else 0)
    assert erp.protocol_faults() == []


@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
def test_a_failed_post_is_a_created_document(erp: Simulator, carrier: str) -> None:
    """A transfer of more than there is stays in the ERP unposted, and is known by its number."""
    line = {**A_TRANSFER.lines[0].fields, "out_qty": Decimal(99_999_999)}
    reply = combined(erp, TRANSFER, document("transfer", dict(A_TRANSFER.header), line), carrier)
    (there,) = erp.documents()
    assert (reply.accepted, reply.executed, reply.stage) == (False, True, Stage.CREATED)
    assert (reply.doc_no, there.post) == (there.doc_no, "N")


@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
def test_a_refused_document_is_not_there(erp: Simulator, carrier: str) -> None:
    """A refusal without a number created nothing."""
    line = {**LINE, "warehouse_no": "NONE", "qty": Decimal(1)}
    reply = combined(erp, ISSUE, document("misc_issue", dict(AN_ISSUE.header), line), carrier)
    assert (reply.accepted, reply.executed, reply.doc_no, reply.stage) == (False, True, "", None)
    assert erp.documents() == []


@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
def test_a_wrong_plant_is_an_access_failure_and_nothing_ran(erp: Simulator, carrier: str) -> None:
    """It is told as a wrong login is, so that a run stops instead of refusing every document."""
    reply = combined(erp, ISSUE, AN_ISSUE, carrier, plant="NOWHERE")
    assert (reply.accepted, reply.executed, reply.doc_no) == (False, False, "")
    assert erp.documents() == []
