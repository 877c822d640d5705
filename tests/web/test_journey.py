"""From the upload to the posted document, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from site_folder import movements_of, once_each, sound_rows
from web.conftest import Office

from importer.simulator import Simulator


def test_from_mistakes_to_posted_documents(office: Office, erp: Simulator, sign_in: Callable[..., Any], shots: Path) -> None:
    """Mistakes stand on their cells; the corrected workbook is previewed, released by somebody else, and posted."""
    rows = sound_rows()
    wrong = office.site.workbook([{**rows[0], "qty": -1}, *rows[1:]], name="wrong.xlsx")
    right = office.site.workbook(rows, name="right.xlsx")
    anne = sign_in("anne")
    anne.set_input_files("#file", wrong)
    anne.click("text=檢查")
    anne.wait_for_selector(".sheet td.error")
    anne.screenshot(path=shots / "mistakes.png", full_page=True)
    assert "必須大於 0" in anne.inner_text(".sheet td.error")
    anne.goto("/")
    anne.set_input_files("#file", right)
    anne.click("text=檢查")
    anne.wait_for_selector("text=沒有發現錯誤")
    anne.screenshot(path=shots / "preview.png", full_page=True)
    anne.click("text=送交放行")
    anne.wait_for_selector("text=等待放行")
    bob = sign_in("bob", language="en")
    bob.click("text=right.xlsx")
    bob.click("button:has-text('Release')")
    bob.wait_for_selector("text=Ended: 3 of 3")
    bob.screenshot(path=shots / "ended.png", full_page=True)
    with bob.expect_download() as download:
        bob.click("text=Download the results")
    taken = office.site.folder / download.value.suggested_filename
    download.value.save_as(taken)
    assert {row["_result.status"].rsplit(maxsplit=1)[-1] for row in office.site.results_rows(taken)} == {"posted"}
    once_each(erp, movements_of("misc_issue", rows), 3)
