"""Labels, sentences and cautions, made from the rows shown.

A caption is never typed: the table drives the text, so a sentence cannot say
other than the numbers beside it, and a cohort without chemotherapy does not get
the caution of one with it.
"""

import pandas as pd

from lupuscart.words import codes, join, word, word_for

__all__ = [
    "add_labels",
    "alt_text",
    "cautions",
    "change_sentences",
    "conditioning_words",
    "label_studies",
    "outcome_words",
    "percent",
    "percent_range",
    "response_sentences",
    "score_sentences",
    "score_words",
    "statistic_words",
    "study_sentences",
    "window",
]


def percent(rate: float, *, language: str = "en", decimals: int = 0) -> str:
    """Return a proportion as a percentage.

    Examples
    --------
    >>> percent(0.8)
    '80 %'
    """
    return word("percent", language=language, value=f"{100 * rate:.{decimals}f}")


def percent_range(low: float, high: float, *, language: str = "en") -> str:
    """Return two limits as a range of percentages.

    Examples
    --------
    >>> percent_range(0.519, 0.957)
    '52–96 %'
    """
    return word(
        "percent_range", language=language, low=f"{100 * low:.0f}", high=f"{100 * high:.0f}"
    )


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
        several = table.groupby("study")["cohort"].transform("nunique") > 1
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
    level = word("percent", language=language, value=f"{round(100 * confidence_level, 6):g}")
    # "Exact" is a claim about coverage: only this method of the two-sided ones may carry it.
    kind = "exact" if method == "clopper-pearson" else "plain"
    interval = word(f"interval.{kind}", language=language, level=level)
    return [_response_sentence(row, interval, language) for row in table.itertuples()]


def _response_sentence(row, interval: str, language: str) -> str:
    sentence = word(
        "sentence.response",
        language=language,
        study=row.label,
        outcome=row.endpoint,
        window=row.window,
        k=row.events,
        n=row.n,
        rate=percent(row.rate, language=language),
        interval=interval,
        low=f"{100 * row.low:.0f}",
        high=percent(row.high, language=language),
        conditioning=conditioning_words(row.conditioning, language=language),
    )
    if row.read_in == "secondary":
        return word("sentence.secondhand", language=language, sentence=sentence)
    return sentence


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
    parts = [
        _statistic_words(rows, language) for _, rows in cohort.groupby("statistic", sort=False)
    ]
    sizes = {str(n) for n in cohort["n"].dropna()}
    known = word("scores.n", language=language, n="/".join(sorted(sizes)))
    return "; ".join([*parts, known if sizes else word("scores.n_unknown", language=language)])


def _statistic_words(rows, language):
    """One statistic: from what at baseline, to what and when."""
    name = statistic_words(rows["statistic"].iloc[0], language=language)
    values = " → ".join(_printed(row, language) for row in rows.itertuples())
    return f"{name} {values}, {rows['short_window'].iloc[-1]}"


def _printed(row, language):
    if pd.isna(row.spread):
        return row.value_printed
    if row.spread_kind == "range_width":
        spread = word("scores.width", language=language, width=row.spread)
    else:
        spread = row.spread
    return f"{row.value_printed} ({spread})"


def study_sentences(studies: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence a report: how many were treated with what, after what.

    Parameters
    ----------
    studies : DataFrame
        Columns ``label``, ``n_treated``, ``product``, ``conditioning``.
    language : {"en", "zh"}
        The reader's language.
    """
    return [
        word(
            "sentence.study",
            language=language,
            study=row.label,
            n=row.n_treated,
            product=row.product,
            conditioning=conditioning_words(row.conditioning, language=language),
        )
        for row in studies.itertuples()
    ]


def score_sentences(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence a cohort and instrument: the scores as printed.

    Parameters
    ----------
    table : DataFrame
        As for `score_words`, with ``label`` and ``endpoint`` (words).
    language : {"en", "zh"}
        The reader's language.
    """
    return [
        word(
            "sentence.score",
            language=language,
            study=label,
            outcome=endpoint,
            scores=score_words(rows, language=language),
        )
        for (label, endpoint), rows in table.groupby(["label", "endpoint"], sort=False)
    ]


def change_sentences(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return one sentence a change: how many points, and what kind of change it is.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``window`` (words), ``change``, ``change_kind``.
    language : {"en", "zh"}
        The reader's language.
    """
    return [
        word(
            "sentence.change",
            language=language,
            study=row.label,
            outcome=row.endpoint,
            window=row.window,
            change=f"{row.change:g}",
            kind=word_for("change_kind", row.change_kind, language=language),
        )
        for row in table.itertuples()
    ]


def cautions(table: pd.DataFrame, *, language: str = "en") -> list[str]:
    """Return the cautions that fit the rows shown: few patients, no control, windows differ.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``n``, ``conditioning``, ``endpoint``, ``window``.
    language : {"en", "zh"}
        The reader's language.
    """
    return [
        _caution_few(table, language),
        *_cautions_control(table, language),
        _caution_windows(table, language),
    ]


def _caution_few(table, language):
    sizes = table["n"].dropna()
    smallest, largest = int(sizes.min()), int(sizes.max())
    code = "caution.few_one" if smallest == largest else "caution.few"
    return word(code, language=language, smallest=smallest, largest=largest)


def _cautions_control(table, language):
    given = table["conditioning"]
    groups = {
        "caution.conditioned": given.notna() & given.ne("none"),
        "caution.unconditioned": given.eq("none"),
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
    endpoints = join((" ".join(pair) for pair in pairs), language=language)
    return word(code, language=language, endpoints=endpoints)


def alt_text(figure: str, sentences: list[str], *, language: str = "en") -> str:
    """Return a figure's alternative text: its title and what it shows, in words.

    Parameters
    ----------
    figure : str
        The figure's code in ``words.csv``: its title is ``figure.CODE.title``.
    sentences : list of str
        What it shows.
    language : {"en", "zh"}
        The reader's language.

    Examples
    --------
    >>> alt_text("response", ["A: 1 of 2.", "B: 2 of 2."])
    'Responders of evaluable patients. A: 1 of 2. B: 2 of 2.'
    """
    title = word(f"figure.{figure}.title", language=language)
    rows = word("sentence_separator", language=language).join(sentences)
    return word("alt.figure", language=language, title=title, rows=rows)
