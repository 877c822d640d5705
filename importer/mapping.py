"""A document type is one YAML file; this is its validated model (design §6).

Nothing about a document type is written in Python: template, schema, grouping, payload and documentation come from here.
Whatever protocol §7 calls unknown is a field here or in the profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingType
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from importer.errors import MappingError
from importer.fieldtypes import FIELD_TYPES
from importer.messages import LANGUAGES, N_
from importer.models import Operation, Stage, Value, reached

__all__ = ["DOC_KEY", "Custom", "Default", "Field", "Mapping", "Standard", "load_mapping", "load_mappings", "shipped_folder"]

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DOC_KEY: Final = "doc_key"
"""The column whose value groups rows into documents; it belongs to the user and never travels."""

TOKEN_ROOM: Final = len(" [IMP:") + 16 + len("]")
"""Characters that the token takes from the field that carries it."""

Labels = dict[str, str]


def _in_language(labels: Labels, language: str) -> str:
    return labels.get(language) or next(iter(labels.values()))


def _checked_labels(labels: Labels) -> Labels:
    unknown = [language for language in labels if language not in LANGUAGES]
    if unknown:
        raise ValueError(f"unknown language {', '.join(unknown)}; known are {', '.join(LANGUAGES)}")
    return labels


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Default(_Part):
    """What travels when the cell is blank: a constant, another field of the same line or header, or a setting of the profile."""

    value: str | None = None
    copy_of: str | None = None
    profile: Literal["user", "plant"] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(source is not None for source in (self.value, self.copy_of, self.profile)) != 1:
            raise ValueError("give exactly one of value, copy_of, profile")
        return self


class Field(_Part):
    """One field of a header or a line."""

    label: Labels
    type: str
    required: bool = False
    max_length: int | None = None  # characters, of code and text
    digits: tuple[int, int] | None = None  # precision and scale, of decimal
    min_exclusive: Decimal | None = None
    min_inclusive: Decimal | None = None
    max_inclusive: Decimal | None = None
    choices: dict[str, Labels] | None = None  # code -> label
    lookup: str | None = None  # name of a list of valid codes
    within: str | None = None  # field on whose code this one's list depends: a location stands in a warehouse
    translate: dict[str, str] | None = None  # old code -> new code: what the workbook has, what travels
    unmapped: Literal["error", "keep"] = "error"  # a value that `translate` does not have
    default: Default | None = None
    generated: Literal["line_number"] | None = None  # filled by the importer; has no column in the template
    column: str | None = None  # TIPTOP column, the name in the custom XML
    standard: str | None = None  # name on the standard channel where it differs from the field's own
    example: str | None = None
    help: Labels = {}

    @field_validator("type")
    @classmethod
    def _known_type(cls, name: str) -> str:
        if name not in FIELD_TYPES:
            raise ValueError(f"unknown type {name!r}; known are {', '.join(FIELD_TYPES)}")
        return name

    @field_validator("label", "help")
    @classmethod
    def _known_languages(cls, labels: Labels) -> Labels:
        return _checked_labels(labels)

    @model_validator(mode="after")
    def _limits_fit_type(self) -> Self:
        if not self.label:
            raise ValueError("label: at least one language is needed")
        if self.max_length is not None and self.type not in ("code", "text"):
            raise ValueError(f"max_length is for code and text, not for {self.type}")
        if self.digits is not None and (self.type != "decimal" or not 0 <= self.digits[1] <= self.digits[0]):
            raise ValueError("digits is [precision, scale] of a decimal, scale not above precision")
        if self.translate is not None and self.type not in ("code", "text"):
            raise ValueError(f"translate is for code and text, not for {self.type}")
        if self.default and self.default.value is not None and not _is_of(self.type, self.default.value):
            raise ValueError(f"default: {self.default.value!r} is no {self.type}")
        return self

    def label_in(self, language: str) -> str:
        """The label in `language`, else in the first language that the mapping has."""
        return _in_language(self.label, language)

    def translated(self, value: Value) -> Value:
        """The value as it travels: the new code, where the field has a table of codes."""
        return self.translate.get(value, value) if self.translate and isinstance(value, str) else value

    def help_in(self, language: str) -> str:
        """The explanation in `language`; empty where the mapping has none."""
        return _in_language(self.help, language) if self.help else ""


def _is_of(type_name: str, text: str) -> bool:
    """Whether a default's text can be read when a cell is blank, which is when a document is already on its way."""
    try:
        if type_name in ("decimal", "integer"):
            return Decimal(text).is_finite()
        return type_name != "date" or bool(date.fromisoformat(text))
    except (InvalidOperation, ValueError):
        return False


class Status(_Part):
    """Where list query and read details say how far a document is (protocol §9); compared by the part before the first dot."""

    approve: str = "approve_status"
    post: str = "post_status"
    yes: str = "Y"
    void: str = "X"


class Standard(_Part):
    """The document type on the 互聯中台 standard channel (protocol §2)."""

    prefix: str = ""
    header_list: str
    line_list: str
    operations: dict[Operation, str]
    doc_no: str = "doc_no"  # wire name of the document number
    doc_type_no: str = "doc_type_no"  # wire name of the slip type
    status: Status = Status()

    def service(self, operation: Operation) -> str | None:
        """The service name of an operation; None when the site has none."""
        suffix = self.operations.get(operation)
        return f"{self.prefix}{suffix}" if suffix else None


class Custom(_Part):
    """The document type on the TIPTOP custom XML channel (protocol §1)."""

    service: str
    master: str
    detail: str
    number: str  # answer parameter with the document number
    on_post_failure: Literal["keep", "deleted", "unknown"] = "keep"
    unread: tuple[str, ...] = ()  # fields that the service does not read
    overwritten: tuple[str, ...] = ()  # fields that the service replaces by values of its own
    parameters: dict[str, str] = {}  # extra request parameters


class Token(_Part):
    """The field that carries the token, and its column's length."""

    field: str
    max_length: int = 255


class Total(_Part):
    """A control total of the results: the sum of a field per value of others, such as quantity per item and warehouse."""

    sum: str
    by: tuple[str, ...]


class Scenario(_Part):
    """Which operation reaches which stage, in the order of the stages; a site may leave stages out."""

    standard: dict[Stage, Operation] = {Stage.CREATED: Operation.CREATE, Stage.APPROVED: Operation.APPROVE, Stage.POSTED: Operation.POST}
    undo: dict[Stage, Operation] = {Stage.POSTED: Operation.DISPOST, Stage.APPROVED: Operation.DISAPPROVE, Stage.CREATED: Operation.DELETE}

    @property
    def steps(self) -> dict[Stage, tuple[Operation, Stage]]:
        """From each stage: the operation that leads on, and the stage that it reaches."""
        before = [Stage.NEW, Stage.CREATED, Stage.APPROVED]
        order = [stage for stage in Stage if stage in self.standard]
        return {
            stage: (self.standard[target], target)
            for stage in before
            if (target := next((later for later in order if not reached(stage, later)), None)) is not None
        }

    def last_before(self, until: Stage) -> Stage:
        """The stage that stands for `until` where the site leaves that one out."""
        return [stage for stage in self.standard if reached(until, stage)][-1]

    @model_validator(mode="after")
    def _starts_with_create(self) -> Self:
        order = [stage for stage in Stage if stage in self.standard]
        if not order or order[0] is not Stage.CREATED or list(self.standard) != order:
            raise ValueError("standard: stages in the order created, approved, posted; created is needed")
        return self


class Mapping(_Part):
    """One document type."""

    document_type: str
    version: int = 1
    title: Labels
    program: str = ""  # as the vendor's list names it
    other_programs: tuple[str, ...] = ()  # further names of it, such as TIPTOP GP's own
    category: str = ""  # heading of the vendor's list that its services stand under
    order: int = 50  # when several files are handed in together, lower numbers go first
    key: tuple[str, ...] = (DOC_KEY,)
    max_lines: int = 500
    header: dict[str, Field]
    lines: dict[str, Field]
    checks: tuple[dict[str, dict[str, Any]], ...] = ()
    totals: tuple[Total, ...] = ()
    token: Token | None = None
    match: tuple[str, ...] = ()  # header fields that find a document where no token can travel
    standard: Standard | None = None
    custom: Custom | None = None
    scenario: Scenario = Scenario()

    @field_validator("title")
    @classmethod
    def _known_languages(cls, labels: Labels) -> Labels:
        return _checked_labels(labels)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        both = sorted(set(self.header) & set(self.lines))
        if both:
            raise ValueError(f"field names are unique within a mapping; in header and lines: {', '.join(both)}")
        reserved = [name for name in self.fields if name == DOC_KEY or name.startswith("_")]
        if reserved:
            raise ValueError(f"names the importer keeps for itself: {', '.join(reserved)}")
        for name in self.key:
            if name != DOC_KEY and name not in self.header:
                raise ValueError(f"key: {name!r} is neither {DOC_KEY} nor a header field")
        unknown = [name for check in self.checks for name in check if name not in CHECKS]
        if unknown:
            raise ValueError(f"checks: unknown {', '.join(unknown)}; known are {', '.join(CHECKS)}")
        wrong = [problem for check in self.checks for kind, arguments in check.items() if (problem := _wrong_arguments(kind, arguments))]
        if wrong:
            raise ValueError("; ".join(wrong))
        named = [(part, name) for part, names in self._references() for name in names if name not in self.fields]
        if named:
            raise ValueError("; ".join(f"{part}: no field {name!r}" for part, name in named))
        if self.token and (self.token.field not in self.header or self.header[self.token.field].type != "text"):
            raise ValueError(f"token.field: {self.token.field!r} is no text field of the header, so the token would not travel")
        if self.token and (self.max_length(self.token.field) or 0) < 0:
            raise ValueError(f"token: the field takes fewer than the {TOKEN_ROOM} characters that the token needs")
        absent = [name for name in self.scenario.standard.values() if self.standard and name not in self.standard.operations]
        if absent:
            raise ValueError(f"standard.operations: no {', '.join(absent)}; name its service, or leave the stage out of scenario.standard")
        if self.max_lines < 1:
            raise ValueError("max_lines: at least 1")
        return self

    def _references(self) -> list[tuple[str, Sequence[str]]]:
        found: list[tuple[str, Sequence[str]]] = [("match", self.match)]
        found += [("totals", [total.sum, *total.by]) for total in self.totals]
        if self.token:
            found.append(("token.field", [self.token.field]))
        found += [(f"{name}.within", [field.within]) for name, field in self.fields.items() if field.within]
        found += [(f"checks.{kind}", list(_names_in(fields))) for check in self.checks for kind, fields in check.items()]
        if self.custom:
            found += [("custom.unread", self.custom.unread), ("custom.overwritten", self.custom.overwritten)]
        for name, field in self.fields.items():
            if field.default and field.default.copy_of:
                found.append((f"{name}.default.copy_of", [field.default.copy_of]))
        return found

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Header fields, then line fields, by technical name."""
        return {**self.header, **self.lines}

    @cached_property
    def columns(self) -> dict[str, Field]:
        """The template's columns in their order, without the key column."""
        return {name: field for name, field in self.fields.items() if not field.generated}

    def with_translations(self, tables: MappingType[str, tuple[dict[str, str] | None, Literal["error", "keep"]]]) -> Mapping:
        """The same document type with tables of codes for some fields: field -> table or None, and what a value without a new code is."""

        def laid(fields: dict[str, Field]) -> dict[str, Field]:
            return {
                name: field.model_copy(update=dict(zip(("translate", "unmapped"), tables[name], strict=True))) if name in tables else field
                for name, field in fields.items()
            }

        copy = self.model_copy(update={"header": laid(self.header), "lines": laid(self.lines)})
        for cached in ("fields", "columns", "translations"):
            copy.__dict__.pop(cached, None)
        return copy

    def untranslated(self) -> Mapping:
        """The same for workbooks and people that have the ERP's own codes already."""
        return self.with_translations(dict.fromkeys(self.translations, (None, "error"))) if self.translations else self

    @cached_property
    def translations(self) -> frozenset[str]:
        """The fields that have a table of codes."""
        return frozenset(name for name, field in self.fields.items() if field.translate is not None)

    @property
    def has_key_column(self) -> bool:
        """Whether the template has the grouping column."""
        return DOC_KEY in self.key

    def max_length(self, name: str) -> int | None:
        """Longest text of a field that a user may type: the column, less the token where the field carries it."""
        length = self.fields[name].max_length
        if self.token and self.token.field == name:
            return min(length or self.token.max_length, self.token.max_length) - TOKEN_ROOM
        return length

    def title_in(self, language: str) -> str:
        """The document type's name for people."""
        return _in_language(self.title, language)


CHECKS: Final[MappingType[str, str]] = {
    "conversion": N_("In-quantity is out-quantity times conversion rate; both are needed when the units differ"),
    "different": N_("Two groups of fields must not be equal on one line"),
    "open_period": N_("The date must be after the stock close date and not after the current period"),
    "stock_not_exceeded": N_("There must be as much in stock as the lines take"),
}
"""The closed list of named checks over several fields of one line; the schema implements them."""

KEY_LABELS: Final[Labels] = {"zh_TW": "單據鍵值", "zh_CN": "单据键值", "en": "Document key"}
KEY_HELP: Final[Labels] = {
    "zh_TW": "自訂的分組值：鍵值相同的列成為同一張單據；留空表示與上一列相同。不會送到 ERP。",
    "zh_CN": "自定的分组值：键值相同的行成为同一张单据；留空表示与上一行相同。不会送到 ERP。",
    "en": "Your own grouping value: rows with the same key become one document; blank means as in the row above. Never sent to the ERP.",
}
KEY_FIELD: Final = Field(label=KEY_LABELS, help=KEY_HELP, type="code", max_length=64, example="1")


_PLACE: Final = frozenset(["item", "warehouse", "location", "lot", "unit", "qty"])
_ARGUMENTS: Final[MappingType[str, tuple[frozenset[str], frozenset[str]]]] = {
    "conversion": (frozenset(["out_unit", "out_qty", "in_unit", "rate", "in_qty"]), frozenset()),
    "different": (frozenset(["left", "right"]), frozenset()),
    "open_period": (frozenset(["date"]), frozenset()),
    "stock_not_exceeded": (frozenset(), frozenset(["takes", "gives"])),
    "takes": (frozenset(["item", "warehouse", "qty"]), _PLACE),
    "gives": (frozenset(["item", "warehouse", "qty"]), _PLACE),
}
"""By named check, and by part of one: the arguments that it needs, and further ones that it takes."""


def _wrong_arguments(kind: str, arguments: MappingType[str, Any]) -> str:
    """What is wrong with the arguments of a named check; empty when nothing is."""
    needed, also = _ARGUMENTS[kind]
    missing, unknown = sorted(needed - set(arguments)), sorted(set(arguments) - needed - also)
    if missing or unknown:
        told = f"needs {', '.join(missing)}" if missing else f"does not take {', '.join(unknown)}"
        return f"checks.{kind}: {told}"
    if kind == "different" and len(arguments["left"]) != len(arguments["right"]):
        return "checks.different: left and right are groups of as many fields each"
    parts = [(name, part) for name, part in arguments.items() if name in _ARGUMENTS]
    return next((problem for name, part in parts if (problem := _wrong_arguments(name, part if isinstance(part, dict) else {}))), "")


def _names_in(fields: Any) -> Iterator[str]:
    """The field names in the arguments of a named check."""
    if isinstance(fields, str):
        yield fields
    elif isinstance(fields, dict | list):
        for part in fields.values() if isinstance(fields, dict) else fields:
            yield from _names_in(part)


# -- files -----------------------------------------------------------------------------------------------------------


def shipped_folder(name: str) -> Path:
    """The folder of package data (`mappings`, `templates_xlsx`), in an installed copy or in a checkout."""
    packaged = Path(__file__).parent / "_data" / name
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / name


def load_mappings(site_folder: Path | None = None) -> dict[str, Mapping]:
    """All document types: the shipped ones with the site's files laid over them, by document type, in file order.

    A site's file (.yaml or .yml) is deep-merged over the shipped one of its name; a new name is a new document type.
    Raises MappingError at the first file that is wrong.
    """
    files = {path.stem: [path] for path in sorted(shipped_folder("mappings").glob("*.yaml"))}
    if site_folder and site_folder.is_dir() and site_folder.resolve() != shipped_folder("mappings").resolve():
        for path in sorted(path for path in site_folder.iterdir() if path.suffix.lower() in (".yaml", ".yml")):
            files.setdefault(path.stem, []).append(path)
    mappings: dict[str, Mapping] = {}
    for paths in files.values():
        mapping = load_mapping(*paths)
        if mapping.document_type in mappings:
            raise MappingError(
                N_("{file}: document type {document_type} stands in another mapping file already"),
                file=str(paths[-1]),
                document_type=mapping.document_type,
            )
        mappings[mapping.document_type] = mapping
    return mappings


def load_mapping(*paths: Path) -> Mapping:
    """One document type from its file, each further file laid over the ones before.

    Raises MappingError that names the file, the line and the place in it, what was found and what is expected.
    """
    merged: dict[str, Any] = {}
    for path in paths:
        merged = _merge(merged, _read_yaml(path))
    try:
        return Mapping.model_validate(merged)
    except ValidationError as error:
        raise MappingError("{details}", details=_explain(error, paths)) from None


def _merge(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{name: _merge(base.get(name), value) for name, value in over.items()}}
    return over


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=LOADER)
        _refuse_repeated_names(node, path)
        content = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(N_("{file}: cannot be read: {reason}"), file=str(path), reason=str(error)) from None
    except yaml.YAMLError as error:
        raise MappingError(N_("{file}: is not YAML: {reason}"), file=str(path), reason=" ".join(str(error).split())) from None
    if not isinstance(content, dict):
        raise MappingError(N_("{file}: a mapping file is a table of names and values"), file=str(path))
    return content


def _refuse_repeated_names(node: yaml.Node | None, path: Path) -> None:
    """YAML keeps the last of two equal names silently; here the first would be lost without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for name, value in node.value:
            if name.value in seen:
                line = name.start_mark.line + 1
                raise MappingError(N_("{file}, line {line}: {name} stands here twice"), file=str(path), line=line, name=name.value)
            seen.add(name.value)
            _refuse_repeated_names(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_repeated_names(value, path)


def _explain(error: ValidationError, paths: Sequence[Path]) -> str:
    problems = []
    for problem in error.errors():
        place = [str(part) for part in problem["loc"]]
        path, line = _locate(place, paths)
        where = f"{path}, line {line}" if line else str(path)
        text = problem["msg"].removeprefix("Value error, ")
        found = problem["input"]
        shown = f" (found: {found!r})" if isinstance(found, str | int | float | bool) else ""
        problems.append(f"{where}: {'.'.join(place) or 'mapping'}: {text}{shown}")
    return "\n".join(problems)


def _locate(place: Sequence[str], paths: Sequence[Path]) -> tuple[Path, int | None]:
    """The file and line of a place: the last file that has it, else the deepest part of it that there is."""
    best: tuple[int, Path, int | None] = (-1, paths[-1], None)
    for path in paths:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=LOADER)
        depth, line = 0, None
        for part in place:
            found = _child(node, part)
            if found is None:
                break
            node, line = found
            depth += 1
        if depth >= best[0]:
            best = (depth, path, line)
    return best[1], best[2]


def _child(node: yaml.Node | None, part: str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == part:
                return value, name.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        value = node.value[int(part)]
        return value, value.start_mark.line + 1
    return None
