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

Where tau2 is estimated as 0, or there are fewer than five cohorts, a new-cohort interval
that rests on the estimate of tau2 is labelled "assumes no heterogeneity"; the one of
``bayes`` does not rest on it. With two or three cohorts the interval is the method: the
models agree on the estimate and on little else.

Sources: Stijnen, Hamza & Ozdemir 2010, Stat Med 29:3046 (GLMM); Roever, Knapp & Friede 2015,
BMC Med Res Methodol 15:99 (truncated Hartung-Knapp); Higgins, Thompson & Spiegelhalter 2009,
J R Stat Soc A 172:137 (new cohort); Schwarzer et al. 2019, Res Synth Methods 10:476
(doi 10.1002/jrsm.1348, against Freeman-Tukey); Miller 1978, Am Stat 32:138 (its inverse).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri, polygamma, stdtrit

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

__all__ = ["INTERVALS", "MODELS", "Pooled", "leave_one_out", "pool"]

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

# Prior of mu: normal around a rate of one half. Two standard deviations reach .7 to 99.3 %.
_MU_SD = 2.5

# Beyond this a half-normal prior allows rates to differ by more than data could ever show.
_LARGEST_TAU_SCALE = 5
# Below and above these, what is searched for falls between two floating-point numbers.
_SMALLEST_TAU_SCALE = 1e-6
_LARGEST_LEVEL = 1 - 1e-12

_FEW_COHORTS = 5
_ASSUMPTION = "assumes no heterogeneity"

_NORMAL_INTERVALS = ("z", "profile")
_INTERVAL_NAMES = {
    "profile": "profile likelihood",
    "hartung-knapp": "Hartung-Knapp",
    "truncated-hartung-knapp": "truncated Hartung-Knapp",
}


@dataclass(frozen=True)
class Pooled:
    """A pooled rate and what it means for a new cohort.

    Attributes
    ----------
    estimate, low, high : float
        Pooled rate and its interval, 0 to 1.
    tau2 : float
        Heterogeneity. ``glmm``, ``logit``: variance between cohorts on the logit scale;
        ``bayes``: its posterior median; ``freeman-tukey``: variance on the scale of angles;
        ``beta-binomial``: the correlation rho of two patients of one cohort, which is the
        variance of the rates as a share of m (1 - m); ``naive``: not estimated, NaN.
    new_low, new_high : float
        Interval for the true rate of a new cohort.
    label : str
        What both intervals are.
    """

    estimate: float
    low: float
    high: float
    tau2: float
    new_low: float
    new_high: float
    label: str


def pool(
    k,
    n,
    *,
    model: str = "glmm",
    interval: str = "z",
    confidence_level: float = 0.95,
    tau_scale: float = 0.5,
) -> Pooled:
    """Pool the cohorts of one endpoint.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort, at least two. Their order is irrelevant.
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
    confidence_level : float
        Between 0 and 1; 0.95 for 95 %.
    tau_scale : float
        Scale of the half-normal prior of tau, at most 5; read by ``bayes`` alone.

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
    quantile and the standard error of the interval asked for (those of z for ``"profile"``).
    In ``beta-binomial`` the variance of the logit of a beta variable,
    trigamma(a) + trigamma(b), takes the place of tau2. ``naive`` knows no heterogeneity:
    its new-cohort interval is the interval itself.

    ``bayes``: mu ~ Normal(0, SD 2.5) on the logit scale, tau ~ half-normal(`tau_scale`);
    posterior median, equal-tailed interval, and the posterior predictive distribution of a
    new cohort's rate; computed on a grid, so without sampling noise.

    ``freeman-tukey``: (arcsin sqrt(k / (n + 1)) + arcsin sqrt((k + 1) / (n + 1))) / 2 with
    variance 1 / (4 n + 2), tau2 by REML; Miller's inverse at the harmonic mean of n.

    Examples
    --------
    >>> pooled = pool([11, 24, 17, 9, 23], [29, 33, 26, 17, 55])
    >>> round(pooled.estimate, 3), round(pooled.low, 3), round(pooled.high, 3)
    (0.539, 0.411, 0.662)
    >>> round(pooled.new_low, 3), round(pooled.new_high, 3), pooled.label
    (0.297, 0.765, '95 % CI, binomial-normal GLMM, z; new cohort: z')
    >>> pool([5, 10], [5, 10])
    Traceback (most recent call last):
    ...
    ValueError: k equals n in every cohort; the mean of model 'glmm' is then infinite on the \
logit scale. What remains: models bayes, logit (adds 0.5), naive
    """
    arguments.check_choice("model", model, MODELS)
    _check_interval(model, interval)
    level = _check_level(confidence_level)
    tau_scale = _check_tau_scale(tau_scale)
    k, n = _cohorts(k, n)
    if refusal := _why_not_estimable(k, n, model):
        raise ValueError(refusal)
    if model == "bayes":
        return _bayes(k, n, level, tau_scale)
    if model == "naive":
        return _naive(k, n, level)
    return _FITS[model](k, n, interval, level)


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
        One row a cohort, in the order given: `left_out`, its `k` and `n`, and the fields of
        `Pooled` for the others. Where the others have no estimate under this model the
        numbers are NaN and `label` says why.

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
    k, n = np.atleast_1d(*arguments.check_counts(k, n))
    if k.ndim != 1 or k.size < 3:
        raise ValueError(
            f"k has shape {k.shape}; allowed: at least 3 cohorts, since without one "
            "of them a pool must remain"
        )
    names = list(range(k.size)) if cohorts is None else list(cohorts)
    if len(names) != k.size:
        raise ValueError(f"cohorts has {len(names)} names; allowed: one for each of {k.size}")
    pool(k, n, model=model, **options)  # what cannot be pooled at all is refused here
    rows = []
    for i, name in enumerate(names):
        others = np.arange(k.size) != i
        refusal = _why_not_estimable(k[others], n[others], model)
        if refusal:
            pooled = Pooled(*[np.nan] * 6, label=refusal)
        else:
            pooled = pool(k[others], n[others], model=model, **options)
        rows.append({"left_out": name, "k": k[i], "n": n[i], **vars(pooled)})
    return pd.DataFrame(rows)


def pooling_table(
    k, n, *, confidence_level: float = 0.95, tau_scales: Sequence[float] = (0.5, 1.0)
) -> pd.DataFrame:
    """Pool the same cohorts by every model and interval, side by side.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort, at least two.
    confidence_level : float
        As for `pool`.
    tau_scales : sequence of float
        Scales of the prior of the Bayes model, a row each: with few cohorts it decides much.

    Returns
    -------
    pandas.DataFrame
        One row a model and interval: `model`, `interval` (for Bayes its prior of the
        spread), the numbers of `Pooled`, `assumes_no_heterogeneity` and `refusal`, which is
        empty unless the model has no estimate for these cohorts: `all_responded`,
        `none_responded` or `all_or_none` in each cohort. The numbers are NaN then. A profile
        row has no interval for a new cohort: none belongs to it, and the z row has one.

    Raises
    ------
    ValueError
        As `pool`, but for a model without an estimate.

    Examples
    --------
    >>> table = pooling_table([5, 10], [5, 10])
    >>> table.loc[table["refusal"] == "", "model"].unique().tolist()
    ['logit', 'bayes', 'naive', 'freeman-tukey']
    """
    k, n = _cohorts(k, n)
    rows = []
    for model, interval, options in _ways(tau_scales):
        refused = _why_not_estimable(k, n, model)
        pooled = Pooled(*[np.nan] * 6, label="")
        if not refused:
            pooled = pool(k, n, model=model, confidence_level=confidence_level, **options)
        rows.append(
            {
                "model": model,
                "interval": interval,
                **vars(pooled),
                "assumes_no_heterogeneity": _ASSUMPTION in pooled.label,
                "refusal": _extreme(k, n) if refused else "",
            }
        )
    table = pd.DataFrame(rows).drop(columns="label")
    profile = table["interval"] == "profile"
    table.loc[profile, ["new_low", "new_high"]] = np.nan
    table.loc[profile, "assumes_no_heterogeneity"] = False
    return table


def _ways(tau_scales):
    """Every model with the name of its interval and the options that ask for it."""
    for model, intervals in INTERVALS.items():
        if model == "bayes":
            for scale in tau_scales:
                yield model, f"half-normal({scale:g})", {"tau_scale": scale}
        elif model == "naive":
            yield model, "clopper-pearson", {}
        else:
            for interval in intervals:
                yield model, interval, {"interval": interval}


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
    # Equal cohorts share one integral; sorted ones give the same digits in any order.
    (k_once, n_once), times = np.unique(np.stack([k, n]), axis=1, return_counts=True)
    likelihood = binomial_normal(k_once, n_once, times)
    best, limits = _maximum_likelihood(likelihood, TAU2_GRID, k, n, interval, level)
    tau2 = best.dispersion
    estimate = _Estimate(best.mu, standard_error(best), tau2, tau2, limits)
    return _plug_in("binomial-normal GLMM", estimate, k.size, interval, level, expit)


def _beta_binomial(k, n, interval, level):
    likelihood = beta_binomial(k, n)
    best, limits = _maximum_likelihood(likelihood, GAMMA_GRID, k, n, interval, level)
    gamma = best.dispersion
    variance = 0.0
    if gamma > 0:
        alpha, beta = expit(best.mu) / gamma, expit(-best.mu) / gamma
        variance = float(polygamma(1, alpha) + polygamma(1, beta))
    estimate = _Estimate(best.mu, standard_error(best), variance, gamma / (1 + gamma), limits)
    return _plug_in("beta-binomial", estimate, k.size, interval, level, expit)


def _maximum_likelihood(likelihood, grid, k, n, interval, level):
    best = maximise(likelihood, float(logit(k.sum() / n.sum())), grid)
    limits = None
    if interval == "profile":
        limits = profile_limits(likelihood, best, grid, _quantile("z", level, None))
    return best, limits


def _logit(k, n, interval, level):
    extra = np.where((k == 0) | (k == n), 0.5, 0.0)
    responders, others = k + extra, n - k + extra
    y = np.log(responders / others)
    estimate = _random_effects(y, 1 / responders + 1 / others, interval)
    return _plug_in("logit, REML", estimate, k.size, interval, level, expit)


def _freeman_tukey(k, n, interval, level):
    estimate = _random_effects(_angle(k, n), 1 / (4 * n + 2), interval)
    mean_n = 1 / np.mean(1 / n)
    return _plug_in(
        "Freeman-Tukey, REML", estimate, k.size, interval, level, lambda x: _rate_of(x, mean_n)
    )


def _angle(k, n):
    """Freeman and Tukey's average of two arcsines."""
    return (np.arcsin(np.sqrt(k / (n + 1))) + np.arcsin(np.sqrt((k + 1) / (n + 1)))) / 2


def _rate_of(angle, n):
    """Miller's inverse of `_angle`; 0 or 1 outside the angles that k = 0 and k = n have."""
    if angle <= _angle(0, n):
        return 0.0
    if angle >= _angle(n, n):
        return 1.0
    sine = np.sin(2 * angle)
    root = np.sqrt(1 - (sine + (sine - 1 / sine) / n) ** 2)
    return float((1 - np.sign(np.cos(2 * angle)) * root) / 2)


def _random_effects(y, variance, interval):
    """Normal-normal random-effects mean, tau2 by REML; cohorts weighted by 1 / (v + tau2)."""
    tau2 = _reml(y, variance)
    weight = 1 / (variance + tau2)
    centre = weight @ y / weight.sum()
    error = 1 / np.sqrt(weight.sum())
    q = weight @ (y - centre) ** 2 / (y.size - 1)
    if interval == "hartung-knapp":
        error *= np.sqrt(q)
    if interval == "truncated-hartung-knapp":
        error *= np.sqrt(max(1.0, q))
    return _Estimate(float(centre), float(error), tau2, tau2)


def _reml(y, variance):
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


def _plug_in(name, estimate, cohorts, interval, level, to_rate):
    """Turn an estimate with its standard error and tau2 into rates with their label."""
    quantile = _quantile(interval, level, cohorts - 1)
    centre, error = estimate.centre, estimate.error
    low, high = estimate.limits or (centre - quantile * error, centre + quantile * error)
    reach = quantile * np.sqrt(error**2 + estimate.variance_between)
    return Pooled(
        *(float(to_rate(x)) for x in (centre, low, high)),
        float(estimate.tau2),
        *(float(to_rate(x)) for x in (centre - reach, centre + reach)),
        _label(name, interval, level, cohorts, estimate.tau2),
    )


def _label(name, interval, level, cohorts, tau2):
    quantile = "z" if interval in _NORMAL_INTERVALS else f"t with {cohorts - 1} df"
    words = [_INTERVAL_NAMES[interval]] if interval in _INTERVAL_NAMES else []
    if interval != "profile":
        words.append(quantile)
    caveat = f", {_ASSUMPTION}" if tau2 == 0 or cohorts < _FEW_COHORTS else ""
    return f"{_percent(level)} CI, {name}, {', '.join(words)}; new cohort: {quantile}{caveat}"


def _quantile(interval, level, df):
    upper = (1 + level) / 2
    return float(ndtri(upper) if interval in _NORMAL_INTERVALS else stdtrit(df, upper))


def _naive(k, n, level):
    responders, patients = int(k.sum()), int(n.sum())
    low, high = proportion_ci(responders, patients, confidence_level=level)
    label = f"{_percent(level)} CI, Clopper-Pearson of the sum; new cohort: the same, {_ASSUMPTION}"
    return Pooled(responders / patients, low, high, np.nan, low, high, label)


def _bayes(k, n, level, tau_scale):
    (k_once, n_once), times = np.unique(np.stack([k, n]), axis=1, return_counts=True)
    posterior = rate_posterior(k_once, n_once, times, mu_sd=_MU_SD, tau_scale=tau_scale)
    lower, upper = (1 - level) / 2, (1 + level) / 2
    label = (
        f"{_percent(level)} credible interval, Bayes, half-normal({tau_scale:g}) prior of tau; "
        "new cohort: posterior predictive"
    )
    return Pooled(
        *(float(expit(posterior.mu_quantile(at))) for at in (0.5, lower, upper)),
        posterior.tau_quantile(0.5) ** 2,
        *(float(expit(posterior.new_cohort_quantile(at))) for at in (lower, upper)),
        label,
    )


def _percent(level):
    return f"{100 * level:.12g} %"


def _cohorts(k, n):
    """The cohorts in one order, so that the result does not depend on theirs."""
    k, n = np.atleast_1d(*arguments.check_counts(k, n))
    if k.ndim != 1:
        raise ValueError(f"k has shape {k.shape}; allowed: one entry a cohort")
    if k.size < 2:
        raise ValueError(
            f"k holds {k.size} cohort{'s' if k.size == 0 else ''}, which is no pool; allowed: "
            "2 or more. A single cohort has its own interval: proportion_ci"
        )
    order = np.lexsort((k, n))
    return k[order], n[order]


def _why_not_estimable(k, n, model):
    """Why maximum likelihood has no finite estimate here; empty if it has one."""
    if model not in ("glmm", "beta-binomial") or np.any((k > 0) & (k < n)):
        return ""
    if np.all(k == n):
        problem = f"k equals n in every cohort; the mean of model {model!r} is then infinite"
    elif np.all(k == 0):
        problem = f"k is 0 in every cohort; the mean of model {model!r} is then infinite"
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


def _check_tau_scale(value):
    scale = arguments.check_positive("tau_scale", value)
    if not _SMALLEST_TAU_SCALE <= scale <= _LARGEST_TAU_SCALE:
        raise ValueError(
            f"tau_scale is {value!r}; allowed: from {_SMALLEST_TAU_SCALE:g} to {_LARGEST_TAU_SCALE}"
        )
    return scale


def _check_level(value):
    level = arguments.check_confidence_level(value)
    if level > _LARGEST_LEVEL:
        raise ValueError(
            f"confidence_level is {value!r}; allowed: up to {_LARGEST_LEVEL!r} for pooled cohorts"
        )
    return level


_FITS = {
    "glmm": _glmm,
    "logit": _logit,
    "beta-binomial": _beta_binomial,
    "freeman-tukey": _freeman_tukey,
}
