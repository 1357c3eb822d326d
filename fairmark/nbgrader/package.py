"""fairmark itself, to be handed out: as a wheel, or as the part that check cells need."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

import fairmark
from fairmark.syntax.cells import parsed
from fairmark.syntax.imports import members_imported, modules_imported

_CACHES = "__pycache__"
_TIME = (1980, 1, 1, 0, 0, 0)
"""The same content gives the same file."""
_EDITABLE = "Requires-Dist: editables"
"""What an installation needs that runs from a working copy."""
_FIRST = ("fairmark", "fairmark.selfcheck.carried")
"""What a notebook that carries its checks imports, beside what these need."""


def wheel_name() -> str:
    """Return the file name of the wheel, by the version that is installed."""
    return f"fairmark-{metadata.version('fairmark')}-py3-none-any.whl"


def wheel() -> bytes:
    """Return the wheel of the package as it is installed here."""
    info = f"fairmark-{metadata.version('fairmark')}.dist-info"
    found = {_place(path): path.read_bytes() for path in _files(_package())}
    for name in ("METADATA", "entry_points.txt"):
        text = metadata.distribution("fairmark").read_text(name) or ""
        lines = text.splitlines(keepends=True)
        found[f"{info}/{name}"] = "".join(line for line in lines if _EDITABLE not in line).encode()
    tags = "Wheel-Version: 1.0\nGenerator: fairmark\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    found[f"{info}/WHEEL"] = tags.encode()
    record = f"{info}/RECORD"
    rows = [f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in sorted(found.items())]
    found[record] = "".join([*rows, f"{record},,\n"]).encode()
    return archive(found)


def needs() -> list[str]:
    """Return what a student has to have installed, as in ``pytest>=8.4``."""
    requirements = metadata.requires("fairmark") or []
    return sorted(n for n in requirements if "extra ==" not in n and not n.startswith("editables"))


def students_part(sources: Iterable[str]) -> dict[str, bytes]:
    """Return the files of fairmark that check cells need, with these modules beside them.

    What is no Python, as a helper that students are to mend may be, needs none.
    """
    trees = [tree for source in sources if (tree := parsed(source)) is not None]
    waiting = [*_FIRST, *(name for tree in trees for name in _names(tree))]
    modules: set[Path] = set()
    while waiting:
        for path in _modules(waiting.pop()):
            if path not in modules:
                modules.add(path)
                waiting += _names(ast.parse(path.read_bytes()))
    data = [
        path
        for folder in {path.parent for path in modules} - {_package()}
        for path in _files(folder)
        if path.suffix != ".py"
    ]
    return {_place(path): path.read_bytes() for path in [*modules, *data]}


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of these files; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            made.writestr(entry, data, compresslevel=9)
    return packed.getvalue()


def _package() -> Path:
    return Path(fairmark.__file__).resolve().parent


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and _CACHES not in path.parts:
            yield path


def _place(path: Path) -> str:
    return path.relative_to(_package().parent).as_posix()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def _names(tree: ast.Module) -> set[str]:
    """The modules of fairmark that a module imports, and members that may be modules."""
    nodes = list(ast.walk(tree))
    found = modules_imported(nodes) | members_imported(nodes)
    return {name for name in found if name.partition(".")[0] == "fairmark"}


def _modules(name: str) -> Iterator[Path]:
    """The file of a module, and those of the packages that it lies in."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        place = _package().parent.joinpath(*parts[:length])
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield path
