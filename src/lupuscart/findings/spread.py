"""How far the rates of the pooled cohorts differ, and how little of it can be known.

Vocabulary: the *spread* is the standard deviation tau of the cohorts' true log odds; tau2 its
square. A *prediction* of a cohort is what the other cohorts would have made of it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from lupuscart.reporting.page import show
from lupuscart.stats.pooling import (
    NEW_COHORT_INTERVALS,
    Heterogeneity,
    heterogeneity,
    pool,
    predictive_check,
)
from lupuscart.stats.pooling.models import new_cohort_table
from lupuscart.words.labels import cohort_label, count_words, percent, percent_range
from lupuscart.words.lexicon import join, level_words, word

__all__ = ["Spread"]

# With more cohorts than these the normal quantile is near enough to that of t.
_FEW = 10

# The normal quantile of the middle 95 %.
_MIDDLE = 1.959963984540054


@dataclass(frozen=True)
class Spread:
    """The spread between the cohorts that are pooled.

    Parameters
    ----------
    kept : DataFrame
        Counts of one endpoint, labelled: ``events``, ``n``; of a single cohort nothing is said.
    confidence_level, tau_scale, mu_sd : float
        As for `lupuscart.stats.pooling.pool`.
    """

    kept: pd.DataFrame
    confidence_level: float = 0.95
    tau_scale: float = 0.5
    mu_sd: float = 2.5

    @property
    def _counts(self):
        return self.kept["events"], self.kept["n"]

    @property
    def _options(self):
        return {
            "confidence_level": self.confidence_level,
            "tau_scale": self.tau_scale,
            "mu_sd": self.mu_sd,
        }

    @cached_property
    def _found(self) -> Heterogeneity:
        return heterogeneity(*self._counts, confidence_level=self.confidence_level)

    @cached_property
    def _predictions(self) -> pd.DataFrame:
        found = predictive_check(*self._counts, **self._options)
        names = [cohort_label(row) for row in self.kept.itertuples()]
        return found.assign(label=names)

    @property
    def sentences(self) -> list[str]:
        """What the interval of the spread leaves open, and what z intervals make of it."""
        if len(self.kept) < 2:
            return [word("answer.pool_nothing")]
        return [*self._interval(), *self._warning()]

    def _interval(self):
        found, level = self._found, level_words(self.confidence_level)
        if np.isnan(found.tau2_low):
            return [word("spread.empty", level=level)]
        gaps = {"low": _two(found.tau2_low), "high": _two(found.tau2_high), "level": level}
        gaps |= {"tau2": _two(found.tau2), "cohorts": found.cohorts}
        unlimited = np.isinf(found.tau2_high)
        said = [word("spread.unlimited" if unlimited else "spread.interval", **gaps)]
        if found.tau2_low == 0:
            said.append(word("spread.equal"))
        if not unlimited:
            said.append(word("spread.rates", **self._at_the_upper_limit()))
        return [word("sentence_separator").join(said)]

    def _at_the_upper_limit(self):
        typical = pool(*self._counts, model="bayes", **self._options).typical_rate
        reach = _MIDDLE * np.sqrt(self._found.tau2_high)
        ends = expit(logit(typical) + np.array([-reach, reach]))
        middle = level_words(0.95)
        return {"typical": percent(typical), "range": percent_range(*ends), "middle": middle}

    def _warning(self):
        if len(self.kept) > _FEW:
            return []
        return [word("spread.z", cohorts=len(self.kept))]

    @property
    def table(self) -> pd.DataFrame:
        """Q, tau2 and I2 with their intervals, as a table to read."""
        columns = ["measure", "estimate", "limits"]
        if len(self.kept) < 2:
            return show(pd.DataFrame(columns=columns), "spread")
        found = self._found
        p_value = word("spread.p", q=_two(found.q), p=f"{found.p_value:.2f}")
        missing = np.isnan(found.i2_low)
        share = "–" if missing else percent_range(found.i2_low, found.i2_high)
        by_likelihood = found.glmm_tau2, found.glmm_tau2_low, found.glmm_tau2_high
        rows = [
            ("q", p_value, "–"),
            ("tau2_reml", _two(found.tau2), _limits(found.tau2_low, found.tau2_high)),
            ("tau2_glmm", _two(by_likelihood[0]), _limits(*by_likelihood[1:])),
            ("i2", percent(found.i2), share),
        ]
        rows = [(word(f"spread.{name}"), *rest) for name, *rest in rows]
        return show(pd.DataFrame(rows, columns=columns), "spread")

    @property
    def new_cohorts(self) -> pd.DataFrame:
        """The interval for a new cohort by model and degrees of freedom, as a table to read."""
        columns = ["model", "quantile", "new_limits", "missing_because"]
        if len(self.kept) < 2:
            return show(pd.DataFrame(columns=columns), "new_cohorts")
        found = new_cohort_table(*self._counts, **self._options)
        rows = [
            (
                row.model,
                _quantile(row.new_cohort, len(self.kept)),
                "–" if pd.isna(row.new_low) else percent_range(row.new_low, row.new_high),
                _why_missing(row),
            )
            for row in found.itertuples()
        ]
        return show(pd.DataFrame(rows, columns=columns), "new_cohorts")

    @property
    def predicted(self) -> pd.DataFrame:
        """Each cohort beside what the others predict, as a table to read."""
        columns = ["label", "counted", "predicted", "p_value"]
        if len(self.kept) < 2:
            return show(pd.DataFrame(columns=columns), "predicted")
        rows = self._predictions
        rows = rows.assign(
            counted=count_words(rows.rename(columns={"k": "events"})),
            predicted=[_count_range(row) for row in rows.itertuples()],
            p_value=[f"{p:.2f}" if p >= 0.01 else "<0.01" for p in rows["p_value"]],
        )
        return show(rows[columns], "predicted")

    @property
    def prediction(self) -> str:
        """Whether the others predict each cohort, and how wide a prediction is."""
        if len(self.kept) < 2:
            return word("answer.pool_nothing")
        rows, level = self._predictions, level_words(self.confidence_level)
        outside = rows[~rows["expected"]]
        gaps = {"cohorts": len(rows), "level": level, "studies": join(outside["label"])}
        if len(outside):
            return word("spread.unexpected", **gaps)
        said = word("spread.expected", **gaps)
        width = (rows["high"] - rows["low"]) / rows["n"]
        widest = rows.loc[width.idxmax()]
        gaps = {"study": widest["label"], "range": _count_range(widest)}
        return word("sentence_separator").join([said, word("spread.widest", **gaps)])


def _two(number) -> str:
    """A number with two digits behind the point, and what is none in words."""
    if pd.isna(number):
        return "–"
    return word("spread.infinite") if np.isinf(number) else f"{number:.2f}"


def _limits(low, high) -> str:
    return "–" if pd.isna(low) else word("head.limits", low=_two(low), high=_two(high))


def _quantile(new_cohort, cohorts) -> str:
    if new_cohort == "predictive":
        return word("spread.predictive")
    fewer = NEW_COHORT_INTERVALS[new_cohort]
    if fewer is None:
        return word("spread.normal")
    return word("spread.df", df=cohorts - fewer, fewer=word(f"spread.fewer.{new_cohort}"))


def _why_missing(row) -> str:
    if row.refusal in ("", "all_agree") and pd.isna(row.new_low):
        return word("spread.no_df")
    return word(f"refusal.{row.refusal}") if pd.isna(row.new_low) else "–"


def _count_range(row) -> str:
    return word("spread.counts", low=row.low, high=row.high, n=row.n)
