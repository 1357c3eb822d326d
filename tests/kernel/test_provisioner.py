"""Real kernels in the sandbox, run by nbclient and by jupyter_client."""

import asyncio
import gc
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from fairmark.errors import FairmarkError
from fairmark.kernel import provisioner, spec, warm
from fairmark.sandbox import Limits
from tests.processes import pid_of

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Jupyter that knows the kernelspec and the provisioner, and nothing of this machine's."""
    prefix = tmp_path_factory.mktemp("jupyter")
    spec.install(prefix=str(prefix), preload=["numpy", "matplotlib.pyplot"])
    entry = EntryPoint(
        spec.PROVISIONER,
        "fairmark.kernel.provisioner:SandboxProvisioner",
        KernelProvisionerFactory.GROUP_NAME,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(prefix / "share" / "jupyter"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(prefix / "runtime"))
        patch.setenv("JUPYTER_CONFIG_DIR", str(prefix / "config"))
        patch.setitem(KernelProvisionerFactory.instance().provisioners, entry.name, entry)
        yield prefix
    warm.close_all()


@pytest.fixture
def manager(jupyter: Path) -> Iterator[KernelManager]:
    manager = KernelManager(kernel_name=spec.NAME)
    manager.start_kernel()
    yield manager
    if manager.has_kernel:
        manager.shutdown_kernel(now=True)


@pytest.fixture
def client(manager: KernelManager) -> Iterator[BlockingKernelClient]:
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=20)
    yield client
    client.stop_channels()


def run(client: BlockingKernelClient, source: str, timeout: float = 10) -> str:
    """Run a cell and return what it printed, or its error."""
    texts: list[str] = []

    def collect(message: dict[str, Any]) -> None:
        content = message["content"]
        texts.append(content.get("text") or content.get("evalue") or "")

    client.execute_interactive(source, output_hook=collect, timeout=timeout)
    return "".join(texts)


def execute(*cells: str, **options: Any) -> nbformat.NotebookNode:
    sources = [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=sources)
    NotebookClient(notebook, kernel_name=spec.NAME, **options).execute()
    return notebook


def socket_folder(manager: KernelManager) -> Path:
    return Path(manager.ip).parent


@pytest.mark.usefixtures("jupyter")
class TestNotebook:
    def test_runs_with_its_outputs(self) -> None:
        notebook = execute(
            "x = 20 + 1\nprint('hello')",
            "2 * x",
            "import os; os.system('echo from a program')",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
            "%matplotlib inline\nplt.figure(); plt.plot([2, 1]); plt.show()",
        )
        outputs = [cell.outputs for cell in notebook.cells]
        assert outputs[0][0].text == "hello\n"
        assert outputs[1][0].data["text/plain"] == "42"
        assert any("from a program" in output.get("text", "") for output in outputs[2])
        for figure in outputs[3], outputs[4]:
            assert [name for output in figure for name in output.data].count("image/png") == 1

    def test_draws_other_numbers_each_time(self) -> None:
        draw = "import random; print(random.random())"
        first, second = (execute(draw).cells[0].outputs[0].text for _ in range(2))
        assert first != second

    def test_tells_errors(self) -> None:
        with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
            execute("1 / 0")

    def test_notices_a_death(self) -> None:
        with pytest.raises(DeadKernelError):
            execute("import os; os._exit(3)")

    def test_interrupts_an_endless_loop_at_the_time_limit(self) -> None:
        cells = "while True: pass", "print('alive')"
        notebook = execute(*cells, timeout=1, interrupt_on_timeout=True, allow_errors=True)
        assert notebook.cells[0].outputs[0].ename == "KeyboardInterrupt"
        assert notebook.cells[1].outputs[0].text == "alive\n"


class TestSeal:
    def test_sees_no_file_of_this_machine(
        self, client: BlockingKernelClient, manager: KernelManager, jupyter: Path
    ) -> None:
        secrets = [
            str(Path.cwd() / "tests"),
            str(jupyter),
            str(socket_folder(manager)),
            "/etc/shadow",
        ]
        source = (
            f"import glob, os; print([p for p in {secrets} if os.path.exists(p)], glob.glob('*'))"
        )
        assert run(client, source) == "[] []\n"

    def test_sees_no_socket_of_another_kernel(
        self, client: BlockingKernelClient, manager: KernelManager
    ) -> None:
        other = KernelManager(kernel_name=spec.NAME)
        other.start_kernel()
        try:
            source = f"""
                import os, socket
                def reach(path):
                    try:
                        socket.socket(socket.AF_UNIX).connect(path)
                    except OSError as error:
                        return type(error).__name__
                found = [os.path.join(folder, name) for top in ("/run", "/tmp", "/home")
                         for folder, _, names in os.walk(top) for name in names if "k-" in name]
                abstract = open("/proc/net/unix").read().count("@")
                print(reach({other.ip + "-1"!r}), reach({manager.ip + "-1"!r}), found, abstract)
            """
            assert run(client, source.replace("\n" + " " * 16, "\n")).startswith(
                "FileNotFoundError FileNotFoundError [] 0"
            )
        finally:
            other.shutdown_kernel(now=True)

    def test_reaches_no_network(self, client: BlockingKernelClient) -> None:
        source = "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)"
        assert "refused" in run(client, source) or "unreachable" in run(client, source)

    def test_its_sockets_are_this_users_own(self, manager: KernelManager) -> None:
        folder = socket_folder(manager)
        assert manager.transport == "ipc"
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == os.getuid()

    def test_environment_is_clean(
        self, monkeypatch: pytest.MonkeyPatch, manager: KernelManager
    ) -> None:
        monkeypatch.setenv("SECRET_TOKEN", "hush")
        monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
        manager.restart_kernel(now=True)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=20)
        source = "import os; print(os.environ.get('NBGRADER_EXECUTION'), 'hush' in str(os.environ))"
        assert run(client, source) == "validate False\n"
        client.stop_channels()

    def test_limits_hold(self, client: BlockingKernelClient) -> None:
        assert "MemoryError" in run(
            client, "try: bytearray(2**34)\nexcept MemoryError as e: print(repr(e))"
        )


class TestLife:
    def test_interrupt(self, client: BlockingKernelClient, manager: KernelManager) -> None:
        def interrupt_by_signal() -> None:
            manager.signal_kernel(signal.SIGINT)

        interrupts: list[Callable[[], None]] = [manager.interrupt_kernel, interrupt_by_signal]
        for interrupt in interrupts:
            client.execute("print('begun')\nwhile True: pass", stop_on_error=False)
            while client.get_iopub_msg(timeout=30)["content"].get("text") != "begun\n":
                pass
            interrupt()
            assert client.get_shell_msg(timeout=30)["content"]["ename"] == "KeyboardInterrupt"
            assert run(client, "print(6 * 7)").endswith("42\n")

    def test_exit_codes(self, jupyter: Path) -> None:
        for source, code in (("os._exit(3)", 3), ("import ctypes; ctypes.string_at(0)", -11)):
            manager = KernelManager(kernel_name=spec.NAME)
            manager.start_kernel()
            client = manager.client()
            client.start_channels()
            client.execute(f"import os; {source}")
            assert manager.provisioner is not None
            deadline = time.monotonic() + 10
            while manager.is_alive() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert not manager.is_alive()
            assert asyncio.run(manager.provisioner.poll()) == code
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    def test_restart_keeps_clients_and_forgets_names(
        self, client: BlockingKernelClient, manager: KernelManager
    ) -> None:
        run(client, "x = 1")
        for now in (False, True):
            manager.restart_kernel(now=now)
            client.wait_for_ready(timeout=20)
            assert run(client, "print('x' in globals())") == "False\n"

    @pytest.mark.parametrize("now", [True, False])
    def test_shutdown_leaves_nothing(
        self, client: BlockingKernelClient, manager: KernelManager, now: bool
    ) -> None:
        folder = socket_folder(manager)
        run(client, "import subprocess; subprocess.Popen(['sleep', '4242'])")
        assert _processes("sleep 4242")
        manager.shutdown_kernel(now=now)
        assert not _processes("sleep 4242")
        assert not folder.exists()
        assert not Path(manager.connection_file).exists()
        assert not manager.is_alive()

    def test_an_abandoned_kernel_leaves_nothing(self, jupyter: Path) -> None:
        manager = KernelManager(kernel_name=spec.NAME)
        made = provisioner.SandboxProvisioner(parent=manager, kernel_spec=manager.kernel_spec)
        asyncio.run(made.pre_launch())
        folder = Path(made.connection_info["ip"]).parent
        assert folder.is_dir()
        del made
        gc.collect()
        assert not folder.exists()

    def test_outlives_the_thread_that_started_it(self, jupyter: Path) -> None:
        warm.close_all()
        manager = AsyncKernelManager(kernel_name=spec.NAME)

        async def start() -> None:
            await manager.start_kernel()

        async def shut_down() -> None:
            await manager.shutdown_kernel(now=True)

        thread = threading.Thread(target=lambda: asyncio.run(start()))
        thread.start()
        thread.join()
        client = BlockingKernelClient()
        client.load_connection_info(manager.get_connection_info())
        client.start_channels()
        client.wait_for_ready(timeout=20)
        assert run(client, "print(1)") == "1\n"
        client.stop_channels()
        asyncio.run(shut_down())

    def test_a_dead_warm_process_is_replaced(self, jupyter: Path) -> None:
        for _ in range(2):
            manager = KernelManager(kernel_name=spec.NAME)
            manager.start_kernel()
            client = manager.client()
            client.start_channels()
            client.wait_for_ready(timeout=20)
            keepers = list(warm._kept.values())
            sandbox = keepers[-1].sandbox.result()
            os.killpg(pid_of(sandbox), signal.SIGKILL)
            deadline = time.monotonic() + 5
            while manager.is_alive() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert not manager.is_alive()
            client.stop_channels()
            manager.shutdown_kernel(now=True)


class TestFiles:
    def test_are_copied_where_it_is_asked_for(
        self, jupyter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "x.csv").write_text("1,2")
        cell = "import os; print(os.path.exists('data/x.csv'))"
        for wanted in (False, True):
            monkeypatch.setattr(provisioner.SandboxProvisioner, "copy_files", wanted)
            notebook = execute(cell, resources={"metadata": {"path": str(tmp_path)}})
            assert notebook.cells[0].outputs[0].text == f"{wanted}\n"


class TestFolder:
    def test_name_fits_a_socket(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        deep = tmp_path / ("d" * 90)
        deep.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(deep))
        folder = provisioner._make_folder()
        assert len(str(folder)) < 100
        assert not list(deep.iterdir())
        folder.rmdir()


class TestSettings:
    def test_come_from_the_spec_or_the_application(self, jupyter: Path) -> None:
        from traitlets.config import Config

        config = Config({"Fairmark": {"preload": ["json"], "limits": {"cpu_seconds": 7}}})
        manager = KernelManager(kernel_name=spec.NAME, config=config)
        made = provisioner.SandboxProvisioner(parent=manager)
        assert made.preload == ["json"]
        assert made.limits == {"cpu_seconds": 7}
        assert provisioner.SandboxProvisioner(parent=manager, preload=["re"]).preload == ["re"]
        assert provisioner.SandboxProvisioner().preload == ["numpy"]

    def test_a_gpu_is_for_submissions(self, jupyter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from traitlets.config import Config

        def refuse(preload: object, limits: Limits, mode: object) -> None:
            raise FairmarkError(f"{limits.gpu_memory_mib} of {limits.cpu_seconds}")

        monkeypatch.setattr(provisioner, "kernel_sandbox", refuse)
        config = Config({"Fairmark": {"limits": {"gpu_memory_mib": 9, "cpu_seconds": 7}}})
        with pytest.raises(FairmarkError, match=r"^0 of 7$"):
            KernelManager(kernel_name=spec.NAME, config=config).start_kernel()

    def test_missing_bubblewrap_is_told(
        self, jupyter: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        warm.close_all()
        with pytest.raises(FairmarkError, match="apt-get install bubblewrap"):
            KernelManager(kernel_name=spec.NAME).start_kernel()


def _processes(command: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().replace(b"\0", b" ").strip().decode() == command:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
