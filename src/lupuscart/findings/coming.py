"""Which trials are registered, and what their size could show.

Vocabulary
----------
group
    a registration is ``open`` (recruiting, about to, or treating those enrolled), ``over``
    (suspended, terminated, withdrawn, completed) or of ``unknown`` status.
basket
    a trial whose registration names other diseases than lupus, or does not tell: its size is not
    a number of lupus patients. No sizes are added up.
as now
    what a trial would see if its patients responded as those of the largest report of its
    endpoint did: a supposition, since that rate is hardly known.
"""

from __future__ import annotations

from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lupuscart.evidence.benchmarks import choose_benchmarks
from lupuscart.evidence.needs import OVER
from lupuscart.figures.panels import check_rows, face, legend_below, wrapped
from lupuscart.figures.rows import centre_few, columns_beside, name_lines
from lupuscart.figures.style import new_figure, theme_colour
from lupuscart.findings.planning import Plan
from lupuscart.reporting.finding import Finding, Prose
from lupuscart.reporting.parts import Parts
from lupuscart.reporting.phrases import named
from lupuscart.stats.planning import power_two_arm
from lupuscart.stats.proportion import proportion_ci, zero_event_bound
from lupuscart.words.cautions import announced
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import date_words, outcome_words, percent, percent_range, window
from lupuscart.words.lexicon import join, level_words, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = [
    "coming",
    "controlled",
    "could_show",
    "grouped",
    "later_phases",
    "or_sentence",
    "overview",
    "plan_total",
    "plot_coming",
    "plot_could_show",
    "power_if_controlled",
    "settling",
]

#: Of each status whether a trial may still tell something.
GROUPS = {
    **dict.fromkeys(
        ("NOT_YET_RECRUITING", "RECRUITING", "ENROLLING_BY_INVITATION", "ACTIVE_NOT_RECRUITING"),
        "open",
    ),
    **dict.fromkeys(OVER, "over"),
}

#: Phases in the order of the figure; a phase that is not in the text read comes last.
PHASES = (
    *("EARLY_PHASE1", "PHASE1", "PHASE1|PHASE2", "PHASE2", "PHASE2|PHASE3", "PHASE3", "PHASE4"),
    "NA",
)
_LATER = PHASES[3:-1]

# Latin letters of a line of a head.
_HEAD = 8

# The axis of sizes has these at least, so that a single trial has a scale to be read from.
_SIZES = (5, 50)

_TICKS = (2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)

# Trials that an answer names; more are counted.
_NAMED = 4

# Rows that the second figure has room for.
_ROWS = 14

# What a registration says of a control arm: the mark of a trial.
_CONTROL_MARKS = {"none": "o", "not_stated": "s", "former": "D", "with_cells": "X", "yes": "*"}

# A control arm that gets the cells too is one, and tells nothing of a response without them.
_CONTROLLED = ("with_cells", "yes")


def grouped(registrations: pd.DataFrame) -> pd.DataFrame:
    """Return the registrations with ``group``, and with ``says_control``, which is never missing.

    Parameters
    ----------
    registrations : DataFrame
        As `lupuscart.data.tables.load_registrations` loads them.

    Examples
    --------
    >>> rows = pd.DataFrame({"status": ["RECRUITING", "WITHDRAWN", None], "control": None})
    >>> grouped(rows)[["group", "says_control"]].to_numpy().tolist()
    [['open', 'not_stated'], ['over', 'not_stated'], ['unknown', 'not_stated']]
    """
    group = registrations["status"].astype(object).map(GROUPS).fillna("unknown")
    says = registrations["control"].astype(object).fillna("not_stated")
    return registrations.assign(group=group, says_control=says)


def _of_lupus(rows) -> pd.Series:
    """Whether the planned size is one of lupus patients, as far as the text read tells."""
    return rows["other_diseases"].eq("no").fillna(value=False).astype(bool)


def coming(
    registrations: pd.DataFrame,
    announcements: pd.DataFrame,
    could: pd.DataFrame,
    *,
    total: int,
    confidence_level: float,
) -> Finding:
    """Return the figure of the trials that are not over, by phase and planned size.

    Parameters
    ----------
    registrations : DataFrame
        From `grouped`.
    announcements : DataFrame
        What was announced since, such as pauses; may be empty.
    could : DataFrame
        From `could_show`: its ``plotted``.
    total : int
        Patients of the trial that would settle it; see `settling`.
    confidence_level : float
        Of the one-sided limit of the harm that is not excluded.
    """
    check_rows(registrations)
    shown = registrations[registrations["group"].ne("over")]
    return Finding(
        "coming",
        registrations[_PLOTTED],
        coming_headline(registrations),
        _sentences(registrations),
        draw=partial(plot_coming, shown, confidence_level=confidence_level),
        table=overview(registrations),
        source=_source(registrations),
        answer=_answer(registrations, announcements, could, confidence_level),
        supports=_supports(registrations, total, confidence_level),
        does_not_support=_does_not_support(registrations),
    )


_PLOTTED = [
    *("registration", "product", "phase", "group", "status", "says_control"),
    *("planned_n", "n_type", "other_diseases", "endpoint", "endpoint_week", "snapshot"),
]


def coming_headline(registrations: pd.DataFrame) -> str:
    """Say how many open trials are registered with a control arm, and how many do not say.

    Parameters
    ----------
    registrations : DataFrame
        From `grouped`.

    Examples
    --------
    >>> rows = pd.DataFrame({"status": "RECRUITING", "control": ["none", None]})
    >>> coming_headline(grouped(rows))
    'None of 2 open trials is registered with a control arm; not stated for 1'
    """
    return _control_words("coming.headline", registrations[registrations["group"].eq("open")])


def _control_words(code, rows) -> str:
    """How many trials have a control arm, as a sentence of this code."""
    counts = Counter(rows["says_control"])
    controlled = sum(counts[each] for each in _CONTROLLED)
    gaps = {
        "open": len(rows),
        "controlled": controlled,
        "none": counts["none"] + counts["former"],
        "unstated": counts["not_stated"],
    }
    # Of a single trial that has none, "none of" would be odd.
    some = controlled or len(rows) == 1
    kind = "nothing" if rows.empty else "some" if some else "none"
    return word(f"{code}.{kind}", **gaps)


def _answer(registrations, announcements, could, level) -> list[str]:
    opened = registrations[registrations["group"].eq("open")]
    how_many = word(
        "coming.answer.open",
        all=len(registrations),
        open=len(opened),
        when=_when(registrations),
    )
    control = _control_words("coming.answer", opened)
    since = announced(announcements)
    return [
        word("sentence_separator").join([how_many, control]),
        _answer_size(could, level),
        *([word("coming.answer.since", announced=since[0])] if since else []),
    ]


def _when(rows) -> str:
    """On which day most records stood so, and how many on others."""
    days = rows["snapshot"].dropna()
    if days.empty:
        return word("coming.no_day")
    day, count = Counter(days).most_common(1)[0]
    rest = len(rows) - count
    if not rest:
        return word("coming.day", day=date_words(day))
    return word("coming.days", day=date_words(day), rest=rest)


def _answer_size(could, level) -> str:
    shown = could[could["low"].notna()]
    if shown.empty:
        return word("coming.answer.no_endpoint")
    trials = shown.drop_duplicates("registration")
    largest = shown.sort_values("planned_n", kind="stable").iloc[-1]
    return word(
        "coming.answer.size",
        count=len(trials),
        sizes=_from_to(trials["planned_n"].astype(int)),
        widths=_from_to(_points(width) for width in shown["width"].sort_values()),
        level=ci_label(confidence_level=level),
        n=int(largest.planned_n),
        harm=percent(largest.harm, decimals=1),
        upper=level_words(level),
        controlled=_controlled(int(trials["control"].isin(_CONTROLLED).sum())),
    )


def _from_to(numbers) -> str:
    """The first and the last of some numbers, or the one that all are."""
    numbers = sorted({*numbers}, key=float)
    if len(numbers) == 1:
        return str(numbers[0])
    return word("coming.from_to", low=numbers[0], high=numbers[-1])


def _controlled(count) -> str:
    return word(f"coming.controlled.{('none', 'one')[count] if count < 2 else 'many'}", count=count)


def _supports(registrations, total, level) -> list[str]:
    opened = registrations[registrations["group"].eq("open")]
    sizes = _sized(opened[_of_lupus(opened)])["planned_n"].astype(int)
    said = [_phases_words(opened)] if len(opened) else []
    if len(sizes):
        half = int(np.ceil(sizes.median()))
        harm = percent(zero_event_bound(half, confidence_level=level))
        gaps = {"trials": len(sizes), "half": half, "harm": harm, "level": level_words(level)}
        said.append(word("coming.supports.size", **gaps))
    had = [word("coming.supports.had", trial=each) for each in _had_control(registrations)]
    return [*said, *had, settling(registrations, total).text]


def _phases_words(opened) -> str:
    late = int(opened["phase"].isin(_LATER).sum())
    none = int((opened["phase"].isna() | opened["phase"].eq("NA")).sum())
    return word("coming.supports.phase", open=len(opened), late=late, none=none)


def _had_control(registrations) -> list[str]:
    """What became of the trials that have or had a control arm."""
    return [
        word(
            "coming.trial",
            registration=row.registration,
            arm=word_for("control_arm", row.control_arm),
            control=word_for("control", row.control),
            status=word_for("status", row.status),
            n=_size(row),
        )
        for row in controlled(registrations).itertuples()
    ]


def _size(row) -> str:
    if pd.isna(row.planned_n):
        return word("scores.n_unknown")
    kind = "enrolled" if row.n_type == "actual" else "planned"
    return word(f"coming.{kind}", n=row.planned_n)


def _does_not_support(registrations) -> list[str]:
    opened = registrations[registrations["group"].eq("open")]
    unstated = int(opened["says_control"].eq("not_stated").sum())
    return [
        *([word("coming.against.unstated", unstated=unstated)] if unstated else []),
        word("coming.against.sum"),
        word("coming.against.promise"),
        word("coming.against.now"),
    ]


def settling(registrations: pd.DataFrame, total: int) -> Prose:
    """Say whether one of the open trials is the one that would settle it, as far as rows tell.

    Parameters
    ----------
    registrations : DataFrame
        From `grouped`.
    total : int
        Patients of both arms of the trial that page 08 plans.

    Examples
    --------
    >>> rows = pd.DataFrame({"registration": ["A", "B"], "status": "RECRUITING",
    ...                      "control": ["none", None], "planned_n": [90, 20],
    ...                      "other_diseases": "no"})
    >>> settling(grouped(rows), 46)  # doctest: +ELLIPSIS
    None of the open trials (2) is the trial of page 08 (a control arm without the cells and 46 ...
    """
    opened = registrations[registrations["group"].eq("open")]
    large = opened["planned_n"].ge(total) | opened["planned_n"].isna()
    stated = opened["says_control"].eq("yes")
    could_be = opened[large & stated]
    untold = opened[large & opened["says_control"].eq("not_stated")]
    gaps = {"open": len(opened), "total": total}
    if len(could_be):
        names = join(could_be["registration"])
        return Prose(word("coming.settles.perhaps", trials=names, **gaps))
    if len(untold):
        return Prose(word("coming.settles.untold", untold=len(untold), **gaps))
    return Prose(word("coming.settles.none", **gaps))


def _sentences(registrations) -> list[str]:
    """One sentence a phase: how many trials, and from what size to what size."""
    shown = registrations[registrations["group"].ne("over")]
    sentences = []
    for phase, rows in _by_phase(shown):
        sizes = rows["planned_n"].dropna().astype(int)
        code = ("coming.sentence_no_size", "coming.sentence_one_size", "coming.sentence")[
            min(sizes.nunique(), 2)
        ]
        gaps = {"low": sizes.min(), "high": sizes.max()} if len(sizes) else {}
        sentences.append(word(code, phase=phase, trials=len(rows), **gaps))
    return sentences


def _by_phase(rows):
    """The name of each phase that occurs, and its trials, in the order of the figure."""
    of_phase = dict(iter(rows.groupby("phase", sort=False)))
    for phase in PHASES:
        if phase in of_phase:
            yield word_for("phase", phase), of_phase[phase]
    unstated = rows[rows["phase"].isna()]
    if len(unstated):
        yield word("missing.phase"), unstated


def _source(registrations) -> list[str]:
    sources = Counter(registrations["source"].dropna())
    return [
        word("coming.source", source=word_for("registry_source", source), trials=trials)
        for source, trials in sources.most_common()
    ]


def overview(registrations: pd.DataFrame) -> pd.DataFrame:
    """Return how many trials there are of each status, phase and so on, as a table to read.

    Parameters
    ----------
    registrations : DataFrame
        From `grouped`.

    Returns
    -------
    DataFrame
        ``registered_fact``, ``level`` (words), ``trials``, ``open_trials``; a fact that the text
        read does not state is a level of its own.
    """
    rows = registrations.assign(
        start_year=registrations["start"].str[:4],
        size_class=[_size_class(n) for n in registrations["planned_n"]],
        design_stated=["True" if each else "False" for each in registrations["design"].notna()],
    )
    tables = [_levels(rows, column) for column in _OVERVIEW]
    named = rows.assign(named_endpoint=rows["endpoint"].str.split()).explode("named_endpoint")
    tables.append(_levels(named, "named_endpoint"))
    return pd.concat(tables, ignore_index=True)


_OVERVIEW = (
    *("status", "phase", "design_stated", "control", "size_class"),
    *("other_diseases", "modality", "start_year"),
)


def _size_class(n):
    if pd.isna(n):
        return None
    limits = {"nobody": 0, "up_to_10": 10, "up_to_20": 20, "up_to_50": 50}
    return next((name for name, most in limits.items() if n <= most), "more")


def _levels(rows, column) -> pd.DataFrame:
    named = cache(partial(_level, column))
    names = [named(value) for value in rows[column].astype(object)]
    opened = Counter(pd.Series(names, dtype=object)[rows["group"].eq("open").to_numpy()])
    # The most frequent first; of as many the one that comes first.
    levels = Counter(names).most_common()
    return pd.DataFrame(
        {
            "registered_fact": word(f"column.{column}"),
            "level": [level for level, _ in levels],
            "trials": [trials for _, trials in levels],
            "open_trials": [opened[level] for level, _ in levels],
        }
    )


def _level(column, value) -> str:
    if column == "named_endpoint" and not pd.isna(value):
        return outcome_words(value)
    return word_for(column, value)


def later_phases(registrations: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of phase 2 or later that are not over, as a table to read."""
    late = registrations["phase"].isin(_LATER) & registrations["group"].ne("over")
    columns = ["registration", "product", "phase", "control", "planned_n"]
    columns += ["primary_endpoint", "primary_time", "status", "snapshot"]
    return registrations.loc[late, columns].reset_index(drop=True)


def controlled(registrations: pd.DataFrame) -> pd.DataFrame:
    """Return the trials that have or had a control arm, as a table to read."""
    rows = registrations[registrations["control"].isin(["former", *_CONTROLLED])]
    columns = ["registration", "control", "control_arm", "planned_n", "n_type", "status"]
    return rows[[*columns, "snapshot", "note"]].reset_index(drop=True)


def could_show(
    registrations: pd.DataFrame, counts: pd.DataFrame, *, confidence_level: float
) -> Finding:
    """Return what each trial with an endpoint of the collection and a size could show.

    Parameters
    ----------
    registrations : DataFrame
        From `grouped`; trials that are over, baskets and those without a size stay out.
    counts : DataFrame
        The reported counts of the trials table, labelled.
    confidence_level : float
        Of the two-sided interval, and of the one-sided limit of harm.

    Returns
    -------
    Finding
        Its ``plotted``: a row a trial and endpoint, the largest trial first: ``outcome``,
        ``now_label``, ``now_events`` and ``now_n`` (the largest report of the endpoint),
        ``events`` (the nearest whole number of ``planned_n`` at that rate), ``low``, ``high``,
        ``width`` (0 to 1; missing without such a report), ``full_low`` (the lower limit if all
        respond) and ``harm`` (the one-sided upper limit if none has the harm).
    """
    rows = _with_endpoint(registrations)
    largest = cache(partial(_largest, counts))
    rows = [_with_now(row, largest(row["outcome"])) for row in rows.to_dict("records")]
    rows = pd.DataFrame(rows, columns=_SHOWN)
    level = {"confidence_level": confidence_level}
    known, n = rows["events"].notna(), rows["planned_n"].astype(int)
    rows[["low", "high", "full_low", "harm"]] = np.nan
    if known.any():
        k = rows.loc[known, "events"].astype(int)
        rows.loc[known, ["low", "high"]] = np.column_stack(proportion_ci(k, n[known], **level))
    if len(rows):
        rows["full_low"] = proportion_ci(n, n, **level)[0]
        rows["harm"] = zero_event_bound(n.to_numpy(), **level)
    rows["width"] = rows["high"] - rows["low"]
    interval = ci_label(**level)
    return Finding(
        "could_show",
        rows,
        could_show_headline(rows),
        _could_sentences(rows, interval),
        draw=partial(plot_could_show, rows.head(_ROWS), interval=interval),
        table=_could_table(rows),
        source=_source(registrations[registrations["registration"].isin(rows["registration"])])
        or [word("source.computed")],
    )


def or_sentence(could: Finding) -> Parts:
    """Return what `could_show` found as a page shows it: without an interval, its headline."""
    drawn = len(could.plotted) and could.plotted["low"].notna().any()
    return Parts(partial(list, [could] if drawn else []), could.headline)


_SHOWN = [
    *("registration", "product", "outcome", "endpoint_week", "status", "planned_n", "control"),
    *("now_label", "now_events", "now_n", "now_read_in", "events"),
]


def _with_endpoint(registrations) -> pd.DataFrame:
    """A row a trial and endpoint: those not over, of lupus alone, with a size."""
    sized = registrations["planned_n"].fillna(0).astype(int).gt(0)
    wanted = sized & registrations["group"].ne("over") & _of_lupus(registrations)
    rows = registrations[wanted & registrations["endpoint"].notna()]
    rows = rows.assign(outcome=rows["endpoint"].str.split()).explode("outcome")
    return rows.sort_values("planned_n", ascending=False, kind="stable").reset_index(drop=True)


def _largest(counts, outcome):
    """The largest count of an endpoint without other diseases; None where there is none."""
    found = counts[counts["outcome"].eq(outcome) & counts["statistic"].eq("count")]
    if "basket" in found:
        found = found[found["basket"].ne("yes").fillna(value=True).astype(bool)]
    if found.empty:
        return None
    return found.sort_values("n", ascending=False, kind="stable").iloc[0]


def _with_now(row, largest) -> dict:
    """A trial with the largest count of its endpoint, and what that rate would give it."""
    now = dict.fromkeys(["now_label", "now_events", "now_n", "now_read_in", "events"], pd.NA)
    if largest is not None:
        k, n = int(largest["events"]), int(largest["n"])
        # Half a patient more is one more: whole numbers throughout.
        events = (2 * k * int(row["planned_n"]) + n) // (2 * n)
        now = {"now_label": named(largest), "now_events": k, "now_n": n, "events": events}
        now["now_read_in"] = largest["read_in"]
    return {name: row.get(name) for name in _SHOWN} | now


def could_show_headline(rows: pd.DataFrame) -> str:
    """Say how wide the intervals would be, and what the largest trial leaves possible of a harm.

    Parameters
    ----------
    rows : DataFrame
        As plotted by `could_show`.
    """
    shown = rows[rows["width"].notna()]
    if shown.empty:
        return word("coming.could.headline_none")
    largest = shown.iloc[0]
    gaps = {
        "n": int(largest.planned_n),
        "harm": percent(largest.harm, decimals=1),
        "widths": _from_to(_points(width) for width in shown["width"]),
    }
    code = "headline" if len(shown) > 1 else "headline_one"
    return word(f"coming.could.{code}", **gaps)


def _points(width) -> str:
    return f"{100 * width:.0f}"


def _could_sentences(rows, interval) -> list[str]:
    return [_could_sentence(row, interval) for row in rows.itertuples()]


def _could_sentence(row, interval):
    gaps = {
        "trial": _trial_name(row),
        "n": row.planned_n,
        "full": percent(row.full_low),
        "harm": percent(row.harm, decimals=1),
    }
    if pd.isna(row.low):
        return word("coming.could.sentence_unknown", **gaps)
    return word(
        "coming.could.sentence",
        now=f"{row.now_events}/{row.now_n}",
        study=row.now_label,
        k=row.events,
        range=percent_range(row.low, row.high),
        interval=interval,
        **gaps,
    )


def _trial_name(row) -> str:
    parts = [row.registration, outcome_words(row.outcome)]
    if not pd.isna(row.endpoint_week):
        parts.append(window("at", row.endpoint_week, short=True))
    return word("clause_separator").join(parts)


def _could_table(rows) -> pd.DataFrame:
    shown = rows.assign(
        now=[
            "–" if pd.isna(row.now_n) else f"{row.now_events}/{row.now_n} ({row.now_label})"
            for row in rows.itertuples()
        ]
    )
    columns = ["registration", "outcome", "endpoint_week", "planned_n", "now", "events"]
    return shown[[*columns, "low", "high", "width", "full_low", "harm"]]


def power_if_controlled(
    could: pd.DataFrame, benchmarks: pd.DataFrame, *, alpha: float = 0.05
) -> pd.DataFrame:
    """Return the power of the planned patients in two equal arms, at control rates of page 06.

    Parameters
    ----------
    could : DataFrame
        From `could_show`: its ``plotted``.
    benchmarks : DataFrame
        Arms without engineered cells, labelled.
    alpha : float
        Two-sided level of Boschloo's test.

    Returns
    -------
    DataFrame
        For each trial the lowest and the highest rate seen in a benchmark of its endpoint:
        ``registration``, ``outcome``, ``design_is`` (``registered`` with a control arm, or
        ``supposed``), ``each_arm``, ``rate_now``, ``control_seen``, ``p2`` and ``power``
        (words); a dash where the benchmarks have no rate of the endpoint, or none below it.
    """
    rows = []
    for row in could.itertuples():
        arms = _control_arms(benchmarks, row.outcome)
        ends = arms.iloc[[0, -1]].drop_duplicates("rate") if len(arms) else arms
        rows += [_powered(row, arm, alpha) for arm in ends.itertuples()] or [
            _powered(row, None, alpha)
        ]
    columns = ["registration", "outcome", "design_is", "each_arm", "rate_now", "control_seen", "p2"]
    return pd.DataFrame(rows, columns=[*columns, "power"])


def _control_arms(benchmarks, outcome) -> pd.DataFrame:
    """The benchmarks of an endpoint, the lowest rate first."""
    chosen = choose_benchmarks(benchmarks, outcomes=[outcome])
    return chosen[chosen["outcome"].eq(outcome)]


def _powered(row, arm, alpha) -> dict:
    known = not pd.isna(row.now_n)
    rate = row.now_events / row.now_n if known else np.nan
    each = int(row.planned_n) // 2
    found = {
        "registration": row.registration,
        "outcome": row.outcome,
        "design_is": "registered" if row.control == "yes" else "supposed",
        "each_arm": str(each),
        "rate_now": percent(rate) if known else "–",
        "control_seen": "–",
        "p2": "–",
        "power": "–",
    }
    if arm is None:
        return found
    found |= {"control_seen": arm.label, "p2": percent(arm.rate)}
    if known and rate > arm.rate and each > 0:
        power = power_two_arm(each, each, rate, float(arm.rate), test="boschloo", alpha=alpha)
        found["power"] = percent(float(power.power))
    return found


def plan_total(
    treatment_rate: float,
    control_rate: float,
    *,
    power: float,
    alpha: float,
    test: str = "boschloo",
) -> int:
    """Return how many patients the trial of page 08 has in its two equal arms.

    Parameters
    ----------
    treatment_rate, control_rate, power, alpha, test
        As for `lupuscart.findings.planning.Plan`.

    Examples
    --------
    >>> plan_total(0.8, 0.4, power=0.8, alpha=0.05)
    46
    """
    options = {"power": power, "alpha": alpha, "test": test, "ratio": 1, "event_rate": 0.05}
    plan = Plan(treatment_rate, control_rate, **options)
    return plan.trial.n1 + plan.trial.n2


def plot_coming(rows: pd.DataFrame, *, confidence_level: float, ax: Axes | None = None) -> Axes:
    """Draw each trial at its planned size, the trials of one phase in one band.

    Parameters
    ----------
    rows : DataFrame
        From `grouped`; trials without a size, or of nobody, are counted at the right only.
    confidence_level : float
        Of the one-sided limit of the harm that is not excluded, below each size.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Patients across, on a logarithmic axis; phases down.
    """
    check_rows(rows)
    ax = ax or new_figure().add_subplot()
    bands = [(name, *_stacked(trials)) for name, trials in _by_phase(rows)]
    # As many lines as bands, each as tall as its tallest stack asks for.
    line = len(bands) / sum(height for *_, height in bands)
    top, middles = 0.0, []
    for _, drawn, height in bands:
        middles.append(top + line * height / 2)
        _draw_band(ax, drawn, top, line)
        top += line * height
        ax.axhline(top, color=theme_colour("line"), linewidth=1.2, zorder=0)
    _name_bands(ax, [name for name, *_ in bands], middles, top)
    _size_axis(ax, rows, confidence_level)
    _write_counts(ax, rows, middles)
    legend_below(ax.figure, more=_keys(rows))
    return ax


def _sized(rows) -> pd.DataFrame:
    return rows[rows["planned_n"].fillna(0).astype(int).gt(0)]


def _stacked(trials) -> tuple[pd.DataFrame, float]:
    """Trials with a place in their band: beside one another, or below where sizes are alike."""
    drawn = _sized(trials).sort_values(["planned_n", "says_control"], kind="stable")
    ends, places = [], []
    for size in np.log10(drawn["planned_n"].astype(float)):
        free = [place for place, end in enumerate(ends) if size - end > _APART]
        place = free[0] if free else len(ends)
        ends[place : place + 1] = [size]
        places.append(place)
    return drawn.assign(at=places), max(1, len(ends)) + 1.0


# Decades of size between two marks that stand beside one another.
_APART = 0.025


def _draw_band(ax, drawn, top, line):
    for row in drawn.itertuples():
        place = top + line * (1 + row.at)
        ax.plot(row.planned_n, place, **_look(row.says_control, row.other_diseases))


def _look(says_control, other_diseases) -> dict:
    strong = says_control in ("yes", "former")
    colour = theme_colour("strong" if says_control != "not_stated" else "quiet")
    face = colour if other_diseases == "no" else theme_colour("paper")
    return {
        "marker": _CONTROL_MARKS[says_control],
        "linestyle": "",
        "color": colour,
        "markerfacecolor": face,
        "markersize": 14 if strong else 8,
        "markeredgewidth": 1.6,
        "clip_on": False,
        "zorder": 4 if strong else 3,
    }


def _name_bands(ax, names, middles, height):
    name_lines(ax, names)
    ax.set_yticks(middles, names)
    ax.set_ylim(height, 0)


def _size_axis(ax, rows, level):
    sizes = [*_sized(rows)["planned_n"].astype(int), *_SIZES]
    low, high = min(sizes), max(sizes)
    ax.set_xscale("log")
    ax.set_xlim(low / 1.15, high * 1.15)
    ticks = [n for n in _TICKS if low / 1.15 <= n <= high * 1.15]
    harm = [percent(each) for each in zero_event_bound(np.array(ticks), confidence_level=level)]
    labels = [f"{n}\n{rate}" for n, rate in zip(ticks, harm, strict=True)]
    ax.set_xticks(ticks, labels, minor=False)
    ax.minorticks_off()
    upper = ci_label(confidence_level=level, bound="upper")
    ax.set_xlabel(f"{word('figure.coming.x')}\n{upper}")


def _write_counts(ax, rows, middles):
    trials = [of_phase for _, of_phase in _by_phase(rows)]
    columns = [
        [str(len(each)) for each in trials],
        [str(len(each) - len(_sized(each))) for each in trials],
    ]
    heads = [word("coming.head.trials"), word("coming.head.no_size")]
    columns_beside([ax], [[column] for column in columns], heads)
    # The columns stand on whole lines; bands have lines of their own.
    for text in ax.texts:
        x, line = text.xy
        if line != 1 or text.get_text() not in heads:
            text.xy = (x, middles[int(line)])


def _keys(rows) -> list[Line2D]:
    says = [each for each in _CONTROL_MARKS if rows["says_control"].eq(each).any()]
    keys = [_key(word(f"says_control.{each}"), _look(each, "no")) for each in says]
    if not _of_lupus(rows).all():
        keys.append(_key(word("coming.key.basket"), _look("not_stated", "yes")))
    return keys


def _key(words, look) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], label=words, **{**look, "clip_on": True})


def plot_could_show(rows: pd.DataFrame, *, interval: str, ax: Axes | None = None) -> Axes:
    """Draw the interval that each trial would have if its patients responded as now.

    Parameters
    ----------
    rows : DataFrame
        As plotted by `could_show`.
    interval : str
        The label of the interval.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Rates in percent, one line a trial; columns with the size, the lower limit if all
        respond and the harm that nobody's having it would not exclude.
    """
    check_rows(rows)
    ax = ax or new_figure().add_subplot()
    name_lines(ax, [_trial_name(row) for row in rows.itertuples()])
    centre_few(ax, len(rows))
    strong = theme_colour("strong")
    for line, row in enumerate(rows.itertuples()):
        if pd.isna(row.low):
            continue
        rate = row.events / row.planned_n
        ends = [[100 * (rate - row.low)], [100 * (row.high - rate)]]
        look = {"color": strong, "markerfacecolor": face(strong, row.now_read_in)}
        ax.errorbar(100 * rate, line, xerr=ends, fmt="o", **look, clip_on=False, zorder=3)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))
    columns = [
        [
            "–" if pd.isna(row.now_n) else f"{row.now_events}/{row.now_n}"
            for row in rows.itertuples()
        ],
        [str(int(n)) for n in rows["planned_n"]],
        ["–" if pd.isna(each) else _points(each) for each in rows["width"]],
        [percent(each) for each in rows["full_low"]],
        [percent(each, decimals=1) for each in rows["harm"]],
    ]
    names = ("now", "size", "width", "full", "harm")
    # Broken, so that the plot has the width that the numbers below do not take.
    heads = [wrapped(word(f"coming.head.{name}"), width=_HEAD) for name in names]
    columns_beside([ax], [[column] for column in columns], heads)
    ax.set_xlabel(word("figure.could_show.x", interval=interval))
    if rows["now_read_in"].eq("secondary").any():
        keys = [_read_key(read_in, strong) for read_in in ("primary", "secondary")]
        legend_below(ax.figure, more=keys)
    return ax


def _read_key(read_in, colour) -> Line2D:
    from matplotlib.lines import Line2D

    look = {
        "linestyle": "",
        "marker": "o",
        "color": colour,
        "markerfacecolor": face(colour, read_in),
    }
    return Line2D([], [], label=word("coming.key.now", how=word(f"read_in.{read_in}")), **look)
