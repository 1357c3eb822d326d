"""Answers that are made to break the judge, or to agree with it whatever it expects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import grade
from fairmark.harness.proxy import LocalTransport, Mismatch, StudentError, Submission
from fairmark.harness.report import Report
from fairmark.sandbox import CellRequest, Sandbox
from fairmark.wire.codec import Decoder, Encoder, WireError
from tests.processes import submission_of
from tests.tiny import GRADER, RIGHT, answer, make_course

YES = """
class Yes(float):
    def __eq__(self, other): return True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __call__ = __eq__
    __hash__ = float.__hash__
    def __array__(self, *args, **kwargs): return np.zeros(())
class Everything:
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return self
    def __call__(self, *args): return self
    def __sub__(self, other): return np.zeros(np.shape(other))
    __add__ = __rsub__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __sub__
    def __eq__(self, other): return True
    def __len__(self): return 3
    def __getitem__(self, key): return self
class Lying(np.ndarray):
    def __eq__(self, other): return np.True_
    def __sub__(self, other): return np.zeros(())
"""


@pytest.mark.parametrize(
    "value",
    [
        "Yes(0)",
        "Everything()",
        "[Everything()] * 3",
        "np.zeros(3).view(Lying)",
        "2**40_000",
        "[2**13_000] * 3",
        "complex('inf+nanj')",
        "np.zeros((0, 2**40))",
        "np.longdouble('1e4000')",
        "np.array([None, 'x'], dtype=object)",
        "{n << 61: n for n in range(30_000)}",
        "'x' * 10**7",
        "[[[[[]]]], [[]]]",
        "{1, 2}",
        "iter([1])",
    ],
)
def test_no_answer_is_right_by_nature(tiny: Assignment, sandbox: Sandbox, value: str) -> None:
    liars = {name: f"{YES}\ndef {name}(x): return {value}" for name in ("double", "mean")}
    assert grade(answer(tiny, {**RIGHT, **liars}), tiny, sandbox).score == 0.0


def test_nothing_in_the_students_process_decides(tiny: Assignment, sandbox: Sandbox) -> None:
    patch = """
import fairmark.guest.agent, fairmark.wire.codec, fairmark.harness.proxy, fairmark.testing
import numpy.testing
yes = lambda *args, **kwargs: True
np.allclose = np.isclose = np.array_equal = numpy.testing.assert_allclose = yes
fairmark.testing.assert_close = fairmark.testing.assert_equal = yes
fairmark.harness.proxy.Mismatch = fairmark.harness.proxy.StudentError = yes
fairmark.guest.agent.Agent.answer = lambda self, request: {"status": "ok", "value": True}
def double(x): return 1
"""
    assert grade(answer(tiny, {**RIGHT, "double": patch}), tiny, sandbox).score == 0.0


def grade_with(root: Path, sandbox: Sandbox, test: str, double: str, settings: str = "") -> Report:
    """Grade with one further test of ``double``, and further settings of the course."""
    course = make_course(root)
    if settings:
        with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(settings)
        course = Course.load(root)
    path = course.graders / "tiny/test_tiny.py"
    path.write_text(GRADER.replace("    @hidden\n    @weight(3)", f"{test}\n    @hidden\n", 1))
    tiny = course.assignment("tiny")
    return grade(answer(tiny, {**RIGHT, "double": double}), tiny, sandbox)


@pytest.mark.parametrize(
    ("looks", "answer_of"),
    [
        ("assert_close({}, 6)", "['x' * 2**22] + [''] * 60"),
        ("assert_equal({}, [6.0])", "np.zeros((2**18,) + (1,) * 30, np.uint8)"),
        ("assert_close(({} - np.arange(4000.0)).sum(), 6)", "np.zeros((2**15, 1))"),
        ("assert_close(sum([{} for _ in range(100)]), 6)", "np.zeros(2**20)"),
        ("assert_close(np.zeros({}).sum(), 6)", "[10**4] * 2"),
    ],
)
def test_an_answer_that_grows_where_it_is_looked_at(
    tmp_path: Path, sandbox: Sandbox, looks: str, answer_of: str
) -> None:
    test = f"""
    def test_size(self, submission):
        from fairmark.testing import assert_equal
        {looks.format("submission.double(3)")}
"""
    bound = 'c.Fairmark.assignment_limits = {"tiny": {"judge_memory_mib": 128}}'
    with _peak_memory() as added_mib:
        double = f"def double(x): return {answer_of}"
        report = grade_with(tmp_path, sandbox, test, double, settings=bound)
    assert report.question("double").score == 0.0
    assert report.question("mean").score == 3.0
    assert added_mib[0] < 350


@contextmanager
def _peak_memory() -> Iterator[list[float]]:
    """Give what this process has taken at most in the block, in MiB beside what it had."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak is what it has now
    before = _peak_mib()
    added = [0.0]
    yield added
    added[0] = _peak_mib() - before


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line)


def test_a_test_that_cannot_work_with_an_answer(tmp_path: Path, sandbox: Sandbox) -> None:
    test = """
    def test_size(self, submission):
        assert submission.double(np.ones(3)).sum() == 6
"""
    report = grade_with(tmp_path, sandbox, test, "def double(x): return None")
    assert report.question("mean").score == 3.0
    message = report.question("double").tests[1].message
    assert message.startswith("The test cannot work with the answer (AttributeError")


def test_a_test_that_is_broken_by_itself(tmp_path: Path, sandbox: Sandbox) -> None:
    test = """
    def test_size(self, submission):
        submission.double(1 / 0)
"""
    with pytest.raises(FairmarkError, match="ZeroDivisionError"):
        grade_with(tmp_path, sandbox, test, RIGHT["double"])


@pytest.mark.parametrize("after", ["np.arange(2)", "[np.arange(2)]", "5", "None", "{}"])
def test_inputs_that_change_their_kind(sandbox: Sandbox, after: str) -> None:
    session = sandbox.launch()
    source = f"import numpy as np\ndef change(x): x[0] = {after}"
    session.run_cell(CellRequest(source), lambda output: None, 10)
    with submission_of(session, sandbox.limits) as submission, submission.inputs_unchanged():
        for before in (1.0, float("nan"), "text"):
            with pytest.raises(Mismatch, match="changed the array"):
                submission.change([before])
    session.close()


@pytest.fixture(params=["local", "sandbox"])
def caller(request: pytest.FixtureRequest, sandbox: Sandbox) -> Any:
    """A submission that calls, swallows errors, and has a class of its own."""
    source = """
class Number:
    def __init__(self, n): self.n = n
    def __mul__(self, other): return Number(self.n * getattr(other, "n", other))
def call_with_number(f): return f(Number(7)).n
def swallow(f):
    try: f(3)
    except Exception as error: return str(error)
"""
    if request.param == "local":
        namespace: dict[str, Any] = {}
        exec(source, namespace)
        yield Submission(LocalTransport(namespace))
        return
    session = sandbox.launch()
    session.run_cell(CellRequest(source), lambda output: None, 10)
    with submission_of(session, sandbox.limits) as submission:
        yield submission
    session.close()


def test_a_graders_function_may_ask_about_its_arguments(caller: Submission) -> None:
    assert caller.call_with_number(lambda x: x * x) == 49


def test_a_failure_in_a_graders_function_cannot_be_swallowed(caller: Submission) -> None:
    def picky(x: float) -> None:
        raise Mismatch("expected 42")

    assert "ZeroDivisionError" in caller.swallow(lambda x: x / 0)
    with pytest.raises(StudentError):
        caller.call_with_number(lambda x: 1 / 0)
    with pytest.raises(Mismatch, match="expected 42"):
        caller.swallow(picky)


def test_arrays_have_nothing_to_do_with_objects(caller: Submission) -> None:
    number: Any = caller.Number(7)
    expected: Any = np.ones(3)
    assert (number * 2).n == 14
    for left, right in ((expected, number), (number, expected)):
        with pytest.raises(Mismatch, match="should be numbers, but it is <an object of type Numb"):
            left - right


def test_keys_that_share_a_hash() -> None:
    keys: dict[Any, int] = {n << 61: n for n in range(20_001)}
    tree = Encoder().encode(keys)
    with pytest.raises(WireError, match="keys that are no strings"):
        Decoder().decode(tree)
    names = {str(n): np.float64(n) for n in range(20_001)}
    assert Decoder().decode(Encoder().encode(names)) == names
