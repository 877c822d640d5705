"""The simulator's state as plain JSON values; decimals as text, so that no digit is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from importer.simulator.calls import CallRecord
from importer.simulator.erp.documents import Document, Movement, StockKey
from importer.simulator.world import World


def plain(value: Any) -> Any:
    """Nested values as JSON knows them."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    return value


def document_view(document: Document) -> dict[str, Any]:
    view: dict[str, Any] = plain({name: getattr(document, name) for name in Document.__slots__})
    return {**view, "state": document.state.value}


def movement_view(movement: Movement) -> dict[str, Any]:
    values = {name: getattr(movement, name) for name in Movement.__slots__ if name != "key"}
    view: dict[str, Any] = plain({**asdict(movement.key), **values})
    return view


def call_view(call: CallRecord) -> dict[str, Any]:
    view: dict[str, Any] = plain({name: getattr(call, name) for name in CallRecord.__slots__})
    return view


def stock_view(stock: Mapping[StockKey, Decimal]) -> list[dict[str, Any]]:
    return [{**asdict(key), "qty": format(qty, "f")} for key, qty in stock.items()]


def totals_view(world: World) -> list[dict[str, Any]]:
    """Net posted quantity per document type, plant, item and warehouse, in the stock unit."""
    names = ("document_type", "plant", "item", "warehouse")
    return [{**dict(zip(names, key, strict=True)), "qty": format(qty, "f")} for key, qty in sorted(world.erp.stock.totals().items())]


def summary_view(world: World) -> dict[str, Any]:
    calls = world.calls
    return {
        "documents": len(world.erp.store),
        "stages": _stages(world.erp.store),
        "movements": len(world.erp.stock.movements),
        "calls": calls.total,
        "calls_by_operation": dict(calls.by_operation),
        "calls_now": calls.now,
        "most_calls_at_once": calls.most_at_once,
        "most_calls_at_once_by_operation": dict(calls.most_at_once_by),
        "protocol_faults": dict(world.judge.counts),
        "duplicates": duplicates_view(world),
        "posted_more_than_once": [document.doc_no for document in world.erp.store if document.times_posted > 1],
    }


def duplicates_view(world: World) -> dict[str, list[str]]:
    """References carried by more than one document that is not void."""
    live = {token: [document.doc_no for document in world.erp.live_with_token(token)] for token in world.erp.store.tokens()}
    return {token: numbers for token, numbers in live.items() if len(numbers) > 1}


def protocol_faults_view(world: World) -> dict[str, Any]:
    judge = world.judge
    return {
        "total": judge.counts.total(),
        "counts": dict(judge.counts),
        "recent": [asdict(fault) for fault in judge.recent],
        "notes": dict(judge.notes),
    }


def _stages(documents: Iterable[Document]) -> dict[str, dict[str, int]]:
    stages: dict[str, dict[str, int]] = {}
    for document in documents:
        by_state = stages.setdefault(document.kind, {})
        by_state[document.state.value] = by_state.get(document.state.value, 0) + 1
    return stages
