"""A cell's outputs as they come from the student's process: checked, bounded, merged."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode

from fairmark.sandbox.limits import Limits

_MAX_OUTPUTS = 500
_MAX_TRACEBACK_LINES = 200


class Outputs:
    """Takes undecoded outputs and keeps well-formed notebook outputs of a bounded size."""

    def __init__(self, limits: Limits) -> None:
        self.nodes: list[NotebookNode] = []
        self._text_left = limits.output_kib * 1024
        self._display_left = limits.display_mib * 2**20
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
        data = raw.get("data")
        if type(data) is not dict:
            return
        bundle = {mime: value for mime, value in data.items() if type(value) in (str, dict, list)}
        size = len(str(bundle))
        if size > self._display_left:
            self._notice("[a picture or table was left out: this cell shows too much]\n")
            return
        self._display_left -= size
        output = nbformat.v4.new_output(kind, data=bundle, metadata=_dict(raw.get("metadata")))
        count = raw.get("execution_count")
        if kind == "execute_result":
            output.execution_count = count if type(count) is int else None
        display_id = raw.get("display_id")
        if type(display_id) is str and raw.get("update") is True:
            if display_id in self._displays:
                self._displays[display_id].update(data=output.data, metadata=output.metadata)
            return
        if type(display_id) is str:
            self._displays[display_id] = output
        self._append(output)

    def _add_error(self, raw: dict[str, Any]) -> None:
        lines = raw.get("traceback")
        lines = lines[:_MAX_TRACEBACK_LINES] if type(lines) is list else []
        self._append(
            nbformat.v4.new_output(
                "error",
                ename=_text(raw.get("ename"))[:200],
                evalue=_text(raw.get("evalue"))[:4000],
                traceback=[_text(line)[:20_000] for line in lines],
            )
        )

    def _take(self, text: str) -> str:
        """As much of the text as there is room for; say once that it was cut."""
        piece = text[: self._text_left]
        self._text_left -= len(piece)
        if len(piece) < len(text) and not self._cut:
            self._cut = True
            piece += "\n[the rest of the output was cut]\n"
        return piece

    def _notice(self, text: str) -> None:
        self._append(nbformat.v4.new_output("stream", name="stderr", text=text))

    def _append(self, output: NotebookNode) -> None:
        if len(self.nodes) < _MAX_OUTPUTS:
            self.nodes.append(output)


def _text(value: object) -> str:
    return value if type(value) is str else ""


def _dict(value: object) -> dict[str, Any]:
    return value if type(value) is dict else {}
