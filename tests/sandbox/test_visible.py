"""What the sandbox shows of this machine because it was asked to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from fairmark.errors import FairmarkError
from fairmark.sandbox import (
    SANDBOXES,
    CellRequest,
    Limits,
    Process,
    SharedFile,
    Visible,
    make_sandbox,
)
from fairmark.sandbox.visible import stage
from tests.sealed import skip_where_impossible

MIB = 2**20


def run(process: Process, source: str) -> str:
    """Run a cell and return what it printed, errors included."""
    outputs: list[dict[str, Any]] = []
    process.run_cell(CellRequest(source), outputs.append, 10)
    return "".join(o.get("text", "") + o.get("evalue", "") for o in outputs).strip()


def _shared(folder: Path, sizes: dict[str, int]) -> dict[str, SharedFile]:
    found = {}
    for name, size in sizes.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\1" * size)
        path.chmod(0o600)  # for whoever grades
        found[name] = SharedFile.of(f"hw/{name}", path)
    return found


@pytest.mark.parametrize("mode", SANDBOXES)
def test_shared_files_are_there_for_every_submission(mode: str, tmp_path: Path) -> None:
    skip_where_impossible(mode)
    files = _shared(tmp_path, {"big.bin": 70 * MIB, "data/small.txt": 3, "z.txt": 2 * MIB})
    (tmp_path / "solution.ipynb").write_text("secret")
    (tmp_path / "z.txt").chmod(0o644)
    visible = Visible(files=frozenset(files.values()))
    with make_sandbox([], Limits(disk_mib=1), mode, visible) as sandbox:
        for _ in range(2):
            process = sandbox.launch()
            process.send_files({**files, "own.txt": b"own"})
            sizes = "import os, glob; print([os.path.getsize(f) for f in sorted("
            sizes += "glob.glob('**', recursive=True)) if os.path.isfile(f)])"
            assert run(process, sizes) == f"[{70 * MIB}, 3, 3, {2 * MIB}]"
            assert run(process, "print(open('big.bin', 'rb').read(2))") == "b'\\x01\\x01'"
            told = run(process, "open('z.txt', 'w')")
            told += run(process, "open('data/small.txt', 'a').write('no')")
            refused = told.count("denied") + told.count("Read-only")
            assert refused == (0 if mode == "none" and os.getuid() == 0 else 2)
            copies = {"data/small.txt", "z.txt"} if mode == "none" else set[str]()
            assert set(process.collect_files()) == {"own.txt"} | copies
            assert run(process, "os.remove('big.bin'); open('big.bin', 'w').write('mine')") == ""
            process.close()
    assert (tmp_path / "z.txt").stat().st_size == 2 * MIB
    assert (tmp_path / "data/small.txt").read_bytes() == b"\1\1\1"


def test_nothing_beside_a_shared_file_is_seen(tmp_path: Path) -> None:
    files = _shared(tmp_path / "hw", {"big.bin": 2 * MIB})
    (tmp_path / "hw/hw.ipynb").write_text("solution")
    with make_sandbox([], visible=Visible(files=frozenset(files.values()))) as sandbox:
        process = sandbox.launch()
        process.send_files(files)
        look = "import os; place = os.path.realpath('big.bin'); print(place, os.listdir("
        look += f"os.path.dirname(place)), os.path.exists({str(tmp_path)!r}))"
        assert run(process, look) == "/handed-out/hw/big.bin ['big.bin'] False"
        process.close()


def test_thousands_of_shared_files(tmp_path: Path) -> None:
    files = _shared(tmp_path, {f"{number}.txt": 1 for number in range(1_200)})
    with make_sandbox([], visible=Visible(files=frozenset(files.values()))) as sandbox:
        process = sandbox.launch()
        process.send_files(files)
        count = "import os; print(sum(len(open(f).read()) for f in os.listdir('.')))"
        assert run(process, count) == "1200"
        process.close()


def test_a_file_that_the_sandbox_lacks_is_sent_or_complained_of(tmp_path: Path) -> None:
    files = _shared(tmp_path, {"small.txt": 5, "big.bin": 70 * MIB})
    with make_sandbox([]) as sandbox:
        process = sandbox.launch()
        process.send_files({"small.txt": files["small.txt"]})
        assert run(process, "print(len(open('small.txt').read()))") == "5"
        with pytest.raises(FairmarkError, match=r"big\.bin changed while it was handed out"):
            process.send_files(files)
        process.close()


def test_folders_are_seen_at_their_own_paths(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/labels.txt").write_text("a b c")
    (tmp_path / "other.txt").write_text("secret")
    with make_sandbox([], visible=Visible((folder, folder / "deep"))) as sandbox:
        process = sandbox.launch()
        assert run(process, f"print(open('{folder}/deep/labels.txt').read())") == "a b c"
        assert "Read-only" in run(process, f"open('{folder}/deep/labels.txt', 'w')")
        assert "Read-only" in run(process, f"import os; os.mkdir('{folder}/new')")
        assert run(process, f"print(os.path.exists('{tmp_path}/other.txt'))") == "False"
        assert run(process, "open('/tmp/mine', 'w').write('x')") == ""
        process.close()


def test_a_staged_file_that_is_gone_is_named(tmp_path: Path) -> None:
    files = _shared(tmp_path, {"gone.bin": 5})
    (tmp_path / "gone.bin").unlink()
    sandbox = make_sandbox([], visible=Visible(files=frozenset(files.values())))
    with pytest.raises(FairmarkError, match=r"gone\.bin cannot be handed out: No such file"):
        sandbox.start()
    assert not sandbox.is_alive()


def test_what_everybody_may_write_to_is_copied(tmp_path: Path) -> None:
    """By a link, student code could change the file itself where nothing is mounted."""
    files = _shared(tmp_path / "course", {"open.txt": 3, "kept.txt": 3})
    files["open.txt"].path.chmod(0o666)
    files["kept.txt"].path.chmod(0o644)
    stage(tmp_path / "there", Visible(files=frozenset(files.values())), most=0)
    there = {name: tmp_path / "there/hw" / name for name in files}
    assert not there["open.txt"].samefile(files["open.txt"].path)
    assert there["open.txt"].stat().st_mode & 0o222 == 0
    assert there["kept.txt"].samefile(files["kept.txt"].path)
