"""Message specifications as vendors write them: one document (雜發, shortened) in shapes that have nothing in common but the fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

PREFIX: Final = "tt.oapi.other.out.inventory."


@dataclass(frozen=True, slots=True)
class Spec:
    """One field as the vendor means it."""

    name: str
    column: str
    kind: str  # string, date, number
    length: str
    required: bool
    zh_tw: str
    zh_cn: str
    en: str


HEADER: Final = (
    Spec("doc_type_no", "ina01", "string", "5", True, "單別", "单别", "Slip type"),
    Spec("doc_date", "ina03", "date", "", True, "單據日期", "单据日期", "Document date"),
    Spec("department_no", "ina04", "string", "10", False, "部門", "部门", "Department"),
    Spec("remark", "ina07", "string", "255", False, "備註", "备注", "Remark"),
)
LINES: Final = (
    Spec("seq", "inb03", "number", "5", True, "項次", "项次", "Line"),
    Spec("item_no", "inb04", "string", "40", True, "料號", "料号", "Item"),
    Spec("warehouse_no", "inb05", "string", "10", True, "倉庫", "仓库", "Warehouse"),
    Spec("qty", "inb09", "number", "15,3", True, "數量", "数量", "Quantity"),
    Spec("reason_no", "inb15", "string", "10", False, "理由碼", "理由码", "Reason code"),
)
FIELDS: Final = {  # technical name -> part, type, length, digits, required
    "doc_type_no": ("header", "code", 5, None, True),
    "doc_date": ("header", "date", None, None, True),
    "department_no": ("header", "code", 10, None, False),
    "remark": ("header", "text", 255, None, False),
    "seq": ("lines", "integer", None, None, False),
    "item_no": ("lines", "code", 40, None, True),
    "warehouse_no": ("lines", "code", 10, None, True),
    "qty": ("lines", "decimal", None, (15, 3), True),
    "reason_no": ("lines", "code", 10, None, False),
}

Writer = Callable[[Workbook], None]


def write(path: Path, writer: Writer) -> Path:
    """The workbook of a shape."""
    book = Workbook()
    book.remove(book.worksheets[0])
    writer(book)
    book.save(path)
    return path


def _append(sheet: Worksheet, *rows: Sequence[object]) -> None:
    for row in rows:
        sheet.append(list(row))


def titled_tables_in_traditional_chinese(book: Workbook) -> None:
    """A cover, a title block, then a table for 單頭 and one for 單身, each below its name."""
    _append(book.create_sheet("封面"), ["鼎捷 OpenAPI 規格書"], ["版本", "日期", "作者", "說明"], ["1.0", "2025/01/01", "某人", "初版"])
    sheet = book.create_sheet("規格")
    _append(sheet, ["雜發單 API 規格"], ["單據名稱", "雜發單"], ["作業代號", "aint301"], ["服務名稱：" + PREFIX + "data.create"], [])
    kinds = {"string": "字串", "date": "日期", "number": "數值"}
    for title, fields in (("單頭 other_out_inventory_data", HEADER), ("單身 other_out_inventory_detail_data", LINES)):
        _append(sheet, [title], ["項次", "API欄位名稱", "中文名稱", "TIPTOP欄位", "型態", "長度", "必輸", "說明"])
        for number, field in enumerate(fields, 1):
            mark = "V" if field.required else ""
            _append(sheet, [number, field.name, field.zh_tw, field.column, kinds[field.kind], field.length, mark, f"請填{field.zh_tw}"])
        _append(sheet, [])
    _append(sheet, ["備註：本文件僅供參考，單身至少一筆。"])


def dotted_paths_in_english(book: Workbook) -> None:
    """One table; the path says where a field stands, the type has the length."""
    sheet = book.create_sheet("Message")
    _append(sheet, [None, "Service", PREFIX + "data.create"], [], [None, "Parameter", "Data Type", "M/O", "Description"])
    kinds = {"string": "varchar({})", "date": "date", "number": "numeric({})"}
    header = "std_data.parameter.other_out_inventory_data[]"
    for prefix, fields in ((header, HEADER), (header + ".other_out_inventory_detail_data[]", LINES)):
        for field in fields:
            row = [None, f"{prefix}.{field.name}", kinds[field.kind].format(field.length), "M" if field.required else "O", field.en]
            _append(sheet, row)


def part_column_in_simplified_chinese(book: Workbook) -> None:
    """A first column 表头/表体, merged over its fields; 是 and 否; headings not on the first line."""
    sheet = book.create_sheet("杂发单创建")
    _append(
        sheet,
        ["接口说明"],
        ["接口名称", PREFIX + "data.create"],
        ["请求参数"],
        ["层级", "参数", "字段名称", "类型", "长度", "是否必填", "备注"],
    )
    kinds = {"string": "字符串", "date": "日期", "number": "数字"}
    row = 5
    for part, fields in (("表头", HEADER), ("表体", LINES)):
        for number, field in enumerate(fields):
            values = [
                part if not number else None,
                field.name,
                field.zh_cn,
                kinds[field.kind],
                field.length,
                "是" if field.required else "否",
            ]
            _append(sheet, values)
        sheet.merge_cells(start_row=row, end_row=row + len(fields) - 1, start_column=1, end_column=1)
        row += len(fields)
    _append(sheet, ["返回参数"], ["层级", "参数", "字段名称", "类型", "长度", "是否必填", "备注"])
    _append(sheet, ["表头", "doc_no", "单号", "字符串", "20", "是"], ["表头", "message", "讯息", "字符串", "200", "否"])


def tree_marks_in_chinese(book: Workbook) -> None:
    """Names set in by blanks and tree marks below the lists that hold them; sample JSON at the end."""
    sheet = book.create_sheet("新增")
    _append(sheet, [PREFIX + "data.create"], [], ["欄位", "型別", "長度", "必填", "欄位說明"])
    kinds = {"string": "String", "date": "Date", "number": "Decimal"}
    _append(sheet, ["std_data", "object"], ["  parameter", "object"], ["    other_out_inventory_data", "array", "", "Y", "雜發單"])
    for indent, mark, fields in ((6, "├─ ", HEADER), (10, "└─ ", LINES)):
        if fields is LINES:
            _append(sheet, ["      ├─ other_out_inventory_detail_data", "array", "", "Y", "明細"])
        for field in fields:
            kind = "Int" if field.name == "seq" else kinds[field.kind]
            _append(sheet, [" " * indent + mark + field.name, kind, field.length, "Y" if field.required else "N", field.zh_tw])
    _append(sheet, [], ["範例"], ["{"], ['  "other_out_inventory_detail_data": ['], ["}"])


def names_in_steps_of_columns(book: Workbook) -> None:
    """The names of lists and fields in columns side by side below one merged heading; two rows of headings, in both languages."""
    sheet = book.create_sheet("API")
    _append(sheet, ["Service name", None, None, PREFIX + "data.create"], ["請求 Request"])
    _append(
        sheet,
        ["參數名稱", None, None, "資料型態", "限制", None, "描述"],
        ["Parameter", None, None, "Type", "Length", "Required", "Description"],
    )
    sheet.merge_cells("A3:C3")
    sheet.merge_cells("E3:F3")
    kinds = {"string": "C", "date": "D", "number": "N"}
    _append(sheet, ["other_out_inventory_data", None, None, "List"])
    for position, fields in ((1, HEADER), (2, LINES)):
        if fields is LINES:
            _append(sheet, [None, "other_out_inventory_detail_data", None, "List", None, None, "明細資料"])
        for field in fields:
            row: list[object] = [None] * position + [field.name] + [None] * (2 - position)
            _append(sheet, [*row, kinds[field.kind], field.length, "Yes" if field.required else "No", field.zh_tw])


def sheet_per_operation(book: Workbook) -> None:
    """A list of services, and a sheet for each with request and answer; only what create asks for is the document."""
    overview = book.create_sheet("清單")
    suffixes = {"創建": "data.create", "查詢列表": "list.data.query.get", "審核": "data.approve", "過帳": "data.post"}
    _append(overview, ["功能", "服務"], *([title, PREFIX + suffix] for title, suffix in suffixes.items()))
    headings = ["欄位代號", "欄位名稱", "類型", "長度", "必填", "備註"]
    kinds = {"string": "varchar2", "date": "date", "number": "number"}
    for title, suffix in suffixes.items():
        sheet = book.create_sheet(title)
        _append(sheet, [PREFIX + suffix], [], ["輸入參數"])
        if title == "創建":
            for part, fields in (("單頭(other_out_inventory_data)", HEADER), ("單身(other_out_inventory_detail_data)", LINES)):
                rows = ([field.name, field.zh_tw, kinds[field.kind], field.length, "●" if field.required else ""] for field in fields)
                _append(sheet, [part], headings, *rows)
        else:
            _append(sheet, headings, ["doc_type_no", "單別", "varchar2", "5", "●"], ["doc_no", "單號", "varchar2", "20", "●"])
        _append(
            sheet, [], ["輸出參數"], headings, ["doc_no", "單號", "varchar2", "20", ""], ["approve_status", "審核碼", "varchar2", "1", ""]
        )


def excel_indents_and_nullable(book: Workbook) -> None:
    """Set in by Excel's own indent; a column that says when a field may be blank; a field struck through."""
    sheet = book.create_sheet("Create")
    _append(sheet, ["Field", "DB Column", "Type", "Max Length", "Nullable", "Comment"])
    kinds = {"string": "NVARCHAR", "date": "DATE", "number": "DECIMAL"}
    rows: list[tuple[int, list[object]]] = [(0, ["other_out_inventory_data", "", "object"])]
    rows += [(1, _nullable(field, kinds)) for field in HEADER]
    rows += [(1, ["old_field", "ina99", "NVARCHAR", 10, "N", "gone"]), (1, ["other_out_inventory_detail_data", "", "array"])]
    rows += [(2, _nullable(field, kinds)) for field in LINES]
    for number, (indent, values) in enumerate(rows, 2):
        _append(sheet, values)
        sheet.cell(number, 1).alignment = Alignment(indent=indent)
        sheet.cell(number, 1).font = Font(strike=values[0] == "old_field")


def _nullable(field: Spec, kinds: dict[str, str]) -> list[object]:
    length: object = field.length.replace(",", ".") if "," in field.length else int(field.length) if field.length else None
    return [field.name, f"{field.column[:3]}_file.{field.column}", kinds[field.kind], length, "N" if field.required else "Y", field.en]


def columns_alone(book: Workbook) -> None:
    """Nothing but TIPTOP columns, as the specifications of combined services have."""
    sheet = book.create_sheet("CreateMISCIssueData")
    _append(sheet, ["CreateMISCIssueData 雜發單新增並過帳"], ["欄位", "名稱", "型態", "長度", "必要", "說明"])
    kinds = {"string": "varchar2", "date": "date", "number": "number"}
    for field in (*HEADER, *LINES):
        _append(sheet, [field.column, field.zh_tw, kinds[field.kind], field.length, "Y" if field.required else ""])


def flat_list_with_lists_between(book: Workbook) -> None:
    """No name is set in: a list holds whatever stands below it. The required fields carry a star, the label stands in the same cell."""
    sheet = book.create_sheet("请求报文")
    _append(sheet, ["字段", "类型(长度)", "示例"])
    kinds = {"string": "string({})", "date": "date", "number": "number({})"}
    for name, fields in (("other_out_inventory_data", HEADER), ("other_out_inventory_detail_data", LINES)):
        _append(sheet, [name, "数组"])
        for field in fields:
            _append(sheet, [f"{field.name}{'*' if field.required else ''} {field.zh_cn}", kinds[field.kind].format(field.length), ""])


def sections_within_one_table(book: Workbook) -> None:
    """One row of headings for everything; rows across the table say where header, lines and answer begin."""
    sheet = book.create_sheet("規格")
    _append(sheet, ["服務", None, PREFIX + "data.create"], ["輸入欄位"], ["欄位", "欄位名稱", "型態/長度", "必填", "範例", "備註"])
    kinds = {"string": "C({})", "date": "D", "number": "N({})"}
    for title, fields in (("單頭資料 other_out_inventory_data", HEADER), ("單身資料 other_out_inventory_detail_data", LINES)):
        _append(sheet, [title])
        sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=6)
        for field in fields:
            _append(sheet, [field.name, field.zh_tw, kinds[field.kind].format(field.length), "必填" if field.required else "選填"])
    _append(sheet, ["輸出欄位"], ["doc_no", "單號", "C(20)"], ["status_code", "狀態", "C(1)"])


def levels_by_number(book: Workbook) -> None:
    """A column counts how deep a field stands; another one says request or answer."""
    sheet = book.create_sheet("Interface")
    _append(sheet, ["API: " + PREFIX + "data.create"], ["No.", "I/O", "Level", "Element", "Caption", "Format", "Size", "Req."])
    kinds = {"string": "char", "date": "datetime", "number": "num"}
    rows: list[list[object]] = [["In", 1, "other_out_inventory_data", "Document", "List"]]
    rows += [["In", 2, *_element(field, kinds)] for field in HEADER]
    rows += [["In", 2, "other_out_inventory_detail_data", "Rows", "List"]]
    rows += [["In", 3, *_element(field, kinds)] for field in LINES]
    rows += [["Out", 1, "doc_no", "Number", "char", 20, "Y"]]
    _append(sheet, *([number, *row] for number, row in enumerate(rows, 1)))


def _element(field: Spec, kinds: dict[str, str]) -> list[object]:
    length: object = field.length if "," in field.length else float(field.length) if field.length else None
    return [field.name, field.en, kinds[field.kind], length, "Y" if field.required else "N"]


SHAPES: Final[dict[str, Writer]] = {
    shape.__name__: shape
    for shape in (
        titled_tables_in_traditional_chinese,
        dotted_paths_in_english,
        part_column_in_simplified_chinese,
        tree_marks_in_chinese,
        names_in_steps_of_columns,
        sheet_per_operation,
        excel_indents_and_nullable,
        columns_alone,
        flat_list_with_lists_between,
        sections_within_one_table,
        levels_by_number,
    )
}
WITHOUT_SERVICES: Final = ("excel_indents_and_nullable", "columns_alone", "flat_list_with_lists_between")
