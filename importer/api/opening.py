"""Configuration, mappings and ledger of a site, opened for one action."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from importer.api.values import Listener
from importer.errors import ConfigurationError, LedgerLost
from importer.messages import N_
from importer.models import Batch
from importer.settings import Profile, Settings, load_settings

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.mapping import Mapping as DocumentType
    from importer.masterdata import MasterData
    from importer.pipeline.limits import Limits

__all__ = [
    "Site",
    "ledger_to_read",
    "ledger_to_send",
    "ledger_to_write",
    "limits_for",
    "make_folder",
    "open_site",
    "require_url",
    "same_erp",
    "usable_route",
    "wait_for_ledger",
]

SERVER_POLL_S: Final = 0.5
NO_ERP: Final = Profile(name="", erp_id="")
"""Stands in where an action needs no profile and none is configured."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that the configuration says. The mapping files are read when they are first needed."""

    settings: Settings
    profile: Profile
    language: str | None = None  # the one asked for explicitly

    @cached_property
    def mappings(self) -> Mapping[str, DocumentType]:
        """All document types, by name, with the profile's tables of new codes."""
        if self.profile.translate is None:
            return self.plain_mappings
        from importer.masterdata import translate_mappings

        return translate_mappings(self.plain_mappings, self.profile.translate, unmapped=self.profile.unmapped)

    @cached_property
    def plain_mappings(self) -> Mapping[str, DocumentType]:
        """The same for workbooks that have the ERP's own codes: those of `query`."""
        from importer.mapping import load_mappings

        return load_mappings(self.settings.mappings_folder)

    @cached_property
    def master_data(self) -> MasterData:
        """What the profile knows of the ERP: lists of codes, stock, open periods; as its files are now."""
        from importer.masterdata import load_master_data

        return load_master_data(self.profile, self.plain_mappings.values())

    def mapping(self, document_type: str) -> DocumentType:
        """The document type by name. Raises ConfigurationError that lists what there is."""
        if document_type not in self.mappings:
            raise ConfigurationError(
                N_("There is no document type {name}. Known are: {names}."), name=document_type, names=", ".join(self.mappings)
            )
        return self.mappings[document_type]


def open_site(config: Path | None = None, profile: str | None = None, language: str | None = None, *, need_erp: bool = True) -> Site:
    """Read the configuration. Without `need_erp` a missing profile is no error."""
    settings = load_settings(config)
    chosen = settings.profile(profile) if need_erp or profile or settings.profiles else NO_ERP
    return Site(settings=settings, profile=chosen, language=language)


@contextmanager
def ledger_to_send(site: Site, listener: Listener, *, wait: bool) -> Iterator[Ledger]:
    """The ledger, made or upgraded if need be, with the right to send on it."""
    from importer.ledger import open_ledger

    profile = site.profile
    with open_ledger(site.settings.ledger_url) as ledger:
        if ledger.is_new:
            listener.notice(N_("A new ledger was made: {ledger}"), ledger=ledger.url)
        ledger.confirm_erp(profile.erp_id, standard_url=profile.standard_url, custom_url=profile.custom_url, plant=profile.plant)
        with ledger.sending_lock(wait=wait, on_wait=lambda holder: listener.notice(N_("Waiting for the ledger: {holder}"), holder=holder)):
            yield ledger


@contextmanager
def ledger_to_read(site: Site) -> Iterator[Ledger]:
    """The ledger as it is, never made, never waited for."""
    from importer.ledger import open_ledger

    with open_ledger(site.settings.ledger_url, read_only=True) as ledger:
        yield ledger


def wait_for_ledger(ledger: Ledger, lost: LedgerLost, *, stop: threading.Event, listener: Listener) -> None:
    """Until the ledger's server is back; raises `lost` when it is not waited for any more. No call may be under way."""
    listener.notice(N_("The ledger's server went away; sending goes on when it is back: {reason}"), reason=str(lost))
    while not stop.wait(SERVER_POLL_S):
        try:
            ledger.reconnect()
        except LedgerLost:
            continue
        listener.notice(N_("The ledger's server is back."))
        return
    raise lost


def require_url(profile: Profile) -> None:
    """An ERP must have an address."""
    if not profile.standard_url:
        raise ConfigurationError(N_("Profile {profile} has no standard_url."), profile=profile.name)


def usable_route(site: Site, mapping: DocumentType, asked: str | None) -> str:
    """The route that was asked for, else the profile's. Raises ConfigurationError when the profile or the type has no such way."""
    profile = site.profile
    route = asked or profile.route_of(mapping.document_type)
    if route != "combined":
        require_url(profile)
        return route
    if mapping.custom is None:
        raise ConfigurationError(
            N_("{document_type} has no combined service; use the standard route."), document_type=mapping.document_type
        )
    if not profile.custom_url:
        raise ConfigurationError(N_("Profile {profile} has no custom_url."), profile=profile.name)
    return route


@contextmanager
def ledger_to_write(site: Site) -> Iterator[Ledger]:
    """The ledger, to note something in it while another process may be sending."""
    from importer.ledger import open_ledger

    with open_ledger(site.settings.ledger_url) as ledger:
        yield ledger


@contextmanager
def limits_for(site: Site) -> Iterator[Limits]:
    """What the profile allows for calls that the ledger has nothing to do with: together with all that send from it where it is a
    PostgreSQL database, of this process alone where it is a file. Raises LedgerLost when the database cannot be reached."""
    from importer.ledger import open_ledger
    from importer.ledger.address import libpq
    from importer.pipeline.limits import OwnLimits, limits_of

    if libpq(site.settings.ledger_url) is None:
        yield OwnLimits(site.profile)
        return
    with open_ledger(site.settings.ledger_url) as ledger, ledger.sending_lock(), limits_of(ledger, site.profile) as limits:
        yield limits


def same_erp(batch: Batch, site: Site) -> None:
    """A batch is only sent to the ERP that it was handed in for."""
    if batch.erp_id != site.profile.erp_id:
        raise ConfigurationError(
            N_("Batch {batch} belongs to ERP {erp}; profile {profile} is for {other}. Name the right --profile."),
            batch=batch.id,
            erp=batch.erp_id,
            profile=site.profile.name,
            other=site.profile.erp_id,
        )


def make_folder(out: Path | None) -> None:
    """The folder for written files."""
    if out is None:
        return
    import tempfile

    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):  # told now, not after everything was sent
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(N_("{folder}: this folder cannot be made: {reason}"), folder=str(out), reason=reason) from None
