"""Labels, made from the rows shown: numbers, windows, cohorts and scores in words."""

import re

import pandas as pd

from lupuscart.words.lexicon import codes, level_words, word, word_for

__all__ = [
    "add_labels",
    "add_letters",
    "benchmark_words",
    "cohort_label",
    "conditioning_words",
    "count_words",
    "coverage_words",
    "date_words",
    "hundredths",
    "increment_words",
    "interval_words",
    "label_studies",
    "outcome_words",
    "percent",
    "percent_range",
    "percentage_points",
    "points",
    "printed_words",
    "score_words",
    "settings_words",
    "size_words",
    "spread_taken",
    "statistic_words",
    "window",
]


#: How many counts a figure with a panel for each can show from the back of a room.
PANELS = 2


def percent(rate: float, *, decimals: int = 0) -> str:
    """Return a proportion as a percentage; only 0 and 1 themselves read 0 and 100.

    Examples
    --------
    >>> percent(0.8), percent(0.997), percent(1)
    ('80 %', '99.7 %', '100 %')
    """
    return word("percent", value=hundredths(rate, decimals))


def percent_range(low: float, high: float) -> str:
    """Return two limits as a range of percentages.

    Examples
    --------
    >>> percent_range(0.519, 0.957), percent_range(0.555, 0.9975)
    ('52–96 %', '56–99.8 %')
    """
    limits = {"low": hundredths(low), "high": hundredths(high)}
    return word("percent_range", **limits)


def count_words(table: pd.DataFrame) -> list[str]:
    """Return the count of each row as k/n.

    Examples
    --------
    >>> count_words(pd.DataFrame({"events": [12], "n": [15]}))
    ['12/15']
    """
    return [f"{events}/{n}" for events, n in zip(table["events"], table["n"], strict=True)]


def hundredths(rate, decimals=0):
    """A proportion in percent, with a decimal where it would round to 0 or 100."""
    text = f"{100 * rate:.{decimals}f}"
    if not 0 < rate < 1 or float(text) not in (0, 100):
        return text
    if decimals < 1:
        return hundredths(rate, 1)
    return "<0.1" if rate < 0.5 else ">99.9"


def interval_words(confidence_level: float, method: str) -> str:
    """Return the name of an interval inside a sentence, from what it was computed with.

    Examples
    --------
    >>> interval_words(0.95, "clopper-pearson"), interval_words(0.9, "wilson")
    ('exact 95 % CI', '90 % CI, Wilson')
    """
    level = level_words(confidence_level)
    # The default is called exact and needs no name; every other method is named.
    if method == "clopper-pearson":
        return word("interval.exact", level=level)
    kind = "credible" if method == "uniform-prior" else "confidence"
    name = word(f"method.{method}")
    return word(f"interval.{kind}.two-sided", level=level, method=name)


def points(change: float) -> str:
    """Return a change in points with a true minus sign.

    Examples
    --------
    >>> points(-4.8)
    '−4.8'
    """
    return f"{change:g}".replace("-", "−")


def percentage_points(difference: float) -> str:
    """Return a difference of proportions in points; a decimal where it would round to 0.

    Examples
    --------
    >>> percentage_points(0.298), percentage_points(-0.024), percentage_points(-0.004)
    ('30', '−2', '−0.4')
    """
    whole = round(100 * difference)
    # Adding 0 makes a minus zero a zero.
    return points(whole or round(100 * difference, 1) + 0.0)


def increment_words(row) -> str:
    """Return an added response with its limits, in points.

    Examples
    --------
    >>> increment_words(pd.Series({"increment": 0.3, "increment_low": -0.02,
    ...                            "increment_high": 0.46}))
    '30 (−2 to 46)'
    """
    low, high = percentage_points(row.increment_low), percentage_points(row.increment_high)
    limits = word("points_range", low=low, high=high)
    value = percentage_points(row.increment)
    return word("in_brackets", text=value, inside=limits)


def coverage_words(coverage: float) -> str:
    """Return a coverage in percent; below 1 % only the grid of true rates decides its digits.

    Examples
    --------
    >>> coverage_words(0.833), coverage_words(0.002)
    ('83.3 %', '<1 %')
    """
    if coverage < 0.01:
        return word("percent", value="<1")
    return percent(coverage, decimals=1)


def spread_taken(pooled: pd.DataFrame) -> list[str]:
    """Return how each interval for a new cohort takes the spread between the cohorts.

    Parameters
    ----------
    pooled : DataFrame
        Columns ``takes_tau2_as_known`` and ``assumes_equal_rates`` of
        `lupuscart.stats.pooling.pooling_table`.

    Returns
    -------
    list of str
        ``absent`` where the model has no spread or it is estimated as 0, ``known`` where it is
        estimated and then taken as known; otherwise empty.

    Examples
    --------
    >>> spread_taken(pd.DataFrame({"takes_tau2_as_known": [True, True, False, False],
    ...                            "assumes_equal_rates": [False, True, True, False]}))
    ['known', 'absent', 'absent', '']
    """
    marked = zip(pooled["assumes_equal_rates"], pooled["takes_tau2_as_known"], strict=True)
    return ["absent" if equal else "known" if known else "" for equal, known in marked]


def size_words(table: pd.DataFrame, *, p1: float, n_max: int) -> pd.DataFrame:
    """Return a table of sample sizes as texts that say why a size is missing.

    Parameters
    ----------
    table : DataFrame
        From `lupuscart.stats.planning.two_arm.sample_size_table`.
    p1 : float
        Response rate of the treated arm.
    n_max : int
        The largest arm that was tried.

    Examples
    --------
    >>> table = pd.DataFrame({"p2": [0.4, 0.6, 0.8], "n1": pd.array([23, None, None], "Int64")})
    >>> size_words(table, p1=0.8, n_max=100)["n1"].tolist()
    ['23', 'more than 100 per arm', 'no difference to detect']
    """
    many = word("plan.too_many", n=n_max)
    none = word("plan.no_difference")
    sizes = [
        (none if p2 == p1 else many) if pd.isna(n1) else f"{n1}"
        for p2, n1 in zip(table["p2"], table["n1"], strict=True)
    ]
    return table.assign(n1=sizes)


def add_letters(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``letter``, which tells reports of one author and year apart, as 2025a and 2025b.

    Parameters
    ----------
    table : DataFrame
        Columns ``study``, ``first_author``, ``year``: best all studies, so that a report has the
        same letter wherever it is shown.

    Returns
    -------
    DataFrame
        A copy with the column ``letter``: in the order of the table, empty where a report is the
        only one of its author and year.

    Examples
    --------
    >>> table = pd.DataFrame({"study": ["x", "y", "z"], "first_author": "Feng J",
    ...                       "year": [2025, 2025, 2026]})
    >>> add_letters(table)["letter"].tolist()
    ['a', 'b', '']
    """
    reports = table.drop_duplicates("study").groupby(["first_author", "year"], sort=False)
    letters = {}
    for _, studies in reports["study"]:
        alone = len(studies) == 1
        letters |= {each: "" if alone else _letter(at) for at, each in enumerate(studies)}
    return table.assign(letter=[letters[study] for study in table["study"]])


def _letter(at):
    """The first is a, the 27th aa."""
    before, last = divmod(at, 26)
    return (_letter(before - 1) if before else "") + chr(ord("a") + last)


def label_studies(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``label``, the name a report goes by; reports and cohorts of one name are told apart.

    Parameters
    ----------
    table : DataFrame
        Columns ``study``, ``first_author``, ``year`` and, if rows are cohorts, ``cohort``; with
        ``letter`` if `add_letters` has given the letters in a larger table.

    Returns
    -------
    DataFrame
        A copy with the columns ``label`` and ``letter``.

    Examples
    --------
    >>> row = {"study": "feng_2025", "first_author": "Feng J", "year": 2025}
    >>> label_studies(pd.DataFrame([row]))["label"].tolist()
    ['Feng J 2025']
    >>> other = {"study": "feng_2025_b", "first_author": "Feng J", "year": 2025}
    >>> label_studies(pd.DataFrame([row, other]))["label"].tolist()
    ['Feng J 2025a', 'Feng J 2025b']
    """
    if "letter" not in table:
        table = add_letters(table)
    author = table["first_author"].map(lambda name: word_for("first_author", name))
    label = author + " " + table["year"].astype(str) + table["letter"].astype(str)
    if "cohort" in table:
        # Named only where two rows would otherwise read the same.
        same = [name for name in ("study", "outcome") if name in table]
        several = table.groupby(same)["cohort"].transform("nunique") > 1
        pairs = zip(label, table["cohort"], strict=True)
        label = label.mask(several, [_in_brackets(*pair) for pair in pairs])
    return table.assign(label=label)


def _in_brackets(label, cohort):
    inside = word_for("cohort", cohort)
    return word("in_brackets", text=label, inside=inside)


def cohort_label(row) -> str:
    """Return the label of a row, with its cohort where that is not all patients.

    Examples
    --------
    >>> row = pd.Series({"label": "Autolus 2025", "cohort": "50e6 cells"})
    >>> cohort_label(row)
    'Autolus 2025 (50 × 10⁶ cells)'
    """
    if row.cohort == "all" or word_for("cohort", row.cohort) in row.label:
        return row.label
    return _in_brackets(row.label, row.cohort)


def date_words(date: str) -> str:
    """Return a date in words, as exact as it is given: a year, a month or a day.

    Parameters
    ----------
    date : str
        As ``2026``, ``2026-11`` or ``2026-11-14``.

    Examples
    --------
    >>> date_words("2026-11"), date_words("2026-11-14")
    ('November 2026', '14 November 2026')
    """
    year, *rest = date.split("-")
    if not rest:
        return year
    month = word(f"month.{int(rest[0])}")
    if len(rest) == 1:
        return word("answer.month", year=year, month=month)
    return word("announced.day", year=year, month=month, day=int(rest[1]))


def window(timing: str, week, *, short: bool = False) -> str:
    """Return the time window of an outcome in words.

    Weeks that are a multiple of 13 carry the month, unless `short`: the sources that
    print months were read at 13 weeks a quarter.

    Examples
    --------
    >>> window("by", 12), window("at", 13), window("last_visit", pd.NA)
    ('by week 12', 'week 13 (month 3)', 'last visit')
    >>> window("by", 12, short=True)
    '≤ wk 12'
    """
    if pd.isna(timing):
        return word("window.not_reported")
    if pd.isna(week):
        code = "window.by_no_week" if timing == "by" else f"window.{timing}"
        if short and f"short_{code}" in codes():
            code = f"short_{code}"
        return word(code)
    week = int(week)
    if week == 0:
        return word("window.baseline")
    if timing not in ("at", "by", "after_at_least", "median_followup"):
        timing = "at"
    if short:
        return word(f"short_window.{timing}", week=week)
    words = word(f"window.{timing}", week=week)
    if week % 13:
        return words
    return word("window.month", window=words, month=week * 3 // 13)


def conditioning_words(conditioning) -> str:
    """Return a conditioning regimen in words; missing is said to be missing.

    Examples
    --------
    >>> conditioning_words("none")
    'no conditioning'
    """
    if pd.isna(conditioning):
        return word("conditioning.not_reported")
    return word_for("conditioning", conditioning)


def outcome_words(outcome: str) -> str:
    """Return an outcome in the words of a label, which are short where there are short ones.

    Examples
    --------
    >>> outcome_words("doris")
    'DORIS'
    """
    return _short_words("outcome", outcome)


def statistic_words(statistic: str) -> str:
    """Return a statistic in the words of a label.

    Examples
    --------
    >>> statistic_words("minimum")
    'lowest'
    """
    return _short_words("statistic", statistic)


def _short_words(kind, value):
    short = f"short_{kind}"
    return word_for(short if f"{short}.{value}" in codes() else kind, value)


def add_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Add what a figure or a table calls each row.

    Parameters
    ----------
    table : DataFrame
        Columns ``study``, ``first_author``, ``year``, ``cohort``, ``outcome``, ``week``,
        ``timing``.

    Returns
    -------
    DataFrame
        A copy with ``label`` (the report), ``endpoint``, ``window`` and ``short_window``
        in words.

    Examples
    --------
    >>> row = {"study": "feng_2025", "first_author": "Feng J", "year": 2025,
    ...        "cohort": "all", "outcome": "doris", "week": 12, "timing": "by"}
    >>> labelled = add_labels(pd.DataFrame([row]))
    >>> labelled[["label", "endpoint", "window", "short_window"]].values.tolist()
    [['Feng J 2025', 'DORIS', 'by week 12', '≤ wk 12']]
    """
    when = list(zip(table["timing"], table["week"], strict=True))
    return label_studies(table).assign(
        endpoint=[outcome_words(outcome) for outcome in table["outcome"]],
        window=[window(timing, week) for timing, week in when],
        short_window=[window(timing, week, short=True) for timing, week in when],
    )


def score_words(cohort: pd.DataFrame) -> str:
    """Return the printed scores of one cohort in words, the decimals as printed.

    Parameters
    ----------
    cohort : DataFrame
        The rows of one cohort and instrument: ``statistic``, ``week``, ``short_window``
        (words), ``value_printed``, ``spread_kind``, ``spread``, ``n``.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "statistic": "median", "week": [0, 13], "short_window": ["baseline", "wk 13"],
    ...     "value_printed": ["18", "0"], "spread_kind": "range", "spread": ["10-22", "0-4"],
    ...     "n": 7})
    >>> score_words(rows)
    'median 18 (10-22) → 0 (0-4), wk 13; n = 7'
    """
    statistics = cohort.groupby("statistic", sort=False)
    parts = [_statistic_words(rows) for _, rows in statistics]
    sizes = "/".join(sorted({str(n) for n in cohort["n"].dropna()}))
    known = word("scores.n", n=sizes)
    unknown = word("scores.n_unknown")
    return word("pair_separator").join([*parts, known if sizes else unknown])


def _statistic_words(rows):
    """One statistic: from what at baseline, to what and when."""
    name = statistic_words(rows["statistic"].iloc[0])
    # Of a row beside its study, which has many columns, a value is in these.
    printed = rows[[name for name in ("value_printed", "spread_kind", "spread") if name in rows]]
    values = " → ".join(printed_words(row) for row in printed.itertuples())
    when = rows["short_window"].iloc[-1]
    return word("clause_separator").join([f"{name} {values}", when])


_RANGE = re.compile(r"(-?[0-9.]+)-(-?[0-9.]+)")


def printed_words(row) -> str:
    """Return a value as its source prints it, with its spread in brackets.

    Examples
    --------
    >>> printed_words(pd.Series({"value_printed": "16", "spread_kind": "range_width", "spread": 8}))
    '16 (width 8)'
    """
    # The tables of benchmarks have no column for it.
    spread = getattr(row, "spread", None)
    if pd.isna(spread):
        return row.value_printed
    ends = _RANGE.fullmatch(str(spread))
    if row.spread_kind == "range_width":
        spread = word("scores.width", width=spread)
    elif ends:
        spread = word("scores.range", low=ends[1], high=ends[2])
    return word("in_brackets", text=row.value_printed, inside=spread)


_CHEMOTHERAPY = ("cyclophosphamide_based", "conditioning_with_transplant")


# How many were treated stands in the count already.
_PATIENTS = re.compile(r", \d+ \w+$")


def benchmark_words(table: pd.DataFrame) -> list[str]:
    """Return each benchmark in one line: who, which dose, endpoint, week, count, patients.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``arm``, ``treatment``, ``dose``, ``endpoint``, ``short_window``
        (words), ``events``, ``n``, ``rate`` (0 to 1), ``population``, ``read_in``.
    """
    return [_benchmark_line(row) for row in table.itertuples()]


def _benchmark_line(row):
    arm = word_for("arm", row.arm)
    if row.treatment in _CHEMOTHERAPY:
        dose = word("benchmark.no_dose") if pd.isna(row.dose) else word_for("dose", row.dose)
        if row.treatment == "conditioning_with_transplant":
            dose = word("benchmark.transplant", dose=dose)
        arm = word("in_brackets", text=arm, inside=dose)
    study = row.label
    if row.read_in == "secondary":
        study = word("headline.second_hand", study=study)
    patients = _PATIENTS.sub("", row.population.split(";")[0])
    counted = percent(row.rate)
    if not pd.isna(row.events):
        counted = f"{row.events}/{row.n}"
    return word(
        "benchmark.line",
        study=study,
        arm=arm,
        outcome=row.endpoint,
        window=row.short_window,
        counted=counted,
        population=word_for("population", patients),
    )


def settings_words(treatment_rate: float, ratio: float, *, test: str, alpha: float) -> str:
    """Return what the curves of a plan hold fixed, in words; the ratio if arms are unequal.

    Examples
    --------
    >>> settings_words(0.8, 1, test="boschloo", alpha=0.05)
    '80 % with the cells; Boschloo, two-sided 5 %'
    >>> settings_words(0.8, 2, test="boschloo", alpha=0.05)
    '80 % with the cells; Boschloo, two-sided 5 %; 2 treated for each control'
    """
    gaps = {"p1": percent(treatment_rate), "test": word(f"test.{test}")}
    fixed = word("plan.fixed_settings", alpha=level_words(alpha), **gaps)
    if ratio == 1:
        return fixed
    return word("pair_separator").join([fixed, word("plan.fixed_ratio", ratio=f"{ratio:g}")])
