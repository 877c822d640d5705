"""`/admin`: the JSON API that tests and people steer the simulator with, and a page to look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from importer.simulator.admin import views
from importer.simulator.erp.documents import Operation, Refused
from importer.simulator.faults import rule_from_json
from importer.simulator.master.lookup import master_as_json, master_from_json
from importer.simulator.settings import settings_as_json, settings_from_json
from importer.simulator.world import World

_PAGE_ROWS: Final = 100


def admin_app(world: World) -> Starlette:
    api = _Api(world)
    return Starlette(
        routes=[
            Route("/", lambda _request: RedirectResponse("/admin")),
            Route("/admin", api.page),
            Route("/admin/summary", api.get(views.summary_view)),
            Route("/admin/documents", api.documents),
            Route("/admin/documents/act", api.act, methods=["POST"]),
            Route("/admin/stock", api.stock),
            Route("/admin/movements", api.movements),
            Route("/admin/totals", api.get(views.totals_view)),
            Route("/admin/calls", api.calls),
            Route("/admin/protocol-faults", api.get(views.protocol_faults_view)),
            Route("/admin/faults", api.faults, methods=["GET", "POST", "DELETE"]),
            Route("/admin/settings", api.settings, methods=["GET", "POST"]),
            Route("/admin/master", api.master, methods=["GET", "POST"]),
            Route("/admin/reset", api.reset, methods=["POST"]),
        ]
    )


class _Api:
    """One method per address. What a request gets wrong is answered by 400 and the reason."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, view: Callable[[World], Any]) -> Callable[[Request], Response]:
        def answer(_request: Request) -> Response:
            with self._world.lock:
                return JSONResponse(view(self._world))

        return answer

    def page(self, _request: Request) -> Response:
        """The newest documents, movements and calls."""
        with self._world.lock:
            return HTMLResponse(_template().render(_page_values(self._world)))

    def documents(self, request: Request) -> Response:
        """`?type=`, `?plant=`, `?state=`, `?doc_no=`."""
        query = request.query_params
        with self._world.lock:
            found = [
                document
                for document in self._world.erp.store
                if query.get("type", document.kind) == document.kind
                and query.get("plant", document.plant) == document.plant
                and query.get("state", document.state.value) == document.state.value
                and query.get("doc_no", document.doc_no) == document.doc_no
            ]
        return JSONResponse([views.document_view(document) for document in sorted(found, key=lambda document: document.serial)])

    def stock(self, request: Request) -> Response:
        """`?item=`, `?warehouse=`."""
        query = request.query_params
        with self._world.lock:
            stock = self._world.erp.stock.snapshot()
        wanted = {
            key: qty
            for key, qty in stock.items()
            if query.get("item", key.item) == key.item and query.get("warehouse", key.warehouse) == key.warehouse
        }
        return JSONResponse(views.stock_view(wanted))

    def movements(self, request: Request) -> Response:
        """`?doc_no=`."""
        with self._world.lock:
            movements = list(self._world.erp.stock.movements)
        wanted = request.query_params.get("doc_no")
        return JSONResponse([views.movement_view(movement) for movement in movements if wanted in (None, movement.doc_no)])

    def calls(self, request: Request) -> Response:
        """`?operation=`."""
        wanted = request.query_params.get("operation")
        with self._world.lock:
            calls = [call for call in self._world.calls.recent if wanted in (None, call.operation)]
        return JSONResponse([views.call_view(call) for call in calls])

    async def act(self, request: Request) -> Response:
        """What a person does in the ERP itself: {type, doc_no, operation}, or {type, doc_no, flow} for the approval flow."""
        return await self._post(request, self._act)

    def _act(self, values: Any) -> Response:
        world, plant, doc_no = self._world, str(values.get("plant", "PLANT1")), str(values["doc_no"])
        kind = world.services.named(str(values["type"]))
        if kind is None:
            raise ValueError(f"unknown document type {values['type']}")
        if "flow" in values:
            outcome = world.erp.set_flow(kind, plant, doc_no, str(values["flow"]))
        else:
            outcome = world.erp.act(Operation(values["operation"]), kind, plant, doc_no, user=str(values.get("user", "")))
        if isinstance(outcome, Refused):
            return JSONResponse({"refused": [reason.message() for reason in outcome.reasons]}, status_code=409)
        return JSONResponse(views.document_view(outcome))

    async def faults(self, request: Request) -> Response:
        """POST a list to replace the rules, an object to add one; DELETE to have none."""
        if request.method == "POST":
            return await self._post(request, self._set_faults)
        with self._world.lock:
            if request.method == "DELETE":
                self._world.faults.replace(())
            return JSONResponse(self._world.faults.as_json())

    def _set_faults(self, values: Any) -> Response:
        faults = self._world.faults
        if isinstance(values, list):
            faults.replace(tuple(rule_from_json(rule) for rule in values))
        else:
            faults.add(rule_from_json(values))
        return JSONResponse(faults.as_json())

    async def settings(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._post(request, self._set_settings)
        return JSONResponse(settings_as_json(self._world.settings))

    def _set_settings(self, values: Any) -> Response:
        self._world.configure(settings_from_json(self._world.settings, values))
        return JSONResponse(settings_as_json(self._world.settings))

    async def master(self, request: Request) -> Response:
        """POST takes any of the tables; those that are not sent stay. Opening stock counts from the next reset on."""
        if request.method == "POST":
            return await self._post(request, self._set_master)
        return JSONResponse(master_as_json(self._world.data))

    def _set_master(self, values: Any) -> Response:
        self._world.change_master(master_from_json({**master_as_json(self._world.data), **values}))
        return JSONResponse({"tables": sorted(values)})

    def reset(self, _request: Request) -> Response:
        self._world.reset()
        return JSONResponse({"reset": True})

    async def _post(self, request: Request, change: Callable[[Any], Response]) -> Response:
        try:
            values = json.loads(await request.body())
            with self._world.lock:
                return change(values)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            return JSONResponse({"error": f"{type(problem).__name__}: {problem}"}, status_code=400)


def _page_values(world: World) -> dict[str, Any]:
    documents = sorted(world.erp.store, key=lambda document: -document.serial)[:_PAGE_ROWS]
    return {
        "summary": views.summary_view(world),
        "documents": documents,
        "movements": [views.movement_view(movement) for movement in world.erp.stock.movements[-_PAGE_ROWS:][::-1]],
        "calls": list(world.calls.recent)[-_PAGE_ROWS:][::-1],
        "faults": world.faults.as_json(),
        "protocol_faults": views.protocol_faults_view(world),
    }


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)
    return environment.get_template("page.html")
