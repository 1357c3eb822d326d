"""The documentation site: it is made, and a link or a heading that is not there is an error."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PAGES = "README.md CHANGELOG.md CONTRIBUTING.md LICENSE"
PARTS = f"mkdocs.yml {PAGES} docs deploy benchmarks samples".split()


def build(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_site_is_made(course_root: Path, tmp_path: Path) -> None:
    done = build(course_root, tmp_path)
    assert done.returncode == 0, done.stderr
    pages = {path.parent.name for path in tmp_path.rglob("index.html")}
    written = {path.stem for path in (course_root / "docs").glob("*.md")}
    assert pages >= written | {"deploy", "contributing", "changelog"}
    first = (tmp_path / "index.html").read_text("utf-8")
    assert 'src="images/check-cell.png"' in first
    assert (tmp_path / "images/check-cell.png").is_file()
    assert 'href="deploy/"' in first
    for page in tmp_path.rglob("*.html"):  # nothing is fetched from elsewhere
        fetched = re.findall(
            r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]*)"', page.read_text()
        )
        assert not fetched, page
    assert not [path for path in tmp_path.rglob("*.py") if path.is_file()]


def test_what_is_not_there_is_an_error(course_root: Path, tmp_path: Path) -> None:
    for name in PARTS:
        path = course_root / name
        if path.is_dir():
            shutil.copytree(path, tmp_path / name, ignore=shutil.ignore_patterns("*.ipynb"))
        else:
            shutil.copy(path, tmp_path)
    for name, link in (
        ("README.md", "docs/nowhere.md"),
        ("docs/security.md", "architecture.md#no-such-heading"),
        ("docs/student-guide.md", "../deploy/README.md#nor-this"),
        ("docs/teaching.md", "../fairmark/check.py"),
    ):
        with (tmp_path / name).open("a") as page:
            page.write(f"\n[a link]({link})\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode == 1
    for said in ("nowhere.md", "#no-such-heading", "#nor-this", "../fairmark/check.py"):
        assert said in done.stderr
    assert done.stderr.count("WARNING") == 4
