"""Numbers for Prometheus.

They are of all profiles together, so no user's roles fit, and a collector should not be able to do what an administrator may: it has a
token of its own, which reads these numbers and nothing else.
"""

from __future__ import annotations

from hmac import compare_digest

from fastapi import APIRouter, Request, Response

from importer.errors import NotThere
from importer.messages import N_
from importer.web.rest import TokenNeeded
from importer.web.sessions import address_of
from importer.web.state import AtDesk

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request, desk: AtDesk) -> Response:
    """For whoever sends the token of the setting `metrics_token`; where there is none, there is no such page."""
    wanted, numbers = desk.settings.web.metrics_token, request.app.state.metrics
    if wanted is None or numbers is None:
        raise NotThere(N_("There is no such page."))
    given = request.headers.get("authorization")
    if given is None:
        raise TokenNeeded
    address, guesses = address_of(request), request.app.state.guesses
    guesses.check(address)
    if not compare_digest(given.encode("utf-8", "replace"), f"Bearer {wanted.get_secret_value()}".encode()):
        guesses.wrong(address)
        raise TokenNeeded
    return Response(numbers.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
