"""Ratios of the main job, measured in one run: `python tests/benchmarks/main_job.py [--documents 10000] [--lines 10]`.

Whole processes, start-up included, against what cannot be beaten: calamine alone for reading, the same number of calls made by bare httpx
in as many threads for sending. The simulator runs in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from importer.demo import demo_rows
from importer.mapping import load_mappings
from importer.workbook.template import fill_template

READ: Final = "import sys, python_calamine as c; c.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(1).to_python()"
CALLS: Final = """
import sys, threading, httpx
url, calls, lanes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
body = b'{"std_data":{"parameter":{"datakeys":[{"doc_type_no":"I01","doc_no":"I01-00000000"}]}}}'
service = '{"prod":"TIPTOP","name":"tt.oapi.other.out.inventory.details.data.read.get","srvver":"1.0"}'
headers = {"Content-Type": "application/json; charset=utf-8", "digi-service": service, "digi-host": "{}", "digi-type": "sync",
           "digi-datakey": '{"EntId":"1","CompanyId":"PLANT1"}'}
def lane():
    with httpx.Client() as client:
        for _ in range(calls // lanes):
            client.post(url, content=body, headers=headers)
threads = [threading.Thread(target=lane) for _ in range(lanes)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def timed(command: Sequence[str], folder: Path) -> tuple[float, int]:
    """Wall seconds and peak megabytes of a process."""
    before = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {status}")
    return time.perf_counter() - before, usage.ru_maxrss // 1024


def main() -> None:
    """Make the workbook, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=10)
    parser.add_argument("--lanes", type=int, default=8)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = list(demo_rows(load_mappings()["misc_issue"], documents=asked.documents, lines=asked.lines, day=date(2026, 1, 31)))
        fill_template(load_mappings()["misc_issue"], "en", folder / "big.xlsx", rows)
        erp = subprocess.Popen([sys.executable, "-m", "importer.simulator", "--port", "0"], stdout=subprocess.PIPE, text=True)
        try:
            url = erp.stdout.readline().strip() if erp.stdout else ""
            profile = f'standard_url = "{url}/CROSS/RESTful"\nconcurrency = {asked.lanes}\nask_before_create = "never"\n'
            (folder / "importer.toml").write_text(f'ledger = "sqlite:///l.db"\n[profiles.bench]\n{profile}')
            measure(folder, url, asked.documents, asked.lines, asked.lanes)
        finally:
            erp.terminate()
            erp.wait()


def measure(folder: Path, url: str, documents: int, lines: int, lanes: int) -> None:
    importer = [sys.executable, "-m", "importer"]
    reading, _ = timed([sys.executable, "-c", READ, "big.xlsx"], folder)
    checking, memory = timed([*importer, "check", "big.xlsx"], folder)
    calling, _ = timed([sys.executable, "-c", CALLS, f"{url}/CROSS/RESTful", str(documents * 3), str(lanes)], folder)
    running, run_memory = timed([*importer, "run", "big.xlsx"], folder)
    again, _ = timed([*importer, "run", "big.xlsx"], folder)
    print(f"{documents} documents of {lines} lines, {lanes} lanes")
    print(f"calamine alone          {reading:7.2f} s")
    print(f"check                   {checking:7.2f} s   {checking / reading:5.2f} x calamine   {memory} MB")
    print(f"bare httpx, same calls  {calling:7.2f} s   {documents * 3 / calling:,.0f} calls/s")
    print(f"run (whole job)         {running:7.2f} s   {running / (reading + calling):5.2f} x (calamine + httpx)   {run_memory} MB")
    print(f"run again               {again:7.2f} s   {again / reading:5.2f} x calamine (all already imported)")
    print(f"(this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB)")


if __name__ == "__main__":
    main()
