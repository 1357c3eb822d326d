"""A progress bar on stderr, on a terminal only, or told to the program that wants to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fairmark.cli.talk import heard
from fairmark.text import printable


class Bar:
    """Shows a command's progress; this one, for where there is no terminal, shows only lines."""

    def start(self, label: str, total: int | None) -> None:
        """Begin to count to ``total``; None is a wait of unknown length."""

    def tick(self) -> None:
        """Redraw: time has passed."""

    def advance(self, label: str = "") -> None:
        """Count one more."""

    def say(self, line: str) -> None:
        """Print a line without disturbing the bar."""
        from fairmark.cli.talk import say

        say(line)


class _ToldBar(Bar):
    """Tells a program, which shows it in its own way."""

    def __init__(self) -> None:
        self._label = ""
        self._total: int | None = None
        self._done = 0

    def start(self, label: str, total: int | None) -> None:
        self._label, self._total, self._done = label, total, 0
        self._tell("")

    def advance(self, label: str = "") -> None:
        self._done += 1
        self._tell(label)

    def _tell(self, name: str) -> None:
        from fairmark.cli.told import tell

        label, done = printable(self._label), self._done
        name = printable(name)
        tell(progress={"label": label, "done": done, "total": self._total, "name": name})


@contextmanager
def progress_bar() -> Iterator[Bar]:
    """Show a progress bar for as long as the block runs."""
    from rich.console import Console

    from fairmark.cli.told import is_told

    if is_told():
        yield _ToldBar()
        return
    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    if not console.is_terminal or console.is_dumb_terminal:
        yield Bar()
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        auto_refresh=False,  # it would take a thread, and this process is forked
    )

    class _RichBar(Bar):
        def start(self, label: str, total: int | None) -> None:
            for task in progress.task_ids:
                progress.remove_task(task)
            progress.add_task(label, total=total)
            progress.refresh()

        def tick(self) -> None:
            progress.refresh()

        def advance(self, label: str = "") -> None:
            for task in progress.task_ids:
                progress.update(task, advance=1)
            progress.refresh()

        def say(self, line: str) -> None:
            console.print(f"fairmark: {printable(' '.join(line.split()))}", soft_wrap=True)

    bar = _RichBar()
    with progress, heard(bar.say):
        yield bar
