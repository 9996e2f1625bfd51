"""Which trial would settle it: power on fixed rates, and assurance on beliefs."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lupuscart.figures.panels import (
    check_rows,
    one_axes,
)
from lupuscart.figures.style import theme_colour
from lupuscart.findings.finding import Finding
from lupuscart.stats.planning.two_arm import power_map
from lupuscart.words.labels import (
    hundredths,
    percent,
    settings_words,
)
from lupuscart.words.lexicon import join, level_words, word

__all__ = [
    "assurance",
    "assurance_headline",
    "assurance_sentences",
    "plot_assurance",
    "plot_power_map",
    "power",
    "power_headline",
    "power_sentences",
    "protocol_paragraph",
]


def power(
    plan,
    *,
    treatment_rate: float,
    control_rate: float,
    power: float,
    ratio: float,
    test: str,
    alpha: float,
    table: pd.DataFrame,
) -> Finding:
    """Return the map of power over the control rate and the size of the trial.

    Parameters
    ----------
    plan : SampleSize
        The smallest trial that reaches the power.
    treatment_rate, control_rate : float
        The rates to tell apart.
    power, ratio, test, alpha
        As for `lupuscart.stats.planning.sample_size_two_arm`.
    table : DataFrame
        What is read with the map: the sizes at several control rates.
    """
    options = {"test": test, "alpha": alpha}
    controls = np.linspace(0, treatment_rate - 0.02, 40).round(4)
    drawn = power_map(range(5, 51), treatment_rate, controls, ratio=ratio, **options)
    lines = {
        "levels": sorted({power, 0.9}),
        "subtitle": settings_words(treatment_rate, ratio, **options),
    }
    asked = {"treatment_rate": treatment_rate, "control_rate": control_rate, "power": power}
    return Finding(
        "power",
        drawn,
        power_headline(plan, drawn, **asked, **options),
        power_sentences(drawn, level=power),
        draw=lambda: plot_power_map(drawn, **lines),
        table=table,
        assumed=(treatment_rate, control_rate),
    )


def assurance(
    lines: pd.DataFrame,
    *,
    kept: pd.DataFrame,
    treatment_rate: float,
    control_rate: float,
    power: float,
) -> Finding:
    """Return power on fixed rates beside assurance on each belief, by size of the trial.

    Parameters
    ----------
    lines : DataFrame
        From `lupuscart.stats.planning.assurance_table`.
    kept : DataFrame
        The count that says what is known of the treated arm.
    treatment_rate, control_rate, power
        The fixed rates, and the power wanted.
    """
    lines = lines.assign(assumption=_assumptions(lines, treatment_rate, control_rate))
    some = lines[lines["n"].isin([10, 15, 20, 30, 50])]
    fixed = {"treatment_rate": treatment_rate, "control_rate": control_rate, "power": power}
    return Finding(
        "assurance",
        lines[["assumption", "n", "probability"]],
        assurance_headline(lines, **fixed),
        assurance_sentences(lines),
        draw=lambda: plot_assurance(lines),
        rows=[kept],
        table=some.pivot_table("probability", "assumption", "n", sort=False).reset_index(),
    )


def _assumptions(lines, treatment_rate, control_rate) -> list[str]:
    """What each line assumes of the control rate, in words."""
    fixed = word("plan.fixed", p1=percent(treatment_rate), p2=percent(control_rate))
    return [
        fixed if belief is None else word("plan.assurance", shape=belief)
        for belief in lines["belief"]
    ]


def power_headline(
    plan,
    table: pd.DataFrame,
    *,
    treatment_rate: float,
    control_rate: float,
    power: float,
    test: str,
    alpha: float,
) -> str:
    """Say what power a plan has, and where the largest trial shown falls short of the power.

    Parameters
    ----------
    plan : SampleSize
        ``n1``, ``n2`` and ``power``: the smallest trial that reaches the power.
    table : DataFrame
        The map of power: ``n1``, ``n2``, ``p2``, ``power``.
    treatment_rate, control_rate : float
        The rates to tell apart.
    power : float
        The power wanted.
    test, alpha
        What the power was computed with.
    """
    check_rows(table)
    parts = [
        word(
            "headline.power",
            n1=plan.n1,
            n2=plan.n2,
            p1=percent(treatment_rate),
            p2=percent(control_rate),
            power=percent(plan.power),
            test=word(f"test.{test}"),
            alpha=level_words(alpha),
        )
    ]
    largest = table[table["n2"] == table["n2"].max()]
    short = largest[largest["power"] < power]
    if len(short):
        row = short.loc[short["p2"].idxmin()]
        said = {
            "n1": int(row.n1),
            "n2": int(row.n2),
            "p1": percent(treatment_rate),
            "rate": _grid_rate(row.p2),
            "power": percent(row.power),
        }
        parts.append(word("headline.not_from", **said))
    return word("pair_separator").join(parts)


def _grid_rate(rate):
    """A rate of a grid with a decimal where it is no whole percentage."""
    whole = math.isclose(100 * rate, round(100 * rate), abs_tol=1e-6)
    return percent(rate, decimals=0 if whole else 1)


def assurance_headline(
    table: pd.DataFrame, *, treatment_rate: float, control_rate: float, power: float
) -> str:
    """Say what a trial planned on fixed rates is worth under each belief about its control.

    Parameters
    ----------
    table : DataFrame
        Columns ``n`` (patients in an arm), ``belief`` (the shape of a Beta distribution of the
        control rate; missing for the fixed rates) and ``probability`` (0 to 1).
    treatment_rate, control_rate : float
        The fixed rates.
    power : float
        The power wanted: the trial is the smallest shown that reaches it on fixed rates and
        keeps it, or the largest shown if none does.

    Examples
    --------
    >>> table = pd.DataFrame({"n": [10, 23, 23, 23], "belief": [None, None, (4, 6), (1, 1)],
    ...                       "probability": [0.42, 0.81, 0.68, 0.51]})
    >>> print(assurance_headline(table, treatment_rate=0.8, control_rate=0.4, power=0.8))
    ... # doctest: +NORMALIZE_WHITESPACE
    Power 81 % at 80 % v 40 %; assurance 51, 68 % for a control believed to average
    50, 40 % (23 per arm)
    """
    check_rows(table)
    fixed = table[table["belief"].isna()].sort_values("n")
    kept = fixed[fixed["probability"][::-1].cummin()[::-1] >= power]
    planned = fixed.iloc[-1] if kept.empty else kept.iloc[0]
    believed = table[table["belief"].notna() & table["n"].eq(planned.n)]
    believed = believed.sort_values("probability", kind="stable")
    return word(
        "headline.assurance",
        n=int(planned.n),
        power=percent(planned.probability),
        p1=percent(treatment_rate),
        p2=percent(control_rate),
        assurances=_percents(believed["probability"]),
        beliefs=_percents([a / (a + b) for a, b in believed["belief"]]),
    )


def _percents(rates):
    """Several percentages with one sign for all."""
    listed = join([hundredths(rate) for rate in rates])
    return word("percent", value=listed)


def power_sentences(table: pd.DataFrame, *, level: float) -> list[str]:
    """Return one sentence a few control rates: the patients an arm that reach a power.

    Parameters
    ----------
    table : DataFrame
        Columns ``p2``, ``n2``, ``power``.
    level : float
        The power to reach.
    """
    sentences = []
    for rate, rows in table.groupby("p2"):
        reached = rows.loc[rows["power"] >= level, "n2"]
        code = "sentence.power" if len(reached) else "sentence.power_never"
        sentences.append(
            word(
                code,
                rate=percent(rate),
                power=level_words(level),
                n=int(reached.min()) if len(reached) else int(rows["n2"].max()),
            )
        )
    return sentences[::8]


def assurance_sentences(table: pd.DataFrame) -> list[str]:
    """Return one sentence an assumption: the probability at the largest trial shown.

    Parameters
    ----------
    table : DataFrame
        Columns ``assumption`` (words), ``n``, ``probability``.
    """
    last = table.sort_values("n").drop_duplicates("assumption", keep="last")
    return [
        word(
            "sentence.assurance",
            assumption=row.assumption,
            n=row.n,
            probability=percent(row.probability),
        )
        for row in last.itertuples()
    ]


def protocol_paragraph(plan: dict) -> str:
    """Return a plan in plain words that could go into a protocol.

    Parameters
    ----------
    plan : dict
        ``n1``, ``n2``, ``p1``, ``p2``, ``endpoint`` and ``window`` (words), ``power``,
        ``size``, ``alpha``, ``test``, ``assurance``, ``belief`` (words on both rates),
        ``excluded`` (the event rate that none among n1 excludes), ``event_rate``, ``n_event``.
    """
    whole = ("p1", "p2", "power", "assurance", "event_rate")
    shown = {name: percent(plan[name]) for name in whole}
    # An upper bound is rounded up, or it would not be one.
    up = {name: math.ceil(1000 * plan[name]) / 1000 for name in ("size", "excluded")}
    bounds = {name: percent(up[name], decimals=1) for name in up}
    level = level_words(plan["alpha"])
    test = word(f"test.{plan['test']}")
    gaps = {**plan, **shown, **bounds, "alpha": level, "test": test}
    return word("plan.paragraph", **gaps)


def plot_power_map(
    table: pd.DataFrame, *, levels=(0.8, 0.9), subtitle: str = "", ax: Axes | None = None
) -> Axes:
    """Draw power over the control rate and the patients in an arm.

    Parameters
    ----------
    table : DataFrame
        Columns ``n2`` (patients in the control arm), ``p2`` (control rate) and ``power``;
        every combination once.
    levels : sequence of float
        Powers drawn as lines, so that nothing is told by colour alone.
    subtitle : str
        What is held fixed: the treated rate, the test, its level, the allocation.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Patients an arm across, control rates upward.
    """
    check_rows(table)
    ax = ax or one_axes(word("figure.power.title"))
    grid = table.pivot_table("power", "p2", "n2").sort_index(ascending=False)
    sizes, rates = list(grid.columns), list(grid.index)
    cells = ax.pcolormesh(grid.to_numpy(), cmap="cividis", vmin=0, vmax=1, rasterized=True)
    ax.set(xlim=(0, len(sizes)), ylim=(len(rates), 0))
    ax.spines[:].set_visible(False)
    label = word("figure.power.colour")
    bar = ax.figure.colorbar(cells, ax=ax, label=label, format="{x:.1f}")
    bar.outline.set_linewidth(0)
    lines = ax.contour(
        [column + 0.5 for column in range(len(sizes))],
        [line + 0.5 for line in range(len(rates))],
        grid.to_numpy(),
        levels=list(levels),
        # Dark on the light end of the colours, in either theme.
        colors=["#1A1A1A"],
        linewidths=3,
    )
    ax.clabel(lines, fmt=lambda level: level_words(level), fontsize=18)
    across, upward = range(0, len(sizes), 5), range(0, len(rates), 5)
    ax.set_xticks([column + 0.5 for column in across], [sizes[column] for column in across])
    shown = [percent(rates[line]) for line in upward]
    ax.set_yticks([line + 0.5 for line in upward], shown, va="center")
    ax.set_xlabel(word("figure.power.x"))
    ax.set_ylabel(word("figure.power.y"))
    ax.grid(False)
    ax.set_title(subtitle, fontsize=19)
    return ax


def plot_assurance(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw power on fixed rates and assurance on uncertain ones against patients an arm.

    Parameters
    ----------
    table : DataFrame
        Columns ``n`` (patients an arm), ``assumption`` (words: one line each) and
        ``probability``.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        One line an assumption.
    """
    check_rows(table)
    ax = ax or one_axes(word("figure.assurance.title"))
    styles = ["-", "--", "-.", ":"]
    shapes = ["o", "s", "^", "D"]
    for place, (name, rows) in enumerate(table.groupby("assumption", sort=False)):
        ax.plot(
            rows["n"],
            100 * rows["probability"],
            linestyle=styles[place % 4],
            marker=shapes[place % 4],
            markevery=5,
            color=theme_colour("ink" if place == 0 else "strong"),
            label=name,
        )
    ax.set_xlim(table["n"].min() - 1, table["n"].max() + 1)
    ax.set_ylim(0, 100)
    ax.grid(True, axis="y")
    ax.set_xlabel(word("figure.assurance.x"))
    ax.set_ylabel(word("figure.assurance.y"))
    ax.figure.legend(loc="outside lower left", ncols=2)
    return ax
