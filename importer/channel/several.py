"""One call for several documents, and what became of each (profile setting `documents_per_call`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from importer.channel.calls import Call
from importer.documents import MARK_CLOSE, MARK_OPEN
from importer.errors import CallFailed, ErpUnavailable, OutcomeUnknown
from importer.messages import N_
from importer.models import Claim, Operation, Reply
from importer.protocols import parameters
from importer.protocols.answers import stage_of
from importer.protocols.several import Asked, judge

if TYPE_CHECKING:
    from importer.channel.standard import StandardChannel

__all__ = ["write_several"]

NOT_TOLD = N_("The ERP's answer to several documents does not tell what became of this one.")


def write_several(
    channel: StandardChannel, operation: Operation, claims: Sequence[Claim], *, leaving: Callable[[], None] | None = None
) -> list[Call]:
    """Carry out one operation on several documents, once; how it ended for each, in the order of the claims."""
    each = [channel.parameter(operation, one.document, doc_type_no=one.doc_type_no, doc_no=one.doc_no) for one in claims]
    name = next(iter(each[0]))
    found: list[list[Reply | None]] = []

    def read(headers: Mapping[str, str], body: bytes) -> Reply:
        asked = [_asked(channel, claim, parameter[name][0]) for claim, parameter in zip(claims, each, strict=True)]
        srvcode, std = channel.opened(body)
        judged = judge(std, headers, channel.part, channel.profile, asked, srvcode=srvcode)
        replies = list(judged.replies)
        if judged.numbers:
            replies = _by_token(channel, judged.numbers, claims, replies)
        found.append(replies)
        return Reply(accepted=True)

    whole = channel.call(operation, {name: [parameter[name][0] for parameter in each]}, read=read, leaving=leaving)
    if not found:
        return [whole] * len(claims)
    return [whole.of_one(reply, None if reply else OutcomeUnknown(NOT_TOLD)) for reply in found[0]]


def _asked(channel: StandardChannel, claim: Claim, parameter: Mapping[str, Any]) -> Asked:
    lines = parameter.get(channel.part.line_list)
    return Asked(
        token=claim.document.token,
        doc_no=claim.doc_no,
        header={field: value for field, value in parameter.items() if field != channel.part.line_list},
        lines=lines if isinstance(lines, list) else (),
    )


def _by_token(
    channel: StandardChannel, numbers: Sequence[tuple[str, str]], claims: Sequence[Claim], replies: Sequence[Reply | None]
) -> list[Reply | None]:
    """Created documents that the answer names by number alone, read back in one call: whose each is stands in its remark."""
    token, part, wire = channel.mapping.token, channel.part, channel.profile.wire
    if token is None or wire.extra_key or not channel.can(Operation.READ):
        return list(replies)
    field = parameters.wire_names(channel.mapping)[token.field]
    keys = [parameters.keys(channel.mapping, wire, doc_type_no=slip, doc_no=number) for slip, number in numbers]
    try:
        rows = channel.ask(Operation.READ, {wire.datakeys: [key[wire.datakeys][0] for key in keys]}).rows
    except (CallFailed, ErpUnavailable):
        return list(replies)
    named = {number for _, number in numbers}
    settled = []
    for claim, reply in zip(claims, replies, strict=True):
        mark = f"{MARK_OPEN}{claim.document.token}{MARK_CLOSE}".strip()
        own = [row for row in rows if mark in str(row.get(field) or "") and str(row.get(part.doc_no) or "").strip() in named]
        settled.append(_read_back(own[0], channel) if len(own) == 1 and reply is None else None if own else reply)
    return settled


def _read_back(row: Mapping[str, Any], channel: StandardChannel) -> Reply:
    part = channel.part
    return Reply(
        accepted=True,
        code=channel.profile.wire.success_codes[0] if channel.profile.wire.success_codes else "",
        doc_no=str(row.get(part.doc_no)).strip(),
        doc_type_no=str(row.get(part.doc_type_no) or "").strip(),
        stage=stage_of(row, part),
    )
