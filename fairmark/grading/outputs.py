"""A cell's outputs as they come from the student's process: checked, bounded, merged."""

from __future__ import annotations

import math
from typing import Any

import nbformat
from nbformat import NotebookNode

from fairmark.harness.render import Audience, question_html, question_text
from fairmark.harness.report import QuestionResult
from fairmark.sandbox.limits import Limits

_MAX_OUTPUTS = 500
_MAX_TRACEBACK_LINES = 200
_MAX_ERROR_TEXT = 200_000
_MAX_DEPTH = 40
_MAX_COUNT = 10**6
_OUTPUT_BYTES = 1024
"""What an output takes, however little it shows."""


class Room:
    """What all cells of a notebook may still show together."""

    def __init__(self, limits: Limits) -> None:
        self.mebibytes = limits.notebook_output_mib
        self.left = self.mebibytes * 2**20

    def take(self, size: int) -> int:
        """Take as much of this as there is; return how much that is."""
        taken = max(min(size, self.left), 0)
        self.left -= taken
        return taken


class Outputs:
    """Takes undecoded outputs and keeps well-formed notebook outputs of a bounded size.

    ``room`` is what the cell shares with the notebook's others.
    """

    def __init__(self, limits: Limits, room: Room | None = None) -> None:
        self.nodes: list[NotebookNode] = []
        self._room = room if room is not None else Room(limits)
        self._limits = limits
        self._text_left = limits.output_kib * 1024
        self._display_left = limits.display_mib * 2**20
        self._error_left = _MAX_ERROR_TEXT
        self._cut = False
        self._displays: dict[str, NotebookNode] = {}

    def add(self, raw: Any) -> None:
        """Take one output; malformed ones are dropped, and what is over the limit is cut."""
        if type(raw) is not dict:
            return
        match raw.get("output_type"):
            case "stream":
                self._add_text("stderr" if raw.get("name") == "stderr" else "stdout", raw)
            case "display_data" | "execute_result" as kind:
                self._add_display(kind, raw)
            case "error":
                self._add_error(raw)
            case "clear":
                self.nodes.clear()
                self._displays.clear()

    def _add_text(self, name: str, raw: dict[str, Any]) -> None:
        text = self._take(_text(raw.get("text")))
        if not text:
            return
        last = self.nodes[-1] if self.nodes else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        else:
            self._append(nbformat.v4.new_output("stream", name=name, text=text))

    def _add_display(self, kind: str, raw: dict[str, Any]) -> None:
        try:
            bundle = _bundle(raw.get("data"))
            metadata = _json(raw.get("metadata"))
        except ValueError:
            return
        metadata = metadata if type(metadata) is dict else {}
        size = len(str(bundle)) + len(str(metadata))
        if size > self._display_left:
            self._notice(
                "[a picture or table was left out: "
                f"a cell may show {self._limits.display_mib} MiB of them]\n"
            )
            return
        if size > self._room.left:
            self._notice(f"[a picture or table was left out: {self._together}]\n")
            return
        self._display_left -= self._room.take(size)
        output = nbformat.v4.new_output(kind, data=bundle, metadata=metadata)
        if kind == "execute_result":
            output.execution_count = count(raw.get("execution_count"))
        display_id = raw.get("display_id")
        if type(display_id) is str and raw.get("update") is True:
            if display_id in self._displays:
                self._displays[display_id].update(data=output.data, metadata=output.metadata)
            return
        if self._append(output) and type(display_id) is str:
            self._displays[display_id] = output

    def _add_error(self, raw: dict[str, Any]) -> None:
        lines = raw.get("traceback")
        lines = lines[:_MAX_TRACEBACK_LINES] if type(lines) is list else []
        self._append(
            nbformat.v4.new_output(
                "error",
                ename=self._take_of_error(raw.get("ename"), 200),
                evalue=self._take_of_error(raw.get("evalue"), 4_000),
                traceback=[self._take_of_error(line, 20_000) for line in lines],
            )
        )

    def _take(self, text: str) -> str:
        """As much of the text as there is room for; say once that it was cut."""
        most = min(len(text), self._text_left)
        piece = text[: self._room.take(most)]
        self._text_left -= len(piece)
        if len(piece) < len(text) and not self._cut:
            self._cut = True
            alone = f"a cell may print {self._limits.output_kib} KiB"
            piece += f"\n[the rest was cut: {alone if len(piece) == most else self._together}]\n"
        return piece

    @property
    def _together(self) -> str:
        return f"all cells together may show {self._room.mebibytes} MiB"

    def _take_of_error(self, value: object, limit: int) -> str:
        text = _text(value)
        piece = text[: self._room.take(min(len(text), limit, self._error_left))]
        self._error_left -= len(piece)
        return piece

    def _notice(self, text: str) -> None:
        self._append(nbformat.v4.new_output("stream", name="stderr", text=text))

    def _append(self, output: NotebookNode) -> bool:
        if len(self.nodes) >= _MAX_OUTPUTS or self._room.take(_OUTPUT_BYTES) < _OUTPUT_BYTES:
            return False
        self.nodes.append(output)
        return True


def question_outputs(question: QuestionResult, audience: Audience) -> list[NotebookNode]:
    """Return the outputs of a check cell: one display with HTML and text."""
    data = {
        "text/html": question_html(question, audience),
        "text/plain": question_text(question, audience),
    }
    # As nbformat's new_output makes it, which would check it against the schema of notebooks.
    node = {"output_type": "display_data", "metadata": NotebookNode(), "data": NotebookNode(data)}
    return [NotebookNode(node)]


def count(value: object) -> int | None:
    """A cell's execution count, if this is one."""
    return value if type(value) is int and 0 <= value <= _MAX_COUNT else None


def _bundle(value: object) -> dict[str, Any]:
    """The parts of a display, by media type; raise ValueError when it is none."""
    if type(value) is not dict:
        raise ValueError("a display is no map")
    bundle = {}
    for mime, part in value.items():
        if type(mime) is not str:
            raise ValueError("a media type is no text")
        if mime == "application/json" or mime.endswith("+json"):
            bundle[mime] = _json(part)
        elif type(part) is list and all(type(line) is str for line in part):
            bundle[mime] = "".join(part)
        elif type(part) is str:
            bundle[mime] = part
    return bundle


def _json(value: object, depth: int = 0) -> Any:
    """What JSON can say of a value; raise ValueError when it has no place there."""
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) is list and depth < _MAX_DEPTH:
        return [_json(item, depth + 1) for item in value]
    if type(value) is dict and depth < _MAX_DEPTH and all(type(key) is str for key in value):
        return {key: _json(item, depth + 1) for key, item in value.items()}
    raise ValueError("no JSON")


def _text(value: object) -> str:
    return value if type(value) is str else ""
