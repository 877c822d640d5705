"""Sheets, columns and rows that people and programs arrange in their own way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import openpyxl
import xlsxwriter
from corpus.making.base import FIRST, LABELS, NAMES, ROWS, SECOND, THIRD, Make, openpyxl_book
from openpyxl.styles import PatternFill
from openpyxl.worksheet.dimensions import SheetFormatProperties

from importer.mapping import load_mappings
from importer.workbook.meta import META_SHEET, Meta
from importer.workbook.template import fill_template


def on_sheet(change: Callable[[Any], object], rows: Any = ROWS, header: Any = (LABELS,)) -> Make:
    """Something done to the data sheet."""
    return openpyxl_book(rows, header=header, change=lambda book: change(book.active))


def merged(*ranges: str, rows: Any = ROWS) -> Make:
    """Merged ranges."""
    return on_sheet(lambda sheet: [sheet.merge_cells(found) for found in ranges], rows)


def hidden_rows(*numbers: int) -> Make:
    """Rows hidden by hand."""

    def hide(sheet: Any) -> None:
        for number in numbers:
            sheet.row_dimensions[number].hidden = True

    return on_sheet(hide)


def filtered(sheet: Any) -> None:
    """A filter on the warehouse that leaves W2 alone."""
    sheet.auto_filter.ref = "A1:G4"
    sheet.auto_filter.add_filter_column(4, ["W2"])
    sheet.row_dimensions[2].hidden = sheet.row_dimensions[3].hidden = True


def styled_rows(count: int) -> Callable[[Any], None]:
    """Coloured rows below the data."""

    def paint(sheet: Any) -> None:
        for number in range(5, 5 + count):
            sheet.cell(number, 1).fill = PatternFill("solid", start_color="FFFF00")

    return paint


def sheets(*others: tuple[str, Any], state: str = "visible", first: bool = False, title: str = "一月") -> Make:
    """Further sheets, after or before the data sheet."""

    def change(book: openpyxl.Workbook) -> None:
        book.active.title = title
        for position, (name, rows) in enumerate(others):
            sheet = book.create_sheet(name, position if first else None)
            for row in rows:
                sheet.append(list(row))
            sheet.sheet_state = state

    return openpyxl_book(change=change)


def template(
    document_type: str = "misc_issue", *, change: Callable[[openpyxl.Workbook], object] = lambda _: None, rows: Any = ROWS
) -> Make:
    """One of our own templates, filled, then changed by a person."""

    def make(path: Path) -> None:
        filled = [{name: value for name, value in zip(NAMES, row, strict=True) if value is not None} for row in rows]
        fill_template(load_mappings()[document_type], "zh_TW", path, filled)
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)

    return make


def meta(**about: str) -> Make:
    """A sheet that says what the workbook holds."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet(META_SHEET)
        for row in Meta(**about).rows():
            sheet.append(row)
        sheet.sheet_state = "hidden"

    return openpyxl_book(change=change)


def rename(old: str, new: str) -> Callable[[openpyxl.Workbook], None]:
    """A sheet with another name."""

    def change(book: openpyxl.Workbook) -> None:
        book[old].title = new

    return change


def written_by_xlsxwriter(path: Path) -> None:
    """Shared texts, conditional formats, validations, a picture-less chart, panes."""
    book = xlsxwriter.Workbook(str(path))
    sheet, chart_sheet = book.add_worksheet("資料"), book.add_chartsheet("圖")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, LABELS)
    for number, row in enumerate(ROWS, 1):
        for column, value in enumerate(row):
            sheet.write(number, column, value, day if column == 2 else None)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, 3, 6)
    sheet.data_validation("F2:F4", {"validate": "decimal", "criteria": ">", "value": 0})
    sheet.conditional_format("F2:F4", {"type": "data_bar"})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=資料!$F$2:$F$4"})
    chart_sheet.set_chart(chart)
    chart_sheet.activate()
    book.close()


def swapped(rows: Any) -> list[list[object]]:
    """The columns in another order."""
    return [list(reversed(row)) for row in rows]


def without(name: str, rows: Any) -> list[list[object]]:
    """A column taken away."""
    return [[cell for at, cell in enumerate(row) if NAMES[at] != name] for row in rows]


def added(label: str, values: Any, at: int = 7) -> Make:
    """A further column."""
    rows = [[*row[:at], value, *row[at:]] for row, value in zip(ROWS, values, strict=True)]
    return openpyxl_book(rows, header=[[*LABELS[:at], label, *LABELS[at:]]])


def renamed(old: str, new: str) -> Make:
    """A column with another label."""
    return openpyxl_book(header=[[new if label == old else label for label in LABELS]])


BLANK: Final[list[object]] = [None] * 7
BOOKS: Final[dict[str, Make]] = {
    # -- rows
    "rows_blank_between.xlsx": openpyxl_book([FIRST, BLANK, SECOND, BLANK, BLANK, THIRD]),
    "rows_with_blanks_only.xlsx": openpyxl_book([FIRST, SECOND, [" "] * 7, THIRD, ["\u3000"] * 7]),
    "rows_hidden.xlsx": hidden_rows(3),
    "rows_all_hidden.xlsx": hidden_rows(2, 3, 4),
    "rows_filtered.xlsx": on_sheet(filtered),
    "rows_grouped_away.xlsx": on_sheet(lambda sheet: sheet.row_dimensions.group(4, 4, hidden=True)),
    "rows_styled_only.xlsx": on_sheet(styled_rows(3000)),
    "rows_none.xlsx": openpyxl_book([]),
    "rows_total_below.xlsx": openpyxl_book([*ROWS, [None, None, None, "合計", None, 14.5, None]]),
    "rows_note_below.xlsx": openpyxl_book([*ROWS, ["製表：王小明", *BLANK[1:]]]),
    "rows_key_only_on_first.xlsx": openpyxl_book([FIRST, [None, *SECOND[1:]], THIRD]),
    "rows_key_missing_first.xlsx": openpyxl_book([[None, *FIRST[1:]], SECOND, THIRD]),
    "rows_header_disagrees.xlsx": openpyxl_book([FIRST, ["1", "I02", *SECOND[2:]], THIRD]),
    "rows_of_a_document_apart.xlsx": openpyxl_book([FIRST, THIRD, SECOND]),
    "rows_title_above.xlsx": openpyxl_book(header=[["雜發一月份", *BLANK[1:]], LABELS]),
    "rows_two_titles_above.xlsx": openpyxl_book(header=[["雜發", *BLANK[1:]], ["一月份", *BLANK[1:]], LABELS]),
    "rows_labels_repeated.xlsx": openpyxl_book([FIRST, SECOND, LABELS, THIRD]),
    # -- merged cells
    "merged_key.xlsx": merged("A2:A3"),
    "merged_header_field.xlsx": merged("B2:B3", "C2:C3"),
    "merged_header_field_over_documents.xlsx": on_sheet(lambda sheet: sheet.merge_cells("B2:B4"), [FIRST, SECOND, ["2", None, *THIRD[2:]]]),
    "merged_header_fields_across.xlsx": merged("B2:C2"),
    "merged_quantity.xlsx": merged("F2:F3"),
    "merged_item.xlsx": merged("D2:D3"),
    "merged_across.xlsx": merged("D2:E2"),
    "merged_block.xlsx": merged("D2:F4"),
    "merged_remark.xlsx": merged("G2:G3"),
    "merged_blank.xlsx": merged("G3:G4"),
    "merged_title.xlsx": openpyxl_book(header=[["雜發一月份", *BLANK[1:]], LABELS], change=lambda book: book.active.merge_cells("A1:G1")),
    "merged_below.xlsx": merged("A6:G9"),
    "merged_into_extra_column.xlsx": on_sheet(lambda sheet: sheet.merge_cells("G2:H2"), header=[[*LABELS, "附註"]]),
    # -- columns
    "columns_reordered.xlsx": openpyxl_book(swapped(ROWS), header=swapped([LABELS])),
    "columns_english.xlsx": openpyxl_book(
        header=[["Document key", "Slip type", "Document date", "Item", "Warehouse", "Quantity", "Remark"]]
    ),
    "columns_simplified.xlsx": openpyxl_book(header=[["单据键值", "单别", "单据日期", "料号", "仓库", "数量", "备注"]]),
    "columns_mixed_languages.xlsx": openpyxl_book(header=[["單據鍵值", "Slip type", "单据日期", "料號", "Warehouse", "数量", "備註"]]),
    "columns_starred.xlsx": openpyxl_book(header=[[f"{label}*" for label in LABELS]]),
    "columns_full_width_star.xlsx": openpyxl_book(header=[[f"＊ {label}\n" for label in LABELS]]),
    "columns_technical.xlsx": openpyxl_book(header=[NAMES]),
    "columns_technical_and_labels.xlsx": openpyxl_book(header=[NAMES, LABELS]),
    "columns_renamed.xlsx": renamed("料號", "品號"),
    "columns_missing_quantity.xlsx": openpyxl_book(without("qty", ROWS), header=without("qty", [LABELS])),
    "columns_missing_date.xlsx": openpyxl_book(without("doc_date", ROWS), header=without("doc_date", [LABELS])),
    "columns_missing_key.xlsx": openpyxl_book(without("doc_key", ROWS), header=without("doc_key", [LABELS])),
    "columns_missing_optional.xlsx": openpyxl_book(without("remark", ROWS), header=without("remark", [LABELS])),
    "columns_twice.xlsx": added("數量", [5, 5, 5]),
    "columns_twice_in_two_languages.xlsx": added("Item", ["A", "B", "C"]),
    "columns_extra.xlsx": added("品名", ["螺絲", None, None], at=4),
    "columns_blank_between.xlsx": added("", [None, None, None], at=3),
    "columns_hidden.xlsx": on_sheet(lambda sheet: setattr(sheet.column_dimensions["E"], "hidden", True)),
    "columns_hidden_blank.xlsx": openpyxl_book(
        [row[:6] for row in ROWS], change=lambda book: setattr(book.active.column_dimensions["G"], "hidden", True)
    ),
    "columns_start_at_c.xlsx": openpyxl_book([[None, None, *row] for row in ROWS], header=[[None, None, *LABELS]]),
    "columns_header_number.xlsx": openpyxl_book(header=[[*LABELS[:6], 2026]]),
    "columns_of_another_type.xlsx": openpyxl_book(header=[["a", "b", "c", "d", "e", "f", "g"]]),
    # -- sheets
    "sheets_two_with_data.xlsx": sheets(("二月", [LABELS, *ROWS])),
    "sheets_two_with_data_one_hidden.xlsx": sheets(("二月", [LABELS, *ROWS]), state="hidden"),
    "sheets_very_hidden.xlsx": sheets(("二月", [LABELS, *ROWS]), state="veryHidden"),
    "sheets_second_empty.xlsx": sheets(("二月", [LABELS])),
    "sheets_notes_first.xlsx": sheets(("說明", [["請依範例填寫"]]), first=True),
    "sheets_pivot_first.xlsx": sheets(("樞紐", [["料號", "數量"], ["ITEM-1", 5]]), first=True),
    "sheets_long_name.xlsx": sheets(title="一" * 31),
    "sheets_odd_name.xlsx": sheets(title="一月 & <二月> 'x'"),
    "sheets_blank_workbook.xlsx": openpyxl_book([], header=[]),
    "sheet_protected.xlsx": on_sheet(lambda sheet: (sheet.protection.enable(), sheet.protection.set_password("x"))),
    "sheet_zero_height.xlsx": on_sheet(lambda sheet: setattr(sheet, "sheet_format", SheetFormatProperties(zeroHeight=True))),
    "sheet_right_to_left.xlsx": on_sheet(lambda sheet: setattr(sheet.sheet_view, "rightToLeft", True)),
    "sheet_frozen_and_outlined.xlsx": on_sheet(lambda sheet: setattr(sheet, "freeze_panes", "C3")),
    "chart_sheet_first.xlsx": openpyxl_book(
        change=lambda book: book._sheets.insert(0, book._sheets.pop()) or book.create_chartsheet("圖", 0)
    ),
    "written_by_xlsxwriter.xlsx": written_by_xlsxwriter,
    # -- our own templates
    "template_filled.xlsx": template(),
    "template_sheet_renamed.xlsx": template(change=rename("雜發單", "一月領料")),
    "template_names_row_deleted.xlsx": template(change=lambda book: book["雜發單"].delete_rows(1)),
    "template_without_meta.xlsx": template(change=lambda book: book.remove(book[META_SHEET])),
    "template_of_another_type.xlsx": template("misc_receipt"),
    "template_empty.xlsx": template(rows=[]),
    "template_macro.xlsm": template(),
    "template_columns_moved.xlsx": template(change=lambda book: book["雜發單"].move_range("G1:G9", cols=20)),
    "meta_old_version.xlsx": meta(document_type="misc_issue", mapping_version="0", sheet="Sheet"),
    "meta_unknown_type.xlsx": meta(document_type="sales_order", mapping_version="1", sheet="Sheet"),
    "meta_of_a_sheet_that_is_gone.xlsx": meta(document_type="misc_issue", mapping_version="1", sheet="gone"),
}
