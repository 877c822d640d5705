"""doctor: is everything there that a run needs?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from importer.api.opening import Site
from importer.api.values import Finding
from importer.channel.calls import Call, refused
from importer.channel.standard import StandardChannel
from importer.client import Client
from importer.errors import CallFailed, ConfigurationError, ErpUnavailable, LedgerUnavailable
from importer.mapping import Mapping as DocumentType
from importer.messages import N_

__all__ = ["doctor"]

CLOCKS_APART_S: Final = 300


def doctor(site: Site) -> list[Finding]:
    """Look over configuration, mappings, ledger and ERP without writing to the ERP."""
    found = [
        Finding(
            subject="configuration",
            ok=True,
            text=N_("{file}, profile {profile}"),
            values={"file": site.settings.config_file or "-", "profile": site.profile.name},
        ),
        Finding(subject="mappings", ok=True, text="{names}", values={"names": ", ".join(site.plain_mappings)}),
        _ledger_health(site),
        *_lists_health(site),
    ]
    client = Client(site.profile)
    try:
        for mapping in site.mappings.values():
            found += _standard_health(site, mapping, client)
        found += _custom_health(site, client)
    finally:
        client.close()
    return [*found, *_advice(site)]


def _ledger_health(site: Site) -> Finding:
    from importer.ledger import open_ledger, redacted

    url = site.settings.ledger_url
    try:
        with open_ledger(url, read_only=True) as ledger:
            text = N_("{ledger}: fine, {size} MB with {documents} documents")
            if ledger.is_new:
                text = N_("{ledger}: not there yet, will be made by the first run")
            sizes = ledger.sizes()
    except LedgerUnavailable as error:
        return Finding(subject="ledger", ok=False, text=error.text, values=error.values, exit_code=4)
    except ConfigurationError as error:
        return Finding(subject="ledger", ok=False, text=error.text, values=error.values, exit_code=2)
    values = {"ledger": redacted(url), "size": f"{sizes.size / 1e6:.1f}", "documents": sizes.documents}
    return Finding(subject="ledger", ok=True, text=text, values=values)


def _lists_health(site: Site) -> list[Finding]:
    """Whether the lists of codes and tables of new codes can be read, and how old the lists are; nothing where the site has none."""
    from importer.api.lists import lists

    try:
        found = [report for report in lists(site) if report.file and report.changed_at]
        _ = site.mappings  # with the tables of new codes
    except ConfigurationError as error:
        return [Finding(subject="lists", ok=False, text=error.text, values=error.values, exit_code=2)]
    if not found:
        return []
    now = datetime.now(UTC)
    ages = [f"{report.name} {report.codes} ({(now - report.changed_at).days} d)" for report in found if report.changed_at]
    text = N_("codes by list, and how many days old: {lists}")
    return [Finding(subject="lists", ok=True, text=text, values={"lists": ", ".join(ages)})]


def _standard_health(site: Site, mapping: DocumentType, client: Client) -> list[Finding]:
    """A list query of the document type: reachability, login, plant, service name, and the clocks."""
    subject = mapping.document_type
    if not site.profile.standard_url and site.profile.route_of(subject) == "combined":
        return []
    try:
        call = StandardChannel(site.profile, mapping, client).probe()
        if call.reply is not None and not call.reply.executed:
            raise refused(call.reply)
    except ErpUnavailable as error:
        return [Finding(subject=subject, ok=False, text=error.text, values=error.values, exit_code=4)]
    except ConfigurationError as error:
        return [Finding(subject=subject, ok=False, text=error.text, values=error.values, exit_code=2)]
    if call.reply is not None and not call.reply.accepted:
        text = N_("The ERP refuses the list query: {text}. Check service and field names in the mapping.")
        return [Finding(subject=subject, ok=False, text=text, values={"text": call.reply.message or call.reply.code}, exit_code=1)]
    found = [Finding(subject=subject, ok=True, text=N_("The ERP answers at {url}"), values={"url": site.profile.standard_url})]
    return [*found, *_clock_health(call)]


def _clock_health(call: Call) -> list[Finding]:
    if call.server_time is None:
        return []
    apart = abs((datetime.now(UTC) - call.server_time).total_seconds())
    if apart <= CLOCKS_APART_S:
        return []
    text = N_("The ERP's clock and this machine's are {seconds} s apart; dates of documents and time stamps may be wrong.")
    return [Finding(subject="clock", ok=False, text=text, values={"seconds": round(apart)}, exit_code=1)]


def _custom_health(site: Site, client: Client) -> list[Finding]:
    """The custom channel has nothing harmless to call; its WSDL shows that it is there."""
    url = site.profile.custom_url
    if not url:
        return []
    try:
        answer = client.fetch(f"{url}?WSDL")
    except CallFailed as error:
        return [Finding(subject="custom_url", ok=False, text=error.text, values=error.values, exit_code=4)]
    if answer.status != 200 or b"definitions" not in answer.body:
        text = N_("{url} answers HTTP {status} without a WSDL. Check the address and its zone suffix.")
        return [Finding(subject="custom_url", ok=False, text=text, values={"url": url, "status": answer.status}, exit_code=2)]
    services = [mapping.custom.service for mapping in site.mappings.values() if mapping.custom]
    missing = [service for service in services if service.encode() not in answer.body]
    if missing:
        text = N_("The WSDL at {url} does not have {services}.")
        return [Finding(subject="custom_url", ok=False, text=text, values={"url": url, "services": ", ".join(missing)}, exit_code=1)]
    return [Finding(subject="custom_url", ok=True, text=N_("The ERP answers at {url}"), values={"url": url})]


def _advice(site: Site) -> list[Finding]:
    """Settings that are legal and still not wise."""
    profile = site.profile
    found = []
    if profile.grace_s < profile.timeout_s:
        text = N_(
            "grace_s {grace} is shorter than timeout_s {timeout}: a slow call may still be at work in the ERP when it counts as not there."
        )
        found.append(Finding(subject="grace_s", ok=True, text=text, values={"grace": profile.grace_s, "timeout": profile.timeout_s}))
    if profile.standard_url.startswith("https:") and not profile.verify_tls:
        found.append(Finding(subject="verify_tls", ok=True, text=N_("The ERP's certificate is not checked."), values={}))
    return found
