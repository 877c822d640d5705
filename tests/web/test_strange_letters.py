"""Letters that a database cannot hold, in every place where people can put them; on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from postgres_server import PostgresServer, programs
from site_folder import SiteFolder, sound_rows
from web.browsing import Visitor, signed_in
from web.calling import client_of, hand_in
from web.conftest import PASSWORD, PEOPLE, Office
from web.routes import every_route, filled

from importer.settings import load_settings
from importer.simulator import Simulator, SimulatorSettings
from importer.web import WebServer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def strange_office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """On either database."""
    with ExitStack() as stack:
        ledger = "sqlite:///importer.db"
        if request.param == "postgresql":
            if not programs():
                (pytest.fail if os.environ.get("CI") else pytest.skip)("no PostgreSQL server is installed (apt-get install postgresql)")
            server = PostgresServer()
            stack.callback(server.close)
            ledger = server.database()
        erp = stack.enter_context(Simulator(SimulatorSettings()))
        site = SiteFolder(tmp_path_factory.mktemp("strange"), erp.standard_url, ledger=ledger, second_person=True)
        stack.callback(site.close)
        office = Office(site, stack.enter_context(WebServer(load_settings(site.config))))
        for name, roles in {**PEOPLE, "all": [("*", role) for role in ("uploader", "approver", "administrator")]}.items():
            office.add(name, *roles)
        yield office


def test_no_letter_breaks_a_page(strange_office: Office) -> None:
    """NUL in searches, paths, names and remarks: answered like any other word that is not found."""
    with signed_in(strange_office, "all") as visitor, client_of(strange_office, "all") as api:
        for method, path in every_route():
            if method == "GET":
                place = filled(path, dict.fromkeys(("upload_id", "token", "name", "profile", "document_type"), "a%00b"))
                answer = visitor.get(f"{place}?q=a%00b&user=a%00b&target=a%00b&state=a%00b&show=a%00b&next=/a%00b")
                assert answer.status_code < 500, place
        for search in ("a\0b", "\0", "%00", "\ufffe", "𠮷野家"):
            assert api.get("/uploads", params={"search": search}).json() == []
        upload = hand_in(api, strange_office.site.workbook(sound_rows()).read_bytes(), "a\ufffeb.xlsx").json()["id"]
        for remark in ('"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"'):
            answer = api.post(f"/uploads/{upload}/return", content=f'{{"remark": {remark}}}', headers={"Content-Type": "application/json"})
            assert answer.status_code in (403, 409, 422), remark
    with Visitor(strange_office) as stranger:
        assert stranger.sign_in("an\0ne", PASSWORD).status_code in (403, 422)
        assert stranger.sign_in("anne", "a\0b").status_code == 403
