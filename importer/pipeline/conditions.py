"""`--where FIELD=VALUE` as conditions of a list query.

FIELD is a technical name, a name on the wire or a label in any language; the operators are `=`, `<>`, `>=`, `<=`, `>`, `<`;
with `=`, a `%` or `*` in the value stands for any text. A condition on a line field holds for documents that have such a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from importer.documents import MARK_OPEN
from importer.errors import ConfigurationError
from importer.fieldtypes import FIELD_TYPES, DateFormats, trimmed
from importer.issue_catalogue import render
from importer.mapping import DOC_KEY, KEY_LABELS, Field, Standard
from importer.mapping import Mapping as DocumentType
from importer.messages import LANGUAGES, N_, translate
from importer.models import Issue, Stage, Value
from importer.protocols.parameters import Condition, all_of, any_of, condition, standard_part
from importer.settings import Profile
from importer.workbook.extra import DOC_NO, QUERY_COLUMNS, SEQ, STATE
from importer.workbook.header import same_text

__all__ = ["conditions_of"]

_FORM: Final = re.compile(r"(?P<field>[^<>=]+)(?P<operator><>|>=|<=|=|>|<)(?P<value>.*)", re.DOTALL)
_STAGES: Final = (Stage.CREATED, Stage.APPROVED, Stage.POSTED, Stage.VOID)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What a condition may be about."""

    name: str  # on the wire
    shown: str  # technical name
    field: Field
    node: str = ""  # the list whose lines are meant


def conditions_of(texts: Iterable[str], mapping: DocumentType, profile: Profile, language: str) -> list[Condition]:
    """All conditions, to be met at once.

    Raises ConfigurationError that says what is wrong with the first bad one: its form, its field, its value.
    """
    tiers = _tiers(mapping)
    found: list[Condition] = []
    for text in texts:
        match = _FORM.fullmatch(text)
        if match is None:
            raise ConfigurationError(
                N_("{condition} is no condition. Write FIELD=VALUE; the operators are = <> >= <= > <, and % or * stands for any text."),
                condition=text,
            )
        target = _target(match["field"], tiers, mapping)
        found.append(_one(text, target, match["operator"], trimmed(match["value"]), mapping, profile, language))
    return found


# -- the field -------------------------------------------------------------------------------------------------------

_Tier = Mapping[str, Sequence[_Target]]


def _tiers(mapping: DocumentType) -> list[_Tier]:
    """Names without differences that nobody means -> what they stand for: technical names, names on the wire, labels."""
    part = standard_part(mapping)
    special = list(_special(part, mapping))
    named = [(target, [target.field]) for target in _fields(mapping, part)]
    technical = [(name, target) for name, target in special] + [(target.shown, target) for target, _ in named]
    wire = [(target.name, target) for target, _ in named] + [(target.name, target) for _, target in special]
    labels = [(label, target) for target, fields in named for field in fields for label in field.label.values()]
    extra = {column.name: column for column in QUERY_COLUMNS}
    labels += [(label, target) for name, target in special if name in extra for label in extra[name].label.values()]
    labels += [(label, target) for name, target in special if name == DOC_KEY for label in KEY_LABELS.values()]
    return [_by_name(technical), _by_name(wire), _by_name(labels)]


def _fields(mapping: DocumentType, part: Standard) -> Iterator[_Target]:
    for name, field in mapping.fields.items():
        node = part.line_list if name in mapping.lines else ""
        yield _Target(name=field.standard or name, shown=name, field=field, node=node)


def _special(part: Standard, mapping: DocumentType) -> Iterator[tuple[str, _Target]]:
    """What every document has beside the mapping's fields."""
    code = Field(label={"en": "-"}, type="code")
    number = _Target(name=part.doc_no, shown=DOC_NO, field=code)
    yield DOC_NO, number
    yield DOC_KEY, number
    yield STATE, _Target(name="", shown=STATE, field=code)
    for name in (part.status.approve, part.status.post):
        yield name, _Target(name=name, shown=name, field=code)
    for target in _fields(mapping, part):
        if target.field.generated == "line_number":
            yield SEQ, target


def _by_name(named: Iterable[tuple[str, _Target]]) -> dict[str, list[_Target]]:
    found: dict[str, list[_Target]] = {}
    for name, target in named:
        targets = found.setdefault(same_text(name), [])
        if name and target not in targets:
            targets.append(target)
    return found


def _target(name: str, tiers: Sequence[_Tier], mapping: DocumentType) -> _Target:
    for tier in tiers:
        targets = tier.get(same_text(name), ())
        if len({target.shown for target in targets}) > 1:
            names = ", ".join(target.shown for target in targets)
            raise ConfigurationError(N_("{name} stands for several fields: {names}. Name one of them."), name=name.strip(), names=names)
        if targets:
            return targets[0]
    names = ", ".join([DOC_NO, STATE, *mapping.fields])
    title = mapping.document_type
    raise ConfigurationError(
        N_("{document_type} has no field {name}. Known are: {names}."), document_type=title, name=name.strip(), names=names
    )


# -- operator and value ----------------------------------------------------------------------------------------------


def _one(text: str, target: _Target, operator: str, value: str, mapping: DocumentType, profile: Profile, language: str) -> Condition:
    if target.shown == STATE:
        return _in_stage(text, operator, value, standard_part(mapping))
    is_text = target.field.type in ("code", "text")
    wild = "%" in value or "*" in value
    if wild and not (is_text and operator == "="):
        raise ConfigurationError(N_("{condition}: % and * stand for any text only with = and in fields that hold text."), condition=text)
    if mapping.token and target.shown == mapping.token.field:
        return _with_token(text, target, operator, value, wild=wild)
    if wild:
        return condition(target.name, "like", value.replace("*", "%"), node_name=target.node)
    return condition(target.name, operator, _typed(text, target, value, profile, language), node_name=target.node)


def _typed(text: str, target: _Target, value: str, profile: Profile, language: str) -> Value:
    kind = target.field.type
    if not value and kind in ("code", "text"):
        return ""
    parsed, finding = FIELD_TYPES[kind].parse(value, DateFormats(text=profile.date_formats))
    if parsed is None:
        code, values = (finding.code, finding.values) if finding else ("required_missing", {})
        problem = render(Issue(code=code, header=target.field.label_in(language), value=value, values=values), language)
        raise ConfigurationError("{condition}: {problem}", condition=text, problem=problem)
    return parsed


def _with_token(text: str, target: _Target, operator: str, value: str, *, wild: bool) -> Condition:
    """The field that carries the token: the user's text stands alone there, or in front of the token."""
    if operator != "=":
        raise ConfigurationError(
            N_("{condition}: this field also holds the importer's reference, so it can only be asked with =."), condition=text
        )
    pattern = value.replace("*", "%")
    alone = condition(target.name, "like" if wild else "=", pattern)
    return any_of(alone, condition(target.name, "like", f"{pattern}{MARK_OPEN}%".lstrip()))


def _in_stage(text: str, operator: str, value: str, part: Standard) -> Condition:
    """`_state=created` and its like, by the two status fields."""
    words = {same_text(translate(stage.value, language)): stage for stage in _STAGES for language in LANGUAGES}
    stage = words.get(same_text(value))
    if stage is None or operator != "=":
        raise ConfigurationError(
            N_("{condition}: write _state= and one of {states}."), condition=text, states=", ".join(stage.value for stage in _STAGES)
        )
    approve, post, yes, void = part.status.approve, part.status.post, part.status.yes, part.status.void
    return {
        Stage.CREATED: all_of(*(condition(name, "<>", code) for name in (approve, post) for code in (yes, void))),
        Stage.APPROVED: all_of(condition(approve, "=", yes), condition(post, "<>", yes), condition(post, "<>", void)),
        Stage.POSTED: all_of(condition(post, "=", yes), condition(approve, "<>", void)),
        Stage.VOID: any_of(condition(approve, "=", void), condition(post, "=", void)),
    }[stage]
