"""A student's process that may use a GPU, and its copies: forks, or processes in their place.

CUDA does not survive a fork. A copy of a process that has opened the GPU is therefore a fresh one,
in which the same cells are run anew; of a process that has not, it is a fork, as always. What tells
is the supervisor, which sees the process from outside: nothing is asked of student code. Whoever
opens the GPU for nothing makes only its own cells run again.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fairmark.errors import FairmarkError
from fairmark.sandbox.countdown import Countdown
from fairmark.sandbox.exit_status import ExitStatus
from fairmark.sandbox.limits import Limits
from fairmark.sandbox.process import ZygoteProcess
from fairmark.sandbox.protocols import Asked, CellRequest, Fork, Runner
from fairmark.sandbox.visible import SharedFile
from fairmark.wire.channel import Channel, ChannelClosed, ChannelTimeout, Deadline
from fairmark.wire.errors import ExchangeError

_ENDING_SECONDS = 1.0


class RerunProcess:
    """A process whose copies can use the GPU as it did.

    ``launch`` makes processes like it; ``ended`` is called when it is closed.
    """

    def __init__(
        self, launch: Callable[[], ZygoteProcess], limits: Limits, ended: Callable[[], None]
    ) -> None:
        self._launch = launch
        self._limits = limits
        self._ended = ended
        self._process = launch()
        self._files: dict[str, bytes | SharedFile] = {}
        self._cells: list[CellRequest] = []
        self._copy: ZygoteProcess | None = None
        self._left = limits.rerun_seconds
        self._cpu_seconds = 0.0

    def countdown(self, seconds: float) -> Countdown:
        """Return a deadline that comes when the process has used this much time from now on."""
        return self._process.countdown(seconds)

    def send_files(self, files: Mapping[str, bytes | SharedFile]) -> None:
        """Put files into the work folder."""
        self._process.send_files(files)
        self._files |= files

    def collect_files(self) -> dict[str, bytes]:
        """Return the files in the work folder."""
        return self._process.collect_files()

    def run_cell(
        self,
        cell: CellRequest,
        on_output: Callable[[Any], None],
        seconds: float | Deadline,
        on_statement: Callable[[int, int], None] = lambda index, count: None,
    ) -> dict[str, Any]:
        """Run one cell in time; it is run again in copies."""
        self._cells.append(cell)
        return self._process.run_cell(cell, on_output, seconds, on_statement)

    def fork(self, *answers: Asked) -> Fork:
        """Return a copy of the process, as the cells of these answers have left it.

        A copy in which the cells cannot be run again ends at once, and says why.
        """
        self._end_copy()
        if not self._process.has_gpu():
            return self._process.fork(*answers)
        copy = self._fresh()
        try:
            limit = self._run_again(copy)
            if not limit:
                return _RerunFork(copy, copy.become(*answers))
        except ChannelClosed:
            return _BrokenFork(copy, copy.wait(_ENDING_SECONDS))
        except ExchangeError:
            limit = "rerun"
        return _BrokenFork(copy, ExitStatus(limit=limit))

    def branch(self) -> Runner:
        """Return a copy of the process that runs cells, as this one would go on.

        Raises ChannelTimeout where there is no time to run the cells again.
        """
        self._end_copy()
        if not self._process.has_gpu():
            return self._process.branch()
        copy = self._fresh()
        if self._run_again(copy):
            raise ChannelTimeout("the cells could not be run again in time")
        return copy

    def start_kernel(self, info: Mapping[str, Any], listening: Sequence[socket.socket]) -> None:
        """Make the process a Jupyter kernel."""
        self._process.start_kernel(info, listening)

    def wait(self, seconds: float) -> ExitStatus | None:
        """Wait for the process to end by itself; return how it did, None when it lives on."""
        return self._process.wait(seconds)

    def kill(self) -> None:
        """Kill the process and all its descendants, and its copy, without waiting for the end."""
        self._process.kill()
        if self._copy is not None:
            self._copy.kill()

    def close(self) -> ExitStatus | None:
        """Kill them; return how the process ended, with the processor time of its copies."""
        self._end_copy()
        ended = self._process.close()
        self._ended()
        if ended is None:
            return None
        return replace(ended, cpu_seconds=ended.cpu_seconds + self._cpu_seconds)

    def _fresh(self) -> ZygoteProcess:
        """Return a new process with the same files.

        Where the sandbox has none to give, it is as if this one had ended: whoever then makes it
        anew is told why.
        """
        try:
            copy = self._copy = self._launch()
            copy.send_files(self._files)
        except FairmarkError as error:
            raise ChannelClosed from error
        return copy

    def _run_again(self, copy: ZygoteProcess) -> str:
        """Run in a fresh process what has been run in this one; return which limit ended that.

        A cell has twice its time: one that has ended just in time may take a little longer now.
        Raises ExchangeError where a cell does not end as it did.
        """
        most = 2 * self._limits.cell_seconds
        for cell in self._cells:
            limit = "rerun" if self._left < most else "rerun cell"
            if self._left <= 0:
                return limit
            countdown = copy.countdown(min(most, self._left))
            try:
                copy.run_cell(cell, lambda output: None, countdown)
            except ChannelTimeout:
                return limit
            finally:
                self._left -= countdown.used()
        return ""

    def _end_copy(self) -> None:
        if self._copy is not None:
            ended = self._copy.close()
            self._cpu_seconds += ended.cpu_seconds if ended else 0.0
            self._copy = None


class _RerunFork:
    """A fresh process that answers the judge's calls in the place of a fork."""

    def __init__(self, process: ZygoteProcess, channel: Channel) -> None:
        self.channel = channel
        self._process = process

    def countdown(self, seconds: float) -> Countdown:
        """Return a deadline that comes when the copy has used this much time from now on."""
        return self._process.countdown(seconds)

    def close(self, seconds: float = 0.0) -> ExitStatus | None:
        """End it; return how it did so by itself, if it does within ``seconds``."""
        self.channel.close()
        ended = self._process.wait(seconds)
        self._process.kill()
        return ended


class _BrokenFork:
    """A copy that never came to answer, and why."""

    def __init__(self, process: ZygoteProcess, ended: ExitStatus | None) -> None:
        ours, theirs = socket.socketpair()
        theirs.close()
        self.channel = Channel(ours)
        self._process = process
        self._ended = ended

    def countdown(self, seconds: float) -> Countdown:
        """Return a deadline; nothing will be answered before it."""
        return self._process.countdown(seconds)

    def close(self, seconds: float = 0.0) -> ExitStatus | None:
        """End it; return why it did not come to answer."""
        self.channel.close()
        self._process.kill()
        return self._ended
