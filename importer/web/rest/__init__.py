"""The REST API: what people do on the pages, for other systems. A token per user, no cookies, an OpenAPI description.

callers     who calls, by the token
values      what travels, as the description lists it
problems    errors
uploads     handing in, findings, preview, release
batches     what was sent: documents, pausing, reconciling, undoing
site        document types, templates, one's own roles
"""

from __future__ import annotations

from fastapi import APIRouter

from importer.web.rest.callers import TokenNeeded
from importer.web.rest.problems import DESCRIPTION, describe, problem

__all__ = ["DESCRIPTION", "TokenNeeded", "describe", "problem", "routers"]


def routers() -> list[APIRouter]:
    """All parts."""
    from importer.web.rest import batches, site, uploads

    return [site.router, uploads.router, batches.router]
