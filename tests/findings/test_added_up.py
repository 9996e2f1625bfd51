"""Cohorts added up: what page 07 says, computed here again."""

import re

import numpy as np
import pandas as pd
import pytest
from cohorts import cohorts_of
from conftest import TRIALS_CSV

from lupuscart.data import tables
from lupuscart.evidence.poolable import poolable
from lupuscart.figures import style
from lupuscart.figures.legibility import make_legible
from lupuscart.findings import pooling
from lupuscart.reporting.headlines import breadth
from lupuscart.stats.pooling import pool
from lupuscart.words import lexicon
from lupuscart.words.labels import percent, percent_range

NEAR = {"outcome": "doris", "week": 24, "window": 13}
STATED = {"timings": ["at", "by"]}
OPTIONS = {"confidence_level": 0.95, "tau_scale": 0.5, "mu_sd": 2.5}


def _finding(events, n, **options):
    return pooling.pooled_rates(cohorts_of(events, n), outcome="doris", **{**OPTIONS, **options})


def _chosen(**near):
    outcomes, studies = tables.load_trials(TRIALS_CSV), tables.load_studies(TRIALS_CSV)
    return outcomes, studies, poolable(outcomes, studies, **{**NEAR, **near}, **STATED)


def _generated(seed, count=25):
    """Cohorts of every kind: mixed, full, empty, alike, few and many."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        n = random.integers(1, 16, size=random.integers(2, 7))
        kind = random.integers(4)
        events = [n, n * 0, random.binomial(n, 0.7), np.where(random.random(len(n)) < 0.5, n, 0)]
        yield events[kind].tolist(), n.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_the_headline_is_the_interval_for_a_new_cohort_under_each_prior(tongue, level):
    events, n = [8, 5, 9, 2], [8, 10, 10, 3]
    said = _finding(events, n, confidence_level=level).headline
    for scale in (0.5, 1):
        new = pool(events, n, model="bayes", tau_scale=scale, confidence_level=level)
        assert percent_range(new.new_low, new.new_high) in said
    assert "4" in said
    assert breadth(said) <= {"en": 90, "zh": 40}[tongue]


@pytest.mark.slow
def test_headline_and_answer_are_true_of_every_kind_of_cohorts(tongue):
    for events, n in _generated(1):
        found = _finding(events, n)
        assert breadth(found.headline) <= {"en": 90, "zh": 40}[tongue]
        bayes = [pool(events, n, model="bayes", tau_scale=scale) for scale in (0.5, 1)]
        low, high = min(each.new_low for each in bayes), max(each.new_high for each in bayes)
        assert percent(high) in found.answer[-1]
        assert percent(low).split(" ")[0].strip("%") in found.answer[-1]
        assert str(sum(events)) in found.answer[0] and str(sum(n)) in found.answer[0]


@pytest.mark.slow
def test_no_printed_interval_is_without_width():
    for events, n in _generated(2):
        table = pooling.pool_models(events, n)
        for low, high in (("low", "high"), ("new_low", "new_high")):
            drawn = table[[low, high]].dropna()
            assert (drawn[low] < drawn[high]).all(), (events, n)


@pytest.mark.slow
@pytest.mark.parametrize("factor", range(1, 5))
@pytest.mark.parametrize(("k", "n"), [(5, 5), (0, 4), (3, 5), (12, 13)])
def test_cohorts_that_agree_have_no_hartung_knapp_interval_and_the_table_says_so(k, n, factor):
    events, sizes = [k * factor] * 3, [n * factor] * 3
    table = pooling.models_table(pooling.pool_models(events, sizes))
    named = table["pool_interval"].eq(lexicon.word("pool_interval.hartung-knapp"))
    rows = table[named]
    assert len(rows) == 2
    assert rows["limits"].eq("no interval: all agree").all()
    assert rows["new_limits"].eq("no interval: all agree").all()


def test_each_row_says_which_of_the_two_rates_its_interval_is_of():
    events, n = [8, 5, 9, 2], [8, 10, 10, 3]
    table = pooling.pool_models(events, n)
    for row in table.itertuples():
        options = {"tau_scale": row.tau_scale, "mu_sd": row.mu_sd} if row.model == "bayes" else {}
        if row.model not in ("bayes", "naive"):
            options["interval"] = row.interval
        found = pool(events, n, model=row.model, **options)
        assert (row.estimand, row.estimate) == (found.estimand, found.estimate)
        assert getattr(row, row.estimand) == pytest.approx(row.estimate)


@pytest.mark.slow
def test_four_rows_are_drawn_whatever_the_priors():
    for tau_scale in (0.1, 0.5, 2.5, 4, 5):
        for mu_sd in (1, 2.5, 15, 20):
            table = pooling.pool_models([3, 4], [5, 8], tau_scale=tau_scale, mu_sd=mu_sd)
            drawn = table[table["drawn"]]
            assert drawn["mu_sd"].dropna().eq(mu_sd).all()
            assert drawn["tau_scale"].dropna().tolist() == sorted(
                {tau_scale, min(2 * tau_scale, 5)}
            )


def test_a_single_cohort_is_shown_and_nothing_is_added_up(tongue):
    for events, n in ((5, 5), (0, 4), (3, 7)):
        found = _finding([events], [n])
        assert breadth(found.headline) <= {"en": 90, "zh": 40}[tongue]
        style.use_style(language=tongue)
        assert len(found.draw().figure.axes) == 1
        assert found.supports and found.does_not_support and len(found.table) == 1
        assert pooling.prior_sentence([events], [n]) == lexicon.word("answer.pool_nothing")


def test_no_cohort_is_refused_with_a_way_out():
    with pytest.raises(
        ValueError, match="no count of 'doris' lies in the window; allowed: another"
    ):
        pooling.pooled_rates(cohorts_of([], []), outcome="doris", **OPTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 5, 6, 8, 10, 11, 25, 60])
def test_many_cohorts_are_drawn_as_far_as_there_is_room_and_the_others_counted(tongue, count):
    style.use_style(language=tongue)
    n = [3 + place % 9 for place in range(count)]
    found = _finding([each // 2 for each in n], n)
    figure = found.draw().figure
    make_legible(figure, "many")
    drawn = len(figure.axes[0].get_yticks())
    assert drawn <= min(count, pooling.COHORTS_DRAWN)
    assert drawn == count or drawn >= 5
    words = " ".join(text.get_text() for legend in figure.legends for text in [legend.get_title()])
    assert (str(count - drawn) in words) == (count > drawn)
    assert len(found.plotted) == count + 4


@pytest.mark.slow
@pytest.mark.parametrize("regimens", [1, 4, 7])
@pytest.mark.parametrize("context", style.CONTEXTS)
@pytest.mark.parametrize("count", [2, 7, 14, 25])
def test_there_is_room_for_models_and_keys_however_many_regimens_there_are(
    context, count, regimens, language
):
    style.use_style(context=context, language=language)
    given = list(style._CONDITIONING)[:regimens]
    n = [3 + place % 9 for place in range(count)]
    cohorts = cohorts_of([each // 2 for each in n], n)
    cohorts["conditioning"] = [given[place % regimens] for place in range(count)]
    cohorts["read_in"] = ["secondary", *["primary"] * (count - 1)]
    found = pooling.pooled_rates(cohorts, outcome="doris", **OPTIONS)
    figure = found.draw().figure
    make_legible(figure, "many")
    drawn = len(figure.axes[0].get_yticks())
    words = " ".join(legend.get_title().get_text() for legend in figure.legends)
    assert (str(count - drawn) in words) == (count > drawn)


def test_one_cohort_that_moves_the_estimate_is_named():
    events, n = [8, 5, 2], [8, 10, 3]
    found = _finding(events, n)
    whole = pool(events, n, model="bayes").estimate
    without = [pool([5, 2], [10, 3], model="bayes"), pool([8, 2], [8, 3], model="bayes")]
    assert abs(without[0].estimate - whole) > abs(without[1].estimate - whole)
    said = [each for each in found.does_not_support if "Author 0 2026" in each]
    assert len(said) == 1
    assert percent(without[0].estimate) in said[0] and percent(whole) in said[0]


def test_counts_of_both_endpoints_enter_only_the_sensitivity_analysis():
    outcomes, studies, chosen = _chosen()
    assert "feng_2025" not in set(chosen.kept["study"])
    table = pooling.sensitivity(outcomes, studies, **NEAR, **OPTIONS)
    joint = pooling.with_joint_counts(outcomes, "doris")
    with_it = poolable(joint, studies, **NEAR, **STATED).kept
    assert set(with_it["study"]) - set(chosen.kept["study"]) == {"feng_2025"}
    assert not with_it["programme"].duplicated().any()
    found = pool(with_it["events"], with_it["n"], model="bayes")
    row = table[table["n/N"].eq(f"{with_it['events'].sum()}/{with_it['n'].sum()}")]
    assert percent_range(found.new_low, found.new_high) in row.to_string()
    said = " ".join(pooling.joint_count_sentences(outcomes, studies, **NEAR, **OPTIONS))
    assert "Feng J 2025 counts LLDAS and DORIS (12 of 15, by week 12)" in said
    assert percent(found.estimate) in said


@pytest.mark.parametrize("outcome", ["sri4", "lldas"])
def test_counts_of_both_endpoints_stand_for_doris_alone(outcome):
    outcomes, studies, _ = _chosen(outcome=outcome)
    near = {**NEAR, "outcome": outcome}
    assert pooling.joint_count_sentences(outcomes, studies, **near, **OPTIONS) == []


def test_no_pool_of_the_page_counts_a_patient_twice():
    outcomes, studies, _ = _chosen()
    contained = {
        study: set(inner.split())
        for study, inner in zip(studies["study"], studies["contains"], strict=True)
        if isinstance(inner, str)
    }
    for outcome in ("sri4", "doris", "lldas"):
        rows = pooling.with_joint_counts(outcomes, outcome)
        for week in (6, 13, 26, 52):
            kept = poolable(rows, studies, outcome=outcome, week=week).kept
            assert not kept["programme"].duplicated().any()
            for study in kept["study"]:
                assert not contained.get(study, set()) & set(kept["study"])


def test_tables_of_the_page_are_texts_under_words():
    outcomes, studies, chosen = _chosen()
    shown = [
        pooling.sensitivity(outcomes, studies, **NEAR, **OPTIONS),
        pooling.other_endpoints(outcomes, studies, **NEAR, **OPTIONS),
        pooling.left_out(chosen, studies),
        pooling.review_sums(tables.load_reviews(TRIALS_CSV), confidence_level=0.95),
    ]
    for table in shown:
        assert len(table)
        assert not any(re.search("_", str(name)) for name in table.columns)
        assert not any(pd.api.types.is_float_dtype(cells) for _, cells in table.items())


@pytest.mark.parametrize(
    "events, n",
    [([8, 5, 2], [8, 10, 3]), ([3, 5], [7, 5]), ([0, 4, 9, 12], [6, 9, 10, 30])],
    ids=str,
)
def test_the_range_over_models_has_every_model(events, n, tongue):
    """Those that the figure has no room for as well; not the plain sum, which is no model."""
    models = pooling.pool_models(events, n)
    models = models[~models["model"].isin(["naive", "freeman-tukey"]) & models["refusal"].eq("")]
    answer = " ".join(_finding(events, n).answer)
    for _, of_it in models.groupby("estimand"):
        low, high = of_it["estimate"].min(), of_it["estimate"].max()
        wanted = percent(low) if percent(low) == percent(high) else percent_range(low, high)
        assert wanted in answer
