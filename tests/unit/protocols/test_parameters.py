"""What the ten operations ask for, the same in JSON and XML (protocol §2.4, §9, §9.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from unit.protocols.wire import NOW, json_parameter, xml_parameter

from importer.errors import ConfigurationError
from importer.mapping import load_mappings
from importer.protocols import parameters, standard_json, standard_xml
from importer.protocols.parameters import OPERATORS, all_of, any_of, condition, order, query
from importer.settings import Profile, Wire

TRANSFER = load_mappings()["transfer"]
RECEIPT = load_mappings()["completion_receipt"]
KEY = {"doc_type_no": "T01", "doc_no": "T01-24010007"}


def in_json(parameter: dict[str, Any], wire: Wire = Wire()) -> dict[str, Any]:  # noqa: B008 - frozen
    return json_parameter(standard_json.encode(parameter, "s", Profile(wire=wire), NOW))


def in_xml(parameter: dict[str, Any], wire: Wire = Wire()) -> dict[str, Any]:  # noqa: B008 - frozen
    return xml_parameter(standard_xml.encode(parameter, "s", Profile(wire=wire), NOW))


def text(value: str) -> tuple[str, str]:
    return "string", value


# -- keys and updates ------------------------------------------------------------------------------------------------


def test_a_document_is_addressed_by_slip_type_and_number() -> None:
    """Approve, post and the others name the document by both parts of its key."""
    parameter = parameters.keys(TRANSFER, Wire(), **KEY)
    assert in_json(parameter) == {"datakeys": [KEY]}
    assert in_xml(parameter) == {"datakeys": [{name: text(value) for name, value in KEY.items()}]}


def test_the_form_of_the_key_is_a_setting() -> None:
    """A site with one key field, another list name or further key members says so in its profile."""
    wire = Wire(key_fields="doc_no", datakeys="dataKeys", extra_key={"docdate": "doc_date"})
    parameter = parameters.keys(TRANSFER, wire, **KEY, header={"doc_date": date(2026, 1, 31)})
    assert in_json(parameter) == {"dataKeys": [{"doc_no": "T01-24010007", "docdate": "2026-01-31"}]}
    assert in_xml(parameter) == {"dataKeys": [{"doc_no": text("T01-24010007"), "docdate": ("date", "20260131")}]}


def test_an_update_sends_the_key_and_what_changed() -> None:
    """Nothing that was not changed travels, so nothing that another person changed is overwritten."""
    lines = [{"seq": Decimal(2), "out_qty": Decimal("3.50")}]
    parameter = parameters.update(TRANSFER, Wire(), **KEY, header={"doc_type_no": "T02", "remark": "new"}, lines=lines)
    assert in_json(parameter) == {"transfer_data": [{**KEY, "remark": "new", "transfer_detail_data": [{"seq": "2", "out_qty": "3.50"}]}]}
    (document,) = in_xml(parameter)["transfer_data"]
    assert document == {
        **{name: text(value) for name, value in KEY.items()},
        "remark": text("new"),
        "transfer_detail_data": [{"seq": ("numeric", "2"), "out_qty": ("numeric", "3.50")}],
    }


def test_an_update_of_the_header_alone_leaves_the_lines_alone() -> None:
    """An empty list of lines could be read as a wish to have none."""
    assert in_json(parameters.update(TRANSFER, Wire(), **KEY, header={"remark": "new"})) == {"transfer_data": [{**KEY, "remark": "new"}]}


def test_an_update_of_a_line_without_its_number_is_refused() -> None:
    """The ERP could not find the line and would add it again at each call."""
    with pytest.raises(LookupError, match="seq"):
        parameters.update(TRANSFER, Wire(), **KEY, lines=[{"out_qty": Decimal(3)}])


def test_a_field_travels_under_the_name_that_the_mapping_gives_it() -> None:
    """The line remark of a completion receipt is `remark` on the wire, in create and in update."""
    created = parameters.create(RECEIPT, {"doc_type_no": "F01"}, [{"line_remark": "x"}])
    updated = parameters.update(RECEIPT, Wire(), doc_type_no="F01", doc_no="F01-1", lines=[{"seq": Decimal(1), "line_remark": "x"}])
    assert created["wo_stockin_data"][0]["wo_stockin_detail_data"] == [{"remark": "x"}]
    assert updated["wo_stockin_data"][0]["wo_stockin_detail_data"] == [{"seq": Decimal(1), "remark": "x"}]


# -- the list query --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_reaches_the_erp_as_it_is(operator: str) -> None:
    """`<` and `>` too, through XML as through JSON."""
    parameter = query(Wire(), [condition("doc_date", operator, date(2026, 1, 31))])
    wanted = {"field_name": "doc_date", "operator": operator, "value": "2026-01-31"}
    assert in_json(parameter)["conditions"] == {"operator": "and", "fields": [wanted]}
    (group,) = in_xml(parameter)["conditions"]
    assert group == {
        "operator": text("and"),
        "fields": [{"field_name": text("doc_date"), "operator": text(operator), "value": ("date", "20260131")}],
    }


def test_an_operator_that_does_not_exist_is_named() -> None:
    """A slip in a condition is told before anything is asked."""
    with pytest.raises(ConfigurationError, match="no operator =="):
        condition("doc_no", "==", "x")


def test_groups_nest_and_conditions_may_mean_lines() -> None:
    """(a and (b or c)) arrives as such, with the list that a condition is about."""
    parameter = query(
        Wire(),
        [condition("qty", ">=", Decimal("0.5"), node_name="lines"), any_of(condition("a", "=", "1"), all_of(condition("b", "<>", "2")))],
    )
    inner = {"operator": "and", "fields": [{"field_name": "b", "operator": "<>", "value": "2"}]}
    outer = {"operator": "or", "fields": [{"field_name": "a", "operator": "=", "value": "1"}, {"group": inner}]}
    first = {"field_name": "qty", "operator": ">=", "value": "0.5", "node_name": "lines"}
    assert in_json(parameter)["conditions"] == {"operator": "and", "fields": [first, {"group": outer}]}
    (group,) = in_xml(parameter)["conditions"]
    assert group["fields"][0]["value"] == ("numeric", "0.5")
    assert group["fields"][1]["group"][0]["fields"][1]["group"][0]["fields"][0]["value"] == text("2")


def test_a_query_without_conditions_asks_for_all() -> None:
    """An empty table, as the standard has it, and one empty row of it in XML."""
    assert in_json(query(Wire(), []))["conditions"] == {}
    assert in_xml(query(Wire(), []))["conditions"] == [{}]


def test_a_site_may_want_its_conditions_as_a_list_and_its_operators_by_other_names() -> None:
    """The sister products' dialect is a setting."""
    wire = Wire(conditions="array", operators={"<>": "!="}, like="LIKE")
    parameter = query(wire, [condition("a", "<>", "1"), any_of(condition("b", "like", "x%"))])
    group = {"operator": "or", "fields": [{"field_name": "b", "operator": "LIKE", "value": "x%"}]}
    wanted = [{"operator": "and", "fields": [{"field_name": "a", "operator": "!=", "value": "1"}, {"group": group}]}]
    assert in_json(parameter, wire)["conditions"] == wanted
    assert in_json(query(wire, []), wire)["conditions"] == []


def test_pages_orders_and_columns_are_asked_for() -> None:
    """Page and size as numbers, orders as rows, columns as a list in JSON and comma-separated in XML (§9.1 rule 3)."""
    parameter = query(
        Wire(), [], page=3, page_size=20, orders=[order("doc_date", descending=True), order("doc_no")], columns=["doc_no", "remark"]
    )
    orders = [{"field_name": "doc_date", "order_type": "desc"}, {"field_name": "doc_no", "order_type": "asc"}]
    found = in_json(parameter)
    assert (found["page_no"], found["page_size"], found["use_has_next"]) == ("3", "20", True)
    assert (found["orders"], found["selectedColumns"]) == (orders, ["doc_no", "remark"])
    found = in_xml(parameter)
    assert (found["page_no"], found["page_size"], found["use_has_next"]) == (("numeric", "3"), ("numeric", "20"), text("true"))
    assert found["orders"] == [{name: text(value) for name, value in item.items()} for item in orders]
    assert found["selectedColumns"] == text("doc_no,remark")


def test_without_a_wish_the_profile_decides_on_the_page_and_the_erp_on_the_columns() -> None:
    """Nothing is asked for that nobody asked for."""
    found = in_json(query(Wire(page_size=7), []))
    assert found == {"page_no": "1", "page_size": "7", "use_has_next": True, "conditions": {}, "orders": []}
    assert in_xml(query(Wire(), []))["orders"] == []


def test_a_sites_own_parameters_travel_with_every_operation() -> None:
    """A further member of `parameter` needs no code, in either format."""
    wire = Wire(parameters={"site": "S1", "flag": True, "level": 2, "share": 0.5})
    parameter = parameters.keys(TRANSFER, wire, **KEY)
    assert in_json(parameter, wire) == {"site": "S1", "flag": True, "level": "2", "share": "0.5", "datakeys": [KEY]}
    found = in_xml(parameter, wire)
    assert (found["site"], found["flag"], found["level"], found["share"]) == (
        text("S1"),
        text("true"),
        ("numeric", "2"),
        ("numeric", "0.5"),
    )
