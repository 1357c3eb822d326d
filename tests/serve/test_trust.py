"""Whom a server and a command trust: this user alone, in this place, with this code."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairmark.sandbox.namespaces import unshare_all
from fairmark.serve import place
from fairmark.serve.code import LoadedCode
from fairmark.serve.terms import difference, own_terms, stranger
from tests.conftest import ROOT
from tests.serve.servers import REFUSES, RUNS, Class, wait_for

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def listening(base: Path) -> Iterator[Path]:
    """A socket that waits where a course's server would; its folder."""
    folder, descriptor = place.make_folder(str(base / "course"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(place.path_in(descriptor, place.SOCKET))
        listener.listen()
        os.close(descriptor)
        yield Path(folder)


def connects(course: Path) -> bool:
    found = place.connected(str(course), 1.0)
    if found is not None:
        found.close()
    return found is not None


def test_a_folder_that_others_can_enter_is_not_used(base: Path, listening: Path) -> None:
    assert listening.stat().st_mode & 0o777 == 0o700
    assert connects(base / "course")
    assert not connects(base / "another course")
    for mode in (0o701, 0o710, 0o770, 0o777):
        listening.chmod(mode)
        assert not connects(base / "course")
    listening.chmod(0o700)
    moved = listening.rename(listening.parent / "moved")
    listening.symlink_to(moved)
    assert not connects(base / "course"), "a link leads anywhere"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")
def test_another_users_folder_and_socket_are_not_used(base: Path, listening: Path) -> None:
    os.chown(listening, 12345, 12345)
    assert not connects(base / "course")
    os.chown(listening, 0, 0)
    assert connects(base / "course")
    (listening / place.SOCKET).unlink()
    base.chmod(0o755)
    ready, tells = os.pipe()
    folder = os.open(listening, os.O_RDONLY)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(place.path_in(folder, place.SOCKET))  # the path itself may be too long
    os.close(folder)
    other = os.fork()
    if other == 0:  # who listens there is another user, though the folder is one's own
        os.setresuid(12345, 12345, 12345)
        listener.listen()
        os.write(tells, b"1")
        signal.pause()
        os._exit(0)
    try:
        assert os.read(ready, 1) == b"1"
        assert not connects(base / "course")
    finally:
        os.kill(other, signal.SIGKILL)
        os.waitpid(other, 0)
        listener.close()


def test_a_process_in_a_sandbox_or_with_other_limits_is_a_stranger() -> None:
    assert stranger(os.getpid()) == ""

    def of(change: str) -> str:
        code = f"import os, resource, signal\n{change}\nprint('x', flush=True)\nsignal.pause()"
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "x\n"
        found = stranger(child.pid)
        child.kill()
        child.communicate()
        return found

    assert of("") == ""
    inside = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    inside += f"from {unshare_all.__module__} import unshare_all; unshare_all()"
    assert of(inside).startswith("it is in another namespace")
    assert of("resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))") == (
        "it has other limits (ulimit)"
    )
    drop = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    drop += "from fairmark.sandbox.namespaces import drop_privileges; drop_privileges()"
    assert of(drop).startswith("it has other rights")
    assert stranger(2**22 + 1) == "it has ended"


def test_what_differs_is_named_and_its_value_is_not() -> None:
    environment = {"PATH": "/bin", "TERM": "dumb", "LANG": "C.UTF-8"}
    mine = own_terms(environment)
    assert difference(mine, own_terms(environment)) == ""
    free = {**environment, "TERM": "xterm", "FAIRMARK_TELL": "x", "PATH": "/usr/bin"}
    assert difference(mine, own_terms(free)) == ""
    for name in ("LANG", "OMP_NUM_THREADS", "PYTHONHASHSEED", "LD_PRELOAD", "SOME_TOKEN"):
        told = difference(mine, own_terms({**environment, name: "secret"}))
        assert told == f"the environment differs: {name}"
    assert difference(mine, {**mine, "Python": ["3.99"]}) == "Python is another one"
    assert difference(mine, {**mine, "Python's path": []}) == "Python's path differ"


def test_code_that_has_changed_is_noticed(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("a = 1")
    os.utime(module, (1e9, 1e9))
    code = LoadedCode()
    code.note([str(module)])
    assert code.changed() == ""
    replaced = tmp_path / "other.py"
    replaced.write_text("a = 2")
    os.utime(replaced, (1e9, 1e9))
    replaced.rename(module)
    assert code.changed() == str(module), "same size, same time, another file"
    code = LoadedCode()
    code.note([str(module)])
    module.unlink()
    assert code.changed() == str(module)
    time.sleep(0.02)
    module.write_text("a = 3")
    code = LoadedCode()
    assert code.changed() == ""
    time.sleep(0.02)
    module.write_text("a = 4")
    code.note([str(module)])
    assert code.changed() == str(module), "it may have been loaded before it was changed"


def test_messages_carry_descriptors() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        long = {"text": "\udcff" * 300_000}
        sender = threading.Thread(target=place.send, args=(ours, long, [0, 1]))
        sender.start()
        theirs.settimeout(5)
        said, descriptors = place.receive(theirs, 2)
        sender.join()
        assert (said, len(descriptors)) == (long, 2)
        assert not any(os.get_inheritable(descriptor) for descriptor in descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        ours.close()
        with pytest.raises(EOFError):
            place.receive(theirs)


def test_a_server_of_other_code_starts_anew(tmp_path: Path) -> None:
    """fairmark is updated below a server: the next command is run cold, the one after it is not."""
    package = tmp_path / "package"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "fairmark", package / "fairmark", ignore=ignored)
    one = Class(tmp_path / "course", tmp_path / "run")
    one.environment["PYTHONPATH"] = str(package)
    one.program = [sys.executable, "-P", "-m", "fairmark"]
    with one.served() as server:
        assert one.autograde("--student", "ada")[1].splitlines()[0] == RUNS
        changed = package / "fairmark/text.py"
        changed.write_text(changed.read_text() + "# an update\n")
        _out, err = one.autograde("--student", "bob")
        assert err.startswith(f"{REFUSES} command: {package}/fairmark/text.py has changed")
        wait_for(lambda: one.status().get("ready") and one.status()["done"] == 0)
        assert one.status()["pid"] == server.pid
        assert one.autograde("--student", "cy")[1].splitlines()[0] == RUNS


def test_a_server_ends_when_unused_when_told_and_is_alone(tmp_path: Path) -> None:
    one = Class(tmp_path / "course", tmp_path / "run")
    assert "no server of yours runs" in one.run("serve", "--status", code=1)[1]
    assert "no server of yours runs" in one.run("serve", "--stop", code=1)[1]
    one.run("serve", "--background", "tiny")
    out, _err = one.run("serve", "--status")
    assert out.startswith("ready: process ")
    assert "1 sealed warm process ready" in out
    assert one.run("serve", code=1)[1].startswith("fairmark: there is a server for this course")
    assert one.run("serve", "--stop")[0] == "The server ends.\n"
    wait_for(lambda: not one.status(), 20)
    assert not list(one.place.rglob("socket"))
    server = one.start("serve", "--idle", "0.01")
    _out, err = server.communicate(timeout=100)
    assert server.returncode == 0
    assert err.splitlines()[-1].endswith("ended: nothing was to do for 0.01 minutes")
    assert "no assignment 'none'" in one.run("serve", "none", code=1)[1]
    assert "exclude each other" in one.run("serve", "--stop", "--status", code=2)[1]
    _out, err = one.run("serve", cwd=tmp_path, code=2)
    assert err.startswith("fairmark: no course here: no nbgrader_config.py at or above ")
