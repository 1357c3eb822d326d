"""What the pages and programs of both roles' servers share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

import fairmark
from fairmark.errors import FairmarkError
from fairmark.hub.desk import HOME
from fairmark.hub.desk.exchange import ExchangeFault
from fairmark.text import count, points

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(count=count, points=points, version=fairmark.__version__)


class Page(JupyterHandler):
    """A page for people."""

    def show(self, template: str, **values: Any) -> None:
        """Send a page made of a template."""
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Cache-Control", "no-store")
        self.finish(
            _TEMPLATES.get_template(template).render(
                base=url_path_join(self.base_url, "/"),
                token=self.xsrf_token.decode(),
                person=self.current_user.username,
                hub=_hub(),
                **values,
            )
        )


class Action(APIHandler):
    """Something that a person's page asks for; it answers in one sentence, the log beside it."""

    async def answer(self, function: Callable[..., dict[str, Any]], *arguments: Any) -> None:
        """Call the function beside the server's other work, and send what it returns."""
        try:
            found = await asyncio.to_thread(function, *arguments)
        except ExchangeFault as fault:
            found = {"error": str(fault), "log": fault.log}
        except FairmarkError as error:
            found = {"error": str(error), "log": ""}
        self.finish(found)


def add_handlers(server: Any, handlers: list[tuple[str, type[Any]]]) -> None:
    """Let Jupyter's server answer at these addresses below its own."""
    base = server.web_app.settings["base_url"]
    found: list[Any] = [(url_path_join(base, HOME, end), kind) for end, kind in handlers]
    static = url_path_join(base, HOME, "desk/(.*)")
    found.append((static, web.StaticFileHandler, {"path": str(_HERE / "static")}))
    server.web_app.add_handlers(".*$", found)


def _hub() -> str:
    """Where the hub's own page is, to log out or to stop the server; "" without a hub."""
    root = os.environ.get("JUPYTERHUB_BASE_URL")
    return f"{os.environ.get('JUPYTERHUB_HOST', '')}{root}hub/home" if root else ""
