"""How long an answer takes, by its own processor: what is kept must not hang on the machine's load.

Asked is the process that runs the answer, as a clock on the wall would count what others do, too.
"""

from __future__ import annotations

from fairmark.draft.results import Failure
from fairmark.harness.proxy import Submission

_CLOCK = """
import time

def seconds():
    return time.process_time()
"""
_PATIENCE = 2.0


def seconds_used(submission: Submission) -> float:
    """Return the processor seconds that an answer's process has used; raise Failure without one."""
    return float(submission.define(_CLOCK)["seconds"]())


def patience(submission: Submission) -> float:
    """Return how many seconds a call of a mutant may take, and its calls together twice as many.

    The process has been asked for the right answer to everything, several times: a mutant that is
    slower than that would not end.
    """
    try:
        return max(_PATIENCE, seconds_used(submission) / 2)
    except Failure:  # what was tried last has ended the process
        return _PATIENCE
