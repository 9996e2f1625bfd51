"""What a worker runs needs nothing but what it is sent."""

import pickle

import pandas as pd
import pytest
from tiny_collection import LOAD, add_notebook, make_root

from lupuscart.stats.planning import two_arm
from lupuscart.sweep.grid import Grid
from lupuscart.sweep.targets import FUNCTIONS, find_targets
from lupuscart.sweep.tasks import FunctionCode, NotebookCode, Task, as_table, run_tasks, software

pytestmark = pytest.mark.usefixtures("warm_kernels")

SAVE = "with open(f'{figures_dir}/NAME.csv', 'w') as t:\n    t.write(f'rows\\n{len(trials)}\\n')"


def test_a_notebook_runs_without_the_collection(tmp_path, monkeypatch):
    root = make_root(tmp_path / "root")
    add_notebook(root, "01_a.ipynb", LOAD, SAVE.replace("NAME", "b"), SAVE.replace("NAME", "a"))
    [target] = find_targets(["01"], Grid({"confidence_level": (0.9,)}), root=root)
    [task] = target.tasks()
    code = pickle.loads(pickle.dumps(target.code(task)))
    rows = len(pd.read_csv(root / "data" / "trials.csv"))
    root.rename(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    [done] = run_tasks(code, [task], software())
    assert done.error is None
    assert done.tables == (("a", 1, f"rows\n{rows}\n"), ("b", 1, f"rows\n{rows}\n"))


def test_an_error_does_not_tell_where_it_ran(tmp_path):
    root = make_root(tmp_path / "root")
    add_notebook(root, "01_a.ipynb", "open(figures_dir + '/none')")
    [target] = find_targets(["01"], Grid({"cohort": ("a",)}), root=root)
    [task] = target.tasks()
    [done] = run_tasks(target.code(task), [task], software())
    assert done.tables == ()
    assert done.error == (
        "In [3]: FileNotFoundError: [Errno 2] No such file or directory: './figures/none'"
    )


def test_a_worker_of_other_software_refuses():
    [done] = run_tasks(FunctionCode("assurance"), [Task("a", {})], {**software(), "scipy": "1.0"})
    assert done.error.startswith("the worker has scipy 1.")
    assert done.error.endswith("instead of 1.0")


def test_a_call_that_fails_does_not_stop_the_others():
    good = {"n1": 5, "n2": 5, "p1": 0.8, "p2": 0.2}
    tasks = [Task("a", {**good, "p1": 8}), Task("b", good)]
    bad, fine = run_tasks(FunctionCode("power_two_arm"), tasks, software())
    assert bad.error.startswith("ValueError: p1 is 8")
    assert fine.error is None


CALLS = {
    "assurance": {"n1": 5, "n2": 5, "treatment_prior": [2, 1], "control_prior": [1, 1]},
    "assurance_table": {
        **{"sizes": [5], "treatment_prior": [2, 1], "control_priors": [[1, 1]]},
        **{"p1": 0.8, "p2": 0.2},
    },
    "no_event_plan": {"rate": 0.1, "true_rate": 0.05},
    "one_stage_design": {"p0": 0.2, "p1": 0.5, "alpha": 0.05, "beta": 0.2},
    "power_map": {"sizes": [5, 8], "p1": 0.8, "p2": [0.2, 0.4]},
    "power_two_arm": {"n1": 5, "n2": 5, "p1": 0.8, "p2": 0.2},
    "precision_one_arm": {"n": 5, "p": 0.8},
    "sample_size_table": {"p1": 0.8, "control_rates": [0.1], "power": 0.8, "n_max": 20},
    "sample_size_two_arm": {"p1": 0.8, "p2": 0.1, "power": 0.8, "n_max": 20},
    "simon_inference": {"responders": 5, "r1": 1, "n1": 5, "n": 12, "p0": 0.2},
    "simon_two_stage": {"p0": 0.2, "p1": 0.5, "alpha": 0.05, "beta": 0.2},
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_gives_a_table(name):
    [done] = run_tasks(FunctionCode(name), [Task("a", CALLS[name])], software())
    assert done.error is None
    [table] = done.tables
    assert table.rows >= 1
    assert table.text.count("\n") == table.rows + 1


def test_a_number_and_its_text_are_the_same_to_the_last_bit():
    expected = two_arm.power_two_arm(5, 7, 0.8, 0.3).power
    [done] = run_tasks(
        FunctionCode("power_two_arm"), [Task("a", {"n1": 5, "n2": 7, "p1": 0.8, "p2": 0.3})],
        software(),
    )  # fmt: skip
    assert float(done.tables[0].text.splitlines()[1].split(",")[0]) == expected
    assert as_table(0.5, "assurance").to_dict("list") == {"assurance": [0.5]}


def test_stored_outputs_are_not_sent():
    page = '{"cells": [{"cell_type": "code", "outputs": ["%s"], "source": []}]}'
    small, large = (NotebookCode.pack(page % text, {}, None) for text in ("x", "y" * 1000))
    assert small == large
