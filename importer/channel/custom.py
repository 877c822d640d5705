"""The TIPTOP custom XML channel: one call that creates a document, or creates, approves and posts it (protocol §1)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from importer.channel.calls import Call, Turn, answer_text
from importer.client import Client
from importer.documents import complete
from importer.errors import CallFailed, ConfigurationError, OutcomeUnknown
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Document, Payload
from importer.protocols import custom_xml
from importer.settings import Profile, password_of

__all__ = ["CustomChannel"]

HIDDEN: Final = "***"  # stands for the password in what the ledger keeps


class CustomChannel:
    """The combined service of one document type at one profile."""

    def __init__(self, profile: Profile, mapping: DocumentType, client: Client, *, turn: Turn = nullcontext) -> None:
        if mapping.custom is None:
            raise ConfigurationError(
                N_("{document_type} has no combined service; use the standard route."), document_type=mapping.document_type
            )
        if not profile.custom_url:
            raise ConfigurationError(N_("Profile {profile} has no custom_url."), profile=profile.name)
        self.profile = profile
        self.mapping = mapping
        self._client = client
        self._turn = turn
        self._password = password_of(profile)

    def request(self, document: Document, *, post: bool) -> Payload:
        """The exact request; with `post` the service also approves and posts."""
        return self._encoded(document, self._password, post=post)

    def shown_request(self, document: Document, *, post: bool) -> Payload:
        """The same with the password hidden, for whatever people or files get to see."""
        return self._encoded(document, HIDDEN, post=post)

    def _encoded(self, document: Document, password: str, *, post: bool) -> Payload:
        header, lines = complete(document, self.mapping, {"user": self.profile.user, "plant": self.profile.plant})
        return custom_xml.encode(header, lines, self.mapping, self.profile, password, post=post, token=document.token)

    def write(self, document: Document, *, post: bool, leaving: Callable[[], None] | None = None) -> Call:
        """Create the document, once. Never repeats anything by itself."""
        payload = self.request(document, post=post)
        kept = self.shown_request(document, post=post).body.decode() if self.profile.keep_payloads else ""
        try:
            with self._turn():
                answer = self._client.exchange(payload, is_answer=custom_xml.is_answer, leaving=leaving)
        except CallFailed as failure:
            return Call(failure=failure, payload=payload, kept_payload=kept)
        call = Call(payload=payload, kept_payload=kept, duration_ms=answer.duration_ms, answer=answer_text(answer))
        try:
            reply = custom_xml.decode(answer.headers, answer.body, self.mapping, self.profile, post=post)
        except OutcomeUnknown as failure:
            return Call(failure=failure, payload=payload, kept_payload=kept, duration_ms=answer.duration_ms, answer=call.answer)
        return Call(reply=reply, payload=payload, kept_payload=kept, duration_ms=answer.duration_ms, answer=call.answer)
