"""A small OpenID Connect provider over real HTTP, which signs with RS256; and everything that one could do wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "importer", "between you and me"


def _change(claims: dict[str, Any]) -> dict[str, Any]:
    return claims


@dataclass
class OpenId:
    """Whoever comes is `subject`; `change` makes of the claims what is signed."""

    subject: str = "4711"
    name: str = "mei"
    change: Callable[[dict[str, Any]], dict[str, Any]] = _change
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    signing: RSAKey | None = None  # another key than the published one
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "first"})
    without_id_token: bool = False
    issuer_told: str = ""
    algorithms: tuple[str, ...] = ("RS256",)
    asked: list[dict[str, str]] = field(default_factory=list)  # parameters of authorization requests
    refused: list[str] = field(default_factory=list)  # why the token endpoint said no
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._token(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        address = urlsplit(request.path)
        if address.path == "/.well-known/openid-configuration":
            _send(request, self._metadata())
        elif address.path == "/keys":
            _send(request, {"keys": [self.key.as_dict(private=False)]})
        elif address.path == "/authorize":
            self._authorize(request, {name: values[0] for name, values in parse_qs(address.query).items()})
        else:
            _send(request, {}, 404)

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer_told or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(self.algorithms),
        }

    def _authorize(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        """Nobody is asked anything: back with a code."""
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        request.send_response(302)
        request.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _token(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.codes.pop(given.get("code", ""), None)
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        for wrong, why in (
            (asked is None, "code"),
            (request.headers.get("Authorization") != f"Basic {login.replace('+', '%2B')}" and not _same(request, login), "client"),
            (asked is not None and asked.get("code_challenge") != digest, "verifier"),
            (asked is not None and asked["redirect_uri"] != given.get("redirect_uri"), "redirect_uri"),
        ):
            if wrong:
                self.refused.append(why)
                _send(request, {"error": "invalid_grant"}, 400)
                return
        assert asked is not None
        answer: dict[str, Any] = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
        if not self.without_id_token:
            answer["id_token"] = self._signed(asked)
        _send(request, answer)

    def _signed(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims["preferred_username"] = self.name
        claims = self.change(claims)
        if self.header["alg"] == "none":
            parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (self.header, claims)]
            return ".".join([*parts, ""])
        return jwt.encode(self.header, claims, self.signing or self.key)


def _same(request: BaseHTTPRequestHandler, login: str) -> bool:
    from urllib.parse import unquote

    given = base64.b64decode(request.headers.get("Authorization", "Basic ").split(" ", 1)[1]).decode()
    return unquote(given) == base64.b64decode(login).decode()


def _send(request: BaseHTTPRequestHandler, value: object, status: int = 200) -> None:
    body = json.dumps(value).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
