"""Making grader modules of an nbgrader course's test cells: see :mod:`fairmark.adopt.adoption`."""
