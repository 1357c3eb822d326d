"""What hits a limit costs its own question only, and the student is told which limit it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import nbformat
import pytest

from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.sandbox import Sandbox, make_sandbox
from fairmark.sandbox.exit_status import ExitStatus, limit_hit
from fairmark.sandbox.limits import Limits
from tests.tiny import RIGHT, answer

LIMITS = Limits(
    cell_seconds=30.0,
    call_seconds=30.0,
    question_seconds=40.0,
    cpu_seconds=1,
    submission_cpu_seconds=3,
    memory_mib=200,
    submission_memory_mib=300,
    processes=20,
    open_files=64,
    file_mib=4,
    disk_mib=12,
    output_kib=16,
    display_mib=1,
)


@pytest.fixture(scope="module")
def tight() -> Iterator[Sandbox]:
    """A sandbox with limits that are reached soon."""
    with make_sandbox(["numpy"], LIMITS) as sandbox:
        yield sandbox


WRONG = "def double(x):\n    return 3 * np.asarray(x)"
HITS = {
    "memory": ("np.ones(10**8)", "The limit is 200 MiB of memory."),
    "memory, in small pieces": ("[bytes(2**20) for _ in range(900)]", "200 MiB of memory."),
    "processes": (
        "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(99)",
        "The limit is 20 processes and threads at the same time.",
    ),
    "threads": (
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=[99],"
        " daemon=True).start()",
        "The limit is 20 processes and threads at the same time.",
    ),
    "open files": ("kept = [open('/dev/null') for _ in range(99)]", "64 open files"),
    "file": ("open('a', 'wb').write(bytes(5 << 20))", "The limit is 4 MiB for one file."),
    "disk": (
        "for n in range(9): open(str(n), 'wb').write(bytes(3 << 20))",
        "The limit is 12 MiB of files in all.",
    ),
    "disk, elsewhere": (
        "for n in range(9): open(f'/tmp/{n}', 'wb').write(bytes(3 << 20))",
        "The limit is 12 MiB of files in all.",
    ),
}
ENDS = {
    "cpu": ("while True: pass", "used more than 1 seconds of processor time."),
    "cpu of all processes": (
        "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n"
        "        while time.process_time() < 0.9: pass\n        os._exit(0)\n"
        "for _ in range(6): os.wait()\ntime.sleep(9)",
        "used more than 3 seconds of processor time in all its processes.",
    ),
    "memory of all processes": (
        "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n"
        "        kept = b'x' * (150 << 20)\n        time.sleep(99)\ntime.sleep(9)",
        "used more than 300 MiB of memory in all its processes.",
    ),
    "memory of page tables": (
        "import mmap, time\n"
        "wide = mmap.mmap(-1, 1 << 39, flags=mmap.MAP_PRIVATE | 0x4000, prot=mmap.PROT_READ)\n"
        "for i in range(0, 1 << 39, 1 << 21): wide[i]\ntime.sleep(9)",
        "used more than 300 MiB of memory in all its processes.",
    ),
    "sessions": (
        "import os, time\nfor _ in range(9):\n    if os.fork() == 0:\n"
        "        os.setsid()\n        while True: pass\ntime.sleep(9)",
        "kept several sessions of processes busy",
    ),
    "memory that cannot be looked at": (
        "import ctypes, os, time\nfor _ in range(3):\n    if os.fork() == 0:\n"
        "        ctypes.CDLL(None).prctl(4, 0)\n        kept = b'x' * (150 << 20)\n"
        "        time.sleep(99)\ntime.sleep(9)",
        "used more than 300 MiB of memory in all its processes.",
    ),
    "crash": ("import ctypes; ctypes.string_at(0)", "segmentation fault"),
    "abort": ("import os; os.abort()", "gets no memory"),
    "exit": ("import os; os._exit(7)", "ended the Python process (exit code 7)."),
    "signal": ("import os; os.kill(os.getpid(), 15)", "by signal 15"),
    "cut off": ("import os, time; (os.closerange(3, 60), time.sleep(9))", "cut its process off"),
}


def grade_with(tiny: Assignment, sandbox: Sandbox, double: str) -> Report:
    return grade(answer(tiny, {**RIGHT, "double": double}), tiny, sandbox)


def in_function(code: str) -> str:
    body = code.replace("\n", "\n    ")
    return f"def double(x):\n    {body}\n    return 2 * np.asarray(x)"


@pytest.mark.parametrize("name", HITS)
def test_a_limit_that_an_answer_hits(tiny: Assignment, tight: Sandbox, name: str) -> None:
    code, told = HITS[name]
    report = grade_with(tiny, tight, in_function(code))
    assert report.question("mean").score == 3.0
    question = report.question("double")
    assert question.score == 0.0
    assert all(told in test.message for test in question.tests), question.tests


@pytest.mark.parametrize("name", [name for name in HITS if name != "processes"])
def test_a_limit_that_a_cell_hits(tiny: Assignment, tight: Sandbox, name: str) -> None:
    code, told = HITS[name]
    report = grade_with(tiny, tight, f"{code}\n{WRONG}")
    assert report.question("mean").score == 3.0
    question = report.question("double")
    assert (question.score, question.status) == (0.0, "error")
    assert told in question.note
    report = grade_with(tiny, tight, f"{code}\n{RIGHT['double']}\n{code}")
    assert report.score == 5.0, "what stands above and below of the statement counts"


@pytest.mark.parametrize("name", ENDS)
def test_an_answer_that_ends_its_process(tiny: Assignment, tight: Sandbox, name: str) -> None:
    code, told = ENDS[name]
    report = grade_with(tiny, tight, in_function(code))
    assert report.question("mean").score == 3.0
    question = report.question("double")
    assert question.score == 0.0
    assert told in question.note, question
    assert told in question.tests[0].message


@pytest.mark.parametrize(
    ("double", "told"),
    [
        ("import time\ntime.sleep(99)", "left out: it did not end within 3 seconds."),
        ("def double(x): __import__('time').sleep(99)", "did not answer within 2 seconds."),
        (
            "import time\ndef double(x):\n    time.sleep(1.6)\n    return 2 * x",
            "all tests of this question together may take 3 seconds.",
        ),
    ],
)
def test_an_answer_that_takes_too_long(
    tiny: Assignment, sandbox: Sandbox, double: str, told: str
) -> None:
    with make_sandbox(["numpy"], replace(sandbox.limits, question_seconds=3.0)) as hurried:
        report = grade_with(tiny, hurried, double)
    question = report.question("double")
    assert question.status == "timeout"
    assert told in question.note
    assert report.question("mean").score == 3.0


@pytest.mark.parametrize("name", ENDS)
def test_a_cell_that_ends_its_process(tiny: Assignment, tight: Sandbox, name: str) -> None:
    code, told = ENDS[name]
    report = grade_with(tiny, tight, f"{code}\n{WRONG}")
    assert report.question("mean").score == 3.0
    question = report.question("double")
    assert question.score == 0.0
    if name not in ("signal", "abort"):  # the first process of its namespace is sent none
        assert told in question.note, question
    report = grade_with(tiny, tight, f"{RIGHT['double']}\n{code}")
    assert report.score == 5.0, "what was defined above the statement counts"


def test_a_flood_of_output_is_cut(tiny: Assignment, tight: Sandbox) -> None:
    notebook = answer(tiny, RIGHT)
    show = "from IPython.display import HTML, display\ndisplay(HTML('x' * 2_000_000))"
    for source in (show, "print('y' * 5_000_000)", "for _ in range(100_000): print('z' * 99)"):
        notebook.cells.insert(2, nbformat.v4.new_code_cell(source))
    report = grade(notebook, tiny, tight)
    assert report.score == 5.0
    text = str(report.cells)
    assert text.count("[the rest was cut: a cell may print 16 KiB]") == 2
    assert text.count("[a picture or table was left out: a cell may show 1 MiB of them]") == 1
    assert len(text) < 60_000


def test_what_many_cells_show_together_is_cut(tiny: Assignment) -> None:
    """A small notebook has thousands of cells, and each of them may show megabytes."""
    notebook = answer(tiny, RIGHT)
    picture = "from IPython.display import HTML, display\ndisplay(HTML('x' * 300_000))"
    many = "for _ in range(400): display(HTML('x'))"
    broken = "raise ValueError('v' * 4_000)"
    for source in 9 * [broken] + 9 * [many] + 9 * ["print('y' * 16_000)"] + 9 * [picture]:
        notebook.cells.insert(2, nbformat.v4.new_code_cell(source))
    with make_sandbox(["numpy"], replace(LIMITS, notebook_output_mib=1)) as box:
        report = grade(notebook, tiny, box)
    assert report.score == 5.0
    own = str([cell for cell in report.cells if not cell["metadata"].get("nbgrader")])
    assert "out: all cells together may show 1 MiB]" in own
    assert len(own) < 1_300_000


def test_a_question_leaves_no_process_and_no_file(tiny: Assignment, tight: Sandbox) -> None:
    double = in_function(
        "import os, subprocess\n"
        "subprocess.Popen(['sleep', '99'], start_new_session=True)\n"
        "for folder in ('/tmp/deep', 'deep', '/dev/shm/deep'):\n"
        "    os.makedirs(folder, exist_ok=True); open(folder + '/note', 'w').write('3')"
    )
    mean = (
        "import os\ndef mean(x):\n"
        "    seen = [len([p for p in os.listdir('/proc') if p.isdigit()])]\n"
        "    seen += [os.listdir(folder) for folder in ('/tmp', '.', '/dev/shm')]\n"
        "    if seen != [2, [], [], []]: raise ValueError(seen)\n"
        "    return np.mean(x)"
    )
    report = grade(answer(tiny, {"double": double, "mean": mean}), tiny, tight)
    assert report.score == 5.0, [t.message for t in report.question("mean").tests]


def test_files_that_were_there_before_a_question_stay(tiny: Assignment, tight: Sandbox) -> None:
    cell = "open('kept', 'w').write('2')\ndef double(x): return float(open('kept').read()) * x"
    assert grade_with(tiny, tight, cell).score == 5.0


def test_memory_that_processes_share_counts_once(tiny: Assignment, tight: Sandbox) -> None:
    double = in_function(
        "import os, time\n"
        "kept = b'x' * (150 << 20)\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0: time.sleep(99)\n"
        "time.sleep(0.7)"
    )
    assert grade_with(tiny, tight, double).score == 5.0


def test_words_for_what_a_process_says_of_another() -> None:
    assert ExitStatus.from_report({"signal": 9, "code": 0, "cpu": 0.5}) == ExitStatus(9, 0, 0.5)
    told = {"signal": 9, "code": 0, "cpu": 0.5, "limit": "memory"}
    assert ExitStatus.from_report(told) == ExitStatus(9, 0, 0.5, "memory")
    assert ExitStatus.from_report({**told, "limit": ["memory"]}) == ExitStatus(9, 0, 0.5)
    strange: list[object] = [None, [], {}, {"signal": "9", "code": 0, "cpu": 0}, {"signal": True}]
    for report in strange:
        assert ExitStatus.from_report(report) is None
    assert "signal 400" in ExitStatus(signal=400).words(LIMITS)
    assert limit_hit([], "", LIMITS) == ""
    assert limit_hit(["ValueError"], "shapes do not match", LIMITS) == ""
