"""TIPTOP custom XML (protocol §1): one document per call, created and on request approved and posted by the same call.

The inner `Request` travels as a string: in the SOAP 1.1 envelope of its service (§1.1), or inside the gateway's own envelope
through `invokeSrv` (§1.2). What an answer means is in `custom_answer`.

Where the protocol is silent: fields without a column do not travel, and neither do those that the service does not read
(`custom.unread`), since the ERP would drop them without a word. The line number travels although the known services count for
themselves; a site's own service may read it. Without post, no parameter that asks for it is sent at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from lxml import etree

from importer.fieldtypes import plain
from importer.mapping import Custom
from importer.mapping import Mapping as DocumentType
from importer.models import Payload, Value
from importer.protocols.custom_answer import check_paths, decode, is_answer
from importer.protocols.xml_reading import Element
from importer.protocols.xml_writing import document, element, envelope, qualified
from importer.settings import CustomXml, Profile

__all__ = ["custom_part", "decode", "encode", "encode_question", "is_answer"]

CONTENT_TYPE: Final = "text/xml; charset=UTF-8"
SOAP_NS: Final = "http://schemas.xmlsoap.org/soap/envelope/"
LOCALES: Final[Mapping[str, str]] = {"zh_TW": "zh_tw", "zh_CN": "zh_cn", "en": "en_us"}
"""The names of §1.3; anything else would be English without a word."""

Fields = Mapping[str, Value]


def custom_part(mapping: DocumentType) -> Custom:
    """The mapping's custom section; the caller has made sure that the route needs it and it is there."""
    if mapping.custom is None:
        raise LookupError(f"{mapping.document_type} has no custom channel")
    return mapping.custom


def encode(
    header: Fields,
    lines: Sequence[Fields],
    mapping: DocumentType,
    profile: Profile,
    password: str,
    *,
    post: bool,
    token: str = "",
    now: datetime | None = None,
) -> Payload:
    """The request that creates one document, and with `post` approves and posts it.

    Header and lines are as `documents.complete` gives them, under technical names. `token` and `now` fill placeholders of extra
    parameters. The digest is over service, `post` and document: neither password nor time stamps change it.
    Raises ConfigurationError for a text or a name that XML cannot carry, and for a path that could not read the answer.
    """
    check_paths(profile.custom)
    part, moment = custom_part(mapping), now or datetime.now()
    root = element(None, "Request")
    _access(element(root, "Access"), profile, password)
    content = element(root, "RequestContent")
    _record(element(content, "Parameter"), _parameters(part, profile, token, moment, post=post))
    _document(element(content, "Document"), header, lines, mapping, profile.custom)
    return _payload(root, part.service, profile, moment, _digest(content, part.service, post=post))


def encode_question(
    service: str, parameters: Mapping[str, str], profile: Profile, password: str, *, now: datetime | None = None
) -> Payload:
    """The request of a service that only looks something up (protocol §1.8): parameters and no document."""
    moment = now or datetime.now()
    root = element(None, "Request")
    _access(element(root, "Access"), profile, password)
    content = element(root, "RequestContent")
    extra = {name: _filled(text, profile, "", moment) for name, text in profile.custom.parameters.items()}
    _record(element(content, "Parameter"), {**extra, **parameters})
    element(content, "Document")
    return _payload(root, service, profile, moment, hashlib.sha256(service.encode()).hexdigest())


def _payload(root: Element, service: str, profile: Profile, now: datetime, digest: str) -> Payload:
    """The inner document in what carries it."""
    inner = etree.tostring(root, encoding="unicode")
    if profile.custom.carrier == "invokeSrv":
        body = _soap(_gateway_request(inner, service, profile, now), "invokeSrv", profile.custom)
    else:
        body = _soap(inner, service, profile.custom)
    return Payload(
        url=profile.custom_url,
        headers={"Content-Type": CONTENT_TYPE, "SOAPAction": profile.custom.soap_action, **profile.custom.headers},
        body=body,
        digest=digest,
    )


def _digest(content: Element, service: str, *, post: bool) -> str:
    sent = etree.tostring(content[-1], encoding="UTF-8")  # the Document, without parameters that may be time stamps
    return hashlib.sha256(b"\0".join((service.encode(), b"post" if post else b"create", sent))).hexdigest()


# -- the inner document (§1.3) ---------------------------------------------------------------------------------------


def _access(access: Element, profile: Profile, password: str) -> None:
    """User and password are sent always, even empty, and so are Connection and Locale (§9.1 rule 9)."""
    custom = profile.custom
    element(access, "Authentication", user=profile.user, password=password)
    element(access, "Connection", application=custom.application, source=custom.source)
    element(access, "Organization", name=profile.plant)
    element(access, "Locale", language=custom.locale or LOCALES.get(profile.language, profile.language))
    for name, values in custom.access.items():
        element(access, name, **values)


def _parameters(part: Custom, profile: Profile, token: str, now: datetime, *, post: bool) -> dict[str, str]:
    """The mapping's parameters lie over the profile's; whether to post is decided by the call and by nothing else."""
    asking = profile.custom.post_parameters
    extra = {**profile.custom.parameters, **part.parameters}
    filled = {name: _filled(text, profile, token, now) for name, text in extra.items() if name not in asking}
    return {**(asking if post else {}), **filled}


def _filled(text: str, profile: Profile, token: str, now: datetime) -> str:
    stamp = now.strftime("%Y-%m-%d %H:%M:%S")
    for placeholder, value in (("{token}", token), ("{now}", stamp), ("{user}", profile.user), ("{plant}", profile.plant)):
        text = text.replace(placeholder, value)
    return text


def _document(parent: Element, header: Fields, lines: Sequence[Fields], mapping: DocumentType, custom: CustomXml) -> None:
    """One RecordSet: a Master with its one Record, a Detail with a Record per line."""
    part, columns = custom_part(mapping), _columns(mapping)
    record_set = element(parent, "RecordSet", id="1")
    _record(element(record_set, "Master", name=part.master), _texts(header, columns, custom))
    detail = element(record_set, "Detail", name=part.detail)
    for line in lines:
        _record(detail, _texts(line, columns, custom))


def _columns(mapping: DocumentType) -> dict[str, str]:
    """Technical name -> column, of the fields that the service reads."""
    unread = custom_part(mapping).unread
    return {name: field.column for name, field in mapping.fields.items() if field.column and name not in unread}


def _texts(values: Fields, columns: Mapping[str, str], custom: CustomXml) -> dict[str, str]:
    return {columns[name]: _text(value, custom.date_format) for name, value in values.items() if name in columns}


def _text(value: Value, date_format: str) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return value.strftime(date_format) if isinstance(value, date) else value


def _record(parent: Element, values: Mapping[str, str]) -> None:
    record = element(parent, "Record")
    for name, value in values.items():
        element(record, "Field", name=name, value=value)


# -- what carries it -------------------------------------------------------------------------------------------------


def _gateway_request(inner: str, service: str, profile: Profile, now: datetime) -> str:
    """§1.2: host, service and datakey as on the standard channel (§2.2), the inner document as CDATA, as in the sources."""
    root, payload = envelope(profile, service, now)
    payload.text = etree.CDATA(inner)
    return etree.tostring(root, encoding="unicode")


def _soap(carried: str, service: str, custom: CustomXml) -> bytes:
    """§1.1: document/literal, the document as text of one element, which escapes it once more."""
    root = etree.Element(f"{{{SOAP_NS}}}Envelope", nsmap={"soapenv": SOAP_NS, "tip": custom.namespace})
    element(root, f"{{{SOAP_NS}}}Header")
    body = element(root, f"{{{SOAP_NS}}}Body")
    request = element(body, qualified(custom.namespace, custom.request_element.replace("{service}", service)))
    element(request, qualified(custom.namespace, custom.request_part), carried)
    return document(root)
