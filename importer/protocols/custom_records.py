"""The records that a Get service of the custom channel hands out (protocol §1.8). Where they stand is configuration."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from importer.errors import ConfigurationError, OutcomeUnknown
from importer.messages import N_
from importer.models import Reply
from importer.protocols.answers import RAN
from importer.protocols.xml_reading import Element, child, children, first, layers, parse, text_of, without_namespaces
from importer.settings import CustomXml

__all__ = ["decode_records"]


def decode_records(body: bytes, custom: CustomXml, path: str) -> Reply:
    """The records as rows of column -> text, or the refusal. Raises OutcomeUnknown for anything that is no answer."""
    for layer in layers(parse(body)):
        if (fault := first(layer, "Fault")) is not None:
            return Reply(accepted=False, executed=False, message=text_of(first(fault, "faultstring")) or text_of(first(fault, "Text")))
        srvcode = text_of(first(layer, "srvcode"))
        if srvcode not in ("", RAN):
            return Reply(accepted=False, executed=False, code=srvcode, message=text_of(first(layer, "payload"))[:200])
        execution = first(layer, "Execution")
        if execution is not None:
            return _judged(execution, layer, custom, path)
    raise OutcomeUnknown(N_("The answer is not of the form that the ERP's interface uses."))


def _judged(execution: Element, layer: Element, custom: CustomXml, path: str) -> Reply:
    status = child(execution, "Status")
    code, text = ("", "") if status is None else (status.get("code", "").strip(), status.get("description", "").strip())
    if code not in custom.success_codes:
        return Reply(accepted=False, code=code, message=text)
    root = first(layer, "Response")
    return Reply(
        accepted=True, code=code, rows=[_row(record) for record in _records(without_namespaces(layer if root is None else root), path)]
    )


def _records(root: Element, path: str) -> Sequence[Element]:
    try:
        found = root.xpath(path)
    except etree.XPathError as error:
        raise ConfigurationError(N_("records: {path} is no XPath: {reason}"), path=path, reason=str(error)) from None
    return [item for item in found if isinstance(item, etree._Element)] if isinstance(found, list) else []


def _row(record: Element) -> dict[str, str]:
    """`<Field name value/>` as everywhere on this channel; attributes and child elements where a site's service writes those."""
    fields = {field.get("name", ""): field.get("value", "") for field in children(record, "Field")}
    others = {str(item.tag): text_of(item) for item in children(record) if item.tag != "Field"}
    return {**{str(name): str(value) for name, value in record.attrib.items()}, **others, **fields}
