"""The instructor's side of a Dask cluster: it gives out submissions and takes in reports."""

from __future__ import annotations

import contextlib
import json
import logging
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import fairmark
from fairmark.batch.dask.handin import digest_of, pack_folder
from fairmark.batch.dask.packing import unpack
from fairmark.batch.dask.worker import ask, release, version
from fairmark.batch.pool import FailedTask
from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.grading.grade import unreadable
from fairmark.harness.report import Report
from fairmark.intake.handins import SubmittedNotebook, fingerprint_base
from fairmark.notebook import NotebookError
from fairmark.sandbox import DEFAULT_MODE

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT_SECONDS = 10
_LOOK_SECONDS = 0.05
_LEAST_GIVEN_OUT = 16
_MISSING = "Dask is missing: install fairmark with its extra 'dask'"


class NoAddress(FairmarkError):
    """The address is none that a scheduler can have."""


class DaskBackend:
    """Grades on a Dask cluster, to whose workers the course and the hand-ins travel.

    To be used as a context manager. ``on_wait`` is called now and then while the workers work.
    Raises NoAddress, and FairmarkError when Dask is missing or no scheduler answers.
    """

    def __init__(
        self,
        course: Course,
        address: str,
        *,
        mode: str = DEFAULT_MODE,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self._course = course
        self._address = address
        self._mode = mode
        self._on_wait = on_wait
        self._settings = ""
        self._parcel = ""
        self._bases: dict[str, str] = {}
        self._client = _connect(address)
        self.warnings: list[str] = []
        """What is wrong with the preload list of the workers' sandboxes."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with _unless_lost():
            if self._settings:
                self._client.run(release, self._settings, on_error="ignore")
            if self._parcel:
                self._client.unregister_worker_plugin(self._parcel)
        with _unless_lost():
            self._client.close(timeout=_CONNECT_SECONDS)

    def warm_up(self, assignments: Iterable[Assignment]) -> None:
        """Send the course, and start the workers' sandboxes for these assignments.

        Raises FairmarkError when there is no worker, or one cannot grade or has other files.
        """
        from fairmark.batch.dask.parcel import CourseParcel

        assignments = list(assignments)
        with self._explained():
            versions = self._client.run(version, on_error="return")
        if not versions:
            raise FairmarkError(f"the Dask cluster at {self._address} has no worker")
        for worker, found in versions.items():
            if problem := _wrong_version(found):
                raise FairmarkError(f"the Dask worker {worker} {problem}")
        parcel = CourseParcel(self._course, assignments)
        run = uuid.uuid4().hex  # what a process has loaded may be old in the next run
        settings = {
            "run": run,
            "course": parcel.digest,
            "assignments": [assignment.label for assignment in assignments],
            "sandbox": self._mode,
        }
        self._settings = json.dumps(settings)
        with self._explained():
            self._client.register_plugin(parcel, name=(name := f"fairmark-{run}"))
            self._parcel = name
            answers = self._client.run(ask, "survey", self._settings, on_error="return")
        bases = {assignment.label: fingerprint_base(assignment) for assignment in assignments}
        self._bases = bases
        for worker, answer in answers.items():
            if problem := _problem(answer, bases):
                raise FairmarkError(f"the Dask worker {worker} {problem}")

    def grade(
        self, handins: Sequence[SubmittedNotebook], fingerprints: Mapping[SubmittedNotebook, str]
    ) -> Generator[tuple[int, Report | FailedTask]]:
        """Yield the reports of these submissions, with their places, as they are done.

        A submission that lost its worker or its sandbox is tried once more. Close the iterator to
        end early. Raises FairmarkError when the cluster is lost, or a worker cannot grade at all.
        """
        with self._explained():
            workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        for assignment in dict.fromkeys(handin.assignment for handin in handins):
            _require(assignment, [worker["resources"] for worker in workers])
        todo = list(range(len(handins)))
        for attempt in (1, 2):
            lost: list[int] = []
            chosen = {task: handins[task] for task in todo}
            with contextlib.closing(self._attempt(chosen, fingerprints)) as results:
                for task, result in results:
                    if attempt == 1 and isinstance(result, FailedTask) and result.died:
                        lost.append(task)
                    else:
                        yield task, result
            todo = lost

    def _attempt(
        self,
        handins: Mapping[int, SubmittedNotebook],
        fingerprints: Mapping[SubmittedNotebook, str],
    ) -> Generator[tuple[int, Report | FailedTask]]:
        """Give them out a few at a time: the hand-ins of a large class have no room at once."""
        from distributed import as_completed

        with self._explained():
            most = max(_LEAST_GIVEN_OUT, 2 * sum(self._client.nthreads().values()))
        left: dict[Future[str], int] = {}
        waiting = iter(handins.items())
        is_over = False
        try:
            done = as_completed([], loop=self._client.loop)
            while left or not is_over:
                while len(left) < most and not is_over:
                    if (one := next(waiting, None)) is None:
                        is_over = True
                        break
                    task, handin = one
                    request = self._request(handin, fingerprints)
                    if isinstance(request, str):
                        with self._explained():
                            future = self._client.submit(
                                ask,
                                "grade",
                                self._settings,
                                request,
                                pure=False,
                                resources=handin.assignment.dask_resources or None,
                            )
                        left[future] = task
                        done.add(future)
                    else:
                        yield task, request
                ready = done.next_batch(block=False) if left else []
                for future in ready:
                    yield left.pop(future), self._result(future)
                    future.release()  # the cluster need not keep it
                if not ready:
                    if self._on_wait is not None:
                        self._on_wait()
                    time.sleep(_LOOK_SECONDS)
        finally:
            with _unless_lost():
                if left:
                    self._client.cancel(list(left), force=True)

    def _request(
        self, handin: SubmittedNotebook, fingerprints: Mapping[SubmittedNotebook, str]
    ) -> str | Report | FailedTask:
        """What a worker is asked; what comes of a hand-in that cannot travel."""
        try:
            handin.read()
        except NotebookError as error:  # a link, say, which is not to be followed here or there
            return unreadable(str(error), handin.assignment, handin.name)
        try:
            entries = pack_folder(handin.folder)
        except (FairmarkError, OSError) as error:
            return FailedTask(str(error))
        label = handin.assignment.label
        if handin.fingerprint(self._bases[label]) != fingerprints[handin]:
            return FailedTask(f"{handin.folder} changed just now: grade again")
        request = {
            "student": handin.student,
            "assignment": label,
            "folder": handin.folder.name,
            "name": handin.name,
            "entries": entries,
            "digest": digest_of(entries),
        }
        return json.dumps(request)

    def _result(self, future: Future[str]) -> Report | FailedTask:
        from distributed import KilledWorker

        if future.cancelled():
            raise FairmarkError(f"the connection to the Dask cluster at {self._address} was lost")
        error = future.exception()
        if isinstance(error, KilledWorker):
            return FailedTask("the Dask workers that graded it have died")
        if error is not None:
            return FailedTask(f"its Dask worker failed: {type(error).__name__}: {error}")
        answer = json.loads(future.result())
        if "fatal" in answer:
            raise FairmarkError(f"a Dask worker cannot grade: {answer['fatal']}")
        if "failed" in answer:
            return FailedTask(answer["failed"], answer["died"])
        self.warnings = sorted({*self.warnings, *answer["warnings"]})
        return unpack(answer)

    @contextlib.contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except (OSError, TimeoutError) as error:
            raise FairmarkError(f"the Dask cluster at {self._address} failed: {error}") from None


def _require(assignment: Assignment, workers: Sequence[Mapping[str, float]]) -> None:
    """Raise FairmarkError where no worker has the labels of an assignment: Dask would wait."""
    wanted = assignment.dask_resources
    if any(all(has.get(label, 0) >= n for label, n in wanted.items()) for has in workers):
        return
    words = " ".join(f"{label}={number:g}" for label, number in wanted.items())
    raise FairmarkError(
        f"no Dask worker has what {assignment.label} needs: start one with "
        f'`dask worker … --resources "{words}"`'
    )


def _connect(address: str) -> Client:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise FairmarkError(_MISSING) from None
    # It tells of every lost worker and connection in many lines; what matters is said by us.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, name="fairmark")
    except ValueError as error:
        raise NoAddress(f"{address!r} is no address of a Dask scheduler: {error}") from None
    except (OSError, TimeoutError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FairmarkError(f"no Dask scheduler answers at {address}: {reason}") from None


def _unless_lost() -> contextlib.AbstractContextManager[None]:
    """Ignore the errors of talking to a cluster that is gone."""
    from distributed import CancelledError
    from distributed.comm.core import CommClosedError

    return contextlib.suppress(OSError, TimeoutError, CancelledError, CommClosedError)


def _wrong_version(found: Any) -> str:
    """Why a worker with this version of fairmark, or this error, cannot grade; empty if it can."""
    if isinstance(found, (ImportError, AttributeError)):
        return f"has no fairmark {fairmark.__version__} to grade with: {found}"
    if isinstance(found, BaseException):
        return f"failed: {type(found).__name__}: {found}"
    if found != fairmark.__version__:
        return f"has fairmark {found}, and this is {fairmark.__version__}"
    return ""


def _problem(answer: Any, bases: Mapping[str, str]) -> str:
    """Why a worker cannot grade, by what it has answered; empty where it can."""
    if isinstance(answer, BaseException):
        return f"failed: {type(answer).__name__}: {answer}"
    found = json.loads(answer)
    if reason := found.get("fatal") or found.get("failed"):
        return f"cannot grade: {reason}"
    other = [label for label, base in bases.items() if found["bases"].get(label) != base]
    if not other:
        return ""
    return (
        f"sees other files of {other[0]}: what lies outside of the course's folder, and the "
        "folders of c.Fairmark.data, have to be the same on all machines"
    )
