"""An image that stands in for python:3.12-slim-bookworm where no registry of images is reached.

It is Debian by debootstrap with the Python that runs the tests, and knows the package registries as
this machine does. No image that is made from it is kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAME = "python:3.12-slim-bookworm"
_DEBIAN = "bookworm"
_LIBRARIES = (
    "ca-certificates libssl3 libffi8 libbz2-1.0 libsqlite3-0 libreadline8 liblzma5 libncursesw6 "
    "libuuid1 zlib1g libexpat1"
).split()
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_PIP_KEYS = ("cert", "extra-index-url", "find-links", "index-url", "trusted-host")


def objection() -> str | None:
    """Why no such image can be made here, or None."""
    if sys.base_prefix == "/usr":
        return "the system's own Python cannot be put into an image of its own"
    if sys.version_info < (3, 11, 5):
        return "Python 3.11.5 or newer is needed"
    return None


def make(debootstrap: Path, folder: Path) -> list[str]:
    """Lay the image's files into a folder; return what ``docker import`` has to change in it."""
    scripts = debootstrap.parents[1] / "share" / "debootstrap"
    mirror = _mirror()
    call = [debootstrap, "--variant=minbase", f"--include={','.join(_LIBRARIES)}", _DEBIAN]
    _run(*call, folder, *filter(None, [mirror]), DEBOOTSTRAP_DIR=str(scripts))
    _put_python(folder / "usr" / "local")
    for command in (["/sbin/ldconfig"], ["/usr/local/bin/python3", "-m", "ensurepip"]):
        _run("chroot", folder, *command)
    (folder / "usr/local/bin/pip").symlink_to("pip3")
    variables = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin"}
    variables |= {"LANG": "C.UTF-8"} | _know_registries(folder)
    return [f"ENV {name}={value}" for name, value in variables.items()]


def _put_python(place: Path) -> None:
    """Copy the Python that runs the tests, without the packages that are installed in it."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    source = Path(sys.base_prefix)
    for each in (source / "lib").glob("libpython*"):
        shutil.copy2(each, place / "lib", follow_symlinks=False)
    left_out = shutil.ignore_patterns("site-packages", "test", "config-*", "__pycache__")
    shutil.copytree(source / "lib" / version, place / "lib" / version, ignore=left_out)
    (place / "lib" / version / "site-packages").mkdir()
    shutil.copy2(source / "bin" / version, place / "bin")
    for name in ("python", "python3"):
        (place / "bin" / name).symlink_to(version)


def _know_registries(folder: Path) -> dict[str, str]:
    """Copy this machine's settings of apt, pip and npm; return variables that npm wants."""
    lists = folder / "etc/apt/sources.list.d"
    (folder / "etc/apt/sources.list").unlink(missing_ok=True)
    for path in Path("/etc/apt/sources.list.d").glob("debian*"):
        shutil.copy(path, lists)
    if Path("/etc/apt/sources.list").is_file():
        shutil.copy("/etc/apt/sources.list", folder / "etc/apt")
    shutil.copy(_CERTIFICATES, folder / "etc/ssl/certs")
    settings = _pip_settings()
    wheels = [Path(word) for word in settings.pop("find-links", "").split() if word[0] == "/"]
    for each in wheels:
        shutil.copytree(each, folder / each.relative_to("/"))
    lines = ["[global]", *(f"{name} = {value}" for name, value in settings.items())]
    lines += [f"find-links = {' '.join(map(str, wheels))}"] if wheels else []
    small = _small_torch(wheels)
    if small:
        lines.append("constraint = /etc/pip.constraints")
        (folder / "etc/pip.constraints").write_text(f"torch=={small}\n")
    (folder / "etc/pip.conf").write_text("\n".join(lines) + "\n")
    return {"NODE_EXTRA_CA_CERTS": str(_CERTIFICATES)}


def _pip_settings() -> dict[str, str]:
    """What pip is told on this machine, as far as another machine may be told the same."""
    call = [sys.executable, "-m", "pip", "config", "list"]
    found: dict[str, str] = {}
    for line in subprocess.run(
        call, capture_output=True, text=True, check=True
    ).stdout.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        words = [word for word in value.strip("'\"").split() if not word.startswith("file:")]
        if key in _PIP_KEYS and words:
            found[key] = " ".join(words)
    return found


def _small_torch(wheels: list[Path]) -> str:
    """A version of torch without CUDA that lies here for this Python, or "" where none does."""
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    found = [path.name.split("-") for each in wheels for path in each.glob("torch-*+cpu-*.whl")]
    return max((parts[1] for parts in found if parts[2] == tag), default="")


def _mirror() -> str:
    """Where this machine gets Debian's packages; "" for debootstrap's own choice."""
    for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        for line in path.read_text().splitlines():
            if line.startswith("URIs:") and line.rstrip("/").endswith("/debian"):
                return line.split()[1]
    return ""


def _run(*call: object, **variables: str) -> None:
    done = subprocess.run(
        [str(each) for each in call],
        env={**os.environ, **variables, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{call[0]}: {(done.stdout + done.stderr)[-3000:]}")
