"""The kernelspec ``fairmark``: what makes Jupyter offer the sandbox as a kernel."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

NAME = "fairmark"
DISPLAY_NAME = "Python 3 (fairmark sandbox)"
PROVISIONER = "fairmark-sandbox"


def kernelspec(
    preload: Sequence[str] | None = None, limits: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the content of ``kernel.json``; what is None is left to Jupyter's configuration."""
    config: dict[str, Any] = {}
    if preload is not None:
        config["preload"] = list(preload)
    if limits is not None:
        config["limits"] = dict(limits)
    return {
        # The provisioner runs no command. A Jupyter that does not know it must fail, and not run
        # student code without a sandbox; so this names no program.
        "argv": ["fairmark-sandbox-is-not-available", "{connection_file}"],
        "display_name": DISPLAY_NAME,
        "language": "python",
        "interrupt_mode": "message",
        "metadata": {
            "debugger": False,
            "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": config},
        },
    }


def install(
    user: bool = False,
    prefix: str | None = None,
    preload: Sequence[str] | None = None,
    limits: Mapping[str, Any] | None = None,
) -> Path:
    """Install the kernelspec for this user, below ``prefix``, or for all; return its folder.

    ``preload`` and ``limits`` are a course's (``Course.preload``); they are written down here
    because a kernel must not look for a configuration beside the notebook that it runs.
    """
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(kernelspec(preload, limits), indent=2)
        Path(folder, "kernel.json").write_text(text + "\n", encoding="utf-8")
        manager = KernelSpecManager()
        return Path(manager.install_kernel_spec(folder, NAME, user=user, prefix=prefix))
