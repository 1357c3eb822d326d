"""The configuration of JupyterHub: who may do what, and how servers are started.

A local hub reads all of it, by :func:`configure`; the hubs of ``deploy/`` share the parts that do
not depend on where servers run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fairmark.hub.accounts import make_runtime_folder
from fairmark.hub.desk import HOME
from fairmark.hub.settings import HubSettings
from fairmark.startup import PYTHON_MODULE

_STOP_SECONDS = 2


def groups(course_id: str, grader: str, instructors: Sequence[str]) -> dict[str, Any]:
    """``c.JupyterHub.load_groups``, without the students."""
    return {
        f"formgrade-{course_id}": {"users": [grader, *instructors]},
        f"nbgrader-{course_id}": {"users": []},
    }


def roles(course_id: str, grader: str) -> list[dict[str, Any]]:
    """``c.JupyterHub.load_roles``: what each may ask of the hub, and no more.

    The service holds its token on the machine where it grades notebooks. They run in a sandbox, but
    should one get out, the token can change the list of students and nothing else.
    """
    students = f"nbgrader-{course_id}"
    return [
        {
            "name": "server",  # of each single-user server, for its own user
            "scopes": ["users:activity!user", "access:servers!server", "read:users!user"],
        },
        {
            "name": "formgrade",
            "groups": [f"formgrade-{course_id}"],
            "scopes": [
                f"access:services!service={course_id}",
                "list:services",
                f"read:services!service={course_id}",
            ],
        },
        {
            "name": "grader",
            "services": [course_id],
            "scopes": [
                f"list:groups!group={students}",
                f"groups!group={students}",
                f"read:users!user={grader}",
            ],
        },
    ]


def student_environment(folder: Path | str) -> dict[str, str]:
    """The environment of a student's server; ``fairmark.hub.roles`` writes ``folder``."""
    return {"JUPYTER_CONFIG_PATH": str(Path(folder, "student"))}


def grader_environment(folder: Path | str, grader: str) -> dict[str, str]:
    """The environment of Formgrader's server."""
    return {
        "JUPYTER_CONFIG_PATH": str(Path(folder, "grader")),
        "JUPYTERHUB_USER": grader,
        "JUPYTERHUB_DEFAULT_URL": HOME,
    }


def start_page(course_id: str, url: str) -> Callable[[Any], str]:
    """``c.JupyterHub.default_url``: instructors see Formgrader first, others their own server."""

    def choose(handler: Any) -> str:
        user = handler.current_user
        grades = user and any(group.name == f"formgrade-{course_id}" for group in user.groups)
        return url if grades else ""

    return choose


def configure(c: Any, file: Path | str) -> None:
    """Configure a local hub by the settings in ``file``."""
    settings = HubSettings.read(Path(file))
    free = [int(port) for port in os.environ["FAIRMARK_HUB_PORTS"].split()]
    _addresses(c, settings, free)
    _people(c, settings)
    _servers(c, settings)
    _formgrader(c, settings, free[2])


def _addresses(c: Any, settings: HubSettings, free: Sequence[int]) -> None:
    hub = c.JupyterHub
    hub.bind_url = f"http://127.0.0.1:{settings.port}"
    hub.hub_bind_url = f"http://127.0.0.1:{free[0]}"
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{free[1]}"
    c.ConfigurableHTTPProxy.command = os.environ["FAIRMARK_HUB_PROXY"].split("\n")
    if settings.accounts == "unix":
        hub.subdomain_host = settings.url
    hub.db_url = f"sqlite:///{settings.hub}/jupyterhub.sqlite"
    hub.cookie_secret_file = str(settings.hub / "cookie_secret")
    c.ConfigurableHTTPProxy.pid_file = str(settings.hub / "proxy.pid")
    hub.default_url = start_page(settings.course_id, settings.formgrader_url)
    hub.cleanup_servers = True
    hub.log_level = "INFO"


def _people(c: Any, settings: HubSettings) -> None:
    if settings.lti is not None:
        from fairmark.course.lti import LtiSettings
        from fairmark.hub.lti import use_lti

        use_lti(c, LtiSettings.of(settings.lti, "hub.json", settings.folder), settings.course_id)
    else:
        c.JupyterHub.authenticator_class = "fairmark.hub.authenticator.AccountsAuthenticator"
        c.AccountsAuthenticator.passwords = dict(settings.passwords)
        c.Authenticator.allowed_users = set(settings.people)
    c.Authenticator.allow_existing_users = False  # else anybody could ask to be the grader
    teachers = [settings.instructor] if settings.lti is None else []
    found = groups(settings.course_id, settings.grader, teachers)
    found[f"nbgrader-{settings.course_id}"]["users"] = list(settings.students)
    c.JupyterHub.load_groups = found
    c.JupyterHub.load_roles = roles(settings.course_id, settings.grader)


def _servers(c: Any, settings: HubSettings) -> None:
    unix = settings.accounts == "unix"
    c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner" if unix else "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = f"{settings.homes}/{{username}}"
    c.Spawner.cmd = [*PYTHON_MODULE, "jupyterhub.singleuser"]
    c.Spawner.default_url = HOME
    c.Spawner.ip = "127.0.0.1"
    c.Spawner.environment = student_environment(settings.roles) | _path()
    c.Spawner.env_keep = ["LANG", "LC_ALL", "TZ"]
    c.Spawner.http_timeout = c.Spawner.start_timeout = 120
    c.LocalProcessSpawner.interrupt_timeout = _STOP_SECONDS
    c.LocalProcessSpawner.term_timeout = _STOP_SECONDS
    if unix:
        c.Spawner.pre_spawn_hook = _give_runtime_folder


def _formgrader(c: Any, settings: HubSettings, port: int) -> None:
    home = settings.homes / settings.grader
    service: dict[str, Any] = {
        "name": settings.course_id,
        "url": f"http://127.0.0.1:{port}",
        "command": [*PYTHON_MODULE, "jupyterhub.singleuser"],
        "cwd": str(settings.course),
        "environment": grader_environment(settings.roles, settings.grader)
        | _path()
        | {"HOME": str(home), "USER": settings.grader},
        "oauth_no_confirm": True,
        "display": True,
    }
    if settings.accounts == "unix":
        service["user"] = settings.grader
        service["environment"] |= _runtime(settings.grader)
    c.JupyterHub.services = [service]


def _give_runtime_folder(spawner: Any) -> None:
    spawner.environment = dict(spawner.environment) | _runtime(spawner.user.name)


def _runtime(name: str) -> dict[str, str]:
    return {"JUPYTER_RUNTIME_DIR": str(make_runtime_folder(name))}


def _path() -> dict[str, str]:
    """A PATH with this Python's programs: nbgrader starts alembic by its name."""
    return {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath])}
