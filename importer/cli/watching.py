"""watch."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.api.values import worst
from importer.cli.language import say
from importer.cli.options import FILE, common, document_type_option, erp, until_option
from importer.cli.output import error_text, print_json, tell, warn
from importer.cli.progress import stop_on_signal
from importer.errors import ConfigurationError
from importer.messages import N_

if TYPE_CHECKING:
    from importer.watcher.loop import Watched
    from importer.watcher.report import FileReport

__all__ = ["watch"]


@click.command(help=say(N_("Import whatever is dropped into watched folders, with nobody there.")))
@click.argument("folders", nargs=-1, type=FILE, metavar="[DIR ...]")
@click.option("--once", is_flag=True, help=say(N_("One round, then end with the worst exit code of its files.")))
@document_type_option
@until_option(None)
@click.option("--policy", type=click.Choice(["all", "good", "stop"]), help=say(N_("As for `run`.")))
@click.option("--post-at", metavar="CRON", help=say(N_("With --until created: when what was created is posted.")))
@click.option("--send-test", is_flag=True, help=say(N_("Send a test message over every channel of [notify] and end.")))
@click.option("--print-systemd", is_flag=True, help=say(N_("Print a systemd unit and end.")))
@click.option("--print-windows-task", is_flag=True, help=say(N_("Print a task for the Windows Task Scheduler and end.")))
@erp
@common
def watch(folders: tuple[Path, ...], *, once: bool, **options: Any) -> int:
    """Without DIR: all folders of the configuration. Below each: inbox, working, done, tofix, failed."""
    from importer.watcher.opening import open_folders

    given = {
        "document_type": options["document_type"],
        "until": options["until"],
        "policy": options["policy"],
        "post_at": options["post_at"],
    }
    overrides = {name: value for name, value in given.items() if value is not None}
    watched = open_folders(folders, options["config"], profile=options["profile"], language=options["lang"], overrides=overrides)
    if options["print_systemd"] or options["print_windows_task"]:
        return _print_service(folders, watched, windows=options["print_windows_task"])
    if options["send_test"]:
        return _send_test(watched, as_json=options["as_json"])
    with stop_on_signal() as stop:
        return _watch(watched, stop, once=once, as_json=options["as_json"])


def _print_service(folders: tuple[Path, ...], watched: list[Watched], *, windows: bool) -> int:
    from importer.watcher.service import systemd_unit, windows_task

    sys.stdout.write((windows_task if windows else systemd_unit)(folders, watched[0].site.settings.config_file))
    return 0


def _send_test(watched: list[Watched], *, as_json: bool) -> int:
    """Exit code 1 when a channel does not take it, 2 when there is none."""
    from importer.watcher.telling import try_channels

    sent = [(item.place.root, name, error) for item in watched for name, error in try_channels(item.site, item.place)]
    if not sent:
        raise ConfigurationError(N_("No channel is configured under [notify]."))
    if as_json:
        rows = [{"folder": str(root), "channel": name, "error": error_text(error) if error else None} for root, name, error in sent]
        print_json(rows)
    for root, name, error in () if as_json else sent:
        words = error_text(error) if error else say(N_("sent"))
        tell("{mark} {folder}: {channel}: {words}", mark="✗" if error else "✓", folder=root, channel=name, words=words)
    return int(any(error for _, _, error in sent))


def _watch(watched: list[Watched], stop: threading.Event, *, once: bool, as_json: bool) -> int:
    from importer.watcher.health import serving
    from importer.watcher.logs import open_log
    from importer.watcher.loop import Watcher

    settings = watched[0].site.settings
    show = _Shown(as_json=as_json, at_once=not once)
    watcher = Watcher(watched, stop=stop, log=open_log(settings.watch, settings.base_folder), heard=show)
    with ExitStack() as stack:
        if once:
            watcher.once()
            show.end()
            return 130 if stop.is_set() else worst(sorted(show.codes))
        if settings.watch.health:
            url = stack.enter_context(serving(settings.watch.health, watcher.pulses))
            warn(N_("Health: {url}/health, {url}/metrics"), url=url)
        for item in watched:
            warn(N_("Watching {folder}. Ctrl-C ends it."), folder=item.place.root)
        watcher.forever()
        show.end()
    return 130 if 130 in show.codes else 0


class _Shown:
    """Every file as it ends or is tried: a line for people, or a member of the one JSON array, which is written as it grows
    (`at_once`: a service runs for months) or when all went well."""

    def __init__(self, *, as_json: bool, at_once: bool) -> None:
        self._as_json = as_json
        self._at_once = at_once
        self._kept: list[dict[str, Any]] = []
        self._first = True
        self.codes: set[int] = set()

    def __call__(self, report: FileReport) -> None:
        """One file."""
        self.codes.add(report.exit_code)
        if not self._as_json:
            _print(report)
        elif self._at_once:
            sys.stdout.write("[\n" if self._first else ",\n")
            json.dump(_json(report), sys.stdout, ensure_ascii=False, indent=2)
            self._first = False
        else:
            self._kept.append(_json(report))
        sys.stdout.flush()

    def end(self) -> None:
        """Close the array, or write it."""
        if self._as_json and not self._at_once:
            print_json(self._kept)
        elif self._as_json:
            sys.stdout.write("[]\n" if self._first else "\n]\n")


def _json(report: FileReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "outcome": report.outcome,
        "exit_code": report.exit_code,
        "batch": report.batch,
        "path": str(report.path) if report.path else None,
        "results": [str(path) for path in report.results],
        "message": report.message,
        **report.facts,
    }


def _print(report: FileReport) -> None:
    stages = report.facts.get("stages")
    counts = ", ".join(f"{say(str(stage))} {number}" for stage, number in stages.items()) if isinstance(stages, dict) else ""
    tell("{file}: {outcome}  {counts}", file=report.file, outcome=say(OUTCOMES[report.outcome]), counts=counts)
    if report.message:
        tell("  {message}", message=report.message.splitlines()[0])
    if report.path:
        tell("  {path}", path=report.path)


OUTCOMES = {
    "done": N_("Done"),
    "tofix": N_("To fix"),
    "failed": N_("Failed"),
    "working": N_("In work"),
    "waiting": N_("Not complete yet"),
}
