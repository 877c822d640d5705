"""What cannot be beaten, and other libraries at one part of the work: `python -m tests.benchmarks.floors WORK FILE [OUT]`.

calamine    read the data sheet, nothing else           openpyxl    the same with the other reader
append      openpyxl: load the workbook, add a column of results, save: what a script does that keeps the format
xlsxwriter  write the values into a new workbook: quick, and the user's format is lost
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

DATA_SHEET = 1  # of a template: the guide comes first


def calamine(file: Path, _: Path) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    rows: list[list[Any]] = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(DATA_SHEET).to_python()
    return rows


def openpyxl(file: Path, _: Path) -> None:
    from openpyxl import load_workbook

    for _row in load_workbook(file, read_only=True).worksheets[DATA_SHEET].iter_rows(values_only=True):
        pass


def append(file: Path, out: Path) -> None:
    from openpyxl import load_workbook

    book = load_workbook(file)
    sheet = book.worksheets[DATA_SHEET]
    column = sheet.max_column + 1
    for row in range(3, sheet.max_row + 1):
        sheet.cell(row, column, "posted")
    book.save(out)


def xlsxwriter(file: Path, out: Path) -> None:
    from xlsxwriter import Workbook

    with Workbook(str(out), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, cells in enumerate(calamine(file, out)):
            for column, value in enumerate([*cells, "posted"]):
                if hasattr(value, "year"):
                    sheet.write_datetime(number, column, value, day)
                elif value != "":
                    sheet.write(number, column, value)


WORKS = {"calamine": calamine, "openpyxl": openpyxl, "append": append, "xlsxwriter": xlsxwriter}

if __name__ == "__main__":
    WORKS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3] if len(sys.argv) > 3 else "out.xlsx"))
