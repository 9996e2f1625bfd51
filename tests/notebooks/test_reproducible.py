"""The same figures to the byte, whatever the clock, the language and the folder of the machine."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

from lupuscart.notebooks.compare import compare_figures
from lupuscart.notebooks.figure_store import read_manifest, write_manifest

PAGE = "02_response"
# A locale that is not installed, one without letters beyond ASCII, and two far time zones.
MACHINES = {
    "far east": {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "zh_CN.UTF-8",
        "PYTHONHASHSEED": "1",
    },
    "plain": {"TZ": "America/St_Johns", "LANG": "C", "PYTHONHASHSEED": "2"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of figures that each machine made, in a collection with an awkward name."""
    started = {}
    for machine, own in MACHINES.items():
        root = tmp_path_factory.mktemp("a") / f"été 狼疮 {machine} %s {{0}}"
        for folder in ("data", "notebooks"):
            shutil.copytree(ROOT / folder, root / folder)
        kept = {name: value for name, value in os.environ.items() if not is_of_locale(name)}
        command = [sys.executable, "-m", "lupuscart.cli", "figures", PAGE, "--quiet"]
        started[root / "figures"] = subprocess.Popen(
            command, cwd=root, env=kept | own, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    for run in started.values():
        out, errors = run.communicate(timeout=300)
        assert (run.returncode, out, errors) == (0, b"", b"")
    return list(started)


def is_of_locale(name):
    return name.startswith(("LC_", "LANG")) or name in ("TZ", "PYTHONHASHSEED", "PYTHONUTF8")


def test_machines_agree_to_the_byte(made):
    one, other = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in made)
    assert set(one) >= {f"{PAGE}_chosen{kind}" for kind in (".png", ".svg", ".csv")}
    assert one == other


def test_they_make_what_is_committed(made, tmp_path):
    committed = ROOT / "figures"
    for path in committed.glob(f"{PAGE}_*"):
        shutil.copy(path, tmp_path)
    records = read_manifest(committed)
    write_manifest(tmp_path, {name: records[name] for name in records if name.startswith(PAGE)})
    assert compare_figures(tmp_path, made[0]) == []
