"""The XML document inside the string: what a service is asked (protocol §1.3) and what it answers (§1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from importer.simulator.safexml import child, children


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerRequest:
    """Access, parameters and the root to take record sets from. `None` = the node is not there."""

    user: str | None
    password: str
    application: str
    plant: str | None
    language: str
    parameters: dict[str, str]
    root: etree._Element

    def record_sets(self, master: str, detail: str) -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
        """Header and line fields of each `RecordSet` that holds this Master."""
        document = child(self.root, "RequestContent", "Document")
        for record_set in children(document, "RecordSet") if document is not None else ():
            head = next((found for found in children(record_set, "Master") if found.get("name") == master), None)
            if head is None:
                continue
            details = [found for found in children(record_set, "Detail") if found.get("name") == detail]
            records = [_fields(record) for found in details for record in children(found, "Record")]
            # A Master uses its first child element as its only Record.
            yield _fields(head[0]) if len(head) else {}, records


def read(root: etree._Element) -> InnerRequest:
    access = child(root, "Access")
    authentication = child(access, "Authentication")
    organization = child(access, "Organization")
    connection, locale = child(access, "Connection"), child(access, "Locale")
    return InnerRequest(
        user=None if authentication is None else authentication.get("user", ""),
        password="" if authentication is None else authentication.get("password", ""),
        application="*" if connection is None else connection.get("application") or "*",
        plant=None if organization is None else organization.get("name", ""),
        language="" if locale is None else locale.get("language", ""),
        parameters=_parameters(root),
        root=root,
    )


def _parameters(root: etree._Element) -> dict[str, str]:
    """The first of each name counts; names are case-sensitive."""
    parameters: dict[str, str] = {}
    for parameter in root.iter("{*}Parameter"):
        for record in children(parameter, "Record"):
            for name, value in _fields(record).items():
                parameters.setdefault(name, value)
    return parameters


def _fields(record: etree._Element) -> dict[str, str]:
    return {found.get("name", ""): found.get("value", "") for found in children(record, "Field")}


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerAnswer:
    """`number` None = the field is absent: nothing was processed; "" = nothing was created (protocol §1.4)."""

    code: str = "0"
    sqlcode: str = "0"
    description: str = ""
    column: str = ""
    number: str | None = None
    results: tuple[str, ...] = field(default=())  # numbers for <Results/> elements
    file: str = ""  # table of the records that a Get service hands out
    records: tuple[dict[str, str], ...] = ()


def write(answer: InnerAnswer) -> str:
    """Without an XML declaration: the server strips the first line of its file."""
    root = etree.Element("Response")
    status = {"code": answer.code, "sqlcode": answer.sqlcode, "description": answer.description}
    etree.SubElement(etree.SubElement(root, "Execution"), "Status", status)
    content = etree.SubElement(root, "ResponseContent")
    parameter = etree.SubElement(content, "Parameter")
    if answer.number is not None:
        record = etree.SubElement(parameter, "Record")
        etree.SubElement(record, "Field", {"name": answer.column, "value": answer.number})
    for position, number in enumerate(answer.results, 1):
        etree.SubElement(content, "Results", {"RecordSet": str(position), "Docno": number})
    document = etree.SubElement(content, "Document")
    for position, values in enumerate(answer.records, 1):
        master = etree.SubElement(etree.SubElement(document, "RecordSet", {"id": str(position)}), "Master", {"name": answer.file})
        row = etree.SubElement(master, "Record")
        for name, value in values.items():
            etree.SubElement(row, "Field", {"name": name, "value": value})
    return etree.tostring(root, encoding="unicode")
