"""Errors say what to do next, and exit codes follow from them."""

from __future__ import annotations

import inspect
import itertools
import re

import pytest

from importer import errors
from importer.api.values import EXIT_ORDER, RunReport, worst
from importer.errors import ErpUnavailable, ImporterError, NotSent, OutcomeUnknown
from importer.issue_catalogue import issue
from importer.models import Severity


def test_the_tree_that_is_drawn_is_the_tree_that_is() -> None:
    """The docstring of the module draws every exception under its parent."""
    drawn = re.findall(r"^([ │├└─]*)(\w+)  ", errors.__doc__ or "", re.MULTILINE)
    path: list[str] = []
    tree = {}
    for indent, name in drawn:
        depth = (len(indent) - 4) // 4
        path[depth:] = [name]
        tree[name] = path[-2] if len(path) > 1 else "Exception"
    real = {
        name: kind.__mro__[1].__name__ for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, ImporterError)
    }
    assert tree == real
    assert set(errors.__all__) == set(real)


def test_the_module_of_errors_imports_nothing_of_ours() -> None:
    """Everything may import it."""
    assert "importer." not in inspect.getsource(errors).partition('"""\n\nfrom __future__')[2]


def test_what_was_not_sent_is_never_unknown() -> None:
    """The two ends of a call exclude each other."""
    assert not issubclass(NotSent, OutcomeUnknown)
    assert not issubclass(OutcomeUnknown, NotSent)


@pytest.mark.parametrize("codes", list(itertools.permutations((0, 1, 2, 3, 4, 130), 2)))
def test_of_several_exit_codes_the_first_of_the_order_applies(codes: tuple[int, int]) -> None:
    """130, then 2, 4, 3, 1, 0, whichever file comes first."""
    assert EXIT_ORDER == (130, 2, 4, 3, 1, 0)
    assert worst(codes) == min(codes, key=EXIT_ORDER.index)
    assert worst([]) == 0


def _report(**changes: object) -> RunReport:
    values = {
        "file": "f",
        "batch": None,
        "document_type": None,
        "rows": 0,
        "documents": 0,
        "lines": 0,
        "stages": {},
        "rejected": 0,
        "unknown": 0,
    }
    return RunReport(**{**values, "already_imported": 0, "issues": (), "results": None, "language": "en", **changes})  # type: ignore[arg-type]


WRONG = (issue("required_missing", row=3),)
DOUBT = (issue("code_as_number", row=3),)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"already_imported": 3}, 0),
        ({"issues": DOUBT}, 0),
        ({"issues": WRONG}, 1),
        ({"rejected": 1}, 1),
        ({"rejected": 1, "unknown": 1}, 3),
        ({"unknown": 1, "unavailable": ErpUnavailable("x")}, 4),
        ({"issues": (issue("file_not_found"),), "unavailable": ErpUnavailable("x")}, 2),
        ({"interrupted": True, "unknown": 1, "issues": (issue("file_not_found"),)}, 130),
    ],
)
def test_the_exit_code_of_one_file(changes: dict[str, object], code: int) -> None:
    """What weighs more hides what weighs less; warnings change nothing."""
    assert DOUBT[0].severity is Severity.WARNING
    assert _report(**changes).exit_code == code
