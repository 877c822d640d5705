"""The REST API: everything that people do on the pages, by other systems."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import httpx
import openpyxl
import pytest
from site_folder import Rows, SiteFolder, movements_of, once_each, sound_rows
from waiting import until
from web.calling import client_of, ended, hand_in, token_for
from web.conftest import Office
from web.routes import api_routes

from importer.settings import load_settings
from importer.simulator import Simulator
from importer.web import WebServer


def test_from_file_to_posted_documents(office: Office, erp: Simulator) -> None:
    """Handed in, looked at, handed on by one, released by another, posted, and the results brought home."""
    rows = sound_rows()
    path = office.site.workbook(rows)
    with client_of(office, "anne") as anne, client_of(office, "bob") as bob:
        created = hand_in(anne, path.read_bytes(), "雜發 1月.xlsx")
        assert created.status_code == 201
        upload = created.json()
        assert (upload["file"], upload["documents"], upload["errors"], upload["state"]) == ("雜發 1月.xlsx", 3, 0, "checked")
        place = created.headers["location"].removeprefix("/api/v1")
        assert anne.get(f"{place}/findings").json()["findings"] == []
        preview = anne.get(f"{place}/preview").json()
        assert preview["counts"] == {"new": 3}
        waiting = anne.post(f"{place}/hand-on", json={"digest": preview["digest"], "until": "posted"})
        assert waiting.json()["state"] == "waiting"
        assert anne.post(f"{place}/release", json={"digest": waiting.json()["preview"]}).status_code == 403
        released = bob.post(f"{place}/release", json={"digest": waiting.json()["preview"]})
        assert (released.status_code, released.json()["released_by"]) == (200, "bob")
        assert ended(anne, upload["id"])["state"] == "ended"
        progress = anne.get(f"{place}/progress").json()
        assert (progress["stages"], progress["percent"]) == ({"posted": 3}, 100)
        results = anne.get(f"{place}/results")
        assert openpyxl.load_workbook(io.BytesIO(results.content)).sheetnames
        assert anne.get(f"{place}/workbook").content == path.read_bytes()
    once_each(erp, movements_of("misc_issue", rows), 3)


def test_every_finding_with_its_cell(office: Office) -> None:
    """What is wrong comes as data, in the caller's language, and cannot be handed on."""
    rows = sound_rows()
    path = office.site.workbook([{**rows[0], "qty": -1}, *rows[1:]])
    with client_of(office, "anne") as anne:
        place = f"/uploads/{hand_in(anne, path.read_bytes()).json()['id']}"
        found = anne.get(f"{place}/findings").json()
        assert [(item["severity"], item["row"], item["value"]) for item in found["findings"]] == [("error", 3, "-1")]
        chinese = anne.get(f"{place}/findings", headers={"Accept-Language": "zh-TW"}).json()
        assert "必須大於 0" in chinese["findings"][0]["message"]
        digest = anne.get(f"{place}/preview").json()["digest"]
        refused = anne.post(f"{place}/hand-on", json={"digest": digest})
        assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
        assert "errors" in refused.json()["detail"]


def test_it_goes_back_with_a_remark(office: Office) -> None:
    """The second person says no, and why; the uploader reads it."""
    with client_of(office, "anne") as anne, client_of(office, "bob") as bob:
        upload = hand_in(anne, office.site.workbook(sound_rows()).read_bytes()).json()
        digest = anne.get(f"/uploads/{upload['id']}/preview").json()["digest"]
        anne.post(f"/uploads/{upload['id']}/hand-on", json={"digest": digest}).raise_for_status()
        bob.post(f"/uploads/{upload['id']}/return", json={"remark": "wrong month"}).raise_for_status()
        found = anne.get(f"/uploads/{upload['id']}").json()
        assert (found["state"], found["remark"]) == ("returned", "wrong month")
        other = hand_in(anne, office.site.workbook(sound_rows(seed=5)).read_bytes()).json()
        assert anne.post(f"/uploads/{other['id']}/withdraw").json()["state"] == "withdrawn"
        assert [item["id"] for item in anne.get("/uploads", params={"state": "returned"}).json()] == [upload["id"]]


def test_a_token_is_needed_and_a_cookie_is_none(office: Office) -> None:
    """401 without a token, with an unknown, a revoked one, or one of somebody who may not come in any more; never a cookie."""
    portal = office.server.app.state.desk.portal
    secret = token_for(office, "anne")
    [token] = portal.tokens("anne")

    def answer(**headers: str) -> httpx.Response:
        return httpx.get(f"{office.url}/api/v1/me", headers=headers)

    assert answer(Authorization=f"Bearer {secret}").json()["roles"] == {"test": ["uploader"]}
    for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {secret}"}, {"Cookie": f"importer={secret}"}):
        refused = answer(**wrong)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert "set-cookie" not in refused.headers
    portal.revoke_token(token.id, "anne")
    assert answer(Authorization=f"Bearer {secret}").status_code == 401
    office.add("gone", ("*", "uploader"))
    left = token_for(office, "gone")
    assert answer(Authorization=f"Bearer {left}").status_code == 200
    office.add("gone", ("*", "uploader"), active=False)
    assert answer(Authorization=f"Bearer {left}").status_code == 401


def test_guessing_tokens_is_braked(office: Office) -> None:
    """After too many wrong ones an address waits, also with a right one."""
    most = office.server.app.state.desk.settings.web.sign_in_failures * 10
    with client_of(office, "anne") as anne, httpx.Client(base_url=f"{office.url}/api/v1") as stranger:
        for _ in range(most):
            assert stranger.get("/me", headers={"Authorization": "Bearer guess"}).status_code == 401
        refused = anne.get("/me")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 900


def test_the_description_names_every_route_and_its_errors(office: Office) -> None:
    """OpenAPI without a token to read it: each route with the token it needs and the errors that it may answer with."""
    found = httpx.get(f"{office.url}/api/openapi.json").json()
    described = {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}
    assert described == set(api_routes())
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["security"] == [{"token": []}], where
            assert {"401", "422", "429"} <= set(operation["responses"]), where
            assert operation["description"], where
            if "{upload_id}" in path:
                assert "404" in operation["responses"], where
            if method == "post":
                assert {"403", "409"} <= set(operation["responses"]), where


def posted(office: Office, anne: httpx.Client, bob: httpx.Client, rows: Rows) -> str:
    """The upload of rows that were sent, once that has ended."""
    upload = hand_in(anne, office.site.workbook(rows).read_bytes()).json()["id"]
    digest = anne.get(f"/uploads/{upload}/preview").json()["digest"]
    waiting = anne.post(f"/uploads/{upload}/hand-on", json={"digest": digest}).raise_for_status().json()
    bob.post(f"/uploads/{upload}/release", json={"digest": waiting["preview"]}).raise_for_status()
    ended(anne, upload)
    return upload


def test_documents_tell_their_stories_and_are_taken_back(office: Office, erp: Simulator) -> None:
    """Each document with its calls; the plan of an undo first, then the undo, by somebody who may."""
    with client_of(office, "anne") as anne, client_of(office, "bob") as bob:
        place = f"/uploads/{posted(office, anne, bob, sound_rows())}"
        found = anne.get(f"{place}/documents", params={"shown": "posted"}).json()
        assert (found["total"], {item["stage"] for item in found["documents"]}) == (3, {"posted"})
        story = anne.get(f"{place}/documents/{found['documents'][0]['token']}").json()
        assert {event["operation"] for event in story["events"]} == {"create", "approve", "post"}
        assert story["document"]["doc_no"]
        assert len(story["lines"]) == 2
        assert anne.post(f"{place}/verify").status_code == 202
        ended(anne, place.rpartition("/")[2])
        assert anne.get(f"{place}/undo").status_code == 403
        plan = bob.get(f"{place}/undo").json()
        assert (plan["documents"], plan["plan"][0]["operations"][0]) == (3, "dispost")
        assert bob.post(f"{place}/undo", json={"documents": 2}).status_code == 409
        assert bob.post(f"{place}/undo", json={"documents": 3}).status_code == 202
        ended(bob, place.rpartition("/")[2])
        assert bob.get(f"{place}/progress").json()["standing"] == 0
        assert bob.post(f"{place}/undo", json={"documents": 3}).status_code == 409
    assert [document for document in erp.documents() if document.confirm != "X"] == []


def test_what_was_refused_comes_back_to_be_corrected(office: Office, erp: Simulator) -> None:
    """The ERP refuses one; its rows come as a workbook of their own."""
    rows = sound_rows()
    with client_of(office, "anne") as anne, client_of(office, "bob") as bob:
        good = posted(office, anne, bob, sound_rows(seed=4))
        assert anne.get(f"/uploads/{good}/to-fix").status_code == 409
        bad = posted(office, anne, bob, [{**rows[0], "item_no": "NO-SUCH-ITEM"}, *rows[1:]])
        [refused] = anne.get(f"/uploads/{bad}/documents", params={"shown": "rejected"}).json()["documents"]
        assert refused["code"]
        book = openpyxl.load_workbook(io.BytesIO(anne.get(f"/uploads/{bad}/to-fix").content))
        assert any(cell.value == "NO-SUCH-ITEM" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_batch_is_paused_carried_on_and_cancelled(office: Office, erp: Simulator) -> None:
    """Between two documents; what is in the ERP stays there, and nothing is there twice."""
    erp.configure(latency_ms=30)
    with client_of(office, "anne") as anne, client_of(office, "bob") as bob:
        rows = sound_rows(documents=60, lines=1)
        upload = hand_in(anne, office.site.workbook(rows).read_bytes()).json()["id"]
        assert anne.post(f"/uploads/{upload}/pause").status_code == 409
        digest = anne.get(f"/uploads/{upload}/preview").json()["digest"]
        waiting = anne.post(f"/uploads/{upload}/hand-on", json={"digest": digest}).json()
        bob.post(f"/uploads/{upload}/release", json={"digest": waiting["preview"]}).raise_for_status()
        until(lambda: len(erp.movements()) >= 3)
        assert anne.post(f"/uploads/{upload}/pause").status_code == 200
        ended(anne, upload)
        paused = anne.get(f"/uploads/{upload}/progress").json()
        assert (paused["state"], paused["done"] < 60) == ("paused", True)
        assert anne.post(f"/uploads/{upload}/cancel").status_code == 403
        assert anne.post(f"/uploads/{upload}/resume").status_code == 200
        until(lambda: len(erp.movements()) > paused["done"] + 2)
        assert bob.post(f"/uploads/{upload}/cancel").status_code == 200
        ended(anne, upload)
        assert anne.get(f"/uploads/{upload}/progress").json()["state"] == "cancelled"
        assert anne.post(f"/uploads/{upload}/resume").status_code == 409
    assert erp.duplicates() == {}


def test_templates_by_type_and_language(office: Office) -> None:
    """What to fill in comes from the API, too."""
    with client_of(office, "anne") as anne:
        types = [item["document_type"] for item in anne.get("/document-types", params={"profile": "test"}).json()]
        assert {"misc_issue", "transfer"} <= set(types)
        book = anne.get("/document-types/misc_issue/template", params={"profile": "test", "language": "zh_TW"})
        assert openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames
        assert anne.get("/document-types/misc_issue/template", params={"profile": "other"}).status_code == 404
        assert anne.get("/document-types/nothing/template", params={"profile": "test"}).status_code == 404


@pytest.mark.parametrize("length", [None, "announced"])
def test_a_file_that_is_too_long_is_refused(office: Office, length: str | None) -> None:
    """413, whether its length was announced or not; nobody keeps it."""
    size = (office.server.app.state.desk.settings.web.max_upload_mb + 1) * 1024 * 1024
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'

    def body() -> object:
        yield head
        for _ in range(size // 1024 // 1024):
            yield b"0" * 1024 * 1024
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    if length:
        headers["Content-Length"] = str(len(head) + size + 9)
    with client_of(office, "anne") as anne:
        refused = anne.post("/uploads", content=body(), headers=headers)
        assert refused.status_code == 413
        assert anne.get("/uploads").json() == []


def test_the_readme_s_calls_work(site: SiteFolder, erp: Simulator) -> None:
    """README's curl calls, as they stand there: handed in, posted, and the results beside it."""
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    script = text.split("<!-- curl -->")[1].split("```bash")[1].split("```")[0]
    with WebServer(load_settings(site.config)) as server:
        office = Office(site, server)
        office.add("anne", ("test", "uploader"))
        path = site.workbook(sound_rows())
        settings = f"API={server.url}/api/v1 TOKEN={token_for(office, 'anne')} FILE={path}"
        first, rest = script.strip().split("\n", 1)
        assert [part.split("=")[0] for part in first.split()] == ["API", "TOKEN", "FILE"]
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{settings}\n{rest}"], cwd=site.folder, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr + done.stdout
    [results] = site.folder.glob("misc_issue_result_*.xlsx")
    assert {row["_result.status"].rsplit(maxsplit=1)[-1] for row in site.results_rows(results)} == {"posted"}
    once_each(erp, movements_of("misc_issue", sound_rows()), 3)
