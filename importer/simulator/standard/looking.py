"""Read details and list query (protocol §2.3, §2.4, §9.1 2, 11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from importer.simulator.erp.documents import Document
from importer.simulator.erp.querying import BadQuery, columns_of, condition, in_order, operators_of, page_of, required
from importer.simulator.erp.store import TOKEN
from importer.simulator.standard.call import Answer
from importer.simulator.standard.context import Context, found, keys_of
from importer.simulator.standard.rows import bare_header, full_row, header_row, renamed


def read(context: Context) -> Answer:
    """An unknown key reads as nothing, and is no error (protocol §2.3, §9.1 2)."""
    keys = keys_of(context)
    if isinstance(keys, Answer):
        return keys
    documents = [document for key in keys if (document := found(context, key)) is not None]
    rows = [{context.kind.header_list: [full_row(document, context.kind, context.settings, context.call.format)]} for document in documents]
    parameter = {"result": {"success": rows, "error": []}}
    return Answer(parameter=parameter, doc_nos=tuple(document.doc_no for document in documents))


def query(context: Context) -> Answer:
    parameter = context.call.parameter
    try:
        test = condition(
            parameter.get("conditions"),
            form=context.settings.conditions_form,
            line_list=context.kind.line_list,
            operators=operators_of(context.settings.operator_names),
        )
        matches = [row for document in _candidates(context) if test(row := bare_header(document, context.kind), _lines(context, document))]
        columns = columns_of(parameter.get("selectedColumns"))
        page = page_of(in_order(matches, parameter.get("orders")), parameter.get("page_no"), parameter.get("page_size"))
    except BadQuery as problem:
        return Answer(code="-1", description=str(problem), parameter=_page_parameter([], has_next=False))
    rows = [_query_row(context, str(row["doc_no"]), columns) for row in page.rows]
    return Answer(parameter=_page_parameter(rows, has_next=page.has_next), doc_nos=tuple(str(row["doc_no"]) for row in page.rows))


def _page_parameter(rows: list[dict[str, Any]], *, has_next: bool) -> dict[str, Any]:
    """`total_result` is no total: the page's rows, plus 1 when there is more (§9.1 11)."""
    return {"total_result": len(rows) + has_next, "has_next": has_next, "result": {"cnt": len(rows), "rows": rows}}


def _candidates(context: Context) -> Iterable[Document]:
    """Documents that can match: found by number or importer reference where a condition names one, else all of the type."""
    store, conditions = context.erp.store, context.call.parameter.get("conditions")
    names = operators_of(context.settings.operator_names)
    for operator, value in required(conditions, "doc_no"):
        if names.get(operator) == "=":
            document = store.get(context.kind, context.call.plant, value)
            return [document] if document else []
    for operator, value in required(conditions, context.kind.header_names.get("remark", "remark")):
        if names.get(operator) in ("=", "like") and (token := TOKEN.search(value)):
            return [
                document
                for document in store.with_token(token[1])
                if (document.kind, document.plant) == (context.kind.name, context.call.plant)
            ]
    return list(store.of_kind(context.kind, context.call.plant))


def _lines(context: Context, document: Document) -> Sequence[Mapping[str, Any]]:
    names = context.kind.line_names
    return [renamed(line, names) for line in document.lines] if names else document.lines


def _query_row(context: Context, doc_no: str, columns: list[str]) -> dict[str, Any]:
    document = context.erp.store.get(context.kind, context.call.plant, doc_no)
    assert document is not None  # noqa: S101  nothing else runs between matching and here
    if not columns:
        return header_row(document, context.kind, context.settings, context.call.format)
    row = full_row(document, context.kind, context.settings, context.call.format)
    return {name: row[name] for name in columns if name in row}
