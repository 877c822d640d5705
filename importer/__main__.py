"""`python -m importer` is the command `importer`."""

from __future__ import annotations

from importer.cli import main

if __name__ == "__main__":
    main()
