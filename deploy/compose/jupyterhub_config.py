"""The hub of compose.yaml: one container for each student, under a number made of the name."""

import json
import os
from pathlib import Path

from fairmark.hub.configure import groups, roles, start_page, student_environment
from fairmark.hub.desk import HOME
from fairmark.hub.identity import hashed_id

c = get_config()  # noqa: F821 - given by JupyterHub

SECRETS = Path(os.environ.get("FAIRMARK_SECRETS", "/run/secrets"))
COURSE = os.environ["FAIRMARK_COURSE"]
DOMAIN = os.environ["FAIRMARK_DOMAIN"]
GRADER = f"grader-{COURSE}"
INSTRUCTORS = os.environ["FAIRMARK_INSTRUCTORS"].split()


def secret(name: str) -> str:
    """What stands in one of the files of compose.yaml's secrets."""
    return (SECRETS / name).read_text(encoding="utf-8").strip()


# Addresses. Each person's pages have an origin of their own below DOMAIN, so that no page of a
# student's can act in another's name: *.DOMAIN has to lead here too, with TLS in front.
c.JupyterHub.bind_url = "http://0.0.0.0:8000"
c.JupyterHub.hub_bind_url = "http://0.0.0.0:8081"
c.JupyterHub.hub_connect_url = "http://hub:8081"
c.JupyterHub.subdomain_host = f"https://{DOMAIN}"
c.JupyterHub.db_url = "sqlite:////srv/hub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/hub/cookie_secret"

# People: those of the file of passwords, or of the learning platform that it names in their place,
# {"lti": {"issuer": …}} (docs/lti.md). For another log-in of a university's, put its authenticator
# here (OAuth) and let Authenticator.allowed_users, or its groups, say who is in the course.
accounts = json.loads(secret("accounts"))
students = sorted(set(accounts) - set(INSTRUCTORS))
if isinstance(platform := accounts.get("lti"), dict):
    from fairmark.course.lti import LtiSettings
    from fairmark.hub.lti import LOGIN_SETTINGS, use_lti

    use_lti(c, LtiSettings.of(platform, "secrets/accounts.json", SECRETS, LOGIN_SETTINGS), COURSE)
    INSTRUCTORS, students = [], []  # the platform says who teaches, and who takes part
else:
    c.JupyterHub.authenticator_class = "fairmark.hub.authenticator.AccountsAuthenticator"
    c.AccountsAuthenticator.passwords = accounts
    c.Authenticator.allowed_users = set(accounts) - {GRADER}
c.Authenticator.allow_existing_users = False
members = groups(COURSE, GRADER, INSTRUCTORS)
members[f"nbgrader-{COURSE}"]["users"] = students
c.JupyterHub.load_groups = members
c.JupyterHub.load_roles = roles(COURSE, GRADER)

# Students' servers.
c.JupyterHub.spawner_class = "apart.ApartSpawner"
c.DockerSpawner.image = "fairmark-student"
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.environment = student_environment("/etc/fairmark")
c.DockerSpawner.default_url = HOME
# A full machine takes its time: when a lesson begins, everybody's server starts at once.
c.DockerSpawner.start_timeout = c.DockerSpawner.http_timeout = 180
c.DockerSpawner.volumes = {
    "fairmark-home-{username}": "/home/student",
    "fairmark-exchange": "/srv/nbgrader/exchange",
}
c.DockerSpawner.mem_limit = os.environ.get("FAIRMARK_STUDENT_MEMORY", "2G")
c.DockerSpawner.cpu_limit = float(os.environ.get("FAIRMARK_STUDENT_CPUS", "1"))
c.DockerSpawner.extra_host_config = {
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 512,
}


def as_owner(spawner):
    """Run as the number that the collector expects of this name, in a group of its own.

    Without a group Docker takes root's.
    """
    number = hashed_id(spawner.user.name)
    return {"user": f"{number}:{number}"}


c.DockerSpawner.extra_create_kwargs = as_owner

# The grader is a container of its own, which the hub does not start.
c.JupyterHub.services = [
    {
        "name": COURSE,
        "url": "http://grader:8888",
        "api_token": secret("grader_token"),
        "oauth_client_id": f"service-{COURSE}",
        "oauth_no_confirm": True,
        "display": True,
    }
]
c.JupyterHub.default_url = start_page(
    COURSE, f"https://{COURSE}--service.{DOMAIN}/services/{COURSE}/"
)
