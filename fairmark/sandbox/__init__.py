"""Student code in a warm, sealed process: bubblewrap outside, namespaces and limits for each one."""

from fairmark.sandbox.host import Sandbox, Session
from fairmark.sandbox.limits import Limits

__all__ = ["Limits", "Sandbox", "Session"]
