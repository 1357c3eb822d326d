"""The entry point ``fairmark``: runs the command line, and tells of its errors in one line."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn

from fairmark.cli.talk import heard, say
from fairmark.errors import FairmarkError
from fairmark.serve.client import run_by_server
from fairmark.startup import do_without_uris

DEBUG = "FAIRMARK_DEBUG"
"""The environment variable that asks for tracebacks."""


def run() -> NoReturn:
    """Run the command line as a program of its own, or have a server run it."""
    code = run_by_server(sys.argv[1:], say)
    if code is None:
        code = _run_here()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)  # taking torch apart, which a grader may have imported, would take a second


def _run_here() -> int:
    # Imports make many objects and no garbage: look for it less often.
    gc.set_threshold(100_000, 50, 50)
    do_without_uris()
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    try:
        from fairmark.cli import app, common
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "fairmark":
            raise
        say(f"{error.name} is missing: install fairmark with its extra 'instructor'")
        return 1
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack a letter of someone's name
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries' warnings are not for the user
    try:
        # typer returns the exit code, also where it caught a KeyboardInterrupt.
        with heard(say):
            code = app.app(arguments, standalone_mode=False)
        sys.stdout.flush()
    except FairmarkError as error:
        for line in error.lines:
            say(line)
        is_wrong_call = isinstance(error, common.WrongCall)
        return common.WRONG_CALL if is_wrong_call else common.NOT_GRADED
    except BrokenPipeError:
        # Python flushes stdout once more when it ends; that must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return common.NOT_GRADED
    except KeyboardInterrupt:
        code = common.INTERRUPTED
    except Exception as error:
        return _tell(error)
    if code == common.INTERRUPTED:
        say("interrupted; what was recorded until now stays")
    return code if isinstance(code, int) else common.GRADED


def _tell(error: Exception) -> int:
    """Print one line about an error that no command expects; return the exit code."""
    if hasattr(error, "format_message"):  # typer's own: an unknown option, a missing argument, ...
        if message := error.format_message():
            asked = getattr(getattr(error, "ctx", None), "command_path", "fairmark")
            say(f"{message.rstrip('.')} (see {asked} --help)")
        return 2
    if os.environ.get(DEBUG):
        traceback.print_exc()
        return 1
    say(f"{type(error).__name__}: {error} ({DEBUG}=1 shows where)")
    return 1


if __name__ == "__main__":
    run()
