"""A mapping file as text: blocks where people edit, one line for labels and lists, and a comment where something is left to decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from importer.catalogue.vendor.assembling import Assembled, Path
from importer.catalogue.vendor.drafting import Todo
from importer.messages import N_, translate

__all__ = ["yaml_text"]

SPACED: Final = ("header", "lines", "totals", "token", "standard", "custom")  # sections with a blank line in front


def yaml_text(made: Assembled, source: str, language: str) -> str:
    """The file's text; it loads as exactly the content. `source` names the specification in the first line."""
    first = translate(N_("Made from {file}. What TODO says is to be decided by a person; then take the line away."), language, file=source)
    lines = [f"# {_one_line(first)}", *_block(made, made.content, (), language)]
    return "\n".join(lines) + "\n"


def _block(made: Assembled, content: Mapping[str, Any], path: Path, language: str) -> Iterator[str]:
    indent = "  " * len(path)
    for name, value in content.items():
        at = (*path, name)
        if not path and name in SPACED:
            yield ""
        for todo in made.todos.get(at, ()):
            yield f"{indent}# {_comment(todo, language)}"
        if _is_block(at, value):
            yield f"{indent}{_flow(name)}:"
            yield from _block(made, value, at, language)
        else:
            yield f"{indent}{_flow(name)}: {_flow(value)}"


def _is_block(at: Path, value: Any) -> bool:
    """Sections, fields and operations are blocks; labels are not."""
    return isinstance(value, dict) and bool(value) and (at[-1] in ("header", "lines", "standard", "custom", "operations") or _is_field(at))


def _is_field(at: Path) -> bool:
    return len(at) == 2 and at[0] in ("header", "lines")


def _comment(todo: Todo, language: str) -> str:
    text = translate(todo.text, language)
    where = f" ({todo.place.sheet}!{todo.place.cell}: {todo.place.value})" if todo.place else ""
    return _one_line(f"{text}{where}")


def _one_line(text: str) -> str:
    """A comment ends with its line; what else may not stand in YAML is left out."""
    return "".join(character if character.isprintable() else " " for character in text)


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=1_000_000)
    return text.removesuffix("\n").removesuffix("\n...")
