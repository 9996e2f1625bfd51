"""Page 05: how far the method alone moves a limit, and what an interval's level is worth."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaincinv

from lupuscart.evidence import assumptions
from lupuscart.figures.style import use_style
from lupuscart.findings import methods
from lupuscart.reporting.headlines import breadth
from lupuscart.stats import proportion
from lupuscart.stats.coverage import coverage_probability
from lupuscart.words.labels import coverage_words, percent

LEVELS = [0.8, 0.9, 0.95, 0.99]
COUNTS = [(0, 3), (3, 3), (1, 1), (2, 5), (12, 15), (0, 25), (25, 25)]


def _limits(k, n, level):
    tail = (1 - level) / 2
    low = betaincinv(k, n - k + 1, tail) if k else 0.0
    return low, betaincinv(k + 1, n - k, 1 - tail) if k < n else 1.0


def _kept(*counts):
    labels = [f"{letter} 2025" for letter in "ABCDEFGH"[: len(counts)]]
    rows = pd.DataFrame({"label": labels, "cohort": "all", "read_in": "primary"})
    events, n = zip(*counts, strict=True)
    return rows.assign(statistic="count", events=list(events), n=list(n))


@pytest.mark.slow
@pytest.mark.parametrize(("count", "level"), list(itertools.product(COUNTS, LEVELS)))
def test_what_is_said_of_one_count_is_computed_from_it(count, level, tongue):
    k, n = count
    found = methods.intervals(_kept(count), confidence_level=level)
    rates = found.plotted[found.plotted["method"] != "wald"]
    end = "low" if k else "high"
    moved = [f"{100 * value:.0f}" for value in (rates[end].min(), rates[end].max())]
    assert all(re.search(rf"\b{value}", found.headline) for value in moved if value != "0")
    assert f"{100 * level:g}" in found.headline
    no_width = {"en": "zero width", "zh": "宽度为零"}[tongue]
    wald = [said for said in found.does_not_support if no_width in said]
    assert len(wald) == (k in (0, n))
    # One patient the other way moves the exact limit.
    other = k - 1 if k else 1
    exact = _limits(other, n, level)[0 if k else 1]
    if 0.01 < exact < 0.99:
        assert f"{100 * exact:.0f}" in found.answer[1]
    # Of n patients, all better: twice the probability of one side.
    smallest = 2 * 0.5**n
    told = 0.001 <= smallest < 1  # a smaller one limits no conclusion
    assert len(found.answer) == (3 if told else 2)
    if told:
        printed = float(re.findall(r"0\.\d+", found.answer[2])[-1])
        assert printed == pytest.approx(smallest, rel=0.06)


@pytest.mark.parametrize("level", LEVELS)
def test_the_smallest_count_speaks_and_the_largest_are_named_too(level):
    kept = _kept(*COUNTS)
    found = methods.intervals(kept, confidence_level=level)
    assert found.headline.startswith("1 of 1")
    assert [re.findall(r"\d+ of \d+", said)[0] for said in found.supports] == ["1 of 1", "25 of 25"]
    low, high = _limits(1, 1, level)
    assert f"{100 * low:.0f} %" in found.supports[0] or low < 0.01
    assert f"{100 * high:.0f} %" in found.supports[0]


def test_a_headline_without_room_for_the_name_keeps_the_numbers(tongue):
    kept = _kept((5, 5)).assign(label="Chinese SLE Treatment and Research Group (CSTAR) Cells 2025")
    said = methods.intervals(kept, confidence_level=0.95).headline
    assert breadth(said) <= {"en": 90, "zh": 40}[tongue]
    assert {"48", "62"} <= set(re.findall(r"\d+", said))


def test_second_hand_is_said_where_the_count_is_named():
    kept = _kept((5, 5)).assign(read_in="secondary")
    assert "A 2025, second-hand" in methods.intervals(kept, confidence_level=0.95).headline


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_axis_begins_where_the_intervals_do(level):
    for count in COUNTS:
        found = methods.intervals(_kept(count), confidence_level=level)
        low, high = found.draw().get_xlim()
        assert low <= 100 * found.plotted["low"].min() + 1e-9
        assert high >= 100 * found.plotted["high"].max() - 1e-9
        assert low % 20 == high % 20 == 0
    full = methods.intervals(_kept((12, 15), (5, 5)), confidence_level=0.95)
    assert full.draw().get_xlim() == (40, 100)


def test_an_interval_without_width_is_said_in_words_and_is_a_mark():
    ax = methods.intervals(_kept((5, 5)), confidence_level=0.95).draw()
    assert "100–100 %: zero width" in [text.get_text() for text in ax.texts]
    (mark,) = [line for line in ax.lines if line.get_marker() == "D"]
    assert mark.get_xdata()[0] == 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "level"), list(itertools.product([[5], [3, 8], [5, 15]], LEVELS))
)
def test_coverage_is_a_line_from_the_lowest_to_the_mean(sizes, level, tongue):
    use_style(language=tongue)
    compared = ["clopper-pearson", "wilson", "wald"]
    found = methods.coverage(sizes, compared, confidence_level=level)
    ax = found.draw()
    assert len(ax.figure.axes) == 1
    spans = [
        sorted(line.get_xdata()) for line in ax.lines if len(set(line.get_ydata())) == 1
        and len(line.get_xdata()) == 2 and line.get_linestyle() == "-"
    ]  # fmt: skip
    p = np.linspace(0.0005, 0.9995, 1999)
    edge = ax.get_xlim()[0]
    wanted = []
    for method, n in itertools.product(compared, sizes):
        covered = 100 * coverage_probability(n, p, method=method, confidence_level=level)
        if covered.mean() > edge:
            wanted.append([max(covered.min(), edge), covered.mean()])
    assert spans == [pytest.approx(span) for span in wanted]
    # Clopper and Pearson's is exact, so its lowest is right of the rule.
    exact = coverage_probability(sizes[0], p, method="clopper-pearson", confidence_level=level)
    assert exact.min() >= level
    assert f"n = {min(sizes)}" in found.headline
    assert "Wald" in found.headline


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        ([0.95, 0.96], "At n = 5, no method falls below the 95 % that it claims"),
        ([0.95, 0.949], "At n = 5, coverage of 95 % intervals falls as low as 94 % (mid-P)"),
        (
            [0.9, 0.0099],
            "At n = 5, coverage of 95 % intervals falls as low as "
            "90 % (Blaker), nearly 0 % (mid-P)",
        ),
    ],
)
def test_coverage_kept_by_all_by_one_by_none(coverage, expected):
    table = pd.DataFrame({"method": ["blaker", "mid-p"], "n": 5, "coverage": coverage})
    assert methods.coverage_headline(table, confidence_level=0.95) == expected


def test_no_row_is_refused():
    with pytest.raises(ValueError, match="the table has no rows"):
        methods.coverage_headline(pd.DataFrame(), confidence_level=0.95)


@pytest.mark.parametrize("count", COUNTS)
def test_a_count_with_one_fewer_and_with_more_who_were_never_infused(count):
    kept = _kept(count)
    fewer = assumptions.one_fewer(kept, confidence_level=0.9)
    assert fewer["events"].tolist() == [count[0], count[0] - 1][: 2 if count[0] else 1]
    more = assumptions.never_infused(kept, [0, 2], confidence_level=0.9)
    assert more["n"].tolist() == [count[1], count[1] + 2]
    for row in [*fewer.itertuples(), *more.itertuples()]:
        assert (row.low, row.high) == pytest.approx(
            proportion.proportion_ci(row.events, row.n, confidence_level=0.9)
        )


@pytest.mark.parametrize("n", [1, 5, 21, 60])
@pytest.mark.parametrize("level", LEVELS)
def test_the_lowest_coverage_of_wald_does_not_hang_on_the_grid(n, level, tongue):
    found = methods.coverage([n], ["clopper-pearson", "wald"], confidence_level=level)
    wald = found.table[found.table["method"].eq("wald")]
    assert wald["lowest"].tolist() == [coverage_words(0)]
    assert percent(0) in found.headline
