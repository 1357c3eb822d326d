"""The way of a test's requests to its question's fork, and what becomes of those that break it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Literal

from fairmark.grading.clock import Clock
from fairmark.grading.forks import ENDING_SECONDS, Forks
from fairmark.harness.proxy import Calls, ProcessDied, TimeLimitExceeded
from fairmark.sandbox import Fork, Limits
from fairmark.sandbox.countdown import Countdown
from fairmark.sandbox.exit_status import ExitStatus
from fairmark.wire.channel import ChannelClosed, ChannelTimeout
from fairmark.wire.codec import WireError


@dataclass(frozen=True)
class Breakdown:
    """What a question's calls have done to its process."""

    status: Literal["timeout", "killed"]
    """What the last of them did."""
    reason: str
    """Which limit the first of them hit, or how it ended the process, in one sentence."""
    from_outside: bool = False
    """Whether somebody else may have ended the process, once at least."""
    crowded: bool = False
    """Whether a call ran out of time that had to wait for other work of the machine."""

    @classmethod
    def by_exit(
        cls, exit_status: ExitStatus | None, limits: Limits, *, hidden: bool = False
    ) -> Breakdown:
        """A call has ended the process, or closed its channel where there is no exit status.

        Of a ``hidden`` test no number is told that the student's code has chosen: it could be one
        of the test's own.
        """
        if exit_status is None:
            return cls("killed", "Your code cut its process off from the one that grades.")
        reason = f"Your code {exit_status.words(limits, exactly=not hidden)}."
        return cls("killed", reason, exit_status.is_from_outside(limits))

    def after(self, earlier: Breakdown | None) -> Breakdown:
        """This one as the question's next: the reason is the first one's, which caused the rest."""
        if earlier is None:
            return self
        return replace(
            self,
            reason=earlier.reason,
            from_outside=earlier.from_outside or self.from_outside,
            crowded=earlier.crowded or self.crowded,
        )


class ForkTransport:
    """Carries one test's requests to the question's fork of the student's process.

    ``broken`` is where the breakdowns of questions are noted, which students read.
    """

    def __init__(
        self,
        question: str,
        forks: Forks,
        clock: Clock,
        limits: Limits,
        broken: dict[str, Breakdown],
        *,
        hidden: bool = False,
    ) -> None:
        self._question = question
        self._forks = forks
        self._clock = clock
        self._limits = limits
        self._broken = broken
        self._hidden = hidden
        self._ended: Exception | None = None

    def exchange(self, request: dict[str, Any], calls: Calls) -> dict[str, Any]:
        """Return the reply; raise TimeLimitExceeded, ProcessDied or WireError, then always."""
        if self._ended is not None:
            raise self._ended
        seconds = self._clock.seconds_left(self._question)
        countdown = None
        try:
            if seconds <= 0:
                raise ChannelTimeout
            fork = self._forks.get(self._question)
            countdown = fork.countdown(seconds)
            return self._talk(fork, request, calls, countdown)
        except ChannelTimeout:
            if countdown is not None:
                self._count(countdown)
            reason = self._clock.limit_hit(seconds)
            crowded = self._clock.is_crowded(self._question)
            self._note(Breakdown("timeout", reason, crowded=crowded))
            self._ended = TimeLimitExceeded(
                reason
                if seconds > 0
                else "The tests before this one used up the time of this question."
            )
        except ChannelClosed:
            ended = self._forks.end(ENDING_SECONDS)
            breakdown = Breakdown.by_exit(ended, self._limits, hidden=self._hidden)
            self._note(breakdown)
            self._ended = ProcessDied(breakdown.reason)
        except WireError as error:
            self._ended = error
        except MemoryError:  # in the middle of a message, perhaps
            self._ended = WireError("it takes more memory than an answer may")
        finally:
            if countdown is not None:
                self._count(countdown)
        self._forks.end()
        raise self._ended

    def _talk(
        self, fork: Fork, request: dict[str, Any], calls: Calls, countdown: Countdown
    ) -> dict[str, Any]:
        """Send a request and return the reply; on the way, the student's code may call functions.

        What these take is the judge's time, and counted apart; their own requests are counted by
        themselves.
        """
        fork.channel.send(request, seconds=countdown)
        while "call" in (reply := fork.channel.receive(countdown)):
            self._count(countdown)
            started = time.thread_time()
            with countdown.paused():
                answer = calls(reply["call"], reply.get("args"), reply.get("kwargs"))
            if not self._clock.count_function(self._question, time.thread_time() - started):
                raise ChannelTimeout
            fork.channel.send(answer, seconds=countdown)
        return reply

    def _count(self, countdown: Countdown) -> None:
        self._clock.count(self._question, *countdown.take())

    def _note(self, breakdown: Breakdown) -> None:
        self._broken[self._question] = breakdown.after(self._broken.get(self._question))
