"""The server: waits for commands, forks a process for each, and gets ready for the next."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fairmark.errors import FairmarkError
from fairmark.serve import command, place
from fairmark.serve.code import LoadedCode
from fairmark.serve.memory import memory_of
from fairmark.serve.shelf import Shelf
from fairmark.serve.terms import difference, own_terms, stranger

_PATIENCE = 2.0
_SWEEP_SECONDS = 0.2
_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_TO_GROUP = frozenset(
    {signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGSTOP, signal.SIGCONT}
)
"""The signals that a terminal sends to all of a command's processes."""


@dataclass(frozen=True)
class Settings:
    """What a server serves, and how."""

    course: str
    idle_seconds: float
    warm: int
    """How many sealed warm processes are kept."""


@dataclass
class _Running:
    pid: int
    pidfd: int
    line: socket.socket
    connection: socket.socket | None


class Server:
    """Serves one course's commands for one user.

    ``environment`` is that which it was started with. ``run`` runs a command line in a process that
    was forked for it. ``rehearse`` loads there what a first command will need, so that the server
    can import what of it is installed.
    """

    def __init__(
        self,
        settings: Settings,
        environment: dict[str, str],
        run: Callable[[Sequence[str]], int],
        rehearse: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._run = run
        self._rehearse = rehearse
        self._say = say
        self._environment = environment
        self._terms = own_terms(environment)
        self._code = LoadedCode()
        self._shelf = Shelf(settings.warm)
        self._selector = selectors.DefaultSelector()
        self._running: dict[int, _Running] = {}
        self._to_import: deque[str] = deque()
        self._tried: set[str] = set()
        self._done = 0
        self._started = self._used = time.monotonic()
        self._stopping = False
        self._stale = ""
        self._told = False
        self._failure = ""

    def serve(self) -> str:
        """Serve until it is told to stop, or has been idle for long; return why it has ended.

        A reason that begins with "changed: " says that other code is to be loaded. Raises
        FairmarkError where there is a server already, or no place for one.
        """
        try:
            folder, descriptor = place.make_folder(self._settings.course)
        except OSError as error:
            raise FairmarkError(f"no folder for the server's socket: {error}") from None
        self._lock = os.open(
            place.path_in(descriptor, place.LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FairmarkError("there is a server for this course (see --status)") from None
        self._socket = os.path.join(folder, place.SOCKET)
        path = place.path_in(descriptor, place.SOCKET)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(16)
        os.close(descriptor)
        self._wake_by_signals()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._code.note()
        self._fork(self._rehearsal, None)
        try:
            while not (reason := self._work()):
                for key, _events in self._selector.select(self._pause()):
                    if self._selector.get_map().get(key.fd) is key:
                        key.data()  # what came before may have closed others
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._socket)
            self._listener.close()
            self._shelf.close()
        return reason

    def _work(self) -> str:
        """Do one thing of what is to be done between commands; return why to end, "" to go on."""
        self._shelf.sweep()
        if self._running:
            return ""
        if self._failure:
            raise FairmarkError(self._failure)
        if self._stopping:
            return "it was told to stop"
        if self._stale:
            return f"changed: {self._stale}"
        idle = time.monotonic() - self._used
        if idle > self._settings.idle_seconds:
            return f"nothing was to do for {self._settings.idle_seconds / 60:g} minutes"
        if self._to_import:
            self._import(self._to_import.popleft())
            if not self._to_import:
                self._code.note()
                gc.collect()
                gc.freeze()  # the collector would touch, and so copy, what all commands share
        else:
            self._code.note(self._shelf.fill())
        if self._is_ready() and not self._told:
            self._told = True
            self._say(f"ready for {self._settings.course}")
        return ""

    def _is_ready(self) -> bool:
        return not self._running and not self._to_import and self._shelf.is_full

    def _pause(self) -> float | None:
        """How long nothing will have to be done by itself."""
        if self._running:
            return None
        if self._to_import:
            return 0.0
        if not self._shelf.is_full or self._shelf.sweep():
            return _SWEEP_SECONDS
        left = self._used + self._settings.idle_seconds - time.monotonic()
        return max(left, 0.0) + 0.1

    def _import(self, name: str) -> None:
        """Import an installed module, so that the next command finds it."""
        self._tried.add(name)
        if name not in sys.modules:
            with contextlib.suppress(Exception):  # a command that needs it will say what is wrong
                importlib.import_module(name)
            if (threads := len(os.listdir("/proc/self/task"))) != 1:
                what = f"importing {name} starts {threads - 1} threads"
                raise FairmarkError(f"{what}, behind which nothing can be forked: no server")

    def _wake_by_signals(self) -> None:
        self._woken, wakes = socket.socketpair()
        for end in (self._woken, wakes):
            end.setblocking(False)
        self._wakes = wakes
        signal.set_wakeup_fd(wakes.fileno())
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: None)
        self._selector.register(self._woken, selectors.EVENT_READ, self._stop)

    def _stop(self) -> None:
        self._woken.recv(64)
        self._stopping = True

    def _accept(self) -> None:
        connection, _address = self._listener.accept()
        connection.settimeout(_PATIENCE)
        descriptors: list[int] = []
        kept = False
        try:
            pid, user, _group = place.peer_of(connection)
            if user != os.getuid():
                return
            request, descriptors = place.receive(connection, 4)
            if isinstance(request, dict):
                kept = self._answer(connection, request, descriptors, pid)
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            pass  # it has gone, or is of another version: it runs its command itself
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
            if not kept:
                connection.close()

    def _answer(
        self,
        connection: socket.socket,
        request: dict[str, Any],
        descriptors: list[int],
        pid: int,
    ) -> bool:
        """Answer a request; return whether the connection goes on."""
        if request.get("do") == "status":
            place.send(connection, self._status())
            return False
        if request.get("do") == "stop":
            self._stopping = True
            place.send(connection, {"running": len(self._running)})
            return False
        if reason := self._refusal(request, pid):
            place.send(connection, {"refused": reason})
            return False
        place.send(connection, {"ready": True})
        go, _ = place.receive(connection)
        if go != {"go": True} or len(descriptors) != 4:
            return False

        def work(line: socket.socket) -> int:
            command.become(request, descriptors, pid)
            return command.run(
                lambda: self._run(request["arguments"]), line, self._shelf, request["environment"]
            )

        self._fork(work, connection)
        self._done += 1
        return True

    def _refusal(self, request: dict[str, Any], pid: int) -> str:
        if self._stopping:
            return "it is about to end"
        if different := stranger(pid):
            return different
        if different := difference(self._terms, request["terms"]):
            return different
        if not self._stale and (changed := self._code.changed()):
            self._stale = changed
        return f"{self._stale} has changed, and it starts anew" if self._stale else ""

    def _status(self) -> dict[str, Any]:
        now = time.monotonic()
        return {
            "pid": os.getpid(),
            "course": self._settings.course,
            "seconds": now - self._started,
            "done": self._done,
            "running": sum(one.connection is not None for one in self._running.values()),
            "ready": self._is_ready(),
            "warm": self._shelf.ready,
            "idle_seconds": max(self._used + self._settings.idle_seconds - now, 0.0),
            "memory": memory_of(os.getpid()),
        }

    def _rehearsal(self, line: socket.socket) -> int:
        quiet = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(quiet, number)
        os.environ.clear()
        os.environ.update(self._environment)
        try:
            return command.run(self._work_of_rehearsal, line, self._shelf, self._environment)
        except FairmarkError as error:
            place.send(line, {"failed": str(error)})
            return 1

    def _work_of_rehearsal(self) -> int:
        self._rehearse()
        return 0

    def _fork(self, work: Callable[[socket.socket], int], connection: socket.socket | None) -> None:
        """Fork a process that does some work and ends; it is told of by its line."""
        line, childs_line = socket.socketpair()
        server = os.getpid()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                command.begin(server)
                line.close()
                self._let_go(connection)
                code = work(childs_line)
                for stream in (sys.stdout, sys.stderr):
                    with contextlib.suppress(OSError, ValueError):
                        stream.flush()
            except KeyboardInterrupt:
                code = 130
            finally:
                os._exit(code)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        childs_line.close()
        line.settimeout(_PATIENCE)
        one = _Running(pid, os.pidfd_open(pid), line, connection)
        self._running[pid] = one
        self._selector.register(one.pidfd, selectors.EVENT_READ, lambda: self._ended(one))
        self._selector.register(line, selectors.EVENT_READ, lambda: self._hear(one))
        if connection is not None:
            self._selector.register(
                connection, selectors.EVENT_READ, lambda: self._hand_on(one, connection)
            )

    def _let_go(self, connection: socket.socket | None) -> None:
        """In a process that was forked: close all that is the server's."""
        self._selector.close()
        for each in (self._listener, self._woken, self._wakes, connection):
            if each is not None:
                each.close()
        os.close(self._lock)
        for other in self._running.values():
            os.close(other.pidfd)
            other.line.close()
            if other.connection is not None:
                other.connection.close()
        self._shelf.leave()

    def _hear(self, one: _Running) -> None:
        """Listen to what a command's process wants, or has loaded."""
        try:
            said, _ = place.receive(one.line)
            if isinstance(said, dict) and "want" in said:
                self._give(one, said)
            elif isinstance(said, dict) and "loaded" in said:
                names = [n for n in said["loaded"] if n not in sys.modules and n not in self._tried]
                self._to_import.extend(name for name in names if name not in self._to_import)
            elif isinstance(said, dict) and "failed" in said:
                self._failure = said["failed"]
        except (OSError, EOFError, ValueError):
            self._selector.unregister(one.line)
            one.line.close()

    def _give(self, one: _Running, said: dict[str, Any]) -> None:
        self._shelf.want(said["want"])
        number = self._shelf.find(said["want"]) if said["give"] and not self._stale else None
        if number is None:
            place.send(one.line, {"number": None})
            return
        place.send(one.line, {"number": number}, self._shelf.give(number))
        self._shelf.given(number)

    def _hand_on(self, one: _Running, connection: socket.socket) -> None:
        """Hand a signal on to a command; end the command of a caller who has gone."""
        try:
            said, _ = place.receive(connection)
            number = signal.Signals(said["signal"]) if isinstance(said, dict) else signal.SIGKILL
        except (OSError, EOFError, ValueError, KeyError):
            self._selector.unregister(connection)
            connection.close()
            one.connection = None
            number = signal.SIGKILL
        with contextlib.suppress(ProcessLookupError):
            if number in _TO_GROUP or number == signal.SIGKILL:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(one.pid, number)
                    return
            os.kill(one.pid, number)

    def _ended(self, one: _Running) -> None:
        """Tell the caller how the command has ended."""
        _pid, status = os.waitpid(one.pid, 0)
        while one.line.fileno() >= 0:
            self._hear(one)
        self._selector.unregister(one.pidfd)
        os.close(one.pidfd)
        del self._running[one.pid]
        self._used = time.monotonic()
        code = os.waitstatus_to_exitcode(status)
        if one.connection is not None:
            self._selector.unregister(one.connection)
            with contextlib.suppress(OSError):
                place.send(one.connection, {"exit": code} if code >= 0 else {"signal": -code})
            one.connection.close()
