"""Users, roles, passwords and tokens: who may give and take what."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from web.conftest import PASSWORD, Office
from web.moving import desk_of, who

from importer.errors import ConfigurationError, NotAllowed
from importer.web.passwords import matches


def test_only_administrators_see_users(office: Office) -> None:
    """An uploader and an approver see neither users nor audit trail."""
    people = desk_of(office).people
    for name in ("anne", "bob"):
        with pytest.raises(NotAllowed):
            people.users(who(office, name))
        with pytest.raises(NotAllowed):
            people.audit_trail(who(office, name), limit=1)
    assert {user.name for user in people.users(who(office, "root"))} == {"anne", "bob", "root"}


def test_an_administrator_of_one_profile_stays_there(office: Office) -> None:
    """No roles elsewhere, no hand on whoever has roles elsewhere, so that nobody becomes more than they are."""
    people = desk_of(office).people
    office.add("carl", ("test", "administrator"))
    office.add("dora", ("test", "uploader"))
    carl = who(office, "carl")
    people.change(carl, "dora", display_name="Dora", language="", roles=[("test", "approver")])
    assert who(office, "dora").user.roles == {("test", "approver")}
    with pytest.raises(NotAllowed):
        people.change(carl, "dora", display_name="Dora", language="", roles=[("*", "administrator")])
    for steal in (people.set_password, people.end_sessions):
        with pytest.raises(NotAllowed):
            steal(carl, "root", *([PASSWORD] if steal == people.set_password else []))
    with pytest.raises(NotAllowed):
        people.set_active(carl, "root", active=False)
    people.change(carl, "anne", display_name="Anne", language="", roles=[("test", "approver")])
    assert who(office, "anne").user.roles == {("*", "uploader"), ("test", "approver")}


def test_nobody_locks_themselves_out(office: Office) -> None:
    """Not by deactivating oneself, not by giving the role away."""
    people, root = desk_of(office).people, who(office, "root")
    with pytest.raises(ConfigurationError):
        people.set_active(root, "root", active=False)
    with pytest.raises(ConfigurationError):
        people.change(root, "root", display_name="Root", language="", roles=[("*", "uploader")])


def test_a_user_is_made_and_signs_in(office: Office, sign_in: Callable[..., Any]) -> None:
    """With the boxes ticked on the page; what was done stands in the audit trail."""
    root = sign_in("root", language="en")
    root.click("nav >> text=Users")
    root.fill("#name", "李 小龍/1")
    root.fill("#display_name", "李小龍")
    root.fill("#password", PASSWORD)
    root.check("[value='test/uploader']")
    root.click("text=Add the user")
    root.wait_for_selector("h1:has-text('李 小龍/1')")
    assert who(office, "李 小龍/1").user.roles == {("test", "uploader")}
    new = sign_in("李 小龍/1", language="en")
    assert new.locator("input[type=file]").count() == 1
    root.goto("/audit?user=root")
    assert "user added" in root.inner_text("tbody")


def test_deactivating_ends_sessions_at_once(office: Office, sign_in: Callable[..., Any]) -> None:
    """Whoever is signed in is out with the next click, and does not come in again."""
    anne = sign_in("anne", language="en")
    root = sign_in("root", language="en")
    root.goto("/users/anne")
    root.click("text=Deactivate")
    root.wait_for_selector("text=Activate again")
    anne.goto("/templates")
    assert "/sign-in" in anne.url


def test_the_own_password(office: Office, sign_in: Callable[..., Any]) -> None:
    """The old one is asked for; this session goes on, all others end."""
    here, there = sign_in("anne", language="en"), sign_in("anne", language="en")
    here.goto("/account")
    here.fill("#old", PASSWORD)
    here.fill("#new-password", "another horse battery")
    here.click("text=Change the password")
    here.wait_for_selector("text=The password is changed")
    assert matches("another horse battery", who(office, "anne").user.password_hash)
    there.goto("/account")
    assert "/sign-in" in there.url
    with pytest.raises(NotAllowed):
        desk_of(office).people.change_own_password(who(office, "anne"), old="wrong", new="another horse battery 2")
    with pytest.raises(ConfigurationError):
        desk_of(office).people.change_own_password(who(office, "anne"), old="another horse battery", new="short")


def test_a_token_is_shown_once(office: Office, sign_in: Callable[..., Any]) -> None:
    """The secret counts as its user, is gone after a reload, and counts no more once it is revoked."""
    anne = sign_in("anne", language="en")
    anne.goto("/account")
    anne.fill("#label", "warehouse robot")
    anne.click("text=Make a token")
    secret = anne.inner_text("code.secret")
    digest = hashlib.sha256(secret.encode()).hexdigest()
    found = desk_of(office).portal.user_of_token(digest)
    assert found is not None
    assert (found[0].label, found[1].name) == ("warehouse robot", "anne")
    anne.goto("/account")
    assert secret not in anne.content()
    anne.click("text=Revoke")
    anne.wait_for_load_state()
    assert desk_of(office).portal.user_of_token(digest) is None


def test_tokens_of_others_are_not_ones_own(office: Office) -> None:
    """Nobody revokes somebody else's token."""
    people, portal = desk_of(office).people, desk_of(office).portal
    people.make_token(who(office, "anne"), "mine")
    [token] = portal.tokens("anne")
    with pytest.raises(ConfigurationError):
        people.revoke_token(who(office, "bob"), token.id)
