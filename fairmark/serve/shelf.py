"""The sealed warm processes that a server keeps ready, each for one command."""

from __future__ import annotations

import json
import select
import shutil
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from fairmark.errors import FairmarkError
from fairmark.sandbox import DEFAULT_MODE, CellRequest, make_sandbox
from fairmark.sandbox.ready import Keepable, Wanted
from fairmark.serve import place
from fairmark.wire.errors import ExchangeError

_SECONDS = 20.0
_LIST = "files.json"
_LIST_FILES = f"""
import json, sys
found = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
with open({_LIST!r}, "w") as file:
    json.dump([path for path in found if isinstance(path, str)], file)
"""


@dataclass
class _Held:
    wanted: Wanted
    sandbox: Keepable
    ready: bool = False


class Shelf:
    """Makes what commands have wanted last ready again, for ``most`` of them.

    A warm process never runs student code itself. It is given away once, and another takes its
    place when the command has ended, so no two commands have one in common.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._wanted: list[Wanted] = []
        self._held: dict[int, _Held] = {}
        self._number = 0
        self._gone: list[Keepable] = []
        self._bubblewrap = shutil.which("bwrap")

    @property
    def ready(self) -> int:
        """How many are ready."""
        return sum(held.ready for held in self._held.values())

    @property
    def is_full(self) -> bool:
        """Whether nothing is left to be made ready."""
        return self.ready == len(self._wanted)

    def want(self, text: str) -> None:
        """Note what was wanted last; what was wanted before others may be forgotten."""
        wanted = Wanted.from_json(text)
        if wanted.mode != DEFAULT_MODE:
            return  # it is made of an account, which is no server's to keep
        self._wanted = [wanted, *(one for one in self._wanted if one != wanted)][: self._most]

    def find(self, text: str) -> int | None:
        """Return the number of a ready one that is just what is wanted."""
        wanted = Wanted.from_json(text)
        for number, held in self._held.items():
            if held.wanted == wanted and held.ready and held.sandbox.is_alive():
                return number
        return None

    def give(self, number: int) -> tuple[int, int]:
        """Return the descriptors that are to be sent to the new owner; then call :meth:`given`."""
        return self._held[number].sandbox.descriptors()

    def given(self, number: int) -> None:
        """Let go of one: nobody else gets it."""
        sandbox = self._held.pop(number).sandbox
        sandbox.leave()
        self._gone.append(sandbox)

    def fill(self) -> list[str]:
        """Take one step towards having all that was wanted; return the files of what got ready."""
        for number, held in list(self._held.items()):
            if held.wanted not in self._wanted or not held.sandbox.is_alive():
                self._held.pop(number).sandbox.close()
            elif not held.ready:
                return self._finish(number, held)
        for wanted in self._wanted:
            if all(held.wanted != wanted for held in self._held.values()):
                self._start(wanted)
                break
        return []

    def sweep(self) -> bool:
        """Clear up behind those whose commands have ended; say whether there are others."""
        for sandbox in [one for one in self._gone if not one.is_alive()]:
            sandbox.close()
            self._gone.remove(sandbox)
        return bool(self._gone)

    def leave(self) -> None:
        """In a process that is forked for a command: let go of all, until one is asked for."""
        for held in self._held.values():
            held.sandbox.leave()

    def take(self, line: socket.socket, wanted: Wanted) -> Keepable | None:
        """In that process: ask the server for a ready one."""
        same = shutil.which("bwrap") == self._bubblewrap
        place.send(line, {"want": wanted.as_json(), "give": same})
        answer, descriptors = place.receive(line, 2)
        number = answer.get("number") if isinstance(answer, dict) else None
        if number is None:
            return None
        sandbox = self._held[number].sandbox
        sandbox.take_over(*descriptors)
        return sandbox

    def close(self) -> None:
        """End all that nobody has been given."""
        for held in self._held.values():
            held.sandbox.close()
        self._held.clear()

    def _start(self, wanted: Wanted) -> None:
        try:
            sandbox = make_sandbox(wanted.preload, wanted.limits, wanted.mode, wanted.visible)
            assert isinstance(sandbox, Keepable)
            sandbox.start()
        except FairmarkError:  # a command that wants it will say why
            self._wanted.remove(wanted)
            return
        self._number += 1
        self._held[self._number] = _Held(wanted, sandbox)

    def _finish(self, number: int, held: _Held) -> list[str]:
        """See whether one is ready by now; return the files that it has loaded."""
        if not select.select([held.sandbox.descriptors()[0]], [], [], 0)[0]:
            return []
        try:
            held.sandbox.wait_ready()
            files = _loaded_by(held.sandbox)
        except (FairmarkError, ExchangeError):
            self._wanted.remove(held.wanted)
            self._held.pop(number).sandbox.close()
            return []
        held.ready = True
        return [path for path in files if path.startswith("/")]


def _loaded_by(sandbox: Keepable) -> Iterable[str]:
    """Return the files of the modules that the warm process has loaded.

    Code of fairmark's own asks it, in a process like a submission's.
    """
    process = sandbox.launch()
    try:
        request = CellRequest(_LIST_FILES, owner="instructor")
        process.run_cell(request, lambda _output: None, _SECONDS)
        listed = process.collect_files().get(_LIST)
    finally:
        process.close()
    if listed is None:
        raise FairmarkError("the warm process does not say what it has loaded")
    found: list[str] = json.loads(listed)
    return found
