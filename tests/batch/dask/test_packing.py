"""Reports as JSON: nothing is lost on the way, and nothing but data comes out."""

from __future__ import annotations

import json

import nbformat

from fairmark.batch.dask.packing import pack, unpack
from fairmark.course.course import Assignment
from fairmark.grading.grade import grade
from fairmark.harness.report import Report
from fairmark.intake.kinds import RepairKind
from fairmark.sandbox import Sandbox
from tests.tiny import RIGHT, answer


def sent(report: Report) -> Report:
    return unpack(json.loads(json.dumps(pack(report))))


def test_a_real_report(tiny: Assignment, sandbox: Sandbox) -> None:
    mean = "def mean(x):\n    return x[0] / 3"
    shown = "import sys; print('seen', file=sys.stderr)\n" + mean
    report = grade(answer(tiny, {**RIGHT, "mean": shown}), tiny, sandbox, name="tiny.ipynb")
    assert report.score < report.max_score
    again = sent(report)
    assert again == report
    assert again.cpu_seconds == report.cpu_seconds > 0
    assert [nbformat.from_dict(cell) for cell in again.cells] == list(report.cells)


def test_odd_content() -> None:
    report = Report(
        "a\udcffb.ipynb",
        None,
        repairs=(
            RepairKind.MISSING.of("mean"),
            RepairKind.OTHER_NAME.of(name="a\udcff", expected="b"),
        ),
        error="\ud800 \x00",
        cells=({"cell_type": "markdown", "source": "\udfff"},),
        files={"data/x.bin": bytes(range(256)), "empty": b""},
        cpu_seconds=0.1 + 0.2,
    )
    again = sent(report)
    assert again == report
    assert (again.cells, again.files) == (report.cells, report.files)
    assert again.cpu_seconds == report.cpu_seconds
