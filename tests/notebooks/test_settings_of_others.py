"""A page shows the same whatever its reader has set for matplotlib, IPython, Jupyter and Python."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from tiny_collection import add_notebook, make_root, save

import lupuscart
from lupuscart.kernels import environment
from lupuscart.kernels.environment import SAME_PYTHON, SETTINGS, kernel_environment, pinned

SOURCE = str(Path(lupuscart.__file__).resolve().parents[1])

# Shows everything that a setting could change, and nothing that depends on the machine.
PROBE = (
    "import locale, sys, time, warnings\n\nimport matplotlib as mpl\nimport pandas as pd",
    "print(*[(key, str(value)) for key, value in sorted(mpl.rcParams.items())], sep='\\n')",
    "print(sys.flags, time.tzname, locale.setlocale(locale.LC_ALL, ''), sys.warnoptions)",
    "print(*[each for each in warnings.filters], sep='\\n')",
    "print(sorted({'b', 'a', 'c'}, key=hash), open(__import__('os').devnull).encoding)",
    "pd.DataFrame({'rate': [1 / 3, 2 / 3], 'arm': ['a', '一']})",
    "1 / 3, ['text'] * 40",
    "1\n2",
    "import matplotlib.pyplot as plt\n\nplt.plot([1, 2, 4])\nplt.title('a')",
    "print(__debug__)",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    for number in (1, 2):
        cells = [*PROBE, "shade = 1", save(f"0{number}_one")]
        add_notebook(root, f"0{number}_a.ipynb", *cells)
    return root


def run(root, arguments, own=None, cwd=None):
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd or root,
        env={**plain_environment(), **(own or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    assert done.returncode == 0, done.stderr
    return done


def plain_environment():
    kept = ("PATH", "HOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONPATH": SOURCE}


def executed(root, own=None):
    """Run both pages, warm, and return the outputs of the copies."""
    run(root, ["-m", "lupuscart.cli", "figures", "--anew", "--quiet"], own)
    copies = sorted((root / "build" / "notebooks").glob("*.ipynb"))
    return [outputs(path) for path in copies]


def outputs(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.outputs for cell in cells if cell.cell_type == "code"]


def refreshed(root, own=None):
    page = root / "notebooks" / "01_a.ipynb"
    run(root, ["-m", "lupuscart.cli", "refresh", "01"], own)
    return page.read_bytes()


@pytest.fixture(scope="module")
def undisturbed(root):
    return executed(root), refreshed(root)


def hostile(tmp_path, seed):
    """Return the variables of a user with settings everywhere, drawn by the seed."""
    draw = random.Random(seed)
    home = tmp_path / "home"
    rc = random_matplotlibrc(draw)
    ipython = "c = get_config()\n"
    ipython += f"c.InlineBackend.figure_formats = {{'{draw.choice(['svg', 'retina', 'jpeg'])}'}}\n"
    ipython += "c.InlineBackend.rc = {'figure.dpi': 31}\n"
    ipython += "c.PlainTextFormatter.float_precision = '%.1e'\n"
    ipython += "c.InteractiveShell.ast_node_interactivity = 'all'\n"
    ipython += "c.InteractiveShellApp.exec_lines = ['import matplotlib', 'print(1)']\n"
    jupyter = "c = get_config()\nc.ServerApp.token = ''\nc.KernelManager.kernel_cmd = ['false']\n"
    jupyter += "c.KernelManager.transport = 'ipc'\nc.NotebookClient.allow_errors = True\n"
    files = {
        ".config/matplotlib/matplotlibrc": rc,
        "rc/matplotlibrc": random_matplotlibrc(draw),
        ".ipython/profile_default/ipython_config.py": ipython,
        ".ipython/profile_default/ipython_kernel_config.py": ipython,
        ".ipython/profile_default/startup/00-mine.py": "import pandas as pd\n"
        "pd.set_option('display.precision', 1)\nimport warnings\nwarnings.simplefilter('error')\n",
        ".jupyter/jupyter_config.py": jupyter,
        ".jupyter/jupyter_notebook_config.py": jupyter,
        "kernels/kernels/python3/kernel.json": '{"argv": ["/usr/bin/false", "{connection_file}"],'
        ' "display_name": "Python 3", "language": "python"}',
        "startup.py": "print('mine')\n",
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    variables = {
        "HOME": str(home),
        "MATPLOTLIBRC": str(home / "rc"),
        "MPLBACKEND": draw.choice(["nosuch", "svg", "TkAgg"]),
        "JUPYTER_PATH": str(home / "kernels"),
        "JUPYTER_PREFER_ENV_PATH": "0",
        "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
        "IPYTHONDIR": str(home / ".ipython"),
        "PYTHONSTARTUP": str(home / "startup.py"),
        "PYTHONWARNINGS": draw.choice(["error", "ignore", "always"]),
        "PYTHONHASHSEED": str(draw.randrange(1000)),
        "PYTHONIOENCODING": draw.choice(["cp1252", "ascii", "utf-16"]),
        "PYTHONOPTIMIZE": draw.choice(["1", "2"]),
        "LC_ALL": draw.choice(["C", "de_DE.UTF-8", "zh_CN.GB18030"]),
        "TZ": draw.choice(["Asia/Shanghai", "America/St_Johns"]),
        "PANDAS_COPY_ON_WRITE": draw.choice(["0", "warn"]),
        "SOURCE_DATE_EPOCH": str(draw.randrange(10**9)),
        "MPLCONFIGDIR": draw.choice([os.devnull, str(home / ".config" / "matplotlib")]),
    }
    return {name: value for name, value in variables.items() if draw.random() < 0.8}


def random_matplotlibrc(draw):
    """Return a file that sets a tenth of all parameters to another valid value, and one wrongly."""
    lines = ["no.such.key: 1"]
    for name, value in mpl.rcParamsDefault.items():
        if draw.random() > 0.1 or name.startswith(("backend", "animation", "keymap")):
            continue
        if isinstance(value, bool):
            lines.append(f"{name}: {not value}")
        elif isinstance(value, int | float):
            lines.append(f"{name}: {value + 1}")
        elif name in ("savefig.bbox",):
            lines.append(f"{name}: tight")
    return "\n".join([*lines, "font.weight: bold", "savefig.transparent: True", ""])


@pytest.mark.parametrize("seed", range(2))
def test_nothing_that_a_user_has_set_changes_a_page(root, undisturbed, tmp_path, seed):
    own = hostile(tmp_path, seed)
    beside = root / "notebooks" / "matplotlibrc"
    beside.write_text(random_matplotlibrc(random.Random(seed)), encoding="utf-8")
    try:
        assert executed(root, own) == undisturbed[0]
        assert refreshed(root, own) == undisturbed[1]
    finally:
        beside.unlink()
    assert not list((tmp_path / "home").rglob("*.sqlite"))


def test_the_page_is_drawn_and_says_nothing_on_the_error_stream(undisturbed):
    (page, _), _ = undisturbed
    assert any("image/png" in each.get("data", {}) for cell in page for each in cell)
    assert not any(each.get("name") == "stderr" for cell in page for each in cell)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other users")
@pytest.mark.parametrize("home", [None, os.devnull, "empty"])
def test_without_a_home_and_without_a_list_of_fonts(root, undisturbed, tmp_path, home):
    own = {"HOME": str(tmp_path) if home == "empty" else home, "TMPDIR": str(tmp_path)}
    own = {name: value for name, value in own.items() if value}
    code = "import os, sys\nfrom lupuscart.cli import main\n"
    if home is None:
        # As `docker run --user 12345`: nobody's number, and no HOME.
        code += "import pwd\ndef nobody(number): raise KeyError(number)\npwd.getpwuid = nobody\n"
        code += "del os.environ['HOME']\n"
    code += "sys.exit(main(['refresh', '01']))"
    done = run(root, ["-c", code], own)
    assert done.stdout == "01_a.ipynb: outputs stored\n"
    assert done.stderr == ""
    assert (root / "notebooks" / "01_a.ipynb").read_bytes() == undisturbed[1]
    left = [path.name for path in tmp_path.iterdir() if path.name != ".cache"]
    assert left == []


def test_nbval_compares_what_was_stored_whatever_is_set(root, undisturbed, tmp_path):
    """As `make test` does, with the collection's own conftest."""
    clone = tmp_path / "clone"
    shutil.copytree(root / "notebooks", clone / "notebooks")
    shutil.copytree(root / "data", clone / "data")
    shutil.copy(ROOT / "conftest.py", clone)
    (clone / "notebooks" / "01_a.ipynb").write_bytes(undisturbed[1])
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env"]
    own = hostile(tmp_path, 3) | {"PYTHONOPTIMIZE": "", "PYTHONWARNINGS": ""}
    run(clone, [*command, "notebooks/01_a.ipynb"], own)


NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=12)


@given(prefix=st.sampled_from(SETTINGS), rest=NAMES, value=st.text(min_size=1, max_size=5))
def test_no_variable_that_is_a_setting_reaches_a_kernel(prefix, rest, value):
    name = f"{prefix}{rest}"
    own = pinned({name: value, "PATH": "/bin", "MY_OWN": value})
    assert (own["PATH"], own["MY_OWN"]) == ("/bin", value)
    if name not in SAME_PYTHON:
        assert own.get(name) == pinned({}).get(name)


def test_the_packages_of_a_kernel_are_those_of_this_process(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["mine", SOURCE]))
    paths = kernel_environment()["PYTHONPATH"].split(os.pathsep)
    assert paths == [str(tmp_path / "mine"), SOURCE]


def test_pinning_twice_changes_nothing(monkeypatch):
    monkeypatch.setattr(os, "environ", {"PATH": "/bin", "MPLBACKEND": "svg"})
    environment.pin()
    first = dict(os.environ)
    environment.pin()
    assert os.environ == first
    assert "MPLBACKEND" not in first
