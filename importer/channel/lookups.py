"""Tables of master data out of the ERP: list queries of the standard channel, Get services of the custom one (protocol §1.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import import_module
from itertools import count
from typing import Any, Final

import stamina

from importer.channel.calls import refused, unavailable
from importer.client import Client
from importer.errors import CallFailed, ConfigurationError, ImporterError, NotSent, OutcomeUnknown
from importer.mapping import Standard
from importer.messages import N_
from importer.models import Operation, Reply
from importer.protocols import parameters
from importer.settings import Fetch, Profile, password_of

__all__ = ["fetched"]

stamina.instrumentation.set_on_retry_hooks([])  # its log lines would stand between a user and what he asked for

Row = Mapping[str, Any]
ATTEMPTS: Final = 3
UNORDERED: Final = ("name", "unit_no", "qty")  # the other columns tell rows apart, so that pages do not overlap


def fetched(fetch: Fetch, profile: Profile, client: Client) -> Iterator[Row]:
    """The rows of a table under the ERP's names, page by page.

    Raises ImporterError when the ERP refuses the question, ErpUnavailable when it cannot be asked.
    """
    rows = _standard(fetch, profile, client) if fetch.channel == "standard" else _custom(fetch, profile, client)
    try:
        yield from rows
    except CallFailed as failure:
        raise unavailable(failure) from None


def _standard(fetch: Fetch, profile: Profile, client: Client) -> Iterator[Row]:
    if not profile.standard_url:
        raise ConfigurationError(N_("Profile {profile} has no standard_url."), profile=profile.name)
    codec = import_module(f"importer.protocols.standard_{profile.format}")
    part = Standard(header_list=fetch.header_list or "rows", line_list="", operations={})
    conditions = [parameters.condition(one["field_name"], one.get("operator", "="), one.get("value", "")) for one in fetch.conditions]
    orders = [parameters.order(theirs) for ours, theirs in fetch.columns.items() if ours not in UNORDERED]
    before: list[Row] | None = None
    for page in count(1):
        question = parameters.query(profile.wire, conditions, page=page, page_size=fetch.page_size, orders=orders)
        for attempt in _attempts():
            with attempt:
                payload = codec.encode(question, fetch.service, profile, datetime.now())
                answer = client.exchange(payload, is_answer=codec.is_answer)
                reply = codec.decode(Operation.QUERY, answer.headers, answer.body, part, profile)
        rows = list(_accepted(reply).rows)
        if rows and rows == before:
            raise ImporterError(N_("The ERP gives page {page} of its list once more in place of the next one."), page=page - 1)
        yield from rows
        if not reply.has_next or not rows:
            return
        before = rows


def _custom(fetch: Fetch, profile: Profile, client: Client) -> Iterator[Row]:
    from importer.protocols import custom_xml
    from importer.protocols.custom_records import decode_records

    if not profile.custom_url:
        raise ConfigurationError(N_("Profile {profile} has no custom_url."), profile=profile.name)
    payload = custom_xml.encode_question(fetch.service, {fetch.parameter: fetch.condition}, profile, password_of(profile))
    for attempt in _attempts():
        with attempt:
            answer = client.exchange(payload, is_answer=custom_xml.is_answer)
            reply = decode_records(answer.body, profile.custom, fetch.records)
    yield from _accepted(reply).rows


def _attempts() -> Any:
    return stamina.retry_context(on=(NotSent, OutcomeUnknown), attempts=ATTEMPTS, wait_initial=0.1, wait_max=2.0)


def _accepted(reply: Reply) -> Reply:
    if not reply.executed:
        raise refused(reply)
    if not reply.accepted:
        raise ImporterError(N_("The ERP refuses the query: {text}"), text=reply.message or reply.code)
    return reply
