"""Who may do what: every route for every kind of person, as a table. A new route without a line here fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from site_folder import SiteFolder, sound_rows
from web.browsing import Visitor, signed_in
from web.calling import XLSX, client_of, ended, hand_in
from web.conftest import PASSWORD, Office
from web.routes import Route, every_route, filled

from importer.settings import load_settings
from importer.simulator import Simulator, SimulatorSettings
from importer.web import WebServer

EVERY_ROLE = ("uploader", "approver", "administrator")
PEOPLE: dict[str, list[tuple[str, str]]] = {
    "nobody": [],
    "elsewhere": [("other", role) for role in EVERY_ROLE],  # everything, but in another profile
    "carl": [("test", "uploader")],
    "anne": [("test", "uploader")],  # the workbook is hers
    "bob": [("test", "approver")],
    "root": [("test", "administrator")],
}
EVERYBODY = ("stranger", *PEOPLE)
"""The columns: a stranger, then the people above."""

# y may, n is refused, 0 learns nothing of it, i is asked to sign in
OPEN = "yyyyyyy"
CLOSED = "nnnnnnn"
SIGNED_IN = "iyyyyyy"
THEIR_OWN = "i000000"  # of somebody who is none of these
SEE = "i000yyy"
UPLOAD, OWNER, CHECK = "innyynn", "i000ynn", "i000nyn"
OVERSEE = "i000nyy"
ADMINISTER, MANAGE = "inynnny", "innnnny"

TABLE: dict[Route, str] = {
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("POST", "/sign-out"): "iiiiiii",  # leads there
    ("POST", "/language"): OPEN,
    ("GET", "/setup"): CLOSED,  # there are users
    ("POST", "/setup"): CLOSED,
    ("GET", "/sign-in/company"): "0000000",  # not configured
    ("GET", "/sign-in/company/back"): "0000000",
    ("GET", "/"): SIGNED_IN,
    ("POST", "/uploads"): UPLOAD,
    ("GET", "/uploads/{upload_id}"): SEE,
    ("GET", "/uploads/{upload_id}/picture"): SEE,
    ("POST", "/uploads/{upload_id}/hand-on"): OWNER,
    ("POST", "/uploads/{upload_id}/release"): CHECK,
    ("POST", "/uploads/{upload_id}/return"): CHECK,
    ("POST", "/uploads/{upload_id}/withdraw"): OWNER,
    ("GET", "/uploads/{upload_id}/results"): SEE,
    ("GET", "/uploads/{upload_id}/workbook"): SEE,
    ("GET", "/uploads/{upload_id}/documents"): SEE,
    ("GET", "/uploads/{upload_id}/documents/{token}"): SEE,
    ("POST", "/uploads/{upload_id}/documents/{token}/resolve"): OVERSEE,
    ("POST", "/uploads/{upload_id}/pause"): SEE,
    ("POST", "/uploads/{upload_id}/resume"): SEE,
    ("POST", "/uploads/{upload_id}/cancel"): OVERSEE,
    ("POST", "/uploads/{upload_id}/reconcile"): SEE,
    ("POST", "/uploads/{upload_id}/verify"): SEE,
    ("GET", "/uploads/{upload_id}/undo"): OVERSEE,
    ("POST", "/uploads/{upload_id}/undo"): OVERSEE,
    ("GET", "/uploads/{upload_id}/progress"): SEE,
    ("GET", "/templates"): SIGNED_IN,
    ("GET", "/templates/{profile}/{document_type}/{language}"): "innyyyy",
    ("GET", "/dashboard"): SIGNED_IN,
    ("GET", "/apis"): SIGNED_IN,
    ("GET", "/apis/{document_type}/{operation}"): "i0yyyyy",
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("POST", "/account/language"): SIGNED_IN,
    ("POST", "/account/tokens"): SIGNED_IN,
    ("POST", "/account/tokens/{token_id}/revoke"): THEIR_OWN,
    ("GET", "/users"): ADMINISTER,
    ("POST", "/users"): ADMINISTER,
    ("GET", "/users/{name:path}"): ADMINISTER,
    ("POST", "/users/change"): ADMINISTER,  # roles in their own profiles
    ("POST", "/users/password"): MANAGE,  # of somebody in profile test
    ("POST", "/users/active"): MANAGE,
    ("POST", "/users/end-sessions"): MANAGE,
    ("GET", "/audit"): ADMINISTER,
    ("GET", "/metrics"): "0000000",  # not configured; who may read it otherwise is in test_metrics
    ("GET", "/api/v1/me"): SIGNED_IN,
    ("GET", "/api/v1/document-types"): "i00yyyy",
    ("GET", "/api/v1/document-types/{document_type}/template"): "i00yyyy",
    ("GET", "/api/v1/uploads"): SIGNED_IN,
    ("POST", "/api/v1/uploads"): "i00yynn",
    ("GET", "/api/v1/uploads/{upload_id}"): SEE,
    ("GET", "/api/v1/uploads/{upload_id}/workbook"): SEE,
    ("GET", "/api/v1/uploads/{upload_id}/findings"): SEE,
    ("GET", "/api/v1/uploads/{upload_id}/preview"): SEE,
    ("POST", "/api/v1/uploads/{upload_id}/hand-on"): OWNER,
    ("POST", "/api/v1/uploads/{upload_id}/release"): CHECK,
    ("POST", "/api/v1/uploads/{upload_id}/return"): CHECK,
    ("POST", "/api/v1/uploads/{upload_id}/withdraw"): OWNER,
    ("GET", "/api/v1/uploads/{upload_id}/progress"): SEE,
    ("GET", "/api/v1/uploads/{upload_id}/documents"): SEE,
    ("GET", "/api/v1/uploads/{upload_id}/documents/{token}"): SEE,
    ("GET", "/api/v1/uploads/{upload_id}/results"): SEE,
    ("GET", "/api/v1/uploads/{upload_id}/to-fix"): SEE,
    ("POST", "/api/v1/uploads/{upload_id}/pause"): SEE,
    ("POST", "/api/v1/uploads/{upload_id}/resume"): SEE,
    ("POST", "/api/v1/uploads/{upload_id}/cancel"): OVERSEE,
    ("POST", "/api/v1/uploads/{upload_id}/reconcile"): SEE,
    ("POST", "/api/v1/uploads/{upload_id}/verify"): SEE,
    ("POST", "/api/v1/uploads/{upload_id}/documents/{token}/resolve"): OVERSEE,
    ("GET", "/api/v1/uploads/{upload_id}/undo"): OVERSEE,
    ("POST", "/api/v1/uploads/{upload_id}/undo"): OVERSEE,
}
FORM = {
    "profile": "test",
    "digest": "0" * 64,
    "remark": "no",
    "outcome": "posted",
    "reason": "seen",
    "documents": "1",
    "language": "en",
    "key": "x",
    "old": PASSWORD,
    "new": PASSWORD,
    "label": "x",
}
BODIES: dict[str, dict[str, object]] = {  # of the API, by the last part of the path
    "hand-on": {"digest": "0" * 64},
    "release": {"digest": "0" * 64},
    "return": {"remark": "no"},
    "resolve": {"outcome": "posted", "reason": "seen"},
    "undo": {"documents": 1},
}


@dataclass
class Town:
    """Everybody, with a workbook that anne handed in and that was posted."""

    office: Office
    visitors: dict[str, Visitor]
    callers: dict[str, httpx.Client]
    values: dict[str, str]
    content: bytes

    def answer(self, person: str, route: Route) -> httpx.Response:
        """What the person is answered."""
        method, path = route
        place = filled(path, self.values)
        if path.startswith("/api/v1"):
            return self._called(self.callers[person], method, place.removeprefix("/api/v1"))
        visitor = self.visitors[person]
        if method == "GET":
            return visitor.get(place)
        if path in ("/sign-in", "/sign-out"):  # with a session of its own, as it changes that
            with Visitor(self.office) as alone:
                if person != "stranger" and path == "/sign-out":
                    alone.sign_in(person)
                return alone.post_form(path, {"name": "guest", "password": PASSWORD})
        self.office.add("guest", ("test", "uploader"))  # as it was, whatever somebody changed
        fields = {**FORM, "name": f"new {person}" if path == "/users" else "guest", "password": PASSWORD}
        files = {"file": ("a.xlsx", self.content, XLSX)} if path == "/uploads" else None
        return visitor.post_form(place, fields, files=files)

    def _called(self, caller: httpx.Client, method: str, place: str) -> httpx.Response:
        if method == "GET":
            return caller.get(place, params={"profile": "test"})
        if place == "/uploads":
            return hand_in(caller, self.content)
        return caller.post(place, json=BODIES.get(place.rpartition("/")[2]))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two profiles, and everybody."""
    with ExitStack() as stack:
        erp = stack.enter_context(Simulator(SimulatorSettings()))
        site = SiteFolder(tmp_path_factory.mktemp("town"), erp.standard_url, second_person=True)
        stack.callback(site.close)
        other = ["[profiles.other]", 'erp_id = "other"', f'standard_url = "{erp.standard_url}"', 'plant = "PLANT2"', "second_person = true"]
        site.config.write_text(site.config.read_text() + "\n".join(other) + "\n")
        server = stack.enter_context(WebServer(load_settings(site.config)))
        office = Office(site, server)
        for name, roles in {**PEOPLE, "guest": [("test", "uploader")]}.items():
            office.add(name, *roles)
        callers = {name: stack.enter_context(client_of(office, name)) for name in PEOPLE}
        callers["stranger"] = stack.enter_context(httpx.Client(base_url=f"{office.url}/api/v1", timeout=60))
        visitors = {name: stack.enter_context(signed_in(office, name)) for name in PEOPLE}
        visitors["stranger"] = stack.enter_context(Visitor(office))
        stack.enter_context(client_of(office, "guest"))
        content = site.workbook(sound_rows()).read_bytes()
        upload = hand_in(callers["anne"], content, "secret plan.xlsx").json()["id"]
        digest = callers["anne"].get(f"/uploads/{upload}/preview").json()["digest"]
        waiting = callers["anne"].post(f"/uploads/{upload}/hand-on", json={"digest": digest}).json()
        callers["bob"].post(f"/uploads/{upload}/release", json={"digest": waiting["preview"]}).raise_for_status()
        ended(callers["anne"], upload)
        [document, *_] = callers["anne"].get(f"/uploads/{upload}/documents").json()["documents"]
        [token] = server.app.state.desk.portal.tokens("guest")
        values = {
            "upload_id": upload,
            "token": document["token"],
            "profile": "test",
            "document_type": "misc_issue",
            "operation": "create",
            "language": "en",
            "name": "guest",
            "token_id": token.id,
        }
        yield Town(office, visitors, callers, values, content)


def mark(answer: httpx.Response) -> str:
    """One letter of the table."""
    assert answer.status_code not in (422, 429), answer.text  # then rights were never asked for
    assert answer.status_code < 500, answer.text
    if answer.status_code == 401 or (answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")):
        return "i"
    return {403: "n", 404: "0"}.get(answer.status_code, "y")


def test_every_route_stands_in_the_table() -> None:
    """None is forgotten, and none stands there that is not served any more."""
    assert set(TABLE) == set(every_route())


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_everybody_may_what_the_table_says(town: Town, route: Route) -> None:
    """And nothing else, whatever state the workbook is in."""
    found = {person: mark(town.answer(person, route)) for person in EVERYBODY}
    assert found == dict(zip(EVERYBODY, TABLE[route], strict=True))


def test_lists_show_what_one_may_see(town: Town) -> None:
    """The workbook is found by those alone who may open it: in lists, by search, and in the audit trail."""
    see = {"anne", "bob", "root"}
    for person in PEOPLE:
        listed = town.callers[person].get("/uploads", params={"search": "secret"}).json()
        assert bool(listed) is (person in see), person
        assert ("secret plan" in town.visitors[person].get("/").text) is (person in see), person
        assert ("secret plan" in town.visitors[person].get("/?q=secret").text) is (person in see), person
    assert town.values["upload_id"] in town.visitors["root"].get("/audit").text
    assert town.values["upload_id"] not in town.visitors["elsewhere"].get("/audit").text


def test_nobody_releases_their_own(town: Town) -> None:
    """Also not with every role, where the profile asks for a second person; somebody else does."""
    office = town.office
    office.add("both", *[("test", role) for role in EVERY_ROLE])
    with client_of(office, "both") as both:
        upload = hand_in(both, office.site.workbook(sound_rows(seed=9)).read_bytes()).json()["id"]
        digest = both.get(f"/uploads/{upload}/preview").json()["digest"]
        waiting = both.post(f"/uploads/{upload}/hand-on", json={"digest": digest}).json()
        refused = both.post(f"/uploads/{upload}/release", json={"digest": waiting["preview"]})
        assert refused.status_code == 403
        assert both.get(f"/uploads/{upload}").json()["state"] == "waiting"
        assert town.callers["bob"].post(f"/uploads/{upload}/release", json={"digest": waiting["preview"]}).status_code == 200
        ended(both, upload)
