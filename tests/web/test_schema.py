"""The OpenAPI description against the server: schemathesis makes the calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from site_folder import sound_rows
from web.calling import client_of, hand_in, token_for
from web.conftest import Office
from web.routes import Route, api_routes

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CALLS = 30  # per route, right ones and wrong ones each
WITHOUT_ANYTHING = {("GET", "/api/v1/me")}
"""Routes that take nothing that could be wrong."""


@dataclass
class Described:
    """The description as it is served, a token, and a workbook to act on."""

    schema: schemathesis.BaseSchema
    token: str
    upload: str


@pytest.fixture(scope="module")
def described(shared_office: Office) -> Iterator[Described]:
    """Of somebody with every role."""
    with client_of(shared_office, "all") as client:
        upload = hand_in(client, shared_office.site.workbook(sound_rows()).read_bytes()).json()["id"]
    schema = schemathesis.openapi.from_url(f"{shared_office.url}/api/openapi.json")
    yield Described(schema, token_for(shared_office, "all"), upload)


@pytest.mark.parametrize(
    ("route", "mode"),
    [
        pytest.param(route, mode, id=f"{' '.join(route)} {name}")
        for route in api_routes()
        for name, mode in (("right", GenerationMode.POSITIVE), ("wrong", GenerationMode.NEGATIVE))
        if name == "right" or route not in WITHOUT_ANYTHING
    ],
)
def test_no_answer_but_those_described(described: Described, route: Route, mode: GenerationMode) -> None:
    """Whatever is sent, as described or not: no 500, and no status, header, type or body that the description does not name."""
    method, path = route
    operation = described.schema[path][method]

    @settings(max_examples=CALLS, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        if mode is GenerationMode.POSITIVE and "upload_id" in (case.path_parameters or {}):
            case.path_parameters["upload_id"] = described.upload
        case.call_and_validate(headers={"Authorization": f"Bearer {described.token}"}, checks=CHECKS)

    holds()
