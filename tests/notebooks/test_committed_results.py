"""What is committed is what the code makes, and one changed count is seen."""

import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

from lupuscart.notebooks.compare import check_figures
from lupuscart.notebooks.figure_store import read_manifest, write_manifest
from lupuscart.notebooks.refresh import refresh_notebook


def test_every_committed_figure_is_what_its_page_makes():
    assert check_figures(ROOT, progress=False) == []


def test_a_refresh_repeats_the_stored_page_to_the_byte(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copytree(ROOT / "data", tmp_path / "data")
    page = folder / "02_response.ipynb"
    shutil.copy(ROOT / "notebooks" / page.name, page)
    before = page.read_bytes()
    refresh_notebook(page)
    assert page.read_bytes() == before


@pytest.fixture(scope="module")
def one_count_changed(tmp_path_factory):
    """Page 02 of the collection with 11 instead of 12 responders in one row."""
    root = tmp_path_factory.mktemp("changed")
    shutil.copytree(ROOT / "data", root / "data")
    for folder in ("notebooks", "figures"):
        (root / folder).mkdir()
    shutil.copy(ROOT / "notebooks/02_response.ipynb", root / "notebooks")
    for path in (ROOT / "figures").glob("02_*"):
        shutil.copy(path, root / "figures")
    records = read_manifest(ROOT / "figures")
    kept = {name: record for name, record in records.items() if name.startswith("02_")}
    write_manifest(root / "figures", kept)
    table = root / "data" / "trials.csv"
    text = table.read_text(encoding="utf-8")
    changed = text.replace("12,by,count,12,15,", "12,by,count,11,15,")
    assert changed != text
    table.write_text(changed, encoding="utf-8")
    return root


def test_nbval_sees_one_changed_count(one_count_changed):
    page = one_count_changed / "notebooks" / "02_response.ipynb"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", str(page)]
    done = subprocess.run(command, cwd=one_count_changed, capture_output=True, text=True)
    assert done.returncode == 1
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    # The answer, the figure's headline, what the data support; the rows, the estimate, the
    # sentences and the table of every cohort.
    assert len(failed) == 7


def test_the_figure_check_sees_one_changed_count(one_count_changed):
    differences = check_figures(one_count_changed, progress=False)
    told = [line for line in differences if line.startswith("02_response_chosen.csv")]
    assert len(told) == 1
    assert "'12'; made: '11'" in told[0]
    assert any(line.startswith("figures.json") for line in differences)
    assert all(line.startswith(("02_response", "figures.json")) for line in differences)
