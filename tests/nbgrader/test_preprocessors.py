"""``nbgrader autograde`` with this configuration: damaged notebooks, other assignments."""

from __future__ import annotations

import json
import shutil
from typing import Any

import nbformat
from nbgrader.nbgraderformat import MetadataValidator

from fairmark.course.course import Assignment
from fairmark.record.database import open_gradebook
from tests.nbgrader.classroom import nbgrader, rows, submit
from tests.tiny import RIGHT, answer


def test_damaged_notebooks_do_not_stop_the_class(tiny: Assignment) -> None:
    course = tiny.course
    doubled = answer(tiny, RIGHT)
    doubled.cells += [doubled.cells[3].copy(), doubled.cells[2].copy()]
    submit(course, "a-doubled", json.dumps(doubled))
    old = answer(tiny, RIGHT)
    for cell in old.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.schema_version = 0
            cell.metadata.nbgrader.points = "many"
    submit(course, "b-old", json.dumps(old))
    submit(course, "c-broken", '{"nbformat": 4, "cells": 7}')
    lost = answer(tiny, RIGHT)
    del lost.cells[3]
    lost.metadata.fairmark = {"report": {"score": 99}}
    submit(course, "d-lost", lost)
    result = nbgrader(course).autograde("tiny", "*")
    assert result["success"], result
    scores: dict[str, float] = {}
    for student, _, score, *_ in rows(course)["grade"]:
        scores[student] = scores.get(student, 0.0) + (score or 0.0)
    assert scores == {"a-doubled": 5.0, "b-old": 5.0, "c-broken": 0.0, "d-lost": 5.0}
    for student in scores:
        path = course.folder("autograded", student, "tiny") / "tiny.ipynb"
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert notebook.metadata.fairmark.report.score == scores[student]
    assert "tiny.ipynb is a damaged notebook" in notebook_text(course, "c-broken")
    assert "was put back" in notebook_text(course, "d-lost")


def test_what_stops_everything_is_said_once(tiny: Assignment) -> None:
    submit(tiny.course, "ada", answer(tiny, RIGHT))
    (tiny.course.root / "gradebook.db").write_bytes(b"no database at all " * 99)
    result = nbgrader(tiny.course).autograde("tiny", "*")
    assert not result["success"]
    assert "no gradebook: restore a backup" in result["log"]
    assert not tiny.course.folder("autograded", "ada", "tiny").exists()


def notebook_text(course: Any, student: str) -> str:
    return str((course.folder("autograded", student, "tiny") / "tiny.ipynb").read_text())


def test_what_is_no_python_is_left_to_nbgrader(tiny: Assignment) -> None:
    course = tiny.course
    shutil.rmtree(course.graders / "tiny")
    source = nbformat.read(tiny.source, 4)
    del source.cells[1]  # what it imports is not to be had in nbgrader's own kernel
    for cell in source.cells:
        if cell.source.startswith("check("):
            cell.source = f"{cell.source[7:-2]}(3)\n### BEGIN HIDDEN TESTS\nsecret\n"
            cell.source += "### END HIDDEN TESTS"
    # To nbgrader this is an unknown language, whose kernel happens to be Python's.
    source.metadata.kernelspec.language = "pythonic"[::-1]
    nbformat.write(source, tiny.source)
    open_gradebook(course).close()
    api = nbgrader(course)
    course.config.ClearSolutions.code_stub = {"cinohtyp": "raise NotImplementedError()"}
    assert api.generate_assignment("tiny")["success"]
    notebook = nbformat.read(course.root / "release/tiny/tiny.ipynb", 4)
    notebook.metadata.fairmark = {"report": {"score": 99}, "files": ["../../gradebook.db"]}
    submit(course, "ada", notebook)
    result = api.autograde("tiny", "*")
    assert result["success"], result
    grades = {row[1]: row[2] for row in rows(course)["grade"]}
    assert grades == {"check_double": 0.0, "check_mean": 0.0, "essay": 0.0}
    assert "NotImplementedError" in notebook_text(course, "ada")
    written = nbformat.read(course.folder("autograded", "ada", "tiny") / "tiny.ipynb", 4)
    assert "fairmark" not in written.metadata
    assert api.generate_feedback("tiny")["success"]
    page = (course.folder("feedback", "ada", "tiny") / "tiny.html").read_text()
    assert "<script" not in page
    assert "secret" not in page
    assert "some of them are hidden" in page
