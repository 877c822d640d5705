"""Which ERP an erp_id stands for, and whether this ledger has proven itself with it (design §4.1, 1 and 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from importer.errors import ErpChanged
from importer.ledger.intake import insert_new
from importer.ledger.schema import erps
from importer.messages import N_

__all__ = ["Erp", "confirm", "confirmed", "is_settled", "settle_erp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erp:
    """What an erp_id stands for."""

    erp_id: str
    standard_url: str
    custom_url: str
    plant: str

    def __str__(self) -> str:
        return ", ".join(part for part in (self.standard_url, self.custom_url, self.plant) if part)


def confirmed(connection: Connection, erp: Erp) -> bool:
    """Whether the ledger remembers exactly this."""
    return _remembered(connection, erp.erp_id) == erp


def confirm(connection: Connection, arguments: Sequence[tuple[Erp, bool, datetime]]) -> Sequence[ErpChanged | None]:
    """Remember each; one that is remembered otherwise is an ErpChanged, unless its second value accepts the change."""
    return [_confirm(connection, *argument) for argument in arguments]


def _confirm(connection: Connection, erp: Erp, accept: bool, now: datetime) -> ErpChanged | None:  # noqa: FBT001 - one of the change's values
    values = {"standard_url": erp.standard_url, "custom_url": erp.custom_url, "plant": erp.plant}
    connection.execute(insert_new(connection, erps, "erp_id"), {"erp_id": erp.erp_id, **values, "first_seen": now, "settled": False})
    old = _remembered(connection, erp.erp_id)
    if old == erp:
        return None
    if accept:
        connection.execute(update(erps).where(erps.c.erp_id == erp.erp_id).values(values))
        return None
    return ErpChanged(
        N_("The ERP {erp_id} was {old} and is now {new}. Give another erp_id to another ERP, or confirm that it is the same one."),
        erp_id=erp.erp_id,
        old=old,
        new=erp,
    )


def _remembered(connection: Connection, erp_id: str) -> Erp | None:
    row = connection.execute(select(erps.c.standard_url, erps.c.custom_url, erps.c.plant).where(erps.c.erp_id == erp_id)).first()
    return Erp(erp_id=erp_id, standard_url=row.standard_url, custom_url=row.custom_url, plant=row.plant) if row else None


def is_settled(connection: Connection, erp_id: str) -> bool:
    """Whether a batch for it has ended."""
    return bool(connection.scalar(select(erps.c.settled).where(erps.c.erp_id == erp_id)))


def settle_erp(connection: Connection, arguments: Sequence[str]) -> Sequence[None]:
    """A batch for each has ended."""
    for erp_id in arguments:
        connection.execute(update(erps).where(erps.c.erp_id == erp_id).values(settled=True))
    return [None] * len(arguments)
