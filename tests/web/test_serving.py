"""How the server of the page ends."""

from __future__ import annotations

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from site_folder import SiteFolder
from waiting import until

from importer.settings import load_settings
from importer.web import WebServer, serving


def test_a_browser_that_does_not_read_keeps_no_server_from_ending(site: SiteFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asked for more than the network holds, and went to sleep: the server waits a moment, then ends all the same."""
    monkeypatch.setattr(serving, "PATIENCE_S", 1)
    server = WebServer(load_settings(site.config)).__enter__()
    address = urlsplit(server.url)
    connections = server._server.server_state.connections
    with socket.socket() as asleep:
        asleep.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        asleep.connect((address.hostname or "", address.port or 0))
        asleep.sendall(f"GET /static/htmx.min.js HTTP/1.1\r\nhost: {address.netloc}\r\n\r\n".encode() * 200)
        until(lambda: connections and all(_stuck(connection) for connection in connections))
        ending = threading.Thread(target=server.__exit__, args=(None, None, None), daemon=True)
        ending.start()
        ending.join(60)
        assert not ending.is_alive()


def _stuck(connection: object) -> bool:
    """Whether nothing of what the server wants to write has left within half a second."""
    transport = connection.transport  # type: ignore[attr-defined]
    waiting = transport.get_write_buffer_size()
    time.sleep(0.5)
    return waiting > 0 and transport.get_write_buffer_size() == waiting
