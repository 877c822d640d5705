"""What the ten operations ask for: the `parameter` of a request on the standard channel (protocol §2.4, §9).

The values are plain: text, Decimal, date, and lists and tables of them; JSON and XML each write them in their own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from importer.errors import ConfigurationError
from importer.mapping import Mapping as DocumentType
from importer.mapping import Standard
from importer.messages import N_
from importer.models import Value
from importer.settings import Wire

__all__ = [
    "OPERATORS",
    "Condition",
    "all_of",
    "any_of",
    "condition",
    "create",
    "keys",
    "order",
    "query",
    "slip_type_field",
    "standard_part",
    "update",
    "wire_names",
]

Parameter = dict[str, Any]
Condition = Mapping[str, Any]
"""`{field_name, operator, value}` with an optional `node_name`, or a group `{operator: "and"|"or", fields: [Condition, ...]}`."""

OPERATORS: Final = ("=", "<>", ">", ">=", "<", "<=", "like")


def standard_part(mapping: DocumentType) -> Standard:
    """The mapping's standard section; the caller has made sure that the route needs it and it is there."""
    if mapping.standard is None:
        raise LookupError(f"{mapping.document_type} has no standard channel")
    return mapping.standard


def wire_names(mapping: DocumentType) -> dict[str, str]:
    """Technical name -> name on the standard channel."""
    return {name: field.standard or name for name, field in mapping.fields.items()}


def slip_type_field(mapping: DocumentType) -> str | None:
    """The header field that is the slip type on the wire; None where the document type has none."""
    wanted = standard_part(mapping).doc_type_no
    return next((name for name, field in mapping.header.items() if (field.standard or name) == wanted), None)


# -- writes ----------------------------------------------------------------------------------------------------------


def create(mapping: DocumentType, header: Mapping[str, Value], lines: Sequence[Mapping[str, Value]]) -> Parameter:
    """One document with its lines; the number is not sent, the ERP assigns it."""
    part, names = standard_part(mapping), wire_names(mapping)
    document: dict[str, Any] = {names[name]: value for name, value in header.items()}
    document[part.line_list] = [{names[name]: value for name, value in line.items()} for line in lines]
    return {part.header_list: [document]}


def update(
    mapping: DocumentType,
    wire: Wire,
    *,
    doc_type_no: str,
    doc_no: str,
    header: Mapping[str, Value] = {},
    lines: Sequence[Mapping[str, Value]] = (),
) -> Parameter:
    """Changed header fields and lines of one document, under its key (protocol §2.4, §9.1 rule 12).

    Only what is to change is given. A line needs its line number, by which the ERP finds it; a number that the document
    does not have adds a line, and none is ever removed. The caller has put the token back into its field.
    Raises LookupError for a line without a number, because the ERP would add it once more at each call.
    """
    part, names = standard_part(mapping), wire_names(mapping)
    numbers = [name for name, field in mapping.lines.items() if field.generated == "line_number"]
    if any(name not in line for name in numbers for line in lines):
        raise LookupError(f"{mapping.document_type}: every line of an update needs its {', '.join(numbers)}")
    document = _key(part, wire, doc_type_no, doc_no)
    document = {**document, **{names[name]: value for name, value in header.items() if names[name] not in document}}
    if lines:
        document[part.line_list] = [{names[name]: value for name, value in line.items()} for line in lines]
    return {part.header_list: [document]}


def keys(mapping: DocumentType, wire: Wire, *, doc_type_no: str, doc_no: str, header: Mapping[str, Value] = {}) -> Parameter:
    """The key of one document, for read details, delete, approve, disapprove, post, dispost and invalid."""
    key = _key(standard_part(mapping), wire, doc_type_no, doc_no)
    key.update({name: header[field] for name, field in wire.extra_key.items() if field in header})
    return {wire.datakeys: [key]}


def _key(part: Standard, wire: Wire, doc_type_no: str, doc_no: str) -> dict[str, Any]:
    key: dict[str, Any] = {}
    if wire.key_fields != "doc_no" and doc_type_no:
        key[part.doc_type_no] = doc_type_no
    if wire.key_fields != "doc_type_no":
        key[part.doc_no] = doc_no
    return key


# -- the list query --------------------------------------------------------------------------------------------------


def query(
    wire: Wire,
    conditions: Sequence[Condition],
    *,
    page: int = 1,
    page_size: int | None = None,
    orders: Sequence[Mapping[str, str]] = (),
    columns: Sequence[str] = (),
) -> Parameter:
    """One page of the list query; all `conditions` hold at once, none means all documents.

    `columns` are the wire names of the fields that the answer shall have; none means whatever the ERP gives.
    """
    return {
        "page_no": page,
        "page_size": page_size or wire.page_size,
        "use_has_next": True,
        "conditions": _conditions(wire, conditions),
        "orders": list(orders),
        **({"selectedColumns": list(columns)} if columns else {}),
    }


def _conditions(wire: Wire, conditions: Sequence[Condition]) -> Parameter | list[Parameter]:
    group = _on_wire(wire, all_of(*conditions)) if conditions else {}
    if wire.conditions == "object":
        return group
    return [group] if group else []


def _on_wire(wire: Wire, item: Condition) -> Parameter:
    """A condition under the site's operators; a group inside a group stands under the name `group`."""
    if "fields" not in item:
        names = {"like": wire.like, **wire.operators}
        return {**item, "operator": names.get(item["operator"], item["operator"])}
    members = [_on_wire(wire, member) for member in item["fields"]]
    return {"operator": item["operator"], "fields": [{"group": member} if "fields" in member else member for member in members]}


def condition(field_name: str, operator: str, value: Value, *, node_name: str = "") -> Condition:
    """One comparison of a field under its wire name; `node_name` is the list whose lines are meant, where the name alone is not enough.

    `%` in the value of `like` is any text, `_` one character. Raises ConfigurationError for an operator that there is not.
    """
    if operator not in OPERATORS:
        raise ConfigurationError(
            N_("There is no operator {operator}. Known are: {operators}"), operator=operator, operators=" ".join(OPERATORS)
        )
    return {"field_name": field_name, "operator": operator, "value": value, **({"node_name": node_name} if node_name else {})}


def all_of(*conditions: Condition) -> Condition:
    """A group whose conditions hold at once."""
    return {"operator": "and", "fields": list(conditions)}


def any_of(*conditions: Condition) -> Condition:
    """A group of which one condition is enough."""
    return {"operator": "or", "fields": list(conditions)}


def order(field_name: str, *, descending: bool = False) -> Mapping[str, str]:
    """One criterion of the order of a list query."""
    return {"field_name": field_name, "order_type": "desc" if descending else "asc"}
