"""``python -m tests.attacks.stock [ATTACK…]``: the corpus against stock nbgrader, and fairmark.

Stock nbgrader runs student code with all the rights of whoever calls it, so it is called in a
sandbox of its own that stands for the instructor's machine. Each attack is graded between two
honest submissions. Prints a table in Markdown; it takes about ten seconds an attack.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat

from fairmark.course.course import Assignment, Course
from fairmark.grading.grade import grade_handin
from fairmark.sandbox import Sandbox, bubblewrap, make_sandbox
from tests.attacks.prey import CANARY, SHOWN_AS, Attack, corpus, make_prey, secrets_of_the_machine
from tests.attacks.test_corpus import SCRIPTS, assert_shown_to_students_safely, listing
from tests.sealed import SEALS
from tests.tiny import RIGHT, answer

PLACE = "/home/student/course"
SECONDS = 120
CELL_SECONDS = 6
TESTS = {
    "check_double": "import numpy as np\nassert double(3) == 6\n### BEGIN HIDDEN TESTS\n"
    f"x = np.array([{SHOWN_AS[0]}, -2.0])\nassert np.allclose(double(x), 2 * x)\n"
    "### END HIDDEN TESTS",
    "check_mean": "assert mean(np.array([1.0, 2.0, 6.0])) == 3.0\n### BEGIN HIDDEN TESTS\n"
    "assert abs(mean(np.arange(17.0)) - 8) < 1e-9\n### END HIDDEN TESTS",
}
INSIDE = f"""
import glob, json, os, resource, socket, subprocess, sys, time
from fairmark.sandbox import namespaces
if {os.getuid() == 0}:
    namespaces.mount_proc()
    namespaces.become({bubblewrap.STUDENT_ID}, {bubblewrap.STUDENT_ID})
    namespaces.drop_privileges()
for kind, value in ((resource.RLIMIT_NPROC, 250), (resource.RLIMIT_DATA, 3 << 30),
                    (resource.RLIMIT_FSIZE, 512 << 20), (resource.RLIMIT_CPU, 60)):
    resource.setrlimit(kind, (value, value))
os.chdir({PLACE!r})
os.environ.update(HOME="/home/student", FAIRMARK_SECRET="{CANARY}environment")
del os.environ["NBGRADER_EXECUTION"]
secret = subprocess.Popen(["sleep", "999"], env={{"SECRET": "{CANARY}process"}})
server = socket.create_server(("127.0.0.1", 8888))
ended, said = None, ""
try:
    done = subprocess.run([sys.executable, "-m", "nbgrader", "autograde", "tiny"],
                          timeout={SECONDS}, capture_output=True, text=True)
    ended, said = done.returncode, done.stderr[-3000:]
except subprocess.TimeoutExpired:
    pass
time.sleep(1)
left = []
for path in glob.glob("/proc/[0-9]*/cmdline"):
    words = open(path).read().split(chr(0))
    known = int(path.split("/")[2]) in (1, os.getpid(), secret.pid)
    if words[0] and not known and "bwrap" not in words[0]:
        left.append(" ".join(words)[:80])
print(json.dumps({{"ended": ended, "left": left, "said": said}}))
"""


def main(names: list[str]) -> None:
    """Run the attacks of these names, or all of them, and print the table."""
    with tempfile.TemporaryDirectory() as folder, secrets_of_the_machine():
        os.chmod(folder, 0o755)
        template = make_stock_course(Path(folder) / "template")
        prey = make_prey(Path(folder) / "prey").assignment("tiny")
        print("| attack | what it tries | stock nbgrader | fairmark | `--sandbox=account` |")
        print("| --- | --- | --- | --- | --- |")
        with ExitStack() as stack:
            preload, limits = prey.course.preload, prey.course.limits
            sandboxes = [stack.enter_context(make_sandbox(preload, limits, s)) for s in SEALS]
            for attack in corpus():
                if names and attack.name not in names:
                    continue
                place = Path(folder) / "run"
                shutil.copytree(template.root, place)
                stock = "; ".join(against_stock(attack, Course.load(place))) or "nothing"
                ours = [
                    "; ".join(against_fairmark(attack, prey, sandbox)) or "nothing"
                    for sandbox in sandboxes
                ]
                about = (attack.module.__doc__ or "").split("\n\n")[0].removeprefix("Tries: ")
                tries = " ".join(about.split()).rstrip(".")
                print(f"| `{attack.name}` | {tries} | {stock} | {' | '.join(ours)} |", flush=True)
                shutil.rmtree(place)


def make_stock_course(root: Path) -> Course:
    """A course of nbgrader's own kind, released and in its gradebook, with two honest students."""
    course = make_prey(root)
    for step in ("submitted", "autograded", "feedback"):
        shutil.rmtree(root / step)
    (root / "gradebook.db").unlink()
    config = "c = get_config()\nc.CourseDirectory.course_id = 'tiny'\n"
    config += f"c.Execute.timeout = {CELL_SECONDS}\n"
    (root / "nbgrader_config.py").write_text(config)
    source = course.assignment("tiny").source
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = TESTS.get(grade_id, cell.source)
    nbformat.write(notebook, source)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "tiny"]
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": programs}  # nbgrader starts alembic by its name
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    with sqlite3.connect(root / "gradebook.db") as gradebook:
        gradebook.execute(f"INSERT INTO student (id, email) VALUES ('xena', '{CANARY}gradebook')")
    course = Course.load(root)
    for student in ("alice", "zoe"):
        folder = course.folder("submitted", student, "tiny")
        folder.mkdir(parents=True)
        answers = {**RIGHT, "essay": f"{CANARY}submission"}
        nbformat.write(answer(released(course), answers), folder / "tiny.ipynb")
    return course


def released(course: Course) -> Assignment:
    """The assignment with its released notebook in the place of its source."""
    path = course.folder("release", ".", "tiny") / "tiny.ipynb"
    return Assignment("tiny", course, path)


def against_stock(attack: Attack, course: Course) -> Iterator[str]:
    """Hand an attack in, call nbgrader, and yield what went wrong."""
    if os.getuid() == 0:
        os.chown(course.root, bubblewrap.STUDENT_ID, bubblewrap.STUDENT_ID)
    attack.hand_in(released(course))
    for path in course.root.rglob("*"):
        if os.getuid() == 0:
            os.chown(path, bubblewrap.STUDENT_ID, bubblewrap.STUDENT_ID, follow_symlinks=False)
    before = kept(course)
    result = call_nbgrader(course)
    marks = marks_in(course)
    mark = marks.get("mallory")
    wanted = attack.points
    if mark is not None and mark > wanted:
        yield f"**gains {mark - wanted:g} of 5 points**"
    if wanted >= 3 and (mark is None or mark < wanted):
        yield f"loses {wanted - (mark or 0):g} points that were earned"
    if CANARY in outputs_of(course, "mallory"):  # what hidden tests say is shown to all who fail
        yield "**reads secrets**"
    if any(script in outputs_of(course, "mallory") for script in SCRIPTS):
        yield "**its scripts stay in the graded notebook**"
    if kept(course) != before:
        yield "**changes files that are not its own**"
    if any(marks.get(student, 0) != 5 for student in ("alice", "zoe")):
        yield "**honest students' marks are lost or changed**"
    if result["ended"] is None:
        yield f"**does not end within {SECONDS} s**"
    if result["left"]:
        yield "leaves processes behind"
    if mark is None and wanted < 3:
        yield "not graded"


def call_nbgrader(course: Course) -> dict[str, Any]:
    """Call nbgrader in a sandbox where the course can be written; return how it ended."""
    reading, writing = os.pipe()
    os.write(writing, bubblewrap.passwd())
    os.close(writing)
    command = bubblewrap.command(reading)
    place = command.index("--remount-ro")
    command[place:place] = ["--bind", str(course.root), PLACE]
    environment = bubblewrap.environment({})
    try:
        done = subprocess.run(
            [*command, sys.executable, "-c", INSIDE],
            env=environment,
            pass_fds=[reading],
            capture_output=True,
            text=True,
            timeout=SECONDS + 60,
        )
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return {"ended": None, "left": ["everything"]}
    finally:
        os.close(reading)
    if os.environ.get("FAIRMARK_DEBUG"):
        print(found["said"], file=sys.stderr)
    return found


def marks_in(course: Course) -> dict[str, float]:
    """The points in the gradebook, by student, as they count."""
    query = (
        "SELECT a.student_id, SUM(COALESCE(g.manual_score, g.auto_score, 0)) FROM grade g "
        "JOIN submitted_notebook n ON g.notebook_id = n.id "
        "JOIN submitted_assignment a ON n.assignment_id = a.id GROUP BY a.student_id"
    )
    with sqlite3.connect(course.root / "gradebook.db") as gradebook:
        return dict(gradebook.execute(query).fetchall())


def outputs_of(course: Course, student: str) -> str:
    """What the graded notebook shows, without its code."""
    path = course.folder("autograded", student, "tiny") / "tiny.ipynb"
    if not path.is_file():
        return ""
    cells = json.loads(path.read_text())["cells"]
    return json.dumps([cell.get("outputs") for cell in cells])


def kept(course: Course) -> dict[str, str]:
    """What grading one submission should leave as it is."""
    own = ("gradebook.db", "autograded", ".nbgrader.log")
    found = listing(course.root)
    return {name: what for name, what in found.items() if not any(part in name for part in own)}


def against_fairmark(attack: Attack, prey: Assignment, sandbox: Sandbox) -> Iterator[str]:
    """Hand an attack in, grade it, and yield what went wrong."""
    handin = attack.hand_in(prey, f"mallory-{attack.name}-{sandbox.mode}")
    before = listing(prey.course.root)
    report = grade_handin(handin, sandbox)
    if report.score > attack.points:
        yield f"**gains {report.score - attack.points:g} of 5 points**"
    if report.score < attack.points:
        yield f"loses {attack.points - report.score:g} points that were earned"
    if listing(prey.course.root) != before:
        yield "**changes files that are not its own**"
    try:
        assert_shown_to_students_safely(report, prey, attack)
    except AssertionError:
        yield "**reads secrets**"


if __name__ == "__main__":
    main(sys.argv[1:])
