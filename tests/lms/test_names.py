"""Whose a file is, by the name that a platform gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.lms.archive import open_archive
from fairmark.lms.names import Handed, read_names
from tests.lms.zips import canvas_name, moodle_name, write_zip


def _read(tmp_path: Path, *names: str) -> tuple[list[Handed], list[str]]:
    path = write_zip(tmp_path / "a.zip", dict.fromkeys(names, b"{}"))
    with open_archive(path) as archive:
        return read_names(archive.members)


@pytest.mark.parametrize("folder", ["", "submissions/"])
def test_canvas(tmp_path: Path, folder: str) -> None:
    handed, nobodys = _read(
        tmp_path,
        folder + canvas_name("Lovelace, Ada", 1815, 77, "perceptron-1.ipynb"),
        folder + canvas_name("Lovelace, Ada", 1815, 79, "notes_12_34_x.txt"),
        folder + canvas_name("Ünal-O'Neill, Çağrı", 5, 80, "my work (1).ipynb", late=True),
        folder + canvas_name("van_der_9_Berg, Li 2", 6, 81, "a.ipynb"),
        folder + "readme.txt",
    )
    assert nobodys == [folder + "readme.txt"]
    found = [(one.person, one.name, one.late, one.age, [*one.files]) for one in handed]
    assert found == [
        ("1815", "lovelaceada", False, 79, ["perceptron-1.ipynb", "notes_12_34_x.txt"]),
        ("5", "ünaloneillçağrı", True, 80, ["my work (1).ipynb"]),
        ("6", "van_der9bergli2", False, 81, ["a.ipynb"]),
    ]
    assert [one.prefix for one in handed] == [
        "lovelaceada_1815_79_",
        "ünaloneillçağrı_LATE_5_80_",
        "van_der9bergli2_6_81_",
    ]


def test_canvas_without_names_and_without_files(tmp_path: Path) -> None:
    handed, nobodys = _read(
        tmp_path,
        canvas_name("", 0, 90, "a.ipynb", late=True, anonymous="aB3xZ"),
        "lovelaceada_LATE_1815_text.html",
        "benbo_16_link.html",
    )
    assert not nobodys
    assert [(one.person, one.late, [*one.files]) for one in handed] == [
        ("anon_aB3xZ", True, ["a.ipynb"]),
        ("1815", True, []),
        ("16", False, []),
    ]
    assert handed[0].prefix == "LATE_anon_aB3xZ_90_"


@pytest.mark.parametrize(("end", "tail"), [("_/", "_/"), ("/", "/"), ("_", "_")])
def test_moodle(tmp_path: Path, end: str, tail: str) -> None:
    handed, nobodys = _read(
        tmp_path,
        moodle_name("Ada Lovelace", 4711, "perceptron (1).ipynb", end=end),
        moodle_name("Ada Lovelace", 4711, "data_1_2_3.csv", end=end),
        moodle_name("Łukasz O'Neill", 12, "a_b.ipynb", end=end),
        "Ada Lovelace_4711_assignsubmission_onlinetext/onlinetext.html",
        "Grace Hopper_13_assignsubmission_onlinetext_/onlinetext.html",
    )
    assert not nobodys
    assert [(one.person, one.name, [*one.files]) for one in handed] == [
        ("4711", "Ada Lovelace", ["perceptron (1).ipynb", "data_1_2_3.csv"]),
        ("12", "Łukasz ONeill", ["a_b.ipynb"]),
        ("13", "Grace Hopper", []),
    ]
    assert handed[0].prefix == f"Ada Lovelace_4711_assignsubmission_file{tail}"


def test_moodles_folders_in_a_hand_in_are_kept(tmp_path: Path) -> None:
    handed, _ = _read(
        tmp_path,
        "download/" + moodle_name("Ada Lovelace", 4711, "work/a.ipynb"),
        "download/" + moodle_name("Ada Lovelace", 4711, "data/x.csv"),
    )
    assert [*handed[0].files] == ["work/a.ipynb", "data/x.csv"]


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    handed, _ = _read(
        tmp_path,
        canvas_name("Lovelace, Ada", 1815, 77, "a.ipynb"),
        canvas_name("Lovelace, Ada", 1815, 79, "a.ipynb"),
    )
    assert [*handed[0].files] == ["a.ipynb", "a (2).ipynb"]
