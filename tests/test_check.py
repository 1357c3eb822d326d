"""Check cells in a student's own kernel."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

import fairmark
from fairmark.errors import FairmarkError
from fairmark.selfcheck.runner import run_checks

CHECKS = """
import numpy as np
import pytest
from fairmark.testing import assert_close, fail, question

@pytest.fixture
def numbers():
    return np.array([1.0, 2.0])

@question("double")
class TestDouble:
    def test_numbers(self, submission, numbers):
        '''double of (1, 2) is (2, 4).'''
        assert_close(submission.double(numbers), [2, 4], hint="Twice as much.")

    @pytest.mark.parametrize("x", [0.0, -3.0])
    def test_number(self, submission, x):
        assert_close(submission.double(x), 2 * x)

@question("half")
def test_half(submission):
    assert_close(submission.half(4), 2)

@question("only_hidden")
class TestOnlyHidden:
    pass

@question("faulty")
def test_faulty(submission, no_such_fixture):
    pass
"""
RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return x + 2\n"


@pytest.fixture(autouse=True)
def markers(pytestconfig: pytest.Config) -> None:
    """The marks of graders are unknown to this session, which is strict about marks."""
    for name in ("question", "hidden", "weight"):
        pytestconfig.addinivalue_line("markers", f"fairmark_{name}: of graders")


@pytest.fixture(autouse=True)
def same_fairmark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels import the fairmark that is tested."""
    monkeypatch.setenv("PYTHONPATH", str(Path(fairmark.__file__).parents[1]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A released assignment's folder."""
    (tmp_path / "checks.py").write_text(CHECKS)
    return tmp_path


def run_cells(folder: Path, *sources: str) -> list[NotebookNode]:
    """Run a notebook with these cells in a real kernel; return the cells after the first."""
    first = "import sys\nfrom fairmark import check\n"
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(source)) for source in (first, *sources)]
    for number, cell in enumerate(cells):
        cell.metadata.nbgrader = {
            "grade": True, "solution": False, "locked": True, "points": 2, "grade_id": str(number)
        }  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=cells)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's transport
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, allow_errors=True, timeout=60, resources=resources).execute()
    return cells[1:]


def shown(cell: NotebookNode) -> str:
    """The text of a check cell's table."""
    (display,) = [output for output in cell.outputs if output.output_type == "display_data"]
    assert "<table" in display.data["text/html"]
    return str(display.data["text/plain"])


def error(cell: NotebookNode) -> list[str]:
    """The lines of a cell's error, none without an error."""
    return [line for out in cell.outputs for line in out.get("traceback", [])]


def test_checks_in_a_notebook(folder: Path) -> None:
    interrupted = (
        "import os, signal, time\n"
        "def half(x):\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(60)"
    )
    missing, wrong, _, right, typo, _, interrupt, _, again, names = run_cells(
        folder,
        "check('double')",
        WRONG + "check('double')",
        RIGHT,
        "check('double')",
        "check('doubel')",
        interrupted,
        "check('half')",
        "def half(x):\n    print('to stderr', file=sys.stderr)\n    return x / 2",
        "check('half')",
        "print([m for m in ('torch', 'nbgrader', 'nbformat', 'jupyterlab') if m in sys.modules])",
    )
    assert "double is not defined" in shown(missing)
    assert "double: 0 of 3 checks passed" in shown(missing)
    text = shown(wrong)
    assert "double: 1 of 3 checks passed" not in text
    assert "✗ FAILED  double of (1, 2) is (2, 4)." in text
    assert "got:      [3, 4]" in text
    assert "Think about it: Twice as much." in text
    assert error(wrong) == ["double: 3 of 3 checks failed."]
    assert determine_grade(wrong) == (0, 2)

    assert "double: 3 of 3 checks passed" in shown(right)
    assert [output.output_type for output in right.outputs] == ["display_data"]
    assert determine_grade(right) == (2, 2)

    assert error(typo) == [
        "There is no question 'doubel' here. There are: double, half, only_hidden, faulty."
    ]
    assert interrupt.outputs[-1].ename == "KeyboardInterrupt"
    assert "half: 1 of 1 check passed" in shown(again)
    assert determine_grade(again) == (2, 2)
    assert names.outputs[0].text == "[]\n"
    assert [path.name for path in folder.iterdir()] == ["checks.py"]


def test_an_endless_loop_ends_at_the_time_limit(folder: Path) -> None:
    about = {"call_seconds": 0.5, "question_seconds": 9.0, "exercises": {}}
    (folder / "checks.py").write_text(f"{CHECKS}\nABOUT = {about}\n")
    loop, sleep, again = run_cells(
        folder,
        "def half(x):\n    while x:\n        x = x + 1\n\ncheck('half')",
        "import time\ndef half(x):\n    time.sleep(3600)\n\ncheck('half')",
        "def half(x):\n    return x / 2\n\ncheck('half')",
    )
    for cell, line in ((loop, r"(while x:|x = x \+ 1)"), (sleep, r"time.sleep\(3600\)")):
        text = shown(cell)
        assert "Your code did not answer within 0.5 seconds. It was stopped." in text
        assert re.search(rf"where: +Your cell, line [23], in half\n +{line}", text)
        assert "call:     half(4)" in text
    assert "half: 1 of 1 check passed" in shown(again)


def test_a_cell_that_was_edited_and_not_run(folder: Path) -> None:
    """A frontend names the cell that it runs; what it saves then has that cell's number."""
    about = {"call_seconds": 9, "question_seconds": 9, "exercises": {"half": {"points": 1}}}
    (folder / "checks.py").write_text(f"{CHECKS}\nABOUT = {about}\n")
    saved, *_ = run_cells(
        folder,
        """
        import json, time
        shell = get_ipython()
        text = "def half(x):\\n    return x / 2"
        number = shell.run_cell(text, store_history=True, cell_id="answer").execution_count
        mark = {"nbgrader": {"grade_id": "half", "solution": True}}
        cell = {"cell_type": "code", "id": "answer", "source": text + " + 0", "metadata": mark}
        time.sleep(0.01)
        with open("notebook.ipynb", "w") as file:
            json.dump({"cells": [cell | {"execution_count": number}]}, file)
        check("half")
        """,
    )
    assert "The cell of half was changed after it was run" in shown(saved)


def test_the_working_folder_may_be_another_one(folder: Path) -> None:
    other = folder / "other"
    other.mkdir()
    (other / "checks.py").write_text("")  # another assignment's, which asks nothing
    away, changed, gone = run_cells(
        folder,
        RIGHT + "import os\nos.makedirs('data')\nos.chdir('data')\ncheck('double')",
        "%cd ../other\ncheck('double')",
        "os.makedirs('gone')\nos.chdir('gone')\nos.rmdir('../gone')\ncheck('double')",
    )
    for cell in (away, changed, gone):
        assert "double: 3 of 3 checks passed" in shown(cell)


def test_the_kernel_is_left_as_it_was(folder: Path) -> None:
    *_, last = run_cells(
        folder,
        RIGHT,
        """
        import faulthandler, logging, os, pickle, random, signal, threading, types, warnings
        import matplotlib.pyplot as plt, numpy as np

        sys.modules["conftest"] = types.ModuleType("conftest")
        os.environ["PYTEST_ADDOPTS"] = "--verbose --no-such-option"
        warnings.simplefilter("error")
        plt.plot([1, 2])
        history = get_ipython().history_manager

        def state():
            return [
                list(sys.path), list(sys.meta_path), list(sys.path_hooks), sys.modules["conftest"],
                list(warnings.filters), warnings.showwarning, os.getcwd(), dict(os.environ),
                pickle.dumps([random.getstate(), np.random.get_state(), np.geterr()]),
                list(logging.root.handlers), logging.root.level, sys.stdout, sys.stderr,
                sys.excepthook, sys.unraisablehook, threading.excepthook, threading.active_count(),
                signal.getsignal(signal.SIGINT), faulthandler.is_enabled(),
                plt.get_fignums(), plt.gcf(), plt.get_backend(), dict(plt.rcParams),
                list(history.input_hist_raw), dict(history.output_hist),
                set(get_ipython().user_ns), "checks" in sys.modules, os.listdir(),
            ]

        before = after = None
        before = state()
        check("double")
        after = state()
        """,
        "print([number for number, (a, b) in enumerate(zip(before, after)) if a != b])",
    )
    assert last.outputs[0].text == "[]\n"


def test_an_instructor_sees_what_students_will_see(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").touch()
    graders, source = tmp_path / "graders" / "tiny", tmp_path / "source" / "tiny"
    graders.mkdir(parents=True)
    source.mkdir(parents=True)
    hidden = "\n@hidden\n@question('double')\ndef test_b(submission):\n    reference.f()\n"
    head = "from reference import topic as reference\nfrom fairmark.testing import hidden\n"
    (graders / "test_a.py").write_text(head + CHECKS + hidden)
    cell, nothing = run_cells(
        source,
        RIGHT + "check('double')",
        "import os\n_dh[0] = '/usr'\nos.chdir('/')\ncheck('x')",
    )
    assert "double: 3 of 3 checks passed" in shown(cell)
    assert error(nothing) == [
        "There are no checks here: checks.py is missing in /usr and in /. It comes with the "
        "assignment; keep the notebook in the same folder. Where a notebook brings its checks, run "
        "its first code cell."
    ]


def test_without_ipython_and_with_nothing_but_the_wheel(folder: Path) -> None:
    script = f"""
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in {{"torch", "nbgrader", "nbformat", "jupyterlab", "zmq", "sklearn", "IPython"}}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Refuse())
from fairmark import check
{RIGHT}
check("double")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout.startswith("double: 3 of 3 checks passed\n")


def run(question: str, folder: Path, source: str = "", text: str = CHECKS) -> Any:
    """Run the checks of a question against this source, here."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return run_checks(question, {"checks.py": text}, folder, namespace)


def test_results_of_a_question(folder: Path) -> None:
    question = run("double", folder, WRONG)
    assert [test.name for test in question.tests] == [
        "test_numbers", "test_number[0.0]", "test_number[-3.0]"
    ]  # fmt: skip
    assert (question.score, question.max_score, question.status) == (None, 0.0, "graded")


def test_a_question_without_visible_tests(folder: Path) -> None:
    question = run("only_hidden", folder)
    assert question.tests == ()
    assert "when you hand in" in question.note


def test_a_fault_of_the_checks_is_told(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (test,) = run("faulty", folder).tests
    assert not test.passed
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import no_such_module", "%pip install no_such_module"),
        ("def", "SyntaxError"),
        ("1 / 0", "division by zero"),
        ("", "There are: none"),
    ],
)
def test_damaged_checks_are_told_in_one_line(folder: Path, text: str, words: str) -> None:
    with pytest.raises(FairmarkError, match=words) as caught:
        run("double", folder, text=text)
    assert "\n" not in str(caught.value)


def test_changed_checks_are_read_anew(folder: Path) -> None:
    assert not any(test.passed for test in run("double", folder, WRONG).tests)
    lenient = CHECKS.replace("[2, 4]", "[3, 4]")
    assert run("double", folder, WRONG, lenient).tests[0].passed


def test_a_test_that_exits_or_leaves_the_folder(folder: Path) -> None:
    here = Path.cwd()
    source = (
        "import os, sys\ndef half(x):\n    os.chdir('/')\n    sys.path.clear()\n    sys.exit(3)\n"
    )
    (test,) = run("half", folder, source).tests
    assert "SystemExit" in test.message
    assert Path.cwd() == here
    assert sys.path


def test_random_states_are_put_back(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    source = (
        "import random, numpy, torch\n"
        "def half(x):\n"
        "    return x / 2 + 0 * (random.random() + numpy.random.random() + float(torch.rand(1)))"
    )
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)
    (test,) = run("half", folder, source).tests
    assert test.passed
    drawn = [random.random(), np.random.random(), torch.rand(1).item()]
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)
    assert drawn == [random.random(), np.random.random(), torch.rand(1).item()]


def test_check_is_the_function_however_it_is_imported() -> None:
    from fairmark import check
    from fairmark.check import CheckError, CheckFailed

    assert callable(check)
    assert issubclass(CheckError, FairmarkError)
    assert CheckFailed("one line")._render_traceback_() == ["one line"]
