"""Messages reach every console, and no text commands a terminal."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_collection import add_notebook, make_root, save

import lupuscart
from lupuscart.console import plain

SOURCE = str(Path(lupuscart.__file__).resolve().parents[1])
COMMAND = [sys.executable, "-m", "lupuscart.cli"]
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has other shells")


def run(root, *arguments, shell="", own=None):
    """Run a command, by a shell that ends in `shell`, and return how it ended, in bytes."""
    command = [*COMMAND, *arguments]
    environment = {**os.environ, "PYTHONPATH": SOURCE, **(own or {})}
    if shell:
        command = ["bash", "-c", f'set -o pipefail; "$@" {shell}', "-", *command]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    error = "raise ValueError('\\x1b[2J\\x1b]0;owned\\x07\\r\\nlupuscart: all is well\\u202e缓解')"
    add_notebook(root, "02_b.ipynb", error)
    table = root / "data" / "trials.csv"
    text = table.read_text(encoding="utf-8").replace(",lldas_and_doris,", ",缓解,", 1)
    (root / "data" / "bad.csv").write_text(text, encoding="utf-8")
    return root


@given(st.text())
def test_a_plain_text_holds_what_can_be_seen(text):
    told = plain(text)
    categories = {unicodedata.category(each) for each in told if each not in "\n\t"}
    assert categories.isdisjoint({"Cc", "Cf", "Zl", "Zp"})
    assert plain(told) == told


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "gb18030", "utf-8"])
def test_a_problem_is_told_on_every_console(root, encoding):
    done = run(root, "check-data", "data/bad.csv", own={"PYTHONIOENCODING": encoding})
    told = done.stdout.decode(encoding)
    assert done.returncode == 1
    assert "bad.csv, row 2, column outcome: " in told
    assert ("缓解" in told) or (r"\u7f13\u89e3" in told)
    assert done.stderr.endswith(b"bad.csv\n")


def test_a_folder_of_another_script_is_told(root):
    done = run(root, "check-data", "狼疮/none.csv", own={"PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 1
    assert rb"\u72fc\u75ae/none.csv" in done.stdout


def test_no_escape_of_a_notebook_or_a_path_reaches_the_terminal(root):
    for arguments in (["figures", "02", "--quiet"], ["check-data", "no\x1b]0;x\x07\rne.csv"]):
        done = run(root, *arguments)
        assert done.returncode == 1
        printed = (done.stdout + done.stderr).decode()
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(printed)
        assert r"\x1b" in printed


@POSIX
def test_a_reader_who_has_gone_is_not_told_of_it(root):
    for arguments in (["check-data", "data/bad.csv"], ["figures", "01"]):
        done = run(root, *arguments, shell="| true", own={"PYTHONUNBUFFERED": "1"})
        assert done.stderr.replace(b"\r", b"").count(b"lupuscart: ") <= 1
        assert b"Broken pipe" not in done.stderr
        assert b"Traceback" not in done.stderr
        assert b"Exception ignored" not in done.stderr


@POSIX
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_are_nothing_to_a_run(root, closed):
    done = run(root, "figures", "01", "--anew", shell=closed)
    assert done.returncode == 0, done.stderr
    assert (root / "figures" / "01_one.csv").read_text() == "events,level\n1,0.95\n"


@POSIX
@pytest.mark.parametrize("limit", [20, 64, 200])
def test_too_few_open_files_are_told_before_anything_runs(root, limit):
    done = subprocess.run(
        ["bash", "-c", f'ulimit -n {limit}; exec "$@"', "-", *COMMAND, "figures", "01"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"lupuscart: a process may open {limit} files here; allowed: at least 256, as "
        "`ulimit -n 256` sets it\n"
    )


@POSIX
def test_a_low_limit_that_may_be_raised_is_raised(root):
    command = ["bash", "-c", 'ulimit -S -n 64; exec "$@"', "-", *COMMAND, "figures", "01", "--anew"]
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_warnings_as_errors_are_quiet(root):
    own = {"PYTHONWARNINGS": "error", "MPLBACKEND": "nosuch"}
    done = run(root, "figures", "01", "--anew", "--quiet", own=own)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_too_little_memory_is_told(root, capsys, monkeypatch):
    from lupuscart import cli
    from lupuscart.commands import check_data

    def exhausted(options):
        raise MemoryError

    monkeypatch.setattr(check_data, "run", exhausted)
    assert cli.main(["check-data"]) == 1
    assert capsys.readouterr().err.startswith("lupuscart: the memory that this process may use")


@POSIX
def test_a_clone_that_cannot_be_written_to(root, tmp_path, monkeypatch):
    """As root may write anywhere, a file stands where the folder would be made."""
    clone = make_root(tmp_path / "clone")
    add_notebook(clone, "01_a.ipynb", "shade = 1", save("01_one"))
    (clone / "build").write_text("no folder")
    mine = tmp_path / "mine"
    mine.mkdir()
    before = sorted(path for path in clone.rglob("*"))
    for _ in range(2):
        done = run(clone, "figures", "--figures-dir", str(mine))
        assert done.returncode == 0, done.stderr
    assert "up to date" in done.stdout.decode()
    assert (mine / "01_one.csv").exists()
    assert sorted(path for path in clone.rglob("*")) == before
