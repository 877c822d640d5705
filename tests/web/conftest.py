from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from site_folder import SiteFolder

from importer.ledger import User
from importer.settings import load_settings
from importer.simulator import Simulator, SimulatorSettings
from importer.web import WebServer
from importer.web.desk import Who
from importer.web.passwords import hashed

PASSWORD = "correct horse battery"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PEOPLE = {
    "anne": [("*", "uploader")],
    "bob": [("*", "approver")],
    "root": [("*", "administrator")],
}
_HASH = hashed(PASSWORD)


@dataclass
class Office:
    """A site with its page, and the people who use it."""

    site: SiteFolder
    server: WebServer
    people: dict[str, User] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url

    def add(self, name: str, *roles: tuple[str, str], **values: Any) -> User:
        """A user with these roles."""
        user = User(name=name, display_name=name.title(), password_hash=_HASH, roles=frozenset(roles), **values)
        self.server.app.state.desk.portal.save_user(user)
        self.people[name] = user
        return user

    def who(self, name: str) -> Who:
        """As the desk is told who acts."""
        return Who(user=self.people[name], language="en")


@pytest.fixture(scope="module")
def shared_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for all tests of a module that leave it as it was; `all` has every role."""
    with Simulator(SimulatorSettings()) as erp:
        site = SiteFolder(tmp_path_factory.mktemp("shared"), erp.standard_url, second_person=True)
        with WebServer(load_settings(site.config)) as server:
            found = Office(site, server)
            for name, roles in {**PEOPLE, "all": [("*", role) for role in ("uploader", "approver", "administrator")]}.items():
                found.add(name, *roles)
            yield found
        site.close()


@pytest.fixture
def office(site: SiteFolder) -> Iterator[Office]:
    """One ERP, one page, an uploader, an approver and an administrator; the second person releases."""
    site.configure(second_person=True)
    with WebServer(load_settings(site.config)) as server:
        found = Office(site, server)
        for name, roles in PEOPLE.items():
            found.add(name, *roles)
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium."""
    if CHROMIUM is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("needs Chromium (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def sign_in(browser: Any, office: Office) -> Iterator[Callable[..., Any]]:
    """A page of somebody who has signed in, in a context of their own."""
    contexts = []

    def begin(name: str, *, language: str = "zh-TW", width: int = 1280) -> Any:
        context = browser.new_context(locale=language, viewport={"width": width, "height": 900}, base_url=office.url)
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url(f"{office.url}/")
        return page

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture
def shots() -> Path:
    """Screenshots are kept here, ignored by git."""
    folder = Path(__file__).parents[2] / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
