from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from integration.simulator.wire import Client

from importer.simulator import Simulator

REPOSITORY = Path(__file__).parents[3]


def test_a_simulator_as_a_process_prints_its_address_and_ends_on_sigterm(tmp_path: Path) -> None:
    """The first line is the URL, the port works at once, SIGTERM and SIGINT end it with exit code 0."""
    settings = tmp_path / "settings.json"
    settings.write_text('{"refusal_code": "-0"}')
    command = [sys.executable, "-m", "importer.simulator", "--port", "0", "--settings", str(settings)]
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            with Client(f"{url}/CROSS/RESTful") as client:
                assert client.create("misc_issue", {"item_no": "NO-SUCH"}).code == "-0"
            process.send_signal(number)
            assert process.wait(timeout=20) == 0


def test_two_simulators_live_side_by_side_and_stopped_ones_can_be_read() -> None:
    """Each has its own port and books; stopping refuses new connections and keeps what was written."""
    with Simulator() as first, Simulator() as second:
        assert first.base_url != second.base_url
        with Client(first.standard_url) as client:
            doc_no = client.made("misc_issue")
        assert second.documents() == []
    assert [document.doc_no for document in first.documents()] == [doc_no]
    with pytest.raises(httpx.ConnectError):
        httpx.get(first.base_url)
    first.stop()


def test_a_taken_port_is_an_error_at_once() -> None:
    """OSError from start(), not a thread that dies unseen."""
    with Simulator() as running:
        port = int(running.base_url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match=r"."):
            Simulator().start(port)


def test_a_stopped_simulator_starts_again_at_its_port_with_its_books() -> None:
    """An ERP that was down and comes back."""
    simulator = Simulator().start()
    port = int(simulator.base_url.rsplit(":", 1)[1])
    with Client(simulator.standard_url) as client:
        client.made("misc_issue")
        simulator.stop()
        with pytest.raises(httpx.TransportError):
            client.create("misc_issue")
        with simulator.start(port):
            assert client.made("misc_issue") == "I01-24010002"


def test_importing_the_package_loads_no_server() -> None:
    """The command line's help must not wait for uvicorn."""
    heavy = "uvicorn", "starlette", "pydantic", "jinja2", "orjson", "lxml"
    code = f"import sys, importer.simulator; print([name for name in {heavy!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_simulator_imports_nothing_of_the_sending_side() -> None:
    """It is an independent judge of the wire format."""
    code = (
        "import sys, importer.simulator.runner, importer.simulator.__main__\n"
        "print([name for name in sys.modules if name.startswith('importer.') and not name.startswith('importer.simulator')])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert answer.stdout.strip() == "[]"
