"""How far scores fell: the headline, the answer and the marks are those of the printed values."""

import re

import pandas as pd
import pytest
from conftest import TRIALS_CSV
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import truncnorm

from lupuscart.data import outcomes as defined
from lupuscart.data import tables
from lupuscart.evidence.changes import changes_from_baseline
from lupuscart.figures import style
from lupuscart.findings import scores
from lupuscart.reporting.headlines import breadth
from lupuscart.reporting.page import labelled
from lupuscart.words import lexicon
from lupuscart.words.labels import points

ROOM = {"en": 90, "zh": 40}
SLE_DAS = "sle_disease_activity_score"


@pytest.fixture(scope="module")
def benchmarks():
    rows = tables.load_benchmarks(TRIALS_CSV)
    rows = rows[rows["treatment"].eq("standard_care") & rows["statistic"].eq("mean_change")]
    return rows, tables.load_benchmark_studies(TRIALS_CSV)


def _scores(outcomes, studies, benchmarks, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="activity_score", **wanted)
    printed = labelled(rows, studies)
    dated = scores.with_printed(labelled(changes_from_baseline(rows), studies), printed)
    yardstick = labelled(*benchmarks)
    return (
        printed,
        dated,
        scores.as_printed(printed, dated=dated, yardstick=yardstick),
        scores.changes(dated, printed=printed, yardstick=yardstick),
    )


def test_only_what_is_printed_before_and_after_is_drawn(outcomes, studies, benchmarks):
    printed, _, found, _ = _scores(outcomes, studies, benchmarks)
    keys = ["study", "cohort", "outcome", "statistic"]
    levels = printed[~printed["statistic"].isin(["largest_fall", "median_change", "mean_change"])]
    twice = levels.groupby(keys).filter(lambda rows: (rows["week"] == 0).any() and len(rows) > 1)
    drawn = found.plotted
    assert set(drawn["label"]) == set(twice["label"])
    assert len(found.figures[0].table) == len(levels)


def test_values_are_as_printed_in_every_table(outcomes, studies, benchmarks):
    printed, dated, found, fallen = _scores(outcomes, studies, benchmarks)
    for values in (printed["value_printed"], found.figures[0].table["value_printed"]):
        assert {"31.30", "5.35", "12.625"} <= set(values)
    row = dated[dated["study"] == "wang_x_2025"].iloc[0]
    assert (row["baseline_printed"], row["follow_up_printed"]) == ("31.30", "5.35")
    cells = [cell for line in fallen.figures[0].words.table["rows"] for cell in line]
    assert "31.3" not in cells
    everywhere = [*dated["baseline_value"].dropna(), *dated["follow_up_value"].dropna()]
    assert set(everywhere) <= set(printed["value_printed"])


@pytest.mark.slow
def test_how_many_cohorts_had_a_lower_score(outcomes, studies, benchmarks, tongue):
    printed, dated, found, _ = _scores(outcomes, studies, benchmarks)
    pairs = scores.before_and_after(dated)
    cohorts = pairs.drop_duplicates(["label", "outcome"])
    assert pairs["change"].lt(0).all()
    numbers = [int(number) for number in re.findall(r"\d+", found.headline)]
    levels = printed[~printed["statistic"].isin(["largest_fall", "median_change"])]
    alone = len(levels.drop_duplicates(["label", "outcome"])) - len(cohorts)
    assert numbers == [len(cohorts), alone]


def test_the_fall_in_points_leaves_the_other_scale_out(outcomes, studies, benchmarks, tongue):
    _, dated, _, fallen = _scores(outcomes, studies, benchmarks)
    rows = dated[dated["outcome"].ne(SLE_DAS)].dropna(subset=["change"])
    ends = [points(rows["change"].abs().min()), points(rows["change"].abs().max())]
    kinds = [str(len(rows)), str(rows["change_kind"].nunique())]
    assert re.findall(r"[\d.]+", fallen.headline)[:4] == [*ends, *kinds]


@given(
    changes=st.lists(st.integers(-40, 20), min_size=1, max_size=8),
    kinds=st.lists(
        st.sampled_from(["difference_of_means", "largest_fall", "individual_change"]),
        min_size=8,
        max_size=8,
    ),
    outcome=st.sampled_from(["sledai_2k", SLE_DAS]),
    language=st.sampled_from(lexicon.LANGUAGES),
)
def test_a_rise_is_never_called_a_fall(changes, kinds, outcome, language):
    rows = pd.DataFrame({"change": changes, "change_kind": kinds[: len(changes)]})
    rows = rows.assign(label="A 2025", cohort="all", outcome=outcome, read_in="primary")
    rows = rows.assign(endpoint="SLEDAI-2K")
    with lexicon.using(language):
        said = scores.changes_headline(rows)
        assert breadth(said) <= ROOM[language]
    fell = {"en": "fell", "zh": "下降"}[language] in said
    assert fell == (len(changes) > 1 and max(changes) < 0)


@pytest.mark.slow
@pytest.mark.parametrize("rises", [0, 1, 2])
def test_how_many_fell_is_counted(outcomes, studies, benchmarks, tongue, rises):
    printed, dated, _, _ = _scores(outcomes, studies, benchmarks)
    pairs = scores.before_and_after(dated).reset_index(drop=True)
    pairs.loc[: rises - 1, "change"] = 3.0
    said = scores.scores_headline(printed, pairs)
    both = len(pairs.drop_duplicates(["label", "outcome"]))
    numbers = {int(number) for number in re.findall(r"\d+", said)}
    assert both in numbers
    assert (both - rises in numbers) or not rises
    claims_all = {"en": "In all", "zh": "评分均下降"}[lexicon.current_language()] in said
    assert claims_all == (rises == 0)


def test_one_cohort_says_its_scores(outcomes, studies, benchmarks):
    _, _, found, fallen = _scores(outcomes, studies, benchmarks, study="chen_2025")
    assert found.headline == (
        "Chen Y 2025, SLEDAI-2K: median 18 (10-22) → 0 (0-4), last visit; n = 7; no control group"
    )
    assert fallen.headline == (
        "Chen Y 2025, SLEDAI-2K: −18 points (difference of two medians), no control group"
    )


@pytest.mark.slow
@pytest.mark.parametrize("study", ["wang_y_2025", "wang_q_2025", "breakfree1_2024"])
def test_a_study_without_both_ends_has_a_page_all_the_same(
    outcomes, studies, benchmarks, study, language, tmp_path
):
    _, dated, found, fallen = _scores(outcomes, studies, benchmarks, study=study)
    found.save("03_scores", str(tmp_path))
    fallen.save("03_changes", str(tmp_path))
    assert (tmp_path / "03_scores.png").is_file()
    has_change = bool(dated["change"].notna().any())
    assert (tmp_path / "03_changes.png").is_file() == has_change
    assert not re.search(r"[{}]|nan|<NA>", found.opening.text)


@pytest.mark.slow
def test_every_study_alone_and_every_role_is_said(outcomes, studies, benchmarks, tongue):
    scored = outcomes.loc[outcomes["domain"].eq("activity_score"), "study"].unique()
    for study in scored:
        _, _, found, fallen = _scores(outcomes, studies, benchmarks, study=study)
        text = " ".join([found.headline, found.opening.text, found.balance.text])
        assert not re.search(r"[{}]|nan|<NA>|None\b", text), study
        for figure in [*found.figures, *fallen.figures]:
            assert breadth(figure.headline) <= ROOM[lexicon.current_language()], figure.headline


def test_regression_to_the_mean_is_said_with_its_assumptions(outcomes, studies, benchmarks, tongue):
    _, _, found, _ = _scores(outcomes, studies, benchmarks)
    (said,) = [each for each in found.figures[0].supports if "SD" in each or "标准差" in each]
    for mean, sd, cut, correlation in ((6, 5, 10, 0.5), (4, 5, 20, 0.3)):
        above = truncnorm((cut - mean) / sd, float("inf"), loc=mean, scale=sd).mean() - mean
        assert f"{(1 - correlation) * above:.1f}" in said
        assert {str(value) for value in (mean, sd, cut, correlation)} <= set(
            re.findall(r"\d+(?:\.\d)?", said)
        )


def test_dumbbells_end_at_the_printed_values(outcomes, studies, benchmarks):
    style.use_style(context="slides")
    _, dated, _, _ = _scores(outcomes, studies, benchmarks)
    pairs = scores.before_and_after(dated)
    ax = scores.plot_scores(pairs)
    drawn = {
        tuple(line.get_xdata())
        for axis in ax.figure.axes
        for line in axis.get_lines()
        if len(line.get_xdata()) == 2
    }
    assert drawn == set(zip(pairs["baseline"], pairs["follow_up"], strict=True))


@pytest.mark.slow
def test_the_plot_of_changes_takes_half_of_the_width(outcomes, studies, benchmarks, language):
    _, _, _, fallen = _scores(outcomes, studies, benchmarks)
    for figure in fallen.figures:
        ax = figure.draw()
        ax.figure.draw_without_rendering()
        assert ax.bbox.width >= 0.5 * ax.figure.bbox.width


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 1, 2])
@pytest.mark.parametrize("count", [1, 5, 8, 9, 13, 20, 25, 40])
def test_however_many_changes_there_are_no_figure_is_left_with_one(
    outcomes, studies, benchmarks, count, others
):
    printed, dated, *_ = _scores(outcomes, studies, benchmarks)
    changed = dated.dropna(subset=["change"])
    other = changed["outcome"].eq(SLE_DAS)
    rows = pd.concat(
        [
            changed[~other].sample(count, replace=True, random_state=count),
            changed[other].sample(others, replace=True, random_state=others),
        ]
    ).reset_index(drop=True)
    found = scores.changes(rows, printed=printed, yardstick=labelled(*benchmarks))
    sizes = [len(part.plotted) for part in found.figures]
    assert sum(sizes) == len(rows)
    assert min(sizes) > 1 or len(sizes) == 1


def test_what_else_was_measured_has_every_row_of_its_kind(outcomes, studies, tongue):
    shown = scores.also_measured(outcomes, studies)
    rows = outcomes[outcomes["domain"].isin(["biomarker", "co_treatment"])]
    drugs = ["off_immunosuppression", "glucocorticoids_stopped", "glucocorticoids_5mg"]
    rows = pd.concat([rows, outcomes[outcomes["outcome"].isin(drugs)]])
    assert sorted(shown.index) == sorted(rows.index)
    counts = rows[rows["statistic"].eq("count")]
    for row in counts.itertuples():
        numbers = re.findall(r"\d+", shown.loc[row.Index, "reported"])
        assert sorted(map(int, numbers)) == sorted([row.events, row.n])
    assert "94" in shown["reported"].str.cat()


def test_what_was_not_found_is_named(outcomes, tongue):
    codes = defined.codes_of(domain="biomarker")
    present = outcomes["outcome"].unique()
    said = scores.not_measured(outcomes)
    for code in codes:
        named = lexicon.word(f"outcome.{code}") in said
        assert named == (code not in present), code
    nothing = scores.not_measured(outcomes[outcomes["domain"].eq("efficacy")])
    assert lexicon.word("need.biomarkers") in nothing
    assert lexicon.word("need.co_treatments") in nothing


def test_all_fell_is_a_power_of_the_assumed_rate(outcomes, studies):
    worth = scores.all_fell(outcomes, studies)
    everyone = outcomes["outcome"].eq("sledai_decreased") & outcomes["events"].eq(outcomes["n"])
    assert len(worth) == 3 * everyone.sum()
    for row in worth.itertuples():
        null = float(row.null_rate.split()[0]) / 100
        assert row.p_all_fell == f"{100 * null**row.n:.0f} %"
        assert row.smallest_p == f"{2 * 0.5**row.n:.2f}"
    some = outcomes.assign(events=outcomes["events"] - 1)
    assert scores.all_fell(some, studies).empty


def test_bounds_are_rounded_so_that_they_still_hold():
    falls = pd.DataFrame({"smallest_fall_low": [1.19], "mean_fall_low": [0.3 * 10]})
    falls = falls.assign(smallest_fall_high=1.11, mean_fall_high=None)
    assert scores.with_bounds(falls).iloc[0].tolist() == ["1.1", "3", "1.2", None]


def test_both_languages_say_the_same_numbers(outcomes, studies, benchmarks):
    said = {}
    for language in lexicon.LANGUAGES:
        with lexicon.using(language):
            _, _, found, fallen = _scores(outcomes, studies, benchmarks)
            texts = [found.headline, fallen.headline]
        said[language] = [sorted(re.findall(r"\d+(?:\.\d+)?", text)) for text in texts]
    assert said["en"] == said["zh"]
