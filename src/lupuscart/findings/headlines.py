"""One sentence a figure: its finding, made from the numbers shown.

A headline says what was computed and no more: a count keeps its interval, a full or empty
cohort says how far the true rate may be from it, a number read second-hand says so, and none
says that the cells work. Where a table has many rows, the row with the most patients stands
for what is known best, the fewest patients for what is known least.
"""

import math

import pandas as pd

from lupuscart.words.labels import (
    cohort_label,
    conditioning_words,
    hundredths,
    interval_words,
    outcome_words,
    percent,
    percent_range,
    percentage_points,
    points,
    score_words,
)
from lupuscart.words.lexicon import join, level_words, word, word_for

__all__ = [
    "assurance_headline",
    "changes_headline",
    "coverage_headline",
    "endpoints_headline",
    "events_headline",
    "evidence_headline",
    "methods_headline",
    "pooling_headline",
    "power_headline",
    "response_headline",
    "scenario_headline",
    "scores_headline",
    "tipping_headline",
    "zero_headline",
]


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
    _check_rows(studies)
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


def response_headline(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say the largest count with its interval, and the smallest extreme one beside it.

    Two counts carry their endpoints, for they are not to be compared. Response endpoints come before anything else that was counted, and what was read in the
    source before what was read second-hand.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint`` (words), ``events``, ``n``, ``rate``,
        ``low``, ``high``, ``read_in``; ``is_response`` where other outcomes may be there.
    confidence_level, method
        What the interval was computed with.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "label": ["A 2025", "B 2025"], "cohort": "all", "endpoint": "DORIS",
    ...     "events": [12, 5], "n": [15, 5], "rate": [0.8, 1], "low": [0.519, 0.478],
    ...     "high": [0.957, 1], "read_in": "primary"})
    >>> response_headline(table, confidence_level=0.95, method="clopper-pearson")
    '12 of 15 DORIS (A 2025; exact 95 % CI 52–96 %), 5 of 5 DORIS (B 2025; 48–100 %); not to be compared'
    """  # noqa: E501
    _check_rows(table)
    is_response = table.get("is_response", pd.Series(True, index=table.index))
    rows = table[is_response] if is_response.any() else table
    rows = rows.sort_values(["read_in", "n"], ascending=[True, False])
    interval = interval_words(confidence_level, method)
    if len(rows) == 1:
        parts = [_count(next(rows.itertuples()), interval)]
    else:
        parts = _two_counts(rows, interval)
    if not is_response.any():
        parts.append(word("headline.not_response"))
    return word("pair_separator").join(parts)


def _count(row, interval):
    comma = word("clause_separator")
    return word(
        "headline.count",
        study=comma.join([_named(row), row.endpoint]),
        k=row.events,
        n=row.n,
        rate=percent(row.rate),
        interval=interval,
        range=percent_range(row.low, row.high),
    )


def _two_counts(rows, interval) -> list[str]:
    """The first count and the least known one: of the smallest full or empty cohort, if any."""
    others = rows.iloc[1:]
    extreme = others[others["events"].eq(others["n"]) | others["events"].eq(0)]
    among = others if extreme.empty else extreme
    lead, least = next(rows.itertuples()), next(among.sort_values(["read_in", "n"]).itertuples())
    limits = [percent_range(row.low, row.high) for row in (lead, least)]
    limits[0] = word("headline.limits", interval=interval, range=limits[0])
    counts = [
        word(
            "headline.pair_count",
            k=row.events,
            n=row.n,
            endpoint=row.endpoint,
            study=_named(row),
            range=limit,
        )
        for row, limit in zip((lead, least), limits, strict=True)
    ]
    comma = word("clause_separator")
    return [comma.join(counts), word("headline.not_compared")]


def endpoints_headline(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say how many counts are full, and how low a rate the fewest and the most patients allow.

    Parameters
    ----------
    table, confidence_level, method
        As for `response_headline`, which is said where there are not two sizes of full cohorts;
        with ``study``, ``programme`` and ``overlaps_with``, which tell whether reports may
        share patients.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "study": ["a", "b", "c"], "programme": ["p", "q", "q"], "overlaps_with": None,
    ...     "label": ["A 2025", "B 2025", "C 2025"], "cohort": "all", "endpoint": "DORIS",
    ...     "events": [3, 12, 5], "n": [3, 12, 10], "rate": [1, 1, 0.5],
    ...     "low": [0.292, 0.735, 0.187], "high": [1, 1, 0.813], "read_in": "primary"})
    >>> endpoints_headline(table, confidence_level=0.95, method="clopper-pearson")
    '2 of 3 counts, from 3 overlapping reports, are n of n; 3 of 3 allows 29 %, 12 of 12 74 % (exact 95 % CI)'
    """  # noqa: E501
    _check_rows(table)
    level = {"confidence_level": confidence_level, "method": method}
    full = table[table["events"] == table["n"]].sort_values("n")
    if full["n"].nunique() < 2:
        return response_headline(table, **level)
    fewest, most = full.iloc[0], full.iloc[-1]
    return word(
        "headline.endpoints",
        full=len(full),
        rows=len(table),
        reports=_reports(table),
        interval=interval_words(**level),
        fewest=fewest.n,
        low=percent(fewest.low),
        most=most.n,
        high=percent(most.low),
    )


def _reports(table):
    """How many reports, and whether some of them may share patients."""
    reports = table.drop_duplicates("study")
    named = reports["overlaps_with"].dropna().str.split().explode()
    overlap = reports["programme"].duplicated().any() or named.isin(reports["study"]).any()
    code = "headline.overlapping_reports" if overlap else "headline.reports"
    return word(code, n=len(reports))


def scores_headline(table: pd.DataFrame) -> str:
    """Say in how many cohorts one statistic is printed before and after, of how few patients.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``outcome``, ``endpoint`` (words), ``read_in`` and those
        of `lupuscart.words.labels.score_words`.
    """
    _check_rows(table)
    cohorts = [rows for _, rows in table.groupby(["label", "outcome"], sort=False)]
    if len(cohorts) == 1:
        return _one_cohort(cohorts[0])
    sizes = table["n"].dropna()
    parts = [
        word("headline.scores", both=sum(map(_is_before_and_after, cohorts)), cohorts=len(cohorts))
    ]
    if len(sizes):
        code = "headline.sizes" if table["n"].notna().all() else "headline.sizes_known"
        parts.append(word(code, fewest=sizes.min(), most=sizes.max()))
    parts.append(word("headline.no_control"))
    return word("pair_separator").join(parts)


def _one_cohort(rows):
    return word(
        "headline.score",
        study=_named(rows.sort_values("read_in").iloc[-1]),
        outcome=rows["endpoint"].iloc[0],
        scores=score_words(rows),
    )


def _is_before_and_after(cohort):
    """Whether one statistic has a baseline and a later value."""
    baseline = cohort["week"].eq(0).fillna(False)
    before, after = cohort.loc[baseline, "statistic"], cohort.loc[~baseline, "statistic"]
    return not set(before).isdisjoint(after)


def changes_headline(table: pd.DataFrame) -> str:
    """Say how many changes there are, of how many kinds: a range of them would compare cohorts.

    SLE-DAS is another scale: its changes count only where there is no other.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``outcome``, ``endpoint`` (words), ``change``,
        ``change_kind``, ``read_in``.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025", "B 2025"], "outcome": "sledai_2k",
    ...                       "change": [-20, -7.9], "read_in": ["secondary", "primary"],
    ...                       "change_kind": ["largest_fall", "difference_of_means"]})
    >>> print(changes_headline(table))  # doctest: +NORMALIZE_WHITESPACE
    2 SLEDAI falls (1 read second-hand), printed as 2 kinds of statistic,
    1 from one patient each; none had a control
    """
    _check_rows(table)
    same_scale = table[table["outcome"] != "sle_disease_activity_score"]
    rows = table if same_scale.empty else same_scale
    if len(rows) == 1:
        one = next(rows.itertuples())
        return word(
            "headline.change",
            study=_named(one),
            outcome=one.endpoint,
            change=points(one.change),
            kind=word_for("change_kind", one.change_kind),
        )
    kinds = rows["change_kind"]
    parts = [
        word(
            "headline.falls" if rows["change"].lt(0).all() else "headline.changes",
            n=len(rows),
            scale="SLE-DAS" if same_scale.empty else "SLEDAI",
            second_hand=_how_many_second_hand(rows),
        )
    ]
    if len(different := kinds.unique()) > 1:
        parts.append(word("headline.kinds", n=len(different)))
    if single := kinds.isin(["individual_change", "largest_fall"]).sum():
        parts.append(word("headline.single_patients", n=single))
    said = word("clause_separator").join(parts)
    end = word("headline.none_had_control")
    return word("pair_separator").join([said, end])


def events_headline(table: pd.DataFrame, *, confidence_level: float) -> str:
    """Say how many counts are zero, and the rates that no event leaves possible.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint`` (words), ``events``, ``n``, ``upper`` (0
        to 1, the one-sided limit), ``read_in``.
    confidence_level : float
        Of the one-sided limit.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025", "B 2025"], "endpoint": "GVHD", "events": 0,
    ...                       "n": [15, 5], "upper": [0.181, 0.451], "read_in": "primary"})
    >>> events_headline(table, confidence_level=0.95)
    '2 of 2 counts of GVHD are zero; 0 of 15 allows 18 %, 0 of 5 45 % (one-sided 95 %)'
    """
    _check_rows(table)
    level = level_words(confidence_level)
    zeros = table[table["events"] == 0].sort_values("n", ascending=False)
    if len(table) == 1 or zeros.empty:
        upper = word("headline.upper", level=level)
        return _one_event(table.sort_values("n").iloc[-1], upper)
    ends = dict(zip(zeros["n"], zeros["upper"], strict=True))
    sizes = dict.fromkeys([max(ends), min(ends)])
    codes = ("headline.zero_allows", "headline.zero_limit")
    limits = [
        word(code, n=n, limit=percent(ends[n])) for code, n in zip(codes, sizes, strict=False)
    ]
    harm, *others = table["endpoint"].unique()
    if others:
        harm = word("headline.harms")
    return word(
        "headline.events",
        zeros=len(zeros),
        rows=len(table),
        harm=harm,
        limits=word("clause_separator").join(limits),
        level=word("headline.one_sided", level=level),
    )


def _one_event(row, upper):
    return word(
        "headline.event",
        study=_named(row),
        outcome=row.endpoint,
        k=row.events,
        n=row.n,
        upper=upper,
        limit=percent(row.upper),
    )


def zero_headline(cohorts: pd.DataFrame, excluded: pd.DataFrame, *, confidence_level: float) -> str:
    """Say what no event in the smallest cohort allows, and how many exclude the lowest rate.

    Parameters
    ----------
    cohorts : DataFrame
        Columns ``n`` and ``upper`` (0 to 1); may be empty.
    excluded : DataFrame
        Columns ``rate`` (0 to 1) and ``n``, the patients who exclude it.
    confidence_level : float
        Of the one-sided limit.

    Examples
    --------
    >>> cohorts = pd.DataFrame({"n": [5, 15], "upper": [0.451, 0.181]})
    >>> excluded = pd.DataFrame({"rate": [0.1, 0.01], "n": [29, 299]})
    >>> zero_headline(cohorts, excluded, confidence_level=0.95)
    'None of 5 with an event: rates up to 45 % not excluded; excluding 1 % takes 299 (one-sided 95 %)'
    """  # noqa: E501
    _check_rows(excluded)
    lowest = excluded.sort_values("rate").iloc[0]
    gaps = {
        "rate": percent(lowest.rate),
        "needed": int(lowest.n),
        "level": level_words(confidence_level),
    }
    if cohorts.empty:
        return word("headline.exclude", **gaps)
    smallest = cohorts.sort_values("n").iloc[0]
    limit = percent(smallest.upper)
    gaps["level"] = word("headline.one_sided", level=gaps["level"])
    return word("headline.zero", n=int(smallest.n), limit=limit, **gaps)


def methods_headline(table: pd.DataFrame, *, confidence_level: float) -> str:
    """Say how far the choice of the method alone moves a limit of the smallest count.

    It is the lower limit, and the upper one of a count of zero. Wald stands apart: it has no
    width where it is needed most, and the headline says where that is so.

    Parameters
    ----------
    table : DataFrame
        One row a count and method: ``label``, ``cohort``, ``events``, ``n``, ``method``,
        ``low``, ``high``, ``read_in``.
    confidence_level : float
        Of the intervals.

    Examples
    --------
    >>> table = pd.DataFrame({"label": "B 2025", "cohort": "all", "events": 5, "n": 5,
    ...     "method": ["clopper-pearson", "jeffreys", "wald"], "low": [0.478, 0.621, 1],
    ...     "high": 1, "read_in": "primary"})
    >>> print(methods_headline(table, confidence_level=0.95))  # doctest: +NORMALIZE_WHITESPACE
    5 of 5 (B 2025): lower end of a two-sided 95 % interval 48 to 62 %, by method;
    Wald breaks down
    """
    rows = table[table["method"] != "wald"].sort_values("n", kind="stable")
    _check_rows(rows)
    count = rows[rows["label"] == rows["label"].iloc[0]]
    first = count.iloc[0]
    end = "low" if first.events else "high"
    wald = table[(table["method"] == "wald") & (table["label"] == first.label)]
    return word(
        f"headline.methods_{end}",
        study=_named(first),
        k=first.events,
        n=first.n,
        level=level_words(confidence_level),
        lowest=hundredths(count[end].min()),
        highest=percent(count[end].max()),
        wald=_wald(wald),
    )


def _wald(rows):
    """What becomes of Wald's interval, which has no width for an empty or full cohort."""
    if rows.empty:
        return ""
    breaks = rows["low"].eq(rows["high"]).any()
    return word("headline.wald_breaks" if breaks else "headline.wald_apart")


def coverage_headline(table: pd.DataFrame, *, confidence_level: float) -> str:
    """Say how low the two worst methods fall, and which keep the level for every true rate.

    Parameters
    ----------
    table : DataFrame
        Columns ``method``, ``n``, ``coverage`` (0 to 1), over a grid of true rates.
    confidence_level : float
        The level claimed.

    Examples
    --------
    >>> table = pd.DataFrame({"method": ["clopper-pearson", "wilson", "wald"], "n": 5,
    ...                       "coverage": [0.975, 0.833, 0.002]})
    >>> print(coverage_headline(table, confidence_level=0.95))  # doctest: +NORMALIZE_WHITESPACE
    Wilson covers as little as 83 % (n = 5), Wald nearly 0 % (n = 5);
    Clopper-Pearson at least 95 %
    """
    _check_rows(table)
    places = table.reset_index(drop=True).groupby("method", sort=False)["coverage"].idxmin()
    lowest = table.iloc[places]
    # A coverage of exactly the level is not short of it for a rounding of the last digit.
    keeps = lowest["coverage"] >= confidence_level - 1e-9
    worst = lowest[~keeps].sort_values("coverage", ascending=False).tail(2)
    falls = [_falls_to(row) for row in worst.itertuples()]
    parts = [join(falls)] if falls else []
    if keeps.any():
        names = [word(f"method.{method}") for method in lowest["method"][keeps]]
        level = level_words(confidence_level)
        kept = join(names)
        parts.append(word("headline.kept", level=level, methods=kept))
    return word("pair_separator").join(parts)


def _falls_to(row):
    """How low a method falls, rounded down; below 1 % only the grid decides how near to 0."""
    method = word(f"method.{row.method}")
    said = {"method": method, "n": row.n}
    if row.coverage < 0.01:
        zero = percent(0)
        return word("headline.falls_to_nothing", zero=zero, **said)
    lowest = percent(math.floor(100 * row.coverage) / 100)
    return word("headline.falls_to", lowest=lowest, **said)


def tipping_headline(table: pd.DataFrame) -> str:
    """Say from which assumed rate on an added effect is not shown.

    Parameters
    ----------
    table : DataFrame
        One row a count: ``label``, ``cohort``, ``tipping`` (0 to 1), ``read_in``.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025", "B 2025"], "cohort": "all",
    ...                       "tipping": [0.519, 0.478], "read_in": "primary"})
    >>> print(tipping_headline(table))  # doctest: +NORMALIZE_WHITESPACE
    If 48 % (B 2025) or 52 % (A 2025) or more responded without cells,
    an added effect is not shown
    """
    _check_rows(table)
    ordered = table.sort_values("tipping", kind="stable")
    ends = [ordered.iloc[0], ordered.iloc[-1]][: len(ordered)]
    rates = [word("in_brackets", text=percent(row.tipping), inside=_named(row)) for row in ends]
    code = {1: "headline.tipping_one", 2: "headline.tipping_two"}.get(len(ordered))
    return word(
        code or "headline.tipping_many", lowest=rates[0], highest=rates[-1], rows=len(ordered)
    )


def pooling_headline(
    cohorts: pd.DataFrame, pooled: pd.DataFrame, *, outcome: str, confidence_level: float
) -> str:
    """Say where the rate of a new cohort may lie, under each prior of the Bayes model.

    Parameters
    ----------
    cohorts : DataFrame
        One row a cohort that enters: ``read_in``.
    pooled : DataFrame
        Columns ``model``, ``new_low``, ``new_high`` (0 to 1).
    outcome : str
        The endpoint in words.
    confidence_level : float
        Of the intervals.

    Examples
    --------
    >>> cohorts = pd.DataFrame({"read_in": ["primary", "secondary"]})
    >>> pooled = pd.DataFrame({"model": "bayes", "new_low": [0.41, 0.2], "new_high": [0.96, 0.99]})
    >>> pooling_headline(cohorts, pooled, outcome="DORIS", confidence_level=0.95)
    'DORIS, 2 cohorts (1 read second-hand): true rate in a new cohort 41–96 % or 20–99 %, by the prior (Bayes, 95 %)'
    """  # noqa: E501
    bayes = pooled[pooled["model"] == "bayes"]
    _check_rows(bayes)
    ranges = [percent_range(row.new_low, row.new_high) for row in bayes.itertuples()]
    return word(
        "headline.pooling",
        outcome=outcome,
        cohorts=len(cohorts),
        second_hand=_how_many_second_hand(cohorts),
        ranges=word("headline.by_prior").join(ranges),
        level=level_words(confidence_level),
    )


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
    _check_rows(table)
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
    _check_rows(table)
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


def scenario_headline(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say what the cells would add to the count, and to it in the first supposed case.

    Parameters
    ----------
    table : DataFrame
        One row a case, the count itself first: ``events``, ``n``, ``background_rate``,
        ``increment_low``, ``increment_high``.
    confidence_level, method
        What the interval was computed with.

    Examples
    --------
    >>> table = pd.DataFrame({"events": 12, "n": [15, 16], "background_rate": 0.5,
    ...                       "increment_low": [0.019, -0.024], "increment_high": [0.457, 0.427]})
    >>> said = scenario_headline(table, confidence_level=0.95, method="clopper-pearson")
    >>> print(said)  # doctest: +NORMALIZE_WHITESPACE
    If 50 % responded anyway, the added response is 2 to 46 points at 12 of 15,
    −2 to 43 points at 12 of 16 (exact 95 % CI)
    """
    _check_rows(table)
    ranges = [
        word(
            "headline.scenario",
            low=percentage_points(row.increment_low),
            high=percentage_points(row.increment_high),
            k=row.events,
            n=row.n,
        )
        for row in table.head(2).itertuples()
    ]
    return word(
        "headline.scenarios",
        rate=percent(table["background_rate"].iloc[0]),
        ranges=join(ranges),
        interval=interval_words(confidence_level, method),
    )


def _named(row):
    """The name of a row's cohort, marked where it was read second-hand."""
    name = cohort_label(row)
    if row.read_in != "secondary":
        return name
    return word("headline.second_hand", study=name)


def _how_many_second_hand(rows):
    n = int(rows["read_in"].eq("secondary").sum())
    return word("headline.second_hand_rows", n=n) if n else ""


def _check_rows(table):
    if table.empty:
        raise ValueError("the table has no rows; allowed: at least one row to describe")
