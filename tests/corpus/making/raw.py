"""Workbooks as text: the XML that programs other than our libraries write, part by part."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from corpus.making.base import LABELS, TEXTS, Make, Rows

SPREADSHEET: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_SPREADSHEET: Final = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships"
RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    "</Types>"
)


def column(position: int) -> str:
    """A for 0, AA for 26."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell(place: str, value: object, *, style: int | None = None) -> str:
    """One cell: text inline, numbers as they are; `place` may be empty."""
    about = (f' r="{place}"' if place else "") + (f' s="{style}"' if style is not None else "")
    if value is None:
        return f"<c{about}/>"
    if isinstance(value, str):
        return f'<c{about} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f"<c{about}><v>{value}</v></c>"


def sheet_rows(rows: Rows, *, start: int = 1, places: bool = True, numbers: bool = True, make: Callable[..., str] = cell) -> str:
    """Rows of cells; without `places` cells do not say where they are, without `numbers` rows do not."""
    lines = []
    for number, cells in enumerate(rows, start):
        inside = "".join(
            make(f"{column(at)}{number}" if places else "", value) for at, value in enumerate(cells) if value is not None or not places
        )
        lines.append(f'<row r="{number}">{inside}</row>' if numbers else f"<row>{inside}</row>")
    return "".join(lines)


HEADED: Final = [LABELS, *TEXTS]
PLAIN: Final = sheet_rows(HEADED)


def shared(rows: Rows = HEADED) -> tuple[str, dict[str, str]]:
    """Rows whose texts are kept apart, and the part that keeps them."""
    texts: list[str] = []

    def make(place: str, value: object) -> str:
        if not isinstance(value, str):
            return cell(place, value)
        texts.append(value)
        return f'<c r="{place}" t="s"><v>{len(texts) - 1}</v></c>'

    inside = sheet_rows(rows, make=make)
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    return inside, {"xl/sharedStrings.xml": f'<sst xmlns="{SPREADSHEET}" count="{len(texts)}" uniqueCount="{len(texts)}">{items}</sst>'}


def styles(formats: Iterable[str], more: Sequence[int] = ()) -> str:
    """A styles part: style 0 is General, the next ones have these number formats, then those of Excel's own by number."""
    codes = list(formats)
    declared = "".join(f'<numFmt numFmtId="{200 + at}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>' for at, code in enumerate(codes))
    used = "".join(f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in [0, *(200 + at for at in range(len(codes))), *more])
    return f'<styleSheet xmlns="{SPREADSHEET}"><numFmts count="{len(codes)}">{declared}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'


def package(
    data: str = PLAIN,
    *,
    before: str = "",
    after: str = "",
    parts: Mapping[str, str | bytes | None] | None = None,
    about: str = "",
    sheets: str = '<sheet name="S" sheetId="1" r:id="r1"/>',
    relations: str = "",
    target: str = "worksheets/sheet1.xml",
    kind: str = "worksheet",
    main: str = "xl/workbook.xml",
    strict: bool = False,
    encode: Callable[[str, str], bytes] = lambda _, text: text.encode(),
    compression: int = zipfile.ZIP_DEFLATED,
) -> Make:
    """A whole package. `data` stands within sheetData; `parts` are further or other parts, None takes one away; `encode` gets name and text."""
    spreadsheet, office = (STRICT_SPREADSHEET, STRICT_OFFICE) if strict else (SPREADSHEET, OFFICE)
    links = {"xl/sharedStrings.xml": "sharedStrings", "xl/styles.xml": "styles"}
    more = "".join(
        f'<Relationship Id="p{number}" Type="{office}/{links[name]}" Target="/{name}"/>'
        for number, name in enumerate(parts or {})
        if name in links
    )
    whole: dict[str, str | bytes | None] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{office}/officeDocument" Target="{main}"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{spreadsheet}" xmlns:r="{office}">{about}<sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/>{relations}{more}</Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{spreadsheet}" xmlns:r="{office}">{before}<sheetData>{data}</sheetData>{after}</worksheet>',
        **(parts or {}),
    }

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in whole.items():
                if content is not None:
                    archive.writestr(name, encode(name, content) if isinstance(content, str) else content)

    return make


def prefixed(text: str, prefix: str) -> str:
    """XML whose elements carry a namespace prefix; its declarations have to be there already."""
    return text.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:").replace(f"<{prefix}:?", "<?")
