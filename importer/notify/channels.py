"""The channels that the configuration names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from importer.notify.digest import Digest
from importer.notify.mail import send_mail
from importer.notify.webhook import send_webhook
from importer.settings import Settings

__all__ = ["Deliver", "channels"]

Deliver = Callable[[Digest], None]
"""Sends one message; raises NotDelivered, or ConfigurationError where a secret cannot be read."""


def channels(settings: Settings, *, language: str, email_to: Sequence[str] = ()) -> Mapping[str, Deliver]:
    """By name: `email`, and `webhook:NAME` for each webhook."""
    notify, base = settings.notify, settings.base_folder
    spoken, link = notify.language or language, notify.link
    found: dict[str, Deliver] = {}
    to = email_to or notify.email.to
    if notify.email.host and to:
        email = notify.email.model_copy(update=_absolute(notify.email, base, "ca_file", "password_file"))
        found["email"] = partial(send_mail, email=email, to=to, language=spoken, link=link)
    for name, hook in notify.webhooks.items():
        files = _absolute(hook, base, "ca_file", "url_file", "token_file", "signing_secret_file")
        found[f"webhook:{name}"] = partial(send_webhook, name, hook=hook.model_copy(update=files), language=spoken, link=link)
    return found


def _absolute(part: object, base: Path, *names: str) -> dict[str, Path]:
    return {name: base / path for name in names if (path := getattr(part, name))}
