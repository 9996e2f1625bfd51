"""What is up to date does not run, and only contents decide."""

import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from tiny_collection import LOAD, add_notebook, make_root, save

from lupuscart.data.dictionary import table_files
from lupuscart.notebooks.project import read_notebook
from lupuscart.notebooks.run import NotebookError, run_notebooks
from lupuscart.notebooks.up_to_date import Ledger, fingerprint, run_key

pytestmark = pytest.mark.usefixtures("warm_kernels")

LOG = "with open('ran.txt', 'a') as log:\n    log.write('{name} ')"
BENCHMARKS = "from lupuscart.data.tables import load_benchmarks as read\n\nrows = read(trials_csv)"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A collection that has run once; its notebooks keep a log of who ran."""
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    for name, reads in {"01_a": LOAD, "02_b": BENCHMARKS, "03_c": "rows = []"}.items():
        cells = [LOG.format(name=name), reads, "shade = 1", save(f"{name}_one")]
        add_notebook(root, f"{name}.ipynb", *cells)
    run_notebooks(root=root, progress=False)
    (root / "notebooks" / "ran.txt").unlink()
    return root


@pytest.fixture
def root(made, tmp_path):
    """A copy of it in the same state, except that its ledger is of its own folder."""
    root = shutil.copytree(made, tmp_path / "root")
    (ledger,) = (root / "build" / "up-to-date").iterdir()
    content = ledger.read_text().replace(str(made), str(root))
    ledger.unlink()
    own = Ledger(root / "build", root / "figures")
    own._path.write_text(content)
    return root


def ran(root, **options):
    """Run all, and return who ran and what was said."""
    told = []
    figures = run_notebooks(root=root, progress=False, report=told.append, **options)
    assert figures == ["01_a_one", "02_b_one", "03_c_one"]
    log = root / "notebooks" / "ran.txt"
    names = sorted(log.read_text().split()) if log.exists() else []
    log.unlink(missing_ok=True)
    return names, told


def move_a_row(root, table):
    """Put the first row of a table last, and return the file."""
    path = root / "data" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[2:], lines[1]]), encoding="utf-8")
    return path


def test_nothing_changed_nothing_runs(root):
    assert ran(root) == ([], ["3 notebooks are up to date"])
    assert ran(root, anew=True)[0] == ["01_a", "02_b", "03_c"]


def test_dates_count_for_nothing(root):
    for path in [*root.rglob("*.ipynb"), *root.rglob("*.csv")]:
        os.utime(path, (0, 0))
    assert ran(root)[0] == []
    # Changed, and dated before everything else.
    os.utime(move_a_row(root, "benchmarks"), (0, 0))
    assert ran(root) == (["02_b"], ["2 notebooks are up to date"])


@pytest.mark.parametrize(
    ("table", "readers"),
    [
        *(("trials", ["01_a"]), ("studies", ["01_a"]), ("benchmarks", ["02_b"]), ("claims", [])),
        # What an outcome is, every table of outcomes needs.
        *(("outcomes", ["01_a", "02_b"]), ("follow_up", []), ("registrations", [])),
    ],
)
def test_one_changed_row_runs_exactly_its_readers(root, table, readers):
    move_a_row(root, table)
    assert ran(root)[0] == readers
    assert ran(root)[0] == []


def test_one_changed_notebook_runs_alone(root):
    path = root / "notebooks" / "03_c.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="stored")]
    nbformat.write(notebook, path)
    assert ran(root)[0] == []
    notebook.cells[-1].source += "\n"
    nbformat.write(notebook, path)
    assert ran(root)[0] == ["03_c"]


@pytest.mark.parametrize("damage", ["edited", "truncated", "removed"])
def test_a_damaged_figure_is_made_anew(root, damage):
    path = root / "figures" / "02_b_one.svg"
    whole = path.read_bytes()
    {
        "edited": lambda: path.write_bytes(whole.replace(b"1", b"2")),
        "truncated": lambda: path.write_bytes(whole[:-1]),
        "removed": path.unlink,
    }[damage]()
    assert ran(root)[0] == ["02_b"]
    assert path.read_bytes() == whole


def test_a_changed_record_is_made_anew(root):
    path = root / "figures" / "figures.json"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("Counts of 03_c_one", "Something else"), encoding="utf-8")
    assert ran(root)[0] == ["03_c"]
    assert path.read_text(encoding="utf-8") == whole
    path.unlink()
    assert ran(root)[0] == ["01_a", "02_b", "03_c"]


def test_other_parameters_other_figures(root):
    assert ran(root, parameters={"confidence_level": 0.9})[0] == ["01_a", "02_b", "03_c"]
    assert ran(root, parameters={"confidence_level": 0.9})[0] == []


def test_a_damaged_ledger_means_anew(root):
    (ledger,) = (root / "build" / "up-to-date").iterdir()
    ledger.write_text('{"runs": 3}')
    assert ran(root)[0] == ["01_a", "02_b", "03_c"]


def test_copies_of_the_callers_own_have_to_be_there(root, tmp_path):
    copies = tmp_path / "copies"
    copies.mkdir()
    assert ran(root, copies_dir=copies)[0] == ["01_a", "02_b", "03_c"]
    assert ran(root, copies_dir=copies)[0] == []
    (copies / "02_b.ipynb").unlink()
    assert ran(root, copies_dir=copies)[0] == ["02_b"]


def test_a_notebook_edited_while_it_runs_runs_again(tmp_path):
    root = make_root(tmp_path / "root")
    edit = "from pathlib import Path\n\npage = Path('01_a.ipynb')\n"
    edit += "page.write_text(page.read_text().replace('shade = 1', 'shade = 2'))"
    path = add_notebook(root, "01_a.ipynb", edit, "shade = 1", save("01_one"))
    table = root / "figures" / "01_one.csv"
    run_notebooks(root=root, progress=False)
    assert table.read_text() == "events,level\n1,0.95\n"  # what was read is what ran
    assert "shade = 2" in path.read_text()
    run_notebooks(root=root, progress=False)
    assert table.read_text() == "events,level\n2,0.95\n"


def test_figures_of_a_notebook_that_is_gone_go_though_nothing_runs(root):
    (root / "notebooks" / "03_c.ipynb").unlink()
    run_notebooks(root=root, progress=False)
    assert not list((root / "figures").glob("03_c*"))
    assert "03_c_one" not in json.loads((root / "figures" / "figures.json").read_text())


def test_a_ledger_goes_with_its_folder(root, tmp_path):
    folder = tmp_path / "talk"
    folder.mkdir()
    run_notebooks(["03"], root=root, figures_dir=folder, progress=False)
    ledgers = root / "build" / "up-to-date"
    assert len(list(ledgers.iterdir())) == 2
    shutil.rmtree(folder)
    ran(root)
    assert len(list(ledgers.iterdir())) == 1


def key(root, shared=None, **settings):
    notebook = read_notebook(root / "notebooks" / "03_c.ipynb")
    return run_key(notebook, settings, shared or fingerprint(root))


def test_every_part_of_the_fingerprint_counts(root):
    shared = fingerprint(root)
    keys = [key(root, shared)]
    for name in shared:
        keys.append(key(root, {**shared, name: "something else"}))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    "name",
    ["notebooks/run.py", "words/words.csv", "site/templates/style.css", "new/deep/x.mplstyle"],
)
def test_every_file_of_the_package_counts(tmp_path, monkeypatch, name):
    from lupuscart import digests

    package = shutil.copytree(digests.PACKAGE, tmp_path / "lupuscart")
    monkeypatch.setattr(digests, "PACKAGE", package)
    before = digests.package_digest.__wrapped__()
    compiled = package / "notebooks" / "__pycache__" / "x.cpython-311.pyc"
    compiled.parent.mkdir(exist_ok=True)
    compiled.write_bytes(b"made")
    assert digests.package_digest.__wrapped__() == before
    path = package / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((path.read_bytes() if path.exists() else b"") + b"# changed")
    assert digests.package_digest.__wrapped__() != before


def test_the_lock_and_modules_beside_the_notebooks_count(root):
    keys = [key(root)]
    for name in ("requirements.lock", "notebooks/helper.py"):
        (root / name).write_text("x = 1\n")
        keys.append(key(root))
    assert len(set(keys)) == 3


READ = {
    "open": "text = open(f'../data/{name}').read()",
    "a path": "from pathlib import Path\n\ntext = Path('..', 'data', name).read_text()",
    "pandas": "import pandas as pd\n\ntext = pd.read_csv('../data/' + name, header=None)",
    "numpy": "import numpy as np\n\ntext = np.loadtxt(f'../data/{name}', dtype=str)",
    "a function of its module": "import helper\n\ntext = helper.read(name)",
}


@pytest.mark.parametrize("how", READ)
def test_a_file_that_a_cell_reads_counts_however_it_is_named(root, how):
    """No text of the code holds the file's name."""
    helper = (
        "def read(name):\n    with open(f'../data/{name}') as file:\n        return file.read()\n"
    )
    (root / "notebooks" / "helper.py").write_text(helper)
    cells = ["name = '.'.join(['notes', 'txt'])", READ[how], "shade = 1", save("03_c_one")]
    add_notebook(root, "03_c.ipynb", LOG.format(name="03_c"), *cells)
    notes = root / "data" / "notes.txt"
    notes.write_text("a")
    assert "03_c" in ran(root)[0]
    assert ran(root)[0] == []
    notes.write_text("b")
    assert ran(root)[0] == ["03_c"]
    assert ran(root)[0] == []


def test_a_file_that_was_looked_for_in_vain_counts_once_it_is_there(root):
    look = "try:\n    open('../data/notes.txt')\nexcept FileNotFoundError:\n    pass"
    add_notebook(root, "03_c.ipynb", LOG.format(name="03_c"), look, "shade = 1", save("03_c_one"))
    assert ran(root)[0] == ["03_c"]
    assert ran(root)[0] == []
    (root / "data" / "notes.txt").touch()
    assert ran(root)[0] == ["03_c"]


def test_a_table_that_was_missing_counts_once_it_is_there(root):
    for table in ("benchmarks", "benchmark_studies"):
        (root / "data" / f"{table}.csv").rename(root / f"{table}.csv")
    assert ran(root)[0] == ["02_b"]
    assert ran(root)[0] == []
    for table in ("benchmarks", "benchmark_studies"):
        (root / f"{table}.csv").rename(root / "data" / f"{table}.csv")
    assert ran(root)[0] == ["02_b"]


def test_a_table_edited_while_a_page_runs_is_seen_the_next_time(root):
    """What figures.json says of it is what was read."""
    before = digests_of(root)["01_a_one"]
    move = "lines = open('../data/trials.csv', encoding='utf-8').readlines()\n"
    move += "lines = [lines[0], *lines[2:], lines[1]]\n"
    move += "with open('../data/trials.csv', 'w', encoding='utf-8') as table:\n"
    move += "    table.writelines(lines)"
    add_notebook(
        root, "01_a.ipynb", LOG.format(name="01_a"), LOAD, move, "shade = 1", save("01_a_one")
    )
    assert ran(root)[0] == ["01_a"]
    assert digests_of(root)["01_a_one"] == before
    assert ran(root)[0] == ["01_a"]


def digests_of(root):
    records = json.loads((root / "figures" / "figures.json").read_text(encoding="utf-8"))
    return {name: record["data"] for name, record in records.items()}


def test_figures_json_names_the_tables_that_were_read(root):
    made = {name: set(data) for name, data in digests_of(root).items()}
    assert made == {
        "01_a_one": {"trials.csv", "studies.csv", "outcomes.csv"},
        "02_b_one": {"benchmarks.csv", "benchmark_studies.csv", "outcomes.csv"},
        "03_c_one": set(),
    }


def test_a_table_of_the_same_name_elsewhere_is_another(root, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(root / "data", mine)
    assert ran(root, parameters={"trials_csv": str(mine / "trials.csv")})[0] == [
        "01_a",
        "02_b",
        "03_c",
    ]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def talk(tmp_path):
    """Two folders of the caller's own, for figures and for executed copies."""
    folders = {"figures_dir": tmp_path / "talk", "copies_dir": tmp_path / "copies"}
    for folder in folders.values():
        folder.mkdir()
    return folders


ALL = ["01_a", "02_b", "03_c"]


def test_what_another_folder_has_is_taken_when_asked_and_is_what_a_run_makes(root, talk):
    copies = contents(root / "build" / "notebooks")
    assert ran(root, take=True, **talk)[0] == []
    assert contents(talk["figures_dir"]) == contents(root / "figures")
    assert {name: text for name, text in copies.items() if name.endswith(".ipynb")} == {
        name: text for name, text in contents(talk["copies_dir"]).items() if name.endswith(".ipynb")
    }
    # It is up to date now, by itself.
    shutil.rmtree(root / "figures")
    assert ran(root, **talk)[0] == []
    # And may be taken from in turn, but not when all is to be made anew, or unasked.
    (root / "figures").mkdir()
    assert ran(root, take=True)[0] == []
    for options in ({"take": True, "anew": True}, {"anew": True}):
        assert ran(root, **options)[0] == ALL


def test_unasked_nothing_is_taken(root, talk):
    assert ran(root, **talk)[0] == ALL


def test_a_run_with_other_parameters_is_not_taken(root, talk):
    assert ran(root, take=True, parameters={"confidence_level": 0.9}, **talk)[0] == ALL
    # Its own default, given, is no other.
    shutil.rmtree(talk["figures_dir"])
    talk["figures_dir"].mkdir()
    assert ran(root, take=True, parameters={"confidence_level": 0.95}, **talk)[0] == []


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv"])
@pytest.mark.parametrize("damage", ["edited", "removed"])
def test_a_damaged_figure_is_not_taken(root, talk, suffix, damage):
    path = root / "figures" / f"02_b_one{suffix}"
    whole = path.read_bytes()
    path.unlink() if damage == "removed" else path.write_bytes(whole + b" ")
    assert ran(root, take=True, **talk)[0] == ["02_b"]
    assert (talk["figures_dir"] / path.name).read_bytes() == whole


def test_neither_is_a_figure_whose_record_changed(root, talk):
    path = root / "figures" / "figures.json"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("Counts of 03_c_one", "Something else"), encoding="utf-8")
    assert ran(root, take=True, **talk)[0] == ["03_c"]
    assert (talk["figures_dir"] / "figures.json").read_text(encoding="utf-8") == whole


@pytest.mark.parametrize("damage", ["edited", "removed"])
def test_a_changed_executed_copy_is_not_taken_where_it_is_wanted(root, talk, damage):
    path = root / "build" / "notebooks" / "01_a.ipynb"
    path.unlink() if damage == "removed" else path.write_text(path.read_text() + " ")
    copies = talk.pop("copies_dir")
    assert ran(root, take=True, **talk)[0] == []
    assert ran(root, take=True, **talk, copies_dir=copies)[0] == ["01_a"]


def test_a_page_whose_table_changed_is_not_taken(root, talk):
    move_a_row(root, "benchmarks")
    assert ran(root, take=True, **talk)[0] == ["02_b"]


def test_a_figure_name_that_another_page_has_there_is_an_error_though_it_could_be_taken(root, talk):
    own = add_notebook(root, "04_d.ipynb", "shade = 1", save("03_c_one"))
    run_notebooks(["04"], root=root, progress=False, figures_dir=talk["figures_dir"])
    with pytest.raises(NotebookError, match="figure 03_c_one is also made by 04_d"):
        run_notebooks(["03"], root=root, progress=False, take=True, **talk)
    own.unlink()


def test_a_damaged_ledger_of_another_folder_is_passed_over(root, talk):
    for text in ("", "[]", "{}", '{"folders": {"figures": 3, "copies": ""}, "runs": {}}'):
        (root / "build" / "up-to-date" / "0.json").write_text(text)
        assert ran(root, take=True, **talk)[0] == []
        shutil.rmtree(talk["figures_dir"])
        talk["figures_dir"].mkdir()


@pytest.fixture
def checks(monkeypatch):
    """The tables that were checked, and for which it was asked what they lack, as they happen."""
    from lupuscart.data import tables
    from lupuscart.evidence import needs

    seen = []

    def noted(what, function):
        def call(*arguments, **options):
            seen.append(what)
            return function(*arguments, **options)

        return call

    monkeypatch.setattr(tables, "check_data", noted("checked", tables.check_data))
    monkeypatch.setattr(needs, "nothing_to_show", noted("asked", needs.nothing_to_show))
    return seen


ONCE = ["checked", "asked"]


def checked(checks, root, **options):
    """Run a page that reads no table."""
    checks.clear()
    run_notebooks(["03"], root=root, progress=False, **options)
    return list(checks)


def test_tables_that_have_passed_are_not_checked_again(checks, root):
    assert checked(checks, root) == ONCE
    assert checked(checks, root) == []
    assert checked(checks, root, anew=True) == []


def test_a_byte_of_any_table_leads_to_a_check(checks, root):
    checked(checks, root)
    for table in table_files(root / "data" / "trials.csv").values():
        table.write_bytes(table.read_bytes() + b"\n")
        assert checked(checks, root) == ONCE, table.name
        assert checked(checks, root) == [], table.name


def test_a_table_that_comes_or_goes_leads_to_a_check(checks, root):
    checked(checks, root)
    path = root / "data" / "follow_up.csv"
    content = path.read_bytes()
    path.unlink()
    assert checked(checks, root) == ONCE
    path.write_bytes(content)
    assert checked(checks, root) == ONCE


def test_another_package_python_or_library_leads_to_a_check(checks, root, monkeypatch):
    from lupuscart.notebooks import run

    shared = fingerprint(root)
    checked(checks, root)
    for name in ("package", "libraries", "python"):
        changed = {**shared, name: "another"}
        monkeypatch.setattr(run, "fingerprint", lambda root, changed=changed: changed)
        assert checked(checks, root) == ONCE, name


def test_other_parameters_ask_again_what_a_page_lacks(checks, root):
    checked(checks, root)
    assert checked(checks, root, parameters={"language": "zh"}) == ["asked"]
    assert checked(checks, root, parameters={"language": "zh"}) == []


def test_a_damaged_record_leads_to_a_check(checks, root):
    checked(checks, root)
    (record,) = (root / "build").glob("checked.json")
    record.write_bytes(record.read_bytes()[:-20])
    assert checked(checks, root) == ONCE


def test_tables_with_a_problem_are_checked_and_refused_every_time(checks, root):
    checked(checks, root)
    path = root / "data" / "trials.csv"
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace(",count,", ",cuont,", 1), encoding="utf-8")
    for _ in range(2):
        checks.clear()
        with pytest.raises(ValueError, match="cuont"):
            run_notebooks(root=root, progress=False)
        assert checks == ["checked"]
    path.write_text(sound, encoding="utf-8")
    assert checked(checks, root) == []


def test_a_page_without_rows_says_so_whether_it_was_asked_or_kept(checks, tmp_path):
    root = make_root(tmp_path / "root")
    add_notebook(root, "10_durability.ipynb", "shade = 1", save("10_one"))
    (root / "data" / "follow_up.csv").unlink()
    said = []
    for language in ("en", "zh", "zh", "en"):
        told = []
        options = {"parameters": {"language": language}, "report": told.append}
        run_notebooks(root=root, progress=False, **options)
        said.append(told)
    assert said[0] == said[3] != said[1] == said[2] != []
    assert checks == ["checked", "asked", "asked"]


def test_nothing_to_do_imports_no_pandas(root):
    code = (
        "import sys\nfrom lupuscart.notebooks.run import run_notebooks\n"
        "print(run_notebooks(root=sys.argv[1], progress=False))\nprint(*sys.modules)"
    )
    for known in (False, True):
        shown = subprocess.run(
            [sys.executable, "-c", code, root], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        assert shown[0] == "['01_a_one', '02_b_one', '03_c_one']"
        assert ("pandas" in shown[1].split()) != known
