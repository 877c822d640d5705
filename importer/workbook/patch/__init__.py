"""Results in the user's own workbook: columns, marks and a summary, streamed into its XML; all else stays byte for byte.

    patch_workbook   results into a copy of an .xlsx or .xlsm; those of an earlier round are replaced
    strip_results    the user's own workbook again
    extract_rows     a copy with only some of the data rows, all else in its place
    build_workbook   a new .xlsx of the same layout, for .xls, .csv and what raises UnpatchableWorkbook

job: the steps · archive, package, dom: zip and small parts · book, styles, comments, vml, summary: one part each ·
scan, cells, rows, columns, frame, sheet: the data sheet · keep, shrink: what is where when rows are gone ·
text: what a cell may hold · values: what callers hand in.
"""

from importer.workbook.patch.build import build_workbook
from importer.workbook.patch.extract import extract_rows
from importer.workbook.patch.job import patch_workbook, strip_results
from importer.workbook.patch.values import Mark, ResultColumn, SummarySheet, UnpatchableWorkbook

__all__ = [
    "Mark",
    "ResultColumn",
    "SummarySheet",
    "UnpatchableWorkbook",
    "build_workbook",
    "extract_rows",
    "patch_workbook",
    "strip_results",
]
