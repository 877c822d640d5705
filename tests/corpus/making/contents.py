"""Cells that look like one thing and are another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import openpyxl
from corpus.making.base import FIRST, LABELS, ROWS, SECOND, TEXTS, THIRD, Make, openpyxl_book, with_cell
from corpus.making.raw import HEADED, PLAIN, cell, package, sheet_rows, styles
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table


def value(name: str, content: object, row: int = 0) -> Make:
    """One cell with another content."""
    return openpyxl_book(with_cell(name, content, row))


def formatted(place: str, number: object, number_format: str) -> Make:
    """One cell with a number and its format."""

    def change(book: openpyxl.Workbook) -> None:
        book.active[place] = number
        book.active[place].number_format = number_format

    return openpyxl_book(change=change)


def changed(change: Callable[[Any], object]) -> Make:
    """Something done to the data sheet."""
    return openpyxl_book(change=lambda book: change(book.active))


def second_cell(xml: str, **options: Any) -> Make:
    """The item of row 2 is this XML instead."""
    return package(PLAIN.replace(cell("D2", "ITEM-1"), xml), **options)


def serial(number: float, **options: Any) -> Make:
    """The date of row 2 as a number in a date format of this workbook."""
    return package(
        PLAIN.replace(cell("C2", "2026-01-31"), f'<c r="C2" s="1"><v>{number}</v></c>'),
        parts={"xl/styles.xml": styles([options.pop("code", "yyyy-mm-dd")])},
        **options,
    )


def all_items(*items: object) -> Make:
    """The item column of the three rows."""
    rows = [list(row) for row in ROWS]
    for row, item in zip(rows, items, strict=True):
        row[3] = item
    return openpyxl_book(rows)


BOOKS: Final[dict[str, Make]] = {
    # -- codes
    "code_leading_zeros.xlsx": all_items("00123", "0", "000"),
    "code_mixed_text_and_numbers.xlsx": all_items("00123", 123, "A-1"),
    "code_1E10_text.xlsx": all_items("1E10", "2E5", "1e-3"),
    "code_1E10_number.xlsx": formatted("D2", 1e10, "0.00E+00"),
    "code_scientific_text.xlsx": value("item_no", "4.71E+12"),
    "code_16_digits_text.xlsx": value("item_no", "1234567890123456"),
    "code_16_digits_number.xlsx": value("item_no", 1234567890123456),
    "code_15_digits_number.xlsx": value("item_no", 123456789012345),
    "code_13_digits_number.xlsx": value("item_no", 4710000000001),
    "code_123_0_text.xlsx": value("item_no", "123.0"),
    "code_123_0_number.xlsx": package(PLAIN.replace(cell("D2", "ITEM-1"), '<c r="D2"><v>123.0</v></c>')),
    "code_with_decimals.xlsx": value("item_no", 123.5),
    "code_negative.xlsx": value("item_no", -7),
    "code_turned_into_date.xlsx": value("item_no", date(2026, 3, 4)),
    "code_turned_into_time.xlsx": value("item_no", time(10, 30)),
    "code_turned_into_duration.xlsx": value("item_no", timedelta(hours=30)),
    "code_turned_into_boolean.xlsx": value("item_no", True),
    "code_format_00000.xlsx": formatted("D2", 123, "00000"),
    "code_format_00000_full.xlsx": formatted("D2", 12345, "00000"),
    "code_format_prefix.xlsx": formatted("D2", 7, '"ITEM-"000'),
    "code_format_text_on_number.xlsx": formatted("D2", 123, "@"),
    "code_format_hyphens.xlsx": formatted("D2", 123456, "000-0000"),
    "code_format_percent.xlsx": formatted("D2", 5, "0%"),
    "code_full_width.xlsx": value("item_no", "ＩＴＥＭ－１"),
    "code_full_width_blank_inside.xlsx": value("item_no", "ITEM\u30001"),
    "code_blanks_around.xlsx": all_items(" ITEM-1", "ITEM-2\u00a0", "\u3000ITEM-3\u3000"),
    "code_zero_width.xlsx": value("item_no", "\ufeffITEM-1\u200b"),
    "code_line_break.xlsx": value("item_no", "ITEM\n1"),
    "code_tab.xlsx": value("item_no", "ITEM\t1"),
    "code_too_long.xlsx": value("item_no", "X" * 41),
    "code_apostrophe.xlsx": changed(lambda sheet: setattr(sheet["D2"], "quotePrefix", True)),
    "code_formula_text.xlsx": second_cell('<c r="D2" t="str"><f>"IT"&amp;"EM-1"</f><v>ITEM-1</v></c>'),
    "code_bidi_mark.xlsx": value("item_no", "ITEM-1\u202e"),
    "code_emoji.xlsx": value("item_no", "ITEM-😀"),
    # -- numbers
    "number_as_text.xlsx": value("qty", "5"),
    "number_thousands.xlsx": value("qty", "1,234.5"),
    "number_thousands_wrong.xlsx": value("qty", "1,23"),
    "number_european.xlsx": value("qty", "1.234,5"),
    "number_full_width.xlsx": value("qty", "１２．５"),
    "number_nbsp_around.xlsx": value("qty", "\u00a05\u3000"),
    "number_nbsp_thousands.xlsx": value("qty", "1\u00a0234"),
    "number_with_unit.xlsx": value("qty", "5 PCS"),
    "number_minus_behind.xlsx": value("qty", "5-"),
    "number_in_brackets.xlsx": value("qty", "(5)"),
    "number_unicode_minus.xlsx": value("qty", "−5"),
    "number_percent_text.xlsx": value("qty", "50%"),
    "number_percent_format.xlsx": formatted("F2", 5, "0%"),
    "number_in_thousands_format.xlsx": formatted("F2", 5000, "#,##0,"),
    "number_binary_noise.xlsx": value("qty", 0.1 + 0.2),
    "number_17_digits.xlsx": package(PLAIN.replace("<v>2.5</v>", "<v>2.5000000000000004</v>")),
    "number_exponent_in_xml.xlsx": package(PLAIN.replace("<v>2.5</v>", "<v>2.5E2</v>")),
    "number_too_many_decimals.xlsx": value("qty", 1.23456),
    "number_too_large.xlsx": value("qty", 1e14),
    "number_beyond_precision.xlsx": value("qty", 1234567890123456789),
    "number_zero.xlsx": value("qty", 0),
    "number_negative.xlsx": value("qty", -1),
    "number_text_word.xlsx": value("qty", "five"),
    "number_boolean.xlsx": value("qty", True),
    "number_date.xlsx": value("qty", date(2026, 1, 5)),
    "number_nan_text.xlsx": value("qty", "NaN"),
    "number_infinity_in_xml.xlsx": package(PLAIN.replace("<v>2.5</v>", "<v>INF</v>")),
    "number_rounded_by_format.xlsx": formatted("F2", 2.5, "0"),
    "number_currency_format.xlsx": formatted("F2", 5, '"NT$"#,##0'),
    "number_blank_text.xlsx": value("qty", " \u3000"),
    # -- dates
    "date_true.xlsx": openpyxl_book(),
    "date_serial_general.xlsx": value("doc_date", 46053),
    "date_serial_with_fraction.xlsx": value("doc_date", 46053.5),
    "date_1904.xlsx": serial(46053 - 1462, about='<workbookPr date1904="1"/>'),
    "date_1904_true.xlsx": serial(46053 - 1462, about='<workbookPr date1904="true"/>'),
    "date_with_time.xlsx": value("doc_date", datetime(2026, 1, 31, 8, 30)),
    "date_at_midnight.xlsx": value("doc_date", datetime(2026, 1, 31)),
    "date_text_iso.xlsx": value("doc_date", "2026-01-31"),
    "date_text_slashes.xlsx": value("doc_date", "2026/1/31"),
    "date_text_dots.xlsx": value("doc_date", "2026.01.31"),
    "date_text_compact.xlsx": value("doc_date", "20260131"),
    "date_number_compact.xlsx": value("doc_date", 20260131),
    "date_text_chinese.xlsx": value("doc_date", "2026年1月31日"),
    "date_text_full_width.xlsx": value("doc_date", "２０２６／０１／３１"),
    "date_text_with_time.xlsx": value("doc_date", "2026-01-31 08:30:00"),
    "date_text_at_midnight.xlsx": value("doc_date", "2026-01-31T00:00:00"),
    "date_text_morning.xlsx": value("doc_date", "2026/1/31 上午 12:00:00"),
    "date_ambiguous.xlsx": value("doc_date", "01/02/2026"),
    "date_ambiguous_short.xlsx": value("doc_date", "1/2/26"),
    "date_day_first.xlsx": value("doc_date", "31/01/2026"),
    "date_compact_short.xlsx": value("doc_date", "2026111"),
    "date_roc_not_declared.xlsx": value("doc_date", "115/01/31"),
    "date_roc_words.xlsx": value("doc_date", "民國115年1月31日"),
    "date_roc_number.xlsx": value("doc_date", 1150131),
    "date_roc_padded.xlsx": value("doc_date", "0115-01-31"),
    "date_roc_format.xlsx": serial(46053, code="[$-404]e/m/d"),
    "date_no_such_day.xlsx": value("doc_date", "2026-02-30"),
    "date_word.xlsx": value("doc_date", "yesterday"),
    "date_boolean.xlsx": value("doc_date", False),
    "date_time_alone.xlsx": value("doc_date", time(8, 30)),
    "date_iso_cells.xlsx": package(PLAIN.replace(cell("C2", "2026-01-31"), '<c r="C2" t="d"><v>2026-01-31T00:00:00</v></c>')),
    "date_chinese_builtin_format.xlsx": package(
        PLAIN.replace(cell("C2", "2026-01-31"), '<c r="C2" s="1"><v>46053</v></c>'), parts={"xl/styles.xml": styles([], [31])}
    ),
    "date_negative_serial.xlsx": serial(-5),
    "date_serial_60.xlsx": serial(60),
    "date_wrong_century.xlsx": value("doc_date", "2206-01-31"),
    "date_far_future.xlsx": serial(2958465),
    "date_beyond_calendar.xlsx": serial(99999999),
    # -- formulas and errors
    "formula_cached.xlsx": package(PLAIN.replace("<v>2.5</v>", "<f>5/2</f><v>2.5</v>")),
    "formula_not_calculated.xlsx": changed(lambda sheet: sheet.__setitem__("F2", "=2+3")),
    "formula_empty_text.xlsx": second_cell('<c r="D2" t="str"><f>IF(1,"","")</f><v></v></c>'),
    "formula_array.xlsx": package(PLAIN.replace("<v>2.5</v>", '<f t="array" ref="F3">SUM(1,1.5)</f><v>2.5</v>')),
    "formula_shared.xlsx": package(PLAIN.replace("<v>2.5</v>", '<f t="shared" ref="F3:F4" si="0">1+1.5</f><v>2.5</v>')),
    "formula_error_cached.xlsx": package(PLAIN.replace('<c r="F3"><v>2.5</v></c>', '<c r="F3" t="e"><f>1/0</f><v>#DIV/0!</v></c>')),
    "formula_external_link.xlsx": package(
        PLAIN.replace("<v>2.5</v>", "<f>[1]Prices!$A$1</f><v>2.5</v>"),
        relations='<Relationship Id="x1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink" Target="externalLinks/externalLink1.xml"/>',
        parts={
            "xl/externalLinks/externalLink1.xml": '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
            "xl/externalLinks/_rels/externalLink1.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="file:///C:/prices.xlsx" TargetMode="External"/></Relationships>',
        },
    ),
    "error_na.xlsx": changed(lambda sheet: sheet.__setitem__("D3", "#N/A")),
    "error_in_header_field.xlsx": changed(lambda sheet: sheet.__setitem__("C2", "#REF!")),
    "error_in_key.xlsx": changed(lambda sheet: sheet.__setitem__("A4", "#VALUE!")),
    "error_in_extra_column.xlsx": openpyxl_book(header=[[*LABELS, "小計"]], rows=[[*FIRST, "#N/A"], SECOND, THIRD]),
    # -- what cells can carry
    "rich_text.xlsx": changed(lambda sheet: sheet.__setitem__("D2", CellRichText("IT", TextBlock(InlineFont(b=True), "EM-1")))),
    "phonetic_text.xlsx": second_cell('<c r="D2" t="inlineStr"><is><t>ITEM-1</t><rPh sb="0" eb="1"><t>アイ</t></rPh></is></c>'),
    "comments.xlsx": changed(lambda sheet: setattr(sheet["D2"], "comment", Comment("look here", "me"))),
    "hyperlink.xlsx": changed(lambda sheet: setattr(sheet["D2"], "hyperlink", "http://127.0.0.1/")),
    "table.xlsx": changed(lambda sheet: sheet.add_table(Table(displayName="T", ref="A1:G4"))),
    "escaped_characters.xlsx": second_cell('<c r="D2" t="inlineStr"><is><t>IT_x0045_M-1</t></is></c>'),
    "escaped_carriage_return.xlsx": second_cell('<c r="D2" t="inlineStr"><is><t>ITEM_x000D_1</t></is></c>'),
    "escaped_surrogate.xlsx": second_cell('<c r="D2" t="inlineStr"><is><t>ITEM_xD800_1</t></is></c>'),
    "escaped_escape.xlsx": second_cell('<c r="D2" t="inlineStr"><is><t>A_x005F_x000D_</t></is></c>'),
    "control_character_in_xml.xlsx": second_cell('<c r="D2" t="inlineStr"><is><t>ITEM&#1;1</t></is></c>'),
    "text_of_32767_characters.xlsx": value("remark", "長" * 32767),
    "text_reference_of_ours.xlsx": value("remark", "x [IMP:ABCDEFGHIJKLMNOP]"),
    "entities_in_text.xlsx": second_cell('<c r="D2" t="inlineStr"><is><t>&lt;A&amp;B&gt;</t></is></c>'),
    "cdata_in_text.xlsx": second_cell('<c r="D2" t="inlineStr"><is><t><![CDATA[ITEM-1]]></t></is></c>'),
    "numbers_as_str_cells.xlsx": package(PLAIN.replace('<c r="F3"><v>2.5</v></c>', '<c r="F3" t="str"><v>2.5</v></c>')),
    "boolean_cells.xlsx": second_cell('<c r="D2" t="b"><v>1</v></c>'),
    "unknown_cell_type.xlsx": second_cell('<c r="D2" t="zz"><v>1</v></c>'),
    "number_cell_with_text.xlsx": second_cell('<c r="D2"><v>ITEM-1</v></c>'),
    "headed_by_numbers.xlsx": package(sheet_rows([[1, 2, 3, 4, 5, 6, 7], *HEADED])),
    "texts_everywhere.xlsx": openpyxl_book([[None if cell is None else str(cell) for cell in row] for row in TEXTS]),
}
