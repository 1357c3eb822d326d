"""The files of deploy/, as far as they can be checked without an engine of containers."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from fairmark.hub.configure import roles
from fairmark.hub.identity import hashed_id
from fairmark.hub.lti import LtiAuthenticator

ROOT = Path(__file__).resolve().parents[2]
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
    plain = ["LICENSE", "README.md", "fairmark", "pyproject.toml", "reference/weights.py"]
    assert sorted(allowed) == plain
    assert "*" in ignored.splitlines()


def test_images_share_the_layers_with_the_courses_libraries() -> None:
    """And a change of fairmark itself leaves these layers as they are."""
    heads = []
    for name in ("student", "grader"):
        text = (DEPLOY / name / "Dockerfile").read_text()
        head, mark, rest = text[text.index("FROM ") :].partition("# ---- The same lines end here.")
        assert mark
        assert "torch" in head and "COPY fairmark" not in head
        assert "COPY fairmark" in rest and "/src[course]" not in rest.partition("apt-get")[0]
        heads.append(head)
    assert heads[0] == heads[1]


def test_compose_file() -> None:
    path = DEPLOY / "compose" / "compose.yaml"
    program("check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)
    content = load(path)
    assert content["services"]["hub"]["ports"] == ["127.0.0.1:8000:8000"]
    for name, service in content["services"].items():
        for build in filter(None, [service.get("build")]):
            assert (ROOT / build["dockerfile"]).is_file(), name
    assert "networks" not in content["services"]["student"]


def test_graders_container_has_no_capability_and_a_filter() -> None:
    grader = load(DEPLOY / "compose" / "compose.yaml")["services"]["grader"]
    assert grader["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in grader["security_opt"]
    assert "seccomp=../grader/seccomp.json" in grader["security_opt"]
    assert "seccomp=unconfined" not in grader["security_opt"]
    profile = json.loads((DEPLOY / "grader" / "seccomp.json").read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    names = {name for rule in profile["syscalls"] for name in rule["names"]}
    assert not names & {"bpf", "setns", "kexec_load", "init_module", "io_uring_setup", "keyctl"}


def test_commands_in_the_graders_container_use_its_gradebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`docker compose exec` sees what stands in the environment, and nothing of the command."""
    grader = load(DEPLOY / "compose" / "compose.yaml")["services"]["grader"]
    assert grader["environment"]["FAIRMARK_GRADEBOOK_FILE"] == "/run/secrets/gradebook_database"
    monkeypatch.delenv("FAIRMARK_GRADEBOOK", raising=False)
    address = "postgresql://fairmark:password@database/gradebook"
    (tmp_path / "secret").write_text(address + "\n")
    monkeypatch.setenv("FAIRMARK_GRADEBOOK_FILE", str(tmp_path / "secret"))
    c = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    assert c.CourseDirectory.db_url == address


def test_hub_and_grader_agree_where_a_log_in_comes_back(hub_config: Config) -> None:
    """The hub answers a request with another address by 400."""
    compose = load(DEPLOY / "compose" / "compose.yaml")["services"]["grader"]["environment"]
    ours = {name: text.replace("${FAIRMARK_DOMAIN}", DOMAIN) for name, text in compose.items()}
    _check_addresses(ours, hub_config.JupyterHub.subdomain_host, hub_config.JupyterHub.services)
    containers = next(
        each["spec"]["template"]["spec"]["containers"]
        for each in yaml.safe_load_all((DEPLOY / "kubernetes" / "grading.yaml").read_text())
        if each["kind"] == "Deployment"
    )

    def own(text: str) -> str:
        return text.replace("COURSE.EXAMPLE.ORG", DOMAIN)

    theirs = {each["name"]: own(each.get("value", "")) for each in containers[0]["env"]}
    hub = load(DEPLOY / "kubernetes" / "values.yaml")["hub"]
    domain = own(hub["config"]["JupyterHub"]["subdomain_host"])
    services = [{"name": name} | service for name, service in hub["services"].items()]
    _check_addresses(theirs, domain, services)


def _check_addresses(
    environment: dict[str, str], subdomain_host: str, services: list[dict[str, Any]]
) -> None:
    """Compare with what JupyterHub makes of its settings."""
    from jupyterhub import orm
    from jupyterhub.app import JupyterHub

    hub = JupyterHub(subdomain_host=subdomain_host, db_url="sqlite:///:memory:")
    hub.init_db()
    hub.init_hub()
    hub.init_oauth()
    (spec,) = services
    spec = {key: value for key, value in spec.items() if key not in ("api_token", "apiToken")}
    service = hub.service_from_spec(spec | {"api_token": "0" * 32})
    clients = hub.db.query(orm.OAuthClient).filter_by(identifier=service.oauth_client_id)
    assert environment["JUPYTERHUB_OAUTH_CALLBACK_URL"] == clients.one().redirect_uri
    hub.db.close()
    assert environment["JUPYTERHUB_CLIENT_ID"] == service.oauth_client_id
    assert environment["JUPYTERHUB_SERVICE_PREFIX"] == service.prefix
    assert environment["JUPYTERHUB_HOST"] == subdomain_host


DOMAIN = "hub.example.org"


@pytest.fixture
def hub_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """What the hub of compose.yaml reads."""
    (tmp_path / "accounts").write_text('{"ada": "a", "ines": "b", "grader-pml-ws3": "c"}')
    (tmp_path / "grader_token").write_text("token\n")
    for name, value in {
        "FAIRMARK_SECRETS": str(tmp_path),
        "FAIRMARK_COURSE": "pml-ws3",
        "FAIRMARK_DOMAIN": DOMAIN,
        "FAIRMARK_INSTRUCTORS": "ines",
    }.items():
        monkeypatch.setenv(name, value)
    folder = str(DEPLOY / "compose")
    return PyFileConfigLoader("jupyterhub_config.py", path=folder).load_config()


def test_compose_hub(hub_config: Config) -> None:
    c = hub_config
    assert c.Authenticator.allowed_users == {"ada", "ines"}  # never the grader
    module, _, name = c.JupyterHub.spawner_class.partition(".")
    ada = SimpleNamespace(name="ada")
    names = runpy.run_path(str(DEPLOY / "compose" / f"{module}.py"))
    spawner = names[name](config=c, user=ada)
    assert spawner.use_internal_ip is True
    assert spawner.cpu_limit == 1.0
    assert spawner.mem_limit == 2 * 2**30
    assert spawner.http_timeout >= 120 and spawner.start_timeout >= 120
    number = hashed_id("ada")  # and a group of the same number: without one, Docker takes root's
    assert spawner.extra_create_kwargs(spawner) == {"user": f"{number}:{number}"}


def test_compose_hub_by_a_platform(
    hub_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = {
        "issuer": "https://lms.example.edu",
        "client_id": "1",
        "login_url": "https://lms.example.edu/auth",
        "keys_url": "https://lms.example.edu/keys",
        "context": "7",
        "student": "email",
    }
    (tmp_path / "accounts").write_text(json.dumps({"lti": platform}))
    folder = str(DEPLOY / "compose")
    c = PyFileConfigLoader("jupyterhub_config.py", path=folder).load_config()
    assert c.JupyterHub.authenticator_class is LtiAuthenticator
    made = LtiAuthenticator(config=c)
    assert (made.issuer, made.client_id) == ("https://lms.example.edu", {"1"})
    assert (made.student, made.course_id, made.context) == ("email", "pml-ws3", "7")
    assert made.allow_all and not made.allow_existing_users
    assert c.JupyterHub.load_groups["nbgrader-pml-ws3"]["users"] == []


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests(path: Path) -> None:
    program("kubernetes-validate", "--strict", path)


@pytest.fixture
def values() -> Any:
    return load(DEPLOY / "kubernetes" / "values.yaml")


@pytest.fixture
def chosen(values: Any) -> Config:
    """The hub's settings as the chart makes them, with an instructor's own in all places."""
    c = Config()
    for section, settings in values["hub"]["config"].items():
        c[section].update(settings)
    c.JupyterHub.subdomain_host = "https://hub.uni.example"
    c.JupyterHub.authenticator_class = "generic-oauth"
    c.JupyterHub.load_groups = {"formgrade-pml-ws3": {"users": ["grader-pml-ws3", "ines"]}}
    c.Authenticator.allowed_users = ["ada", "ines"]
    c.JupyterHub.services = [
        {"name": "jupyterhub-idle-culler", "command": ["cull"]},
        {"name": "pml-ws3", "url": "http://grader:8888", "api_token": "3f" * 16},
    ]
    return c


def extra_config(values: Any, c: Config) -> None:
    """Run what the chart runs last, in its order."""
    for _, code in sorted(values["hub"]["extraConfig"].items()):
        exec(compile(code, "extraConfig", "exec"), {"c": c})


def test_values_as_they_are_let_nobody_in(values: Any) -> None:
    """The chart's default is that anybody gets in under any name, the instructor's too."""
    from jupyterhub.app import JupyterHub

    given = values["hub"]["config"]["JupyterHub"]["authenticator_class"]
    with pytest.raises(TraitError):
        JupyterHub(authenticator_class=given).authenticator_class  # noqa: B018 - read late
    c = Config()
    for section, settings in values["hub"]["config"].items():
        c[section].update(settings)
    with pytest.raises(SystemExit, match="no log-in is named"):
        extra_config(values, c)


@pytest.mark.parametrize(
    "log_in", [None, "dummy", "jupyterhub.auth.DummyAuthenticator", "AUTHENTICATOR"]
)
def test_hub_does_not_start_without_a_log_in(
    log_in: str | None, values: Any, chosen: Config
) -> None:
    extra_config(values, chosen)
    if log_in is None:
        del chosen.JupyterHub["authenticator_class"]
    else:
        chosen.JupyterHub.authenticator_class = log_in
    with pytest.raises(SystemExit, match="no log-in is named"):
        extra_config(values, chosen)


@pytest.mark.parametrize(
    "left", ["https://COURSE.EXAMPLE.ORG", "INSTRUCTOR", "STUDENT-1", "LONG-RANDOM-TOKEN"]
)
def test_hub_does_not_start_with_what_stands_in_capitals(
    left: str, values: Any, chosen: Config
) -> None:
    if left.startswith("https"):
        chosen.JupyterHub.subdomain_host = left
    elif left.endswith("TOKEN"):
        chosen.JupyterHub.services[1]["api_token"] = left
    elif left == "INSTRUCTOR":
        chosen.JupyterHub.load_groups["formgrade-pml-ws3"]["users"].append(left)
    else:
        chosen.Authenticator.allowed_users = [left]
    with pytest.raises(SystemExit, match=f"in place of {left}"):
        extra_config(values, chosen)


def test_helm_values(values: Any, chosen: Config) -> None:
    from kubespawner import KubeSpawner

    c = chosen
    extra_config(values, c)
    student = SimpleNamespace(user=SimpleNamespace(name="ada"))
    for name in ("uid", "gid", "fs_gid"):
        assert name in KubeSpawner.class_trait_names()
        assert c.KubeSpawner[name](student) == hashed_id("ada")
    assert values["singleuser"]["uid"] is values["singleuser"]["fsGid"] is None
    assert c.Spawner.http_timeout >= 120
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
    """With no capability, no way to more, and nothing that bubblewrap cannot do with."""
    documents = {each["kind"]: each for each in yaml.safe_load_all(MANIFESTS[1].read_text())}
    pod = documents["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["hostUsers"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "Unconfined"}
    assert pod["securityContext"]["appArmorProfile"] == {"type": "Unconfined"}
    assert container["securityContext"] == {
        "procMount": "Unmasked",
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "--workers" not in str(container["args"])  # they follow the limit
    assert [each["mountPath"] for each in container["volumeMounts"]] == ["/home/grader/course"]
    text = MANIFESTS[0].read_text()
    assert "ReadWriteMany" in text and "postgres" in text


def test_what_leads_to_the_grader(values: Any) -> None:
    """The chart lets the hub and its proxy out to private addresses, until somebody forbids it."""
    to_grader = {"podSelector": {"matchLabels": {"app": "fairmark", "component": "grader"}}}
    for policy in (values["hub"]["networkPolicy"], values["proxy"]["chp"]["networkPolicy"]):
        assert policy["egress"] == [{"to": [to_grader], "ports": [{"port": 8888}]}]


def test_the_start_of_the_grader() -> None:
    subprocess.run(["bash", "-n", DEPLOY / "grader" / "start.sh"], check=True)


def test_the_students_image_has_what_its_extension_imports() -> None:
    """It has nbgrader, but not what else only instructors need."""
    missing = ["black", "cosmic_ray", "latex2mathml", "msgpack", "nh3", "typer"]
    code = f"import sys; sys.modules.update(dict.fromkeys({missing}))\n"
    call = [sys.executable, "-c", f"{code}import fairmark.hub.desk.student"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
