"""``fairmark draft``, as it is called."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.cli import FAIRMARK
from tests.draft.drafting import NOISE, STEP, make_drafting


def run(root: Path, *arguments: str, code: int = 0) -> tuple[str, str]:
    command = [*FAIRMARK, "draft", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout, done.stderr


def test_draft(tmp_path: Path) -> None:
    make_drafting(tmp_path, {"step": STEP, "noise": NOISE})
    out, _ = run(tmp_path, "hw")
    assert "# --- graders/hw/test_step.py" in out
    assert "noise: left: noise: no input was found" in out
    assert "1 of 2 exercises drafted" in out
    assert not (tmp_path / "graders").exists()
    out, _ = run(tmp_path, "hw", "step", "--write", "--json")
    (told,) = json.loads(out)
    assert [(row["exercise"], row["drafted"]) for row in told["exercises"]] == [("step", True)]
    assert (tmp_path / "graders/hw/test_step.py").is_file()
    _, err = run(tmp_path, "hw", "step", "--write", code=1)
    assert "is there already; nothing was written" in err
    run(tmp_path, "hw", "step", "--into", str(tmp_path / "elsewhere"))
    assert (tmp_path / "elsewhere/graders/hw/test_step.py").is_file()


def test_wrong_calls(tmp_path: Path) -> None:
    make_drafting(tmp_path, {"step": STEP, "noise": NOISE})
    _, err = run(tmp_path, "hw", "stop", code=2)
    assert "hw has no exercise 'stop'; there are: step, noise" in err
    _, err = run(tmp_path, "hw", "--write", "--into", "x", code=2)
    assert "exclude each other" in err
    _, err = run(tmp_path, "hw", "noise", code=1)
    assert "nothing could be drafted for hw" in err
