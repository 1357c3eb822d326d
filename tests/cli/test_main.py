"""The command line's manners: help, wrong calls, one line for each error."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

import fairmark
from fairmark.cli.app import app
from fairmark.cli.main import main
from tests.cli import FAIRMARK, PYTHON
from tests.tiny import make_course


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course").root


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for command in (
        "new",
        "add",
        "verify",
        "generate",
        "autograde",
        "check",
        "feedback",
        "export",
        "report",
        "kernel",
    ):
        assert command in out


def test_help_shows_every_word(capsys: pytest.CaptureFixture[str]) -> None:
    """What stands in square brackets would be taken for markup, and left out."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    seen = 0
    for name, command in group.commands.items():
        main([name, "--help"])
        shown = "".join(re.findall(r"\w", capsys.readouterr().out))
        for parameter in command.params:
            words = "".join(re.findall(r"\w", getattr(parameter, "help", None) or ""))
            assert words in shown, f"{name}: {parameter.name}"
            seen += bool(words)
    assert seen > 30


def test_help_breaks_lines_where_the_terminal_does(capsys: pytest.CaptureFixture[str]) -> None:
    main(["autograde", "--help"])
    out = capsys.readouterr().out
    assert "The exit code is 0 when all submissions could be graded, whatever their scores." in out


@pytest.mark.parametrize(
    "command",
    [
        "new",
        "add",
        "verify",
        "generate",
        "autograde",
        "check",
        "feedback",
        "export",
        "report",
        "kernel install",
    ],
)
def test_help_of_each_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert "--course" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"fairmark {fairmark.__version__}\n"


def test_help_is_quick() -> None:
    code = "import sys; from fairmark.cli.main import main; main(['--help']); print(*sys.modules)"
    run = subprocess.run([*PYTHON, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"nbgrader", "numpy", "sqlalchemy", "IPython", "nbformat", "pytest"}
    assert not heavy & set(run.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("nonsense", "No such command 'nonsense'"),
        ("check", "Missing argument"),
        ("check --wrong x.ipynb", "No such option: --wrong"),
        ("check x.ipynb --sandbox docker", "--sandbox"),
        ("autograde --workers 0", "--workers"),
        ("autograde --workers many", "--workers"),
        ("export --to excel", "--to"),
        ("autograde", "no course here"),
        ("autograde --course nowhere", "is no course"),
        ("check x.ipynb", "no course here"),
        ("autograde --course course huge", "no assignment 'huge'; there are: tiny"),
        ("check --course course --assignment huge x.ipynb", "no assignment 'huge'"),
        ("--course course generate huge", "no assignment 'huge'"),
        ("--course course feedback ../tiny", "no assignment '../tiny'"),
        ("report --course course huge", "no assignment 'huge'"),
        ("autograde --course course --student eve", "no student 'eve'"),
        ("autograde --course course --dask tcp://host:1 --workers 2", "exclude each other"),
        ("autograde --course course --dask nonsense://host", "is no address of a Dask scheduler"),
        ("kernel install --course course --user --prefix x", "exclude each other"),
    ],
)
def test_wrong_call(
    arguments: str, line: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fairmark: ")
    assert err.count("\n") == 1
    assert line in err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("export --course course", "there are no marks yet"),
        ("feedback --course course", "nothing is graded yet"),
        ("report --course course", "nothing is graded yet for tiny: run `fairmark autograde`"),
    ],
)
def test_too_early(
    arguments: str, line: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert line in err


def test_nothing_handed_in(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["autograde", "--course", str(root)]) == 0
    assert "nobody has handed in anything" in capsys.readouterr().err


def test_broken_configuration(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.Fairmark.limits = {'tea': 1}\n")
    notebook = str(root / "source/tiny/tiny.ipynb")
    assert main(["check", "--course", str(root), notebook]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "tea" in err


def test_a_wrong_name_begins_no_course(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "Not a name"]) == 2
    assert "cannot name an assignment" in capsys.readouterr().err
    assert list(elsewhere.iterdir()) == []
    assert main(["new", "mine"]) == 0
    assert (elsewhere / "nbgrader_config.py").is_file()
    assert "nbgrader_config.py" in capsys.readouterr().out.splitlines()[0]


def test_exercises_by_name(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "k-means", "assign", "move"]) == 0
    assert "fairmark verify k-means" in capsys.readouterr().out
    notebook = elsewhere / "source/k-means/k-means.ipynb"
    assert not (elsewhere / "graders").exists()
    assert main(["add", "k-means", "cost", "spread"]) == 0
    assert capsys.readouterr().out == f"Added cost, spread to {notebook}\n"
    text = notebook.read_text()
    assert all(
        f'check(\\"{name}\\", example=' in text for name in "assign move cost spread".split()
    )
    for wrong in (["k-means", "cost"], ["k-means", "a-b"], ["other", "cost"]):
        assert main(["add", *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert notebook.read_text() == text


def test_new_in_a_course_that_cannot_be_read(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "nbgrader_config.py").write_text("c = get_config(\n")
    monkeypatch.chdir(root / "source")
    assert main(["new", "mine"]) == 2
    err = capsys.readouterr().err
    assert (err.count("\n"), "is a course already" in err) == (1, False)
    assert not list(root.rglob("mine*"))
    assert not (root / "source" / "nbgrader_config.py").exists()


def test_missing_bubblewrap(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(root))
    assert main(["check", "--course", str(root), str(root / "source/tiny/tiny.ipynb")]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "apt-get install bubblewrap" in err


def test_missing_package_is_named() -> None:
    code = "import sys; sys.modules['typer'] = None; from fairmark.cli.main import main; "
    run = subprocess.run(
        [*PYTHON, "-c", f"{code}sys.exit(main(['check']))"], capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert "install fairmark with its extra 'instructor'" in run.stderr


def test_unexpected_error_is_one_line(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr("fairmark.cli.common.find_course", fail)
    assert main(["export"]) == 1
    expected = "fairmark: RuntimeError: first second (FAIRMARK_DEBUG=1 shows where)\n"
    assert capsys.readouterr().err == expected
    monkeypatch.setenv("FAIRMARK_DEBUG", "1")
    assert main(["export"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fairmark.cli.common.find_course", interrupt)
    assert main(["autograde"]) == 130
    assert capsys.readouterr().err == "fairmark: interrupted; what was recorded until now stays\n"


def test_closed_pipe(root: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [*FAIRMARK, "--help"]
    run = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (run.returncode, run.stderr) == (1, "")
