"""``fairmark export --to canvas --push``, against a server that answers as Canvas does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.lms import canvas
from fairmark.lms.people import Known
from fairmark.lms.push import match_people
from fairmark.lms.there import Person
from fairmark.record.database import open_gradebook
from tests.lms.served import COURSE, TOKEN, Served, expired, serve, submission
from tests.lms.serving import give_marks
from tests.tiny import make_course

# nbgrader's own, where it adds a submission
pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")

STUDENTS = {
    "ada": ("Ada", "Lovelace", 1.0),
    "ben": ("Ben", "Benson", 2.0),
    "chen": ("Chen", "Li", 3.0),
    "dora": ("Dora", "Diaz", 4.0),
    "emil": ("Emil", "Extra", 5.0),
}
Push = Callable[..., tuple[str, str]]


@pytest.fixture
def served() -> Iterator[Served]:
    users = [
        {"id": 11, "name": "Ada Lovelace", "sortable_name": "Lovelace, Ada", "login_id": "ada"},
        {"id": 12, "name": "B. B.", "sortable_name": "B, B", "login_id": "x", "email": "ben@b.org"},
        {"id": 13, "name": "Chen Li", "sortable_name": "Li, Chen", "login_id": "cl9"},
        {"id": 14, "name": "Other Name", "sortable_name": "Name, Other", "sis_user_id": "s4"},
        {"id": 15, "name": "Somebody Else", "sortable_name": "Else, Somebody"},
    ]
    assignments = [
        {"id": 501, "name": "Something", "points_possible": 3, "grading_type": "points"},
        {"id": 502, "name": "Tiny", "points_possible": 9, "grading_type": "points"},
        {"id": 503, "name": "Else", "points_possible": 9, "grading_type": "points"},
    ]
    rows = {502: {user["id"]: submission(int(str(user["id"]))) for user in users}}
    with serve(Served(users, assignments, rows)) as running:  # type: ignore[arg-type]
        yield running


@pytest.fixture
def course(tmp_path: Path, served: Served) -> Course:
    root = tmp_path / "course"
    course = make_course(root)
    settings = {"url": served.url, "course": COURSE}
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"c.Fairmark.canvas = {settings!r}\n")
    with open_gradebook(course) as gradebook:
        gradebook.add_assignment("tiny")
        gradebook.add_notebook("tiny", "tiny")
        gradebook.add_grade_cell("all", "tiny", "tiny", max_score=9, cell_type="code")
        for student, (first, last, _) in STUDENTS.items():
            more = {"ben": {"email": "BEN@b.org"}, "dora": {"lms_user_id": "14"}}
            gradebook.add_student(
                student, first_name=first, last_name=last, **more.get(student, {})
            )
    give_marks(course, {student: score for student, (_, _, score) in STUDENTS.items()})
    return course


@pytest.fixture
def push(
    course: Course, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Push:
    monkeypatch.setenv("CANVAS_API_TOKEN", TOKEN)
    monkeypatch.setattr(canvas, "_PAUSES", (0.0, 0.0, 0.0))

    def push(*options: str, code: int = 0) -> tuple[str, str]:
        capfd.readouterr()
        arguments = ["export", "--to", "canvas", "--push", *options, "--course", str(course.root)]
        returned = main(arguments)
        out, err = capfd.readouterr()
        assert TOKEN not in out + err and TOKEN[5:] not in out + err
        assert returned == code, out + err
        return out, err

    return push


def _scores(served: Served) -> dict[int, float | None]:
    return {user: served.score(502, user) for user in served.submissions[502]}


def test_first_it_only_shows_then_sends_what_changed_and_names_who_is_missing(
    served: Served, push: Push, course: Course
) -> None:
    out, _ = push()
    assert "4 marks to send, 0 in Canvas already" in out and "Nothing was sent" in out
    assert out.count("nothing but the name") == 1 and "Chen Li (13)" in out
    assert served.sent == []

    out, _ = push("--yes", code=1)
    assert "4 of 4 marks arrived" in out
    assert "emil" in out and "no one student of this login" in out
    assert _scores(served) == {11: 1.0, 12: 2.0, 13: 3.0, 14: 4.0, 15: None}

    out, _ = push("--yes", code=1)
    assert "0 marks to send, 4 in Canvas already" in out
    assert len(served.sent) == 4

    give_marks(course, {"chen": 8.5})
    out, _ = push("--yes", code=1)
    assert "1 of 1 mark" in out
    assert served.sent[4:] == [(502, 13, "8.5")]


def test_a_busy_server_is_asked_again(served: Served, push: Push) -> None:
    answers = iter(
        [
            (429, {"X-Rate-Limit-Remaining": "0"}, "429 Too Many Requests (Rate Limit Exceeded)"),
            (403, {}, "403 Forbidden (Rate Limit Exceeded)"),
            (503, {}, "busy"),
            None,
            (502, {}, "<html>"),
            (0, {}, ""),
            None,
        ]
    )
    served.fault = lambda method, path: next(answers, None) if method == "PUT" else None
    out, _ = push("--yes", code=1)
    assert "4 of 4 marks arrived" in out
    assert [user for _, user, _ in served.sent] == [11, 12, 13, 14]


def test_a_server_that_stays_away_stops_in_one_line_and_a_second_run_finishes(
    served: Served, push: Push
) -> None:
    served.fault = lambda method, path: (
        (500, {}, "down") if method == "PUT" and path.endswith("/13") else None
    )
    out, err = push("--yes", code=1)
    assert err.splitlines()[-1].count("cannot be reached now") == 1
    assert "2 of 4 marks arrived; the same command sends the rest" in err
    assert _scores(served) == {11: 1.0, 12: 2.0, 13: None, 14: None, 15: None}
    path = f"/api/v1/courses/{COURSE}/assignments/502/submissions/13"
    assert served.asked.count(("PUT", path)) == 4

    served.fault = lambda method, path: None
    out, _ = push("--yes", code=1)
    assert "2 of 2 marks arrived" in out
    assert len(served.sent) == 4


def test_a_token_that_expires_in_the_middle(
    served: Served, push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, text, headers = expired()
    served.fault = lambda method, path: (status, headers, text) if len(served.sent) >= 2 else None
    out, err = push("--yes", code=1)
    (line,) = [line for line in err.splitlines() if "token" in line]
    assert "expired or was revoked" in line and "2 of 4 marks arrived" in line
    assert "chen" in out and "dora" in out and "to be sent" in out

    served.fault, served.token = lambda method, path: None, "new~token"
    _, err = push("--yes", code=1)
    assert len(err.splitlines()) == 1 and "expired or was revoked" in err
    monkeypatch.setenv("CANVAS_API_TOKEN", "new~token")
    push("--yes", code=1)
    assert _scores(served) == {11: 1.0, 12: 2.0, 13: 3.0, 14: 4.0, 15: None}
    assert len(served.sent) == 4


def test_one_refusal_costs_the_others_nothing(served: Served, push: Push) -> None:
    refused = json.dumps(
        {"status": "unauthorized", "errors": [{"message": "not your section\x1b[31m"}]}
    )
    served.fault = lambda method, path: (
        (401, {}, refused) if method == "PUT" and path.endswith("/12") else None
    )
    out, _ = push("--yes", code=1)
    assert "3 of 4 marks arrived" in out
    assert "did not arrive" in out and "not your section" in out and "\x1b" not in out


def test_a_mark_that_was_changed_there_is_kept(served: Served, push: Push, course: Course) -> None:
    push("--yes", code=1)
    served.submissions[502][12]["entered_score"] = 8.0
    served.submissions[502][13].update(entered_score=None, score=None)
    give_marks(course, {"ada": 1.5, "ben": 8.0})
    out, _ = push("--yes", code=1)
    assert "3 was sent, and somebody has changed it there: --overwrite" in " ".join(out.split())
    assert _scores(served) == {11: 1.5, 12: 8.0, 13: None, 14: 4.0, 15: None}
    push("--yes", "--overwrite", code=1)
    assert _scores(served) == {11: 1.5, 12: 8.0, 13: 3.0, 14: 4.0, 15: None}


def test_what_canvas_takes_off_and_whom_it_excuses(served: Served, push: Push) -> None:
    served.deduct[11] = 0.5
    served.submissions[502][12]["excused"] = True
    del served.submissions[502][13]
    out, err = push("--yes", code=1)
    assert "ada, tiny: Canvas takes off 0.5 for being late" in err
    assert "excused in Canvas" in out
    assert "the assignment is not for this" in out
    assert [user for _, user, _ in served.sent] == [11, 14]
    out, _ = push("--yes", code=1)
    assert len(served.sent) == 2  # its own policy is no change


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"points_possible": 100}, "9 points here and 100 in Canvas"),
        ({"grading_type": "pass_fail"}, "no points for it, but pass_fail"),
        ({"name": "Another"}, "Canvas has no assignment of this name"),
        ({"group_category_id": 7}, "one member's points to the whole group"),
    ],
)
def test_an_assignment_that_means_something_else_gets_no_marks(
    served: Served, push: Push, change: dict[str, object], line: str
) -> None:
    served.assignments[1].update(change)
    _, err = push("--yes", code=1)
    assert line in err and served.sent == []


def test_a_group_whose_members_get_their_own_points(served: Served, push: Push) -> None:
    own = {"group_category_id": 7, "grade_group_students_individually": True}
    served.assignments[1].update(own)
    push("--yes", code=1)
    assert served.sent


def test_an_assignment_of_another_name_is_found_by_its_number(
    served: Served, push: Push, course: Course
) -> None:
    served.assignments[1]["name"] = "Week 3"
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write('c.Fairmark.canvas["assignments"] = {"tiny": 502}\n')
    out, _ = push("--yes", code=1)
    assert "4 of 4 marks arrived" in out


def test_the_token_comes_from_a_file_that_nobody_else_reads(
    served: Served, push: Push, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CANVAS_API_TOKEN")
    _, err = push(code=1)
    assert err.startswith("fairmark: there is no token") and len(err.splitlines()) == 1
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o644)
    assert "chmod 600" in push("--token-file", str(file), code=1)[1]
    file.chmod(0o600)
    assert "4 marks to send" in push("--token-file", str(file))[0]


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("None", "has to name the course in Canvas"),
        ('{"url": "http://canvas.example.edu", "course": 1}', "begin with https://"),
        ('{"url": "https://canvas.example.edu", "course": "x"}', "are numbers"),
        ('{"url": "https://c.edu", "course": 1, "token": "abc"}', "a token does not belong there"),
        ('{"url": "https://c.edu", "course": 1, "curse": 2}', "knows no curse"),
    ],
)
def test_settings_that_make_no_sense(push: Push, course: Course, setting: str, line: str) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"c.Fairmark.canvas = {setting}\n")
    _, err = push(code=1)
    assert line in err and len(err.splitlines()) == 1


def test_a_course_that_is_not_there(push: Push, course: Course, served: Served) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write('c.Fairmark.canvas["course"] = 78\n')
    _, err = push(code=1)
    assert "course 78" in err and "you may not see it" in err


def test_an_answer_that_is_not_as_documented(push: Push, served: Served) -> None:
    served.fault = lambda method, path: (
        (200, {}, '[{"nobody": 1}]') if path.endswith("/submissions") else None
    )
    _, err = push("--yes", code=1)
    assert err.startswith("fairmark: tiny: Canvas's answer is not as documented")
    assert len(err.splitlines()) == 1 and served.sent == []


def test_wrong_calls(course: Course, capfd: pytest.CaptureFixture[str]) -> None:
    for options in (["--push"], ["--push", "--to", "canvas", "--by", "question"], ["--yes"]):
        assert main(["export", *options, "--course", str(course.root)]) == 2
        assert len(capfd.readouterr().err.splitlines()) == 1


def test_people_are_told_apart_by_numbers_and_logins_before_names() -> None:
    known = [
        Known("li1", "Li", "Wei"),
        Known("li2", "Li", "Wei"),
        Known("ada", "Ada", "L"),
        Known("bob", "Bob", "B", "", "9"),
    ]
    people = [
        Person(1, "Li Wei", "Wei, Li", ("li1",)),
        Person(2, "Li Wei", "Wei, Li", ()),
        Person(3, "Li Wei", "Wei, Li", ()),
        Person(4, "Ada L", "L, Ada", ("other",)),
        Person(9, "Ada L", "L, Ada", ()),
    ]
    matched = match_people(people, known)
    assert matched.numbers == {"li1": 1, "bob": 9, "ada": 4}
    assert matched.named == {"ada": "Ada L (4)"}
    assert matched.reasons == {"li2": "it may be Li Wei (2) or Li Wei (3)"}
