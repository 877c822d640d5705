"""Stock per plant, item, warehouse, location and lot, and the ledger of what moved it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from importer.simulator.erp.documents import Movement, StockKey
from importer.simulator.erp.journal import Journal

ZERO: Final = Decimal(0)
_MILLI: Final = Decimal("0.001")


def rounded(qty: Decimal) -> Decimal:
    """Quantities are num(15,3) (protocol §3)."""
    return qty.quantize(_MILLI, ROUND_HALF_UP)


class Stock:
    """A missing key is a missing stock record (img_file), which is not the same as a stock of zero."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._on_hand: dict[StockKey, Decimal] = {}
        self.movements: list[Movement] = []
        self._totals: defaultdict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)

    def open_with(self, rows: Iterable[tuple[StockKey, Decimal]]) -> None:
        """Opening stock: no movements."""
        for key, qty in rows:
            self._on_hand[key] = self._on_hand.get(key, ZERO) + qty

    def on_hand(self, key: StockKey) -> Decimal | None:
        return self._on_hand.get(key)

    def snapshot(self) -> dict[StockKey, Decimal]:
        return dict(self._on_hand)

    def totals(self) -> dict[tuple[str, str, str, str], Decimal]:
        """Net posted quantity per document type, plant, item and warehouse, in the stock unit."""
        return dict(self._totals)

    def move(self, key: StockKey, qty: Decimal, *, kind: str, doc_no: str, seq: int, reversal: bool) -> None:
        """Change stock by a signed quantity; a missing record is created (protocol §5.3)."""
        before = self._on_hand.get(key)
        self._on_hand[key] = (before or ZERO) + qty
        self._totals[kind, key.plant, key.item, key.warehouse] += qty
        self.movements.append(
            Movement(
                serial=len(self.movements) + 1,
                key=key,
                qty=qty,
                kind=kind,
                doc_no=doc_no,
                seq=seq,
                reversal=reversal,
                at=datetime.now(UTC),
            )
        )
        if self._journal.open:
            self._journal.note(lambda: self._take_back(key, before, kind, qty))

    def _take_back(self, key: StockKey, before: Decimal | None, kind: str, qty: Decimal) -> None:
        self.movements.pop()
        self._totals[kind, key.plant, key.item, key.warehouse] -= qty
        if before is None:
            del self._on_hand[key]
        else:
            self._on_hand[key] = before
