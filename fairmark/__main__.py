"""``python -m fairmark`` is the command ``fairmark``."""

from fairmark.cli.main import run

run()
