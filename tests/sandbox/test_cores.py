"""The number of processor cores that control groups allow."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from fairmark.sandbox.cores import quota, usable_cores

MOUNTS_1 = """\
22 1 0:20 / /proc rw,nosuid - proc proc rw
30 28 0:25 {top} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
31 28 0:26 {top} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
"""
MOUNTS_2 = "30 28 0:25 {top} /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup rw,nsdelegate\n"
GROUPS_1 = "5:memory:/other\n4:cpu,cpuacct:/class/night\n0::/\n"
GROUPS_2 = "0::/class/night\n"
REAL = Path("/sys/fs/cgroup/cpu/fairmark-test")


def machine(root: Path, groups: str, mounts: str, files: dict[str, str]) -> Path:
    """Write what the kernel would tell on a machine like this."""
    given = {"proc/self/cgroup": groups, "proc/self/mountinfo": mounts, **files}
    for name, text in given.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def version_1(folder: str, quota: int, period: int = 100_000) -> dict[str, str]:
    folder = f"sys/fs/cgroup/cpu,cpuacct/{folder}"
    return {
        f"{folder}/cpu.cfs_quota_us": f"{quota}\n",
        f"{folder}/cpu.cfs_period_us": f"{period}\n",
    }


def test_no_limit(tmp_path: Path) -> None:
    assert quota(tmp_path) == math.inf, "there are no control groups"
    files = version_1("", -1) | version_1("class/night", -1)
    first = machine(tmp_path / "1", GROUPS_1, MOUNTS_1.format(top="/"), files)
    assert quota(first) == math.inf
    files = {"sys/fs/cgroup/class/night/cpu.max": "max 100000\n"}
    second = machine(tmp_path / "2", GROUPS_2, MOUNTS_2.format(top="/"), files)
    assert quota(second) == math.inf


def test_the_least_of_all_groups_above_counts(tmp_path: Path) -> None:
    files = version_1("", -1) | version_1("class", 150_000) | version_1("class/night", 400_000)
    first = machine(tmp_path / "1", GROUPS_1, MOUNTS_1.format(top="/"), files)
    assert quota(first) == 1.5
    files = {
        "sys/fs/cgroup/class/cpu.max": "400000 100000\n",
        "sys/fs/cgroup/class/night/cpu.max": "25000 50000\n",
    }
    second = machine(tmp_path / "2", GROUPS_2, MOUNTS_2.format(top="/"), files)
    assert quota(second) == 0.5


@pytest.mark.parametrize(
    ("groups", "mounts", "files"),
    [
        (GROUPS_1, MOUNTS_1, version_1("", 200_000)),
        (GROUPS_2, MOUNTS_2, {"sys/fs/cgroup/cpu.max": "200000 100000\n"}),
        ("4:cpu,cpuacct:/\n", MOUNTS_1, version_1("", 200_000)),
        ("0::/../other\n", MOUNTS_2, {"sys/fs/cgroup/cpu.max": "200000 100000\n"}),
    ],
    ids=["version 1", "version 2", "own namespace 1", "own namespace 2"],
)
def test_in_a_container(tmp_path: Path, groups: str, mounts: str, files: dict[str, str]) -> None:
    """What is mounted at the top is the group of the container."""
    top = "/" if "night" not in groups else "/class/night"
    assert quota(machine(tmp_path, groups, mounts.format(top=top), files)) == 2.0


def test_another_groups_limit_is_none_of_ours(tmp_path: Path) -> None:
    files = version_1("", -1) | version_1("other", 50_000)
    assert quota(machine(tmp_path, GROUPS_1, MOUNTS_1.format(top="/"), files)) == math.inf


def test_this_process() -> None:
    assert 1 <= usable_cores() <= quota() + 1


@pytest.mark.skipif(
    not Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").exists(), reason="no groups of version 1"
)
def test_a_real_group() -> None:
    try:
        REAL.mkdir()
    except OSError:
        pytest.skip("no group can be made here")
    try:
        (REAL / "cpu.cfs_quota_us").write_text("60000")
        source = (
            f"open('{REAL}/cgroup.procs', 'w').write('0')\n"
            "from fairmark.sandbox.cores import quota, usable_cores\n"
            "print(quota(), usable_cores())"
        )
        done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    finally:
        REAL.rmdir()
    assert done.stdout == "0.6 1\n", done.stderr
