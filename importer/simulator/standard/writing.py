"""create, update, and the operations on keys: approve, disapprove, post, dispost, invalid, delete (protocol §2.4, §9.1 1, 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from typing import Any, Final

from importer.simulator.erp.documents import Document, Refusal, Refused
from importer.simulator.erp.drafts import Draft, day_of
from importer.simulator.erp.erp import Outcome
from importer.simulator.standard.call import Answer
from importer.simulator.standard.context import Context, found, keys_of, refused
from importer.simulator.standard.fields import Reader
from importer.simulator.standard.rows import renamed

_FAILED: Final = "執行失敗"


def create(context: Context) -> Answer:
    documents = _documents(context)
    if documents is None:
        return refused(f"輸入的data并不存在, 請重新輸入 [{context.kind.header_list}]")
    answer = _batch(context, documents, lambda raw: _create_one(context, raw), _created)
    if context.settings.create_answer == "success" or not answer.doc_nos:
        return answer
    return replace(answer, parameter={"success_return": [{"success_msg": number} for number in answer.doc_nos]})


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
    """Typed values, or why they are none."""
    kind, call = context.kind, context.call
    lines = raw.get(kind.line_list) or []
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        return Refused((Refusal("sim-value", {kind.line_list: ""}),))
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


def update(context: Context) -> Answer:
    documents = _documents(context)
    if documents is None:
        return refused(f"輸入的data并不存在, 請重新輸入 [{context.kind.header_list}]")
    if any(not row.get("doc_no") for row in documents):
        return refused("缺少[doc_no]的鍵值參數")
    return _batch(context, documents, lambda raw: _update_one(context, raw), _keyed)


def _update_one(context: Context, raw: Mapping[str, Any]) -> Outcome:
    draft = _draft(context, raw)
    return draft if isinstance(draft, Refused) else context.erp.update(draft)


def act(context: Context) -> Answer:
    """approve, disapprove, post, dispost, invalid, delete."""
    keys = keys_of(context)
    if isinstance(keys, Answer):
        return keys
    return _batch(context, keys, lambda key: _act_one(context, key), _keyed)


def _act_one(context: Context, key: Mapping[str, Any]) -> Outcome:
    erp, call = context.erp, context.call
    if found(context, key) is None:
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
    slip = context.kind.header_names.get("doc_type_no", "doc_type_no")
    key = {name: raw[name] for name in (slip, "doc_no") if name in raw}
    language = context.call.language
    if context.settings.error_shape == "message":
        message = "; ".join(reason.message(language) for reason in refused.reasons)
        return {"message": message, "data": {**key, **_echo(context, refused.reasons[0].data)}}
    information = [{"message": reason.message(language), "data": _echo(context, reason.data)} for reason in refused.reasons]
    return {"data": key, "information": information}


def _echo(context: Context, data: Mapping[str, Any]) -> dict[str, Any]:
    """The faulty input under the name that the caller knows it by."""
    data = renamed(data, {**context.kind.header_names, **context.kind.line_names})
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in data.items()}
