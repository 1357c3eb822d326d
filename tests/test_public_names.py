"""The names that courses out there rely on: what they import, configure, and start."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from traitlets.config import Config
from traitlets.utils.importstring import import_item

import fairmark
import fairmark.testing
from fairmark.course.course import Course
from fairmark.hub.collect import CollectOwned
from fairmark.kernel.provisioner import SandboxProvisioner
from fairmark.nbgrader.config import use_fairmark
from fairmark.sandbox import Limits
from tests.tiny import make_course

DOTTED = re.compile(r"\bfairmark(?:\.[A-Za-z]\w*)+")
LOGGERS = {"fairmark.exchange", "fairmark.gradebook"}
"""Names that look like a module's, and are none."""


def resolve(name: str) -> Any:
    """What a dotted name stands for; a module is only looked for, as importing it may start it."""
    try:
        if importlib.util.find_spec(name) is not None:
            return name
    except ModuleNotFoundError:  # the part before the last dot is no package
        pass
    return pkgutil.resolve_name(name)


def strings(value: Any) -> Iterator[str]:
    """All strings in a configuration."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def test_check_is_the_function() -> None:
    from fairmark import check

    assert check is fairmark.check
    assert list(inspect.signature(check).parameters) == ["question_id", "exercise"]


def test_what_graders_import() -> None:
    assert set(fairmark.testing.__all__) == {
        "Mismatch",
        "Remote",
        "StudentError",
        "Submission",
        "all_or_nothing",
        "as_array",
        "assert_close",
        "assert_equal",
        "cases",
        "fail",
        "hidden",
        "question",
        "raises",
        "weight",
    }
    for name in fairmark.testing.__all__:
        assert getattr(fairmark.testing, name) is not None


def test_what_use_fairmark_configures_can_be_imported() -> None:
    config = Config()
    use_fairmark(config)
    names = list(strings(config))
    assert len([name for name in names if name.startswith("fairmark.")]) == 13
    for name in names:
        assert callable(import_item(name)), name


def test_entry_points(course_root: Path) -> None:
    project = tomllib.loads((course_root / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"fairmark": "fairmark.cli.main:run"}
    assert project["entry-points"] == {
        "jupyter_client.kernel_provisioners": {
            "fairmark-sandbox": "fairmark.kernel.provisioner:SandboxProvisioner"
        }
    }
    for target in ("fairmark.cli.main:run", "fairmark.kernel.provisioner:SandboxProvisioner"):
        assert callable(pkgutil.resolve_name(target))


def test_python_runs_the_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fairmark", "--version"], check=True, capture_output=True, text=True
    )
    assert done.stdout == f"fairmark {fairmark.__version__}\n"


def test_settings_of_a_course(tmp_path: Path) -> None:
    root = make_course(tmp_path).root
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(
            "c.Fairmark.preload = ['json']\n"
            "c.Fairmark.limits = {'cell_seconds': 1.5}\n"
            "c.Fairmark.assignment_limits = {'tiny': {'call_seconds': 2.5}}\n"
        )
    course = Course.load(root)
    assert course.preload == ["json"]
    assert course.limits.cell_seconds == 1.5
    limits = course.assignment("tiny").limits()
    assert (limits.cell_seconds, limits.call_seconds) == (1.5, 2.5)


def test_names_of_settings() -> None:
    assert {field.name for field in fields(Limits)} >= {
        "cell_seconds",
        "call_seconds",
        "question_seconds",
        "submission_seconds",
        "cpu_seconds",
        "submission_cpu_seconds",
        "memory_mib",
        "submission_memory_mib",
        "processes",
        "open_files",
        "file_mib",
        "disk_mib",
        "output_kib",
        "display_mib",
    }
    traits = SandboxProvisioner.class_traits(config=True)
    assert {"preload", "limits", "sandbox", "copy_files"} <= set(traits)
    assert "owners" in CollectOwned.class_traits(config=True)


def test_names_in_what_is_deployed(course_root: Path) -> None:
    found = {
        (path, name)
        for path in sorted((course_root / "deploy").rglob("*"))
        if path.is_file()
        for name in DOTTED.findall(path.read_text())
    }
    assert {name for _, name in found} >= {"fairmark.hub.configure", "fairmark.hub.roles"}
    for path, name in found:
        assert resolve(name), path


def test_names_in_strings_of_the_package(course_root: Path) -> None:
    found = {
        name
        for path in (course_root / "fairmark").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for name in DOTTED.findall(node.value)
    }
    assert found >= {
        "fairmark.hub.authenticator.AccountsAuthenticator",
        "fairmark.hub.collect.CollectOwned",
        "fairmark.hub.feedback.ReleaseFeedback",
        "fairmark.hub.formgrader",
        "fairmark.hub.submit.SubmitPrivately",
        "fairmark.sanitise.markdown.feedback_filter",
        *LOGGERS,
    }
    for name in found - LOGGERS:
        assert resolve(name), name


def test_checks_of_a_student_need_nothing_of_the_graders_side(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text(
        "from fairmark.testing import assert_close, question\n\n\n"
        "@question('double')\n"
        "def test_double(submission):\n    assert_close(submission.double(2), 4)\n"
    )
    program = (
        "import sys\nfrom fairmark import check\n"
        "def double(x): return 2 * x\n"
        "check('double')\n"
        "print(*(name for name in sys.modules if name.startswith('fairmark.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    *shown, modules = done.stdout.splitlines()
    assert "passed" in "".join(shown)
    packages = {name.split(".")[1] for name in modules.split()}
    assert "selfcheck" in packages
    assert not packages & {"batch", "course", "grading", "record", "sandbox", "verify"}


def test_installed_scripts_are_those_of_the_project() -> None:
    installed = importlib.metadata.distribution("fairmark").entry_points
    assert {(point.name, point.value) for point in installed} == {
        ("fairmark", "fairmark.cli.main:run"),
        ("fairmark-sandbox", "fairmark.kernel.provisioner:SandboxProvisioner"),
    }
