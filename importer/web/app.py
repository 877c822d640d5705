"""The HTTP application: middleware, error pages, and the parts that make it up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from importer.errors import ConfigurationError, ErpUnavailable, ImporterError, LedgerUnavailable, NotAllowed, NotThere, TooOften
from importer.messages import N_, translate
from importer.settings import Oidc
from importer.web import rest
from importer.web.desk import Desk
from importer.web.guard import Guard
from importer.web.jobs import Jobs
from importer.web.limits import AtOnce, Guesses
from importer.web.pages import routers
from importer.web.rendering import Pages
from importer.web.request_size import RequestSize
from importer.web.sessions import FROM_ONE_ADDRESS, Forged, PageSessions, language_for, secret_of
from importer.web.state import SignInNeeded

__all__ = ["create_app"]

HERE: Final = Path(__file__).parent
STATUS: Final[tuple[tuple[type[ImporterError], int], ...]] = (  # the first that fits
    (TooOften, 429),
    (NotAllowed, 403),
    (NotThere, 404),
    (ConfigurationError, 409),
    (LedgerUnavailable, 503),
    (ErpUnavailable, 503),
)
OF_HTTP: Final = {
    400: N_("That could not be read."),
    404: N_("There is no such page."),
    405: N_("That cannot be done here."),
    413: N_("The file is too large."),
}
DEFECT: Final = N_("Something went wrong here; it has been written down under number {number}. Nothing that was sent is lost.")


def create_app(desk: Desk, jobs: Jobs) -> FastAPI:
    """The page over one ledger. Its `jobs` start and end with it."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        jobs.start()
        yield
        jobs.stop()

    app = FastAPI(
        title="TIPTOP importer", lifespan=life, docs_url=None, redoc_url=None, openapi_url=rest.DESCRIPTION, redirect_slashes=False
    )
    web = desk.settings.web
    app.state.desk, app.state.jobs, app.state.pages = desk, jobs, Pages(HERE / "html")
    app.state.guesses = Guesses(web.sign_in_failures * FROM_ONE_ADDRESS)
    app.state.provider = _provider(web.oidc)
    app.state.at_once = AtOnce(web.uploads_at_once)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for router in (*routers(), *rest.routers()):
        app.include_router(router)
    rest.describe(app)
    _tell_errors(app)
    app.add_middleware(RequestSize, limit=web.max_upload_mb * 1024 * 1024, refuse=lambda request: _told(request, 413, OF_HTTP[413]))
    app.add_middleware(
        PageSessions,
        secret_key=secret_of(desk.settings),
        session_cookie="importer",
        same_site="lax",
        https_only=web.https_only,
        max_age=int(web.session_h * 3600),
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(web.allowed_hosts), www_redirect=False)
    app.add_middleware(Guard, https_only=web.https_only, defect=lambda request, number: _told(request, 500, DEFECT, number=number))
    return app


def _provider(settings: Oidc | None) -> object:
    """The OpenID Connect provider; None where none is configured."""
    if settings is None:
        return None
    try:
        from importer.web.oidc import Provider
    except ImportError:
        raise ConfigurationError(N_("Sign-in through OpenID Connect needs Authlib: pip install 'tiptop-importer[oidc]'")) from None
    return Provider(settings)


def _tell_errors(app: FastAPI) -> None:
    """Errors as pages in the user's language, or as JSON below /api; never a traceback."""

    @app.exception_handler(SignInNeeded)
    async def sign_in_needed(request: Request, _: SignInNeeded) -> Response:
        target = "/sign-in" if request.method != "GET" else f"/sign-in?next={request.url.path}"
        if request.headers.get("hx-request"):
            return Response(headers={"HX-Redirect": target})
        return RedirectResponse(target, status_code=303)

    @app.exception_handler(Forged)
    async def forged(request: Request, _: Forged) -> Response:
        return _told(request, 403, N_("This page is too old, or the form came from elsewhere. Load the page again."))

    @app.exception_handler(rest.TokenNeeded)
    async def token_needed(request: Request, _: rest.TokenNeeded) -> Response:
        return _told(request, 401, N_("Send an access token of yours: Authorization: Bearer ..."))

    @app.exception_handler(ImporterError)
    async def ours(request: Request, error: ImporterError) -> Response:
        status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
        return _told(request, status, error.text, after_s=error.after_s if isinstance(error, TooOften) else None, **error.values)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        words = "; ".join(f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}" for found in error.errors()[:20])
        return _told(request, 422, N_("This request is not right: {reason}"), reason=words)

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> Response:
        response = _told(request, error.status_code, OF_HTTP.get(error.status_code, HTTPStatus(error.status_code).phrase))
        response.headers.update(error.headers or {})
        return response


def _told(request: Request, status: int, text: str, *, after_s: int | None = None, **values: object) -> Response:
    language = _language(request)
    words = translate(text, language, **values)
    response: Response
    if request.url.path.startswith("/api/"):
        response = rest.problem(status, words)
    else:
        pages: Pages = request.app.state.pages
        response = pages.error(request, words, status=status, language=language)
    if after_s is not None:
        response.headers["Retry-After"] = str(after_s)
    return response


def _language(request: Request) -> str:
    """Of whoever is there, as far as that is known by now."""
    if "session" in request.scope:
        return language_for(request, None)
    return getattr(request.state, "language", "en")
