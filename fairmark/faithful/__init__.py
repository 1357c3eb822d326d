"""What adopted graders import: the student's answer as a test cell in the notebook would see it.

``fairmark adopt`` rewrites test cells that were made for the notebook itself. So that they mean the
same in the judge, the ``submission`` of this module gives values with their types (sets, tables,
tensors), changes arguments as the student's function has changed them, raises what the student's
code raises, prints what it prints, and lets a test replace ``input`` or seed the generators.

What is no data stays in the student's process. A :class:`Thing` stands for it, and cannot be
compared: no verdict is left to an object of the student's.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import random
import sys
import tempfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairmark.faithful.answers import Answers, Name, Thing, text_of
from fairmark.harness.compare import show_both
from fairmark.harness.failures import Mismatch
from fairmark.harness.plugin import key_of
from fairmark.harness.proxy import Submission
from fairmark.wire.codec import WireError

__all__ = [
    "Answers",
    "Thing",
    "assert_equal",
    "defines",
    "is_callable",
    "kept",
    "module",
    "names",
    "remove",
    "replace",
    "representation",
    "submission",
]


met_objects: dict[str, set[str]] = {}
"""By test class: what gave it objects that it asked for their parts, since this was cleared."""


@pytest.fixture
def submission(submission: Submission, request: pytest.FixtureRequest) -> Iterator[Submission]:
    """The student's answer, with values as a test cell sees them."""
    before = random.getstate(), np.random.get_state(), sys.stdout, sys.stderr, builtins.input
    seed = zlib.crc32(key_of(request.node).encode())
    random.seed(seed)
    np.random.seed(seed)
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(seed)
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()  # what test cells print, nobody reads
    objects: Collection[str] | None = getattr(request.cls, "objects", ())
    answers = Answers(submission._transport, objects=objects)
    answers._generators.note()
    try:
        with _work_folder(request):
            yield answers
        answers._put_back()
    finally:
        if answers._met_objects and request.cls is not None:
            met_objects.setdefault(request.cls.__name__, set()).update(answers._met_objects)
        random.setstate(before[0])
        np.random.set_state(before[1])
        sys.stdout, sys.stderr, builtins.input = before[2:]
    if answers._final is not None:
        raise answers._final


@contextlib.contextmanager
def _work_folder(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let a test that reads files work in a folder with those that lie beside the notebook.

    Its module names the instructor's folder, from its own, as ``NOTEBOOK_FOLDER``.
    """
    named = getattr(request.module, "NOTEBOOK_FOLDER", None)
    if named is None:
        yield
        return
    there = (request.path.parent / named).resolve()
    loaded = set(sys.modules)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for path in there.iterdir():
            if path.suffix != ".ipynb":
                (Path(folder) / path.name).symlink_to(path)
        # Notebooks put such folders on the path, too.
        below = sorted({str(path.parent) for path in Path(folder).glob("*/*.py")})
        before = list(sys.path)
        sys.path[:0] = [folder, *below]
        try:
            yield
        finally:
            sys.path[:] = before
            for name in set(sys.modules) - loaded:  # another notebook may have a `utils`, too
                file = str(getattr(sys.modules[name], "__file__", "") or "")
                if file.startswith(folder):
                    del sys.modules[name]


def defines(submission: Submission, name: str) -> bool:
    """Whether the student's notebook defines a name."""
    return bool(_answers(submission)._ask("defined", [name]) is True)


def names(submission: Submission) -> list[str]:
    """The names that the student's notebook defines."""
    found = _answers(submission)._ask("names", [])
    if type(found) is not list:
        raise WireError("the answer is malformed")
    return sorted(name for name in found if type(name) is str)


def module(submission: Submission, name: str) -> Any:
    """A library as the student's process has it: pyplot with the figures that were drawn there."""
    return _answers(submission)._ask("module", [name])


def assert_equal(actual: Any, expected: Any) -> None:
    """``assert actual == expected``, by Python's own ``==``; the failure tells both."""
    if actual == expected:
        return
    texts = show_both(expected, actual)
    raise Mismatch(
        f"The answer should be {texts[0]}, but it is {texts[1]}.",
        expected=texts[0],
        actual=texts[1],
        value=actual,
    )


def kept(submission: Submission, name: str) -> Any:
    """What a name of the student's notebook stands for now, to be put back later."""
    return _answers(submission)[name].value()


def replace(submission: Submission, name: str, value: Any) -> Any:
    """Let a name of the student's notebook stand for a value of the test's; return the value.

    A function of the test's is run by the judge. Behind the test, the name is what it was.
    """
    _answers(submission)._replace("replace", name, value)
    return value


def remove(submission: Submission, name: str) -> None:
    """Take a name of the student's notebook away, until the test has ended."""
    _answers(submission)._replace("remove", name)


def is_callable(value: Any) -> bool:
    """Whether a value can be called, be it here or in the student's process."""
    if isinstance(value, (Thing, Name)):
        return bool(value._answers._ask("callable", [value]) is True)
    return callable(value)


def representation(value: Any) -> str:
    """``repr`` of a value, be it here or in the student's process."""
    if isinstance(value, (Thing, Name)):
        return text_of(value._answers._ask("representation", [value]))
    return repr(value)


def _answers(submission: Submission) -> Answers:
    assert isinstance(submission, Answers)
    return submission
