"""What people read: the trouble first, cut to what a tool takes, in the tool's shape; an error tells no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from receiver import Receiver, receiving

from importer.errors import NotDelivered
from importer.messages import LANGUAGES
from importer.notify.digest import Digest, Item, Notice
from importer.notify.mail import message_of
from importer.notify.webhook import SHAPES, body_of, send_webhook
from importer.notify.wording import cut, joined, subject, text
from importer.unattended import Email, Webhook


def digest(count: int = 3) -> Digest:
    ends = ("done", "tofix", "failed")
    items = [
        Item(
            file=f"{number:04d}.xlsx",
            outcome=ends[number % 3],
            path=f"{ends[number % 3]}/d/{number:04d}.xlsx",
            stages={"posted": 2},
            message="why\nmore",
        )
        for number in range(count)
    ]
    notice = Notice(text="{folder} cannot be read or written: {reason}", values={"folder": "/x", "reason": "gone"})
    return Digest(folder="/srv/in", at=datetime(2026, 1, 31, tzinfo=UTC), items=items, notices=[notice])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_a_digest_survives_the_ledger() -> None:
    """Also with a file name that is no text."""
    found = Digest(folder="/srv/in", at=datetime.now(UTC), items=[Item(file="\udce4.xlsx", outcome="done", path="done/\udce4.xlsx")])
    assert Digest.load(found.dump()).dump() == found.dump()
    text(found, "en").encode()
    subject(found, "en").encode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_trouble_comes_first(language: str) -> None:
    """Notices, then failed, to fix, done; counts in the subject."""
    words = text(digest(), language)
    assert words.startswith("!")
    assert words.index("0002.xlsx") < words.index("0001.xlsx") < words.index("0000.xlsx")
    assert "more" not in words.partition("0002.xlsx")[2].partition("\n-")[0]  # one line of the reason is enough
    assert subject(digest(), language).count("1") == 3


def test_a_long_list_is_cut() -> None:
    """A hundred files are named, the others counted."""
    words = text(digest(250), "en")
    assert "... and 150 more files" in words
    assert len(words.splitlines()) < 400


def test_a_text_is_cut_at_a_line() -> None:
    """No tool refuses it for its length."""
    words = text(digest(250), "en")
    short = cut(words, 500, "en")
    assert len(short) <= 500
    assert short.endswith("the rest is in the watched folder")
    assert cut(words, 0, "en") == words


@pytest.mark.parametrize(
    ("link", "found"), [("\\\\nas\\in", "\\\\nas\\in\\a\\b"), ("https://x/in/", "https://x/in/a/b"), ("D:\\in\\", "D:\\in\\a\\b")]
)
def test_paths_as_people_reach_them(link: str, found: str) -> None:
    """A share, a web address, a drive."""
    assert joined(link, "a/b") == found


@pytest.mark.parametrize("shape", sorted(set(SHAPES) - {"custom", "generic"}))
def test_every_shape_carries_title_and_text(shape: str) -> None:
    """Nothing of it is left unfilled, and it is short enough."""
    hook = Webhook(shape=shape, to="G1")  # type: ignore[arg-type]
    body = json.dumps(body_of(digest(2000), hook, language="en", link=""), ensure_ascii=False)
    assert "Import /srv/in" in body
    assert "0002.xlsx" in body
    assert "{" + "text}" not in body
    assert "{title}" not in body
    assert len(body) < SHAPES[shape].max_length * 1.3 + 600


def test_a_sites_own_shape(receiver: Receiver) -> None:
    """Whatever JSON it wants, with a bearer token; what stands in a text is not looked through again."""
    hook = Webhook(shape="custom", url=receiver.url, body={"a": [{"b": "{title} {to}"}, "{text}", 7]}, to="{text}", token="T")  # type: ignore[arg-type]
    send_webhook("own", digest(1), hook, language="en", link="")
    [body] = receiver.bodies
    assert body["a"][2] == 7
    assert "0000.xlsx" in body["a"][1]
    assert receiver.requests[0][1]["Authorization"] == "Bearer T"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
def test_anything_but_yes_is_no(receiver: Receiver, status: int) -> None:
    """A call that is sent on elsewhere, too; and the error does not give the address away."""
    receiver.status = status
    with pytest.raises(NotDelivered, match=f"ops was not taken: HTTP {status}") as told:
        send_webhook("ops", digest(), Webhook(url=receiver.url), language="en", link="")
    assert receiver.url not in str(told.value)


@pytest.mark.parametrize(("shape", "answer"), [("wecom", b'{"errcode": 93000}'), ("feishu", b'{"code": 19021, "msg": "sign"}')])
def test_a_no_inside_a_yes(receiver: Receiver, shape: str, answer: bytes, tmp_path: Path) -> None:
    """Some tools answer HTTP 200 and refuse in the body; the signature is in the body where the tool wants it there."""
    address = tmp_path / "url"
    address.write_text(receiver.url)
    address.chmod(0o600)
    receiver.answer = answer
    hook = Webhook(shape=shape, url_file=address, signing_secret="S")  # type: ignore[arg-type]
    with pytest.raises(NotDelivered, match="not taken"):
        send_webhook("room", digest(), hook, language="en", link="")
    assert ("sign" in receiver.bodies[0]) is (shape == "feishu")


def test_nobody_there_and_no_address() -> None:
    """Both are told, neither is a fault."""
    with pytest.raises(NotDelivered, match="not taken"):
        send_webhook("x", digest(), Webhook(url="http://127.0.0.1:9/x"), language="en", link="")
    with pytest.raises(NotDelivered, match="no address"):
        send_webhook("x", digest(), Webhook(), language="en", link="")


def test_a_name_with_a_line_break_is_no_header(tmp_path: Path) -> None:
    """A hostile file name cannot write the mail's head, and results that are gone are only named."""
    (tmp_path / "done").mkdir()
    evil = "a\r\nBcc: all@example.com\r\n.xlsx"
    (tmp_path / "done" / "r.xlsx").write_bytes(b"x")
    item = Item(file=evil, outcome="done", path="done/a", results=["done/r.xlsx", "done/gone.xlsx"])
    found = Digest(folder=str(tmp_path), at=datetime.now(UTC), items=[item])
    email = Email(host="h", sender="importer@example.com")
    message = message_of(found, email, ["a@example.com"], language="en", link="")
    assert message["Bcc"] is None
    assert "\nBcc:" not in message.as_string()
    assert [part.get_filename() for part in message.iter_attachments()] == ["r.xlsx"]
