"""The configuration of this course, read by nbgrader and by fairmark.

Folders are nbgrader's own: source/, release/, submitted/, autograded/ and feedback/, beside this
file. Run nbgrader from this folder; fairmark finds it from any folder below.
"""

import os
from pathlib import Path

from fairmark.nbgrader.config import use_fairmark

c = get_config()  # noqa: F821 - given by whoever reads this file

c.CourseDirectory.course_id = "pml-ws3"
# The gradebook is where nbgrader puts it: gradebook.db in the course's folder. fairmark waits up to
# a minute for other writers, and holds it for hundredths of a second at a time. A database server
# is named by the environment, for its address holds a password: postgresql://…, or the file that
# it stands in, as containers get their secrets.
if "FAIRMARK_GRADEBOOK" in os.environ:
    c.CourseDirectory.db_url = os.environ["FAIRMARK_GRADEBOOK"]
elif "FAIRMARK_GRADEBOOK_FILE" in os.environ:
    c.CourseDirectory.db_url = Path(os.environ["FAIRMARK_GRADEBOOK_FILE"]).read_text().strip()

# Which cells are run: "all", or those "needed" to judge the questions. No written answer of this
# course is about a picture that only the student has, so pictures and trainings are left out.
c.Fairmark.run_cells = "needed"

# What the warm process imports once for all submissions. By default it is what the assignment's
# notebook and the modules beside it import; a longer list makes each submission's process slower
# to fork.
# c.Fairmark.preload = ["numpy", "matplotlib.pyplot", "torch"]

# What one submission may use; fairmark/sandbox/limits.py lists all limits and their defaults.
c.Fairmark.limits = {
    "cell_seconds": 20.0,  # one cell of the notebook
    "call_seconds": 8.0,  # one call of a student's function by a test
    "question_seconds": 60.0,  # all calls of one question
    # "submission_seconds": 600.0, the whole notebook
    # "memory_mib": 2048,          memory of one process beyond that of the warm one
    # "submission_memory_mib": 4096,  of all its processes together
}
# What one assignment needs more of than the others.
c.Fairmark.assignment_limits = {
    "backpropagation": {"cell_seconds": 60.0, "call_seconds": 30.0, "question_seconds": 120.0},
    "cnn": {"cell_seconds": 180.0, "call_seconds": 60.0, "question_seconds": 240.0},
    "style-transfer": {"cell_seconds": 180.0, "call_seconds": 60.0, "question_seconds": 240.0},
}

# What stands in the release where the source has a solution is nbgrader's own text, by which it
# knows answers that were not given: "YOUR CODE HERE" and "YOUR ANSWER HERE".

# nbgrader's commands and formgrader's buttons give what fairmark's commands give.
# An assignment without a folder in graders/ is marked by its own test cells, sealed off as well.
use_fairmark(c)
