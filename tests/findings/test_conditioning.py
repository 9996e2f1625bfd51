"""Page 06: what a response without the cells would leave, and what benchmarks are not."""

import itertools
import re

import pandas as pd
import pytest
from conftest import TRIALS_CSV
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.evidence import assumptions, endpoints
from lupuscart.evidence.benchmarks import choose_benchmarks, compare_with_benchmarks
from lupuscart.evidence.overlap import regimen_summary
from lupuscart.findings import conditioning
from lupuscart.reporting.headlines import breadth
from lupuscart.reporting.page import labelled
from lupuscart.words import labels

LEVELS = [0.8, 0.9, 0.95, 0.99]


def _lower(k, n, level):
    return betaincinv(k, n - k + 1, (1 - level) / 2) if k else 0.0


@pytest.fixture(scope="module")
def benchmarks():
    return tables.load_benchmarks(TRIALS_CSV)


@pytest.fixture(scope="module")
def regimens(outcomes, studies):
    return regimen_summary(outcomes, studies)


@pytest.fixture
def asked(outcomes, studies, benchmarks, regimens):
    """Ask page 06 of some studies, with counts or benchmarks of one's own if given."""

    def ask(level=0.95, own=None, without=benchmarks, **wanted):
        counts = tables.select_trials(outcomes, studies, domain="efficacy", **wanted)
        counts = counts[counts["statistic"] == "count"]
        kept = labelled(endpoints.one_per_study(endpoints.choose_reports(counts).kept), studies)
        kept = kept if own is None else kept.assign(**own)
        chosen = choose_benchmarks(without, outcomes=kept["outcome"])
        chosen = labelled(chosen, tables.load_benchmark_studies(TRIALS_CSV))
        chosen = chosen.assign(words=labels.benchmark_words(chosen))
        options = {"confidence_level": level, "method": "clopper-pearson"}
        return kept, chosen, conditioning.tipping(kept, chosen, regimens, **options)

    return ask


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("own", [None, {"events": 0}, {"events": 5, "n": 5}, {"n": 25}])
@pytest.mark.parametrize("wanted", [{"role": "core"}, {"study": "feng_2025"}])
def test_the_tipping_rate_of_every_trial_is_its_lower_limit(asked, level, own, wanted, tongue):
    kept, _, found = asked(level, own, **wanted)
    lows = [100 * _lower(int(row.events), int(row.n), level) for row in kept.itertuples()]
    rules = found.plotted["tipping"].dropna()
    assert sorted(100 * rules) == pytest.approx(sorted(lows))
    for low in lows:
        if low > 1:
            assert f"{low:.0f}" in found.headline
            assert any(f"{low:.0f}" in said for said in found.supports)
            assert f"{low:.0f}" in found.answer[1]
    assert breadth(found.headline) <= {"en": 90, "zh": 40}[tongue]
    assert f"{100 * level:g}" in found.answer[1]


@pytest.mark.parametrize("role", ["core", "context"])
def test_what_is_drawn_is_counted_and_the_rest_is_said(asked, role):
    kept, chosen, found = asked(role=role)
    drawn = found.plotted[found.plotted["arm"].notna()]
    assert len(drawn) <= 10
    more = len(chosen) - len(drawn)
    assert found.sentences[-1] == f"The table has {more} more benchmarks."
    assert len(found.sentences) == len(kept) + len(drawn) + 1
    ax = found.draw()
    assert len(ax.containers) == len(drawn)
    rules = [line for line in ax.lines if line.get_linestyle() == "--"]
    tipping = sorted(100 * found.plotted["tipping"].dropna())
    # Of many trials the lowest and the highest.
    wanted = tipping if len(tipping) <= 4 else [tipping[0], tipping[-1]]
    assert sorted(line.get_xdata()[0] for line in rules) == pytest.approx(wanted)


def test_what_has_a_trials_endpoint_and_window_stands_first_in_the_answer(asked):
    _, _, found = asked(role="core")
    assert "SRI-4 in 9 of 30 with placebo + standard care (He J 2020)" in found.answer[2]
    assert "complete renal response in 7 of 11" in found.answer[2]
    against = " ".join(found.does_not_support)
    assert "three to six cycles" in against
    assert "not refractory; background drugs ran on" in against
    _, _, alone = asked(study="feng_2025")
    assert "He J" not in alone.answer[2]
    assert "7 of 11" in alone.answer[2]


def test_the_sentences_follow_the_rows(asked, benchmarks):
    kept, chosen, _ = asked(role="core")
    said = str(conditioning.benchmark_sentences(kept, chosen))
    assert "Feng J 2025 (LLDAS and DORIS): no benchmark has both" in said
    assert "Wang X 2025 (SRI-4): He J 2020 has the same endpoint and the same window." in said
    assert "both fludarabine and cyclophosphamide: NCT00001676 2007." in said
    rates = chosen.loc[chosen["outcome"].eq("sri4"), "rate"]
    assert f"{100 * rates.min():.0f}–{100 * rates.max():.0f} % ({len(rates)} arms" in said
    without = benchmarks[~benchmarks["study"].isin(["flu_cy_2007", "he_2020"])]
    kept, chosen, found = asked(role="core", without=without)
    said = str(conditioning.benchmark_sentences(kept, chosen))
    assert "Wang X 2025 (SRI-4): no benchmark has both" in said
    arms = chosen[chosen["treatment"].ne("standard_care")].drop_duplicates(["study", "arm"])
    assert f"None of {len(arms)} arms with chemotherapy had both" in said
    assert "He J" not in " ".join([*found.answer, *found.does_not_support])


def test_the_drugs_of_an_arm_are_a_fact_of_its_row_and_not_of_its_name(asked, benchmarks):
    """An arm may name a drug that it was not given, and have drugs that its name leaves out."""
    arms = {
        "no fludarabine, cyclophosphamide": "cyclophosphamide",
        "arm B": "fludarabine+cyclophosphamide",
    }
    rows = benchmarks[benchmarks["study"].eq("petri_2010") & benchmarks["week"].eq(26)]
    rows = rows.assign(arm=list(arms), chemotherapy=list(arms.values()))
    rows["study"] = ["petri_2010", "alms_2009"]
    others = benchmarks[benchmarks["treatment"].eq("standard_care")]
    kept, chosen, found = asked(role="core", without=pd.concat([others, rows]))
    said = str(conditioning.benchmark_sentences(kept, chosen))
    (label,) = chosen.loc[chosen["arm"].eq("arm B"), "label"]
    assert f"both fludarabine and cyclophosphamide: {label}." in said
    assert "arm B" in found.answer[2] and "no fludarabine" not in found.answer[2]


def test_cohorts_without_conditioning_are_counted_from_the_rows(outcomes, studies):
    def said(studies):
        named, regimens = labels.label_studies(studies), regimen_summary(outcomes, studies)
        return str(conditioning.regimen_sentences(outcomes, named, regimens))

    now = said(studies)
    assert now.startswith("Reports of cohorts without conditioning: 3, of at most 11 patients.")
    assert "No count of a response endpoint was found for Wang Q 2025" in now
    wang_q = studies["study"] == "wang_q_2025"
    unknown = studies.assign(n_treated=studies["n_treated"].mask(wang_q))
    assert "an unknown number of patients" in said(unknown)
    everyone = said(studies.assign(conditioning="fludarabine+cyclophosphamide"))
    assert everyone == "No report is of a cohort that is known to have had no conditioning."


def test_a_cohort_without_chemotherapy_is_not_asked_about_it(asked):
    _, _, found = asked(study="descartes08_2025")
    assert found.answer[0].startswith(
        "What explains the responses is not known. These cohorts had no chemotherapy"
    )


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_the_sentence_on_both_limits_is_made_from_the_table(level, tongue):
    trials = [((12, 15), "A"), ((5, 5), "B")]
    arms = [((91, 287), "C"), ((147, 366), "D"), ((9, 30), "E"), ((7, 11), "F")]
    rows = pd.DataFrame(
        [
            {"label": a, "benchmark": b, "events": k, "n": n, "events_b": m, "n_b": size}
            for ((k, n), a), ((m, size), b) in itertools.product(trials, arms)
        ]
    )
    versus = compare_with_benchmarks(rows, confidence_level=level)
    said = str(conditioning.comparison_sentences(versus))
    every, near = (versus["low"] > 0).sum(), (versus["near_low"] > 0).sum()
    assert every <= near
    numbers = re.findall(r"\d+(?:\.\d+)?", said)
    assert {str(len(versus)), str(every), str(near), "0.000001"} <= set(numbers)
    comma = {"en": ", ", "zh": "，"}[tongue]
    for row in versus.itertuples():
        assert (f"{row.label}{comma}{row.benchmark}" in said) == (
            (row.low > 0) != (row.near_low > 0)
        )


def test_the_share_holds_without_independence():
    """Nested responses: nobody loses one by having both, and nothing is independent."""
    chemotherapy, both = 0.4, 0.5  # a tenth of all respond only with the cells
    trials = pd.DataFrame({"label": ["A"], "events": [50], "n": [100]})
    (row,) = assumptions.added_table(
        trials, [chemotherapy], confidence_level=0.95, method="clopper-pearson"
    ).itertuples()
    assert row.independent == pytest.approx(0.1 / 0.6)
    assert row.share == pytest.approx(chemotherapy / both)


def test_no_row_is_refused():
    with pytest.raises(ValueError, match="the table has no rows"):
        conditioning.tipping_headline(pd.DataFrame())
