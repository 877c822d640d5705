"""The issue catalogue: every code, how grave it is, and what a person is told.

Texts say what is wrong and what was found, remedies say what to do. Placeholders are the `values` of an issue and
always `value`, `header`, `field`, `row`, `cell` and `sheet`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from importer.messages import N_, translate
from importer.models import Issue, Severity

__all__ = ["CATALOGUE", "CatalogueEntry", "issue", "remedy", "render", "title"]

SHOWN_LENGTH: Final = 60  # of a found value in a message; the cell itself holds the rest
ERROR, WARNING, HINT = Severity.ERROR, Severity.WARNING, Severity.HINT


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """What stands for one code in messages and in the documentation; texts are English keys of the message catalogue."""

    severity: Severity
    title: str  # a few words, for lists and the documentation
    text: str  # what is wrong, what was found
    remedy: str  # what to do


def _error(title: str, text: str, remedy: str) -> CatalogueEntry:
    return CatalogueEntry(severity=ERROR, title=title, text=text, remedy=remedy)


def _warning(title: str, text: str, remedy: str) -> CatalogueEntry:
    return CatalogueEntry(severity=WARNING, title=title, text=text, remedy=remedy)


def _hint(title: str, text: str, remedy: str) -> CatalogueEntry:
    return CatalogueEntry(severity=HINT, title=title, text=text, remedy=remedy)


FILE: Final = {
    "file_not_found": _error(
        N_("File not found"),
        N_("The file {file} does not exist."),
        N_("Check its name and folder."),
    ),
    "file_not_workbook": _error(
        N_("Not a workbook"),
        N_("{file} is not an Excel workbook ({found})."),
        N_("Hand in a file that Excel saved as .xlsx, or a .csv file."),
    ),
    "file_encrypted": _error(
        N_("Workbook has a password"),
        N_("{file} is protected by a password and cannot be opened."),
        N_("Remove the password in Excel and save the file."),
    ),
    "file_broken": _error(
        N_("Workbook is damaged"),
        N_("{file} is damaged or incomplete ({reason})."),
        N_("Open it in Excel, save it again and hand in the new file."),
    ),
    "file_changing": _error(
        N_("Workbook is being changed"),
        N_("{file} was saved again and again while it was being read."),
        N_("Wait until whoever writes it is done, and hand it in again."),
    ),
    "file_too_large": _error(
        N_("Workbook is too large"),
        N_("{file} unpacks to {size} MB or more; at most {limit} MB are read."),
        N_("Save it anew in Excel, or split it into several files."),
    ),
    "sheet_too_large": _error(
        N_("Sheet reaches too far"),
        N_("The sheet {sheet} has cells as far as row {last_row} and column {last_column}, which is too much to read."),
        N_("Delete what stands far below or right of the data, or split the workbook into several files."),
    ),
    "csv_encoding_unknown": _error(
        N_("Encoding of the text file unknown"),
        N_("It cannot be told in which encoding {file} was written ({found})."),
        N_("Save it as “CSV UTF-8” or as .xlsx and hand it in again."),
    ),
    "csv_broken": _error(
        N_("Text file is damaged"),
        N_("{file} cannot be divided into cells at row {at}; found: {found}."),
        N_("Correct the quotation marks there, or open the file in Excel and save it as .xlsx."),
    ),
    "format_unscanned": _warning(
        N_("Old file format"),
        N_("Of this old file only the values can be read: error cells such as #N/A look like blank ones, hidden rows like others."),
        N_("Save the workbook as .xlsx to have them checked."),
    ),
}

STRUCTURE: Final = {
    "document_type_unknown": _error(
        N_("Document type unknown"),
        N_("The workbook does not say which document type it holds (found: {value})."),
        N_("Use one of the importer's templates, or name the document type: {known}."),
    ),
    "document_type_mismatch": _error(
        N_("Another document type"),
        N_("The workbook is a template for {found}, but {asked} was asked for."),
        N_("Hand in the right workbook, or leave the document type out."),
    ),
    "template_outdated": _warning(
        N_("Template of another version"),
        N_("The workbook was made with version {found} of the template; the present one is {current}."),
        N_("Get the present template for the next time."),
    ),
    "sheet_missing": _error(
        N_("Data sheet not found"),
        N_("No sheet has the columns of {title} in its first two rows."),
        N_("Use the template, or put the column names into row 1."),
    ),
    "no_rows": _error(
        N_("No data"),
        N_("The sheet {sheet} has no data below its column names."),
        N_("Fill in the rows, save the workbook and hand it in again."),
    ),
    "column_missing": _error(
        N_("Column missing"),
        N_("The column “{header}” is missing."),
        N_("Add the column with exactly this name, or use the template."),
    ),
    "column_twice": _error(
        N_("Column stands there twice"),
        N_("The column “{header}” stands there twice, in {first} and in {second}."),
        N_("Delete or rename one of the two."),
    ),
    "columns_unknown": _hint(
        N_("Columns not used"),
        N_("These columns are not part of the template and are not imported: {names}."),
        N_("Nothing needs to be done unless one of them was meant for the ERP."),
    ),
    "row_too_long": _error(
        N_("More cells than columns"),
        N_("The row has {cells} cells, but the file has only {columns} columns; a comma within a value may lack its quotation marks."),
        N_("Put the value into quotation marks, or hand the file in as .xlsx."),
    ),
    "row_twice": _error(
        N_("Row stands there twice"),
        N_("The file holds two rows with the number {row}; one of them cannot be read."),
        N_("Open the workbook in Excel, make sure that no row is lost, and save it."),
    ),
    "rows_short": _warning(
        N_("Fewer cells than columns"),
        N_("{count} rows end before the last column; what they lack is taken as blank: {rows}."),
        N_("Make sure that no line break within a value has cut these rows in two."),
    ),
    "sheets_left_out": _warning(
        N_("Further sheets left out"),
        N_("Only the sheet {sheet} is imported; these sheets have the same columns and are not read: {names}."),
        N_("Hand in a workbook of its own for each sheet that is to be imported."),
    ),
    "columns_hidden": _warning(
        N_("Hidden columns are imported"),
        N_("These columns are hidden, and their values are imported all the same: {names}."),
        N_("Show the columns and make sure that their values are right."),
    ),
    "rows_hidden": _warning(
        N_("Hidden rows left out"),
        N_("{count} hidden rows are not imported: {rows}."),
        N_("Show the rows (clear the filter) if they belong to the data, and hand the workbook in again."),
    ),
}

CELL: Final = {
    "error_cell": _error(
        N_("Error value in a cell"),
        N_("The cell shows the error {value}."),
        N_("Correct the formula, or type the value itself."),
    ),
    "formula_without_value": _error(
        N_("Formula was never calculated"),
        N_("The cell holds a formula, but the file does not hold its result."),
        N_("Open the workbook in Excel, let it calculate, and save it; or type the value itself."),
    ),
    "cells_without_address": _error(
        N_("Cells that cannot be located"),
        N_("The sheet {sheet} holds error values, formulas without results or hidden rows; the program that wrote it left out where."),
        N_("Open the workbook in Excel, correct such cells, show such rows, and save it."),
    ),
    "number_format_hides": _error(
        N_("Number format shows what is not there"),
        N_("The cell shows {shown}, but only the number {value} is stored in it."),
        N_("Format the column as text and type {shown} again."),
    ),
    "number_shown_otherwise": _warning(
        N_("Number format shows another number"),
        N_("The cell shows {shown}; the number that is stored in it and imported is {value}."),
        N_("Make sure that {value} is meant; if so, nothing needs to be done."),
    ),
    "cells_merged": _error(
        N_("Merged cells"),
        N_("The cells {range} are merged; only the first one holds a value, and it is not known what is meant in the others."),
        N_("Unmerge them and type a value into every row and column."),
    ),
    "number_too_long": _error(
        N_("Number too long for Excel"),
        N_("Excel keeps only 15 digits of a number; of {value} the last ones are lost."),
        N_("Format the column as text and type the value again."),
    ),
}

TYPE: Final = {
    "not_a_code": _error(
        N_("Not a code"),
        N_("“{value}” is a date or a logical value, not a code."),
        N_("Format the cell as text and type the code again."),
    ),
    "code_not_whole": _error(
        N_("Code with decimals"),
        N_("“{value}” is a number with a sign or decimals, not a code."),
        N_("Format the cell as text and type the code again."),
    ),
    "code_as_number": _warning(
        N_("Code typed as a number"),
        N_("The code {text} is stored as a number; zeros at its beginning would be lost."),
        N_("If zeros are missing, format the column as text and type the code again."),
    ),
    "code_scientific": _error(
        N_("Long number in place of a code"),
        N_("“{value}” is how Excel shows a long number, not the code itself; its digits are lost."),
        N_("Format the column as text and type the code again."),
    ),
    "code_full_width": _warning(
        N_("Full-width characters in a code"),
        N_("“{value}” has full-width characters; with half-width ones it would be {text}."),
        N_("Type it in half-width characters unless the ERP has the code just so."),
    ),
    "not_a_number": _error(
        N_("Not a number"),
        N_("“{value}” is not a number."),
        N_("Type digits and a decimal point only."),
    ),
    "not_whole": _error(
        N_("Not a whole number"),
        N_("{value} is not a whole number."),
        N_("Type a number without decimals."),
    ),
    "not_a_date": _error(
        N_("Not a date"),
        N_("“{value}” is not a date."),
        N_("Type it like {format}."),
    ),
    "date_ambiguous": _error(
        N_("Date with two meanings"),
        N_("“{value}” can mean {first} or {second}."),
        N_("Type the one that is meant in just this form."),
    ),
    "date_roc": _error(
        N_("Date with a year of the Republic"),
        N_("“{value}” looks like a date with a year of the Republic (民國), which would be {date}."),
        N_("Type {date}, or have such dates allowed with the setting date_formats (entry roc)."),
    ),
    "date_as_number": _error(
        N_("Date stored as a number"),
        N_("“{value}” is a number; as a date it would be {date}."),
        N_("If that is the date, type {date}."),
    ),
    "date_with_time": _warning(
        N_("Date with a time"),
        N_("“{value}” has a time of day; only the date {date} is used."),
        N_("Nothing needs to be done if the date is right."),
    ),
}

LIMIT: Final = {
    "required_missing": _error(
        N_("Required value missing"),
        N_("“{header}” is blank."),
        N_("Fill in this cell."),
    ),
    "too_long": _error(
        N_("Text too long"),
        N_("“{value}” has {length} characters; at most {limit} are allowed."),
        N_("Shorten it; nothing is cut automatically."),
    ),
    "too_long_bytes": _error(
        N_("Text too long in bytes"),
        N_("“{value}” takes {length} bytes; at most {limit} are allowed (a Chinese character takes 3)."),
        N_("Shorten it; nothing is cut automatically."),
    ),
    "not_positive": _error(
        N_("Number must be greater"),
        N_("“{header}” {value} must be greater than {limit}."),
        N_("Type a greater number."),
    ),
    "too_small": _error(
        N_("Number too small"),
        N_("“{header}” {value} must not be less than {limit}."),
        N_("Type {limit} or more."),
    ),
    "too_large": _error(
        N_("Number too large"),
        N_("“{header}” {value} must not be more than {limit}."),
        N_("Type {limit} or less."),
    ),
    "too_many_decimals": _error(
        N_("Too many decimals"),
        N_("{value} has {decimals} decimals; at most {limit} are allowed."),
        N_("Round it yourself; nothing is rounded automatically."),
    ),
    "too_many_digits": _error(
        N_("Number too large for the ERP"),
        N_("{value} has {digits} digits before the decimal point; at most {limit} are allowed."),
        N_("Check the number."),
    ),
    "not_in_list": _error(
        N_("Not in the list"),
        N_("“{value}” is not one of the allowed values of “{header}”: {allowed}."),
        N_("Choose a value from the list."),
    ),
    "spelled_otherwise": _error(
        N_("Code spelled otherwise"),
        N_("“{value}” is not in the list of “{header}”, but {meant} is: only case or width (full or half) differ."),
        N_("Type {meant}."),
    ),
    "period_closed": _error(
        N_("Date in a closed period"),
        N_("The ERP takes nothing of {value}: stock is closed up to and including {close}."),
        N_("Type a later date, or ask accounting when the period can be opened."),
    ),
    "period_not_open": _error(
        N_("Date after the current period"),
        N_("The ERP takes nothing of {value} yet: the current period ends on {end}."),
        N_("Type an earlier date, or wait until the next period is opened."),
    ),
    "date_far_away": _warning(
        N_("Date far away"),
        N_("“{header}” is {value}, which is years away."),
        N_("Check the year."),
    ),
    "not_translated": _error(
        N_("No new code"),
        N_("The table of new codes for “{header}” does not have “{value}”."),
        N_("Add it to the table, or correct the cell."),
    ),
    "token_in_text": _error(
        N_("Text holds the importer's reference"),
        N_("“{value}” holds “[IMP:”, which the importer keeps for its own reference."),
        N_("Delete the part from “[IMP:” to “]”."),
    ),
    "control_character": _error(
        N_("Character that the ERP cannot store"),
        N_("“{value}” holds a line break, a tab or another invisible character."),
        N_("Delete it, or type the text again in one line."),
    ),
}

LINE: Final = {
    "conversion_missing": _error(
        N_("Conversion missing"),
        N_("The units {out_unit} and {in_unit} differ, so “{header}” is needed."),
        N_("Fill in this cell, or use the same unit on both sides."),
    ),
    "conversion_differs": _error(
        N_("Conversion does not add up"),
        N_("“{header}” is {value}, but the quantity and the conversion rate give {expected}."),
        N_("Correct the quantity or the conversion rate."),
    ),
    "conversion_not_one": _error(
        N_("Conversion without different units"),
        N_("The units are the same (a blank one counts as the same), but “{header}” is {value}."),
        N_("Clear this cell or type 1, or correct the units."),
    ),
    "not_within": _error(
        N_("Not in this warehouse"),
        N_("“{header}” {value} is not in {outer}; it is in: {places}."),
        N_("Correct one of the two."),
    ),
    "same_place": _error(
        N_("From and to are the same place"),
        N_("The goods leave from where they go to: {place}."),
        N_("Correct one of the two places."),
    ),
}

DOCUMENT: Final = {
    "key_missing": _error(
        N_("First document key missing"),
        N_("“{header}” is blank on the first row, so it is not known to which document the row belongs."),
        N_("Fill in a value of your own, such as 1; rows with the same value become one document."),
    ),
    "header_disagrees": _error(
        N_("Document head differs"),
        N_("“{header}” is {value} here, but {first} on row {first_row} of the same document."),
        N_("Type the same value, leave the cell blank, or give the row another document key."),
    ),
    "document_has_errors": _error(
        N_("Other rows of the document have errors"),
        N_("This row is in order, but row {other_row} of the same document is not."),
        N_("Correct that row; the document is imported as a whole."),
    ),
    "document_split": _hint(
        N_("Document is split"),
        N_("The document {key} has {lines} lines and becomes {parts} documents of at most {limit} lines."),
        N_("Nothing needs to be done."),
    ),
    "line_twice": _warning(
        N_("Same line twice"),
        N_("This line is the same as row {first_row} of the document."),
        N_("Delete one of the two unless both are meant."),
    ),
    "document_twice": _warning(
        N_("Same document twice"),
        N_("The document {key} says the same as {first_key} on row {first_row}."),
        N_("Both are imported; delete one of them unless both are meant."),
    ),
    "stock_short": _warning(
        N_("Not enough in stock"),
        N_("This line takes {needed} of {item} at {place}, where {available} is left by the stock list when it is posted."),
        N_("Correct the quantity or the place, or receive the goods first."),
    ),
    "stock_unit_differs": _hint(
        N_("Stock not checked: another unit"),
        N_("{item} is kept in {stock_unit} by the stock list; what moves in {unit} was left out of the check of stock."),
        N_("Nothing needs to be done."),
    ),
    "lists_missing": _hint(
        N_("Lists not there"),
        N_("There is no list of {names}, so these codes were not checked."),
        N_("Add the lists, or have them fetched from the ERP."),
    ),
    "untranslated_values": _hint(
        N_("Values without a new code"),
        N_("“{header}”: {count} different values have no new code: {values}."),
        N_("Add them all to the table of new codes."),
    ),
    "changed_after_import": _error(
        N_("Changed after it was imported"),
        N_("The document stands in the ERP as {number}, but its rows were changed since."),
        N_("Undo {number} first, or import the changed document once more on purpose with a reason (--again)."),
    ),
    "query_workbook": _error(
        N_("Workbook of a query"),
        N_("This workbook was made by `importer query`: its documents are in the ERP already."),
        N_("Use `importer update` to bring your changes back, or a fresh template for new documents."),
    ),
    "field_ignored": _warning(
        N_("Not read on this route"),
        N_("{header} is not read by the combined service; 「{value}」 will be lost."),
        N_("Leave the cell blank, or use the standard route."),
    ),
    "field_overwritten": _hint(
        N_("Replaced on this route"),
        N_("{header} may be replaced by a value of the ERP's own on the combined route; here it is 「{value}」."),
        N_("Use the standard route if it matters."),
    ),
    "erp_refused": _error(
        N_("Refused by the ERP"),
        N_("The ERP refused this value: {text}."),
        N_("Correct it and hand the workbook in again; what is done already is skipped."),
    ),
    "key_seen_before": _warning(
        N_("Document key was used before"),
        N_("A document with the key {key}, the same slip type and date was imported as {number}, with other content."),
        N_("Make sure that this is not the same document once more."),
    ),
}

CATALOGUE: Final[Mapping[str, CatalogueEntry]] = {**FILE, **STRUCTURE, **CELL, **TYPE, **LIMIT, **LINE, **DOCUMENT}


def issue(
    code: str,
    *,
    sheet: str | None = None,
    row: int | None = None,
    column: int | None = None,
    header: str | None = None,
    field: str | None = None,
    value: str = "",
    **values: object,
) -> Issue:
    """An issue of the severity that its code has in the catalogue; further arguments fill the text's placeholders."""
    severity = CATALOGUE[code].severity
    return Issue(code=code, severity=severity, sheet=sheet, row=row, column=column, header=header, field=field, value=value, values=values)


def title(code: str, language: str) -> str:
    """A few words for the code."""
    return translate(CATALOGUE[code].title, language)


def render(issue: Issue, language: str) -> str:
    """What is wrong, what was found and what to do, in the user's language."""
    entry = CATALOGUE[issue.code]
    space = "" if language.startswith("zh") else " "
    return f"{_filled(entry.text, issue, language)}{space}{_filled(entry.remedy, issue, language)}"


def remedy(issue: Issue, language: str) -> str:
    """What to do, alone."""
    return _filled(CATALOGUE[issue.code].remedy, issue, language)


class _Filling(dict[str, str]):
    """Placeholders of a text; one that the issue does not carry is shown as an ellipsis rather than breaking the message."""

    def __missing__(self, name: str) -> str:
        return "…"


def _filled(text: str, issue: Issue, language: str) -> str:
    known = {
        "value": issue.value,
        "header": (issue.header or issue.field or "").strip("* ＊\n"),
        "field": issue.field or "",
        "row": issue.row or "",
        "cell": issue.cell or "",
        "sheet": issue.sheet or "",
        **issue.values,
    }
    filling = _Filling({name: _shown(value, language) for name, value in known.items()})
    return translate(text, language).format_map(filling)


def _shown(value: object, language: str) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ("、" if language.startswith("zh") else ", ").join(_shown(item, language) for item in value)
    text = str(value)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
