"""What a page's script sends to its server."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado import web


def json_object(handler: JupyterHandler) -> dict[str, Any]:
    """Return the JSON object that a request holds, {} for none; raise a 400 for other JSON."""
    found = handler.get_json_body()
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise web.HTTPError(400, "the body of this request has to be a JSON object")
    return found
