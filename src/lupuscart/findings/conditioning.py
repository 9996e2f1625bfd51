"""Cells or chemotherapy: the rate without the cells at which an added effect is not shown.

Vocabulary: the *tipping rate* of a trial is the response rate without the cells from which on
the interval of an added effect no longer lies above zero.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from lupuscart.evidence.benchmarks import (
    BERGER_BOOS,
    CHEMOTHERAPY,
    benchmark_relations,
    compare_with_benchmarks,
    nearest_benchmarks,
)
from lupuscart.evidence.endpoints import response_endpoints
from lupuscart.evidence.needs import without
from lupuscart.figures.panels import (
    check_rows,
    face,
    key,
    legend_below,
    wrapped,
)
from lupuscart.figures.rows import columns_beside, lines_that_fit, name_lines
from lupuscart.figures.style import Mark, new_figure, theme_colour
from lupuscart.reporting.finding import Finding, Prose
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.marks import marks
from lupuscart.reporting.phrases import named
from lupuscart.stats.background import tipping_rate
from lupuscart.stats.proportion import response_proportions
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import hundredths, percent, percent_range
from lupuscart.words.lexicon import join, level_words, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "benchmark_names",
    "benchmark_sentences",
    "compare",
    "comparison_sentences",
    "plot_tipping",
    "regimen_sentences",
    "tipping",
    "tipping_headline",
    "tipping_sentences",
]

# So many trials have labels beside their rules, and so many letters fit over the axes.
_LABELLED, _LETTERS = 2, 48

# Of more trials than these the lowest and the highest rule are drawn.
_RULES = 4

# Latin letters of the name of a benchmark on one line, and lines that a name of two takes.
NAME, LINES = 46, 2.4


def tipping(
    kept: pd.DataFrame,
    chosen: pd.DataFrame,
    regimens: pd.DataFrame,
    *,
    confidence_level: float,
    method: str,
) -> Finding:
    """Return the rate of each trial from which on an added effect is not shown, and benchmarks.

    Parameters
    ----------
    kept : DataFrame
        One count a study with the facts of its study, labelled.
    chosen : DataFrame
        From `lupuscart.evidence.benchmarks.choose_benchmarks`, labelled, with ``words``.
    regimens : DataFrame
        From `lupuscart.evidence.overlap.regimen_summary`.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.
    """
    level = {"confidence_level": confidence_level, "method": method}
    rates = [tipping_rate(k, n, **level) for k, n in zip(kept["events"], kept["n"], strict=True)]
    trials = kept.assign(tipping=rates)
    drawn = nearest_benchmarks(chosen, kept)
    relations = benchmark_relations(kept, drawn)
    beside = drawn.assign(same=_with_endpoint_and_window(relations, kept))
    interval = ci_label(**level)
    columns = ["label", "arm", "outcome", "week", "events", "n", "rate", "low", "high"]
    rules = trials[["label", "outcome", "week", "events", "n", "tipping"]]
    return Finding(
        "tipping",
        pd.concat([rules, beside[columns]], ignore_index=True),
        tipping_headline(trials),
        tipping_sentences(trials, beside, interval=interval, more=len(chosen) - len(drawn)),
        draw=partial(plot_tipping, trials, beside),
        rows=[kept, drawn],
        table=chosen[["words", "rate", "low", "high"]],
        answer=_answer(trials, beside, interval),
        supports=_supports(trials, beside, interval),
        does_not_support=[
            *_without_effect(trials, interval),
            *_does_not_support(trials, beside, regimens),
        ],
        to_explore={"about": "conditioning", "rows": _to_explore(trials, beside, level)},
    )


def _to_explore(trials, benchmarks, level) -> list[dict]:
    """The trials, and beside them the benchmarks whose limits can be computed."""
    rates = response_proportions(trials, **level)
    known = benchmarks.dropna(subset=["low", "high"])
    interval = ci_label(**level)
    beside = tipping_sentences(trials.head(0), known, interval=interval)
    return [
        *marks(rates, tipping_sentences(trials, known.head(0), interval=interval)),
        *marks(known, beside, is_benchmark=True),
    ]


def _with_endpoint_and_window(relations, kept) -> list[str]:
    """Of each benchmark the trials whose endpoint and window it has, in words."""
    labels = dict(zip(kept["study"], kept["label"], strict=True))
    return [
        join(labels[study] for study in relations.columns if row[study] == "same")
        for row in relations.to_dict("records")
    ]


def benchmark_names(table: pd.DataFrame) -> list[str]:
    """Return a short name of each benchmark: who, endpoint, week and arm.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``short_window`` (words), ``week``, ``arm``.
    """
    comma = word("clause_separator")
    return [
        comma.join([_who_and_what(row), word_for("arm", row.arm)]) for row in table.itertuples()
    ]


def _who_and_what(row):
    parts = [row.label, row.endpoint] + ([] if pd.isna(row.week) else [row.short_window])
    return word("clause_separator").join(parts)


def tipping_headline(table: pd.DataFrame) -> str:
    """Say at which rate without the cells no added effect would be shown.

    Parameters
    ----------
    table : DataFrame
        One row a count: ``label``, ``cohort``, ``tipping`` (0 to 1), ``read_in``.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025", "B 2025"], "cohort": "all",
    ...                       "tipping": [0.519, 0.478], "read_in": "primary"})
    >>> print(tipping_headline(table))
    Unknown: no effect shown if 48 % (B 2025) or 52 % (A 2025) respond without cells
    """
    check_rows(table)
    if table["tipping"].eq(0).all():
        return word("headline.tipping_none")
    code = _by_number("headline.tipping", table)
    low, high = (percent(end) for end in (table["tipping"].min(), table["tipping"].max()))
    plain = {"lowest": low, "highest": high, "rows": len(table)}
    return first_that_fits(word(code, **_ends(table)), word(code, **plain))


def _by_number(code, table):
    return f"{code}_{ {1: 'one', 2: 'two'}.get(len(table), 'many') }"


def _ends(table):
    """The lowest and the highest tipping rate, each with its trial."""
    ordered = table.sort_values("tipping", kind="stable")
    ends = [ordered.iloc[0], ordered.iloc[-1]]
    rates = [word("in_brackets", text=percent(row.tipping), inside=named(row)) for row in ends]
    return {"lowest": rates[0], "highest": rates[1], "rows": len(table)}


def _answer(trials, marks, interval):
    seen = [_seen(row) for row in _telling(marks).itertuples()]
    return [
        word("cond.unknown" if _any_conditioned(trials) else "cond.unknown_none"),
        _tips(trials, interval),
        *([word("cond.seen", counts=word("pair_separator").join(seen))] if seen else []),
    ]


def _any_conditioned(trials) -> bool:
    """Whether any cohort had chemotherapy, or may have had it."""
    return bool(trials["conditioning"].ne("none").any())


def _tips(trials, interval):
    if trials["tipping"].eq(0).all():
        return word("cond.tips_none", interval=interval)
    return word(_by_number("cond.tips", trials), **_ends(trials), interval=interval)


def _telling(marks):
    """The drugs of the conditioning without the cells, and what has a trial's endpoint and window.

    Where neither is there, the two that come nearest.
    """
    telling = marks[_has_both_drugs(marks) | marks["same"].ne("")]
    return telling if len(telling) else marks.sort_values("closeness", kind="stable").head(2)


def _has_both_drugs(marks):
    """Whether the arm had the conditioning's drugs: fludarabine with cyclophosphamide."""
    return marks["chemotherapy"].eq("fludarabine+cyclophosphamide")


def _seen(row):
    return word(
        "cond.seen_one",
        outcome=row.endpoint,
        counted=_counted(row),
        study=_source(row),
        arm=word_for("arm", row.arm),
    )


def _source(row):
    if row.read_in == "secondary":
        return word("headline.second_hand", study=row.label)
    return row.label


def _counted(row):
    if pd.isna(row.events):
        return percent(row.rate)
    return word("cond.of", k=row.events, n=row.n)


def _supports(trials, marks, interval):
    # A trial with a lower limit of 0 shows no added effect, whatever is assumed.
    shown = trials[trials["tipping"] > 0].sort_values("tipping", kind="stable")
    added = [
        word("cond.supports", study=named(row), rate=percent(row.tipping), interval=interval)
        for row in shown.head(4).itertuples()
    ]
    if marks.empty:
        return added
    low, high = percent(marks["rate"].min()), percent(marks["rate"].max())
    return [*added, word("cond.supports_seen", arms=len(marks), lowest=low, highest=high)]


def _without_effect(trials, interval):
    rows = trials[trials["tipping"].eq(0)].head(4)
    return [
        word("cond.against.at_any_rate", study=named(row), interval=interval)
        for row in rows.itertuples()
    ]


def _does_not_support(trials, marks, regimens):
    separates = [
        word(
            "cond.against.separates",
            study=_source(row),
            separates=word_for("separates", row.separates),
        )
        for row in _telling(marks).dropna(subset=["separates"]).itertuples()
    ]
    return [
        word("cond.against.cause" if _any_conditioned(trials) else "cond.against.cause_none"),
        *separates,
        *_without_conditioning(regimens, "cond.against.without"),
    ]


def _without_conditioning(regimens, code):
    rows = regimens[regimens["conditioning"].eq("none")]
    return [
        word(
            code,
            studies=row.studies,
            patients=_at_most(row.treated_at_most),
            second_hand=row.counts - row.counts_read_in_primary,
            counts=row.counts,
        )
        for row in rows.itertuples()
    ]


def _at_most(treated):
    if pd.isna(treated):
        return word("cond.patients_unknown")
    return word("cond.patients", n=int(treated))


def regimen_sentences(
    outcomes: pd.DataFrame, studies: pd.DataFrame, regimens: pd.DataFrame
) -> Prose:
    """Return which cohorts had no conditioning, and which of them count no response endpoint.

    Parameters
    ----------
    outcomes, studies : DataFrame
        The tables of trials and of their studies, labelled.
    regimens : DataFrame
        From `lupuscart.evidence.overlap.regimen_summary`.
    """
    none = studies[studies["conditioning"].eq("none") & studies["study"].isin(outcomes["study"])]
    is_response = outcomes["outcome"].isin(response_endpoints())
    counts = outcomes[outcomes["statistic"].eq("count") & is_response]
    silent = none.loc[~none["study"].isin(counts["study"]), "label"]
    said = _without_conditioning(regimens, "cond.without") or [word("cond.all_conditioned")]
    if len(none):
        said.append(word("cond.without_names", studies=join(none["label"])))
    if len(silent):
        said.append(word("cond.without_silent", studies=join(silent)))
    return Prose(word("sentence_separator").join(said))


def benchmark_sentences(kept: pd.DataFrame, chosen: pd.DataFrame) -> Prose:
    """Return how near the benchmarks come: endpoint and window, drugs, rates of placebo arms.

    Parameters
    ----------
    kept, chosen : DataFrame
        As for `tipping`.
    """
    relations = benchmark_relations(kept, chosen)
    said = [_nearest(row, chosen[relations[row.study].eq("same")]) for row in kept.itertuples()]
    drugs = chosen[chosen["treatment"].isin(CHEMOTHERAPY)]
    if len(drugs):
        both = drugs[_has_both_drugs(drugs)]["label"].unique()
        code = "cond.fludarabine" if len(both) else "cond.no_fludarabine"
        arms = len(drugs.drop_duplicates(["study", "arm"]))
        said.append(word(code, arms=arms, studies=join(both)))
    placebo = chosen[chosen["treatment"].eq("standard_care")]
    for endpoint, rows in placebo.groupby("endpoint", sort=False):
        rates = percent_range(rows["rate"].min(), rows["rate"].max())
        said.append(word("cond.placebo", endpoint=endpoint, rates=rates, arms=len(rows)))
    return Prose("\n".join(f"- {each}" for each in said))


def _nearest(trial, same):
    names = join(dict.fromkeys(same["label"]))
    code = "cond.has_same" if len(same) else "cond.has_none"
    return word(code, study=named(trial), endpoint=trial.endpoint, benchmarks=names)


def compare(kept: pd.DataFrame, chosen: pd.DataFrame, *, confidence_level: float) -> pd.DataFrame:
    """Return the counts of the figure compared, each trial with each benchmark that is a count.

    Parameters
    ----------
    kept, chosen : DataFrame
        As for `tipping`.
    confidence_level : float
        As for `lupuscart.evidence.benchmarks.compare_with_benchmarks`, whose table it is.
    """
    drawn = nearest_benchmarks(chosen, kept).dropna(subset=["events"])
    drawn = drawn.assign(benchmark=benchmark_names(drawn))[["benchmark", "events", "n"]]
    pairs = kept[["label", "events", "n"]].merge(drawn, how="cross", suffixes=("", "_b"))
    return compare_with_benchmarks(pairs, confidence_level=confidence_level)


def comparison_sentences(versus: pd.DataFrame) -> Prose:
    """Return what restricting the rates changes in a table of comparisons, and what to mind.

    Parameters
    ----------
    versus : DataFrame
        From `lupuscart.evidence.benchmarks.compare_with_benchmarks`.
    """
    if versus.empty:
        return Prose(without("benchmark_counts"))
    tested = versus.dropna(subset=["low", "near_low"])
    every, near = tested["low"] > 0, tested["near_low"] > 0
    pairs = tested[every != near]
    comma = word("clause_separator")
    names = [comma.join([row.label, row.benchmark]) for row in pairs.itertuples()]
    gaps = {"rows": len(tested), "every": int(every.sum()), "near": int(near.sum())}
    said = [word("cond.hull", gamma=f"{BERGER_BOOS:f}"), word("cond.both_limits", **gaps)]
    if names:
        said.append(word("cond.differ", pairs=word("pair_separator").join(names)))
    if len(tested) < len(versus):
        said.append(word("cond.too_large", rows=len(versus) - len(tested)))
    return Prose(word("sentence_separator").join([*said, word("cond.many", rows=len(versus))]))


def tipping_sentences(
    trials: pd.DataFrame, marks: pd.DataFrame, *, interval: str, more: int = 0
) -> list[str]:
    """Return a sentence a trial, where the added effect tips, and one a benchmark beside it.

    Parameters
    ----------
    trials : DataFrame
        Columns ``label`` and ``tipping`` (0 to 1).
    marks : DataFrame
        Columns ``words``, ``rate`` (0 to 1), ``read_in`` and ``same``, the trials whose endpoint
        and window it has.
    interval : str
        The label of the interval, from `lupuscart.words.intervals.ci_label`.
    more : int
        How many benchmarks stand in the table alone.
    """
    tips = [
        word("sentence.tipping", study=row.label, rate=percent(row.tipping), interval=interval)
        for row in trials.itertuples()
    ]
    beside = [
        word("sentence.benchmark", words=row.words, rate=percent(row.rate), same=_same(row))
        for row in marks.itertuples()
    ]
    rest = [word("sentence.more_benchmarks", count=more)] if more else []
    return tips + beside + rest


def _same(row):
    return word("sentence.same", studies=row.same) if row.same else ""


# Chemotherapy, transplant conditioning and standard care, each in a shape and colour of its own.
_MARKS = {
    "cyclophosphamide_based": Mark("o", "#0072B2", "#56B4E9"),
    "conditioning_with_transplant": Mark("D", "#00664A", "#8FDDBB"),
    "standard_care": Mark("s", "#9E6B00", "#F2C14E"),
}


def plot_tipping(trials: pd.DataFrame, benchmarks: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what was seen without the cells, and a rule at the tipping rate of each trial.

    Parameters
    ----------
    trials : DataFrame
        Columns ``label`` and ``tipping`` (0 to 1).
    benchmarks : DataFrame
        Columns ``label``, ``endpoint``, ``short_window``, ``week``, ``arm``, ``treatment``,
        ``read_in``, ``events``, ``n``, ``rate``, ``low``, ``high`` (0 to 1; limits may be
        missing) and ``same``; one line each, in their order.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Rates without the cells in percent.
    """
    check_rows(trials)
    ax = ax or new_figure().add_subplot()
    rows = list(benchmarks.itertuples())
    names = [wrapped(_who_and_what(row), width=NAME) for row in rows]
    if LINES * len(rows) <= lines_that_fit():
        arms = [wrapped(word_for("arm", row.arm), width=NAME) for row in rows]
        names = ["\n".join(pair) for pair in zip(names, arms, strict=True)]
    name_lines(ax, names)
    for label, row in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_weight("bold" if row.same else "normal")
    for line, row in enumerate(rows):
        _draw_benchmark(ax, line, row)
    _draw_rules(ax, trials)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel(word("figure.tipping.x"))
    if rows:
        counts = ["–" if pd.isna(row.events) else f"{row.events}/{row.n}" for row in rows]
        limits = ["–" if pd.isna(row.low) else _in_percent(row.low, row.high) for row in rows]
        rates = [hundredths(row.rate) for row in rows]
        heads = [
            word("head.count"),
            word("head.rate"),
            word("head.confidence", level=level_words(0.95)),
        ]
        columns_beside([ax], [[counts], [rates], [limits]], heads)
    _benchmark_legend(ax.figure, benchmarks)
    return ax


def _in_percent(low, high):
    return word("head.limits", low=hundredths(low), high=hundredths(high))


def _draw_benchmark(ax, line, row):
    mark = _MARKS[row.treatment]
    low, high = (row.rate if pd.isna(end) else end for end in (row.low, row.high))
    ax.errorbar(
        100 * row.rate,
        line,
        xerr=[[100 * (row.rate - low)], [100 * (high - row.rate)]],
        fmt=mark.shape,
        color=mark.colour,
        markerfacecolor=face(mark.colour, row.read_in),
        clip_on=False,
        zorder=3,
    )


def _draw_rules(ax, trials):
    """A rule at each tipping rate, labelled at its head, or all in one line over the axes.

    Of many the lowest and the highest: those between are in the table.
    """
    ordered = trials.sort_values("tipping", kind="stable")
    drawn = ordered if len(ordered) <= _RULES else ordered.iloc[[0, -1]]
    for rate in drawn["tipping"]:
        ax.axvline(100 * rate, color=theme_colour("ink"), linestyle="--", linewidth=2)
    labels = [
        word("figure.tipping.rule", study=row.label, rate=percent(row.tipping))
        for row in ordered.itertuples()
    ]
    low, high = ordered["tipping"].iloc[0], ordered["tipping"].iloc[-1]
    if len(labels) == 1 and len(labels[0]) < _LETTERS * (1 - low):
        _head_rule(ax, low, labels[0], "left")
    elif len(labels) == _LABELLED and _beside_each_other(labels, low, high):
        _head_rule(ax, low, labels[0], "right")
        _head_rule(ax, high, labels[1], "left")
    else:
        _head_rule(ax, 0, _rules_in_one_line(labels, low, high), "left")


def _beside_each_other(labels, low, high):
    """Whether there is room over the axes left of the one rule and right of the other."""
    return len(labels[0]) < _LETTERS * low and len(labels[1]) < _LETTERS * (1 - high)


def _rules_in_one_line(labels, low, high):
    line = word("figure.tipping.rule_list", rules=join(labels))
    if len(line) < _LETTERS:
        return line
    ends = {"lowest": percent(low), "highest": percent(high)}
    return word("figure.tipping.rule_range", rows=len(labels), **ends)


def _head_rule(ax, rate, text, side):
    ax.annotate(
        text,
        (100 * rate, 1),
        xycoords=ax.get_xaxis_transform(),
        xytext=(-6 if side == "right" else 6, 6),
        textcoords="offset points",
        ha=side,
        va="bottom",
        annotation_clip=False,
    )


def _benchmark_legend(figure, benchmarks):
    from matplotlib.lines import Line2D

    ink, paper = theme_colour("ink"), theme_colour("paper")
    handles = [
        key(_MARKS[treatment], word(f"treatment.{treatment}"))
        for treatment in _MARKS
        if benchmarks["treatment"].eq(treatment).any()
    ]
    if benchmarks["read_in"].eq("secondary").any():
        handles.append(key(Mark("h", ink, ink), word("read_in.secondary")))
        handles[-1].set_markerfacecolor(paper)
    rule = word("figure.tipping.rules")
    handles.append(Line2D([], [], color=ink, linestyle="--", linewidth=2, label=rule))
    same = join(dict.fromkeys(name for name in benchmarks["same"] if name))
    title = word("figure.tipping.same", studies=same) if same else ""
    legend_below(figure, title=title, more=handles)
