"""Makes pages of the documentation site out of the files above docs/, and mends their links.

MkDocs calls ``on_files`` and ``on_page_markdown``. A link that is still broken is an error there.
"""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_ROOT = Path(__file__).resolve().parent.parent
_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "deploy/README.md": "deploy.md",
    "benchmarks/README.md": "benchmarks.md",
}
"""The files outside of docs/ that are pages, too."""
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)#\s]*)([^)]*)\)")
_PLAIN = ("LICENSE", "samples/students")
"""What is linked to in the repository and is no page."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside of docs/."""
    for name, page in _PAGES.items():
        text = (_ROOT / name).read_text("utf-8")
        files.append(File.generated(config, page, content=_mended(text, Path(name).parent)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let pages of docs/ link to those pages."""
    if page.file.src_uri in _PAGES.values():
        return markdown
    return _mended(markdown, Path("docs", page.file.src_uri).parent)


def _mended(text: str, folder: Path) -> str:
    """The text of a file in ``folder``, with links between the pages of the site."""

    def link(match: re.Match[str]) -> str:
        label, target, rest = match.groups()
        place = (_ROOT / folder / target).resolve()
        if not place.is_relative_to(_ROOT):
            return match[0]
        name = place.relative_to(_ROOT).as_posix()
        if name in _PLAIN:
            return label
        if name in _PAGES:
            return f"[{label}]({_up(folder)}{_PAGES[name]}{rest})"
        if folder.parts[:1] != ("docs",) and name.startswith("docs/"):
            return f"[{label}]({name.removeprefix('docs/')}{rest})"
        return match[0]

    return _LINK.sub(link, text)


def _up(folder: Path) -> str:
    """The way from a page in ``folder`` to the site's root."""
    return "../" * (len(folder.parts) - 1) if folder.parts[:1] == ("docs",) else ""
