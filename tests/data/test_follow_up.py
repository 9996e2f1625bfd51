"""Follow-up as printed: what cannot be is refused in one line, by row, column and value."""

import shutil

import pandas as pd
import pytest
from conftest import ROOT, TRIALS_CSV
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.data import rules, tables
from lupuscart.data.tables import DataError

NONE = dict.fromkeys(["median", "minimum", "maximum", "mean", "range_width", "at_least"], "")


@pytest.fixture
def folder(tmp_path):
    """A copy of the collection, to which a row can be given other cells."""
    shutil.copytree(ROOT / "data", tmp_path, dirs_exist_ok=True)
    return tmp_path


def _change(folder, table, row, cells):
    path = folder / f"{table}.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows.loc[row, list(cells)] = list(cells.values())
    rows.to_csv(path, index=False, lineterminator="\n")
    problems = tables.examine(folder / "trials.csv").problems
    return [problem for problem in problems if problem.row == row + 2]


def _row_of(study):
    rows = pd.read_csv(ROOT / "data/follow_up.csv", dtype=str, keep_default_na=False)
    return int(rows.index[rows["study"].eq(study)][0])


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"median": "300"}, "median", "'300'; allowed: at least minimum, which is 336"),
        ({"median": "700"}, "median", "'700'; allowed: at most maximum, which is 612"),
        ({"mean": "335.9"}, "mean", "allowed: at least minimum, which is 336"),
        ({"mean": "612.1"}, "mean", "allowed: at most maximum, which is 612"),
        ({"mean": "510"}, "mean", "no such follow-up of n = 10 exists: mean is '510'"),
        ({"minimum": "613", "median": ""}, "maximum", "at least minimum, which is 613"),
        ({"at_least": "340"}, "minimum", "allowed: at least at_least, which is 340"),
        ({"range_width": "5"}, "range_width", "allowed: maximum minus minimum, 276"),
        ({"n": "1"}, "n", "allowed: one time, or several that are the same"),
        ({"n": "2"}, "median", "the mean of minimum and maximum, as n is 2"),
        ({"who": "patient"}, "n", "allowed: 1, since who is patient"),
        ({"time_unit": ""}, "time_unit", "allowed: a unit, since a length of follow-up is there"),
        ({"relapses": "11"}, "relapses", "at most the 10 patients of the row; if relapses were"),
        ({"relapses": "0"}, "relapse_week", "allowed: an empty cell, since relapses is 0"),
        ({"relapses": ""}, "relapse_week", "allowed: an empty cell, since relapses is empty"),
        ({"relapse_week": ""}, "relapse_timing", "an empty cell, since relapse_week is empty"),
        ({"relapse_week": "89"}, "relapse_week", "at most 87, the weeks of maximum, 612 d"),
        ({"relapses_count": "times"}, "relapses_count", "allowed: patients, events"),
        (
            {"relapses": "", "relapses_count": "", "relapse_week": "", "relapse_timing": ""},
            "relapses",
            "the cell is empty, and relapse_printed is not; allowed: the number that",
        ),
        ({"deaths": "11"}, "deaths", "allowed: at most the 10 patients of the row"),
    ],
)
def test_what_no_follow_up_can_be_is_refused_with_the_way_out(folder, cells, column, message):
    problems = _change(folder, "follow_up", _row_of("gc012f_2025"), cells)
    told = [str(problem) for problem in problems if problem.column == column]
    assert any(message in each for each in told), [str(each) for each in problems]
    assert all(each.startswith("follow_up.csv, row 14") for each in told)
    with pytest.raises(DataError, match=r"follow_up\.csv, row 14"):
        tables.load_follow_up(folder / "trials.csv")


@pytest.mark.parametrize(
    "cells",
    [
        {"relapses": "14", "relapses_count": "events"},
        {"relapses": "10"},
        {"relapse_week": "88"},
        {**NONE, "mean": "448.50"},
        {**NONE, "at_least": "336", "relapse_week": "300"},
        {"n_followed": "12", "relapses": "12"},
    ],
)
def test_what_may_be_passes(folder, cells):
    assert _change(folder, "follow_up", _row_of("gc012f_2025"), cells) == []


@given(
    st.lists(st.integers(1, 2000), min_size=1, max_size=15),
    st.sampled_from(["d", "weeks", "months"]),
)
def test_the_summary_of_real_times_is_never_refused(times, unit):
    """Minimum, median, maximum and mean of any cohort, and bounds that hold its sum."""
    facts = pd.Series(times).agg(["min", "median", "max", "mean"])
    row = pd.Series(
        {
            "n": len(times),
            "n_followed": None,
            "time_unit": unit,
            "minimum": facts["min"],
            "median": facts["median"],
            "maximum": facts["max"],
            "mean_printed": f"{facts['mean']:.1f}",
            "range_width": facts["max"] - facts["min"],
            "at_least": None,
        }
    )
    bounds = rules.person_time(row)
    total = sum(times) / {"d": 365.25, "weeks": 365.25 / 7, "months": 12}[unit]
    assert bounds.low * (1 - 1e-9) <= total <= bounds.high * (1 + 1e-9)


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"time": "0"}, "time", "more than 0, as time begins with the first infusion"),
        ({"time": ""}, "time", "the cell is empty"),
        ({"time": "-3"}, "time", "'-3'"),
        ({"time_unit": "month"}, "time_unit", "did you mean 'months'"),
        ({"event": "flare"}, "event", "allowed: relapse, end_of_follow_up"),
        ({"event": "1"}, "event", "allowed: relapse, end_of_follow_up"),
        ({"relapse_timing": "at"}, "relapse_timing", "since event is end_of_follow_up"),
        ({"patient": ""}, "patient", "the cell is empty"),
    ],
)
def test_what_no_patients_time_can_be_is_refused_with_the_way_out(folder, cells, column, message):
    told = [str(p) for p in _change(folder, "patient_times", 0, cells) if p.column == column]
    assert len(told) == 1
    assert message in told[0]
    assert told[0].startswith("patient_times.csv, row 2")


def test_a_patient_stands_once_and_no_more_than_were_treated(folder):
    path = folder / "patient_times.csv"
    first = pd.read_csv(path, dtype=str, keep_default_na=False).head(1)
    pd.concat([first, first]).to_csv(path, index=False)
    (problem,) = tables.examine(folder / "trials.csv").problems
    assert "the same as in row 2" in str(problem)
    four = pd.concat([first.assign(patient=name) for name in "abcd"])
    four.to_csv(path, index=False)
    (problem,) = tables.examine(folder / "trials.csv").problems
    assert str(problem).startswith("patient_times.csv, row 5, column patient: 'd'; patient 4 of")
    assert "allowed: at most 3, the n_treated of ft819_a_2025" in str(problem)


def test_a_folder_may_have_neither_table(folder):
    for name in ("follow_up", "patient_times", "announcements"):
        (folder / f"{name}.csv").unlink()
        empty = getattr(tables, f"load_{name}")(folder / "trials.csv")
        full = getattr(tables, f"load_{name}")(TRIALS_CSV)
        assert empty.columns.tolist() == full.columns.tolist()
        assert empty.empty
    assert tables.examine(folder / "trials.csv").problems == []


def test_a_patients_time_is_that_of_the_follow_up():
    """One fact in two tables: the same in both."""
    follow_up = tables.load_follow_up(TRIALS_CSV)
    alone = follow_up[follow_up["who"].eq("patient")].set_index("study")
    for row in tables.load_patient_times(TRIALS_CSV).itertuples():
        there = alone.loc[row.study]
        assert (there["median"], there["time_unit"]) == (row.time, row.time_unit)
        assert (there["relapses"] == 0) == (row.event == "end_of_follow_up")


def test_the_mean_keeps_its_decimals():
    follow_up = tables.load_follow_up(TRIALS_CSV).set_index("study")
    assert follow_up.loc["ytb323_2025", "mean_printed"] == "11.2"
    assert pd.isna(follow_up.loc["feng_2025", "mean_printed"])


NO_FLARES = dict.fromkeys(["relapses_count", "relapse_week", "relapse_timing"], "")
NO_FLARES |= {"relapse_printed": "", "relapses": ""}


@pytest.mark.parametrize("study", ["wang_x_2025", "gc012f_2025", "taubmann_2025", "gao_2025"])
def test_a_flare_of_another_table_is_in_the_follow_up(folder, study):
    """A page says of an empty cell that the report does not mention flares."""
    (problem,) = _change(folder, "follow_up", _row_of(study), NO_FLARES)
    assert problem.column == "relapses"
    assert "the cell is empty; allowed: at least" in str(problem) and "trials.csv" in str(problem)
    if study == "gao_2025":
        return
    cells = {"relapses": "0", "relapse_week": "", "relapse_timing": ""}
    (problem,) = _change(folder, "follow_up", _row_of(study), cells)
    assert "'0'; allowed: at least 1, the patients with a flare in trials.csv" in str(problem)


@pytest.mark.parametrize("flared", [0, 1, 3])
@pytest.mark.parametrize("relapses", ["", "0", "1", "2", "3"])
def test_flares_of_single_patients_are_in_the_follow_up(folder, flared, relapses):
    path = folder / "patient_times.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = dict(rows.iloc[0])
    times = [
        row
        | {"study": "relma_cel_2024", "cohort": "all", "patient": f"P{k}"}
        | {"event": "relapse" if k < flared else "end_of_follow_up"}
        for k in range(3)
    ]
    pd.concat([rows, pd.DataFrame(times)]).to_csv(path, index=False, lineterminator="\n")
    cells = {"relapses": relapses, "relapses_count": "patients" if relapses else ""}
    problems = _change(folder, "follow_up", _row_of("relma_cel_2024"), cells)
    lacking = relapses == "" or int(relapses) < flared
    assert [problem.column for problem in problems] == ["relapses"] * lacking
