"""The independent judge: what a client did wrong on the wire, and whether it ever sent a document twice on hope.

A create that carries an importer reference (`[IMP:xxxxxxxxxxxxxxxx]`) may be repeated only after a clear refusal, or after looking
(list query or read details) once the outcome of the first had become unknown (protocol §6, §9.1 13).
"""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final, Literal

from importer.simulator.erp.store import TOKEN
from importer.simulator.exchange import Incoming, Remarks

_IN_BYTES: Final = re.compile(TOKEN.pattern.encode())
# A look may name the reference without its brackets.
_BARE: Final = re.compile(rb"(?<![A-Z0-9])[A-Z2-7]{16}(?![A-Z0-9])")
_NOTES: Final = frozenset({"unknown_field"})  # legitimate at a site with fields of its own
_KEPT: Final = 1000

Outcome = Literal["running", "known", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class ProtocolFault:
    """One thing that the client should not have done."""

    kind: str
    detail: str
    service: str


@dataclass(slots=True)
class _Attempt:
    family: str
    plant: str
    outcome: Outcome = "running"
    looked: bool = False


class Judge:
    """Counts protocol faults. Not thread-safe: its owner holds the lock."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.recent: deque[ProtocolFault] = deque(maxlen=_KEPT)
        self._attempts: dict[tuple[str, str], _Attempt] = {}
        self._alone: Counter[str] = Counter()

    def fault(self, kind: str, detail: str, service: str) -> None:
        self.counts[kind] += 1
        self.recent.append(ProtocolFault(kind, detail, service))

    def remark(self, remarks: Remarks, service: str) -> None:
        for kind, detail in remarks:
            if kind in _NOTES:
                self.notes[f"{kind}: {detail}"] += 1
            else:
                self.fault(kind, detail, service)

    def create_begins(self, incoming: Incoming, body: bytes) -> tuple[str, ...]:
        """Register the references of a create; returns them for `create_ended`."""
        tokens = tuple(found.decode() for found in _IN_BYTES.findall(body))
        for token in tokens:
            before = self._attempts.get((incoming.plant, token))
            if before is not None and before.outcome != "refused" and not before.looked:
                self.fault("create_repeated_without_look", token, incoming.service)
            self._attempts[incoming.plant, token] = _Attempt(incoming.family, incoming.plant)
        return tokens

    def work_begins(self, incoming: Incoming) -> None:
        """Two posts at once under one ERP user may swap their messages: the program reports through a file named by user."""
        if incoming.alone is not None:
            if self._alone[incoming.alone]:
                self.fault("posts_at_once", incoming.alone, incoming.service)
            self._alone[incoming.alone] += 1

    def work_ended(self, incoming: Incoming) -> None:
        if incoming.alone is not None:
            self._alone[incoming.alone] -= 1

    def create_ended(self, plant: str, tokens: tuple[str, ...], outcome: Outcome) -> None:
        for token in tokens:
            attempt = self._attempts.get((plant, token))
            if attempt is not None:
                attempt.outcome = outcome

    def looked(self, incoming: Incoming, body: bytes, answer: bytes) -> None:
        """A look that was answered. One that names no reference looked at everything of its type."""
        named = {found.decode() for found in _BARE.findall(body) + _BARE.findall(answer)}
        if not named and incoming.operation == "query":
            for attempt in self._attempts.values():
                attempt.looked = attempt.looked or (attempt.family, attempt.plant) == (incoming.family, incoming.plant)
        for token in named:
            known = self._attempts.get((incoming.plant, token))
            if known is not None and known.family == incoming.family:
                known.looked = True
