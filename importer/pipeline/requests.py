"""The exact requests that a run would begin with, written to files: `check --payloads DIR`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from importer.channel.standard import StandardChannel
from importer.client import Client
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Operation, Payload
from importer.settings import Profile

__all__ = ["write_requests"]

NOWHERE: Final = "http://erp.invalid/"  # stands for an address that is not configured yet
UNSAFE: Final = re.compile(r"[^\w.-]+")


def write_requests(documents: Sequence[Document], folder: Path, *, profile: Profile, mapping: DocumentType, route: str) -> int:
    """One request per document: its body as it would leave, and beside it address and headers. Returns how many.

    The time stamp of the envelope is that of writing; a password is shown as ***.
    """
    addressed = profile.model_copy(update={"standard_url": profile.standard_url or NOWHERE, "custom_url": profile.custom_url or NOWHERE})
    client = Client(addressed)  # never sends
    try:
        encode = _encoder(addressed, mapping, client, route)
        for number, document in enumerate(documents, start=1):
            payload = encode(document)
            suffix = "json" if payload.body.lstrip().startswith(b"{") else "xml"
            name = f"{number:05d}_{UNSAFE.sub('_', document.key)[:40] or 'document'}"
            (folder / f"{name}.{suffix}").write_bytes(payload.body)
            address = {"url": payload.url, "headers": dict(payload.headers)}
            (folder / f"{name}.headers.json").write_text(json.dumps(address, ensure_ascii=False, indent=2), encoding="utf-8")
    finally:
        client.close()
    return len(documents)


def _encoder(profile: Profile, mapping: DocumentType, client: Client, route: str) -> Callable[[Document], Payload]:
    if route == "combined":
        from importer.channel.custom import CustomChannel

        custom = CustomChannel(profile, mapping, client)
        return lambda document: custom.shown_request(document, post=True)
    standard = StandardChannel(profile, mapping, client)
    return lambda document: standard.request(Operation.CREATE, standard.parameter(Operation.CREATE, document))
