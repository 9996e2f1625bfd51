"""What happens if the cohorts are added up.

Vocabulary: the *typical* rate is that of a cohort in the middle of all cohorts, the *mean* rate
that of all cohorts' rates together; models estimate one or the other, and the text says which.
The *new cohort* is the next one, whose true rate a reader wants to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lupuscart.evidence.endpoints import response_endpoints
from lupuscart.evidence.poolable import Poolable, poolable
from lupuscart.figures.panels import check_rows, legend_below, wrapped
from lupuscart.figures.rates import (
    by_conditioning,
    draw_rates,
    limit_numbers,
    percent_numbers,
    rate_names,
)
from lupuscart.figures.rows import FEWEST, columns_beside, lines_that_fit, name_lines
from lupuscart.figures.style import new_figure, theme_colour
from lupuscart.findings.response import response_sentences
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.page import labelled, show
from lupuscart.stats.pooling import pool
from lupuscart.stats.pooling.models import pooling_table
from lupuscart.stats.proportion import response_proportions
from lupuscart.words.labels import (
    cohort_label,
    count_words,
    hundredths,
    label_studies,
    outcome_words,
    percent,
    percent_range,
    spread_taken,
)
from lupuscart.words.lexicon import join, level_words, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "COHORTS_DRAWN",
    "joint_count_sentences",
    "left_out",
    "models_table",
    "other_endpoints",
    "plot_pooling",
    "pool_models",
    "pooled_rates",
    "pooling_headline",
    "pooling_sentences",
    "prior_sentence",
    "review_sums",
    "sensitivity",
]

#: Cohorts that the figure has room for; of more, the largest are drawn and the others counted.
COHORTS_DRAWN = 10

# Counts that stand for another endpoint in a sensitivity analysis: who is in DORIS remission is
# all but always in LLDAS, so patients in both are those in DORIS remission.
_JOINT = {"doris": "lldas_and_doris"}

# Reports that state when the endpoint was met.
_STATED = ("at", "by")

# A scale of a prior and twice it; the largest that the model takes.
_LARGEST = {"tau_scale": 5.0, "mu_sd": 20.0}

# Lines that a name of two takes, where there is room for it, and Latin letters of each.
_TWO_LINES, _NAME = 2.1, 24

# The plain sum, and the transformation that is not advised.
_NO_MODEL = ("naive", "freeman-tukey")

# Of so many cohorts each is left out in turn.
_LEFT_OUT_IN_TURN = 12


def pool_models(
    k, n, *, confidence_level: float = 0.95, tau_scale: float = 0.5, mu_sd: float = 2.5
) -> pd.DataFrame:
    """Return every way of pooling, with the priors of the Bayes rows and which rows are drawn.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort, at least two.
    confidence_level : float
        Of all intervals.
    tau_scale, mu_sd : float
        Scales of the priors of spread and mean; each is shown beside twice it.

    Returns
    -------
    DataFrame
        `lupuscart.stats.pooling.models.pooling_table` with ``estimand`` and ``drawn``: four rows,
        the two likelihood models with t quantiles and Bayes with two scales of the spread.

    Examples
    --------
    >>> table = pool_models([8, 5, 9, 2], [8, 10, 10, 3])
    >>> table.loc[table["drawn"], ["model", "estimand", "tau_scale"]].to_dict("list")["model"]
    ['glmm', 'beta-binomial', 'bayes', 'bayes']
    """
    scales = _and_twice("tau_scale", tau_scale)
    means = _and_twice("mu_sd", mu_sd)
    options = {"tau_scales": scales, "mu_sds": means, "confidence_level": confidence_level}
    table = pooling_table(k, n, **options)
    mean = table["model"].isin(["beta-binomial", "naive"])
    table["estimand"] = np.where(mean, "mean_rate", "typical_rate")
    likelihood = table["model"].isin(["glmm", "beta-binomial"]) & table["interval"].eq("t")
    table["drawn"] = likelihood | table["mu_sd"].eq(mu_sd)
    return table


def _and_twice(name, scale) -> list[float]:
    return sorted({scale, max(scale, min(2 * scale, _LARGEST[name]))})


def pooled_rates(
    kept: pd.DataFrame,
    *,
    outcome: str,
    confidence_level: float,
    tau_scale: float = 0.5,
    mu_sd: float = 2.5,
) -> Finding:
    """Return the figure of the cohorts and of four ways of adding them up.

    Parameters
    ----------
    kept : DataFrame
        Counts of one endpoint with the facts of their studies, labelled; of a single cohort
        there is nothing to add up, and the figure says so.
    outcome : str
        The endpoint's code.
    confidence_level, tau_scale, mu_sd
        As for `pool_models`.

    Raises
    ------
    ValueError
        If no cohort is left.
    """
    if kept.empty:
        raise ValueError(
            f"no count of {outcome!r} lies in the window; allowed: another outcome or week, or a "
            "larger window"
        )
    level = {"confidence_level": confidence_level}
    cohorts = response_proportions(kept, **level)
    priors = {"tau_scale": tau_scale, "mu_sd": mu_sd}
    several = len(cohorts) > 1
    pooled = pool_models(kept["events"], kept["n"], **level, **priors) if several else None
    endpoint = outcome_words(outcome)
    said = {"outcome": endpoint, **level}
    told = [] if pooled is None else pooling_sentences(pooled[pooled["drawn"]])
    return Finding(
        "pooling",
        _plotted(cohorts, pooled),
        pooling_headline(cohorts, pooled, **said),
        response_sentences(cohorts, method="clopper-pearson", **level) + told,
        draw=partial(plot_pooling, cohorts, pooled, confidence_level=confidence_level),
        rows=[kept],
        table=_alone(cohorts) if pooled is None else models_table(pooled),
        gaps={"outcome": endpoint},
        answer=_answer(cohorts, pooled, **said),
        supports=_supports(cohorts, pooled, **said),
        does_not_support=_does_not_support(cohorts, pooled, endpoint, {**level, **priors}),
    )


def _plotted(cohorts, pooled) -> pd.DataFrame:
    """What is drawn, row by row: the cohorts, then the ways of pooling."""
    facts = ["study", "cohort", "label", "short_window", "events", "n", "low", "high"]
    shown = cohorts[facts].assign(estimate=cohorts["rate"])
    if pooled is None:
        return shown
    numbers = ["model", "interval", "estimand", "estimate", "low", "high", "new_low", "new_high"]
    return pd.concat([shown, pooled.loc[pooled["drawn"], [*numbers, "refusal"]]])


def _alone(cohorts) -> pd.DataFrame:
    """The table of a single cohort."""
    limits = [percent_range(row.low, row.high) for row in cohorts.itertuples()]
    return cohorts[["label", "window"]].assign(counted=count_words(cohorts), limits=limits)


def _bayes(pooled) -> pd.DataFrame:
    """The Bayes rows that are drawn: the chosen prior of the mean, both of the spread."""
    return pooled[pooled["drawn"] & pooled["model"].eq("bayes")]


def pooling_headline(
    cohorts: pd.DataFrame, pooled: pd.DataFrame | None, *, outcome: str, confidence_level: float
) -> str:
    """Say where the rate of a new cohort may lie, under each prior of the Bayes model.

    Parameters
    ----------
    cohorts : DataFrame
        One row a cohort: ``label``, ``cohort``, ``events``, ``n``, ``low``, ``high``.
    pooled : DataFrame or None
        From `pool_models`; None for a single cohort.
    outcome : str
        The endpoint in words.
    confidence_level : float
        Of the intervals.

    Examples
    --------
    >>> cohorts = pd.DataFrame({"label": ["A 2025", "B 2025"]})
    >>> pooled = pd.DataFrame({"model": "bayes", "drawn": True,
    ...                        "new_low": [0.41, 0.2], "new_high": [0.96, 0.99]})
    >>> pooling_headline(cohorts, pooled, outcome="DORIS", confidence_level=0.95)
    'DORIS in a new cohort: 41–96 % or 20–99 %, by prior (2 cohorts; Bayes, 95 %)'
    """
    check_rows(cohorts)
    level = level_words(confidence_level)
    if pooled is None:
        row = next(cohorts.itertuples())
        gaps = {"outcome": outcome, "k": row.events, "n": row.n, "study": cohort_label(row)}
        gaps["range"] = percent_range(row.low, row.high)
        return first_that_fits(
            word("headline.pool_one", **gaps), word("headline.pool_one_short", **gaps)
        )
    rows = _bayes(pooled)
    ranges = list(
        dict.fromkeys(percent_range(row.new_low, row.new_high) for row in rows.itertuples())
    )
    code = "headline.pool_alike" if len(ranges) == 1 else "headline.pool"
    gaps = {"cohorts": len(cohorts), "level": level}
    gaps["ranges"] = word("headline.by_prior").join(ranges)
    named = [word(f"{each}", outcome=outcome, **gaps) for each in (code, f"{code}_short")]
    return first_that_fits(*named)


def _answer(cohorts, pooled, *, outcome, confidence_level) -> list[str]:
    if pooled is None:
        row = next(cohorts.itertuples())
        gaps = {"study": cohort_label(row), "outcome": outcome, "k": row.events, "n": row.n}
        gaps |= {"range": percent_range(row.low, row.high), "level": level_words(confidence_level)}
        return [word("answer.pool_one", **gaps)]
    return [
        _how_many(cohorts, outcome),
        *_estimates(pooled),
        word(
            "answer.pool_new",
            low=hundredths(_bayes(pooled)["new_low"].min()),
            high=percent(_bayes(pooled)["new_high"].max()),
            level=level_words(confidence_level),
        ),
    ]


def _how_many(cohorts, outcome):
    rates = cohorts["rate"]
    alike = rates.min() == rates.max()
    gaps = {"outcome": outcome, "cohorts": len(cohorts)}
    gaps |= {"k": int(cohorts["events"].sum()), "n": int(cohorts["n"].sum())}
    gaps |= {"low": hundredths(rates.min()), "high": percent(rates.max())}
    second_hand = int(cohorts["read_in"].eq("secondary").sum())
    said = [word("answer.pool_alike" if alike else "answer.pool", **gaps)]
    if second_hand:
        said.append(word("answer.pool_second_hand", second_hand=second_hand, cohorts=len(cohorts)))
    return word("sentence_separator").join(said)


def _estimates(pooled) -> list[str]:
    """What the models say of the rate, the two quantities apart; drawn or not."""
    rows = pooled[~pooled["model"].isin(_NO_MODEL) & pooled["refusal"].eq("")]
    said = []
    for estimand, of_it in rows.groupby("estimand", sort=False):
        low, high = percent(of_it["estimate"].min()), percent(of_it["estimate"].max())
        between = percent_range(of_it["estimate"].min(), of_it["estimate"].max())
        said.append(
            word(
                "answer.pool_estimate",
                what=word(f"pool_estimand.{estimand}"),
                rate=low if low == high else between,
            )
        )
    return [word("answer.pool_estimates", estimates=join(said))]


def _supports(cohorts, pooled, *, outcome, confidence_level) -> list[str]:
    gaps = {"k": int(cohorts["events"].sum()), "n": int(cohorts["n"].sum())}
    said = [word("supports.pool_count", outcome=outcome, cohorts=len(cohorts), **gaps)]
    if pooled is not None:
        row = _widest(_bayes(pooled))
        new = percent_range(row.new_low, row.new_high)
        gaps = {"model": _model_name(row), "range": new, "level": level_words(confidence_level)}
        said.append(word("supports.pool_new", **gaps))
    return said


def _widest(rows):
    """The row with the widest interval for a new cohort."""
    return rows.loc[(rows["new_high"] - rows["new_low"]).idxmax()]


def _does_not_support(cohorts, pooled, outcome, options) -> list[str]:
    if pooled is None:
        return [word("not.pool_one"), word("not.pool_cells")]
    rates = cohorts["rate"]
    spread = {"low": hundredths(rates.min()), "high": percent(rates.max())}
    differ = {"products": cohorts["product"].nunique(), "windows": cohorts["window"].nunique()}
    code = "not.pool_rate_alike" if rates.min() == rates.max() else "not.pool_rate"
    return [
        word(code, outcome=outcome, **spread, **differ),
        *_unstable(cohorts, options),
        *_too_narrow(pooled),
        *_model_decides(pooled),
        word("not.pool_cells"),
    ]


def _unstable(cohorts, options) -> list[str]:
    """The cohort without which the estimate moves most, if it moves as printed."""
    moved = _without_each(cohorts, options)
    if moved.empty:
        return []
    whole = pool(cohorts["events"], cohorts["n"], model="bayes", **options).estimate
    most = moved.loc[(moved["estimate"] - whole).abs().idxmax()]
    if percent(most.estimate) == percent(whole):
        return []
    gaps = {"study": most.label, "without": percent(most.estimate), "rate": percent(whole)}
    return [word("not.pool_stable", **gaps)]


def _too_narrow(pooled) -> list[str]:
    """The plain sum, where it is narrower than every model that is drawn."""
    sums = pooled[pooled["model"].eq("naive")].iloc[0]
    rows = pooled[pooled["drawn"] & pooled["refusal"].eq("")]
    if (rows["high"] - rows["low"]).min() <= sums.high - sums.low:
        return []
    return [word("not.pool_sum", range=percent_range(sums.low, sums.high))]


def _model_decides(pooled) -> list[str]:
    """The likelihood model that says least of a new cohort, where it says less than Bayes."""
    likelihood = pooled[pooled["drawn"] & pooled["model"].ne("bayes") & pooled["new_low"].notna()]
    if likelihood.empty:
        return []
    row, bayes = _widest(likelihood), _widest(_bayes(pooled))
    if row.new_high - row.new_low <= bayes.new_high - bayes.new_low:
        return []
    gaps = {"model": _model_name(row), "range": percent_range(row.new_low, row.new_high)}
    return [word("not.pool_model", **gaps)]


def _without_each(cohorts, options) -> pd.DataFrame:
    """The Bayes pool of the others, one row a cohort left out; none of too few or too many."""
    if not 2 < len(cohorts) <= _LEFT_OUT_IN_TURN:
        return pd.DataFrame(columns=["label", "estimate"])
    rows = []
    for place, row in enumerate(cohorts.itertuples()):
        others = cohorts.drop(cohorts.index[place])
        found = pool(others["events"], others["n"], model="bayes", **options)
        rows.append({"label": cohort_label(row), "others": others, **vars(found)})
    return pd.DataFrame(rows)


def pooling_sentences(table: pd.DataFrame) -> list[str]:
    """Return one sentence a way of pooling: what it estimates, or why it has no estimate.

    Parameters
    ----------
    table : DataFrame
        Rows of `pool_models`.
    """
    table = table.assign(spread_taken=spread_taken)
    return [_pooling_sentence(row) for row in table.itertuples()]


def _pooling_sentence(row):
    gaps = {"model": _model_name(row)}
    if pd.isna(row.estimate):
        return word("sentence.not_pooled", reason=word(f"refusal.{row.refusal}"), **gaps)
    gaps |= {"what": word(f"pool_estimand.{row.estimand}"), "rate": percent(row.estimate)}
    if pd.isna(row.low):
        return word("sentence.pool_no_interval", reason=word(f"refusal.{row.refusal}"), **gaps)
    gaps["range"] = percent_range(row.low, row.high)
    if pd.isna(row.new_low):
        return word("sentence.pool_no_new", **gaps)
    assumes = word(f"sentence.spread.{row.spread_taken}") if row.spread_taken else ""
    new = percent_range(row.new_low, row.new_high)
    return word("sentence.pool", new=new, assumes=assumes, **gaps)


def _model_name(row) -> str:
    """The model, and for Bayes its prior of the spread."""
    if row.model != "bayes":
        return word(f"model.{row.model}")
    return word("pool.bayes", scale=f"{row.tau_scale:g}")


def models_table(pooled: pd.DataFrame) -> pd.DataFrame:
    """Return every way of pooling as a table to read: percentages, and what has no number.

    Parameters
    ----------
    pooled : DataFrame
        From `pool_models`.

    Returns
    -------
    DataFrame
        Texts in columns of codes: ``model``, ``pool_interval``, ``typical_rate``,
        ``mean_rate``, ``pool_estimand`` (which of the two the interval belongs to), ``limits``,
        ``new_limits``, ``tau2``, ``spread_taken``, ``missing_because``.
    """
    rows = pooled.assign(spread_taken=spread_taken)
    return pd.DataFrame(
        [
            {
                "model": row.model,
                "pool_interval": _interval_name(row),
                "typical_rate": _or_dash(row.typical_rate),
                "mean_rate": _or_dash(row.mean_rate),
                "pool_estimand": row.estimand if row.refusal in ("", "all_agree") else "–",
                "limits": _range_or_not(row.low, row.high, row.refusal),
                "new_limits": _range_or_not(row.new_low, row.new_high, row.refusal),
                "tau2": "–" if pd.isna(row.tau2) else f"{row.tau2:.2f}",
                "spread_taken": row.spread_taken or "–",
                "missing_because": word(f"refusal.{row.refusal}") if row.refusal else "–",
            }
            for row in rows.itertuples()
        ]
    )


def _interval_name(row) -> str:
    if row.model != "bayes":
        return word_for("pool_interval", row.interval)
    return word("pool.priors", scale=f"{row.tau_scale:g}", mean=f"{row.mu_sd:g}")


def _or_dash(rate) -> str:
    return "–" if pd.isna(rate) else percent(rate)


def _range_or_not(low, high, refusal) -> str:
    if not pd.isna(low):
        return percent_range(low, high)
    return word("pool.no_interval") if refusal == "all_agree" else "–"


def prior_sentence(k, n, **options) -> str:
    """Say what the prior of the mean is, and what twice its scale changes.

    Parameters
    ----------
    k, n, **options
        As for `pool_models`.

    Examples
    --------
    >>> print(prior_sentence([5, 10], [5, 10]))  # doctest: +NORMALIZE_WHITESPACE
    The prior of the mean is normal on the logit scale. The interval of the rate is 82–99.9 % with
    a standard deviation of 2.5, and 89–>99.9 % with 5; that of a new cohort is 78–99.9 % and
    88–>99.9 %.
    """
    if len(k) < 2:
        return word("answer.pool_nothing")
    table = pool_models(k, n, **options)
    rows = table[table["tau_scale"].eq(table["tau_scale"].min())]
    one, other = rows.iloc[0], rows.iloc[-1]
    return word(
        "sentence.pool_prior",
        one=f"{one.mu_sd:g}",
        other=f"{other.mu_sd:g}",
        rates=percent_range(one.low, one.high),
        other_rates=percent_range(other.low, other.high),
        new=percent_range(one.new_low, one.new_high),
        other_new=percent_range(other.new_low, other.new_high),
    )


def left_out(chosen: Poolable, studies: pd.DataFrame) -> pd.DataFrame:
    """Return the reports of the endpoint that are not pooled, each with the reason.

    Parameters
    ----------
    chosen : Poolable
        From `lupuscart.evidence.poolable.poolable`.
    studies : DataFrame
        The table of studies.
    """
    columns = ["label", "window", "events", "n", "reason", "in_favour_of", "note"]
    if chosen.left_out.empty:
        return show(pd.DataFrame(columns=columns), "pool_left_out")
    rows = labelled(chosen.left_out, studies)
    names = dict(zip(studies["study"], label_studies(studies)["label"], strict=True))
    rows["in_favour_of"] = rows["in_favour_of"].map(names).fillna("–")
    return show(rows[columns], "pool_left_out")


def with_joint_counts(outcomes: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return outcomes with counts of two endpoints together as counts of one of them.

    Parameters
    ----------
    outcomes : DataFrame
        The table of trials.
    outcome : str
        The endpoint; only for ``doris`` there are such counts.

    Examples
    --------
    >>> rows = pd.DataFrame({"outcome": ["lldas_and_doris", "lldas"]})
    >>> with_joint_counts(rows, "doris")["outcome"].tolist()
    ['doris', 'lldas']
    """
    joint = outcomes["outcome"].eq(_JOINT.get(outcome, ""))
    return outcomes.assign(outcome=outcomes["outcome"].mask(joint, outcome), joint=joint)


def joint_count_sentences(
    outcomes: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    outcome: str,
    week: float,
    window: int,
    **options,
) -> list[str]:
    """Say why counts of two endpoints together enter a sensitivity analysis, and what they change.

    Parameters
    ----------
    outcomes, studies : DataFrame
        The tables of trials and of studies.
    outcome, week, window
        As for `lupuscart.evidence.poolable.poolable`.
    **options
        As for `pool_models`.

    Returns
    -------
    list of str
        One sentence a count, then what all change; empty where there is none.
    """
    limits = {"outcome": outcome, "week": week, "window": window, "timings": list(_STATED)}
    kept = poolable(with_joint_counts(outcomes, outcome), studies, **limits).kept
    joint = kept[kept["joint"]]
    if joint.empty:
        return []
    rows = labelled(joint, studies)
    together, alone = outcome_words(_JOINT[outcome]), outcome_words(outcome)
    said = [
        word(
            "sentence.pool_joint",
            study=cohort_label(row),
            window=row.window,
            k=row.events,
            n=row.n,
            together=together,
            outcome=alone,
        )
        for row in rows.itertuples()
    ]
    before = poolable(outcomes, studies, **limits).kept
    return [*said, *_change(before, kept, options)]


def _change(before, after, options) -> list[str]:
    if len(before) < 2 or len(after) < 2:
        return []
    one, other = (
        pool(rows["events"], rows["n"], model="bayes", **options) for rows in (before, after)
    )
    return [
        word(
            "sentence.pool_changes",
            rate=percent(one.estimate),
            other=percent(other.estimate),
            new=percent_range(one.new_low, one.new_high),
            other_new=percent_range(other.new_low, other.new_high),
        )
    ]


def sensitivity(
    outcomes: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    outcome: str,
    week: float,
    window: int,
    **options,
) -> pd.DataFrame:
    """Return the Bayes pool for other choices of cohorts, as a table to read.

    Parameters
    ----------
    outcomes, studies, outcome, week, window, **options
        As for `joint_count_sentences`.

    Returns
    -------
    DataFrame
        One row a choice: as chosen, with counts of two endpoints together, at any week and in
        any window, then without each cohort in turn.
    """
    limits = {"outcome": outcome, "week": week}
    strict = {**limits, "window": window, "timings": list(_STATED)}
    joint = with_joint_counts(outcomes, outcome)
    chosen = poolable(outcomes, studies, **strict).kept
    choices = {word("pool.chosen"): chosen}
    if poolable(joint, studies, **strict).kept["joint"].any():
        named = word("pool.joint", together=outcome_words(_JOINT[outcome]))
        choices[named] = poolable(joint, studies, **strict).kept
    choices[word("pool.any_window")] = poolable(outcomes, studies, **limits).kept
    for row in _without_each(labelled(chosen, studies), options).itertuples():
        choices[word("pool.without", study=row.label)] = row.others
    rows = [{"pool_choice": name} | _one_pool(kept, options) for name, kept in choices.items()]
    return show(pd.DataFrame(rows), "pool_sensitivity")


def _one_pool(kept, options) -> dict[str, str]:
    """The Bayes pool of some cohorts, in words."""
    cohorts = {"cohorts": str(len(kept)), "counted": f"{kept['events'].sum()}/{kept['n'].sum()}"}
    if len(kept) < 2:
        return {**cohorts, "typical_rate": "–", "limits": "–", "new_limits": "–"}
    found = pool(kept["events"], kept["n"], model="bayes", **options)
    return {
        **cohorts,
        "typical_rate": percent(found.estimate),
        "limits": percent_range(found.low, found.high),
        "new_limits": percent_range(found.new_low, found.new_high),
    }


def other_endpoints(
    outcomes: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    outcome: str,
    week: float,
    window: int,
    **options,
) -> pd.DataFrame:
    """Return the cohorts of every other response endpoint, and their Bayes pool.

    Parameters
    ----------
    outcomes, studies, week, window, **options
        As for `joint_count_sentences`.
    outcome : str
        The endpoint to leave out.
    """
    rows = []
    there = set(outcomes["outcome"])
    for other in (each for each in response_endpoints() if each in there and each != outcome):
        limits = {"outcome": other, "week": week, "window": window, "timings": list(_STATED)}
        kept = poolable(outcomes, studies, **limits).kept
        if len(kept):
            named = _cohorts_named(labelled(kept, studies))
            rows.append({"outcome": other, "label": named} | _one_pool(kept, options))
    columns = ["outcome", "label", "cohorts", "counted", "typical_rate", "limits", "new_limits"]
    return show(pd.DataFrame(rows, columns=columns), "pool_endpoints")


def _cohorts_named(rows) -> str:
    comma = word("clause_separator")
    return word("pair_separator").join(
        comma.join([f"{cohort_label(row)} {row.events}/{row.n}", row.short_window])
        for row in rows.itertuples()
    )


def review_sums(reviews: pd.DataFrame, *, confidence_level: float) -> pd.DataFrame:
    """Return what reviews print for response endpoints, with the interval of a single cohort.

    Parameters
    ----------
    reviews : DataFrame
        The table of reviews.
    confidence_level : float
        Of the interval that the sum would have if it were one cohort.
    """
    wanted = [*response_endpoints(), "clinical_response"]
    rows = reviews[reviews["outcome"].isin(wanted)].assign(statistic="count")
    rows = response_proportions(rows, confidence_level=confidence_level)
    rows = rows.assign(
        counted=count_words(rows),
        not_counted=(rows["n_patients"] - rows["n"]).astype("Int64").astype(str),
        limits=[percent_range(row.low, row.high) for row in rows.itertuples()],
        rate=[percent(rate) for rate in rows["rate"]],
    )
    columns = ["review", "k_studies", "outcome", "counted", "not_counted", "rate", "limits"]
    return show(rows[columns], "review_sums")


def plot_pooling(
    cohorts: pd.DataFrame, pooled: pd.DataFrame | None, *, confidence_level: float = 0.95
) -> Axes:
    """Draw the cohorts of one endpoint above, and four ways of pooling them below.

    Parameters
    ----------
    cohorts : DataFrame
        Columns ``label``, ``cohort``, ``short_window`` (words), ``events``, ``n``,
        ``n_treated`` (of the report), ``rate``, ``low``, ``high`` (0 to 1),
        ``conditioning``, ``read_in``. The largest `COHORTS_DRAWN` are drawn.
    pooled : DataFrame or None
        From `pool_models`; its rows ``drawn``. A row without an estimate says so. None for
        a single cohort.
    confidence_level : float
        Of the intervals.

    Returns
    -------
    Axes
        The panel of the cohorts; ``ax.figure.axes`` holds both.
    """
    check_rows(cohorts)
    drawn = _largest(cohorts)
    rows = None if pooled is None else pooled[pooled["drawn"]]
    figure = new_figure()
    panels = _panels(figure, drawn, rows)
    names = [_on_one(pair) for pair in _named(drawn)]
    if _TWO_LINES * (len(drawn) + (0 if rows is None else len(rows))) <= lines_that_fit():
        names = [wrapped(name, width=_NAME) for name in names]
    lines, least = range(len(drawn)), FEWEST if rows is None else 0
    draw_rates(panels[0], drawn, names, lines=lines, total=max(len(drawn), least))
    heads = [
        word("head.count"),
        word("head.rate"),
        word("head.confidence", level=level_words(confidence_level)),
    ]
    columns = [count_words(drawn), percent_numbers(drawn), limit_numbers(drawn)]
    columns = [[texts] for texts in columns]
    if rows is not None:
        _draw_models(panels[1], rows)
        heads.append(word("head.new_cohort"))
        columns.append([[]])
        for column, texts in zip(columns, [[], _numbers(rows), *_limits(rows)], strict=True):
            column.append(texts)
    columns_beside(panels, columns, heads)
    panels[-1].set_xlabel(word("figure.pooling.x"))
    keys = [] if rows is None else _key()
    note = _note(len(cohorts) - len(drawn), rows)
    legend_below(figure, by_conditioning(drawn), title=note, more=keys)
    return panels[0]


def _largest(cohorts):
    rows = cohorts.sort_values("n", ascending=False, kind="stable").head(COHORTS_DRAWN)
    return rows.sort_index().reset_index(drop=True)


def _named(rows):
    return zip(rate_names(rows), rows["short_window"], strict=True)


def _on_one(pair) -> str:
    return word("clause_separator").join(pair)


def _panels(figure, cohorts, rows) -> list[Axes]:
    if rows is None:
        return [figure.subplots()]
    # The name of a model has two lines, that of a cohort among many one.
    many = _TWO_LINES * (len(cohorts) + len(rows)) > lines_that_fit()
    sizes = [len(cohorts), (1.8 if many else 1) * len(rows)]
    panels = list(figure.subplots(2, height_ratios=sizes))
    panels[0].tick_params(labelbottom=False)
    return panels


def _draw_models(ax, rows):
    ink, quiet = theme_colour("ink"), theme_colour("quiet")
    for line, row in enumerate(rows.itertuples()):
        if pd.isna(row.estimate):
            ax.text(1, line, word("figure.pooling.refused"), va="center", color=quiet)
            continue
        ax.plot([100 * row.new_low, 100 * row.new_high], [line, line], color=ink, lw=2.5)
        ax.plot([100 * row.low, 100 * row.high], [line, line], color=ink, lw=9)
        mark = {"color": ink, "mfc": theme_colour("paper"), "ms": 16, "clip_on": False}
        ax.plot(100 * row.estimate, line, "d", zorder=4, **mark)
    name_lines(ax, [_two_lines(row) for row in rows.itertuples()])
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))


def _two_lines(row) -> str:
    """The model, and below it which rate it estimates."""
    return f"{_model_name(row)}\n{word(f'pool_estimand.{row.estimand}')}"


def _numbers(rows) -> list[str]:
    return ["" if pd.isna(rate) else hundredths(rate) for rate in rows["estimate"]]


def _limits(rows) -> Sequence[list[str]]:
    """The intervals of the rate and of a new cohort, as numbers under their heads."""
    pairs = (("low", "high"), ("new_low", "new_high"))
    return [
        [
            "" if pd.isna(low) else word("head.limits", low=hundredths(low), high=hundredths(high))
            for low, high in zip(rows[first], rows[last], strict=True)
        ]
        for first, last in pairs
    ]


def _note(undrawn, rows) -> str:
    notes = [word("figure.pooling.undrawn", count=undrawn)] if undrawn else []
    refusals = [] if rows is None else [each for each in rows["refusal"].unique() if each]
    reasons = [word("figure.pooling.because", reason=word(f"refusal.{each}")) for each in refusals]
    return "\n".join([*notes, *reasons])


def _key():
    from matplotlib.lines import Line2D

    ink = theme_colour("ink")
    return [
        Line2D([], [], color=ink, lw=9, label=word("figure.pooling.rate")),
        Line2D([], [], color=ink, lw=2.5, label=word("figure.pooling.new")),
    ]
