"""apis, spec."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.api import catalogue as api
from importer.api.opening import open_site
from importer.cli.language import say, terminal_language
from importer.cli.options import FILE, common
from importer.cli.output import print_json, table, tell, warn
from importer.messages import N_

if TYPE_CHECKING:
    from importer.catalogue.services import Service
    from importer.catalogue.specification import SpecRow

__all__ = ["apis", "spec"]

VALUE_LENGTH = 60  # characters of a cell that are shown


@click.command(help=say(N_("Show the API catalogue with message specifications and samples.")))
@click.argument("document_type", metavar="[TYPE]", required=False)
@click.option("--out", type=FILE, metavar="FILE.xlsx", help=say(N_("Write it as a workbook.")))
@common
def apis(document_type: str | None, out: Path | None, *, as_json: bool, lang: str | None, config: Path | None) -> int:
    """Without TYPE: the list of all services. With TYPE: also the fields of their messages."""
    site = open_site(config, None, lang, need_erp=False)
    language = lang or terminal_language()
    found = api.apis(site, document_type, language=language)
    if out is not None:
        api.write_catalogue(found, site, out, language=language)
        (warn if as_json else tell)(N_("The API catalogue was written to {file}"), file=out.resolve())
    if as_json:
        print_json([_service_json(service) for services in found.values() for service in services])
    elif out is None:
        _print(found, language, with_fields=document_type is not None)
    return 0


def _service_json(service: Service) -> dict[str, Any]:
    from importer.catalogue.operations import WORDING

    return {
        "service": service.name,
        "operation": service.operation.value,
        "operation_name": dict(WORDING[service.operation].name),
        "document_type": service.document_type,
        "channel": service.channel.value,
        "kind": service.kind,
        "category": service.category,
        "program": service.program,
        "other_programs": list(service.other_programs),
        "formats": list(service.formats),
        "name": dict(service.title),
        "description": dict(service.description),
        "specification": {
            "request": [dataclasses.asdict(row) for row in service.request],
            "answer": [dataclasses.asdict(row) for row in service.answer],
        },
        "samples": [dataclasses.asdict(sample) for sample in service.samples],
    }


def _print(found: Mapping[str, Sequence[Service]], language: str, *, with_fields: bool) -> None:
    for services in found.values():
        if services:
            _print_list(services, language)
        for service in services if with_fields else ():
            for title, rows in ((N_("Request"), service.request), (N_("Answer"), service.answer)):
                tell("\n{title}: {service}  {name}", title=say(title), service=service.name, name=service.title[language])
                _print_fields(rows, language)


def _print_list(services: Sequence[Service], language: str) -> None:
    """A line per service, never broken, so that it can be searched and cut."""
    from importer.catalogue.operations import WORDING
    from importer.catalogue.sheets import programs_of

    first = services[0]
    tell("\n{name}  {program}  {category}", name=first.document_type, program=programs_of(first), category=first.category)
    chinese = "zh_CN" if language == "zh_CN" else "zh_TW"
    rows = [
        (item.name, WORDING[item.operation].name[chinese], WORDING[item.operation].name["en"], item.kind, ", ".join(item.formats).upper())
        for item in services
    ]
    for line in _aligned([[say(text) for text in LIST_HEADINGS], *rows]):
        tell("  {line}", line=line)


LIST_HEADINGS = (N_("Service"), N_("Operation (Chinese)"), N_("Operation (English)"), N_("Kind"), N_("Formats"))


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell; Chinese characters take two places."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()


def _print_fields(rows: Sequence[SpecRow], language: str) -> None:
    """Tables of fields, one for each place in the message."""
    from importer.catalogue.sheets import SPECIFICATION_HEADINGS, specification_row

    headings = [say(text) for text, _ in SPECIFICATION_HEADINGS[2:]]
    for place, group in groupby(rows, key=lambda row: row.path.removesuffix(row.field).rstrip("./@")):
        tell("  {place}", place=place)
        table([specification_row(row, language)[2:] for row in group], headings)


# -- spec ------------------------------------------------------------------------------------------------------------


@click.command(help=say(N_("Make a mapping to finish from a vendor's message specification.")))
@click.argument("file", type=FILE, metavar="FILE.xlsx")
@click.option("--type", "document_type", metavar="NAME", required=True, help=say(N_("Name of the document type.")))
@click.option("--out", type=FILE, metavar="FILE.yaml", help=say(N_("The mapping file; it must not exist yet.")))
@common
def spec(file: Path, document_type: str, out: Path | None, *, as_json: bool, lang: str | None, config: Path | None) -> int:
    """Without --out the mapping goes to standard output, and what was not understood to standard error."""
    site = open_site(config, None, lang, need_erp=False)
    report = api.read_spec(file, site, document_type=document_type, out=out, language=lang or terminal_language())
    if as_json:
        print_json([_spec_json(report)])
    else:
        if out is None:
            sys.stdout.write(report.specification.text)
        _print_spec(report)
    return report.exit_code


def _spec_json(report: api.SpecReport) -> dict[str, Any]:
    found = report.specification
    return {
        "file": str(report.file.resolve()),
        "document_type": report.document_type,
        "mapping": str(report.mapping.resolve()) if report.mapping else None,
        "fields": len(found.fields),
        "understood": [{**dataclasses.asdict(item.place), "field": item.field, "part": item.part} for item in found.understood],
        "not_understood": [{**dataclasses.asdict(item.place), "reason": say(item.reason)} for item in found.not_understood],
        "text": found.text,
    }


def _print_spec(report: api.SpecReport) -> None:
    found = report.specification
    warn(
        N_("{file}: {fields} fields understood, {problems} places not understood"),
        file=report.file,
        fields=len(found.fields),
        problems=len(found.not_understood),
    )
    for item in found.not_understood:
        shown = " ".join(item.place.value.split())[:VALUE_LENGTH]
        warn("  {place}: {reason}: {value}", place=f"{item.place.sheet}!{item.place.cell}", reason=say(item.reason), value=shown)
    if not found.fields:
        warn(N_("No table of fields was found: it needs a heading for the field and one for its type, length or description."))
    elif report.mapping:
        tell(N_("The mapping was written to {file}. Finish what TODO says, and put it into your mappings folder."), file=report.mapping)
