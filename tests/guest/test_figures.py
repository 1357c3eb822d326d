"""A plot is among a cell's outputs as a picture, whichever backend its notebook asks for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUN = """
import json, sys
{imports}
from fairmark.guest.shell import Shell

shell, out = Shell(), sys.stdout
shell.enable_figures()
request = {{"owner": "student", "answer": None, "defines": [], "recover": False, "restore": []}}
made = []
for cell in json.loads(sys.stdin.read()):
    outputs = []
    shell.run(cell, outputs.append, request)
    made.append([o for o in outputs if o["output_type"] != "statement"])
out.write(json.dumps(made))
"""
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('$x$')\nplt.show()"
AGG = "import matplotlib\nmatplotlib.use('Agg')"


def run(*cells: str, imports: str = "import matplotlib.pyplot") -> list[list[dict[str, Any]]]:
    """Run cells in a shell of a process of its own; return the outputs of each."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN.format(imports=imports)],
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env={"MPLBACKEND": "module://matplotlib_inline.backend_inline", "HOME": str(Path.home())},
    )
    made: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return made


def pictures(outputs: list[dict[str, Any]]) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs)


def errors(outputs: list[dict[str, Any]]) -> list[str]:
    return [output["evalue"] for output in outputs if output["output_type"] == "error"]


BACKENDS = [
    "%matplotlib inline",
    "%matplotlib",
    "%matplotlib widget",
    "%matplotlib ipympl",
    "%matplotlib notebook",
    "%matplotlib qt",
    "%matplotlib agg",
    AGG,
    "matplotlib.use('TkAgg', force=True)",
    "matplotlib.use('nbAgg')",
    "matplotlib.use('WebAgg')",
    "matplotlib.use('module://ipympl.backend_nbagg')",
    "matplotlib.use('svg')",
    "plt.switch_backend('pdf')",
    "plt.switch_backend('macosx')",
]


def test_a_plot_is_a_picture() -> None:
    start = "import matplotlib, matplotlib.pyplot as plt"
    cells = [
        cell
        for backend in BACKENDS
        for cell in (f"plt.close('all')\n{backend}\n{PLOT}", f"plt.close('all')\n{backend}", PLOT)
    ]
    made = run(start, *cells)
    assert [errors(outputs) for outputs in made] == [[]] * len(made)
    assert [pictures(outputs) for outputs in made[1:]] == [1, 0, 1] * len(BACKENDS)


@pytest.mark.parametrize("backend", ["%matplotlib widget", AGG])
def test_a_plot_of_a_notebook_that_brings_matplotlib_itself(backend: str) -> None:
    (outputs,) = run(f"{backend}\n{PLOT}", imports="")
    assert errors(outputs) == []
    assert pictures(outputs) == 1


def test_a_figure_that_stays_open_is_shown_once_and_again_when_it_changes() -> None:
    first, idle, more, other, last = run(  # the very first cell is one of Agg's
        f"{AGG}\n{PLOT}",
        "1 + 1",
        "plt.plot([2, 1])",
        "figure, axes = plt.subplots()\naxes.plot([1])\nnumbers = plt.get_fignums()",
        "assert plt.get_fignums() == numbers == [1, 2]\nassert plt.gcf() is figure\nplt.close()",
    )
    assert [pictures(outputs) for outputs in (first, idle, more, other, last)] == [1, 0, 1, 1, 0]
    assert errors(last) == []


def test_a_figure_that_cannot_be_drawn() -> None:
    broken = (
        "from matplotlib.text import Text\nclass Broken(Text):\n"
        "    def draw(self, renderer):\n        raise ValueError('cannot')\n"
        "plt.gca().add_artist(Broken())\nafter = 1"
    )
    (outputs,) = run(f"{AGG}\nimport matplotlib.pyplot as plt\n{broken}")
    assert pictures(outputs) == 0
    shown = [output["data"]["text/plain"] for output in outputs if "data" in output]
    assert any("that cannot be drawn: ValueError: cannot" in text for text in shown)
