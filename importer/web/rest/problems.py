"""Errors as application/problem+json (RFC 9457), and the description of the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

__all__ = ["DESCRIPTION", "PREFIX", "Problem", "describe", "errors", "problem"]

PREFIX: Final = "/api/v1"
DESCRIPTION: Final = "/api/openapi.json"
MEDIA_TYPE: Final = "application/problem+json"
ALWAYS: Final = (400, 401, 422, 429, 503)
WHY: Final = {
    400: "The request could not be read.",
    401: "No access token, or one that does not count.",
    403: "The roles of the token's user do not allow it.",
    404: "There is no such thing, or it is not the user's to see.",
    409: "It cannot be done as things stand; `detail` says why.",
    413: "The file is too large.",
    422: "The request is not as it is described here.",
    429: "Too often, or too much at once; try again after `Retry-After` seconds.",
    503: "The ledger or the ERP cannot be reached now; nothing is lost.",
}


class Problem(BaseModel):
    """What went wrong, in the caller's language (`Accept-Language`, else the user's)."""

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str


def problem(status: int, words: str) -> JSONResponse:
    """An error as the API tells it."""
    found = Problem(title=HTTPStatus(status).phrase, status=status, detail=words)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(found.model_dump(), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, besides those that every route has, for its description."""
    return {status: {"description": WHY[status], "content": {MEDIA_TYPE: _SCHEMA}} for status in sorted({*ALWAYS, *statuses})}


_SCHEMA: Final = {"schema": {"$ref": "#/components/schemas/Problem"}}


def describe(app: FastAPI) -> None:
    """Give the application the description of its API."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title="TIPTOP importer",
                version="1",
                summary="Spreadsheet in, posted ERP documents out, each exactly once",
                description=(
                    "Every call carries `Authorization: Bearer TOKEN`; a token acts with the roles of its user. "
                    "Handing the same workbook in twice posts nothing twice."
                ),
                routes=app.routes,
            )
            found["components"].setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
