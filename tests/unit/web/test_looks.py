"""What is remembered of checked workbooks."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import count

from unit.web.conftest import Looking

from importer.web.looks import Looks


def test_it_is_made_once(looking: Looking) -> None:
    """The same key is answered from memory, another one is made."""
    look, looks, made = looking(), Looks(), count()
    for key in (("a",), ("a",), ("b",), ("a",)):
        looks.get(key, lambda: (next(made), look)[1])
    assert next(made) == 2


def test_the_oldest_goes_when_there_are_too_many(looking: Looking) -> None:
    """The weight is bounded; what was not asked for longest is forgotten first."""
    look, made = looking(), []
    looks = Looks(most=2 * look.weight)
    for key in ("a", "b", "a", "c", "a", "b"):
        looks.get((key,), lambda key=key: (made.append(key), look)[1])  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]


def test_a_huge_one_is_not_kept(looking: Looking) -> None:
    """One that alone is heavier than all may be is shown and forgotten."""
    look = looking()
    looks, made = Looks(most=look.weight - 1), count()
    for _ in range(2):
        looks.get(("a",), lambda: (next(made), look)[1])
    assert next(made) == 2


def test_it_is_good_for_a_while_only(looking: Looking) -> None:
    """What is too old is made again."""
    look, looks, made = looking(), Looks(good_for_s=-1), count()
    for _ in range(2):
        looks.get(("a",), lambda: (next(made), look)[1])
    assert next(made) == 2


def test_what_has_changed_is_forgotten(looking: Looking) -> None:
    """All that is remembered of an upload is made again, what belongs to others is not."""
    look, looks, made = looking(), Looks(), []
    for key in ("a", "b"):
        looks.get((key, "1"), lambda: look)
    looks.forget("a")
    for key in ("a", "b"):
        looks.get((key, "1"), lambda key=key: (made.append(key), look)[1])  # type: ignore[misc]
    assert made == ["a"]


def test_two_who_ask_at_once_wait_for_one_making(looking: Looking) -> None:
    """Ten threads, one making."""
    look, looks, made = replace(looking(), digest="x"), Looks(), []
    gate = threading.Barrier(10)

    def ask() -> None:
        gate.wait()
        looks.get(("a",), lambda: (made.append(1), look)[1])

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
