"""What is read once for all kernels is what each would read, and is on its list all the same."""

import json
import sys

import pytest
from tiny_collection import LOAD, add_notebook, make_root, save

from lupuscart.data.dictionary import collection_file
from lupuscart.kernels.environment import kernel_environment
from lupuscart.kernels.execution import Job, execute
from lupuscart.kernels.files_read import READ_VARIABLE, read_list
from lupuscart.kernels.fork import ForkServer
from lupuscart.notebooks import run
from lupuscart.notebooks.run import run_notebooks

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"
)

CHECK = ("lupuscart.data.tables", "check_data")
ROWS = f"{LOAD}print(len(trials), list(trials['cohort'].unique())[:1])\n"
#: How many tables a kernel parses to load the trials.
PARSED = [
    "from lupuscart.data.tables import _check\n\nbefore = _check.cache_info().misses",
    LOAD,
    "print(_check.cache_info().misses - before)",
]


@pytest.fixture
def root(tmp_path):
    return make_root(tmp_path / "root")


def printed(root, server, *cells):
    """What the cells of a page print in a kernel of this server, and the files that they read."""
    page = add_notebook(root, "01_a.ipynb", *cells)
    read = root.parent / "list" / "read"
    read.parent.mkdir(exist_ok=True)
    job = Job(
        text=page.read_text(encoding="utf-8"),
        folder=str(page.parent),
        output=str(root / "copy.ipynb"),
        environment={READ_VARIABLE: str(read)},
    )
    assert execute(job, server) is None
    copy = json.loads((root / "copy.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in copy["cells"] for output in cell.get("outputs", [])]
    files = read_list(read)
    read.unlink()
    return "".join("".join(output.get("text", "")) for output in outputs), files


def test_a_kernel_lists_the_tables_that_were_checked_for_it(root):
    path = str(root / "data" / "trials.csv")
    with ForkServer(LOAD, kernel_environment(), ahead=[(*CHECK, path)]) as ahead:
        checked = printed(root, ahead, *PARSED)
    with ForkServer(LOAD, kernel_environment()) as server:
        itself = printed(root, server, *PARSED)
    assert (checked[0], itself[0]) == ("0\n", "3\n")
    assert checked[1] == itself[1]
    assert {path, str(collection_file("outcomes.csv"))} <= checked[1].keys()


def test_a_table_that_changes_after_it_was_read_ahead_is_read_again(root):
    path = root / "data" / "trials.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    with ForkServer(LOAD, kernel_environment(), ahead=[(*CHECK, str(path))]) as server:
        before, _ = printed(root, server, ROWS)
        path.write_text("".join([header, *rows[:-1]]), encoding="utf-8")
        after, _ = printed(root, server, ROWS)
    assert [int(text.split()[0]) for text in (before, after)] == [len(rows), len(rows) - 1]


@pytest.mark.parametrize("call", [(*CHECK, "no/such.csv"), ("lupuscart.console", "no", "")])
def test_what_cannot_be_read_ahead_stops_no_kernel(root, call):
    with ForkServer(LOAD, kernel_environment(), ahead=[call]) as server:
        assert printed(root, server, ROWS)[0]


def test_pages_of_several_folders_have_each_its_own_tables(root, monkeypatch):
    calls = []

    class Server(ForkServer):
        def __init__(self, *arguments, ahead, **options):
            calls.extend(ahead)
            super().__init__(*arguments, ahead=ahead, **options)

    monkeypatch.setattr(run, "ForkServer", Server)
    other = make_root(root.parent / "other") / "data" / "trials.csv"
    parameters = f'trials_csv = "{other}"  # another folder\nfigures_dir = ""\n'
    add_notebook(root, "01_a.ipynb", LOAD, "shade = len(trials) % 250", save("01_one"))
    add_notebook(
        root,
        "02_a.ipynb",
        LOAD,
        "shade = 1",
        save("02_one"),
        parameters=parameters + "confidence_level = 0.95\n",
    )
    run_notebooks(root=root, progress=False)
    paths = sorted([str(root / "data" / "trials.csv"), str(other)])
    assert calls == [(*CHECK, path) for path in paths]
