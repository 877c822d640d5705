"""Service names of the standard channel -> document type and operation (protocol §0, §9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from importer.simulator.erp.documents import Operation
from importer.simulator.erp.kinds import KINDS, Kind, generic_kind

SUFFIXES: Final[dict[str, Operation]] = {
    "list.data.query.get": Operation.QUERY,
    "details.data.read.get": Operation.READ,
    "data.create": Operation.CREATE,
    "data.update": Operation.UPDATE,
    "data.delete": Operation.DELETE,
    "data.approve": Operation.APPROVE,
    "data.disapprove": Operation.DISAPPROVE,
    "data.post": Operation.POST,
    "data.dispost": Operation.DISPOST,
    "data.invalid": Operation.INVALID,
}
# Sister products write the two looks without their first word (protocol §2.4).
_SISTERS: Final[dict[str, Operation]] = {"data.query.get": Operation.QUERY, "data.read.get": Operation.READ}
_KNOWN: Final = {kind.prefix + suffix: (kind, operation) for kind in KINDS.values() for suffix, operation in SUFFIXES.items()}


@dataclass(slots=True)
class Services:
    """The services of the ERP: the shipped ones, and prefixes it was asked for and stores without checks."""

    generic: dict[str, Kind]

    def resolve(self, service: str, *, generic: bool) -> tuple[Kind, Operation] | None:
        """None = no such service (srvcode 100)."""
        if found := _KNOWN.get(service):
            return found
        if not generic or any(service.startswith(kind.prefix) for kind in KINDS.values()):
            return None
        for suffix, operation in (SUFFIXES | _SISTERS).items():
            if service.endswith(f".{suffix}"):
                prefix = service.removesuffix(suffix)
                return self.generic.get(prefix) or generic_kind(prefix), operation
        return None

    def learn(self, kind: Kind, parameter: Mapping[str, Any]) -> Kind:
        """Find the names of a generic type's lists in the shape of its first create."""
        header_list = _list_in(parameter) or kind.header_list
        rows = parameter.get(header_list) or [{}]
        line_list = _list_in(rows[0]) or kind.line_list
        if (header_list, line_list) != (kind.header_list, kind.line_list):
            kind = replace(kind, header_list=header_list, line_list=line_list)
            self.generic[kind.prefix] = kind
        return kind

    def named(self, name: str) -> Kind | None:
        """By document type, or by prefix for generic ones."""
        return KINDS.get(name) or next((kind for kind in self.generic.values() if name in (kind.name, kind.prefix)), None)


def _list_in(values: Mapping[str, Any]) -> str:
    """The first member that is a list of objects."""
    for name, value in values.items():
        if name != "datakeys" and isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            return name
    return ""
