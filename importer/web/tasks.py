"""What is done with a batch that has ended: asking the ERP about unknown documents, taking it back, reading it back."""

from __future__ import annotations

import threading
from typing import Any

import orjson

from importer.api.batches import reconcile, verify
from importer.api.undoing import undo
from importer.api.values import Listener
from importer.errors import ErpUnavailable
from importer.ledger import Task, Upload
from importer.messages import N_, translate
from importer.pipeline.verifying import Verified
from importer.web.batch_desk import verified_file
from importer.web.desk import Desk

__all__ = ["carry_out"]


def carry_out(task: Task, upload: Upload, desk: Desk, *, language: str, stop: threading.Event, listener: Listener) -> str | None:
    """Do it; what it came to in words for people, empty when that shows by itself, None when it was cut short and goes on later."""
    site = desk.site(upload.profile, language)
    batch = upload.batch_id or ""
    if task.kind == "undo":
        undone = undo(batch, site, out=desk.spool.folder(upload.id), stop=stop, listener=listener)
        if undone.interrupted and stop.is_set():
            return None
        return _unavailable(undone.unavailable, language)
    if task.kind == "verify":
        found = verify(batch, site)
        verified_file(desk.spool.folder(upload.id)).write_bytes(orjson.dumps(_as_json(found), default=str))
        return ""
    [settled] = reconcile(batch, site, listener=listener)
    if settled.unavailable:
        return _unavailable(settled.unavailable, language)
    return translate(N_("Settled {settled}, still unknown {unknown}."), language, settled=settled.settled, unknown=settled.unknown)


def _unavailable(reason: ErpUnavailable | None, language: str) -> str:
    return translate(reason.text, language, **reason.values) if reason else ""


def _as_json(found: Verified) -> dict[str, Any]:
    return {
        "documents": found.documents,
        "missing": list(found.missing),
        "stages": [{"doc_no": number, "ledger": ours, "erp": theirs} for number, (ours, theirs) in found.stages.items()],
        "differences": [
            {"field": item.field, "group": list(item.group), "workbook": item.workbook, "erp": item.erp} for item in found.differences
        ],
    }
