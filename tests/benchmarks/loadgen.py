"""The same calls with the same bytes and nothing around them, the floor of sending: `python -m tests.benchmarks.loadgen URL RECORDING`.

--client httpx    one httpx client per lane, as most Python programs would call       (what design §3 chose by measurement)
--client socket   a bare socket per lane that writes ready bytes and reads to the end of the answer: the wire itself
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from .recording import Recorded, recorded

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK: Final = b"HTTP/1.1 200"
Lane = Callable[[str, Sequence[Recorded]], None]


def by_httpx(url: str, calls: Sequence[Recorded]) -> None:
    """One lane's calls over one httpx client."""
    import httpx

    with httpx.Client(base_url=url, timeout=60, verify=False) as client:
        for call in calls:
            client.post(call.target, content=call.body, headers=call.headers).raise_for_status()


def by_socket(url: str, calls: Sequence[Recorded]) -> None:
    """One lane's calls over one connection."""
    address = urlsplit(url)
    host = f"{address.hostname}:{address.port}".encode()
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for call in calls:
            lines = b"".join(b"\r\n%s: %s" % header for header in call.headers)
            head = b"POST %s HTTP/1.1\r\nhost: %s\r\ncontent-length: %d%s\r\n\r\n" % (call.target.encode(), host, len(call.body), lines)
            connection.sendall(head + call.body)
            _read_answer(connection)


def _read_answer(connection: socket.socket) -> None:
    answer = connection.recv(1 << 16)
    while (end := answer.find(b"\r\n\r\n")) < 0 and answer:
        answer += connection.recv(1 << 16)
    length = _LENGTH.search(answer, 0, end)
    if not answer.startswith(_OK) or length is None:
        raise ValueError(f"no answer to measure: {answer[:200]!r}")
    missing = end + 4 + int(length[1]) - len(answer)
    while missing > 0:
        missing -= len(connection.recv(1 << 16)) or missing


CLIENTS: Final[dict[str, Lane]] = {"httpx": by_httpx, "socket": by_socket}


def replay(url: str, calls: Sequence[Recorded], *, lanes: int, client: str) -> float:
    """Seconds that the calls take in so many lanes; each lane has every n-th call."""
    started = time.perf_counter()
    with ThreadPoolExecutor(lanes) as threads:
        for done in [threads.submit(CLIENTS[client], url, calls[lane::lanes]) for lane in range(lanes)]:
            done.result()
    return time.perf_counter() - started


def main() -> None:
    """Make the calls; one JSON object says how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="scheme, host and port")
    parser.add_argument("recording", type=Path)
    parser.add_argument(
        "--calls", type=int, default=0, help="how many, from the beginning again where fewer were recorded; 0: the recorded ones"
    )
    parser.add_argument("--lanes", type=int, default=8)
    parser.add_argument("--client", choices=CLIENTS, default="httpx")
    asked = parser.parse_args()
    kept = list(recorded(asked.recording))
    calls = list(islice(cycle(kept), asked.calls or len(kept)))
    seconds = replay(asked.url, calls, lanes=asked.lanes, client=asked.client)
    print(json.dumps({"calls": len(calls), "seconds": round(seconds, 3), "calls_per_second": round(len(calls) / seconds, 1)}))


if __name__ == "__main__":
    main()
