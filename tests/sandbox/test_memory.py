"""The warm process's data in a sealed file: nothing of it changes, and forks are as they were."""

from __future__ import annotations

import subprocess
import sys

START = """
import gc, hashlib, json, os, sys
import numpy as np
from fairmark.sandbox.memory import share_data

gc.disable()
small = [{"n": n, "t": str(n), "l": list(range(n % 7))} for n in range(60_000)]
large = bytearray(os.urandom(3 * 2**20))
array = np.random.default_rng(0).normal(size=(300, 400))

def digest():
    return hashlib.sha256(json.dumps(small).encode() + bytes(large) + array.tobytes()).hexdigest()

def in_fork(work):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0

def mapped():
    with open("/proc/self/maps") as maps:
        lines = [line.split() for line in maps if "memfd:fairmark-warm" in line]
    return [[int(word, 16) for word in line[0].split("-")] for line in lines]

def own_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))

before, held = digest(), own_kib()
share_data(alone=True)
gc.freeze()
gc.enable()
assert digest() == before
assert mapped(), "nothing is in the file"
"""


def run(code: str) -> str:
    """Run code in a process of its own behind the start."""
    done = subprocess.run(
        [sys.executable, "-c", START + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python_goes_on() -> None:
    run("""
for _ in range(3):
    small += [{"n": n, "t": str(n), "l": []} for n in range(30_000)]
    del small[60_000:]
    gc.collect()
    assert digest() == before
import decimal, sqlite3
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
try:
    raise KeyError("x" * 10_000)
except KeyError as error:
    assert len(error.args[0]) == 10_000
""")


def test_what_was_large_may_grow_and_shrink() -> None:
    run("""
first = bytes(large)
large.extend(bytes(40 * 2**20))
assert large[: len(first)] == first and not any(large[len(first) :])
del large[1000:]
assert large == first[:1000]
array.resize((3000, 400), refcheck=False)
assert not array[300:].any()
small.extend([None] * 5_000_000)
assert small[59_999]["n"] == 59_999 and small[-1] is None
""")


def test_forks_do_not_see_each_other() -> None:
    run("""
def change():
    for item in small:
        item["n"] = -1
        item["t"] += "x"
    large[:] = bytes(len(large))
    array[:] = 0
    assert digest() != before

in_fork(change)
assert digest() == before
in_fork(lambda: digest() == before or os._exit(9))
""")


def test_a_fork_holds_only_what_it_changes() -> None:
    """Before, it held a page of its own, or a share of one, for all of its origin's."""
    run("""
assert own_kib() < held / 2, (own_kib(), held)

def light():
    sum(range(1000))
    assert own_kib() < held / 2, (own_kib(), held)

in_fork(light)
""")


def test_nobody_can_write_to_the_file() -> None:
    """Not even one who is let in by the kernel's own door, as root is."""
    run("""
start, end = mapped()[0]

def attack():
    try:
        file = os.open(f"/proc/self/map_files/{start:x}-{end:x}", os.O_RDWR)
    except OSError:
        return
    for write in (lambda: os.pwrite(file, b"x" * 4096, 0), lambda: os.ftruncate(file, 0)):
        try:
            write()
        except PermissionError:
            continue
        raise SystemExit("the file was changed")

in_fork(attack)
assert digest() == before
""")


def test_it_is_written_in_pieces() -> None:
    small = "share_data.__globals__['_PIECE'] = 5 * 4096\nshare_data(alone=True)\ngc.freeze"
    code = START.replace("share_data(alone=True)\ngc.freeze", small)
    assert code != START
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_where_it_cannot_be_done_all_stays_as_it_was() -> None:
    run("")  # it can be done here
    code = START.replace(
        "share_data(alone=True)\ngc.freeze",
        """
def refuse(*_):
    raise OSError("no files in memory")
os.memfd_create = refuse
share_data(alone=True)
gc.freeze""",
    ).replace('assert mapped(), "nothing is in the file"', "assert not mapped()")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
