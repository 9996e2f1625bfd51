"""What `.ci/run` does on a machine with and without fonts, told by stand-ins for what it calls."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="it is a shell script, for a POSIX machine")

# All else that it calls, or that its stand-ins do.
TOOLS = ("bash", "sh", "env", "dirname", "mktemp", "mkdir", "rm", "grep", "touch", "seq")

# Each writes a line of what it was asked, in which surroundings.
STAND_INS = {
    "make": """
[ ! -e fails ] || exit 1
echo "make $* CI=${CI-} HOME=${HOME%/*} cache=${MPLCONFIGDIR-} ${HIDDEN-}" >> log
""",
    "apt-get": 'echo "apt-get $*" >> log; touch installed',
    # Long after the line that is looked for, as a machine with many fonts answers.
    "fc-list": "[ ! -e installed ] || { echo 'Noto Sans CJK SC'; seq 200000; }",
    "unshare": '[ -e may-hide ] || exit 1; [ $2 != true ] || exit 0; shift 5; HIDDEN=hidden "$@"',
    "git": "",
    "uname": "echo Linux x86_64",
}
PROGRAMS = ("soffice", "chromium")


@pytest.fixture
def machine(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    for name, does in STAND_INS.items():
        _program(tmp_path, name, does)
    return tmp_path


def _program(machine, name, does):
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


def _install(machine):
    (machine / "installed").touch()
    for name in PROGRAMS:
        _program(machine, name, "")


def _run(machine):
    log = machine / "log"
    log.touch()
    environment = {"PATH": str(machine / "bin"), "HOME": "/mine/home", "CI": "true"}
    environment |= {"TMPDIR": str(machine), "MPLCONFIGDIR": "/kept"}
    done = subprocess.run(
        [machine / ".ci" / "run"], env=environment, capture_output=True, text=True, cwd=machine
    )
    return done, log.read_text().splitlines()


FULL = ["make test CI=true HOME=/mine cache=/kept ", "make figures CI=true HOME=/mine cache=/kept "]


def test_a_fresh_machine_runs_everything_once_before_anything_is_installed(machine):
    done, log = _run(machine)
    assert done.returncode == 0, done.stderr
    first, _, install, *rest = log
    assert first == f"make test CI= HOME={machine} cache= "
    assert install.split()[-4:] == [
        "fonts-noto-cjk",
        "fontconfig",
        "libreoffice-impress",
        "chromium",
    ]
    assert rest == FULL
    assert list(machine.glob("tmp*")) == []


def test_where_fonts_are_installed_they_are_hidden_once_and_nothing_is_fetched(machine):
    _install(machine)
    (machine / "may-hide").touch()
    done, log = _run(machine)
    assert done.returncode == 0, done.stderr
    assert log == [f"make test CI= HOME={machine} cache= hidden", *FULL]


def test_fonts_that_cannot_be_hidden_are_told(machine):
    _install(machine)
    done, log = _run(machine)
    assert done.returncode == 0, done.stderr
    assert "fonts of this machine cannot be hidden" in done.stderr
    assert log == FULL


@pytest.mark.parametrize("fonts", [True, False])
def test_what_fails_without_fonts_ends_the_run(machine, fonts):
    if fonts:
        _install(machine)
        (machine / "may-hide").touch()
    (machine / "fails").touch()
    done, log = _run(machine)
    assert done.returncode != 0
    assert log == []
