"""What one more patient would change: what page 09 says, computed here again."""

import re

import numpy as np
import pytest

from lupuscart.explore import scenarios
from lupuscart.figures import style
from lupuscart.findings import scenario
from lupuscart.reporting.headlines import breadth
from lupuscart.stats.proportion import METHODS, proportion_ci
from lupuscart.words.labels import percentage_points

EXACT = {"confidence_level": 0.95, "method": "clopper-pearson"}


def _generated(seed, count):
    random = np.random.default_rng(seed)
    for _ in range(count):
        n = int(random.integers(1, 40))
        yield scenarios.Scenario(
            int(random.integers(0, n + 1)),
            n,
            added_nonresponders=int(random.integers(0, 4)),
            unassessed=int(random.integers(0, 4)),
            background_rate=float(random.integers(0, 101)) / 100,
            confidence_level=float(random.choice([0.8, 0.9, 0.95, 0.99])),
            method=str(random.choice(METHODS)),
        )


@pytest.mark.slow
def test_how_many_more_it_takes_is_counted_for_any_count_method_and_level():
    kinds = set()
    for asked in _generated(3, 150):
        table = scenarios.scenario_table(asked)
        said = scenario.until_sentence(table, **asked.interval)
        low, high = (float(end) for end in proportion_ci(asked.k, asked.n, **asked.interval))
        assumed = asked.background_rate
        if high < assumed:
            kind, expected = "below", "lies below"
        elif low <= assumed:
            kind, expected = "included", "already includes"
        else:
            more = next(
                (
                    added
                    for added in range(1, 201)
                    if proportion_ci(asked.k, asked.n + added, **asked.interval)[0] <= assumed
                ),
                None,
            )
            kind = "never" if more is None else "until"
            expected = f"With {more} more" if more else "with 200 more without a response."
        assert expected in said, asked
        kinds.add(kind)
    assert kinds == {"below", "included", "never", "until"}


def test_the_headline_has_the_added_response_of_the_count_and_the_first_case(tongue):
    for asked in _generated(4, 60):
        table = scenarios.scenario_table(asked)
        said = scenario.scenario_headline(table)
        assert breadth(said) <= {"en": 90, "zh": 40}[tongue]
        first = next(table.itertuples())
        assert f"{first.events}/{first.n}" in said
        for limit in (first.increment_low, first.increment_high):
            assert percentage_points(limit) in said


def test_a_scenario_is_said_in_numbers_and_not_as_a_verdict():
    asked = scenarios.Scenario(12, 15, 1, 1, background_rate=0.5)
    found = scenario.start(scenarios.answer(asked), **EXACT)
    said = " ".join([found.headline, *found.answer, *found.supports, *found.does_not_support])
    assert not re.search("significant|proves|works", said)
    assert "is assumed and not known" in said


def test_what_is_supposed_is_spoken_of_only_where_something_is():
    alone = scenario.start(scenarios.answer(scenarios.Scenario(12, 15)), **EXACT)
    added = scenario.start(scenarios.answer(scenarios.Scenario(12, 15, 1)), **EXACT)
    assert "added" not in " ".join(alone.does_not_support)
    assert "added patients" in " ".join(added.does_not_support)
    assert len(added.supports) == len(alone.supports) + 1


def test_the_axis_of_the_added_response_is_as_wide_as_the_cases_need(tongue):
    style.use_style(language=tongue)
    ax = None
    for asked in _generated(5, 25):
        shown = scenarios.answer(asked)
        ax = scenario.plot_scenario(shown.table, label="a", interval="b", ax=ax)
        _, added = ax.figure.axes
        low, high = added.get_xlim()
        ends = 100 * shown.table[["increment_low", "increment_high"]].to_numpy()
        assert low <= min(ends.min(), 0) and high >= max(ends.max(), 0)
        step = added.get_xticks()[1] - added.get_xticks()[0]
        assert min(ends.min(), 0) - low < step
        assert high - max(ends.max(), 0) < step or high - low == step
        assert len(added.get_xticks()) <= 7


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_the_ends_of_the_assumed_rate_are_drawn(rate):
    style.use_style()
    shown = scenarios.answer(scenarios.Scenario(5, 5, background_rate=rate))
    ax = scenario.plot_scenario(shown.table, label="a", interval="b")
    low, high = ax.figure.axes[1].get_xlim()
    assert low < high
