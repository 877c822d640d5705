"""Rows in the spelling that nearly every program writes, told at once for a whole block of a sheet's XML.

`sheetscan` searches XML of any spelling, which takes several passes over it. This looks at the bytes around each `<` alone, as arrays,
in a fraction of that; wherever it sees anything else than plain rows and cells it says nothing, and the search is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["odd_spelling", "plain_rows"]

ROW: Final = b'<row r="'
CELL: Final = b'<c r="'
DIGITS: Final = 7  # of a row number
SLICE: Final = 1 << 16  # bytes that stay in the processor's cache, with what is made of them


def odd_spelling(block: bytes) -> bool:
    """Whether there is a blank around any equals sign."""
    import numpy as np

    whole = np.frombuffer(block, np.uint8)
    for start in range(0, len(whole), SLICE):
        text = whole[start : start + SLICE + 1]
        equals, blank = text == ord("="), text == ord(" ")
        if (equals[1:] & blank[:-1]).any() or (equals[:-1] & blank[1:]).any():
            return True
    return False


def plain_rows(block: bytes) -> NDArray[np.uint32] | None:
    """The numbers of the rows of a block, which ascend; None when it is not plain.

    Plain is a block of nothing but rows and cells with values and inline texts without formats of their own, where each row and each
    cell begins by saying where it is, as in `<row r="7"` and `<c r="B7"`: in its row, and in one of the columns A to Z.
    """
    import numpy as np

    text = np.frombuffer(block, np.uint8)
    tags = np.flatnonzero(text == ord("<"))
    kinds = text.take(tags + 1, mode="clip")
    rows, cells, values, inline, texts = (tags[kinds == ord(kind)] for kind in "rcvit")
    known = len(rows) + len(cells) + len(values) + len(inline) + len(texts) + np.count_nonzero(kinds == ord("/"))
    starts = ((rows, ROW), (cells, CELL), (values, b"<v>"), (inline, b"<is>"))
    if not len(rows) or known < len(tags) or not all(_begin(text, places, start) for places, start in starts):
        return None
    if not np.isin(_after(text, texts, 2), (ord(">"), ord(" "))).all():
        return None
    numbers, lengths = _numbers(text, rows + len(ROW))
    if not lengths.all() or not (numbers[1:] > numbers[:-1]).all() or not (_after(text, rows + len(ROW), lengths) == ord('"')).all():
        return None
    letters = _after(text, cells, len(CELL))
    if not (letters >= ord("A")).all() or not (letters <= ord("Z")).all():
        return None
    return numbers if _in_their_rows(block, rows, lengths, cells) else None


def _after(text: NDArray[np.uint8], places: NDArray[np.intp], offset: int | NDArray[np.uint8]) -> NDArray[np.uint8]:
    return text.take(places + offset, mode="clip")


def _begin(text: NDArray[np.uint8], places: NDArray[np.intp], start: bytes) -> bool:
    """Whether all elements at these places begin so; their first two characters are known."""
    return all((_after(text, places, at) == byte).all() for at, byte in enumerate(start[2:], 2))


def _in_their_rows(block: bytes, rows: NDArray[np.intp], lengths: NDArray[np.uint8], cells: NDArray[np.intp]) -> bool:
    """Whether each cell's name has, after one letter, the number of the row before it and nothing more.

    A number and the quote behind it are at most eight bytes, that is one integer to compare.
    """
    import numpy as np

    if not len(cells):
        return True
    words: NDArray[np.uint64] = np.ndarray((len(block) - 7,), "<u8", block, 0, (1,))
    before = np.searchsorted(rows, cells) - 1
    if before[0] < 0:
        return False
    masks = np.array([(1 << 8 * (length + 1)) - 1 for length in range(DIGITS + 1)], np.uint64)[lengths]
    numbers = words.take(rows + len(ROW), mode="clip") & masks
    named = words.take(cells + len(CELL) + 1, mode="clip") & masks[before]
    return bool((named == numbers[before]).all())


def _are_digits(characters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (characters >= ord("0")) & (characters <= ord("9"))


def _numbers(text: NDArray[np.uint8], places: NDArray[np.intp]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """The numbers that begin at these places, and how many digits they have."""
    import numpy as np

    numbers, lengths = np.zeros(len(places), np.uint32), np.zeros(len(places), np.uint8)
    inside = np.ones(len(places), bool)
    for at in range(DIGITS):
        characters = _after(text, places, at)
        inside &= _are_digits(characters)
        numbers = np.where(inside, numbers * 10 + (characters - ord("0")), numbers)
        lengths += inside
    return numbers, lengths
