"""How a call ends, and what the ERP reports of a document: the same for every channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias

from importer.client import Answer
from importer.errors import CallFailed, ErpUnavailable, NotSent
from importer.messages import N_
from importer.models import Payload, Reply, Stage

__all__ = ["Call", "ErpDocument", "Turn", "answer_text", "refused", "unavailable"]

Turn: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Entered for the length of a call; waits until the profile's limits allow one more."""
ANSWER_KEPT: Final = 2000  # characters of an answer that the ledger's events keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call and how it ended: a trusted `reply`, or the `failure` to get one."""

    reply: Reply | None = None
    failure: CallFailed | None = None
    payload: Payload | None = None
    duration_ms: int = 0
    answer: str = ""  # what came back, shortened
    date: str = ""  # the answer's Date header
    kept_payload: str = ""  # the request's body, where the profile keeps payloads

    def of_one(self, reply: Reply | None, failure: CallFailed | None) -> Call:
        """The same call as one of its several documents sees it."""
        return replace(self, reply=reply, failure=failure)

    @property
    def server_time(self) -> datetime | None:
        """The ERP's clock, as far as its HTTP server tells."""
        try:
            return parsedate_to_datetime(self.date)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpDocument:
    """A document as the ERP reports it, under the wire's names."""

    doc_type_no: str
    doc_no: str
    stage: Stage | None  # None where the ERP does not say
    header: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]


def answer_text(answer: Answer) -> str:
    """As much of an answer as events keep."""
    return answer.body[: ANSWER_KEPT * 4].decode("utf-8", "replace")[:ANSWER_KEPT]


def unavailable(failure: CallFailed) -> ErpUnavailable:
    """The failure of a call as what it means for a run."""
    if isinstance(failure, NotSent) and failure.login:
        return ErpUnavailable(
            N_("The ERP refuses the login (HTTP {status}). Check user, password and plant of the profile."), **failure.values
        )
    if isinstance(failure, NotSent) and failure.values.get("status") in (404, 405):
        return ErpUnavailable(
            N_("The ERP's server has no such service (HTTP {status}). Check the address in the profile."), **failure.values
        )
    return ErpUnavailable(failure.text, **failure.values)


def refused(reply: Reply) -> ErpUnavailable:
    """A gateway that could not run the service, as what it means for a run."""
    return ErpUnavailable(
        N_("The ERP's gateway could not run the service (srvcode {code}) {text}. Check plant and service names."),
        code=reply.code,
        text=reply.message,
    )
