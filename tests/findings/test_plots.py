"""Figures: Axes come back, every row is drawn, nothing is clipped or overlaps."""

import itertools
import re

import pandas as pd
import pytest
from conftest import TRIALS_CSV
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from lupuscart.data import tables
from lupuscart.deck.template import layout_places, open_template
from lupuscart.evidence import endpoints, poolable
from lupuscart.evidence.benchmarks import choose_benchmarks
from lupuscart.evidence.changes import changes_from_baseline
from lupuscart.evidence.overlap import regimen_summary
from lupuscart.explore import scenarios
from lupuscart.figures import style
from lupuscart.figures.legibility import make_legible
from lupuscart.figures.rates import rate_names
from lupuscart.findings import (
    conditioning,
    methods,
    planning,
    pooling,
    response,
    safety,
    scenario,
    scores,
    trials,
)
from lupuscart.stats import coverage, proportion
from lupuscart.stats.planning import two_arm
from lupuscart.words import labels
from lupuscart.words.intervals import ci_label

INTERVAL = "95 % CI, Clopper-Pearson"


def _interval(language):
    return ci_label()


def _counts(outcomes, studies, language, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count", **wanted)
    chosen = endpoints.choose_reports(rows)
    labelled = labels.add_labels(tables.with_studies(chosen.kept, studies))
    return proportion.response_proportions(labelled)


def _response(outcomes, studies, language):
    table = _counts(outcomes, studies, language, role="core")
    return table, response.plot_response(table, interval=_interval(language))


def _labelled(rows, studies):
    return labels.add_labels(tables.with_studies(rows, studies))


def _endpoints(outcomes, studies, language):
    table = endpoints.by_endpoint(_counts(outcomes, studies, language))
    (first, *_) = response.by_endpoint(table, confidence_level=0.95, method="wilson").figures
    return first.plotted, first.draw()


def _evidence(outcomes, studies, language):
    counts = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    counted = _labelled(endpoints.by_endpoint(endpoints.choose_reports(counts).kept), studies)
    found = trials.evidence(
        labels.label_studies(studies),
        counted,
        follow_up=tables.load_follow_up(TRIALS_CSV),
        outcomes=outcomes,
    )
    return found.figures[0].plotted, found.figures[0].draw()


def _dated(outcomes, studies):
    rows = tables.select_trials(outcomes, studies, domain="activity_score")
    printed = _labelled(rows, studies)
    return scores.with_printed(_labelled(changes_from_baseline(rows), studies), printed)


def _scores(outcomes, studies, language):
    table = scores.before_and_after(_dated(outcomes, studies))
    return table, scores.plot_scores(table)


def _changes(outcomes, studies, language):
    yardstick = pd.DataFrame(
        {
            "label": ["ILLUMINATE-1 2016"],
            "window": [labels.window("at", 52)],
            "n": [379],
            "value": [-4.8],
        }
    )
    rows = tables.select_trials(outcomes, studies, domain="activity_score")
    printed, dated = _labelled(rows, studies), _dated(outcomes, studies)
    first, *_ = scores.changes(dated, printed=printed, yardstick=yardstick).figures
    return first.plotted, first.draw()


def _events(outcomes, studies, language):
    counts = tables.select_trials(outcomes, studies, domain="safety", statistic="count")
    harms = safety.counted_harms(counts)
    labelled = labels.add_labels(tables.with_studies(harms, studies))
    announced = tables.load_announcements(TRIALS_CSV)
    first, *_ = safety.events(labelled, labelled, announced, confidence_level=0.95).figures
    return first.plotted, first.draw()


def _zero(outcomes, studies, language):
    curve = pd.DataFrame({"n": range(1, 1001)})
    curve["upper"] = proportion.zero_event_bound(curve["n"])
    cohorts = pd.DataFrame({"label": ["Wang X 2025 · Wang Q 2025", "Feng J 2025"], "n": [5, 15]})
    cohorts["upper"] = proportion.zero_event_bound(cohorts["n"])
    excluded = pd.DataFrame({"rate": [0.1, 0.05, 0.01], "n": [29, 59, 299]})
    upper = ci_label(bound="upper")
    return None, safety.plot_zero_events(curve, cohorts, excluded, upper=upper)


def _methods(outcomes, studies, language):
    kept = _counts(outcomes, studies, language, role="core")
    table = pd.concat(
        proportion.response_proportions(kept, method=method).assign(method=method)
        for method in proportion.METHODS
    ).sort_index(kind="stable")
    return None, methods.plot_methods(table[table["is_response"]], confidence_level=0.95)


def _coverage(outcomes, studies, language):
    p = [i / 200 for i in range(1, 200)]
    table = pd.concat(
        pd.DataFrame({"n": n, "method": method, "p": p}).assign(
            coverage=coverage.coverage_probability(n, p, method=method)
        )
        for n in (5, 15)
        for method in ("clopper-pearson", "blaker", "mid-p", "wilson", "jeffreys", "wald")
    )
    return None, methods.plot_coverage(table, confidence_level=0.95)


def _tipping(outcomes, studies, language):
    counts = _counts(outcomes, studies, language, role="core")
    kept = endpoints.one_per_study(counts)
    chosen = choose_benchmarks(tables.load_benchmarks(TRIALS_CSV), outcomes=kept["outcome"])
    chosen = tables.with_studies(chosen, tables.load_benchmark_studies(TRIALS_CSV))
    chosen = labels.add_labels(chosen)
    chosen["words"] = labels.benchmark_words(chosen)
    regimens = regimen_summary(outcomes, studies)
    level = {"confidence_level": 0.95, "method": "clopper-pearson"}
    return None, conditioning.tipping(kept, chosen, regimens, **level).draw()


def _plan(**asked):
    settings = {"treatment_rate": 0.8, "control_rate": 0.4, "power": 0.8, "alpha": 0.05}
    settings |= {"ratio": 1, "test": "fisher", "event_rate": 0.05}
    return planning.Plan(**{**settings, **asked})


def _power(outcomes, studies, language):
    return None, planning.plot_power(planning.power_curve(_plan()), _plan())


def _assurance(outcomes, studies, language):
    beliefs = planning.control_beliefs(0.4)
    table = two_arm.assurance_table(range(5, 16), (12.5, 3.5), beliefs, 0.8, 0.4)
    named = ["power", "controls about 20 %", "controls about 40 %", "controls unknown"]
    shapes = dict(zip([None, *beliefs], named, strict=True))
    return None, planning.plot_assurance(
        table.assign(assumption=[shapes[belief] for belief in table["belief"]])
    )


def _pooling(outcomes, studies, language):
    chosen = poolable.poolable(outcomes, studies, outcome="doris", week=24)
    kept = labels.add_labels(tables.with_studies(chosen.kept, studies))
    cohorts = proportion.response_proportions(kept)
    return None, pooling.plot_pooling(cohorts, pooling.pool_models(kept["events"], kept["n"]))


def _scenario(outcomes, studies, language):
    # The longest words that a cohort can bring, and as many patients as a slider can add.
    kept = _counts(outcomes, studies, language, role="context")
    given = "lymphodepletion, drugs not reported"
    row = kept[kept["conditioning"] == given].head(1).assign(read_in="secondary")
    asked = scenarios.Scenario(150, 150, 20, 20, background_rate=0.123, method="uniform-prior")
    shown = scenarios.answer(asked, reported=row)
    ax = scenario.plot_scenario(shown.table, label=shown.label, interval=shown.interval)
    return None, ax


FIGURES = {
    "response": _response,
    "endpoints": _endpoints,
    "evidence": _evidence,
    "scores": _scores,
    "changes": _changes,
    "events": _events,
    "zero": _zero,
    "methods": _methods,
    "coverage": _coverage,
    "tipping": _tipping,
    "power": _power,
    "assurance": _assurance,
    "pooling": _pooling,
    "scenario": _scenario,
}


@pytest.fixture(scope="module")
def drawn_once():
    return {}


@pytest.fixture(params=FIGURES)
def drawn(request, drawn_once, outcomes, studies, language):
    """A figure in a language, its canvas drawn; each is made once for all tests."""
    key = (request.param, language)
    if key not in drawn_once:
        table, ax = FIGURES[request.param](outcomes, studies, language)
        FigureCanvasAgg(ax.figure).draw()
        drawn_once[key] = table, ax
    return drawn_once[key]


def _texts(figure):
    """Every text that is drawn, with its box on the canvas."""
    not_drawn = {label for ax in figure.axes for label in _beyond_scale(ax)}
    texts = [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in not_drawn
    ]
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def _beyond_scale(ax):
    """Numbers of a scale past its ends, which exist and are not drawn."""
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        for tick in axis.get_major_ticks():
            if not low - slack <= tick.get_loc() <= high + slack:
                yield from (tick.label1, tick.label2)


@pytest.mark.slow
def test_a_figure_is_axes_on_the_canvas(drawn):
    _, ax = drawn
    assert isinstance(ax, Axes)
    assert ax.figure.get_size_inches().tolist() == [*style.canvas().size]


@pytest.mark.slow
def test_a_picture_on_a_slide_has_letters_of_14_points(drawn):
    """Where the deck puts it, as large as the place is."""
    _, ax = drawn
    (place, _) = layout_places(open_template(None, theme="light"), "Figure")
    width, height = ax.figure.get_size_inches()
    scale = min(place.width.inches / width, place.height.inches / height)
    sizes = [text.get_fontsize() for text in ax.figure.findobj(Text) if text.get_text().strip()]
    assert scale * min(sizes) >= 14


# The plot is what is looked at: names of other lengths may leave it less, and Chinese, whose
# characters are as wide as two letters, does in one figure.
HALF = [("notebook", "pooling")]
HALF += [
    (context, name)
    for context in ("notebook", "slides")
    for name in ("response", "endpoints", "scores", "changes")
]


@pytest.mark.slow
@pytest.mark.parametrize(("context", "name"), HALF)
def test_the_plot_takes_half_of_the_width(name, context, outcomes, studies, language):
    style.use_style(context=context, language=language)
    _, ax = FIGURES[name](outcomes, studies, language)
    make_legible(ax.figure, name)
    assert ax.bbox.width >= {"en": 0.52, "zh": 0.485}[language] * ax.figure.bbox.width


@pytest.mark.slow
def test_no_text_is_clipped_at_the_edge(drawn):
    _, ax = drawn
    width, height = ax.figure.get_size_inches() * ax.figure.dpi
    outside = [
        text
        for text, box in _texts(ax.figure)
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]
    assert outside == []


@pytest.mark.slow
def test_no_two_texts_overlap(drawn):
    _, ax = drawn
    overlapping = [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(_texts(ax.figure), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 2
        # A box holds the room for accents too: lines of a list may share some of that.
        and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.3 * min(a.height, b.height)
    ]
    assert overlapping == []


def test_rows_are_as_far_apart_as_their_names_are_tall(drawn):
    """Two names that touch cannot be read at half size; a Chinese character fills its height."""
    _, ax = drawn
    pixels = ax.figure.dpi / 72
    for axis in ax.figure.axes:
        names = [name for name in axis.get_yticklabels() if name.get_text()]
        levels = sorted(name.get_window_extent().get_points()[:, 1].mean() for name in names)
        lines = max((name.get_text().count("\n") + 1 for name in names), default=1)
        for low, high in itertools.pairwise(levels):
            assert high - low >= lines * names[0].get_fontsize() * pixels


def test_a_legend_covers_no_axes(drawn):
    _, ax = drawn
    for legend, axis in itertools.product(ax.figure.legends, ax.figure.axes):
        under, over = axis.get_tightbbox(), legend.get_window_extent()
        assert over.y1 <= under.y0 + 1 or over.x1 <= under.x0 + 1, axis.get_title()


def test_counts_that_have_no_room_are_counted(outcomes, studies):
    _, ax = _methods(outcomes, studies.assign(role="core"), "en")
    assert len(ax.figure.axes) == 2
    assert re.search(r"\nNot drawn: \d+ more counts;", ax.figure.axes[1].get_xlabel())


def test_it_is_said_which_counts_are_drawn_and_how_many_not():
    table = pd.DataFrame({"label": list("abc"), "method": "wilson", "low": 0.1, "high": 0.9})
    first, *others = methods.interval_sentences(table)
    assert (first, len(others)) == ("The figure shows a, b; its table has 1 more.", 3)
    assert len(methods.interval_sentences(table.head(2))) == 2


def test_no_text_is_smaller_than_the_back_of_a_room_can_read(drawn):
    _, ax = drawn
    sizes = {text.get_text(): text.get_fontsize() for text in ax.figure.findobj(Text)}
    small = {text for text, size in sizes.items() if text.strip() and size < 20}
    assert small == set()


@pytest.mark.parametrize("draw", [_response, _endpoints, _evidence, _scores, _changes])
def test_every_row_has_a_line(draw, outcomes, studies):
    table, ax = draw(outcomes, studies, "en")
    lines = sum(len(axis.get_yticks()) for axis in ax.figure.axes)
    # A line is a cohort: several dates or statistics of one stand on it together.
    assert lines in (len(table), table["label"].nunique())


def test_every_count_has_its_interval(outcomes, studies):
    for draw in (_response, _endpoints, _events):
        table, ax = draw(outcomes, studies, "en")
        assert sum(len(axis.containers) for axis in ax.figure.axes) == len(table)


def test_the_table_is_left_alone(outcomes, studies):
    table = _counts(outcomes, studies, "en", role="core")
    before = table.copy(deep=True)
    response.plot_response(table, interval=INTERVAL)
    pd.testing.assert_frame_equal(table, before)


def test_the_drawn_interval_is_the_one_in_the_table(outcomes, studies):
    table = _counts(outcomes, studies, "en", study="feng_2025")
    ax = response.plot_response(table, interval=INTERVAL)
    (container,) = ax.containers
    (segment,) = container.lines[2][0].get_segments()
    assert segment[:, 0].tolist() == pytest.approx(
        [100 * table["low"].item(), 100 * table["high"].item()]
    )


def test_what_is_no_response_endpoint_has_a_panel_of_its_own(outcomes, studies):
    style.use_style()
    _, ax = _response(outcomes, studies, "en")
    titles = [axis.get_title(loc="left") for axis in ax.figure.axes]
    assert titles == ["Response endpoints", "Not a response endpoint"]
    assert [len(axis.get_yticks()) for axis in ax.figure.axes] == [2, 1]


def test_an_axes_is_drawn_into_when_given(outcomes, studies):
    table = _counts(outcomes, studies, "en", study="feng_2025")
    mine = style.new_figure().add_subplot()
    assert response.plot_response(table, interval=INTERVAL, ax=mine) is mine


def test_several_panels_do_not_fit_one_axes(outcomes, studies):
    table = _counts(outcomes, studies, "en", role="core")
    mine = style.new_figure().add_subplot()
    with pytest.raises(ValueError, match="one panel"):
        response.plot_response(table, interval=INTERVAL, ax=mine)


@pytest.mark.parametrize("plot", [trials.plot_evidence, scores.plot_scores, scores.plot_changes])
def test_an_empty_table_is_refused(plot):
    with pytest.raises(ValueError, match="no rows"):
        plot(pd.DataFrame())


def test_a_denominator_is_marked_by_the_patients_of_its_report(outcomes, studies):
    counts = tables.select_trials(outcomes, studies, domain="safety", statistic="count")
    rows = labels.label_studies(tables.with_studies(counts, studies))
    names = rate_names(rows)
    mixed = rows["basket"].eq("yes")
    assert mixed.any() and names[mixed].str.endswith("†").all()
    assert not names[~mixed].str.endswith("†").any()
    whole = ~mixed & rows["n"].eq(rows["n_treated"])
    assert whole.any() and not names[whole].str.endswith("*").any()


def test_a_level_is_never_rounded(outcomes, studies):
    kept = _counts(outcomes, studies, "en", study="feng_2025")
    table = proportion.response_proportions(kept, confidence_level=0.975).assign(method="wilson")
    ax = methods.plot_methods(table, confidence_level=0.975)
    assert "97.5 % interval" in [text.get_text() for text in ax.texts]
