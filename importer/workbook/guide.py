"""The sheet `說明` of a template: how to fill it in, and what every column means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from importer.mapping import CHECKS, Mapping
from importer.messages import N_, translate
from importer.workbook.describe import PARTS, Column, screen_width
from importer.workbook.meta import LISTS_SHEET
from importer.workbook.page import set_up_page
from importer.workbook.palette import FILLS, FONT

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["GUIDE_SHEETS", "write_guide"]

GUIDE_SHEETS: Final = {"zh_TW": "說明", "zh_CN": "说明", "en": "Guide"}

STEPS: Final = (
    N_("Fill in the sheet “{sheet}” from row 3 on. One row is one line of a document."),
    N_("Rows with the same document key become one document; a blank key means the same document as in the row above."),
    N_("Columns with a blue heading belong to the whole document: the first row of a document is enough."),
    N_("Columns with a green heading belong to the line: fill them in on every row. Columns with * are required."),
    N_("The headings are protected, without a password. Columns of your own may be added at the right; they are not imported."),
    N_(
        "Where Excel says that a cell is protected: Review > Unprotect Sheet. Then columns may be moved, too; leave the hidden row 1 alone."
    ),
    N_("Paste values only, so that codes stay text and keep their zeros (00123). Type dates like 2026-01-31."),
    N_("Blank and hidden rows are not imported. A document of more than {max_lines} lines is split into several."),
    N_("If something is wrong, the workbook comes back with every mistake marked; nothing has been imported then."),
    N_("Correct it and hand the same workbook in again. What is already in the ERP is never imported twice."),
)
EXAMPLE_STEP: Final = N_("The sheet “{example}” shows filled-in documents. It is never imported.")
LISTS_STEP: Final = N_(
    "Drop-downs offer your site's own codes; the hidden sheet “{lists}” has them with their names (right-click a sheet tab, Unhide)."
    " A newer code may be typed all the same; the check says whether it is known."
)
LINE_HEIGHT: Final = 15  # points
HEADINGS: Final = (
    (N_("Column"), 20),
    (N_("Belongs to"), 14),
    (N_("Fill in"), 30),
    (N_("Type"), 16),
    (N_("Length"), 24),
    (N_("Rules"), 36),
    (N_("Meaning"), 52),
    (N_("Example"), 16),
    (N_("Technical name"), 20),
)


def write_guide(sheet: Worksheet, mapping: Mapping, columns: Sequence[Column], *, with_lists: bool, example: str | None) -> None:
    """Title, steps, and the table of columns. `with_lists`: there are drop-downs from a site's lists; `example`: its sheet, if any."""
    from openpyxl.styles import Font

    language = columns[0].language
    sheet.append([mapping.title_in(language)])
    sheet["A1"].font = Font(name=FONT, bold=True, size=16)
    sheet.append([])
    more = [*([EXAMPLE_STEP] if example else []), *([LISTS_STEP] if with_lists else [])]
    steps = _steps(mapping, language, [*STEPS, *more], example or "")
    for number, sentence in enumerate(steps, 1):
        sheet.append([f"{number}. {sentence}"])
    sheet.append([])
    _write_table(sheet, columns)
    sheet.sheet_view.showGridLines = False
    set_up_page(sheet)


def _steps(mapping: Mapping, language: str, texts: Sequence[str], example: str) -> Iterator[str]:
    values = {"sheet": mapping.title_in(language), "max_lines": mapping.max_lines, "lists": LISTS_SHEET, "example": example}
    for text in texts:
        yield translate(text, language, **values)
    for check in mapping.checks:
        for name, fields in check.items():
            yield _check_in_words(name, fields, mapping, language)


def _check_in_words(name: str, fields: dict[str, Any], mapping: Mapping, language: str) -> str:
    if name == "different":
        left, right = (" / ".join(mapping.fields[one].label_in(language) for one in fields[side]) for side in ("left", "right"))
        return translate(N_("{left} must not be the same as {right}."), language, left=left, right=right)
    return translate(CHECKS[name], language) + ("." if language == "en" else "。")


def _write_table(sheet: Worksheet, columns: Sequence[Column]) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    thin = Side(style="thin", color="BFBFBF")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)
    first = sheet.max_row + 2
    for position, (heading, width) in enumerate(HEADINGS, 1):
        cell = sheet.cell(first, position, translate(heading, columns[0].language))
        cell.font, cell.border = Font(name=FONT, bold=True), border
        cell.fill = PatternFill("solid", fgColor="D9D9D9")
        sheet.column_dimensions[cell.column_letter].width = width
    for row, column in enumerate(columns, first + 1):
        for position, text in enumerate(_row(column), 1):
            cell = sheet.cell(row, position, text)
            cell.border, cell.number_format = border, "@"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        sheet.cell(row, 1).fill = PatternFill("solid", fgColor=FILLS[column.part])
        sheet.row_dimensions[row].height = LINE_HEIGHT * _lines_needed(_row(column))


def _lines_needed(texts: Sequence[str]) -> int:
    """Lines of the highest cell once its text is wrapped; Excel does not find out by itself when it opens a file."""
    widths = [width for _, width in HEADINGS]
    return max(sum(1 + screen_width(line) // width for line in text.split("\n")) for text, width in zip(texts, widths, strict=True))


def _row(column: Column) -> list[str]:
    part, rules = column.say(PARTS[column.part]), "\n".join(column.rules())
    texts = [column.heading, part, column.necessity, column.type, column.length, rules, column.meaning]
    return [*texts, column.field.example or "", column.name]
