"""Tries: settings of Jupyter and nbgrader beside the notebook.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
FILES = {
    "nbgrader_config.py": b"c = get_config()\nc.Autograde.enforce_metadata = False\n",
    "ipython_config.py": b"c = get_config()\nc.InteractiveShellApp.exec_lines = ['1']\n",
    "graders/tiny/test_tiny.py": b"",
}
