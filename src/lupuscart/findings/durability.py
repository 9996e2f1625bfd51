"""Does it last? How long patients were followed, who flared when, and what a rate can be.

Vocabulary: a report *tells* of flares if it says whether there were any, none included; the
others are *silent*. A report that another one counts again is *nested*, and counted once. The
*best known* rate is the one with bounds of person-time on both sides and the most of it: chosen
by the follow-up, never by the flares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lupuscart.data.tables import with_studies
from lupuscart.evidence.reports import follow_up as evidence
from lupuscart.figures.panels import check_rows, face, key, legend_below
from lupuscart.figures.rows import (
    centre_few,
    columns_beside,
    in_parts,
    lines_that_fit,
    name_lines,
)
from lupuscart.figures.style import Mark, conditioning_mark, new_figure, theme_colour
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.page import labelled
from lupuscart.reporting.parts import Parts
from lupuscart.stats.follow_up import (
    follow_up_to_exclude,
    kaplan_meier,
    numbers_at_risk,
    survival_ci,
)
from lupuscart.words.labels import (
    cohort_label,
    outcome_words,
    percent,
    percent_range,
    window,
)
from lupuscart.words.lexicon import join, level_words, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "curves",
    "durability_headline",
    "flare_table",
    "harm_table",
    "lasting",
    "months_to_exclude",
    "plot_curve",
    "plot_follow_up",
    "rate_range",
    "without_cells",
]

# Lines of the legend with and without flares; and of a row, as a count stands over each bar.
_KEYS, _LINES = (5, 4), 1.5

# What remission over years is counted by in arms without the cells.
_LASTING = ("remission", "doris", "drug_free_remission", "lldas")

# The share of the axis that a count over a bar needs.
_COUNT = 0.1


def lasting(
    follow_up: pd.DataFrame,
    trials: pd.DataFrame,
    studies: pd.DataFrame,
    patients: pd.DataFrame,
    *,
    confidence_level: float,
) -> Parts:
    """Return the figures of who was followed how long and who flared when.

    Parameters
    ----------
    follow_up : DataFrame
        The table of follow-up, maybe without rows.
    trials, studies : DataFrame
        Reported outcomes; studies with their labels.
    patients : DataFrame
        The table of single patients' times, maybe without rows.
    confidence_level : float
        Of two-sided and one-sided limits.

    Returns
    -------
    Parts
        First the reports that tell of flares, cohorts of a known size before others, then the
        silent ones; none where no row has a length or a flare, and a sentence that says so
        instead.
    """
    rows = evidence.followed(follow_up, studies)
    if rows.empty:
        return Parts(list, word("durability.nothing"))
    rows = rows.assign(label=[cohort_label(row) for row in _named(rows).itertuples()])
    rows["nested_in"] = evidence.nested(rows)
    counted = evidence.states(trials, rows)
    counts = with_studies(trials.loc[counted.index.unique()], studies)
    complete = evidence.complete_cohorts(patients, rows, studies)
    # Of the many columns these are read again and again; the sources have all.
    shown = rows[_READ]
    rates = evidence.flare_rates(shown, confidence_level=confidence_level)
    said = _Said(shown, counted, rates, trials, complete, confidence_level)
    return Parts(partial(_figures, shown, counted, [rows, counts], rates, said))


_READ = [
    *("study", "cohort", "label", "who", "n", "n_followed", "contains", "nested_in"),
    *("median_m", "minimum_m", "maximum_m", "mean_m", "at_least_m", "followup_printed"),
    *("relapses", "relapse_m", "relapse_week", "relapse_timing", "relapse_printed"),
    *("low_years", "high_years", "conditioning", "read_in"),
]


def _figures(rows, counted, reported, rates, said) -> list[Finding]:
    telling = rows[rows["relapses"].notna()]
    groups = [_sized_first(telling), _by_length(rows.drop(telling.index))]
    parts = [
        part
        for group, keys in zip(groups, _KEYS, strict=True)
        if len(group)
        for part in _parts(group, keys)
    ]
    months = float(_reach(rows).max())
    first, *others = [
        _one_figure(part, counted, reported, rates, said.level, months) for part in parts
    ]
    return [said.complete(first), *others]


def _parts(rows, keys):
    """The rows of each figure; a row has its bar below its counts, and no group has a name."""
    lines, room = [_LINES] * len(rows), lines_that_fit(legend_lines=keys) + 1
    return in_parts(rows, [""] * len(rows), weights=lines, room=room)


def _named(rows):
    """Rows of several cohorts of one report are told apart by these."""
    several = rows.groupby("study")["cohort"].transform("nunique") > 1
    return rows.assign(cohort=rows["cohort"].where(several | rows["cohort"].ne("all"), "all"))


def _sized_first(rows):
    """Cohorts of a known size before single patients and flares among a number that nobody gave."""
    sized = _sized(rows)
    return pd.concat([_innermost_last(rows[sized]), _innermost_last(rows[~sized])])


def _innermost_last(rows):
    """Each report before those that it contains; families by the length of their follow-up."""
    left, order = list(_by_length(rows).index), []
    while left:
        place = next((each for each in left if not rows.loc[each, "nested_in"]), left[0])
        family = [place, *_contained(rows, place)]
        order += [each for each in family if each in left]
        left = [each for each in left if each not in order]
    return rows.loc[order]


def _contained(rows, place) -> list:
    """The rows that the report of a row counts again, the outermost first."""
    contains = rows.loc[place, "contains"]
    inner = contains.split() if isinstance(contains, str) else []
    return list(rows[rows["study"].isin(inner)].sort_values("nested_in", kind="stable").index)


def _by_length(rows):
    return rows.loc[_reach(rows).sort_values(ascending=False, kind="stable").index]


def _reach(rows) -> pd.Series:
    """How far the drawing of each row goes, in months."""
    names = ["median_m", "minimum_m", "maximum_m", "mean_m", "at_least_m", "relapse_m"]
    return rows[names].max(axis=1)


def _middle(rows) -> pd.Series:
    return rows["median_m"].fillna(rows["mean_m"])


def _one_figure(rows, counted, reported, rates, level, months) -> Finding:
    follow_up, counts = reported
    shown = counted[counted["row"].isin(rows.index)]
    plotted = _plotted(rows, shown, rates)
    return Finding(
        "durability",
        plotted,
        durability_headline(rows, rates, confidence_level=level),
        [_row_sentence(row, shown, rates, level) for row in rows.itertuples()],
        draw=partial(plot_follow_up, rows, shown, rates, confidence_level=level, months=months),
        rows=[follow_up.loc[rows.index], counts.loc[shown.index.unique()]],
        table=plotted[["label", "n", "followup_printed", "relapses", "rate_range", "read_in"]],
    )


def _plotted(rows, counted, rates):
    names = ["study", "cohort", "label", "who", "n", "n_followed", "followup_printed"]
    names += ["median_m", "minimum_m", "maximum_m", "mean_m", "at_least_m"]
    names += ["relapses", "relapse_m", "relapse_timing", "relapse_printed"]
    table = rows[[*names, "low_years", "high_years", "conditioning", "read_in"]].copy()
    table["state"] = [_states_words(counted, place) for place in rows.index]
    table["rate_range"] = [_rate_of(rates, place) for place in rows.index]
    return table


def _states_words(counted, place) -> str:
    there = counted[counted["row"].eq(place)]
    if there.empty:
        return ""
    facts = (there[name] for name in ("events", "n", "timing", "week"))
    counts = [
        word("in_brackets", text=f"{events}/{n}", inside=window(timing, week, short=True))
        for events, n, timing, week in zip(*facts, strict=True)
    ]
    return f"{outcome_words(there['outcome'].iloc[0])} {join(counts)}"


def _rate_of(rates, place) -> str:
    if place not in rates.index:
        return "–"
    return rate_range(rates.loc[place, "low"], rates.loc[place, "high"])


def rate_range(low: float, high: float) -> str:
    """Return the limits of a rate of flares a patient-year in words.

    Examples
    --------
    >>> rate_range(0.00184, 0.4849), rate_range(0, 1.196)
    ('0.0018–0.485', '0–1.196')
    """
    return word("durability.range", low=_rate(low), high=_rate(high))


def _rate(rate) -> str:
    if rate >= 10:
        return f"{rate:.0f}"
    return f"{rate:.3f}" if rate >= 0.01 else f"{rate:.2g}"


def _years(time) -> str:
    return f"{time:.1f}" if np.isfinite(time) else "∞"


class _Said:
    """What is said of the whole: made from the rows, so that none of it outlives them."""

    def __init__(self, rows, counted, rates, trials, complete, level):
        self.rows, self.counted, self.rates, self.level = rows, counted, rates, level
        self.trials = trials[trials["study"].isin(rows["study"])]
        self.complete_cohorts = complete
        self.telling = rows[rows["relapses"].notna()]
        self.silent = rows[~rows["study"].isin(self.telling["study"])]
        self.interval = word("interval.exact", level=level_words(level))

    def complete(self, first: Finding) -> Finding:
        """The first figure, with the answer and the balance of all of them."""
        return replace(
            first,
            headline=durability_headline(self.rows, self.rates, confidence_level=self.level),
            answer=[self._who_flared(), self._what_is_not_known()],
            supports=self._supports(),
            does_not_support=self._does_not_support(),
        )

    def _who_flared(self) -> str:
        telling = _cohorts_that_tell(self.telling)
        if telling.empty:
            silent = _number_of_reports(self.silent)
            return word(f"durability.nobody_tells{_one(silent)}", silent=silent)
        flared = _flared_rows(telling)
        elsewhere = _flared_elsewhere(self.telling, telling)
        listed = flared if len(flared) else _zero_rows(telling)
        said = word(
            f"durability.answer.{_how_many(telling, flared, elsewhere)}",
            counted=_which(telling, self.telling),
            flared=len(flared),
            listed=_first_of(listed),
            more=_more(len(listed) - 3),
            elsewhere=_first_of(elsewhere),
            more_elsewhere=_more(len(elsewhere) - 3),
        )
        best = _best_known(self.rates)
        if best is None:
            return word("durability.answer.end", said=said)
        return word(
            "durability.answer.rate" if len(self.rates) > 1 else "durability.answer.only_rate",
            said=said,
            study=best.label,
            range=rate_range(best.low, best.high),
            interval=self.interval,
            free=percent_range(best.free_low, best.free_high),
        )

    def _what_is_not_known(self) -> str:
        curve = self._curve()
        if self.silent.empty:
            return word("durability.answer.only_curve", curve=curve)
        middle = _middle(self.silent)
        longest = middle if middle.notna().any() else _reach(self.silent)
        longest = self.silent.loc[longest.idxmax()]
        silent = _number_of_reports(self.silent)
        code = f"silent{_one(silent)}" if len(self.telling) else "all_silent"
        return word(
            f"durability.answer.{code}",
            silent=silent,
            study=longest["label"],
            months=_length_words(longest),
            curve=curve,
        )

    def _curve(self) -> str:
        names = dict.fromkeys(each["label"].iloc[0] for each in self.complete_cohorts)
        if not names:
            return word("durability.no_curve")
        return word("durability.curve_of", studies=join(names))

    def _supports(self) -> list[str]:
        said = []
        best = _best_known(self.rates)
        if best is not None:
            said.append(
                word(
                    "durability.supports.rate",
                    counted=_count_words(best),
                    time=_time_words(best),
                    range=rate_range(best.low, best.high),
                    interval=self.interval,
                )
            )
        zeros = _zero_rows(self.rates)
        zeros = zeros[zeros["n"].gt(1)].sort_values("low_years", ascending=False, kind="stable")
        said += [
            word(
                "durability.supports.zero",
                counted=_count_words(row),
                time=_time_words(row),
                limit=_rate(row.upper),
                upper=word("durability.upper", level=level_words(self.level)),
            )
            for row in zeros.head(1).itertuples()
        ]
        flared = _flared_rows(self.telling)
        if len(flared):
            listed = join(_count_words(row, when=True) for row in flared.head(4).itertuples())
            more = _more(len(flared) - 4)
            said.append(word("durability.supports.flares", listed=listed, more=more))
        return said or [word("durability.supports.length", study=self.rows.iloc[0]["label"])]

    def _does_not_support(self) -> list[str]:
        inner = self.telling[self.telling["nested_in"].gt(0)]
        return [
            word("durability.against.curve", curve=self._curve()),
            word("durability.against.constant"),
            *self._state_is_not_time(),
            *self._drugs_are_not_remission(),
            *self._found_at_a_visit(),
            *(
                [word("durability.against.nested", studies=join(dict.fromkeys(inner["label"])))]
                if len(inner)
                else []
            ),
            word("durability.against.control"),
        ]

    def _state_is_not_time(self):
        """Fewer in the state than are free of a flare."""
        for row in self.telling.itertuples():
            there = self.counted[self.counted["row"].eq(row.Index)]
            if pd.isna(row.n) or there.empty or row.relapses > row.n:
                continue
            if (there["n"].eq(row.n) & there["events"].lt(row.n - row.relapses)).any():
                yield word(
                    "durability.against.state",
                    study=row.label,
                    state=_states_words(self.counted, row.Index),
                    counted=word("durability.of", k=int(row.relapses), n=int(row.n)),
                )

    def _drugs_are_not_remission(self):
        off = self.trials[self.trials["outcome"].eq("off_immunosuppression")]
        for row in self.rows[self.rows["study"].isin(off["study"])].itertuples():
            same = off["study"].eq(row.study) & off["cohort"].eq(row.cohort) & off["n"].notna()
            there = self.counted[self.counted["row"].eq(row.Index)]
            stopped = off[same & off["events"].notna()]
            if stopped.empty or there.empty:
                continue
            last = there.iloc[-1]
            if last.events / last.n < stopped["events"].iloc[0] / stopped["n"].iloc[0]:
                yield word(
                    "durability.against.drugs",
                    study=row.label,
                    stopped=word(
                        "durability.of", k=stopped["events"].iloc[0], n=stopped["n"].iloc[0]
                    ),
                    counted=word("durability.of", k=last.events, n=last.n),
                    state=outcome_words(last.outcome),
                )

    def _found_at_a_visit(self):
        found = self.telling[self.telling["relapse_timing"].eq("at_visit")]
        for row in found.itertuples():
            yield word("durability.against.visit", study=row.label, week=int(row.relapse_week))


def _cohorts_that_tell(telling) -> pd.DataFrame:
    """Cohorts of a known size, nested ones not again; single patients where there are no cohorts.

    Single patients are chosen by whoever reports them, and of an event without a denominator
    nobody knows how many were looked at.
    """
    outer = telling[evidence.nested(telling).eq(0)]
    cohorts = outer[_sized(outer)]
    return cohorts if len(cohorts) else outer


def _which(counted, told) -> str:
    """Which rows are counted: a figure shows others too, that are nested or of unknown size."""
    cohorts = _sized(counted).all()
    code = "uncertain" if not cohorts else "cohorts" if len(counted) == len(told) else "separate"
    return word(f"durability.{code}{_one(len(counted))}", count=len(counted))


def _sized(rows):
    return rows["who"].eq("cohort") & rows["n"].notna()


def _how_many(counted, flared, elsewhere) -> str:
    """Whether none, some or all of the rows have a flare; a single row is not a number."""
    few = "one_" if len(counted) == 1 else ""
    if len(flared):
        return few + ("all" if len(flared) == len(counted) else "some")
    return "none_but" if len(elsewhere) else few + "none"


def _flared_elsewhere(told, counted):
    """Flares outside the rows that are counted, which no sentence on these may deny."""
    others = told[told["relapses"].gt(0)].drop(counted.index, errors="ignore")
    return others.sort_values("relapses", ascending=False, kind="stable")


def _first_of(rows) -> str:
    return join(_count_words(row) for row in rows.head(3).itertuples())


def _one(count) -> str:
    """The ending of a word for one thing."""
    return "_one" if count == 1 else ""


def _flared_rows(rows):
    outer = rows[evidence.nested(rows).eq(0) & rows["relapses"].gt(0)]
    return outer.sort_values("n", ascending=False, kind="stable", na_position="last")


def _zero_rows(rows):
    return rows[rows["relapses"].eq(0)].sort_values("n", ascending=False, kind="stable")


def _best_known(rates):
    """The row with both bounds of person-time and the most of it; without both bounds else."""
    if rates.empty:
        return None
    several = rates[rates["n"].gt(1)] if rates["n"].gt(1).any() else rates
    bounded = several[np.isfinite(several["high_years"])]
    known = bounded if len(bounded) else several
    return next(known.loc[[known["low_years"].idxmax()]].itertuples())


def _number_of_reports(rows) -> int:
    return rows["study"].nunique()


def _more(count) -> str:
    return word("safety.more", count=count) if count > 0 else ""


def _count_words(row, *, when=False) -> str:
    """How many flared in which report; in brackets when, and whether it was read second-hand."""
    if pd.isna(row.n):
        counted = word("durability.of_unknown", k=int(row.relapses))
    else:
        code = "events" if row.relapses > row.n else "of"
        counted = word(f"durability.{code}", k=int(row.relapses), n=int(row.n))
    said = word("durability.counted", counted=counted, study=row.label)
    inside = []
    if when:
        dated = not pd.isna(row.relapse_week)
        week = int(row.relapse_week) if dated else ""
        inside.append(word("durability.week" if dated else "durability.no_week", week=week))
    if row.read_in == "secondary":
        inside.append(word("read_in.secondary"))
    if not inside:
        return said
    return word("in_brackets", text=said, inside=word("clause_separator").join(inside))


def _time_words(row) -> str:
    if not np.isfinite(row.high_years):
        return word("durability.years_least", low=_years(row.low_years))
    low, high = _years(row.low_years), _years(row.high_years)
    if low == high:
        return word("durability.years", low=low)
    return word("durability.years_between", low=low, high=high)


def _length_words(row) -> str:
    """The most that is printed of the length of a follow-up, in months."""
    for name in ("median", "mean", "maximum", "at_least", "minimum"):
        if pd.notna(row[f"{name}_m"]):
            months = f"{row[f'{name}_m']:.1f}".removesuffix(".0")
            return word(f"durability.length.{name}", months=months)
    return word("durability.length.flare", months=f"{row['relapse_m']:.1f}".removesuffix(".0"))


def durability_headline(rows: pd.DataFrame, rates: pd.DataFrame, *, confidence_level: float) -> str:
    """Say how many reports that tell of flares had any, and how many are silent.

    Parameters
    ----------
    rows, rates : DataFrame
        From `lupuscart.evidence.reports.follow_up`.
    confidence_level : float
        Of the rate of a single row.

    Examples
    --------
    >>> rows = pd.DataFrame({"study": ["a", "b"], "label": ["A 2025", "B 2026"],
    ...     "who": "cohort", "contains": None, "n": [5, 8], "relapses": [1, None]})
    >>> durability_headline(rows, rows.head(0), confidence_level=0.95)
    'A 2025: 1 of 5 flared; 1 more report says nothing'
    """
    check_rows(rows)
    told = rows[rows["relapses"].notna()]
    telling = _cohorts_that_tell(told)
    silent = _number_of_reports(rows[~rows["study"].isin(told["study"])])
    if telling.empty:
        # Of several figures each says how far its own rows go.
        return _silent_words(silent, code="alone", months=math.ceil(_reach(rows).max()))
    rest = _silent_words(silent, code="silent")
    flared, elsewhere = _flared_rows(telling), _flared_elsewhere(told, telling)
    if len(telling) == 1 and (len(flared) or elsewhere.empty):
        one = _headline_of_one(telling.iloc[0], rates, confidence_level)
        return first_that_fits(*_with(one, [rest]))
    said = word(
        f"durability.headline.{_how_many(telling, flared, elsewhere)}",
        flared=len(flared),
        counted=_which(telling, told),
        elsewhere=elsewhere["study"].nunique(),
    )
    return first_that_fits(*_with([said], [rest, _silent_words(silent, code="more")]))


def _headline_of_one(row, rates, level) -> list[str]:
    unknown = pd.isna(row["n"])
    gaps = {"k": int(row["relapses"]), "n": "" if unknown else int(row["n"])}
    code = "unknown" if unknown else "events" if row["relapses"] > row["n"] else "of"
    counted = word(f"durability.headline.one_{code}", study=row["label"], **gaps)
    plain = word(f"durability.headline.plain_{code}", **gaps)
    if row.name not in rates.index:
        return [counted, plain]
    rate = word(
        "durability.headline.rate", range=_rate_of(rates, row.name), level=level_words(level)
    )
    return [word("pair_separator").join([counted, rate]), counted, plain]


def _with(heads, rests):
    pair = word("pair_separator")
    return [*(pair.join([head, rest]) for head in heads for rest in rests if rest), *heads]


def _silent_words(silent, *, code, **gaps) -> str:
    if not silent:
        return ""
    number = "one" if silent == 1 else "many"
    return word(f"durability.headline.{code}_{number}", silent=silent, **gaps)


def _row_sentence(row, counted, rates, level) -> str:
    """What one row shows, in a sentence."""
    n = word("scores.n_unknown") if pd.isna(row.n) else word("scores.n", n=int(row.n))
    printed = row.followup_printed
    parts = [word_for("followup_printed", printed) if isinstance(printed, str) else ""]
    state = _states_words(counted, row.Index)
    parts += [state] if state else []
    if pd.isna(row.relapses):
        parts.append(word("durability.silent"))
    else:
        parts.append(_flares_words(row))
    if row.Index in rates.index:
        rate = rates.loc[row.Index]
        parts.append(
            word(
                "durability.sentence.rate",
                range=rate_range(rate["low"], rate["high"]),
                interval=word("interval.exact", level=level_words(level)),
            )
        )
    if pd.notna(row.n_followed):
        parts.append(word("durability.of_all", n=int(row.n_followed)))
    said = word(
        "durability.sentence",
        study=row.label,
        n=n,
        parts=word("pair_separator").join(part for part in parts if part),
    )
    return word("sentence.secondhand", sentence=said) if row.read_in == "secondary" else said


def _flares_words(row) -> str:
    if row.relapses == 0:
        return word("durability.flares_none")
    gaps = {"k": int(row.relapses)}
    if pd.isna(row.relapse_week):
        return word("durability.flares_undated", **gaps)
    visit = "visit" if row.relapse_timing == "at_visit" else "week"
    return word(f"durability.flares_{visit}", week=int(row.relapse_week), **gaps)


def plot_follow_up(
    rows: pd.DataFrame,
    counted: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    confidence_level: float,
    months: float = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw how long each row was followed, what was in remission when, and who flared when.

    Parameters
    ----------
    rows, counted, rates : DataFrame
        From `lupuscart.evidence.reports.follow_up`, the rows with ``label`` and ``nested_in``.
    confidence_level : float
        Of the rates at the right.
    months : float
        How far the axis goes at least, so that figures of other rows have the same.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Months after treatment; a row a line, the frame of a report around those that it contains.
    """
    check_rows(rows)
    ax = ax or new_figure().add_subplot()
    others = rows["n_followed"].notna()
    name_lines(ax, rows["label"].mask(others, rows["label"] + "†"), pad=14)
    centre_few(ax, len(rows))
    counts = counted[counted["row"].isin(rows.index)]
    latest = max(
        6.0, months, float(_reach(rows).max()), float(counts["month"].max() if len(counts) else 0)
    )
    ax.set_xlim(0, latest * 1.04)
    step = 6 if latest <= 60 else 12 * (1 + int(latest // 240))
    ax.set_xticks(np.arange(0, latest * 1.04, step))
    ax.set_xlabel(word("figure.evidence.x"))
    for line, (place, row) in enumerate(rows.iterrows()):
        there = counts[counts["row"].eq(place)]
        _draw_row(ax, line + 0.2, row, there)
        _draw_counts(ax, line, row, there, latest)
    _frame(ax, rows)
    _columns(ax, rows, counts, rates, confidence_level)
    note = word("durability.others") if others.any() else ""
    legend_below(ax.figure, rows[["read_in"]], title=note, more=_keys(rows, counts))
    return ax


def _draw_row(ax, line, row, there):
    # What was given before the cells is not the message here: the flares alone stand out.
    colour, middle = theme_colour("quiet"), row["median_m"]
    middle = row["mean_m"] if pd.isna(middle) else middle
    bar = middle if pd.notna(middle) else row["at_least_m"]
    if pd.isna(bar):
        bar = row["minimum_m"]
    if pd.notna(bar):
        ax.barh(line, bar, height=0.24, color=theme_colour("line"), edgecolor=colour, linewidth=1)
    if pd.notna(row["maximum_m"]):
        known = [each for each in (row["minimum_m"], row["at_least_m"]) if pd.notna(each)]
        start = known[0] if known else 0
        ends = [row["maximum_m"], *([start] if pd.notna(row["minimum_m"]) else [])]
        ax.plot([start, row["maximum_m"]], [line, line], color=colour, linewidth=2)
        ax.plot(ends, [line] * len(ends), "|", color=colour, ms=14, mew=2, clip_on=False)
    if pd.notna(row["at_least_m"]):
        inside = face(colour, row["read_in"])
        ax.plot(row["at_least_m"], line, ">", color=colour, mfc=inside, ms=10, clip_on=False)
    if pd.notna(middle):
        inside = face(colour, row["read_in"])
        ax.plot(middle, line, "h", color=colour, mfc=inside, ms=12, clip_on=False, zorder=4)
    if pd.notna(row["relapse_m"]):
        _draw_flare(ax, line, row, there)


def _draw_flare(ax, line, row, there):
    ink = theme_colour("ink")
    if row["relapse_timing"] == "at_visit":
        before = there.loc[there["month"].lt(row["relapse_m"]), "month"].max()
        start = 0 if pd.isna(before) else before
        ax.plot([start, row["relapse_m"]], [line, line], ":", color=ink, lw=3, zorder=5)
    inside = face(ink, row["read_in"])
    ax.plot(row["relapse_m"], line, "*", color=ink, mfc=inside, ms=20, clip_on=False, zorder=6)


def _draw_counts(ax, line, row, there, latest):
    """The counts over the bar that have room beside one another; the last and the first before."""
    kept = []
    for place in [*there.index[::-1][:1], *there.index[:-1]]:
        month = there.loc[place, "month"]
        if all(abs(month - there.loc[other, "month"]) >= _COUNT * latest for other in kept):
            kept.append(place)
    for place in kept:
        state = there.loc[place]
        ax.plot([state["month"]] * 2, [line, line + 0.32], color=theme_colour("ink"), lw=1.5)
        ax.annotate(
            f"{state['events']}/{state['n']}",
            (state["month"], line),
            xytext=(0, 1),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=18,
            annotation_clip=False,
        )


def _frame(ax, rows):
    """A frame around each report and the reports that it contains, the inner ones inside."""
    from matplotlib.patches import Rectangle

    lines = {place: line for line, place in enumerate(rows.index)}
    for place, line in lines.items():
        inner = [lines[each] for each in _contained(rows, place) if each in lines]
        if not inner:
            continue
        depth = int(rows.loc[place, "nested_in"])
        left, top, bottom = 0.008 * depth, line - 0.47, max(inner) + 0.48 - 0.05 * depth
        frame = Rectangle(
            (left, top),
            1 - 2 * left,
            bottom - top,
            transform=ax.get_yaxis_transform(),
            fill=False,
            edgecolor=theme_colour("quiet"),
            linewidth=1.5,
            clip_on=False,
            zorder=1,
        )
        ax.add_patch(frame)


def _columns(ax, rows, counts, rates, level):
    states = [
        outcome_words(counts.loc[counts["row"].eq(place), "outcome"].iloc[0])
        if counts["row"].eq(place).any()
        else "–"
        for place in rows.index
    ]
    flares = [_flare_cell(row) for row in rows.itertuples()]
    columns, heads = [[states]], [word("durability.head.state")]
    if rows["relapses"].notna().any():
        columns.append([flares])
        heads.append(word("durability.head.flares"))
        columns.append([[_rate_of(rates, place) for place in rows.index]])
        interval = word("head.confidence", level=level_words(level))
        heads.append(f"{word('durability.head.rate')}\n{interval}")
    else:
        sizes = ["?" if pd.isna(n) else f"{n}" for n in rows["n"]]
        columns.append([sizes])
        heads.append("n")
    columns_beside([ax], columns, heads)


def _flare_cell(row) -> str:
    if pd.isna(row.relapses):
        return "–"
    return f"{int(row.relapses)}/{'?' if pd.isna(row.n) else int(row.n)}"


def _keys(rows, counts) -> list:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    line, quiet, ink = theme_colour("line"), theme_colour("quiet"), theme_colour("ink")
    keys = []
    if _middle(rows).notna().any():
        keys.append(Patch(fc=line, ec=quiet, label=word("figure.evidence.bar")))
    if rows["maximum_m"].notna().any():
        keys.append(Line2D([], [], color=quiet, lw=2, label=word("figure.evidence.range")))
    if rows["at_least_m"].notna().any():
        keys.append(key(Mark(">", quiet, quiet), word("figure.evidence.at_least")))
        keys[-1].set_markersize(10)
    if len(counts):
        keys.append(key(Mark("|", ink, ink), word("durability.key.state")))
    if rows["relapse_m"].notna().any():
        keys.append(key(Mark("*", ink, ink), word("durability.key.flare")))
        keys[-1].set_markersize(18)
    if rows["relapse_timing"].eq("at_visit").any():
        keys.append(Line2D([], [], color=ink, lw=3, ls=":", label=word("durability.key.visit")))
    if any(_contained(rows, place) for place in rows.index):
        keys.append(Patch(fill=False, ec=quiet, lw=1.5, label=word("durability.key.frame")))
    return keys


def flare_table(
    follow_up: pd.DataFrame, studies: pd.DataFrame, *, confidence_level: float
) -> pd.DataFrame:
    """Return the rate of flares of each row whose count and person-time are known.

    Returns
    -------
    DataFrame
        ``label``, ``relapses``, ``n``, ``low_years``, ``high_years`` (texts), ``rate_range``
        (exact), ``upper_rate`` (one-sided), ``mid_range`` (mid-P), ``free_range`` (free of a flare
        after a year, at a constant rate), ``read_in``.
    """
    rows = evidence.followed(follow_up, studies)
    rates = evidence.flare_rates(rows, confidence_level=confidence_level)
    names = ["label", "relapses", "n", "low_years", "high_years", "rate_range", "upper_rate"]
    return pd.DataFrame(
        [
            {
                "label": cohort_label(row),
                "relapses": int(row.relapses),
                "n": int(row.n),
                "low_years": f"{row.low_years:.2f}",
                "high_years": f"{row.high_years:.2f}" if np.isfinite(row.high_years) else "∞",
                "rate_range": rate_range(row.low, row.high),
                "upper_rate": _rate(row.upper),
                "mid_range": rate_range(row.mid_low, row.mid_high),
                "free_range": percent_range(row.free_low, row.free_high),
                "read_in": row.read_in,
            }
            for row in rates.itertuples()
        ],
        columns=[*names, "mid_range", "free_range", "read_in"],
    )


def harm_table(
    harms: pd.DataFrame,
    follow_up: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    confidence_level: float,
) -> pd.DataFrame:
    """Return patients with a late harm a patient-year, in words.

    Returns
    -------
    DataFrame
        ``label``, ``outcome``, ``events``, ``n``, ``low_years``, ``high_years``, ``rate_range``,
        ``upper_rate``, ``read_in``.
    """
    rows = evidence.followed(follow_up, studies)
    found = evidence.harm_rates(harms, rows, confidence_level=confidence_level)
    table = found[["label", "outcome", "events", "n"]].copy()
    table["low_years"] = [f"{time:.2f}" for time in found["low_years"]]
    table["high_years"] = [
        f"{time:.2f}" if np.isfinite(time) else "∞" for time in found["high_years"]
    ]
    limits = zip(found["low"], found["high"], strict=True)
    table["rate_range"] = [rate_range(low, high) for low, high in limits]
    table["upper_rate"] = [_rate(rate) for rate in found["upper"]]
    return table.assign(read_in=found["read_in"])


def without_cells(benchmarks: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return what was in remission for years, or without drugs, in arms without the cells.

    Parameters
    ----------
    benchmarks, studies : DataFrame
        The tables of benchmarks, maybe without rows.

    Returns
    -------
    DataFrame
        ``label``, ``arm``, ``outcome``, ``window``, ``count`` (words), ``population``,
        ``separates``: rows of remission or low disease activity after two years and more, and all
        of remission without drugs.
    """
    columns = ["label", "arm", "outcome", "window", "count", "population", "separates"]
    late = benchmarks["outcome"].isin(_LASTING) & benchmarks["week"].ge(104).fillna(value=False)
    rows = benchmarks[late | benchmarks["outcome"].eq("drug_free_remission")]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    rows = labelled(rows, studies)
    return rows.assign(count=[_benchmark_count(row) for row in rows.itertuples()])[columns]


def _benchmark_count(row) -> str:
    if row.statistic == "count":
        return f"{row.events}/{row.n}"
    printed = word("percent", value=row.value_printed)
    bound = word("durability.at_most", rate=printed) if row.basis == "upper_bound" else printed
    n = word("scores.n_unknown") if pd.isna(row.n) else word("scores.n", n=int(row.n))
    return word("in_brackets", text=bound, inside=n)


def months_to_exclude(
    rates: Sequence[float], sizes: Sequence[int], *, confidence_level: float
) -> pd.DataFrame:
    """Return how many months each of n patients must be free of a flare to exclude a rate.

    Parameters
    ----------
    rates : sequence of float
        Flares a patient-year.
    sizes : sequence of int
        Patients.
    confidence_level : float
        One-sided.

    Returns
    -------
    DataFrame
        ``flares_a_year``, and a column of months for each size.

    Examples
    --------
    >>> months_to_exclude([0.2], [5, 15], confidence_level=0.95).values.tolist()
    [['0.2', '36', '12']]
    """
    table = pd.DataFrame({"flares_a_year": [f"{rate:g}" for rate in rates]})
    for n in sizes:
        years = follow_up_to_exclude(np.asarray(rates), n=n, confidence_level=confidence_level)
        table[n] = [f"{12 * year:.2g}" if year < 0.8 else f"{12 * year:.0f}" for year in years]
    return table


def curves(
    patients: pd.DataFrame,
    follow_up: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    confidence_level: float,
) -> Parts:
    """Return a curve for each cohort that has a time for every one of its patients.

    Parameters
    ----------
    patients, follow_up, studies : DataFrame
        The tables; studies with their labels.
    confidence_level : float
        Of the limits at each time.

    Returns
    -------
    Parts
        One figure a cohort; none where no cohort is complete, and a sentence that says so.
    """
    rows = evidence.followed(follow_up, studies)
    complete = evidence.complete_cohorts(patients, rows, studies)
    found = [_one_curve(cohort, confidence_level) for cohort in complete]
    return Parts(partial(list, found), word("durability.curve.none", patients=len(patients)))


def _one_curve(cohort, level) -> Finding:
    events = cohort["event"].eq("relapse").astype(int)
    curve = kaplan_meier(cohort["months"], events, confidence_level=level)
    label = cohort_label(next(cohort.itertuples()))
    at, low, high = _told_at(cohort["months"], events, level)
    share = curve.loc[curve["time"].le(at), "survival"].iloc[-1]
    gaps = {
        "study": label,
        "month": f"{at:.1f}".removesuffix(".0"),
        "share": percent(share),
        "range": percent_range(low, high),
        "level": level_words(level),
        "n": len(cohort),
    }
    plain = word("durability.curve.headline", **gaps)
    visits = cohort["relapse_timing"].eq("at_visit").any()
    sentences = [word("durability.curve.sentence", **gaps)]
    sentences += [word("durability.curve.visits")] if visits else []
    return Finding(
        "durability_curve",
        curve,
        first_that_fits(plain, word("durability.curve.headline_short", **gaps)),
        sentences,
        draw=partial(plot_curve, curve, cohort, confidence_level=level),
        rows=[cohort],
        table=curve[["time", "at_risk", "events", "censored", "survival", "low", "high"]].assign(
            time=[f"{month:.1f}" for month in curve["time"]]
        ),
    )


def _told_at(months, events, level):
    """A year, or where nobody was followed so long the last time before the last left."""
    longest = float(months.max())
    at = 12.0 if longest > 12 else float(max([0.0, *months[months < longest]]))
    return at, *survival_ci(months, events, at, confidence_level=level)


def plot_curve(
    curve: pd.DataFrame, cohort: pd.DataFrame, *, confidence_level: float, ax: Axes | None = None
) -> Axes:
    """Draw Kaplan and Meier's curve with its limits at each time, and who was still followed.

    Parameters
    ----------
    curve : DataFrame
        From `lupuscart.stats.follow_up.kaplan_meier`, in months.
    cohort : DataFrame
        One row a patient: ``months``, ``conditioning``, ``read_in``.
    confidence_level : float
        For the legend.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Months, and percent free of a flare; below the scale how many were at risk.
    """
    ax = ax or new_figure().add_subplot()
    mark = conditioning_mark(cohort["conditioning"].iloc[0])
    longest = float(curve["time"].max())
    names = ["time", "survival", "low", "high"]
    steps = pd.concat([curve[names], curve[names].tail(1).assign(time=longest)])
    time, low, high = steps["time"], 100 * steps["low"], 100 * steps["high"]
    band = ax.fill_between(time, low, high, step="post", color=theme_colour("line"), alpha=0.6)
    (line,) = ax.step(time, 100 * steps["survival"], where="post", color=mark.colour, lw=4)
    left = curve[curve["censored"].gt(0)]
    ends = ax.plot(
        left["time"], 100 * left["survival"], "|", color=theme_colour("ink"), ms=18, mew=2
    )
    step = 3 if longest <= 24 else 6 if longest <= 60 else 12 * (1 + int(longest // 240))
    ticks = np.arange(0, longest + 0.5 * step, step)
    ax.set_xlim(0, max(longest * 1.02, ticks[-1]))
    at_risk = numbers_at_risk(cohort["months"], ticks)
    ax.set_xticks(ticks, [f"{tick:g}\n{n}" for tick, n in zip(ticks, at_risk, strict=True)])
    ax.set_ylim(0, 102)
    ax.set_yticks(range(0, 101, 20))
    ax.set_ylabel(word("durability.curve.y"))
    ax.set_xlabel(word("durability.curve.x"))
    line.set_label(word("durability.curve.line"))
    band.set_label(word("durability.curve.band", level=level_words(confidence_level)))
    keys = [line, band]
    if ends and len(left):
        ends[0].set_label(word("durability.curve.end"))
        keys.append(ends[0])
    ax.figure.legend(handles=keys, loc="outside lower left", ncols=2)
    return ax
