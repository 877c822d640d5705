"""Workbooks to patch, and ways to look at the outcome."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, GradientFill, PatternFill, Side
from openpyxl.styles.colors import Color

from importer.workbook.patch import Mark, ResultColumn, SummarySheet, patch_workbook, strip_results

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SHEET = "資料"
COLUMNS = (
    ResultColumn(name="_result.status", label="狀態"),
    ResultColumn(name="_result.message", label="訊息", width=40),
    ResultColumn(name="_ref", label="ref", hidden=True),
)
VALUES: dict[int, tuple[str | int | None, ...]] = {
    3: ("posted", "IN-1", "t1"),
    4: ("refused", "=1+1", "t2"),
    9: ("posted", 12, None),
}
MARKS = (
    Mark(row=4, column=2, severity="error", text="數量不對"),
    Mark(row=4, column=2, severity="warning", text="and more"),
    Mark(row=5, column=1, severity="warning", text="look"),
    Mark(row=12, column=2, severity="hint", text="blank"),
)
SUMMARY = SummarySheet(title="結果 Summary", rows=[["rows", 3], ["@total", None]], bold_rows=frozenset({0}), widths=[20, 10])
STATUS = {3: "ok", 4: "error"}


def patch(source: Path, target: Path | None = None, **changes: Any) -> Path:
    """Patch with the values above, unless changed; returns the target."""
    target = target or source.with_name(f"patched-{source.name}")
    request: dict[str, Any] = {
        "sheet": SHEET,
        "name_row": 1,
        "label_row": 2,
        "columns": COLUMNS,
        "values": VALUES,
        "marks": MARKS,
        "summary": SUMMARY,
        "status_severity": STATUS,
    }
    patch_workbook(source, target, **{**request, **changes})
    return target


def strip(source: Path, name_row: int | None = 1) -> Path:
    """Strip; returns the target."""
    target = source.with_name(f"stripped-{source.name}")
    strip_results(source, target, sheet=SHEET, name_row=name_row, label_row=2)
    return target


def users_book(path: Path) -> Path:
    """A workbook as a user keeps it: looks of all kinds, own comments, two sheets, an area for printing, a filter."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(["item_no", "qty", "remark"])
    sheet.append(["料號", "數量", "備註"])
    for number in range(5):
        sheet.append([f"A{number:03d}", number * 1.5, "=not" if number == 9 else "x"])
    sheet.row_dimensions[1].hidden = True
    side = Side(style="thin", color="FF0000FF")
    looks = {
        "B4": {"fill": PatternFill("lightGrid", fgColor="FF00FF00"), "number_format": "0.000", "border": Border(left=side)},
        "A5": {"fill": GradientFill(stop=("FFFFFFFF", "FF00FFFF"))},
        "B5": {"fill": PatternFill("solid", fgColor=Color(theme=4, tint=0.4)), "font": Font(italic=True)},
    }
    for place, look in looks.items():
        for name, value in look.items():
            setattr(sheet[place], name, value)
    sheet["C3"].style = "Good"
    sheet["A5"].comment = Comment("my own words", "Wang")
    sheet["C7"].comment = Comment("another", "Wang")
    sheet.auto_filter.ref = "A2:C7"
    sheet.print_area = "A1:C7"
    other = book.create_sheet("other")
    other["A1"] = "=資料!B3"
    other.print_area = "A1:B2"
    book.save(path)
    return path


def parts(path: Path) -> dict[str, bytes]:
    """Every part of the zip."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, changes: Mapping[str, bytes | None]) -> Path:
    """Replace, add or (None) remove parts."""
    content = {**parts(path), **changes}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)
    path.write_bytes(buffer.getvalue())
    return path


def look(cell: Any) -> tuple[object, ...]:
    """Everything a user sees of a cell: value and format."""
    fill = cell.fill
    drawn = (type(fill).__name__, repr(fill)) if not isinstance(fill, PatternFill) or fill.patternType else None
    return (
        cell.value,
        cell.number_format,
        repr(cell.font),
        drawn,
        repr(cell.border),
        repr(cell.alignment),
        repr(cell.protection),
        re.sub(r"(?<=^importer\.fill\.)\d+", "n", cell.style),
    )


def looks(path: Path, sheet: str = SHEET) -> dict[str, tuple[object, ...]]:
    """Place -> look of every cell that is not blank and plain, comments included."""
    page = openpyxl.load_workbook(path)[sheet]
    plain = look(openpyxl.Workbook().active["A1"])[1:]
    found = {}
    for row in page.iter_rows():
        for cell in row:
            comment = cell.comment and (cell.comment.text, cell.comment.author)
            if cell.value is not None or comment or look(cell)[1:] != plain:
                found[cell.coordinate] = (*look(cell), comment)
    return found


def colour(cell: Any) -> str | None:
    """The colour of a solid fill."""
    return cell.fill.fgColor.rgb if cell.fill.patternType == "solid" else None


def minimal(path: Path, sheet_xml: str | bytes, *, namespace: str = "", types: str = "", styles: bool = False) -> Path:
    """The smallest workbook around one sheet's XML; without a style sheet unless asked for."""
    namespace = namespace or "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    types = types or "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/"
    spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    style_xml = (
        f'<styleSheet xmlns="{namespace}"><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/>'
        '</cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="2" fontId="0"'
        ' fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
    )
    style_link = f'<Relationship Id="s" Type="{types}/styles" Target="styles.xml"/>' if styles else ""
    content = {
        "[Content_Types].xml": f'<Types xmlns="{package}content-types"><Default Extension="rels" ContentType="application/vnd.'
        f'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName='
        f'"/xl/workbook.xml" ContentType="{spreadsheet}sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        f'"{spreadsheet}worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}relationships"><Relationship Id="rId1" Type="{types}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{types}"><sheets><sheet name="{SHEET}" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}relationships"><Relationship Id="rId1" Type="{types}/worksheet" '
        f'Target="/xl/worksheets/sheet1.xml"/>{style_link}'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": sheet_xml,
        **({"xl/styles.xml": style_xml} if styles else {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path
