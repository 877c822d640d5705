"""Sign-in through OpenID Connect with Authlib: code flow with PKCE, state and nonce. Authlib is known here only."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import Request, Response
from joserfc.errors import JoseError

from importer.errors import ConfigurationError, NotAllowed
from importer.messages import N_
from importer.settings import Oidc
from importer.web.identities import Identity

__all__ = ["Provider"]

LOG: Final = logging.getLogger(__name__)
SIGNED: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")  # by keys that are published
LEEWAY_S: Final = 30  # clocks differ
TIMEOUT_S: Final = 10
LONGEST: Final = 100  # signs of a name
FAILURES: Final = (AuthlibBaseError, JoseError, httpx.HTTPError, httpx.InvalidURL, RuntimeError, ValueError, KeyError, TypeError)
"""What a provider that is away, or that answers nonsense or something forged, comes out of Authlib as."""


class Provider:
    """The one that the configuration names."""

    def __init__(self, settings: Oidc) -> None:
        address = urlsplit(settings.issuer)
        if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ConfigurationError(N_("web.oidc.issuer: {issuer} has to be an https address."), issuer=settings.issuer)
        self._settings = settings
        secret = settings.client_secret.get_secret_value() if settings.client_secret else None
        scopes = " ".join(dict.fromkeys(["openid", *settings.scopes.split()]))
        ways = {} if secret else {"token_endpoint_auth_method": "none"}
        self._client = OAuth().register(
            "oidc",
            server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_id=settings.client_id,
            client_secret=secret,
            client_kwargs={"scope": scopes, "code_challenge_method": "S256", "timeout": TIMEOUT_S, **ways},
        )

    async def send_there(self, request: Request, back: str) -> Response:
        """To the provider's page. Raises NotAllowed when it cannot be reached."""
        try:
            await self._metadata()
            answer: Response = await self._client.authorize_redirect(request, back)
        except FAILURES as error:
            raise _refused(error) from None
        return answer

    async def come_back(self, request: Request) -> Identity:
        """Who it is. Raises NotAllowed unless everything about the answer is right."""
        try:
            metadata = await self._metadata()
            claims = {"iss": {"essential": True, "value": metadata["issuer"]}, "sub": {"essential": True}}
            token = await self._client.authorize_access_token(request, claims_options=claims, leeway=LEEWAY_S)
            found: dict[str, Any] = token["userinfo"]
            subject = str(found["sub"])
        except FAILURES as error:
            raise _refused(error) from None
        wanted = str(found.get(self._settings.name_claim) or found.get("email") or subject)
        name = "".join(sign for sign in wanted if sign.isprintable()).strip()[:LONGEST]
        return Identity(subject=f"{metadata['issuer']} {subject}", name=name if name not in ("", "-") else "user")

    async def _metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = await self._client.load_server_metadata()
        if str(metadata.get("issuer", "")).rstrip("/") != self._settings.issuer.rstrip("/"):
            raise ValueError("the provider calls itself by another name")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in SIGNED]
        return metadata


def _refused(error: Exception) -> NotAllowed:
    LOG.warning("OpenID Connect: %s: %s", type(error).__name__, error)
    return NotAllowed(N_("The sign-in server did not confirm who you are. Try again; if it stays like this, tell your administrator."))
