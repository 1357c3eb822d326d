"""A Python like Google Colab's: its pinned versions, a stand-in for its module, no fairmark.

The versions are those of Colab's own list of August 2026. Python itself is this machine's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PINS = """
decorator==4.4.2 ipykernel==6.17.1 ipython==7.34.0 jinja2==3.1.6 jupyter_client==7.4.9
jupyter_core==5.9.1 matplotlib==3.10.0 numpy==2.1.3 pluggy==1.6.0 pytest==8.4.2 pyzmq==26.2.1
tornado==6.5.7 traitlets==5.7.1
""".split()
_FILES = '''
"""Stands for Colab's own: whoever is asked for files chooses all that lie in one folder."""

import os
import pathlib


def upload():
    chosen = {p.name: p.read_bytes() for p in sorted(pathlib.Path(os.environ["CHOSEN"]).iterdir())}
    for name, data in chosen.items():
        pathlib.Path(name).write_bytes(data)
    print("asked for files")
    return chosen
'''
_KERNEL = """
import sys
import google.colab.files
from ipykernel.kernelapp import launch_new_instance

sys.path[0] = ""
launch_new_instance()
"""


def install(folder: Path) -> Path:
    """Install what Colab has into a new environment; skip the test where it cannot be had."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    command = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *PINS]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"Colab's versions cannot be installed here: {done.stderr.strip()[-300:]}")
    return folder


class Runtime:
    """One runtime of Colab's: what is installed in it is gone with it."""

    def __init__(self, installed: Path, folder: Path) -> None:
        self.content = folder / "content"
        self.chosen = folder / "chosen"
        for place in (self.content, self.chosen):
            place.mkdir(parents=True)
        environment = folder / "environment"
        command = [sys.executable, "-m", "venv", "--without-pip", str(environment)]
        subprocess.run(command, check=True)
        self.python = environment / "bin/python"
        (packages,) = environment.glob("lib/*/site-packages")
        (shared,) = installed.glob("lib/*/site-packages")
        (packages / "colab.pth").write_text(f"{shared}\n")
        (packages / "google/colab").mkdir(parents=True)
        (packages / "google/colab/__init__.py").touch()
        (packages / "google/colab/files.py").write_text(_FILES)
        kernel = folder / "kernel.py"
        kernel.write_text(_KERNEL)
        self.command = [str(self.python), str(kernel)]
        self.variables = {
            **{name: text for name, text in os.environ.items() if not name.startswith("PYTHON")},
            "CHOSEN": str(self.chosen),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        }

    def installed(self) -> dict[str, str]:
        """Return what is installed, with versions."""
        command = [str(self.python), "-m", "pip", "list", "--format=json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return {one["name"]: one["version"] for one in json.loads(done.stdout)}
