"""How a batch is cut into chunks, and which chunk comes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["CHUNK", "SMALL", "URGENT", "Chunk", "cut", "priorities"]

CHUNK: Final = 50  # documents at most
SPREAD: Final = 4  # chunks per call at once, so that all lanes have something to do until the end
SMALL: Final = 50  # documents of a batch that goes before all larger ones
URGENT: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some documents of one batch, to be carried as far as it asks."""

    batch: str
    documents: Sequence[int]
    stop_at: int | None = None  # with policy `stop`: send no more once so many documents are refused
    urgent: bool = False  # of a small batch, for which the larger ones make room at once


def cut(documents: Sequence[int], at_once: int, per_call: int = 1) -> Iterator[Sequence[int]]:
    """In the order of the workbook, for so many calls at once with up to `per_call` documents each."""
    size = max(per_call, min(CHUNK, -(-len(documents) // (SPREAD * at_once))))
    for start in range(0, len(documents), size):
        yield documents[start : start + size]


def priorities(documents: int, chunks: int, front: int) -> list[int]:
    """One per chunk, higher is earlier; `front` is that of the chunk of a large batch that is next in the queue, 0 without one.

    Small batches go first. Large ones take turns: the first chunk of a new one stands beside the present chunk of the others, the
    second beside their next, and so on, so that nobody waits until another batch is through, and nobody who came first is overtaken.
    """
    if documents <= SMALL:
        return [URGENT] * chunks
    return [min(front, 0) - place for place in range(chunks)]
