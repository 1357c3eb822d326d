"""The first cell of a notebook that is opened away from its folder: in Colab, or sent alone.

It is no question and has no mark of nbgrader's. While a class is graded it does nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template
from urllib.parse import quote, urlsplit

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from fairmark.course.configuration import CONFIG_FILE
from fairmark.errors import FairmarkError
from fairmark.nbgrader.package import archive, needs, students_part, wheel_name

CHECKS = "checks.py"
_COLAB, _CARRIED = "fairmark-colab", "fairmark-checks"
_UPLOAD = "upload"
_WIDTH = 120
_HERE = ("127.0.0.1", "::1", "localhost")
_LARGEST = 8 * 2**20
"""Editors and learning platforms take notebooks of this size."""
# Colab and JupyterLab show the title alone.
_FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}


def colab_address(config: Config) -> str | None:
    """Return what ``c.Fairmark.colab`` says: an address, "" for uploads, None for no Colab."""
    wanted = config.Fairmark.get("colab")
    if wanted is None or wanted == _UPLOAD:
        return None if wanted is None else ""
    parts = urlsplit(str(wanted))
    # What comes from there is run: nobody on the way may change it.
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not is_safe or not parts.hostname or parts.query or parts.fragment:
        raise FairmarkError(
            f'{CONFIG_FILE}: c.Fairmark.colab is "{_UPLOAD}", or the address that the release '
            f"folders lie below, as https://course.example/release: it is {wanted!r}"
        )
    return str(wanted).rstrip("/")


def add_colab_cell(nb: NotebookNode, address: str, assignment: str, names: Sequence[str]) -> None:
    """Let a notebook get itself ready in Colab; ``names`` are the files beside it."""
    source = _source(
        "colab",
        address=repr(address),
        wheel=repr(wheel_name()),
        names=repr(list(names)),
        folder=repr(quote(assignment)),
    )
    _put_first(nb, _COLAB, source)


def carry_checks(nb: NotebookNode, assignment: str, beside: Mapping[str, bytes]) -> None:
    """Put the files beside a notebook, and the part of fairmark that they need, into it."""
    nb.cells = [cell for cell in nb.cells if cell.get("id") != _COLAB]
    modules = [data.decode(errors="replace") for n, data in beside.items() if n.endswith(".py")]
    packed = archive({**beside, **students_part(modules)})
    if len(packed) > _LARGEST:
        raise FairmarkError(
            f"{assignment}: what lies beside the notebook takes {len(packed) / 2**20:.1f} MiB, too "
            "much for a notebook to carry"
        )
    text = base64.b85encode(packed).decode()
    source = _source(
        "carried",
        folder=repr(f"{assignment}-checks"),
        needs=repr(needs()),
        packed="\n".join(text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)),
    )
    _put_first(nb, _CARRIED, source)


def _source(template: str, **values: str) -> str:
    text = files("fairmark.nbgrader").joinpath("templates", f"{template}.txt").read_text("utf-8")
    return Template(text).substitute(values).rstrip("\n")


def _put_first(nb: NotebookNode, cell_id: str, source: str) -> None:
    """Put a cell before the first code cell: the notebook's title stays on top."""
    place = next((n for n, cell in enumerate(nb.cells) if cell.cell_type == "code"), len(nb.cells))
    nb.cells.insert(place, new_code_cell(source, id=cell_id, metadata=_FOLDED))
