"""Jinja templates, with the words in the user's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from importer.fieldtypes import shown
from importer.messages import LANGUAGES, N_, translate
from importer.web.desk import Desk, Who
from importer.web.rights import Action
from importer.web.sessions import csrf_of
from importer.web.words import WORDS

__all__ = ["Pages"]

NAMES: Final = {"zh_TW": "繁體中文", "zh_CN": "简体中文", "en": "English"}
TAGS: Final = {"zh_TW": "zh-Hant-TW", "zh_CN": "zh-Hans-CN", "en": "en"}


class Pages:
    """Renders the templates of a folder."""

    def __init__(self, folder: Path) -> None:
        self._jinja = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._jinja.globals.update(_=_words, Action=Action, languages=NAMES)
        self._jinja.filters.update(shown=_shown, moment=_moment, number=_number, called=_called, span=_span)

    def page(self, request: Request, name: str, who: Who, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page, or a part of one, for somebody who is signed in."""
        desk: Desk = request.app.state.desk
        return self._render(request, name, who.language, status, {"who": who, "desk": desk, **values})

    def plain(self, request: Request, name: str, language: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page for whoever it is."""
        return self._render(request, name, language, status, {"who": None, **values})

    def error(self, request: Request, words: str, *, status: int, language: str) -> HTMLResponse:
        """What went wrong: a page, or a line where a part of a page was asked for."""
        name = "_told.html" if request.headers.get("hx-request") else "error.html"
        return self.plain(request, name, language, status=status, words=words)

    def _render(self, request: Request, name: str, language: str, status: int, values: Mapping[str, Any]) -> HTMLResponse:
        csrf = csrf_of(request) if "session" in request.scope else ""
        fixed = {"request": request, "language": language, "tag": TAGS.get(language, "en"), "csrf": csrf}
        return HTMLResponse(self._jinja.get_template(name).render({**fixed, **values}), status_code=status)


@pass_context
def _words(context: Context, text: str, **values: object) -> str:
    """A text of the message catalogue."""
    language = context["language"] if context["language"] in LANGUAGES else "en"
    return translate(text, language, **values)


@pass_context
def _called(context: Context, value: object, kind: str) -> str:
    """A value of the ledger or the page by its name in the user's language."""
    text = WORDS[kind].get(str(value), "")
    return _words(context, text) if text else str(value)


@pass_context
def _span(context: Context, seconds: float) -> str:
    """A time that is left, roughly."""
    if seconds < 90:
        return _words(context, N_("{count} s"), count=round(seconds))
    if seconds < 5400:
        return _words(context, N_("{count} min"), count=round(seconds / 60))
    return _words(context, N_("{count} h"), count=round(seconds / 3600, 1))


def _shown(value: Any) -> str:
    return "" if value is None else shown(value)


def _moment(value: datetime | None, *, seconds: bool = False) -> Markup | str:
    """In the server's time zone, which is the office's."""
    if value is None:
        return ""
    local = value.astimezone()
    return Markup('<time datetime="{}">{}</time>').format(
        local.isoformat(timespec="seconds"), local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    )


def _number(value: float | Decimal) -> str:
    return f"{value:,}"
