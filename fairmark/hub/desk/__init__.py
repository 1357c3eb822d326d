"""The first page of students and instructors, and what JupyterLab lacks for students.

``student.py`` and ``grader.py`` are extensions of Jupyter's server, for either role.
``exchange.py`` asks nbgrader's exchange, ``assignments.py`` says how far a student is with each
assignment and ``grading.py`` how far the instructor is, ``answers.py`` which answers are empty,
``validate.py`` runs a notebook and tells its progress, ``feedback.py`` serves the feedback pages,
``due.py`` carries due dates to the students. ``labextension/`` is loaded by JupyterLab as it is: it
saves before handing in, and shows what the server says.
"""

HOME = "/fairmark"
"""The first page, below the address of a person's server."""
