"""Signing in with the company's account, against a provider that signs, and against everything that somebody could forge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from site_folder import SiteFolder
from web.browsing import Visitor
from web.conftest import PASSWORD, Office
from web.openid import CLIENT, SECRET, OpenId

from importer.errors import ConfigurationError
from importer.settings import load_settings
from importer.web import WebServer

Change = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def provider() -> Iterator[OpenId]:
    """Signs, and knows somebody called mei."""
    with OpenId() as found:
        yield found


@pytest.fixture
def company(site: SiteFolder, provider: OpenId, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A page whose people may come with the company's account."""
    monkeypatch.setenv("IMPORTER_WEB__OIDC__CLIENT_SECRET", SECRET)
    lines = ["[web.oidc]", f'issuer = "{provider.issuer}"', f'client_id = "{CLIENT}"']
    site.config.write_text(site.config.read_text() + "\n".join(lines) + "\n")
    with WebServer(load_settings(site.config)) as server:
        yield Office(site, server)


def come(visitor: Visitor, path: str = "/sign-in/company") -> httpx.Response:
    """Over there and back, as a browser goes; the last answer of ours."""
    there = visitor.get(path)
    assert there.status_code == 302, there.text
    back = httpx.get(there.headers["location"])
    return visitor.get(back.headers["location"])


def test_somebody_new_comes_in_without_any_role(company: Office, provider: OpenId) -> None:
    """Code flow with PKCE, state and nonce; the user is made, may do nothing yet, and is the same one the next time."""
    with Visitor(company) as visitor:
        assert "/sign-in/company" in visitor.get("/sign-in").text
        answer = come(visitor, "/sign-in/company?next=/templates")
        assert (answer.status_code, answer.headers["location"]) == (303, "/templates")
        assert visitor.get("/").status_code == 200
    [asked] = provider.asked
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", CLIENT)
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    portal = company.server.app.state.desk.portal
    [user] = portal.users()
    assert (user.name, user.subject, user.roles, user.password_hash) == ("mei", f"{provider.issuer} 4711", frozenset(), "")
    provider.name = "renamed"
    with Visitor(company) as visitor:
        come(visitor)
    assert [found.name for found in portal.users()] == ["mei"]
    assert [entry.action for entry in reversed(portal.audit_trail())] == ["user_added", "signed_in", "signed_in"]


def test_a_name_is_nobody_s_key(company: Office, provider: OpenId) -> None:
    """Who calls themselves like a local administrator there is somebody else here; nor does a password open the new user."""
    company.add("root", ("*", "administrator"))
    provider.name = "root"
    with Visitor(company) as visitor:
        come(visitor)
        assert visitor.get("/users").status_code == 403
    names = {user.name: user for user in company.server.app.state.desk.portal.users()}
    assert set(names) == {"root", "root 2"}
    with Visitor(company) as visitor:
        assert visitor.sign_in("root 2", "").status_code == 403
        assert visitor.sign_in("root 2", PASSWORD).status_code == 403
    provider.subject = "4712"
    with Visitor(company) as visitor:
        come(visitor)
    assert len(company.server.app.state.desk.portal.users()) == 3


def test_who_may_not_come_in_any_more_does_not(company: Office, provider: OpenId) -> None:
    """Whatever the provider says."""
    with Visitor(company) as visitor:
        come(visitor)
        [user] = company.server.app.state.desk.portal.users()
        company.add(user.name, subject=user.subject, active=False)
        assert visitor.get("/").status_code == 303
        assert come(visitor).status_code == 403
        assert visitor.get("/").status_code == 303


WRONG: dict[str, Change] = {
    "another nonce": lambda claims: {**claims, "nonce": "x" * 20},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "for another client": lambda claims: {**claims, "aud": "somebody else"},
    "for several, given to another": lambda claims: {**claims, "aud": [CLIENT, "else"], "azp": "else"},
    "expired": lambda claims: {**claims, "iat": claims["iat"] - 7200, "exp": claims["exp"] - 7200},
    "never expires": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "from another issuer": lambda claims: {**claims, "iss": "https://evil.example"},
    "no subject": lambda claims: {name: value for name, value in claims.items() if name != "sub"},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_token_that_is_not_right_lets_nobody_in(company: Office, provider: OpenId, name: str) -> None:
    """Signed by the provider, and still not for this sign-in: refused, nobody is made, nobody is in."""
    provider.change = WRONG[name]
    with Visitor(company) as visitor:
        answer = come(visitor)
        assert (answer.status_code, "did not confirm who you are" in answer.text) == (403, True)
        assert visitor.get("/").status_code == 303
    assert company.server.app.state.desk.portal.users() == []


def _by_another_key(provider: OpenId) -> None:
    provider.signing = RSAKey.generate_key(2048, {"kid": "first"})


def _by_nobody(provider: OpenId) -> None:
    provider.header, provider.algorithms = {"alg": "none"}, ("none", "RS256")


def _not_at_all(provider: OpenId) -> None:
    provider.without_id_token = True


def _as_somebody_else(provider: OpenId) -> None:
    provider.issuer_told = "https://evil.example"


@pytest.mark.parametrize("forge", [_by_another_key, _by_nobody, _not_at_all])
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(company: Office, provider: OpenId, forge: Callable[[OpenId], None]) -> None:
    """By another key, unsigned, or missing."""
    forge(provider)
    with Visitor(company) as visitor:
        assert come(visitor).status_code == 403
        assert visitor.get("/").status_code == 303


def test_a_provider_by_another_name_is_not_trusted(company: Office, provider: OpenId) -> None:
    """What its description calls it has to be what was configured."""
    _as_somebody_else(provider)
    with Visitor(company) as visitor:
        assert visitor.get("/sign-in/company").status_code == 403


def test_an_answer_that_was_not_asked_for_lets_nobody_in(company: Office, provider: OpenId) -> None:
    """Another state, none, somebody else's, one that was used already, an error: nobody comes in by a link that they were sent."""
    with Visitor(company) as attacker, Visitor(company) as victim:
        there = attacker.get("/sign-in/company")
        back = httpx.get(there.headers["location"]).headers["location"]
        assert victim.get(back).status_code == 403
        victim.get("/sign-in/company")
        assert victim.get(back).status_code == 403
        for query in ("", "?code=x", "?code=x&state=x", "?error=access_denied&error_description=<b>no</b>"):
            answer = victim.get(f"/sign-in/company/back{query}")
            assert answer.status_code == 403, query
            assert "<b>no</b>" not in answer.text
        assert victim.get("/").status_code == 303
        assert attacker.get(back).status_code == 303
        assert attacker.get("/").status_code == 200
        assert attacker.get(back).status_code == 403


def test_a_code_that_was_stolen_is_worth_nothing(company: Office, provider: OpenId) -> None:
    """Without the verifier, which never leaves the browser that began, the provider gives nothing for it."""
    with Visitor(company) as victim, Visitor(company) as thief:
        code = httpx.get(victim.get("/sign-in/company").headers["location"]).headers["location"].split("code=")[1].split("&")[0]
        state = httpx.URL(thief.get("/sign-in/company").headers["location"]).params["state"]
        assert thief.get(f"/sign-in/company/back?code={code}&state={state}").status_code == 403
    assert provider.refused == ["verifier"]


def test_it_leads_nowhere_else(company: Office) -> None:
    """Whatever `next` says, one stays here."""
    with Visitor(company) as visitor:
        assert come(visitor, "/sign-in/company?next=//evil.example").headers["location"] == "/"


def test_a_provider_that_is_away_is_told(company: Office, provider: OpenId) -> None:
    """A sentence, not an error; the local sign-in still works."""
    company.add("anne", ("*", "uploader"))
    provider.__exit__()
    try:
        with Visitor(company) as visitor:
            assert visitor.get("/sign-in/company").status_code == 403
            assert visitor.sign_in("anne").status_code == 303
    finally:
        provider.__enter__()


def test_without_configuration_there_is_no_such_page(office: Office) -> None:
    """And no link to it."""
    with Visitor(office) as visitor:
        assert visitor.get("/sign-in/company").status_code == 404
        assert visitor.get("/sign-in/company/back").status_code == 404
        assert "/sign-in/company" not in visitor.get("/sign-in").text


def test_an_issuer_without_https_is_refused(site: SiteFolder) -> None:
    """Except on this machine."""
    site.config.write_text(site.config.read_text() + '[web.oidc]\nissuer = "http://login.example"\nclient_id = "x"\n')
    with pytest.raises(ConfigurationError, match="https"):
        WebServer(load_settings(site.config))
