"""demo."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from importer.api.importing import run
from importer.api.opening import Site, open_site
from importer.cli.language import say, terminal_language
from importer.cli.options import common, out_option
from importer.cli.output import print_json, print_run, run_json, tell, warn
from importer.cli.progress import TerminalListener, stop_on_signal
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.settings import Profile

if TYPE_CHECKING:
    from importer.simulator import Simulator

__all__ = ["demo"]

FOLDER: Final = "importer-demo"


@click.command(help=say(N_("Simulator, generated workbook, import and results: one command, no configuration.")))
@click.argument("document_type", metavar="[TYPE]", default="misc_issue")
@click.option("--documents", type=click.IntRange(1), default=20, show_default=True, help=say(N_("Number of documents.")))
@click.option("--lines", type=click.IntRange(1), default=5, show_default=True, help=say(N_("Lines of each document.")))
@click.option("--latency-ms", type=float, default=0, show_default=True, help=say(N_("Every call takes at least this long.")))
@out_option
@common
def demo(document_type: str, documents: int, lines: int, latency_ms: float, out: Path | None, **options: Any) -> int:
    """Writes the workbook and its results into a folder; simulator and ledger vanish afterwards."""
    from importer.demo import demo_rows, simulator_settings
    from importer.simulator import Simulator
    from importer.workbook.template import fill_template

    own = open_site(options["config"], None, options["lang"], need_erp=False)
    mapping = own.mapping(document_type)
    language = options["lang"] or terminal_language()
    folder = out or Path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(demo_rows(mapping, documents=documents, lines=lines, day=date.today()))
    path = folder / f"{document_type}_demo.xlsx"
    fill_template(mapping, language, path, rows)
    with Simulator(simulator_settings(latency_ms)) as erp, tempfile.TemporaryDirectory() as scratch, stop_on_signal() as stop:
        warn(N_("Simulator: {url}; importing {file}"), url=erp.base_url, file=path)
        site = _site(own, erp, Path(scratch), options["lang"])
        (report,) = run([path], site, out=folder, stop=stop, listener=_DemoListener())
        equal = _same_totals(mapping, rows, erp) if report.exit_code == 0 else None
    if options["as_json"]:
        print_json([run_json(report)])
    else:
        print_run(report)
        if equal:
            tell(N_("  quantities posted per item and warehouse in the ERP equal those of the workbook"))
    if equal is False:
        warn(N_("The quantities in the ERP differ from those of the workbook."))
    return report.exit_code if equal is not False else 1


class _DemoListener(TerminalListener):
    """The demo's ledger is as new as its ERP; nobody need be told."""

    def notice(self, text: str, /, **values: object) -> None:
        """Nothing to say."""


def _site(own: Site, erp: Simulator, scratch: Path, language: str | None) -> Site:
    """The demo's own configuration; of the user's only the mappings are read, and nothing is written."""
    profile = Profile(
        name="demo",
        erp_id="demo",
        standard_url=erp.standard_url,
        custom_url=erp.custom_url,
        language=language or terminal_language(),
        ask_before_create="never",  # the ERP is as new as the ledger
        grace_s=5,
    )
    settings = own.settings.model_copy(update={"ledger": f"sqlite:///{scratch / 'demo.db'}", "profiles": {"demo": profile}})
    return Site(settings=settings, profile=profile, language=language)


def _same_totals(mapping: DocumentType, rows: list[dict[str, object]], erp: Simulator) -> bool | None:
    """Whether the simulator's stock movements per item and warehouse, whatever their direction, are the workbook's quantities.

    None for a document type that moves no stock there.
    """
    wanted: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for total in mapping.totals:
        for row in rows:
            quantity = _quantity(mapping, row, total.sum)
            wanted[tuple(str(row[name]) for name in total.by)] += quantity
    moved: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for movement in erp.movements():
        moved[(movement.key.item, movement.key.warehouse)] += abs(movement.qty)
    return moved == wanted if moved else None


def _quantity(mapping: DocumentType, row: dict[str, object], name: str) -> Decimal:
    default = mapping.fields[name].default
    value = row.get(name, row.get(default.copy_of) if default and default.copy_of else None)
    return value if isinstance(value, Decimal) else Decimal(str(value or 0))
