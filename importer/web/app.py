"""The HTTP application: middleware, error pages, and the parts that make it up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from importer.errors import ConfigurationError, ErpUnavailable, ImporterError, LedgerUnavailable, NotAllowed
from importer.messages import N_, translate
from importer.web.desk import Desk
from importer.web.jobs import Jobs
from importer.web.pages import routers
from importer.web.rendering import Pages
from importer.web.request_size import RequestSize
from importer.web.sessions import Forged, language_for, secret_of
from importer.web.state import SignInNeeded

__all__ = ["create_app"]

HERE: Final = Path(__file__).parent
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STATUS: Final[tuple[tuple[type[ImporterError], int], ...]] = (
    (NotAllowed, 403),
    (ConfigurationError, 409),
    (LedgerUnavailable, 503),
    (ErpUnavailable, 503),
)

Next = Callable[[Request], Awaitable[Response]]


def create_app(desk: Desk, jobs: Jobs) -> FastAPI:
    """The page over one ledger. Its `jobs` start and end with it."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        jobs.start()
        yield
        jobs.stop()

    app = FastAPI(title="TIPTOP importer", lifespan=life, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    web = desk.settings.web
    app.state.desk, app.state.jobs, app.state.pages = desk, jobs, Pages(HERE / "html")
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for router in routers():
        app.include_router(router)
    _tell_errors(app)

    @app.middleware("http")
    async def guard(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.url.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        if web.https_only:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    app.add_middleware(RequestSize, limit=web.max_upload_mb * 1024 * 1024)
    app.add_middleware(
        SessionMiddleware,
        secret_key=secret_of(desk.settings),
        session_cookie="importer",
        same_site="lax",
        https_only=web.https_only,
        max_age=int(web.session_h * 3600),
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(web.allowed_hosts))
    return app


def _tell_errors(app: FastAPI) -> None:
    """Errors as pages in the user's language, or as JSON below /api; never a stack trace."""

    @app.exception_handler(SignInNeeded)
    async def sign_in_needed(request: Request, _: SignInNeeded) -> Response:
        target = "/sign-in" if request.method != "GET" else f"/sign-in?next={request.url.path}"
        if request.headers.get("hx-request"):
            return Response(headers={"HX-Redirect": target})
        return RedirectResponse(target, status_code=303)

    @app.exception_handler(Forged)
    async def forged(request: Request, _: Forged) -> Response:
        return _told(request, 403, N_("This page is too old, or the form came from elsewhere. Load the page again."))

    @app.exception_handler(ImporterError)
    async def ours(request: Request, error: ImporterError) -> Response:
        status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
        return _told(request, status, error.text, **error.values)

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> Response:
        texts = {404: N_("There is no such page."), 405: N_("That cannot be done here."), 413: N_("The file is too large.")}
        return _told(request, error.status_code, texts.get(error.status_code, str(error.detail)))

    @app.exception_handler(Exception)
    async def defect(request: Request, _: Exception) -> Response:
        return _told(request, 500, N_("Something went wrong here; it has been written down. Nothing that was sent is lost."))


def _told(request: Request, status: int, text: str, **values: object) -> Response:
    session = request.scope.get("session")
    language = language_for(request, None) if session is not None else "en"
    words = translate(text, language, **values)
    if request.url.path.startswith("/api/"):
        from fastapi.responses import JSONResponse

        return JSONResponse({"error": words}, status_code=status)
    pages: Pages = request.app.state.pages
    return pages.error(request, words, status=status, language=language)
