"""Which folders are watched, and how each is treated: the command line over the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from importer.api.opening import Site, open_site, require_url, usable_route
from importer.errors import ConfigurationError
from importer.messages import LANGUAGES, N_
from importer.settings import Settings, load_settings
from importer.unattended import FolderRules
from importer.watcher.desk import Carrier
from importer.watcher.loop import Watched
from importer.watcher.place import open_place

__all__ = ["open_folders", "open_reachable"]


def open_folders(
    folders: Sequence[Path], config: Path | None, *, profile: str | None, language: str | None, overrides: Mapping[str, object]
) -> list[Watched]:
    """The folders named, or all of the configuration; made where they are not there. Raises ConfigurationError."""
    settings = load_settings(config)
    chosen = {path: _rules(settings, name, overrides) for path, name in _named(settings, folders).items()}
    if not chosen:
        raise ConfigurationError(N_("Name a folder to watch, or configure folders under [watch.folders]."))
    return [_opened(path, rules, config, profile=profile, language=language) for path, rules in chosen.items()]


def open_reachable(config: Path | None, *, language: str | None, carry: Carrier) -> list[Watched]:
    """Those of the configuration that are there; none is made, as this machine may not have mounted what another one has. What comes
    into them is sent by `carry`. Raises ConfigurationError."""
    settings = load_settings(config)
    here = {path: name for path, name in _named(settings, ()).items() if path.is_dir()}
    found = [_opened(path, _rules(settings, name, {}), config, profile=None, language=language) for path, name in here.items()]
    return [replace(item, carry=carry) for item in found]


def _opened(path: Path, rules: FolderRules, config: Path | None, *, profile: str | None, language: str | None) -> Watched:
    site = open_site(config, rules.profile or profile, language or rules.language or None)
    _prove(site, rules)
    return Watched(site=site, place=open_place(path, rules))


def _named(settings: Settings, folders: Sequence[Path]) -> dict[Path, str | None]:
    """Each folder by its path, with its name in the configuration."""
    configured: dict[Path, str | None] = {}
    for name, rules in settings.watch.folders.items():
        if rules.path is None:
            raise ConfigurationError(N_("watch.folders.{name}: needs a path."), name=name)
        configured[(settings.base_folder / rules.path).resolve()] = name
    if not folders:
        return configured
    return {path.resolve(): configured.get(path.resolve()) for path in folders}


def _rules(settings: Settings, name: str | None, overrides: Mapping[str, object]) -> FolderRules:
    try:
        rules = settings.watch.rules(name)
        return FolderRules(**{**rules.model_dump(), **overrides})
    except ValidationError as error:
        details = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
        raise ConfigurationError(N_("Watched folder {name}: {details}"), name=name or "-", details=details) from None


def _prove(site: Site, rules: FolderRules) -> None:
    """What would keep every single file from being imported is told before the first one comes."""
    if rules.language and rules.language not in LANGUAGES:
        raise ConfigurationError(N_("There is no language {name}. Known are: {names}."), name=rules.language, names=", ".join(LANGUAGES))
    named = [name for name in (rules.document_type, *rules.types.values()) if name]
    for name in named:
        usable_route(site, site.mapping(name), rules.route)
    if not named and (rules.route or site.profile.route) == "standard":
        require_url(site.profile)
