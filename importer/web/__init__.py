"""The page for people who never open a terminal: upload, see every mistake on its cell, preview, release, watch, take the results home.

desk        what people do there, with the rights each of them has; knows nothing of HTTP
jobs        one thread that carries released uploads to the ERP, and takes them up again after a restart
app         the HTTP application: sessions, pages, REST API
serve       on a port of this machine
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.web.app import create_app
    from importer.web.serving import WebServer, serve

__all__ = ["WebServer", "create_app", "serve"]

_HOMES = {"create_app": "app", "WebServer": "serving", "serve": "serving"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
