"""The floor: notebooks' cells run in bare processes, each forked from one that has the imports.

``python -m benchmarks.floor NOTEBOOK...`` prints a JSON list of each one's CPU seconds and bytes.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.classroom import PRELOAD
from benchmarks.measure import memory_of


class Bare(NamedTuple):
    """What a notebook's cells take without any grader."""

    cpu: float
    """Seconds."""
    added_memory: int
    """Bytes of the process's own, and of libraries that only it uses, behind the last cell."""


def main(paths: Sequence[str]) -> None:
    """Run each notebook once."""
    os.environ["MPLBACKEND"] = "agg"
    for name in PRELOAD:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)  # as after any fork: a pool of threads does not survive it
    gc.collect()
    gc.freeze()
    print(json.dumps([run(path) for path in paths]), flush=True)
    os._exit(0)  # torch's end would take a second and have its complaints


def run(path: str) -> Bare:
    """Run the code cells of one notebook in a forked process; return what it took."""
    there, here = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _run_cells(path)
            memory = memory_of(os.getpid())
            own = memory["Private_Dirty"] + memory["Private_Clean"]
            os.write(here, str(own).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(here)
    with open(there, encoding="ascii") as told:
        own_memory = told.read()
    _pid, status, usage = os.wait4(child, 0)
    if status != 0:
        raise RuntimeError(f"{path} failed")
    return Bare(usage.ru_utime + usage.ru_stime, int(own_memory))


def _run_cells(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        cells = json.load(file)["cells"]
    sys.stdout = io.StringIO()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"<cell {number}>", "exec"), namespace)
            _draw()


def _draw() -> None:
    """Draw the cell's figures as a notebook does."""
    import matplotlib.pyplot as plt

    for number in plt.get_fignums():
        plt.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight")
    plt.close("all")


if __name__ == "__main__":
    main(sys.argv[1:])
