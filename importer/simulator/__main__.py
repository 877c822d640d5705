"""`python -m importer.simulator [--port N] [--settings FILE.json] [--master FILE.json]`: one ERP as a process of its own."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from importer.simulator import SimulatorSettings, serve
from importer.simulator.settings import settings_from_json


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m importer.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8800, help="0 = a free one")
    parser.add_argument("--settings", type=Path, help="JSON file with settings, as in POST /admin/settings")
    parser.add_argument("--master", type=Path, help="JSON file with master data, as in POST /admin/master")
    arguments = parser.parse_args()
    changes = json.loads(arguments.settings.read_text(encoding="utf-8")) if arguments.settings else {}
    if arguments.master:
        changes["master"] = str(arguments.master)
    serve(settings_from_json(SimulatorSettings(), changes), arguments.host, arguments.port, lambda url: print(url, flush=True))


if __name__ == "__main__":
    main()
