"""doctor: is everything there that a run needs?"""

from __future__ import annotations

from importer.api.opening import Site
from importer.api.values import Finding
from importer.errors import ConfigurationError, ErpUnavailable, LedgerUnavailable
from importer.mapping import Mapping as DocumentType
from importer.messages import N_

__all__ = ["doctor"]


def doctor(site: Site) -> list[Finding]:
    """Look over configuration, mappings, ledger and ERP without writing to the ERP."""
    found = [
        Finding(
            subject="configuration",
            ok=True,
            text=N_("{file}, profile {profile}"),
            values={"file": site.settings.config_file or "-", "profile": site.profile.name},
        ),
        Finding(subject="mappings", ok=True, text="{names}", values={"names": ", ".join(site.mappings)}),
        _ledger_health(site),
    ]
    found += [_erp_health(site, mapping) for mapping in site.mappings.values()]
    return found


def _ledger_health(site: Site) -> Finding:
    from importer.ledger import open_ledger, redacted

    url = site.settings.ledger_url
    try:
        with open_ledger(url, read_only=True) as ledger:
            text = N_("{ledger}: not there yet, will be made by the first run") if ledger.is_new else N_("{ledger}: fine")
    except LedgerUnavailable as error:
        return Finding(subject="ledger", ok=False, text=error.text, values=error.values, exit_code=4)
    except ConfigurationError as error:
        return Finding(subject="ledger", ok=False, text=error.text, values=error.values, exit_code=2)
    return Finding(subject="ledger", ok=True, text=text, values={"ledger": redacted(url)})


def _erp_health(site: Site, mapping: DocumentType) -> Finding:
    from importer.channel.standard import StandardChannel
    from importer.client import Client

    client = Client(site.profile)
    try:
        StandardChannel(site.profile, mapping, client).probe()
    except ErpUnavailable as error:
        return Finding(subject=mapping.document_type, ok=False, text=error.text, values=error.values, exit_code=4)
    except ConfigurationError as error:
        return Finding(subject=mapping.document_type, ok=False, text=error.text, values=error.values, exit_code=2)
    finally:
        client.close()
    return Finding(subject=mapping.document_type, ok=True, text=N_("The ERP answers at {url}"), values={"url": site.profile.standard_url})
