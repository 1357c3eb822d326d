"""A server extension for the grader: what Formgrader lacks, on pages and buttons beside its own.

Formgrader has no export, no class report and no check of graders, it grades one submission at a
click, and its pages need a network. ``extension.py`` puts that right; a person who grades in the
browser should not need a terminal.
"""

from __future__ import annotations

from typing import Any

from fairmark.hub.formgrader import extension


def _load_jupyter_server_extension(server: Any) -> None:
    extension.add_handlers(server.web_app)


async def _start_jupyter_server_extension(server: Any) -> None:
    """Called when all extensions are loaded, Formgrader among them."""
    extension.change_formgrader(server.web_app.settings)
