"""A gateway in front of the ERP that can turn calls away, as a login page or a firewall does."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "content-length", "transfer-encoding", "date", "server"}


@contextmanager
def gate(erp_url: str, turned_away: Callable[[str], int | None]) -> Iterator[str]:
    """The gate's URL for the standard channel. `turned_away` gets each call's digi-service text: an HTTP status, or None to let it pass."""
    target = urlsplit(erp_url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = turned_away(self.headers["digi-service"])
            if status is not None:
                self._answer(status, {"Content-Type": "text/html"}, b"<html>Please log in</html>")
                return
            onward = http.client.HTTPConnection(target.hostname or "", target.port, timeout=10)
            onward.request("POST", target.path, body, dict(self.headers.items()))
            answer = onward.getresponse()
            self._answer(answer.status, {name: value for name, value in answer.getheaders() if name.lower() not in HOP}, answer.read())
            onward.close()

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{target.path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
