"""Notebooks run, several at once, and what they make is placed."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from tiny_collection import LOAD, add_notebook, make_root, save

from lupuscart.notebooks.run import NotebookError, run_notebooks


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A collection that ran once, with one notebook that fails and one whose kernel dies.

    The folder's name holds what breaks programs that are careless with paths.
    """
    root = make_root(tmp_path_factory.mktemp("collection") / "größe {a} 一")
    # Each waits for the other: they end only if both run at once.
    meet = "from pathlib import Path\nimport time\nPath(f'{MINE}.here').touch()\n"
    meet += "while not Path(f'{OTHERS}.here').exists():\n    time.sleep(0.05)"
    add_notebook(
        root,
        "01_counts.ipynb",
        meet.replace("{MINE}", "1").replace("{OTHERS}", "2"),
        LOAD,
        "shade = len(trials)",
        save("01_counts"),
    )
    add_notebook(
        root,
        "02_two.ipynb",
        meet.replace("{MINE}", "2").replace("{OTHERS}", "1"),
        "shade = 7",
        save("02_one"),
        save("02_two"),
    )
    add_notebook(root, "03_fails.ipynb", "shade = 1", save("03_fails"), "shade = 1 / 0")
    add_notebook(root, "04_dies.ipynb", "import os\nos._exit(9)")
    old = root / "figures" / "03_fails.csv"
    old.parent.mkdir()
    old.write_text("the old table")
    with pytest.raises(NotebookError) as failed:
        run_notebooks(root=root, jobs=2, progress=False)
    return root, failed.value


def test_what_ran_is_placed(ran):
    root, error = ran
    assert error.figures == ["01_counts", "02_one", "02_two"]
    rows = len((root / "data" / "trials.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert (root / "figures" / "01_counts.csv").read_text() == f"events,level\n{rows},0.95\n"
    records = json.loads((root / "figures" / "figures.json").read_text(encoding="utf-8"))
    assert sorted(records) == error.figures
    assert records["02_two"] == {
        "notebook": "02_two.ipynb",
        "parameters": {
            "trials_csv": "trials.csv",
            "confidence_level": 0.95,
            "language": "en",
            "outcome": "",
            "cohort": "all",
        },
        "data": {},
        "order": 2,
        "headline": "7 of 02_two.",
        "alt": "Counts of 02_two in one row, 一行",
        "source": ["A 2025"],
        "provenance": [],
        "references": [],
        "table": None,
    }
    assert not list((root / "figures").glob("0*.json"))
    assert sorted(records["01_counts"]["data"]) == ["outcomes.csv", "studies.csv", "trials.csv"]


def test_a_failing_notebook_is_named_with_its_cell_and_error(ran):
    root, error = ran
    assert sorted(error.failures) == ["03_fails.ipynb", "04_dies.ipynb"]
    # The injected cell counts: 1 parameters, 2 injected, 3, 4, 5.
    assert error.failures["03_fails.ipynb"] == "In [5]: ZeroDivisionError: division by zero"
    assert error.failures["04_dies.ipynb"].startswith("In [3]: the kernel died")
    message = str(error)
    assert message.startswith("2 notebooks failed\n")
    assert "03_fails.ipynb, In [5]: ZeroDivisionError: division by zero" in message
    assert str(root / "build" / "notebooks") in message


def test_nothing_of_a_failing_notebook_is_placed(ran):
    root, _ = ran
    names = {path.name for path in (root / "figures").iterdir()}
    assert {name for name in names if name.startswith("03")} == {"03_fails.csv"}
    assert (root / "figures" / "03_fails.csv").read_text() == "the old table"


def test_executed_copies_stay_and_staging_folders_go(ran):
    root, _ = ran
    assert sorted(path.name for path in (root / "build").iterdir()) == [
        "checked.json",
        "notebooks",
        "up-to-date",
    ]
    copy = nbformat.read(root / "build" / "notebooks" / "03_fails.ipynb", as_version=4)
    outputs = [output for cell in copy.cells for output in cell.get("outputs", [])]
    assert [output.ename for output in outputs if output.output_type == "error"] == [
        "ZeroDivisionError"
    ]
    assert (root / "build" / "notebooks" / "01_counts.ipynb").is_file()


def test_the_notebooks_themselves_are_untouched(ran):
    root, _ = ran
    for path in (root / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        assert not any(cell.outputs for cell in cells)


@pytest.fixture
def tiny(tmp_path):
    """A collection whose notebook must not run: it would leave a file behind."""
    root = make_root(tmp_path / "root")
    add_notebook(root, "01_a.ipynb", "open('it_ran', 'w').close()", "shade = 1", save("01_one"))
    return root


def nothing_happened(root):
    assert sorted(path.name for path in root.iterdir()) == ["data", "notebooks"]
    assert not (root / "notebooks" / "it_ran").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": ["02"]}, "notebook is '02'; allowed: 01_a"),
        ({"parameters": {"confidence_levl": 0.9}}, "did you mean 'confidence_level'"),
        ({"parameters": {"confidence_level": 95}}, "confidence_level is 95"),
        ({"parameters": {"trials_csv": "none.csv"}}, r"none\.csv"),
        ({"figures_dir": "none"}, "figures_dir is 'none'; allowed: an existing folder"),
        ({"figures_dir": ""}, "figures_dir is ''; allowed: an existing folder"),
        ({"jobs": 0}, "jobs is 0"),
    ],
)
def test_nothing_runs_before_everything_is_checked(tiny, arguments, message):
    with pytest.raises(ValueError, match=message):
        run_notebooks(root=tiny, progress=False, **arguments)
    nothing_happened(tiny)


def test_a_folder_where_nothing_can_be_written(tiny, tmp_path):
    folder = tmp_path / "read only"
    folder.mkdir()
    folder.chmod(0o555)
    if os.access(folder, os.W_OK):
        folder = Path("/proc")  # Even the superuser cannot write there.
    if not folder.is_dir():
        pytest.skip("no folder here that this user cannot write to")
    with pytest.raises(ValueError, match=r"figures_dir is .*, where no file can be written"):
        run_notebooks(root=tiny, figures_dir=folder, progress=False)
    nothing_happened(tiny)


def test_a_folder_with_a_figures_json_of_another_kind(tiny, tmp_path):
    (tmp_path / "figures.json").write_text("[]")
    with pytest.raises(ValueError, match="does not hold records of figures"):
        run_notebooks(root=tiny, figures_dir=tmp_path, progress=False)
    nothing_happened(tiny)


def test_a_kernel_that_never_answers_is_started_again(tmp_path, monkeypatch):
    from lupuscart.kernels import execution

    root = make_root(tmp_path / "root")
    path = add_notebook(root, "01_a.ipynb", "shade = 1")
    job = execution.Job(path.read_text("utf-8"), str(path.parent), str(tmp_path / "01_a.ipynb"))
    run, silent = execution.papermill.execute_notebook, ["Kernel didn't respond"]

    def sometimes(*arguments, **options):
        if silent:
            raise RuntimeError(silent.pop())
        return run(*arguments, **options)

    monkeypatch.setattr(execution.papermill, "execute_notebook", sometimes)
    assert execution.execute(job) is None
    silent += ["Kernel didn't respond", "Kernel didn't respond"]
    assert execution.execute(job) == "Kernel didn't respond"


def test_what_a_cell_prints_in_pieces_is_one_text(tmp_path):
    """On a busy machine one write arrives in pieces; the site would have other bytes."""
    root = make_root(tmp_path / "root")
    pieces = "import time\n\nfor text in 'abc':\n    print(text, flush=True)\n    time.sleep(0.4)"
    add_notebook(root, "01_a.ipynb", pieces, "shade = 1", save("01_one"))
    run_notebooks(root=root, progress=False)
    copy = nbformat.read(root / "build" / "notebooks" / "01_a.ipynb", as_version=4)
    (printed,) = copy.cells[2].outputs
    assert printed.text == "a\nb\nc\n"
