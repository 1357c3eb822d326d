"""Reading folders and files that may be anything."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from fairmark.files import files_below, open_plain_file, read_folder


def test_what_is_too_large_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    for name, size in (
        ("a.bin", 30_000),
        ("b.bin", 90_000),
        ("c/d.bin", 20_000),
        ("e.bin", 13_000),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    files, left_out = read_folder(tmp_path, total=64 * 1024, largest=80_000)
    assert list(files) == ["a.bin", "c/d.bin"]
    assert left_out == ["b.bin (0.1 MiB)", "e.bin (0.0 MiB)"]
    assert list(read_folder(tmp_path)[0]) == ["a.bin", "b.bin", "c/d.bin", "e.bin"]


def test_what_is_no_plain_file_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(__file__)
    (tmp_path / "far").symlink_to(tmp_path.parent)
    (tmp_path / "hw.ipynb").write_text("{}")
    (tmp_path / "mine.txt").write_text("mine")
    assert read_folder(tmp_path) == ({"mine.txt": b"mine"}, [])


def test_ignored_names(tmp_path: Path) -> None:
    for name in ("out.log", "logs/a.txt", "data/logs/b.txt", "data/[1].txt", "data/c.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    files, left_out = read_folder(tmp_path, ignored=("*.log", "logs", "*.pyc"))
    assert (list(files), left_out) == (["data/[1].txt"], [])
    assert [path.name for path in files_below(tmp_path / "data", ["*.pyc"])] == ["[1].txt", "b.txt"]


def test_nothing_but_a_plain_file_is_opened(tmp_path: Path) -> None:
    pipe, plain, link = (tmp_path / name for name in ("pipe", "plain", "link"))
    os.mkfifo(pipe)
    plain.write_text("text")
    link.symlink_to(plain)
    with open_plain_file(link) as file:
        assert file.read() == b"text"
    with pytest.raises(OSError, match="it is a link"):
        open_plain_file(link, follow_links=False)
    for path in (pipe, Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(OSError, match="it is no file"):
            open_plain_file(path)
    with pytest.raises(IsADirectoryError):
        open_plain_file(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(OSError, match="No such device"):
            open_plain_file(tmp_path / "socket")
