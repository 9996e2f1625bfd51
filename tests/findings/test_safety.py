"""Page 04: a zero is never a rate of zero, and events without a denominator are said beside it."""

import re

import pandas as pd
import pytest
from conftest import TRIALS_CSV
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.figures.rows import lines_that_fit
from lupuscart.findings import safety
from lupuscart.reporting.page import labelled
from lupuscart.words.cautions import announced, cautions

LEVELS = [0.8, 0.9, 0.95, 0.99]


def _upper(k, n, level=0.95):
    return 1.0 if k == n else betaincinv(k + 1, n - k, level)


def _percent(rate):
    return f"{100 * rate:.0f}"


@pytest.fixture(scope="module")
def announcements():
    return tables.load_announcements(TRIALS_CSV)


def _counted(outcomes, studies, events=None, rows=None, **wanted):
    """Counts of harms, of which some are kept and, if asked, all have the same events."""
    severe = tables.select_trials(outcomes, studies, domain="safety", **wanted)
    counts = severe[severe["statistic"] == "count"]
    if events is not None:
        counts = counts.assign(events=counts["n"] if events == "all" else events)
    harms = labelled(safety.counted_harms(counts), studies)
    return harms if rows is None else harms.head(rows), labelled(severe, studies)


def _events(harms, reported, announcements, level=0.95):
    return safety.events(harms, reported, announcements, confidence_level=level).figures


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_the_answer_has_the_limits_of_the_largest_and_the_smallest_zero(
    outcomes, studies, announcements, level, tongue
):
    harms, reported = _counted(outcomes, studies)
    first, *_ = _events(harms, reported, announcements, level)
    shown = pd.concat([part.plotted for part in _events(harms, reported, announcements, level)])
    zeros = shown[shown["events"] == 0]
    said = first.answer[0]
    assert {str(len(zeros)), str(len(shown))} <= set(re.findall(r"\d+", said))
    for n in (zeros["n"].max(), zeros["n"].min()):
        assert re.search(rf"\b{_percent(_upper(0, int(n), level))} ?%", said)
    assert f"{100 * level:g}" in said
    # The headline names the largest zero.
    largest = int(zeros["n"].max())
    assert f"0/{largest}" in first.headline
    assert _percent(_upper(0, largest, level)) in first.headline


@pytest.mark.slow
@pytest.mark.parametrize("events", [None, 0, "all"])
@pytest.mark.parametrize("rows", [1, 2, None])
def test_no_count_of_zero_is_shown_without_the_deaths_that_were_announced(
    outcomes, studies, announcements, events, rows, tongue
):
    harms, reported = _counted(outcomes, studies, events=events, rows=rows)
    first, *others = _events(harms, reported, announcements)
    (announcement,) = announced(announcements)
    assert first.answer[0].endswith(announcement)
    assert any(announced(announcements.head(1))[0] in said for said in first.does_not_support)
    assert announcement in cautions(harms, announcements=announcements)
    for part in (first, *others):
        assert part.headline.endswith(
            {"en": "deaths announced: 3", "zh": "另公告死亡 3 例"}[tongue]
        )


def test_a_headline_names_icans_only_where_it_is_shown(outcomes, studies, announcements, tongue):
    harms, reported = _counted(outcomes, studies)
    shown = [*_events(harms, reported, announcements)]
    silent = harms[~harms["outcome"].str.startswith("icans")]
    assert any("ICANS" in part.headline for part in shown)
    for part in (*shown, *_events(silent, reported, announcements)):
        there = part.plotted["outcome"].str.startswith("icans").any()
        assert there or "ICANS" not in part.headline


def test_an_announcement_has_its_date_and_how_it_was_read_and_no_rate(announcements, tongue):
    (said,) = announced(announcements)
    for part in {
        "en": ("24 August 2026", "3 deaths", "8 trials paused", "enrolment paused", "second-hand"),
        "zh": ("2026 年 8 月 24 日", "死亡 3 例", "暂停 8 项试验", "暂停入组", "转引"),
    }[tongue]:
        assert part in said
    assert not re.search(r"\d ?%", said)
    unknown = {"en": "not known, so no rate can be given", "zh": "无法计算发生率"}[tongue]
    assert unknown in said
    known = announcements.assign(n_treated=pd.array([200, 200, 40], "Int64"), read_in="primary")
    (said,) = announced(known)
    assert unknown not in said
    assert "200" in said
    assert {"en": "second-hand", "zh": "转引"}[tongue] not in said


def test_without_announcements_nothing_is_said_of_any(outcomes, studies, announcements):
    none = announcements.head(0)
    assert announced(none) == []
    harms, reported = _counted(outcomes, studies)
    first, *_ = _events(harms, reported, none)
    assert "announced" not in first.headline
    assert first.does_not_support[0] == "The conclusion that a count of zero means no risk."


def test_one_death_is_one_death_and_an_unknown_number_is_none(announcements):
    row = announcements.head(1)
    assert "1 death " in announced(row.assign(number=1))[0]
    assert "deaths, number not known" in announced(row.assign(number=pd.NA))[0]


@pytest.mark.slow
@pytest.mark.parametrize("events", [None, 0, "all"])
def test_every_row_is_drawn_once_and_no_figure_has_more_lines_than_it_holds(
    outcomes, studies, announcements, events
):
    harms, reported = _counted(outcomes, studies, events=events)
    parts = [part.plotted for part in _events(harms, reported, announcements)]
    drawn = pd.concat(parts)
    assert not drawn.duplicated(["study", "cohort", "outcome", "week", "events"]).any()
    for part in parts:
        assert len(part) + part["outcome"].nunique() <= lines_that_fit()
    # Of one harm the largest cohort comes first.
    for _, rows in drawn.groupby("outcome"):
        assert rows["n"].is_monotonic_decreasing


def test_patients_of_a_report_that_a_later_one_contains_are_drawn_once(
    outcomes, studies, announcements
):
    harms, reported = _counted(outcomes, studies)
    drawn = pd.concat([part.plotted for part in _events(harms, reported, announcements)])
    left_out = set(harms["study"] + harms["outcome"]) - set(drawn["study"] + drawn["outcome"])
    assert left_out == {"mueller_2024icans_any", "mueller_2024infection_hospital"}
    alone, reported = _counted(outcomes, studies, study="mueller_2024")
    (only,) = _events(alone, reported, announcements)
    assert set(only.plotted["study"]) == {"mueller_2024"}


def test_a_line_ends_at_the_one_sided_limit(outcomes, studies, announcements):
    harms, reported = _counted(outcomes, studies)
    first, *_ = _events(harms, reported, announcements, 0.9)
    ax = first.draw()
    ends = [
        segment[:, 0].tolist()
        for container in ax.containers
        for segment in container.lines[2][0].get_segments()
    ]
    wanted = [
        [100 * row.events / row.n, 100 * _upper(row.events, row.n, 0.9)]
        for row in first.plotted.itertuples()
    ]
    assert ends == [pytest.approx(pair) for pair in wanted]


def test_more_harms_than_a_page_asks_about_are_drawn_if_there_are_no_others(outcomes, studies):
    mild = outcomes[outcomes["outcome"] == "crs_any"]
    harms, _ = _counted(mild, studies)
    assert set(harms["outcome"]) == {"crs_any"}


def test_what_clinicians_ask_about_is_there_even_where_nothing_was_found(outcomes, studies, tongue):
    table = safety.asked_first(outcomes, studies)
    assert list(dict.fromkeys(table["outcome"])) == list(safety.ASKED_FIRST)
    absent = {"en": "not found in what was read", "zh": "在所读资料中未查到"}[tongue]
    found = set(outcomes["outcome"])
    for outcome, rows in table.groupby("outcome"):
        assert (rows["label"] == absent).all() == (outcome not in found), outcome
    late = table[table["outcome"] == "prolonged_cytopenia"]
    assert late["count"].str.startswith("1").all()
    assert not late["count"].str.contains("/").any()


@pytest.mark.parametrize("level", LEVELS)
def test_the_smallest_cohort_and_the_patients_who_exclude_a_rate(studies, level, tongue):
    core = labelled_core(studies)
    found = safety.zero(core, [0.5, 0.2, 0.1, 0.05, 0.01], confidence_level=level)
    needed = found.table.set_index("rate_to_exclude")["n_without_event"]
    for rate, n in needed.items():
        assert (1 - rate) ** n <= 1 - level < (1 - rate) ** (n - 1) + 1e-12
    assert _percent(_upper(0, 5, level)) in found.headline
    assert str(needed[0.01]) in found.headline


def labelled_core(studies):
    core = studies[studies["role"] == "core"]
    return core.assign(label=core["first_author"])


def test_a_cohort_of_unknown_size_has_no_mark_on_the_curve(studies):
    core = labelled_core(studies)
    core = core.assign(n_treated=core["n_treated"].mask(core["n_treated"] == 5))
    found = safety.zero(core, [0.1, 0.05, 0.01], confidence_level=0.95)
    assert "0 of 15" in found.headline
    none = safety.zero(core.head(0), [0.1, 0.05, 0.01], confidence_level=0.95)
    assert none.headline.startswith("To exclude 1 %, 299 patients")
    assert none.sentences == []


def test_no_row_is_refused():
    with pytest.raises(ValueError, match="the table has no rows"):
        safety.events_headline(pd.DataFrame({"events": [], "n": []}))
