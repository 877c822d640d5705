"""Small parts as trees: parsed without entities, DTD or network; prefixes are kept, Excel depends on them (mc:Ignorable)."""

from __future__ import annotations

from lxml import etree

from importer.workbook.patch.values import UnpatchableWorkbook

Element = etree._Element


def parse(data: bytes, part: str) -> Element:
    """The root element. Raises UnpatchableWorkbook if the part is not well-formed or has a DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnpatchableWorkbook("part {part} is damaged", part=part) from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs forget it
        raise UnpatchableWorkbook("part {part} is damaged", part=part)
    return root


def dump(root: Element) -> bytes:
    """The tree as UTF-8 with a declaration as Excel writes it."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def namespace(root: Element) -> str:
    """The namespace URI of an element, "" if it has none."""
    return etree.QName(root).namespace or ""


def local(element: Element) -> str:
    """The name without namespace; "" for comments and processing instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: Element | None, name: str) -> list[Element]:
    """Direct children of that local name."""
    return [] if element is None else [child for child in element if local(child) == name]


def child(element: Element | None, name: str) -> Element | None:
    """The first direct child of that local name."""
    found = children(element, name)
    return found[0] if found else None


def add(parent: Element, name: str, /, **attributes: str) -> Element:
    """A new last child in the parent's namespace."""
    return etree.SubElement(parent, f"{{{namespace(parent)}}}{name}", attributes)


def make(like: Element, name: str, /, **attributes: str) -> Element:
    """A new element outside any tree, in the namespace of `like`."""
    return etree.Element(f"{{{namespace(like)}}}{name}", attributes, nsmap=like.nsmap)  # type: ignore[arg-type]  # the stubs forget the default namespace


def add_in_order(parent: Element, name: str, order: tuple[str, ...]) -> Element:
    """A new child put where `order` (local names, as the schema's sequence) wants it."""
    element = add(parent, name)
    before = set(order[: order.index(name)])
    position = max((index + 1 for index, other in enumerate(parent) if local(other) in before), default=0)
    parent.insert(position, element)
    return element


def discard(element: Element) -> None:
    """Take an element out of its tree."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
