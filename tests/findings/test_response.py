"""Who responded: headline, answer and figures say what the rows say, computed here again."""

import itertools
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.figures import rates, style
from lupuscart.figures.rows import lines_that_fit
from lupuscart.findings import response
from lupuscart.reporting.headlines import breadth
from lupuscart.reporting.page import labelled
from lupuscart.reporting.parts import Pictures
from lupuscart.stats import proportion
from lupuscart.words import lexicon

EXACT = {"confidence_level": 0.95, "method": "clopper-pearson"}


def _limits(k, n, level=0.95):
    tail = (1 - level) / 2
    low = betaincinv(k, n - k + 1, tail) if k else 0
    return low, betaincinv(k + 1, n - k, 1 - tail) if k < n else 1


def _percent(rate):
    return f"{100 * rate:.0f}"


def _numbers(text, *names):
    for name in names:
        text = text.replace(name, "")
    return re.findall(r"\d+(?:\.\d+)?", text)


def _rows(counts, **columns):
    """One cohort a count, as a reader's own table might hold them."""
    events, n = zip(*counts, strict=True)
    letters = [chr(ord("A") + row) for row in range(len(counts))]
    rows = {
        "study": [letter.lower() for letter in letters],
        "label": [f"{letter} 2025" for letter in letters],
        "first_author": letters,
        "year": 2025,
        "timing": "at",
        "week": 12,
        "basis": "stated",
        "locator": "abstract",
        "publication": "journal",
        "note": None,
        "cohort": "all",
        "basket": "no",
        "outcome": "doris",
        "endpoint": "DORIS",
        "window": "week 12",
        "short_window": "wk 12",
        "statistic": "count",
        "conditioning": "none",
        "events": list(events),
        "n": list(n),
        "n_treated": list(n),
        "read_in": "primary",
        "is_response": True,
    }
    return pd.DataFrame(rows | columns)


def _chosen(rows, flares=None, **options):
    flares = rows.head(0) if flares is None else flares
    return response.chosen(rows, flares=flares, **(EXACT | options))


def _collection(outcomes, studies, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count", **wanted)
    kept = labelled(endpoints.choose_reports(rows).kept, studies)
    flares = outcomes["outcome"].eq("flare") & outcomes["statistic"].eq("count")
    flares &= outcomes["study"].isin(kept["study"])
    return kept, labelled(outcomes[flares], studies)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_every_core_trial_is_named_with_its_count_and_the_range_of_the_least_known(
    outcomes, studies, tongue, level
):
    kept, flares = _collection(outcomes, studies, role="core")
    said = _chosen(kept, flares, confidence_level=level).headline
    low, high = _limits(5, 5, level)
    assert "Feng J 2025 12/15" in said and "Wang X 2025 5/5" in said
    assert _numbers(said, "Feng J 2025", "Wang X 2025") == [
        *("12", "15", "5", "5", "5", "5"),
        *(_percent(low), _percent(high)),
    ]


def test_a_trial_of_ones_own_is_in_headline_and_answer(outcomes, studies, tongue):
    kept, flares = _collection(outcomes, studies, role="core")
    own = kept[kept["study"] == "feng_2025"].assign(
        study="own", label="Own 2026", endpoint="SRI-4", outcome="sri4", events=6, n=8
    )
    found = _chosen(pd.concat([kept, own]), flares)
    assert "6/8" in found.headline
    assert "Own 2026" in found.opening.text
    assert breadth(found.headline) <= {"en": 90, "zh": 40}[lexicon.current_language()]


@given(
    counts=st.lists(
        st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=25,
    ),
    level=st.sampled_from([0.8, 0.9, 0.95, 0.99]),
    language=st.sampled_from(lexicon.LANGUAGES),
    response_rows=st.booleans(),
)
def test_no_sentence_says_more_than_the_counts(counts, level, language, response_rows):
    rows = _rows(counts, is_response=response_rows)
    full = sum(k == n for k, n in counts)
    with lexicon.using(language):
        found = _chosen(rows, confidence_level=level)
        whole = response.endpoints_headline(
            proportion.response_proportions(rows, confidence_level=level),
            **(EXACT | {"confidence_level": level}),
        )
        said = [whole, *found.figures[0].answer, *found.figures[0].does_not_support]
        for headline in [whole, *(figure.headline for figure in found.figures)]:
            assert breadth(headline) <= {"en": 90, "zh": 40}[language]
    assert not re.search(r"[{}]|nan|<NA>", " ".join(said))
    claims_all = {"en": "Everybody", "zh": "均为全部"}[language] in whole
    assert claims_all == (len(counts) > 1 and full == len(counts))
    claims_none = {"en": "Nobody", "zh": "均无人"}[language] in whole
    assert claims_none == (len(counts) > 1 and all(k == 0 for k, _ in counts))
    rate_of_all = {"en": "A true rate of 100 %", "zh": "真实比例为 100%"}[language]
    assert any(rate_of_all in each for each in said) == (full > 0)


def test_the_smallest_full_count_gives_the_limit():
    rates_of = proportion.response_proportions(_rows([(12, 12), (3, 3), (2, 4)]))
    said = response.endpoints_headline(rates_of, **EXACT)
    low = _percent(_limits(3, 3)[0])
    assert said == (
        f"In 2 of 3 counts everybody responded; in the smallest (3/3) the rate could be {low} %"
    )


def test_of_no_responder_the_upper_limit_is_said():
    rates_of = proportion.response_proportions(_rows([(0, 4), (2, 9)]))
    high = _percent(_limits(0, 4)[1])
    assert response.endpoints_headline(rates_of, **EXACT) == (
        f"In 1 of 2 counts nobody responded; in the smallest (0/4) the rate could be {high} %"
    )


def test_one_count_is_said_with_its_interval_and_its_method(outcomes, studies):
    kept, flares = _collection(outcomes, studies, study="feng_2025")
    assert _chosen(kept, flares).headline == (
        "Feng J 2025, LLDAS and DORIS: 12 of 15; the true rate may be 52–96 % (exact 95 % CI)"
    )
    said = _chosen(kept, flares, method="wilson").headline
    assert "exact" not in said and "Wilson" in said


def test_what_is_no_response_endpoint_is_not_called_one(outcomes, studies):
    kept, flares = _collection(outcomes, studies, study="wang_q_2025")
    found = _chosen(kept, flares)
    assert "responded" not in found.headline
    assert "None of these outcomes is a response endpoint." in found.opening.text


def test_flares_stand_at_the_row_of_their_study(outcomes, studies, language):
    kept, flares = _collection(outcomes, studies, role="core")
    (figure,) = _chosen(kept, flares).figures
    flare = flares.iloc[0]
    names = [text.get_text() for text in figure.draw().get_yticklabels()]
    (named,) = [name for name in names if name.startswith("Wang X 2025")]
    last = named.split("\n")[2]
    assert _numbers(last, flare["window"]) and {str(flare["events"]), str(flare["n"])} <= set(
        _numbers(last)
    )
    assert all(name.count("\n") == 1 for name in names if name != named)
    assert sum(last in sentence for sentence in figure.sentences) == 1


def test_a_study_without_flares_says_nothing_of_lost_responses():
    found = _chosen(_rows([(5, 5)]))
    assert "flare" not in " ".join([found.opening.text, found.balance.text])


def test_the_lower_bound_is_for_those_who_wanted_it_beforehand(tongue):
    rows = _rows([(5, 5), (12, 15)])
    supports = _chosen(rows).figures[0].supports
    lows = [_percent(0.05 ** (1 / 5)), _percent(betaincinv(12, 4, 0.05))]
    beforehand = {"en": "beforehand", "zh": "事先"}[lexicon.current_language()]
    assert [low in said for low, said in zip(sorted(lows), supports[::-1], strict=True)]
    assert all(beforehand in said for said in supports)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 3, 8, 25])
def test_more_rows_than_fit_are_split_over_figures(rows, tmp_path):
    style.use_style(context="slides")
    # As long a name as a report has.
    table = _rows([(3, 5)] * rows).assign(label=[f"{'N' * 34} {row:05}" for row in range(rows)])
    found = response.by_endpoint(table, **EXACT)
    parts = [figure.plotted for figure in found.figures]
    pd.testing.assert_frame_equal(pd.concat(parts), found.plotted)
    assert len(found.plotted) == rows
    room = lines_that_fit()
    assert all(len(part) + part["endpoint"].nunique() <= room for part in parts)
    shown = found.save("02_all", str(tmp_path))
    names = {path.name for path in tmp_path.glob("*.png")}
    wanted = ["02_all", *(f"02_all_{number}" for number in range(2, len(parts) + 1))]
    assert names == {f"{name}.png" for name in wanted}
    assert isinstance(shown, Pictures) == (len(parts) > 1)


def test_rows_of_an_endpoint_stand_under_its_name_the_largest_first(outcomes, studies, language):
    everyone, _ = _collection(outcomes, studies)
    found = response.by_endpoint(endpoints.by_endpoint(everyone), **EXACT)
    for figure in found.figures:
        table = figure.plotted
        for _, rows in table.groupby("endpoint"):
            assert rows["n"].is_monotonic_decreasing
        ax = figure.draw()
        bold = [text for text in ax.texts if text.get_weight() == "bold"]
        assert {text.get_text() for text in bold} > set(table["endpoint"])
        ticks = ax.get_yticks().tolist()
        assert len(ticks) == len(table)
        headings = {text.xy[1] for text in bold if text.get_text() in set(table["endpoint"])}
        assert headings.isdisjoint(ticks)


def test_the_plot_of_many_cohorts_takes_nearly_half_of_the_width(outcomes, studies):
    style.use_style(context="slides")
    everyone, _ = _collection(outcomes, studies)
    for figure in response.by_endpoint(endpoints.by_endpoint(everyone), **EXACT).figures:
        ax = figure.draw()
        ax.figure.draw_without_rendering()
        longest = max(len(text.get_text()) for text in ax.get_yticklabels())
        if longest <= 42:
            assert ax.bbox.width >= 0.48 * ax.figure.bbox.width


def test_a_head_is_as_wide_as_its_column_allows(outcomes, studies, language):
    kept, flares = _collection(outcomes, studies, role="core")
    ax = _chosen(kept, flares).figures[0].draw()
    ax.figure.draw_without_rendering()
    beside = [
        text.get_window_extent()
        for text in ax.figure.findobj(Text)
        if text.get_ha() == "right" and text.get_weight() == "bold" and text.get_text()
    ]
    assert len(beside) == 3
    for one, other in itertools.pairwise(sorted(beside, key=lambda box: box.x0)):
        assert one.x1 < other.x0


def test_marks_of_denominators_come_from_their_column():
    """Not from a note or a name: those are free text."""
    rows = _rows([(1, 4)] * 5).assign(
        basket=["no", "no", "yes", "no", pd.NA],
        cohort=["all", "50e6 cells", "all", "all diseases", "anybody"],
        n_treated=[4, 9, 9, 4, 3],
        note="all diseases, all indications",
    )
    marks = [
        name.removeprefix(label)
        for name, label in zip(rates.rate_names(rows), rows["label"], strict=True)
    ]
    assert marks == ["", "*", "†", "", "†"]
