"""Where a class is graded: on this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Protocol, Self

from fairmark.batch.pool import FailedTask
from fairmark.course.course import Assignment
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook


class Backend(Protocol):
    """Grades submitted notebooks; a context manager, which lets go of what it holds."""

    warnings: list[str]
    """What is wrong with the modules that are imported for all, once grading has begun."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *error: object) -> None:
        """End all that it has started."""

    def warm_up(self, assignments: Iterable[Assignment]) -> None:
        """Get ready for notebooks of these assignments; raise FairmarkError."""

    def grade(
        self, handins: Sequence[SubmittedNotebook], fingerprints: Mapping[SubmittedNotebook, str]
    ) -> Generator[tuple[int, Report | FailedTask]]:
        """Yield the reports of these notebooks, with their places, as they are done.

        ``fingerprints`` tell what each of them is graded by. What was lost is tried once more.
        Close the iterator to end early. Raises FairmarkError when nothing can be graded.
        """
