"""A GPU in the sandbox: who sees it, what its copies are, and the limit of its memory.

All but the last test use a stand-in (:mod:`tests.sandbox.standin`) in the place of a GPU.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairmark.errors import FairmarkError
from fairmark.sandbox import Asked, CellRequest, Fork, Limits, Process, Sandbox, Visible
from fairmark.sandbox import make_sandbox as make
from fairmark.sandbox.gpu import Gpu, NeverToldError, Turn, find_gpu
from fairmark.sandbox.gpu_usage import GpuWatch, NvmlReader, UsageTable, _held_inside, _status
from fairmark.sandbox.ready import offer, ready_sandbox
from fairmark.wire.channel import ChannelClosed, ChannelTimeout
from tests.sandbox.standin import ACCELERATOR, INSIDE, stand_in

GPU = Limits(gpu_memory_mib=64)
USE = "import accelerator\naccelerator.use()\nx = [1]"
IN_A_FORK = """
import os
ours, theirs = os.pipe()
if os.fork() == 0:
    try:
        accelerator.use()
    except RuntimeError as error:
        os.write(theirs, str(error).encode())
    os._exit(0)
print(os.read(ours, 99).decode())
"""


@pytest.fixture(scope="module")
def gpu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gpu]:
    with stand_in(tmp_path_factory.mktemp("gpu")) as gpu:
        yield gpu


@pytest.fixture(scope="module")
def sandbox(gpu: Gpu) -> Iterator[Sandbox]:
    with make([], Limits(), visible=Visible(gpu=True)) as sandbox:
        yield sandbox


@pytest.fixture
def process(sandbox: Sandbox) -> Iterator[Process]:
    process = sandbox.launch(GPU)
    process.send_files({"accelerator.py": ACCELERATOR.encode()})
    yield process
    process.close()


def run(process: Any, source: str) -> str:
    outputs: list[dict[str, Any]] = []
    process.run_cell(CellRequest(source), outputs.append, 10)
    return "".join(o.get("text", "") + o.get("evalue", "") for o in outputs).strip()


def ask(fork: Fork, source: str) -> dict[str, Any]:
    """Run source in a copy, as an override is run."""
    request = {"op": "override", "source": source, "names": None, "rewinds": "", "answers": False}
    fork.channel.send(request)
    return fork.channel.receive(5)


def number(fork: Fork) -> int:
    """The number of a copy's process: 1 is the first one of a sandbox of its own."""
    assert ask(fork, "import os\npid = os.getpid()")["status"] == "ok"
    fork.channel.send({"op": "find", "name": "pid"})
    found: int = fork.channel.receive(5)["value"]
    return found


def test_only_who_is_given_the_gpu_sees_it(sandbox: Sandbox, process: Process) -> None:
    look = """
import os
about = os.listdir("/sys/devices/system/cpu")
print(len(open("/dev/stand-in", "rb").read(9)), os.getenv("CUDA_VISIBLE_DEVICES"), len(about) > 0)
"""
    assert run(process, look) == "9 None True"
    other = sandbox.launch()
    assert run(other, look) == "0  False", "an empty device, and no GPU for CUDA"
    assert "Read-only" in run(other, "open('/sys/devices/system/cpu/mine', 'w')")
    other.close()


def test_without_the_option_nothing_is_shown(gpu: Gpu) -> None:
    with make([]) as sandbox:
        process = sandbox.launch()
        assert run(process, "import os\nprint(os.path.exists('/dev/stand-in'))") == "False"
        process.close()
        with pytest.raises(FairmarkError, match=r"no GPU can be shown .*: nothing of the course"):
            sandbox.launch(GPU)


def test_the_stand_in_does_not_survive_a_fork(process: Process) -> None:
    run(process, USE)
    assert "Cannot re-initialize" in run(process, IN_A_FORK)


def test_a_copy_of_who_has_used_it_is_a_process_in_which_the_cells_ran_again(
    process: Process,
) -> None:
    run(process, USE)
    run(process, "x.append(2)\nopen('note', 'w').write('here')")
    fork = process.fork(Asked(""))
    assert number(fork) == 1
    look = "accelerator.use()\nassert x == [1, 2] and os.path.exists('note')"
    assert ask(fork, look)["status"] == "ok"
    assert ask(fork, "x.append(3)\nos.remove('note')")["status"] == "ok"
    fork.close()
    fork = process.fork(Asked(""))
    assert ask(fork, "import os\nassert x == [1, 2] and os.path.exists('note')")["status"] == "ok"
    fork.close()


def test_a_copy_of_who_has_not_used_it_is_a_fork(process: Process) -> None:
    run(process, "import accelerator")
    fork = process.fork(Asked(""))
    assert number(fork) > 1
    assert ask(fork, "accelerator.use()")["status"] == "ok"
    fork.close()


def test_nobody_hides_from_looks(process: Process) -> None:
    run(process, "import ctypes\nctypes.CDLL(None).prctl(4, 0)\n" + USE)  # PR_SET_DUMPABLE
    fork = process.fork(Asked(""))
    assert number(fork) == 1
    fork.close()


SHARED = "import mmap\nkept = mmap.mmap(-1, 2**26)\nkept[::4096] = bytes(2**14)\n"
NAMELESS = "import os\nkept = os.memfd_create('x')\nos.truncate(kept, 2**26)\n"
NAMELESS += "for _ in range(64): os.write(kept, bytes(2**20))\n"


@pytest.mark.parametrize("source", [SHARED, NAMELESS], ids=["shared", "nameless"])
def test_what_cuda_needs_of_shared_memory_is_there_and_counts(
    sandbox: Sandbox, source: str
) -> None:
    plain = sandbox.launch()
    assert run(plain, source).startswith("[Errno"), "nobody else gets any"
    plain.close()
    for limit, ends in ((256, False), (32, True)):
        limits = Limits(gpu_memory_mib=64, memory_mib=limit, submission_memory_mib=limit)
        process = sandbox.launch(limits)
        try:
            if not ends:
                assert run(process, source + "import time\ntime.sleep(0.6)\nprint(1)") == "1"
                continue
            with pytest.raises(ChannelClosed):
                run(process, source + "import time\ntime.sleep(9)")
            ended = process.wait(1.0)
            assert ended is not None and ended.limit == "memory"
        finally:
            process.close()


def test_where_nobody_tells_whether_it_was_used_nothing_is_forked(process: Process) -> None:
    run(process, "import accelerator")
    process._process.kill()  # type: ignore[attr-defined]
    fork = process.fork(Asked(""))
    assert number(fork) == 1
    fork.close()


def test_a_copy_goes_on_with_the_cells(process: Process) -> None:
    run(process, USE)
    branch = process.branch()
    assert run(branch, "accelerator.use()\nx.append(2)\nprint(x)") == "[1, 2]"
    branch.close()
    assert run(process, "print(x)") == "[1]"


def test_a_copy_that_ends_itself_tells_how(process: Process) -> None:
    run(process, USE)
    fork = process.fork(Asked(""))
    with pytest.raises(ChannelClosed):
        ask(fork, "import os\nos._exit(3)")
    ended = fork.close(1.0)
    assert ended is not None and ended.code == 3
    fork = process.fork(Asked(""))
    assert number(fork) == 1, "the next one is another"
    fork.close()


def test_processor_time_of_copies_counts(process: Process) -> None:
    run(process, USE + "\nimport time\nwhile time.process_time() < 0.3: pass")
    process.fork(Asked("")).close()
    ended = process.close()
    assert ended is not None and ended.cpu_seconds > 0.5


def test_the_time_for_running_cells_again_is_limited(sandbox: Sandbox) -> None:
    limits = Limits(gpu_memory_mib=64, rerun_seconds=0.5)
    process = sandbox.launch(limits)
    try:
        process.send_files({"accelerator.py": ACCELERATOR.encode()})
        run(process, USE + "\nimport time\ntime.sleep(0.4)")
        first, fork = process.fork(Asked("")), process.fork(Asked(""))
        first.close()
        with pytest.raises(ChannelClosed):
            number(fork)
        ended = fork.close(1.0)
        assert ended is not None
        assert ended.words(limits).startswith("took too long when its cells were run again")
        assert not ended.is_from_outside(limits)
    finally:
        process.close()


@pytest.mark.parametrize("where", ["cell", "fork", "child"])
def test_who_holds_too_much_of_its_memory_is_ended(process: Process, where: str) -> None:
    run(process, USE + "\nimport time, os")
    run(process, "accelerator.use(40)")
    too_much = "accelerator.use(40)\ntime.sleep(9)"
    if where == "fork":
        fork = process.fork(Asked(""))
        with pytest.raises(ChannelClosed):
            ask(fork, too_much)
        ended = fork.close(1.0)
    else:
        source = "accelerator._owner = None\n" + too_much if where == "child" else too_much
        if where == "child":
            source = "if os.fork() == 0:\n    " + source.replace("\n", "\n    ") + "\ntime.sleep(9)"
        with pytest.raises(ChannelClosed):
            run(process, source)
        ended = process.wait(1.0)
    assert ended is not None
    assert ended.words(GPU) == "used more than 64 MiB of the GPU's memory in all its processes"


SLOWER = """
with open("/dev/stand-in", "r+b") as device:
    device.seek(4096)
    runs = device.read(1)[0]
    device.seek(4096)
    device.write(bytes([runs + 1]))
time.sleep(1.4 * runs)
"""


def test_a_cell_may_take_longer_when_it_runs_again_but_not_much(sandbox: Sandbox) -> None:
    """It takes no time at first, then nearly one and a half times its limit, then thrice."""
    limits = Limits(gpu_memory_mib=64, cell_seconds=1.0)
    process = sandbox.launch(limits)
    try:
        process.send_files({"accelerator.py": ACCELERATOR.encode()})
        run(process, USE + "\nimport time" + SLOWER)
        fork = process.fork(Asked(""))
        assert number(fork) == 1
        fork.close()
        fork = process.fork(Asked(""))
        with pytest.raises(ChannelClosed):
            number(fork)
        ended = fork.close(1.0)
        assert ended is not None
        assert ended.words(limits).endswith("(each of them may take twice 1 seconds there)")
        assert not ended.is_from_outside(limits)
    finally:
        process.close()


def test_a_copy_that_goes_on_needs_time_for_the_cells_too(sandbox: Sandbox) -> None:
    process = sandbox.launch(Limits(gpu_memory_mib=64, rerun_seconds=0.3))
    try:
        process.send_files({"accelerator.py": ACCELERATOR.encode()})
        run(process, USE + "\nimport time\ntime.sleep(0.4)")
        for _ in range(2):  # while the cells run again, and when no time is left
            with pytest.raises(ChannelTimeout):
                process.branch()
    finally:
        process.close()


def test_who_waits_long_for_its_turn_is_told_once_and_not_kept_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fairmark.sandbox.gpu._TELL_SECONDS", 0.1)
    monkeypatch.setattr("fairmark.sandbox.gpu._MOST_SECONDS", 0.5)
    device = tmp_path / "device"
    device.touch()
    gpu = Gpu("", ((str(device), INSIDE),))
    with device.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for _ in range(2):
            with pytest.raises(FairmarkError, match=r"the GPU was not free .*/device \(lslocks"):
                Turn(gpu)
    assert capfd.readouterr().err.count("waiting for the GPU") == 1
    Turn(gpu).give_back()


def test_one_submission_of_the_machine_has_it_at_a_time(sandbox: Sandbox, gpu: Gpu) -> None:
    first = sandbox.launch(GPU)
    second = sandbox.launch(GPU)  # of the same process, which could not wait for itself
    waiting = os.fork()
    if waiting == 0:
        Turn(gpu)
        os._exit(7)
    first.close()
    first.close()
    time.sleep(0.2)
    assert os.waitpid(waiting, os.WNOHANG)[0] == 0
    second.close()
    assert os.waitstatus_to_exitcode(os.waitpid(waiting, 0)[1]) == 7


def test_a_module_that_uses_it_when_it_is_imported_is_no_module_to_preload(
    gpu: Gpu, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        preloading(f"{ACCELERATOR}\nuse(0)\n", tmp_path_factory) as sandbox,
        pytest.raises(FairmarkError, match="preloaded module uses the GPU"),
    ):
        sandbox.wait_ready()


@contextmanager
def preloading(source: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that has preloaded a module with this source."""
    folder = tmp_path_factory.mktemp("modules")
    folder.chmod(0o755)
    (folder / "eager.py").write_text(source)
    sandbox = make([], Limits(), visible=Visible((folder,), gpu=True))
    own = sandbox._environment  # type: ignore[attr-defined]

    def environment(*given: Any) -> dict[str, str]:
        return {**own(*given), "PYTHONPATH": f"{root()}:{folder}"}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "_environment", environment)
        patch.setattr(sandbox, "_preload", ["eager"])
        with sandbox:
            yield sandbox


def root() -> Path:
    return Path(__file__).parents[2]


def test_no_seal_of_the_other_kind_shows_it(gpu: Gpu, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = make([], GPU, "account")
    monkeypatch.setattr(sandbox, "wait_ready", lambda: None)
    sandbox._gpu.find("account")  # type: ignore[attr-defined]
    with pytest.raises(FairmarkError, match=r"--sandbox=account\): that needs the seal by bubble"):
        sandbox.launch()


def test_unsealed_processes_run_their_cells_again_too(gpu: Gpu) -> None:
    with make([], GPU, "none") as sandbox:
        process = sandbox.launch()
        run(process, f"import os\nkept = open({gpu.devices[0][0]!r}, 'rb')\nfirst = os.getpid()")
        fork = process.fork(Asked(""))
        assert ask(fork, "assert first == os.getpid()")["status"] == "ok", "it has run the cells"
        fork.close()
        process.close()


def test_a_machine_without_a_gpu_grades_what_needs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "fairmark.sandbox.gpu_host.find_gpu", lambda environ: find_gpu(environ, tmp_path / "none")
    )
    with make([], Limits(), visible=Visible(gpu=True)) as sandbox:
        plain = sandbox.launch()
        assert run(plain, "print(6 * 7)") == "42"
        plain.close()
        with pytest.raises(FairmarkError, match="this machine has no GPU with NVIDIA's driver"):
            sandbox.launch(GPU)


def test_where_nobody_can_tell_what_is_held_nothing_is_graded(tmp_path: Path) -> None:
    with stand_in(tmp_path, "SilentReader"), make([], GPU) as sandbox:
        sandbox.wait_ready()
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(FairmarkError, match=r"memory can be held: .* tells nothing"):
                sandbox.launch()
        assert time.monotonic() < started + 20, "nobody waits for what never comes"


@pytest.mark.parametrize("reader", ["FailingReader", "ReservedReader"])
def test_a_driver_that_fails_for_a_while_or_for_others_stops_nobody(
    tmp_path: Path, reader: str
) -> None:
    with stand_in(tmp_path, reader), make([], GPU) as sandbox:
        sandbox.wait_ready()
        for _ in range(2):
            process = sandbox.launch()
            assert run(process, "import time\ntime.sleep(0.5)\nprint(1)") == "1"
            process.close()


def test_the_table_tells_what_never_mends() -> None:
    writable, readable = UsageTable.make()
    try:
        UsageTable(writable).write({}, "busy")
        with pytest.raises(FairmarkError, match="busy") as raised:
            UsageTable(readable).used_mib()
        assert not isinstance(raised.value, NeverToldError)
        UsageTable(writable).write({}, "gone", is_final=True)
        with pytest.raises(NeverToldError, match="gone"):
            UsageTable(readable).used_mib()
    finally:
        os.close(writable)
        os.close(readable)


def test_a_thread_with_descriptors_of_its_own_is_looked_at(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.touch()
    opened, seen = threading.Event(), threading.Event()

    def hold() -> None:
        assert ctypes.CDLL(None, use_errno=True).unshare(0x400) == 0  # CLONE_FILES
        with device.open():
            opened.set()
            seen.wait(20)

    watch = GpuWatch([str(device)], None)
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    thread = threading.Thread(target=hold)
    try:
        assert not watch.is_open(os.getpid(), proc)
        thread.start()
        assert opened.wait(20)
        assert watch.is_open(os.getpid(), proc)
    finally:
        seen.set()
        thread.join()
        os.close(proc)


def test_a_name_with_other_line_breaks_is_one_line() -> None:
    name = "a\rb\x0bc\x0cd"
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(15, name.encode())  # PR_SET_NAME
        os.write(theirs, b"!")
        signal.pause()
    try:
        os.read(ours, 1)
        assert _status(child)["Name"] == name
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ours)
        os.close(theirs)


def test_a_module_may_have_removed_the_variable(
    gpu: Gpu, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with preloading(
        "import os\ndel os.environ['CUDA_VISIBLE_DEVICES']\n", tmp_path_factory
    ) as made:
        process = made.launch(GPU)
        assert run(process, "print(1)") == "1"
        process.close()


def test_a_kept_sandbox_has_no_gpu() -> None:
    asked = []
    offer(lambda wanted: asked.append(wanted))
    try:
        assert ready_sandbox([], Limits(), "bubblewrap", Visible(gpu=True)) is None
        assert ready_sandbox([], GPU, "bubblewrap", Visible()) is None
        assert asked == []
        ready_sandbox([], Limits(), "bubblewrap", Visible())
        assert len(asked) == 1
    finally:
        offer(lambda wanted: None)


def test_the_table_is_read_whole_or_refused() -> None:
    writable, readable = UsageTable.make()
    table = UsageTable(readable)
    try:
        with pytest.raises(FairmarkError, match="looked at the GPU's memory yet"):
            table.used_mib()
        UsageTable(writable).write({7: 1.5, 8: 2.0})
        UsageTable(writable).write({7: 2.5})  # shorter than what was there
        assert table.used_mib() == {7: 2.5}
        with pytest.raises(OSError, match="Bad file descriptor"):
            table.write({})
        os.pwrite(writable, b"?", 20)
        with pytest.raises(FairmarkError, match="cannot be read"):
            table.used_mib()
    finally:
        os.close(writable)
        os.close(readable)


def test_old_news_of_its_memory_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    writable, readable = UsageTable.make()
    try:
        UsageTable(writable).write({7: 1.0})
        later = time.monotonic() + 6
        monkeypatch.setattr("fairmark.sandbox.gpu_usage.time.monotonic", lambda: later)
        with pytest.raises(FairmarkError, match="any more"):
            UsageTable(readable).used_mib()
    finally:
        os.close(writable)
        os.close(readable)


@pytest.fixture
def machine(tmp_path: Path) -> tuple[Path, Path]:
    """A machine with two GPUs, whose device files have the numbers 1 and 0."""
    driver, devices = tmp_path / "gpus", tmp_path / "dev"
    devices.mkdir()
    for minor, place in enumerate(("0000:c1:00.0", "0000:41:00.0")):
        (driver / place).mkdir(parents=True)
        text = f"Model: \t X\nGPU UUID: \t GPU-{minor}a\nDevice Minor: \t {minor}\n"
        (driver / place / "information").write_text(text)
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (devices / name).touch()
    return driver, devices


@pytest.mark.parametrize(
    ("choice", "name", "place"),
    [
        (None, "nvidia1", "0000:41:00.0"),
        ("0", "nvidia1", "0000:41:00.0"),
        ("1,0", "nvidia0", "0000:c1:00.0"),
        ("GPU-0a", "nvidia0", "0000:c1:00.0"),
    ],
)
def test_which_gpu(machine: tuple[Path, Path], choice: str | None, name: str, place: str) -> None:
    environ = {} if choice is None else {"CUDA_VISIBLE_DEVICES": choice}
    gpu = find_gpu(environ, *machine)
    assert [Path(path).name for path, _ in gpu.devices] == [name, "nvidiactl", "nvidia-uvm"]
    assert gpu.place == place
    assert "/sys/devices/system/cpu" in gpu.folders


@pytest.mark.parametrize("choice", ["2", "-1", "", "MIG-0a"])
def test_what_is_no_gpu(machine: tuple[Path, Path], choice: str) -> None:
    with pytest.raises(FairmarkError, match=r"names no GPU of this machine: .* 0 to 1$"):
        find_gpu({"CUDA_VISIBLE_DEVICES": choice}, *machine)


def test_a_device_that_is_missing_is_named(machine: tuple[Path, Path]) -> None:
    (machine[1] / "nvidia-uvm").unlink()
    with pytest.raises(FairmarkError, match="nvidia-uvm is missing; as root, make it"):
        find_gpu({}, *machine)


class FakeNvml:
    """NVIDIA's library, as far as it is asked."""

    class NVMLError(Exception):
        """What it raises."""

    def __init__(self, *, compute: list[Any], graphics: list[Any], broken: str = "") -> None:
        self._listed = {"compute": compute, "graphics": graphics}
        self._broken = broken

    def nvmlInit(self) -> None:
        self._fail_at("init")

    def nvmlDeviceGetHandleByPciBusId(self, place: str) -> str:
        self._fail_at("handle")
        return place

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> list[Any]:
        self._fail_at("list")
        return self._listed["compute"]

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle: str) -> list[Any]:
        return self._listed["graphics"]

    def _fail_at(self, place: str) -> None:
        if self._broken == place:
            raise self.NVMLError(place)


def holds(pid: int, mib: int | None) -> SimpleNamespace:
    return SimpleNamespace(pid=pid, usedGpuMemory=None if mib is None else mib * 2**20)


@pytest.fixture
def own_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this be a process with the machine's own process numbers."""
    here = os.readlink("/proc/self/ns/pid")
    monkeypatch.setattr("fairmark.sandbox.gpu_usage._MACHINES_OWN_PIDS", here)


@pytest.mark.usefixtures("own_numbers")
def test_what_the_driver_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    compute = [holds(7, 30), holds(8, 5), holds(9, None)]
    nvml = FakeNvml(compute=compute, graphics=[holds(7, 40), holds(9, 1)])
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert NvmlReader("0000:41:00.0").used_mib() == {7: 40.0, 8: 5.0, 9: None}


def test_what_is_not_told_of_a_process_inside_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = SimpleNamespace(used_mib=lambda: {7: 1.0, 8: None})
    monkeypatch.setattr("fairmark.sandbox.gpu_usage._number_inside", lambda pid, _: {7: 2}.get(pid))
    assert _held_inside(reader, 1) == {2: 1.0}
    monkeypatch.setattr("fairmark.sandbox.gpu_usage._number_inside", lambda pid, _: pid)
    with pytest.raises(FairmarkError, match="does not tell how much memory"):
        _held_inside(reader, 1)


@pytest.mark.usefixtures("own_numbers")
@pytest.mark.parametrize("broken", ["init", "handle", "list"])
def test_what_the_driver_does_not_tell_is_an_error(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    nvml = FakeNvml(compute=[], graphics=[], broken=broken)
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    with pytest.raises(FairmarkError, match="NVIDIA's driver does not tell"):
        NvmlReader("0000:41:00.0").used_mib()


def test_in_a_container_the_driver_tells_nothing_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(compute=[], graphics=[]))
    monkeypatch.setattr("fairmark.sandbox.gpu_usage._MACHINES_OWN_PIDS", "pid:[1]")
    with pytest.raises(FairmarkError, match="--pid=host"):
        NvmlReader("0000:41:00.0")


def test_the_package_that_is_needed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(FairmarkError, match=r"pip install 'fairmark\[gpu\]'"):
        NvmlReader("0000:41:00.0")


def test_the_real_library_has_what_is_asked_of_it() -> None:
    nvml = pytest.importorskip("pynvml", reason="nvidia-ml-py is not installed")
    assert issubclass(nvml.NVMLError, Exception)
    for name in vars(FakeNvml):
        if name.startswith("nvml"):
            assert callable(getattr(nvml, name))
    assert {"pid", "usedGpuMemory"} <= {name for name, _ in nvml.c_nvmlProcessInfo_t._fields_}


def test_torch_computes_on_a_real_gpu_in_a_copy() -> None:
    """What the stand-in stands for: run it on a machine with a GPU, with the extra ``gpu``."""
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("NOT RUN: there is no GPU here, so CUDA in the sandbox stays untested")
    limits = Limits(gpu_memory_mib=2048, memory_mib=16384)
    with make(["torch"], limits) as sandbox:
        process = sandbox.launch()
        try:
            source = "import torch\nx = torch.ones(3, device='cuda')\nprint(x.sum().item())"
            assert run(process, source) == "3.0"
            fork = process.fork(Asked(""))
            assert number(fork) == 1
            assert ask(fork, "assert (x + 1).sum().item() == 6")["status"] == "ok"
            with pytest.raises(ChannelClosed):
                ask(fork, "y = torch.ones(2**30, device='cuda')\nimport time\ntime.sleep(5)")
            ended = fork.close(1.0)
            assert ended is not None and ended.limit == "gpu"
        finally:
            process.close()
