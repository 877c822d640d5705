"""What an answer of the standard channel means (protocol §2.3, §9.1), whatever format it came in.

A write has succeeded only if the code is a success code, `error[]` is empty and `success[]` holds the document. A refusal is
an answer that says so and holds no document. Everything in between is no answer to be trusted: OutcomeUnknown.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from importer.errors import OutcomeUnknown
from importer.mapping import Standard
from importer.messages import N_
from importer.models import Operation, Refusal, Reply, Stage
from importer.settings import Profile, Wire

__all__ = [
    "RAN",
    "Table",
    "errors_of",
    "items",
    "message_code",
    "no_service",
    "read_reply",
    "refusals_of",
    "reply_of",
    "stage_of",
    "succeeded_of",
    "table",
    "write_reply",
]

Table = Mapping[str, Any]

READS: Final = (Operation.QUERY, Operation.READ)
RAN: Final = "000"
"""What the gateway says when the service ran (protocol §2.1)."""


def reply_of(
    operation: Operation, std: Table, headers: Mapping[str, str], part: Standard, profile: Profile, *, srvcode: str = "", expect: str = ""
) -> Reply:
    """The reply to one operation from `std_data` and the gateway's own code, which stands in the body or in a header.

    Raises OutcomeUnknown where the answer is none that can be trusted.
    """
    if (refusal := no_service(std, headers, profile, srvcode)) is not None:
        return refusal
    if not isinstance(std.get("execution"), Mapping):
        raise OutcomeUnknown(N_("The answer is not of the form that the ERP's interface uses."))
    if operation in READS:
        return read_reply(std, part, profile.wire)
    return write_reply(std, part, profile.wire, expect=expect)


def no_service(std: Table, headers: Mapping[str, str], profile: Profile, srvcode: str) -> Reply | None:
    """The gateway's word that the service did not run; None where it ran. Raises OutcomeUnknown where that is not certain."""
    codes = [code for text in (srvcode, headers.get("digi-srvcode", "")) if (code := text.strip()) not in ("", RAN)]
    return _did_not_run(codes[0], std, headers, profile) if codes else None


def _did_not_run(srvcode: str, std: Table, headers: Mapping[str, str], profile: Profile) -> Reply:
    """The gateway's word that the service did not run counts only where nothing in the answer says otherwise."""
    execution, parameter = table(std.get("execution")), table(std.get("parameter"))
    text = str(execution.get("description") or "") or _decoded(headers.get("digi-message", ""))
    names_document = items(table(parameter.get("result")).get("success")) or _number(parameter, profile.wire)
    if srvcode not in profile.not_executed_srvcodes or names_document:
        raise OutcomeUnknown(N_("The ERP's gateway answers srvcode {code} {text}"), code=srvcode, text=text)
    return Reply(accepted=False, executed=False, code=srvcode, message=text)


def _decoded(message: str) -> str:
    """`digi-message` is Base64 where it is not plain (protocol §2.1)."""
    try:
        return base64.b64decode(message, validate=True).decode()
    except ValueError:
        return message


def write_reply(std: Table, part: Standard, wire: Wire, *, expect: str = "") -> Reply:
    """Judge the answer to a write. `expect` is the document number it must be about; empty for a create.

    Raises OutcomeUnknown where the answer contradicts itself or names no document.
    """
    execution = table(std.get("execution"))
    code = str(execution.get("code", "")).strip()
    parameter = table(std.get("parameter"))
    result = table(parameter.get("result"))
    errors = errors_of(result)
    succeeded = succeeded_of(parameter)
    number = _number(parameter, wire)
    if code in wire.success_codes and not errors:
        return _accepted(succeeded, number, part, expect, execution)
    if succeeded or not code:
        raise OutcomeUnknown(N_("The ERP's answer contradicts itself: code {code}, but it names a document."), code=code or "?")
    refusals = tuple(_refusals(errors)) or (_refusal(str(execution.get("description", "")), {}, execution),)
    return Reply(accepted=False, code=refusals[0].code or code, message=_joined(refusals), refusals=refusals)


def succeeded_of(parameter: Table) -> list[Table]:
    """`success[]`, or what stands for it."""
    return items(table(parameter.get("result")).get("success")) or items(parameter.get("success_return"))


def refusals_of(errors: Sequence[Table], code: str) -> Reply:
    """Items of `error[]` as a reply."""
    refusals = tuple(_refusals(errors))
    return Reply(accepted=False, code=refusals[0].code or code, message=_joined(refusals), refusals=refusals)


def _accepted(succeeded: Sequence[Table], number: str, part: Standard, expect: str, execution: Table) -> Reply:
    if not succeeded or (not expect and not number):
        raise OutcomeUnknown(N_("The ERP reports success, but names no document."))
    item = succeeded[0]
    named = str(item.get(part.doc_no) or number or "").strip()
    if expect and named and named != expect:
        raise OutcomeUnknown(N_("The ERP's answer is about another document, {number}."), number=named)
    return Reply(
        accepted=True,
        code=str(execution.get("code", "")),
        message=str(execution.get("description") or ""),
        doc_no=expect or number,
        doc_type_no=str(item.get(part.doc_type_no) or "").strip(),
        stage=stage_of(item, part),
    )


def read_reply(std: Table, part: Standard, wire: Wire) -> Reply:
    """Rows of a list query, or the documents of read details. An unknown key reads as no rows (protocol §9.1 rule 2)."""
    execution = table(std.get("execution"))
    code = str(execution.get("code", "")).strip()
    parameter = table(std.get("parameter"))
    result = table(parameter.get("result"))
    errors = errors_of(result)
    if code not in wire.success_codes or errors:
        refusals = tuple(_refusals(errors)) or (_refusal(str(execution.get("description", "")), {}, execution),)
        return Reply(accepted=False, code=refusals[0].code or code, message=_joined(refusals), refusals=refusals)
    rows = [document for item in items(result.get("success")) for document in _documents(item, part)]
    rows += items(result.get("rows"))
    more = parameter.get("has_next", result.get("has_next", False))
    return Reply(accepted=True, code=code, rows=rows, has_next=more is True or str(more).strip().upper() in ("TRUE", "Y", "1"))


def _documents(item: Table, part: Standard) -> list[Table]:
    listed = item.get(part.header_list)
    return items(listed) if listed is not None else [item]


def stage_of(row: Table, part: Standard) -> Stage | None:
    """The stage that a row's status fields tell; None where it has none. Compared by the part before the first dot."""
    approve, post = (str(row.get(name) or "").split(".")[0].strip() for name in (part.status.approve, part.status.post))
    if not approve and not post:
        return None
    if part.status.void in (approve, post):
        return Stage.VOID
    if post == part.status.yes:
        return Stage.POSTED
    return Stage.APPROVED if approve == part.status.yes else Stage.CREATED


# -- the ERP's refusals ----------------------------------------------------------------------------------------------

_CODE: Final = re.compile(r"\s*(-?\d{1,5}|[A-Za-z]{2,4}[-_]?\d{2,5})(?=$|[\s:：,，.。|])[\s:：,，.。|]*")
"""An ERP message code at the start of a text: mfg1201, apm-920, aws_105, 9023, -263 (protocol §5)."""


def message_code(text: str) -> str:
    """The message code that a text of the ERP begins with; empty where it begins with none."""
    match = _CODE.match(text)
    return match.group(1) if match else ""


def errors_of(result: Table) -> list[Table]:
    """`error[]`; a bare text there is an error, too."""
    found = result.get("error")
    return [{"message": found}] if isinstance(found, str) and found.strip() else items(found)


def _refusals(errors: Sequence[Table]) -> Iterator[Refusal]:
    """Both shapes: `{message, data}` and `{data, information: [{message, data}]}`."""
    for error in errors:
        details = items(error.get("information"))
        outer = table(error.get("data"))
        for detail in details or [error]:
            data = table(detail.get("data")) or outer
            yield _refusal(str(detail.get("message") or error.get("message") or ""), data, detail)


def _refusal(text: str, data: Table, source: Table) -> Refusal:
    sql_code = str(source.get("sql_code") or source.get("sqlcode") or "").strip()
    code = message_code(text) or str(source.get("code") or "").strip()
    if code in ("", "-1", "0") and sql_code not in ("", "0"):
        code = sql_code
    field, value = next(((str(name), item) for name, item in data.items() if not isinstance(item, list | dict)), ("", ""))
    line = str(data.get("seq", "")).strip()
    return Refusal(
        code="" if code in ("-1", "0", "-0") else code,
        message=text.strip(),
        field=field,
        value=str(value),
        line=int(line) if line.isdigit() else None,
    )


def _joined(refusals: Sequence[Refusal]) -> str:
    return "; ".join(dict.fromkeys(refusal.message for refusal in refusals if refusal.message))


# -- shapes ----------------------------------------------------------------------------------------------------------


def table(value: object) -> Table:
    """A table, empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Table]:
    """A list of tables; a lone one, or a text, is a list of one."""
    if isinstance(value, Mapping):
        return [value]
    return [item if isinstance(item, Mapping) else {"message": str(item)} for item in value] if isinstance(value, list) else []


def _number(parameter: Table, wire: Wire) -> str:
    for path in wire.number_paths:
        for root in (parameter.get("result"), parameter):
            found: Any = root
            for step in path.split("."):
                found = _step(found, step)
            if found not in (None, "") and not isinstance(found, list | dict):
                return str(found).strip()
    return ""


def _step(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return value[int(step)]
    return None
