"""Labels, sentences and cautions, made from the rows shown.

A caption is never typed: the table drives the text, so a sentence cannot say
other than the numbers beside it, and a cohort without chemotherapy does not get
the caution of one with it.
"""

import math
import re

import pandas as pd

from lupuscart.words import codes, join, word, word_for

__all__ = [
    "add_labels",
    "alt_text",
    "assurance_sentences",
    "benchmark_words",
    "cautions",
    "change_sentences",
    "cohort_label",
    "conditioning_words",
    "count_labels",
    "coverage_sentences",
    "event_sentences",
    "interval_sentences",
    "label_studies",
    "outcome_words",
    "percent",
    "percent_range",
    "points",
    "pooling_sentences",
    "power_sentences",
    "protocol_paragraph",
    "response_sentences",
    "score_sentences",
    "score_words",
    "settings_words",
    "statistic_words",
    "study_sentences",
    "tipping_sentences",
    "window",
    "zero_sentences",
]


def percent(rate: float, *, language: str = "en", decimals: int = 0) -> str:
    """Return a proportion as a percentage; only 0 and 1 themselves read 0 and 100.

    Examples
    --------
    >>> percent(0.8), percent(0.997), percent(1)
    ('80 %', '99.7 %', '100 %')
    """
    return word("percent", language=language, value=_hundredths(rate, decimals))


def percent_range(low: float, high: float, *, language: str = "en") -> str:
    """Return two limits as a range of percentages.

    Examples
    --------
    >>> percent_range(0.519, 0.957), percent_range(0.555, 0.9975)
    ('52–96 %', '56–99.8 %')
    """
    limits = {"low": _hundredths(low), "high": _hundredths(high)}
    return word("percent_range", language=language, **limits)


def _hundredths(rate, decimals=0):
    """A proportion in percent, with a decimal where it would round to 0 or 100."""
    text = f"{100 * rate:.{decimals}f}"
    if not 0 < rate < 1 or float(text) not in (0, 100):
        return text
    if decimals < 1:
        return _hundredths(rate, 1)
    return "<0.1" if rate < 0.5 else ">99.9"


def label_studies(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``label``, the name a report goes by; cohorts of one report are told apart.

    Parameters
    ----------
    table : DataFrame
        Columns ``study``, ``first_author``, ``year`` and, if rows are cohorts, ``cohort``.

    Returns
    -------
    DataFrame
        A copy with the column ``label``.

    Examples
    --------
    >>> row = {"study": "feng_2025", "first_author": "Feng J", "year": 2025}
    >>> label_studies(pd.DataFrame([row]))["label"].tolist()
    ['Feng J 2025']
    """
    label = table["first_author"] + " " + table["year"].astype(str)
    if "cohort" in table:
        # Named only where two rows would otherwise read the same.
        same = [name for name in ("study", "outcome") if name in table]
        several = table.groupby(same)["cohort"].transform("nunique") > 1
        label = label.mask(several, label + " (" + table["cohort"] + ")")
    return table.assign(label=label)


def window(timing: str, week, *, short: bool = False, language: str = "en") -> str:
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
        return word("window.not_reported", language=language)
    if pd.isna(week):
        code = "window.by_no_week" if timing == "by" else f"window.{timing}"
        if short and f"short_{code}" in codes():
            code = f"short_{code}"
        return word(code, language=language)
    week = int(week)
    if week == 0:
        return word("window.baseline", language=language)
    if timing not in ("at", "by", "after_at_least", "median_followup"):
        timing = "at"
    if short:
        return word(f"short_window.{timing}", language=language, week=week)
    words = word(f"window.{timing}", language=language, week=week)
    if week % 13:
        return words
    return word("window.month", language=language, window=words, month=week * 3 // 13)


def conditioning_words(conditioning, *, language: str = "en") -> str:
    """Return a conditioning regimen in words; missing is said to be missing.

    Examples
    --------
    >>> conditioning_words("none")
    'no conditioning'
    """
    if pd.isna(conditioning):
        return word("conditioning.not_reported", language=language)
    return word_for("conditioning", conditioning, language=language)


def outcome_words(outcome: str, *, language: str = "en") -> str:
    """Return an outcome in the words of a label, which are short where there are short ones.

    Examples
    --------
    >>> outcome_words("doris")
    'DORIS'
    """
    return _short_words("outcome", outcome, language)


def statistic_words(statistic: str, *, language: str = "en") -> str:
    """Return a statistic in the words of a label.

    Examples
    --------
    >>> statistic_words("minimum")
    'lowest'
    """
    return _short_words("statistic", statistic, language)


def _short_words(kind, value, language):
    short = f"short_{kind}"
    return word_for(short if f"{short}.{value}" in codes() else kind, value, language=language)


def add_labels(table: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """Add what a figure or a table calls each row.

    Parameters
    ----------
    table : DataFrame
        Columns ``study``, ``first_author``, ``year``, ``cohort``, ``outcome``, ``week``,
        ``timing``.
    language : {"en", "zh"}
        The reader's language.

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
        endpoint=[outcome_words(outcome, language=language) for outcome in table["outcome"]],
        window=[window(timing, week, language=language) for timing, week in when],
        short_window=[window(timing, week, short=True, language=language) for timing, week in when],
    )


def response_sentences(
    table: pd.DataFrame, *, confidence_level: float, method: str, language: str = "en"
) -> list[str]:
    """Return one sentence a row: how many responded, with the interval and the conditioning.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``window``, ``events``, ``n``, ``rate``, ``low``,
        ``high``, ``conditioning``, ``read_in``.
    confidence_level, method
        What the interval was computed with.
    language : {"en", "zh"}
        The reader's language.
    """
    interval = _interval_words(confidence_level, method, language)
    return [_response_sentence(row, interval, language) for row in table.itertuples()]


def _interval_words(confidence_level, method, language):
    level = word("percent", language=language, value=f"{round(100 * confidence_level, 6):g}")
    # The default is called exact and needs no name; every other method is named.
    if method == "clopper-pearson":
        return word("interval.exact", language=language, level=level)
    kind = "credible" if method == "uniform-prior" else "confidence"
    name = word(f"method.{method}", language=language)
    return word(f"interval.{kind}.two-sided", language=language, level=level, method=name)


def _response_sentence(row, interval: str, language: str) -> str:
    sentence = word(
        "sentence.response",
        language=language,
        study=cohort_label(row, language=language),
        outcome=row.endpoint,
        window=row.window,
        k=row.events,
        n=row.n,
        rate=percent(row.rate, language=language),
        interval=interval,
        low=_hundredths(row.low),
        high=percent(row.high, language=language),
        conditioning=conditioning_words(row.conditioning, language=language),
    )
    return _second_hand(sentence, row.read_in, language)


def _second_hand(sentence, read_in, language):
    if read_in == "secondary":
        return word("sentence.secondhand", language=language, sentence=sentence)
    return sentence


def cohort_label(row, *, language: str = "en") -> str:
    """Return the label of a row, with its cohort where that is not all patients.

    Examples
    --------
    >>> row = pd.Series({"label": "Autolus 2025", "cohort": "50e6 cells"})
    >>> cohort_label(row)
    'Autolus 2025 (50e6 cells)'
    """
    if row.cohort == "all" or row.cohort in row.label:
        return row.label
    return word("in_brackets", language=language, text=row.label, inside=row.cohort)


def score_words(cohort: pd.DataFrame, *, language: str = "en") -> str:
    """Return the printed scores of one cohort in words, the decimals as printed.

    Parameters
    ----------
    cohort : DataFrame
        The rows of one cohort and instrument: ``statistic``, ``week``, ``short_window``
        (words), ``value_printed``, ``spread_kind``, ``spread``, ``n``.
    language : {"en", "zh"}
        The reader's language.

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
    parts = [_statistic_words(rows, language) for _, rows in statistics]
    sizes = "/".join(sorted({str(n) for n in cohort["n"].dropna()}))
    known = word("scores.n", language=language, n=sizes)
    unknown = word("scores.n_unknown", language=language)
    return word("pair_separator", language=language).join([*parts, known if sizes else unknown])


def _statistic_words(rows, language):
    """One statistic: from what at baseline, to what and when."""
    name = statistic_words(rows["statistic"].iloc[0], language=language)
    values = " → ".join(_printed(row, language) for row in rows.itertuples())
    when = rows["short_window"].iloc[-1]
    return word("clause_separator", language=language).join([f"{name} {values}", when])


def _printed(row, language):
    if pd.isna(row.spread):
        return row.value_printed
    spread = row.spread
    if row.spread_kind == "range_width":
        spread = word("scores.width", language=language, width=row.spread)
    return word("in_brackets", language=language, text=row.value_printed, inside=spread)


def study_sentences(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence a report: how many were treated with what, and what was counted when.

    Parameters
    ----------
    table : DataFrame
        One row a report and endpoint: columns ``label``, ``n_treated``, ``product``,
        ``conditioning``, ``outcome``, ``timing``, ``week``.
    language : {"en", "zh"}
        The reader's language.
    """
    return [
        word(
            "sentence.study",
            language=language,
            study=label,
            n=rows["n_treated"].iloc[0],
            product=rows["product"].iloc[0],
            conditioning=conditioning_words(rows["conditioning"].iloc[0], language=language),
            endpoints=_endpoints_counted(rows, language),
        )
        for label, rows in table.groupby("label", sort=False)
    ]


def _endpoints_counted(rows, language):
    counted = [
        f"{outcome_words(row.outcome, language=language)} "
        f"{window(row.timing, row.week, short=True, language=language)}"
        for row in rows.dropna(subset=["outcome"]).itertuples()
    ]
    none = word("figure.evidence.no_response", language=language)
    return join(counted, language=language) if counted else none


def score_sentences(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence a cohort and instrument: the scores as printed.

    Parameters
    ----------
    table : DataFrame
        As for `score_words`, with ``label`` and ``endpoint`` (words).
    language : {"en", "zh"}
        The reader's language.
    """
    cohorts = table.groupby(["label", "endpoint"], sort=False)
    return [
        _second_hand(
            word(
                "sentence.score",
                language=language,
                study=label,
                outcome=endpoint,
                scores=score_words(rows, language=language),
            ),
            rows["read_in"].max(),
            language,
        )
        for (label, endpoint), rows in cohorts
    ]


def change_sentences(
    table: pd.DataFrame, *, yardstick: pd.DataFrame | None = None, language: str = "en"
) -> list[str]:
    """Return one sentence a change, and one a yardstick: how many points, of what kind.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``window`` (words), ``change``, ``change_kind``,
        ``read_in``.
    yardstick : DataFrame, optional
        Columns ``label``, ``window`` (words), ``n``, ``value``.
    language : {"en", "zh"}
        The reader's language.
    """
    sentences = [
        _second_hand(
            word(
                "sentence.change",
                language=language,
                study=row.label,
                outcome=row.endpoint,
                window=row.window,
                change=points(row.change),
                kind=word_for("change_kind", row.change_kind, language=language),
            ),
            row.read_in,
            language,
        )
        for row in table.itertuples()
    ]
    lines = [] if yardstick is None else yardstick.itertuples()
    return sentences + [
        word(
            "sentence.yardstick",
            language=language,
            value=points(row.value),
            study=row.label,
            window=row.window,
            n=row.n,
        )
        for row in lines
    ]


def points(change: float) -> str:
    """Return a change in points with a true minus sign.

    Examples
    --------
    >>> points(-4.8)
    '−4.8'
    """
    return f"{change:g}".replace("-", "−")


def event_sentences(table: pd.DataFrame, *, upper: str, language: str = "en") -> list[str]:
    """Return one sentence a row: how many had the event, and how high the rate may be.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint``, ``window`` (words), ``events``, ``n``,
        ``upper``, ``read_in``.
    upper : str
        The label of the one-sided upper limit.
    language : {"en", "zh"}
        The reader's language.
    """
    return [
        _second_hand(
            word(
                "sentence.event",
                language=language,
                study=cohort_label(row, language=language),
                outcome=row.endpoint,
                window=row.window,
                k=row.events,
                n=row.n,
                upper=upper,
                limit=percent(row.upper, language=language),
            ),
            row.read_in,
            language,
        )
        for row in table.itertuples()
    ]


def zero_sentences(cohorts: pd.DataFrame, *, upper: str, language: str = "en") -> list[str]:
    """Return one sentence a size of cohort: the rate that no event leaves possible.

    Parameters
    ----------
    cohorts : DataFrame
        Columns ``n`` and ``upper``.
    upper : str
        The label of the one-sided upper limit.
    language : {"en", "zh"}
        The reader's language.
    """
    return [
        word(
            "sentence.zero",
            language=language,
            n=row.n,
            upper=upper,
            limit=percent(row.upper, language=language),
        )
        for row in cohorts.itertuples()
    ]


def interval_sentences(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence a method and count: its interval.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``method``, ``low``, ``high``.
    language : {"en", "zh"}
        The reader's language.
    """
    return [
        word(
            "sentence.interval",
            language=language,
            study=row.label,
            method=word_for("method", row.method, language=language),
            low=percent(row.low, language=language),
            high=percent(row.high, language=language),
        )
        for row in table.itertuples()
    ]


def coverage_sentences(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence a method and size of cohort: the lowest coverage on the grid.

    Parameters
    ----------
    table : DataFrame
        Columns ``method``, ``n``, ``coverage``.
    language : {"en", "zh"}
        The reader's language.
    """
    lowest = table.groupby(["method", "n"], sort=False)["coverage"].min()
    return [
        word(
            "sentence.coverage",
            language=language,
            method=word_for("method", method, language=language),
            n=n,
            lowest=percent(coverage, language=language, decimals=1),
        )
        for (method, n), coverage in lowest.items()
    ]


def benchmark_words(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return each benchmark in one line: who, which dose, endpoint, week, count, patients.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``arm``, ``treatment``, ``note``, ``endpoint``, ``short_window``
        (words), ``events``, ``n``, ``rate`` (0 to 1), ``population``.
    language : {"en", "zh"}
        The reader's language.
    """
    return [_benchmark_line(row, language) for row in table.itertuples()]


_CHEMOTHERAPY = ("cyclophosphamide_based", "conditioning_with_transplant")


def _dose(note):
    """The dose that a note of an arm begins with, if it begins with one."""
    found = None if pd.isna(note) else re.match(r"\d[\d.]* mg/[^;,]*", note)
    return found and found[0]


# How many were treated stands in the count already.
_PATIENTS = re.compile(r", \d+ \w+$")


def _benchmark_line(row, language):
    arm = row.arm
    if row.treatment in _CHEMOTHERAPY:
        dose = _dose(row.note) or word("benchmark.no_dose", language=language)
        arm = word("in_brackets", language=language, text=arm, inside=dose)
    counted = percent(row.rate, language=language)
    if not pd.isna(row.events):
        counted = f"{row.events}/{row.n}"
    return word(
        "benchmark.line",
        language=language,
        study=row.label,
        arm=arm,
        outcome=row.endpoint,
        window=row.short_window,
        counted=counted,
        population=_PATIENTS.sub("", row.population.split(";")[0]),
    )


def tipping_sentences(
    table: pd.DataFrame, marks: pd.DataFrame, *, language: str = "en"
) -> list[str]:
    """Return one sentence a trial, where the added effect tips, and one a benchmark beside it.

    Parameters
    ----------
    table : DataFrame
        Columns ``label`` and ``tipping`` (0 to 1).
    marks : DataFrame
        Columns ``label``, ``number``, ``rate`` (0 to 1), ``relation``, ``words``.
    language : {"en", "zh"}
        The reader's language.
    """
    tips = [
        word(
            "sentence.tipping",
            language=language,
            study=row.label,
            rate=percent(row.tipping, language=language),
        )
        for row in table.drop_duplicates("label").itertuples()
    ]
    return tips + [
        word(
            "sentence.benchmark",
            language=language,
            study=row.label,
            number=row.number,
            words=row.words,
            rate=percent(row.rate, language=language),
            relation=word(f"relation.{row.relation}", language=language),
        )
        for row in marks.itertuples()
    ]


def protocol_paragraph(plan: dict, *, language: str = "en") -> str:
    """Return a plan in plain words that could go into a protocol.

    Parameters
    ----------
    plan : dict
        ``n1``, ``n2``, ``p1``, ``p2``, ``endpoint`` and ``window`` (words), ``power``,
        ``size``, ``alpha``, ``test``, ``assurance``, ``belief`` (words on both rates),
        ``excluded`` (the event rate that none among n1 excludes), ``event_rate``, ``n_event``.
    language : {"en", "zh"}
        The reader's language.
    """
    whole = ("p1", "p2", "power", "assurance", "event_rate")
    shown = {name: percent(plan[name], language=language) for name in whole}
    # An upper bound is rounded up, or it would not be one.
    up = {name: math.ceil(1000 * plan[name]) / 1000 for name in ("size", "excluded")}
    bounds = {name: percent(up[name], language=language, decimals=1) for name in up}
    level = word("percent", language=language, value=f"{100 * plan['alpha']:g}")
    test = word(f"test.{plan['test']}", language=language)
    gaps = {**plan, **shown, **bounds, "alpha": level, "test": test}
    return word("plan.paragraph", language=language, **gaps)


def power_sentences(table: pd.DataFrame, *, level: float, language: str = "en") -> list[str]:
    """Return one sentence a few control rates: the patients an arm that reach a power.

    Parameters
    ----------
    table : DataFrame
        Columns ``p2``, ``n2``, ``power``.
    level : float
        The power to reach.
    language : {"en", "zh"}
        The reader's language.
    """
    sentences = []
    for rate, rows in table.groupby("p2"):
        reached = rows.loc[rows["power"] >= level, "n2"]
        code = "sentence.power" if len(reached) else "sentence.power_never"
        sentences.append(
            word(
                code,
                language=language,
                rate=percent(rate, language=language),
                power=percent(level, language=language),
                n=int(reached.min()) if len(reached) else int(rows["n2"].max()),
            )
        )
    return sentences[::8]


def assurance_sentences(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence an assumption: the probability at the largest trial shown.

    Parameters
    ----------
    table : DataFrame
        Columns ``assumption`` (words), ``n``, ``probability``.
    language : {"en", "zh"}
        The reader's language.
    """
    last = table.sort_values("n").drop_duplicates("assumption", keep="last")
    return [
        word(
            "sentence.assurance",
            language=language,
            assumption=row.assumption,
            n=row.n,
            probability=percent(row.probability, language=language),
        )
        for row in last.itertuples()
    ]


def pooling_sentences(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence a way of pooling, or that it has no estimate.

    Parameters
    ----------
    table : DataFrame
        Columns ``model``, ``interval``, ``estimate``, ``low``, ``high``, ``new_low``,
        ``new_high`` (0 to 1), ``assumes_no_heterogeneity``, ``refusal``.
    language : {"en", "zh"}
        The reader's language.
    """
    refused = table[table["refusal"] != ""].drop_duplicates("model")
    told = pd.concat([table[table["refusal"] == ""], refused])
    return [_pooling_sentence(row, language) for row in told.itertuples()]


def _pooling_sentence(row, language):
    model = word(f"model.{row.model}", language=language)
    if row.refusal:
        reason = word(f"refusal.{row.refusal}", language=language)
        return word("sentence.not_pooled", language=language, model=model, reason=reason)
    numbers = {
        name: percent(getattr(row, name), language=language)
        for name in ("low", "high", "new_low", "new_high")
        if not pd.isna(getattr(row, name))
    }
    code = "sentence.pooled" if "new_low" in numbers else "sentence.pooled_mean"
    return word(
        code,
        language=language,
        model=model,
        interval=word_for("pool_interval", row.interval, language=language),
        rate=percent(row.estimate, language=language),
        assumes=word("sentence.assumes", language=language) if row.assumes_no_heterogeneity else "",
        **numbers,
    )


def count_labels(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return a label that says which count it is: the report, its endpoint, week and k/n.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``short_window`` (words), ``events``, ``n``.
    language : {"en", "zh"}
        The reader's language.
    """
    comma = word("clause_separator", language=language)
    return [
        comma.join([row.label, row.endpoint, row.short_window, f"{row.events}/{row.n}"])
        for row in table.itertuples()
    ]


def settings_words(
    treatment_rate: float, ratio: float, *, test: str, alpha: float, language: str = "en"
) -> str:
    """Return what a map of power holds fixed, in words.

    Examples
    --------
    >>> settings_words(0.8, 1, test="boschloo", alpha=0.05)
    '80 % with the cells; Boschloo, two-sided 5 %; 1 treated for each control'
    """
    return word(
        "plan.fixed_settings",
        language=language,
        p1=percent(treatment_rate, language=language),
        test=word(f"test.{test}", language=language),
        alpha=word("percent", language=language, value=f"{100 * alpha:g}"),
        ratio=f"{ratio:g}",
    )


def cautions(
    table: pd.DataFrame, *, patients: pd.DataFrame | None = None, language: str = "en"
) -> list[str]:
    """Return the cautions that fit the rows shown: few patients, no control, windows differ.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``domain``, ``n``, ``conditioning``, ``endpoint``, ``window``.
    patients : DataFrame, optional
        Columns ``label``, ``n``, ``conditioning`` of all the reports shown, if these are
        more than the rows of `table`.
    language : {"en", "zh"}
        The reader's language.
    """
    shown = table if patients is None else patients
    if shown.empty or table.empty:
        raise ValueError(
            "no row is left; allowed: a choice of study, outcome, week or window that leaves some"
        )
    domain = table["domain"].iloc[0]
    return [
        _caution_few(shown, domain == "activity_score", language),
        *_cautions_control(shown, "harm_" if domain == "safety" else "", language),
        _caution_windows(table, language),
    ]


def _caution_few(table, scores, language):
    sizes = table["n"].dropna()
    smallest, largest = int(sizes.min()), int(sizes.max())
    code = "caution.few_one" if smallest == largest else "caution.few"
    code = "caution.few_scores" if scores else code
    return word(code, language=language, smallest=smallest, largest=largest)


def _cautions_control(table, kind, language):
    given = table["conditioning"]
    groups = {
        f"caution.{kind}conditioned": given.notna() & given.ne("none"),
        f"caution.{kind}unconditioned": given.eq("none"),
        "caution.conditioning_unknown": given.isna(),
    }
    return [
        word(code, language=language, studies=_studies(table[rows], language))
        for code, rows in groups.items()
        if rows.any()
    ]


def _studies(rows, language):
    return join(dict.fromkeys(rows["label"]), language=language)


def _caution_windows(table, language):
    pairs = dict.fromkeys(zip(table["endpoint"], table["window"], strict=True))
    code = "caution.one_window" if len(pairs) == 1 else "caution.windows"
    comma = word("clause_separator", language=language)
    endpoints = word("pair_separator", language=language).join(comma.join(pair) for pair in pairs)
    return word(code, language=language, endpoints=endpoints)


def alt_text(figure: str, sentences: list[str], *, language: str = "en", **gaps) -> str:
    """Return a figure's alternative text: its title and what it shows, in words.

    Parameters
    ----------
    figure : str
        The figure's code in ``words.csv``: its title is ``figure.CODE.title``.
    sentences : list of str
        What it shows.
    language : {"en", "zh"}
        The reader's language.
    **gaps
        What stands in the named gaps of the title.

    Examples
    --------
    >>> alt_text("response", ["A: 1 of 2.", "B: 2 of 2."])
    'Patients with each outcome, of those evaluable. A: 1 of 2. B: 2 of 2.'
    """
    title = word(f"figure.{figure}.title", language=language, **gaps)
    rows = word("sentence_separator", language=language).join(sentences)
    return word("alt.figure", language=language, title=title, rows=rows)
