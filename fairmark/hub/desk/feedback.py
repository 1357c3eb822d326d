"""Feedback pages, opened by themselves: they hold what students made, so they may do nothing."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.utils import url_path_join
from tornado import web

from fairmark.files import is_plain_name
from fairmark.hub.desk.pages import Page

_POLICY = (
    # An origin of nobody's, without scripts. Its links may still lead elsewhere.
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; "
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class FeedbackPage(Page):
    """A page that the student has fetched, or a file that it links to."""

    @web.authenticated
    async def get(self, course: str, assignment: str, moment: str, name: str) -> None:
        """Send the page; a link to the notebook, or to a file beside it, leads into JupyterLab."""
        if not all(is_plain_name(part) for part in (course, assignment, moment)):
            raise web.HTTPError(404)
        root = Path(self.settings["server_root_dir"]).expanduser().resolve()
        folder = root / course / assignment
        page = (folder / "feedback" / moment / name).resolve()
        beside = (folder / name).resolve()
        if page.is_relative_to(folder) and page.suffix == ".html" and page.is_file():
            self.set_header("Content-Security-Policy", _POLICY)
            self.set_header("X-Content-Type-Options", "nosniff")
            self.set_header("Cache-Control", "no-store")
            self.finish(page.read_bytes())
        elif beside.is_relative_to(folder) and beside.is_file():
            place = beside.relative_to(root).as_posix()
            self.redirect(url_path_join(self.base_url, "lab/tree", place))
        else:
            raise web.HTTPError(404, f"There is no {name} in {assignment} any more.")
