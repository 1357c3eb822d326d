"""A Python that all accounts of the machine can use, with the packages of the one that runs this.

A virtual environment may lie where other accounts cannot go, below root's home for instance. The
copy is made of hard links: it takes a second and no room. torch is left out: no student's server
and no perceptron needs it.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from packaging.specifiers import SpecifierSet

import fairmark

_LEFT_OUT = ("torch", "nvidia", "triton", "_editable_impl_fairmark")
_SCRIPT = """\
#!{python}
import sys
from {module} import {name}
sys.exit({name}())
"""


def make(folder: Path) -> Path:
    """Make the environment in ``folder``; return its interpreter."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    base = _base(version)
    subprocess.run([base, "-m", "venv", "--without-pip", folder], check=True)
    packages = folder / "lib" / f"python{version}" / "site-packages"
    source = Path(sysconfig.get_path("purelib"))
    for path in source.iterdir():
        if not path.name.startswith(_LEFT_OUT):
            _copy(path, packages / path.name)
    _fit(packages, _full_version(base))
    for name in ("etc", "share"):
        if (Path(sys.prefix) / name).is_dir():
            _copy(Path(sys.prefix) / name, folder / name)
    shutil.copytree(Path(fairmark.__file__).parent, packages / "fairmark")
    _write_scripts(folder)
    return folder / "bin" / "python3"


def _base(version: str) -> Path:
    """A Python of this version that all accounts can use."""
    candidates = [Path(f"/usr/bin/python{version}"), Path(sys.executable).resolve()]
    for path in candidates:
        if path.exists() and all(parent.stat().st_mode & 0o001 for parent in path.parents):
            return path
    raise AssertionError(f"no Python {version} that all accounts can use: {candidates}")


def _full_version(python: Path) -> str:
    call = [str(python), "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(call, capture_output=True, text=True, check=True).stdout.strip()


def _fit(packages: Path, version: str) -> None:
    """Put the versions of packages in place that an installation with that Python would have."""
    found = importlib.metadata.distributions(path=[str(packages)])
    needs = {one.name: one.metadata["Requires-Python"] or "" for one in found}
    unfit = [name for name, need in needs.items() if version not in SpecifierSet(need)]
    if unfit:
        where = ["--target", str(packages), "--python-version", version, "--only-binary=:all:"]
        call = [sys.executable, "-m", "pip", "install", "-q", "--upgrade", "--no-deps", *where]
        subprocess.run([*call, *unfit], check=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True)
    else:
        _link(str(source), str(target))


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target


def _write_scripts(folder: Path) -> None:
    """The programs of the packages, which name their interpreter in the first line."""
    python = folder / "bin" / "python3"
    for entry in importlib.metadata.entry_points(group="console_scripts"):
        script = folder / "bin" / entry.name
        if not script.exists():
            name = entry.attr.partition(".")[0]
            script.write_text(_SCRIPT.format(python=python, module=entry.module, name=name))
            script.chmod(0o755)
