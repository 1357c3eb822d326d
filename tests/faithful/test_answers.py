"""An adopted test sees the student's answer as a test cell in the notebook would."""

from __future__ import annotations

import collections
import contextlib
import io
import random
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from fairmark.faithful import (
    Answers,
    Thing,
    assert_equal,
    defines,
    is_callable,
    module,
    names,
    representation,
)
from fairmark.harness.failures import Mismatch, NotDefined, StudentError, TimeLimitExceeded
from fairmark.sandbox import CellRequest, Sandbox
from fairmark.wire.likeness import Likenesses
from tests.processes import submission_of

CODE = """
import collections, datetime, random, time
from decimal import Decimal
from fractions import Fraction
import numpy as np

def same(x): return x
def kinds():
    return [{1, 2}, frozenset("ab"), range(3), collections.Counter("aab"), Fraction(1, 3),
            Decimal("0.1"), collections.deque([1]), np.array(["a", "bc"]),
            datetime.date(2020, 2, 3),
            np.array([1, "x", None], dtype=object), np.float32(0.5), (1, [2.0])]
def sort(x): x.sort()
def grow(rows, table): rows[0].append(9); table["new"] = [1]
def greet(): print("Hello", input("Who? ")); return None
def bad(kind): raise {"value": ValueError, "index": IndexError}[kind]("no good")
def leave(): raise SystemExit(0)
def count():
    for i in range(3): yield i * i
def draw(): return random.random(), float(np.random.rand())
def apply(f, x): return f(x)
def caught(f):
    try: f()
    except KeyError as error: return "caught", str(error)
def customers(connection): return connection.execute("SELECT 1")
def hang(): time.sleep(100)

class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __rsub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __lt__(self, other): return True
    def __float__(self): return 1.0
    def __array__(self, dtype=None, copy=None): return np.ones(3)

class Point:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, other): return Point(self.x + other.x, self.y + other.y)
    def __str__(self): return f"({self.x}, {self.y})"
    def __len__(self): return 2
    def __iter__(self): return iter([self.x, self.y])
    def move(self, dx): self.x += dx

class Far(Point): pass

number = 42
table = None
"""


@pytest.fixture
def submission(sandbox: Sandbox) -> Iterator[Answers]:
    session = sandbox.launch()
    session.run_cell(CellRequest(CODE), lambda output: None, 10)
    with submission_of(session, sandbox.limits) as plain:
        yield Answers(plain._transport)
    session.close()


def test_values_have_their_types(submission: Answers) -> None:
    found = submission.kinds()
    wanted: list[Any] = [{1, 2}, frozenset("ab"), range(3), collections.Counter("aab")]
    wanted += [Fraction(1, 3), Decimal("0.1"), collections.deque([1])]
    assert found[:7] == wanted
    assert [type(item) for item in found[:7]] == [type(item) for item in wanted]
    assert found[7].dtype.kind == "U" and found[7].tolist() == ["a", "bc"]
    assert found[8].isoformat() == "2020-02-03"
    assert found[9].dtype == object and found[9].tolist() == [1, "x", None]
    assert type(found[10]) is np.float32 and found[11] == (1, [2.0])
    assert submission.same(wanted) == wanted
    assert submission.number.value() == 42


def test_tables(submission: Answers) -> None:
    pandas = pytest.importorskip("pandas")
    index = pandas.Index(["a", "b", "c"], name="row")
    table = pandas.DataFrame({"n": [1, 2, 3], "x": [0.5, None, 2], "t": ["u", None, "w"]}, index)
    table["when"] = pandas.to_datetime(["2020-01-01", "2021-01-01", None])
    table["kind"] = pandas.Categorical(["p", "q", "p"])
    for value in (table, table.reset_index(), table.groupby(["n", "x"]).size()):
        answer = submission.same(value)
        assert type(answer) is type(value)
        compare = pandas.testing.assert_frame_equal
        compare = compare if value.ndim == 2 else pandas.testing.assert_series_equal
        compare(answer, value)
    assert submission.same(table.columns).tolist() == list(table.columns)


def test_tensors() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    likenesses = Likenesses(lambda value: ("none", None), lambda kind, sent: None)
    answer = likenesses.value(likenesses.of(tensor))
    assert torch.equal(answer, tensor) and answer.dtype == torch.float64 and answer.requires_grad


def test_changed_arguments_are_changed_here(submission: Answers) -> None:
    numbers, array, rows, table = [3, 1, 2], np.array([2.0, 1.0]), [[1], [2]], {"old": 0}
    inner = rows[0]
    submission.sort(numbers)
    submission.sort(array)
    submission.grow(rows, table)
    assert numbers == [1, 2, 3] and array.tolist() == [1, 2]
    assert inner == [1, 9] and rows == [[1, 9], [2]] and table == {"old": 0, "new": [1]}


def test_a_tables_change_arrives(submission: Answers) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"n": [1]})
    submission.grow([[]], table)
    assert table["new"].tolist() == [1]


def test_printed_text_and_input(submission: Answers) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out, patch("builtins.input") as asked:
        asked.return_value = "Ada"
        submission.greet()
    assert out.getvalue() == "Hello Ada\n"
    asked.assert_called_once_with("Who? ")
    with patch("sys.stdout", new_callable=io.StringIO) as screen:
        submission.same(1)
    assert screen.getvalue() == ""


def test_exceptions_are_of_their_kind(submission: Answers) -> None:
    with pytest.raises(ValueError, match=r"^no good$") as caught:
        submission.bad("value")
    assert isinstance(caught.value, StudentError) and f"{caught.value}" == "ValueError: no good"
    with pytest.raises(LookupError):
        submission.bad("index")
    with pytest.raises(StudentError, match=r"^SystemExit: 0$"):
        submission.leave()
    with pytest.raises(NameError) as missing:
        submission.nothing(1)
    assert isinstance(missing.value, NotDefined)
    assert not defines(submission, "nothing") and defines(submission, "number")
    assert {"number", "Point"} <= set(names(submission))
    assert submission._final is None


def test_functions_of_the_test(submission: Answers) -> None:
    def lost() -> None:
        raise KeyError("gone")

    assert submission.apply(lambda x: {x}, 2) == {2}
    assert submission.apply(np.sqrt, 4.0) == 2.0
    assert submission.apply(int, "7") == 7
    assert submission.caught(lost) == ("caught", "'gone'") or submission.caught(lost)[0] == "caught"


def test_an_object_of_the_test_that_can_be_called(submission: Answers) -> None:
    """What cannot be sent is named: an open database passes for a function."""
    with (
        contextlib.closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(StudentError, match=r"stays outside of this process.* no 'execute'"),
    ):
        submission.customers(connection)


def test_iterators(submission: Answers) -> None:
    assert list(submission.count()) == [0, 1, 4]
    squares = submission.count()
    assert next(squares) == 0 and next(squares) == 1
    with pytest.raises(StopIteration):
        next(iter(submission.same([]).__iter__()))


def test_objects_give_their_parts(submission: Answers) -> None:
    point = submission.Point(1, 2)
    point.move(3)
    assert (point.x, point.y) == (4, 2) and str(point) == "(4, 2)" and len(point) == 2
    assert str(point + point) == "(8, 4)" and list(point) == [4, 2]
    point.x = 7
    assert point.x == 7 and not hasattr(point, "z")
    assert isinstance(submission.Far(0, 0), submission.Point) and not isinstance(
        3, submission.Point
    )
    assert issubclass(submission.Far, submission.Point)
    assert is_callable(submission.Point) and not is_callable(point)
    assert representation(submission.same(3)) == "3" and "Point" in representation(point)
    assert bool(point) and "move" in dir(point)


@pytest.mark.parametrize(
    "ask",
    [
        lambda equal: equal == 3,
        lambda equal: equal != 3,
        lambda equal: abs(3 - equal) < 1e-9,
        lambda equal: equal < 3,
        lambda equal: 3 in [equal],
        lambda equal: np.allclose(equal, [1, 1, 1]),
        lambda equal: np.testing.assert_array_equal(equal, [1, 1, 1]),
        lambda equal: float(equal),
        lambda equal: [equal] == [3],
    ],
)
def test_an_object_decides_nothing(submission: Answers, ask: Any) -> None:
    equal = submission.Equal()
    assert isinstance(equal, Thing)
    with pytest.raises((Mismatch, TypeError, ValueError)):
        ask(equal)
    assert submission._final is not None, "a test that catches all exceptions would pass"


@pytest.mark.parametrize("expected", [2, [2], (2,), "2", 2.5, True])
def test_assert_equal_is_pythons_own(submission: Answers, expected: Any) -> None:
    for actual in (2, 2.0, [2], (2,), "2", True, 1, np.array(2), {2}, None):
        came = submission.same(actual)
        if came == expected:
            assert_equal(came, expected)
        else:
            with pytest.raises(Mismatch, match="should be"):
                assert_equal(came, expected)


def test_where_data_is_wanted_an_object_is_gone_through_and_nothing_else(
    submission: Answers,
) -> None:
    strict = Answers(submission._transport, objects=())
    assert list(strict.count()) == [0, 1, 4] and list(strict.Point(1, 2)) == [1, 2]
    with pytest.raises(TypeError, match="has no len"):
        len(strict.Point(1, 2))
    assert strict._final is None
    for ask in (str, lambda point: point.x, lambda point: point[0], lambda point: point + point):
        with pytest.raises(Mismatch, match="an object of type Point"):
            ask(strict.Point(1, 2))
    assert strict._final is not None
    lenient = Answers(submission._transport)
    assert list(lenient.count()) == [0, 1, 4] and not lenient._met_objects
    assert len(lenient.Point(1, 2)) == 2 and lenient._met_objects == {"Point()"}


def test_what_gives_objects_is_told_by_the_last_step(submission: Answers) -> None:
    point = submission.Point(submission.Point(1, 2), 3)
    assert point.x.y == 2 and submission.same([point])[0].y == 3 and str(point.x + point.x)
    assert next(iter(submission.same(point))).x == 1
    assert submission._met_objects == {"Point()", ".x", "same()", "operator.add", "same()[]"}


def test_only_what_gives_objects_by_the_right_answer_may_give_objects(submission: Answers) -> None:
    named = Answers(submission._transport, objects=("Point()", "operator.add"))
    point = named.Point(1, 2)
    assert point.x == 1 and (point + point).y == 4
    for ask in (
        lambda: abs(named.Equal() - 3),
        lambda: 3 in named.same(point),
        lambda: named.Point(named.Equal(), 0).x + 1,
    ):
        with pytest.raises(Mismatch, match="where data is asked"):
            ask()
    with pytest.raises(TypeError, match="has no len"):
        len(named.same(point))


def test_generators_go_on_from_the_tests_seed(submission: Answers) -> None:
    random.seed(5)
    np.random.seed(6)
    first = submission.draw()
    second = submission.draw()
    random.seed(5)
    np.random.seed(6)
    assert first == (random.random(), np.random.rand())
    assert second == (random.random(), np.random.rand())


def test_a_time_limit_is_caught_by_no_test(submission: Answers) -> None:
    with contextlib.suppress(Exception):
        submission.hang()
    assert isinstance(submission._final, TimeLimitExceeded)


def test_libraries_of_the_students_process(submission: Answers) -> None:
    assert module(submission, "math").sqrt(4) == 2


ODD = """
import collections, enum
import numpy as np
Pair = collections.namedtuple("Pair", "x y")
class Number(enum.IntEnum):
    ONE = 1
class Words(list):
    __eq__ = lambda self, other: True
    __len__ = lambda self: 3
    __iter__ = lambda self: iter("abc")
def pair(): return Pair(1, 2)
def pairs(): return [Pair(1, 2)]
def number(): return Number.ONE
def words(): return Words(["lie"])
def matrix(): return np.asmatrix(np.eye(2))
def counts(): return collections.defaultdict(int, a=1)
def views(): return {"a": 1}.keys(), {"a": 1}.values(), {"a": 1}.items()
def octets(): return bytearray(b"ab")
"""


@pytest.fixture
def odd(sandbox: Sandbox) -> Iterator[Answers]:
    session = sandbox.launch()
    session.run_cell(CellRequest(ODD), lambda output: None, 10)
    with submission_of(session, sandbox.limits) as plain:
        yield Answers(plain._transport, objects=("named()",))
    session.close()


def test_data_of_a_derived_class_is_data(odd: Answers) -> None:
    assert odd.pair() == (1, 2) and odd.pairs() == [(1, 2)] and odd.number() == 1
    assert odd.words() == ["lie"] and odd.words() != ["a"] and len(odd.words()) == 1
    assert type(odd.matrix()) is np.ndarray
    asked = Answers(odd._transport)
    assert asked.pair().x == 1, "an object, where the right answer is asked for its parts"


def test_builtin_containers_are_what_they_are(odd: Answers) -> None:
    keys, values, items = odd.views()
    assert keys == {"a"} and len(keys) == 1 and list(values) == [1] and ("a", 1) in items
    counts = odd.counts()
    assert counts == {"a": 1} and counts["z"] == 0
    assert odd.octets() == b"ab"
