"""A watched folder of a site: files dropped into it, rounds over it, and what became of every file."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections import Counter
from pathlib import Path
from typing import Any, Final

from site_folder import SiteFolder

from importer.api.values import worst
from importer.watcher.logs import open_log
from importer.watcher.loop import Watcher
from importer.watcher.opening import open_folders
from importer.watcher.place import MARK
from importer.watcher.report import FileReport

QUICK: Final = {"settle_s": 0, "poll_s": 0.05, "broken_after_s": 0, "lease_s": 1, "retry_s": 0.05}
ENDS: Final = ("done", "tofix", "failed")


class WatchFolder:
    """One folder, `incoming`, of a site."""

    def __init__(self, site: SiteFolder, **rules: Any) -> None:
        self.site = site
        self.root = site.folder / "incoming"
        self.configure(**rules)

    def configure(self, *, notify: str = "", **rules: Any) -> None:
        """Quick rounds, `rules` laid over; `notify` is TOML."""
        text = self.site.config.read_text("utf-8").partition("\n[watch]\n")[0]
        values = {**QUICK, **rules}
        lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
        self.site.config.write_text("\n".join([text.rstrip("\n"), "", "[watch]", *lines, notify, ""]), encoding="utf-8")

    def drop(self, source: Path, name: str = "") -> Path:
        """A copy in the inbox, in one step."""
        target = self.root / "inbox" / (name or source.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_name(f".{target.name}.tmp")
        shutil.copyfile(source, scratch)
        return scratch.rename(target)

    def watcher(self, *, language: str | None = None, stop: threading.Event | None = None) -> tuple[Watcher, list[FileReport]]:
        """A watcher of this process, and what it says."""
        said: list[FileReport] = []
        watched = open_folders([self.root], self.site.config, profile=None, language=language, overrides={})
        log = open_log(watched[0].site.settings.watch, self.site.folder)
        return Watcher(watched, stop=stop or threading.Event(), log=log, heard=said.append), said

    def once(self, *, language: str | None = None) -> tuple[int, dict[str, FileReport]]:
        """One round in this process: exit code, and what it says of each file."""
        watcher, said = self.watcher(language=language)
        watcher.once()
        return worst([report.exit_code for report in said]), {report.file: report for report in said}

    def ends(self) -> dict[str, list[str]]:
        """The final folders of every file by name, results and messages left out."""
        found: dict[str, list[str]] = {}
        for end in ENDS:
            for path in self.files(end):
                if "_result_" not in path.name and "_tofix" not in path.name and not path.name.endswith(".message.txt"):
                    found.setdefault(path.name, []).append(end)
        return found

    def files(self, end: str) -> list[Path]:
        """All files of a final folder."""
        return sorted(_walk(self.root / end))

    def beside(self, path: Path) -> list[Path]:
        """Results and message of a file."""
        return [found for found in path.parent.iterdir() if found != path and found.name.startswith(path.stem)]

    def left(self) -> list[str]:
        """What lies anywhere but in a final folder."""
        found = [path.relative_to(self.root).as_posix() for path in _walk(self.root)]
        return [name for name in found if name != MARK and name.partition("/")[0] not in ENDS]

    def counts(self) -> Counter[str]:
        """Files by final folder."""
        return Counter(end for ends in self.ends().values() for end in ends)


def _walk(folder: Path) -> list[Path]:
    """Every file below a folder, while others move them."""
    return [Path(root) / name for root, _, names in os.walk(folder) for name in names]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml(some)}" for name, some in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
