"""Tries: to run a script in the browser of whoever reads the graded notebook.

Must: have it taken out of what is shown.
"""

from typing import Any

ANSWERS = {
    "double": "import numpy as np\ndef double(x): return 2 * np.asarray(x)",
    "mean": "def mean(x): return sum(x) / len(x)",
}
POINTS = 5.0


def change(notebook: dict[str, Any]) -> None:
    """Put scripts wherever they might run."""
    code = (
        "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>a</a>"
    )
    show = f"from IPython.display import HTML, Javascript, display; display(HTML({code!r}))"
    js = "display(Javascript('alert(1)'))"
    markdown = {"cell_type": "markdown", "id": "words", "metadata": {}, "source": code}
    own: dict[str, Any] = {
        "cell_type": "code",
        "id": "own",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    notebook["cells"] += [markdown, {**own, "source": f"{show}\n{js}"}]
