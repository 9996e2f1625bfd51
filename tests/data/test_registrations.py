"""Registrations are held to rules, and each error names the cell and the way out."""

import shutil

import pandas as pd
import pytest
from conftest import ROOT

from lupuscart.data import tables

NUMBERS = ["NCT06379646", "ChiCTR2400079999", "EudraCT 2022-001366-35", "jRCT2033210279"]


@pytest.fixture
def examined(tmp_path):
    """The problems of the collection with a registration more, like one of it but for changes."""
    for path in (ROOT / "data").glob("*.csv"):
        shutil.copy(path, tmp_path)

    def examine(**changes):
        path = tmp_path / "registrations.csv"
        table = pd.read_csv(ROOT / "data/registrations.csv", dtype=str, keep_default_na=False)
        row = table[table["registration"].eq("NCT07570862")].assign(registration="NCT99999999")
        pd.concat([table, row.assign(**changes)]).to_csv(path, index=False)
        return tables.examine(tmp_path / "trials.csv").problems

    return examine


def test_a_registration_like_the_others_passes(examined):
    assert examined() == []


@pytest.mark.parametrize("number", NUMBERS[2:])
def test_the_number_of_any_registry_passes(examined, number):
    assert examined(registration=number) == []


WRONG = {
    "a digit lost": ({"registration": "NCT0757086"}, "registration", "NCT and 8 digits"),
    "two numbers": ({"registration": "NCT99999999 NCT99999998"}, "registration", "other_ids"),
    "no number": ({"registration": "not registered"}, "registration", "one number of a trial"),
    "nobody planned": ({"planned_n": "0"}, "planned_n", "0 where status is WITHDRAWN"),
    "less than nobody": ({"planned_n": "-5"}, "planned_n", "0 to 1000000"),
    "no day of the calendar": ({"start": "2026-02-30"}, "start", "a day of the calendar"),
    "a day in another form": ({"start": "30.2.2026"}, "start", "year, month and day"),
    "a year alone": ({"start": "2026"}, "start", "allowed"),
    "over before it starts": (
        {"expected_completion": "2020-01-01"},
        "expected_completion",
        "start",
    ),
    "younger than its snapshot": ({"registry_update": "2026-08-23"}, "snapshot", "registry_update"),
    "a kind of no size": ({"planned_n": ""}, "n_type", "since planned_n is empty"),
    "a week of no endpoint": ({"endpoint": ""}, "endpoint_week", "since endpoint is empty"),
    "an arm without a control": ({"control_arm": "placebo"}, "control_arm", "with_cells or former"),
    "an unknown endpoint": ({"endpoint": "sri5"}, "endpoint", "outcomes.csv"),
    "an unknown status": ({"status": "HIRING"}, "status", "RECRUITING"),
}


@pytest.mark.parametrize("changes, column, allowed", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_error_that_names_it(examined, changes, column, allowed):
    problems = [problem for problem in examined(**changes) if problem.column == column]
    assert len(problems) == 1
    assert problems[0].row == 163 and allowed in str(problems[0])


def test_a_withdrawn_trial_may_have_nobody(examined):
    assert examined(planned_n="0", status="WITHDRAWN", n_type="actual") == []


@pytest.mark.parametrize("enrolled, faulty", [("14", True), ("15", False), ("40", False)])
def test_whoever_was_treated_was_enrolled(tmp_path, enrolled, faulty):
    for path in (ROOT / "data").glob("*.csv"):
        shutil.copy(path, tmp_path)
    path = tmp_path / "studies.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table["study"].eq("feng_2025"), "n_enrolled"] = enrolled
    table.to_csv(path, index=False)
    columns = [problem.column for problem in tables.examine(tmp_path / "trials.csv").problems]
    assert columns == ["n_enrolled"] * faulty
