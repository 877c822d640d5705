"""An ERP that answers every call at once: `python -m tests.benchmarks.stub [--port 0] [--record FILE] [--latency MS]`.

It reads no more of a request than its service and its number, and its answers are ready-made, so that it never is what is measured.
Both formats, both styles of JSON; a create gets a number that no other has. It keeps no documents: whoever queries finds none.
`--record` keeps the requests for `loadgen`, which makes the same calls again; the file is complete when the stub has ended.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import Final

from .recording import Recorder

SERVICE: Final = re.compile(rb'name"?[:=] ?"((?:\w+\.)+\w+)"')
LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SLIP: Final = re.compile(rb'doc_type_no"[^>\w]{1,3}(?:type="\w+">)?"?([\w-]+)')
NUMBER: Final = re.compile(rb'doc_no"[^>\w]{1,3}(?:type="\w+">)?"?([\w-]+)')
TOO_LARGE: Final = 1 << 28

_JSON_ROW: Final = b'{"doc_type_no":"%s","doc_no":"%s"}'
_JSON: Final = (
    b'{"std_data":{"execution":{"code":"0","sql_code":"0","description":"\xe5\x9f\xb7\xe8\xa1\x8c\xe6\x88\x90\xe5\x8a\x9f"},'
    b'"parameter":{"result":{"success":[%s],"error":[]}}}}'
)
_JSON_ENVELOPE: Final = b'{"srvver":"1.0","srvcode":"000","payload":%s}'
_XML_ROW: Final = b'<row seq="1"><field name="doc_type_no" type="string">%s</field><field name="doc_no" type="string">%s</field></row>'
_XML: Final = (
    b"<?xml version='1.0' encoding='utf-8'?>\n<response><srvver>1.0</srvver><srvcode>000</srvcode><payload>"
    b'<param key="std_data" type="xml"><data_response><execution><status code="0" sql_code="0" description="ok"/></execution><datainfo>'
    b'<parameter key="result" type="data"><data name="result"><row seq="1"><detail name="success">%s</detail><detail name="error"/></row>'
    b"</data></parameter></datainfo></data_response></param></payload></response>"
)
_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/%s; charset=utf-8\r\ndigi-srvver: 1.0\r\ndigi-srvcode: 000\r\ncontent-length: %d\r\n\r\n"
)


class Erp:
    """The answers; the numbers are counted over all connections."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._numbers = count(1)
        self._recorder = recorder

    def answer(self, head: bytes, body: bytes) -> bytes:
        """The whole response to one request."""
        if self._recorder:
            self._recorder.keep(head, body)
        xml = body[:1] == b"<"
        found = SERVICE.search(head) or SERVICE.search(body)
        operation = found[1] if found else b""
        answer = (_XML if xml else _JSON) % self._row(operation, body, _XML_ROW if xml else _JSON_ROW)
        if not xml and b"digi-service" not in head.lower():
            answer = _JSON_ENVELOPE % answer
        return _HEAD % (b"xml" if xml else b"json", len(answer)) + answer

    def _row(self, operation: bytes, body: bytes, form: bytes) -> bytes:
        if operation.endswith(b".get"):
            return b""
        slip = _first(SLIP, body)
        if operation.endswith(b".create"):
            return form % (slip, b"%s-%08d" % (slip or b"X", next(self._numbers)))
        return form % (slip, _first(NUMBER, body))


def _first(pattern: re.Pattern[bytes], body: bytes) -> bytes:
    found = pattern.search(body)
    return found[1] if found else b""


class _Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, erp: Erp, latency_s: float) -> None:
        self._erp = erp
        self._latency_s = latency_s
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if whole > TOO_LARGE:
                self._transport.close()
                return
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            answer = self._erp.answer(head, body)
            if self._latency_s:
                asyncio.get_running_loop().call_later(self._latency_s, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def serve(port: int, recorder: Recorder | None, latency_s: float) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT; the URL is printed."""
    loop = asyncio.get_running_loop()
    erp = Erp(recorder)
    server = await loop.create_server(lambda: _Connection(erp, latency_s), "127.0.0.1", port)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    await stopped.wait()
    server.close()


def main() -> None:
    """Arguments, and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep the requests in this file")
    parser.add_argument("--most", type=int, default=30_000, help="how many requests are kept")
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="answer so much later")
    asked = parser.parse_args()
    recorder = Recorder(asked.record, asked.most) if asked.record else None
    with recorder or nullcontext():
        asyncio.run(serve(asked.port, recorder, asked.latency / 1000))


if __name__ == "__main__":
    main()
