"""Which trial would settle it: power on fixed rates, and assurance on beliefs.

Vocabulary: *asked for* are the settings of the page, in a `Plan`. A *belief* about the control
rate is a Beta distribution: worth ten patients around a rate, or any rate as likely. *Assurance*
is the chance of a positive trial, averaged over what is believed of both rates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib import cycler, rcParams

from lupuscart.evidence.benchmarks import choose_benchmarks, relate_benchmarks
from lupuscart.figures.panels import check_rows, legend_below
from lupuscart.figures.style import new_figure, theme_colour
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.page import labelled, show
from lupuscart.stats import planning as plans
from lupuscart.stats.proportion import proportion_ci, zero_event_bound
from lupuscart.words.labels import (
    percent,
    percent_range,
    settings_words,
    size_words,
)
from lupuscart.words.lexicon import level_words, word

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "Plan",
    "assurance",
    "assurance_headline",
    "assurance_sentences",
    "behind_sentence",
    "control_beliefs",
    "control_rates",
    "plot_assurance",
    "plot_power",
    "power",
    "power_curve",
    "power_headline",
    "power_sentences",
    "protocol_paragraph",
    "single_arm",
    "sizes_table",
    "two_stage",
    "without_event",
]

#: Patients in an arm, at most, and those of the lines of assurance.
N_MAX = 100
ARMS = range(5, 51)

# Rates for which the curve is computed, beside that asked for.
_POINTS = 16

# What a belief about the control rate is worth.
_WORTH = 10

# Sizes that are tried against a better control: the first that is larger than the plan.
_LARGER = (50, 100)

# Points between the numbers of an axis and its label.
LABEL_PAD = 14

# Points of type between two labels at the ends of lines.
_LABEL_HEIGHT = 26


@dataclass(frozen=True)
class Plan:
    """What a trial of two arms is asked to do, and the smallest that does it.

    Attributes
    ----------
    treatment_rate, control_rate : float
        The rates to tell apart, 0 to 1.
    power, alpha, ratio, test
        As for `lupuscart.stats.planning.sample_size_two_arm`.
    event_rate : float
        The rate of a severe event to exclude, 0 to 1.

    Raises
    ------
    ValueError
        If no trial can be planned on these rates.

    Examples
    --------
    >>> asked = Plan(0.8, 0.4, power=0.8, alpha=0.05, ratio=1, test="fisher", event_rate=0.05)
    >>> asked.trial.n1, asked.trial.n2
    (27, 27)
    """

    treatment_rate: float
    control_rate: float
    power: float
    alpha: float
    ratio: float
    test: str
    event_rate: float

    def __post_init__(self):
        plans.check_plan(self.treatment_rate, self.control_rate, self.event_rate)

    @property
    def options(self) -> dict:
        """The test and its level, as keywords."""
        return {"test": self.test, "alpha": self.alpha}

    @cached_property
    def trial(self) -> plans.SampleSize:
        """The smallest trial; an error tells how far the sizes up to `N_MAX` get."""
        options = {"power": self.power, "ratio": self.ratio, "n_max": N_MAX, **self.options}
        return plans.sample_size_two_arm(self.treatment_rate, self.control_rate, **options)

    @cached_property
    def better_control(self) -> tuple[int, int, float] | None:
        """A larger trial and the whole percentage of the control from which it is too small."""
        sizes = [n for n in _LARGER if n > self.trial.n2 and math.ceil(self.ratio * n) <= N_MAX]
        n2 = sizes[0] if sizes else self.trial.n2
        first = math.floor(100 * self.control_rate) + 1
        rates = np.arange(first, math.ceil(100 * self.treatment_rate)) / 100
        if not len(rates):
            return None
        options = {"ratio": self.ratio, **self.options}
        found = plans.power_map([n2], self.treatment_rate, rates, **options)
        short = found[found["power"] < self.power]
        if short.empty:
            return None
        return int(found["n1"].iloc[0]), n2, float(short["p2"].iloc[0])


def control_beliefs(control_rate: float) -> list[tuple[float, float]]:
    """Return three beliefs about the control: half the rate, the rate, and nothing known.

    Examples
    --------
    >>> control_beliefs(0.4)
    [(2.0, 8.0), (4.0, 6.0), (1, 1)]
    """
    about = [round(_WORTH * rate, 10) for rate in (control_rate / 2, control_rate)]
    return [*((a, round(_WORTH - a, 10)) for a in about), (1, 1)]


def power(asked: Plan, kept: pd.DataFrame) -> Finding:
    """Return the curves of patients per arm against the control rate.

    Parameters
    ----------
    asked : Plan
        The settings.
    kept : DataFrame
        The count that says what is known of the treated arm, labelled; its first row is read.
    """
    curve = power_curve(asked)
    return Finding(
        "power",
        curve,
        power_headline(asked),
        power_sentences(curve, asked),
        draw=partial(plot_power, curve, asked),
        table=sizes_table(asked),
        assumed=(asked.treatment_rate, asked.control_rate),
        answer=_answer(asked, kept),
        supports=_supports(asked, kept),
        does_not_support=_does_not_support(asked, kept),
        narrow=True,
    )


def power_curve(asked: Plan) -> pd.DataFrame:
    """Return the smallest trial for each control rate, for the power asked for and for 90 %.

    Returns
    -------
    DataFrame
        ``wanted`` (the power to reach), ``p2`` (control rate), ``n1``, ``n2``, ``power``,
        ``size``; the rates rise up to the last that some size up to `N_MAX` reaches.

    Examples
    --------
    >>> asked = Plan(0.8, 0.4, power=0.8, alpha=0.05, ratio=1, test="fisher", event_rate=0.05)
    >>> curve = power_curve(asked)
    >>> curve.loc[curve["p2"] == 0.4, ["wanted", "n2"]].to_numpy().tolist()
    [[0.8, 27], [0.9, 33]]
    """
    step = asked.treatment_rate / _POINTS
    grid = {round(step * point, 4) for point in range(1, _POINTS)} | {asked.control_rate}
    options = {"ratios": [asked.ratio], "n_max": N_MAX, **asked.options}
    parts = []
    for wanted in sorted({asked.power, 0.9}):
        found = plans.sample_size_table(asked.treatment_rate, sorted(grid), power=wanted, **options)
        # A control nearer to the treated arm asks for more patients still.
        reached = found[found["n2"].notna().cummin()]
        parts.append(reached.drop(columns="allocation").assign(wanted=wanted))
    curve = pd.concat(parts, ignore_index=True)
    if curve.empty:
        raise ValueError(
            f"no trial of up to {N_MAX} patients in an arm reaches the power; allowed: less power, "
            "or rates further apart"
        )
    return curve


def _arms(n1, n2) -> str:
    """The size of a trial in words."""
    return word("plan.per_arm", n=n1) if n1 == n2 else word("plan.both_arms", n1=n1, n2=n2)


def power_headline(asked: Plan) -> str:
    """Say which trial is enough, and which is not if the controls do better.

    Examples
    --------
    >>> asked = Plan(0.8, 0.4, power=0.8, alpha=0.05, ratio=1, test="fisher", event_rate=0.05)
    >>> power_headline(asked)
    '27 per arm are enough for 80 % v 40 %; if controls do better (53 %), 50 per arm are not'
    """
    trial, better = asked.trial, asked.better_control
    gaps = {
        "size": _arms(trial.n1, trial.n2),
        "p1": percent(asked.treatment_rate),
        "p2": percent(asked.control_rate),
    }
    if better is None:
        return word("headline.power_enough", **gaps)
    n1, n2, rate = better
    larger = word("plan.per_arm", n=n1) if n1 == n2 else f"{n1} + {n2}"
    gaps |= {"larger": larger, "rate": percent(rate)}
    same = (n1, n2) == (trial.n1, trial.n2)
    code = "headline.power_same" if same else "headline.power_larger"
    said = [code, *([] if same else [f"{code}_short"]), "headline.power_enough"]
    return first_that_fits(*(word(each, **gaps) for each in said))


def _answer(asked, kept) -> list[str]:
    trial, better = asked.trial, asked.better_control
    gaps = {
        "n1": trial.n1,
        "n2": trial.n2,
        "p1": percent(asked.treatment_rate),
        "p2": percent(asked.control_rate),
        "power": percent(trial.power),
        "test": word(f"test.{asked.test}"),
        "alpha": level_words(asked.alpha),
    }
    said = [word("answer.plan", **gaps)]
    if better is not None:
        n1, n2, rate = better
        gaps = {"rate": percent(rate), "size": _arms(n1, n2), "power": level_words(asked.power)}
        said.append(word("answer.plan_better", **gaps))
    return [*said, word("answer.plan_assurance", **_in_doubt(asked, kept))]


def _in_doubt(asked, kept) -> dict:
    """What is believed of both rates, and the chance of a positive trial of the size planned."""
    row, belief = next(kept.itertuples()), control_beliefs(asked.control_rate)[1]
    return {
        "study": row.label,
        "k": row.events,
        "n": row.n,
        "control": _belief_words(belief),
        "assurance": percent(_assurance(asked, kept, belief)),
    }


def _known(kept) -> tuple[float, float]:
    """The posterior of the count under Jeffreys' prior, as shapes of a Beta distribution."""
    k, n = kept[["events", "n"]].iloc[0].astype(int)
    return float(k + 0.5), float(n - k + 0.5)


def _assurance(asked, kept, belief) -> float:
    priors = {"treatment_prior": _known(kept), "control_prior": belief}
    return plans.assurance(asked.trial.n1, asked.trial.n2, **priors, **asked.options)


def _belief_words(belief) -> str:
    a, b = belief
    if a == b == 1:
        return word("plan.any_rate")
    return word("plan.about", rate=percent(a / (a + b)))


def _supports(asked, kept) -> list[str]:
    return [
        word("supports.plan_size", size=_arms(asked.trial.n1, asked.trial.n2)),
        word("supports.plan_assurance", **_in_doubt(asked, kept)),
        word("supports.plan_arm"),
    ]


def _does_not_support(asked, kept) -> list[str]:
    row = next(kept.itertuples())
    low, high = (float(end) for end in proportion_ci(row.events, row.n))
    excluded = _rounded_up(zero_event_bound(asked.trial.n1))
    gaps = {"study": row.label, "k": row.events, "n": row.n, "range": percent_range(low, high)}
    return [
        word("not.plan_known", p1=percent(asked.treatment_rate), **gaps),
        word("not.plan_control", p2=percent(asked.control_rate)),
        word("not.plan_single"),
        word("not.plan_safe", n1=asked.trial.n1, excluded=percent(excluded, decimals=1)),
    ]


def _rounded_up(rate) -> float:
    """An upper bound is rounded up, or it would not be one."""
    return math.ceil(1000 * rate) / 1000


def power_sentences(curve: pd.DataFrame, asked: Plan) -> list[str]:
    """Return the sizes at the control rate asked for, then at every third rate of the curve.

    Parameters
    ----------
    curve : DataFrame
        From `power_curve`.
    asked : Plan
        The settings.
    """
    at = curve[curve["p2"].eq(asked.control_rate)]
    some = curve[curve["wanted"].eq(asked.power) & curve["p2"].ne(asked.control_rate)].iloc[::3]
    return [
        word(
            "sentence.power_size",
            rate=percent(row.p2),
            power=level_words(row.wanted),
            size=_arms(row.n1, row.n2),
        )
        for row in pd.concat([at, some]).itertuples()
    ]


def sizes_table(asked: Plan) -> pd.DataFrame:
    """Return the smallest trials at several control rates, 1:1 and 2:1, as a table to read."""
    rates = sorted({0.2, 0.35, 0.4, 0.5, 0.6, asked.control_rate})
    rates = [rate for rate in rates if rate < asked.treatment_rate]
    options = {"power": asked.power, "n_max": N_MAX, **asked.options}
    table = plans.sample_size_table(asked.treatment_rate, rates, **options)
    table = size_words(table, p1=asked.treatment_rate, n_max=N_MAX)
    return table.assign(
        p2=[percent(rate) for rate in table["p2"]],
        n2=["–" if pd.isna(n) else str(n) for n in table["n2"]],
        power=[_or_dash(each) for each in table["power"]],
        size=[_or_dash(each, decimals=1) for each in table["size"]],
    )


def _or_dash(rate, decimals=0) -> str:
    return "–" if pd.isna(rate) else percent(rate, decimals=decimals)


def control_rates(
    kept: pd.DataFrame, benchmarks: pd.DataFrame, studies: pd.DataFrame
) -> pd.DataFrame:
    """Return the rates of published arms without the cells, and how near each is to the count.

    Parameters
    ----------
    kept : DataFrame
        The count of the treated arm: ``study``, ``outcome``, ``week``, ``timing``.
    benchmarks, studies : DataFrame
        The tables of benchmarks and of their studies.
    """
    row = next(kept.itertuples())
    chosen = choose_benchmarks(benchmarks, outcomes=[*kept["outcome"], "sri4"])
    facts = ("study", "outcome", "week", "timing")
    near = {name: getattr(row, name) for name in facts}
    chosen = chosen.assign(relation=relate_benchmarks(chosen, **near))
    chosen = labelled(chosen, studies)
    chosen["rate"] = [percent(rate) for rate in chosen["rate"]]
    columns = ["label", "arm", "outcome", "window", "relation", "rate"]
    return show(chosen[columns], "control_rates")


def assurance(asked: Plan, kept: pd.DataFrame) -> Finding:
    """Return power on fixed rates beside the chance of a positive trial on each belief.

    Parameters
    ----------
    asked : Plan
        The settings.
    kept : DataFrame
        The count that says what is known of the treated arm, labelled.
    """
    rates = (asked.treatment_rate, asked.control_rate)
    beliefs = control_beliefs(asked.control_rate)
    lines = plans.assurance_table(ARMS, _known(kept), beliefs, *rates, **asked.options)
    lines["assumption"] = [_assumption(belief) for belief in lines["belief"]]
    return Finding(
        "assurance",
        lines[["assumption", "n", "probability"]],
        assurance_headline(lines, power=asked.power),
        [*assurance_sentences(lines), behind_sentence(lines)],
        draw=partial(plot_assurance, lines),
        rows=[kept],
        table=_assurance_words(lines),
    )


def _assumption(belief) -> str:
    return word("plan.known") if belief is None else _belief_words(belief)


def _assurance_words(lines) -> pd.DataFrame:
    """One row an assumption, one column a size."""
    some = lines[lines["n"].isin([10, 15, 20, 30, 40, 50])]
    table = some.pivot_table("probability", "assumption", "n", sort=False)
    table = table.map(percent).rename(columns=lambda n: word("plan.per_arm", n=n))
    return table.rename_axis(columns=None).reset_index()


def _planned(lines, power) -> int:
    """The smallest size shown that keeps the power on fixed rates; the largest if none does."""
    fixed = lines[lines["belief"].isna()].sort_values("n")
    kept = fixed[fixed["probability"][::-1].cummin()[::-1] >= power]
    return int((fixed.iloc[-1] if kept.empty else kept.iloc[0]).n)


def _planned_belief(lines) -> tuple[float, float]:
    """The second belief, as of `control_beliefs`; the only one if there is one."""
    beliefs = list(dict.fromkeys(lines["belief"].dropna()))
    return beliefs[min(1, len(beliefs) - 1)]


def _of_belief(lines) -> pd.DataFrame:
    """Power and, beside it, assurance where the control is believed to be as planned."""
    fixed = lines[lines["belief"].isna()].set_index("n")["probability"]
    as_planned = _planned_belief(lines)
    planned = lines[[belief == as_planned for belief in lines["belief"]]]
    return pd.DataFrame({"power": fixed, "assurance": planned.set_index("n")["probability"]})


def assurance_headline(lines: pd.DataFrame, *, power: float) -> str:
    """Say what a trial planned on fixed rates is worth once they are uncertain.

    Parameters
    ----------
    lines : DataFrame
        Columns ``n`` (patients in an arm), ``belief`` (the shape of a Beta distribution of the
        control rate; missing for the fixed rates) and ``probability`` (0 to 1); the second
        belief is that the control does as planned.
    power : float
        The power wanted: the trial is the smallest shown that reaches it on fixed rates and
        keeps it, or the largest shown if none does.

    Examples
    --------
    >>> lines = pd.DataFrame({"n": 23, "belief": [None, (2, 8), (4, 6), (1, 1)],
    ...                       "probability": [0.81, 0.9, 0.68, 0.51]})
    >>> assurance_headline(lines, power=0.8)
    '23 per arm: power 81 %, but 68 % chance of a positive trial once the rates are uncertain'
    """
    check_rows(lines)
    n = _planned(lines, power)
    row = _of_belief(lines).loc[n]
    code = "headline.assurance_less" if row.assurance < row.power else "headline.assurance_more"
    gaps = {"power": percent(row.power), "assurance": percent(row.assurance)}
    return word(code, size=word("plan.per_arm", n=n), **gaps)


def behind_sentence(lines: pd.DataFrame) -> str:
    """Say from which size on assurance stays behind power, the control believed as planned.

    Parameters
    ----------
    lines : DataFrame
        As for `assurance_headline`.

    Examples
    --------
    >>> lines = pd.DataFrame({"n": [10, 11, 12] * 2, "belief": [None] * 3 + [(4, 6)] * 3,
    ...                       "probability": [0.42, 0.46, 0.5, 0.44, 0.45, 0.46]})
    >>> print(behind_sentence(lines))
    With controls believed about 40 %, the chance of a positive trial is above power up to 10 \
patients per arm; from 11 on it is below.
    """
    both = _of_belief(lines).sort_index()
    gaps = {"control": _belief_words(_planned_belief(lines))}
    ahead = both.index[both["assurance"] >= both["power"]]
    first, last = both.index.min(), both.index.max()
    if not len(ahead):
        return word("sentence.behind_always", first=first, last=last, **gaps)
    if ahead.max() == last:
        return word("sentence.behind_not", last=last, **gaps)
    start = both.index[both.index > ahead.max()].min()
    whole = len(ahead) == (both.index < start).sum()
    code = "sentence.behind_from" if whole else "sentence.behind_at_last"
    return word(code, before=ahead.max(), start=start, **gaps)


def assurance_sentences(lines: pd.DataFrame) -> list[str]:
    """Return one sentence an assumption: the probability at the largest trial shown.

    Parameters
    ----------
    lines : DataFrame
        Columns ``assumption`` (words), ``n``, ``probability``.
    """
    last = lines.sort_values("n").drop_duplicates("assumption", keep="last")
    return [
        word(
            "sentence.assurance",
            assumption=row.assumption,
            n=row.n,
            probability=percent(row.probability),
        )
        for row in last.itertuples()
    ]


def single_arm(asked: Plan, sizes: Sequence[int] = (5, 10, 15, 20, 30, 50, 100)) -> pd.DataFrame:
    """Return what a larger single arm would bring, as a table to read.

    Parameters
    ----------
    asked : Plan
        The settings: both rates are read.
    sizes : sequence of int
        Patients in the arm.
    """
    rows = []
    for n in sizes:
        arm = plans.precision_one_arm(n, asked.treatment_rate, threshold=asked.control_rate)
        widths = {"expected_width": percent(arm.expected_width)}
        above = {"probability_above": percent(arm.probability_above)}
        rows.append({"cohort_size": str(n), **widths, **above})
    return show(pd.DataFrame(rows), "single_arm")


def two_stage(asked: Plan) -> pd.DataFrame:
    """Return two-stage designs of a single arm by the level and the power asked for.

    Returns
    -------
    DataFrame
        A table to read; without rows if no design of up to `N_MAX` patients meets both.
    """
    rates = (asked.control_rate, asked.treatment_rate)
    columns = ["name", "r1", "n_first", "r", "n_both"]
    shares = ["early_stop", "type1", "power"]
    options = {"alpha": asked.alpha, "beta": round(1 - asked.power, 12), "n_max": N_MAX}
    try:
        found = pd.DataFrame(plans.simon_two_stage(*rates, **options))
    except ValueError:  # the rates and limits were checked before: there is no such design
        return show(pd.DataFrame(columns=[*columns, "expected_n", *shares]), "two_stage")
    found = found.rename(columns={"n1": "n_first", "n": "n_both"})
    found["expected_n"] = [f"{n:.1f}" for n in found["expected_n"]]
    for name in shares:
        found[name] = [percent(each, decimals=1) for each in found[name]]
    return show(found[[*columns, "expected_n", *shares]].astype(str), "two_stage")


def without_event(
    asked: Plan, true_rates: Sequence[float] = (0.0, 0.005, 0.01, 0.02)
) -> pd.DataFrame:
    """Return how many patients without a severe event exclude a rate, and how likely none is.

    Parameters
    ----------
    asked : Plan
        The settings: the rate of the event to exclude.
    true_rates : sequence of float
        True rates of the event, 0 to 1.
    """
    found = plans.no_event_plan(asked.event_rate, true_rate=np.array(true_rates))
    shown = {
        "true_event_rate": [level_words(rate) for rate in true_rates],
        "n_needed": str(found.n),
        "probability_none": [percent(each) for each in found.probability],
    }
    return show(pd.DataFrame(shown), "without_event")


def protocol_paragraph(asked: Plan, kept: pd.DataFrame) -> str:
    """Return the plan in plain words that could go into a protocol.

    Parameters
    ----------
    asked : Plan
        The settings.
    kept : DataFrame
        The count that says what is known of the treated arm: ``label``, ``endpoint``, ``window``
        (words), ``events``, ``n``.
    """
    row, trial = next(kept.itertuples()), asked.trial
    belief = control_beliefs(asked.control_rate)[1]
    believed = {"known": _known(kept), "study": row.label, "control": _belief_words(belief)}
    up = {"size": trial.size, "excluded": zero_event_bound(trial.n1)}
    return word(
        "plan.paragraph",
        n1=trial.n1,
        n2=trial.n2,
        endpoint=row.endpoint,
        window=row.window,
        test=word(f"test.{asked.test}"),
        alpha=level_words(asked.alpha),
        power=percent(trial.power),
        p1=percent(asked.treatment_rate),
        p2=percent(asked.control_rate),
        belief=word("plan.belief", a=f"{belief[0]:g}", b=f"{belief[1]:g}", **believed),
        assurance=percent(_assurance(asked, kept, belief)),
        event_rate=percent(asked.event_rate),
        n_event=plans.no_event_plan(asked.event_rate, true_rate=0).n,
        **{name: percent(_rounded_up(rate), decimals=1) for name, rate in up.items()},
    )


def plot_power(curve: pd.DataFrame, asked: Plan, *, ax: Axes | None = None) -> Axes:
    """Draw the patients that each control rate asks for, and the rate asked for as a rule.

    Parameters
    ----------
    curve : DataFrame
        From `power_curve`.
    asked : Plan
        The settings.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Control rate across, patients upward.
    """
    import seaborn as sns  # half a second, for which the answer of the page does not wait

    check_rows(curve)
    ax = ax or _new_axes()
    ink, strong = theme_colour("ink"), theme_colour("strong")
    ax.set_xlim(0, 100 * asked.treatment_rate)
    ax.set_xticks(_ticks(100 * asked.treatment_rate))
    top = _ticks(curve["n2"].max())
    ax.set_ylim(0, top[-1] + (top[1] if curve["n2"].max() > top[-1] else 0))
    ax.set_yticks(_ticks(ax.get_ylim()[1]))
    ax.axvline(100 * asked.control_rate, color=ink, lw=2, ls="--", zorder=1)
    looks = zip(
        curve.groupby("wanted"), ("-", "--"), (strong, ink), ("left", "right"), strict=False
    )
    for (wanted, rows), dashes, colour, side in looks:
        look = {"color": colour, "ls": dashes, "lw": 4}
        sns.lineplot(x=100 * rows["p2"], y=rows["n2"], estimator=None, ax=ax, **look)
        end = rows.iloc[-1]
        power = word("figure.power.level", power=level_words(wanted))
        _beside(ax, 100 * end.p2, end.n2, power, side, colour, rise=0)
        for row in rows[rows["p2"].eq(asked.control_rate)].itertuples():
            shape = "o" if side == "left" else "s"
            ax.plot(100 * row.p2, row.n2, shape, color=colour, ms=14)
            rise = -16 if side == "left" else 16
            _beside(ax, 100 * row.p2, row.n2, _arms(row.n1, row.n2), side, colour, rise=rise)
    ax.set_xlabel(word("figure.power.control"))
    upward = word("figure.power.patients" if asked.ratio == 1 else "figure.power.controls")
    ax.set_ylabel(upward, labelpad=LABEL_PAD)
    ax.grid(True, axis="y")
    fixed = settings_words(asked.treatment_rate, asked.ratio, **asked.options)
    legend_below(ax.figure, title=fixed)
    return ax


def _ticks(end) -> list[int]:
    """Round numbers from 0 up to the end of an axis."""
    step = next(step for step in (1, 2, 5, 10, 20) if end / step <= 8 or step == 20)
    return list(range(0, math.floor(end) + 1, step)) or [0]


def _new_axes() -> Axes:
    """Axes of a new figure, whose topmost number has room."""
    figure = new_figure()
    figure.get_layout_engine().set(h_pad=0.15)
    return figure.add_subplot()


def _beside(ax, x, y, text, side, colour, *, rise):
    """Words at one side of a point; both curves rise, so below right and above left is room."""
    ax.annotate(
        text,
        (x, y),
        xytext=(16 if side == "left" else -16, rise),
        textcoords="offset points",
        ha=side,
        va="center",
        weight="bold",
        color=colour,
        bbox={"fc": theme_colour("paper"), "ec": "none", "pad": 1},
        annotation_clip=False,
    )


def plot_assurance(lines: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw power on fixed rates and assurance on uncertain ones against patients an arm.

    Parameters
    ----------
    lines : DataFrame
        Columns ``n`` (patients an arm), ``assumption`` (words: one line each) and
        ``probability``.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        One line an assumption, named at its end.
    """
    import seaborn as sns

    check_rows(lines)
    ax = ax or _new_axes()
    ax.set_xlim(0, lines["n"].max())
    ax.set_ylim(0, 100)
    ax.set_xticks(range(0, int(lines["n"].max()) + 1, 10))
    ax.grid(True, axis="y")
    ax.set_xlabel(word("figure.assurance.x"))
    ax.set_ylabel(word("figure.assurance.y"), labelpad=LABEL_PAD)
    ends = {}
    for look, (name, rows) in zip(_looks(), lines.groupby("assumption", sort=False), strict=False):
        sns.lineplot(x=rows["n"], y=100 * rows["probability"], estimator=None, ax=ax, lw=4, **look)
        ends[name] = (100 * rows["probability"].iloc[-1], look["color"])
    ax.figure.draw_without_rendering()
    _name_ends(ax, ends)
    return ax


def _looks():
    """The line of fixed rates in ink, the others each in a colour and in dashes of its own."""
    colours = [theme_colour("ink"), *rcParams["axes.prop_cycle"].by_key()["color"][:3]]
    return cycler(color=colours) + cycler(linestyle=["-", "--", "-.", ":"])


def _name_ends(ax, ends) -> None:
    """Write the name of each line right of its end, none over another."""
    points = ax.get_window_extent().height * 72 / ax.figure.dpi / 100
    free = math.inf
    for name, (height, colour) in sorted(ends.items(), key=lambda item: -item[1][0]):
        place = min(height * points, free)
        free = place - _LABEL_HEIGHT
        ax.annotate(
            name,
            (1, height / 100),
            xytext=(10, place - height * points),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
        )
