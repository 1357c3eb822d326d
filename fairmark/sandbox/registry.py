"""The sandboxes that there are, by the names that they are asked for by."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence

from fairmark.errors import FairmarkError
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.protocols import Sandbox
from fairmark.sandbox.visible import Visible

DEFAULT_MODE = "bubblewrap"
SANDBOXES = {
    DEFAULT_MODE: "fairmark.sandbox.host:BubblewrapSandbox",
    "account": "fairmark.sandbox.account:AccountSandbox",
    "none": "fairmark.sandbox.host:UnsealedSandbox",
}
"""By mode: what makes a sandbox of a preload list, limits and what is visible. Imported when it is
asked for."""


def make_sandbox(
    preload: Sequence[str] = (),
    limits: Limits | None = None,
    mode: str = DEFAULT_MODE,
    visible: Visible | None = None,
) -> Sandbox:
    """Return a sandbox that is still to be started; raise FairmarkError for an unknown mode.

    ``preload`` names the modules that it imports before it launches anything; ``visible`` is what
    student code can read beside the system.
    """
    if mode not in SANDBOXES:
        raise FairmarkError(f"there is no sandbox {mode!r}; there are: {', '.join(SANDBOXES)}")
    make: Callable[[Sequence[str], Limits, Visible], Sandbox]
    make = pkgutil.resolve_name(SANDBOXES[mode])
    return make(preload, limits or Limits(), visible or Visible())
