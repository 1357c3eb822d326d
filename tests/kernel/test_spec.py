"""The kernelspec as Jupyter reads it."""

import json
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec

from fairmark.kernel import spec


def test_is_installed_below_a_prefix(tmp_path: Path) -> None:
    folder = spec.install(prefix=str(tmp_path), preload=["torch"], limits={"cpu_seconds": 9})
    assert folder == tmp_path / "share" / "jupyter" / "kernels" / "fairmark"
    found = KernelSpec.from_resource_dir(str(folder))
    assert found.interrupt_mode == "message"
    assert found.language == "python"
    assert found.metadata["kernel_provisioner"] == {
        "provisioner_name": "fairmark-sandbox",
        "config": {"preload": ["torch"], "limits": {"cpu_seconds": 9}},
    }


def test_leaves_open_what_is_not_said(tmp_path: Path) -> None:
    folder = spec.install(prefix=str(tmp_path))
    content = json.loads((folder / "kernel.json").read_text())
    assert content["metadata"]["kernel_provisioner"]["config"] == {}


def test_runs_nothing_without_the_provisioner() -> None:
    program = spec.kernelspec()["argv"][0]
    assert "python" not in program
