"""Starts a program that reads notebooks a second sooner, and in 16 MiB less.

As a command: ``python -m fairmark.startup jupyterhub.singleuser [ARGUMENT…]``.
"""

from __future__ import annotations

import runpy
import sys

PYTHON_MODULE = (sys.executable, "-m", "fairmark.startup")
"""A command line that a module's name and its arguments come behind."""


def do_without_uris() -> None:
    """Keep jsonschema from compiling a grammar of URIs, which notebooks have no use for.

    It does so where it finds the module; None makes it do without.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def main() -> None:
    """Run the module that the command line names, as ``python -m`` does."""
    do_without_uris()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
