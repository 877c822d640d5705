"""How the sheets of a template print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["set_up_page"]

A4: Final = 9


def set_up_page(sheet: Worksheet, *, repeat: str | None = None) -> None:
    """Landscape A4, as wide as the page; file, day, sheet and page around it. `repeat` are the rows that every page begins with."""
    sheet.print_title_rows = repeat
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]  # openpyxl always makes one
    sheet.oddHeader.left.text, sheet.oddHeader.right.text = "&F", "&D"  # type: ignore[union-attr]  # as above
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"  # type: ignore[union-attr]  # as above
