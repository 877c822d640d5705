"""What Prometheus reads of the page, and who may."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from site_folder import SiteFolder, sound_rows
from web.calling import client_of, ended, hand_in
from web.conftest import Office

from importer.settings import load_settings
from importer.simulator import Simulator
from importer.web import WebServer

TOKEN = "a token of the collector"


@pytest.fixture
def measured(erp: Simulator, site: SiteFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A page with a token for its numbers, and somebody who may do everything."""
    monkeypatch.setenv("IMPORTER_WEB__METRICS_TOKEN", TOKEN)
    with WebServer(load_settings(site.config)) as server:
        office = Office(site, server)
        office.add("all", ("*", "uploader"), ("*", "approver"), ("*", "administrator"))
        yield office


def read(office: Office, *, token: str | None = TOKEN) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
    return httpx.get(f"{office.url}/metrics", headers=headers)


def test_the_page_tells_its_calls_and_what_waits(measured: Office) -> None:
    """Documents by stage, calls by operation and outcome, durations, open steps; no depth of a queue that is not there."""
    with client_of(measured, "all") as caller:
        upload = hand_in(caller, measured.site.workbook(sound_rows(documents=3)).read_bytes()).json()["id"]
        digest = caller.get(f"/uploads/{upload}/preview").json()["digest"]
        caller.post(f"/uploads/{upload}/hand-on", json={"digest": digest}).raise_for_status()
        ended(caller, upload)
    answer = read(measured)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'importer_documents_total{stage="posted"} 3.0',
        'importer_calls_total{operation="create",outcome="succeeded"} 3.0',
        'importer_call_seconds_count{operation="post"} 3.0',
        'importer_entries{status="unknown"} 0.0',
    ):
        assert line in answer.text
    assert "importer_queue_depth" not in answer.text


def test_nobody_reads_them_without_the_token(measured: Office) -> None:
    """Neither a stranger, nor an access token of somebody who may do everything; and the token opens nothing else."""
    assert read(measured, token=None).status_code == 401
    with client_of(measured, "all") as caller:
        answer = httpx.get(f"{measured.url}/metrics", headers={"Authorization": caller.headers["Authorization"]})
        assert (answer.status_code, "importer_calls" in answer.text) == (401, False)
    assert read(measured, token="ü").status_code == 401
    assert httpx.get(f"{measured.url}/api/v1/me", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 401


def test_the_token_cannot_be_guessed(measured: Office) -> None:
    """After so many wrong ones an address has to wait, also with the right one."""
    answers = {read(measured, token=f"wrong {number}").status_code for number in range(60)}
    assert answers == {401, 429}
    assert read(measured).status_code == 429


def test_the_token_does_not_stand_in_the_configuration_file(site: SiteFolder) -> None:
    """It is a secret as any other: the command says where it belongs."""
    site.config.write_text(site.config.read_text() + f'[web]\nmetrics_token = "{TOKEN}"\n')
    done = site.cli("status")
    assert done.code == 2
    assert "IMPORTER_WEB__METRICS_TOKEN" in done.err
    assert TOKEN not in done.err
