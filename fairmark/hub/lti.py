"""Log-in to a hub by the learning platform: LTI 1.3, by way of jupyterhub-ltiauthenticator.

Who comes is who the platform says, by a signed message; the same rule makes the gradebook's ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyterhub import orm
from ltiauthenticator.lti13.auth import LTI13Authenticator
from ltiauthenticator.lti13.error import LoginError
from ltiauthenticator.lti13.handlers import LTI13CallbackHandler, LTI13LoginInitHandler
from traitlets import Unicode

from fairmark.course.lti import LtiSettings, is_learner, is_teacher, student_id
from fairmark.errors import FairmarkError

_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
_SERVICES = {
    "memberships_url": (
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
        "context_memberships_url",
    ),
    "lineitems_url": ("https://purl.imsglobal.org/spec/lti-ags/claim/endpoint", "lineitems"),
}


class _BeginHandler(LTI13LoginInitHandler):  # type: ignore[misc]
    """Begins a log-in. Its cookies come back with a form that another site sends."""

    def _set_oauth_cookie(self, key: str, value: str) -> None:
        is_https = self.authenticator.get_uri_scheme(self.request) == "https"
        more = {"samesite": "None", "secure": True} if is_https else {}
        self._set_cookie(key, value, expires_days=1, httponly=True, encrypted=True, **more)


class _EndHandler(LTI13CallbackHandler):  # type: ignore[misc]
    """Ends a log-in: students become members of the course, teachers grade."""

    async def login_user(self, data: dict[str, Any] | None = None) -> Any:
        user = await super().login_user(data)
        if user is not None and data is not None:
            self.authenticator.sort_in(self.db, user.orm_user, data)
        return user


class LtiAuthenticator(LTI13Authenticator):  # type: ignore[misc]
    """Lets in students and teachers of one course, under the gradebook's ids."""

    login_handler = _BeginHandler
    callback_handler = _EndHandler
    student = Unicode("sub", config=True, help="Which claim the id is made of.")
    course_id = Unicode(config=True, help="The course, as its groups are called.")
    context = Unicode(config=True, help="The course, as the platform calls it.")

    def get_username(self, token: Mapping[str, Any]) -> str:
        """Return the id of who comes; raise LoginError for a stranger to the course.

        A platform has many courses, each with teachers of its own, and one tool may be in all.
        """
        context = token.get(f"{_CLAIM}context")
        place = context.get("id") if isinstance(context, Mapping) else None
        if not self.context or place != self.context:
            self.log.warning("c.Fairmark.lti: a log-in came from the context %r", place)
            raise LoginError("You come from another course than the one of this hub.")
        roles = token.get(f"{_CLAIM}roles")
        if not (is_learner(roles) or is_teacher(roles)):
            raise LoginError("The platform says that you neither take part nor teach here.")
        try:
            return student_id(token, self.student)
        except FairmarkError as error:
            raise LoginError(f"Your account cannot be used here: {error}") from None

    def sort_in(self, db: Any, user: Any, token: Mapping[str, Any]) -> None:
        """Put somebody into the groups of the role that the platform tells now, and no others.

        A teacher's launch also tells where roster and columns are: the log gets it.
        """
        teaches = is_teacher(token.get(f"{_CLAIM}roles"))
        wanted = {f"formgrade-{self.course_id}": teaches, f"nbgrader-{self.course_id}": not teaches}
        for name, is_member in wanted.items():
            group = orm.Group.find(db, name)
            if is_member and user not in group.users:
                group.users.append(user)
            elif not is_member and user in group.users:
                group.users.remove(user)
        db.commit()
        if teaches:
            for setting, (claim, key) in _SERVICES.items():
                service = token.get(claim)
                if isinstance(service, Mapping) and service.get(key):
                    self.log.info("c.Fairmark.lti: %s is %r", setting, str(service[key]))


def use_lti(c: Any, settings: LtiSettings, course_id: str) -> None:
    """Configure a hub's log-in. Whoever the platform sends from this course may come in."""
    c.JupyterHub.authenticator_class = LtiAuthenticator
    c.LtiAuthenticator.issuer = settings.issuer
    c.LtiAuthenticator.client_id = {settings.client_id}
    c.LtiAuthenticator.authorize_url = settings.login_url
    c.LtiAuthenticator.jwks_endpoint = settings.keys_url
    c.LtiAuthenticator.student = settings.student
    c.LtiAuthenticator.course_id = course_id
    c.LtiAuthenticator.context = settings.context
    c.LtiAuthenticator.tool_name = course_id
    c.Authenticator.allowed_users = set()
    c.Authenticator.allow_all = True
    c.Authenticator.auto_login = False


LOGIN_SETTINGS = ("login_url", "keys_url", "context")
"""What a log-in needs, beside issuer and client_id."""
