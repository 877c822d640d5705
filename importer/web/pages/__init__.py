"""The pages, one module per part."""

from __future__ import annotations

from fastapi import APIRouter

__all__ = ["routers"]


def routers() -> list[APIRouter]:
    """All of them."""
    from importer.web.pages import session, uploads

    return [session.router, uploads.router]
