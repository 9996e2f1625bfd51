"""What printed summaries guarantee about the scores that are not printed.

Vocabulary
----------
score : a disease activity score that is a sum of whole points, such as SLEDAI (0 to 105).
summary : what a report prints of one cohort at one time instead of the scores themselves.
fall : baseline minus follow-up of one patient; positive is improvement.
data set : whole scores, one a patient, that would be printed as the summary.
sharp bound : one that some data set reaches, so that no better bound exists.

A report that prints only summaries does not say which baseline belongs to which follow-up.
The bounds here hold for every data set and every pairing, and suppose nothing else.
"""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd

from lupuscart.arguments import check_choice, check_whole
from lupuscart.stats.printed.grim import sums_printed_as

__all__ = ["ReductionBounds", "Summary", "guaranteed_falls", "read_summary", "reduction_bounds"]

# What the value of a row says of the scores, by its statistic.
_FIELDS = {
    "median": ("median",),
    "mean": ("mean",),
    "minimum": ("low",),
    "maximum": ("high",),
    "all_equal": ("low", "high"),
    "individual": ("low", "high"),
}
_TIME = ["study", "cohort", "outcome", "week", "timing"]


@dataclass(frozen=True)
class Summary:
    """What a report prints of whole-number scores of one cohort at one time.

    Everything but `n` may be missing; what is given must hold together.

    Parameters
    ----------
    n : int
        Patients.
    median : float, optional
        A whole number, or for even `n` one that ends in .5.
    mean : float, str or decimal.Decimal, optional
        The plain mean as printed; needs `decimals`.
    low, high : int, optional
        Smallest and largest score; equal if all patients had one score.
    width : int, optional
        `high` minus `low`, where the range is printed as one number.
    decimals : int, optional
        Decimals printed of `mean`.

    Raises
    ------
    ValueError
        If a value is not of its kind, or two contradict each other.

    Examples
    --------
    >>> Summary(7, median=18, low=10, high=22).high
    22
    >>> Summary(7, median=18.5)
    Traceback (most recent call last):
    ...
    ValueError: median is 18.5; allowed: a whole number, as n is 7
    """

    n: int
    median: float | None = None
    mean: float | str | Decimal | None = None
    low: int | None = None
    high: int | None = None
    width: int | None = None
    decimals: int | None = None

    def __post_init__(self):
        object.__setattr__(self, "n", check_whole("n", self.n, minimum=1))
        self._make_whole("low")
        self._make_whole("high")
        self._make_whole("width", minimum=0, maximum=0 if self.n == 1 else None)
        self._make_whole("decimals", minimum=0)
        self._check_range()
        if self.median is not None:
            self._check_median()
        if self.mean is not None:
            self._check_mean()

    def _make_whole(self, name, *, minimum=-(2**53), maximum=None):
        # 7.0, as a table column with gaps stores it, becomes 7; a frozen class needs the detour.
        if getattr(self, name) is not None:
            whole = check_whole(name, getattr(self, name), minimum=minimum, maximum=maximum)
            object.__setattr__(self, name, whole)

    def _check_range(self):
        if self.low is None or self.high is None:
            return
        if self.low > self.high:
            raise ValueError(f"low is {self.low}; allowed: at most high, {self.high}")
        if self.n == 1 and self.low < self.high:
            raise ValueError(f"high is {self.high}; allowed: low, {self.low}, as n is 1")
        if self.width not in (None, self.high - self.low):
            raise ValueError(
                f"width is {self.width}; allowed: high minus low, {self.high - self.low}"
            )

    def _check_median(self):
        odd = self.n % 2 == 1
        kind = "a whole number" if odd else "a whole number or one that ends in .5"
        try:
            check_whole("median", self.median if odd else 2 * self.median, minimum=-(2**53))
        except (TypeError, ValueError):
            raise ValueError(
                f"median is {self.median!r}; allowed: {kind}, as n is {self.n}"
            ) from None
        if self.low is not None and self.median < self.low:
            raise ValueError(f"median is {self.median}; allowed: at least low, {self.low}")
        if self.high is not None and self.median > self.high:
            raise ValueError(f"median is {self.median}; allowed: at most high, {self.high}")

    def _check_mean(self):
        if self.decimals is None:
            raise ValueError("decimals is None; allowed: the number of decimals printed of mean")
        least, most = sums_printed_as(self.mean, self.n, decimals=self.decimals)
        if least > most:
            raise ValueError(
                f"mean is {self.mean!r}; allowed: a mean that {self.n} whole scores can have, "
                f"printed to {self.decimals} decimals"
            )


def read_summary(rows: pd.DataFrame) -> Summary:
    """Return what the rows of one cohort at one time say together, as one `Summary`.

    Parameters
    ----------
    rows : DataFrame
        Rows of the trials table of one ``study``, ``cohort``, ``outcome``, ``week`` and
        ``timing``; further columns ``statistic``, ``n``, ``value``, ``value_printed``,
        ``spread_kind``, ``spread``. A standard deviation or quartiles are not used.

    Returns
    -------
    Summary
        With the decimals of a mean as printed.

    Raises
    ------
    ValueError
        If the rows are none, of several cohorts or times, without `n`, of a statistic
        that is none of single scores, or contradict each other.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "study": "relma_cel_2024", "cohort": "all", "outcome": "selena_sledai",
    ...     "week": 0, "timing": "at", "statistic": ["minimum", "maximum"], "n": 3,
    ...     "value": [8.0, 14.0], "value_printed": ["8", "14"],
    ...     "spread_kind": None, "spread": None,
    ... })
    >>> read_summary(rows) == Summary(3, low=8, high=14)
    True
    """
    columns = [*_TIME, "statistic", "n", "value", "value_printed", "spread_kind", "spread"]
    missing = [name for name in columns if name not in rows]
    if missing:
        raise ValueError(f"rows has no column {', '.join(missing)}; allowed: {', '.join(columns)}")
    if rows.empty:
        raise ValueError("rows has no rows; allowed: the rows of one cohort at one time")
    for name in [*_TIME, "n"]:
        values = rows[name].unique()
        if len(values) > 1:
            raise ValueError(
                f"{name} is {', '.join(map(str, values))}; allowed: one {name} for all rows"
            )
    facts = {}
    for row in rows.itertuples():
        for name, value in _facts(row).items():
            if facts.setdefault(name, value) != value:
                raise ValueError(f"{name} is {facts[name]} and {value}; allowed: one {name}")
    return Summary(rows["n"].iloc[0], **facts)


def _facts(row):
    fields = _FIELDS[check_choice("statistic", row.statistic, _FIELDS)]
    facts = {} if pd.isna(row.value) else dict.fromkeys(fields, row.value)
    if "mean" in facts:
        places = -Decimal(row.value_printed).as_tuple().exponent
        facts = {"mean": row.value_printed, "decimals": max(places, 0)}
    if row.spread_kind == "range":
        # A minus before the first number is a sign, not the hyphen between the two.
        low, high = row.spread[1:].split("-", maxsplit=1)
        facts |= {"low": float(row.spread[0] + low), "high": float(high)}
    if row.spread_kind == "range_width":
        facts["width"] = float(row.spread)
    return facts


@dataclass(frozen=True)
class ReductionBounds:
    """What two printed summaries guarantee about the falls; see `reduction_bounds`.

    Parameters
    ----------
    mean_fall_low, mean_fall_high : float
        Sharp bounds of the mean fall, in points.
    smallest_fall_low, smallest_fall_high : int
        Sharp bounds of the smallest fall of any one patient; negative is a rise.
    all_fell : bool
        True if every patient fell, whatever the data set and the pairing.
    guaranteed : bool
        True if at least the mean fell. False: these summaries guarantee no fall at all.
    """

    mean_fall_low: float
    mean_fall_high: float
    smallest_fall_low: int
    smallest_fall_high: int
    all_fell: bool
    guaranteed: bool


def reduction_bounds(
    baseline: Summary, follow_up: Summary, *, scale: tuple[int, int] = (0, 105)
) -> ReductionBounds:
    """Return the sharp bounds on the falls that two printed summaries guarantee.

    Parameters
    ----------
    baseline, follow_up : Summary
        What is printed of the same n patients before and after.
    scale : (int, int)
        Smallest and largest possible score; (0, 105) is SLEDAI.

    Returns
    -------
    ReductionBounds
        Mean fall and smallest individual fall, each from worst to best case.

    Raises
    ------
    ValueError
        If the two n differ, or no whole scores within `scale` have a summary.

    Notes
    -----
    The mean fall needs the two sums only: least baseline sum minus greatest follow-up
    sum, and the reverse. At worst the patient with the lowest baseline has the highest
    follow-up. At best the k-th lowest baseline meets the k-th lowest follow-up, since
    no other pairing has a larger smallest difference. A printed mean stands for every
    whole sum that rounds to it, ties either way. Bounds are not confidence limits: they
    speak of these n patients, and say nothing about why the scores fell.

    Examples
    --------
    Seven patients, median 18 (range 10 to 22) before, 0 (0 to 4) after:

    >>> before = Summary(7, median=18, low=10, high=22)
    >>> after = Summary(7, median=0, low=0, high=4)
    >>> bounds = reduction_bounds(before, after)
    >>> bounds.smallest_fall_low, bounds.smallest_fall_high, bounds.all_fell
    (6, 10, True)
    >>> round(bounds.mean_fall_low, 2), bounds.mean_fall_high
    (13.43, 18.0)
    """
    if baseline.n != follow_up.n:
        raise ValueError(f"follow_up has n = {follow_up.n}; allowed: n of baseline, {baseline.n}")
    scale = _check_scale(scale)
    before = _boxes("baseline", baseline, scale)
    after = _boxes("follow_up", follow_up, scale)
    least_sum_of_falls = int(before.least.min() - after.most.max())
    greatest_sum_of_falls = int(before.most.max() - after.least.min())
    worst = _lowest_score(before) - _highest_score(after)
    return ReductionBounds(
        mean_fall_low=least_sum_of_falls / baseline.n,
        mean_fall_high=greatest_sum_of_falls / baseline.n,
        smallest_fall_low=worst,
        smallest_fall_high=_largest_smallest_fall(before, after, at_least=worst),
        all_fell=worst > 0,
        guaranteed=least_sum_of_falls > 0,
    )


def guaranteed_falls(scores: pd.DataFrame, *, scale: tuple[int, int] = (0, 105)) -> pd.DataFrame:
    """Return what the summaries of each cohort guarantee about its patients' falls.

    Parameters
    ----------
    scores : DataFrame
        Rows of the trials table of whole-point scores; columns as for `read_summary`,
        and ``read_in``.
        Week 0 is the baseline, every other time a follow-up.
    scale : tuple of int
        Smallest and largest possible score.

    Returns
    -------
    DataFrame
        One row a cohort, outcome and follow-up for which both summaries and their number
        of patients are printed: ``study``, ``cohort``, ``outcome``, ``week``, ``timing``,
        ``n`` and the fields of `ReductionBounds`. A single patient's scores are left out:
        their fall is known. ``read_in`` is ``primary`` only if every row behind it is.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "study": "chen_2025", "cohort": "all", "outcome": "sledai_2k",
    ...     "statistic": "median", "week": [0, 39], "timing": "at", "n": 7,
    ...     "value": [18.0, 0.0], "value_printed": ["18", "0"],
    ...     "spread_kind": "range", "spread": ["10-22", "0-4"], "read_in": "primary",
    ... })
    >>> guaranteed_falls(scores)[["smallest_fall_low", "smallest_fall_high", "all_fell"]]
       smallest_fall_low  smallest_fall_high  all_fell
    0                  6                  10      True
    """
    levels = scores[scores["statistic"].isin(_FIELDS) & scores["n"].notna()]
    levels = levels[levels["n"] > 1]
    at_baseline = levels["week"].eq(0).fillna(False).astype(bool)
    cohort = ["study", "cohort", "outcome"]
    baselines = dict(list(levels[at_baseline].groupby(cohort, sort=False)))
    follow_ups = levels[~at_baseline].groupby(_TIME, sort=False, dropna=False)
    found = [
        dict(zip(_TIME, time, strict=True)) | _bounds_row(baselines[time[:3]], rows, scale)
        for time, rows in follow_ups
        if time[:3] in baselines
    ]
    return pd.DataFrame(
        found, columns=[*_TIME, "n", "read_in", *ReductionBounds.__dataclass_fields__]
    )


def _bounds_row(baseline, follow_up, scale):
    before, after = read_summary(baseline), read_summary(follow_up)
    read_in = pd.concat([baseline["read_in"], follow_up["read_in"]])
    weakest = "primary" if read_in.eq("primary").all() else "secondary"
    bounds = asdict(reduction_bounds(before, after, scale=scale))
    return {"n": before.n, "read_in": weakest, **bounds}


class _Boxes(NamedTuple):
    """All data sets of a summary, as limits of the sorted scores.

    Each row is a family of data sets: the i-th lowest score lies anywhere in
    ``lower[i]`` to ``upper[i]`` and the sum in ``least`` to ``most``. The limits never
    decrease along a row, so scores drawn within them are still within them once sorted.
    """

    lower: np.ndarray
    upper: np.ndarray
    least: np.ndarray
    most: np.ndarray


def _boxes(name, summary, scale):
    limits = [
        _limits(summary.n, low, high, middle, scale)
        for low, high in _extremes(summary, scale)
        for middle in _middles(summary, scale)
    ]
    lower, upper = np.array(limits, dtype=np.int64).reshape(-1, 2, summary.n).swapaxes(0, 1)
    least, most = lower.sum(axis=1), upper.sum(axis=1)
    if summary.mean is not None:
        printed = sums_printed_as(summary.mean, summary.n, decimals=summary.decimals)
        least, most = np.maximum(least, printed[0]), np.minimum(most, printed[1])
    possible = (lower <= upper).all(axis=1) & (least <= most)
    if not possible.any():
        raise ValueError(
            f"{name} is {summary}; allowed: a summary that {summary.n} whole scores "
            f"from {scale[0]} to {scale[1]} can have"
        )
    return _Boxes(lower[possible], upper[possible], least[possible], most[possible])


def _extremes(summary, scale):
    """Return every (lowest, highest) score that may have been seen; None is not printed."""
    low, high, width = summary.low, summary.high, summary.width
    if width is None:
        return [(low, high)]
    if low is not None:
        return [(low, low + width)]
    if high is not None:
        return [(high - width, high)]
    return [(low, low + width) for low in range(scale[0], scale[1] - width + 1)]


def _middles(summary, scale):
    """Return the pairs of middle scores that may lie around the median.

    From n = 4 the closest pair is enough: moving the two middle scores together, in
    both summaries at once, changes neither sum, minimum, maximum nor median, and
    shrinks no smallest fall. At n = 2 the middle scores are the extremes themselves.
    """
    if summary.median is None:
        return [None]
    twice = int(2 * summary.median)
    if summary.n != 2:
        return [(twice // 2, twice - twice // 2)]
    return [(a, twice - a) for a in range(max(scale[0], twice - scale[1]), twice // 2 + 1)]


def _limits(n, low, high, middle, scale):
    """Return the lower and the upper limits of the n sorted scores."""
    lower, upper = np.full(n, scale[0]), np.full(n, scale[1])
    if low is not None:
        lower = np.maximum(lower, low)
        upper[0] = min(upper[0], low)
    if high is not None:
        upper = np.minimum(upper, high)
        lower[-1] = max(lower[-1], high)
    if middle is not None:
        # left and right are one and the same score when n is odd.
        for rank, score in zip(((n - 1) // 2, n // 2), middle, strict=True):
            lower[rank:] = np.maximum(lower[rank:], score)
            upper[: rank + 1] = np.minimum(upper[: rank + 1], score)
    return lower, upper


def _lowest_score(boxes):
    """Return the lowest score any data set has: the others take up all of the sum they can."""
    rest = boxes.upper[:, 1:].sum(axis=1)
    return int(np.maximum(boxes.lower[:, 0], boxes.least - rest).min())


def _highest_score(boxes):
    rest = boxes.lower[:, :-1].sum(axis=1)
    return int(np.minimum(boxes.upper[:, -1], boxes.most - rest).max())


def _largest_smallest_fall(before, after, *, at_least):
    """Return the largest fall that every patient can reach at once in some data set.

    Tried downwards from what each rank and the sums allow, to `at_least`: the worst case.
    """
    # Axes: families of baseline, families of follow-up, rank of the score.
    before = _Boxes(
        before.lower[:, None], before.upper[:, None], before.least[:, None], before.most[:, None]
    )
    n = after.lower.shape[1]
    rank_by_rank = (before.upper - after.lower).min(axis=2)
    on_average = (before.most - after.least) // n
    fall = int(np.minimum(rank_by_rank, on_average).max())
    while fall > at_least and not _everyone_can_fall(by=fall, before=before, after=after):
        fall -= 1
    return fall


def _everyone_can_fall(*, by, before, after):
    """Say whether a data set lets every patient fall by at least `by` points.

    The follow-up sum is kept as small as it may be. Where it must exceed the sum of the
    lower limits, scores are raised first where the baseline need not follow (`free`);
    each further point lifts a baseline, and the baseline sum may not pass its limit.
    """
    ceiling = np.minimum(after.upper, before.upper - by)
    free = np.clip(before.lower - by - after.lower, 0, np.maximum(ceiling - after.lower, 0))
    to_raise = after.least - after.lower.sum(axis=-1)
    lifted = np.maximum(to_raise - free.sum(axis=-1), 0)
    baseline_sum = np.maximum(before.lower, after.lower + by).sum(axis=-1) + lifted
    possible = (
        (after.lower <= ceiling).all(axis=-1)
        & (after.least <= ceiling.sum(axis=-1))
        & (baseline_sum <= before.most)
    )
    return possible.any()


def _check_scale(scale):
    allowed = "two whole numbers, the smallest and the largest possible score"
    try:
        smallest, largest = scale
    except (TypeError, ValueError):
        raise ValueError(f"scale is {scale!r}; allowed: {allowed}") from None
    smallest = check_whole("scale", smallest, minimum=-(2**53))
    return smallest, check_whole("scale", largest, minimum=smallest)
