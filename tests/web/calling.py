"""The REST API as another system calls it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

import httpx
from waiting import until
from web.conftest import Office

from importer.ledger import Token

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def token_for(office: Office, name: str) -> str:
    """A new access token of a user."""
    secret = secrets.token_urlsafe(32)
    token = Token(id=secrets.token_hex(8), user_name=name, label="test", created_at=datetime.now(UTC))
    office.server.app.state.desk.portal.add_token(token, hashlib.sha256(secret.encode()).hexdigest())
    return secret


def client_of(office: Office, name: str, **values: Any) -> httpx.Client:
    """A client that acts as a user."""
    headers = {"Authorization": f"Bearer {token_for(office, name)}", "Accept-Language": "en"}
    return httpx.Client(base_url=f"{office.url}/api/v1", headers=headers, timeout=60, **values)


def hand_in(client: httpx.Client, content: bytes, name: str = "book.xlsx", **values: str) -> httpx.Response:
    """A workbook under profile test."""
    return client.post("/uploads", files={"file": (name, content, XLSX)}, data={"profile": "test", **values})


def ended(client: httpx.Client, upload_id: str, *, seconds: float = 60) -> dict[str, Any]:
    """The upload once nothing is under way with it."""
    until(lambda: not client.get(f"/uploads/{upload_id}/progress").raise_for_status().json()["running"], seconds=seconds)
    found: dict[str, Any] = client.get(f"/uploads/{upload_id}").raise_for_status().json()
    return found
