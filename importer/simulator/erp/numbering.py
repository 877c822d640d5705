"""Which number a new document gets (protocol §3.6). Every slip or number problem looks the same from outside: apm-920."""

from __future__ import annotations

from datetime import date

from importer.simulator.erp.kinds import Kind
from importer.simulator.erp.store import Store
from importer.simulator.master import Master, Slip
from importer.simulator.settings import SimulatorSettings


def slip_of(doc_type_no: str) -> str:
    """The slip type in what a caller sends: a slip type, or a full number."""
    return doc_type_no.split("-", 1)[0]


def slip_for(master: Master, kind: Kind, code: str) -> Slip | None:
    """The slip, if it exists (mfg0014), is active (9028) and meant for this type of document (mfg0015)."""
    slip = master.slips.get(code)
    if slip is None or not slip.active or (slip.system, slip.kind) != (kind.slip_system, kind.slip_kind):
        return None
    return slip


def number_for(
    store: Store, settings: SimulatorSettings, kind: Kind, plant: str, slip: Slip | None, given: str, day: date | None
) -> str | None:
    """The next number, or the caller's own where the slip permits it; None = no number (apm-920)."""
    if slip is None:
        return None
    if not given:
        may_grow = settings.serial_overflow == "grow"
        return store.next_number(kind, plant, slip.code, day or date.today(), may_grow=may_grow) if slip.automatic else None
    if slip.automatic and not settings.manual_numbers:
        return None
    well_formed = given.startswith(f"{slip.code}-") and len(slip.code) + 1 < len(given) <= 20
    return given if well_formed and not store.taken(kind, plant, given) else None
