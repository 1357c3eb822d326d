"""The files of deploy/, as far as they can be checked without Docker and Kubernetes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from fairmark.hub.configure import roles
from fairmark.hub.identity import hashed_id
from tests.hub.conftest import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILES = sorted(DEPLOY.glob("*/*Dockerfile"))
MANIFESTS = [DEPLOY / "kubernetes" / "shared.yaml", DEPLOY / "kubernetes" / "grading.yaml"]


def program(name: str, *arguments: object) -> None:
    path = Path(sys.executable).parent / name
    call = [str(path), *map(str, arguments)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_dockerfiles(path: Path) -> None:
    program("hadolint", "--failure-threshold", "error", path)
    ignored = path.with_name(f"{path.name}.dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    for line in path.read_text().replace("\\\n", " ").splitlines():
        if line.startswith("COPY"):
            for name in line.split()[1:-1]:
                assert name in allowed or any(name.startswith(f"{each}/") for each in allowed)
                assert (ROOT / name).exists()


def test_nothing_secret_reaches_a_students_image() -> None:
    ignored = (DEPLOY / "student" / "Dockerfile.dockerignore").read_text()
    allowed = [line[1:] for line in ignored.splitlines() if line.startswith("!")]
    assert sorted(allowed) == ["LICENSE", "README.md", "fairmark", "pyproject.toml"]
    assert "*" in ignored.splitlines()


def test_compose_file() -> None:
    path = DEPLOY / "compose" / "compose.yaml"
    program("check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)
    content = load(path)
    assert content["services"]["hub"]["ports"] == ["127.0.0.1:8000:8000"]
    for name, service in content["services"].items():
        for build in filter(None, [service.get("build")]):
            assert (ROOT / build["dockerfile"]).is_file(), name
    assert "grading" not in load(path)["services"]["student"].get("networks", [])


def test_compose_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "accounts").write_text('{"ada": "a", "ines": "b", "grader-pml-ws3": "c"}')
    (tmp_path / "grader_token").write_text("token\n")
    for name, value in {
        "FAIRMARK_SECRETS": str(tmp_path),
        "FAIRMARK_COURSE": "pml-ws3",
        "FAIRMARK_DOMAIN": "hub.example.org",
        "FAIRMARK_INSTRUCTORS": "ines",
    }.items():
        monkeypatch.setenv(name, value)
    folder = str(DEPLOY / "compose")
    c = PyFileConfigLoader("jupyterhub_config.py", path=folder).load_config()
    assert c.Authenticator.allowed_users == {"ada", "ines"}  # never the grader
    from dockerspawner import DockerSpawner

    ada = SimpleNamespace(name="ada")
    spawner = DockerSpawner(config=c, user=ada)
    assert spawner.cpu_limit == 1.0
    assert spawner.mem_limit == 2 * 2**30
    assert spawner.extra_create_kwargs(spawner) == {"user": str(hashed_id("ada"))}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests(path: Path) -> None:
    program("kubernetes-validate", "--strict", path)


def test_helm_values() -> None:
    values = load(DEPLOY / "kubernetes" / "values.yaml")
    from kubespawner import KubeSpawner

    c = Config()
    for code in values["hub"]["extraConfig"].values():
        exec(compile(code, "extraConfig", "exec"), {"c": c})
    assert "KubeSpawner" in c and "uid" in KubeSpawner.class_trait_names()
    student = SimpleNamespace(user=SimpleNamespace(name="ada"))
    assert c.KubeSpawner.uid(student) == hashed_id("ada")
    instructor = SimpleNamespace(groups=[SimpleNamespace(name="formgrade-pml-ws3")])
    page = c.JupyterHub.default_url
    assert page(SimpleNamespace(current_user=instructor)).endswith("/services/pml-ws3/")
    assert page(SimpleNamespace(current_user=None)) == ""
    written = {
        name: {key: sorted(value) for key, value in role.items()}
        for name, role in values["hub"]["loadRoles"].items()
    }
    ours = {
        role["name"]: {key: sorted(value) for key, value in role.items() if key != "name"}
        for role in roles("pml-ws3", "grader-pml-ws3")
    }
    assert written == ours
    assert values["singleuser"]["memory"]["limit"]
    assert values["singleuser"]["cpu"]["limit"]


def test_grading_is_a_workload_of_its_own() -> None:
    kinds = [each["kind"] for each in yaml.safe_load_all(MANIFESTS[1].read_text())]
    assert "CronJob" in kinds
    text = MANIFESTS[0].read_text()
    assert "ReadWriteMany" in text and "postgres" in text


def test_the_start_of_the_grader() -> None:
    subprocess.run(["bash", "-n", DEPLOY / "grader" / "start.sh"], check=True)


def test_the_students_image_has_what_its_extension_imports() -> None:
    """It has nbgrader, but not what else only instructors need."""
    missing = ["black", "cosmic_ray", "latex2mathml", "msgpack", "nh3", "typer"]
    code = f"import sys; sys.modules.update(dict.fromkeys({missing}))\n"
    call = [sys.executable, "-c", f"{code}import fairmark.hub.desk.student"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
