"""`importer watch` as a service runs it: started, fed, asked how it is, and ended by a signal."""

from __future__ import annotations

import json
import signal
import urllib.request
from urllib.error import HTTPError

import pytest
from receiver import receiving
from site_folder import SiteFolder, finished, movements_of, once_each, sound_rows
from waiting import until
from watch_folder import WatchFolder

from importer.simulator import Simulator


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_service(site: SiteFolder, erp: Simulator) -> None:
    """Files are imported while it runs, /health and /metrics tell, the log is JSON, and SIGTERM ends it with one JSON array."""
    folder = WatchFolder(site, health="127.0.0.1:0", log_file="watch.log")
    process = site.start("watch", folder.root, "--json")
    assert process.stderr is not None
    url = process.stderr.readline().split()[1].removesuffix("/health,")
    until(lambda: (folder.root / "inbox").is_dir())
    rows = sound_rows(documents=2)
    folder.drop(site.workbook(rows))
    until(lambda: folder.ends() and not folder.left())
    until(lambda: json.loads(_get(f"{url}/health")[1])["folders"][0]["ended"])
    code, body = _get(f"{url}/health")
    [health] = json.loads(body)["folders"]
    assert (code, health["ok"], health["ended"], health["inbox"]) == (200, True, {"done": 1}, 0)
    code, body = _get(f"{url}/metrics")
    assert code == 200
    assert f'importer_watch_files_total{{folder="{folder.root}",outcome="done"}} 1.0' in body
    assert _get(f"{url}/")[0] == 404
    process.send_signal(signal.SIGTERM)
    done = finished(process)
    assert done.code == 0
    assert [(item["file"], item["outcome"], item["stages"]) for item in done.json] == [("misc_issue.xlsx", "done", {"posted": 2})]
    events = [json.loads(line)["event"] for line in (site.folder / "watch.log").read_text("utf-8").splitlines()]
    assert events == ["file_taken", "file_ended"]
    once_each(erp, movements_of("misc_issue", rows), 2)


def test_a_signal_in_the_middle_of_a_file(site: SiteFolder, erp: Simulator) -> None:
    """The calls under way end, exit code 130, the file stays; the next start carries it on."""
    erp.configure(latency_ms=50)
    folder = WatchFolder(site)
    rows = sound_rows(documents=60, lines=1)
    process = site.start("watch", folder.root)
    until(lambda: (folder.root / "inbox").is_dir())
    folder.drop(site.workbook(rows))
    until(lambda: erp.call_counts().get("create", 0) > 3)
    process.send_signal(signal.SIGTERM)
    assert finished(process).code == 130
    assert folder.ends() == {}
    erp.configure(latency_ms=0)
    assert folder.once()[0] == 0
    assert folder.ends() == {"misc_issue.xlsx": ["done"]}
    once_each(erp, movements_of("misc_issue", rows), 60)


def test_once_as_a_command(site: SiteFolder) -> None:
    """For cron: the worst exit code of its files, a line for each, nothing when there is nothing."""
    folder = WatchFolder(site)
    rows = sound_rows(documents=2)
    rows[0]["qty"] = "many"
    (folder.root / "inbox").mkdir(parents=True)
    folder.drop(site.workbook(rows))
    done = site.cli("watch", folder.root, "--once")
    assert done.code == 1
    assert "misc_issue.xlsx: To fix" in done.out
    done = site.cli("watch", folder.root, "--once", "--json")
    assert (done.code, done.json) == (0, [])


@pytest.mark.parametrize("arguments", [["--print-systemd"], ["--print-windows-task"]])
def test_service_files_are_printed(site: SiteFolder, arguments: list[str]) -> None:
    """With the folder and the configuration in them."""
    done = site.cli("watch", site.folder / "in", *arguments)
    assert done.code == 0
    assert str(site.folder / "in") in done.out
    assert str(site.config) in done.out


def test_channels_can_be_tried(site: SiteFolder) -> None:
    """Before the first night: which channel takes a message, and why another does not."""
    assert site.cli("watch", site.folder / "in", "--send-test").code == 2
    with receiving() as receiver:
        notify = f'[notify.webhooks.a]\nurl = "{receiver.url}"\n[notify.webhooks.b]\nurl = "http://127.0.0.1:9/x"\n'
        folder = WatchFolder(site, notify=notify)
        done = site.cli("watch", folder.root, "--send-test", "--json")
    assert done.code == 1
    assert [(row["channel"], row["error"] is None) for row in done.json] == [("webhook:a", True), ("webhook:b", False)]
    assert "This is a test message" in receiver.bodies[0]["text"] or "測試" in receiver.bodies[0]["text"]


def test_two_watchers_may_not_share_a_port(site: SiteFolder) -> None:
    """A sentence and exit code 2."""
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        folder = WatchFolder(site, health=f"127.0.0.1:{listener.getsockname()[1]}")
        done = site.cli("watch", folder.root)
    assert done.code == 2
    assert "/health cannot be served" in done.err
