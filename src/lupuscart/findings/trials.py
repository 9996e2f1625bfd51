"""Which reports there are: who was treated with what, and what was counted when."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.transforms import ScaledTranslation

from lupuscart.figures.panels import (
    check_rows,
    conditioning_beside,
    legend_below,
    name_lines,
    one_axes,
    words_right,
)
from lupuscart.figures.style import conditioning_mark, theme_colour
from lupuscart.findings.finding import Finding
from lupuscart.words.labels import (
    conditioning_words,
    outcome_words,
    window,
)
from lupuscart.words.lexicon import codes, join, word, word_for

__all__ = [
    "evidence",
    "evidence_headline",
    "plot_evidence",
    "study_sentences",
]

NO_WEEK = 24  # the strip for outcomes without a stated week is as wide as so many weeks


def evidence(studies: pd.DataFrame, counted: pd.DataFrame) -> Finding:
    """Return the figure of the evidence: which report treated whom with what, and counted what.

    Parameters
    ----------
    studies : DataFrame
        The studies table, or rows of it, labelled.
    counted : DataFrame
        Each response endpoint that they count, at its earliest time, with the facts of its study.
    """
    dates = counted[["study", "outcome", "week", "timing", "read_in"]]
    table = studies.merge(dates, on="study", how="left")
    facts = ["label", "product", "modality", "target", "cell_source", "conditioning", "n_treated"]
    return Finding(
        "evidence",
        table,
        evidence_headline(studies, counted),
        study_sentences(table),
        draw=lambda: plot_evidence(table),
        rows=[counted, studies],
        table=studies[facts],
    )


def evidence_headline(studies: pd.DataFrame, counted: pd.DataFrame) -> str:
    """Say how many reports had conditioning first, and how many count a response endpoint.

    Parameters
    ----------
    studies : DataFrame
        One row a report: ``study``, ``label``, ``n_treated``, ``conditioning``.
    counted : DataFrame
        One row a response endpoint counted: ``study``, ``outcome``.

    Examples
    --------
    >>> studies = pd.DataFrame({"study": ["a", "b"], "label": ["A 2025", "B 2025"],
    ...                         "n_treated": [15, 5], "conditioning": ["cyclophosphamide", "none"]})
    >>> evidence_headline(studies, pd.DataFrame({"study": ["a"], "outcome": ["doris"]}))
    '2 reports, none with a control arm: 1 gave conditioning, 1 none; response endpoint counted in 1'
    """  # noqa: E501
    check_rows(studies)
    if len(studies) == 1:
        return _one_report(studies.iloc[0], counted)
    given = studies["conditioning"]
    groups = {
        "given": given.notna() & given.ne("none"),
        "none": given.eq("none"),
        "unknown": given.isna(),
    }
    parts = [
        word(f"headline.conditioning_{code}", n=rows.sum())
        for code, rows in groups.items()
        if rows.any()
    ]
    return word(
        "headline.evidence",
        reports=len(studies),
        conditioning=join(parts),
        counted=studies["study"].isin(counted["study"]).sum(),
    )


def _one_report(report, counted):
    outcomes = counted.loc[counted["study"] == report.study, "outcome"]
    endpoints = dict.fromkeys(outcome_words(each) for each in outcomes)
    none = word("figure.evidence.no_response")
    return word(
        "headline.evidence_one",
        study=report.label,
        n=report.n_treated,
        conditioning=conditioning_words(report.conditioning),
        endpoints=join(endpoints) if endpoints else none,
    )


def study_sentences(table: pd.DataFrame) -> list[str]:
    """Return one sentence a report: how many were treated with what, and what was counted when.

    Parameters
    ----------
    table : DataFrame
        One row a report and endpoint: columns ``label``, ``n_treated``, ``product``,
        ``conditioning``, ``outcome``, ``timing``, ``week``.
    """
    return [
        word(
            "sentence.study",
            study=label,
            n=rows["n_treated"].iloc[0],
            product=word_for("product", rows["product"].iloc[0]),
            conditioning=conditioning_words(rows["conditioning"].iloc[0]),
            endpoints=_endpoints_counted(rows),
        )
        for label, rows in table.groupby("label", sort=False)
    ]


def _endpoints_counted(rows):
    counted = [
        f"{outcome_words(row.outcome)} {window(row.timing, row.week, short=True)}"
        for row in rows.dropna(subset=["outcome"]).itertuples()
    ]
    none = word("figure.evidence.no_response")
    return join(counted) if counted else none


# In points: a letter and its pill, which is lower than a line of twenty reports.
SIZE, HEIGHT = 15, 13.6


def plot_evidence(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw which report treated how many with what, and when each endpoint was counted.

    Parameters
    ----------
    table : DataFrame
        One row a report and endpoint: columns ``label``, ``n_treated``, ``followup``,
        ``conditioning``, ``outcome``, ``week``, ``timing``, ``read_in``; ``outcome`` is
        missing for a report without a count of response.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        One line a report, in the order of the table. "After at least" and "median follow-up"
        so many weeks are no single week and stand apart.
    """
    check_rows(table)
    ax = ax or one_axes(word("figure.evidence.title"))
    reports = table.drop_duplicates("label").reset_index(drop=True)
    latest = _exact_weeks(table).max()
    edge = 13 * (1 if pd.isna(latest) else max(1, np.ceil(latest / 13)))
    _report_lines(ax, reports)
    for line, label in enumerate(reports["label"]):
        _endpoint_letters(ax, line, table[table["label"] == label], edge)
    _week_axis(ax, edge)
    legend_below(ax.figure, table, title=_letter_key(table))
    return ax


def _report_lines(ax, reports):
    for line, row in enumerate(reports.itertuples()):
        conditioning_beside(ax, line, row.conditioning, size=12)
        if pd.isna(row.outcome):
            words = word("figure.evidence.no_response")
            _on_paper(ax.text(1, line, words, va="center", color=theme_colour("quiet")))
        if not pd.isna(row.followup):
            words_right(ax, line, word_for("followup", row.followup))
    words_right(ax, -1, word("figure.evidence.followup"), weight="bold")
    names = [f"{row.label}  (n = {row.n_treated})" for row in reports.itertuples()]
    name_lines(ax, names, pad=42)


def _on_paper(text):
    """Keep the grid from running through a text inside the axes."""
    text.set(fontsize=18, bbox={"fc": theme_colour("paper"), "ec": "none", "pad": 1})


def _endpoint_letters(ax, line, rows, edge):
    """The endpoints one report counted, those of one week joined: a place is a date."""
    counted = rows.dropna(subset=["outcome"])
    at = _exact_weeks(counted).fillna(edge + 6 + (NO_WEEK - 6) / 2)
    for week in at.unique():
        _pill(ax, line, week, counted[at == week])


def _exact_weeks(table):
    """The weeks at which, or by which, an outcome was read; others are no one week."""
    return table["week"].astype(float).where(table["timing"].isin(["at", "by"]))


def _pill(ax, line, week, rows):
    """The letters of one week: filled if all were read in the source, hollow if not."""
    colour = conditioning_mark(rows["conditioning"].iloc[0]).colour
    paper = theme_colour("paper")
    second_hand = rows["read_in"].eq("secondary").any()
    letters = "".join(word_for("letter", outcome) for outcome in rows["outcome"])
    width = SIZE * (0.4 + 0.88 * len(letters))
    in_points = ax.figure.dpi_scale_trans
    pill = FancyBboxPatch(
        (-width / 2 / 72, -HEIGHT / 2 / 72),
        width / 72,
        HEIGHT / 72,
        boxstyle=f"round,pad=0,rounding_size={HEIGHT / 2 / 72}",
        transform=in_points + ScaledTranslation(week, line, ax.transData),
        fc=paper if second_hand else colour,
        ec=colour,
        lw=1.8,
        clip_on=False,
        zorder=3,
    )
    ax.add_artist(pill)
    ax.annotate(
        letters,
        (week, line),
        xytext=(0, -0.365 * SIZE),  # half the height of a capital
        textcoords="offset points",
        ha="center",
        va="baseline",
        weight="bold",
        fontsize=SIZE,
        color=colour if second_hand else paper,
        annotation_clip=False,
    )


def _week_axis(ax, edge):
    ax.set_xlim(0, edge + NO_WEEK)
    ax.set_xticks(np.arange(0, edge + 1, 13))
    ax.axvspan(edge + 6, edge + NO_WEEK, color=theme_colour("line"), alpha=0.35, lw=0)
    unstated = word("figure.evidence.no_week")
    ax.text(edge + NO_WEEK - 3, -1, unstated, ha="right", va="center", fontsize=18)
    ax.set_xlabel(word("figure.evidence.x"))


def _letter_key(table) -> str:
    """What each letter stands for, four a line; two endpoints of one letter are named once."""
    names = {}
    for outcome in [code.partition(".")[2] for code in codes("letter")]:
        if table["outcome"].eq(outcome).any():
            names.setdefault(word(f"letter.{outcome}"), outcome_words(outcome))
    entries = [f"{letter}  {name}" for letter, name in names.items()]
    return "\n".join(
        "     ".join(entries[start : start + 4]) for start in range(0, len(entries), 4)
    )
