"""What code changes beside its own names: settings of the process, and libraries.

One answer must not cost another one its points. What the cell of an answer does to the process is
undone behind it, and done again in the copy of the process in which that answer is judged. What
would harm the process itself, such as a timer or a function of NumPy's that was replaced, is undone
behind any cell of a student's.
"""

from __future__ import annotations

import contextlib
import decimal
import gc
import locale
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from fairmark.guest.libraries import Libraries

_LIMITS = ("CPU", "DATA", "FSIZE", "NOFILE", "STACK")
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_HOOKS = ("displayhook", "excepthook", "stdin", "stdout", "stderr")
_SPARE_DESCRIPTORS = 16
"""How many descriptors must be free for the questions that are still to be judged."""

Settings = dict[str, Any]
"""The values of settings, by name."""


@dataclass(frozen=True)
class _Setting:
    """One setting: how it is read, and how it is written."""

    read: Callable[[], Any]
    write: Callable[[Any], object]


def take(kinds: Mapping[str, _Setting]) -> Settings:
    """Return the values that the settings have now."""
    found: Settings = {}
    for name, setting in kinds.items():
        with contextlib.suppress(Exception):  # the working folder may have been removed
            found[name] = setting.read()
    return found


def put_back(kinds: Mapping[str, _Setting], values: Settings) -> None:
    """Give settings these values, where they have others."""
    there = take(kinds)
    for name, value in values.items():
        if name not in there or there[name] != value:
            with contextlib.suppress(Exception):  # such as a folder that is gone
                kinds[name].write(value)


def benign() -> dict[str, _Setting]:
    """The settings that an answer may rely on: of Python, NumPy and torch, as far as loaded."""
    settings = {
        "folder": _Setting(os.getcwd, os.chdir),
        "path": _Setting(lambda: list(sys.path), lambda value: _refill(sys.path, value)),
        "environment": _Setting(lambda: dict(os.environ), _set_environment),
        "umask": _Setting(_umask, os.umask),
        "recursion": _Setting(sys.getrecursionlimit, sys.setrecursionlimit),
        "warnings": _Setting(lambda: list(warnings.filters), _set_filters),
        "locale": _Setting(lambda: locale.setlocale(locale.LC_ALL), _set_locale),
        "decimal": _Setting(_decimal, lambda value: decimal.setcontext(decimal.Context(**value))),
        "collector": _Setting(gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
    }
    if (np := sys.modules.get("numpy")) is not None and hasattr(np, "seterr"):
        settings["numpy errors"] = _Setting(np.geterr, lambda value: np.seterr(**value))
        settings["numpy printing"] = _Setting(
            np.get_printoptions, lambda value: np.set_printoptions(**value)
        )
    if (torch := sys.modules.get("torch")) is not None and hasattr(torch, "get_default_dtype"):
        settings |= {
            "torch dtype": _Setting(torch.get_default_dtype, torch.set_default_dtype),
            "torch gradients": _Setting(torch.is_grad_enabled, torch.set_grad_enabled),
            "torch algorithms": _Setting(
                torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms
            ),
        }
    return settings


def harmful() -> dict[str, _Setting]:
    """The settings that no student's cell may leave changed: they decide about the process."""
    settings = {
        "handlers": _Setting(_handlers, _set_handlers),
        "timers": _Setting(_timers, _set_timers),
        "limits": _Setting(_limits, _set_limits),
        "trace": _Setting(sys.gettrace, sys.settrace),
        "profile": _Setting(sys.getprofile, sys.setprofile),
        "finders": _Setting(lambda: list(sys.meta_path), lambda v: _refill(sys.meta_path, v)),
        "switch": _Setting(sys.getswitchinterval, sys.setswitchinterval),
    }
    return settings | {f"sys.{name}": _hook(name) for name in _HOOKS}


def _hook(name: str) -> _Setting:
    return _Setting(lambda: getattr(sys, name), lambda value: setattr(sys, name, value))


def spare_descriptors(before: Iterable[int]) -> None:
    """Close the descriptors that were opened since, where too few are left for what comes."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    there = descriptors()
    if len(there) <= soft - _SPARE_DESCRIPTORS:
        return
    gc.collect()  # many a file is only forgotten
    there = descriptors()
    if len(there) > soft - _SPARE_DESCRIPTORS:
        for number in there - set(before):
            with contextlib.suppress(OSError):
                os.close(number)


def descriptors() -> set[int]:
    """Return the numbers of the open descriptors."""
    with contextlib.suppress(OSError):
        return set(map(int, os.listdir("/proc/self/fd")))
    found = set()
    for number in range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]):  # none is left to list them
        with contextlib.suppress(OSError):
            os.fstat(number)
            found.add(number)
    return found


def _refill(there: list[Any], value: list[Any]) -> None:
    there[:] = value


def _set_environment(value: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(value)


def _umask() -> int:
    value = os.umask(0o077)
    os.umask(value)
    return value


def _set_filters(value: list[Any]) -> None:
    warnings.filters[:] = value  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]


def _set_locale(value: str) -> None:
    locale.setlocale(locale.LC_ALL, value)


def _decimal() -> dict[str, Any]:
    context = decimal.getcontext()
    return {"prec": context.prec, "rounding": context.rounding}


def _handlers() -> dict[int, Any]:
    found = {}
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):
            found[int(number)] = signal.getsignal(number)
    return found


def _set_handlers(value: Mapping[int, Any]) -> None:
    for number, handler in value.items():
        if signal.getsignal(number) is not handler:
            with contextlib.suppress(OSError, ValueError, TypeError):
                signal.signal(number, handler)


def _timers() -> list[bool]:
    return [signal.getitimer(kind) != (0.0, 0.0) for kind in _TIMERS]


def _set_timers(value: list[bool]) -> None:
    for kind, running in zip(_TIMERS, value, strict=True):
        if not running:
            signal.setitimer(kind, 0.0)


def _limits() -> list[int]:
    return [resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0] for name in _LIMITS]


def _set_limits(value: list[int]) -> None:
    for name, soft in zip(_LIMITS, value, strict=True):
        kind = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or soft <= hard:
            resource.setrlimit(kind, (soft, hard))


class Undo:
    """Undoes behind each cell what it has done to the process, by whose cell it is."""

    def __init__(self) -> None:
        self._libraries = Libraries()
        self._before: tuple[Settings, Settings, set[int]] = ({}, {}, set())
        self._answers: dict[str, Settings] = {}
        """By answer: the settings as they were behind its cell."""

    def know(self, modules: Iterable[ModuleType]) -> None:
        """Look at the libraries that cells will use, in the warm process."""
        self._libraries.know(modules)

    def begin(self, owner: str, namespace: Mapping[str, Any]) -> None:
        """Look at the process before a cell is run."""
        if owner in ("instructor", "stub"):
            return
        self._libraries.watch(namespace)
        self._before = take(benign()), take(harmful()), descriptors()

    def end(self, owner: str, answer: str | None) -> bool:
        """Undo what a cell has done; an instructor's may do what it likes.

        Return whether it could be undone: a hard limit that was lowered is no more to be raised.
        """
        if owner in ("instructor", "stub"):
            self._libraries.forget()
            return True
        kept, harm, opened = self._before
        if owner == "check":  # its patches hold, but not what the answers that it calls have done
            harm = {name: harm[name] for name in ("timers", "limits")}
        put_back(harmful(), harm)
        if owner != "check":
            self._libraries.put_back()
        spare_descriptors(opened)
        if answer is not None:
            self._answers[answer] = take(benign())
            put_back(benign(), kept)
        return bool(_limits() == harm["limits"])

    def again(self, answer: str) -> None:
        """Let the settings be as they were behind an answer's own cell."""
        put_back(benign(), self._answers.get(answer, {}))
