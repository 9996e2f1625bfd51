"""Trials and studies are what a folder has to have; every other table may be missing."""

import pytest
from damage import RAW, copy_data

from lupuscart.data import tables
from lupuscart.data.dictionary import REQUIRED_TABLES, load_datapackage

# A folder without each of its tables, read and checked whole.
pytestmark = pytest.mark.slow

EVERY = [resource["name"] for resource in load_datapackage()["resources"]]
OPTIONAL = [table for table in EVERY if table not in REQUIRED_TABLES]
# What refers to a table goes with it.
WITH = {"benchmark_studies": ("benchmarks",)}


def load(table, trials_csv):
    return getattr(tables, f"load_{table}")(trials_csv)


def is_part(table):
    """Whether rows of it are gone; of the outcomes those of the collection stay."""
    return table != "outcomes"


def header_alone(path):
    path.write_bytes(path.read_bytes().partition(b"\n")[0])


@pytest.mark.parametrize("how", ["missing", "header alone"])
@pytest.mark.parametrize("table", OPTIONAL)
def test_a_table_that_may_be_missing_has_no_row_then(tmp_path, table, how):
    trials_csv = copy_data(tmp_path)
    gone = {table, *WITH.get(table, ())}
    before = {name: load(name, trials_csv) for name in EVERY}
    for name in gone:
        path = tmp_path / f"{name}.csv"
        path.unlink() if how == "missing" else header_alone(path)
    found = tables.examine(trials_csv)
    assert found.problems == []
    assert found.rows == sum(
        len(before[name]) for name in EVERY if name not in gone and is_part(name)
    ) + (0 if table == "outcomes" else len(before["outcomes"]))
    for name in EVERY:
        now = load(name, trials_csv)
        expected = before[name].iloc[:0] if name in gone and is_part(name) else before[name]
        assert (now.dtypes == expected.dtypes).all()
        assert now.to_csv() == expected.to_csv()


def test_every_optional_table_missing_at_once(tmp_path):
    for table in REQUIRED_TABLES:
        (tmp_path / f"{table}.csv").write_bytes(RAW[table])
    trials_csv = tmp_path / "trials.csv"
    assert tables.examine(trials_csv).problems == []
    for table in OPTIONAL:
        assert load(table, trials_csv).empty == is_part(table)


@pytest.mark.parametrize("table", REQUIRED_TABLES)
def test_a_table_that_has_to_be_there_is_named(tmp_path, table):
    trials_csv = copy_data(tmp_path)
    (tmp_path / f"{table}.csv").unlink()
    problem = tables.examine(trials_csv).problems[0]
    assert problem.file == str(tmp_path / f"{table}.csv")
    assert problem.message.startswith("no such file")
    with pytest.raises(tables.DataError, match="no such file"):
        load(table, trials_csv)
    copy_data(tmp_path)
    header_alone(tmp_path / f"{table}.csv")
    assert any("no row below" in str(each) for each in tables.examine(trials_csv).problems)


@pytest.mark.parametrize(("table", "referring"), WITH.items())
def test_a_table_that_another_refers_to_is_missed(tmp_path, table, referring):
    trials_csv = copy_data(tmp_path)
    (tmp_path / f"{table}.csv").unlink()
    (problem,) = tables.examine(trials_csv).problems
    needed = ", ".join(f"{name}.csv" for name in referring)
    assert problem.file == str(tmp_path / f"{table}.csv")
    assert f"no such file, and needed by {needed}" in problem.message


@pytest.mark.parametrize("table", OPTIONAL)
def test_a_trials_table_may_have_the_name_of_any_sister(tmp_path, table):
    copy_data(tmp_path)
    for name in (table, *WITH.get(table, ())):
        (tmp_path / f"{name}.csv").unlink()
    trials_csv = (tmp_path / "trials.csv").rename(tmp_path / f"{table}.csv")
    if table != "benchmarks":  # what benchmark_studies describe is then not there either
        assert tables.examine(trials_csv).problems == []
    assert len(load("trials", trials_csv)) == len(load("trials", "data/trials.csv"))


@pytest.mark.parametrize("table", OPTIONAL)
def test_a_table_that_is_there_and_cannot_be_read_is_no_missing_one(tmp_path, table):
    trials_csv = copy_data(tmp_path)
    (tmp_path / f"{table}.csv").unlink()
    (tmp_path / f"{table}.csv").symlink_to(tmp_path / "nowhere.csv")
    assert any(
        problem.file == str(tmp_path / f"{table}.csv")
        for problem in tables.examine(trials_csv).problems
    )
