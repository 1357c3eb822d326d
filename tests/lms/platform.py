"""A platform of LTI 1.3 for tests: lti1p3platform, served over HTTP on this machine.

The library checks keys, tokens and scopes, and makes and signs the messages; what it leaves to whom
builds on it is here: pages have a Link header, and people, columns and marks are kept.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from jwcrypto.jwk import JWK
from lti1p3platform.exceptions import LineItemNotFoundException, LtiException
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.response import Response
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import (
    AssignmentsGradesService,
    NamesRoleProvisioningService,
)

from tests.lms.serving import serving

CLIENT = "fairmark-client"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TEACHER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
_A_PAGE = 2
Fault = Callable[[str, str], "tuple[int, str] | None"]


def new_key() -> JWK:
    return JWK.generate(kty="RSA", size=2048)


def pem(key: JWK, *, private: bool = True) -> str:
    text: bytes = key.export_to_pem(private_key=private, password=None)
    return text.decode()


def member(user_id: str, name: str, role: str = LEARNER, **more: Any) -> dict[str, Any]:
    """A person of the roster."""
    first, _, last = name.partition(" ")
    return {
        "user_id": user_id,
        "name": name,
        "given_name": first,
        "family_name": last,
        "roles": [role],
        "status": "Active",
        **more,
    }


@dataclass
class Lms:
    """What the platform knows, and what it was asked."""

    members: list[dict[str, Any]]
    tool_key: JWK
    key: JWK = field(default_factory=new_key)
    url: str = ""
    hub: str = ""
    """Where the tool's log-in is."""
    context: str = "course-1"
    """Of which course its page is."""
    items: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By column and user."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    scores: list[tuple[str, float]] = field(default_factory=list)
    """User and points of each mark that was entered."""
    revoked: set[str] = field(default_factory=set)
    tokens: list[str] = field(default_factory=list)
    fault: Fault = lambda method, path: None
    """What it answers in place of the truth, or None; (0, "") breaks the connection."""
    links: Callable[[str], str] = lambda url: url
    """What it makes of the address of the next page."""

    def config(self) -> LTI1P3PlatformConfAbstract:
        """Return the library's view of it."""
        return _Config(lms=self)

    def settings(self) -> dict[str, str]:
        """Return what the tool has to know."""
        return {
            "issuer": self.url,
            "client_id": CLIENT,
            "token_url": f"{self.url}/token",
            "memberships_url": f"{self.url}/members",
            "lineitems_url": f"{self.url}/lineitems",
            "login_url": f"{self.url}/auth",
            "keys_url": f"{self.url}/keys",
            "context": "course-1",
        }

    def marks(self, label: str) -> dict[str, float]:
        """Return the marks of a column, by user."""
        (item,) = [item for item in self.items if item["label"] == label]
        return {u: r["resultScore"] for u, r in self.results.get(item["id"], {}).items()}


class _Config(LTI1P3PlatformConfAbstract):  # type: ignore[misc]
    def init_platform_config(self, lms: Lms) -> None:
        self.lms = lms
        tool = Registration.get_jwk(pem(lms.tool_key, private=False))
        self._registration = (
            Registration()
            .set_iss(lms.url)
            .set_client_id(CLIENT)
            .set_deployment_id("1")
            .set_oidc_login_url(f"{lms.hub}/hub/lti13/oauth_login")
            .set_launch_url(f"{lms.hub}/hub")
            .set_platform_public_key(pem(lms.key, private=False))
            .set_platform_private_key(pem(lms.key))
            .set_tool_key_set({"keys": [tool]})
        )

    def get_registration_by_params(self, **options: Any) -> Registration:
        return self._registration


class _Request(Request):  # type: ignore[misc]
    def build_metadata(self, request: Any) -> Any:
        return request


class _Members(NamesRoleProvisioningService):  # type: ignore[misc]
    def get_context_by_id(self) -> Context:
        return Context("1", "NN", "Neural networks")

    def get_member_data_page(self, page: int = 1, limit: int = _A_PAGE, **options: Any) -> Any:
        everybody = self.platform_config.lms.members
        some = everybody[(page - 1) * limit : page * limit]
        return {"content": [dict(one) for one in some], "has_next": page * limit < len(everybody)}


class _Marks(AssignmentsGradesService):  # type: ignore[misc]
    @property
    def lms(self) -> Lms:
        found: Lms = self.platform_config.lms
        return found

    def find_lineitems(self, page: int = 1, limit: int = _A_PAGE, **options: Any) -> Any:
        some = self.lms.items[(page - 1) * limit : page * limit]
        return {"content": some, "has_next": page * limit < len(self.lms.items)}

    def find_lineitem(self, line_item_id: str) -> Any:
        for item in self.lms.items:
            if item["id"].endswith(f"/{line_item_id}"):
                return item
        raise LineItemNotFoundException

    def create_lineitem(self, creation_data: Any) -> Any:
        item = {**creation_data, "id": f"{self.lms.url}/lineitems/{len(self.lms.items) + 1}"}
        self.lms.items.append(item)
        return item

    def update_lineitem(self, update_data: Any) -> Any:
        raise NotImplementedError

    def delete_lineitem(self, line_item_id: str) -> None:
        raise NotImplementedError

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        item = self.find_lineitem(line_item_id)
        rows = self.lms.results.setdefault(item["id"], {})
        user = score["userId"]
        if user in rows and rows[user]["timestamp"] >= score["timestamp"]:
            return UpdateScoreStatus.OLD_TIMESTAMP
        scale = item["scoreMaximum"] / score["scoreMaximum"]
        self.lms.scores.append((user, score["scoreGiven"]))
        rows[user] = {
            "userId": user,
            "resultScore": score["scoreGiven"] * scale,
            "resultMaximum": item["scoreMaximum"],
            "timestamp": score["timestamp"],
        }
        return UpdateScoreStatus.SUCCESS

    def get_results(
        self, line_item_id: str, page: int = 1, limit: int = _A_PAGE, **options: Any
    ) -> Any:
        rows = list(self.lms.results.get(self.find_lineitem(line_item_id)["id"], {}).values())
        some = rows[(page - 1) * limit : page * limit]
        return {"content": some, "has_next": page * limit < len(rows)}


class _Login(OIDCLoginAbstract):  # type: ignore[misc]
    def set_lti_message_hint(self, **options: Any) -> None:
        self._lti_message_hint = "link-1"

    def get_redirect(self, url: str) -> str:
        return url


class _Launch(LTIAdvantageMessageLaunchAbstract):  # type: ignore[misc]
    def prepare_launch(self, preflight_response: Any) -> None:
        lms = self._platform_config.lms
        hint = preflight_response["login_hint"]
        (person,) = [one for one in lms.members if one["user_id"] == hint]
        self.set_user_data(hint, person["roles"], person["name"], person.get("email"))
        self.set_resource_link_claim("link-1")
        self.set_launch_context_claim(
            lms.context, context_title="Neural networks", context_label="NN"
        )
        settings = lms.settings()
        self.set_nrps(settings["memberships_url"])
        self.set_ags(settings["lineitems_url"])

    def render_launch_form(self, launch_data: Any, **options: Any) -> str:
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(launch_data[name])}">'
            for name in ("id_token", "state")
        )
        where = html.escape(launch_data["launch_url"])
        return (
            f'<form method="post" action="{where}">{fields}</form>'
            "<script>document.forms[0].submit()</script>"
        )


@contextmanager
def serve(lms: Lms) -> Iterator[Lms]:
    """Serve for as long as the block runs."""

    class Handler(_Handler):
        pass

    Handler.lms = lms
    with serving(Handler) as lms.url:
        yield lms


class _Handler(BaseHTTPRequestHandler):
    lms: Lms

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer("GET", "")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._answer("POST", self.rfile.read(length).decode())

    def _answer(self, method: str, body: str) -> None:
        parts = urlsplit(self.path)
        self.lms.asked.append((method, parts.path))
        if (fault := self.lms.fault(method, parts.path)) is not None:
            status, text = fault
            if status:
                self._send(status, text)
            else:
                self.connection.close()
            return
        query = dict(parse_qsl(parts.query))
        if pages := _PAGES.get(parts.path):
            pages(self, query)
        elif parts.path == "/token":
            self._token(dict(parse_qsl(body)))
        else:
            numbers = {k: int(v) if v.isdigit() else v for k, v in query.items()}
            self._service(method, parts.path, numbers, body)

    def _token(self, form: dict[str, str]) -> None:
        try:
            found = self.lms.config().get_access_token(form)
            while found["access_token"] in self.lms.tokens:  # of this second
                time.sleep(0.1)
                found = self.lms.config().get_access_token(form)
        except (LtiException, jwt.PyJWTError) as error:
            self._send(400, json.dumps({"error": "invalid_client", "told": str(error)}))
            return
        self.lms.tokens.append(found["access_token"])
        self._send(200, json.dumps(found))

    def _service(self, method: str, path: str, query: dict[str, Any], body: str) -> None:
        if self.headers.get("Authorization", "").rpartition(" ")[2] in self.lms.revoked:
            self._send(401, json.dumps({"error": "the token has expired"}))
            return
        request = _Request(
            {
                "method": method,
                "form_data": {},
                "get_data": query,
                "headers": self.headers,
                "content_type": self.headers.get("Content-Type"),
                "path": path,
                "json": json.loads(body) if body else None,
            }
        )
        try:
            response = self._found(request, path, query)
        except jwt.PyJWTError as error:
            self._send(401, json.dumps({"error": str(error)}))
            return
        result, headers = response.result, {"Content-Type": response.media_type}
        if isinstance(result, dict) and (following := result.pop("next", None)):
            headers["Link"] = f'<{self.lms.links(following)}>; rel="next"'
        if isinstance(result, dict) and "content" in result:
            result = result["content"]
        self._send(response.code, json.dumps(result) if result is not None else "", headers)

    def _found(self, request: Request, path: str, query: dict[str, Any]) -> Response:
        config, url = self.lms.config(), self.lms.url
        if path == "/members":
            query.setdefault("limit", _A_PAGE)
            members = _Members(request, config, f"{url}/members")
            return members.handle_resp(members.handle_get_members)
        parts = re.fullmatch(r"/lineitems(?:/(\d+)(?:/(results|scores))?)?", path)
        if parts is None:
            return Response(None, 404, "Not found")
        item, kind = parts.groups()
        marks = _Marks(request, config, f"{url}/lineitems", f"{url}/lineitems/{item}")
        if item is None:
            is_new = request.method == "POST"
            handle = marks.handle_create_lineitem if is_new else marks.handle_get_lineitems
            return marks.handle_resp(handle)
        handle = marks.handle_update_score if kind == "scores" else marks.handle_get_results
        return marks.handle_resp(handle, line_item_id=item)

    def _people(self, query: dict[str, str]) -> None:
        """The page where somebody logs in to the platform, and opens the course's tool."""
        links = "".join(
            f'<li><a href="/open?user={one["user_id"]}">{html.escape(one["name"])}</a></li>'
            for one in self.lms.members
        )
        rows = "".join(
            f"<tr><td>{user}</td><td>{row['resultScore']:g}</td></tr>"
            for results in self.lms.results.values()
            for user, row in results.items()
        )
        self._send_page(f"<h1>A platform</h1><ul>{links}</ul><table>{rows}</table>")

    def _open(self, query: dict[str, str]) -> None:
        login = _Login(None, self.lms.config())
        login.set_lti_message_hint()
        self.send_response(302)
        self.send_header("Location", login.initiate_login(query["user"]))
        self.end_headers()

    def _auth(self, query: dict[str, str]) -> None:
        request = _Request({"get_data": query, "form_data": {}, "method": "GET"})
        self._send_page(_Launch(request, self.lms.config()).lti_launch())

    def _keys(self, query: dict[str, str]) -> None:
        self._send(200, json.dumps(self.lms.config().get_jwks()))

    def _send_page(self, text: str) -> None:
        self._send(200, f"<!doctype html>{text}", {"Content-Type": "text/html; charset=utf-8"})

    def _send(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


_PAGES: dict[str, Callable[[_Handler, dict[str, str]], None]] = {
    "/": _Handler._people,
    "/open": _Handler._open,
    "/auth": _Handler._auth,
    "/keys": _Handler._keys,
}
