"""Options that commands share."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from importer.cli.language import say
from importer.errors import ConfigurationError
from importer.messages import LANGUAGES, N_

__all__ = ["FILE", "PORT", "common", "document_type_option", "erp", "listening_at", "out_option", "until_option"]

Command = Callable[..., Any]
FILE = click.Path(path_type=Path)
PORT = click.IntRange(0, 65535)


def common(command: Command) -> Command:
    """--json, --lang and --config: every command has them."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help=say(N_("One JSON document on standard output."))),
        click.option("--lang", type=click.Choice(LANGUAGES), help=say(N_("Language of messages and results."))),
        click.option("--config", type=FILE, help=say(N_("Configuration file instead of importer.toml."))),
    ):
        command = option(command)
    return command


def erp(command: Command) -> Command:
    """--profile: where an ERP is meant."""
    return click.option("--profile", metavar="P", help=say(N_("Profile of the configuration.")))(command)


def out_option(command: Command) -> Command:
    """--out: where files go."""
    return click.option("--out", type=FILE, metavar="DIR", help=say(N_("Folder for the files written.")))(command)


def document_type_option(command: Command) -> Command:
    """--type: what a workbook holds."""
    return click.option("--type", "document_type", metavar="TYPE", help=say(N_("Document type of the workbooks.")))(command)


def until_option(default: str | None) -> Callable[[Command], Command]:
    """--until: how far documents are carried."""
    stages = click.Choice(["created", "approved", "posted"])
    return click.option("--until", type=stages, default=default, show_default=default is not None, help=say(N_("How far to go.")))


@contextmanager
def listening_at(host: str, port: int) -> Iterator[None]:
    """Raises ConfigurationError in place of the system's error where that place cannot be listened at."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise
        raise ConfigurationError(
            N_("Port {port} of {host} cannot be used: {reason}. Name another one; 0 takes a free one."),
            port=port,
            host=host,
            reason=error.strerror or str(error),
        ) from None
