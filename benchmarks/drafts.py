"""How good drafted graders are: drafted in a copy without graders, tried on what was recorded.

``python -m benchmarks.drafts [ASSIGNMENT…] [--write]`` drafts each assignment from its source and
the reference alone. Then the mutants, alternatives and misconceptions that the course's own graders
are proven with are tried on the drafts.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.processor import counted
from fairmark.course.course import Assignment, Course
from fairmark.sandbox import make_sandbox
from fairmark.verify.cases import Case
from fairmark.verify.gate import Gate
from fairmark.verify.trials import Trials

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "drafts.json"
_ANSWERS = ("alternatives.py", "misconceptions.py", "equivalent_mutants.toml")
_KINDS = ("alternative", "misconception", "mutant")


@dataclass
class Result:
    """What came of one assignment."""

    assignment: str
    drafted: int = 0
    exercises: int = 0
    tests: int = 0
    killed: int = 0
    mutants: int = 0
    accepted: int = 0
    alternatives: int = 0
    noticed: int = 0
    misconceptions: int = 0
    seconds: float = 0.0


def measured(name: str) -> Result:
    """Draft one assignment, and try what is recorded of it on the drafts."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("source", "reference"):
            shutil.copytree(ROOT / part, root / part)
        shutil.copy(ROOT / "nbgrader_config.py", root)
        command = [sys.executable, "-m", "fairmark", "draft", name, "--write", "--json"]
        output, seconds = counted([*command, "--workers", "1"], root)
        told = json.loads(output)[0]["exercises"]
        drafted = {row["exercise"] for row in told if row["drafted"]}
        for file in _ANSWERS:
            if (recorded := ROOT / "graders" / name / file).exists():
                shutil.copy(recorded, root / "graders" / name)
        _fill(root, name, [row["exercise"] for row in told if not row["drafted"]])
        result = Result(name, len(drafted), len(told), seconds=round(seconds, 1))
        result.tests = sum(row["visible"] + row["hidden"] for row in told)
        for line in _tried(root, name, drafted, result):
            print("   ", line, file=sys.stderr)
        return result


def _fill(root: Path, name: str, undrafted: list[str]) -> None:
    """Write a test that asks nothing for each exercise without a draft: all need one."""
    classes = [
        f"@question({question!r})\nclass Test{number}:\n"
        f"    def test_nothing(self, submission):\n        pass\n"
        for number, question in enumerate(undrafted)
    ]
    text = "\n\n".join(["from fairmark.testing import question", *classes])
    (root / "graders" / name / "test_undrafted.py").write_text(text, encoding="utf-8")


def _tried(root: Path, name: str, drafted: set[str], result: Result) -> Iterator[str]:
    gate = Gate(Course.load(root).assignment(name), workers=2)
    wanted = [c for c in gate.cases if c.kind in _KINDS and not c.equivalent]
    judged = ("answer", "alternative", "mutant")
    gate.cases = [c for c in gate.cases if c.question in drafted and c.kind in judged]
    for _ in gate.run():
        pass
    noticed = _noticed(gate.assignment, wanted, drafted)
    for case in wanted:
        good = case in noticed
        if case.question in drafted and case.kind != "misconception":
            outcome = gate.outcomes[case]
            good = not outcome.problem
            if outcome.harmless:
                continue
            if not good:
                yield f"{case.title}: {outcome.problem[:200]}"
        match case.kind:
            case "mutant":
                result.mutants, result.killed = result.mutants + 1, result.killed + good
            case "alternative":
                is_accepted = good or case.question not in drafted
                result.alternatives += 1
                result.accepted += is_accepted
            case "misconception":
                result.misconceptions += 1
                result.noticed += good


def _noticed(assignment: Assignment, cases: list[Case], drafted: set[str]) -> set[Case]:
    """The misconceptions that a drafted test notices."""
    course, found = assignment.course, set()
    visible = course.visible_for([assignment])
    preload = sorted(course.preload_for([assignment]))
    with (
        make_sandbox(preload, course.limits, visible=visible) as sandbox,
        Trials(assignment, sandbox) as trials,
    ):
        sandbox.wait_ready()
        for case in cases:
            if case.kind == "misconception" and case.question in drafted:
                trial = trials.run(case.question, case.source, to_first_failure=True)
                found |= set() if trial.is_right else {case}
    return found


def main() -> None:
    """Measure the assignments that are named, or all; ``--write`` notes the results."""
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for name in names or [a.name for a in Course.load(ROOT).assignments()]:
        result = measured(name)
        print(result)
        known[name] = asdict(result)
        if "--write" in sys.argv:
            RESULTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
