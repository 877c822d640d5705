"""One call of the standard channel in front of one ERP, and the keys that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from importer.simulator.erp.documents import Document
from importer.simulator.erp.erp import Erp
from importer.simulator.erp.kinds import Kind
from importer.simulator.exchange import Remarks
from importer.simulator.settings import SimulatorSettings
from importer.simulator.standard.call import Answer, StandardCall


@dataclass(frozen=True, slots=True)
class Context:
    """One call in front of one ERP."""

    erp: Erp
    call: StandardCall
    kind: Kind
    remarks: Remarks

    @property
    def settings(self) -> SimulatorSettings:
        return self.erp.settings


def refused(text: str) -> Answer:
    return Answer(code="-1", description=text, parameter={"result": {"success": [], "error": []}})


def keys_of(context: Context) -> list[Mapping[str, Any]] | Answer:
    """Keys as {doc_type_no, doc_no}, whatever the site calls their list and wherever the number stands (protocol §7 8)."""
    settings = context.settings
    keys = context.call.parameter.get(settings.keys_name)
    if not isinstance(keys, list) or not keys:
        return refused(f"缺少[{settings.keys_name}]的鍵值參數")
    needed = {"both": ("doc_type_no", "doc_no"), "doc_type_no": ("doc_type_no",)}.get(settings.key_form, ("doc_no",))
    for key in keys:
        missing = [name for name in needed if not isinstance(key, dict) or not key.get(name)]
        if missing:
            return refused(f"缺少[{missing[0]}]的鍵值參數")
    if settings.key_form == "doc_type_no":
        return [{**key, "doc_type_no": "", "doc_no": key["doc_type_no"]} for key in keys]
    return keys


def found(context: Context, key: Mapping[str, Any]) -> Document | None:
    """By number; a slip type that is sent, too, has to be the document's."""
    document = context.erp.store.get(context.kind, context.call.plant, str(key["doc_no"]))
    if document is None or (key.get("doc_type_no") or document.slip) != document.slip:
        return None
    return document
