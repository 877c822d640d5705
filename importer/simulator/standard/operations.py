"""The ten operations on `parameter` objects (protocol §2.4, §9.1 1, 2, 11, 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from importer.simulator.erp.documents import Document, Operation, Refusal, Refused
from importer.simulator.erp.drafts import Draft, day_of
from importer.simulator.erp.erp import Erp, Outcome
from importer.simulator.erp.kinds import Kind
from importer.simulator.erp.querying import MAX_PAGE, BadQuery, condition, in_order, page_of, required_equals
from importer.simulator.erp.store import TOKEN
from importer.simulator.exchange import Remarks
from importer.simulator.settings import SimulatorSettings
from importer.simulator.standard.call import Answer, StandardCall
from importer.simulator.standard.fields import Reader
from importer.simulator.standard.rows import bare_header, full_row, header_row

_FAILED: Final = "執行失敗"


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


def run(context: Context) -> Answer:
    return _OPERATIONS[context.call.operation](context)


def _refused(text: str) -> Answer:
    return Answer(code="-1", description=text, parameter={"result": {"success": [], "error": []}})


# ---- writing


def _create(context: Context) -> Answer:
    documents = _documents(context)
    if documents is None:
        return _refused(f"輸入的data并不存在, 請重新輸入 [{context.kind.header_list}]")
    return _batch(context, documents, lambda raw: _create_one(context, raw), _created)


def _documents(context: Context) -> list[Mapping[str, Any]] | None:
    rows = context.call.parameter.get(context.kind.header_list)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return None
    return rows


def _create_one(context: Context, raw: Mapping[str, Any]) -> Outcome:
    draft = _draft(context, raw)
    if isinstance(draft, Refused):
        return draft
    if draft.doc_no and not context.kind.generic and not _takes_numbers(context, draft):
        return Refused((Refusal("-1", {"doc_no": draft.doc_no}, "doc_no是新增加不可傳入欄位"),))
    return context.erp.create(draft)


def _takes_numbers(context: Context, draft: Draft) -> bool:
    slip = context.erp.master.slips.get(draft.doc_type_no)
    return context.settings.manual_numbers or slip is None or not slip.automatic


def _draft(context: Context, raw: Mapping[str, Any]) -> Draft | Refused:
    kind, call = context.kind, context.call
    lines = raw.get(kind.line_list) if kind.line_list else []
    lines = lines if isinstance(lines, list) else []
    fields = {name: value for name, value in raw.items() if name != kind.line_list}
    refusals: list[Refusal] = []
    if kind.generic:
        header = {name: value for name, value in fields.items() if name != "doc_no"}
        typed = [dict(line) for line in lines]
    else:
        reader = Reader(context.settings, call.format, context.remarks)
        header, refusals = reader.read(kind.header, fields)
        typed = []
        for line in lines:
            values, wrong = reader.read(kind.lines, line)
            typed.append(values)
            refusals += wrong
    if refusals:
        return Refused(tuple(refusals))
    return Draft(
        kind=kind,
        plant=call.plant,
        user=call.user,
        header=header,
        lines=tuple(typed),
        doc_no=str(raw.get("doc_no") or "").strip(),
    )


def _update(context: Context) -> Answer:
    documents = _documents(context)
    if documents is None:
        return _refused(f"輸入的data并不存在, 請重新輸入 [{context.kind.header_list}]")
    if any(not row.get("doc_no") for row in documents):
        return _refused("缺少[doc_no]的鍵值參數")
    return _batch(context, documents, lambda raw: _update_one(context, raw), _keyed)


def _update_one(context: Context, raw: Mapping[str, Any]) -> Outcome:
    draft = _draft(context, raw)
    return draft if isinstance(draft, Refused) else context.erp.update(draft)


def _act(context: Context) -> Answer:
    """approve, disapprove, post, dispost, invalid, delete."""
    keys = _keys(context)
    if isinstance(keys, Answer):
        return keys
    return _batch(context, keys, lambda key: _act_one(context, key), _keyed)


def _act_one(context: Context, key: Mapping[str, Any]) -> Outcome:
    erp, call = context.erp, context.call
    if _found(context, key) is None:
        return Refused((Refusal("100", dict(key)),))
    day = day_of(str(key.get("post_date") or ""))
    return erp.act(call.operation, context.kind, call.plant, str(key["doc_no"]), user=call.user, day=day)


def _batch(
    context: Context,
    items: Iterable[Mapping[str, Any]],
    one: Callable[[Mapping[str, Any]], Outcome],
    item: Callable[[Document], dict[str, Any]],
) -> Answer:
    """Whether the whole list is one transaction is a setting (protocol §2.4)."""
    success: list[Document] = []
    error: list[dict[str, Any]] = []
    atomic = context.settings.atomic_batch
    with context.erp.journal.transaction() if atomic else nullcontext():
        for raw in items:
            outcome = one(raw)
            if isinstance(outcome, Refused):
                error.append(_error(context, raw, outcome))
            else:
                success.append(outcome)
        if error and atomic:
            context.erp.journal.roll_back()
            success = []
    return _batch_answer(context, [item(document) for document in success], error, tuple(document.doc_no for document in success))


def _batch_answer(context: Context, success: list[dict[str, Any]], error: list[dict[str, Any]], doc_nos: tuple[str, ...]) -> Answer:
    settings = context.settings
    parameter = {"result": {"success": success, "error": error}}
    if not error:
        return Answer(parameter=parameter, doc_nos=doc_nos)
    code = settings.partial_code if success else settings.refusal_code
    description = "執行成功" if code == "0" else _FAILED
    return Answer(code=code, description=description, parameter=parameter, doc_nos=doc_nos)


def _created(document: Document) -> dict[str, Any]:
    return {"doc_type_no": document.slip, "doc_no": document.doc_no, "confirm": document.confirm, "post": document.post, "msg": ""}


def _keyed(document: Document) -> dict[str, Any]:
    return {"doc_type_no": document.slip, "doc_no": document.doc_no}


def _error(context: Context, raw: Mapping[str, Any], refused: Refused) -> dict[str, Any]:
    """One item of error[] in the shape that the site uses (protocol §2.3)."""
    key = {name: raw[name] for name in ("doc_type_no", "doc_no") if name in raw}
    language = context.call.language
    if context.settings.error_shape == "message":
        message = "; ".join(reason.message(language) for reason in refused.reasons)
        return {"message": message, "data": {**key, **_echo(refused.reasons[0].data)}}
    information = [{"message": reason.message(language), "data": _echo(reason.data)} for reason in refused.reasons]
    return {"data": key, "information": information}


def _echo(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in data.items()}


# ---- looking


def _keys(context: Context) -> list[Mapping[str, Any]] | Answer:
    keys = context.call.parameter.get("datakeys")
    if not isinstance(keys, list) or not keys:
        return _refused("缺少[datakeys]的鍵值參數")
    if any(not isinstance(key, dict) or not key.get("doc_no") for key in keys):
        return _refused("缺少[doc_no]的鍵值參數")
    return keys


def _found(context: Context, key: Mapping[str, Any]) -> Document | None:
    """By number; a slip type that is sent, too, has to be the document's."""
    document = context.erp.store.get(context.kind, context.call.plant, str(key["doc_no"]))
    if document is None or (key.get("doc_type_no") or document.slip) != document.slip:
        return None
    return document


def _read(context: Context) -> Answer:
    """An unknown key reads as nothing, and is no error (protocol §2.3, §9.1 2)."""
    keys = _keys(context)
    if isinstance(keys, Answer):
        return keys
    found = [document for key in keys if (document := _found(context, key)) is not None]
    rows = [{context.kind.header_list: [full_row(document, context.kind, context.settings, context.call.format)]} for document in found]
    parameter = {"result": {"success": rows, "error": []}}
    return Answer(parameter=parameter, doc_nos=tuple(document.doc_no for document in found))


def _query(context: Context) -> Answer:
    parameter = context.call.parameter
    try:
        test = condition(
            parameter.get("conditions"),
            form=context.settings.conditions_form,
            line_list=context.kind.line_list,
        )
        matches = [row for document in _candidates(context) if test(row := bare_header(document), document.lines)]
        page = page_of(in_order(matches, parameter.get("orders") or ()), parameter.get("page_no"), parameter.get("page_size"))
    except BadQuery as problem:
        return Answer(code="-1", description=str(problem), parameter=_page_parameter([], has_next=False))
    rows = [_query_row(context, str(row["doc_no"])) for row in page.rows]
    return Answer(parameter=_page_parameter(rows, has_next=page.has_next), doc_nos=tuple(str(row["doc_no"]) for row in page.rows))


def _page_parameter(rows: list[dict[str, Any]], *, has_next: bool) -> dict[str, Any]:
    """`total_result` is no total: the page's rows, plus 1 when there is more (§9.1 11)."""
    return {"total_result": len(rows) + has_next, "has_next": has_next, "result": {"cnt": len(rows), "rows": rows}}


def _candidates(context: Context) -> Iterable[Document]:
    """Documents that can match: found by number or importer reference where a condition names one, else all of the type."""
    store, conditions = context.erp.store, context.call.parameter.get("conditions")
    for operator, value in required_equals(conditions, "doc_no"):
        if operator == "=":
            found = store.get(context.kind, context.call.plant, value)
            return [found] if found else []
    for operator, value in required_equals(conditions, "remark"):
        if operator in ("=", "like") and (token := TOKEN.search(value)):
            return [
                document
                for document in store.with_token(token[1])
                if (document.kind, document.plant) == (context.kind.name, context.call.plant)
            ]
    return list(store.of_kind(context.kind, context.call.plant))


def _query_row(context: Context, doc_no: str) -> dict[str, Any]:
    document = context.erp.store.get(context.kind, context.call.plant, doc_no)
    assert document is not None  # noqa: S101  nothing else runs between matching and here
    columns = context.call.parameter.get("selectedColumns")
    if not columns:
        return header_row(document, context.settings, context.call.format)
    row = full_row(document, context.kind, context.settings, context.call.format)
    return {name: row[name] for name in columns if name in row}


_OPERATIONS: Final[Mapping[Operation, Callable[[Context], Answer]]] = {
    Operation.CREATE: _create,
    Operation.UPDATE: _update,
    Operation.QUERY: _query,
    Operation.READ: _read,
    Operation.DELETE: _act,
    Operation.APPROVE: _act,
    Operation.DISAPPROVE: _act,
    Operation.POST: _act,
    Operation.DISPOST: _act,
    Operation.INVALID: _act,
}

__all__ = ["MAX_PAGE", "Context", "run"]
