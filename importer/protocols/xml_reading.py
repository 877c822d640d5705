"""Reading XML that came from outside; the only place of the sending side that hands bytes to a parser.

No document type, no entities of its own, no network, and libxml2's limits on depth and size stay on: an answer that wants more
than plain XML is no answer to be trusted. Names are compared without their namespace, because prefixes and namespaces differ
from site to site (protocol §1.1).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from importer.errors import OutcomeUnknown
from importer.messages import N_

__all__ = ["Element", "child", "children", "first", "layers", "local", "parse", "text_of", "without_namespaces"]

Element = etree._Element

MAX_LAYERS: Final = 4  # SOAP, the gateway's envelope, the document inside, and one to spare


def parse(content: bytes | str) -> Element:
    """The root of a document. Raises OutcomeUnknown for anything but plain, whole XML."""
    text = isinstance(content, str)
    parser = etree.XMLParser(
        encoding="utf-8" if text else None,  # a text is no longer in the encoding that its declaration names
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    try:
        root = etree.fromstring(data.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise OutcomeUnknown(N_("The answer is not XML: {start}"), start=_start(data)) from None
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise OutcomeUnknown(N_("The answer has a document type declaration, which no answer of the ERP has."))
    return root


def _start(data: bytes) -> str:
    return " ".join(data[:200].decode("utf-8", "replace").split())[:80]


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """The children that have one of the names; all without names."""
    for item in () if element is None else element:
        if isinstance(item.tag, str) and (not names or local(item) in names):
            yield item


def child(element: Element | None, *path: str) -> Element | None:
    """The first descendant along a path of names."""
    for name in path:
        element = next(children(element, name), None)
    return element


def first(element: Element, name: str) -> Element | None:
    """The first element of this name, at any depth, the element itself included."""
    return next((item for item in element.iter(etree.Element) if local(item) == name), None)


def text_of(element: Element | None) -> str:
    """The element's text, trimmed; empty where there is no element."""
    return "" if element is None else (element.text or "").strip()


def without_namespaces(root: Element) -> Element:
    """A copy whose names have no namespace, so that a path needs no prefixes."""
    bare = copy.deepcopy(root)
    for item in bare.iter(etree.Element):
        item.tag = local(item)
    return bare


def layers(root: Element) -> Iterator[Element]:
    """The document, and those that it carries as strings, outermost first: SOAP, then what is in its `response`, and so on.

    Escaped text and CDATA are one to a parser. A layer is parsed only when it is asked for: who has found what he looks for
    does not go on, as a text inside may begin with `<` by itself. Raises OutcomeUnknown where a carried string is not XML.
    """
    yield root
    for _ in range(MAX_LAYERS):
        carried = next((text for item in root.iter(etree.Element) if len(item) == 0 and (text := text_of(item)).startswith("<")), None)
        if carried is None:
            return
        root = parse(carried)
        yield root
