"""Results as tables, and what each audience sees of them."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest

from fairmark.grading.outputs import question_outputs
from fairmark.harness.render import Audience, question_html, question_text
from fairmark.harness.report import QuestionResult, Status, TestResult

PASSED = TestResult("test_example", "The lecture's example.", False, 1.0, True)
FAILED = TestResult(
    "test_rows",
    "Each row sums to 1.",
    False,
    1.0,
    False,
    message="2 of 3 values are wrong.",
    expected="[0.2, 0.3, 0.5]",
    actual="[0.4, 0.6, 1.0]",
    hint="Over which axis is the sum taken?",
)
HIDDEN_PASSED = TestResult("test_random", "Random batches.", True, 2.0, True)
LESSON = "exp overflows: subtract the largest value first."
HIDDEN_FAILED = TestResult(
    "test_huge",
    "Values of 1e5.",
    True,
    1.5,
    False,
    message="It holds nan.",
    expected="[0, 1]",
    actual="[nan, nan]",
    hint="What is exp(1e5)?",
    misconception="no-max-shift",
    lesson=LESSON,
)
QUESTION = QuestionResult(
    "softmax", 2.1818, 4.0, "graded", (PASSED, FAILED, HIDDEN_PASSED, HIDDEN_FAILED)
)


def both(question: QuestionResult, audience: Audience) -> list[str]:
    """The table's two forms, the HTML reduced to its text."""
    html = question_html(question, audience)
    return [re.sub(r"\s+", " ", _Page(html).text), question_text(question, audience)]


class _Page(HTMLParser):
    """The tags, attributes and text of a page; it must be well-formed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attributes
        if tag != "br":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_student_sees_visible_tests_in_full() -> None:
    for shown in both(QUESTION, "student"):
        assert "1 of 2 checks passed" in shown
        assert "2.18 of 4 points" in shown
        for text in (PASSED.title, FAILED.title, FAILED.message, FAILED.expected, FAILED.actual):
            assert text is not None
            assert text in shown
        assert f"Think about it: {FAILED.hint}" in shown


def test_a_student_sees_only_counts_and_lessons_of_hidden_tests() -> None:
    for shown in both(QUESTION, "student"):
        assert "1 of 2 further checks passed" in shown
        assert shown.count(LESSON) == 1
        for test in (HIDDEN_PASSED, HIDDEN_FAILED):
            for text in (
                test.name,
                test.title,
                test.message,
                test.expected,
                test.actual,
                test.hint,
            ):
                assert not text or text not in shown
        assert "weight" not in shown.lower()


def test_an_instructor_sees_everything() -> None:
    for shown in both(QUESTION, "instructor"):
        assert "2 of 4 checks passed" in shown
        for test in QUESTION.tests:
            for text in (
                test.name,
                test.title,
                test.message,
                test.expected,
                test.actual,
                test.hint,
            ):
                assert (text or "") in shown
            assert f"{test.weight:g}" in shown
        assert shown.count("hidden") == 2
        assert LESSON in shown


def test_a_lesson_that_two_tests_teach_is_told_once() -> None:
    question = replace(QUESTION, tests=(HIDDEN_FAILED, replace(HIDDEN_FAILED, name="test_b")))
    for shown in both(question, "student"):
        assert shown.count(LESSON) == 1


def test_who_passed_some_of_what_counts_together_is_told_so() -> None:
    passed, failed = replace(PASSED, together="TestA"), replace(HIDDEN_FAILED, together="TestA")
    told = QuestionResult("a", 0.0, 2.0, "graded", (passed, failed))
    text = question_text(told, "student")
    assert "All or nothing: there are points only if all checks of this exercise pass." in text
    assert "0 of 1 further check passed" in text and failed.message not in text
    some = replace(told, tests=(passed, failed, PASSED))
    assert "Some of these checks count together" in question_html(some, "student")
    for tests in ((passed,), (failed,), (PASSED, HIDDEN_FAILED)):
        text = question_text(replace(told, tests=tests), "student")
        assert "nothing" not in text and "together" not in text


def test_a_passed_test_teaches_no_lesson() -> None:
    question = replace(QUESTION, tests=(replace(HIDDEN_FAILED, passed=True),))
    for audience in ("student", "instructor"):
        for shown in both(question, audience):
            assert LESSON not in shown


@pytest.mark.parametrize(
    ("status", "note", "words"),
    [
        ("missing", "", "No answer was found"),
        ("timeout", "", "took too long"),
        ("killed", "It used 3 GiB.", "It used 3 GiB."),
        ("error", "", "stopped with an error"),
    ],
)
def test_a_status_is_told_in_words(status: Status, note: str, words: str) -> None:
    question = QuestionResult("softmax", 0.0, 1.0, status, (), note)
    for audience in ("student", "instructor"):
        for shown in both(question, audience):
            assert words in shown
            assert "0 of 1 point" in shown


def test_a_question_marked_by_hand() -> None:
    for shown in both(QuestionResult("why", None, 3.0, "manual"), "student"):
        assert "3 points, marked by hand" in shown


def test_in_a_kernel_there_are_no_points() -> None:
    for shown in both(QuestionResult("softmax", None, 0.0, "graded", (PASSED,)), "student"):
        assert "1 of 1 check passed" in shown
        assert "point" not in shown


def test_sign_and_word_say_what_the_colour_says() -> None:
    html = question_html(QUESTION, "student")
    assert "✓</span> passed" in html
    assert "✗</span> failed" in html
    assert "✗ FAILED" in question_text(QUESTION, "student")


def test_the_table_has_a_caption_and_scopes() -> None:
    page = _Page(question_html(QUESTION, "instructor"))
    assert page.tags.count("caption") == 1
    assert page.attributes.count(("scope", "col")) == 3
    assert page.attributes.count(("scope", "row")) == len(QUESTION.tests)


@pytest.mark.parametrize(
    "colour", re.findall(r"background:(#\w+)", question_html(QUESTION, "student"))
)
def test_white_words_stand_out_from_their_colour(colour: str) -> None:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert 1.05 / (luminance + 0.05) >= 4.5  # WCAG 2.2, level AA


def test_nothing_that_students_return_becomes_markup() -> None:
    evil = "</td><script>alert(1)</script><img src=x onerror=y>\" onload='z'"
    test = TestResult(evil, evil, False, 1.0, False, evil, evil, evil + "2", evil, evil)
    question = QuestionResult(evil, 0.0, 1.0, "graded", (test,), evil)
    for audience in ("student", "instructor"):
        page = _Page(question_html(question, audience))
        assert not {"script", "img"} & set(page.tags)
        assert {name for name, _ in page.attributes} <= {"style", "scope", "aria-hidden"}
        assert evil in page.text


@pytest.mark.parametrize("audience", ["student", "instructor"])
def test_the_page_needs_nothing_from_outside(audience: Audience) -> None:
    page = _Page(question_html(QUESTION, audience))
    assert {name for name, _ in page.attributes} <= {"style", "scope", "aria-hidden"}
    assert not any("url(" in (value or "") for _, value in page.attributes)


@pytest.mark.parametrize(
    "text",
    [
        "\ud800 half a character",
        "bell\a nul\0",
        "\u202e turned round",
        "\x1b[31mred\x1b[0m",
        "\x9b31m",
    ],
)
def test_characters_that_could_mislead_are_replaced(text: str) -> None:
    question = replace(QUESTION, tests=(replace(FAILED, message=text, actual=text),))
    for shown in (question_html(question, "student"), question_text(question, "student")):
        shown.encode()
        assert not set(shown) & set("\ud800\a\0\u202e\x1b\x9b")


@pytest.mark.parametrize("text", ["x" * 100_000, "x\n" * 100_000, "\n" * 100_000 + "x"])
def test_long_texts_are_cut(text: str) -> None:
    question = replace(QUESTION, tests=(replace(FAILED, actual=text, message=text, hint=text),))
    assert len(question_html(question, "instructor")) < 20_000
    assert len(question_text(question, "instructor")) < 20_000


def test_values_that_the_message_tells_are_not_told_again() -> None:
    test = replace(FAILED, message="w should be 2, but it is 3.", expected="2", actual="3")
    shown = question_text(replace(QUESTION, tests=(test,)), "student")
    assert "expected:" not in shown


def test_an_exception_is_shown_with_its_place() -> None:
    place = '  File "/tmp/ipykernel_17/42.py", line 8, in predict\n    return 1 / 0\n'
    test = replace(
        FAILED, message="Your code raised ZeroDivisionError", expected=None, actual=place
    )
    shown = question_text(replace(QUESTION, tests=(test,)), "student")
    assert "where:    Your cell, line 8, in predict" in shown
    assert "return 1 / 0" in shown


def test_outputs_make_a_valid_notebook() -> None:
    outputs: list[Any] = question_outputs(QUESTION, "instructor")
    made = nbformat.v4.new_output("display_data", data=dict(outputs[0].data))
    assert (outputs, type(outputs[0].data)) == ([made], type(made.data))
    cell = nbformat.v4.new_code_cell("check('softmax')", outputs=outputs)
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    (output,) = outputs
    assert output.data["text/html"] == question_html(QUESTION, "instructor")
    assert output.data["text/plain"] == question_text(QUESTION, "instructor")


def test_code_in_an_instructors_words_is_set_as_code() -> None:
    failed = replace(FAILED, title="`sum` is 1 <b>", hint="Is `axis=<1>` right? A lone ` stays.")
    html = question_html(replace(QUESTION, tests=(failed,)), "student")
    assert re.search(r"<code[^>]*>sum</code> is 1 &lt;b&gt;", html)
    assert re.search(r"Is <code[^>]*>axis=&lt;1&gt;</code> right\? A lone ` stays\.", html)
    told = replace(FAILED, message="`<i>x</i>` is no list", actual="`y`")
    html = question_html(replace(QUESTION, tests=(told,)), "student")
    assert "<code" not in html and "`&lt;i&gt;x&lt;/i&gt;` is no list" in html
