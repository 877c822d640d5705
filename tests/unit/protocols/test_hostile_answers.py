"""No answer, however hostile, hangs a lane, reads a file or passes for a result."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from importer.errors import ConfigurationError, OutcomeUnknown
from importer.mapping import load_mappings
from importer.models import Operation
from importer.protocols import custom_xml, standard_json, standard_xml
from importer.settings import CustomXml, Profile

ISSUE = load_mappings()["misc_issue"]
PROFILE = Profile()
LAUGHS = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
ANSWER = """<Response><Execution><Status code="0"/></Execution><ResponseContent><Parameter><Record>
<Field name="ina01" value="I01-24010007"/></Record></Parameter><Document>{}</Document></ResponseContent></Response>"""


def standard(body: bytes) -> object:
    assert ISSUE.standard
    return standard_xml.decode(Operation.CREATE, {}, body, ISSUE.standard, PROFILE)


def custom(body: bytes) -> object:
    return custom_xml.decode({}, body, ISSUE, PROFILE)


HOSTILE = {
    "laughs": f"<!DOCTYPE a [{LAUGHS}]>{ANSWER.format('&l11;')}".encode(),
    "laughs in an attribute": f'<!DOCTYPE a [{LAUGHS}]><Response a="&l11;"/>'.encode(),
    "laughs in UTF-16": f"<!DOCTYPE a [{LAUGHS}]>{ANSWER.format('&l11;')}".encode("utf-16"),
    "laughs inside the string": f"<r><![CDATA[<!DOCTYPE a [{LAUGHS}]>{ANSWER.format('&l11;')}]]></r>".encode(),
    "external entity": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{{secret}}">]>{ANSWER.format("&x;")}'.encode(),
    "parameter entity": f'<!DOCTYPE a [<!ENTITY % x SYSTEM "{{secret}}"> %x;]>{ANSWER.format("")}'.encode(),
    "external document type": f'<!DOCTYPE a SYSTEM "{{secret}}">{ANSWER.format("")}'.encode(),
    "harmless document type": f"<!DOCTYPE a>{ANSWER.format('')}".encode(),
    "no end of nesting": b"<a>" * 200_000,
    "no end of layers": b"<a><![CDATA[<a><b/></a>]]></a>",
    "one endless text": ANSWER.format("x" * 11_000_000).encode(),
    "an unknown entity": b"<a>&nbsp;</a>",
    "an unknown encoding": b'<?xml version="1.0" encoding="nonsense"?><a/>',
    "a lone surrogate": b"<a>&#xD800;</a>",
    "noise": bytes(range(256)),
}


def test_the_same_answer_without_hostility_is_one() -> None:
    """What follows is refused for its hostility alone."""
    assert custom(ANSWER.format("ha").encode())


@pytest.mark.parametrize("decode", [standard, custom])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_an_unknown_outcome_at_once(name: str, decode: Callable[[bytes], object], tmp_path: Path) -> None:
    """It is told in one sentence, quickly, and no file of this machine shows in it."""
    secret = tmp_path / "secret.dtd"
    secret.write_text("TOP-SECRET")
    body = HOSTILE[name].replace(b"{secret}", secret.as_uri().encode())
    started = time.process_time()
    with pytest.raises(OutcomeUnknown) as caught:
        decode(body)
    assert time.process_time() - started < 5
    assert "TOP-SECRET" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_document_type_is_what_is_named() -> None:
    """The message says what was wrong with the answer, not that XML failed."""
    with pytest.raises(OutcomeUnknown, match="document type declaration"):
        custom(HOSTILE["external entity"])


@pytest.mark.parametrize("body", [b"[" * 300_000, b'{"a":' * 300_000])
def test_json_nested_without_end_is_an_unknown_outcome(body: bytes) -> None:
    """Nesting without end does no harm in JSON either."""
    assert ISSUE.standard
    with pytest.raises(OutcomeUnknown, match="not JSON"):
        standard_json.decode(Operation.CREATE, {}, body, ISSUE.standard, PROFILE)


@pytest.mark.parametrize("path", ["//[", "nothing()", "$other"])
def test_a_path_that_could_not_read_the_answer_stops_before_anything_is_sent(path: str) -> None:
    """The setting is named while there is still nothing to lose."""
    with pytest.raises(ConfigurationError) as caught:
        custom_xml.encode({}, [], ISSUE, Profile(custom=CustomXml(number_paths=(path,))), "", post=True)
    assert str(caught.value).startswith(f"number_paths: {path} is no XPath")
