"""The catalogue as a workbook: an overview, and one sheet per document type with specifications and samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from importer.catalogue.operations import WORDING
from importer.catalogue.services import Service
from importer.catalogue.specification import SpecRow
from importer.mapping import Mapping as DocumentType
from importer.messages import N_, translate
from importer.workbook.catalogue_book import Heading, Link, Panel, Sheet, Table

__all__ = ["OVERVIEW_HEADINGS", "SPECIFICATION_HEADINGS", "overview_row", "programs_of", "sheets", "specification_row"]

OVERVIEW_HEADINGS: Final = (
    (N_("Service"), 46),
    (N_("Operation"), 16),
    (N_("Operation (Chinese)"), 20),
    (N_("Operation (English)"), 24),
    (N_("Document type"), 20),
    (N_("Program"), 20),
    (N_("Category"), 16),
    (N_("Kind"), 12),
    (N_("Formats"), 12),
    (N_("Name"), 34),
    (N_("Description"), 60),
)
SPECIFICATION_HEADINGS: Final = (
    (N_("Part"), 10),
    (N_("Path"), 56),
    (N_("Field"), 20),
    (N_("TIPTOP column"), 14),
    (N_("Type"), 10),
    (N_("Length"), 10),
    (N_("Required"), 10),
    (N_("Label"), 24),
    (N_("Description"), 64),
)


def sheets(catalogue: Mapping[str, Sequence[Service]], mappings: Mapping[str, DocumentType], language: str) -> list[Sheet]:
    """The sheets of the catalogue; `catalogue` has the services by document type."""
    headings = [translate(text, language) for text, _ in OVERVIEW_HEADINGS]
    rows = [overview_row(service, language) for found in catalogue.values() for service in found]
    linked: list[list[str | Link]] = [[Link(text=row[0], target=row[0]), *row[1:]] for row in rows]
    overview = Sheet(
        title=translate(N_("Overview"), language),
        widths=[width for _, width in OVERVIEW_HEADINGS],
        blocks=[Table(headings=headings, rows=linked)],
    )
    return [overview, *(_sheet(mappings[name], found, language) for name, found in catalogue.items())]


def _sheet(mapping: DocumentType, found: Sequence[Service], language: str) -> Sheet:
    blocks = [block for service in found for block in _blocks(service, language)]
    return Sheet(title=mapping.title_in(language), widths=[width for _, width in SPECIFICATION_HEADINGS], blocks=blocks)


def _blocks(service: Service, language: str) -> Iterator[Heading | Table | Panel]:
    yield Heading(text=service.name)
    facts = list(zip((text for text, _ in OVERVIEW_HEADINGS[1:]), overview_row(service, language)[1:], strict=True))
    yield Table(headings=[], rows=[[translate(heading, language), value] for heading, value in facts])
    headings = [translate(text, language) for text, _ in SPECIFICATION_HEADINGS]
    for title, rows in ((N_("Request"), service.request), (N_("Answer"), service.answer)):
        yield Heading(text=f"{translate(title, language)}: {service.name}")
        yield Table(headings=headings, rows=[specification_row(row, language) for row in rows])
    yield from _panels(service, language)


def _panels(service: Service, language: str) -> Iterator[Panel]:
    request, answer = translate(N_("Sample request"), language), translate(N_("Sample answer"), language)
    carried = translate(N_("the document inside"), language)
    for sample in service.samples:
        kind = sample.format.upper()
        headers = "".join(f"{name}: {value}\n" for name, value in sample.headers.items())
        yield Panel(texts=[(f"{request} ({kind})", f"{headers}\n{sample.request}"), (f"{answer} ({kind})", sample.answer)])
        if sample.carried_request:
            yield Panel(texts=[(f"{request}: {carried}", sample.carried_request), (f"{answer}: {carried}", sample.carried_answer)])


def programs_of(service: Service) -> str:
    """All names of the program."""
    return " / ".join(filter(None, [service.program, *service.other_programs]))


def overview_row(service: Service, language: str) -> list[str]:
    """One service in the order of OVERVIEW_HEADINGS."""
    name = WORDING[service.operation].name
    formats = ", ".join(service.formats).upper()
    chinese = name["zh_CN"] if language == "zh_CN" else name["zh_TW"]
    words = [
        service.operation.value,
        chinese,
        name["en"],
        service.document_type,
        programs_of(service),
        service.category,
        service.kind,
        formats,
    ]
    return [service.name, *words, service.title[language], service.description[language]]


def specification_row(row: SpecRow, language: str) -> list[str]:
    """One field in the order of SPECIFICATION_HEADINGS."""
    required = translate(N_("yes"), language) if row.required else ""
    return [
        translate(PARTS[row.part], language),
        row.path,
        row.field,
        row.column,
        row.type,
        row.length,
        required,
        row.label,
        row.description,
    ]


PARTS: Final[Mapping[str, str]] = {"envelope": N_("envelope"), "key": N_("key"), "header": N_("header"), "line": N_("line")}
