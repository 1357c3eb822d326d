"""A PostgreSQL server in a folder of its own, which nobody reaches but through its socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
"""Where Debian has them."""
MISSING = "NOT TESTED: PostgreSQL is missing: apt-get install postgresql"
_ROLE = "fairmark"


class Server:
    """Use it as a context manager; nothing of it stays."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fairmark-postgresql-"))
        self.folder.chmod(0o755)
        self._data = self.folder / "data"

    def __enter__(self) -> Server:
        if os.getuid() == 0:  # it refuses to run as root
            shutil.chown(self.folder, "postgres", "postgres")
        self._call("initdb", "--auth", "trust", "--username", _ROLE, "--no-sync")
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._call("pg_ctl", "stop", "--mode", "immediate")
        shutil.rmtree(self.folder)

    def start(self) -> None:
        """Start it, after a crash, too."""
        settings = f"-c listen_addresses= -c fsync=off -k {self.folder}"
        log = str(self.folder / "log")
        self._call("pg_ctl", "start", "--wait", "--log", log, "--options", settings)

    def crash(self) -> None:
        """End it at once, with all of its clients' connections."""
        self._call("pg_ctl", "stop", "--mode", "immediate")

    def make(self, name: str) -> str:
        """Make a database; return its address."""
        self._call("createdb", "--host", str(self.folder), "--username", _ROLE, name)
        return f"postgresql+psycopg://{_ROLE}@/{name}?host={quote(str(self.folder))}"

    def _call(self, program: str, *arguments: str) -> None:
        assert PROGRAMS is not None
        call = [str(PROGRAMS / program), *arguments]
        if os.getuid() == 0:
            call = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *call]
        # A server keeps what it is started with: no pipe of ours, which would be read for ever.
        with (self.folder / f"{program}.out").open("w+") as out:
            done = subprocess.run(
                call,
                cwd=self.folder,
                env=os.environ | {"PGDATA": str(self._data), "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
            )
            out.seek(0)
            assert done.returncode == 0, f"{call}: {out.read()}"
