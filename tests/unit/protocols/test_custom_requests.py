"""The custom channel's request as the ERP's gateway reads it (protocol §1.1 to §1.3, §1.7, §9.1)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from unit.protocols.wire import GATEWAY, NOW, SOAP, custom_fields, custom_request, soap_string

from importer.documents import complete
from importer.errors import ConfigurationError
from importer.mapping import load_mappings
from importer.models import Document, Line, Payload
from importer.protocols import custom_xml
from importer.settings import CustomXml, Profile

MAPPINGS = load_mappings()
ISSUE, TRANSFER = MAPPINGS["misc_issue"], MAPPINGS["transfer"]
HEADER = {"doc_type_no": "I01", "doc_date": date(2024, 1, 31), "project_no": "P1", "remark": "x [IMP:ABCDEFGHIJKLMNOP]"}
LINE = {"seq": Decimal(1), "item_no": "ITEM-1", "unit_no": "PCS", "qty": Decimal("5.50")}


def sent(custom: CustomXml = CustomXml(), mapping: Any = ISSUE, *, post: bool = True, **changes: Any) -> Payload:  # noqa: B008 - frozen
    profile = Profile(custom_url="http://erp.example/web/ws/r/aws_ttsrv2", custom=custom, **changes)
    return custom_xml.encode(HEADER, [LINE], mapping, profile, "secret", post=post, token="ABCDEFGHIJKLMNOP", now=NOW)


def parameters_of(payload: Payload) -> dict[str, str]:
    return custom_fields(custom_request(payload).find("RequestContent/Parameter/Record"))


def test_the_request_is_the_one_of_the_protocol() -> None:
    """Access, parameters and one record set, every value in an attribute, and nothing that the service would drop."""
    access, content = custom_request(sent())
    assert [(item.tag, item.attrib) for item in access] == [
        ("Authentication", {"user": "tiptop", "password": "secret"}),
        ("Connection", {"application": "IMPORTER", "source": "127.0.0.1"}),
        ("Organization", {"name": "PLANT1"}),
        ("Locale", {"language": "zh_tw"}),
    ]
    (record_set,) = content.findall("Document/RecordSet")
    master, detail = record_set
    assert (master.tag, master.attrib, detail.tag, detail.attrib) == ("Master", {"name": "ina_file"}, "Detail", {"name": "inb_file"})
    assert custom_fields(master.find("Record")) == {"ina01": "I01", "ina03": "2024/01/31", "ina07": "x [IMP:ABCDEFGHIJKLMNOP]"}
    assert [custom_fields(record) for record in detail] == [{"inb03": "1", "inb04": "ITEM-1", "inb09": "5.50"}]


def test_the_envelope_is_soap_1_1_with_one_string() -> None:
    """Document/literal, an empty SOAPAction, the service's own element."""
    payload = sent()
    root = ET.fromstring(payload.body)
    assert [item.tag for item in root] == [f"{SOAP}Header", f"{SOAP}Body"]
    assert soap_string(payload)[0] == "CreateMISCIssueDataRequest"
    assert payload.headers["SOAPAction"] == '""'
    assert payload.headers["Content-Type"] == "text/xml; charset=UTF-8"
    assert not soap_string(payload)[1].startswith("<?xml")


def test_post_is_asked_for_by_a_capital_y_and_not_at_all_without() -> None:
    """A document that shall only be created is never posted, whatever a mapping's or a profile's own parameters say."""
    assert parameters_of(sent()) == {"status": "Y"}
    custom = ISSUE.custom.model_copy(update={"parameters": {"status": "Y", "area": "N"}})  # type: ignore[union-attr]
    mapping = ISSUE.model_copy(update={"custom": custom})
    assert parameters_of(sent(mapping=mapping, post=False)) == {"area": "N"}
    assert parameters_of(sent(CustomXml(parameters={"status": "N"}))) == {"status": "Y"}


def test_a_sites_own_parameters_are_filled_in_and_the_mappings_win() -> None:
    """A service that wants a request number, a time or a client gets them without code."""
    custom = CustomXml(parameters={"reqno": "{token}", "reqtime": "{now}", "reqclient": "{user}@{plant}", "reqtype": "1"})
    part = ISSUE.custom.model_copy(update={"parameters": {"reqtype": "2"}})  # type: ignore[union-attr]
    found = parameters_of(sent(custom, ISSUE.model_copy(update={"custom": part})))
    assert found == {
        "status": "Y",
        "reqno": "ABCDEFGHIJKLMNOP",
        "reqtime": "2026-01-31 10:15:00",
        "reqclient": "tiptop@PLANT1",
        "reqtype": "2",
    }


def test_a_site_adds_elements_of_its_own_to_access() -> None:
    """Such as the Appdevice of the mobile gateway."""
    access = custom_request(sent(CustomXml(access={"Appdevice": {"appid": "A", "appmodule": "M"}}))).find("Access")
    assert access is not None
    assert (access[-1].tag, access[-1].attrib) == ("Appdevice", {"appid": "A", "appmodule": "M"})


@pytest.mark.parametrize(("language", "locale"), [("zh_TW", "zh_tw"), ("zh_CN", "zh_cn"), ("en", "en_us")])
def test_the_erp_answers_in_the_profiles_language(language: str, locale: str) -> None:
    """The gateway knows three names and takes any other for English."""
    found = custom_request(sent(language=language)).find("Access/Locale")
    assert found is not None
    assert found.attrib == {"language": locale}


def test_a_standard_transfer_sends_unit_factor_and_quantity_of_both_sides() -> None:
    """The ERP takes the in side as sent and computes nothing (protocol §1.7)."""
    line = Line(
        row=3,
        fields={"item_no": "A", "out_warehouse_no": "W1", "in_warehouse_no": "W2", "out_unit_no": "PCS", "out_qty": Decimal("2.5")},
    )
    document = Document(
        document_type="transfer", key="1", header={"doc_type_no": "T01"}, lines=[line], digest="", occurrence=1, token="ABCDEFGHIJKLMNOP"
    )
    header, lines = complete(document, TRANSFER, {})
    payload = custom_xml.encode(header, lines, TRANSFER, Profile(), "", post=True, now=NOW)
    found = custom_fields(custom_request(payload).find(".//Detail/Record"))
    assert {name: found[name] for name in ("imn09", "imn10", "imn20", "imn21", "imn22")} == {
        "imn09": "PCS",
        "imn10": "2.5",
        "imn20": "PCS",
        "imn21": "1",
        "imn22": "2.5",
    }
    assert custom_fields(custom_request(payload).find(".//Master/Record")) == {"imm01": "T01"}


def test_dates_follow_the_servers_format() -> None:
    """DBDATE differs from server to server."""
    found = custom_fields(custom_request(sent(CustomXml(date_format="%y/%m/%d"))).find(".//Master/Record"))
    assert found["ina03"] == "24/01/31"


def test_invoke_srv_carries_the_same_request() -> None:
    """Through the gateway's one operation the inner request is the same, under the service's name and the plant."""
    payload = sent(CustomXml(carrier="invokeSrv"))
    operation, text = soap_string(payload)
    outer = ET.fromstring(text)
    assert operation == "invokeSrvRequest"
    assert [item.tag for item in outer] == ["host", "service", "datakey", "payload"]
    assert outer[1].attrib["name"] == "CreateMISCIssueData"
    assert "<payload><![CDATA[<Request>" in text
    assert ET.tostring(custom_request(payload)) == ET.tostring(custom_request(sent()))


def test_the_middle_platforms_soap_is_a_matter_of_settings() -> None:
    """Another namespace, `invokeSrv(in0)` and a SOAPAction of its own (protocol §2.2)."""
    custom = CustomXml(carrier="invokeSrv", namespace="urn:entry", request_element="{service}", request_part="in0", soap_action="urn:go")
    payload = sent(custom)
    body = ET.fromstring(payload.body)[1]
    assert body[0].tag == "{urn:entry}invokeSrv"
    assert body[0][0].tag == "{urn:entry}in0"
    assert payload.headers["SOAPAction"] == "urn:go"
    assert GATEWAY.encode() not in payload.body


@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
def test_the_digest_is_of_the_document_alone(carrier: Any) -> None:
    """Neither password nor time stamps change what the ledger remembers; service, quantity and post do."""
    custom = CustomXml(carrier=carrier, parameters={"reqtime": "{now}"})
    profile = Profile(custom=custom)

    def digest(password: str = "a", hours: float = 0, qty: str = "5", *, post: bool = True, mapping: Any = ISSUE) -> str:
        line = {**LINE, "qty": Decimal(qty)}
        return custom_xml.encode(HEADER, [line], mapping, profile, password, post=post, now=NOW + timedelta(hours=hours)).digest

    other = ISSUE.model_copy(update={"custom": ISSUE.custom.model_copy(update={"service": "Other"})})  # type: ignore[union-attr]
    assert digest() == digest(password="b", hours=5)
    assert len({digest(), digest(qty="6"), digest(post=False), digest(mapping=other)}) == 4


def test_what_xml_cannot_carry_is_named_and_nothing_is_shown_of_it() -> None:
    """A control character is a clear error with field and place, never a broken request; a password is not repeated in it."""
    with pytest.raises(ConfigurationError, match=r"^ina07: .* character 3 .* U\+0001"):
        custom_xml.encode({"remark": "ab\x01"}, [], ISSUE, Profile(), "", post=True)
    with pytest.raises(ConfigurationError, match=r"^password: ") as caught:
        custom_xml.encode({}, [], ISSUE, Profile(), "hush\x00", post=True)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("text", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_no_character_breaks_a_request(text: str) -> None:
    """Each character that XML 1.0 forbids is refused before anything is sent."""
    with pytest.raises(ConfigurationError, match=f"U\\+{ord(text):04X}"):
        custom_xml.encode({"remark": text}, [], ISSUE, Profile(), "", post=True)


def test_a_setting_that_cannot_be_an_xml_name_is_named() -> None:
    """A blank in a service's or an element's name is a clear error."""
    with pytest.raises(ConfigurationError, match="My Device cannot be the name"):
        sent(CustomXml(access={"My Device": {}}))
    with pytest.raises(ConfigurationError, match="a b cannot be the name"):
        sent(CustomXml(access={"Device": {"a b": "1"}}))
