"""The API catalogue is complete, says what the mappings say, and its samples are messages that work."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import openpyxl
import pytest

from importer.api.catalogue import apis, write_catalogue
from importer.api.opening import open_site
from importer.catalogue.samples import Sample
from importer.catalogue.services import Service, services
from importer.mapping import Mapping as DocumentType
from importer.mapping import load_mappings
from importer.messages import LANGUAGES
from importer.models import Channel, Operation, Reply
from importer.protocols import custom_xml, standard_json, standard_xml
from importer.settings import Profile
from importer.simulator import Simulator

MAPPINGS = load_mappings()
PROFILE = Profile(name="test", erp_id="test")
ALL = {name: list(services(mapping, PROFILE, "en")) for name, mapping in MAPPINGS.items()}
EVERY = [service for found in ALL.values() for service in found]
SAMPLES = [(service, sample) for service in EVERY for sample in service.samples]


def _named(value: object) -> str:
    return value.name if isinstance(value, Service) else value.format if isinstance(value, Sample) else str(value)


def _reply(service: Service, sample: Sample, body: bytes) -> Reply:
    """The body of an answer, as a run understands it."""
    mapping = MAPPINGS[service.document_type]
    if service.channel is Channel.CUSTOM:
        return custom_xml.decode({}, body, mapping, PROFILE)
    decode = {"json": standard_json.decode, "xml": standard_xml.decode}[sample.format]
    assert mapping.standard is not None
    return decode(service.operation, {}, body, mapping.standard, PROFILE)


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every named value of a JSON message."""
    for name, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, dict | list):
            yield from _texts(item)
        else:
            yield name, str(item)
    for item in value if isinstance(value, list) else ():
        yield from _texts(item)


def _filled(sample: Sample) -> dict[str, str]:
    """Name -> value of every field that a sample request carries."""
    if sample.format == "json":
        return dict(_texts(json.loads(sample.request)))
    root = ElementTree.fromstring((sample.carried_request or sample.request).encode())
    found = {item.get("name", ""): item.get("value") or item.text or "" for item in root.iter() if item.tag.lower() == "field"}
    return {**found, **{item.get("key", ""): item.text or "" for item in root.iter("parameter")}}


def test_every_document_type_has_its_whole_set() -> None:
    """A user finds all ten operations of all four document types, and the combined services of those that have one."""
    assert len(ALL) >= 4
    for name, found in ALL.items():
        standard = [service.operation for service in found if service.channel is Channel.STANDARD]
        assert standard == [operation for operation in Operation if operation is not Operation.COMBINED], name
    combined = {service.name for service in EVERY if service.channel is Channel.CUSTOM}
    assert combined == {"CreateMISCIssueData", "CreateTransferNote", "CreateWOStockinData"}


def test_service_names_are_unique_and_as_the_vendor_lists_them() -> None:
    """No two services share a name, and the names are the vendor's."""
    names = [service.name for service in EVERY]
    assert len(set(names)) == len(names)
    assert {
        "tt.oapi.other.in.inventory.data.create",
        "tt.oapi.transfer.list.data.query.get",
        "tt.oapi.other.out.inventory.data.dispost",
    } <= set(names)


@pytest.mark.parametrize("service", EVERY, ids=_named)
def test_a_service_is_told_in_three_languages(service: Service) -> None:
    """Name and description are there in each language, and the vendor's words for category, kind and program."""
    for texts in (service.title, service.description):
        assert set(texts) == set(LANGUAGES)
        assert all(texts.values())
        assert not any("{" in text for text in texts.values())
    assert service.title["zh_TW"] != service.title["en"]
    assert (service.category, service.program) != ("", "")
    assert service.kind == ("OpenAPI" if service.channel is Channel.STANDARD else "定製型API")
    assert list(service.formats) == (["json", "xml"] if service.channel is Channel.STANDARD else ["xml"])
    assert [sample.format for sample in service.samples] == list(service.formats)


def test_both_names_of_a_program() -> None:
    """Who knows a program by the vendor's label or by its name in TIPTOP GP finds it by either."""
    programs = {name: {found[0].program, *found[0].other_programs} for name, found in ALL.items()}
    assert programs["misc_issue"] == {"aint301", "aimt301"}
    assert programs["misc_receipt"] == {"aint302", "aimt302"}
    assert programs["transfer"] == {"aimt324", "aimt720"}


@pytest.mark.parametrize("name", ALL)
def test_create_asks_for_every_field_of_the_mapping(name: str) -> None:
    """The specification of create is the mapping: each field once, under its wire name, with column, type, length and necessity."""
    mapping = MAPPINGS[name]
    create = next(service for service in ALL[name] if service.operation is Operation.CREATE)
    assert [row.field for row in create.request] == [field.standard or key for key, field in mapping.fields.items()]
    for row, (key, field) in zip(create.request, mapping.fields.items(), strict=True):
        assert (row.column, row.type, row.required, row.label) == (field.column, field.type, field.required, field.label["en"])
        assert row.part == ("header" if key in mapping.header else "line")
        assert row.length == (f"{field.digits[0]},{field.digits[1]}" if field.digits else str(field.max_length or ""))


@pytest.mark.parametrize(("service", "sample"), SAMPLES, ids=_named)
def test_a_sample_request_has_all_that_is_required(service: Service, sample: Sample) -> None:
    """Whoever copies a sample request has every required field in it, with a value."""
    filled = _filled(sample)
    required = [row for row in service.request if row.required and row.part != "envelope"]
    missing = [row.field for row in required if not filled.get(row.field)]
    assert not missing
    assert required or service.operation is Operation.QUERY


@pytest.mark.parametrize(("service", "sample"), SAMPLES, ids=_named)
def test_a_sample_answer_is_an_answer(service: Service, sample: Sample) -> None:
    """A sample answer is one that a run takes for success, about the document of the sample request."""
    reply = _reply(service, sample, sample.answer.encode())
    assert reply.accepted
    number = reply.doc_no or str(reply.rows[0]["doc_no"])
    assert number.endswith("-26010001")
    fixed = {row.field for row in service.answer if row.part == "envelope"}
    assert {"code", "description"} <= fixed


@pytest.mark.parametrize(
    ("service", "sample"), [pair for pair in SAMPLES if pair[0].operation in (Operation.CREATE, Operation.COMBINED)], ids=_named
)
def test_a_sample_request_is_understood_by_an_erp(service: Service, sample: Sample) -> None:
    """A sample request, sent as it stands here, is understood by the ERP down to its last field."""
    with Simulator() as erp:
        url = erp.custom_url if service.channel is Channel.CUSTOM else erp.standard_url
        answer = httpx.post(url, headers=dict(sample.headers), content=sample.request.encode())
        assert erp.protocol_faults() == []
    reply = _reply(service, sample, answer.content)
    assert reply.executed
    assert reply.accepted or "FG-1" in json.dumps([refusal.value for refusal in reply.refusals]), "master data of the example only"


def test_no_secret_is_shown() -> None:
    """Passwords and keys of the configured site do not get into a catalogue that is handed around."""
    profile = Profile.model_validate(
        {"password": "pass-word-1", "digi": {"headers": {"digi-user-token": "token-2"}}, "custom": {"headers": {"x": "key-3"}}}
    )
    shown = repr([list(services(mapping, profile, "en")) for mapping in MAPPINGS.values()])
    assert "digi-user-token" in shown
    assert not [secret for secret in ("pass-word-1", "token-2", "key-3") if secret in shown]


def test_names_of_a_site_are_shown() -> None:
    """What a site sets differently is in its own catalogue: plant, names of keys, date format, further parts of the key."""
    profile = Profile.model_validate(
        {"plant": "P99", "wire": {"datakeys": "dataKeys", "date_format": "%Y%m%d", "extra_key": {"docdate": "doc_date"}}}
    )
    found = {service.operation: service for service in services(MAPPINGS["misc_issue"], profile, "en")}
    approve, create = (found[operation].samples[0] for operation in (Operation.APPROVE, Operation.CREATE))
    assert json.loads(approve.request)["std_data"]["parameter"]["dataKeys"][0]["docdate"] == "20260131"
    assert "P99" in create.headers["digi-datakey"]
    assert [row.path for row in found[Operation.APPROVE].request] == ["dataKeys[].doc_type_no", "dataKeys[].doc_no", "dataKeys[].docdate"]


def test_invoke_srv_is_shown_where_the_site_uses_it() -> None:
    """A site whose gateway dispatches by invokeSrv sees the combined call in that form, down to the document inside."""
    profile = Profile.model_validate({"custom": {"carrier": "invokeSrv"}})
    combined = list(services(MAPPINGS["transfer"], profile, "en"))[-1]
    (sample,) = combined.samples
    assert "invokeSrv" in sample.request
    assert sample.carried_request.startswith("<Request>")
    assert custom_xml.decode({}, sample.answer.encode(), MAPPINGS["transfer"], profile).accepted


def test_a_new_document_type_needs_no_python() -> None:
    """A mapping that a site adds is in the catalogue with specification and samples, even where it gives no examples."""
    content = MAPPINGS["misc_receipt"].model_dump(exclude_unset=True)
    content |= {"document_type": "scrap", "title": {"en": "Scrap"}, "other_programs": []}
    for part in ("header", "lines"):
        for field in content[part].values():
            field.pop("example", None)
    content["lines"]["grade"] = {
        "label": {"en": "Grade"},
        "type": "code",
        "max_length": 1,
        "required": True,
        "choices": {"B": {"en": "second"}},
    }
    content["standard"]["operations"] = {"create": "data.create", "read": "details.data.read.get"}
    content["scenario"] = {"standard": {"created": "create"}}
    found = list(services(DocumentType.model_validate(content), PROFILE, "zh_TW"))
    assert [service.operation for service in found] == [Operation.CREATE, Operation.READ]
    filled = _filled(found[0].samples[0])
    assert filled["grade"] == "B"
    assert all(filled.get(row.field) for row in found[0].request if row.required)
    assert found[0].title["zh_TW"] == "Scrap創建"


# -- the workbook ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of all document types."""
    path = tmp_path_factory.mktemp("catalogue") / "apis.xlsx"
    site = open_site(need_erp=False)
    write_catalogue(apis(site, language="en"), site, path, language="en")
    return path


def _cells(path: Path) -> Mapping[str, list[str]]:
    return {
        sheet.title: [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        for sheet in openpyxl.load_workbook(path).worksheets
    }


def test_workbook_has_everything(book: Path) -> None:
    """One sheet lists all services, one per document type has the fields of each message and the samples."""
    cells = _cells(book)
    overview, *details = cells
    assert [service.name for service in EVERY] == [text for text in cells[overview] if text in {service.name for service in EVERY}]
    assert len(details) == len(ALL)
    for (name, found), sheet in zip(ALL.items(), details, strict=True):
        assert sheet == MAPPINGS[name].title["en"]
        for service in found:
            assert service.name in cells[sheet]
            assert {row.path for row in [*service.request, *service.answer]} <= set(cells[sheet])
            assert all(any(sample.request in text for text in cells[sheet]) for sample in service.samples)


def test_workbook_leads_from_a_service_to_its_specification(book: Path) -> None:
    """A click on a service's name in the overview goes to its heading."""
    read = openpyxl.load_workbook(book)
    overview = read.worksheets[0]
    links = {str(row[0].value): row[0].hyperlink.location for row in overview.iter_rows(min_row=2) if row[0].hyperlink}
    assert list(links) == [service.name for service in EVERY]
    for name, location in links.items():
        sheet, _, cell = location.rpartition("!")
        assert read[sheet.strip("'")][cell].value == name


def test_samples_can_be_read_and_copied(book: Path) -> None:
    """Samples stand in one cell each, monospaced and wrapped, and nothing in the workbook is a formula."""
    read = openpyxl.load_workbook(book)
    samples = [cell for sheet in read.worksheets[1:] for row in sheet.iter_rows() for cell in row if '"std_data"' in str(cell.value)]
    assert len(samples) >= 40
    assert all(cell.font.name == "Consolas" and cell.alignment.wrap_text for cell in samples)
    assert not [cell.coordinate for sheet in read.worksheets for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
