"""Kernels forked from a warm process: the same figures, and nobody left over."""

import os
import signal
import subprocess
import sys

import pytest
from house.test_cli import is_running, wait_until
from tiny_collection import LOAD, add_notebook, make_root, save

from lupuscart.kernels.environment import kernel_environment
from lupuscart.kernels.fork import ForkServer, can_fork
from lupuscart.notebooks.run import run_notebooks

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"
)

SERVER = "import os\nparent = open(f'/proc/{os.getppid()}/cmdline').read()"
FORKED = f"{SERVER}\nshade = 9 if 'kernels.fork' in parent else 1"


def make(root, shade):
    for number in (1, 2):
        add_notebook(root, f"0{number}_a.ipynb", LOAD, shade, save(f"0{number}_one"))
    return root


def test_kernels_can_be_forked_here():
    assert can_fork()


@pytest.mark.parametrize(("warm", "shade"), [(True, 9), (False, 1)])
def test_kernels_are_forked_unless_asked_not_to(tmp_path, warm, shade):
    root = make(make_root(tmp_path / "root"), FORKED)
    run_notebooks(root=root, progress=False, warm=warm)
    for number in (1, 2):
        table = root / "figures" / f"0{number}_one.csv"
        assert table.read_text() == f"events,level\n{shade},0.95\n"


@pytest.mark.parametrize("warm", [True, False])
def test_a_page_finds_the_modules_beside_it(tmp_path, warm):
    root = make_root(tmp_path / "root")
    (root / "notebooks" / "beside.py").write_text("shade = 7\n")
    make(root, "from beside import shade")
    run_notebooks(root=root, progress=False, warm=warm)
    assert (root / "figures" / "02_one.csv").read_text() == "events,level\n7,0.95\n"


def test_each_kernel_draws_random_numbers_of_its_own(tmp_path):
    draw = "import random\nimport numpy as np\n\n"
    draw += "shade = int(np.random.randint(1 << 30)) % 251 + 1000 * random.randrange(1 << 30)"
    root = make_root(tmp_path / "root")
    for number in (1, 2):
        cells = [LOAD, draw, save(f"0{number}_one").replace("3), shade)", "3), 0)")]
        add_notebook(root, f"0{number}_a.ipynb", *cells)
    run_notebooks(root=root, progress=False)
    first, second = (
        int((root / "figures" / f"0{number}_one.csv").read_text().split("\n")[1].split(",")[0])
        for number in (1, 2)
    )
    assert first % 1000 != second % 1000
    assert first // 1000 != second // 1000


def test_a_kernel_starts_all_the_same_if_the_server_is_gone(tmp_path, monkeypatch):
    root = make(make_root(tmp_path / "root"), FORKED)
    start = ForkServer.__init__

    def start_and_die(server, *arguments, **options):
        start(server, *arguments, **options)
        server._process.kill()
        server._process.wait()

    monkeypatch.setattr(ForkServer, "__init__", start_and_die)
    run_notebooks(root=root, progress=False)
    assert (root / "figures" / "01_one.csv").read_text() == "events,level\n1,0.95\n"


OWNER = """
import os, sys, time
from lupuscart.kernels.environment import kernel_environment
from lupuscart.kernels.fork import ForkServer
server = ForkServer("", kernel_environment())
connection = os.path.join(sys.argv[1], "connection.json")
log = os.path.join(sys.argv[1], "log")
kernel = server.fork(["-f", connection], folder=sys.argv[1], environment=dict(os.environ), log=log)
print(kernel.pid, server._process.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("killed", ["owner", "server"])
def test_nobody_is_left_over(tmp_path, killed):
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as owner:
        kernel, server = map(int, owner.stdout.readline().split())
        # Once it has written this it is up.
        wait_until((tmp_path / "connection.json").exists)
        assert is_running(kernel)
        os.kill({"owner": owner.pid, "server": server}[killed], signal.SIGKILL)
        wait_until(lambda: not is_running(kernel))
        wait_until(lambda: not is_running(server))
        owner.kill()


def test_the_end_of_a_server_is_the_end_of_its_kernels(tmp_path):
    with ForkServer("", kernel_environment()) as server:
        options = {"folder": str(tmp_path), "environment": dict(os.environ)}
        connection = tmp_path / "connection.json"
        kernel = server.fork(["-f", str(connection)], log=str(tmp_path / "log"), **options)
        wait_until(connection.exists)
        assert kernel.poll() is None
    kernel.wait(timeout=60)
    assert not is_running(kernel.pid)


def test_threads_of_a_kernel_are_the_users_to_choose(monkeypatch):
    monkeypatch.setenv("MKL_NUM_THREADS", "4")
    environment = kernel_environment()
    assert environment["MKL_NUM_THREADS"] == "4"
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
