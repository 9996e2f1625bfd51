"""Page 11: every report is in one figure, every mark is told by shape, every gap is asked for."""

import random
import re

import pandas as pd
import pytest
from conftest import TRIALS_CSV
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lupuscart.data import tables
from lupuscart.evidence.reports.reported_facts import FACTS, STATES, WHOLE, reported_facts
from lupuscart.figures.legibility import make_legible
from lupuscart.findings import unsaid
from lupuscart.reporting.headlines import _ROOM, breadth
from lupuscart.words.labels import label_studies
from lupuscart.words.lexicon import current_language, word


def _made(reports, state=None, *, core=0, seed=1):
    """Reports with generated states: all alike, or drawn."""
    draw = random.Random(seed)
    names = [f"r{number}" for number in range(reports)]
    cells = {fact: [state or draw.choice(STATES) for _ in names] for fact in FACTS}
    studies = pd.DataFrame(
        {
            "study": names,
            "first_author": [f"Group of Authors {number}" for number in range(reports)],
            "year": 2027,
            "role": ["core"] * core + ["context"] * (reports - core),
            "product": "cells",
            "publication": "journal",
            "n_treated": 5,
        }
    )
    return pd.DataFrame(cells, index=pd.Index(names, name="study")), label_studies(studies)


@pytest.fixture(scope="module")
def collection():
    studies = label_studies(tables.load_studies(TRIALS_CSV))
    rest = (tables.load_trials(TRIALS_CSV), tables.load_follow_up(TRIALS_CSV))
    return reported_facts(studies, *rest), studies


@pytest.mark.slow
@pytest.mark.parametrize("state", [None, "not_found", "part", "primary"])
@pytest.mark.parametrize("reports", [1, 2, 25, 60])
def test_every_report_is_in_one_figure_and_every_headline_fits(reports, state, tongue):
    states, studies = _made(reports, state)
    parts = unsaid.unsaid(states, studies).figures
    shown = [study for part in parts for study in part.plotted["study"].unique()]
    assert sorted(shown) == sorted(states.index)
    assert all(part.plotted["study"].nunique() <= unsaid._COLUMNS for part in parts)
    assert all(breadth(part.headline) <= _ROOM[current_language()] for part in parts)
    assert len({part.headline for part in parts}) == len(parts)
    assert str(reports if reports > 1 else len(FACTS)) in parts[0].headline


@pytest.mark.parametrize("core", [0, 1, 3, 17])
def test_core_reports_come_first_and_within_each_group_the_most_complete(core):
    states, studies = _made(25, core=core)
    parts = unsaid.unsaid(states, studies).figures
    order = [study for part in parts for study in part.plotted["study"].unique()]
    assert set(order[:core]) == set(studies["study"][:core])
    complete = states.isin(WHOLE).sum(axis=1)
    for group in (order[:core], order[core:]):
        assert complete[group].is_monotonic_decreasing
    if 0 < core <= unsaid._BESIDE_COUNTS:
        assert set(parts[0].plotted["study"]) == set(order[:core])


@pytest.mark.parametrize(
    "state, told", [("not_found", (0, 0)), ("primary", (1, 1)), ("part", (0, 0))]
)
def test_the_answer_counts_the_cells(state, told, tongue):
    states, studies = _made(4, state)
    answer = unsaid.unsaid(states, studies).figures[0].answer
    cells = 4 * len(FACTS)
    assert answer[1] == word(
        "unsaid.answer.sums",
        of=cells,
        reports=4,
        complete=cells * told[0],
        primary=cells * told[1],
        part=cells if state == "part" else 0,
        none=cells if state == "not_found" else 0,
    )


def test_the_least_reported_fact_is_named_and_changes_with_the_rows(tongue):
    states, studies = _made(6, "primary")
    states.loc["r0", "b_cells"] = "part"
    headline = unsaid.facts_headline(states, studies)
    assert word("fact.b_cells") in headline and "5" in headline
    states.loc[:, "deaths"] = "not_found"
    headline = unsaid.facts_headline(states, studies)
    assert word("fact.deaths") in headline and word("fact.b_cells") not in headline


def test_what_is_not_found_is_never_said_to_be_unreported(collection, tongue):
    first = unsaid.unsaid(*collection).figures[0]
    assert word("unsaid.answer.read") in first.answer[-1]
    assert word("unsaid.against.not_reported") in first.does_not_support


@pytest.mark.parametrize("seed", range(5))
def test_a_letter_asks_for_every_fact_that_is_not_complete_and_for_no_other(seed, tongue):
    states, studies = _made(3, seed=seed)
    table = unsaid.questions(states, studies).set_index("label")["ask"]
    for study, label in zip(studies["study"], studies["label"], strict=True):
        letter = unsaid.letter(states.loc[[study]], studies).text
        for fact in FACTS:
            asked = states.loc[study, fact] not in WHOLE
            question = word(f"fact_ask.{fact}")
            assert (question in letter) == (question in table[label]) == asked
        lines = [line for line in letter.splitlines() if line[:1].isdigit()]
        assert [line.split(".")[0] for line in lines] == [str(n + 1) for n in range(len(lines))]


def test_who_said_everything_is_asked_nothing(tongue):
    states, studies = _made(1, "secondary")
    assert word("unsaid.nothing_to_ask") in unsaid.letter(states, studies).text
    assert unsaid.questions(states, studies)["ask"].tolist() == [word("unsaid.nothing_to_ask")]


@pytest.mark.parametrize("reports", [1, 3, 10])
def test_each_cell_has_the_mark_of_its_state_and_no_two_states_share_a_mark(reports):
    states, studies = _made(reports)
    (first, *_) = unsaid.unsaid(states, studies).figures
    ax = first.draw()
    looks = {(line.get_marker(), line.get_fillstyle()) for line in ax.lines}
    assert len(looks) == len(ax.lines) == len(STATES)
    drawn = sum(len(line.get_xdata()) for line in ax.lines)
    assert drawn == reports * len(FACTS)
    cells = {
        (round(x), round(y)): state
        for state, line in zip(STATES, ax.lines, strict=True)
        for x, y in zip(*line.get_data(), strict=True)
    }
    plotted = first.plotted.set_index(["fact", "study"])["state"]
    facts, order = list(dict.fromkeys(first.plotted["fact"])), first.plotted["study"].unique()
    for (x, y), state in cells.items():
        assert plotted[facts[y], order[x]] == state


@pytest.mark.slow
@pytest.mark.parametrize("core", [0, 1, 3, 4])
@pytest.mark.parametrize("reports", [1, 3, 4, 6, 17, 31])
def test_the_names_of_reports_stand_alike_in_all_figures(reports, core):
    states, studies = _made(reports, core=min(core, reports))
    parts = unsaid.unsaid(states, studies).figures
    turned = {label.get_rotation() for part in parts for label in part.draw().get_xticklabels()}
    most = max(part.plotted["study"].nunique() for part in parts)
    assert turned == {0 if most <= 3 else 90}


@pytest.mark.slow
def test_no_report_of_the_collection_has_a_shortened_name(collection, language):
    states, _ = collection
    # In the language of the figures.
    studies = label_studies(tables.load_studies(TRIALS_CSV))
    for part in unsaid.unsaid(states, studies).figures:
        figure = part.draw().figure
        make_legible(figure, "facts")
        named = {" ".join(label.get_text().split()) for label in figure.axes[0].get_xticklabels()}
        assert named == set(part.plotted["label"])


@pytest.mark.slow
@pytest.mark.parametrize("reports", [3, 31])
def test_rows_are_no_closer_than_their_type(reports, language):
    states, studies = _made(reports)
    for part in unsaid.unsaid(states, studies).figures:
        ax = part.draw()
        ax.figure.draw_without_rendering()
        boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
        pitch = (boxes[0].y0 - boxes[-1].y0) / (len(boxes) - 1) * 72 / ax.figure.dpi
        assert pitch >= ax.get_yticklabels()[0].get_fontsize()


@pytest.mark.slow
@pytest.mark.parametrize("reports", [1, 5, 25])
def test_a_figure_can_be_read_in_both_languages(reports, language):
    states, studies = _made(reports)
    for part in unsaid.unsaid(states, studies).figures:
        figure = part.draw().figure
        FigureCanvasAgg(figure).draw()
        make_legible(figure, "facts")


def test_the_counts_beside_the_first_figure_are_those_of_all_reports(collection):
    states, studies = collection
    counts = unsaid.completeness(states).set_index("fact")
    assert counts[["complete", "in_part", "not_found"]].sum(axis=1).eq(len(states)).all()
    for fact in FACTS:
        assert counts.loc[fact, "complete"] == states[fact].isin(WHOLE).sum()
    texts = [text.get_text() for text in unsaid.unsaid(states, studies).figures[0].draw().texts]
    assert texts.count(str(counts.loc["deaths", "not_found"])) >= 1
    assert any(str(len(states)) in text for text in texts)


def test_a_choice_that_leaves_no_report_is_refused_by_name():
    _, studies = _made(2)
    with pytest.raises(ValueError, match=r"study is 'r9'.*r0, r1"):
        unsaid.chosen(studies, study="r9")
    with pytest.raises(ValueError, match=r"role is 'core'.*context"):
        unsaid.chosen(studies, role="core")


@pytest.mark.parametrize("count", [1, 2, 5])
def test_what_is_not_found_in_the_reports_chosen_is_said_of_no_others(collection, count, tongue):
    """A page of some reports does not know what the others say."""
    states, studies = collection
    some = studies.head(count)
    found = unsaid.unsaid(states.loc[some["study"]], some).figures[0]
    said = " ".join([*found.answer, *found.supports])
    assert not re.search(r"in any report|in every report|\b1 are\b|任何报告", said)
    assert ("this report" in said or "该报告" in said) == (count == 1)
