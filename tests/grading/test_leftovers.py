"""What one answer leaves behind in its process costs no other one."""

from __future__ import annotations

import nbformat
import pytest

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.sandbox import Sandbox
from tests.tiny import RIGHT, answer

LEFT = {
    "descriptors": (
        "kept = []\ntry:\n    while True: kept.append(open('/dev/null'))\nexcept OSError: pass"
    ),
    "a timer": (
        "import os, signal\nsignal.signal(signal.SIGALRM, lambda *_: os._exit(1))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.3)"
    ),
    "a timer of CPU time": (
        "import os, signal\nsignal.signal(signal.SIGPROF, lambda *_: os._exit(1))\n"
        "signal.setitimer(signal.ITIMER_PROF, 0.2, 0.2)"
    ),
    "an alarm": "import signal\nsignal.alarm(1)",
    "numpy's functions": "np.asarray = np.sum = np.mean = lambda *_, **__: 1 / 0",
    "functions deleted": "del np.asarray, np.sum",
    "a submodule's functions": "np.linalg.norm = None\nnp.random.default_rng = None",
    "builtins": "import builtins\nbuiltins.sum = builtins.len = builtins.isinstance = None",
    "builtins deleted": "import builtins\ndel builtins.sum, builtins.len",
    "the folder": "import os\nos.chdir('/')",
    "a folder that is gone": "import os\nos.mkdir('d'); os.chdir('d'); os.rmdir('../d')",
    "folders without end": (
        "import os\nd = os.open('.', os.O_RDONLY)\nfor n in range(1500):\n"
        "    os.mkdir('a', dir_fd=d)\n    e = os.open('a', os.O_RDONLY, dir_fd=d)\n"
        "    os.close(d)\n    d = e\nos.close(d)"
    ),
    "the path": "import sys\nsys.path[:] = []",
    "finders": "import sys\nsys.meta_path[:] = []",
    "modules": "import sys\nsys.modules['numpy'] = sys.modules['math'] = None",
    "warnings that are errors": "import warnings\nwarnings.simplefilter('error')",
    "numpy's errors": "np.seterr(all='raise')",
    "numpy's printing": "np.set_printoptions(formatter={'all': lambda x: 1 / 0})",
    "the recursion limit": "import sys\nsys.setrecursionlimit(90)",
    "a trace": "import sys\nsys.settrace(lambda *_: 1 / 0)",
    "stdout": "import sys\nsys.stdout = sys.stderr = None",
    "the environment": "import os\nos.environ.clear()",
    "soft limits": (
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, "
        "(3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))"
    ),
    "hard limits": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
    "no more memory": (
        "import resource\nresource.setrlimit(resource.RLIMIT_DATA, (1 << 20, 1 << 20))"
    ),
    "the collector": "import gc\ngc.disable(); gc.set_threshold(1)",
    "signals": "import signal\nfor n in (2, 15, 17): signal.signal(n, signal.SIG_IGN)",
    "decimals": "import decimal\ndecimal.getcontext().prec = 1",
    "threads": "import threading, time\nthreading.Thread(target=time.sleep, args=[9]).start()",
    "an exit": "import atexit, os\natexit.register(os._exit, 3)",
    "names": "%reset -f",
    "names deleted": "for name in list(globals()):\n    if name[0] != '_': del globals()[name]",
}
MEAN = """def mean(x):
    import math, os, sys, warnings
    assert len(x) == sum(1 for _ in x) and isinstance(1, int) and sys.getrecursionlimit() > 500
    open('/dev/null').close(); os.getcwd(); warnings.warn('mine'); str(np.ones(3))
    np.log(np.zeros(1))
    np.linalg.norm(np.random.default_rng(0).normal(size=3)); import fractions; print('said')
    return np.sum(np.asarray(x)) / math.sqrt(len(x) ** 2)"""


@pytest.mark.parametrize("left", LEFT)
def test_a_cell_costs_no_other_answer(tiny: Assignment, sandbox: Sandbox, left: str) -> None:
    """Neither the cell of another answer nor a last cell of the student's own does."""
    code = LEFT[left]
    notebook = answer(tiny, {"double": f"{RIGHT['double']}\n{code}", "mean": MEAN})
    report = grade(notebook, tiny, sandbox)
    assert report.question("mean").score == 3.0, report.question("mean").tests
    notebook = answer(tiny, RIGHT | {"mean": MEAN})
    notebook.cells.append(nbformat.v4.new_code_cell(code))
    report = grade(notebook, tiny, sandbox)
    assert report.score == 5.0, report.questions


@pytest.mark.parametrize("left", LEFT)
def test_a_call_costs_no_other_answer(tiny: Assignment, sandbox: Sandbox, left: str) -> None:
    body = LEFT[left].replace("%reset -f", "get_ipython().run_line_magic('reset', '-f')")
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    broken = f"def double(x):\n    global np\n{lines}\n    return 2 * x"
    notebook = answer(tiny, {"double": broken, "mean": MEAN})
    notebook.cells.append(nbformat.v4.new_code_cell("double(3)"))
    report = grade(notebook, tiny, sandbox)
    assert report.question("mean").score == 3.0, report.question("mean").tests


def test_what_the_instructors_cells_set_holds(tiny: Assignment, sandbox: Sandbox) -> None:
    """The release's own set-up is no student's: a changed set-up cell is."""
    own = "np.seterr(all='raise')\ndef double(x):\n    return 2 * np.asarray(x)"
    check = (
        "def mean(x):\n    assert np.geterr()['divide'] == 'warn'\n"
        "    return np.asarray(x).sum() / len(x)"
    )
    report = grade(answer(tiny, {"double": own, "mean": check}), tiny, sandbox)
    assert report.score == 5.0


def test_an_answer_finds_what_its_own_cell_has_set(tiny: Assignment, sandbox: Sandbox) -> None:
    own = (
        "np.seterr(all='raise')\ndef double(x):\n"
        "    assert np.geterr()['divide'] == 'raise'\n    return 2 * np.asarray(x)"
    )
    assert grade(answer(tiny, RIGHT | {"double": own}), tiny, sandbox).score == 5.0


def test_what_a_notebook_lets_go_of_takes_no_memory(tiny: Assignment, sandbox: Sandbox) -> None:
    """Three times the limit, one after the other."""
    big = "import numpy as np\nbig = np.ones(25 * 2**20)  # 200 of 256 MiB\n"
    notebook = answer(tiny, RIGHT)
    for source in (big, "del big", big, "del big", big):
        notebook.cells.append(nbformat.v4.new_code_cell(source))
    report = grade(notebook, tiny, sandbox)
    assert report.score == 5.0
    assert "MemoryError" not in str(report.cells)
