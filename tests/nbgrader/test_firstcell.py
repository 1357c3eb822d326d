"""The first cell of a notebook that is opened away from its folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from fairmark.errors import FairmarkError
from fairmark.nbgrader import firstcell
from fairmark.nbgrader.firstcell import colab_address
from fairmark.nbgrader.generate import generate_release, write_single_file
from fairmark.nbgrader.package import wheel_name
from fairmark.selfcheck import carried
from tests.classic import make_classic_course
from tests.tiny import CONFIG, make_course


def configured(value: object) -> Config:
    config = Config()
    config.Fairmark.colab = value
    return config


def test_addresses() -> None:
    assert colab_address(Config()) is None
    assert colab_address(configured("upload")) == ""
    assert colab_address(configured("https://a.example/b/")) == "https://a.example/b"
    for wrong in (
        "",
        "release",
        "file:///etc",
        "https://",
        "https://a.example/?x=1",
        3,
        "http://a.example",
    ):
        with pytest.raises(FairmarkError, match=r"c\.Fairmark\.colab is \"upload\", or"):
            colab_address(configured(wrong))


def test_an_upload_needs_no_address(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(f"{CONFIG}\nc.Fairmark.colab = 'upload'\n")
    release = generate_release(type(course).load(tmp_path).assignment("tiny"))
    text = (release / "tiny.ipynb").read_text()
    assert "address, wheel, names = ''" in text
    assert "['checks.py']" in text
    assert (release.parent / wheel_name()).is_file()


def test_a_notebook_of_test_cells_is_sent_as_it_is(tmp_path: Path) -> None:
    assignment = make_classic_course(tmp_path).assignment("classic")
    with pytest.raises(FairmarkError, match="send it as it is"):
        write_single_file(assignment, generate_release(assignment))


def test_too_much_is_not_carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firstcell, "_LARGEST", 10_000)
    assignment = make_course(tmp_path).assignment("tiny")
    with pytest.raises(FairmarkError, match="too much for a notebook to carry"):
        write_single_file(assignment, generate_release(assignment))


def test_a_helper_that_students_are_to_mend_is_carried(tmp_path: Path) -> None:
    assignment = make_course(tmp_path).assignment("tiny")
    (assignment.source.parent / "broken.py").write_text("def half(x:\n")
    (assignment.source.parent / "latin.py").write_bytes(b"# \xe9\n")
    made = write_single_file(assignment, generate_release(assignment))
    assert made.is_file()


def test_data_is_laid_beside_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(carried, "folder", None)
    place = tmp_path / "tiny-checks"
    files = ("checks.py", "lessons.json", "data/x.csv", "notes.txt", "fairmark/a.html", "help.py")
    for name in files:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(name)
    (tmp_path / "notes.txt").write_text("my own")
    carried.use(str(place), ["pytest>=8.4"])
    assert carried.folder == place
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {*(f"tiny-checks/{name}" for name in files), "data/x.csv", "notes.txt"}
    assert (tmp_path / "notes.txt").read_text() == "my own"
    assert "notes.txt is left as it is" in capsys.readouterr().out


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "folder", None)
    needs = ["jinja2>=3.1", "pytest>=99.1", "no-such-package>=1"]
    with pytest.raises(FairmarkError) as caught:
        carried.use(str(tmp_path), needs)
    assert str(caught.value).endswith('%pip install "pytest>=99.1" "no-such-package>=1"')
    assert carried.folder is None
