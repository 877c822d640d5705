"""Every route of the application, as the tests walk them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from importer.web import pages, rest

Route = tuple[str, str]
"""Method and path, such as `("POST", "/uploads/{upload_id}/release")`."""


def api_routes() -> dict[Route, APIRoute]:
    """Below /api."""
    return _by_name(rest.routers())


def page_routes() -> dict[Route, APIRoute]:
    """The pages."""
    return _by_name(pages.routers())


def every_route() -> dict[Route, APIRoute]:
    """Both."""
    return {**page_routes(), **api_routes()}


def _by_name(routers: list) -> dict[Route, APIRoute]:
    found = [(method, route) for router in routers for route in router.routes for method in route.methods]
    return {(method, route.path): route for method, route in found}


def asks_for(route: APIRoute) -> set[object]:
    """Everything that a route depends on."""
    return set(_calls(route.dependant))


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def filled(path: str, values: Mapping[str, str] | None = None) -> str:
    """The path with something for each of its parts."""
    return re.sub(r"\{(\w+)(?::path)?\}", lambda part: (values or {}).get(part[1], "0" * 16), path)
