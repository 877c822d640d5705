"""What people of bad will try, and what every answer carries."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from site_folder import sound_rows
from web.browsing import Visitor, signed_in
from web.calling import XLSX, client_of, hand_in
from web.conftest import PASSWORD, Office
from web.routes import api_routes, asks_for, every_route, filled, page_routes

from importer.settings import load_settings
from importer.web import WebServer
from importer.web.rest.callers import Caller
from importer.web.sessions import prove_form

SAFE = {"GET", "HEAD"}
STRICT = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'")


def of_the_server(caplog: pytest.LogCaptureFixture) -> str:
    """What was logged, less what the client of the tests, which runs in this process, too, says of itself."""
    told = [record for record in caplog.records if not record.name.startswith(("httpcore", "httpx"))]
    return "\n".join(logging.Formatter("%(name)s %(message)s").format(record) for record in told)


def cookie_of(answer: httpx.Response) -> str:
    """The session cookie as it was set."""
    [found] = [value for value in answer.headers.get_list("set-cookie") if value.startswith("importer=")]
    return found


# -- forged requests -------------------------------------------------------------------------------------------------


def test_every_unsafe_page_route_asks_for_the_form_s_token() -> None:
    """A route that changes something proves that the form came from a page of ours; one that only shows something changes nothing."""
    for (method, path), route in page_routes().items():
        assert (prove_form in asks_for(route)) is (method not in SAFE), f"{method} {path}"


def test_every_route_of_the_api_asks_for_a_token() -> None:
    """And none of them for a form or a cookie."""
    caller = Caller.__metadata__[0].dependency
    for (method, path), route in api_routes().items():
        assert caller in asks_for(route), f"{method} {path}"
        assert prove_form not in asks_for(route), f"{method} {path}"


def test_a_forged_form_changes_nothing(shared_office: Office) -> None:
    """Without the token, with another one, or from another site: refused, on every route, also for somebody with every role."""
    portal = shared_office.server.app.state.desk.portal
    fields = {"profile": "test", "name": "x", "password": PASSWORD, "digest": "x", "key": "x", "language": "en"}
    with signed_in(shared_office, "all") as visitor:
        token, before = visitor.csrf, portal.audit_trail()
        tries = (
            ("", {}),
            ("x" * 32, {}),
            (token, {"Sec-Fetch-Site": "cross-site"}),
            (token, {"Sec-Fetch-Site": "same-site"}),
        )
        for path in sorted({path for method, path in page_routes() if method not in SAFE}):
            files = {"file": ("a.xlsx", b"x", XLSX)} if path == "/uploads" else None
            for csrf, headers in tries:
                answer = visitor.post(filled(path), data={**fields, "csrf": csrf}, headers=headers, files=files)
                assert answer.status_code == 403, (path, csrf, headers)
        assert portal.audit_trail() == before


# -- headers, cookies, addresses -------------------------------------------------------------------------------------


def test_every_answer_carries_the_strict_headers(shared_office: Office) -> None:
    """Pages, parts, files, JSON, redirects, refusals, unknown addresses, other hosts: all of them."""
    office = shared_office
    with signed_in(office, "all") as visitor:
        answers = [visitor.get(filled(path)) for method, path in every_route() if method == "GET"]
        answers += [
            visitor.get("/nothing"),
            visitor.get("/static/page.css"),
            visitor.get("/static/nothing"),
            visitor.get("/api/openapi.json"),
            visitor.get("/api/v1/me"),
            visitor.post("/uploads"),
            visitor.put("/"),
            visitor.post("/sign-out", content=b"x" * (2 << 20)),
        ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert all(part in policy for part in STRICT), answer.url
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "server" not in answer.headers
        if "/static/" not in str(answer.url):
            assert answer.headers["cache-control"] == "no-store", answer.url


def test_no_page_needs_more_than_the_policy_allows(shared_office: Office) -> None:
    """No script or style stands in a page itself, and nothing comes from elsewhere."""
    with signed_in(shared_office, "all") as visitor:
        for method, path in page_routes():
            if method == "GET" and "{" not in path:
                text = visitor.get(path).text
                assert "<style" not in text, path
                assert " style=" not in text, path
                assert "<script>" not in text, path
                assert " onclick=" not in text, path
                assert "http://" not in text.replace("http://www.w3.org/", ""), path


def test_cookies_are_for_the_server_alone(office: Office) -> None:
    """HttpOnly, SameSite, for the whole site and for as long as a session lasts."""
    with Visitor(office) as visitor:
        flags = {part.strip().lower() for part in cookie_of(visitor.get("/sign-in")).split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/", f"max-age={12 * 3600}"} <= flags
        assert "secure" not in flags


def test_behind_https_cookies_travel_over_https_alone(office: Office) -> None:
    """With https_only the cookie is Secure, and browsers are told to come by HTTPS from then on."""
    office.site.config.write_text(office.site.config.read_text() + '\n[web]\nhttps_only = true\nallowed_hosts = ["127.0.0.1"]\n')
    with WebServer(load_settings(office.site.config)) as server:
        answer = httpx.get(f"{server.url}/sign-in")
        assert "secure" in {part.strip().lower() for part in cookie_of(answer).split(";")}
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        elsewhere = httpx.get(f"{server.url}/sign-in", headers={"Host": "evil.example"})
        assert elsewhere.status_code == 400
        assert "evil.example" not in elsewhere.text


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "\t//evil.example", "/\n/evil.example", ""],
)
def test_signing_in_leads_nowhere_else(shared_office: Office, target: str) -> None:
    """Whatever `next` says, one stays here."""
    with Visitor(shared_office) as visitor:
        answer = visitor.post_form("/sign-in", {"name": "all", "password": PASSWORD, "next": target})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        chosen = visitor.post_form("/language", {"language": "en", "next": target})
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/")


def test_the_host_that_a_request_names_goes_into_no_answer(shared_office: Office) -> None:
    """No address is made of it, so that no cache or mail leads elsewhere."""
    with Visitor(shared_office) as visitor:
        for path in ("/", "/uploads/", "/sign-in/", "/nothing", "/static"):
            answer = visitor.get(path, headers={"Host": "evil.example"})
            assert "evil.example" not in answer.text + answer.headers.get("location", ""), path


# -- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_from_before_is_not_carried_on(office: Office) -> None:
    """Who was given a cookie by somebody else has another one after signing in; the old one is worth nothing."""
    with Visitor(office) as attacker:
        attacker.get("/sign-in")
        fixed, token = attacker.cookies["importer"], attacker.csrf
        with Visitor(office, cookies={"importer": fixed}) as victim:
            answer = victim.post("/sign-in", data={"csrf": token, "name": "anne", "password": PASSWORD})
            assert answer.status_code == 303
            assert cookie_of(answer).split(";")[0].removeprefix("importer=") != fixed
            assert victim.csrf != token
        assert attacker.get("/").headers["location"].startswith("/sign-in")


def test_a_cookie_that_was_copied_ends_with_its_session(office: Office) -> None:
    """Signing out ends it everywhere; other sessions of the same user go on."""
    with signed_in(office, "anne") as visitor, signed_in(office, "anne") as elsewhere:
        with httpx.Client(base_url=office.url, cookies={"importer": visitor.cookies["importer"]}) as thief:
            assert thief.get("/").status_code == 200
            visitor.post_form("/sign-out")
            assert thief.get("/").status_code == 303
        assert elsewhere.get("/").status_code == 200


def test_a_cookie_that_was_changed_counts_for_nothing(office: Office) -> None:
    """It is signed."""
    with signed_in(office, "anne") as visitor:
        value = visitor.cookies["importer"]
    for forged in (value[:-1] + ("A" if value[-1] != "A" else "B"), "A" + value[1:], value.split(".")[0], "null", ""):
        assert httpx.get(f"{office.url}/", cookies={"importer": forged}).status_code == 303, forged


def test_roles_that_are_taken_away_are_gone_at_once(office: Office) -> None:
    """The next click is refused, in sessions and with tokens alike; who may not come in any more is out."""
    content = office.site.workbook(sound_rows()).read_bytes()
    with signed_in(office, "anne") as anne, client_of(office, "anne") as api:
        assert hand_in(api, content).status_code == 201
        office.add("anne", ("*", "approver"))
        assert hand_in(api, content).status_code == 403
        refused = anne.post_form("/uploads", {"profile": "test"}, files={"file": ("a.xlsx", content, XLSX)})
        assert refused.status_code == 403
        office.add("anne", ("other", "uploader"))
        assert api.get("/uploads").json() == []
        office.add("anne", ("*", "uploader"), active=False)
        assert anne.get("/").status_code == 303
        assert api.get("/uploads").status_code == 401


def test_sessions_end_when_an_administrator_ends_them(office: Office) -> None:
    """A raised epoch ends all sessions of a user."""
    with signed_in(office, "anne") as anne:
        office.add("anne", ("*", "uploader"), epoch=1)
        assert anne.get("/").status_code == 303


# -- guessing --------------------------------------------------------------------------------------------------------


def test_guessing_a_password_is_braked(office: Office) -> None:
    """After five wrong ones the right one counts no more for a while, also for names that do not exist; others still come in."""
    for name in ("anne", "nobody"):
        with Visitor(office) as visitor:
            for _ in range(5):
                answer = visitor.sign_in(name, "wrong password")
                assert (answer.status_code, "Name or password is wrong" in answer.text) == (403, True)
            refused = visitor.sign_in(name)
            assert refused.status_code == 429
            assert int(refused.headers["retry-after"]) > 0
    with Visitor(office) as visitor:
        assert visitor.sign_in("bob").status_code == 303


def test_guessing_at_once_is_no_way_around(office: Office) -> None:
    """Twenty tries at the same moment are twenty tries: five are looked at."""
    answers: list[int] = []

    def guess() -> None:
        with Visitor(office) as visitor:
            answers.append(visitor.sign_in("anne", "wrong password").status_code)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [403] * 5 + [429] * 15


# -- secrets ---------------------------------------------------------------------------------------------------------


def test_a_defect_shows_a_number_and_nothing_else(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No traceback and no text of the exception in a page or in JSON; the log has both under the same number, and no secret."""
    desk = office.server.app.state.desk

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the inside of the house")

    monkeypatch.setattr(desk, "uploads", broken)
    with signed_in(office, "anne") as visitor, client_of(office, "anne") as api, caplog.at_level(logging.DEBUG):
        page, data = visitor.get("/?q=searched"), api.get("/uploads")
        secret = api.headers["authorization"].split()[1]
        cookie = visitor.cookies["importer"]
    for answer in (page, data):
        assert answer.status_code == 500
        assert "content-security-policy" in answer.headers
        for inside in ("Traceback", "RuntimeError", "the inside of the house", ".py"):
            assert inside not in answer.text
    number = data.json()["detail"].split("under number ")[1].split(".")[0]
    assert f"defect {number}" in of_the_server(caplog)
    assert "the inside of the house" in of_the_server(caplog)
    for kept in (PASSWORD, secret, cookie):
        assert kept not in of_the_server(caplog)


def test_the_log_tells_no_secret(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Passwords right and wrong, tokens and cookies: none of them is ever written down, nor kept readable in the ledger."""
    with caplog.at_level(logging.DEBUG), Visitor(office) as visitor:
        visitor.sign_in("anne", "wrong password 1")
        visitor.sign_in("anne")
        with client_of(office, "anne") as api:
            api.get("/uploads")
            hand_in(api, office.site.workbook(sound_rows()).read_bytes())
            secret = api.headers["authorization"].split()[1]
        cookie = visitor.cookies["importer"]
    for kept in (PASSWORD, "wrong password 1", secret, cookie):
        assert kept not in of_the_server(caplog)
        database = b"".join(path.read_bytes() for path in office.site.folder.glob("importer.db*"))
        assert kept.encode() not in database


def test_the_key_of_the_cookies_is_for_the_server_s_user_alone(office: Office) -> None:
    """Nobody else on the machine reads it."""
    path = office.site.folder / "web" / "cookie.key"
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text()) >= 43


# -- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd.xlsx", "passwd.xlsx"),
        ("..\\..\\windows\\system32\\a.xlsx", "a.xlsx"),
        ("/etc/cron.d/a.xlsx", "a.xlsx"),
        ("..", "workbook"),
        ("....", "workbook"),
        ("a\x00b.xlsx", "ab.xlsx"),
        ("雜發單 一月.xlsx", "雜發單 一月.xlsx"),
        ("領料\u202excod.xlsx", "領料xcod.xlsx"),
        ('a"; filename="evil.exe', "a; filename=evil.exe"),
        ("名" * 300 + ".xlsx", "名" * 58 + ".xlsx"),
        ("<img src=x onerror=alert(1)>.xlsx", "img src=x onerror=alert(1).xlsx"),
    ],
)
def test_a_file_s_name_leads_nowhere(shared_office: Office, name: str, kept: str) -> None:
    """It is a name and nothing else: kept in its own folder, and given back under it, whatever script it is written in."""
    office = shared_office
    desk = office.server.app.state.desk
    content = office.site.workbook(sound_rows()).read_bytes()
    before = {path for path in office.site.folder.rglob("*") if path.is_file() and "web" not in path.parts}
    who = office.who("anne")
    upload = desk.hand_in(who, profile="test", file=name, content=content)
    assert upload.file == kept
    assert desk.path(upload).parent == desk.spool.folder(upload.id)
    assert {path for path in office.site.folder.rglob("*") if path.is_file() and "web" not in path.parts} == before
    with client_of(office, "anne") as api:
        answer = api.get(f"/uploads/{upload.id}/workbook")
        assert answer.content == content
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith("attachment; ")
        assert disposition.isascii()
        given = disposition.split("filename*=utf-8''")[-1] if "filename*" in disposition else disposition.split('filename="')[1][:-1]
        assert httpx.URL(f"http://a/{given}").path[1:] == kept


def test_nothing_outside_of_static_is_served(shared_office: Office) -> None:
    """Paths that climb lead to nothing."""
    with httpx.Client(base_url=shared_office.url) as client:
        for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/..%5capp.py", "/static//etc/passwd"):
            request = client.build_request("GET", "/")
            request.url = request.url.copy_with(raw_path=path.encode())
            answer = client.send(request)
            assert answer.status_code == 404, path
            assert "create_app" not in answer.text


def test_a_workbook_that_would_fill_the_machine_is_refused(office: Office, tmp_path: Path) -> None:
    """A gigabyte of blanks in a file of a megabyte: told as a finding, before anything of it is unpacked."""
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        block = b" " * (1 << 20)
        for _ in range(2048):
            part.write(block)
    with client_of(office, "anne") as api:
        answer = hand_in(api, path.read_bytes())
        assert (answer.status_code, answer.json()["errors"]) == (201, 1)
        [found] = api.get(f"/uploads/{answer.json()['id']}/findings").json()["findings"]
        assert found["code"] == "file_too_large"


def test_nobody_fills_the_server_alone(office: Office) -> None:
    """With so many workbooks under way one waits, on the page and over the API; others do not."""
    content = office.site.workbook(sound_rows()).read_bytes()
    state = office.server.app.state
    office.add("carl", ("*", "uploader"))
    with ExitStack() as under_way, client_of(office, "anne") as api, client_of(office, "carl") as other, signed_in(office, "anne") as page:
        for _ in range(state.desk.settings.web.uploads_at_once):
            under_way.enter_context(state.at_once.one_more("anne"))
        for refused in (hand_in(api, content), page.post_form("/uploads", {"profile": "test"}, files={"file": ("a.xlsx", content, XLSX)})):
            assert refused.status_code == 429
            assert int(refused.headers["retry-after"]) > 0
        assert hand_in(other, content).status_code == 201
        under_way.close()
        assert hand_in(api, content).status_code == 201


@pytest.mark.parametrize("profile", ["", "nothing", "../test", "*"])
def test_a_profile_that_is_none_takes_nothing(shared_office: Office, profile: str) -> None:
    """Also not from somebody with a role in all of them."""
    content = shared_office.site.workbook(sound_rows()).read_bytes()
    with signed_in(shared_office, "all") as page, client_of(shared_office, "all") as api:
        answer = page.post_form("/uploads", {"profile": profile}, files={"file": ("a.xlsx", content, XLSX)})
        assert answer.status_code in (404, 422)
        assert hand_in(api, content, profile=profile).status_code in (404, 422)


# -- audit trail -----------------------------------------------------------------------------------------------------


def test_everything_that_was_done_is_written_down(office: Office) -> None:
    """Who, what, where and from which address: sign-in, failures, uploads, release, return, withdrawal."""
    content = office.site.workbook(sound_rows()).read_bytes()
    with signed_in(office, "anne") as anne, Visitor(office) as stranger:
        stranger.sign_in("anne", "wrong password")
        place = anne.post("/uploads", data={"csrf": anne.csrf, "profile": "test"}, files={"file": ("a.xlsx", content, XLSX)}).headers[
            "location"
        ]
        anne.post_form(f"{place}/withdraw")
        anne.post_form("/sign-out")
    with client_of(office, "anne") as api, client_of(office, "bob") as checker:
        upload = hand_in(api, content).json()["id"]
        digest = api.get(f"/uploads/{upload}/preview").json()["digest"]
        api.post(f"/uploads/{upload}/hand-on", json={"digest": digest}).raise_for_status()
        checker.post(f"/uploads/{upload}/return", json={"remark": "no"}).raise_for_status()
    trail = office.server.app.state.desk.portal.audit_trail()
    assert {entry.address for entry in trail} == {"127.0.0.1"}
    done = [(entry.user_name, entry.action) for entry in reversed(trail)]
    assert done == [
        ("anne", "signed_in"),
        ("anne", "sign_in_failed"),
        ("anne", "uploaded"),
        ("anne", "withdrawn"),
        ("anne", "signed_out"),
        ("anne", "uploaded"),
        ("anne", "handed_on"),
        ("bob", "returned"),
    ]
    assert [entry.detail for entry in trail if entry.action == "returned"] == ["no"]
