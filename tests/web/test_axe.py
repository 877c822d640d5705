"""axe-core on every page, in the real browser: no serious violation, in both languages, at both widths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from site_folder import sound_rows
from web.calling import client_of, ended, hand_in
from web.conftest import PASSWORD, Office
from web.routes import filled, page_routes

GRAVE = {"serious", "critical"}
PARTS = {  # no pages of their own: pieces of one, files, and places that lead elsewhere
    "/setup",
    "/sign-in/company",
    "/sign-in/company/back",
    "/uploads/{upload_id}/picture",
    "/uploads/{upload_id}/progress",
    "/uploads/{upload_id}/results",
    "/uploads/{upload_id}/workbook",
    "/templates/{profile}/{document_type}/{language}",
}


@pytest.fixture(scope="module")
def addresses(shared_office: Office) -> list[str]:
    """Every page, with workbooks in each state of interest."""
    rows = sound_rows()
    with client_of(shared_office, "anne") as anne, client_of(shared_office, "bob") as bob:
        wrong = hand_in(anne, shared_office.site.workbook([{**rows[0], "qty": -1}, *rows[1:]]).read_bytes()).json()["id"]
        waiting = _handed_on(shared_office, anne, seed=1)
        sent = _handed_on(shared_office, anne, seed=2)
        digest = anne.get(f"/uploads/{sent}").json()["preview"]
        bob.post(f"/uploads/{sent}/release", json={"digest": digest}).raise_for_status()
        ended(anne, sent)
        token = anne.get(f"/uploads/{sent}/documents").json()["documents"][0]["token"]
    values = {"upload_id": sent, "token": token, "document_type": "misc_issue", "operation": "create", "name": "anne"}
    pages = [filled(path, values) for method, path in page_routes() if method == "GET" and path not in PARTS]
    return [*pages, f"/uploads/{wrong}", f"/uploads/{waiting}", "/nothing"]


def _handed_on(office: Office, anne: Any, *, seed: int) -> str:
    upload: str = hand_in(anne, office.site.workbook(sound_rows(seed=seed)).read_bytes()).json()["id"]
    digest = anne.get(f"/uploads/{upload}/preview").json()["digest"]
    anne.post(f"/uploads/{upload}/hand-on", json={"digest": digest}).raise_for_status()
    return upload


@pytest.fixture(scope="module")
def open_page(browser: Any, shared_office: Office) -> Iterator[Callable[..., Any]]:
    """A page of somebody who may see everything."""
    contexts = []

    def begin(language: str, width: int, scheme: str) -> Any:
        context = browser.new_context(
            locale=language, viewport={"width": width, "height": 900}, base_url=shared_office.url, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("#name", "all")
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url(f"{shared_office.url}/")
        return page

    yield begin
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_no_page_shuts_anybody_out(open_page: Callable[..., Any], addresses: list[str], language: str, width: int, scheme: str) -> None:
    """Labels, contrast, names for screen readers, keyboard: axe finds nothing serious on any page."""
    page, axe, found = open_page(language, width, scheme), Axe(), []
    for address in addresses:
        page.goto(address)
        for violation in axe.run(page).response["violations"]:
            if violation["impact"] in GRAVE:
                places = [node["html"][:120] for node in violation["nodes"][:3]]
                found.append((address, violation["id"], violation["help"], places))
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append((address, "wider than the window", wide, []))
    assert found == []
