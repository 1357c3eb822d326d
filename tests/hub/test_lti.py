"""The round trip by LTI 1.3 in a browser: a platform's page, the hub, and the mark there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fairmark.cli.main import main
from fairmark.course.course import Course
from fairmark.record.database import open_gradebook
from tests.hub.people import SLOW
from tests.hub.running import RunningHub
from tests.lms.platform import TEACHER, Lms, member, new_key, pem, serve
from tests.tiny import make_course

# nbgrader's own, where it adds a submission
pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


class Class:
    """The platform, the hub, and a course that both know."""

    def __init__(self, lms: Lms, hub: RunningHub, course: Course, browser: Browser) -> None:
        self.lms, self.hub, self.course, self.browser = lms, hub, course, browser

    def come(self, name: str) -> Page:
        """Open the platform's page in a browser of one's own, and then the course's tool."""
        page = self.browser.new_context().new_page()
        # To the browser another site than the hub's, as a real platform is.
        page.goto(self.lms.url.replace("127.0.0.1", "localhost"))
        page.get_by_role("link", name=name).click()
        return page

    def members(self, group: str) -> set[str]:
        """Who is in a group of the hub."""
        with sqlite3.connect(self.hub.folder / "hub" / "jupyterhub.sqlite") as database:
            rows: Any = database.execute(
                "select users.name from users, groups, user_group_map where users.id = user_id "
                "and groups.id = group_id and groups.name = ?",
                (group,),
            )
            return {name for (name,) in rows}


@pytest.fixture(scope="module")
def room(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    folder = tmp_path_factory.mktemp("lti")
    course = make_course(folder / "course")
    members = [
        member("u-1", "Ada Lovelace", email="ada@x.org", lis_person_sourcedid="ada"),
        member("t-1", "Tina Teacher", TEACHER),
        member("v-1", "Vera Visitor", "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"),
        member("grader-tiny", "Eve Evil"),
    ]
    with serve(Lms(members, new_key())) as lms:
        file = folder / "lti.pem"
        file.write_text(pem(lms.tool_key))
        file.chmod(0o600)
        settings = lms.settings() | {"key_file": str(file)}
        with (course.root / "nbgrader_config.py").open("a") as config:
            config.write(f"c.Fairmark.lti = {settings!r}\n")
        hub = RunningHub(course.root, folder / "state", "--lti")
        lms.hub = f"http://127.0.0.1:{hub.port}"
        with hub:
            yield Class(lms, hub, course, browser)


class TestRoundTrip:
    """In order; see the names."""

    def test_the_command_says_what_to_register(self, room: Class) -> None:
        printed = "".join(room.hub.printed)
        assert room.lms.url in printed and "/hub/lti13/oauth_callback" in printed
        assert "PRIVATE" not in (room.hub.folder / "hub" / "hub.json").read_text()

    def test_a_student_comes_from_the_platform_into_the_hub(self, room: Class) -> None:
        page = room.come("Ada Lovelace")
        page.locator("main#main h1").first.wait_for(timeout=SLOW)
        assert "/user/u-1/" in page.url
        assert room.members("nbgrader-tiny") == {"u-1"}
        assert room.members("formgrade-tiny") == {"grader-tiny"}
        page.context.close()

    def test_a_teacher_grades_and_the_log_tells_where_the_services_are(self, room: Class) -> None:
        page = room.come("Tina Teacher")
        page.wait_for_url("**/services/tiny/**", timeout=SLOW)
        assert room.members("formgrade-tiny") == {"grader-tiny", "t-1"}
        assert f"c.Fairmark.lti: memberships_url is '{room.lms.url}/members'" in room.hub.log
        assert f"c.Fairmark.lti: lineitems_url is '{room.lms.url}/lineitems'" in room.hub.log
        page.context.close()

    def test_a_teacher_who_teaches_no_more_grades_no_more(self, room: Class) -> None:
        (tina,) = [one for one in room.lms.members if one["user_id"] == "t-1"]
        roles, tina["roles"] = tina["roles"], room.lms.members[0]["roles"]
        page = room.come("Tina Teacher")
        page.locator("main#main h1").first.wait_for(timeout=SLOW)
        assert room.members("formgrade-tiny") == {"grader-tiny"}
        tina["roles"] = roles
        page.context.close()

    @pytest.mark.parametrize(
        ("name", "told"),
        [("Vera Visitor", "neither take part nor teach"), ("Eve Evil", "cannot be a student's id")],
    )
    def test_strangers_and_who_takes_the_graders_name_stay_outside(
        self, room: Class, name: str, told: str
    ) -> None:
        page = room.come(name)
        expect(page.locator("body")).to_contain_text(told, timeout=SLOW)
        assert "/hub/lti13/oauth_callback" in page.url
        page.context.close()

    @pytest.mark.parametrize("name", ["Tina Teacher", "Ada Lovelace"])
    def test_who_comes_from_another_course_stays_outside(self, room: Class, name: str) -> None:
        groups = {group: room.members(group) for group in ("formgrade-tiny", "nbgrader-tiny")}
        room.lms.context = "course-2"
        page = room.come(name)
        expect(page.locator("body")).to_contain_text("from another course", timeout=SLOW)
        room.lms.context = "course-1"
        assert {group: room.members(group) for group in groups} == groups
        assert "came from the context 'course-2'" in room.hub.log
        page.context.close()

    def test_a_message_of_another_key_lets_nobody_in(self, room: Class) -> None:
        key = room.lms.key
        page = room.browser.new_context().new_page()
        page.goto(f"{room.lms.url}/keys")  # the hub will ask for these
        keys = page.inner_text("body")
        room.lms.fault = lambda method, path: (200, keys) if path == "/keys" else None
        room.lms.key = new_key()
        page.goto(room.lms.url)
        page.get_by_role("link", name="Ada Lovelace").click()
        page.wait_for_url("**/oauth_callback", timeout=SLOW)
        expect(page.locator("body")).to_contain_text("400", timeout=SLOW)
        room.lms.key, room.lms.fault = key, lambda method, path: None
        page.context.close()

    def test_the_roster_has_the_hubs_names_and_the_mark_arrives(self, room: Class) -> None:
        where = ["--course", str(room.course.root)]
        room.lms.members = [m for m in room.lms.members if m["user_id"] != "grader-tiny"]
        assert main(["roster", "--yes", *where]) == 0
        with open_gradebook(room.course) as gradebook:
            assert [student.id for student in gradebook.students] == ["u-1"]
            gradebook.add_assignment("tiny")
            gradebook.add_notebook("tiny", "tiny")
            gradebook.add_grade_cell("all", "tiny", "tiny", max_score=9, cell_type="code")
            gradebook.update_or_create_submission("tiny", "u-1")
            grade = gradebook.find_grade("all", "tiny", "tiny", "u-1")
            grade.auto_score, grade.needs_manual_grade = 7.5, False
            gradebook.db.commit()
        assert main(["export", "--to", "lti", "--push", "--yes", *where]) == 0
        page = room.browser.new_context().new_page()
        page.goto(room.lms.url)
        expect(page.locator("table")).to_have_text("u-17.5")
        page.context.close()
