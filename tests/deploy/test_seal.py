"""The sandbox in a container, with what compose.yaml allows the grader, and with less.

Podman runs the tests' own files in a container, so no image is needed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy import rootfs
from tests.deploy.rootfs import ROOT

COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"
PROFILE = ROOT / "deploy" / "grader" / "seccomp.json"
ADDED = ("clone", "unshare", "mount", "umount2", "pivot_root", "sethostname")
USUAL_CLONE = {"index": 0, "value": 0x7E020000, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
"""What engines allow of clone: no namespaces."""
STARTS = "✓ seal bubblewrap: it starts"
FAILS = "! seal bubblewrap: not possible here: the sandbox cannot start"

pytestmark = rootfs.MARKS
Doctor = Callable[..., str]


@pytest.fixture
def allowed() -> dict[str, str]:
    """What compose.yaml says of the grader's container, in podman's words."""
    grader: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]["grader"]
    words = {"systempaths=unconfined": "unmask=ALL", "apparmor=unconfined": "apparmor=unconfined"}
    words["seccomp=../grader/seccomp.json"] = f"seccomp={PROFILE}"
    words["no-new-privileges:true"] = "no-new-privileges"
    options = {each: f"--security-opt={words[each]}" for each in grader["security_opt"]}
    return options | {"cap_drop": f"--cap-drop={grader['cap_drop'][0].lower()}"}


@pytest.fixture
def doctor(tmp_path: Path) -> Doctor:
    """Runs ``fairmark doctor`` in a container, as an ordinary user; returns what it prints."""

    def run(*options: str) -> str:
        call = rootfs.podman(tmp_path, options)
        call += [sys.executable, "-m", "fairmark.cli.main", "doctor"]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    return run


def test_sandbox_starts_with_what_is_allowed(doctor: Doctor, allowed: dict[str, str]) -> None:
    said = doctor(*allowed.values())
    assert STARTS in said, said
    assert said.count("✓ sealed off") == 4, said


@pytest.mark.parametrize("flag", ["seccomp=../grader/seccomp.json", "systempaths=unconfined"])
def test_each_flag_is_needed(flag: str, doctor: Doctor, allowed: dict[str, str]) -> None:
    del allowed[flag]
    said = doctor(*allowed.values())
    assert FAILS in said, said


@pytest.mark.parametrize("name", ADDED)
def test_each_system_call_is_needed(
    name: str, doctor: Doctor, allowed: dict[str, str], tmp_path: Path
) -> None:
    profile = json.loads(PROFILE.read_text())
    (added,) = [rule for rule in profile["syscalls"] if name in rule["names"]]
    assert sorted(added["names"]) == sorted(ADDED)
    added["names"].remove(name)
    if name == "clone":  # without it nothing runs at all
        usual = {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [USUAL_CLONE]}
        profile["syscalls"].append(usual)
    less = tmp_path / "less.json"
    less.write_text(json.dumps(profile))
    allowed["seccomp=../grader/seccomp.json"] = f"--security-opt=seccomp={less}"
    said = doctor(*allowed.values())
    assert FAILS in said, said
