"""Whatever goes wrong, what stood stands, the error says what it was, and the next run ends it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import nbformat
import pytest
from tiny_collection import add_notebook, make_root, save

from lupuscart.atomic import write_whole
from lupuscart.locks import Lock
from lupuscart.notebooks.figure_store import place_figures, tidy_figures
from lupuscart.notebooks.refresh import RefreshError, refresh_notebook
from lupuscart.notebooks.run import NotebookError, run_notebooks
from lupuscart.notebooks.up_to_date import Ledger

pytestmark = pytest.mark.usefixtures("warm_kernels")

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit or signal")


@pytest.fixture
def root(tmp_path):
    return make_root(tmp_path / "root")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def failure(root, **options):
    with pytest.raises(NotebookError) as failed:
        run_notebooks(root=root, progress=False, **options)
    (message,) = failed.value.failures.values()
    return message


def test_a_cell_has_a_time_limit(root):
    add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"), "while True: pass")
    message = failure(root, cell_seconds=1)
    assert message == "In [5]: ran longer than 1 s, the limit of a cell; its kernel was stopped"
    assert contents(root / "figures") == {}
    copy = nbformat.read(root / "build" / "notebooks" / "01_a.ipynb", as_version=4)
    assert copy.cells[-1].source == "while True: pass"


def test_a_limit_is_a_whole_number_of_seconds(root):
    add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    with pytest.raises(ValueError, match="cell_seconds is 0"):
        run_notebooks(root=root, progress=False, cell_seconds=0)


LIMITED = """
import os, resource, sys
from lupuscart.cli import main
os.chdir(sys.argv[1])
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main(["figures", "--quiet"]))
"""


@POSIX
def test_a_size_limit_met_in_the_middle(root):
    """Of a figure of 40 kB, of which half may be written."""
    large = "import os\nfrom pathlib import Path\nfrom lupuscart.atomic import write_whole\n"
    large += "svg = os.urandom(20_000).hex()\n"
    large += "if figures_dir:\n    drawing = Path(figures_dir, '01_one.svg')\n"
    large += "    write_whole(drawing, lambda draft: draft.write_text(svg))"
    path = add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    run_notebooks(root=root, progress=False)
    before = contents(root / "figures")
    path.unlink()
    add_notebook(root, "01_a.ipynb", "shade = 2", save("01_one"), large)
    done = subprocess.run(
        [sys.executable, "-B", "-c", LIMITED, str(root), "20000"], capture_output=True, text=True
    )
    assert done.returncode == 1
    error = done.stderr.splitlines()[1]
    assert error.startswith("01_a.ipynb, In [5]: OSError: [Errno 27] File too large: '")
    assert error.endswith("01_one.svg'")
    assert contents(root / "figures") == before
    run_notebooks(root=root, progress=False)
    assert (root / "figures" / "01_one.csv").read_text() == "events,level\n2,0.95\n"


@POSIX
def test_a_size_limit_met_by_the_executed_copy(root):
    path = add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    run_notebooks(root=root, progress=False)
    before = [contents(root / "figures"), contents(root / "build" / "notebooks")["01_a.ipynb"]]
    path.unlink()
    add_notebook(root, "01_a.ipynb", "shade = 2", save("01_one"), "print('long ' * 20_000)")
    done = subprocess.run(
        [sys.executable, "-B", "-c", LIMITED, str(root), "50000"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[1] == "01_a.ipynb, File too large: 01_a.ipynb"
    after = [contents(root / "figures"), contents(root / "build" / "notebooks")["01_a.ipynb"]]
    assert after == before


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    def too_large(draft):
        draft.write_text("half")
        raise OSError(27, "File too large")

    place = tmp_path / "a.txt"
    place.write_text("old")
    with pytest.raises(OSError, match=r"File too large: .*a\.txt'"):
        write_whole(place, too_large)
    assert contents(tmp_path) == {"a.txt": b"old"}
    with pytest.raises(OSError, match=r"No such file or directory: .*none/a\.txt'"):
        write_whole(tmp_path / "none" / "a.txt", lambda draft: None)


# Ends itself, by SIGKILL, just before its file number N is put in its place.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from lupuscart.notebooks.up_to_date import Ledger
from lupuscart.notebooks.figure_store import place_figures
root, last = Path(sys.argv[1]), int(sys.argv[2])
ledger = Ledger(root, root / "figures")
moves = []
def watch(event, arguments):
    if event == "os.rename":
        moves.append(arguments)
        if len(moves) == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
files = [root / "figures" / path.name for path in (root / "staged").iterdir()]
description = {"notebook": "01_a.ipynb", "parameters": {}, "data": {}}
place_figures(root / "staged", root / "figures", description, root / "notebooks")
ledger.enter("01_a.ipynb", "new", {}, files, 1)
"""

PLACED = [f"01_{name}.{suffix}" for name in ("one", "two") for suffix in ("csv", "png", "svg")]
MOVES = len(PLACED) + 2  # and figures.json, and the ledger


@POSIX
@pytest.mark.parametrize("last", range(1, MOVES + 2))
def test_killed_between_two_files(tmp_path, last):
    """Each file is the old one or the new one; only a run that came to its end is up to date."""
    old, new = (_stage(tmp_path, shade) for shade in (1, 2))
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_a.ipynb").touch()
    figures = tmp_path / "figures"
    figures.mkdir()
    description = {"notebook": "01_a.ipynb", "parameters": {}, "data": {}}
    before, after = contents(old), contents(new)
    place_figures(old, figures, description, tmp_path / "notebooks")
    Ledger(tmp_path, figures).enter("01_a.ipynb", "old", {}, [figures / name for name in PLACED], 1)

    new.rename(tmp_path / "staged")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(last)])
    ended = last > MOVES
    assert killed.returncode == (0 if ended else -signal.SIGKILL)
    for name in PLACED:
        assert (figures / name).read_bytes() in (before[name], after[name])
    assert set(json.loads((figures / "figures.json").read_bytes())) == {"01_one", "01_two"}
    ledger = Ledger(tmp_path, figures)
    assert ledger.is_fresh("01_a.ipynb", "new") == ended
    assert ledger.is_fresh("01_a.ipynb", "old") == (last == 1)
    tidy_figures(figures, tmp_path / "notebooks")
    assert set(contents(figures)) == {*PLACED, "figures.json"}


def _stage(tmp_path, shade):
    from PIL import Image

    said = {"headline": "One of one.", "alt": "what is seen", "source": ["A 2025"]}
    said |= {"provenance": [], "references": [], "table": None}
    folder = tmp_path / f"stage {shade}"
    folder.mkdir()
    for name in ("01_one", "01_two"):
        Image.new("L", (2, 2), shade).save(folder / f"{name}.png")
        (folder / f"{name}.json").write_text(json.dumps(said))
        (folder / f"{name}.svg").write_text(f"<svg id='{shade}'/>")
        (folder / f"{name}.csv").write_text(f"k\n{shade}\n")
    return folder


def test_a_second_run_into_one_folder_waits(root):
    add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    (root / "figures").mkdir()
    told, waits = [], threading.Event()

    def report(sentence):
        told.append(sentence)
        waits.set()

    options = {"root": root, "progress": False, "report": report}
    with Lock(root / "figures") as lock:
        assert lock.held
        second = threading.Thread(target=run_notebooks, kwargs=options)
        second.start()
        assert waits.wait(60)
        assert contents(root / "figures") == {}
    second.join()
    folder = root / "figures"
    assert told == [f"another run is writing to {folder}; waiting until it has ended"]
    assert "01_one.csv" in contents(folder)


def test_two_runs_at_once_do_not_mix(root):
    add_notebook(root, "01_a.ipynb", "shade = {'en': 2, 'zh': 3}[language]", save("01_one"))
    add_notebook(root, "02_b.ipynb", "shade = {'en': 2, 'zh': 3}[language]", save("02_one"))
    code = "import sys\nfrom lupuscart.notebooks.run import run_notebooks\n"
    code += "run_notebooks(root=sys.argv[1], parameters={'language': sys.argv[2]}, progress=False)"
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(root), language])
        for language in ("en", "zh")
    ]
    assert [run.wait() for run in both] == [0, 0]
    made = contents(root / "figures")
    assert made["01_one.csv"] == made["02_one.csv"]
    assert (
        len(
            {
                json.loads(made["figures.json"])[name]["parameters"]["language"]
                for name in ("01_one", "02_one")
            }
        )
        == 1
    )


def test_folders_of_dead_runs_go_and_those_of_live_ones_stay(root):
    add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    dead, live = root / "build" / "run-dead", root / "build" / "run-live"
    for folder in (dead, live):
        folder.mkdir(parents=True)
        (folder / "half a figure.png").touch()
    with Lock(live):
        run_notebooks(root=root, progress=False)
        assert not dead.exists()
        assert live.exists()
    run_notebooks(root=root, progress=False)
    assert not live.exists()


def test_drafts_of_dead_runs_go(root):
    add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    figures = root / "figures"
    (figures / ".placing-k3x9b2q").mkdir(parents=True)
    (figures / ".figures.json.k3x9b2q_.lupuscart-draft").touch()
    (figures / ".mine").touch()
    run_notebooks(root=root, progress=False)
    assert {name for name in contents(figures) if name.startswith(".")} == {".mine"}


def refused(path, **options):
    with pytest.raises(RefreshError) as refusal:
        refresh_notebook(path, **options)
    return str(refusal.value)


def test_refresh_leaves_what_its_reader_saved_meanwhile(root):
    edit = "from pathlib import Path\n\npage = Path('01_a.ipynb')\n"
    edit += "page.write_text(page.read_text().replace('0.95', '0.9'))"
    path = add_notebook(root, "01_a.ipynb", edit)
    mine = path.read_text().replace("0.95", "0.9")
    assert refused(path).startswith("01_a.ipynb was changed while it ran")
    assert path.read_text() == mine
    assert [path.name for path in path.parent.iterdir()] == ["01_a.ipynb"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("while True: pass", "01_a.ipynb, In [2]: ran longer than 1 s, the limit of a cell"),
        ("import os\nos._exit(1)", "01_a.ipynb, In [2]: the kernel died"),
        ("1 / 0", "01_a.ipynb, In [2]: ZeroDivisionError: division by zero"),
    ],
)
def test_refresh_names_the_cell_and_stores_nothing(root, cell, message):
    path = add_notebook(root, "01_a.ipynb", cell)
    before = path.read_bytes()
    assert refused(path, cell_seconds=1).startswith(message)
    assert contents(path.parent) == {"01_a.ipynb": before}


def test_refresh_removes_the_draft_of_a_dead_one(root):
    path = add_notebook(root, "01_a.ipynb", "1 + 1")
    draft = path.with_name(".01_a.ipynb.k3x9b2q_.lupuscart-draft")
    shutil.copy(path, draft)
    refresh_notebook(path)
    assert not draft.exists()
    assert nbformat.read(path, as_version=4).cells[1].outputs[0].data["text/plain"] == "2"
