"""The API catalogue, to read."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from importer.api.catalogue import apis
from importer.catalogue.services import Service
from importer.errors import NotThere
from importer.messages import N_
from importer.web.desk import Desk, Who
from importer.web.state import AtDesk, SignedIn, ThePages

router = APIRouter(include_in_schema=False, prefix="/apis")


def _catalogue(desk: Desk, who: Who, document_type: str | None = None) -> dict[str, list[Service]]:
    """As the user's first profile has it; without any profile there is nothing to see."""
    profile = next(iter(desk.profiles(who.user)), None)
    return apis(desk.site(profile, who.language), document_type, language=who.language) if profile else {}


@router.get("")
def services(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn) -> Response:
    """By document type."""
    catalogue = _catalogue(desk, who)
    profile = next(iter(desk.profiles(who.user)), None)
    mappings = desk.site(profile).mappings if profile else {}
    return pages.page(request, "apis.html", who, catalogue=catalogue, mappings=mappings)


@router.get("/{document_type}/{operation}")
def service(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, document_type: str, operation: str) -> Response:
    """Fields and samples of one."""
    found = _catalogue(desk, who, document_type).get(document_type, [])
    one = next((service for service in found if service.operation == operation), None)
    if one is None:
        raise NotThere(N_("There is no such service."))
    return pages.page(request, "api.html", who, service=one)
