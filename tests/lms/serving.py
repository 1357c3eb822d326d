"""What the tests of learning platforms share: servers on this machine, and marks to send."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fairmark.course.course import Course
from fairmark.record.database import open_gradebook


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve for as long as the block runs, at the address that is yielded."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def give_marks(course: Course, scores: Mapping[str, float]) -> None:
    """Write students' scores of the tiny assignment into the gradebook."""
    with open_gradebook(course) as gradebook:
        for student, score in scores.items():
            gradebook.update_or_create_submission("tiny", student)
            grade = gradebook.find_grade("all", "tiny", "tiny", student)
            grade.auto_score, grade.needs_manual_grade = score, False
            gradebook.db.commit()
