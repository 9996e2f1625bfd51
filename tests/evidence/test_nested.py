"""Nested reports never enter one pool, whatever their programmes are called."""

import re

import pandas as pd
import pytest
from conftest import ROOT

from lupuscart.data.tables import load_studies, load_trials
from lupuscart.evidence.poolable import poolable

README = (ROOT / "data/README.md").read_text(encoding="utf-8")


def test_of_the_nested_reports_of_erlangen_one_is_pooled():
    trials, studies = load_trials("data/trials.csv"), load_studies("data/trials.csv")
    nested = ["mackensen_2022", "mueller_2024", "taubmann_2024", "taubmann_2025"]
    alone = studies.assign(programme=studies["study"])
    for table in (studies, alone, alone.assign(overlaps_with=None)):
        kept = poolable(trials, table, outcome="doris", week=26).kept
        assert kept["study"].isin(nested).sum() == 1


@pytest.mark.parametrize("larger", ["a", "b"])
def test_what_contains_another_gives_way_in_either_direction(larger):
    trials = pd.DataFrame(
        {
            **{"study": ["a", "b"], "cohort": "all", "outcome": "doris", "week": [24, 26]},
            **{"timing": "at", "statistic": "count", "events": [5, 8], "n": [5, 8]},
        }
    )
    studies = pd.DataFrame({"study": ["a", "b"], "programme": ["x", "y"], "overlaps_with": None})
    studies["contains"] = [
        ({"a": "b", "b": "a"}[larger] if study == larger else None) for study in studies["study"]
    ]
    left_out = poolable(trials, studies, outcome="doris", week=24).left_out
    assert left_out[["study", "reason"]].values.tolist() == [["b", "overlapping_report"]]


def test_the_data_readme_and_the_studies_agree_on_what_contains_what():
    """``| `a` | ... including those of `b`, `c` ... |``: the patients of b and c are among a's."""
    studies = load_studies("data/trials.csv")
    contains = studies.set_index("study")["contains"].fillna("").str.split().map(set)
    told = re.findall(r"^\| `(\w+)` \|.*including those of (.*)\|$", README, flags=re.MULTILINE)
    assert told
    for study, inner in told:
        assert contains[study] == set(re.findall(r"`(\w+)`", inner))
