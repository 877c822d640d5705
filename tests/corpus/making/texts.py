"""Text files as Excel, LibreOffice, databases and people write them."""

from __future__ import annotations

from typing import Final

from corpus.making.base import LABELS, NAMES, Make, as_bytes

HEAD: Final = ",".join(LABELS)
SIMPLE_HEAD: Final = "单据键值,单别,单据日期,料号,仓库,数量,备注"
ONE: Final = "1,I01,2026-01-31,ITEM-1,W1,5,一月"
TWO: Final = "1,,,ITEM-2,W1,2.5,"
THREE: Final = "2,I01,2026-01-31,ITEM-3,W2,7,"


def text(*lines: str, head: str = HEAD, encoding: str = "utf-8", end: str = "\r\n") -> Make:
    """Header and lines."""
    return as_bytes((end.join([head, *lines]) + end).encode(encoding))


ALL: Final = (ONE, TWO, THREE)
BOOKS: Final[dict[str, Make]] = {
    "utf8.csv": text(*ALL),
    "utf8_mark.csv": text(*ALL, encoding="utf-8-sig"),
    "utf16.csv": text(*ALL, encoding="utf-16"),
    "utf16_big_end.csv": as_bytes(b"\xfe\xff" + "\n".join([HEAD, *ALL]).encode("utf-16-be")),
    "utf16_tabs.txt": as_bytes("\r\n".join([HEAD, *ALL]).replace(",", "\t").encode("utf-16")),
    "utf16_without_mark.csv": text(*ALL, encoding="utf-16-le"),
    "utf16_odd_length.csv": as_bytes("\n".join([HEAD, *ALL]).encode("utf-16") + b"x"),
    "big5.csv": text(*ALL, encoding="cp950"),
    "gb18030.csv": text(*ALL, head=SIMPLE_HEAD, encoding="gb18030"),
    "gb18030_traditional.csv": text(*ALL, encoding="gb18030"),
    "big5_names_only.csv": text("1,I01,2026-01-31,ITEM-1,W1,5,研發部門領用之測試材料", head=",".join(NAMES), encoding="cp950"),
    "gb18030_names_only.csv": text("1,I01,2026-01-31,ITEM-1,W1,5,研发部门领用的测试材料", head=",".join(NAMES), encoding="gb18030"),
    "encoding_unclear.csv": text("1,I01,2026-01-31,ITEM-1,W1,5,測試", head=",".join(NAMES), encoding="cp950"),
    "latin1.csv": text("1,I01,2026-01-31,ITEM-1,W1,5,caf\u00e9", head=",".join(NAMES), encoding="latin-1"),
    "shift_jis.csv": text("1,I01,2026-01-31,ITEM-1,W1,5,ｱｲﾃﾑ", head=",".join(NAMES), encoding="shift_jis"),
    "utf8_cut_in_a_character.csv": as_bytes("\n".join([HEAD, ONE]).encode()[:-1]),
    "semicolons.csv": text(*(line.replace(",", ";") for line in ALL), head=HEAD.replace(",", ";")),
    "tabs.tsv": text(*(line.replace(",", "\t") for line in ALL), head=HEAD.replace(",", "\t")),
    "bars.txt": text(*(line.replace(",", "|") for line in ALL), head=HEAD.replace(",", "|")),
    "sep_line.csv": text(*(line.replace(",", ";") for line in ALL), head="sep=;\r\n" + HEAD.replace(",", ";")),
    "all_quoted.csv": text(
        *(",".join(f'"{cell}"' for cell in line.split(",")) for line in ALL), head=",".join(f'"{label}"' for label in LABELS)
    ),
    "line_feeds.csv": text(*ALL, end="\n"),
    "carriage_returns.csv": text(*ALL, end="\r"),
    "blank_lines.csv": text("", ONE, "", TWO, "", "", THREE, ",,,,,,", ""),
    "blank_line_first.csv": text(*ALL, head="\r\n" + HEAD),
    "line_break_in_quotes.csv": text('1,I01,2026-01-31,ITEM-1,W1,5,"two\r\nlines"', TWO, "2,I01,2026-01-31,ITEM-3,W2,zero,"),
    "separator_in_quotes.csv": text('1,I01,2026-01-31,"ITEM,1",W1,"1,000",一月', TWO, THREE),
    "quotes_in_quotes.csv": text('1,I01,2026-01-31,ITEM-1,W1,5,"a ""b"" c"', TWO, THREE),
    "quote_within.csv": text('1,I01,2026-01-31,ITEM-1,W1,5,12" pipe', TWO, THREE),
    "quote_not_closed.csv": text(ONE, '1,,,"ITEM-2,W1,2.5,', THREE),
    "quote_not_closed_for_long.csv": text(ONE, '1,,,"' + "x" * 200_000, THREE),
    "quote_closed_too_early.csv": text(ONE, '1,,,"ITEM"-2,W1,2.5,', THREE),
    "thousands_without_quotes.csv": text(ONE, "1,,,ITEM-2,W1,1,000,", "2,I01,2026-01-31,ITEM-3,W2,1,000,x"),
    "thousands_without_quotes_everywhere.csv": text("1,I01,2026-01-31,ITEM-1,W1,1,000,", "2,I01,2026-01-31,ITEM-3,W2,2,000,"),
    "short_rows.csv": text(ONE, "1,,,ITEM-2,W1,2.5", THREE),
    "separators_behind.csv": text(*(line + ",,," for line in ALL), head=HEAD + ",,,"),
    "separators_behind_data_only.csv": text(*(line + "," for line in ALL)),
    "null.csv": text(ONE, "1,,,ITEM\0-2,W1,2.5,", THREE),
    "as_text_trick.csv": text('="001",I01,2026-01-31,="00123",W1,5,', '="001",,,"=""00456""",W1,2.5,'),
    "formula.csv": text(ONE, "1,,,=A1&B1,W1,=1+1,", THREE),
    "error_values.csv": text(ONE, "1,,,#N/A,W1,#VALUE!,", THREE),
    "scientific.csv": text("1,I01,2026-01-31,4.71E+12,W1,5,", TWO, THREE),
    "leading_zeros.csv": text("1,I01,2026-01-31,00123,W1,5,", TWO, THREE),
    "names_and_labels.csv": text(*ALL, head=",".join(NAMES) + "\r\n" + HEAD),
    "dates_of_excel_in_taiwan.csv": text("1,I01,2026/1/31,ITEM-1,W1,5,", "2,I01,2026/1/31 上午 12:00:00,ITEM-3,W2,7,"),
    "dates_ambiguous.csv": text("1,I01,01/02/2026,ITEM-1,W1,5,"),
    "header_only.csv": text(),
    "one_column.csv": text("x", "y", head="remark"),
    "nothing_known.csv": text("1,2,3", head="a,b,c"),
    "empty.csv": as_bytes(b""),
    "mark_only.csv": as_bytes(b"\xef\xbb\xbf"),
    "blanks_only.csv": as_bytes(b"\r\n\r\n"),
    "html.csv": as_bytes(b"<html><body>Session expired</body></html>"),
    "column_twice.csv": text(ONE + ",9", head=HEAD + ",數量"),
    "trailing_control_z.csv": as_bytes(("\r\n".join([HEAD, *ALL]) + "\r\n\x1a").encode()),
    "full_width_commas.csv": text(*(line.replace(",", "，") for line in ALL), head=HEAD.replace(",", "，")),
}
