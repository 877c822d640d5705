"""Reading XML from outside: no document type, no entities, no network. The only place that hands bytes to lxml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

_OPTIONS: Final = {"resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False, "huge_tree": False}


class BadXmlError(ValueError):
    """Not well-formed, or more than plain XML."""


def parse(body: bytes | str) -> etree._Element:
    """The root element. Comments and processing instructions are left out."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, **_OPTIONS)  # type: ignore[arg-type]
    try:
        root = etree.fromstring(body.encode() if isinstance(body, str) else body, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise BadXmlError(str(problem)) from None
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise BadXmlError("document types are not allowed")
    return root


def local(element: etree._Element) -> str:
    """The element's name without its namespace: prefixes and namespaces differ between products (protocol §1.1)."""
    return etree.QName(element).localname


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if isinstance(child.tag, str) and local(child) == name)


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first descendant along a path of local names."""
    for name in path:
        element = None if element is None else next(children(element, name), None)
    return element
