"""Folders of Jupyter settings for the servers of students and of the grader.

The same folders serve the local hub and the images in ``deploy/``::

    python -m fairmark.hub.roles /etc/fairmark --course-id pml-ws3 --exchange /srv/exchange
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROLES = ("student", "grader")
_SERVER = "nbgrader.server_extensions"
_LAB = "@jupyter/nbgrader"
_NEWS = "@jupyterlab/apputils-extension:announcements"
_SHOWN: dict[str, set[str]] = {
    "student": set(),  # the first page and its buttons in JupyterLab do all of it
    "grader": {"formgrader", "validate_assignment"},
}
_OWN = {
    "student": ("fairmark.hub.desk.student",),
    "grader": ("fairmark.hub.desk.grader", "fairmark.hub.formgrader"),
}
_LABEXTENSIONS = Path(__file__).parent / "desk" / "labextension"
_ALL = {"assignment_list", "course_list", "formgrader", "validate_assignment"}
_LAB_NAMES = {
    "assignment_list": ("assignment-list",),
    "course_list": ("course-list",),
    "formgrader": ("formgrader", "create-assignment"),
    "validate_assignment": ("validate-assignment",),
}

_NBGRADER = '''\
"""Read by nbgrader in the servers of a {role}."""

import os

c = get_config()  # noqa: F821
c.Exchange.root = {exchange!r}
c.Exchange.path_includes_course = True
c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"
c.CourseDirectory.groupshared = True
{more}'''

_STUDENT = """\
c.CourseDirectory.student_id = os.environ.get("JUPYTERHUB_USER", "*")
c.ExchangeFactory.submit = "fairmark.hub.submit.SubmitPrivately"
"""

_GRADER = """\
c.CourseDirectory.course_id = {course_id!r}
c.ExchangeFactory.collect = "fairmark.hub.collect.CollectOwned"
c.ExchangeFactory.release_assignment = "fairmark.hub.desk.due.ReleaseWithDueDate"
c.CollectOwned.owners = {owners!r}
c.ExchangeFactory.release_feedback = "fairmark.hub.feedback.ReleaseFeedback"
"""

# Jupyter's own choice is a log-in shell, whose PATH lacks the programs beside the server's Python.
_TERMINAL = {"shell_command": ["/bin/bash"]}

_SOCKETS = """\
# All accounts of a machine can connect to its ports, and so listen to a kernel. Sockets in a folder
# that is private to one account are out of their reach.
c.KernelManager.transport = "ipc"
"""


def write_roles(
    folder: Path, course_id: str, exchange: Path, *, owners: str, as_root: bool, sockets: bool
) -> None:
    """Write the settings of both roles to ``folder/student`` and ``folder/grader``.

    ``owners`` is ``c.CollectOwned.owners``; ``as_root`` lets servers run as root, which Jupyter
    refuses otherwise; ``sockets`` keeps kernels off the machine's ports.
    """
    for role in ROLES:
        more = _STUDENT if role == "student" else _GRADER.format(course_id=course_id, owners=owners)
        text = _NBGRADER.format(role=role, exchange=str(exchange), more=more)
        place = folder / role
        (place / "labconfig").mkdir(parents=True, exist_ok=True)
        (place / "nbgrader_config.py").write_text(text + (_SOCKETS if sockets else ""))
        _write_json(place / "jupyter_server_config.json", _server(role, as_root, sockets))
        _write_json(place / "labconfig" / "page_config.json", _page(role))


def _server(role: str, as_root: bool, sockets: bool) -> dict[str, Any]:
    extensions = {f"{_SERVER}.{name}": name in _SHOWN[role] for name in sorted(_ALL)}
    extensions |= dict.fromkeys(_OWN[role], True)
    config: dict[str, Any] = {
        "ServerApp": {"jpserver_extensions": extensions, "terminado_settings": _TERMINAL},
        "LabApp": {"extra_labextensions_path": [str(_LABEXTENSIONS)]},
    }
    if as_root:
        config["ServerApp"]["allow_root"] = True
    if sockets:
        config["KernelManager"] = {"transport": "ipc"}
    if role == "grader":
        # Formgrader is a page in a frame of JupyterLab's, which JupyterHub forbids. Where each
        # person's pages have an origin of their own, 'self' is the grader alone.
        policy = "frame-ancestors 'self'"
        config["ServerApp"]["tornado_settings"] = {"headers": {"Content-Security-Policy": policy}}
    return config


def _page(role: str) -> dict[str, Any]:
    hidden = sorted(name for key in _ALL - _SHOWN[role] for name in _LAB_NAMES[key])
    if not _SHOWN[role]:
        hidden.append("menu")
    disabled = {_NEWS: True} | {f"{_LAB}:{name}": True for name in hidden}
    return {"disabledExtensions": disabled, "fairmarkRole": role}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the folders; for Dockerfiles."""
    parser = argparse.ArgumentParser(prog="fairmark.hub.roles", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--course-id", required=True)
    parser.add_argument("--exchange", type=Path, required=True)
    parser.add_argument("--owners", choices=["accounts", "hashed", "none"], default="hashed")
    given = parser.parse_args(arguments)
    write_roles(
        given.folder,
        given.course_id,
        given.exchange,
        owners=given.owners,
        as_root=False,
        sockets=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
