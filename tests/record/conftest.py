"""A tiny course with this repository's configuration of nbgrader."""

from tests.nbgrader.conftest import _end_the_warm_sandbox, _nbgrader_may_warn, course, tiny

__all__ = ["_end_the_warm_sandbox", "_nbgrader_may_warn", "course", "tiny"]
