"""A vendor's message specification, whatever its shape, becomes a mapping that works; what is doubtful is said, with its cell."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
import yaml
from unit.catalogue.vendor_books import FIELDS, PREFIX, SHAPES, WITHOUT_SERVICES, write

from importer.api.catalogue import SpecReport, apis, read_spec, write_catalogue
from importer.api.opening import Site, open_site
from importer.catalogue.services import services
from importer.catalogue.vendor.reading import Specification
from importer.errors import ConfigurationError, ImporterError
from importer.mapping import Mapping as DocumentType
from importer.mapping import load_mapping, load_mappings
from importer.models import Operation
from importer.settings import Profile
from importer.workbook.grid import _with_calamine, read_grids
from importer.workbook.reader import read_workbook
from importer.workbook.template import write_template

Table = Sequence[Sequence[object]]
Read = Callable[[Table], SpecReport]


@pytest.fixture(scope="module")
def site() -> Site:
    """No configuration at all."""
    return open_site(need_erp=False)


@pytest.fixture(scope="module")
def drafts(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SpecReport]:
    """Every shape, read once."""
    folder = tmp_path_factory.mktemp("specs")
    found = {}
    for name, writer in SHAPES.items():
        path = write(folder / f"{name}.xlsx", writer)
        found[name] = read_spec(path, site, document_type="my_issue", out=folder / f"{name}.yaml")
    return found


@pytest.fixture
def read(site: Site, tmp_path: Path) -> Read:
    """Reads a specification of one sheet, given as its rows."""

    def reading(rows: Table) -> SpecReport:
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(list(row))
        path = tmp_path / "spec.xlsx"
        book.save(path)
        (tmp_path / "spec.yaml").unlink(missing_ok=True)
        return read_spec(path, site, document_type="my_issue", out=tmp_path / "spec.yaml")

    return reading


def _mapping(report: SpecReport) -> DocumentType:
    assert report.mapping is not None
    return load_mapping(report.mapping)


def _problems(found: Specification) -> dict[str, str]:
    return {f"{item.place.sheet}!{item.place.cell}": item.reason for item in found.not_understood}


def _todo_above(text: str, line: str) -> str:
    """The comment above a line of a mapping file."""
    lines = [found.strip() for found in text.splitlines()]
    above = lines[lines.index(line) - 1]
    assert above.startswith("# TODO"), above
    return above


# -- shapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_fields(drafts: dict[str, SpecReport], shape: str) -> None:
    """The same document is understood in every shape: all fields, their part, type, length, digits and necessity, and nothing else."""
    mapping = _mapping(drafts[shape])
    found = {
        name: ("header" if name in mapping.header else "lines", field.type, field.max_length, field.digits, field.required)
        for name, field in mapping.fields.items()
    }
    assert found == FIELDS
    assert list(found) == list(FIELDS)
    assert mapping.lines["seq"].generated == "line_number"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_draft_works_as_it_stands(drafts: dict[str, SpecReport], shape: str, tmp_path: Path) -> None:
    """From the draft a template can be written that the reader understands, and the catalogue shows its services."""
    mapping = _mapping(drafts[shape])
    write_template(mapping, "zh_TW", tmp_path / "template.xlsx")
    sheet = read_workbook(tmp_path / "template.xlsx", {"my_issue": mapping})
    assert list(sheet.columns) == ["doc_key", *mapping.columns]
    found = list(services(mapping, Profile(name="p", erp_id="p"), "en"))
    assert len(found) == (1 if shape == "columns_alone" else 10)
    assert all(service.samples for service in found)


@pytest.mark.parametrize("shape", SHAPES)
def test_labels_are_for_people(drafts: dict[str, SpecReport], shape: str) -> None:
    """Labels are what the vendor calls the fields, completed in other languages where they are known."""
    mapping = _mapping(drafts[shape])
    assert mapping.fields["warehouse_no"].label == {"zh_TW": "倉庫", "zh_CN": "仓库", "en": "Warehouse"}
    assert mapping.fields["warehouse_no"].lookup == "warehouses"


@pytest.mark.parametrize("shape", SHAPES)
def test_names_on_the_wire(drafts: dict[str, SpecReport], shape: str) -> None:
    """Service names come from the specification; where it has none, the usual suffixes stand there with a TODO."""
    mapping, text = _mapping(drafts[shape]), drafts[shape].specification.text
    if mapping.standard is None:
        assert mapping.custom is not None
        assert (mapping.custom.service, mapping.custom.master, mapping.custom.detail) == ("CreateMISCIssueData", "ina_file", "inb_file")
        return
    assert len(mapping.standard.operations) == 10
    if shape in WITHOUT_SERVICES:
        assert "made up" in _todo_above(text, "prefix: tt.oapi.my.issue.")
        assert "usual name" in _todo_above(text, "create: data.create")
    else:
        assert mapping.standard.service(Operation.CREATE) == PREFIX + "data.create"
        assert "made up" not in text
        assert f"TODO not in the specification; this is the usual name\n    create: {'data.create'}" not in text
    if shape != "part_column_in_simplified_chinese":  # which does not name its lists
        assert (mapping.standard.header_list, mapping.standard.line_list) == ("other_out_inventory_data", "other_out_inventory_detail_data")


@pytest.mark.parametrize("shape", SHAPES)
def test_everything_understood_is_told_with_its_cell(drafts: dict[str, SpecReport], shape: str) -> None:
    """For each field of the mapping a person finds the cell it was read from."""
    found = drafts[shape].specification
    fields = [item for item in found.understood if item.part != "service"]
    assert [item.field for item in fields] == list(FIELDS)
    book = openpyxl.load_workbook(drafts[shape].file)
    for item in fields:
        written = str(book[item.place.sheet][item.place.cell].value)
        assert item.place.value == written.strip()
        assert item.field in written or shape == "columns_alone"


def test_what_needs_a_look_is_listed(drafts: dict[str, SpecReport]) -> None:
    """Tables of other things and fields struck through are named with their cell; nothing else is complained about."""
    problems = {shape: _problems(report.specification) for shape, report in drafts.items()}
    assert problems.pop("titled_tables_in_traditional_chinese") == {"封面!A2": "no table of fields was found on this sheet"}
    assert problems.pop("excel_indents_and_nullable") == {"Create!A7": "struck through, so it was left out"}
    assert not [found for found in problems.values() if found]


def test_document_and_program(drafts: dict[str, SpecReport]) -> None:
    """The document's name and program are taken from the title block."""
    mapping = _mapping(drafts["titled_tables_in_traditional_chinese"])
    assert (mapping.title, mapping.program) == ({"zh_TW": "雜發單"}, "aint301")
    assert mapping.fields["item_no"].help == {"zh_TW": "請填料號"}
    assert mapping.fields["item_no"].column == "inb04"


def test_documents_can_be_found_again(drafts: dict[str, SpecReport]) -> None:
    """The draft proposes the remark for the token, the required header fields for the search, and control totals."""
    mapping = _mapping(drafts["dotted_paths_in_english"])
    assert mapping.token is not None
    assert (mapping.token.field, mapping.match) == ("remark", ("doc_type_no", "doc_date"))
    assert [(total.sum, total.by) for total in mapping.totals] == [("qty", ("item_no", "warehouse_no"))]
    assert "TODO" in _todo_above(drafts["dotted_paths_in_english"].specification.text, "token: {field: remark, max_length: 255}")


@pytest.mark.parametrize("name", load_mappings())
@pytest.mark.parametrize("language", ["en", "zh_TW"])
def test_our_own_catalogue_reads_back(site: Site, tmp_path: Path, name: str, language: str) -> None:
    """The catalogue's workbook is a specification that gives the mapping it was made from: fields, columns and service names."""
    mapping = site.mapping(name)
    write_catalogue(apis(site, name, language=language), site, tmp_path / "apis.xlsx", language=language)
    read = _mapping(read_spec(tmp_path / "apis.xlsx", site, document_type=name, out=tmp_path / "back.yaml"))
    assert {key: (field.type, field.max_length, field.digits, field.required, field.column) for key, field in read.fields.items()} == {
        key: (field.type, field.max_length, field.digits, field.required, field.column) for key, field in mapping.fields.items()
    }
    assert read.standard is not None
    assert mapping.standard is not None
    assert read.standard.model_dump() == mapping.standard.model_dump()
    assert (read.custom.master if read.custom else None) == (mapping.custom.master if mapping.custom else None)


# -- doubts ----------------------------------------------------------------------------------------------------------

HEADINGS = ["欄位", "名稱", "類型", "長度", "必填", "單頭/單身"]


def test_cells_that_say_nothing_clear(read: Read) -> None:
    """An unknown type, a length in words and an unclear yes are listed with their cells, and are TODOs where they matter."""
    report = read(
        [
            HEADINGS,
            ["doc_type_no", "單別", "字串", "依參數設定", "V", "單頭"],
            ["doc_date", "日期", "曆法", "", "V", "單頭"],
            ["item_no", "料號", "字串", 40, "看情況", "單身"],
            ["qty", "數量", "數值", "", "條件必填", "單身"],
        ]
    )
    text = report.specification.text
    assert _problems(report.specification) == {
        "Sheet!D2": "this length is not understood",
        "Sheet!C3": "this type is not known",
        "Sheet!E4": "neither yes nor no",
    }
    assert "Sheet!C3: 曆法" in _todo_above(text, "doc_date:")
    assert "Sheet!E4: 看情況" in _todo_above(text, "item_no:")
    assert "TODO how many digits" in text
    assert "TODO required under a condition" in text
    assert _mapping(report).header["doc_date"].type == "date", "guessed from its name"


def test_header_or_line_that_nobody_tells(read: Read) -> None:
    """A field that is neither marked nor known is taken as header, and said so; known ones find their place."""
    report = read([["Field", "Type", "Length"], ["doc_type_no", "string", 5], ["blah_code", "string", 5], ["warehouse_no", "string", 5]])
    mapping = _mapping(report)
    assert (list(mapping.header), list(mapping.lines)) == (["doc_type_no", "blah_code"], ["warehouse_no"])
    assert _problems(report.specification) == {"Sheet!A3": "header or line? Taken as a field of the header"}
    assert "Sheet!A3: blah_code" in _todo_above(report.specification.text, "blah_code:")


def test_rows_that_are_no_fields(read: Read) -> None:
    """A row without a technical name and a field that stands there twice are listed; the rest is understood."""
    date = ["doc_date", "日期", "日期", "", "V", "單頭"]
    report = read([HEADINGS, date, ["(待定)", "新欄", "字串", 5, "", "單頭"], date])
    assert _problems(report.specification) == {
        "Sheet!A3": "no field: the row has no technical name",
        "Sheet!A4": "this field stands here twice; the first one counts",
    }
    assert list(_mapping(report).fields) == ["doc_date"]


def test_tables_side_by_side(read: Read) -> None:
    """Of two tables side by side the left one is read, and the right one is pointed at."""
    report = read(
        [["Field", "Type", None, "Field", "Type"], ["doc_type_no", "char(5)", None, "doc_no", "char(20)"], ["department_no", "char(9)"]]
    )
    assert list(_mapping(report).fields) == ["doc_type_no", "department_no"]
    assert _problems(report.specification) == {"Sheet!D1": "a second table stands beside the first; put it below and read again"}


def test_the_document_number_is_no_field(read: Read) -> None:
    """Nobody fills in the number that the ERP assigns, but the mapping knows its name on the wire, and that of the slip type."""
    rows = [
        ["slip_kind", "單別", "字串", 5, "V", "單頭"],
        ["order_id", "單號", "字串", 20, "", "單頭"],
        ["item_no", "料號", "字串", 40, "V", "單身"],
    ]
    mapping = _mapping(read([HEADINGS, *rows]))
    assert list(mapping.fields) == ["slip_kind", "item_no"]
    assert mapping.standard is not None
    assert (mapping.standard.doc_no, mapping.standard.doc_type_no) == ("order_id", "slip_kind")


def test_names_that_a_mapping_cannot_have(read: Read) -> None:
    """Names in other spellings, reserved ones and one name in header and lines become lawful; the wire keeps the vendor's spelling."""
    names = [("DocTypeNo", "單頭"), ("doc_key", "單頭"), ("no", "單頭"), ("remark", "單頭"), ("remark", "單身"), ("Item-No", "單身")]
    mapping = _mapping(read([HEADINGS, *([name, f"欄{number}", "字串", 30, "", part] for number, (name, part) in enumerate(names))]))
    assert {name: field.standard for name, field in mapping.fields.items()} == {
        "doc_type_no": "DocTypeNo",
        "field_doc_key": "doc_key",
        "no": None,
        "remark": None,
        "line_remark": "remark",
        "item_no": "Item-No",
    }


def test_services_of_others_are_told(read: Read) -> None:
    """A name with an unknown ending and one of another document are listed; what stands below them is not mixed in."""
    report = read(
        [
            [PREFIX + "data.create", PREFIX + "data.approve", PREFIX + "data.frobnicate"],
            ["Field", "Type", "Length", "Part"],
            ["doc_type_no", "string", 5, "header"],
            ["item_no", "string", 40, "line"],
            ["tt.oapi.other.thing.data.create"],
            ["Field", "Type", "Length", "Part"],
            ["foreign_no", "string", 5, "header"],
        ]
    )
    assert _problems(report.specification) == {
        "Sheet!C1": "no known operation has a service name that ends like this",
        "Sheet!A5": "a service of another document",
    }
    assert list(_mapping(report).fields) == ["doc_type_no", "item_no"]


def test_comments_cannot_break_the_file(read: Read) -> None:
    """Whatever stands in a cell, the mapping file stays the mapping that was meant."""
    nasty = ["doc_type_no", "a: b # c", "x\n- y: [z", "{", "?", "單頭"]
    report = read([["Field", "Label", "Type", "Length", "Required", "Part"], nasty, ["item_no", "'\"%&*!|>@`", "string", 40, "Y", "單身"]])
    mapping = _mapping(report)
    assert mapping.header["doc_type_no"].label["en"] == "a: b # c"
    assert mapping.lines["item_no"].label["en"] == "'\"%&*!|>@`"
    assert yaml.safe_load(report.specification.text)["document_type"] == "my_issue"


# -- files -----------------------------------------------------------------------------------------------------------


def test_no_fields_no_file(read: Read) -> None:
    """A workbook without any table of fields gives no mapping, and the exit code says so."""
    report = read([["Shopping list"], ["apples", 3, "red"], ["pears", 4, "green"]])
    assert (report.exit_code, report.mapping, report.specification.text) == (1, None, "")
    assert _problems(report.specification) == {"Sheet!A2": "no table of fields was found on this sheet"}


def test_a_file_is_never_overwritten(site: Site, tmp_path: Path) -> None:
    """A mapping that somebody has begun to finish is left alone."""
    path = write(tmp_path / "spec.xlsx", SHAPES["dotted_paths_in_english"])
    out = tmp_path / "mine.yaml"
    out.write_text("mine", "utf-8")
    with pytest.raises(ConfigurationError, match="is there already"):
        read_spec(path, site, document_type="my_issue", out=out)
    assert out.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["", "My Issue", "雜發", "9lives", "../x", "Issue"])
def test_a_document_type_has_a_plain_name(site: Site, tmp_path: Path, name: str) -> None:
    """A name that could be no document type is refused before anything is read."""
    with pytest.raises(ConfigurationError, match="cannot be a document type"):
        read_spec(tmp_path / "gone.xlsx", site, document_type=name)


def test_files_that_are_no_workbooks(site: Site, tmp_path: Path) -> None:
    """A missing file is a wrong argument; a text, half a file and a foreign zip are unreadable, in a sentence."""
    with pytest.raises(ConfigurationError, match="does not exist"):
        read_spec(tmp_path / "gone.xlsx", site, document_type="x")
    whole = write(tmp_path / "whole.xlsx", SHAPES["dotted_paths_in_english"]).read_bytes()
    shutil.make_archive(str(tmp_path / "zip"), "zip", root_dir=Path(__file__).parent, base_dir="vendor_books.py")
    contents = {"text": b"Field,Type\n", "half": whole[: len(whole) // 2], "zip": (tmp_path / "zip.zip").read_bytes(), "empty": b""}
    for name, content in contents.items():
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(content)
        with pytest.raises(ImporterError) as error:
            read_spec(path, site, document_type="x")
        assert not isinstance(error.value, ConfigurationError)
        assert f"{name}.xlsx" in str(error.value)


def test_other_formats_are_read_alike(drafts: dict[str, SpecReport]) -> None:
    """The reader for .xls and .ods sees the same texts and merged cells as the one for .xlsx."""
    for name in ("part_column_in_simplified_chinese", "names_in_steps_of_columns"):
        path = drafts[name].file
        for first, second in zip(read_grids(path), _with_calamine(path), strict=True):
            assert {place: cell.text for place, cell in first.cells.items()} == {place: cell.text for place, cell in second.cells.items()}
            assert dict(first.origins) == dict(second.origins)


def test_hidden_sheets_are_left_out(site: Site, tmp_path: Path) -> None:
    """What the vendor hides is not meant for the reader."""
    path = write(tmp_path / "spec.xlsx", SHAPES["sheet_per_operation"])
    book = openpyxl.load_workbook(path)
    book["清單"].sheet_state = "hidden"
    book.save(path)
    assert "清單" not in [grid.sheet for grid in read_grids(path)]
