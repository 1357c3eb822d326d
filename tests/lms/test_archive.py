"""Zips that are damaged, hostile, or made by odd programs."""

from __future__ import annotations

import random
import stat
import struct
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest

from fairmark.errors import FairmarkError
from fairmark.lms import archive
from fairmark.lms.archive import MemberError, open_archive
from tests.lms.zips import write_zip


def test_plain_files_are_read_and_clutter_is_passed_over(tmp_path: Path) -> None:
    files = {"a/b.ipynb": b"{}", "__MACOSX/a/._b.ipynb": b"x", "a/.DS_Store": b"x", "._c": b"x"}
    path = write_zip(tmp_path / "a.zip", files)
    with open_archive(path) as found:
        assert [member.name for member in found.members] == ["a/b.ipynb"]
        assert found.left_out == []
        assert found.read(found.members[0], 10) == b"{}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../evil.ipynb", "its path leads out"),
        ("/etc/evil.ipynb", "its path leads out"),
        ("a\\..\\evil.ipynb", "its path leads out"),
        ("C:\\evil.ipynb", "its path leads out"),
        ("a/.ssh/evil", "its name is hidden"),
        ("a/\x1b[31mred", "its name is hidden"),
        ("a/" + "x" * 300, "its name is hidden, too long"),
    ],
)
def test_a_path_that_leads_elsewhere_is_named_and_the_rest_is_read(
    tmp_path: Path, name: str, reason: str
) -> None:
    path = write_zip(tmp_path / "a.zip", {name: b"evil", "good.ipynb": b"{}"})
    with open_archive(path) as found:
        assert [member.name for member in found.members] == ["good.ipynb"]
        assert len(found.left_out) == 1 and reason in found.left_out[0]
        assert "\x1b" not in found.left_out[0]


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, kind in (("link", stat.S_IFLNK), ("pipe", stat.S_IFIFO)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (kind | 0o777) << 16
            file.writestr(info, "/etc/passwd")
    with open_archive(path) as found:
        assert found.members == []
        assert found.left_out == ["link: it is a link", "pipe: it is no plain file"]


def test_of_two_files_with_one_name_the_first_counts_and_the_other_is_named(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.ipynb", b"first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("a.ipynb", b"second")
    with open_archive(path) as found:
        assert [found.read(member, 100) for member in found.members] == [b"first"]
        assert len(found.left_out) == 1


def test_utf8_names_that_do_not_say_so_are_read_and_composed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    raw = "Zoe\u0308_Nuñez.ipynb".encode()
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x" * len(raw), b"{}")
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    with open_archive(path) as found:
        assert [member.name for member in found.members] == ["Zoë_Nuñez.ipynb"]
        assert found.read(found.members[0], 10) == b"{}"


def test_a_large_file_is_not_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "bomb.zip", {"bomb": bytes(3 * 2**20), "good": b"x"})
    with open_archive(path) as found:
        bomb, good = found.members
        with pytest.raises(MemberError, match="larger than 1 MiB"):
            found.read(bomb, 2**20)
        assert found.read(good, 2**20) == b"x"


def test_a_file_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "bomb.zip", {"bomb": bytes(3 * 2**20)})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 1000)
    path.write_bytes(data)
    with open_archive(path) as found, pytest.raises(MemberError, match="is damaged"):
        found.read(found.members[0], 2**20)


def test_a_zip_of_too_much_is_refused_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "a.zip", {"a": bytes(1000), "b": bytes(1000)})
    monkeypatch.setattr(archive, "_MOST_BYTES", 1999)
    with pytest.raises(FairmarkError, match="unpacks to more than"), open_archive(path):
        pass
    monkeypatch.setattr(archive, "_MOST_MEMBERS", 1)
    with pytest.raises(FairmarkError, match="holds more than 1 files"), open_archive(path):
        pass


def test_a_damaged_member_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("bad", b"AAAAAAAA")
        file.writestr("good", b"fine")
    path.write_bytes(path.read_bytes().replace(b"AAAAAAAA", b"AAAABAAA"))
    with open_archive(path) as found:
        bad, good = found.members
        with pytest.raises(MemberError, match="bad is damaged"):
            found.read(bad, 100)
        assert found.read(good, 100) == b"fine"


def test_a_folder_is_read_as_the_zip_that_was_unpacked_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "submissions"
    (folder / "a").mkdir(parents=True)
    (folder / "a/b.ipynb").write_bytes(b"{}")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    with open_archive(folder) as found:
        assert [member.name for member in found.members] == ["a/b.ipynb"]
        assert found.read(found.members[0], 10) == b"{}"


def test_what_is_no_zip_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for content in (b"", b"no zip", b"PK\x05\x06"):
        path.write_bytes(content)
        with pytest.raises(FairmarkError, match="no zip that can be read"), open_archive(path):
            pass
    with pytest.raises(FairmarkError, match="No such file"), open_archive(tmp_path / "b.zip"):
        pass


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_whatever_is_damaged_is_said_in_one_line(compression: int) -> None:
    """Anything but fairmark's own error would end the collection of a whole class."""
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", compression) as file:
        file.writestr("perceptron.ipynb", "{}" * 300)
        file.writestr("a\u00e9.txt", bytes(range(256)))
    draw = random.Random(0)
    for _ in range(3000):
        damaged = bytearray(whole.getvalue())
        for _ in range(draw.randint(1, 3)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        del damaged[draw.choice([len(damaged), draw.randrange(len(damaged))]) :]
        with suppress(FairmarkError), open_archive(bytes(damaged), "a.zip") as found:
            for member in found.members:
                with suppress(MemberError):
                    found.read(member, 10_000)
