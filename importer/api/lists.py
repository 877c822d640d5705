"""lists: which lists of codes a site has, how old they are, and new ones from the ERP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from importer.api.opening import Site
from importer.errors import ConfigurationError, ErpUnavailable, ImporterError
from importer.messages import N_

__all__ = ["ListReport", "fetch_lists", "lists"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """One list of a site, or one that its document types name and that is not there."""

    name: str
    file: Path | None = None  # None: not there
    codes: int = 0  # of the stock list its places
    changed_at: datetime | None = None
    used: bool = True  # whether a document type has a field with it
    fetchable: bool = False  # whether the profile says where the ERP has it
    before: int | None = None  # codes before it was fetched
    error: ImporterError | None = None  # why it was not fetched

    @property
    def exit_code(self) -> int:
        """0 unless it was to be fetched and was not."""
        if self.error is None:
            return 0
        return 2 if isinstance(self.error, ConfigurationError) else 4 if isinstance(self.error, ErpUnavailable) else 1


def lists(site: Site) -> list[ListReport]:
    """Every list that is there or wanted, by name. Raises ConfigurationError for a list that cannot be read."""
    from importer.masterdata import STOCK, find_lists, read_list, read_stock

    profile = site.profile
    wanted = {field.lookup for mapping in site.plain_mappings.values() for field in mapping.fields.values() if field.lookup} | {STOCK}
    files = find_lists(profile.lists, files={name: path for name, path in profile.list_files.items() if path.is_file()})
    found = []
    for name in sorted({*wanted, *files, *profile.fetch}):
        about = ListReport(name=name, used=name in wanted, fetchable=name in profile.fetch)
        if file := files.get(name):
            codes = len(read_stock(file).on_hand) if name == STOCK else len(read_list(file).labels)
            about = replace(about, file=file.path, codes=codes, changed_at=file.changed_at)
        found.append(about)
    return found


def fetch_lists(site: Site, names: Sequence[str] = ()) -> list[ListReport]:
    """Ask the ERP for lists, all that the profile names without `names`. One that fails leaves its file as it was, and the others go on.

    Raises ConfigurationError for a name that the profile has no `fetch` for.
    """
    from importer.client import Client
    from importer.masterdata.fetching import fetch_list

    profile = site.profile
    if unknown := [name for name in names if name not in profile.fetch]:
        text = N_("Profile {profile} does not say where the ERP has the list {name}; known are: {names}.")
        raise ConfigurationError(text, profile=profile.name, name=unknown[0], names=", ".join(profile.fetch) or "-")
    if not profile.fetch:
        raise ConfigurationError(N_("Profile {profile} names no lists to fetch; see `fetch` in its settings."), profile=profile.name)
    before = {report.name: report for report in _readable(site)}
    errors: dict[str, ImporterError] = {}
    chosen = list(names) or list(profile.fetch)
    client = Client(profile)
    try:
        for name in chosen:
            try:
                fetch_list(name, profile, client)
            except ImporterError as error:
                errors[name] = error
    finally:
        client.close()
    after = {report.name: report for report in _readable(site)}
    return [replace(after[name], before=before[name].codes if before[name].file else None, error=errors.get(name)) for name in chosen]


def _readable(site: Site) -> list[ListReport]:
    """The lists as far as they can be read: fetching may be what mends one."""
    try:
        return lists(site)
    except ConfigurationError:
        return [ListReport(name=name, fetchable=True) for name in site.profile.fetch]
