"""What a cell does to libraries is put back, and looking at them costs a fork next to nothing."""

from __future__ import annotations

import builtins
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from fairmark.guest import libraries
from fairmark.guest.libraries import Libraries


@pytest.fixture(params=["versions", "no versions"], autouse=True)
def versions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a Python that tells when a dict was changed, and with one that does not."""
    if request.param == "no versions":
        monkeypatch.setattr(libraries, "_version", lambda _there: None)


@pytest.fixture
def library() -> Iterator[Any]:
    """A library of two modules, which can be imported."""
    top, part = ModuleType("somelib"), ModuleType("somelib.part")
    vars(top).update(part=part, mean=lambda x: x, limit=3, Shape=type("Shape", (), {}))
    vars(part).update(draw=lambda: 4)
    sys.modules.update({"somelib": top, "somelib.part": part})
    yield top
    for name in ("somelib", "somelib.part", "somelib.new"):
        sys.modules.pop(name, None)


@pytest.fixture(params=[True, False], ids=["known before", "seen late"])
def watched(request: pytest.FixtureRequest, library: Any) -> Libraries:
    """Libraries as they are when a student's cell begins."""
    found = Libraries()
    if request.param:
        found.know([library])
    found.watch({"somelib": library, "x": 1})
    return found


def test_what_was_replaced_or_deleted_is_put_back(watched: Libraries, library: Any) -> None:
    mean, shape, draw = library.mean, library.Shape, library.part.draw
    library.mean = lambda x: 0
    del library.Shape
    library.part.draw = lambda: 5
    sys.modules["somelib.part"] = ModuleType("forged")
    abs_ = abs
    __builtins__["abs"] = lambda x: -1
    watched.put_back()
    assert (library.mean, library.Shape, library.part.draw) == (mean, shape, draw)
    assert sys.modules["somelib.part"] is library.part
    assert abs is abs_


def test_it_is_put_back_again_behind_each_cell(watched: Libraries, library: Any) -> None:
    mean = library.mean
    for _ in range(3):
        watched.watch({"somelib": library})
        library.mean = lambda x: 0
        watched.put_back()
        assert library.mean is mean


def test_values_and_what_is_new_stay(watched: Libraries, library: Any) -> None:
    library.limit = 4
    library.median = lambda x: x
    sys.modules["somelib.new"] = ModuleType("somelib.new")
    watched.put_back()
    assert library.limit == 4
    assert library.median(2) == 2
    assert "somelib.new" in sys.modules


def test_an_instructors_changes_stay(watched: Libraries, library: Any) -> None:
    def theirs(x: object) -> object:
        return x

    library.mean = theirs
    library.new = ModuleType("somelib.new")
    library.new.draw = draw = lambda: 1
    sys.modules["somelib.part"] = replaced = ModuleType("theirs")
    watched.forget()
    watched.watch({"somelib": library})
    library.mean = library.new.draw = lambda *_: 0
    watched.put_back()
    assert library.mean is theirs
    assert library.new.draw is draw
    assert sys.modules["somelib.part"] is replaced


def test_objects_that_equal_everything_are_noticed(watched: Libraries, library: Any) -> None:
    class Same:
        def __eq__(self, _other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 0

    mean = library.mean
    library.mean = Same()
    watched.put_back()
    assert library.mean is mean


def test_what_cells_have_imported_is_put_back_too(watched: Libraries, library: Any) -> None:
    """A student's first cell imports a module, and gets its library to have more functions."""
    sys.modules["somelib.new"] = new = ModuleType("somelib.new")
    library.median = median = lambda x: x
    watched.put_back()
    watched.forget()  # a cell of the instructor's
    watched.watch({"somelib": library})
    sys.modules["somelib.new"] = ModuleType("forged")
    library.median = lambda x: 0
    watched.put_back()
    assert sys.modules["somelib.new"] is new
    assert library.median is median


def test_a_module_that_a_students_cell_imported_is_known_to_the_next(
    watched: Libraries, library: Any
) -> None:
    sys.modules["somelib.new"] = new = ModuleType("somelib.new")
    watched.put_back()
    watched.watch({"somelib": library})
    sys.modules["somelib.new"] = ModuleType("forged")
    watched.put_back()
    assert sys.modules["somelib.new"] is new


@pytest.mark.parametrize("name", ["all", "map", "callable", "id", "vars", "setattr", "zip"])
def test_what_puts_back_may_be_replaced(
    watched: Libraries, library: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mean, real = library.mean, getattr(builtins, name)
    monkeypatch.setattr(builtins, name, lambda *_: True)
    library.mean = lambda x: 0
    watched.put_back()
    assert library.mean is mean
    assert getattr(builtins, name) is real


def test_a_preloaded_module_may_be_anything() -> None:
    code = """
import sys
from fairmark.guest.shell import Shell
sys.modules["odd"] = object()
sys.modules["none"] = None
shell = Shell()
shell.know_libraries(["odd", "none", "missing", "json"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_look_leaves_a_forks_memory_shared(versions: None) -> None:
    if libraries._version({}) is None:
        pytest.skip("NOT TESTED: this needs versions of dicts, and so Python before 3.14")
    code = """
import gc, os
import numpy, numpy.linalg, numpy.random, asyncio, email, unittest.mock
from fairmark.guest.libraries import Libraries

def own_kib():
    with open("/proc/self/smaps_rollup") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Private_Dirty:"))

def dirtied(libraries):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        before = own_kib()
        libraries.watch({"np": numpy, "asyncio": asyncio})
        libraries.put_back()
        os.write(writer, str(own_kib() - before).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    return int(os.read(reader, 20))

known = Libraries()
known.know([numpy, asyncio])
gc.freeze()
first = dirtied(known)
late = dirtied(Libraries())
assert first < late / 4, (first, late)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
