"""Student code in warm, sealed processes: bubblewrap outside, namespaces and limits for each."""

from fairmark.sandbox.limits import Limits
from fairmark.sandbox.protocols import Asked, CellRequest, Fork, Owner, Process, Runner, Sandbox
from fairmark.sandbox.registry import DEFAULT_MODE, SANDBOXES, make_sandbox
from fairmark.sandbox.visible import SharedFile, Visible

__all__ = [
    "DEFAULT_MODE",
    "SANDBOXES",
    "Asked",
    "CellRequest",
    "Fork",
    "Limits",
    "Owner",
    "Process",
    "Runner",
    "Sandbox",
    "SharedFile",
    "Visible",
    "make_sandbox",
]
