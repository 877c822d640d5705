"""A workbook with everything that people put into one, so that nothing of it gets lost."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

import xlsxwriter
from unit.workbook_patch.books import parts, rewrite

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "資料"
ROWS = range(3, 11)  # worksheet rows with data
LABELS = ("單據鍵值", "料號", "數量", "兩倍", "備註")
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
THREADED = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
OFFICE = "http://schemas.microsoft.com/office/2017/10/relationships"
TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def rich_book(path: Path) -> Path:
    """Data in rows 3 to 10, a key on every second one; looks, rules, names, a table, pictures, charts, threads, a pivot cache and so on."""
    book = xlsxwriter.Workbook(str(path))
    sheet, other = book.add_worksheet(SHEET), book.add_worksheet("other")
    bold, date = book.add_format({"bold": True, "bg_color": "#FFEECC"}), book.add_format({"num_format": "yyyy-mm-dd", "italic": True})
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.write_row(0, 0, ("doc_key", "item_no", "qty", "x_double", "x_note"))
    for number in ROWS:
        if number % 2:
            sheet.write_string(number - 1, 0, f"K{number // 2}", bold)
        else:
            sheet.write_blank(number - 1, 0, None, bold)
        sheet.write_string(number - 1, 1, f"ITEM-{number:04d}")
        sheet.write_number(number - 1, 2, number + 0.25)
        sheet.write_formula(number - 1, 3, f"=C{number}*2", None, number * 2 + 0.5)
        sheet.write_datetime(number - 1, 4, datetime(2026, 1, number, tzinfo=None), date)
    sheet.add_table("A2:E10", {"name": "Lines", "columns": [{"header": label} for label in LABELS], "style": "Table Style Light 9"})
    sheet.set_column("B:B", 23.5)
    sheet.set_row(6, 33)
    sheet.freeze_panes(2, 1, 8, 1)
    sheet.write_comment("B5", "look at five", {"author": "Wang"})
    sheet.write_comment("B8", "look at eight", {"author": "Wang"})
    sheet.write_comment("C9", "[Threaded comment]\n\nComment: a thread", {"author": "tc={11111111-2222-3333-4444-555555555555}"})
    sheet.data_validation("C3:C10", {"validate": "decimal", "criteria": ">", "value": 0, "input_message": "how many"})
    sheet.data_validation("B6:B7", {"validate": "custom", "value": "=LEN(B6)<41"})
    sheet.data_validation("A4", {"validate": "list", "source": "=Codes"})
    sheet.conditional_format("C3:C10", {"type": "formula", "criteria": "=$C3>8", "format": bold})
    sheet.conditional_format("C7:C10", {"type": "formula", "criteria": "=$C7>$C$9", "format": bold})
    sheet.conditional_format("D3:D10", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("E4", {"type": "no_blanks", "format": bold})
    sheet.add_sparkline("G8", {"range": f"{SHEET}!C8:D8"})
    sheet.write_url("F7", "https://example.com/seven", string="seven")
    sheet.write_url("F8", "https://example.com/eight", string="eight")
    sheet.insert_image("H9", "pixel.png", {"image_data": io.BytesIO(PIXEL), "x_scale": 30, "y_scale": 30})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"={SHEET}!$C$3:$C$10"})
    sheet.insert_chart("J2", chart)
    sheet.print_area("A1:E10")
    sheet.repeat_rows(1)
    sheet.set_landscape()
    sheet.set_header("&CMonthly")
    sheet.set_h_pagebreaks([6, 9])
    other.write("A1", "codes")
    other.write_column("B1", ["ITEM-0003", "ITEM-0004"])
    other.write_formula("C1", f"=SUM({SHEET}!C3:C10)", None, 54)
    book.define_name("Codes", "=other!$B$1:$B$2")
    book.define_name("Five", f"={SHEET}!$B$5:$C$6")
    book.set_custom_property("Department", "D10")
    book.close()
    return rewrite(path, _further_parts(path))


def _further_parts(path: Path) -> dict[str, bytes | None]:
    """What xlsxwriter cannot make: a thread, a pivot cache, custom XML, printer settings, an order of calculation, macros."""
    before = parts(path)
    overrides = {
        "xl/threadedComments/threadedComment1.xml": "application/vnd.ms-excel.threadedcomments+xml",
        "xl/persons/person.xml": "application/vnd.ms-excel.person+xml",
        "xl/pivotCache/pivotCacheDefinition1.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml",
        "xl/calcChain.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
        "customXml/itemProps1.xml": "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    }
    types = "".join(f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in overrides.items())
    types += '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"/>'
    workbook_links = (
        f'<Relationship Id="rIdp" Type="{OFFICE}/person" Target="persons/person.xml"/>'
        f'<Relationship Id="rIdv" Type="{TRANSITIONAL}/pivotCacheDefinition" Target="pivotCache/pivotCacheDefinition1.xml"/>'
        f'<Relationship Id="rIdc" Type="{TRANSITIONAL}/calcChain" Target="calcChain.xml"/>'
        f'<Relationship Id="rIdx" Type="{TRANSITIONAL}/customXml" Target="../customXml/item1.xml"/>'
    )
    sheet_links = (
        f'<Relationship Id="rIdt" Type="{OFFICE}/threadedComment" Target="../threadedComments/threadedComment1.xml"/>'
        f'<Relationship Id="rIdq" Type="{TRANSITIONAL}/printerSettings" Target="../printerSettings/printerSettings1.bin"/>'
    )
    fields = (
        '<cacheField name="qty" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" containsNumber="1"/></cacheField>'
    )
    person = "{99999999-2222-3333-4444-555555555555}"
    return {
        "[Content_Types].xml": before["[Content_Types].xml"].replace(b"</Types>", types.encode() + b"</Types>"),
        "xl/_rels/workbook.xml.rels": _with(before["xl/_rels/workbook.xml.rels"], "</Relationships>", workbook_links),
        "xl/worksheets/_rels/sheet1.xml.rels": _with(before["xl/worksheets/_rels/sheet1.xml.rels"], "</Relationships>", sheet_links),
        "xl/workbook.xml": _with(
            before["xl/workbook.xml"], "</workbook>", '<pivotCaches><pivotCache cacheId="1" r:id="rIdv"/></pivotCaches>'
        ),
        "xl/persons/person.xml": f'<personList xmlns="{THREADED}"><person displayName="Wang" id="{person}" userId="w" providerId="None"/>'
        "</personList>".encode(),
        "xl/threadedComments/threadedComment1.xml": (
            f'<ThreadedComments xmlns="{THREADED}"><threadedComment ref="C9" dT="2026-01-31T10:00:00.00" personId="{person}" '
            'id="{11111111-2222-3333-4444-555555555555}"><text>a thread</text></threadedComment></ThreadedComments>'
        ).encode(),
        "xl/pivotCache/pivotCacheDefinition1.xml": (
            f'<pivotCacheDefinition xmlns="{MAIN}" saveData="0" refreshOnLoad="1" recordCount="0"><cacheSource type="worksheet">'
            f'<worksheetSource ref="C2:C10" sheet="{SHEET}"/></cacheSource><cacheFields count="1">{fields}</cacheFields>'
            "</pivotCacheDefinition>"
        ).encode(),
        "xl/calcChain.xml": (f'<calcChain xmlns="{MAIN}">' + "".join(f'<c r="D{n}" i="1"/>' for n in ROWS) + "</calcChain>").encode(),
        "customXml/item1.xml": b'<form xmlns="urn:site:form"> <kept/> </form>\r\n',
        "customXml/itemProps1.xml": b'<d:datastoreItem d:itemID="{0}" xmlns:d="http://schemas.openxmlformats.org/officeDocument/2006/customXml"/>',
        "xl/printerSettings/printerSettings1.bin": bytes(range(200)),
    }


def _with(xml: bytes, before: str, addition: str) -> bytes:
    return xml.replace(before.encode(), addition.encode() + before.encode())


def with_macros(path: Path) -> Path:
    """The same as .xlsm: its main part has another type, and there is a project."""
    target = path.with_suffix(".xlsm")
    target.write_bytes(path.read_bytes())
    before = parts(path)
    main = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    types = before["[Content_Types].xml"].replace(main, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    project = b'<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    link = '<Relationship Id="rIdm" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/>'
    return rewrite(
        target,
        {
            "[Content_Types].xml": types.replace(b"</Types>", project + b"</Types>"),
            "xl/_rels/workbook.xml.rels": _with(before["xl/_rels/workbook.xml.rels"], "</Relationships>", link),
            "xl/vbaProject.bin": zipfile.ZIP_DEFLATED.to_bytes(4, "little") * 500,
        },
    )
