"""The course as it travels to Dask workers, which see nothing of the instructor's folders.

It is known by a hash of its content, which is reckoned anew where it arrives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from distributed import Worker, WorkerPlugin

from fairmark.batch.dask import worker as received
from fairmark.course.course import Assignment, Course
from fairmark.errors import FairmarkError
from fairmark.files import plain_files

_BESIDE = (".py", ".json", ".yml", ".yaml", ".md")
"""What lies in the course's own folder and may belong to its configuration."""


class CourseParcel(WorkerPlugin):
    """The files that grading some assignments needs, which each worker lays into a folder.

    To Dask it is a plugin of its workers: one that joins late, or comes back, gets it, too.
    """

    def __init__(self, course: Course, assignments: Iterable[Assignment]) -> None:
        root, paths = course.root, set(course.cell_files)
        paths |= {path for path in root.glob("[!.]*") if path.suffix in _BESIDE and path.is_file()}
        folders = {root / "reference"}
        for assignment in assignments:
            folders |= {assignment.source.parent, assignment.graders}
        paths |= set(plain_files(sorted(folders)))
        self.files = {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(paths)
            if path.is_relative_to(root)
        }
        self.digest = self._digest()

    def _digest(self) -> str:
        parts = [(name, hashlib.sha256(data).hexdigest()) for name, data in self.files.items()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def setup(self, worker: Worker) -> None:
        """Lay the files out in the worker's own folder, which Dask clears away; Dask calls this."""
        if self._digest() != self.digest:
            raise FairmarkError("the course has changed on its way")
        place = Path(worker.local_directory) / f"fairmark-{self.digest[:16]}"
        if not place.is_dir():
            partial = place.with_name(f"{place.name}.new")
            for name, data in self.files.items():
                path = partial / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            partial.rename(place)
        received.courses[self.digest] = str(place)
