"""Several cohorts, one endpoint: what each way of adding them up says, and for the next cohort.

Vocabulary: each *cohort* shows k responders of n. *Heterogeneity* means that the true rates
differ between cohorts; on the logit scale they have the mean mu and the variance tau2.
*Pooled* is the rate at mu. The *new-cohort* interval says where the true rate of the next
cohort lies; it is wider than the pooled interval by the heterogeneity, and it is the one
a reader who plans a trial needs.

``glmm``            binomial-normal mixed model, maximum likelihood: counts as counts, no 0.5
                    added; the default
``beta-binomial``   the same with rates of a beta distribution, maximum likelihood
``bayes``           the same as ``glmm`` with priors, so that two or three cohorts still give
                    an honest new-cohort interval
``logit``           log odds of each cohort, variances taken as known, tau2 by REML
``naive``           the cohorts summed as if they were one; exact interval of the sum
``freeman-tukey``   what many reviews print. **Not a choice**: its way back to a rate depends
                    on one mean cohort size, and may reverse an order (Schwarzer 2019)

The estimate of a model on the logit scale is the rate of a *typical* cohort, expit(mu): half of
all cohorts have a lower one. The *mean rate* is that of all cohorts' rates together, nearer to
one half the more they differ. ``beta-binomial`` estimates the mean rate. Both stand side by side.

All models but ``bayes`` estimate tau2 and then *take it as known* in the new-cohort interval,
whatever the number of cohorts; where the estimate is 0, and in ``naive`` always, that interval
*assumes equal rates*. A t quantile makes up for part of it. With two or three cohorts the
interval is the method: the models agree on the estimate and on little else.

Sources: Stijnen, Hamza & Ozdemir 2010, Stat Med 29:3046 (GLMM); Roever, Knapp & Friede 2015,
BMC Med Res Methodol 15:99 (truncated Hartung-Knapp); Higgins, Thompson & Spiegelhalter 2009,
J R Stat Soc A 172:137 (new cohort); Schwarzer et al. 2019, Res Synth Methods 10:476
(doi 10.1002/jrsm.1348, against Freeman-Tukey); Miller 1978, Am Stat 32:138 (its inverse).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import betaincinv, expit, logit, ndtri, polygamma, stdtrit

from lupuscart import arguments
from lupuscart.stats.pooling._likelihood import (
    GAMMA_GRID,
    TAU2_GRID,
    beta_binomial,
    binomial_normal,
    highest_peak,
    maximise,
    profile_limits,
    standard_error,
)
from lupuscart.stats.pooling._posterior import rate_posterior
from lupuscart.stats.proportion import proportion_ci

__all__ = [
    "INTERVALS",
    "MODELS",
    "NEW_COHORT_INTERVALS",
    "Pooled",
    "leave_one_out",
    "new_cohort_table",
    "pool",
    "pooling_table",
]

# The intervals each model has. `bayes` and `naive` have one of their own each, which the
# default "z" stands for.
INTERVALS = {
    "glmm": ("z", "t", "profile"),
    "logit": ("z", "hartung-knapp", "truncated-hartung-knapp"),
    "beta-binomial": ("z", "t", "profile"),
    "bayes": ("z",),
    "naive": ("z",),
    "freeman-tukey": ("z", "hartung-knapp", "truncated-hartung-knapp"),
}

MODELS = tuple(INTERVALS)

#: How many fewer than the cohorts are the degrees of freedom of a new-cohort interval; the
#: normal quantile has none.
NEW_COHORT_INTERVALS = {"z": None, "t": 1, "higgins": 2}

# Beyond this a half-normal prior allows rates to differ by more than data could ever show.
_LARGEST_TAU_SCALE = 5
# Below and above these, what is searched for falls between two floating-point numbers.
_SMALLEST_TAU_SCALE = 1e-6
_LARGEST_LEVEL = 1 - 1e-12
_MU_SDS = (0.1, 20)
_LARGEST_N = 10_000_000

_NORMAL_INTERVALS = ("z", "profile")

# A normal variable in steps fine enough for a mean of it to be exact to rounding.
_Z = np.arange(-512, 513) / 64
_Z_WEIGHT = np.exp(-(_Z**2) / 2) / np.exp(-(_Z**2) / 2).sum()


@dataclass(frozen=True)
class Pooled:
    """A pooled rate and what it means for a new cohort.

    Attributes
    ----------
    estimate, low, high : float
        Pooled rate and its interval, 0 to 1. The limits are NaN where there is no interval: the
        untruncated Hartung-Knapp of cohorts that all show the same rate.
    tau2 : float
        Heterogeneity. ``glmm``, ``logit``: variance between cohorts on the logit scale;
        ``bayes``: its posterior median; ``freeman-tukey``: variance on the scale of angles;
        ``beta-binomial``: the correlation rho of two patients of one cohort, which is the
        variance of the rates as a share of m (1 - m); ``naive``: not estimated, NaN.
    new_low, new_high : float
        Interval for the true rate of a new cohort; NaN where there is none.
    typical_rate, mean_rate : float
        The rate that half of all cohorts exceed, and the mean of all cohorts' rates; `estimate`
        is one of them.
    estimand : {"typical_rate", "mean_rate"}
        Which.
    model, interval : str
        As asked for; "credible" for ``bayes``, "clopper-pearson" for ``naive``.
    confidence_level : float
        Of both intervals.
    cohorts : int
        How many.
    df, new_df : float
        Degrees of freedom of the t quantile of either interval; NaN where none is used.
    takes_tau2_as_known : bool
        Whether the new-cohort interval rests on the estimate of tau2 as if it were its value.
    assumes_equal_rates : bool
        Whether that estimate is 0, or the model has none.
    all_agree : bool
        Whether all cohorts show the same rate, so that nothing of their spread is seen.
    """

    estimate: float
    low: float
    high: float
    tau2: float
    new_low: float
    new_high: float
    typical_rate: float
    mean_rate: float
    estimand: str
    model: str
    interval: str
    confidence_level: float
    cohorts: int
    df: float
    new_df: float
    takes_tau2_as_known: bool
    assumes_equal_rates: bool
    all_agree: bool


#: The fields that are numbers about the rates: NaN where a model has no estimate.
_NUMBERS = tuple(field.name for field in fields(Pooled))[:8]


def pool(
    k,
    n,
    *,
    model: str = "glmm",
    interval: str = "z",
    new_cohort: str = "higgins",
    confidence_level: float = 0.95,
    tau_scale: float = 0.5,
    mu_sd: float = 2.5,
) -> Pooled:
    """Pool the cohorts of one endpoint.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort each, at least two; n at most 10,000,000.
        Their order is irrelevant.
    model : str
        One of `MODELS`; the module's docstring says what each is.
    interval : str
        One of `INTERVALS` for the model. ``"z"``: standard error and normal quantile on the
        scale of the model; ``"t"``: the same with a t quantile; ``"profile"``:
        likelihood ratio, tau2 at its best for each mu; ``"hartung-knapp"``: the standard
        error scaled by the root of q, the weighted residual variance, and a t quantile;
        ``"truncated-hartung-knapp"``: by the root of max(1, q), so never narrower than the
        model allows. t has the number of cohorts minus one as its df. ``bayes``
        (equal-tailed) and ``naive`` (Clopper-Pearson) have one interval each and take no
        other.
    new_cohort : {"higgins", "t", "z"}
        Quantile of the new-cohort interval: t with the number of cohorts minus two as its df
        (Higgins, Thompson & Spiegelhalter), minus one (as metafor's ``predict``), or normal.
        ``higgins`` has none for two cohorts. ``bayes`` and ``naive`` do not read it.
    confidence_level : float
        Between 0 and 1; 0.95 for 95 %.
    tau_scale, mu_sd : float
        Of the priors, read by ``bayes`` alone: the scale of the half-normal prior of tau, at
        most 5, and the standard deviation of the normal prior of mu around a rate of one half,
        .1 to 20. Twice 2.5 reaches rates of .7 to 99.3 %. Where every cohort is full or empty the
        second decides the limits: show more than one.

    Returns
    -------
    Pooled

    Raises
    ------
    ValueError
        If an argument is not one of those allowed; if there is one cohort, which is no pool;
        if ``glmm`` or ``beta-binomial`` has no finite estimate, because k is 0 or n in every
        cohort.

    Notes
    -----
    Conventions.

    ``glmm``: logit of the rate ~ Normal(mu, tau2); maximum likelihood with both parameters
    free, the integral over the rate by adaptive quadrature; standard error from the observed
    information of both. The global maximum is searched for.

    ``beta-binomial``: maximum likelihood in the same way, with intervals on the logit of
    the mean.

    ``logit``: 0.5 is added to responders and non-responders of those cohorts alone that
    have 0 or n responders.

    New cohort: estimate +- quantile * sqrt(se**2 + tau2) on the scale of the model, with the
    quantile of `new_cohort` and the standard error of the interval asked for (that of z for
    ``"profile"``). The default falls short of its level least with three to five small
    cohorts, by simulation (``benchmarks/new_cohort_coverage.py``): at a tau of 1 the z interval
    of 95 % covers 73 to 75 %, t with k - 1 df 85 to 96 %, with k - 2 df 88 % or more, at the
    price of saying next to nothing with three cohorts. In ``beta-binomial`` the
    variance of the logit of a beta variable, trigamma(a) + trigamma(b), takes the place of
    tau2. ``naive`` knows no heterogeneity: its new-cohort interval is the interval itself.

    Hartung-Knapp, untruncated: where all cohorts show the same rate q is 0 and the formula has
    no width. That is no knowledge of the rate, so there is no interval.

    Mean rate: the mean of expit(x), x ~ Normal(mu, tau2), for ``glmm`` and ``logit``; for
    ``bayes`` its posterior mean; for ``freeman-tukey`` that of the inverse of a normal angle.

    ``bayes``: mu ~ Normal(0, `mu_sd`) on the logit scale, tau ~ half-normal(`tau_scale`);
    posterior median, equal-tailed interval, and the posterior predictive distribution of a
    new cohort's rate; computed on a grid, so without sampling noise.

    ``freeman-tukey``: (arcsin sqrt(k / (n + 1)) + arcsin sqrt((k + 1) / (n + 1))) / 2 with
    variance 1 / (4 n + 2), tau2 by REML; Miller's inverse at the harmonic mean of n.

    Examples
    --------
    >>> pooled = pool([11, 24, 17, 9, 23], [29, 33, 26, 17, 55])
    >>> round(pooled.estimate, 3), round(pooled.low, 3), round(pooled.high, 3)
    (0.539, 0.411, 0.662)
    >>> round(pooled.new_low, 3), round(pooled.new_high, 3), pooled.new_df
    (0.183, 0.86, 3.0)
    >>> round(pooled.typical_rate, 3), round(pooled.mean_rate, 3)
    (0.539, 0.537)
    >>> pool([5, 10], [5, 10])
    Traceback (most recent call last):
    ...
    ValueError: k equals n in every cohort; the mean of model 'glmm' is then infinite on the \
logit scale. What remains: models bayes, logit (adds 0.5), naive
    """
    arguments.check_choice("model", model, MODELS)
    _check_interval(model, interval)
    arguments.check_choice("new_cohort", new_cohort, NEW_COHORT_INTERVALS)
    level = check_level(confidence_level)
    tau_scale, mu_sd = check_priors(tau_scale, mu_sd)
    k, n = check_cohorts(k, n)
    if refusal := _why_not_estimable(k, n, model):
        raise ValueError(refusal)
    counts = tuple(k.tolist()), tuple(n.tolist())
    return _pooled(*counts, model, interval, new_cohort, level, tau_scale, mu_sd)


# The sentences of a page ask for the pools of its figure again, and each language for both.
@functools.lru_cache(maxsize=1024)
def _pooled(k, n, model, interval, new_cohort, level, tau_scale, mu_sd):
    k, n = np.array(k), np.array(n)
    if model == "bayes":
        return _bayes(k, n, level, tau_scale, mu_sd)
    if model == "naive":
        return _naive(k, n, level)
    return _plug_in(k, n, model, interval, new_cohort, level)


def leave_one_out(
    k, n, *, cohorts: Sequence | None = None, model: str = "glmm", **options
) -> pd.DataFrame:
    """Pool again and again, each time without one cohort.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort, at least three.
    cohorts : sequence, optional
        A name for each cohort; 0, 1, 2, ... if not given.
    model, **options
        As for `pool`.

    Returns
    -------
    pandas.DataFrame
        One row a cohort, in the order given: `left_out`, its `k` and `n`, the numbers of
        `Pooled` for the others, and `refusal`, as in `pooling_table`: where the others have no
        estimate under this model it says why and the numbers are NaN.

    Raises
    ------
    ValueError
        As `pool`; or if there are fewer than three cohorts, or not one name for each.

    Examples
    --------
    >>> table = leave_one_out([12, 5, 8], [15, 5, 10], model="naive", cohorts=["A", "B", "C"])
    >>> table[["left_out", "estimate", "low", "high"]].round(3)
      left_out  estimate    low   high
    0        A     0.867  0.595  0.983
    1        B     0.800  0.593  0.932
    2        C     0.850  0.621  0.968
    """
    k, n = check_columns(k, n)
    if k.size < 3:
        raise ValueError(
            f"k holds {k.size} cohorts; allowed: at least 3, since without one of them a pool must "
            "remain"
        )
    names = list(range(k.size)) if cohorts is None else list(cohorts)
    if len(names) != k.size:
        raise ValueError(f"cohorts has {len(names)} names; allowed: one for each of {k.size}")
    pool(k, n, model=model, **options)  # what cannot be pooled at all is refused here
    rows = []
    for i, name in enumerate(names):
        others = np.arange(k.size) != i
        pooled, refusal = _pool_or_refuse(k[others], n[others], model=model, **options)
        rows.append({"left_out": name, "k": k[i], "n": n[i], **pooled, "refusal": refusal})
    return pd.DataFrame(rows)


def pooling_table(
    k,
    n,
    *,
    confidence_level: float = 0.95,
    new_cohort: str = "higgins",
    tau_scales: Sequence[float] = (0.5, 1.0),
    mu_sds: Sequence[float] = (2.5,),
) -> pd.DataFrame:
    """Pool the same cohorts by every model and interval, side by side.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort, at least two.
    confidence_level, new_cohort
        As for `pool`.
    tau_scales, mu_sds : sequence of float
        Of the priors of the Bayes model, a row each pair: with few cohorts they decide much.

    Returns
    -------
    pandas.DataFrame
        One row a model and interval: `model`, `interval` (for Bayes its prior of the
        spread, and that of mu where several are given), the numbers and facts of `Pooled`, and
        `refusal`, which is empty unless something is missing: `all_responded`,
        `none_responded` or `all_or_none` in each cohort where the model has no estimate,
        `all_agree` where Hartung-Knapp has no interval; last `tau_scale` and `mu_sd`, the priors
        of a Bayes row, else missing. A profile row has no interval for a new cohort: none belongs
        to it, and the z row has one.

    Raises
    ------
    ValueError
        As `pool`, but for a model without an estimate.

    Examples
    --------
    >>> table = pooling_table([5, 10], [5, 10])
    >>> table.loc[table["refusal"] == "", "model"].unique().tolist()
    ['logit', 'bayes', 'naive', 'freeman-tukey']
    >>> table.loc[table["refusal"] == "all_agree", "interval"].unique().tolist()
    ['hartung-knapp']
    """
    k, n = check_cohorts(k, n)
    options = {"confidence_level": confidence_level, "new_cohort": new_cohort}
    rows = []
    for model, interval, own in _ways(tau_scales, mu_sds):
        pooled, refusal = _pool_or_refuse(k, n, model=model, **own, **options)
        priors = {name: own.get(name, np.nan) for name in ("tau_scale", "mu_sd")}
        rows.append(
            {"model": model, "interval": interval} | _without_names(pooled, refusal) | priors
        )
    table = pd.DataFrame(rows)
    profile = table["interval"] == "profile"
    table.loc[profile, ["new_low", "new_high"]] = np.nan
    table.loc[profile, ["takes_tau2_as_known", "assumes_equal_rates"]] = False
    return table


def new_cohort_table(
    k, n, *, confidence_level: float = 0.95, tau_scale: float = 0.5, mu_sd: float = 2.5
) -> pd.DataFrame:
    """Return the interval for a new cohort by every model and quantile, side by side.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort, at least two.
    confidence_level, tau_scale, mu_sd
        As for `pool`.

    Returns
    -------
    pandas.DataFrame
        One row a model and quantile: `model`, `new_cohort`, `new_df`, `new_low`, `new_high` and
        `refusal`. ``bayes`` has a row of its own; ``naive``, which knows no spread, has none.

    Examples
    --------
    >>> table = new_cohort_table([8, 5, 9, 2], [8, 10, 10, 3])
    >>> table[["model", "new_cohort", "new_low", "new_high"]].head(3).round(3)
      model new_cohort  new_low  new_high
    0  glmm          z    0.251     0.984
    1  glmm          t    0.062     0.997
    2  glmm    higgins    0.015     0.999
    """
    k, n = check_cohorts(k, n)
    level = {"confidence_level": confidence_level}
    ways = [(model, new) for model in _SCALES for new in NEW_COHORT_INTERVALS]
    rows = []
    for model, new in ways:
        pooled, refusal = _pool_or_refuse(k, n, model=model, new_cohort=new, **level)
        rows.append({"model": model, "new_cohort": new, **pooled, "refusal": refusal})
    priors = {"tau_scale": tau_scale, "mu_sd": mu_sd}
    posterior, refusal = _pool_or_refuse(k, n, model="bayes", **priors, **level)
    rows.append({"model": "bayes", "new_cohort": "predictive", **posterior, "refusal": refusal})
    columns = ["model", "new_cohort", "new_df", "new_low", "new_high", "refusal"]
    return pd.DataFrame(rows)[columns]


def _ways(tau_scales, mu_sds):
    """Every model with the name of its interval and the options that ask for it."""
    for model, intervals in INTERVALS.items():
        if model == "bayes":
            for mu_sd in mu_sds:
                for scale in tau_scales:
                    name = f"half-normal({scale:g})"
                    name += f", normal({mu_sd:g})" if len(mu_sds) > 1 else ""
                    yield model, name, {"tau_scale": scale, "mu_sd": mu_sd}
        elif model == "naive":
            yield model, "clopper-pearson", {}
        else:
            for interval in intervals:
                yield model, interval, {"interval": interval}


def _pool_or_refuse(k, n, *, model, **options) -> tuple[dict, str]:
    """The fields of a pool, and what is missing from it: a code, or nothing."""
    if _why_not_estimable(k, n, model):
        facts = {"takes_tau2_as_known": False, "assumes_equal_rates": False, "all_agree": False}
        return dict.fromkeys(_NUMBERS, np.nan) | facts, _extreme(k, n)
    pooled = pool(k, n, model=model, **options)
    return vars(pooled), "all_agree" if np.isnan(pooled.low) else ""


def _without_names(pooled, refusal):
    """What a row of the table holds beside its model and interval."""
    facts = ("takes_tau2_as_known", "assumes_equal_rates", "all_agree")
    return {name: pooled[name] for name in (*_NUMBERS, *facts)} | {"refusal": refusal}


def _extreme(k, n) -> str:
    if (k == n).all():
        return "all_responded"
    return "none_responded" if (k == 0).all() else "all_or_none"


class _Estimate(NamedTuple):
    """A model's answer on its own scale, before it is turned into rates."""

    centre: float
    error: float
    variance_between: float
    tau2: float
    limits: tuple[float, float] | None = None


def _glmm(k, n, interval, level):
    best, limits = _maximum_likelihood(_glmm_likelihood, TAU2_GRID, k, n, interval, level)
    tau2 = best.dispersion
    return _Estimate(best.mu, standard_error(best), tau2, tau2, limits)


def _glmm_likelihood(k, n):
    # Equal cohorts share one integral; sorted ones give the same digits in any order.
    (k_once, n_once), times = np.unique(np.stack([k, n]), axis=1, return_counts=True)
    return binomial_normal(k_once, n_once, times)


def _beta_binomial(k, n, interval, level):
    best, limits = _maximum_likelihood(beta_binomial, GAMMA_GRID, k, n, interval, level)
    gamma = best.dispersion
    variance = 0.0
    if gamma > 0:
        alpha, beta = expit(best.mu) / gamma, expit(-best.mu) / gamma
        variance = float(polygamma(1, alpha) + polygamma(1, beta))
    return _Estimate(best.mu, standard_error(best), variance, gamma / (1 + gamma), limits)


def _maximum_likelihood(model, grid, k, n, interval, level):
    likelihood, best = _fitted(model, tuple(grid), tuple(k.tolist()), tuple(n.tolist()))
    limits = None
    if interval == "profile":
        limits = profile_limits(likelihood, best, grid, _quantile(np.nan, level))
    return best, limits


# A model has one maximum, whatever the interval around it.
@functools.lru_cache(maxsize=256)
def _fitted(model, grid, k, n):
    """The likelihood of the cohorts under a model, and its maximum."""
    k, n = np.array(k), np.array(n)
    likelihood = model(k, n)
    return likelihood, maximise(likelihood, float(logit(k.sum() / n.sum())), np.array(grid))


def _logit(k, n, interval, level):
    return _random_effects(*log_odds(k, n), interval, _all_agree(k, n))


def log_odds(k, n) -> tuple[np.ndarray, np.ndarray]:
    """Return the log odds of each cohort and their variances; 0.5 added where k is 0 or n."""
    extra = np.where((k == 0) | (k == n), 0.5, 0.0)
    responders, others = k + extra, n - k + extra
    return np.log(responders / others), 1 / responders + 1 / others


def _freeman_tukey(k, n, interval, level):
    return _random_effects(_angle(k, n), 1 / (4 * n + 2), interval, _all_agree(k, n))


def _all_agree(k, n) -> bool:
    return bool((k * n[0] == k[0] * n).all()) if n.max() < 2**31 else bool(np.ptp(k / n) == 0)


def _angle(k, n):
    """Freeman and Tukey's average of two arcsines."""
    return (np.arcsin(np.sqrt(k / (n + 1))) + np.arcsin(np.sqrt((k + 1) / (n + 1)))) / 2


def _rate_of(angle, n):
    """Miller's inverse of `_angle`; 0 or 1 outside the angles that k = 0 and k = n have."""
    none, all_of_them = _angle(0, n), _angle(n, n)
    inside = np.clip(angle, none, all_of_them)
    sine = np.sin(2 * inside)
    root = np.sqrt(np.maximum(1 - (sine + (sine - 1 / sine) / n) ** 2, 0))
    rate = (1 - np.sign(np.cos(2 * inside)) * root) / 2
    return np.where(angle <= none, 0.0, np.where(angle >= all_of_them, 1.0, rate))


def _random_effects(y, variance, interval, all_agree):
    """Normal-normal random-effects mean, tau2 by REML; cohorts weighted by 1 / (v + tau2)."""
    tau2 = reml(y, variance)
    weight = 1 / (variance + tau2)
    centre = weight @ y / weight.sum()
    error = 1 / np.sqrt(weight.sum())
    q = weight @ (y - centre) ** 2 / (y.size - 1)
    if interval == "hartung-knapp":
        error *= np.nan if all_agree else np.sqrt(q)
    if interval == "truncated-hartung-knapp":
        error *= np.sqrt(max(1.0, q))
    return _Estimate(float(centre), float(error), tau2, tau2)


def reml(y, variance) -> float:
    """Return the restricted-maximum-likelihood variance between normal means."""
    spread = np.ptp(y) ** 2
    if spread == 0:
        return 0.0

    def restricted_likelihood(tau2):
        weight = 1 / (variance + tau2)
        total, squares, cubes = weight.sum(), weight @ weight, weight @ weight**2
        residual = y - weight @ y / total
        value = np.log(weight).sum() - np.log(total) - weight @ residual**2
        slope = weight**2 @ residual**2 - total + squares / total
        # Fisher's information in place of the curvature: never of the wrong sign.
        return value, slope, -(squares - 2 * cubes / total + (squares / total) ** 2)

    return highest_peak(restricted_likelihood, np.r_[0.0, np.geomspace(1e-6, 4, 24) * spread])


def _plug_in(k, n, model, interval, new_cohort, level):
    """Fit a model that estimates tau2, and turn its answer into rates."""
    fit, to_rate = _SCALES[model]
    estimate = fit(k, n, interval, level)
    df = np.nan if interval in _NORMAL_INTERVALS else float(k.size - 1)
    fewer = NEW_COHORT_INTERVALS[new_cohort]
    new_df = np.nan if fewer is None else float(k.size - fewer)
    reach = _quantile(df, level) * estimate.error
    low, high = estimate.limits or (estimate.centre - reach, estimate.centre + reach)
    new = _quantile(new_df, level) * np.sqrt(estimate.error**2 + estimate.variance_between)
    ends = (low, high, estimate.centre - new, estimate.centre + new)
    low, high, new_low, new_high = (float(to_rate(end, n)) for end in ends)
    typical, mean = _typical_and_mean(model, estimate, lambda x: to_rate(x, n))
    return Pooled(
        estimate=mean if model == "beta-binomial" else typical,
        low=low,
        high=high,
        tau2=float(estimate.tau2),
        new_low=new_low,
        new_high=new_high,
        typical_rate=typical,
        mean_rate=mean,
        estimand="mean_rate" if model == "beta-binomial" else "typical_rate",
        model=model,
        interval=interval,
        confidence_level=level,
        cohorts=int(k.size),
        df=df,
        new_df=new_df,
        takes_tau2_as_known=True,
        assumes_equal_rates=bool(estimate.tau2 == 0),
        all_agree=_all_agree(k, n),
    )


def _typical_and_mean(model, estimate, to_rate) -> tuple[float, float]:
    """The rate that half of all cohorts exceed, and the mean of their rates."""
    centre = float(to_rate(estimate.centre))
    if estimate.variance_between == 0:
        return centre, centre
    if model == "beta-binomial":  # the tau2 of this model is gamma / (1 + gamma)
        size = 1 / estimate.tau2 - 1
        return float(betaincinv(size * centre, size * (1 - centre), 0.5)), centre
    spread = estimate.centre + np.sqrt(estimate.variance_between) * _Z
    return centre, float(to_rate(spread) @ _Z_WEIGHT)


def _quantile(df, level):
    """Normal quantile, or that of t where degrees of freedom are given; NaN if these are none."""
    upper = (1 + level) / 2
    return float(ndtri(upper) if np.isnan(df) else stdtrit(df, upper) if df > 0 else np.nan)


def _naive(k, n, level):
    responders, patients = int(k.sum()), int(n.sum())
    low, high = proportion_ci(responders, patients, confidence_level=level)
    rate = responders / patients
    return Pooled(
        estimate=rate,
        low=low,
        high=high,
        tau2=np.nan,
        new_low=low,
        new_high=high,
        typical_rate=rate,
        mean_rate=rate,
        estimand="mean_rate",
        model="naive",
        interval="clopper-pearson",
        confidence_level=level,
        cohorts=int(k.size),
        df=np.nan,
        new_df=np.nan,
        takes_tau2_as_known=False,
        assumes_equal_rates=True,
        all_agree=_all_agree(k, n),
    )


def _bayes(k, n, level, tau_scale, mu_sd):
    (k_once, n_once), times = np.unique(np.stack([k, n]), axis=1, return_counts=True)
    posterior = rate_posterior(k_once, n_once, times, mu_sd=mu_sd, tau_scale=tau_scale)
    lower, upper = (1 - level) / 2, (1 + level) / 2
    typical, low, high = (float(expit(posterior.mu_quantile(at))) for at in (0.5, lower, upper))
    new_low, new_high = (float(expit(posterior.new_cohort_quantile(at))) for at in (lower, upper))
    return Pooled(
        estimate=typical,
        low=low,
        high=high,
        tau2=posterior.tau_quantile(0.5) ** 2,
        new_low=new_low,
        new_high=new_high,
        typical_rate=typical,
        mean_rate=posterior.mean_rate(),
        estimand="typical_rate",
        model="bayes",
        interval="credible",
        confidence_level=level,
        cohorts=int(k.size),
        df=np.nan,
        new_df=np.nan,
        takes_tau2_as_known=False,
        assumes_equal_rates=False,
        all_agree=_all_agree(k, n),
    )


def check_cohorts(k, n) -> tuple[np.ndarray, np.ndarray]:
    """Return two cohorts or more in one order, so that the result does not depend on theirs."""
    k, n = check_columns(k, n)
    if k.size < 2:
        raise ValueError(
            f"k holds {k.size} cohort{'s' if k.size == 0 else ''}, which is no pool; allowed: "
            "2 or more. A single cohort has its own interval: proportion_ci"
        )
    order = np.lexsort((k, n))
    return k[order], n[order]


def check_columns(k, n) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts of the cohorts; a single n for several of them is more likely a slip."""
    responders, patients = arguments.check_counts(k, n)
    if np.ndim(k) == np.ndim(n) == 0:
        return np.atleast_1d(responders, patients)
    for name, column in (("k", k), ("n", n)):
        if np.ndim(column) != 1:
            raise ValueError(
                f"{name} has shape {np.shape(column)}; allowed: one entry a cohort, for k and for n"
            )
    if np.size(k) != np.size(n):
        raise ValueError(
            f"k holds {np.size(k)} cohorts and n {np.size(n)}; allowed: one entry a cohort, for k "
            "and for n"
        )
    arguments.check_whole_numbers("n", patients, minimum=1, maximum=_LARGEST_N)
    return responders, patients


def _why_not_estimable(k, n, model):
    """Why maximum likelihood has no finite estimate here; empty if it has one."""
    if model not in ("glmm", "beta-binomial") or np.any((k > 0) & (k < n)):
        return ""
    if np.all(k == n):
        problem = f"k equals n in every cohort; the mean of model {model!r} is then infinite"
    elif np.all(k == 0):
        problem = f"k is 0 in every cohort; the mean of model {model!r} is then infinite"
    elif np.all(n == 1):
        problem = f"n is 1 in every cohort; the tau2 of model {model!r} is then not identified"
    else:
        problem = f"k is 0 or n in every cohort; the tau2 of model {model!r} is then infinite"
    return f"{problem} on the logit scale. What remains: models bayes, logit (adds 0.5), naive"


def _check_interval(model, interval):
    arguments.check_choice("interval", interval, dict.fromkeys(sum(INTERVALS.values(), ())))
    allowed = INTERVALS[model]
    if interval in allowed:
        return
    if len(allowed) == 1:
        raise ValueError(
            f"interval is {interval!r}; model {model!r} has one interval of its own: leave "
            "`interval` out"
        )
    raise ValueError(f"interval is {interval!r}; allowed for model {model!r}: {', '.join(allowed)}")


def check_priors(tau_scale, mu_sd) -> tuple[float, float]:
    """Return the scales of both priors of the Bayes model, if they are within its limits."""
    limits = {
        "tau_scale": (tau_scale, _SMALLEST_TAU_SCALE, _LARGEST_TAU_SCALE),
        "mu_sd": (mu_sd, *_MU_SDS),
    }
    for name, (value, smallest, largest) in limits.items():
        if not smallest <= arguments.check_positive(name, value) <= largest:
            raise ValueError(f"{name} is {value!r}; allowed: from {smallest:g} to {largest:g}")
    return float(tau_scale), float(mu_sd)


def check_level(value) -> float:
    """Return a confidence level that limits can still be told apart at."""
    level = arguments.check_confidence_level(value)
    if level > _LARGEST_LEVEL:
        raise ValueError(
            f"confidence_level is {value!r}; allowed: up to {_LARGEST_LEVEL!r} for pooled cohorts"
        )
    return level


def _logit_rate(eta, n):
    return expit(eta)


def _angle_rate(angle, n):
    return _rate_of(angle, 1 / np.mean(1 / n))


# How each model is fitted, and how its scale is turned back into rates.
_SCALES = {
    "glmm": (_glmm, _logit_rate),
    "logit": (_logit, _logit_rate),
    "beta-binomial": (_beta_binomial, _logit_rate),
    "freeman-tukey": (_freeman_tukey, _angle_rate),
}
