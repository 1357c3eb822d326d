"""Error carried forward: a mistake in one exercise must not cost the exercises that build on it.

A question that lost points, and whose notebook uses names of earlier questions that lost points
too, is judged once more with the instructor's versions of these names. The better result counts.
Where a call ran out of time or memory, the names of earlier right answers are replaced as well:
they may be slow, and that must not cost a later exercise.

Questions are taken in the notebook's order and get names of earlier ones only, all of which have
been judged for good by then: nothing that stands in can reach its own exercise. Of the second
judgement only *which* tests passed is used; its messages could carry what stood in.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Container, Sequence
from dataclasses import replace

from fairmark.course.answers import (
    answer_cells,
    answers_names,
    asked_names,
    instructors_source,
)
from fairmark.course.course import Assignment
from fairmark.grading.forks import Override
from fairmark.grading.judge import Judge, Verdict
from fairmark.harness.report import TestResult, share_earned
from fairmark.intake.cells import Cell, Repaired
from fairmark.syntax.cells import parsed_as_it_is
from fairmark.syntax.names import global_uses


def carry_forward(
    assignment: Assignment,
    repaired: Repaired,
    judge: Judge,
    verdict: Verdict,
    failed: Container[str] = (),
) -> dict[str, str]:
    """Better the verdict where earlier mistakes spoilt it; return a note by question.

    ``failed`` are questions that lost points and are marked in another way.
    """
    notes: dict[str, str] = {}
    lost: list[str] = []
    earlier: list[str] = []
    for question in assignment.questions:
        tests = verdict.tests.get(question.id, [])
        if question.manual:
            continue
        if question.id in failed:
            lost.append(question.id)
        suspects = list(earlier if question.id in verdict.broken else lost)
        earlier.append(question.id)
        if all(test.passed for test in tests):
            continue
        cells = answers_to(question.id, repaired, assignment)
        names = _names_used(question.id, repaired, assignment, suspects)
        if names and not all(map(Cell.is_unanswered, cells)):
            override = Override(instructors_source(assignment, question.id, names), names)
            again = judge.run(assignment, only=question.id, overrides=[override], to_better=tests)
            merged = _better(tests, again.tests.get(question.id, []))
            if merged is not None:
                verdict.tests[question.id] = merged
                if all(test.passed for test in merged):
                    verdict.broken.pop(question.id, None)
                listed = ", ".join(names)
                notes[question.id] = (
                    f"To judge this answer by itself, the course's own {listed} stood in for yours."
                )
        lost.append(question.id)
    return notes


def _names_used(
    question_id: str, repaired: Repaired, assignment: Assignment, suspects: Sequence[str]
) -> list[str]:
    """The names of suspected questions that an answer uses, also through cells that it uses.

    What the question itself asks for is none of them: an exercise may ask for a better version of
    an earlier function, and the course's must not answer for the student's.
    """
    asked = asked_names(assignment, question_id)
    used = answers_to(question_id, repaired, assignment)
    mine = set(map(id, used))
    own = {id(c) for q in suspects for c in answers_to(q, repaired, assignment)} - mine
    others = [
        cell
        for cell in repaired.cells
        if cell.node.cell_type == "code" and cell.role in ("answer", "given", "own")
    ]
    for cell in used:
        if id(cell) not in own:  # what such an answer builds on stands in for it
            found = [c for c in others if any(_mentions(cell.node.source, n) for n in c.defines)]
            used += [c for c in found if not any(c is known for known in used)]
    names = [
        name
        for question in suspects
        for name in answers_names(assignment, question)
        if name not in asked
        and any(_mentions(cell.node.source, name) for cell in used if id(cell) not in own)
    ]
    return list(dict.fromkeys(names))


def answers_to(question_id: str, repaired: Repaired, assignment: Assignment) -> list[Cell]:
    """Return the cells that answer a question."""
    return [repaired.find(name) for name in answer_cells(assignment, question_id)]


def _mentions(source: str, name: str) -> bool:
    names = _names_of(source)
    return _has_word(source, name) if names is None else name in names


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


@functools.lru_cache(maxsize=512)  # every submission has the instructor's cells
def _names_of(source: str) -> frozenset[str] | None:
    """The names from outside of its functions that a cell uses, and all words of its texts.

    A variable of a function's own is no use of what a cell calls so, nor is a word of a comment or
    docstring. Texts may be code. None where the cell cannot be read as it is.
    """
    tree = parsed_as_it_is(source)
    if tree is None:
        return None
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes
    ]
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    return frozenset(words.union(*map(global_uses, tree.body)))


def _better(own: list[TestResult], again: list[TestResult]) -> list[TestResult] | None:
    """The results of the second judgement, if they are worth more; the messages are the first's."""
    if [test.name for test in own] != [test.name for test in again]:
        return None
    if share_earned(again) <= share_earned(own):
        return None
    text = "This fails with the course's own versions of the earlier answers."
    merged = []
    for first, second in zip(own, again, strict=True):
        if second.passed:
            first = replace(
                first, passed=True, message="", expected=None, actual=None, hint="", call=""
            )
        elif first.passed:
            first = replace(first, passed=False, message=text)
        merged.append(first)
    return merged
