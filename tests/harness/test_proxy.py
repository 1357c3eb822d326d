"""The proxy means the same in the student's own kernel and in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from fairmark.harness.proxy import (
    LocalTransport,
    Mismatch,
    ProcessDied,
    Remote,
    StudentError,
    Submission,
    TimeLimitExceeded,
)
from fairmark.sandbox import CellRequest, Sandbox
from tests.processes import submission_of

CODE = """
import time, warnings, os
import numpy as np

def add(a, b=1): return a + b
def fails(): return {}["key"]
def in_place(x): x[0] = 9; return x
def apply(function, x): return [function(x), function(x=x)]
def warn(): return np.array([1.0]) / 0
def hang(): time.sleep(100)
def die(): os._exit(0)
def endless(): return iter(int, 1)
def nested():
    a = []
    a.append(a)
    return a
def huge(): return np.zeros(9_000_000)

class Value:
    def __init__(self, data): self.data = data
    def __add__(self, other): return Value(self.data + getattr(other, "data", other))
    __radd__ = __add__
    def __neg__(self): return Value(-self.data)
    def __len__(self): return 3
    def __getitem__(self, key): return (key, self.data)
    def twice(self): return Value(2 * self.data)

number = 42
"""


@pytest.fixture(params=["local", "sandbox"])
def submission(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Submission]:
    if request.param == "local":
        namespace: dict[str, Any] = {}
        exec(CODE, namespace)
        yield Submission(LocalTransport(namespace))
        return
    session = sandbox.launch()
    session.run_cell(CellRequest(CODE), lambda output: None, 10)
    with submission_of(session, sandbox.limits) as submission:
        yield submission
    session.close()


def test_calls_and_values(submission: Submission) -> None:
    assert submission.add(1) == 2
    assert submission.add(1, b=2.5) == 3.5
    np.testing.assert_array_equal(submission.add(np.ones((2, 3)), 1), 2 * np.ones((2, 3)))
    assert submission.number.value() == 42
    assert submission["add"](2, 2) == 4


def test_tensors() -> None:
    torch = pytest.importorskip("torch")
    namespace: dict[str, Any] = {}
    exec(CODE, namespace)
    submission = Submission(LocalTransport(namespace))
    answer = submission.add(torch.ones(2), 1)
    assert type(answer) is np.ndarray
    assert answer.dtype == np.float32
    np.testing.assert_array_equal(answer, [2.0, 2.0])


def test_a_missing_name(submission: Submission) -> None:
    with pytest.raises(Mismatch, match="nothing_here is not defined"):
        submission.nothing_here(1)


def test_an_exception_is_a_value(submission: Submission) -> None:
    with pytest.raises(StudentError) as caught:
        submission.fails()
    assert caught.value.type_name == "KeyError"
    assert "LookupError" in caught.value.types
    assert caught.value.message == "'key'"
    assert "in fails" in caught.value.traceback
    assert "fairmark" not in caught.value.traceback


def test_changed_inputs_are_noticed(submission: Submission) -> None:
    x = np.zeros(3)
    with submission.inputs_unchanged():
        submission.add(x)
        with pytest.raises(Mismatch, match="changed the array"):
            submission.in_place(x)
    assert x[0] == 0
    submission.in_place(x)


def test_warnings_are_noticed_where_silence_is_asked_for(submission: Submission) -> None:
    submission.warn()
    with submission.silent():
        submission.add(1)
        with pytest.raises(Mismatch, match="RuntimeWarning"):
            submission.warn()


def test_functions_are_called_back(submission: Submission) -> None:
    seen = []

    def square(x: Any) -> Any:
        seen.append(x)
        return x * x

    assert submission.apply(square, 3.0) == [9.0, 9.0]
    assert seen == [3.0, 3.0]


def test_an_error_in_a_function_reaches_the_students_code(submission: Submission) -> None:
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        submission.apply(lambda x: 1 / 0, 1)


def test_objects_stay_where_they_are(submission: Submission) -> None:
    value = submission.Value(3)
    assert isinstance(value, Remote)
    assert value.data == 3
    assert (value + 4).data == 7
    assert (4 + value).data == 7
    assert (value + submission.Value(1)).data == 4
    assert (-value).data == -3
    assert value.twice().data == 6
    assert len(value) == 3
    assert value[5] == (5, 3)
    assert "Value" in repr(value)


def test_helper_source(submission: Submission) -> None:
    tools = submission.define("def make(n):\n    return [n] * 2")
    assert tools["make"](3) == [3, 3]
    assert submission._made_calls.last() == "make(3)"


def test_what_is_no_data(submission: Submission) -> None:
    assert isinstance(submission.endless(), Remote)
    with pytest.raises(Mismatch, match="nested"):
        submission.nested()


def test_limits(sandbox: Sandbox) -> None:
    session = sandbox.launch()
    session.run_cell(CellRequest(CODE), lambda output: None, 10)
    for name, error in (("hang", TimeLimitExceeded), ("die", ProcessDied), ("huge", Mismatch)):
        with submission_of(session, sandbox.limits, name) as submission:
            with pytest.raises(error):
                submission[name]()
            if error is not Mismatch:
                with pytest.raises(error):
                    submission.add(1)
    with submission_of(session, sandbox.limits) as submission:
        assert submission.add(1) == 2
    session.close()


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("np.exp(np.float64(1e4))", False),
        ("np.log(np.zeros(1))", False),
        ("np.float64(1) / np.float64(0)", False),
        ("np.inf * np.zeros(1)", False),
        ("warnings.warn('in my own words')", True),
        ("warnings.warn('an overflow, I fear', RuntimeWarning)", True),
        ("warnings.warn('old', DeprecationWarning)", True),
        ("np.mean([])", False),
    ],
)
def test_silence_is_about_floating_point(line: str, allowed: bool) -> None:
    namespace: dict[str, Any] = {}
    exec(f"import warnings\nimport numpy as np\ndef f(x):\n    {line}\n    return x", namespace)
    submission = Submission(LocalTransport(namespace))
    with submission.silent():
        if allowed:
            assert submission.f(1) == 1
        else:
            with pytest.raises(Mismatch, match="The call warned: RuntimeWarning: "):
                submission.f(1)
