"""Every page, in every language, at both widths, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from site_folder import TYPES, sound_rows
from web.conftest import Office
from web.moving import batch_of, desk_of, idle, sent, until, who
from web.test_journey import no_wider_than_the_window

PLAIN = ("/", "/templates", "/dashboard", "/apis", "/apis/misc_issue/create", "/apis/misc_issue/combined", "/account", "/users", "/audit")


@pytest.mark.parametrize(("language", "width"), [("zh-TW", 1280), ("zh-CN", 390), ("en", 390)])
def test_every_page_fits_and_complains_about_nothing(
    office: Office, sign_in: Callable[..., Any], shots: Path, language: str, width: int
) -> None:
    """No page is wider than the window, and the browser reports neither an error nor a breach of the content security policy."""
    upload = sent(office, sound_rows())
    until(lambda: idle(office, upload))
    office.add("root", ("*", "administrator"), ("*", "uploader"), ("*", "approver"))
    [member, *_] = desk_of(office).ledger.member_search(batch_of(office, upload), limit=1)
    at = f"/uploads/{upload.id}"
    page = sign_in("root", language=language, width=width)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in (*PLAIN, "/users/anne", at, f"{at}/documents", f"{at}/documents/{member.record.token}", f"{at}/undo"):
        answer = page.goto(path)
        assert answer.status == 200, path
        assert page.locator("h1").count() == 1, path
        assert no_wider_than_the_window(page), path
        page.screenshot(path=shots / f"page_{path.strip('/').replace('/', '_') or 'home'}_{language}_{width}.png", full_page=True)
    assert complaints == []


def test_templates_are_downloaded(office: Office, sign_in: Callable[..., Any]) -> None:
    """Each document type in each language; the workbook is in the language that was asked for."""
    page = sign_in("anne")
    page.goto("/templates")
    links = [link.get_attribute("href") for link in page.locator("main a").all()]
    assert len(links) == 3 * len(TYPES)
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    labels = {}
    for language in ("zh_TW", "zh_CN", "en"):
        answer = httpx.get(f"{office.url}/templates/test/misc_issue/{language}", cookies=cookies)
        book = openpyxl.load_workbook(BytesIO(answer.content))
        sheet = next(sheet for sheet in book if any(cell.value == "item_no" for cell in sheet[1]))
        [place] = [cell.column for cell in sheet[1] if cell.value == "item_no"]
        labels[language] = sheet.cell(2, place).value
    assert labels == {"zh_TW": "料號*", "zh_CN": "料号*", "en": "Item*"}
    assert httpx.get(f"{office.url}/templates/other/misc_issue/en", cookies=cookies).status_code == 403
    assert httpx.get(f"{office.url}/templates/test/misc_issue/fr", cookies=cookies).status_code == 409


def test_figures_are_those_of_the_ledger(office: Office, sign_in: Callable[..., Any]) -> None:
    """Documents of today, how they ended, and one line per operation with as many calls as there were."""
    upload = sent(office, sound_rows(documents=4))
    until(lambda: idle(office, upload))
    page = sign_in("bob", language="en")
    page.goto("/dashboard")
    assert page.locator("svg.chart rect.done").count() == 1
    assert "4" in page.inner_text("#outcome + table")
    calls = {row.locator("th").inner_text(): row.locator("td").first.inner_text() for row in page.locator("#took + .wide tbody tr").all()}
    assert calls == {"create": "4", "approve": "4", "post": "4"}


def test_an_uploader_sees_figures_of_their_own(office: Office, sign_in: Callable[..., Any]) -> None:
    """What others handed in is counted for approvers and administrators alone."""
    office.add("dora", ("*", "uploader"))
    upload = sent(office, sound_rows())
    until(lambda: idle(office, upload))
    dora = sign_in("dora", language="en")
    dora.goto("/dashboard")
    assert dora.locator("svg.chart").count() == 0
    anne = sign_in("anne", language="en")
    anne.goto("/dashboard")
    assert anne.locator("svg.chart rect.done").count() == 1


def test_history_has_pages_and_a_search(office: Office, sign_in: Callable[..., Any]) -> None:
    """Older workbooks stand on further pages; a document's number leads to its workbook."""
    desk, anne = desk_of(office), who(office, "anne")
    upload = sent(office, sound_rows(), "the first.xlsx")
    until(lambda: idle(office, upload))
    content = office.site.workbook(sound_rows(seed=3), name="b.xlsx").read_bytes()
    for number in range(51):
        desk.hand_in(anne, profile="test", file=f"book {number}.xlsx", content=content)
    page = sign_in("anne", language="en")
    assert page.locator("tbody tr").count() == 50
    page.click("text=Next page")
    assert page.inner_text("tbody").count("xlsx") == 2
    [member, *_] = desk.ledger.member_search(batch_of(office, upload), limit=1)
    page.fill("#q", member.record.doc_no)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=the first.xlsx")
    assert page.locator("tbody tr").count() == 1


def test_by_keyboard_alone(office: Office, sign_in: Callable[..., Any]) -> None:
    """Tab reaches the way past the navigation first, then every control of the form, each with a visible mark and a name."""
    page = sign_in("anne", language="en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    names = []
    for _ in range(5):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.id || document.activeElement.innerText"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", names
    assert names[:2] == ["file", "Check"]
    assert {"q", "state"} <= set(names)
