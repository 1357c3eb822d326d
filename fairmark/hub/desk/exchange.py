"""nbgrader's exchange as a student uses it: each call gives a value, or one sentence and a log."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory

from fairmark.errors import FairmarkError


class ExchangeFault(FairmarkError):
    """The exchange has refused; ``log`` is all that it said."""

    def __init__(self, sentence: str, log: str) -> None:
        super().__init__(sentence)
        self.log = log


class StudentExchange:
    """The exchange of whoever this server belongs to. Assignments are fetched to ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()  # calls come from threads, and nbgrader's share files

    @property
    def root(self) -> Path:
        """The exchange's own folder."""
        return Path(ExchangeFactory(config=self._config()).List(config=self._config()).root)

    def released(self) -> list[dict[str, Any]]:
        """Return nbgrader's list of what is released or fetched, in all the student's courses."""
        found: list[dict[str, Any]] = self._call("List")[1]
        return found

    def handed_in(self) -> list[dict[str, Any]]:
        """Return nbgrader's list of what was handed in, by assignment, oldest first in each."""
        found: list[dict[str, Any]] = self._call("List", cached=True)[1]
        return found

    def fetch(self, course: str, assignment: str) -> None:
        """Fetch an assignment."""
        self._call("FetchAssignment", course, assignment)

    def fetch_feedback(self, course: str, assignment: str) -> None:
        """Fetch the feedback on all that was handed in."""
        self._call("FetchFeedback", course, assignment)

    def hand_in(self, course: str, assignment: str) -> Path:
        """Hand in; return the student's own copy of what was handed in."""
        part, _ = self._call("Submit", course, assignment)
        student = part.assignment_filename.partition("+")[0]
        return Path(part.cache_path, f"{student}+{assignment}+{part.timestamp}")

    def _config(self) -> Any:
        """What nbgrader's own commands would read here, anew for each call."""
        app = NbGrader()
        app.load_config_file()
        config = app.config
        if "assignment_dir" not in config.Exchange:
            config.Exchange.assignment_dir = str(self.folder)
        return config

    def _call(
        self, part: str, course: str = "", assignment: str = "", *, cached: bool = False
    ) -> tuple[Any, Any]:
        log = _Log()
        with self._lock:
            try:
                config = self._config()
                config.CourseDirectory.course_id = course
                config.CourseDirectory.assignment_id = assignment
                if cached:
                    config.ExchangeList.cached = True
                acting = getattr(ExchangeFactory(config=config), part)(
                    coursedir=CourseDirectory(config=config),
                    authenticator=Authenticator(config=config),
                    config=config,
                    log=log.logger,
                )
                return acting, acting.start()
            except (ExchangeError, OSError, RuntimeError) as error:
                raise ExchangeFault(_sentence(part, error), log.text or str(error)) from None


def _sentence(part: str, error: Exception) -> str:
    if part == "FetchAssignment" and "already have a copy" in str(error):
        return "You have a copy already; to get a fresh one, rename its folder and fetch again."
    what = {
        "List": "The list of assignments cannot be read.",
        "FetchAssignment": "The assignment could not be fetched.",
        "FetchFeedback": "The feedback could not be fetched.",
        "Submit": "It was not handed in.",
    }
    return what[part]


class _Log:
    """All that nbgrader says during one call."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.logger = logging.Logger("fairmark.exchange", logging.INFO)
        handler = logging.Handler()
        handler.emit = lambda record: self._lines.append(record.getMessage())  # type: ignore[method-assign]
        self.logger.addHandler(handler)

    @property
    def text(self) -> str:
        return "\n".join(self._lines)
