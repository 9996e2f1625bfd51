"""The trial that would settle it: what page 08 says, computed here again."""

import math

import numpy as np
import pandas as pd
import pytest
from conftest import TRIALS_CSV

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.figures import style
from lupuscart.figures.legibility import make_legible
from lupuscart.findings import planning
from lupuscart.reporting.headlines import breadth
from lupuscart.reporting.page import labelled
from lupuscart.stats import planning as plans
from lupuscart.words.labels import percent

ROOM = {"en": 90, "zh": 40}

SETTINGS = [
    {},
    {"control_rate": 0.2},
    {"control_rate": 0.6, "treatment_rate": 0.95},
    {"ratio": 2},
    {"power": 0.9, "alpha": 0.1},
    {"treatment_rate": 0.33, "control_rate": 0.01, "alpha": 0.2},
    {"treatment_rate": 0.9, "control_rate": 0.895, "alpha": 0.5, "power": 0.3},
]


def _plan(**asked):
    settings = {"treatment_rate": 0.8, "control_rate": 0.4, "power": 0.8, "alpha": 0.05}
    settings |= {"ratio": 1, "test": "fisher", "event_rate": 0.05}
    return planning.Plan(**{**settings, **asked})


def _kept(study="feng_2025"):
    outcomes, studies = tables.load_trials(TRIALS_CSV), tables.load_studies(TRIALS_CSV)
    rows = tables.select_trials(
        outcomes, studies, domain="efficacy", statistic="count", study=study
    )
    return labelled(endpoints.one_per_study(endpoints.choose_reports(rows).kept), studies)


def _lines(power, believed):
    sizes = range(5, 5 + len(power))
    fixed = pd.DataFrame({"n": sizes, "belief": None, "probability": power})
    others = [
        pd.DataFrame({"n": sizes, "belief": [shape] * len(power), "probability": believed})
        for shape in ((2, 8), (4, 6), (1, 1))
    ]
    return pd.concat([fixed, *others], ignore_index=True)


@pytest.mark.parametrize("asked", SETTINGS)
def test_the_headline_names_the_smallest_trial_and_where_a_larger_one_fails(tongue, asked):
    plan = _plan(**asked)
    options = {"ratio": plan.ratio, **plan.options}
    trial = plans.sample_size_two_arm(
        plan.treatment_rate, plan.control_rate, power=plan.power, **options
    )
    said = planning.power_headline(plan)
    assert breadth(said) <= ROOM[tongue]
    assert str(trial.n1) in said and percent(plan.treatment_rate) in said
    if plan.better_control is None:
        return
    n1, n2, rate = plan.better_control
    assert str(n2) in said and percent(rate) in said
    assert n1 == math.ceil(plan.ratio * n2)

    def power(p2):
        return plans.power_two_arm(n1, n2, plan.treatment_rate, p2, **plan.options).power

    assert power(rate) < plan.power
    before = round(rate - 0.01, 2)
    assert before <= plan.control_rate or power(before) >= plan.power


@pytest.mark.slow
@pytest.mark.parametrize("asked", SETTINGS[:5])
def test_the_curve_has_the_smallest_trial_of_each_control_rate(asked):
    plan = _plan(**asked)
    curve = planning.power_curve(plan)
    assert set(curve["wanted"]) == {plan.power, 0.9}
    assert plan.control_rate in set(curve["p2"])
    for row in curve.iloc[::5].itertuples():
        options = {"power": row.wanted, "ratio": plan.ratio, **plan.options}
        trial = plans.sample_size_two_arm(plan.treatment_rate, row.p2, **options)
        assert (row.n1, row.n2) == (trial.n1, trial.n2)
    for _, rows in curve.groupby("wanted"):
        assert rows["p2"].is_monotonic_increasing


@pytest.mark.slow
@pytest.mark.parametrize("asked", SETTINGS[:5])
def test_the_figure_can_be_read_for_every_setting(tongue, asked):
    style.use_style(language=tongue)
    plan = _plan(**asked)
    ax = planning.plot_power(planning.power_curve(plan), plan)
    make_legible(ax.figure, "power")
    rules = [line for line in ax.get_lines() if len(set(line.get_xdata())) == 1]
    assert rules[0].get_xdata()[0] == pytest.approx(100 * plan.control_rate)


def test_the_answer_counts_what_is_known_of_both_rates():
    plan, kept = _plan(), _kept()
    found = planning.power(plan, kept)
    chance = plans.assurance(
        plan.trial.n1,
        plan.trial.n2,
        treatment_prior=(12.5, 3.5),
        control_prior=(4, 6),
        **plan.options,
    )
    assert "12 of 15 (Feng J 2025)" in found.answer[-1]
    assert found.answer[-1].endswith(f"is {percent(chance)}.")
    assert "controls believed about 40 %" in found.answer[-1]
    assert found.supports and found.does_not_support


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.33, 0.4, 0.9, 0.99])
def test_beliefs_are_worth_ten_patients_around_the_rate_asked_for(rate):
    half, as_asked, nothing = planning.control_beliefs(rate)
    assert nothing == (1, 1)
    assert as_asked[0] / sum(as_asked) == pytest.approx(rate)
    assert half[0] / sum(half) == pytest.approx(rate / 2)
    assert sum(half) == pytest.approx(10) and sum(as_asked) == pytest.approx(10)


def test_from_which_size_on_assurance_stays_behind_is_read_off_the_table():
    random = np.random.default_rng(8)
    seen = set()
    for _ in range(200):
        size = int(random.integers(1, 6))
        power, believed = random.integers(1, 9, size=(2, size)) / 10
        said = planning.behind_sentence(_lines(power, believed))
        behind = believed < power
        sizes = np.arange(5, 5 + size)
        if behind.all():
            expected = f"below power at every size shown ({sizes[0]} to {sizes[-1]} "
        elif not behind[-1]:
            expected = f"not below power at {sizes[-1]} patients"
        else:
            last = np.flatnonzero(~behind)[-1]
            expected = f"up to {sizes[last]} patients per arm; "
            expected += f"from {sizes[last + 1]} on it is below"
        assert expected in said
        seen.add(expected.split(" ")[0])
    assert seen == {"below", "not", "up"}


def test_the_page_says_that_assurance_stays_behind_from_eleven_on():
    found = planning.assurance(_plan(test="boschloo"), _kept())
    lines = found.plotted
    power = lines[lines["assumption"].eq("both rates known (power)")].set_index("n")["probability"]
    about = lines["assumption"].eq("controls believed about 40 %")
    believed = lines[about].set_index("n")["probability"]
    assert (believed.loc[5:10] > power.loc[5:10]).all()
    assert (believed.loc[11:] < power.loc[11:]).all()
    assert found.sentences[-1].endswith("up to 10 patients per arm; from 11 on it is below.")


def test_assurance_at_the_size_that_keeps_the_power(tongue):
    # A sawtooth: 5 reaches the power and 6 does not.
    lines = _lines([0.81, 0.79, 0.83], [0.6, 0.62, 0.64])
    said = planning.assurance_headline(lines, power=0.8)
    assert all(text in said for text in ("7", percent(0.83), percent(0.64)))
    assert planning.assurance_headline(lines, power=0.9) == said
    more = planning.assurance_headline(_lines([0.5], [0.6]), power=0.4)
    assert "but" not in more and "仅" not in more
    assert max(breadth(said), breadth(more)) <= ROOM[tongue]


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1])
@pytest.mark.parametrize("power", [0.7, 0.8, 0.9])
def test_two_stage_designs_follow_the_level_and_power_of_the_page(alpha, power):
    shown = planning.two_stage(_plan(alpha=alpha, power=power))
    designs = plans.simon_two_stage(0.4, 0.8, alpha=alpha, beta=round(1 - power, 12))
    assert shown.iloc[:, 4].tolist() == [str(design.n) for design in designs]
    assert all(design.type1 <= alpha and design.power >= power for design in designs)


def test_without_a_two_stage_design_the_table_is_empty_and_the_page_goes_on():
    assert planning.two_stage(_plan(treatment_rate=0.45, alpha=0.01, power=0.95)).empty


def test_no_table_is_headed_by_numbers(tongue):
    plan, kept = _plan(), _kept()
    arms = tables.load_benchmarks(TRIALS_CSV), tables.load_benchmark_studies(TRIALS_CSV)
    shown = [
        planning.sizes_table(plan),
        planning.single_arm(plan),
        planning.two_stage(plan),
        planning.without_event(plan),
        planning.control_rates(kept, *arms),
        planning.assurance(plan, kept).table,
    ]
    for table in shown:
        assert table.columns.name is None
        assert all(isinstance(name, str) for name in table.columns)
        assert not any(pd.api.types.is_float_dtype(cells) for _, cells in table.items())


def test_names_of_lines_stand_at_their_ends_and_never_over_one_another(tongue):
    style.use_style(language=tongue)
    for believed in ([0.9, 0.9], [0.0, 0.0], [1.0, 1.0]):
        lines = _lines([0.9, 0.9], believed)
        lines["assumption"] = [str(belief) for belief in lines["belief"]]
        ax = planning.plot_assurance(lines)
        make_legible(ax.figure, "assurance")
        assert len(ax.texts) == 4
        assert not ax.figure.legends


def test_the_protocol_says_the_numbers_of_the_plan():
    plan, kept = _plan(event_rate=0.1), _kept()
    said = planning.protocol_paragraph(plan, kept)
    assert said.startswith(
        f"With {plan.trial.n1} patients given the cells and {plan.trial.n2} controls"
    )
    assert "Beta(12.5, 3.5)" in said and "controls believed about 40 %, Beta(4, 6)" in said
    assert "to exclude 10 %, 29 patients are needed" in said


@pytest.mark.slow
@pytest.mark.parametrize("test", ["fisher", "boschloo", "fisher-mid-p"])
@pytest.mark.parametrize("ratio", [1, 1.5, 2])
def test_in_one_column_the_scale_has_one_line_and_the_settings_two_at_most(language, ratio, test):
    style.use_style(context="journal", language=language)
    plan = _plan(ratio=ratio, test=test)
    # The sizes themselves are of another test, which is quicker.
    curve = planning.power_curve(_plan(ratio=ratio))
    with style.one_column():
        ax = planning.plot_power(curve, plan)
        make_legible(ax.figure, "power")
    assert "\n" not in ax.get_xlabel() + ax.get_ylabel()
    (settings,) = [legend.get_title().get_text() for legend in ax.figure.legends]
    assert settings.count("\n") <= (ratio != 1)
