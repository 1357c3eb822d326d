"""What the first cell of a notebook in Colab brings, and what it must not take away."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from fairmark.errors import FairmarkError
from fairmark.selfcheck.colab import bring


@pytest.fixture
def course(tmp_path: Path) -> Iterator[str]:
    """The address of a release with one file."""
    release = tmp_path / "release"
    release.mkdir()
    (release / "helper.py").write_text("new = 1\n")
    handler = partial(SimpleHTTPRequestHandler, directory=str(release))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "content"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_what_a_student_has_changed_stays_under_another_name(
    course: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(course, ["helper.py"])
    assert [path.name for path in home.iterdir()] == ["helper.py"]
    for text in ("mine = 1\n", "mine = 2\n", "mine = 2\n"):
        (home / "helper.py").write_text(text)
        bring(course, ["helper.py"])
        assert (home / "helper.py").read_text() == "new = 1\n"
    assert (home / "helper-old1.py").read_text() == "mine = 1\n"
    assert (home / "helper-old2.py").read_text() == "mine = 2\n"
    assert len(list(home.iterdir())) == 3
    assert "is now helper-old2.py" in capsys.readouterr().out


def test_a_zip_takes_nothings_place(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "given"
    (given / "part").mkdir(parents=True)
    (given / "part/helper.py").write_text("new = 1\n")
    (given / "notes.txt").write_text("of the course")
    (home / "notes.txt").write_text("my own")
    (home / "tiny").mkdir()
    upload = ModuleType("google.colab.files")

    def choose() -> dict[str, bytes]:
        shutil.make_archive(str(home / "tiny"), "zip", given)
        return {"tiny.zip": b""}

    upload.upload = choose  # type: ignore[attr-defined]
    package = ModuleType("google.colab")
    package.files = upload  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", package)
    bring("", ["helper.py"])
    assert (home / "helper.py").read_text() == "new = 1\n"
    assert (home / "notes.txt").read_text() == "my own"
    with pytest.raises(FairmarkError, match=r"Still missing: other\.py"):
        bring("", ["other.py"])
