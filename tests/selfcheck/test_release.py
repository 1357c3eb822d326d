"""The students' copy of the graders."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairmark.errors import FairmarkError
from fairmark.selfcheck.release import visible_tests

HEAD = """
import numpy as np
from fairmark.testing import assert_close, hidden, question, weight
from reference import topic as reference
"""


def copy(source: str, head: str = HEAD) -> str:
    """The students' copy of one module."""
    return visible_tests({"test_a.py": head + textwrap.dedent(source)})


def names(text: str) -> set[str]:
    """All names in a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        found |= {getattr(node, key) for key in ("id", "name", "attr") if hasattr(node, key)}
    return found


@pytest.mark.parametrize(
    "decorator",
    [
        "@hidden",
        "@hidden()",
        "@hidden('why')",
        "@testing.hidden",
        "@fairmark.testing.hidden",
        "@secret",
        "@pytest.mark.fairmark_hidden",
        "@weight(2)\n@hidden",
        "@hidden\n@weight(2)",
        "@pytest.mark.parametrize('x', [1, 'SECRET'])\n@hidden",
        "@hidden\n@pytest.mark.parametrize('x', [1, 'SECRET'])",
    ],
)
@pytest.mark.parametrize(
    "definition", ["def test_b(submission)", "class TestB", "async def test_b()"]
)
def test_hidden_tests_are_cut(decorator: str, definition: str) -> None:
    head = HEAD + (
        "import fairmark.testing, pytest\nfrom fairmark import testing\n"
        "from fairmark.testing import hidden as secret\n"
    )
    visible = "@question('q')\ndef test_a(submission):\n    assert submission.f() == 1\n"
    text = copy(f"{visible}\n{decorator}\n{definition}:\n    def test_x(): 'SECRET'\n", head)
    assert "test_a" in text
    assert "SECRET" not in text
    assert not names(text) & {"hidden", "secret", "test_b", "TestB", "reference", "pytest"}


def test_hidden_methods_are_cut_from_a_class() -> None:
    text = copy(
        '''
        @question("q")
        class TestQ:
            """Says something of SECRET tests."""

            def test_a(self, submission):
                """What the student reads."""
                self._assert(submission.f(self.WANTED))

            @hidden
            def test_b(self, submission, helped):
                self._secretly(reference.f(self.SECRET))  # SECRET

            WANTED = 3
            SECRET = [1, 2]

            def _assert(self, value):
                assert value == 1

            def _secretly(self, value):
                assert reference.g(value) == self._deeply()

            def _deeply(self):
                return "SECRET"

            @pytest.fixture
            def helped(self):
                return "SECRET"
        '''
    )
    assert "SECRET" not in text
    assert {"test_a", "_assert", "WANTED"} <= names(text)
    assert not names(text) & {"_secretly", "_deeply", "helped", "test_b", "reference"}
    assert "What the student reads." in text


def test_a_question_with_hidden_tests_only_is_still_known() -> None:
    text = copy("@question('q')\nclass TestQ:\n    @hidden\n    def test_a(self): 'SECRET'\n")
    assert "@question('q')\nclass TestQ:\n    pass" in text
    assert "SECRET" not in text


def test_what_only_hidden_tests_use_goes_with_them() -> None:
    text = copy(
        """
        import os.path, sys
        from math import pi, tau

        LIMIT = 3
        CASES = [LIMIT, pi]
        SECRETS = [tau]
        SECRETS.append(CASES)
        SECRETS[0] = 5
        SECRETS += CASES
        np.random.default_rng(SECRETS)
        print("SECRET")

        @pytest.fixture
        def points():
            return helper()

        @pytest.fixture(name="lines")
        def _lines(points):
            return CASES

        @pytest.fixture
        def secret_points():
            return deeper_helper()

        def helper():
            return os.path.sep

        def deeper_helper():
            return sys.path, reference.f()

        def test_a(submission, lines):
            LIMITS = [SECRETS for SECRETS in lines]
            assert submission.f() == LIMITS

        @hidden
        def test_b(submission, secret_points):
            assert SECRETS
        """,
        HEAD + "import pytest\n",
    )
    assert {"points", "_lines", "helper", "LIMIT", "CASES", "pi"} <= names(text)
    assert "import os.path\n" in text
    assert not names(text) & {"secret_points", "deeper_helper", "tau", "sys", "reference", "np"}
    assert "SECRETS.append" not in text
    assert "print" not in text


def test_what_changes_a_constant_stays_with_it() -> None:
    text = copy(
        """
        CASES = {}
        CASES["a"] = 1
        CASES.update(b=2)
        for case in (1, 2):
            CASES[case] = case
        np.seterr(all="raise")

        def test_a(submission):
            assert submission.f(np.ones(3)) == CASES
        """
    )
    made: dict[str, object] = {}
    exec(text.split("def test_a")[0], made)
    assert made["CASES"] == {"a": 1, "b": 2, 1: 1, 2: 2}
    assert "seterr" in text


def test_fixtures_that_tests_ask_for_by_text_stay() -> None:
    text = copy(
        """
        @pytest.fixture
        def one(): ...

        @pytest.fixture
        def two(): ...

        @pytest.fixture
        def three(): ...

        @pytest.fixture(autouse=True)
        def four(): ...

        @pytest.mark.usefixtures("one")
        def test_a(request):
            request.getfixturevalue("two")
        """,
        HEAD + "import pytest\n",
    )
    assert {"one", "two", "four"} <= names(text)
    assert "three" not in names(text)


@pytest.mark.parametrize(
    "spelling",
    [
        "import reference",
        "import reference.topic",
        "import reference.topic as r",
        "from reference import topic",
        "from reference import topic as r, other",
        "from reference.topic import f as g",
        "from reference import *",
        "from .reference import topic",
        "from .. import reference",
        "import numpy, reference.topic, sys",
        "try:\n    import reference\nexcept ImportError:\n    reference = None",
        "if True:\n    from reference import topic",
    ],
)
def test_every_import_of_the_reference_is_cut(spelling: str) -> None:
    text = copy(f"{spelling}\ndef test_a(submission):\n    assert submission.f()\n", head="")
    assert "reference" not in text
    assert "test_a" in text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def test_a(s): assert s.f() == reference.f()", "test_a uses reference"),
        (
            "def wanted(): return reference.f()\n"
            "def through(): return wanted()\n"
            "class TestA:\n"
            "    def test_a(self, s): assert s.f() == through()",
            r"TestA.test_a \(through wanted\) uses reference",
        ),
        ("def test_a(s):\n    from reference import f\n    assert f()", "test_a uses reference.f"),
        ("def test_a(s):\n    import reference.b as c\n    c.f()", "test_a uses reference.b"),
        ("import importlib\ndef test_a(s): importlib.import_module('reference.b')", "reference.b"),
        ("def test_a(s): __import__('reference')", "test_a uses reference"),
        ("CASES = reference.CASES\ndef test_a(s): assert s.f() == CASES", "uses reference"),
        ("def test_a(s, x=reference.f()): ...", "test_a uses reference"),
        (
            "import pytest\n@pytest.fixture\ndef x(): return reference.f()\ndef test_a(x): ...",
            r"test_a \(through x\) uses reference",
        ),
        ("@hidden\ndef test_b(): ...\ndef test_a(s): test_b()", "test_a uses test_b"),
        ("@hidden\nclass TestB: ...\nclass TestA(TestB):\n    def test_a(s): ...", "uses TestB"),
        ("def test_a(s): assert s.f() == unheard_of", "test_a uses unheard_of"),
        ("def test_a(s): ...\ntest_a = hidden(test_a)", "uses `hidden` in a way"),
        ("def only(f): return hidden(f)\n@only\ndef test_a(s): ...", "uses `hidden` in a way"),
        (
            "both = [hidden]\nclass TestA:\n    pytestmark = both\n    def test_a(s): ...",
            "`hidden`",
        ),
        ("def test_a(s):\n    @hidden\n    def b(): ...", "uses `hidden` in a way"),
        ("def test_a(:", r"test_a.py, line \d+"),
    ],
)
def test_what_students_could_not_run_is_refused(source: str, words: str) -> None:
    with pytest.raises(FairmarkError, match=words) as caught:
        copy(source)
    assert str(caught.value).startswith("test_a.py")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "mark", ["pytestmark = hidden", "pytestmark = [weight(2), testing.hidden]"]
)
def test_hidden_by_pytestmark(mark: str) -> None:
    head = HEAD + "from fairmark import testing\n"
    visible = "def test_a(s): ...\n"
    inside = f"class TestB:\n    {mark}\n    def test_b(self): 'SECRET'\n"
    assert "SECRET" not in copy(visible + inside, head)
    whole = {"test_a.py": visible, "test_b.py": f"{head}{mark}\ndef test_b(): 'SECRET'\n"}
    assert "SECRET" not in visible_tests(whole)


def test_locals_do_not_count_as_uses() -> None:
    text = copy(
        """
        secret = reference.f()

        def test_a(submission):
            secret = 3
            assert [other for other in range(secret)] == (lambda other: other)(1)

        other = secret

        class TestB:
            secret = 4

            def test_b(self):
                assert self.secret
        """
    )
    assert "reference" not in text
    assert "other = secret" not in text


def test_comments_vanish_and_the_copy_says_what_it_is() -> None:
    text = copy("# SECRET\ndef test_a(submission):  # SECRET\n    ...\n")
    assert "SECRET" not in text
    assert text.startswith('"""The checks that you can run yourself.')


def test_modules_are_joined_in_the_order_of_their_names() -> None:
    shared = HEAD + "from typing import Any\nSIZE = [3]\nSIZE.append(4)\ndef size(): return SIZE\n"
    first = (
        "import os.path\n" + shared + "def test_a(s: Any): assert s.f(np.ones(1), os) == size()\n"
    )
    second = "import os\n" + shared + "def test_b(s): assert s.f(os) == size()\n"
    one_way = visible_tests({"test_1.py": first, "test_2.py": second})
    assert one_way == visible_tests({"test_2.py": second, "test_1.py": first})
    assert one_way.index("test_a") < one_way.index("test_b")
    assert one_way.count("SIZE.append") == one_way.count("def size") == 1


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("X = 1\ndef test_a(): X", "X = 2\ndef test_b(): X", "different things by X"),
        ("def test_a(): ...", "def test_a(): 1", "different things by test_a"),
        ("import a as x\ndef test_a(): x", "import b as x\ndef test_b(): x", "things by x"),
        ("X = []\ndef test_a(): X", "X = []\nX.append(1)\ndef test_b(): X", "things by X"),
        ("def test_a(): sum", "def sum(): ...\ndef test_b(): sum()", "things by sum"),
        (
            "pytestmark = []\ndef test_a(): ...",
            "def test_b(): ...",
            "pytestmark applies to its whole",
        ),
        (
            "from pytest import fixture\n@fixture(autouse=True)\ndef x(): ...\ndef test_a(): ...",
            "def test_b(): ...",
            "x applies to its whole module",
        ),
    ],
)
def test_modules_that_disagree_are_refused(first: str, second: str, words: str) -> None:
    with pytest.raises(FairmarkError, match=words):
        visible_tests({"test_1.py": first, "test_2.py": second})
    with pytest.raises(FairmarkError, match=words):
        visible_tests({"test_1.py": second, "test_2.py": first})


def test_future_imports_come_first() -> None:
    text = copy(
        "def test_a(s: Unheard | None): ...", "from __future__ import annotations\nUnheard=1\n"
    )
    compile(text, "checks.py", "exec")


def test_the_graders_of_the_course_can_be_copied(course_root: Path) -> None:
    folders = sorted(path for path in (course_root / "graders").iterdir() if path.is_dir())
    for folder in folders:
        sources = {path.name: path.read_text() for path in folder.glob("test_*.py")}
        if sources:
            text = visible_tests(sources)
            compile(text, "checks.py", "exec")
            assert "reference" not in names(text)
            assert "hidden" not in names(text)


_words = st.integers(0, 5).map("name{}".format)
_statements = st.one_of(
    st.tuples(_words, _words).map(lambda n: f"{n[0]} = [{n[1]}, 1]"),
    st.tuples(_words, _words).map(lambda n: f"def {n[0]}(x=1):\n    return {n[1]}"),
    st.tuples(_words, _words).map(lambda n: f"{n[0]}.append({n[1]})"),
    st.tuples(_words, _words).map(lambda n: f"def test_{n[0]}(submission):\n    assert {n[1]}"),
    st.tuples(_words, _words).map(
        lambda n: f"@hidden\ndef test_h{n[0]}(submission):\n    SECRET = reference.f({n[1]})"
    ),
    st.tuples(_words, _words).map(
        lambda n: (
            f"class Test{n[0]}:\n    def test_a(self): {n[1]}\n"
            "    @hidden\n    def test_b(self): reference.SECRET()"
        )
    ),
)


@given(st.lists(_statements, max_size=12))
def test_no_hidden_test_ever_gets_through(statements: list[str]) -> None:
    try:
        text = copy("\n".join(statements))
    except FairmarkError:
        return
    assert "SECRET" not in text
    assert "reference" not in text
    again = visible_tests({"checks.py": text})
    assert ast.dump(ast.parse(again)) == ast.dump(ast.parse(text))
