"""A sweep is the same however it was made: at once, in pieces, here, or on a cluster."""

import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pandas as pd
import pytest
from tiny_collection import add_notebook, make_root

from lupuscart.cli import main
from lupuscart.sweep import run as sweep_module
from lupuscart.sweep.grid import Grid
from lupuscart.sweep.run import SweepError, run_sweep
from lupuscart.sweep.workers import SCRATCH, connect

# They come with the extra that a sweep needs; the lock has it.
pytest.importorskip("pyarrow")
distributed = pytest.importorskip("distributed")

# Its table has a text, a number that needs every digit, and a gap.
PAGE = """\
with open(f"{figures_dir}/01_one.csv", "w") as table:
    table.write(f"name,level,gap\\n{cohort},{confidence_level / 3!r},\\nb,2,\\n")
"""
# The first time, the worker is killed while it waits for this page; its folder is `outcome`.
KILL = """\
import os, signal
from pathlib import Path

marker = Path(MARKERS) / cohort
if cohort in ("dies once", "dies") and (cohort == "dies" or not marker.exists()):
    marker.touch()
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()
"""
LEVELS = (0.8, 0.9)


def make_page(root, *cells):
    make_root(root)
    add_notebook(root, "01_a.ipynb", *cells, PAGE)
    return root


def killing(markers):
    markers.mkdir()
    return KILL.replace("MARKERS", repr(str(markers)))


def files(folder):
    """Return what a sweep made, but for its journal, which is in the order of the work."""
    names = ("results.parquet", "results.csv", "failures.csv", "overview.csv", "overview.png")
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    return make_page(folder / "root", killing(folder / "markers"))


GRID = Grid({"confidence_level": LEVELS, "cohort": ("x", "dies once")})


@pytest.fixture(scope="module")
def local_workers():
    """Two workers of this machine, started as every sweep starts its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OPENBLAS_NUM_THREADS", raising=False)
        with connect(jobs=2) as workers:
            yield workers


@pytest.fixture
def shared(local_workers, monkeypatch):
    """For a test that is not about how workers come and go: they are there already."""
    monkeypatch.setattr(sweep_module, "connect", lambda *_, **__: nullcontext(local_workers))


@pytest.fixture(scope="module")
def serial(root):
    """One combination at a time, in order."""
    markers = root.parent / "markers"
    (markers / "dies once").touch()
    done = run_sweep(["01"], GRID, root=root, jobs=1, csv=True, progress=False)
    assert done.failures == {} and done.overview == ""
    assert done.folder == root / "build" / "sweep" / "01_a"
    (markers / "dies once").unlink()
    return files(done.folder)


def test_the_table_is_tidy(root, serial):
    table = pd.read_parquet(root / "build/sweep/01_a/results.parquet")
    assert table.columns.tolist() == [
        *("combination", "confidence_level", "cohort", "table", "row", "name", "level", "gap")
    ]
    assert table["combination"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert table["confidence_level"].tolist() == [0.8] * 4 + [0.9] * 4
    assert table["level"].tolist()[::2] == [0.8 / 3, 0.8 / 3, 0.9 / 3, 0.9 / 3]
    assert table["gap"].isna().all()
    record = json.loads((root / "build/sweep/01_a/sweep.json").read_text(encoding="utf-8"))
    assert record["grid"] == {"confidence_level": [0.8, 0.9], "cohort": ["x", "dies once"]}
    assert sorted(record["sources"]) == ["01_a.ipynb", "trials.csv"]


def test_workers_that_are_killed_cost_nothing_but_a_page_that_kills_them_all(tmp_path):
    root = make_page(tmp_path / "root", killing(tmp_path / "markers"))
    grid = Grid({"cohort": ("dies", "y", "dies once")})
    done = run_sweep(["01"], grid, root=root, jobs=2, progress=False)
    assert done.failures == {0: "the workers that ran it died, one after the other"}
    assert (tmp_path / "markers" / "dies once").exists()
    table = pd.read_parquet(done.folder / "results.parquet")
    assert table["cohort"].drop_duplicates().tolist() == ["y", "dies once"]
    failed = pd.read_csv(done.folder / "failures.csv")
    assert failed[["combination", "cohort"]].to_numpy().tolist() == [[0, "dies"]]


def wait_for(condition):
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("waited for two minutes in vain")


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def family(pid):
    """A process and all below it."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    children = " ".join(thread.read_text() for thread in threads).split()
    return [str(pid), *(each for child in children for each in family(child))]


def semaphores(pids):
    """The named semaphores that processes hold, as files."""
    maps = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in pids)
    return {Path(line.split()[5]) for line in maps.splitlines() if "/dev/shm/sem." in line}


HOLD = """\
import time
from pathlib import Path

Path(FOLDER, f"ran {confidence_level}").touch()
if Path(FOLDER, "hold").exists() and confidence_level == 0.9:
    Path(FOLDER, "here").touch()
    time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are read from /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_sweep_that_is_stopped_goes_on_and_leaves_nothing_behind(tmp_path, sent, request):
    root = make_page(tmp_path / "root", HOLD.replace("FOLDER", repr(str(tmp_path))))
    (tmp_path / "hold").touch()
    scratch = tmp_path / "scratch"
    (scratch / f"{SCRATCH}of a machine that lost power" / "x").mkdir(parents=True)
    grid = tmp_path / "grid.yaml"
    grid.write_text("confidence_level: [0.8, 0.9]\n")
    command = [sys.executable, "-m", "lupuscart.cli", "sweep", "01", "--grid", str(grid)]
    running = subprocess.Popen(
        [*command, "--jobs", "1", "--quiet"],
        cwd=root,
        env={**os.environ, "TMPDIR": str(scratch)},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for((tmp_path / "here").exists)
    pids = family(running.pid)
    held = semaphores(pids)
    assert len(pids) > 3 and held and len(list(scratch.iterdir())) == 1
    running.send_signal(sent)
    assert running.communicate(timeout=60)[1] == ""
    assert running.returncode == (130 if sent == signal.SIGINT else -sent)
    wait_for(lambda: not any(map(is_alive, pids)))
    wait_for(lambda: not any(path.exists() for path in held))
    assert list(scratch.iterdir()) == []
    if sent == signal.SIGKILL:
        (tmp_path / "hold").unlink()
        (tmp_path / "ran 0.8").unlink()
        request.getfixturevalue("shared")
        done = run_sweep(["01"], Grid({"confidence_level": LEVELS}), root=root, progress=False)
        assert (done.kept, done.combinations, done.failures) == (1, 2, {})
        assert not (tmp_path / "ran 0.8").exists()
    journal = (root / "build/sweep/01_a/journal.jsonl").read_text(encoding="utf-8")
    kept = 2 if sent == signal.SIGKILL else 1
    assert sum("key" in json.loads(line) for line in journal.splitlines()) == kept


def test_a_script_needs_no_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from lupuscart.sweep import Grid, run_sweep\n"
        "grid = Grid({'rate': (0.1,), 'true_rate': (0.01, 0.02)})\n"
        "done = run_sweep(['planning.no_event_plan'], grid, output='out', jobs=1, progress=False)\n"
        "print(done.rows, done.failures)\n"
    )
    ended = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True
    )
    assert (ended.stdout, ended.stderr) == ("2 {}\n", "")


def test_a_cluster_that_loses_a_worker_gives_the_same(root, serial, tmp_path, request):
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        marker = root.parent / "markers" / "dies once"
        marker.unlink(missing_ok=True)
        options = {"scheduler": cluster.scheduler_address, "csv": True, "progress": False}
        done = run_sweep(["01"], GRID, root=root, output=tmp_path / "pages", **options)
        assert marker.exists()
        assert files(done.folder) == serial
        journal = (done.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        keys = [entry["key"] for entry in map(json.loads, journal) if "key" in entry]
        assert len(keys) == len(set(keys)) == GRID.size

        names = ["planning.power_two_arm"]
        there = run_sweep(names, PLANS, output=tmp_path / "there", **options)
        worker = next(iter(cluster.workers.values())).worker_address
        with pytest.raises(ValueError, match=r"no Dask scheduler answers \(.*worker answers there"):
            run_sweep(names, PLANS, output=tmp_path / "w", scheduler=worker)
    request.getfixturevalue("shared")
    here = run_sweep(names, PLANS, output=tmp_path / "here", csv=True, progress=False)
    assert files(there.folder) == files(here.folder)


PLANS = Grid(
    {"n1": (5, 10, 15), "n2": (5, 8), "p1": (0.8, 1.8), "p2": (0.1, 0.2), "test": ("fisher",)}
)


@pytest.mark.usefixtures("shared")
def test_functions_and_failures_beside_results(root, tmp_path):
    names = ["planning.power_two_arm"]
    done = run_sweep(names, PLANS, root=root, output=tmp_path, jobs=2, progress=False)
    table = pd.read_parquet(tmp_path / "results.parquet")
    assert len(table) == done.rows == 12
    assert len(done.failures) == 12
    assert done.failures[2].startswith("ValueError: p1 is 1.8")
    again = run_sweep(names, PLANS, root=root, output=tmp_path, jobs=1, progress=False)
    assert (again.kept, again.failures) == (12, done.failures)


@pytest.mark.usefixtures("shared")
def test_a_grid_that_grows_and_shrinks_runs_only_what_is_missing(root, tmp_path):
    def plan(*sizes):
        grid = Grid({"rate": (0.1,), "true_rate": sizes})
        return run_sweep(
            ["planning.no_event_plan"], grid, root=root, output=tmp_path, jobs=1, progress=False
        )

    assert plan(0.01, 0.02).kept == 0
    assert plan(0.03, 0.02, 0.01).kept == 2
    assert plan(0.01).kept == 1
    assert len(pd.read_parquet(tmp_path / "results.parquet")) == 1


@pytest.mark.usefixtures("shared")
def test_a_page_or_table_that_changed_since_makes_it_start_anew(tmp_path):
    root = make_page(tmp_path / "root")
    grid = Grid({"cohort": ("x",)})
    run_sweep(["01"], grid, root=root, jobs=1, progress=False)
    add_notebook(root, "01_a.ipynb", "1", PAGE)
    claims = root / "data" / "claims.csv"
    lines = claims.read_text(encoding="utf-8").splitlines(keepends=True)
    claims.write_text("".join(lines[:-1]), encoding="utf-8")
    done = run_sweep(["01"], grid, root=root, jobs=1, progress=False)
    assert (done.kept, done.changed) == (0, ["01_a.ipynb", "trials.csv"])


@pytest.mark.usefixtures("shared")
def test_software_that_changed_since_makes_it_start_anew(root, tmp_path, monkeypatch):
    def plan():
        grid = Grid({"rate": (0.1,), "true_rate": (0.01,)})
        return run_sweep(
            ["planning.no_event_plan"], grid, root=root, output=tmp_path, jobs=1, progress=False
        )

    assert plan().kept == 0
    real = sweep_module.software()
    monkeypatch.setattr(sweep_module, "software", lambda: {**real, "scipy": "1.0"})
    done = plan()
    assert (done.kept, done.changed) == (0, ["the version of scipy"])
    # The worker has the real one, and says so.
    assert done.failures == {0: f"the worker has scipy {real['scipy']} instead of 1.0"}


@pytest.mark.parametrize(
    ("names", "grid", "message"),
    [
        (["01"], {"confidence_levl": (0.9,)}, "parameter is 'confidence_levl'; did you mean"),
        (["01"], {"figures_dir": ("a",)}, "parameter is 'figures_dir'"),
        (["01"], {"confidence_level": (0.9, "high")}, "confidence_level is 'high'; allowed: a"),
        (["01"], {"confidence_level": (0.9, 1.5)}, "confidence_level is 1.5"),
        (["01"], {"confidence_level": (0.9, "0.90")}, "confidence_level holds 0.9 twice"),
        (["01"], {"cohort": (True,)}, "cohort is True; allowed: text"),
        (["01"], {"outcome": ("doris", "sri5")}, "outcome is 'sri5'; did you mean"),
        (["01"], {"trials_csv": ("none.csv",)}, r"none\.csv"),
        (["07"], {"cohort": ("a",)}, "notebook is '07'; allowed: 01_a"),
        (["planning.power"], {"n1": (5,)}, "function is 'planning.power'; did you mean"),
        (["planning.check_plan"], {"n1": (5,)}, "function is 'planning.check_plan'"),
        (["planning.os"], {"n1": (5,)}, "function is 'planning.os'"),
        (["planning.power_two_arm"], {"n1": (5,), "n": (5,)}, "(?s)parameter is 'n'.*no n2, p1"),
        (["planning.power_map"], {"progress": ("x",)}, "parameter is 'progress'"),
    ],
)
def test_nothing_runs_before_everything_is_checked(root, tmp_path, names, grid, message):
    with pytest.raises(ValueError, match=message):
        run_sweep(names, Grid(grid), root=root, output=tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "foo://a:1", "", "tls://a:1"])
def test_a_scheduler_that_is_not_there(address):
    refused = pytest.raises(ValueError, match=r"scheduler is .*, where no Dask scheduler answers")
    with refused, connect(address):
        pass


@contextmanager
def another_server(answer):
    """A server that is no scheduler, and its address."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.sendall(answer)
            self.request.recv(1)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "tcp://{}:{}".format(*server.server_address)
        server.shutdown()


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9]
)
def test_what_answers_is_no_scheduler(answer):
    refused = pytest.raises(ValueError, match=r"where no Dask scheduler answers")
    with another_server(answer) as address, refused, connect(address):
        pass


def test_of_an_address_that_does_not_do_one_line_is_said(tmp_path):
    (tmp_path / "grid.yaml").write_text("rate: 0.1\ntrue_rate: 0.01\n", encoding="utf-8")
    command = [sys.executable, "-m", "lupuscart.cli", "sweep", "planning.no_event_plan"]
    options = ["--grid", "grid.yaml", "--output", "out", "--scheduler", "tls://127.0.0.1:9"]
    ended = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 1
    (said,) = ended.stderr.splitlines()
    assert said.startswith("lupuscart: scheduler is 'tls://127.0.0.1:9'")


def test_a_worker_starts_one_thread_of_linear_algebra(local_workers):
    assert local_workers.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"


def test_nobody_else_can_use_the_workers_of_this_machine(local_workers):
    address = local_workers.scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    for stranger in (address, address.replace("tls", "tcp")):
        refused = pytest.raises(ValueError, match="no Dask scheduler answers")
        with refused, connect(stranger):
            pass


def test_workers_that_cannot_be_started_say_why(monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", '["no_such_module"]')
    refused = pytest.raises(
        OSError, match=r"machine cannot be started: ModuleNotFoundError: .*such"
    )
    with refused, connect(jobs=1):
        pass


def test_an_output_folder_that_cannot_be_written(root, tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", "/proc/sweep"):
        with pytest.raises(ValueError, match="where no file can be written"):
            run_sweep(["01"], Grid({"cohort": ("a",)}), root=root, output=folder)


@pytest.mark.parametrize(
    ("module", "options", "extra"),
    [("pyarrow", {}, "sweep"), ("distributed", {}, "sweep")],
)
def test_a_missing_package_is_named_with_its_extra(
    root, tmp_path, monkeypatch, module, options, extra
):
    monkeypatch.setitem(sys.modules, module, None)
    message = rf"{module} is not installed.*lupuscart\[{extra}\]"
    with pytest.raises(ValueError, match=message):
        run_sweep(["01"], Grid({"cohort": ("b",)}), root=root, output=tmp_path, **options)


def test_outside_of_a_collection_a_function_needs_an_output_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = Grid({"rate": (0.1,), "true_rate": (0.01,)})
    with pytest.raises(ValueError, match=r"no collection found.*--output"):
        run_sweep(["planning.no_event_plan"], grid)


def test_jobs_are_for_this_machine(root, tmp_path):
    with pytest.raises(ValueError, match="jobs is for this machine"):
        run_sweep(["01"], GRID, root=root, output=tmp_path, jobs=2, scheduler="tcp://a:1")
    with pytest.raises(ValueError, match="jobs is 0"):
        run_sweep(["01"], GRID, root=root, output=tmp_path, jobs=0)


def test_very_many_notebooks_are_asked_for_first(root, tmp_path):
    asked = []
    grid = Grid({"cohort": tuple(map(str, range(10_001)))})
    with pytest.raises(SweepError, match=r"10,001 notebooks were not started"):
        run_sweep(["01"], grid, root=root, output=tmp_path, confirm=asked.append)
    assert asked == ["This starts 10,001 notebooks."]


@pytest.mark.usefixtures("shared")
def test_what_is_there_already_is_not_asked_for(root, tmp_path, monkeypatch):
    def plan(*rates, confirm=None):
        grid = Grid({"rate": (0.1,), "true_rate": rates})
        names = ["planning.no_event_plan"]
        return run_sweep(
            names, grid, root=root, output=tmp_path, jobs=1, confirm=confirm, progress=False
        )

    plan(0.01, 0.02)
    monkeypatch.setitem(sweep_module.MANY, False, 2)
    assert plan(0.01, 0.02, 0.03).kept == 2
    with pytest.raises(SweepError, match="3 calls of functions were not started"):
        plan(0.04, 0.05, 0.06, confirm=lambda question: False)


def test_a_cluster_that_goes_away(root, tmp_path, monkeypatch, request):
    class GoneAfterOne:
        sent = 0

        def get_executor(self, **options):
            return self

        def nthreads(self):
            return {"a": 1}

        def submit(self, function, *arguments):
            future = Future()
            if self.sent:
                future.cancel()
                future.set_running_or_notify_cancel()
            else:
                future.set_result(function(*arguments))
            self.sent += 1
            return future

    fake = nullcontext(GoneAfterOne())
    monkeypatch.setattr(sweep_module, "connect", lambda *_, **__: fake)
    grid = Grid({"rate": (0.1, 0.2), "true_rate": (0.01,)})
    options = {"root": root, "output": tmp_path, "progress": False}
    with pytest.raises(SweepError, match="the cluster went away; what was finished is kept"):
        run_sweep(["planning.no_event_plan"], grid, scheduler="tcp://a:1", **options)
    request.getfixturevalue("shared")
    assert run_sweep(["planning.no_event_plan"], grid, **options).kept == 1


@pytest.fixture
def grid_file(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    path = tmp_path / "grid.yaml"
    path.write_text("n1: [5, 6]\nn2: 5\np1: [0.8, 0.9]\np2: [0.2, 0.9]\ntest: fisher\n")
    return path


def command(grid_file, *more, target="planning.power_two_arm"):
    return ["sweep", target, "--grid", str(grid_file), "--jobs", "1", *more]


@pytest.mark.usefixtures("shared")
def test_the_command(grid_file, tmp_path, capsys):
    assert main(command(grid_file, "--output", str(tmp_path / "o"), "--csv", "--quiet")) == 0
    assert capsys.readouterr().out == ""
    assert main(command(grid_file, "--output", str(tmp_path / "o"))) == 0
    assert "8 combinations of 8 were there already" in capsys.readouterr().out
    names = {path.name for path in (tmp_path / "o").iterdir()}
    assert names == {
        *("results.parquet", "results.csv", "failures.csv", "sweep.json", "journal.jsonl"),
        *("overview.png", "overview.svg", "overview.csv", "overview.json"),
    }


@pytest.mark.usefixtures("shared")
def test_the_command_tells_of_failures(grid_file, tmp_path, capsys):
    grid_file.write_text(grid_file.read_text().replace("[5, 6]", "[5, 0]"))
    assert main(command(grid_file, "--output", str(tmp_path / "o"))) == 1
    captured = capsys.readouterr()
    assert "4 rows in" in captured.out
    assert "4 combinations of 8 failed; every error is in" in captured.err
    assert "ValueError: n1 is 0" in captured.err


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    ("answer", "terminal", "started"),
    [("y", True, True), ("", True, False), ("no", True, False), ("y", False, False)],
)
def test_the_command_asks_only_somebody(
    grid_file, tmp_path, capsys, monkeypatch, answer, terminal, started
):
    class Input:
        def isatty(self):
            return terminal

        def readline(self):
            return f"{answer}\n"

    monkeypatch.setattr("sys.stdin", Input())
    monkeypatch.setitem(sweep_module.MANY, False, 7)
    assert main(command(grid_file, "--output", str(tmp_path / "o"), "--quiet")) == int(not started)
    assert ("8 calls of functions were not started" in capsys.readouterr().err) is not started
    assert (tmp_path / "o" / "results.parquet").exists() is started
    assert main(command(grid_file, "--output", str(tmp_path / "o"), "--quiet", "--yes")) == 0


@pytest.mark.usefixtures("shared")
def test_the_column_of_the_overview(grid_file, tmp_path, capsys):
    where = ("--output", str(tmp_path / "o"), "--quiet")
    assert main(command(grid_file, *where, "--show", "size")) == 0
    assert main(command(grid_file, *where, "--show", "sizes")) == 1
    error = capsys.readouterr().err
    assert "show is 'sizes'" in error and "power_two_arm:size" in error
