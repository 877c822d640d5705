"""`python -m importer.locale [--check]`: see the package."""

from __future__ import annotations

import sys

from importer.locale import check, update


def main(arguments: list[str]) -> int:
    """Exit code 1 while something is missing."""
    problems = check() if "--check" in arguments else update()
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(f"{len(problems)} problems\n" if problems else "all texts are translated\n")
    return 1 if problems else 0


sys.exit(main(sys.argv[1:]))
