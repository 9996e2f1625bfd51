"""A clock that is wrong, or set while something runs, changes nothing."""

import os
import time

import pytest
from nbclient import NotebookClient
from tiny_collection import add_notebook, make_root, save

from lupuscart.locks import Lock, scratch_folder
from lupuscart.notebooks.refresh import RefreshError, refresh_notebook
from lupuscart.notebooks.run import run_notebooks

YEARS = [0, 31_536_000, 4_102_444_800]  # 1970, 1971 and 2100, in seconds


@pytest.fixture
def root(tmp_path):
    root = make_root(tmp_path / "root")
    add_notebook(root, "01_a.ipynb", "shade = 1", save("01_one"))
    (root / "figures").mkdir()
    return root


@pytest.mark.parametrize("when", YEARS)
def test_whose_folder_it_is_does_not_depend_on_its_age(tmp_path, when):
    for name in ("run-left", "run-used"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (when, when))
    with Lock(tmp_path / "run-used") as used, scratch_folder(tmp_path) as own:
        assert used.held
        assert sorted(tmp_path.iterdir()) == sorted([own, tmp_path / "run-used"])


@pytest.mark.parametrize("jump", [-1e8, 1e8])
def test_a_clock_that_is_set_meanwhile_stops_no_run_and_makes_nothing_anew(root, monkeypatch, jump):
    true_time, calls = time.time, []

    def clock():
        calls.append(None)
        return true_time() + (jump if len(calls) > 1 else 0)

    monkeypatch.setattr(time, "time", clock)
    assert run_notebooks(root=root, progress=False) == ["01_one"]
    assert len(calls) > 1
    told = []
    run_notebooks(root=root, progress=False, report=told.append)
    assert told == ["1 notebook is up to date"]


def test_a_refresh_whose_kernel_is_given_up_too_early_starts_another(root, monkeypatch):
    path, execute = root / "notebooks" / "01_a.ipynb", NotebookClient.execute
    silent = ["Kernel didn't respond in 60 seconds"]

    def sometimes(client, *arguments, **options):
        if silent:
            raise RuntimeError(silent.pop())
        return execute(client, *arguments, **options)

    monkeypatch.setattr(NotebookClient, "execute", sometimes)
    refresh_notebook(path)
    before = path.read_bytes()
    silent += 2 * ["Kernel didn't respond in 60 seconds"]
    with pytest.raises(RefreshError, match=r"01_a\.ipynb, Kernel didn't respond"):
        refresh_notebook(path)
    assert path.read_bytes() == before
