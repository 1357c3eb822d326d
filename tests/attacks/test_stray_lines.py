"""Lines that an honest student leaves behind cost nothing, or no more than their own question."""

from __future__ import annotations

import nbformat
import pytest

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.sandbox import Asked, CellRequest, Sandbox, make_sandbox
from fairmark.sandbox.limits import Limits
from tests.tiny import RIGHT, answer

THREAD = """
import threading, time
def work():
    while True:
        {work}
threading.Thread(target=work, daemon=True).start()
"""


@pytest.mark.parametrize(
    "source",
    [
        THREAD.format(work="print('x' * 9000)"),
        THREAD.format(work="print('x' * 9000); time.sleep(0.001)"),
        THREAD.format(work="pass"),
        "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "import signal; signal.alarm(1)",
        "%reset -f\nimport numpy as np",
        "exit()",
        "input('Your name?')",
        "import sys; sys.exit()",
        "import sys; sys.stdout = None",
        "import sys; sys.stdout.close(); sys.setrecursionlimit(150); sys.path.clear()",
        "import os; os.chdir('/tmp'); os.environ.clear()",
        "import os; os.closerange(0, 3)",
        "import os; os.closerange(0, 100)",
        "import gc, warnings; gc.disable(); warnings.simplefilter('error')",
        "np.seterr(all='raise')",
        "from numpy import *",
        "import builtins; builtins.print = builtins.len = None",
        "import atexit, time; atexit.register(time.sleep, 100)",
        "class Slow:\n    def __del__(self): __import__('time').sleep(100)\nslow = Slow()",
        "import subprocess; subprocess.Popen(['sleep', '100'])",
        "__name__ = 'student'",
    ],
)
def test_a_stray_line(tiny: Assignment, sandbox: Sandbox, source: str) -> None:
    notebook = answer(tiny, RIGHT)
    notebook.cells.insert(2, nbformat.v4.new_code_cell(source))
    assert grade(notebook, tiny, sandbox).score == 5.0


def test_a_module_beside_the_notebook(tiny: Assignment, sandbox: Sandbox) -> None:
    mean = "from helper import mean"
    report = grade(
        answer(tiny, {**RIGHT, "mean": mean}),
        tiny,
        sandbox,
        files={"helper.py": b"def mean(x): return sum(x) / len(x)"},
    )
    assert report.score == 5.0


def test_files_that_cannot_lie_there(tiny: Assignment, sandbox: Sandbox) -> None:
    files = {"a": b"a file", "a/b": b"in a folder of its name", "large": bytes(65 * 2**20)}
    files |= {f"much{n}": bytes(40 * 2**20) for n in range(4)}  # more than the folder may hold
    assert grade(answer(tiny, RIGHT), tiny, sandbox, files=files).score == 5.0


def test_many_tests_that_start_processes(sandbox: Sandbox) -> None:
    session = sandbox.launch()
    source = "import subprocess\ndef start(): [subprocess.Popen(['sleep', '99']) for _ in '123']"
    session.run_cell(CellRequest(source), lambda output: None, 10)
    for _ in range(30):
        fork = session.fork(Asked(""))
        fork.channel.send({"op": "call", "name": "start"})
        assert fork.channel.receive(5)["status"] == "ok"
        fork.close()
    session.close()


def test_threads_of_torch_do_not_hang_a_fork() -> None:
    pytest.importorskip("torch")
    with make_sandbox(["torch"], Limits()) as sandbox:
        session = sandbox.launch()
        source = """
import torch
torch.set_num_threads(4)
def work(): return (torch.ones(600, 600) @ torch.ones(600, 600)).exp().sum().item()
work()
"""
        session.run_cell(CellRequest(source), lambda output: None, 30)
        fork = session.fork(Asked(""))
        fork.channel.send({"op": "call", "name": "work"})
        assert fork.channel.receive(20)["status"] == "ok"
        fork.close()
        session.close()


def test_cells_behind_the_last_second_are_left_out(tiny: Assignment, sandbox: Sandbox) -> None:
    limits = Limits(cell_seconds=0.3, submission_seconds=0.5, memory_mib=256)
    with make_sandbox([], limits) as hurried:
        notebook = answer(tiny, RIGHT)
        for _ in range(200):
            notebook.cells.append(nbformat.v4.new_code_cell("while True: pass"))
        notebook.cells.append(nbformat.v4.new_code_cell("last = 1"))
        report = grade(notebook, tiny, hurried)
    assert "the time for this notebook had passed" in str(report.cells[-1])
