"""What this site offers: one's own roles, document types, templates."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Query, Response
from fastapi.responses import FileResponse

from importer.api.templates import write_templates
from importer.errors import NotThere
from importer.messages import N_
from importer.web.rest.callers import Caller, require_profile
from importer.web.rest.files import WORKBOOK, XLSX
from importer.web.rest.problems import PREFIX, errors
from importer.web.rest.values import DocumentType, Language, Me
from importer.web.state import AtDesk

router = APIRouter(prefix=PREFIX, tags=["site"])
Profile = Annotated[str, Query(max_length=200, description="Name of a profile in which the user has a role")]


@router.get("/me", responses=errors())
def me(desk: AtDesk, who: Caller) -> Me:
    """Whose token this is, and what it allows where."""
    user = who.user
    roles = {
        profile: [role for role in ("uploader", "approver", "administrator") if user.may(role, profile)] for profile in desk.profiles(user)
    }
    return Me(name=user.name, display_name=user.display_name, roles=roles)


@router.get("/document-types", responses=errors(404))
def document_types(desk: AtDesk, who: Caller, profile: Profile) -> list[DocumentType]:
    """What a workbook for this profile may hold."""
    require_profile(desk, who, profile)
    mappings = sorted(desk.site(profile).mappings.values(), key=lambda mapping: mapping.order)
    return [
        DocumentType(document_type=mapping.document_type, label=mapping.title_in(who.language), languages=["zh_TW", "zh_CN", "en"])
        for mapping in mappings
    ]


@router.get("/document-types/{document_type}/template", responses={**errors(404), **WORKBOOK}, response_class=FileResponse)
def template(
    desk: AtDesk,
    who: Caller,
    tasks: BackgroundTasks,
    document_type: str,
    profile: Profile,
    language: Annotated[Language, Query()] = "zh_TW",
) -> Response:
    """A blank workbook to fill in."""
    require_profile(desk, who, profile)
    site = desk.site(profile, language)
    if document_type not in site.mappings:
        raise NotThere(N_("There is no document type {name}."), name=document_type)
    folder = tempfile.TemporaryDirectory()
    tasks.add_task(folder.cleanup)
    [written] = write_templates(site, [document_type], Path(folder.name), language=language)
    return FileResponse(written.path, filename=written.path.name, media_type=XLSX, background=tasks)
