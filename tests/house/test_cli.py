"""The command line: what it prints, what it returns, and that it can be stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_collection import add_notebook, make_root, save

import lupuscart
from lupuscart.cli import main

SOURCE = Path(lupuscart.__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    package = "import lupuscart\n\nprint(lupuscart.__file__)"
    shade = "shade = {'en': 2, 'zh': 3}[language]"
    add_notebook(root, "02_b.ipynb", package, shade, save("02_one"))
    return root


@pytest.fixture(autouse=True)
def in_root(root, monkeypatch):
    monkeypatch.chdir(root)


def refused(capsys, *arguments):
    """Return what a command that finds something wrong prints on the error stream."""
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("lupuscart: ")
    assert "Traceback" not in captured.err
    return captured.err


def misunderstood(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"lupuscart {lupuscart.__version__}\n"


@pytest.mark.parametrize(
    "command", [[], ["figures"], ["slides"], ["pages"], ["check-data"], ["sweep"]]
)
def test_help_has_examples_and_costs_nothing(command):
    code = (
        "import sys\nfrom lupuscart.cli import main\n"
        "try: main(sys.argv[1:])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, *command, "--help"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("examples:" in shown.stdout) == bool(command)
    assert not {"papermill", "pandas", "numpy", "matplotlib"} & set(shown.stderr.split())


def test_check_data_counts_the_rows(capsys):
    from lupuscart.data.tables import check_data

    _, rows = check_data("data/trials.csv")
    assert main(["check-data"]) == 0
    assert main(["check-data", "data/trials.csv"]) == 0
    assert capsys.readouterr().out == f"no problem in {rows} rows\n" * 2


def test_check_data_prints_every_problem(capsys, tmp_path):
    table = make_root(tmp_path / "mine") / "data" / "trials.csv"
    text = table.read_text(encoding="utf-8").replace(",12,15,", ",16,15,")
    table.write_text(text.replace(",13,15,", ",many,15,"), encoding="utf-8")
    assert main(["check-data", str(table)]) == 1
    captured = capsys.readouterr()
    assert "'16'" in captured.out
    assert "'many'" in captured.out
    problems = len(captured.out.splitlines())
    assert captured.err == f"lupuscart: {problems} problems in {table}\n"


def test_check_data_of_a_missing_file(capsys):
    assert main(["check-data", "none.csv"]) == 1
    captured = capsys.readouterr()
    assert "none.csv" in captured.out
    assert captured.err == "lupuscart: 1 problem in none.csv\n"


def test_outside_of_a_collection(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in ("figures", "check-data"):
        assert "no collection found" in refused(capsys, command)


def test_every_wrong_parameter_is_told(capsys):
    arguments = ["-p", "confidence_levl", "1", "-p", "outcome", "sri5", "--language", "fr"]
    told = refused(capsys, "figures", "02", *arguments)
    assert "did you mean 'confidence_level'" in told
    assert "did you mean 'sri4'" in told
    assert "language is 'fr'; allowed: en, zh" in told
    assert not Path("build").exists()


@pytest.mark.parametrize("level", ["0", "1", "95", "abc"])
def test_a_wrong_level(capsys, level):
    assert "confidence_level is " in refused(capsys, "figures", "--confidence-level", level)


def test_a_missing_folder(capsys):
    assert "figures_dir is 'none'" in refused(capsys, "figures", "--figures-dir", "none")


def test_slides_tell_everything_that_is_wrong(capsys):
    told = refused(capsys, "slides", "02", "--language", "fr", "--output", "none/deck.ppt")
    assert "language is 'fr'; allowed: en, zh" in told
    assert "output is 'none/deck.ppt'; allowed: a file that ends in .pptx" in told
    assert not Path("build").exists()


def test_the_collections_own_figures_are_not_replaced_by_other_settings(root, capsys):
    assert main(["figures", "1", "-p", "confidence_level", "0.9"]) == 0
    assert capsys.readouterr().out == "1 figure in my-figures: 01_one\n"
    assert (root / "my-figures" / "01_one.csv").read_text() == "events,level\n1,0.9\n"
    assert not (root / "figures").exists()


def test_slides_are_written_where_asked(capsys, tmp_path):
    deck = tmp_path / "my deck 幻灯片.pptx"
    assert main(["slides", "01", "--output", str(deck), "--quiet"]) == 0
    assert deck.read_bytes().startswith(b"PK")
    assert capsys.readouterr().out == ""


def test_what_is_not_understood(capsys):
    assert "COMMAND" in misunderstood(capsys)
    assert "figurs" in misunderstood(capsys, "figurs")
    assert "--jobs" in misunderstood(capsys, "figures", "--jobs", "two")
    twice = ["figures", "--language", "en", "-p", "language", "zh"]
    assert "the parameter language is given twice" in misunderstood(capsys, *twice)
    assert "--check" in misunderstood(capsys, "figures", "--check", "--language", "zh")
    assert "--check" in misunderstood(capsys, "figures", "02", "--check")
    assert "--check" in misunderstood(capsys, "figures", "--pdf", "--check")


@pytest.fixture
def command():
    """Start ``python -m lupuscart.cli`` from the source tree, by a relative path."""
    return {
        "args": [sys.executable, "-m", "lupuscart.cli", "figures"],
        "env": {**os.environ, "PYTHONPATH": os.path.relpath(SOURCE)},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def test_figures_from_the_source_tree(root, command, tmp_path):
    command["args"] += ["02", "--language", "zh", "-p", "confidence_level", "0.9"]
    command["args"] += ["--figures-dir", str(tmp_path)]
    done = subprocess.run(**command)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"1 figure in {tmp_path}: 02_one\n"
    # The bar alone: nothing of papermill's or of the kernel's.
    assert "1/1" in done.stderr
    assert "02_b.ipynb" in done.stderr
    assert all("notebook" in line for line in done.stderr.split("\r") if line.strip())
    assert (tmp_path / "02_one.csv").read_text() == "events,level\n3,0.9\n"
    executed = (root / "build" / "notebooks" / "02_b.ipynb").read_text(encoding="utf-8")
    assert str(SOURCE / "lupuscart" / "__init__.py") in executed
    assert not (root / "figures").exists()


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
        # On Linux an ended process that nobody has waited for yet is still listed, as Z.
        status = Path(f"/proc/{process}/stat")
        return not status.exists() or ") Z " not in status.read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_run_that_is_stopped_leaves_nobody_behind(root, command, tmp_path, stop, code):
    started = tmp_path / "kernel"
    wait = f"import os, time\nopen({str(started)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    add_notebook(root, "99_waits.ipynb", "shade = 1", save("99_one"), wait)
    command["args"] += ["99", "--quiet"]
    with subprocess.Popen(**command) as run:
        wait_until(lambda: started.exists() and started.read_text())
        run.send_signal(stop)
        out, errors = run.communicate(timeout=60)
    assert (run.returncode, out, errors) == (code, "", "")
    wait_until(lambda: not is_running(int(started.read_text())))
    assert not list(root.glob("figures/99*"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_a_refresh_that_is_killed_leaves_nothing_that_the_next_does_not_remove(root, tmp_path):
    own = {**os.environ, "PYTHONPATH": str(SOURCE), "XDG_CACHE_HOME": str(tmp_path)}
    started = tmp_path / "kernel"
    wait = f"import os, time\nopen({str(started)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    add_notebook(root, "98_waits.ipynb", wait)
    refresh = [sys.executable, "-m", "lupuscart.cli", "refresh"]
    with subprocess.Popen([*refresh, "98"], env=own) as run:
        wait_until(lambda: started.exists() and started.read_text())
        run.kill()
    wait_until(lambda: not is_running(int(started.read_text())))
    runtime = tmp_path / "lupuscart" / "jupyter" / "runtime"
    assert list(runtime.glob("*/kernel-*.json"))
    subprocess.run([*refresh, "01"], env=own, check=True, capture_output=True)
    assert list(runtime.iterdir()) == []
