"""XML that is a workbook by the standard, or nearly, and looks like nothing that our libraries write."""

from __future__ import annotations

import re
from typing import Final

from corpus.making.base import LABELS, TEXTS, Make
from corpus.making.raw import (
    HEADED,
    PLAIN,
    SPREADSHEET,
    STRICT_SPREADSHEET,
    cell,
    column,
    package,
    prefixed,
    shared,
    sheet_rows,
    styles,
)

SHARED, STRINGS = shared()
THREE: Final = PLAIN.partition('<row r="2">')
DATA_ROWS: Final = re.findall(r"<row .*?</row>", PLAIN)
SHEET: Final = "xl/worksheets/sheet1.xml"


def whole_sheet(text: str) -> Make:
    """The sheet's part as it is."""
    return package(parts={SHEET: text})


def worksheet(inside: str, namespace: str = SPREADSHEET) -> str:
    """A sheet's XML with another inside."""
    return f'<worksheet xmlns="{namespace}">{inside}</worksheet>'


def in_prefix(prefix: str) -> Make:
    """Every element of workbook and sheet carries a namespace prefix."""
    sheet = prefixed(f"<worksheet><sheetData>{PLAIN}</sheetData></worksheet>", prefix).replace(
        "worksheet>", f'worksheet xmlns:{prefix}="{SPREADSHEET}">', 1
    )
    return whole_sheet(sheet)


def repeated(count: int) -> str:
    """A long run of cells to the right in the header row and one in the data."""
    return sheet_rows([[*LABELS, *(f"c{number}" for number in range(count))], *TEXTS])


BOOKS: Final[dict[str, Make]] = {
    "inline_strings.xlsx": package(),
    "shared_strings.xlsx": package(SHARED, parts=STRINGS),
    "shared_strings_rich_and_phonetic.xlsx": package(
        SHARED,
        parts={
            "xl/sharedStrings.xml": STRINGS["xl/sharedStrings.xml"].replace(
                '<t xml:space="preserve">ITEM-1</t>',
                '<r><rPr><b/></rPr><t>IT</t></r><r><t xml:space="preserve">EM-1</t></r><rPh sb="0" eb="2"><t>アイテム</t></rPh><phoneticPr fontId="1"/>',
            )
        },
    ),
    "shared_strings_missing.xlsx": package(SHARED),
    "shared_strings_index_too_big.xlsx": package(SHARED.replace("<v>10</v>", "<v>9999</v>"), parts=STRINGS),
    "shared_strings_wrong_count.xlsx": package(
        SHARED,
        parts={
            "xl/sharedStrings.xml": re.sub(
                r'count="\d+" uniqueCount="\d+"', 'count="1" uniqueCount="4000000000"', STRINGS["xl/sharedStrings.xml"]
            )
        },
    ),
    "no_cell_places.xlsx": package(sheet_rows(HEADED, places=False)),
    "no_row_numbers.xlsx": package(sheet_rows(HEADED, numbers=False)),
    "no_places_at_all.xlsx": package(sheet_rows(HEADED, places=False, numbers=False)),
    "no_places_with_error.xlsx": package(sheet_rows(HEADED, places=False).replace("<c><v>2.5</v></c>", '<c t="e"><v>#N/A</v></c>')),
    "no_places_with_hidden_row.xlsx": package(
        sheet_rows(HEADED, places=False, numbers=False).replace("<row>", '<row hidden="1">', 2).replace('<row hidden="1">', "<row>", 1)
    ),
    "single_quotes.xlsx": package(PLAIN.replace('"', "'")),
    "single_quotes_with_error.xlsx": package(
        PLAIN.replace('<c r="F3"><v>2.5</v></c>', '<c r="F3" t="e"><v>#N/A</v></c>').replace('"', "'")
    ),
    "mixed_quotes_with_error.xlsx": package(PLAIN.replace('<c r="F3"><v>2.5</v></c>', "<c r='F3' t='e'><v>#N/A</v></c>")),
    "blanks_around_equals.xlsx": package(PLAIN.replace('<c r="F3"><v>2.5</v></c>', '<c r = "F3" t = "e"><v>#N/A</v></c>')),
    "line_breaks_in_tags.xlsx": package(
        PLAIN.replace("<c r=", "<c\n  r=").replace('<c\n  r="F3"><v>2.5</v></c>', '<c\n  r="F3"\n  t="e"><v>#N/A</v></c>')
    ),
    "indented.xlsx": package(PLAIN.replace("><", ">\n  <").replace(">\n  </t>", "></t>")),
    "prefix_x.xlsx": in_prefix("x"),
    "prefix_long.xlsx": in_prefix("spreadsheet-ml"),
    "strict_namespace.xlsx": package(strict=True),
    "strict_namespace_dates.xlsx": package(PLAIN.replace(cell("C2", "2026-01-31"), '<c r="C2" t="d"><v>2026-01-31</v></c>'), strict=True),
    "absolute_targets.xlsx": package(target="/xl/worksheets/sheet1.xml", main="/xl/workbook.xml"),
    "dotted_targets.xlsx": package(target="./worksheets/../worksheets/sheet1.xml"),
    "backslash_targets.xlsx": package(target="worksheets\\sheet1.xml"),
    "escaping_target.xlsx": package(target="../../../../etc/passwd"),
    "external_sheet_target.xlsx": package(target="http://127.0.0.1:9/sheet1.xml"),
    "sheet_part_elsewhere.xlsx": package(
        target="data/blatt.xml", parts={"xl/data/blatt.xml": worksheet(f"<sheetData>{PLAIN}</sheetData>"), SHEET: None}
    ),
    "no_styles.xlsx": package(),
    "no_dimension.xlsx": package(),
    "wrong_dimension.xlsx": package(before='<dimension ref="A1:B2"/>'),
    "huge_dimension.xlsx": package(before='<dimension ref="A1:XFD1048576"/>'),
    "no_content_types.xlsx": package(parts={"[Content_Types].xml": None}),
    "no_relations.xlsx": package(parts={"xl/_rels/workbook.xml.rels": None}),
    "no_sheet_part.xlsx": package(parts={SHEET: None}),
    "no_sheets.xlsx": package(sheets=""),
    "empty_sheet_part.xlsx": whole_sheet(""),
    "sheet_without_data.xlsx": whole_sheet(worksheet("")),
    "broken_xml.xlsx": whole_sheet(worksheet(f"<sheetData>{PLAIN[: len(PLAIN) // 2]}")),
    "broken_entity.xlsx": package(PLAIN.replace("ITEM-1", "ITEM&nope;1")),
    "not_xml.xlsx": whole_sheet("this is no XML"),
    "html_as_sheet.xlsx": whole_sheet("<html><body>Session expired</body></html>"),
    "utf16_sheet.xlsx": package(
        encode=lambda name, text: f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16") if name == SHEET else text.encode()
    ),
    "utf16_workbook.xlsx": package(
        encode=lambda name, text: (
            f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16") if name == "xl/workbook.xml" else text.encode()
        )
    ),
    "utf8_mark.xlsx": package(encode=lambda _, text: text.encode("utf-8-sig")),
    "latin1_declared.xlsx": package(
        encode=lambda name, text: (
            f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'.encode("ascii", "xmlcharrefreplace") if name == SHEET else text.encode()
        )
    ),
    "gbk_declared.xlsx": package(
        encode=lambda name, text: f'<?xml version="1.0" encoding="GBK"?>{text}'.encode("gb18030") if name == SHEET else text.encode()
    ),
    "invalid_utf8.xlsx": package(
        encode=lambda name, text: text.encode().replace(b"ITEM-1", b"ITEM\xff\xfe") if name == SHEET else text.encode()
    ),
    "null_in_xml.xlsx": package(PLAIN.replace("ITEM-1", "ITEM\0")),
    "comments_and_instructions.xlsx": package('<!-- <row r="9"> --><?pi x?>' + PLAIN),
    "entity_bomb.xlsx": whole_sheet(
        '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {chr(98 + level)} "{("&" + chr(97 + level) + ";") * 10}">' for level in range(9))
        + "]>"
        + worksheet("<sheetData>" + PLAIN.replace("ITEM-1", "&j;") + "</sheetData>")
    ),
    "entity_bomb_in_workbook.xlsx": package(
        parts={
            "xl/workbook.xml": '<!DOCTYPE w [<!ENTITY a "'
            + "a" * 1000
            + '">'
            + "".join(f'<!ENTITY {chr(98 + level)} "{("&" + chr(97 + level) + ";") * 30}">' for level in range(6))
            + f']><workbook xmlns="{SPREADSHEET}"><sheets><sheet name="&g;"/></sheets></workbook>'
        }
    ),
    "external_entity.xlsx": whole_sheet(
        '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + worksheet("<sheetData>" + PLAIN.replace("ITEM-1", "&x;") + "</sheetData>")
    ),
    "external_entity_in_workbook.xlsx": package(
        parts={"xl/workbook.xml": f'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><workbook xmlns="{SPREADSHEET}">&x;</workbook>'}
    ),
    "external_dtd.xlsx": whole_sheet(
        '<!DOCTYPE worksheet SYSTEM "http://127.0.0.1:9/x.dtd">' + worksheet(f"<sheetData>{PLAIN}</sheetData>")
    ),
    "deep_nesting.xlsx": package(PLAIN, after="<x>" * 20000 + "</x>" * 20000),
    # -- places
    "rows_shuffled.xlsx": package("".join([DATA_ROWS[0], DATA_ROWS[3], DATA_ROWS[1], DATA_ROWS[2]])),
    "rows_twice.xlsx": package("".join([*DATA_ROWS, DATA_ROWS[3].replace("ITEM-3", "ITEM-9")])),
    "rows_negative.xlsx": package(PLAIN + '<row r="-5"><c r="A-5"><v>1</v></c></row>'),
    "rows_zero.xlsx": package('<row r="0"><c r="A0"><v>1</v></c></row>' + PLAIN),
    "rows_beyond_limit.xlsx": package(PLAIN + '<row r="1048577"><c r="A1048577"><v>1</v></c></row>'),
    "rows_astronomic.xlsx": package(PLAIN + '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'),
    "row_number_is_text.xlsx": package(PLAIN.replace('<row r="2">', '<row r="two">')),
    "row_and_cells_disagree.xlsx": package(PLAIN.replace('<row r="4">', '<row r="40">')),
    "cells_shuffled.xlsx": package(
        "".join(
            [
                DATA_ROWS[0],
                *(f'<row r="{n}">{"".join(reversed(re.findall("<c .*?</c>", row)))}</row>' for n, row in enumerate(DATA_ROWS[1:], 2)),
            ]
        )
    ),
    "cells_twice.xlsx": package(PLAIN.replace(cell("D2", "ITEM-1"), cell("D2", "ITEM-0") + cell("D2", "ITEM-1"))),
    "cells_small_letters.xlsx": package(re.sub(r'<c r="([A-Z])', lambda found: f'<c r="{found[1].lower()}', PLAIN)),
    "cells_beyond_xfd.xlsx": package(PLAIN + '<row r="5"><c r="XFE5"><v>1</v></c></row>'),
    "cells_column_without_end.xlsx": package(PLAIN + '<row r="5"><c r="ZZZZZZZZZZ5"><v>1</v></c></row>'),
    "cells_far_corner.xlsx": package(PLAIN + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "cells_far_corner_in_a_near_row.xlsx": package(PLAIN + '<row r="5"><c r="XFD1048576"><v>1</v></c></row>'),
    "cells_far_corner_first.xlsx": package('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + PLAIN),
    "cells_far_corner_styled_only.xlsx": package(PLAIN + '<row r="1048576"><c r="XFD1048576" s="0"/></row>'),
    "cells_without_places_in_a_far_row.xlsx": package(PLAIN + '<row r="1048576">' + "<c><v>1</v></c>" * 16384 + "</row>"),
    "cells_16384_columns.xlsx": package(repeated(16377)),
    "cells_no_letters.xlsx": package(PLAIN.replace('r="D2"', 'r="2"')),
    "cells_dollars.xlsx": package(PLAIN.replace('r="D2"', 'r="$D$2"')),
    "last_row_of_all.xlsx": package(PLAIN + sheet_rows([["3", "I01", "2026-01-31", "ITEM-4", "W1", 1]], start=1048576)),
    "merged_everything.xlsx": package(after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "merged_ten_thousand_times.xlsx": package(after="<mergeCells>" + '<mergeCell ref="A2:XFD1048576"/>' * 10000 + "</mergeCells>"),
    "merged_backwards.xlsx": package(after='<mergeCells><mergeCell ref="D3:D2"/></mergeCells>'),
    "hidden_as_true.xlsx": package(PLAIN.replace('<row r="4">', '<row r="4" hidden="true">')),
    "hidden_false.xlsx": package(PLAIN.replace('<row r="4">', '<row r="4" hidden="false">')),
    "formats_00000_shared_style.xlsx": package(
        PLAIN.replace(cell("D2", "ITEM-1"), cell("D2", 123, style=1)).replace(cell("D4", "ITEM-3"), cell("D4", 45678, style=1)),
        parts={"xl/styles.xml": styles(["00000"])},
    ),
    "style_index_too_big.xlsx": package(PLAIN.replace('<c r="F3">', '<c r="F3" s="999">'), parts={"xl/styles.xml": styles(["00000"])}),
    "styles_broken.xlsx": package(parts={"xl/styles.xml": "<styleSheet><numFmts>"}),
    "styles_odd_numbers.xlsx": package(parts={"xl/styles.xml": styles(["0"]).replace('numFmtId="200"', 'numFmtId="x"')}),
    "two_sheets_one_part.xlsx": package(sheets='<sheet name="S" sheetId="1" r:id="r1"/><sheet name="T" sheetId="2" r:id="r1"/>'),
    "sheet_names_twice.xlsx": package(
        sheets='<sheet name="S" sheetId="1" r:id="r1"/><sheet name="S" sheetId="2" r:id="r2"/>',
        relations='<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/>',
        parts={"xl/worksheets/sheet2.xml": worksheet("<sheetData/>")},
    ),
    "sheet_without_name.xlsx": package(sheets='<sheet sheetId="1" r:id="r1"/>'),
    "strict_without_anything.xlsx": whole_sheet(worksheet(f"<sheetData>{PLAIN}</sheetData>", STRICT_SPREADSHEET)),
    "columns_hidden_in_xml.xlsx": package(
        before='<cols><col min="5" max="5" width="0" hidden="1" customWidth="1"/><col min="8" max="16384" hidden="1"/></cols>'
    ),
    "wide_columns_named.xlsx": package(
        sheet_rows([[None] * 30 + LABELS, *([None] * 30 + row for row in TEXTS)]), before=f'<dimension ref="{column(30)}1"/>'
    ),
}
