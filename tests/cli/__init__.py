"""Tests of the command line. The programs are started from this checkout, installed or not."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
PYTHON = ["env", f"PYTHONPATH={_ROOT}", sys.executable]
FAIRMARK = [*PYTHON, "-m", "fairmark.cli.main"]
