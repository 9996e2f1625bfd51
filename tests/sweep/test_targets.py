"""Each target takes what it declares, from the tables it is given."""

import pytest
from tiny_collection import LOAD, add_notebook, make_root

from lupuscart.sweep.grid import Grid
from lupuscart.sweep.targets import find_targets
from lupuscart.sweep.tasks import run_tasks, software

pytestmark = pytest.mark.usefixtures("warm_kernels")

COUNT = 'open(f"{figures_dir}/01_n.csv", "w").write(f"rows\\n{len(trials)}\\n")'


@pytest.fixture
def root(tmp_path):
    root = make_root(tmp_path / "root")
    add_notebook(root, "01_a.ipynb", LOAD, COUNT)
    add_notebook(root, "02_b.ipynb", "1", parameters='figures_dir = ""\nweek = 5\n')
    return root


def test_a_target_does_not_run_again_for_what_it_does_not_declare(root):
    grid = Grid({"cohort": ("x", "y"), "week": (1, 2, 3)})
    first, second = find_targets(["01", "02"], grid, root=root)
    assert [task.settings for task in first.tasks()] == [{"cohort": "x"}, {"cohort": "y"}]
    assert [task.settings["week"] for task in second.tasks()] == [1, 2, 3]
    keys = [task.key for target in (first, second) for task in target.tasks()]
    assert len(set(keys)) == 5


def test_values_take_the_type_of_the_default(root):
    [target] = find_targets(["01"], Grid({"confidence_level": ("0.8", 0.9)}), root=root)
    assert target.grid.parameters == {"confidence_level": (0.8, 0.9)}


def test_each_table_of_trials_goes_with_its_own_tasks(root, tmp_path, monkeypatch):
    mine = make_root(tmp_path / "mine") / "data" / "trials.csv"
    lines = mine.read_text(encoding="utf-8").splitlines(keepends=True)
    mine.write_text("".join(lines[:-1]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    given = ("root/data/trials.csv", "mine/data/trials.csv")
    [target] = find_targets(["01"], Grid({"trials_csv": given}), root=root)
    assert {"01_a.ipynb", *given} == set(target.sources)
    made = [run_tasks(target.code(task), [task], software())[0] for task in target.tasks()]
    rows = [int(done.tables[0].text.split()[1]) for done in made]
    assert rows == [len(lines) - 1, len(lines) - 2]


def test_a_value_that_one_table_knows_is_allowed(root, tmp_path, monkeypatch):
    mine = make_root(tmp_path / "mine") / "data"
    for path in mine.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("feng_2025", "my_trial"), encoding="utf-8")
    add_notebook(
        root, "03_c.ipynb", "1", parameters='trials_csv = "../data/trials.csv"\nstudy = ""\n'
    )
    monkeypatch.chdir(tmp_path)
    grid = {"trials_csv": ("root/data/trials.csv", "mine/data/trials.csv")}
    find_targets(["03"], Grid({**grid, "study": ("my_trial", "feng_2025")}), root=root)
    with pytest.raises(ValueError, match="study is 'yours'"):
        find_targets(["03"], Grid({**grid, "study": ("my_trial", "yours")}), root=root)
