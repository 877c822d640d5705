"""JSON to an address, in the shape that a tool takes. The shapes are data; a site's own is `custom`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

from importer.errors import NotDelivered
from importer.messages import N_, translate
from importer.notify.digest import Digest
from importer.notify.wording import cut, subject, text
from importer.settings import secret_of
from importer.unattended import Webhook

__all__ = ["SHAPES", "body_of", "send_webhook"]

ANSWER_BYTES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a tool takes."""

    body: Mapping[str, Any]  # JSON; {title}, {text} and {to} in its texts are filled in
    max_length: int = 0  # characters of {text}
    url: str = ""  # where the tool has one address for all
    ok: Mapping[str, object] = field(default_factory=dict)  # members of the answer that mean yes, where HTTP 200 does not


SHAPES: Final[Mapping[str, Shape]] = {
    "slack": Shape(body={"text": "{title}\n{text}"}, max_length=3_000),
    "mattermost": Shape(body={"text": "**{title}**\n{text}"}, max_length=12_000),
    "teams": Shape(
        body={
            "type": "message",
            "attachments": [
                {
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [
                            {"type": "TextBlock", "size": "Medium", "weight": "Bolder", "wrap": True, "text": "{title}"},
                            {"type": "TextBlock", "wrap": True, "text": "{text}"},
                        ],
                    },
                }
            ],
        },
        max_length=12_000,
    ),
    "dingtalk": Shape(body={"msgtype": "text", "text": {"content": "{title}\n{text}"}}, max_length=5_000, ok={"errcode": 0}),
    "wecom": Shape(body={"msgtype": "text", "text": {"content": "{title}\n{text}"}}, max_length=600, ok={"errcode": 0}),  # 2048 bytes
    "feishu": Shape(body={"msg_type": "text", "content": {"text": "{title}\n{text}"}}, max_length=6_000, ok={"code": 0}),
    "line": Shape(
        body={"to": "{to}", "messages": [{"type": "text", "text": "{title}\n{text}"}]},
        max_length=4_500,
        url="https://api.line.me/v2/bot/message/push",
    ),
    "custom": Shape(body={}),
    "generic": Shape(body={}),
}


def body_of(digest: Digest, hook: Webhook, *, language: str, link: str) -> dict[str, Any]:
    """What is sent, before any signature."""
    title, words = subject(digest, language), text(digest, language, link)
    if hook.shape == "generic":
        return _generic(digest, language, title, words)
    shape = SHAPES[hook.shape]
    words = cut(words, hook.max_length or shape.max_length, language)
    filled: dict[str, Any] = _filled(hook.body if hook.shape == "custom" else shape.body, {"title": title, "text": words, "to": hook.to})
    return filled


def _generic(digest: Digest, language: str, title: str, words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(digest.dump())
    notices = [{"text": translate(notice.text, language, **notice.values), "values": dict(notice.values)} for notice in digest.notices]
    return {
        "source": "tiptop-importer",
        "title": title,
        "text": words,
        "folder": found["folder"],
        "at": found["at"],
        "counts": {name: digest.count(name) for name in ("done", "tofix", "failed")},
        "files": found["items"],
        "notices": notices,
    }


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(some, words) for key, some in value.items()}
    if isinstance(value, list):
        return [_filled(some, words) for some in value]
    if isinstance(value, str):
        for name, word in words.items():
            value = value.replace("{" + name + "}", word) if name != "text" else value
        return value.replace("{text}", words["text"])  # last: what is in it is not looked through
    return value


def send_webhook(name: str, digest: Digest, hook: Webhook, *, language: str, link: str) -> None:
    """Call the address. Raises NotDelivered; the address itself, which may be a secret, is in no message."""
    url = _url(name, hook)
    body = body_of(digest, hook, language=language, link=link)
    url, body = _signed(url, body, hook, secret_of(hook.signing_secret, hook.signing_secret_file, f"notify/{name}/signing_secret"))
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "tiptop-importer", **hook.headers}
    if token := secret_of(hook.token, hook.token_file, f"notify/{name}/token"):
        headers["Authorization"] = f"Bearer {token}"
    answer = _exchange(name, urllib.request.Request(url, json.dumps(body).encode(), headers), hook)  # noqa: S310 - http(s) is proven
    _accepted(name, answer, SHAPES[hook.shape].ok)


def _url(name: str, hook: Webhook) -> str:
    url = hook.url or secret_of(None, hook.url_file, f"notify/{name}").strip() or SHAPES[hook.shape].url
    if urlsplit(url).scheme not in ("http", "https"):
        raise NotDelivered(N_("Webhook {name} has no address that begins with http:// or https://."), name=name)
    return url


def _signed(url: str, body: dict[str, Any], hook: Webhook, secret: str) -> tuple[str, dict[str, Any]]:
    if not secret:
        return url, body
    if hook.shape == "dingtalk":
        now = str(round(time.time() * 1000))
        sign = _hmac(secret, f"{now}\n{secret}")
        return f"{url}{'&' if '?' in url else '?'}timestamp={now}&sign={quote_plus(sign)}", body
    if hook.shape == "feishu":
        now = str(round(time.time()))
        return url, {"timestamp": now, "sign": _hmac(f"{now}\n{secret}", ""), **body}
    return url, body


def _hmac(key: str, text_: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text_.encode(), hashlib.sha256).digest()).decode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A call that is sent on would arrive without its body and still look well."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _exchange(name: str, request: urllib.request.Request, hook: Webhook) -> bytes:
    try:
        context = ssl.create_default_context()
        if hook.ca_file:
            context.load_verify_locations(hook.ca_file)
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirect())
        with opener.open(request, timeout=hook.timeout_s) as answer:
            read: bytes = answer.read(ANSWER_BYTES)
            return read
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(200).decode(errors="replace")
        raise NotDelivered(N_("Webhook {name} was not taken: {reason}"), name=name, reason=f"HTTP {error.code} {said}".strip()) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise NotDelivered(N_("Webhook {name} was not taken: {reason}"), name=name, reason=str(reason) or type(error).__name__) from None


def _accepted(name: str, answer: bytes, ok: Mapping[str, object]) -> None:
    """Some tools answer HTTP 200 and say no inside."""
    try:
        found = json.loads(answer) if ok else {}
    except ValueError:
        found = {}
    if any(found.get(key, wanted) != wanted for key, wanted in ok.items()) if isinstance(found, dict) else False:
        said = answer[:200].decode(errors="replace")
        raise NotDelivered(N_("Webhook {name} was not taken: {reason}"), name=name, reason=said)
