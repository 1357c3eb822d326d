"""What a local hub is made of: its people, its folders, its passwords."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fairmark.errors import FairmarkError

Accounts = Literal["one", "unix"]
_LONGEST_NAME = 31
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_WORDS = (
    "amber basil cedar coral delta ember fable grape hazel ivory jolly karst lemon maple "
    "noble ocean pearl quilt raven sable tulip umber velvet willow yarrow zephyr"
).split()


@dataclass(frozen=True)
class HubSettings:
    """One local hub. Kept in ``hub/hub.json`` below its folder, so that it starts as it was."""

    folder: Path
    """Where everything of this hub lies."""
    course_id: str
    accounts: Accounts = "one"
    port: int = 8000
    instructor: str = "instructor"
    students: tuple[str, ...] = ()
    passwords: dict[str, str] = field(default_factory=dict)
    lti: dict[str, str] | None = None
    """The platform that people log in by, as ``c.Fairmark.lti`` has it; None for passwords."""

    @property
    def hub(self) -> Path:
        """The hub's own folder: database, cookie secret, passwords; nobody else may enter it."""
        return self.folder / "hub"

    @property
    def exchange(self) -> Path:
        """nbgrader's exchange."""
        return self.folder / "exchange"

    @property
    def roles(self) -> Path:
        """What the servers of students and of the grader are configured with."""
        return self.folder / "roles"

    @property
    def homes(self) -> Path:
        """The home folders."""
        return self.folder / "home"

    @property
    def course(self) -> Path:
        """The hub's copy of the course, in the grader's home."""
        return self.homes / self.grader / self.course_id

    @property
    def grader(self) -> str:
        """The account that Formgrader runs as. Nobody can log in as it."""
        name = re.sub(r"[^a-z0-9]+", "-", f"grader-{self.course_id.lower()}")
        return name[:_LONGEST_NAME].rstrip("-")

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who can log in, but those whom a platform sends."""
        return (self.instructor, *self.students) if self.lti is None else ()

    @property
    def host(self) -> str:
        """The name in the addresses.

        With real accounts each person's pages have an address (an origin) of their own, below
        ``localhost``: then no page of a student's can act in another's name. Browsers know without
        asking that such names mean this machine.
        """
        return "localhost" if self.accounts == "unix" else "127.0.0.1"

    @property
    def url(self) -> str:
        """Where the hub is."""
        return f"http://{self.host}:{self.port}"

    @property
    def formgrader_url(self) -> str:
        """Where the instructor grades."""
        host = self.host
        if self.accounts == "unix":
            from jupyterhub.utils import subdomain_hook_idna

            host = subdomain_hook_idna(self.course_id, host, "service")
        return f"http://{host}:{self.port}/services/{self.course_id}/"

    @property
    def file(self) -> Path:
        """Where these settings are kept."""
        return self.hub / "hub.json"

    def save(self) -> None:
        """Write the settings down, for the hub and for the next start; nobody else can read them.

        ``hub/`` has to exist.
        """
        content = dataclasses.asdict(self) | {"folder": str(self.folder)}
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.write("\n")

    @classmethod
    def read(cls, file: Path) -> HubSettings:
        """Return what :meth:`save` wrote."""
        try:
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            content["folder"] = Path(content["folder"])
            content["students"] = tuple(content["students"])
            return cls(**content)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise FairmarkError(f"{file} cannot be read: {error}") from None

    def changed(self, **values: Any) -> HubSettings:
        """Return a copy of these settings with other values."""
        return dataclasses.replace(self, **values)

    def with_passwords(self) -> HubSettings:
        """Return the settings with a password for everybody; who has one keeps it."""
        known = {name: self.passwords.get(name) or new_password() for name in self.people}
        return dataclasses.replace(self, passwords=known)


def check_name(name: str) -> None:
    """Raise FairmarkError for a name that no person's account can have."""
    fits = _NAME.fullmatch(name) and len(name) <= _LONGEST_NAME
    if not fits or name == "root" or name.startswith("grader-"):
        raise FairmarkError(
            f"{name!r} cannot be a person's account: small letters and digits, a letter first, "
            "not root, and not the grader's"
        )


def new_password() -> str:
    """Return a password that can be read aloud, of about 40 bits."""
    words = "-".join(secrets.choice(_WORDS) for _ in range(4))
    return f"{words}-{secrets.randbelow(10**6):06}"
