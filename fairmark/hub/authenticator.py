"""Who may log in to a local hub: the people of its settings, each with a password of their own."""

from __future__ import annotations

import hmac
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Dict, Unicode


class AccountsAuthenticator(Authenticator):  # type: ignore[misc]
    """Compares with the passwords of the hub's settings.

    The machine's accounts have no passwords of their own: a password that is read off a projector
    opens the hub, but not the machine.
    """

    passwords = Dict(
        key_trait=Unicode(), value_trait=Unicode(), config=True, help="The passwords, by name."
    )

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Return the name when the password is right."""
        name, given = data.get("username", ""), data.get("password", "")
        expected = self.passwords.get(name)
        # An unknown name takes as long as a wrong password.
        right = hmac.compare_digest((expected or "").encode(), given.encode())
        return name if expected and right else None
