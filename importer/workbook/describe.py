"""A field in words: what it is, how long, which rules, for guides, comments and input messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from importer.fieldtypes import plain
from importer.mapping import DOC_KEY, KEY_FIELD, Field, Mapping
from importer.messages import N_, translate

__all__ = ["Column", "columns_of", "screen_width"]

TYPES: Final = {
    "code": N_("Code (as text)"),
    "text": N_("Text"),
    "decimal": N_("Number"),
    "integer": N_("Whole number"),
    "date": N_("Date"),
}
PARTS: Final = {"key": N_("Document key"), "header": N_("Document head"), "line": N_("Line")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a template and how to speak of it."""

    mapping: Mapping
    name: str  # technical name
    field: Field
    part: str  # key, header or line
    language: str

    @property
    def required(self) -> bool:
        """Whether its label carries the star."""
        return self.field.required or self.part == "key"

    @property
    def label(self) -> str:
        """The label without a star."""
        return self.field.label_in(self.language)

    @property
    def heading(self) -> str:
        """The label as it stands above the column."""
        return f"{self.label}*" if self.required else self.label

    @property
    def limit(self) -> int | None:
        """Longest text that may be typed; none for old codes, as only the new ones have to fit."""
        if self.field.translate is not None:
            return None
        return self.mapping.max_length(self.name) if self.part != "key" else self.field.max_length

    def say(self, text: str, **values: object) -> str:
        """A text of the catalogue in the column's language."""
        return translate(text, self.language, **values)

    @property
    def type(self) -> str:
        """The name of its type."""
        return self.say(TYPES[self.field.type])

    @property
    def length(self) -> str:
        """How long a value may be; empty where there is no limit."""
        if self.limit is not None:
            return self.say(N_("at most {limit} characters"), limit=self.limit)
        if self.field.digits:
            precision, scale = self.field.digits
            return self.say(N_("{whole} digits, {decimals} decimals"), whole=precision - scale, decimals=scale)
        return "yyyy-mm-dd" if self.field.type == "date" else ""

    @property
    def necessity(self) -> str:
        """When it has to be filled in."""
        if self.part == "key":
            return self.say(N_("on the first row of a document"))
        if not self.required:
            return self.say(N_("optional"))
        return self.say(N_("on the first row of a document") if self.part == "header" else N_("on every row"))

    def rules(self) -> Iterator[str]:
        """Each rule as a short sentence."""
        field = self.field
        if field.min_exclusive is not None:
            yield self.say(N_("greater than {limit}"), limit=plain(field.min_exclusive))
        if field.min_inclusive is not None:
            yield self.say(N_("{limit} or more"), limit=plain(field.min_inclusive))
        if field.max_inclusive is not None:
            yield self.say(N_("{limit} or less"), limit=plain(field.max_inclusive))
        if field.choices:
            named = (f"{code} {labels.get(self.language, '')}".strip() for code, labels in field.choices.items())
            yield self.say(N_("one of: {values}"), values=", ".join(named))
        if field.default and field.default.copy_of:
            other = self.mapping.fields[field.default.copy_of].label_in(self.language)
            yield self.say(N_("blank means the same as “{label}”"), label=other)
        elif field.default and field.default.value is not None:
            yield self.say(N_("blank means {value}"), value=field.default.value)

    @property
    def meaning(self) -> str:
        """The mapping's own explanation; empty where it has none."""
        return self.field.help_in(self.language)

    def lines(self) -> Iterator[str]:
        """Everything worth knowing, one thing per line."""
        if self.meaning:
            yield self.meaning
        yield self.say(N_("{type}, {necessity}"), type=self.type, necessity=self.necessity)
        if self.length:
            yield self.length
        yield from self.rules()
        if self.field.example:
            yield self.say(N_("Example: {example}"), example=self.field.example)


def columns_of(mapping: Mapping, language: str) -> list[Column]:
    """The columns of a template in their order: the key, the fields of the document head, the fields of the lines."""
    key = [(DOC_KEY, KEY_FIELD, "key")] if mapping.has_key_column else []
    fields = [(name, field, "header" if name in mapping.header else "line") for name, field in mapping.columns.items()]
    return [Column(mapping=mapping, name=name, field=field, part=part, language=language) for name, field, part in [*key, *fields]]


def screen_width(text: str) -> int:
    """Columns of a text on the screen: Chinese characters take two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
