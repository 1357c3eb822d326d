"""What is handed out beside a notebook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from fairmark.course.course import Course
from fairmark.course.handout import mentioned, read_handed_out
from fairmark.sandbox import Limits, SharedFile
from tests.classic import make_classic_course

MIB = 2**20


def _fill(folder: Path, sizes: dict[str, int]) -> None:
    for name, size in sizes.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"\1" * size)


def test_the_smallest_are_read_and_the_others_shared(tmp_path: Path) -> None:
    _fill(tmp_path, {"a.bin": 20 * MIB, "b.bin": 9 * MIB, "c.txt": 3, "d/e.bin": 8 * MIB})
    files = read_handed_out(tmp_path, "hw", (), Limits())
    assert list(files) == ["a.bin", "b.bin", "c.txt", "d/e.bin"]
    shared = {name: file.place for name, file in files.items() if isinstance(file, SharedFile)}
    assert shared == {"a.bin": "hw/a.bin", "b.bin": "hw/b.bin", "d/e.bin": "hw/d/e.bin"} or (
        shared == {"a.bin": "hw/a.bin", "b.bin": "hw/b.bin"}
    )
    assert files["c.txt"] == b"\1\1\1"
    small = read_handed_out(tmp_path, "hw", (), replace(Limits(), disk_mib=4))
    assert [name for name, file in small.items() if isinstance(file, bytes)] == ["c.txt"]


def test_many_small_files_are_shared_too(tmp_path: Path) -> None:
    _fill(tmp_path, {f"{number:04}.txt": 5 for number in range(2100)})
    files = read_handed_out(tmp_path, "hw", (), Limits())
    assert len(files) == 2100
    assert sum(isinstance(file, SharedFile) for file in files.values()) == 2100 - 2048


def test_a_file_that_took_anothers_place_is_another_one(tmp_path: Path) -> None:
    limits = replace(Limits(), disk_mib=1)
    _fill(tmp_path, {"data.bin": MIB})
    first = read_handed_out(tmp_path, "hw", (), limits)
    assert read_handed_out(tmp_path, "hw", (), limits) == first
    (tmp_path / "data.bin").unlink()
    _fill(tmp_path, {"data.bin": MIB + 1})
    assert read_handed_out(tmp_path, "hw", (), limits) != first


def test_ignored_as_nbgrader_has_it(tmp_path: Path) -> None:
    assert list(make_classic_course(tmp_path / "a").ignored) == CourseDirectory().ignore
    course = make_classic_course(tmp_path / "b", "c.CourseDirectory.ignore.append('*.log')")
    assert list(course.ignored) == course.directory.ignore == [*CourseDirectory().ignore, "*.log"]
    course = make_classic_course(tmp_path / "c", "c.CourseDirectory.ignore = ['secret*']")
    assignment = course.assignment("classic")
    _fill(assignment.source.parent, {"secrets/key.txt": 3, "secret.txt": 3, "data.txt": 3})
    assert list(assignment.extra_files()) == ["data.txt"]


def test_modules_beside_the_notebook_are_not_imported_for_all(tmp_path: Path) -> None:
    course = make_classic_course(
        tmp_path, "c.Autograde.exclude_overwriting = {'classic': ['mine.py']}"
    )
    assignment = course.assignment("classic")
    assignment.solved.cells[1].source = ""
    source = assignment.source.read_text()
    imports = "import json, tools, mine, kit.parts, numpy, fairmark, sheet\\n"
    assignment.source.write_text(source.replace("def square", imports + "def square", 1))
    _fill(assignment.source.parent, {"tools.py": 1, "kit/parts.py": 1, "numpy.csv": 1})
    _fill(assignment.source.parent, {"json/data.txt": 1})
    assert Course.load(tmp_path).assignment("classic").imports == {"json", "numpy", "sheet"}


def test_what_modules_beside_the_notebook_import_is_imported_for_all(tmp_path: Path) -> None:
    """A course's pictures are often drawn by such a module alone."""
    assignment = make_classic_course(tmp_path).assignment("classic")
    source = assignment.source.read_text()
    assignment.source.write_text(source.replace("def square", "import tools\\ndef square", 1))
    folder = assignment.source.parent
    (folder / "tools.py").write_text(
        "import html.parser\nfrom kit import parts\n\ndef f():\n    import json\n"
    )
    (folder / "kit").mkdir()
    (folder / "kit" / "parts.py").write_text("from fairmark import check\nimport csv, tools\n")
    (folder / "unused.py").write_text("import wave\n")
    assert Course.load(tmp_path).assignment("classic").imports == {"html.parser", "csv"}


def test_running_another_notebook_is_warmed_up_for(tmp_path: Path) -> None:
    assignment = make_classic_course(tmp_path).assignment("classic")
    source = assignment.source.read_text()
    assignment.source.write_text(source.replace("def square", "%run x.ipynb\\ndef square", 1))
    assert Course.load(tmp_path).assignment("classic").imports == {"nbformat"}


def test_notebooks_that_are_named() -> None:
    texts = {"common": "%run base.ipynb", "base": "", "bas": "", "a.b": "", "other": "common"}
    assert mentioned(texts, ["%run common.ipynb"]) == {"common", "base"}
    assert mentioned(texts, ["import other"]) == {"other", "common", "base"}
    assert mentioned(texts, ["%run './a.b.ipynb'", "aXb"]) == {"a.b"}
    assert mentioned(texts, ["uncommon", "based"]) == set()
