"""Blank templates to download, with the drop-downs of the site's own lists."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi import APIRouter, BackgroundTasks, Request, Response
from fastapi.responses import FileResponse

from importer.api.templates import write_templates
from importer.errors import ConfigurationError, NotAllowed
from importer.messages import LANGUAGES, N_
from importer.web.state import AtDesk, SignedIn, ThePages, heavy

router = APIRouter(include_in_schema=False)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/templates")
def templates(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, profile: str = "") -> Response:
    """One per document type and language."""
    profiles = desk.profiles(who.user)
    profile = profile if profile in profiles else next(iter(profiles), "")
    mappings = sorted(desk.site(profile).mappings.values(), key=lambda mapping: mapping.order) if profile else []
    return pages.page(request, "templates.html", who, mappings=mappings, profiles=profiles, profile=profile)


@router.get("/templates/{profile}/{document_type}/{language}")
async def template(desk: AtDesk, who: SignedIn, tasks: BackgroundTasks, profile: str, document_type: str, language: str) -> Response:
    """A workbook."""
    if profile not in desk.profiles(who.user):
        raise NotAllowed(N_("Your roles do not allow this in profile {profile}."), profile=profile)
    if language not in LANGUAGES:
        raise ConfigurationError(N_("That is none of the choices."))
    folder = tempfile.TemporaryDirectory()
    tasks.add_task(folder.cleanup)
    [written] = await heavy(write_templates, desk.site(profile, language), [document_type], Path(folder.name), language=language)
    return FileResponse(written.path, filename=written.path.name, media_type=XLSX, background=tasks)
