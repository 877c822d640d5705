"""Plain blocks of a sheet's XML are told at once, and nothing is told of a block that could hide something."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importer.workbook import sheetscan
from importer.workbook.plainrows import odd_spelling, plain_rows
from importer.workbook.sheetscan import SheetScan, measure_exactly, scan

HEAD = b'<?xml version="1.0"?><worksheet xmlns="x"><cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
TAIL = b'</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>'

PLAIN_CELLS = (
    '<c r="{column}{row}" s="1"><v>5</v></c>',
    '<c r="{column}{row}" t="inlineStr"><is><t xml:space="preserve">a = b</t></is></c>',
    '<c r="{column}{row}" t="e"><v>#N/A</v></c>',
    '<c r="{column}{row}" s="3"/>',
)
ODD_CELLS = (
    "<c r='{column}{row}'><v>5</v></c>",
    '<c s="1" r="{column}{row}"><v>5</v></c>',
    '<c r = "{column}{row}"><v>5</v></c>',
    '<c r="A{column}{row}"><v>5</v></c>',
    '<c r="{column}{row}0"><v>5</v></c>',
    '<c r="{column}9999999"><v>5</v></c>',
    '<c r="{column}"><v>5</v></c>',
    "<c><v>5</v></c>",
    '<c r="{column}{row}"><f>1+1</f></c>',
    '<c r="{column}{row}"><f>1+1</f><v>2</v></c>',
    '<c r="{column}{row}" t="inlineStr"><is><r><t>rich</t></r></is></c>',
)
ROWS = ('<row r="{row}">', '<row r="{row}" spans="1:9" hidden="1">', "<row>", '<row hidden="1" r="{row}">', '<row r="{row}" ht = "3">')


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    """XML of a sheet, mostly of plain rows."""
    row, parts = draw(st.sampled_from([0, 8, 95, 9_995])), []
    for _ in range(draw(st.integers(0, 8))):
        row += draw(st.sampled_from([1, 1, 1, 0, 5]))
        cells = draw(st.lists(st.sampled_from([*PLAIN_CELLS * 12, *ODD_CELLS]), max_size=4))
        opening = draw(st.sampled_from([ROWS[0]] * 30 + list(ROWS)))
        parts.append((opening + "".join(cells) + "</row>").format(row=row, column=draw(st.sampled_from("ABZ"))))
    return "".join(parts).encode()


def searched(xml: bytes) -> SheetScan:
    """What the search finds that is made of any spelling."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheetscan, "plain_rows", lambda _: None)
        patch.setattr(sheetscan, "EXACTLY", 100)
        return scan(in_blocks(xml))


def in_blocks(xml: bytes) -> list[bytes]:
    """The sheet cut before some of its rows, as a stream is cut anywhere; the head comes as long as the search reads at once."""
    cuts = [match.start() for match in re.finditer(b"<row", xml)][::2]
    return [HEAD.ljust(sheetscan.HEAD), *(xml[start:end] for start, end in zip([0, *cuts], [*cuts, len(xml)], strict=True)), TAIL]


@given(xml=sheets())
@example(xml=b'<row r="9"><c r="B9"><v>1</v></c></row><row r="10"><c r="Z10" s="1"/></row><row r="11"/>')
def test_both_ways_find_the_same(xml: bytes) -> None:
    """Whatever the rows look like: errors, formulas without result, hidden and repeated rows, and an extent that is never too small."""
    found = scan(in_blocks(xml))
    if found.guessed:
        measure_exactly(in_blocks(xml), found)
    every = searched(xml)
    assert replace(found, guessed=False, last_row=0) == replace(every, last_row=0)
    filled = max(
        (int(row) for row in re.findall(rb"""\br ?= ?["'][A-Z]+(\d+)["'][^>]*(?<!/)>(?:<f>[^<]*</f>)?<(?:v|is)>""", xml)), default=0
    )
    assert filled <= found.last_row <= every.last_row  # the search may count an empty row after the last one that is not


ROW = '<row r="7"><c r="A7"><v>1</v></c>{}</row><row r="12"><c r="B12" t="inlineStr"><is><t>x</t></is></c></row>'


def test_plain_rows_are_told() -> None:
    """By their numbers."""
    found = plain_rows(ROW.format('<c r="Z7" s="2"/>').encode())
    assert found is not None
    assert found.tolist() == [7, 12]


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="AA7"><v>1</v></c>',
        '<c r="XFD1048576"><v>1</v></c>',
        '<c r="A1048576"><v>1</v></c>',
        '<c r="a7"><v>1</v></c>',
        '<c r="A8"><v>1</v></c>',
        '<c r="A70"><v>1</v></c>',
        '<c r="A"><v>1</v></c>',
        '</row><row r="13">',
        '</row><row r="7">',
        "<c r='A7'><v>1</v></c>",
        '<c s="1" r="A7"/>',
        '<c\tr="A7"/>',
        "<c/>",
        '<c r="A7"><f>1</f></c>',
        '<x:c r="A7"/>',
        '<v:c r="A7"/>',
        '<is:c r="A7"/>',
        '<t:c r="A7"/>',
        '<c:c r="A7"/>',
        "<!-- A7 -->",
        '</row><row><c r="A8"/>',
        '</row><row r="12345678"><c r="A8"/>',
        '</row><row r="8x"><c r="A8"/>',
        "<c",
    ],
)
def test_of_anything_else_nothing_is_told(cell: str) -> None:
    """One such cell, and the whole block is searched."""
    assert plain_rows(ROW.format(cell).encode()) is None


@pytest.mark.parametrize("before", [0, 65_533, 65_534, 65_535, 65_536, 200_000])
@pytest.mark.parametrize(("text", "odd"), [(b' r="A1"', False), (b' r ="A1"', True), (b' r= "A1"', True)])
def test_a_blank_at_an_equals_sign_is_seen_anywhere(before: int, text: bytes, odd: bool) -> None:
    """Also where a slice that is looked at ends."""
    assert odd_spelling(b"x" * before + text + b"x") is odd
