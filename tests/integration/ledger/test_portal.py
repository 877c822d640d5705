"""Users, tokens, uploads and the audit trail of the web page."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from importer.errors import ConfigurationError
from importer.ledger import AuditEntry, Ledger, Token, Upload, UploadChange, User

ANNE = User(name="anne", display_name="陳安", password_hash="x", roles=frozenset({("test", "uploader")}))
BOB = User(name="bob", roles=frozenset({("*", "approver"), ("test", "uploader")}))
CONTENT = b"a workbook"


def upload(number: int = 1, **values: object) -> Upload:
    plain = Upload(
        id=f"u{number}",
        profile="test",
        uploader="anne",
        file=f"雜發 100%_{number}.xlsx",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        document_type="misc_issue",
        rows=3,
        documents=2,
        errors=0,
        warnings=1,
        until="posted",
        policy="all",
    )
    return replace(plain, **values)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a ledger that is not there yet, in each of the databases."""
    return f"sqlite:///{tmp_path / 'ledger.db'}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """With two users and an upload, in each of the databases."""
    for user in (ANNE, BOB):
        ledger.portal.save_user(user)
    ledger.portal.add_upload(upload(), CONTENT)
    return ledger


def test_users_come_back_with_their_roles(filled: Ledger) -> None:
    """A role holds in its profile, or in all; it is gone when it was taken away, and nobody inactive may do anything."""
    found = filled.portal.user("bob")
    assert found is not None
    assert (found.may("approver", "anything"), found.may("uploader", "test"), found.may("uploader", "other")) == (True, True, False)
    filled.portal.save_user(replace(found, roles=frozenset({("*", "administrator")}), epoch=1))
    changed = filled.portal.user("bob")
    assert changed is not None
    assert (changed.roles, changed.epoch, changed.created_at) == (frozenset({("*", "administrator")}), 1, found.created_at)
    assert not replace(changed, active=False).may("administrator", "test")
    assert [user.name for user in filled.portal.users()] == ["anne", "bob"]
    assert filled.portal.user("nobody") is None


def test_tokens(filled: Ledger) -> None:
    """A token leads to its user until it is revoked, or its user is no longer active."""
    now = datetime.now(UTC)
    filled.portal.add_token(Token(id="t1", user_name="anne", label="mes", created_at=now), "1" * 64)
    found = filled.portal.user_of_token("1" * 64)
    assert found is not None
    assert (found[0].label, found[1].name, found[0].used_at) == ("mes", "anne", None)
    filled.portal.token_used("t1")
    assert filled.portal.tokens("anne")[0].used_at is not None
    with pytest.raises(ConfigurationError):
        filled.portal.revoke_token("t1", "bob")
    filled.portal.save_user(replace(ANNE, active=False))
    assert filled.portal.user_of_token("1" * 64) is None
    filled.portal.save_user(ANNE)
    filled.portal.revoke_token("t1", "anne")
    assert filled.portal.user_of_token("1" * 64) is None


def test_uploads_are_found(filled: Ledger) -> None:
    """By profile, person, state and a part of the name, in which no character has a meaning of its own."""
    filled.portal.add_upload(upload(2, profile="live", uploader="bob", file="other.xlsx"), CONTENT)
    portal = filled.portal
    assert [found.id for found in portal.uploads()] == ["u2", "u1"]
    assert [found.id for found in portal.uploads(profiles=["test"])] == ["u1"]
    assert [found.id for found in portal.uploads(uploader="bob")] == ["u2"]
    assert [found.id for found in portal.uploads(search="100%_")] == ["u1"]
    assert [found.id for found in portal.uploads(search="%")] == ["u1"]
    assert portal.uploads(search="1_0") == []
    assert portal.uploads(states=["ended"]) == []
    assert portal.upload_states(["test"]) == {"checked": 1}
    assert filled.workbook(upload().sha256) == CONTENT


def test_of_two_who_act_at_the_same_moment_one_is_told(filled: Ledger) -> None:
    """A release counts once, and only for what was previewed."""
    filled.portal.change_upload(UploadChange(id="u1", from_states=["checked"], values={"state": "waiting", "preview": "a" * 64}))
    with pytest.raises(ConfigurationError):
        filled.portal.change_upload(UploadChange(id="u1", from_states=["waiting"], values={"state": "released"}, preview="b" * 64))
    told: list[str] = []

    def release(name: str) -> None:
        change = UploadChange(id="u1", from_states=["waiting"], values={"state": "released", "released_by": name}, preview="a" * 64)
        try:
            filled.portal.change_upload(change)
        except ConfigurationError:
            told.append(name)

    threads = [threading.Thread(target=release, args=(name,)) for name in ("anne", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = filled.portal.upload("u1")
    assert found is not None
    assert {found.released_by, *told} == {"anne", "bob"}
    assert len(told) == 1


def test_the_audit_trail(filled: Ledger) -> None:
    """What was done is read back newest first and counted, whoever it was."""
    before = datetime.now(UTC) - timedelta(minutes=1)
    for name in ("anne", "anne", "mallory"):
        filled.portal.note(AuditEntry(user_name=name, action="sign_in_failed", address="127.0.0.1"))
    filled.portal.note(AuditEntry(user_name="bob", action="released", profile="live", target="u1", detail="\x00fine"))
    portal = filled.portal
    assert [entry.action for entry in portal.audit_trail(limit=2)] == ["released", "sign_in_failed"]
    assert [entry.user_name for entry in portal.audit_trail(target="u1")] == ["bob"]
    assert portal.audit_trail(profiles=["test"], target="u1") == []
    assert portal.how_often("sign_in_failed", before, user_name="anne") == 2
    assert portal.how_often("sign_in_failed", before, address="127.0.0.1") == 3
    assert portal.how_often("sign_in_failed", datetime.now(UTC) + timedelta(minutes=1), address="127.0.0.1") == 0
