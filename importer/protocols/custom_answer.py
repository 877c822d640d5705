"""What an answer of the custom channel means (protocol §1.4, §1.5).

| code | number | meaning |
|------|--------|---------|
| 0    | there  | created, and posted if that was asked for |
| 0    | none   | contradicts itself: unknown |
| else | there  | created and not posted; what became of it then is the mapping's `on_post_failure`; never to be created again |
| else | none   | nothing was created; with the texts of §1.3 the service did not even start |

Decided where the protocol is silent: a SOAP fault is an unknown outcome. Only the fault codes of `not_executed_faults` prove that
nothing ran, by default those that SOAP 1.1 raises before a message is looked at (VersionMismatch, MustUnderstand); a site that
knows its gateway may add Client, which a wrong service name gives. An answer without `Execution` is an unknown outcome, whatever
else it says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from importer.errors import ConfigurationError, OutcomeUnknown
from importer.mapping import Custom
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Refusal, Reply, Stage
from importer.protocols.answers import RAN, message_code
from importer.protocols.xml_reading import Element, child, first, layers, parse, text_of, without_namespaces
from importer.settings import CustomXml, Profile

__all__ = ["check_paths", "decode", "is_answer"]

LEFT_AT: Final[Mapping[str, Stage | None]] = {"keep": Stage.CREATED, "deleted": Stage.DELETED, "unknown": None}
"""Where a document stands after a failed post, by the mapping's `on_post_failure`."""


def is_answer(body: bytes) -> bool:
    """Whether a body is an answer of the ERP itself; a SOAP fault is one of the layer before it."""
    try:
        return any(first(layer, name) is not None for layer in layers(parse(body)) for name in ("Execution", "srvcode"))
    except OutcomeUnknown:
        return False


def decode(headers: Mapping[str, str], body: bytes, mapping: DocumentType, profile: Profile, *, post: bool = True) -> Reply:
    """The ERP's reply to a request that asked for `post` or not.

    Raises OutcomeUnknown where the body is no answer that can be trusted.
    """
    del headers  # the custom channel says nothing in them
    part = mapping.custom
    if part is None:
        raise LookupError(f"{mapping.document_type} has no custom channel")
    for layer in layers(parse(body)):
        if (fault := first(layer, "Fault")) is not None:
            return _fault(fault, profile.custom)
        srvcode = text_of(first(layer, "srvcode"))
        if srvcode not in ("", RAN):
            return _did_not_run(srvcode, layer, profile)
        execution = first(layer, "Execution")
        if execution is not None:
            return _judged(execution, layer, part, profile.custom, post=post)
    raise OutcomeUnknown(N_("The answer is not of the form that the ERP's interface uses."))


def _judged(execution: Element, layer: Element, part: Custom, custom: CustomXml, *, post: bool) -> Reply:
    status = child(execution, "Status")
    values = {} if status is None else {etree.QName(name).localname: value.strip() for name, value in status.attrib.items()}
    code, text = str(values.get("code", "")), str(values.get("description", ""))
    number = _number(layer, part.number, custom)
    if not code or (code in custom.success_codes and not number):
        raise OutcomeUnknown(
            N_("The ERP's answer contradicts itself: code {code}, number {number}."), code=code or "?", number=number or "?"
        )
    if code in custom.success_codes:
        return Reply(accepted=True, code=code, message=text, doc_no=number, stage=Stage.POSTED if post else Stage.CREATED)
    if not number and _before_service(text, custom):
        return Reply(accepted=False, executed=False, code=code, message=text)
    refusal = Refusal(code=_code(code, str(values.get("sqlcode", "")), text), message=text)
    stage = _left_at(part, post=post) if number else None
    return Reply(accepted=False, code=refusal.code or code, message=text, refusals=(refusal,), doc_no=number, stage=stage)


def _left_at(part: Custom, *, post: bool) -> Stage | None:
    """What is deleted after a failed post cannot be told where no post was asked for."""
    return LEFT_AT[part.on_post_failure] if post or part.on_post_failure == "keep" else None


def _before_service(text: str, custom: CustomXml) -> bool:
    return any(known.casefold() in text.casefold() for known in custom.not_executed_texts)


def _code(code: str, sqlcode: str, text: str) -> str:
    """The code that a person can look up: the ERP's own, else the SQL code, else the one that a free text begins with."""
    if code != "-1":
        return code
    return sqlcode if sqlcode not in ("", "0", "-1") else message_code(text)


def _number(layer: Element, name: str, custom: CustomXml) -> str:
    root = first(layer, "Response")
    if root is None:
        root = layer
    plain = without_namespaces(root)
    found = (str(item).strip() for path in custom.number_paths for item in _xpath(path, plain, name))
    return next((number for number in found if number), "")


def _xpath(path: str, root: Element, name: str) -> list[str]:
    found: Any = _compiled(path)(root, number=name)
    items = found if isinstance(found, list) else [found]
    return [text_of(item) if isinstance(item, etree._Element) else str(item) for item in items]


def check_paths(custom: CustomXml) -> None:
    """Try the paths before anything is sent, as an answer that cannot be read comes too late. Raises ConfigurationError."""
    for path in custom.number_paths:
        try:
            _xpath(path, etree.Element("Response"), "")
        except etree.XPathError as error:
            raise ConfigurationError(N_("number_paths: {path} is no XPath: {reason}"), path=path, reason=str(error)) from None


@lru_cache(maxsize=32)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path)


# -- before the service ----------------------------------------------------------------------------------------------


def _fault(fault: Element, custom: CustomXml) -> Reply:
    """faultcode and faultstring of SOAP 1.1, Code and Reason of SOAP 1.2."""
    code = text_of(first(fault, "faultcode")) or text_of(first(fault, "Value"))
    text = text_of(first(fault, "faultstring")) or text_of(first(fault, "Text"))
    kind = code.rpartition(":")[2]
    if kind not in custom.not_executed_faults:
        raise OutcomeUnknown(
            N_("The ERP answers with a SOAP fault, which does not tell whether it acted: {code} {text}"), code=kind, text=text
        )
    return Reply(accepted=False, executed=False, code=kind, message=text)


def _did_not_run(srvcode: str, layer: Element, profile: Profile) -> Reply:
    """The gateway's word counts only where it does not carry an answer of the service nevertheless."""
    text = _words(layer)
    answered = any(text_of(item).startswith("<") or etree.QName(item).localname == "Execution" for item in layer.iter(etree.Element))
    if srvcode not in profile.not_executed_srvcodes or answered:
        raise OutcomeUnknown(N_("The ERP's gateway answers srvcode {code} {text}"), code=srvcode, text=text)
    return Reply(accepted=False, executed=False, code=srvcode, message=text)


def _words(layer: Element) -> str:
    """Whatever the gateway says beside its version and code; no source shows where the text of srvcode 100 stands."""
    said = [text_of(item) for item in layer.iter(etree.Element) if etree.QName(item).localname not in ("srvver", "srvcode")]
    return re.sub(r"\s+", " ", " ".join(text for text in said if text))[:200]
