"""Sentences, made from the rows shown: what a figure says, to be quoted or read aloud.

A sentence is never typed, so it cannot say other than the numbers beside it.
"""

import math

import pandas as pd

from lupuscart.words.labels import (
    PANELS,
    cohort_label,
    conditioning_words,
    coverage_words,
    hundredths,
    interval_words,
    outcome_words,
    percent,
    points,
    score_words,
    spread_taken,
    window,
)
from lupuscart.words.lexicon import join, level_words, word, word_for

__all__ = [
    "alt_text",
    "assurance_sentences",
    "change_sentences",
    "coverage_sentences",
    "event_sentences",
    "interval_sentences",
    "interval_words",
    "pooling_sentences",
    "power_sentences",
    "protocol_paragraph",
    "response_sentences",
    "score_sentences",
    "study_sentences",
    "tipping_sentences",
    "zero_sentences",
]


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
    interval = interval_words(confidence_level, method, language=language)
    return [_response_sentence(row, interval, language) for row in table.itertuples()]


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
        low=hundredths(row.low),
        high=percent(row.high, language=language),
        conditioning=conditioning_words(row.conditioning, language=language),
    )
    return _second_hand(sentence, row.read_in, language)


def _second_hand(sentence, read_in, language):
    if read_in == "secondary":
        return word("sentence.secondhand", language=language, sentence=sentence)
    return sentence


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
            product=word_for("product", rows["product"].iloc[0], language=language),
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
    return _which_are_drawn(table, language) + [
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


def _which_are_drawn(table, language):
    """Name the panels of a figure, where some have no room."""
    labels = list(dict.fromkeys(table["label"]))
    if len(labels) <= PANELS:
        return []
    studies, count = join(labels[:PANELS], language=language), len(labels) - PANELS
    return [word("sentence.panels", language=language, studies=studies, count=count)]


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
            lowest=coverage_words(coverage, language=language),
        )
        for (method, n), coverage in lowest.items()
    ]


def tipping_sentences(
    table: pd.DataFrame, marks: pd.DataFrame, *, interval: str, language: str = "en"
) -> list[str]:
    """Return a sentence a trial, where the added effect tips, and one a benchmark beside it.

    Parameters
    ----------
    table : DataFrame
        Columns ``label`` and ``tipping`` (0 to 1).
    marks : DataFrame
        Columns ``label``, ``number``, ``rate`` (0 to 1), ``relation``, ``words``.
    interval : str
        The label of the interval, from `proportions.ci_label`.
    language : {"en", "zh"}
        The reader's language.
    """
    tips = [
        word(
            "sentence.tipping",
            language=language,
            study=row.label,
            rate=percent(row.tipping, language=language),
            interval=interval,
        )
        for row in table.drop_duplicates("label").itertuples()
    ]
    return (
        _which_are_drawn(table, language)
        + tips
        + [
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
    )


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
    level = level_words(plan["alpha"], language=language)
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
                power=level_words(level, language=language),
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
        ``new_high`` (0 to 1), ``takes_tau2_as_known``, ``assumes_equal_rates``, ``refusal``.
    language : {"en", "zh"}
        The reader's language.
    """
    table = table.assign(spread_taken=spread_taken)
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
    taken = row.spread_taken
    assumes = word(f"sentence.spread.{taken}", language=language) if taken else ""
    code = "sentence.pooled" if "new_low" in numbers else "sentence.pooled_mean"
    return word(
        code,
        language=language,
        model=model,
        interval=word_for("pool_interval", row.interval, language=language),
        rate=percent(row.estimate, language=language),
        assumes=assumes,
        **numbers,
    )


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
