"""What every page asks for: the desk, the jobs, and who is at the browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Annotated, Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from importer.web.desk import Desk, Who
from importer.web.jobs import Jobs
from importer.web.rendering import Pages
from importer.web.sessions import address_of, language_for, prove_form, user_of

__all__ = ["AtDesk", "Proven", "SignInNeeded", "SignedIn", "TheJobs", "ThePages", "heavy"]

HEAVY: Final = 4  # workbooks under way at once, most of the time waiting for one another
P = ParamSpec("P")
T = TypeVar("T")


class SignInNeeded(Exception):
    """Nobody is signed in."""


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _who(request: Request, desk: Annotated[Desk, Depends(_desk)]) -> Who:
    user = user_of(request, desk.portal, desk.settings)
    if user is None:
        raise SignInNeeded
    return Who(user=user, address=address_of(request), language=language_for(request, user))


async def heavy(work: Callable[P, T], *arguments: P.args, **values: P.kwargs) -> T:
    """Work that takes a core for a while: in a few threads of its own, so that light pages never wait for it."""
    return await to_thread.run_sync(partial(work, *arguments, **values), limiter=_heavy_limiter())


@cache
def _heavy_limiter() -> CapacityLimiter:
    return CapacityLimiter(HEAVY)


AtDesk = Annotated[Desk, Depends(_desk)]
TheJobs = Annotated[Jobs, Depends(_jobs)]
ThePages = Annotated[Pages, Depends(_pages)]
SignedIn = Annotated[Who, Depends(_who)]
Proven = Depends(prove_form)
