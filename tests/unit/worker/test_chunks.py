"""How a batch is cut into chunks, and which chunk comes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from importer.worker.chunks import CHUNK, SMALL, URGENT, cut, priorities


@given(st.integers(0, 5000), st.integers(1, 200), st.integers(1, 80))
def test_a_chunk_fills_a_call(documents: int, at_once: int, per_call: int) -> None:
    """Where several documents go in one call, all chunks but the last have as many."""
    chunks = list(cut(list(range(documents)), at_once, per_call))
    assert all(per_call <= len(chunk) <= max(CHUNK, per_call) for chunk in chunks[:-1])
    assert sum(len(chunk) for chunk in chunks) == documents


@given(st.integers(0, 5000), st.integers(1, 200))
def test_every_document_is_in_one_chunk(documents: int, at_once: int) -> None:
    """Nothing is left out, nothing comes twice, the order stays, and every lane finds something to do where there is enough."""
    ids = list(range(documents))
    chunks = list(cut(ids, at_once))
    assert [one for chunk in chunks for one in chunk] == ids
    assert all(1 <= len(chunk) <= CHUNK for chunk in chunks)
    assert len(chunks) >= min(documents, at_once)


def test_small_batches_go_before_all_others() -> None:
    """A clerk's rows are in front of whatever is in the queue."""
    assert min(priorities(SMALL, 4, front=-3)) == URGENT > max(priorities(SMALL + 1, 4, front=0))


@given(st.integers(1, 100), st.integers(0, 99), st.integers(1, 100))
def test_a_new_large_batch_stands_beside_the_others(first: int, gone: int, second: int) -> None:
    """When it comes, its chunks alternate with what is left of the first one: at no moment is one ahead by more than a chunk."""
    left = priorities(1000, first, front=0)[min(gone, first - 1) :]
    new = priorities(1000, second, front=left[0])
    queue = sorted([(-priority, 0) for priority in left] + [(-priority, 1) for priority in new])
    shared = queue[: 2 * min(len(left), len(new))]
    assert [batch for _, batch in shared] == [0, 1] * min(len(left), len(new))
