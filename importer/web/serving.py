"""The page on a port of this machine."""

from __future__ import annotations

import importlib.util
import secrets
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import uvicorn
from fastapi import FastAPI

from importer.ledger import Ledger, open_ledger
from importer.settings import Settings
from importer.web.app import create_app
from importer.web.desk import Desk
from importer.web.jobs import Jobs
from importer.web.spool import Spool

__all__ = ["WebServer", "serve"]

PATIENCE_S: Final = 10  # at the end, with browsers that do not read what they asked for
_HTTP: Final = "httptools" if importlib.util.find_spec("httptools") else "h11"


def make_app(settings: Settings, ledger: Ledger, chunks: Callable[[], int] | None = None) -> FastAPI:
    """The application over an open ledger. `chunks` tells how many are in the workers' queue, where there is one."""
    desk = Desk(settings, ledger, Spool(settings.web_folder / "uploads"))
    metrics = None
    if settings.web.metrics_token is not None:
        from importer.metrics import Metrics

        metrics = Metrics(lambda: (ledger.depth(), chunks() if chunks else None))
    app = create_app(desk, Jobs(desk, called=metrics.called if metrics else None))
    app.state.metrics = metrics
    app.state.setup_key = "" if ledger.portal.users() else secrets.token_urlsafe(24)
    return app


def _server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    proxied = settings.web.https_only  # then a proxy stands in front and tells who is behind it
    config = uvicorn.Config(
        app,
        http=_HTTP,
        loop="asyncio",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=proxied,
        timeout_graceful_shutdown=PATIENCE_S,
    )
    return uvicorn.Server(config)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    settings: Settings, host: str, port: int, on_ready: Callable[[str, str], None], *, chunks: Callable[[], int] | None = None
) -> None:
    """Until Ctrl-C or SIGTERM. `on_ready` is told the address, and the key for the first administrator where there is no user yet."""
    with open_ledger(settings.ledger_url) as ledger:
        app = make_app(settings, ledger, chunks)
        listener = _listen(host, port)
        on_ready(_url(listener), app.state.setup_key)
        _server(app, settings).run(sockets=[listener])


class WebServer:
    """The page in a background thread of this process. Use it as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._ledger = open_ledger(settings.ledger_url)
        try:
            self.app = make_app(settings, self._ledger)
        except BaseException:
            self._ledger.close()
            raise
        self._server = _server(self.app, settings)
        self._listener = _listen("127.0.0.1", 0)
        self.url = _url(self._listener)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, name="web")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._ledger.close()
