"""What the engine needs of a sandbox, whatever seals it.

A sandbox hands out processes, one for each submission. A process runs the cells of a notebook, and
is forked for each question. What talks with the student's code in it is :mod:`fairmark.guest`, by
the messages of :mod:`fairmark.wire`. Another kind of sandbox is a class with these methods and a
line in :mod:`fairmark.sandbox.registry`.

What is lost while a process is talked to raises ExchangeError: ChannelClosed where it has ended,
ChannelTimeout where it does not answer, WireError where its answer is malformed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from fairmark.sandbox.countdown import Countdown
    from fairmark.sandbox.exit_status import ExitStatus
    from fairmark.sandbox.limits import Limits
    from fairmark.sandbox.visible import SharedFile
    from fairmark.wire.channel import Channel, Deadline


Owner = Literal["answer", "stub", "student", "check", "instructor"]
"""Whose a cell is: an answer, the stub of one, another cell of the student's, a check of the
instructor's, or another cell of his."""


@dataclass(frozen=True)
class Asked:
    """An exercise, and the names that an answer to it has to define."""

    answer: str
    """The grade_id of its cell."""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellRequest:
    """A cell that is to be run."""

    source: str
    owner: Owner = "student"
    answer: str | None = None
    """The exercise that it answers, or that it is the stub of."""
    defines: tuple[str, ...] = ()
    """The names that it binds at its top level, as far as can be read."""
    recover: bool = False
    """Whether it is run on behind a statement that fails."""
    restore: tuple[Asked, ...] = ()
    """Whose names are to be as their own cells left them before it is run."""


def _ignore(index: int, count: int) -> None:
    """Take no notice."""


class Fork(Protocol):
    """A copy of a student's process that answers the judge's calls."""

    @property
    def channel(self) -> Channel:
        """Where the copy is asked, and answers. Closing it leaves the copy to its origin."""

    def countdown(self, seconds: float) -> Countdown:
        """Return a deadline that comes when the copy has used this much time from now on.

        The time that it waits for a processor does not count.
        """

    def close(self, seconds: float = 0.0) -> ExitStatus | None:
        """End the copy and all that it started.

        Return how it ended, if it did so by itself or does within ``seconds``. An ExchangeError
        tells of a broken origin.
        """


class Runner(Protocol):
    """A process that runs cells."""

    def countdown(self, seconds: float) -> Countdown:
        """Return a deadline that comes when the process has used this much time from now on.

        The time that it waits for a processor does not count.
        """

    def run_cell(
        self,
        cell: CellRequest,
        on_output: Callable[[Any], None],
        seconds: float | Deadline,
        on_statement: Callable[[int, int], None] = _ignore,
    ) -> dict[str, Any]:
        """Run one cell, and return what the process says of it; raise ExchangeError.

        ``on_output`` gets each output as undecoded data: it comes from the student's process.
        ``on_statement`` is told, before each statement is run, which one of how many it is.
        ``seconds`` are the process's own, as a :meth:`countdown` has them.
        """

    def wait(self, seconds: float) -> ExitStatus | None:
        """Wait for the process to end by itself; return how it did, None when it has not.

        A copy of a process is of no more use then.
        """

    def close(self) -> ExitStatus | None:
        """Kill the process and its descendants; return how it ended, if anybody can tell."""


class Process(Runner, Protocol):
    """One student's process: runs cells, and is forked for the judge's calls."""

    def send_files(self, files: Mapping[str, bytes | SharedFile]) -> None:
        """Put files into the work folder; raise ExchangeError.

        A shared file can be read there, and not be changed. Files that do not fit there are left
        out; a shared one that the sandbox does not have, and that does not fit, raises
        FairmarkError.
        """

    def collect_files(self) -> dict[str, bytes]:
        """Return the files in the work folder, by relative name; raise ExchangeError."""

    def fork(self, *answers: Asked) -> Fork:
        """Return a copy of the process, as the cells of these answers have left it.

        Raises ExchangeError.
        """

    def branch(self) -> Runner:
        """Return a copy of the process that runs cells, as this one would go on.

        There is one copy at a time. What it changes in the work folder is put back when it ends, as
        far as files are small. Raises ExchangeError.
        """

    def start_kernel(self, info: Mapping[str, Any], listening: Sequence[socket.socket]) -> None:
        """Make the process a Jupyter kernel; its clients connect to the ``listening`` sockets.

        Raises ExchangeError, and FairmarkError when no kernel can start in it.
        """

    def kill(self) -> None:
        """Kill the process and all its descendants, without waiting for their end."""


class Sandbox(Protocol):
    """Where students' processes come from; a context manager, or to be started and closed.

    Processes that were forked from the one that started it may call :meth:`launch` too.
    """

    @property
    def mode(self) -> str:
        """The name that the sandbox is asked for by."""

    @property
    def limits(self) -> Limits:
        """What a submission may use, unless :meth:`launch` is told otherwise."""

    @property
    def warnings(self) -> list[str]:
        """What is wrong with the preload list, once the sandbox is ready."""

    def __enter__(self) -> Self:
        """Start it."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""

    def start(self) -> None:
        """Start it without waiting until it is ready; raise FairmarkError."""

    def wait_ready(self) -> None:
        """Wait until it is ready to launch; raise FairmarkError when it cannot start."""

    def launch(self, limits: Limits | None = None) -> Process:
        """Return a fresh student's process; ``limits`` replace the sandbox's own for it.

        Raises FairmarkError when the sandbox has ended.
        """

    def is_alive(self, seconds: float = 0.0) -> bool:
        """Whether it was started, and has not ended nor does within ``seconds``."""

    def refuse_visible(self, folder: Path) -> None:
        """Raise FairmarkError when student code could read a folder, in spite of the seal."""

    def close(self) -> None:
        """End it, and every process that it launched."""
