"""Feedback pages: what students may see, harmless, in one file."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.record.autograded import write_autograded
from fairmark.reporting.feedback import generate_feedback
from fairmark.sanitise.html import NO_TEXT
from tests.nbgrader.classroom import execute, nbgrader, new_course, record, report_of, submit
from tests.tiny import RIGHT, answer

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's and nbconvert's own

FIGURE = (
    "import base64\nfrom IPython.display import HTML, SVG, Image, display\n"
    "png = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwA'"
    "'ChwGA60e6kgAAAABJRU5ErkJggg==')\ndisplay(Image(png, format='png'))\n"
    "display(Image(png, format='png', alt='A \"dot\"'))\n"
    "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>'))\n"
    "display(HTML('<i>mine</i><script>alert(1)</script>'))"
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return new_course(tmp_path / "course")


@pytest.fixture
def tiny(course: Course) -> Assignment:
    return course.assignment("tiny")


def test_a_page(tiny: Assignment) -> None:
    course = tiny.course
    notebook = answer(
        tiny,
        {
            **RIGHT,
            "double": "def double(x):\n    return 6",
            "essay": "My *own* thoughts, $w \\cdot x$ <script>alert(1)</script>",
        },
    )
    del notebook.cells[5]
    notebook.cells.append(new_code_cell(FIGURE))
    submit(course, "ada", notebook)
    record(tiny, "ada")
    write_autograded(tiny, report_of(tiny, "ada"), "ada")
    execute(
        course,
        "UPDATE comment SET manual_comment = 'Well <b onclick=x>said</b>, $a^2$' WHERE cell_id IN "
        "(SELECT id FROM base_cell WHERE name = 'essay')",
    )
    ((student, page),) = generate_feedback(tiny)
    assert student == "ada"
    assert page == course.root / "feedback/ada/tiny/tiny.html"
    assert isinstance(page, Path)
    html = page.read_text()
    assert "secret" not in html.lower()
    assert "alert(1)</script>" not in html
    for word in ("<script", "onclick", "http://", "https://"):
        assert word not in re.sub(r"<style.*?</style>|xmlns=\S+", "", html, flags=re.DOTALL)
    assert "default-src 'none'" in html
    assert html.count("<body") == 1
    text = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "double(3) is 6." in text
    assert "0 of 1 further check passed" in text
    assert "The cell check_mean was missing; it was put back." in text
    assert "? of 4 not marked yet" in text
    assert "points, 1 not marked yet" in text
    assert "Student's answer Not marked yet: ? / 4.0 (Top)" in text
    assert "0.0 / 4.0" not in text
    assert "Score: 0.5 / 2.0 (Top)" in text
    assert "0.5 of 2" in text
    pictures = re.findall(r"<img [^>]*>", html)
    assert [re.findall('alt="([^"]*)"', picture) for picture in pictures] == [
        [NO_TEXT],
        ["A &quot;dot&quot;"],
        [NO_TEXT],
    ]
    assert "iVBORw0KGgo" in pictures[0]
    assert "<i>mine</i>" in html
    assert "<em>own</em> thoughts" in html
    assert "<math" in html
    assert "Well <b>said</b>" in html
    result = nbgrader(course).generate_feedback("tiny", force=True)
    assert result["success"], result
    assert page.read_text() == html


def test_code_that_would_take_minutes_to_colour_has_no_colours(tiny: Assignment) -> None:
    long = "x = 1" + " \n" * 10_000 + "y = 2"
    notebook = answer(tiny, RIGHT)
    notebook.cells.append(new_code_cell(long))
    submit(tiny.course, "ada", notebook)
    record(tiny, "ada")
    write_autograded(tiny, report_of(tiny, "ada"), "ada")
    ((_, page),) = generate_feedback(tiny)
    assert isinstance(page, Path)
    html = page.read_text()
    assert f"<pre>{long}\n</pre>" in html
    assert '<span class="k">def</span>' in html


def test_of_a_notebook_that_could_not_be_graded(tiny: Assignment) -> None:
    submit(tiny.course, "bob", "{")
    record(tiny, "bob")
    write_autograded(tiny, report_of(tiny, "bob"), "bob")
    ((_, page),) = generate_feedback(tiny)
    assert isinstance(page, Path)
    html = page.read_text()
    assert "could not be graded" in html
    assert "tiny.ipynb is no notebook: it is not JSON" in html
    assert str(tiny.course.root) not in html


def test_students_without_marks_do_not_stop_the_others(tiny: Assignment) -> None:
    course = tiny.course
    for student in ("ada", "bob"):
        submit(course, student, answer(tiny, {}))
        write_autograded(tiny, report_of(tiny, student), student)
    record(tiny, "ada")
    made = dict(generate_feedback(tiny, ["bob", "cem", "ada"]))
    assert isinstance(made["ada"], Path)
    assert isinstance(made["bob"], FairmarkError)
    assert "the gradebook has no marks of bob" in str(made["bob"])
    assert "cem is not graded" in str(made["cem"])


def test_a_report_that_is_none_is_no_traceback(tiny: Assignment) -> None:
    submit(tiny.course, "ada", answer(tiny, {}))
    record(tiny, "ada")
    path = write_autograded(tiny, report_of(tiny, "ada"), "ada")
    path.chmod(0o644)
    notebook = nbformat.read(path, 4)
    notebook.metadata.fairmark = {"report": {"score": 1}}
    nbformat.write(notebook, path)
    ((_, error),) = generate_feedback(tiny)
    assert isinstance(error, FairmarkError)


@pytest.mark.parametrize("damaged", [False, True])
def test_the_page_says_which_cells_were_not_run(tiny: Assignment, damaged: bool) -> None:
    source = nbformat.read(tiny.source, 4)
    source.cells.insert(3, new_code_cell("print('a figure')", id="figure"))
    nbformat.write(source, tiny.source)
    config = tiny.course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.Fairmark.run_cells = "needed"\n')
    assignment = Course.load(tiny.course.root).assignment("tiny")
    notebook = answer(assignment, RIGHT)
    if damaged:
        notebook.cells = [cell for cell in notebook.cells if cell.id != "check-mean"]
    submit(assignment.course, "ada", notebook)
    record(assignment, "ada")
    write_autograded(assignment, report_of(assignment, "ada"), "ada")
    ((_, page),) = generate_feedback(assignment)
    assert isinstance(page, Path)
    text = " ".join(re.sub(r"<[^>]*>", " ", page.read_text()).split())
    assert "not run, as they are needed by no question: figure." in text
    assert "This cell was not run: it is needed by no question." in text
    assert ("this was put right in your notebook" in text) is damaged
