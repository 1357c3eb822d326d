"""The student's interactive shell: IPython, with its outputs sent as notebook outputs."""

from __future__ import annotations

import io
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

Emit = Callable[[dict[str, Any]], None]
"""Takes one notebook output (nbformat 4) at a time."""

_FLUSH_CHARACTERS = 8192
_UNDEFINED = object()
_formatwarning = warnings.formatwarning
_IPYTHONS_OWN = re.compile(r"(_{1,3}|_i{0,3}\d*|_[do]h|In|Out)$")
"""Names that IPython binds anew with each cell."""


class Shell:
    """One IPython shell whose cells emit notebook outputs.

    Made once in the warm process, so that each forked process has a shell at once.
    """

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False  # its database and thread have no use here
        config.InteractiveShell.colors = "nocolor"
        self._ipython: Any = _SilentShell.instance(config=config)
        publisher: Any = self._ipython.display_pub
        hook: Any = self._ipython.displayhook
        self._ipython.owner = publisher.owner = hook.owner = self
        self._emit: Emit = _discard
        self._answers: dict[str, dict[str, Any]] = {}
        self._stdout = _Stream("stdout", self.emit)
        self._stderr = _Stream("stderr", self.emit)
        warnings.formatwarning = _format_warning

    @property
    def namespace(self) -> dict[str, Any]:
        """The names that the student's cells have defined."""
        namespace: dict[str, Any] = self._ipython.user_ns
        return namespace

    def enable_figures(self) -> None:
        """Show matplotlib's figures as the output of the cell that drew them."""
        if "matplotlib" in sys.modules:
            from matplotlib_inline import backend_inline

            self._ipython.enable_matplotlib("inline")
            backend_inline._enable_matplotlib_integration()
        if "matplotlib.pyplot" in sys.modules:
            # A first figure loads fonts and picture formats: once here, not once in each process.
            from IPython.core.pylabtools import print_figure
            from matplotlib import pyplot

            figure, axes = pyplot.subplots(figsize=(1, 1))
            axes.set_title("$x$")
            print_figure(figure)
            pyplot.close(figure)

    def emit(self, output: dict[str, Any]) -> None:
        """Send one output, after the text that was printed before it."""
        if output["output_type"] != "stream":
            self.flush()
        self._emit(output)

    def flush(self) -> None:
        """Send what was printed and not yet sent."""
        self._stdout.flush()
        self._stderr.flush()

    def run(self, source: str, emit: Emit, answer: str | None = None) -> dict[str, Any]:
        """Run one cell and return ``{"status": "ok" | "error", "count": n}``.

        ``answer`` names the exercise that the cell answers, for :meth:`return_to`.
        """
        self._emit = emit
        sys.stdout, sys.stderr = self._stdout, self._stderr
        before = dict(self.namespace)
        result = self._ipython.run_cell(source, store_history=True)
        self.flush()
        self.silence()  # threads that still print belong to no cell
        if answer is not None:
            self._answers[answer] = {
                name: value
                for name, value in self.namespace.items()
                if before.get(name, _UNDEFINED) is not value and not _IPYTHONS_OWN.match(name)
            }
        return {"status": "ok" if result.success else "error", "count": self.count - 1}

    def return_to(self, answer: str) -> None:
        """Let names stand for what they stood for behind the answer's own cell.

        A later cell may use a name of an answer, or of its helper, for something else.
        """
        for names in self._answers.values():
            self.namespace.update(names)
        self.namespace.update(self._answers.get(answer, {}))

    def silence(self) -> None:
        """Throw away whatever is printed from now on, until the next cell."""
        self._emit = _discard

    @property
    def count(self) -> int:
        """The number of the next cell."""
        return int(self._ipython.execution_count)


class _Stream(io.TextIOBase):
    """A text stream that emits stream outputs."""

    def __init__(self, name: str, emit: Emit) -> None:
        self.name = name
        self._emit = emit
        self._pieces: list[str] = []
        self._size = 0

    encoding = "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._pieces.append(text)
        self._size += len(text)
        if self._size > _FLUSH_CHARACTERS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        if text:
            self._emit({"output_type": "stream", "name": self.name, "text": text})


class _Publisher(DisplayPublisher):
    owner: Any = None

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: Any = False,
        **kwargs: Any,
    ) -> None:
        output = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
        display_id = (transient or {}).get("display_id")
        if display_id is not None:
            output["display_id"] = str(display_id)
            output["update"] = bool(update)
        self.owner.emit(output)

    def clear_output(self, wait: bool = False) -> None:
        self.owner.emit({"output_type": "clear", "wait": bool(wait)})


class _Hook(DisplayHook):
    owner: Any = None

    def write_output_prompt(self) -> None:
        """The prompt belongs to terminals; a notebook shows the count beside the cell."""

    def write_format_data(
        self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None
    ) -> None:
        self.owner.emit(
            {
                "output_type": "execute_result",
                "data": format_dict,
                "metadata": md_dict or {},
                "execution_count": self.prompt_count,
            }
        )

    def finish_displayhook(self) -> None:
        """Nothing is buffered here."""


class _SilentShell(InteractiveShell):
    """Sends displays and errors to the owner instead of a terminal."""

    owner: Any = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            display_pub_class=_Publisher, displayhook_class=_Hook, **kwargs
        )

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no event loop of a window system to integrate with."""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.owner.emit(
            {
                "output_type": "error",
                "ename": etype.__name__,
                "evalue": str(evalue),
                "traceback": [str(line) for line in stb],
            }
        )


def _format_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    """As Python formats a warning, with the message's further lines indented.

    So the whole of it can be told from what a cell writes to stderr by itself, which costs the
    points of a test cell.
    """
    first, *further = _formatwarning("\0", category, filename, lineno, line).split("\0", 1)
    text = "\n    ".join(str(message).splitlines() or [""])
    return first + text + "".join(further)


def _discard(output: dict[str, Any]) -> None:
    """Take no notice of an output."""
