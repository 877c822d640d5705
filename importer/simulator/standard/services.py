"""Service names of the standard channel -> document type and operation (protocol §0, §9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from importer.simulator.erp.documents import Operation
from importer.simulator.erp.kinds import KINDS, Kind, generic_kind, renamed
from importer.simulator.sitenames import SiteNames

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


class Services:
    """The services of the ERP: the shipped ones, and prefixes it was asked for and stores without checks."""

    def __init__(self, site_names: tuple[SiteNames, ...] = ()) -> None:
        self._generic: dict[str, Kind] = {}
        self.rename(site_names)

    def rename(self, site_names: tuple[SiteNames, ...]) -> None:
        """Call the shipped types by a site's names; their old names are gone."""
        by_kind = {names.kind: names for names in site_names}
        self.kinds = {name: renamed(kind, by_kind[name]) if name in by_kind else kind for name, kind in KINDS.items()}
        self._known = {kind.prefix + suffix: (kind, operation) for kind in self.kinds.values() for suffix, operation in SUFFIXES.items()}

    def resolve(self, service: str, *, generic: bool) -> tuple[Kind, Operation] | None:
        """None = no such service (srvcode 100)."""
        if found := self._known.get(service):
            return found
        if not generic or any(service.startswith(kind.prefix) for kind in self.kinds.values()):
            return None
        for suffix, operation in (SUFFIXES | _SISTERS).items():
            if service.endswith(f".{suffix}"):
                prefix = service.removesuffix(suffix)
                return self._generic.get(prefix) or generic_kind(prefix), operation
        return None

    def learn(self, kind: Kind, parameter: Mapping[str, Any]) -> Kind:
        """Find the names of a generic type's lists in the shape of its first create."""
        header_list = _list_in(parameter)
        if not header_list:
            return kind
        line_list = _list_in(parameter[header_list][0]) or kind.line_list
        if (header_list, line_list) != (kind.header_list, kind.line_list):
            kind = replace(kind, header_list=header_list, line_list=line_list)
            self._generic[kind.prefix] = kind
        return kind

    def named(self, name: str) -> Kind | None:
        """By document type, or by prefix for generic ones."""
        return self.kinds.get(name) or next((kind for kind in self._generic.values() if name in (kind.name, kind.prefix)), None)


def _list_in(values: Mapping[str, Any]) -> str:
    """The first member that is a list of objects."""
    for name, value in values.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            return name
    return ""
