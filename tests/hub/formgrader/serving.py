"""A Jupyter server as the grader's in a hub, but without the hub."""

from __future__ import annotations

import http.cookiejar
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairmark.hub.configure import _path
from fairmark.hub.roles import write_roles

SECONDS = 60
COURSE_ID = "tiny"
_NAMES = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME")


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    course: Path
    exchange: Path

    def page(self, path: str) -> str:
        """The address of a page."""
        return f"{self.url}/{path.lstrip('/')}"

    def get(self, path: str) -> tuple[int, str, Mapping[str, str]]:
        """What is answered: status, text, headers."""
        return self._ask(urllib.request.Request(self.page(path)))

    def post(
        self, path: str, body: bytes = b"", kind: str = "application/json", *, token: bool = True
    ) -> tuple[int, str, Mapping[str, str]]:
        """Send something, with the token against forged requests unless told otherwise."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        opener.open(self.page("formgrader/manage_assignments"), timeout=SECONDS).read()
        value = next(cookie.value for cookie in jar if cookie.name == "_xsrf")
        headers = {"Content-Type": kind} | ({"X-XSRFToken": str(value)} if token else {})
        request = urllib.request.Request(self.page(path), body, headers, method="POST")
        return self._ask(request, opener)

    def post_json(self, path: str, **content: Any) -> tuple[int, Any]:
        """Send JSON; what is answered."""
        status, text, _ = self.post(path, json.dumps(content).encode())
        return status, json.loads(text)

    def _ask(
        self, request: urllib.request.Request, opener: urllib.request.OpenerDirector | None = None
    ) -> tuple[int, str, Mapping[str, str]]:
        opener = opener or urllib.request.build_opener()
        try:
            with opener.open(request, timeout=SECONDS) as reply:
                return reply.status, reply.read().decode(), dict(reply.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), dict(error.headers)


@contextmanager
def serving(course: Path, home: Path, **more: Any) -> Iterator[Server]:
    """A server in the course; ``more`` are settings of its own."""
    port = _free_port()
    exchange = home / "exchange"
    for box in ("outbound", "inbound", "feedback"):
        (exchange / COURSE_ID / box).mkdir(parents=True, exist_ok=True)
    write_roles(home, COURSE_ID, exchange, owners="none", as_root=True, sockets=False)
    with (home / "grader" / "nbgrader_config.py").open("a") as file:  # there is no hub to be asked
        file.write('c.Authenticator.plugin_class = "nbgrader.auth.NoAuthPlugin"\n')
    app = {
        "base_url": "/user/grader",
        "open_browser": False,
        "allow_root": True,
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "root_dir": str(course),
    }
    config = home / "jupyter_server_config.json"
    settings = {"ServerApp": app, "IdentityProvider": {"token": ""}, **more}
    config.write_text(json.dumps(settings))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    environment = kept | dict.fromkeys(_NAMES, str(home)) | _path() | {"JUPYTERHUB_USER": "grader"}
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server"],
            cwd=course,
            env=environment | {"JUPYTER_CONFIG_PATH": str(home / "grader")},
            stderr=log,
        )
        server = Server(f"http://127.0.0.1:{port}/user/grader", course, exchange)
        try:
            _wait_for(server)
            yield server
        finally:
            process.terminate()
            process.wait(SECONDS)


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            server.get("api")
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
