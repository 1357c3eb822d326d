"""Which student is meant."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fairmark.errors import FairmarkError
from fairmark.lms.names import Handed
from fairmark.lms.people import Known, NobodyError, People, read_entries

KNOWN = [
    Known("ada", "Ada", "Lovelace", "ada@example.org", "1815"),
    Known("li1", "Li", "Wei", "li1@example.org"),
    Known("li2", "Wei", "Li", "li2@example.org"),
    Known("zoe", "Zoë", "Núñez-O'Neill", "Zoe@Example.org"),
    Known("grace"),
]


def _student(handed: Handed, table: str = "") -> str:
    entries = read_entries(table.encode(), None)[0] if table else []
    return People(KNOWN, entries).student(handed)


@pytest.mark.parametrize(
    ("platform", "person", "name", "student"),
    [
        ("canvas", "1815", "somebodyelse", "ada"),
        ("canvas", "7", "lovelaceada", "ada"),
        ("canvas", "7", "núñezoneillzoë", "zoe"),
        ("moodle", "7", "Zoë Núñez-ONeill", "zoe"),
        ("moodle", "7", "grace", "grace"),
    ],
)
def test_by_the_gradebook(platform: str, person: str, name: str, student: str) -> None:
    handed = Handed("moodle" if platform == "moodle" else "canvas", person, name)
    assert _student(handed) == student


def test_moodles_number_is_not_the_gradebooks() -> None:
    with pytest.raises(NobodyError, match="no such student"):
        _student(Handed("moodle", "1815", "Somebody Else"))


def test_two_students_of_one_name_are_nobody_until_a_table_tells() -> None:
    handed = Handed("canvas", "9", "liwei")
    with pytest.raises(NobodyError, match="it may be li1 or li2"):
        _student(handed)
    table = "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
    table += '"Li, Wei",9,x,li2@example.org,1\n"Wei, Li",8,y,li1@example.org,1\n'
    assert _student(handed, table) == "li2"


def test_moodles_worksheet_tells_by_mail_and_when() -> None:
    table = (
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission),"
        "Last modified (grade)\n"
        'Participant 9,Wei Li,LI2@example.org,Submitted,,"Monday, 30 November 2026, 3:08 PM",-\n'
        "Participant 10,Ada Lovelace,ada@example.org,No submission,,-,-\n"
        "Participant 11,X,x@example.org,Submitted,,gestern,-\n"
    )
    entries, faults = read_entries(table.encode(), ZoneInfo("Europe/Vienna"))
    people = People(KNOWN, entries)
    handed = Handed("moodle", "9", "Wei Li")
    assert people.student(handed) == "li2"
    entry = people.entry(handed)
    assert entry is not None and entry.time == datetime(2026, 11, 30, 14, 8, tzinfo=UTC)
    assert [entry.time for entry in entries[1:]] == [None]
    assert faults == ["line 4 of the table: 'gestern' is no date that can be read"]


def test_a_table_of_ones_own_is_believed() -> None:
    table = "student;lms_user_id\nnew.student;9\nanna;anon_aB3xZ\n../x;10\n"
    assert _student(Handed("canvas", "9", "liwei"), table) == "new.student"
    assert _student(Handed("canvas", "anon_aB3xZ", ""), table) == "anna"
    with pytest.raises(NobodyError, match="no student's id"):
        _student(Handed("canvas", "10", "x"), table)


def test_a_platforms_login_counts_only_if_the_gradebook_knows_it() -> None:
    table = "Student,ID,SIS Login ID\nSomebody,9,stranger\n"
    with pytest.raises(NobodyError, match="no such student"):
        _student(Handed("canvas", "9", "somebody"), table)


def test_a_doubled_line_is_nobody() -> None:
    table = "student,lms_user_id\nada,9\ngrace,9\n"
    with pytest.raises(NobodyError, match="2 lines of the table"):
        _student(Handed("canvas", "9", "x"), table)


@pytest.mark.parametrize("table", ["", "a,b\n1,2\n", "student,grade\nada,1\n"])
def test_a_table_that_names_nobody_is_refused(table: str) -> None:
    with pytest.raises(FairmarkError, match="needs a line of titles"):
        read_entries(table.encode(), None)
