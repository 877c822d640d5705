"""From the upload to the posted document and back, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from site_folder import moved_in, movements_of, once_each, sound_rows
from web.conftest import Office

from importer.simulator import Simulator

WORDS = {
    "zh-TW": {
        "positive": "必須大於 0",
        "sound": "沒有發現錯誤",
        "waits": "等待放行",
        "ended": "3 張單據中完成 3 張",
        "undone": "已還原 3 張單據",
    },
    "en": {
        "positive": "greater than 0",
        "sound": "No mistakes found",
        "waits": "waits for release",
        "ended": "Ended: 3 of 3",
        "undone": "Taken back: 3 of 3",
    },
}


def no_wider_than_the_window(page: Any) -> bool:
    """Whether nothing sticks out at the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", WORDS)
def test_from_mistakes_to_posted_documents_and_back(
    office: Office, erp: Simulator, sign_in: Callable[..., Any], shots: Path, language: str, width: int
) -> None:
    """Mistakes stand on their cells; the corrected workbook is previewed, released by somebody else, posted, and taken back."""
    words = WORDS[language]
    rows = sound_rows()
    wrong = office.site.workbook([{**rows[0], "qty": -1}, *rows[1:]], name="wrong.xlsx")
    right = office.site.workbook(rows, name="right.xlsx")

    def shoot(page: Any, name: str) -> None:
        assert no_wider_than_the_window(page)
        page.screenshot(path=shots / f"{name}_{language}_{width}.png", full_page=True)

    anne = sign_in("anne", language=language, width=width)
    anne.set_input_files("#file", wrong)
    anne.click(".drop button")
    anne.wait_for_selector(".sheet td.error")
    assert words["positive"] in anne.inner_text(".sheet td.error")
    shoot(anne, "mistakes")
    anne.goto("/")
    anne.set_input_files("#file", right)
    anne.click(".drop button")
    anne.wait_for_selector(f"text={words['sound']}")
    shoot(anne, "preview")
    anne.click("form[action$=hand-on] button")
    anne.wait_for_selector(f"text={words['waits']}")

    bob = sign_in("bob", language=language, width=width)
    bob.click("text=right.xlsx")
    bob.click("form[action$=release] button")
    bob.wait_for_selector(f"text={words['ended']}")
    shoot(bob, "ended")
    once_each(erp, movements_of("misc_issue", rows), 3)
    with bob.expect_download() as download:
        bob.click("a[href$='/results']")
    taken = office.site.folder / download.value.suggested_filename
    download.value.save_as(taken)
    assert {row["_result.status"].rsplit(maxsplit=1)[-1] for row in office.site.results_rows(taken)} == {"posted"}

    bob.click("a[href$='/undo']")
    bob.wait_for_selector("button.danger")
    shoot(bob, "plan")
    bob.check("main input[type=checkbox]")
    bob.click("button.danger")
    bob.wait_for_selector(f"text={words['undone']}")
    shoot(bob, "undone")
    assert not any(moved_in(erp).values())
