"""Documents as rows of a list query or of read details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from importer.simulator.erp.documents import Document
from importer.simulator.erp.kinds import Kind
from importer.simulator.settings import SimulatorSettings
from importer.simulator.standard.call import Format
from importer.simulator.standard.fields import shown

_APPROVE_TEXT: Final = {"N": "N.未審核", "Y": "Y.已審核", "X": "X.作廢"}
_POST_TEXT: Final = {"N": "N.未過帳", "Y": "Y.已過帳", "X": "X.作廢"}


def date_format_of(settings: SimulatorSettings, form: Format) -> str:
    return settings.json_date_format if form == "json" else settings.xml_date_format


def bare_header(document: Document, kind: Kind) -> dict[str, Any]:
    """Header fields and state as typed values and bare codes: what conditions are compared with."""
    return {
        **renamed(document.header, kind.header_names),
        kind.header_names.get("doc_type_no", "doc_type_no"): document.slip,
        "doc_no": document.doc_no,
        "approve_status": document.confirm,
        "post_status": document.post,
        "approval_flow": document.flow,
        "plant_no": document.plant,
        "create_user": document.user,
        "post_date": document.post_date,
    }


def header_row(document: Document, kind: Kind, settings: SimulatorSettings, form: Format) -> dict[str, Any]:
    row = dict(shown(bare_header(document, kind), date_format_of(settings, form)))
    if settings.status_style == "text":
        row["approve_status"] = _APPROVE_TEXT[document.confirm]
        row["post_status"] = _POST_TEXT[document.post]
    return row


def full_row(document: Document, kind: Kind, settings: SimulatorSettings, form: Format) -> dict[str, Any]:
    """A whole document, lines in its line list."""
    row = header_row(document, kind, settings, form)
    if kind.line_list:
        date_format = date_format_of(settings, form)
        row[kind.line_list] = [renamed(dict(shown(line, date_format)), kind.line_names) for line in document.lines]
    return row


def renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Standard field names -> the site's."""
    return {names.get(name, name): value for name, value in values.items()} if names else dict(values)
