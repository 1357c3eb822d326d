"""``fairmark roster`` and ``fairmark export --to lti --push``, against a platform of LTI 1.3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.course.lti import student_id
from fairmark.errors import FairmarkError
from fairmark.lms import lti
from fairmark.record.database import open_gradebook
from tests.lms.platform import TEACHER, Lms, member, new_key, pem, serve
from tests.lms.serving import give_marks
from tests.tiny import make_course

# nbgrader's own, where it adds a submission
pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")

SCORES = {"ada": 1.0, "ben": 2.5, "chen": 3.0, "emil": 5.0}
Run = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def key() -> object:
    return new_key()


@pytest.fixture
def lms(key: object) -> Iterator[Lms]:
    members = [
        member("u-1", "Ada Lovelace", email="ada@x.org", lis_person_sourcedid="Ada"),
        member("u-2", "Ben Benson", email="ben@x.org", lis_person_sourcedid="ben"),
        member("t-1", "Tina Teacher", TEACHER, lis_person_sourcedid="tina"),
        member("u-3", "Chen Li", email="chen@x.org", lis_person_sourcedid="chen"),
        member("u-9", "Gone Girl", lis_person_sourcedid="gone", status="Inactive"),
    ]
    with serve(Lms(members, key)) as running:
        yield running


@pytest.fixture
def course(tmp_path: Path, lms: Lms, key: object) -> Course:
    root = tmp_path / "course"
    course = make_course(root)
    file = tmp_path / "lti.pem"
    file.write_text(pem(key))
    file.chmod(0o600)
    _configure(course, lms.settings() | {"key_file": str(file), "student": "lis_person_sourcedid"})
    with open_gradebook(course) as gradebook:
        gradebook.add_assignment("tiny")
        gradebook.add_notebook("tiny", "tiny")
        gradebook.add_grade_cell("all", "tiny", "tiny", max_score=9, cell_type="code")
        for student in SCORES:
            gradebook.add_student(student)
    give_marks(course, SCORES)
    return course


def _configure(course: Course, settings: Mapping[str, object]) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"c.Fairmark.lti = {settings!r}\n")


@pytest.fixture
def run(
    course: Course, lms: Lms, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.setattr(lti, "_PAUSES", (0.0, 0.0, 0.0))

    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        capfd.readouterr()
        returned = main([*arguments, "--course", str(course.root)])
        out, err = capfd.readouterr()
        assert not [token for token in lms.tokens if token in out + err]
        assert returned == code, out + err
        return out, err

    return run


@pytest.fixture
def push(run: Run) -> Run:
    def push(*options: str, code: int = 0) -> tuple[str, str]:
        return run("export", "--to", "lti", "--push", *options, code=code)

    return push


def _students(course: Course) -> dict[str, tuple[str | None, ...]]:
    with open_gradebook(course) as gradebook:
        return {
            s.id: (s.first_name, s.last_name, s.email, s.lms_user_id) for s in gradebook.students
        }


def test_the_roster_goes_into_the_gradebook_and_a_second_time_changes_nothing(
    lms: Lms, run: Run, course: Course
) -> None:
    before = _students(course)
    lms.members.append(member("u-4", "Dora van Dyk", lis_person_sourcedid="dora"))
    out, _ = run("roster")
    assert "1 student to be added, 3 to be changed" in out and "Nothing was written" in out
    assert _students(course) == before

    out, _ = run("roster", "--yes")
    assert "1 student added, 3 changed" in out
    assert "emil" in out and "not in the roster" in out
    assert _students(course) == {
        "ada": ("Ada", "Lovelace", "ada@x.org", "u-1"),
        "ben": ("Ben", "Benson", "ben@x.org", "u-2"),
        "chen": ("Chen", "Li", "chen@x.org", "u-3"),
        "dora": ("Dora", "van Dyk", None, "u-4"),
        "emil": (None, None, None, None),
    }
    assert "0 students added, 4 is here" in run("roster", "--yes")[0]
    assert lms.asked.count(("GET", "/members")) == 9  # three pages each time


def test_doubled_and_unknown_students_are_named_and_the_rest_goes_on(
    lms: Lms, run: Run, course: Course
) -> None:
    lms.members += [
        member("u-5", "Ben Again", lis_person_sourcedid="BEN"),
        member("u-6", "No Body"),
        member("u-7", "Odd\x1b[31m One", lis_person_sourcedid="../ada"),
        member("u-1", "Ada Lovelace", email="ada@x.org", lis_person_sourcedid="Ada"),
    ]
    out, _ = run("roster", "--yes", code=1)
    assert "Ben Benson (u-2) and Ben Again (u-5)" in out
    assert "the platform does not tell" in out and "'../ada' cannot be a" in out
    assert "\x1b" not in out and "3 not added" in out
    assert _students(course)["ben"] == (None, None, None, None)
    assert _students(course)["ada"][3] == "u-1" and "../ada" not in _students(course)


def test_canvas_own_numbers_stay_in_the_gradebook(run: Run, course: Course) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_student("ada", lms_user_id="4711")
    run("roster", "--yes")
    assert _students(course)["ada"] == ("Ada", "Lovelace", "ada@x.org", "4711")


def test_marks_are_shown_then_sent_once_and_who_is_missing_is_named(
    lms: Lms, push: Run, course: Course
) -> None:
    out, _ = push()
    assert "3 marks to send, 0 in the platform already" in out and "Nothing was sent" in out
    assert lms.items == [] and lms.scores == []

    out, _ = push("--yes", code=1)
    assert "3 of 3 marks arrived" in out and "emil" in out and "no one student" in out
    assert lms.marks("tiny") == {"u-1": 1.0, "u-2": 2.5, "u-3": 3.0}
    assert lms.items[0]["scoreMaximum"] == 9 and lms.items[0]["tag"] == "fairmark:tiny"

    assert "0 marks to send, 3 in the platform already" in push("--yes", code=1)[0]
    assert len(lms.scores) == 3 and len(lms.items) == 1

    give_marks(course, {"chen": 8.5})
    assert "1 of 1 mark" in push("--yes", code=1)[0]
    assert lms.scores[3:] == [("u-3", 8.5)]


def test_a_column_of_another_scale_gets_the_same_share(lms: Lms, push: Run) -> None:
    lms.items.append({"id": f"{lms.url}/lineitems/1", "label": "Tiny", "scoreMaximum": 100})
    push("--yes", code=1)
    assert lms.marks("Tiny")["u-1"] == pytest.approx(100 / 9)
    assert "3 in the platform already" in push("--yes", code=1)[0]


def test_two_columns_of_a_name_get_nothing_until_one_is_said(
    lms: Lms, push: Run, course: Course
) -> None:
    lms.items += [
        {"id": f"{lms.url}/lineitems/{n}", "label": label, "scoreMaximum": 9}
        for n, label in enumerate(("tiny", "other", "Tiny"), 1)
    ]
    _, err = push("--yes", code=1)
    assert "2 columns of this name" in err and lms.scores == []
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f'c.Fairmark.lti["assignments"] = {{"tiny": "{lms.url}/lineitems/3"}}\n')
    push("--yes", code=1)
    assert lms.marks("Tiny") == {"u-1": 1.0, "u-2": 2.5, "u-3": 3.0}


def test_a_token_that_expires_in_the_middle_is_fetched_anew(lms: Lms, push: Run) -> None:
    def expire(method: str, path: str) -> None:
        if method == "POST" and path.endswith("/scores") and len(lms.scores) == 1:
            lms.revoked |= set(lms.tokens[:2])

    lms.fault = expire
    out, _ = push("--yes", code=1)
    assert "3 of 3 marks arrived" in out
    assert [user for user, _ in lms.scores] == ["u-1", "u-2", "u-3"] and len(lms.tokens) == 3


def test_a_key_that_is_refused_in_the_middle_stops_in_one_line_and_a_second_run_finishes(
    lms: Lms, push: Run
) -> None:
    def refuse(method: str, path: str) -> tuple[int, str] | None:
        if len(lms.scores) < 2:
            return None
        lms.revoked |= set(lms.tokens)
        return (400, '{"error": "invalid_client"}') if path == "/token" else None

    lms.fault = refuse
    out, err = push("--yes", code=1)
    (line,) = [line for line in err.splitlines() if "token" in line]
    assert "gives no token (400)" in line and "1 of 3 marks arrived" in line
    assert "chen" in out and "to be sent" in out
    lms.fault = lambda method, path: None
    assert "1 of 1 mark arrived" in push("--yes", code=1)[0]
    assert lms.marks("tiny") == {"u-1": 1.0, "u-2": 2.5, "u-3": 3.0}


def test_servers_in_trouble_are_asked_again(lms: Lms, push: Run) -> None:
    faults = iter([(503, "busy"), (0, ""), (429, ""), None, (502, "<html>"), None])
    lms.fault = lambda method, path: next(faults, None) if method == "POST" else None
    assert "3 of 3 marks arrived" in push("--yes", code=1)[0]
    assert len(lms.items) == 1


def test_an_answer_that_was_lost_doubles_nothing(lms: Lms, push: Run) -> None:
    lost: list[str] = []

    def lose(method: str, path: str) -> tuple[int, str] | None:
        if method == "GET" and path.endswith("/results") and lms.scores and not lost:
            lost.append(path)
            return 500, ""
        return None

    lms.fault = lose
    assert "3 of 3 marks arrived" in push("--yes", code=1)[0]
    assert len(lost) == 1 and len(lms.scores) == 3


def test_a_server_that_stays_away_stops_in_one_line(lms: Lms, push: Run) -> None:
    lms.fault = lambda method, path: (500, "down") if path.endswith("/scores") else None
    _, err = push("--yes", code=1)
    assert err.splitlines()[-1].startswith("fairmark: the platform cannot be reached now")
    assert "0 of 3 marks arrived; the same command sends the rest" in err
    lms.fault = lambda method, path: None
    assert "3 of 3 marks arrived" in push("--yes", code=1)[0] and len(lms.items) == 1


def test_one_refusal_costs_the_others_nothing(lms: Lms, push: Run) -> None:
    calls: list[str] = []

    def refuse(method: str, path: str) -> tuple[int, str] | None:
        calls.append(path)
        second = calls.count("/lineitems/1/scores") == 2
        return (422, "closed\x1b[31m") if path.endswith("/scores") and second else None

    lms.fault = refuse
    out, _ = push("--yes", code=1)
    assert "2 of 3 marks arrived" in out and "422: closed" in out and "\x1b" not in out
    assert set(lms.marks("tiny")) == {"u-1", "u-3"}


def test_a_mark_that_was_changed_there_is_kept(lms: Lms, push: Run, course: Course) -> None:
    push("--yes", code=1)
    (rows,) = lms.results.values()
    rows["u-1"]["resultScore"] = 7.0
    out, _ = push("--yes", code=1)
    assert "1 was sent, and somebody has" in out and "0 marks to send" in out
    assert lms.marks("tiny")["u-1"] == 7.0
    push("--yes", "--overwrite", code=1)
    assert lms.marks("tiny")["u-1"] == 1.0


def test_what_cannot_be_read_of_the_notes_is_one_line(push: Run, course: Course) -> None:
    push("--yes", code=1)
    file = course.root / ".fairmark/sent/lti.json"
    assert json.loads(file.read_text()) == {"tiny": {"ada": 1.0, "ben": 2.5, "chen": 3.0}}
    file.write_text('{"tiny": [1]}')
    _, err = push("--yes", code=1)
    assert "lti.json cannot be read: remove it" in err and len(err.splitlines()) == 1


@pytest.mark.parametrize("there", ["https://elsewhere.example", "http://127.0.0.1:9"])
def test_no_other_place_gets_the_token(lms: Lms, run: Run, there: str) -> None:
    lms.links = lambda url: url.replace(lms.url, there)
    _, err = run("roster", "--yes", code=1)
    assert "leads to another place" in err and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<html>", "its answer is no JSON"),
        ('{"members": [{"name": "Ada"}]}', "there is no user_id"),
        ('{"members": 3}', "not as documented"),
        ("[]", "not as documented"),
    ],
)
def test_a_roster_that_is_not_as_documented(lms: Lms, run: Run, text: str, line: str) -> None:
    lms.fault = lambda method, path: (200, text) if path == "/members" else None
    _, err = run("roster", "--yes", code=1)
    assert line in err and len(err.splitlines()) == 1


def test_a_key_that_others_can_read_or_the_platform_does_not_know(
    lms: Lms, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "lti.pem"
    file.chmod(0o640)
    assert "chmod 600" in run("roster", code=1)[1]
    file.chmod(0o600)
    file.write_text("no key")
    assert "no private RSA key" in run("roster", code=1)[1]
    file.write_text(pem(new_key()))
    _, err = run("roster", code=1)
    assert "gives no token (400)" in err and len(err.splitlines()) == 1


def test_the_public_key_is_shown_and_nothing_of_the_private_one(
    run: Run, key: object, course: Course
) -> None:
    shown = json.loads(run("roster", "--show-key")[0])
    assert set(shown) == {"kty", "n", "e", "kid", "alg", "use"}
    assert shown["n"] == json.loads(key.export_public())["n"]  # type: ignore[attr-defined]
    for file in course.root.rglob("*"):
        assert not file.is_file() or b"PRIVATE KEY" not in file.read_bytes()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"token_url": "http://lms.example.edu/token"}, "token_url has to begin with https://"),
        ({"memberships_url": ""}, "has to say memberships_url"),
        ({"secret": "x"}, "knows no secret"),
        ({"student": "name"}, "student is one of"),
        ({"assignments": {"tiny": "ftp://x"}}, "the addresses of columns"),
    ],
)
def test_settings_that_make_no_sense(
    run: Run, course: Course, lms: Lms, change: dict[str, object], line: str
) -> None:
    _configure(course, lms.settings() | {"key_file": "x.pem"} | change)
    _, err = run("roster", code=1)
    assert line in err and len(err.splitlines()) == 1


def test_wrong_calls(run: Run) -> None:
    for options in (["--to", "lti"], ["--to", "lti", "--push", "--token-file", "x"]):
        assert len(run("export", *options, code=2)[1].splitlines()) == 1


@pytest.mark.parametrize("name", ["", "grader-nn", "a+b", "../x", "-x", "a/b", "é", "x" * 101, 7])
def test_names_that_no_student_can_have(name: object) -> None:
    with pytest.raises(FairmarkError):
        student_id({"sub": name}, "sub")
