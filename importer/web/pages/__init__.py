"""The pages, one module per part."""

from __future__ import annotations

from fastapi import APIRouter

__all__ = ["routers"]


def routers() -> list[APIRouter]:
    """All of them."""
    from importer.web.pages import account, apis, audit, batches, company, dashboard, metrics, session, templates, uploads, users

    parts = (session, company, uploads, batches, templates, dashboard, apis, account, users, audit, metrics)
    return [part.router for part in parts]
