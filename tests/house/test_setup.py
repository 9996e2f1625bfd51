"""A set-up that was cut short is never called ready; what a machine lacks is told in one line.

The Makefile is run on stand-ins for uv and pip that write a handful of files, one at a time, as
the real ones do: a package's `.dist-info` first, by which uv takes all of it for installed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT

from lupuscart.cli import main
from lupuscart.commands import lab

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the Makefile is for a POSIX shell")

# Every write is a step; at the one named in STOP, what ON_STOP says happens instead.
STEPS = """\
#!/bin/sh
set -eu
write() {
  steps=$(($(cat steps) + 1)); echo $steps > steps
  [ $steps != "$STOP" ] || eval "$ON_STOP"
  mkdir -p "$(dirname "$1")"; : > "$1"
}
"""

# The lock of the stand-in is a list of names.
UV = """\
case "$1 $2" in
"venv -q")
  for last; do :; done
  write "$last/bin/python"
  [ -e "$last/pyvenv.cfg" ] || write "$last/pyvenv.cfg" ;;
"pip sync")
  for name in $(cat requirements.lock); do
    [ ! -e ".venv/lib/$name.dist-info" ] || continue
    write ".venv/lib/$name.dist-info"
    for part in a b c; do write ".venv/lib/$name/$part.py"; done
  done ;;
"pip install")
  write .venv/lib/ours.dist-info
  write .venv/lib/ours/a.py ;;
esac
"""

# A Python without uv, whose pip installs the stand-in for it.
PYTHON = """\
case "$*" in
*--version*|-c*) exit 0 ;;
*"--target "*) target=${*##*--target }; target=${target% uv} ;;
esac
write "$target/uv/__init__.py"
write "$target/bin/uv"
cat uv-whole >> "$target/bin/uv"
write "$target/uv.dist-info"
chmod +x "$target/bin/uv"
"""

# All that the Makefile and the stand-ins call.
TOOLS = "sh make cat mkdir dirname rm mv touch find env id sleep chmod"

SIGNALS = ("KILL", "TERM", "INT")


@pytest.fixture
def clone(tmp_path):
    """The Makefile beside a lock of two packages, with uv at hand."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "requirements.lock").write_text("first second\n")
    _program(tmp_path / "bin" / "uv", STEPS + UV)
    _program(tmp_path / "uv-whole", STEPS + UV)
    _program(tmp_path / "bin" / "python3", STEPS + PYTHON)
    return tmp_path


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def _make(clone, *words, stop=0, on_stop="", **environment):
    (clone / "steps").write_text("0\n")
    given = {**os.environ, "STOP": str(stop), "ON_STOP": on_stop, **environment}
    given["PATH"] = f"{clone / 'bin'}:{given['PATH']}"
    given.pop("MAKEFLAGS", None)
    given = {name: value for name, value in given.items() if value is not None}
    return subprocess.run(
        ["make", "-s", *(words or [".venv/.ready"])],
        cwd=clone,
        env=given,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _steps(clone):
    return int((clone / "steps").read_text())


def _is_ready(clone):
    return _make(clone, "-q", ".venv/.ready").returncode == 0


def _installed(clone):
    lib = clone / ".venv" / "lib"
    return sorted(str(path.relative_to(lib)) for path in lib.rglob("*") if path.is_file())


def _whole(*names):
    parts = (".dist-info", "/a.py", "/b.py", "/c.py")
    return sorted(
        [f"{name}{part}" for name in names for part in parts] + ["ours.dist-info", "ours/a.py"]
    )


def _cut_short(clone, signal, lock, remake):
    """Stop the set-up at every write in turn, and begin again; yield after each."""
    remake()
    (clone / "requirements.lock").write_text(lock)
    assert _make(clone).returncode == 0
    last = _steps(clone)
    assert last > 8
    for step in range(1, last + 1):
        remake()
        (clone / "requirements.lock").write_text(lock)
        stopped = _make(clone, stop=step, on_stop=f"kill -{signal} 0; sleep 9")
        assert stopped.returncode != 0
        assert _steps(clone) == step
        assert not _is_ready(clone), f"called ready after {signal} at write {step}"
        assert _make(clone).returncode == 0
        assert _is_ready(clone)
        yield step


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_first_set_up_cut_short_anywhere_begins_anew(clone, signal):
    def nothing_yet():
        shutil.rmtree(clone / ".venv", ignore_errors=True)

    for step in _cut_short(clone, signal, "first second\n", nothing_yet):
        assert _installed(clone) == _whole("first", "second"), step


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_changed_lock_cut_short_anywhere_begins_anew(clone, signal):
    def earlier():
        (clone / "requirements.lock").write_text("first second\n")
        assert _make(clone).returncode == 0

    for step in _cut_short(clone, signal, "second third\n", earlier):
        assert _installed(clone) == _whole("second", "third"), step


def test_a_lock_put_back_after_a_set_up_cut_short_is_not_called_ready(clone):
    """The old lock keeps its old date; the environment is not what it was."""
    lock = clone / "requirements.lock"
    assert _make(clone).returncode == 0
    old = lock.stat()
    lock.write_text("third\n")
    assert _make(clone, stop=4, on_stop="kill -KILL 0").returncode != 0
    lock.write_text("first second\n")
    os.utime(lock, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert not _is_ready(clone)
    assert _make(clone).returncode == 0
    assert _installed(clone) == _whole("first", "second")


def test_of_two_set_ups_at_once_none_calls_the_others_half_ready(clone):
    assert _make(clone).returncode == 0
    last = _steps(clone)
    begins = "STOP=0 make -s .venv/.ready > other 2>&1"
    for step in range(1, last + 1):
        for other in (begins, f"(STOP=5 ON_STOP='exit 1'; export STOP ON_STOP; {begins[7:]}) || :"):
            shutil.rmtree(clone / ".venv")
            outer = _make(clone, stop=step, on_stop=f"echo 0 > steps; {other}")
            if outer.returncode == 0 or _is_ready(clone):
                assert _installed(clone) == _whole("first", "second"), (step, other)
            assert _make(clone).returncode == 0
            assert _installed(clone) == _whole("first", "second"), (step, other)


def test_nothing_of_a_folder_that_is_no_environment_is_removed(clone):
    (clone / ".venv").mkdir()
    (clone / ".venv" / "notes.txt").write_text("my own")
    assert _make(clone).returncode == 0
    assert (clone / ".venv" / "notes.txt").read_text() == "my own"


@pytest.fixture
def without_uv(clone):
    """A machine with a shell, make and a Python that has pip, and no uv."""
    (clone / "bin" / "uv").unlink()
    for tool in TOOLS.split():
        (clone / "bin" / tool).symlink_to(shutil.which(tool))
    return clone


def _make_alone(clone, *words, **options):
    """Run make with nothing but the clone's own programs on the path."""
    return _make(clone, *words, PATH="", **options)


@pytest.mark.parametrize("signal", SIGNALS)
def test_uv_that_pip_brought_half_is_brought_anew(without_uv, signal):
    clone = without_uv
    begun = _make_alone(clone)
    assert begun.returncode == 0, begun.stderr
    for step in (1, 2, 3):
        shutil.rmtree(clone / ".uv")
        shutil.rmtree(clone / ".venv")
        assert _make_alone(clone, stop=step, on_stop=f"kill -{signal} 0; sleep 9").returncode != 0
        assert _make_alone(clone).returncode == 0
        assert (clone / ".uv" / "uv.dist-info").exists()
        assert _installed(clone) == _whole("first", "second")


def _refusal(done):
    """The one line that is said before make's own."""
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(told) == 1, done.stderr
    return told[0]


def test_without_pip_and_uv_one_line_says_how_to_get_it(without_uv, root):
    _program(without_uv / "bin" / "python3", '#!/bin/sh\ncase "$*" in *pip*) exit 1 ;; esac\n')
    told = _refusal(_make_alone(without_uv))
    line = "apt install python3-pip python3-venv make git"
    assert "python3 has no pip" in told
    assert told.endswith(line)
    assert line in (root / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("uv", [True, False])
@pytest.mark.parametrize("found", ["Python 3.10.13", "Python 2.7.18", None])
def test_without_a_python_that_is_new_enough_one_line_says_so(clone, without_uv, uv, found):
    if uv:
        _program(clone / "bin" / "uv", STEPS + UV)
    program = clone / "bin" / "python3"
    if found is None:
        program.unlink()
    else:
        _program(
            program, f"#!/bin/sh\n[ $1 != --version ] || {{ echo {found} >&2; exit; }}\nexit 1\n"
        )
    told = _refusal(_make_alone(clone, "slides"))
    assert "Python 3.11 or newer is needed" in told
    assert f"python3 is {found or 'missing'};" in told
    assert "make slides PYTHON=" in told
    assert not (clone / ".venv").exists()


def test_the_check_of_python_is_that_of_the_package(root):
    """The Makefile cannot read it, since nothing is there yet that reads TOML."""
    wanted = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert wanted["requires-python"] == ">=3.11"
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert "sys.version_info < (3, 11)" in makefile
    assert "Python 3.11 or newer is needed" in makefile


SHOW = "#!/bin/sh\nenv > seen\nexit 1\n"


def _seen(clone):
    lines = (clone / "seen").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_the_settings_of_another_python_do_not_reach_what_is_started(clone):
    asked = subprocess.run([sys.executable, "--help-env"], capture_output=True, text=True)
    variables = set(re.findall(r"^PYTHON[A-Z]+", asked.stdout, re.M)) - {
        "PYTHONUTF8",
        "PYTHONIOENCODING",
    }
    assert {"PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS"} <= variables
    _program(clone / "bin" / "uv", SHOW)
    _make(clone, **dict.fromkeys(variables, "1"), PYTHONIOENCODING="utf-8")
    assert not variables & set(_seen(clone))
    assert _seen(clone)["PYTHONIOENCODING"] == "utf-8"


def test_pip_brings_uv_whatever_the_user_has_forbidden_it(without_uv):
    forbids = {"PIP_REQUIRE_VIRTUALENV": "1", "PIP_USER": "1", "PIP_REQUIRE_HASHES": "1"}
    _program(without_uv / "bin" / "python3", SHOW.replace("env", "[ $# -gt 4 ] || exit 0\nenv"))
    _make_alone(without_uv, **forbids)
    assert {name: _seen(without_uv)[name] for name in forbids} == dict.fromkeys(forbids, "0")


@pytest.mark.parametrize("home", [None, "", "/proc/nothing", "file"])
def test_who_has_no_home_has_one_in_the_clone(clone, home):
    (clone / "file").touch()
    _program(clone / "bin" / "uv", SHOW)
    _make(clone, HOME=str(clone / home) if home == "file" else home)
    assert _seen(clone)["HOME"] == str(clone / "build" / "home")


def test_a_home_that_can_be_written_to_is_kept(clone, tmp_path):
    _program(clone / "bin" / "uv", SHOW)
    _make(clone, HOME=str(tmp_path))
    assert _seen(clone)["HOME"] == str(tmp_path)


def test_jupyterlab_as_root_is_told_how_in_one_line(clone):
    _program(clone / "bin" / "id", "#!/bin/sh\necho 0\n")
    told = _refusal(_make(clone, "lab"))
    assert told.endswith("make lab OPTIONS=--allow-root")
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("user", "options"), [(0, "--allow-root"), (1000, ""), (1000, "--no-browser")]
)
def test_jupyterlab_is_started_with_the_options_asked_for(clone, user, options):
    _program(clone / "bin" / "id", f"#!/bin/sh\necho {user}\n")
    assert _make(clone).returncode == 0
    _program(clone / ".venv" / "bin" / "lupuscart", '#!/bin/sh\necho "$@"\n')
    done = _make(clone, "lab", f"OPTIONS={options}")
    command = done.stdout.split()
    assert command == ["lab", *options.split()]
    started = _started(command)
    assert started[started.index("-m") :][:4] == ["-m", "jupyterlab", "--config", "lab/settings.py"]
    known = {"--allow-root", "--no-browser"}
    assert [each for each in started if each in known] == options.split()


def _started(command):
    """What the command of the package becomes when it is given these words."""
    parser = argparse.ArgumentParser()
    lab.add(parser.add_subparsers())
    return lab.lab_command(parser.parse_args(command))


def test_the_package_starts_jupyterlab_as_root_only_if_asked(monkeypatch, capsys):
    became = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "execve", lambda *command: became.append(command[1]))
    assert main(["lab"]) == 1
    assert "lupuscart lab --allow-root" in capsys.readouterr().err
    assert became == []
    main(["lab", "--allow-root"])
    assert [command[-1] for command in became] == ["--allow-root"]
