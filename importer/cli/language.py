"""The language of the terminal, known before the first help text is made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache

from importer.messages import language_of, system_language, translate

__all__ = ["say", "terminal_language"]


@cache
def terminal_language() -> str:
    """`--lang` of this command line, else that of the system."""
    return language_of(_asked_for(sys.argv)) or system_language()


def _asked_for(arguments: Sequence[str]) -> str | None:
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return None


def say(text: str, /, **values: object) -> str:
    """A text of the message catalogue in the terminal's language."""
    return translate(text, terminal_language(), **values)
