"""Student code in warm, sealed processes: bubblewrap outside, namespaces and limits for each."""

from fairmark.sandbox.host import Sandbox, Session
from fairmark.sandbox.limits import Limits

__all__ = ["Limits", "Sandbox", "Session"]
