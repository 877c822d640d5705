"""The `importer` command: finds its commands without importing them, and turns every error into a sentence and an exit code."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import click

from importer.cli.language import say
from importer.messages import LANGUAGES, N_

__all__ = ["COMMANDS", "cli", "main"]

GARBAGE: Final = (500_000, 20, 50)
"""When Python looks for garbage in cycles. With its own (700, 10, 10) a workbook of 100,000 rows is looked through again and again,
which takes a fifth of the time of a check."""

COMMANDS: Final = {  # name -> module below importer.cli, one line of help
    "demo": ("demo", N_("Simulator, generated workbook, import and results: one command, no configuration.")),
    "templates": ("templates", N_("Write the Excel templates.")),
    "check": ("importing", N_("Check workbooks: every issue at once, no call to the ERP.")),
    "run": ("importing", N_("Import workbooks: check, create, approve, post, results.")),
    "resume": ("importing", N_("Carry on what was interrupted.")),
    "status": ("batches", N_("Show the batches and how far they are.")),
    "results": ("batches", N_("Write the results workbook of a batch.")),
    "reconcile": ("batches", N_("Ask the ERP about documents whose outcome is unknown.")),
    "resolve": ("batches", N_("Record a person's word on a document that the ERP cannot settle.")),
    "query": ("editing", N_("Query documents of the ERP into a workbook that can be edited and handed to `update`.")),
    "update": ("editing", N_("Update unapproved documents of the ERP from an edited workbook of `query`.")),
    "apis": ("catalogue", N_("Show the API catalogue with message specifications and samples.")),
    "undo": ("undoing", N_("Take back what a batch brought into the ERP, by reverse calls.")),
    "pause": ("undoing", N_("Stop sending a batch after the documents under way.")),
    "cancel": ("undoing", N_("Stop sending a batch for good; what is in the ERP stays there.")),
    "call": ("undoing", N_("One operation on one document of the ERP.")),
    "spec": ("catalogue", N_("Make a mapping to finish from a vendor's message specification.")),
    "serve": ("serving", N_("The web page: upload, check, release, watch, results.")),
    "users": ("users", N_("Users of the web page and their roles.")),
    "watch": ("watching", N_("Import whatever is dropped into watched folders, with nobody there.")),
    "lists": ("lists", N_("Show the lists of valid codes, or fetch them from the ERP.")),
    "ledger": ("ledger", N_("The ledger: copy it to another database, remove what is no longer needed.")),
    "worker": ("cluster", N_("Send what `run --workers` hands out, on as many machines as wanted.")),
    "simulate": ("simulate", N_("Run the ERP simulator.")),
    "doctor": ("setup", N_("Look over configuration, ledger and ERP.")),
    "init": ("setup", N_("Write a commented configuration file.")),
}


class _Group(click.Group):
    """Commands by name, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"importer.cli.{COMMANDS[cmd_name][0]}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """From the table above: the help of the group imports no command."""
        with formatter.section(say(N_("Commands"))):
            formatter.write_dl([(name, say(text)) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help=say(N_("Excel workbooks in, posted documents in the Digiwin TIPTOP ERP out, each exactly once.")),
    epilog=say(
        N_("Exit codes: 0 all done; 1 workbook or ERP refused something; 2 usage or configuration; 3 unknown; 4 ERP down; 130 interrupted.")
    ),
)
@click.option("--lang", type=click.Choice(LANGUAGES), expose_value=False, help=say(N_("Language of messages and results.")))
@click.version_option(package_name="tiptop-importer", message="%(version)s")
def cli() -> None:
    """Group of all commands."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit. No traceback ever reaches a user."""
    gc.set_threshold(*GARBAGE)
    code = _exit_code(list(sys.argv[1:] if arguments is None else arguments))
    gc.freeze()  # or Python looks all that was loaded through for garbage once more before it lets the process end
    sys.exit(code)


def _exit_code(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a terminal in another encoding must not end a run
    try:
        result: Any = cli.main(arguments, prog_name="importer", standalone_mode=False)
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        if "--json" in arguments:
            from importer.cli.output import print_json

            print_json([{"error": error.format_message(), "exit_code": 2}])
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: a sentence, never a traceback
        from importer.cli.output import fail

        return fail(error, as_json="--json" in arguments)
    return result if isinstance(result, int) else 0
