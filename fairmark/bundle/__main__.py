"""What runs on a platform: ``python -m fairmark.bundle PLATFORM``."""

from __future__ import annotations

import sys

from fairmark.bundle import github, gradescope, prairielearn
from fairmark.errors import FairmarkError

_RUN = {
    "gradescope": gradescope.run,
    "prairielearn": prairielearn.run,
    "github": github.run,
    "github-fetch": github.fetch,
}


def main(arguments: list[str]) -> int:
    """Grade the submission that lies where this platform puts it; return the exit code."""
    try:
        _RUN[arguments[0]]()
    except FairmarkError as error:
        for line in error.lines:
            sys.stderr.write(f"fairmark: {line}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
