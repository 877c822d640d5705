"""doctor, init."""

from __future__ import annotations

from pathlib import Path

import click

from importer.api.opening import open_site
from importer.api.values import worst
from importer.cli.language import say
from importer.cli.options import common, erp, out_option
from importer.cli.output import print_json, tell
from importer.errors import ConfigurationError
from importer.messages import N_
from importer.settings import CONFIG_NAME, sample_config

__all__ = ["doctor", "init"]


@click.command(help=say(N_("Look over configuration, ledger and ERP.")))
@erp
@common
def doctor(profile: str | None, *, as_json: bool, lang: str | None, config: Path | None) -> int:
    """Writes nothing to the ERP."""
    from importer.api.health import doctor as look_over

    found = look_over(open_site(config, profile, lang))
    if as_json:
        print_json([{"subject": item.subject, "ok": item.ok, "message": say(item.text, **item.values)} for item in found])
    for item in () if as_json else found:
        tell("{mark} {subject}: {text}", mark="✓" if item.ok else "✗", subject=item.subject, text=say(item.text, **item.values))
    return worst([item.exit_code for item in found])


@click.command(help=say(N_("Write a commented configuration file.")))
@out_option
@common
def init(out: Path | None, *, as_json: bool, lang: str | None, config: Path | None) -> int:  # noqa: ARG001 - lang is the terminal's
    """Never overwrites one."""
    path = config or (out or Path()) / CONFIG_NAME
    if path.exists():
        raise ConfigurationError(N_("{file} is there already; nothing was changed."), file=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sample_config(), encoding="utf-8")
    if as_json:
        print_json([{"config": str(path.resolve())}])
    else:
        tell(N_("{file} was written. Fill in the ERP's address, then run: importer doctor"), file=path)
    return 0
