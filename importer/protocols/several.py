"""What one answer says of each of several documents that one call was about (protocol §2.3, §2.4).

Items of `success[]` and `error[]` are told apart by their content: the token, the document number, or echoed input that fits one
document alone. Their order says nothing. A document that the answer does not name for certain is not judged here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from importer.errors import OutcomeUnknown
from importer.fieldtypes import shown
from importer.mapping import Standard
from importer.messages import N_
from importer.models import Reply
from importer.protocols.answers import Table, errors_of, items, no_service, refusals_of, stage_of, succeeded_of, table
from importer.settings import Profile, Wire

__all__ = ["Asked", "Judged", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One document of the call, as it travels under the wire's names."""

    token: str
    doc_no: str  # empty for a create
    header: Mapping[str, Any]  # what is echoed for it, for a create: its fields
    lines: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is certain."""

    replies: Sequence[Reply | None]  # of each document, in the order asked; None: the answer does not tell
    numbers: Sequence[tuple[str, str]] = ()  # slip type and number of created documents, without a hint whose they are


def judge(std: Table, headers: Mapping[str, str], part: Standard, profile: Profile, asked: Sequence[Asked], *, srvcode: str = "") -> Judged:
    """Judge a write of several documents. Raises OutcomeUnknown where the answer as a whole cannot be trusted."""
    refusal = no_service(std, headers, profile, srvcode)
    if refusal is not None:
        return Judged(replies=[refusal] * len(asked))
    execution, parameter = table(std.get("execution")), table(std.get("parameter"))
    if not execution:
        raise OutcomeUnknown(N_("The answer is not of the form that the ERP's interface uses."))
    wire = profile.wire
    code = str(execution.get("code", "")).strip()
    credible = code in (*wire.success_codes, *wire.partial_codes)  # with any other code what it lists under success may have been undone
    succeeded: list[list[Table]] = [[] for _ in asked]
    numbers: list[tuple[str, str]] = []
    for item in succeeded_of(parameter):
        whose = _named(item, asked, part)
        if len(whose) == 1:
            succeeded[whose[0]].append(item)
        elif not whose and credible and not asked[0].doc_no and (number := _number(item, part, wire)):
            numbers.append((str(item.get(part.doc_type_no) or "").strip(), number))
    failed: list[list[Table]] = [[] for _ in asked]
    for error in errors_of(table(parameter.get("result"))):
        if len(whose := _refused(error, asked, part)) == 1:
            failed[whose[0]].append(error)
    text = str(execution.get("description") or "")
    replies = [_reply(one, yes, no, code, text, part, wire) for one, yes, no in zip(asked, succeeded, failed, strict=True)]
    if not credible:
        replies = [reply if reply is not None and not reply.accepted else None for reply in replies]
    return Judged(replies=_without_doubles(replies), numbers=numbers)


def _reply(asked: Asked, yes: Sequence[Table], no: Sequence[Table], code: str, text: str, part: Standard, wire: Wire) -> Reply | None:
    if len(yes) == 1 and not no and (number := asked.doc_no or _number(yes[0], part, wire)):
        slip = str(yes[0].get(part.doc_type_no) or "").strip()
        return Reply(accepted=True, code=code, message=text, doc_no=number, doc_type_no=slip, stage=stage_of(yes[0], part))
    if no and not yes:
        return refusals_of(no, code)
    return None


def _without_doubles(replies: Sequence[Reply | None]) -> list[Reply | None]:
    """Two documents never have one number."""
    known = Counter(reply.doc_no for reply in replies if reply is not None and reply.accepted)
    return [None if reply is not None and reply.accepted and known[reply.doc_no] > 1 else reply for reply in replies]


def _number(item: Table, part: Standard, wire: Wire) -> str:
    """The number that an item of success[] names, under whichever name the site has it."""
    names = [part.doc_no, *(path.rpartition(".")[2] for path in wire.number_paths)]
    return next((text for name in names if (text := str(item.get(name) or "").strip())), "")


def _named(item: Table, asked: Sequence[Asked], part: Standard) -> list[int]:
    """Whose item it is, by token or number."""
    texts = [value for value in item.values() if isinstance(value, str)]
    by_token = [at for at, one in enumerate(asked) if any(one.token in text for text in texts)]
    number = str(item.get(part.doc_no) or "").strip()
    by_number = [at for at, one in enumerate(asked) if one.doc_no and one.doc_no == number]
    if by_token and number and asked[0].doc_no:
        return [at for at in by_token if at in by_number]  # where they contradict each other it is nobody's
    return by_token or by_number


def _refused(error: Table, asked: Sequence[Asked], part: Standard) -> list[int]:
    """Whose refusal it is: by token or number, else the documents that have everything that it echoes."""
    echoes = [table(error.get("data")), *(table(detail.get("data")) for detail in items(error.get("information")))]
    for echo in echoes:
        if whose := _named(echo, asked, part):
            return whose
    if asked[0].doc_no:
        return []
    told = [(name, shown(value)) for echo in echoes for name, value in echo.items() if not isinstance(value, list | dict)]
    return [at for at, one in enumerate(asked) if told and all(_has(one, name, text.strip()) for name, text in told)]


def _has(asked: Asked, name: str, text: str) -> bool:
    return any(shown(fields[name]).strip() == text for fields in (asked.header, *asked.lines) if name in fields)
