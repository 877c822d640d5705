"""A thousand workbooks that are broken in every way: each is answered, none breaks the server."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from site_folder import sound_rows
from web.calling import client_of, hand_in
from web.conftest import Office

EACH = 125
"""Files per kind of damage; eight kinds make a thousand."""


def flipped(content: bytes, dice: random.Random) -> bytes:
    """Some bytes are other ones."""
    broken = bytearray(content)
    for _ in range(dice.choice([1, 3, 30, 300])):
        broken[dice.randrange(len(broken))] = dice.randrange(256)
    return bytes(broken)


def cut(content: bytes, dice: random.Random) -> bytes:
    """It ends early, or begins late."""
    place = dice.randrange(len(content))
    return content[:place] if dice.random() < 0.7 else content[place:]


def doubled(content: bytes, dice: random.Random) -> bytes:
    """A piece stands there twice, or is gone."""
    start, end = sorted(dice.randrange(len(content)) for _ in range(2))
    return content[:end] + content[start:] if dice.random() < 0.5 else content[:start] + content[end:]


def directory(content: bytes, dice: random.Random) -> bytes:
    """The zip's directory lies: sizes, offsets, methods, names."""
    broken = bytearray(content)
    start = content.find(b"PK\x01\x02")
    places = [start + 4 * step for step in range((len(content) - start) // 4 - 1)]
    for _ in range(dice.choice([1, 2, 8])):
        struct.pack_into("<I", broken, dice.choice(places), dice.choice([0, 1, 0xFF, 0xFFFF, 0xFFFFFFFF, dice.randrange(1 << 32)]))
    return bytes(broken)


def _repacked(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return target.getvalue()


def entries(content: bytes, dice: random.Random) -> bytes:
    """Parts are gone, empty, swapped, or called something else."""

    def change(parts: dict[str, bytes]) -> None:
        name, other = dice.choice(sorted(parts)), dice.choice(sorted(parts))
        match dice.randrange(5):
            case 0:
                del parts[name]
            case 1:
                parts[name] = b""
            case 2:
                parts[name], parts[other] = parts[other], parts[name]
            case 3:
                parts[f"../{name}"] = parts.pop(name)
            case _:
                parts[name] = parts[name] * 3

    return _repacked(content, change)


def _xml(content: bytes, dice: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    def both(parts: dict[str, bytes]) -> None:
        name = dice.choice(sorted(name for name in parts if name.endswith((".xml", ".rels"))))
        parts[name] = change(parts[name])

    return _repacked(content, both)


def markup(content: bytes, dice: random.Random) -> bytes:
    """Tags, attributes and numbers are other ones; it may still be XML."""
    words = [b"<c r=", b"<row", b't="s"', b"</v>", b"<v>", b's="', b'r="', b"<si>", b"sheet", b"count=", b"<f>", b"xmlns", b'="1"', b"true"]
    others = [
        b"",
        b"<c r='ZZZ99999999'",
        b"<v>1e999",
        b't="e"',
        b"<f>1/0",
        b'="-1"',
        b'="99999999999999999999"',
        b"\x00",
        b"&#0;",
        b"\xff",
        b"<![CDATA[",
    ]

    def change(part: bytes) -> bytes:
        for _ in range(dice.choice([1, 2, 5])):
            part = part.replace(dice.choice(words), dice.choice(others), dice.choice([1, 3, -1]))
        return part

    return _xml(content, dice, change)


def entities(content: bytes, dice: random.Random) -> bytes:
    """Declared entities that grow, that read files, that ask other servers; other encodings."""
    heads = [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (n, *[n - 1] * 4) for n in range(98, 115))
        + b"]>",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>',
        b'<?xml version="1.0" encoding="utf-16"?>',
        b'<?xml version="1.0" encoding="no-such"?>',
        b"\xff\xfe",
    ]

    def change(part: bytes) -> bytes:
        body = part.split(b"?>", 1)[-1] if part.startswith(b"<?xml") else part
        return dice.choice(heads) + body.replace(b"<v>", b"<v>&a;" if dice.random() < 0.5 else b"<v>&r;").replace(b"<t>", b"<t>&a;")

    return _xml(content, dice, change)


def other_kinds(content: bytes, dice: random.Random) -> bytes:
    """Something else altogether, behind a known beginning or none."""
    heads = [
        b"PK\x03\x04",
        b"PK\x05\x06" + bytes(18),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-1.7\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"<html>",
        b"\x1f\x8b",
        b"",
    ]
    body = dice.choice(
        [dice.randbytes(dice.randrange(4000)), b",".join([b"doc_key", b"item_no"] * 40) + b"\n" + b"\x00,1\n" * 50, b"\t" * 3000]
    )
    return dice.choice(heads) + body


DAMAGE = {what.__name__: what for what in (flipped, cut, doubled, directory, entries, markup, entities, other_kinds)}
NAMES = ("a.xlsx", "a.xlsx", "a.xlsx", "a.xlsm", "a.xls", "a.xlsb", "a.ods", "a.csv", "a.txt", "a", "領料.xlsx")


@pytest.fixture(scope="module")
def caller(shared_office: Office) -> httpx.Client:
    """Hands everything in."""
    with client_of(shared_office, "all") as client:
        yield client


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_broken_file_is_a_finding_not_a_fault(shared_office: Office, caller: httpx.Client, kind: str) -> None:
    """Each file is taken and judged, or refused with a sentence; no 500, no file read that is not its own, and the server lives."""
    content, answers = shared_office.site.workbook(sound_rows(documents=2, lines=1)).read_bytes(), Counter[int]()
    for number in range(EACH):
        dice = random.Random(f"{kind} {number}")
        broken = DAMAGE[kind](content, dice)
        answer = hand_in(caller, broken, dice.choice(NAMES) if kind == "other_kinds" else "a.xlsx")
        answers[answer.status_code] += 1
        assert answer.status_code in (201, 409), (kind, number, answer.text)
        if answer.status_code == 201 and number % 10 == 0:
            for part in ("findings", "preview", "results"):
                found = caller.get(f"/uploads/{answer.json()['id']}/{part}")
                assert found.status_code == 200, (kind, number, part, found.text)
                assert b"root:x:0" not in found.content
    assert sum(answers.values()) == EACH
    assert hand_in(caller, content).json()["errors"] == 0
