"""Writing XML with a library, never by concatenation (protocol §1.1), and the gateway's envelope in XML (§2.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from lxml import etree

from importer.errors import ConfigurationError
from importer.messages import N_
from importer.protocols import digi
from importer.protocols.xml_reading import Element
from importer.settings import Profile

__all__ = ["attributes", "document", "element", "envelope", "qualified"]

_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, not even as a reference."""


def element(parent: Element | None, name: str, text: str = "", /, **values: str) -> Element:
    """A new element below `parent`. Raises ConfigurationError for a name or a text that XML cannot carry."""
    try:
        made = etree.Element(name) if parent is None else etree.SubElement(parent, name)
    except ValueError:
        raise ConfigurationError(N_("{name} cannot be the name of an XML element."), name=name) from None
    attributes(made, values)
    if text:
        made.text = _carried(text, values.get("name") or name)
    return made


def attributes(made: Element, values: Mapping[str, str]) -> None:
    """Set attributes. Raises ConfigurationError for a name or a text that XML cannot carry."""
    for name, value in values.items():
        text = _carried(value, values.get("name") or name)
        try:
            made.set(name, text)
        except ValueError:
            raise ConfigurationError(N_("{name} cannot be the name of an XML attribute."), name=name) from None


def _carried(text: str, name: str) -> str:
    """The text itself, which the message does not show: it may be a password."""
    found = _ILLEGAL.search(text)
    if found:
        raise ConfigurationError(
            N_("{name}: XML cannot carry character {position} of its text, U+{number}. Remove it."),
            name=name,
            position=found.start() + 1,
            number=f"{ord(found[0]):04X}",
        )
    return text


def qualified(namespace: str, name: str) -> str:
    """A name in a namespace, as the library spells it."""
    return f"{{{namespace}}}{name}" if namespace else name


def document(root: Element) -> bytes:
    """The bytes of a whole document, in UTF-8 with a declaration."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def envelope(profile: Profile, service: str, now: datetime) -> tuple[Element, Element]:
    """`request` with host, service and datakey filled in, and its empty `payload`.

    The key is taken over the two elements exactly as `document` will write them (§9.1 rule 4); salt and hex case are those
    of the JSON form.
    """
    root = element(None, "request", type=profile.digi.type)
    host = element(root, "host", **digi.host(profile, now))
    target = element(root, "service", **digi.target(profile, service))
    if profile.digi.key:
        root.set("key", digi.key_of(_as_sent(host) + _as_sent(target), profile))
    datakey = element(root, "datakey", type=profile.digi.datakey_type)
    for name, value in digi.datakey(profile).items():
        element(datakey, "key", value, name=name)
    return root, element(root, "payload")


def _as_sent(part: Element) -> str:
    return etree.tostring(part, encoding="UTF-8", xml_declaration=False).decode()
