"""What passes between the HTTP side and the channels: one request understood, one reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from importer.simulator.faults import FaultKind
    from importer.simulator.world import World

Remarks = list[tuple[str, str]]  # what was wrong with the form of a request: (kind, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. Header names are lower-case."""

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as its channel understands it."""

    service: str = ""
    operation: str = ""  # one of the ten, "combined" for a custom service, "" when not understood
    family: str = ""  # the document type, or the service prefix of a generic one
    plant: str = ""
    call: Any = None  # the channel's own
    remarks: Remarks = field(default_factory=list)
    alone: str | None = None  # calls with one value here must not be at work together; None = any number may


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    code: str = ""  # execution.code, for the call log
    srvcode: str = ""
    doc_nos: tuple[str, ...] = ()
    done: bool = False  # the ERP changed or read what it was asked to


class Channel(Protocol):
    """One way into the ERP. Both methods run under the world's lock."""

    name: str

    def parse(self, world: World, request: Request) -> Incoming: ...

    def answer(self, world: World, incoming: Incoming, trouble: FaultKind | None) -> Reply:
        """Do the work and report it; `trouble` is a fault that the ERP itself brings about, in the channel's own words."""
        ...
