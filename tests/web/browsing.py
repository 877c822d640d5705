"""A page's user without a browser: a client with cookies that fills in forms, and can send what no browser would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from web.conftest import PASSWORD, Office

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Visitor(httpx.Client):
    """Somebody at the page; `post_form` sends the token that forms carry."""

    def __init__(self, office: Office, **values: Any) -> None:
        super().__init__(base_url=office.url, headers={"Accept-Language": "en"}, timeout=60, **values)

    @property
    def csrf(self) -> str:
        """Of this session."""
        found = CSRF.search(self.get("/sign-in").text)
        assert found is not None
        return found[1]

    def post_form(self, path: str, data: dict[str, Any] | None = None, **values: Any) -> httpx.Response:
        """As a form of the page sends it."""
        return self.post(path, data={"csrf": self.csrf, **(data or {})}, **values)

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """By the form."""
        return self.post_form("/sign-in", {"name": name, "password": password})


@contextmanager
def signed_in(office: Office, name: str) -> Iterator[Visitor]:
    """Somebody who has signed in."""
    with Visitor(office) as visitor:
        assert visitor.sign_in(name).status_code == 303
        yield visitor
