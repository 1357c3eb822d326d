"""A browser, and tests that are steps of one story: when one fails, the later ones are skipped."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = "axe-core@4.14.1"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FAILED = pytest.StashKey[str]()

expect.set_options(
    timeout=30_000
)  # milliseconds, where two browsers share a machine; usually 5,000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: Any
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and item.parent is not None:
        item.parent.stash.setdefault(_FAILED, item.name)
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    story = item.parent
    if isinstance(story, pytest.Class) and _FAILED in story.stash:
        pytest.skip(f"the step {story.stash[_FAILED]} failed")


def failed_step(item: pytest.Item) -> bool:
    """Whether a step of this story has failed."""
    return item.parent is not None and _FAILED in item.parent.stash


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where pictures are kept: for the guides, and to see what went wrong."""
    folder = Path(os.environ.get("FAIRMARK_SCREENSHOTS", ROOT / ".fairmark" / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; Playwright's own would be downloaded."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        pytest.fail("Chromium is missing; install it with: sudo apt-get install chromium")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which looks for what keeps people from using a page."""
    folder = ROOT / ".fairmark" / "node"
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other worker may want it at the same time
        if not script.is_file():
            beside = Path(sys.executable).parent
            path = f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
            subprocess.run(
                ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", AXE],
                env=os.environ | {"PATH": path},
                check=True,
                capture_output=True,
            )
    return script.read_text(encoding="utf-8")
