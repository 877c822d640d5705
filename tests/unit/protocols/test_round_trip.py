"""Whatever a cell may hold arrives in the ERP as it was typed, in every format and style."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from unit.protocols.values import documents
from unit.protocols.wire import NOW, as_text, custom_fields, custom_request, in_json, in_xml, json_parameter, soap_string, xml_parameter

from importer.mapping import load_mappings
from importer.protocols import custom_xml, parameters, standard_json, standard_xml
from importer.settings import CustomXml, Profile

MAPPINGS = load_mappings()
STANDARD = [name for name, mapping in MAPPINGS.items() if mapping.standard]
CUSTOM = [name for name, mapping in MAPPINGS.items() if mapping.custom]
URL = "http://erp.example/"
STYLES = st.sampled_from(["header", "envelope"])
CARRIERS = st.sampled_from(["soap", "invokeSrv"])


def one_document(parameter: dict[str, Any], header_list: str, line_list: str) -> tuple[dict[str, Any], list[Any]]:
    (document,) = parameter[header_list]
    lines = document.pop(line_list)
    return document, lines


@settings(max_examples=80, deadline=None)
@given(data=st.data(), name=st.sampled_from(STANDARD), style=STYLES)
def test_a_document_travels_unchanged_in_json(data: st.DataObject, name: str, style: Any) -> None:
    """Text arrives to the character, numbers with the digits typed, dates as dates, in JSON of both styles."""
    mapping = MAPPINGS[name]
    part, names = parameters.standard_part(mapping), parameters.wire_names(mapping)
    header, lines = data.draw(documents(mapping))
    payload = standard_json.encode(parameters.create(mapping, header, lines), "s", Profile(standard_url=URL, style=style), NOW)
    got = one_document(json_parameter(payload), part.header_list, part.line_list)
    wanted = [{names[field]: value for field, value in part.items()} for part in (header, *lines)]
    assert got == (in_json(wanted[0]), [in_json(line) for line in wanted[1:]])


@settings(max_examples=80, deadline=None)
@given(data=st.data(), name=st.sampled_from(STANDARD), style=STYLES)
def test_a_document_travels_unchanged_in_xml(data: st.DataObject, name: str, style: Any) -> None:
    """Text arrives to the character, numbers with the digits typed, dates as dates, each with its type, in XML of both styles."""
    mapping = MAPPINGS[name]
    part, names = parameters.standard_part(mapping), parameters.wire_names(mapping)
    header, lines = data.draw(documents(mapping))
    payload = standard_xml.encode(parameters.create(mapping, header, lines), "s", Profile(standard_url=URL, style=style), NOW)
    got = one_document(xml_parameter(payload), part.header_list, part.line_list)
    wanted = [{names[field]: value for field, value in part.items()} for part in (header, *lines)]
    assert got == (in_xml(wanted[0]), [in_xml(line) for line in wanted[1:]])


@settings(max_examples=80, deadline=None)
@given(data=st.data(), name=st.sampled_from(CUSTOM), carrier=CARRIERS)
def test_a_document_travels_unchanged_in_custom_xml(data: st.DataObject, name: str, carrier: Any) -> None:
    """Every value that the service reads arrives under its column, through three layers of XML."""
    mapping = MAPPINGS[name]
    part = custom_xml.custom_part(mapping)
    header, lines = data.draw(documents(mapping))
    profile = Profile(custom_url=URL, custom=CustomXml(carrier=carrier))
    payload = custom_xml.encode(header, lines, mapping, profile, "secret", post=True, now=NOW)
    record_set = custom_request(payload).find("RequestContent/Document/RecordSet")
    assert record_set is not None
    records = [
        record_set.find(f"Master[@name='{part.master}']/Record"),
        *record_set.findall(f"Detail[@name='{part.detail}']/Record"),
    ]
    wanted = [
        {
            str(mapping.fields[field].column): as_text(value, "%Y/%m/%d")
            for field, value in values.items()
            if field not in part.unread and mapping.fields[field].column
        }
        for values in (header, *lines)
    ]
    assert [custom_fields(record) for record in records] == wanted


@settings(max_examples=50, deadline=None)
@given(password=st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=30))
def test_a_password_may_be_any_text(password: str) -> None:
    """No password is too awkward to log in with, and none shows in the digest that the ledger keeps."""
    mapping, profile = MAPPINGS["misc_issue"], Profile(custom_url=URL)
    payload = custom_xml.encode({}, [{}], mapping, profile, password, post=True, now=NOW)
    authentication = custom_request(payload).find("Access/Authentication")
    assert authentication is not None
    assert authentication.attrib == {"user": "tiptop", "password": password}
    assert payload.digest == custom_xml.encode({}, [{}], mapping, profile, "other", post=True, now=NOW).digest
    assert soap_string(payload)[0] == "CreateMISCIssueDataRequest"
