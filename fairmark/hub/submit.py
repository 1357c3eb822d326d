"""Handing in, so that nobody but the student and the grader can read or change the files."""

from __future__ import annotations

import os

from nbgrader.exchange.default import ExchangeSubmit


class SubmitPrivately(ExchangeSubmit):  # type: ignore[misc]
    """nbgrader's way of handing in; ``c.ExchangeFactory.submit`` names it.

    nbgrader lets everybody write into the folder, "so the instructor can delete later", and counts
    on a name that nobody can guess.
    """

    def copy_files(self) -> None:
        """Hand in, then close the folder to all but its owner and the grader's group."""
        super().copy_files()
        folder = os.path.join(self.inbound_path, self.assignment_filename)
        graders = os.stat(self.inbound_path).st_gid
        # The box hands its group on. Where a file system does not, the grader is one of the others.
        os.chmod(folder, 0o750 if os.stat(folder).st_gid == graders else 0o755)
