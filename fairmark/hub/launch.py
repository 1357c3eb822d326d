"""Starts a Jupyter program without a second of work, and 16 MiB, that it has no use for.

As a command: ``python -m fairmark.hub.launch jupyterhub.singleuser [ARGUMENT…]``.
"""

from __future__ import annotations

import runpy
import sys

PYTHON_MODULE = (sys.executable, "-m", "fairmark.hub.launch")
"""A command line that a module's name and its arguments come behind."""


def main() -> None:
    """Run the module that the command line names, as ``python -m`` does."""
    # Where it finds this module, jsonschema compiles a grammar of URIs. None makes it do without.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
