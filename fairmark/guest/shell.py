"""The student's interactive shell: IPython, with its outputs sent as notebook outputs."""

from __future__ import annotations

import ast
import io
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from fairmark.guest.agent import MAX_PRINTED
from fairmark.guest.figures import enable_figures, unseen_figures
from fairmark.guest.names import Names, Restored
from fairmark.guest.state import Undo

Emit = Callable[[dict[str, Any]], None]
"""Takes one notebook output (nbformat 4) at a time."""

_FLUSH_CHARACTERS = 8192
_formatwarning = warnings.formatwarning
_MAX_FAILED = 20


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
        self._names = Names()
        self._stdout = _Stream("stdout", self.emit)
        self._stderr = _Stream("stderr", self.emit)
        self._undo = Undo()
        self._printed: dict[str, str] = {}
        """By answer: what its cell has printed."""
        self._judged: Restored = ()
        warnings.formatwarning = _format_warning

    def _load_traceback(self) -> None:
        """Load what tells of an error once here, not once in each process that fails."""
        try:
            exec(compile("raise ValueError", "<cell>", "exec"), {})
        except ValueError:
            self._ipython.InteractiveTB.structured_traceback(*sys.exc_info())

    @property
    def namespace(self) -> dict[str, Any]:
        """The names that the student's cells have defined."""
        namespace: dict[str, Any] = self._ipython.user_ns
        return namespace

    def enable_figures(self) -> None:
        """Show matplotlib's figures as the output of the cell that drew them."""
        enable_figures(self._ipython)

    def know_libraries(self, names: Iterable[str]) -> None:
        """Look at modules that cells will use before they do, which costs each process less."""
        found = (sys.modules.get(name) for name in names)
        # What stands there may have put something else in its place.
        self._undo.know(module for module in found if isinstance(module, ModuleType))

    def emit(self, output: dict[str, Any]) -> None:
        """Send one output, after the text that was printed before it."""
        if output["output_type"] != "stream":
            self.flush()
        self._emit(output)

    def emit_statement(self, index: int, count: int) -> None:
        """Tell which of a cell's statements is run next."""
        self._emit({"output_type": "statement", "index": index, "count": count})

    def flush(self) -> None:
        """Send what was printed and not yet sent."""
        self._stdout.flush()
        self._stderr.flush()

    def run(self, source: str, emit: Emit, request: Mapping[str, Any]) -> dict[str, Any]:
        """Run one cell, and return what became of it.

        ``request`` tells whose cell it is (``owner``: "answer", "stub", "student", "check" or
        "instructor"),
        which exercise it answers (``answer``), which names it binds if it is run to its end
        (``defines``), whether what follows a failing statement is to be run all the same
        (``recover``), and for which exercises the names are first to be those of their own cells
        (``restore``). The result has the cell's ``status`` and its ``count``, the indices of
        the statements that ``failed``, the number of ``statements``, and whether the process is
        ``spoilt`` for what comes.
        """
        owner, answer = request["owner"], request["answer"]
        printed: list[str] = []
        self._emit = emit if answer is None else _keeping(printed, emit)
        sys.stdout, sys.stderr = self._stdout, self._stderr
        if request["restore"]:
            self._names.return_to(self.namespace, request["restore"])
        before = dict(self.namespace)
        if answer is not None and owner == "answer":
            self._names.begin(answer, before, source)
        self._undo.begin(owner, self.namespace)
        self._ipython.recover = request["recover"]
        result = self._ipython.run_cell(source, store_history=True)
        for output in unseen_figures():
            self.emit(output)
        self.flush()
        self.silence()  # threads that still print belong to no cell
        if answer is not None:
            self._printed[answer] = "".join(printed)[:MAX_PRINTED]
        undone = self._undo.end(owner, answer)
        defines = request["defines"] if result.success else ()
        self._names.note(before, self.namespace, owner, answer, defines, source)
        return {
            "status": "ok" if result.success else "error",
            "count": self.count - 1,
            "failed": self._ipython.failed[:_MAX_FAILED],
            "statements": self._ipython.statements,
            "spoilt": not undone,
        }

    def return_to(self, answers: Restored) -> None:
        """Be as the cells of these answers have left the process: its names, and its settings."""
        self._names.return_to(self.namespace, answers)
        self._judged = answers
        for answer, _ in answers:
            self._undo.again(answer)

    def rewind(self, where: str) -> None:
        """Let names stand for what they stood for "before" or "behind" the answers' cells."""
        return_to = self._names.undo if where == "before" else self._names.rewind
        return_to(self.namespace, self._judged)

    def printed(self) -> str:
        """Return what the cells of the answers have printed that the process has returned to."""
        return "".join(self._printed.get(answer, "") for answer, _ in self._judged)

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
    recover = False
    """Whether a cell is run on behind a statement that fails."""
    statements = 0
    """How many statements the cell has."""

    def __init__(self, **kwargs: Any) -> None:
        self.failed: list[int] = []
        self._depth = 0
        super().__init__(  # type: ignore[no-untyped-call]
            display_pub_class=_Publisher, displayhook_class=_Hook, **kwargs
        )

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> bool:
        """Run a cell's statements one by one, and tell of each before it is run.

        Code that runs another cell, as ``%run`` does, tells of its own statement only.
        """
        outermost = self._depth == 0
        if outermost:
            self.failed, self.statements = [], len(nodelist)
        self._depth += 1
        try:
            for index, node in enumerate(nodelist):
                if outermost and len(nodelist) > 1:
                    self.owner.emit_statement(index, len(nodelist))
                last = index == len(nodelist) - 1
                shown = interactivity if last or interactivity == "all" else "none"
                run = super().run_ast_nodes([node], cell_name, shown, compiler, result)
                if await run:
                    self.failed.append(index)
                    if not (outermost and self.recover) or _is_an_end(result):
                        break
            return bool(self.failed)
        finally:
            self._depth -= 1

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        """Show figures below their cells, whatever ``%matplotlib`` asks for."""
        return super().enable_matplotlib("inline")  # type: ignore[no-untyped-call]

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


def _is_an_end(result: Any) -> bool:
    """Whether code has asked for the end of the cell."""
    return isinstance(getattr(result, "error_in_exec", None), (SystemExit, KeyboardInterrupt))


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


def _keeping(printed: list[str], emit: Emit) -> Emit:
    """Emit outputs, and keep what is printed among them."""

    def keep(output: dict[str, Any]) -> None:
        if output["output_type"] == "stream" and output["name"] == "stdout":
            printed.append(output["text"])
        emit(output)

    return keep


def _discard(output: dict[str, Any]) -> None:
    """Take no notice of an output."""
