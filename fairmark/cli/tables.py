"""Tables of results for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from fairmark.batch.batch import NotebookOutcome
from fairmark.harness.report import QuestionResult, Report, TestResult
from fairmark.intake.kinds import is_notice
from fairmark.record.queries import Key
from fairmark.text import count, points, printable

_MAX_MESSAGE = 300
_STATUS_STYLES = {"graded": "", "manual": "cyan", "missing": "dim"}


def report_title(report: Report) -> Text:
    """The line above a loose notebook's table."""
    score = f"{points(report.score)} of {points(report.max_score)} points"
    title = _text(f"{report.notebook}: {score} ({report.assignment})", "bold")
    for repair in report.repairs:
        what = "" if is_notice(repair) else "repaired: "
        title.append(f"\n  {what}{printable(repair.text)}", "not bold yellow")
    return title


def report_table(report: Report) -> Table:
    """A loose notebook's questions, and what failed in each."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("question", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("failed tests", overflow="fold")
    for question in report.questions:
        table.add_row(*_question_row(question))
    return table


def forgeable_marks(reports: Iterable[Report]) -> list[Text]:
    """A line for each assignment whose marks the students' own code could have changed.

    Where they are those of some questions only, these are named.
    """
    whole: set[str] = set()
    parts: dict[str, dict[str, None]] = {}
    for report in reports:
        name = (report.assignment or "").partition("/")[0]
        if report.is_forgeable_as_a_whole:
            whole.add(name)
        elif report.forgeable:
            parts.setdefault(name, {}).update(dict.fromkeys(report.forgeable_questions))
    named = dict.fromkeys(whole, "its own test cells")
    named |= {f"{', '.join(parts[n])} in {n}": "these test cells" for n in parts.keys() - whole}
    return [
        _text(
            f"The marks of {name} can be forged: {cells} gave them, in the same process "
            "as the students' code.",
            "yellow",
        )
        for name, cells in sorted(named.items())
    ]


def unseen_files(reports: Iterable[Report]) -> list[str]:
    """A line for each assignment whose notebooks did not find what is there on this machine."""
    found: dict[str, set[str]] = {}
    for report in reports:
        if report.unseen:
            found.setdefault(report.assignment or report.notebook, set()).update(report.unseen)
    lines = []
    for label, paths in sorted(found.items()):
        names = sorted(paths)
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        lines.append(
            f"{label}: student code cannot see {names[0]}{more}: if it is to be read, name its "
            "folder in c.Fairmark.data"
        )
    return lines


def class_table(
    outcomes: Iterable[NotebookOutcome], unmarked: Mapping[Key, int], changed: Mapping[Key, int]
) -> Table:
    """One row for each notebook that a class handed in.

    ``unmarked`` says how many answers in each a person still has to mark, ``changed`` how many
    changed after a person marked them.
    """
    table = Table(box=SIMPLE_HEAD)
    table.add_column("student", overflow="fold")
    table.add_column("assignment", overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")

    def place(outcome: NotebookOutcome) -> tuple[str, str, str]:
        student, assignment, notebook = outcome.handin.key
        return assignment, student, notebook

    for outcome in sorted(outcomes, key=place):
        table.add_row(
            _text(outcome.handin.student),
            _text(outcome.handin.assignment.label),
            _score(outcome.report),
            _remarks(
                outcome, unmarked.get(outcome.handin.key, 0), changed.get(outcome.handin.key, 0)
            ),
        )
    return table


def _question_row(question: QuestionResult) -> tuple[Text, Text, Text, Text]:
    failed = [test for test in question.tests if not test.passed]
    if question.score is None:
        score = Text(f"- / {points(question.max_score)}")
    else:
        full = question.score >= question.max_score
        style = "green" if full else ("yellow" if question.score > 0 else "red")
        score = Text(f"{points(question.score)} / {points(question.max_score)}", style)
    status = Text(question.status, _STATUS_STYLES.get(question.status, "red"))
    if question.status == "missing":
        return _text(question.id), score, status, Text("there is no answer", "dim")
    return _text(question.id), score, status, Text("\n").join(map(_failed_test, failed))


def _failed_test(test: TestResult) -> Text:
    message = " ".join(test.message.split())
    if len(message) > _MAX_MESSAGE:
        message = message[:_MAX_MESSAGE] + "…"
    line = Text(printable(test.name.removeprefix("test_")))
    if test.hidden:
        line.append(" (hidden)", "dim")
    if message:
        line.append(f": {printable(message)}")
    if test.misconception:
        line.append(f" [{printable(test.misconception)}]", "magenta")
    return line


def _score(report: Report | None) -> str:
    if report is None or not report.max_score:
        return "-"  # there is no mark, or a person gives all of them
    return f"{points(report.score)} / {points(report.max_score)}"


def _remarks(outcome: NotebookOutcome, unmarked: int, changed: int) -> Text:
    report = outcome.report
    remarks = [(f"{changed} changed after marking by hand", "yellow")] if changed else []
    if report is None or outcome.problem:
        problem = printable(f"not graded: {outcome.problem}")
        return Text(", ").join(Text(text, style) for text, style in [(problem, "red"), *remarks])
    parts: list[tuple[str, str]] = []
    if outcome.state == "unchanged":
        parts.append(("unchanged", "dim"))
    for status in ("missing", "error", "timeout", "killed"):
        number = sum(question.status == status for question in report.questions)
        if number:
            parts.append((f"{number} {status}", _STATUS_STYLES.get(status, "red")))
    if number := sum(not is_notice(repair) for repair in report.repairs):
        parts.append((count(number, "repair"), "yellow"))
    if unmarked:
        parts.append((f"{unmarked} to mark by hand", "cyan"))
    return Text(", ").join(Text(text, style) for text, style in parts + remarks)


def _text(text: str, style: str = "") -> Text:
    """What may come from a student is shown as it is, and never as markup or escape codes."""
    return Text(printable(text), style)
