"""A few plain charts: documents per day, how they ended, how long calls take."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from importer.web.charts import charts_of
from importer.web.state import AtDesk, SignedIn, ThePages, heavy

router = APIRouter(include_in_schema=False)
PERIODS = (7, 30, 90)  # days


@router.get("/dashboard")
async def dashboard(request: Request, desk: AtDesk, pages: ThePages, who: SignedIn, days: int = 30) -> Response:
    """Of what the user may see."""
    days = days if days in PERIODS else 30
    charts = await heavy(charts_of, desk, who, days)
    return pages.page(request, "dashboard.html", who, charts=charts, days=days, periods=PERIODS)
